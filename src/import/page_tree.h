// SPDX-License-Identifier: AGPL-3.0-or-later
// Finding things in a page that gumbo has read: by element and class, no deeper than PAGE_DEPTH_MAX.
#ifndef IMPORT_PAGE_TREE_H
#define IMPORT_PAGE_TREE_H

#include <gumbo.h>

#include "import/page_parts.h"

enum { PAGE_DEPTH_MAX = 400 };

const char *page_attribute(const GumboNode *element, const char *name); // "" for none
bool page_has_class(const GumboNode *element, struct str name);
// The first below `root` in the order of the page; tag or css NULL: any. NULL: none, or root is.
const GumboNode *page_find(const GumboNode *root, const char *tag, const char *css);
struct str page_text_of(struct arena *a, const GumboNode *node);    // on one line
struct str page_inside(struct str bytes, const GumboNode *element); // the source between its tags

// What readers wrote, and the fields of the station's own (page_readers.c).
void page_comments_read(struct arena *a, struct str bytes, const GumboNode *root, const struct import_page_setup *setup,
                        struct imported_page *out);
void page_fields_read(struct arena *a, struct str bytes, const GumboNode *root, struct imported_page *out);

#endif
