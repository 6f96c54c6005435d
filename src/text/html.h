// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files about HTML bodies share; for this folder only.
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include "text/text.h"

enum { HTML_BYTES_MAX = 1 << 20, HTML_DEPTH_MAX = 512 };

// Is it safe to hand this to the parser: neither so deep nor so interleaved that the tree outgrows the text?
bool html_bounded(struct str dirty);
// The address a link or image may have, in canonical form; STR_NONE when it may have none.
struct str html_address(struct arena *a, struct str dirty, bool image);

#endif
