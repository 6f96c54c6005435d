// SPDX-License-Identifier: AGPL-3.0-or-later
// CBOR: what authenticators write is read, everything else is refused.
#include "../check.h"

#include "staff/cbor.h"

#define BYTES(literal)                                                                                                 \
    { literal, sizeof(literal) - 1 }

static void items(void **state) {
    (void)state;
    static const struct {
        struct str bytes;
        bool ok;
        enum cbor_kind kind;
        uint64_t value;
    } rows[] = {
        {BYTES("\x00"), true, CBOR_UINT, 0},
        {BYTES("\x17"), true, CBOR_UINT, 23},
        {BYTES("\x18\x18"), true, CBOR_UINT, 24},
        {BYTES("\x18\x17"), false, 0, 0}, // could be shorter
        {BYTES("\x19\x01\x00"), true, CBOR_UINT, 256},
        {BYTES("\x19\x00\xff"), false, 0, 0},
        {BYTES("\x1a\x00\x01\x00\x00"), true, CBOR_UINT, 65536},
        {BYTES("\x1a\x00\x00\xff\xff"), false, 0, 0},
        {BYTES("\x1b\x00\x00\x00\x01\x00\x00\x00\x00"), true, CBOR_UINT, UINT64_C(1) << 32},
        {BYTES("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), true, CBOR_UINT, UINT64_MAX},
        {BYTES("\x26"), true, CBOR_NEGATIVE, 6},
        {BYTES("\x43"
               "abc"),
         true, CBOR_BYTES, 3},
        {BYTES("\x44"
               "abc"),
         false, 0, 0},
        {BYTES("\x63"
               "abc"),
         true, CBOR_TEXT, 3},
        {BYTES("\x61\xff"), false, 0, 0},
        {BYTES("\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), false, 0, 0},
        {BYTES("\x81\x00"), true, CBOR_ARRAY, 1},
        {BYTES("\x82\x00"), false, 0, 0}, // two entries in one byte
        {BYTES("\xa1\x00\x00"), true, CBOR_MAP, 1},
        {BYTES("\xf4"), true, CBOR_SIMPLE, 20},
        {BYTES("\xf9\x00\x00"), false, 0, 0},
        {BYTES("\xc0\x00"), false, 0, 0},
        {BYTES("\x5f\x41"
               "a"
               "\xff"),
         false, 0, 0},
        {BYTES("\x1c"), false, 0, 0},
        {BYTES("\x18"), false, 0, 0},
        {BYTES(""), false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cbor c = {rows[i].bytes};
        struct cbor_item item;
        bool ok = cbor_next(&c, &item);
        if (ok != rows[i].ok || (ok && (item.kind != rows[i].kind || item.value != rows[i].value)))
            fail_msg("row %zu", i);
    }
}

static void integers(void **state) {
    (void)state;
    int64_t v;
    assert_true(cbor_integer(&(struct cbor_item){.kind = CBOR_NEGATIVE, .value = 6}, &v));
    assert_int_equal(v, -7);
    assert_true(cbor_integer(&(struct cbor_item){.kind = CBOR_NEGATIVE, .value = INT64_MAX}, &v));
    assert_true(v == INT64_MIN);
    assert_false(cbor_integer(&(struct cbor_item){.kind = CBOR_UINT, .value = UINT64_C(1) << 63}, &v));
    assert_false(cbor_integer(&(struct cbor_item){.kind = CBOR_TEXT}, &v));
}

static void whole_items_are_stepped_over(void **state) {
    (void)state;
    // {"a": [1, {2: h'00'}], "b": true} 5
    struct cbor c = {BYTES("\xa2\x61"
                           "a"
                           "\x82\x01\xa1\x02\x41\x00\x61"
                           "b"
                           "\xf5\x05")};
    struct str span;
    assert_true(cbor_skip(&c, &span));
    assert_int_equal(span.n, 12);
    assert_int_equal(c.rest.n, 1);
    assert_true(cbor_skip(&c, &span));
    assert_false(cbor_skip(&c, &span));
    char deep[40];
    memset(deep, '\x81', sizeof deep);
    struct cbor nested = {{deep, sizeof deep}};
    assert_false(cbor_skip(&nested, &span));
    struct cbor many = {BYTES("\xba\x7f\xff\xff\xff\x00")};
    assert_false(cbor_skip(&many, &span));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items),
        cmocka_unit_test(integers),
        cmocka_unit_test(whole_items_are_stepped_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
