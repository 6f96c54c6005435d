// SPDX-License-Identifier: AGPL-3.0-or-later
// What the pages about one manuscript share: finding it with the right to see it, its words, its form.
#ifndef DESK_MANUSCRIPT_H
#define DESK_MANUSCRIPT_H

#include "desk/page.h"
#include "news/news.h"

// By the address's first hole. RC_NOT_FOUND, RC_DENIED: not of this account's desks.
enum rc manuscript_find(struct desk_visit *v, struct manuscript *out) MUST_USE;
// ... to be changed: RC_DENIED also where this account may only read.
enum rc manuscript_find_to_edit(struct desk_visit *v, struct manuscript *out) MUST_USE;
// May they read texts of this language at all, and of which of its sections?
bool manuscripts_may_read_in(const struct desk_visit *v, enum text_lang lang);
enum rc manuscripts_sections(struct desk_visit *v, enum text_lang lang, struct section **out,
                             size_t *count_out) MUST_USE;
bool manuscript_may(const struct desk_visit *v, const struct manuscript *m, enum staff_action action);
// Whether they may begin a text of their own in this language, one that the station publishes in.
bool manuscript_may_write_in(const struct desk_visit *v, enum text_lang lang);
bool manuscript_may_edit(const struct desk_visit *v, const struct manuscript *m);
// May this step be taken, by this account, from this state?
bool manuscript_may_step(const struct desk_visit *v, const struct manuscript *m, enum manuscript_step step);
enum text_word manuscript_step_word(enum manuscript_step step);

struct str manuscript_address(struct desk_visit *v, int64_t id, const char *rest); // "/desk/articles/ID/rest"
struct str manuscript_title(struct desk_visit *v, struct str headline);            // "Untitled" for none
// "Scheduled", with its colour.
void manuscript_badge(struct desk_visit *v, const struct manuscript *m, struct str *badge_out, struct str *tone_out);
void manuscript_crumbs(struct desk_visit *v, struct view_desk_page *page,
                       const struct manuscript *m); // m NULL: the list

// The form's fields, filled with the content; and back. What the form does not hold stays as it is in *c. Problems are
// noted at their fields: ask desk_form_ok.
enum rc content_form(struct desk_visit *v, struct view_desk_form *form, enum text_lang lang,
                     const struct content *c) MUST_USE;
enum rc content_take(struct desk_visit *v, struct content *c) MUST_USE;
struct str content_label(struct desk_visit *v, const char *key); // of a field
// The station's own fields, a part of the two above (manuscript_fields.c); and rows of them in words, each on a line: "Venue: the hall".
enum rc extra_fields_form(struct desk_visit *v, struct view_desk_form *form, enum text_lang lang,
                          const struct content *c) MUST_USE;
enum rc extra_fields_take(struct desk_visit *v, struct content *c) MUST_USE;
struct str extra_rows_words(struct desk_visit *v, enum text_lang lang, struct str rows);
// A field's text as people read it: the words of a body; of a list each row on a line.
struct str content_field_words(struct desk_visit *v, const struct content_field *f, struct str text);

// A body as the text area of a form shows it, and back, not yet cleaned.
struct str body_field_text(struct desk_visit *v, struct html body);
struct html body_field_take(struct desk_visit *v, struct str typed);

// A moment as browsers write a datetime-local, in the station's zone; and back, with a problem at the field.
struct str time_field_text(struct desk_visit *v, int64_t at_us);
void time_field_take(struct desk_visit *v, const char *key, int64_t *at_us);

// The lists that an article carries beside its text (manuscript_lists.c): buttons of the editor's form that save and go
// on to one, links to all, and the way to the one that such a button names; NULL: it names none.
void manuscript_lists_also(struct desk_visit *v, struct view_desk_form *form);
void manuscript_lists_links(struct desk_visit *v, struct view_desk_block *block, const struct manuscript *m);
const char *manuscript_list_rest(struct str then);
enum text_word manuscript_list_word(const char *field); // of a field of the content; W_COUNT: it is no list

// The way to the archived comments of a text that has some (manuscript_comments.c).
void manuscript_comments_link(struct desk_visit *v, struct view_desk_block *block, const struct manuscript *m);

// The one way in which a form of the desk saves a text.
struct manuscript_put {
    struct manuscript_saving order; // base_version is the form's
    enum manuscript_saved saved;
    int64_t id; // the version, or the aside
};
// Saves upon the version that the form names; into another section only with the right to write there. RC_INVALID: why is
// said on the page.
enum rc manuscript_put(struct desk_visit *v, struct manuscript_put *put) MUST_USE;
// ... and goes on to the page `rest`; when it came too late, to where both texts are brought together.
enum rc manuscript_put_and_go(struct desk_visit *v, struct manuscript_put *put, const char *rest,
                              const char *said) MUST_USE;
enum rc manuscript_go(struct desk_visit *v, const struct manuscript_put *put, const char *rest,
                      const char *said) MUST_USE; // after manuscript_put
// ... of a text with another content, by hand.
enum rc manuscript_keep(struct desk_visit *v, const struct manuscript *m, const struct content *c, const char *rest,
                        const char *said) MUST_USE;
struct str manuscript_aside_address(struct desk_visit *v, int64_t id, int64_t aside, const char *rest);

// The whole page of one manuscript, with what the form or a step brought to light.
enum rc manuscript_page(struct desk_visit *v, const struct manuscript *m, int status) MUST_USE;

// For the desk's first page: what waits for an editor, and what one has begun, a few of each.
enum rc manuscripts_home(struct desk_visit *v, struct view_desk_page *page) MUST_USE;

#endif
