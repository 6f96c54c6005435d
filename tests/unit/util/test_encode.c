// SPDX-License-Identifier: AGPL-3.0-or-later
// Percent-encoding and hexadecimal, there and back.
#include "../check.h"

static void test_percent(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    static const struct {
        const char *in, *out; // out NULL: refused
    } rows[] = {
        {"abc", "abc"}, {"a%20b", "a b"}, {"%C3%a9", "\xC3\xA9"}, {"a+b", "a+b"},   {"%", NULL},
        {"%4", NULL},   {"%4g", NULL},    {"%00", NULL},          {"%25%41", "%A"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str out;
        bool ok = percent_decode(a, str_from(rows[i].in), &out);
        assert_int_equal(ok, rows[i].out != NULL);
        if (ok)
            assert_true(str_eq(out, str_from(rows[i].out)));
    }
    arena_free(&a);
}

static void test_every_byte_comes_back(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    char bytes[255];
    for (int i = 0; i < 255; i++)
        bytes[i] = (char)(i + 1);
    struct buf b;
    buf_init(&b, 4096);
    percent_encode_segment(&b, (struct str){bytes, sizeof bytes});
    struct str out;
    assert_true(percent_decode(a, buf_view(&b), &out));
    assert_true(str_eq(out, (struct str){bytes, sizeof bytes}));
    char hex[510], back[255];
    hex_put(hex, bytes, sizeof bytes);
    assert_true(hex_get((struct str){hex, sizeof hex}, back, sizeof back));
    assert_memory_equal(bytes, back, sizeof bytes);
    assert_false(hex_get(STR("0g"), back, 1));
    assert_false(hex_get(STR("000"), back, 1));
    buf_fini(&b);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_every_byte_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
