// SPDX-License-Identifier: AGPL-3.0-or-later
// Buffers stop at their maximum and say so once.
#include "../check.h"

static void test_grows_to_the_maximum_and_no_further(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < 100; i++)
        buf_c(&b, "0123456789");
    assert_false(b.failed);
    assert_int_equal(b.n, 1000);
    buf_char(&b, 'x');
    assert_true(b.failed);
    assert_int_equal(b.n, 1000);
    buf_clear(&b);
    assert_false(b.failed);
    buf_fini(&b);
}

static void test_formatting_at_the_edge(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 8);
    buf_fmt(&b, "%d", 1234567);
    assert_false(b.failed);
    assert_str(buf_view(&b), "1234567");
    buf_fmt(&b, "%d", 89);
    assert_true(b.failed);
    assert_str(buf_view(&b), "1234567");
    buf_fini(&b);
}

static void test_numbers(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    buf_u64(&b, 0);
    buf_char(&b, ' ');
    buf_u64(&b, UINT64_MAX);
    assert_str(buf_view(&b), "0 18446744073709551615");
    buf_fini(&b);
    assert_str(buf_view(&b), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows_to_the_maximum_and_no_further),
        cmocka_unit_test(test_formatting_at_the_edge),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
