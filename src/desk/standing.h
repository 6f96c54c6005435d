// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk's pages about the station's own pages share: in which language one works, and the way there.
#ifndef DESK_STANDING_H
#define DESK_STANDING_H

#include "desk/page.h"
#include "news/news.h"

// Pages, menu or front page of a language: may this account change them?
bool standing_may(const struct desk_visit *v, enum staff_action action, enum text_lang lang);
// The language asked for by `code`, else the first of the station's that this account may change. False: none.
bool standing_lang(const struct desk_visit *v, enum staff_action action, struct str code, enum text_lang *out);
// One tab for each such language; `address` stands before its code.
void standing_tabs(struct desk_visit *v, struct view_desk_page *page, enum staff_action action, const char *address,
                   enum text_lang lang);
struct str standing_address(struct desk_visit *v, int64_t id, const char *rest); // "/desk/pages/ID/rest"
struct str standing_number(struct desk_visit *v, int64_t n);                     // as forms carry it
// The problem's sentence, or the words of its key, on top of the page.
void standing_fail(struct desk_visit *v, const struct problem *p);
// How deep a page lies, by its path: 1 is a root.
int64_t standing_depth(const struct page *p);

#endif
