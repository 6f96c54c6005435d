// SPDX-License-Identifier: AGPL-3.0-or-later
// Contrast as WCAG 2.2 counts it; the cases are its own examples and well-known pairs.
#include "../check.h"

static struct colour colour(const char *text) {
    struct colour c = {0, 0, 0};
    assert_true(colour_parse(str_from(text), &c));
    return c;
}

static void test_colours_are_six_hexadecimal_digits(void **state) {
    (void)state;
    static const char *const bad[] = {"", "#", "0b3c5d", "#0b3c5", "#0b3c5dd", "#0b3c5g", "#0b3 5d", "red"};
    struct colour c = colour("#0b3C5d");
    assert_int_equal(c.red, 0x0b);
    assert_int_equal(c.green, 0x3c);
    assert_int_equal(c.blue, 0x5d);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(colour_parse(str_from(bad[i]), &c));
    struct arena *a = arena_new(4096);
    assert_str(colour_text(a, colour("#0B3C5D")), "#0b3c5d");
    arena_free(&a);
}

static void test_contrast(void **state) {
    (void)state;
    static const struct {
        const char *l, *r;
        int contrast;
    } rows[] = {{"#000000", "#ffffff", 2100}, {"#ffffff", "#ffffff", 100}, {"#777777", "#ffffff", 447},
                {"#767676", "#ffffff", 454},  {"#0000ff", "#ffffff", 859}, {"#ff0000", "#ffffff", 399}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(colour_contrast(colour(rows[i].l), colour(rows[i].r)), rows[i].contrast);
        assert_int_equal(colour_contrast(colour(rows[i].r), colour(rows[i].l)), rows[i].contrast);
    }
}

static void test_a_suggestion_can_be_read_on_every_ground(void **state) {
    (void)state;
    static const char *const grounds[] = {"#fdfcf9", "#f3f0e9", "#14171b", "#1e2329", "#808080"};
    struct arena *a = arena_new(1 << 16);
    for (size_t g = 0; g < sizeof grounds / sizeof grounds[0]; g++)
        for (unsigned n = 0; n < 4096; n += 37) {
            struct colour c = {(uint8_t)((n >> 8) * 17), (uint8_t)((n >> 4 & 15) * 17), (uint8_t)((n & 15) * 17)};
            struct colour ground = colour(grounds[g]), better = colour_readable(c, ground, 450);
            assert_true(colour_contrast(better, ground) >= 450);
            if (colour_contrast(c, ground) >= 450)
                assert_memory_equal(&c, &better, sizeof c);
        }
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colours_are_six_hexadecimal_digits),
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_a_suggestion_can_be_read_on_every_ground),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
