// SPDX-License-Identifier: AGPL-3.0-or-later
// What the test's templates see.
#ifndef TEST_VIEWS_H
#define TEST_VIEWS_H

#include "render/render.h"

struct view_line {
    struct str text;
    bool bold;
};
struct view_lines {
    struct view_line *items;
    size_t n;
};
struct view_all {
    struct str text, empty, address, srcset;
    struct html html;
    int64_t number;
    uint64_t large;
    int zero;
    bool on;
    struct view_lines lines, none;
    struct view_line line;
    struct render_spot spot;
};

#endif
