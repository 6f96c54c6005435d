// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk's pages about sections, tags and people share: who goes into whom, what they were called, and the answer
// to a save that came too late.
#ifndef DESK_NAMES_H
#define DESK_NAMES_H

#include "desk/standing.h"

// Of a save that came too late: what a colleague saved, beside what was typed, where the two differ. Fields in the form's
// order; mine is read from the form by its name. A tick says yes or no.
struct names_field {
    const char *name;
    enum text_word label;
    struct str theirs;
    bool is_tick;
    struct str called; // instead of the label's word, if not empty
};
void names_beside(struct desk_visit *v, struct view_desk_page *page, const struct names_field *fields, size_t n);

// What a write came to, set on the page: 0 it is done, else the status to show the form with (409 somebody saved in the
// meantime or the name is taken, 422). Anything else is a failure of the request, in *rc.
int names_refused(struct desk_visit *v, enum rc *rc, const struct problem *p);
// How far a merge of it is; false: none is under way.
bool names_merging(struct desk_visit *v, struct view_desk_block *block, enum merge_kind kind, int64_t id);
// The first steps of what was ordered: small ones are over before the answer; the rest goes on by itself.
void names_go_on(struct desk_visit *v);
// "Also known as": slugs and names that lead here.
enum rc names_aliases(struct desk_visit *v, struct view_desk_block *block, enum alias_kind kind, int64_t id) MUST_USE;
// A filter by words; `hidden_name` and value travel with it.
void names_filter(struct desk_visit *v, struct view_desk_block *block, const char *action, const char *hidden_name,
                  struct str hidden_value);
// The way to the rows behind `after`: with the same query, and the words of the filter.
struct str names_next(struct desk_visit *v, const char *address, struct str query, struct str after);
// Rows with a link "ADDRESS/ID" each, and the way to the next page.
void names_table(struct desk_visit *v, struct view_desk_block *block, enum text_word caption, const char *address,
                 struct str query, const struct name_row *rows, size_t n, bool more);

// Languages whose readers' messages this account may read, as bits.
uint32_t messages_languages(const struct desk_visit *v);

#endif
