// SPDX-License-Identifier: AGPL-3.0-or-later
// What every unit test includes: cmocka with the headers it wants before it.
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/util.h"

#define assert_str(actual, literal) assert_str_((actual), STR(literal), __FILE__, __LINE__)
static inline void assert_str_(struct str actual, struct str expected, const char *file, int line) {
    if (str_eq(actual, expected))
        return;
    print_error("expected \"%.*s\"\n  but got \"%.*s\"\n", STR_ARG(expected), STR_ARG(actual));
    _fail(file, line);
}

#endif
