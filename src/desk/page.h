// SPDX-License-Identifier: AGPL-3.0-or-later
// Puts a desk page together: see render/desk_views.h for what there is. Fields show what was typed when the form came
// back with a problem, else the value given; labels are words of the desk's language.
#ifndef DESK_PAGE_H
#define DESK_PAGE_H

#include "desk/visit.h"
#include "render/views.h"

struct view_desk_page *desk_page(struct desk_visit *v, enum text_word heading);
struct view_desk_page *desk_page_named(struct desk_visit *v, struct str heading);
void desk_crumb(struct desk_visit *v, struct view_desk_page *page, struct str label, struct str address);
void desk_intro(struct desk_visit *v, struct view_desk_page *page, enum text_word text);
void desk_action(struct desk_visit *v, struct view_desk_page *page, enum text_word label, struct str address);
// Ends the page. status 0: 200.
enum rc desk_send(struct desk_visit *v, struct view_desk_page *page, int status) MUST_USE;

// Pointers into a page's lists are good until the next one of the same list is added.
struct view_desk_block *desk_block(struct desk_visit *v, struct view_desk_page *page, struct str heading);
void desk_fact(struct desk_visit *v, struct view_desk_block *block, enum text_word name, struct str value);
void desk_link(struct desk_visit *v, struct view_desk_links *links, struct str label, struct str address,
               struct str note);
struct view_desk_picture *desk_picture(struct desk_visit *v, struct view_desk_block *block, struct str label,
                                       struct str address);
void desk_focal(struct desk_visit *v, struct view_desk_block *block, const struct view_desk_focal *focal);
// Somebody's words as they are, with their line ends, in their language.
void desk_words(struct desk_visit *v, struct view_desk_block *block, enum text_lang lang, struct str text);
// A page of this site in a frame of `width` by `height` pixels; that page must say .is_framed.
void desk_window(struct desk_visit *v, struct view_desk_block *block, struct str address, struct str title, int width,
                 int height);
void desk_code(struct desk_visit *v, struct view_desk_block *block, struct str text);

struct view_desk_form *desk_form(struct desk_visit *v, struct view_desk_block *block, struct str action,
                                 enum text_word submit);
struct view_desk_field *desk_line(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                  enum text_word label, struct str value);
struct view_desk_field *desk_secret(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                    enum text_word label, const char *autocomplete);
// What was wrong with a field that was sent; "": nothing.
struct str desk_field_problem(struct desk_visit *v, const char *name);
struct view_desk_field *desk_area(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                  enum text_word label, struct str value, int64_t rows);
struct view_desk_field *desk_select(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                    enum text_word label, struct str value);
struct view_desk_field *desk_checks(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                    enum text_word label, struct str words); // chosen ones, joined by spaces
struct view_desk_field *desk_tick(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                  enum text_word label, bool ticked);
// Below it stand the fields of another thing of the same kind.
struct view_desk_field *desk_part(struct desk_visit *v, struct view_desk_form *form, struct str label);
// One more button, which sends `name` as `value` with the form; all of a form have one name.
void desk_also(struct desk_visit *v, struct view_desk_form *form, const char *name, const char *value,
               enum text_word label);
void desk_hidden(struct desk_visit *v, struct view_desk_form *form, const char *name, struct str value);
// Chosen when it is the field's value, or one of its words.
struct view_desk_choice *desk_choice(struct desk_visit *v, struct view_desk_field *field, struct str value,
                                     struct str label);
void desk_choose_language(struct desk_visit *v, struct view_desk_field *field);
void desk_hint(struct desk_visit *v, struct view_desk_field *field, enum text_word w);

struct view_desk_table *desk_table(struct desk_visit *v, struct view_desk_block *block, enum text_word caption);
void desk_column(struct desk_visit *v, struct view_desk_table *table, struct str label);
void desk_columns(struct desk_visit *v, struct view_desk_table *table, const enum text_word *labels, size_t count);
void desk_row(struct desk_visit *v, struct view_desk_table *table);
struct view_desk_cell *desk_cell(struct desk_visit *v, struct view_desk_table *table, struct str text);
struct view_desk_cell *desk_button(struct desk_visit *v, struct view_desk_table *table, const char *action,
                                   const char *name, struct str value, enum text_word label);
// A list to be put in order; see render/desk_views.h. The buttons' `way` is what is sent.
struct view_desk_sort *desk_sort(struct desk_visit *v, struct view_desk_block *block, enum text_word label);
struct view_desk_sort_item *desk_sort_item(struct desk_visit *v, struct view_desk_sort *sort, struct str action,
                                           struct str id, struct str label);
void desk_sort_way(struct desk_visit *v, struct view_desk_sort_item *item, const char *way, enum text_word label);
struct str desk_date(struct desk_visit *v, int64_t at_us);                         // with the time; "" for 0
struct str desk_date_in(struct desk_visit *v, enum text_lang lang, int64_t at_us); // as another reads it
// As browsers write a datetime-local, in the station's zone: "2026-11-24T13:39:00"; and back, also with a space and without
// seconds. False: it is none.
struct str desk_moment_text(struct desk_visit *v, int64_t at_us);
bool desk_moment(struct desk_visit *v, struct str typed, int64_t *at_us_out);
struct str desk_number_text(struct desk_visit *v, int64_t n);
struct str desk_size_text(struct desk_visit *v, int64_t bytes); // "12.3 GB"
// Where the desk's language runs from right to left, held together among its words (U+2068, U+2069); else itself.
struct str desk_isolated(struct desk_visit *v, struct str text);

#endif
