// SPDX-License-Identifier: AGPL-3.0-or-later
#include "../check.h"

#include "desk/plot.h"

// Steps of 1, 2, 5, 10 ...: at most as many lines as asked for reach the greatest number, and not far beyond.
static void test_steps(void **state) {
    (void)state;
    static const struct {
        int64_t most, lines, step;
    } cases[] = {{1, 4, 1},     {3, 4, 1},
                 {4, 4, 1},     {5, 4, 2},
                 {8, 4, 2},     {9, 4, 5},
                 {20, 4, 5},    {21, 4, 10},
                 {40, 4, 10},   {41, 4, 20},
                 {257, 4, 100}, {1000000, 4, 500000},
                 {400, 4, 100}, {INT64_C(400000000000000000), 4, INT64_C(100000000000000000)}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(plot_step(cases[i].most, cases[i].lines), cases[i].step);
}

static struct desk_visit visit_new(void) {
    static struct site site;
    return (struct desk_visit){.a = arena_new(1 << 20), .lang = LANG_EN, .site = &site};
}

// Everything drawn lies inside, columns do not overlap, and heights follow the numbers.
static void test_columns(void **state) {
    (void)state;
    struct desk_visit v = visit_new();
    enum { DAYS = 366 };
    static struct plot_value values[DAYS];
    for (int64_t i = 0; i < DAYS; i++)
        values[i] = (struct plot_value){.label = STR("day"), .value = i, .faint = 2 * i, .title = STR("day: n")};
    struct view_desk_block block = {.heading = STR("x")};
    plot_columns(&v, &block, STR("Readers"), values, DAYS);
    assert_int_equal(block.plots.n, 1);
    const struct view_desk_plot *p = block.plots.items;
    assert_int_equal(p->bars.n, 2 * (DAYS - 1)); // the first day has none
    int64_t edge = 0;
    for (size_t i = 1; i < p->bars.n; i += 2) {
        const struct view_desk_plot_bar *faint = &p->bars.items[i - 1], *bar = &p->bars.items[i];
        assert_true(faint->faint && !bar->faint);
        assert_true(bar->x >= edge && bar->width > 0 && bar->x + bar->width <= p->width);
        assert_true(faint->y >= 0 && faint->height >= bar->height && faint->y + faint->height < p->height);
        edge = bar->x + bar->width;
    }
    assert_true(p->labels.n >= 4 && p->labels.n <= 7);
    assert_true(p->lines.n >= 2 && p->lines.n <= 6);
    arena_free(&v.a);
}

static void test_bars(void **state) {
    (void)state;
    struct desk_visit v = visit_new();
    char name[400];
    memset(name, 'n', sizeof name);
    struct plot_value values[] = {{.label = {name, sizeof name}, .value = INT64_MAX / 2, .faint = INT64_MAX / 2},
                                  {.label = STR("small"), .value = 1},
                                  {.label = STR("none")}};
    struct view_desk_block block = {0};
    plot_bars(&v, &block, STR("Sections"), values, 0);
    assert_int_equal(block.plots.n, 0);
    plot_bars(&v, &block, STR("Sections"), values, 3);
    const struct view_desk_plot *p = block.plots.items;
    assert_int_equal(p->bars.n, 3);
    assert_int_equal(p->bars.items[2].width, 1); // what is there is seen
    assert_true(p->bars.items[0].width < p->width);
    assert_int_equal(p->labels.n, 6);
    assert_true(p->labels.items[0].text.n < 110);
    arena_free(&v.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_bars)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
