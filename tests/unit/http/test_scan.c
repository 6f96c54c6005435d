// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs of bytes, sixteen at a time, hold the same bytes as one at a time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/scan.h"

static bool in(const char *set, int c) {
    return c != 0 && strchr(set, c) != NULL;
}

static bool is_alphanumeric(int c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void the_classes_are_those_of_the_standard(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        assert_int_equal(scan_is(byte, SCAN_TOKEN), is_alphanumeric(c) || in("!#$%&'*+-.^_`|~", c));
        assert_int_equal(scan_is(byte, SCAN_TARGET), is_alphanumeric(c) || in("!$%&'()*+,-./:;=?@[]^_`{|}~", c));
        assert_int_equal(scan_is(byte, SCAN_HOST), is_alphanumeric(c) || in("-._", c));
        assert_int_equal(scan_is(byte, SCAN_TEXT), c == '\t' || (c >= 0x20 && c != 0x7f));
    }
}

// Every byte at every place of a run, in texts of every length around the width of a vector.
static void check(enum scan_class class, scan_bytes (*stops)(scan_bytes v)) {
    for (size_t n = 0; n <= 35; n++)
        for (size_t at = 0; at < n; at++)
            for (int c = 0; c < 256; c++) {
                char text[36];
                memset(text, 'a', sizeof(text));
                text[at] = (char)c;
                size_t expected = scan_is((char)c, class) ? n : at;
                assert_int_equal(scan_short(text, text + n, class) - text, expected);
                assert_int_equal(scan_long(text, text + n, class, stops) - text, expected);
            }
}

static void a_run_ends_at_the_first_byte_of_another_class(void **state) {
    (void)state;
    check(SCAN_TARGET, scan_stops_target);
    check(SCAN_TEXT, scan_stops_text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_classes_are_those_of_the_standard),
        cmocka_unit_test(a_run_ends_at_the_first_byte_of_another_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
