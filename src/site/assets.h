// SPDX-License-Identifier: AGPL-3.0-or-later
// Style sheets and icons, which the program carries itself. Their addresses change with their bytes, so browsers keep
// them for good.
#ifndef SITE_ASSETS_H
#define SITE_ASSETS_H

#include "util/util.h"

// "/assets/site.1a2b3c4d5e6f.css" for "site.css"; a name that was never built in is a bug. arena.
struct str asset_address(struct arena *a, const char *name);

#endif
