// SPDX-License-Identifier: AGPL-3.0-or-later
#include "desk/plot.h"

enum { WIDTH = 720, LEFT = 48, TOP = 20, GROUND = 220, HEIGHT = 250, LINES = 4, NAMED = 6, BASELINE = 4 };
enum { ROW = 44, ROW_TEXT = 16, ROW_BAR = 24, BAR = 12, VALUE_ROOM = 140, BARS_MOST = 20, NAME_BYTES = 96 };

int64_t plot_step(int64_t most, int64_t lines) {
    static const int64_t steps[] = {1, 2, 5};
    for (int64_t power = 1; power <= INT64_MAX / 50; power *= 10)
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
            if (most / (steps[i] * power) < lines || most == steps[i] * power * lines)
                return steps[i] * power;
    return most;
}

static int64_t most_of(const struct plot_value *values, size_t count) {
    int64_t most = 1;
    for (size_t i = 0; i < count; i++) {
        most = values[i].value > most ? values[i].value : most;
        most = values[i].faint > most ? values[i].faint : most;
    }
    return most;
}

// A part of a length; as a double, because the product of two counts may not fit.
static int64_t scaled(int64_t value, int64_t most, int64_t length) {
    int64_t out = (int64_t)((double)value / (double)most * (double)length + .5);
    return value > 0 && out == 0 ? 1 : out;
}

static struct view_desk_plot *plot_new(struct desk_visit *v, struct view_desk_block *block, struct str label,
                                       int64_t height, size_t bars, size_t labels) {
    block->plots.items = ARENA_NEW(v->a, struct view_desk_plot);
    block->plots.n = 1;
    struct view_desk_plot *p = block->plots.items;
    *p = (struct view_desk_plot){.label = label, .width = WIDTH, .height = height, .right = WIDTH};
    p->bars.items = ARENA_ARRAY(v->a, struct view_desk_plot_bar, bars);
    p->labels.items = ARENA_ARRAY(v->a, struct view_desk_plot_label, labels);
    return p;
}

// ---- columns -----------------------------------------------------------------------------------------------------------

static void lines_add(struct desk_visit *v, struct view_desk_plot *p, int64_t most, int64_t step) {
    p->lines.items = ARENA_ARRAY(v->a, struct view_desk_plot_line, (size_t)(most / step) + 1);
    for (int64_t value = 0; value <= most; value += step) {
        int64_t y = GROUND - scaled(value, most, GROUND - TOP);
        p->lines.items[p->lines.n++] = (struct view_desk_plot_line){
            .label = value > 0 ? desk_number_text(v, value) : STR_NONE, .y = y, .label_y = y - BASELINE};
    }
}

static void column_add(struct view_desk_plot *p, const struct plot_value *value, int64_t n, bool faint, int64_t most,
                       int64_t from, int64_t to) {
    int64_t gap = to - from > 3 ? (to - from) / 5 : 0, height = scaled(n, most, GROUND - TOP);
    if (n > 0)
        p->bars.items[p->bars.n++] = (struct view_desk_plot_bar){.x = from + gap / 2,
                                                                 .y = GROUND - height,
                                                                 .width = to - from - gap,
                                                                 .height = height,
                                                                 .faint = faint,
                                                                 .title = value->title};
}

void plot_columns(struct desk_visit *v, struct view_desk_block *block, struct str label,
                  const struct plot_value *values, size_t count) {
    if (count == 0)
        return;
    struct view_desk_plot *p = plot_new(v, block, label, HEIGHT, 2 * count, count);
    int64_t highest = most_of(values, count), step = plot_step(highest, LINES), n = (int64_t)count;
    int64_t most = (highest + step - 1) / step * step, named = (n + NAMED - 1) / NAMED;
    lines_add(v, p, most, step);
    for (int64_t i = 0; i < n; i++) {
        int64_t from = LEFT + i * (WIDTH - LEFT) / n, to = LEFT + (i + 1) * (WIDTH - LEFT) / n;
        column_add(p, &values[i], values[i].faint, true, most, from, to);
        column_add(p, &values[i], values[i].value, false, most, from, to);
        if (i % named == 0 && i + named / 2 < n)
            p->labels.items[p->labels.n++] = (struct view_desk_plot_label){
                .text = values[i].label, .x = i == 0 ? LEFT : (from + to) / 2, .y = HEIGHT - 10, .middle = i > 0};
    }
}

// ---- bars --------------------------------------------------------------------------------------------------------------

static struct str name_cut(struct desk_visit *v, struct str name) {
    struct str cut = utf8_cut(name, NAME_BYTES);
    return cut.n < name.n ? str_fmt(v->a, "%.*s…", STR_ARG(cut)) : name;
}

// Readers, and behind a stroke what was counted raw where that is another number.
static struct str both_numbers(struct desk_visit *v, const struct plot_value *value) {
    struct str number = desk_number_text(v, value->value);
    return value->faint > value->value
               ? str_fmt(v->a, "%.*s / %.*s", STR_ARG(number), STR_ARG(desk_number_text(v, value->faint)))
               : number;
}

static void bar_add(struct view_desk_plot *p, const struct plot_value *value, bool faint, int64_t most, int64_t y,
                    bool from_right) {
    int64_t width = scaled(faint ? value->faint : value->value, most, WIDTH - VALUE_ROOM);
    if (width > 0)
        p->bars.items[p->bars.n++] =
            (struct view_desk_plot_bar){from_right ? WIDTH - width : 0, y, width, BAR, faint, value->title};
}

static void bar_text(struct view_desk_plot *p, struct str text, int64_t x, int64_t y, bool from_right) {
    p->labels.items[p->labels.n++] =
        (struct view_desk_plot_label){.text = text, .x = from_right ? WIDTH - x : x, .y = y, .end = from_right};
}

void plot_bars(struct desk_visit *v, struct view_desk_block *block, struct str label, const struct plot_value *values,
               size_t count) {
    if (count == 0)
        return;
    count = count > BARS_MOST ? BARS_MOST : count;
    struct view_desk_plot *p = plot_new(v, block, label, (int64_t)count * ROW, 2 * count, 2 * count);
    int64_t most = most_of(values, count);
    bool from_right = text_lang_is_rtl(v->lang);
    for (size_t i = 0; i < count; i++) {
        const struct plot_value *value = &values[i];
        int64_t y = (int64_t)i * ROW, longer = value->faint > value->value ? value->faint : value->value;
        bar_add(p, value, true, most, y + ROW_BAR, from_right);
        bar_add(p, value, false, most, y + ROW_BAR, from_right);
        bar_text(p, name_cut(v, value->label), 0, y + ROW_TEXT, from_right);
        bar_text(p, both_numbers(v, value), scaled(longer, most, WIDTH - VALUE_ROOM) + 8, y + ROW_BAR + BAR - 1,
                 from_right);
    }
}
