// SPDX-License-Identifier: AGPL-3.0-or-later
// The writers behind the holes of templates, byte for byte.
#include "render/template.h"

#include <setjmp.h>
#include <cmocka.h>

typedef void (*writer)(struct render_out *o, struct str s);

static void check(writer write, struct str in, const char *wanted) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    write(&o, in);
    buf_char(&o.body, '\0');
    assert_string_equal(o.body.p, wanted);
    render_out_fini(&o);
}

static void test_escaping(void **state) {
    (void)state;
    static const struct {
        writer write;
        struct str in;
        const char *wanted;
    } rows[] = {
        {render_text, {"a<b>&\"'", 7}, "a&lt;b&gt;&amp;\"'"},
        {render_text,
         {"a\0b", 3},
         "a\xef\xbf\xbd"
         "b"},
        {render_text, {NULL, 0}, ""},
        {render_attr, {"a<b>&\"'", 7}, "a&lt;b&gt;&amp;&quot;&#39;"},
        {render_attr, {"a\rb", 3}, "a&#13;b"},
        {render_json, {"a\"\\\n\x7f<>&", 8}, "\"a\\\"\\\\\\u000a\\u007f\\u003c\\u003e\\u0026\""},
        {render_json, {"\xe2\x80\xa8\xff", 4}, "\"\\u2028\xef\xbf\xbd\""},
        {render_json, {NULL, 0}, "\"\""},
        {render_url, {"/a?b&c", 6}, "/a?b&amp;c"},
        {render_url, {"HTTPS://a/", 10}, "HTTPS://a/"},
        {render_url, {"tel:+62", 7}, "tel:+62"},
        {render_url, {"a/b:c", 5}, "a/b:c"},
        {render_url, {"javascript:x", 12}, "#"},
        {render_url, {"java\tscript:x", 13}, "#"},
        {render_url, {" /a", 3}, "#"},
        {render_url, {"\x01javascript:x", 13}, "#"},
        {render_url, {"//evil", 6}, "#"},
        {render_url, {"/\\evil", 6}, "#"},
        {render_url, {"data:,x", 7}, "#"},
        {render_url, {":x", 2}, "#"},
        {render_url_query, {"a b&c=\xc3\xa9", 8}, "a%20b%26c%3D%C3%A9"},
        {render_srcset, {"/a 1x,/b 640w", 13}, "/a 1x, /b 640w"},
        {render_srcset, {"/a 1x onx,/b", 12}, "/b"},
        {render_script, {"/assets/a.1f.js", 15}, "/assets/a.1f.js"},
        {render_script, {"/assets/../a.js", 15}, "/assets/none"},
        {render_script, {"//e/assets/a.js", 15}, "/assets/none"},
        {render_script, {"/media/a.js", 11}, "/assets/none"},
        {render_srcset, {"data:,x,//e 2x", 14}, "x"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check(rows[i].write, rows[i].in, rows[i].wanted);
    }
}

static void test_numbers(void **state) {
    (void)state;
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_number(&o, INT64_MIN);
    render_raw(&o, " ", 1);
    render_number(&o, 0);
    render_raw(&o, " ", 1);
    render_unsigned(&o, UINT64_MAX);
    assert_true(str_eq(buf_view(&o.body), STR("-9223372036854775808 0 18446744073709551615")));
    render_out_fini(&o);
}

static void test_truth(void **state) {
    (void)state;
    struct {
        int *items;
        size_t n;
    } list = {NULL, 0};
    struct str none = STR_NONE, some = STR("x");
    struct render_spot spot = {0};
    int64_t number = 256;
    bool on = true;
    assert_false(TMPL_TRUE(list));
    list.n = 1;
    assert_true(TMPL_TRUE(list));
    assert_false(TMPL_TRUE(none));
    assert_true(TMPL_TRUE(some));
    assert_true(TMPL_TRUE(number));
    assert_true(TMPL_TRUE(on));
    assert_false(TMPL_TRUE(spot));
}

static void test_spots(void **state) {
    (void)state;
    _Atomic uint64_t cell = 5;
    struct render_spot spot = {.phrase = text_counter_get(LANG_EN, W_READS_COUNT), .cell = &cell, .base = 208};
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_put_spot(&o, (struct render_spot){0});
    for (size_t i = 0; i < HTTP_SPOTS_MAX + 1; i++) {
        render_raw(&o, "-", 1);
        render_put_spot(&o, spot);
    }
    assert_int_equal(o.spot_count, HTTP_SPOTS_MAX);
    assert_int_equal(o.spots[1].at, 2);
    assert_int_equal(o.spots[1].base, 208);
    size_t at; // the one too many is written as it stands
    assert_true(str_find(buf_view(&o.body), STR("---"), &at));
    assert_true(str_find(buf_view(&o.body), STR("213"), &at));
    render_out_fini(&o);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_truth),
        cmocka_unit_test(test_spots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
