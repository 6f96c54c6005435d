// SPDX-License-Identifier: AGPL-3.0-or-later
// Arenas: zeroed, aligned, reset for reuse.
#include "../check.h"

static void test_memory_is_zeroed_after_reset_too(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 24);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 100000; size = size * 3 + 1) {
            unsigned char *p = arena_take(a, size);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, size);
        }
        arena_reset(a);
    }
    arena_free(&a);
    assert_null(a);
    arena_free(&a);
}

static void test_text_from_an_arena(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct str s = str_fmt(a, "%s-%d", "news", 22183);
    assert_str(s, "news-22183");
    assert_string_equal(s.p, "news-22183");
    assert_string_equal(str_c(a, STR("abc")), "abc");
    assert_str(str_dup(a, STR_NONE), "");
    int64_t *row = ARENA_ARRAY(a, int64_t, 10);
    assert_true(row[9] == 0);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_after_reset_too),
        cmocka_unit_test(test_text_from_an_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
