// SPDX-License-Identifier: AGPL-3.0-or-later
// What the two pages that bring in what the old site had share: saved pages, and exports of comments (import_show.c).
#ifndef DESK_IMPORT_H
#define DESK_IMPORT_H

#include "desk/page.h"

// Whether somebody may bring something into a section; (LANG_COUNT, 0): anywhere.
bool import_may(const struct account *account, enum text_lang lang, int64_t section_id);
// The folder of the old install: its field, and what was typed there; a problem at the field when it is none.
void import_site_field(struct desk_visit *v, struct view_desk_form *form);
struct str import_site_take(struct desk_visit *v);
void import_files_field(struct desk_visit *v, struct view_desk_form *form, const char *accept, enum text_word hint);
char *import_file_read(const struct http_file *file); // its bytes, for mem_free; NULL: the disk

#endif
