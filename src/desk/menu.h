// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's menu: a table of what stands in it and who sees it.
#ifndef DESK_MENU_H
#define DESK_MENU_H

#include "desk/visit.h"
#include "render/views.h"

void desk_menu(struct desk_visit *v, struct view_desk_frame *frame);
// The same entries with a sentence each, for the home page; without what everybody has.
void desk_menu_tiles(struct desk_visit *v, struct view_desk_links *out);

#endif
