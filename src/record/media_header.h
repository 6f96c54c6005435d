// SPDX-License-Identifier: AGPL-3.0-or-later
// What kind of picture some bytes are, and its size, read from the bytes alone.
#ifndef RECORD_MEDIA_HEADER_H
#define RECORD_MEDIA_HEADER_H

#include "util/util.h"

#define MEDIA_SIDE_MOST 20000 // pixels

struct media_header {
    struct str ext; // "jpg", "png", "webp", "svg"; static
    int width, height;
};
// RC_INVALID: none of the four, cut off, or a side of 0 or above MEDIA_SIDE_MOST. An SVG can carry script, so it is
// taken only with trusted_svg, from ourselves.
enum rc media_header_read(struct str bytes, bool trusted_svg, struct media_header *out) MUST_USE;

#endif
