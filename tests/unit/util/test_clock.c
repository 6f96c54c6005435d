// SPDX-License-Identifier: AGPL-3.0-or-later
// Moments as people and programs write them (RFC 3339).
#include "../check.h"
#include "util/util.h"

static void moments_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t at_us; // -1: none
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-23T13:00:00Z", INT64_C(1795438800) * 1000000},
        {"2026-11-23T20:00:00+07:00", INT64_C(1795438800) * 1000000},
        {"2026-11-23T07:30:00-05:30", INT64_C(1795438800) * 1000000},
        {"2026-11-23T13:00:00.5Z", INT64_C(1795438800) * 1000000 + 500000},
        {"2026-11-23T13:00:00.123456Z", INT64_C(1795438800) * 1000000 + 123456},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800) * 1000000},
        {"2026-02-29T00:00:00Z", -1},
        {"2026-04-31T00:00:00Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-11-23T24:00:00Z", -1},
        {"2026-11-23T13:60:00Z", -1},
        {"2026-11-23T13:00:61Z", -1},
        {"2026-11-23 13:00:00Z", -1},
        {"2026-11-23T13:00:00", -1},
        {"2026-11-23T13:00:00.Z", -1},
        {"2026-11-23T13:00:00Zx", -1},
        {"2026-11-23T13:00:00+0700", -1},
        {"1969-12-31T23:59:59Z", -1},
        {"1970-01-01T00:00:00+07:00", -1},
        {"2200-01-01T00:00:00Z", -1},
        {"-1800", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t at_us = -1;
        bool ok = clock_utc_parse(str_from(rows[i].text), &at_us);
        if (ok != (rows[i].at_us >= 0) || (ok && at_us != rows[i].at_us))
            fail_msg("\"%s\" was read as %lld", rows[i].text, ok ? (long long)at_us : -1LL);
    }
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    char text[CLOCK_UTC_BYTES + 1];
    for (int64_t s = 0; s < INT64_C(7258118400); s += 86399 * 37) { // to 2200
        int64_t back;
        clock_utc_put(text, s * US_PER_SECOND);
        assert_true(clock_utc_parse(str_from(text), &back));
        assert_true(back == s * US_PER_SECOND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read),
        cmocka_unit_test(what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
