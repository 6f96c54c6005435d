// SPDX-License-Identifier: AGPL-3.0-or-later
// Numbers as drawings: columns along the days, bars of things that have a name. Pure measuring; templates/desk/plot.html
// draws. A table with the same numbers belongs below each.
#ifndef DESK_PLOT_H
#define DESK_PLOT_H

#include "desk/page.h"

struct plot_value {
    struct str label; // "5 Sep 2022", "World"
    int64_t value;    // >= 0
    int64_t faint;    // >= value; drawn behind it. 0: none
    struct str title; // "5 Sep 2022: 213"
};
// One column for each value, in order; every nth is named, as many as there is room for. Fewer than one value: nothing.
void plot_columns(struct desk_visit *v, struct view_desk_block *block, struct str label,
                  const struct plot_value *values, size_t count);
// One bar for each value, its name above it.
void plot_bars(struct desk_visit *v, struct view_desk_block *block, struct str label, const struct plot_value *values,
               size_t count);
// The step between an axis' lines: 1, 2 or 5 times a power of ten, so that at most `lines` of them reach `most`.
int64_t plot_step(int64_t most, int64_t lines);

#endif
