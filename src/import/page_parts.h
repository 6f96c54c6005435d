// SPDX-License-Identifier: AGPL-3.0-or-later
// What the HTML and the text reader of an old page share.
#ifndef IMPORT_PAGE_PARTS_H
#define IMPORT_PAGE_PARTS_H

#include "import/import.h"

// White space, no-break spaces and the byte order mark off both ends; runs of white space become one space.
struct str page_line(struct arena *a, struct str s);
bool page_first_number(struct str s, int64_t *out); // the first digits in it
bool page_is_picture_name(struct str s);            // "6B5U.jpg"
struct str page_file_name(struct str address);      // behind the last '/', before '?'
// Of ".../item/22183-alias"; else 0, and the address's path in *path_out unless that is NULL or the address has none.
int64_t page_id_in(struct arena *a, struct str address, struct str *path_out);

// Cuts the agency's credit off the end of the text: "(Reuters)", "(ANTARA/AFP)", a last line "Antara/VOI/Mai", "//.
// Ant".
struct str page_agency_cut(struct arena *a, struct str text, struct str *rest_out);

enum rc page_from_html(struct arena *a, struct str bytes, const struct import_page_setup *setup,
                       struct imported_page *out, struct problem *p);
enum rc page_from_text(struct arena *a, struct str bytes, const struct import_page_setup *setup,
                       struct imported_page *out, struct problem *p);

#endif
