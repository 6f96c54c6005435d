// SPDX-License-Identifier: AGPL-3.0-or-later
// "key = value" lines with their numbers.
#include "../check.h"

static void test_lines(void **state) {
    (void)state;
    struct lines l = {.rest = STR("# comment\n\n http = 127.0.0.1:80 \nloops=2\nlonely\nempty =\na = b = c")};
    static const struct {
        unsigned number;
        const char *key, *value;
    } rows[] = {
        {3, "http", "127.0.0.1:80"}, {4, "loops", "2"}, {5, "lonely", NULL}, {6, "empty", ""}, {7, "a", "b = c"}};
    struct str key, value;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(lines_next(&l, '=', &key, &value));
        assert_int_equal(l.number, rows[i].number);
        assert_true(str_eq(key, str_from(rows[i].key)));
        assert_true(str_eq(value, str_from(rows[i].value)));
        assert_int_equal(value.p == NULL, rows[i].value == NULL);
    }
    assert_false(lines_next(&l, '=', &key, &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
