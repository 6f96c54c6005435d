// SPDX-License-Identifier: AGPL-3.0-or-later
// QR codes on pages: of the desk for authenticator apps, of the site for an address that a phone is to open.
#ifndef RENDER_QR_H
#define RENDER_QR_H

#include "util/util.h"

struct view_qr {
    struct str path; // of an SVG, one unit a module
    int64_t side;    // of the whole, its quiet ground included
    struct str label;
};
// Fills path and side; the path is in the arena. False: the text is too long for a code that a phone reads.
bool qr_draw(struct arena *a, struct str text, struct view_qr *out);

#endif
