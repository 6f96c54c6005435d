// SPDX-License-Identifier: AGPL-3.0-or-later
// A page with live numbers, plain and gzip: for many numbers the gzip form inflates to exactly the plain one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <zlib.h>

#include "http/page.h"

static size_t phrase(const void *words, uint64_t number, char *out, size_t room) {
    int n = snprintf(out, room, "%s%llu", (const char *)words, (unsigned long long)number);
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

static struct str join(const struct page_body *body, char *out) {
    size_t n = 0;
    for (int i = 0; i < body->count; i++) {
        memcpy(out + n, body->iov[i].iov_base, body->iov[i].iov_len);
        n += body->iov[i].iov_len;
    }
    assert_int_equal(n, body->bytes);
    return (struct str){out, n};
}

static struct str unzip(struct str packed, char *out, size_t room) {
    z_stream z = {0};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK); // checks the crc and the size
    z.next_in = (Bytef *)(uintptr_t)packed.p;
    z.avail_in = (uInt)packed.n;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    struct str plain = {out, (size_t)z.total_out};
    inflateEnd(&z);
    return plain;
}

enum { BODY = 20000 };
static char text[BODY];
static _Atomic uint64_t cells[3];

static struct http_page *make(const size_t *spots, size_t count, bool reads) {
    static const char *const words[3] = {"Read ", "\xd9\x82\xd8\xb1\xd8\xa6 ", ""};
    for (size_t i = 0; i < BODY; i++)
        text[i] = (char)("public broadcaster "[i % 19] + (i % 1009 == 0));
    struct http_page_parts parts = {.content_type = STR("text/html"), .body = {text, BODY}, .compress = true};
    for (size_t i = 0; i < count; i++)
        parts.spots[i] = (struct http_spot){spots[i], &cells[i], 7, phrase, words[i]};
    parts.spot_count = count;
    parts.count_reads = reads ? &cells[0] : NULL;
    parts.count_raw = &cells[2];
    return http_page_new(&parts);
}

static void expect_same(struct http_page *page) {
    static char plain[BODY * 2], packed[BODY * 2], back[BODY * 2], scratch[PAGE_SCRATCH];
    struct page_body body;
    page_lay_out(page, false, false, false, scratch, &body);
    struct str want = join(&body, plain);
    page_lay_out(page, true, false, false, scratch, &body);
    struct str got = unzip(join(&body, packed), back, sizeof(back));
    assert_true(str_eq(got, want));
}

static void gzip_gives_the_plain_body_for_every_number(void **state) {
    (void)state;
    static const size_t places[][3] = {{0, 0, 0}, {5, 5, 5}, {100, 9000, BODY}, {BODY, BODY, BODY}, {1, 2, 19999}};
    for (size_t p = 0; p < sizeof(places) / sizeof(places[0]); p++)
        for (size_t count = 0; count <= 3; count++) {
            struct http_page *page = make(places[p], count, false);
            assert_true(page_has_gzip(page));
            for (uint64_t n = 0; n <= UINT64_C(1000000000000); n = n < 40 ? n + 1 : n * 3 + 1) {
                for (size_t i = 0; i < 3; i++)
                    cells[i] = n / (i + 1);
                expect_same(page);
            }
            http_page_unref(&page);
            assert_null(page);
        }
}

static void the_reader_sees_the_number_from_before(void **state) {
    (void)state;
    static char scratch[PAGE_SCRATCH], out[BODY * 2];
    static const size_t places[3] = {0};
    struct http_page *page = make(places, 1, true);
    struct page_body body;
    cells[0] = 206;
    cells[2] = 0;
    page_lay_out(page, false, true, true, scratch, &body);
    assert_true(str_starts(join(&body, out), STR("Read 213")));
    page_lay_out(page, false, true, true, scratch, &body);
    assert_true(str_starts(join(&body, out), STR("Read 214")));
    page_lay_out(page, false, false, true, scratch, &body); // a bot
    assert_true(str_starts(join(&body, out), STR("Read 215")));
    assert_int_equal(cells[0], 208);
    assert_int_equal(cells[2], 3);
    http_page_unref(&page);
}

static void a_body_that_does_not_shrink_stays_plain(void **state) {
    (void)state;
    struct http_page_parts parts = {.status = 404, .body = STR("short"), .compress = true};
    struct http_page *page = http_page_new(&parts);
    assert_false(page_has_gzip(page));
    assert_int_equal(http_page_status(page), 404);
    struct str head = page_head(page, false);
    assert_true(str_starts(head, STR("HTTP/1.1 404 Not Found\r\n")));
    assert_true(str_ends(head, STR("Content-Length: ")));
    http_page_unref(&page);
}

static void a_packed_page_weighs_less_until_it_is_read_plain(void **state) {
    (void)state;
    static const size_t places[3] = {0};
    struct http_page *page = make(places, 0, false);
    assert_int_equal(http_page_bytes(page, true) - http_page_bytes(page, false), BODY);
    http_page_unref(&page);
    page = http_page_new(&(struct http_page_parts){.body = STR("short"), .compress = true});
    assert_int_equal(http_page_bytes(page, true), http_page_bytes(page, false));
    http_page_unref(&page);
}

static void freed(void *keep) {
    *(int *)keep += 1;
}

static void what_is_kept_is_freed_with_the_last_reference(void **state) {
    (void)state;
    int count = 0;
    struct http_page_parts parts = {.body = STR("x"), .keep = &count, .keep_free = freed};
    struct http_page *page = http_page_new(&parts), *other = http_page_ref(page);
    http_page_unref(&page);
    assert_int_equal(count, 0);
    http_page_unref(&other);
    assert_int_equal(count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_gives_the_plain_body_for_every_number),
        cmocka_unit_test(the_reader_sees_the_number_from_before),
        cmocka_unit_test(a_body_that_does_not_shrink_stays_plain),
        cmocka_unit_test(a_packed_page_weighs_less_until_it_is_read_plain),
        cmocka_unit_test(what_is_kept_is_freed_with_the_last_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
