// SPDX-License-Identifier: AGPL-3.0-or-later
// What changed between two contents, in words that a colleague reads: field by field, the body block by block.
#ifndef DESK_DIFF_H
#define DESK_DIFF_H

#include "desk/page.h"
#include "news/news.h"

void diff_contents(struct desk_visit *v, struct view_desk_block *block, enum text_lang lang,
                   const struct content *before, const struct content *after);

#endif
