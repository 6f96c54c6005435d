// SPDX-License-Identifier: AGPL-3.0-or-later
// UTF-8: what is well-formed, what is damaged, and cuts between characters.
#include "../check.h"

static void test_validity(void **state) {
    (void)state;
    static const struct {
        struct str s;
        bool ok;
    } rows[] = {
        {{"", 0}, true},
        {{"abc", 3}, true},
        {{"\xC3\xA9", 2}, true},
        {{"\xE4\xB8\xAD\xE6\x96\x87", 6}, true},
        {{"\xF0\x9F\x93\xBB", 4}, true},
        {{"\xF4\x8F\xBF\xBF", 4}, true},
        {{"\xF4\x90\x80\x80", 4}, false},
        {{"\xC0\xAF", 2}, false},
        {{"\xE0\x80\xAF", 3}, false},
        {{"\xF0\x80\x80\xAF", 4}, false},
        {{"\xED\xA0\x80", 3}, false},
        {{"\xC3", 1}, false},
        {{"\xE4\xB8", 2}, false},
        {{"\x80", 1}, false},
        {{"\xFF", 1}, false},
        {{"a\xC3(", 3}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(utf8_valid(rows[i].s), rows[i].ok);
}

static void test_every_character_survives(void **state) {
    (void)state;
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        char bytes[4];
        size_t n = utf8_put(bytes, c), at = 0;
        struct str s = {bytes, n};
        if (!utf8_valid(s) || utf8_next(s, &at) != c || at != n)
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void test_cuts_fall_between_characters(void **state) {
    (void)state;
    struct str s = STR("a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x93\xBBz");
    static const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (size_t n = 0; n < sizeof ends / sizeof ends[0]; n++)
        assert_int_equal(utf8_cut(s, n).n, ends[n]);
    assert_int_equal(utf8_count(s), 5);
}

static void test_cuts_count_characters(void **state) {
    (void)state;
    struct str s = STR("a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x93\xBBz"), damaged = {"\xE4\xB8\xFFz", 4};
    static const size_t ends[] = {0, 1, 3, 6, 10, 11, 11};
    for (size_t n = 0; n < sizeof ends / sizeof ends[0]; n++)
        assert_int_equal(utf8_cut_chars(s, n).n, ends[n]);
    assert_int_equal(utf8_cut_chars(s, SIZE_MAX).n, s.n);
    assert_int_equal(utf8_cut_chars((struct str){NULL, 0}, 3).n, 0);
    for (size_t n = 0; n < 4; n++) // as many as are counted, also of damaged bytes
        assert_int_equal(utf8_count(utf8_cut_chars(damaged, n)), n);
}

static void test_damage_moves_by_one(void **state) {
    (void)state;
    struct str s = {"\xE4\xB8(", 3};
    size_t at = 0;
    assert_int_equal(utf8_next(s, &at), 0xFFFD);
    assert_int_equal(at, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity),
        cmocka_unit_test(test_every_character_survives),
        cmocka_unit_test(test_cuts_fall_between_characters),
        cmocka_unit_test(test_cuts_count_characters),
        cmocka_unit_test(test_damage_moves_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
