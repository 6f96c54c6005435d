// SPDX-License-Identifier: AGPL-3.0-or-later
// The small parsers, by tables: dates, cookies, content coding, validators, ranges, forms, targets, heads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/cookie.h"
#include "http/form.h"
#include "http/negotiate.h"
#include "http/request_parser.h"
#include "http/url.h"

static void dates_are_read_in_three_forms_and_written_in_one(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds; // -1: refused
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Sun Nov 16 08:49:37 1994", 784975777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Tue, 29 Feb 2000 23:59:59 GMT", 951868799},
        {"Mon, 29 Feb 2100 00:00:00 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37", -1},
        {"Sun, 06 Nov 1994 08:49:37 UTC", -1},
        {"Sun, 31 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 00 Nov 1994 08:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 24:49:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:60:37 GMT", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", -1},
        {"Xun, 06 Nov 1994 08:49:37 GMT", -1},
        {"", -1},
        {"0", -1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t at = -1;
        bool ok = http_date_get(str_from(rows[i].text), &at);
        if (ok != (rows[i].seconds >= 0) || (ok && at != rows[i].seconds * US_PER_SECOND))
            fail_msg("%s: %d %lld", rows[i].text, ok, (long long)at);
    }
    char out[HTTP_DATE_BYTES];
    for (int64_t t = 0; t < INT64_C(10000000000); t += 86399 * 97 + 1) {
        int64_t back;
        http_date_put(out, t * US_PER_SECOND + 5);
        assert_true(http_date_get((struct str){out, sizeof(out)}, &back));
        assert_int_equal(back, t * US_PER_SECOND);
    }
    http_date_put(out, 784111777 * US_PER_SECOND);
    assert_memory_equal(out, "Sun, 06 Nov 1994 08:49:37 GMT", HTTP_DATE_BYTES);
}

