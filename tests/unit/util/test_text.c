// SPDX-License-Identifier: AGPL-3.0-or-later
// Views: searching, cutting, numbers.
#include "../check.h"

static void test_next_gives_every_part(void **state) {
    (void)state;
    struct str s = STR("a,,b"), part;
    assert_true(str_next(&s, ',', &part));
    assert_str(part, "a");
    assert_true(str_next(&s, ',', &part));
    assert_str(part, "");
    assert_true(str_next(&s, ',', &part));
    assert_str(part, "b");
    assert_false(str_next(&s, ',', &part));
}

static void test_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", true, 0},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"+1", false, 0},
        {"-1", false, 0},
        {" 1", false, 0},
        {"1a", false, 0},
        {"007", true, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t v = 0;
        assert_int_equal(str_to_u64(str_from(rows[i].text), &v), rows[i].ok);
        if (rows[i].ok)
            assert_true(v == rows[i].value);
    }
    int64_t v;
    assert_true(str_to_i64(STR("-42"), &v));
    assert_true(v == -42);
    assert_false(str_to_i64(STR("9223372036854775808"), &v));
    assert_false(str_to_i64(STR("--1"), &v));
}

static void test_slices_are_clamped(void **state) {
    (void)state;
    assert_str(str_slice(STR("hello"), 1, 3), "el");
    assert_str(str_slice(STR("hello"), 4, 99), "o");
    assert_str(str_slice(STR("hello"), 9, 12), "");
    assert_str(str_slice(STR_NONE, 0, 5), "");
}

static void test_finding_and_trimming(void **state) {
    (void)state;
    size_t at;
    assert_true(str_find(STR("in the harbour"), STR("harb"), &at));
    assert_int_equal(at, 7);
    assert_false(str_find(STR("harb"), STR("harbour"), &at));
    assert_true(str_find(STR("x"), STR(""), &at));
    assert_str(str_trim(STR(" \t a b \r\n")), "a b");
    assert_str(str_trim(STR("   ")), "");
    assert_true(str_starts(STR("news"), STR("ne")));
    assert_false(str_starts(STR("ne"), STR("news")));
    assert_true(str_ends(STR("page.html"), STR(".html")));
    assert_true(str_eq_nocase(STR("Host"), STR("hOST")));
    assert_false(str_eq_nocase(STR("Host"), STR("Hos")));
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_true(str_cmp(STR_NONE, STR("")) == 0);
}

static void test_problem_is_cut_on_a_character(void **state) {
    (void)state;
    struct arena *a = arena_new(8192);
    struct buf b;
    buf_init(&b, 4096);
    for (int i = 0; i < 400; i++)
        buf_c(&b, "\xC3\xA9");
    struct problem p;
    assert_int_equal(problem_set(&p, RC_INVALID, "x%s", str_c(a, buf_view(&b))), RC_INVALID);
    assert_true(utf8_valid(str_from(p.text)));
    assert_in_range(strlen(p.text), 509, 511);
    buf_fini(&b);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_gives_every_part),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_slices_are_clamped),
        cmocka_unit_test(test_finding_and_trimming),
        cmocka_unit_test(test_problem_is_cut_on_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