static void cookies_are_found_by_name(void **state) {
    (void)state;
    static const struct {
        const char *header, *name, *value;
    } rows[] = {
        {"a=1; b=2", "b", "2"},   {"a=1; b=2", "a", "1"}, {"a=1;b=2", "b", "2"}, {"a=1; a=2", "a", "1"},
        {"ab=1; b=2", "a", NULL}, {"a=\"x\"", "a", "x"},  {"a=", "a", ""},       {"a", "a", NULL},
        {"a=b=c", "a", "b=c"},    {"  a =1 ", "a", "1"},  {"a=x y", "a", NULL},  {"a=\x80", "a", NULL},
        {";;a=1;", "a", "1"},     {"", "a", NULL},        {"A=1", "a", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str got = cookie_find(str_from(rows[i].header), str_from(rows[i].name));
        assert_int_equal(got.p != NULL, rows[i].value != NULL);
        assert_true(str_eq(got, str_from(rows[i].value)));
    }
}

static void gzip_goes_to_those_who_like_it(void **state) {
    (void)state;
    static const struct {
        const char *header;
        bool gzip;
    } rows[] = {
        {"gzip", true},           {"gzip, deflate, br", true},
        {"deflate", false},       {"", false},
        {"gzip;q=0", false},      {"gzip;q=0.000", false},
        {"gzip;q=0.001", true},   {"*", true},
        {"*;q=0", false},         {"identity, *;q=0", false},
        {"GZip", true},           {"x-gzip", true},
        {"br, gzip;q=0.5", true}, {"gzip;q=0.5, identity", false},
        {"gzip;q=2", false},      {"gzip;q=abc", false},
        {"gzip ; q=0", false},    {"gzipx", false},
        {"gzip;q=0, *", false},   {"deflate, *;q=0.1", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (negotiate_gzip(str_from(rows[i].header)) != rows[i].gzip)
            fail_msg("%s", rows[i].header);
}

static void tags_are_compared_weakly(void **state) {
    (void)state;
    assert_true(negotiate_etag_matches(STR("\"a\""), STR("W/\"a\"")));
    assert_true(negotiate_etag_matches(STR("W/\"a\""), STR("\"a\"")));
    assert_true(negotiate_etag_matches(STR("\"x,y\", W/\"a\""), STR("\"a\"")));
    assert_true(negotiate_etag_matches(STR("*"), STR("\"a\"")));
    assert_false(negotiate_etag_matches(STR("a"), STR("\"a\"")));
    assert_false(negotiate_etag_matches(STR("\"ab\""), STR("\"a\"")));
    assert_false(negotiate_etag_matches(STR("\"a"), STR("\"a\"")));
    assert_false(negotiate_etag_matches(STR("*"), STR("")));
}

static const struct http_field_rule rules[] = {
    {"text", HTTP_FIELD_TEXT, false, 2, 5, "text"},        {"number", HTTP_FIELD_NUMBER, false, -3, 10, "number"},
    {"word", HTTP_FIELD_WORD, false, 1, 4, "word"},        {"date", HTTP_FIELD_DATE, false, 0, 0, "date"},
    {"needed", HTTP_FIELD_TEXT, true, 0, 0, "needed"},     {"secret", HTTP_FIELD_SECRET, false, 3, 9, "secret"},
    {"several", HTTP_FIELD_WORDS, false, 0, 3, "several"}, {"rows", HTTP_FIELD_LINES, false, 0, 4, "rows"},
};
static const struct http_form form = {rules, 8, 1000};

static void forms_are_typed_and_problems_named(void **state) {
    (void)state;
    static const struct {
        const char *body;
        size_t field;
        const char *value, *problem;
    } rows[] = {
        {"text=abc", 0, "abc", NULL},
        {"text=a+b", 0, "a b", NULL},
        {"text=a%0D%0Ab", 0, "a\nb", NULL},
        {"text=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9", 0, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", NULL},
        {"text=a", 0, "a", "form_too_short"},
        {"text=abcdef", 0, "abcdef", "form_too_long"},
        {"text=ab%01", 0, "ab\x01", "form_bad_text"},
        {"text=%ff%ff", 0, "", "form_bad_text"},
        {"text=%zz", 0, "", "form_bad_text"},
        {"text=ab%00", 0, "", "form_bad_text"},
        {"text=ab&text=cd", 0, "ab", "form_bad_text"},
        {"t%65xt=abc", 0, "abc", NULL},
        {"text=", 0, "", NULL},
        {"rows=", 7, "", NULL},
        {"rows=a", 7, "a", NULL},
        {"rows=a&rows=&rows=c+d", 7, "a\n\nc d", NULL},
        {"rows=&rows=", 7, "\n", NULL},
        {"rows=a%0D%0Ab&rows=c", 7, "a\nb\nc", NULL},
        {"rows=abcd&rows=abcde", 7, "abcd\nabcde", "form_too_long"},
        {"rows=a&rows=%01", 7, "a\n\x01", "form_bad_text"},
        {"rows=a&rows=%ff", 7, "", "form_bad_text"},
        {"number=7", 1, "7", NULL},
        {"number=-3", 1, "-3", NULL},
        {"number=-4", 1, "-4", "form_not_a_number"},
        {"number=11", 1, "11", "form_not_a_number"},
        {"number=1x", 1, "1x", "form_not_a_number"},
        {"number=99999999999999999999", 1, "99999999999999999999", "form_not_a_number"},
        {"word=a.-_", 2, "a.-_", NULL},
        {"word=a%2Fb", 2, "a/b", "form_bad_text"},
        {"word=abcde", 2, "abcde", "form_too_long"},
        {"date=2024-02-29", 3, "2024-02-29", NULL},
        {"date=2023-02-29", 3, "2023-02-29", "form_bad_date"},
        {"date=2023-13-01", 3, "2023-13-01", "form_bad_date"},
        {"date=2023-1-01", 3, "2023-1-01", "form_bad_date"},
        {"other=1&&=&x", 4, "", "form_required"},
        {"needed=++", 4, "  ", "form_required"},
        {"secret=a+b", 5, "a b", NULL},
        {"secret=ab", 5, "ab", "form_too_short"},
        {"several=a", 6, "a", NULL},
        {"several=a&several=b&several=c", 6, "a b c", NULL},
        {"several=a&several=b&several=c&several=d", 6, "a b c d", "form_too_long"},
        {"several=a&several=", 6, "a ", "form_too_short"},
        {"several=a&several=b%2F", 6, "a b/", "form_bad_text"},
    };
    struct arena *a = arena_new(1 << 20);
    struct http_field fields[8];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool ok = form_read(a, &form, str_from(rows[i].body), fields);
        const struct http_field *f = &fields[rows[i].field];
        bool same = (f->problem == NULL) == (rows[i].problem == NULL) &&
                    (f->problem == NULL || strcmp(f->problem, rows[i].problem) == 0);
        if (ok || !same || !str_eq(f->value, str_from(rows[i].value)))
            fail_msg("%s: '%.*s' %s", rows[i].body, STR_ARG(f->value), f->problem != NULL ? f->problem : "fine");
    }
    assert_true(form_read(a, &form, STR("needed=x&text=ab"), fields));
    assert_true(str_eq(form_find(a, STR("a=b&tok%65n=x+y&token=z"), STR("token")), STR("x y")));
    assert_null(form_find(a, STR("a=b&token=%zz"), STR("token")).p);
    assert_null(form_find(a, STR("a=b"), STR("token")).p);
    arena_free(&a);
}

static void queries_become_canonical(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    assert_true(str_eq(url_query_canonical(a, &form, STR("utm=1&word=b&text=a%20")), STR("text=a%20&word=b")));
    assert_true(str_eq(url_query_canonical(a, &form, STR("text=&word=b&word=c")), STR("word=b")));
    assert_null(url_query_canonical(a, &form, STR("x=1")).p);
    assert_null(url_query_canonical(a, NULL, STR("text=1")).p);
    struct str out;
    assert_int_equal(url_segment(a, STR("a%20b"), &out), 0);
    assert_true(str_eq(out, STR("a b")));
    assert_int_equal(url_segment(a, STR("a%252F"), &out), 0); // once, and only once
    assert_true(str_eq(out, STR("a%2F")));
    assert_int_equal(url_segment(a, STR("%0a"), &out), 404);
    assert_int_equal(url_segment(a, STR(""), &out), 404);
    assert_int_equal(url_rest(a, STR("a/b%20/c"), &out), 0);
    assert_true(str_eq(out, STR("a/b /c")));
    assert_int_equal(url_rest(a, STR("a/../c"), &out), 404);
    assert_int_equal(url_rest(a, STR("a//c"), &out), 404);
    assert_int_equal(url_rest(a, STR("a/%e"), &out), 400);
    arena_free(&a);
}

static void heads_are_taken_apart(void **state) {
    (void)state;
    static const struct http_limits limits = {.head_bytes = 16384, .header_count = 100, .target_bytes = 4096};
    char text[] = "POST http://A.test/a/b?c=d HTTP/1.1\r\nhost: A.Test\r\nCookie:  a=1; b=2 \r\n"
                  "Content-Length: 12\r\nIf-None-Match: \"x\"\r\nX-Forwarded-Proto: https\r\n\r\nrest";
    struct http_header headers[100];
    struct request_head h;
    int got = request_parse(&h, headers, &limits, text, sizeof(text) - 1);
    assert_int_equal(got, sizeof(text) - 5);
    assert_int_equal(h.req.method, HTTP_POST);
    assert_true(str_eq(h.req.host, STR("a.test")));
    assert_true(str_eq(h.req.target, STR("/a/b?c=d")));
    assert_true(str_eq(h.req.path, STR("/a/b")) && str_eq(h.req.query, STR("c=d")));
    assert_int_equal(h.content_length, 12);
    assert_true(h.keep_alive && h.absolute && !h.chunked);
    assert_true(str_eq(h.known[FIELD_IF_NONE_MATCH], STR("\"x\"")));
    assert_true(str_eq(h.known[FIELD_X_FORWARDED_PROTO], STR("https")));
    assert_true(str_eq(http_request_cookie(&h.req, "b"), STR("2")));
    assert_true(str_eq(http_request_header(&h.req, "COOKIE"), STR("a=1; b=2")));
    for (size_t n = 0; n < (size_t)got; n++)
        assert_int_equal(request_parse(&h, headers, &limits, text, n), 0);
}

static void old_encoders_are_understood_where_they_may_come(void **state) {
    (void)state;
    struct http_limits limits = {.head_bytes = 16384, .header_count = 100, .target_bytes = 4096};
    static const char sent[] = "SOURCE /live ICE/1.0\r\nice-name: x\r\n\r\n", bare[] = "PUT /live HTTP/1.1\r\n\r\n";
    char text[sizeof sent];
    struct http_header headers[100];
    struct request_head h;
    for (int old = 0; old < 2; old++) {
        limits.old_encoders = old == 1;
        memcpy(text, sent, sizeof sent);
        int got = request_parse(&h, headers, &limits, text, sizeof sent - 1);
        assert_int_equal(got, old ? (int)sizeof sent - 1 : -400);
        for (size_t n = 0; old && n + 1 < sizeof sent; n++)
            assert_int_equal(request_parse(&h, headers, &limits, text, n), 0);
        memcpy(text, bare, sizeof bare);
        got = request_parse(&h, headers, &limits, text, sizeof bare - 1);
        assert_int_equal(got, old ? (int)sizeof bare - 1 : -400);
    }
}

static void titles_that_old_encoders_do_not_encode_are_read(void **state) {
    (void)state;
    static const char whole[] = "GET /a?song=\xc3\x9cn\xc3\xaf%20\"\\\"<\xe6\xad\x8c> HTTP/1.0\r\n\r\n";
    struct http_limits limits = {.head_bytes = 16384, .header_count = 100, .target_bytes = 4096};
    char text[sizeof whole];
    struct http_header headers[100];
    struct request_head h;
    memcpy(text, whole, sizeof whole);
    assert_int_equal(request_parse(&h, headers, &limits, text, sizeof whole - 1), -400);
    limits.old_encoders = true;
    assert_int_equal(request_parse(&h, headers, &limits, text, sizeof whole - 1), sizeof whole - 1);
    assert_true(str_eq(h.req.query, STR("song=\xc3\x9cn\xc3\xaf%20\"\\\"<\xe6\xad\x8c>")));
    for (size_t n = 0; n + 1 < sizeof whole; n++)
        assert_int_equal(request_parse(&h, headers, &limits, text, n), 0);
    for (const char *bad = "#\t\x01\x7f"; *bad != '\0'; bad++) {
        text[8] = *bad;
        assert_int_equal(request_parse(&h, headers, &limits, text, sizeof whole - 1), -400);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_in_three_forms_and_written_in_one),
        cmocka_unit_test(cookies_are_found_by_name),
        cmocka_unit_test(gzip_goes_to_those_who_like_it),
        cmocka_unit_test(tags_are_compared_weakly),
        cmocka_unit_test(forms_are_typed_and_problems_named),
        cmocka_unit_test(queries_become_canonical),
        cmocka_unit_test(old_encoders_are_understood_where_they_may_come),
        cmocka_unit_test(titles_that_old_encoders_do_not_encode_are_read),
        cmocka_unit_test(heads_are_taken_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
