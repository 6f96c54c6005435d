// SPDX-License-Identifier: AGPL-3.0-or-later
// Error pages without a database, and who counts as a reader.
#include "../check.h"
#include "http/page.h"
#include "http/reply.h"
#include "render/render.h"
#include "site/site.h"

static bool body_has(struct http_page *page, const char *text) {
    static char scratch[PAGE_SCRATCH], whole[1 << 16];
    struct page_body body;
    size_t n = 0;
    page_lay_out(page, false, false, false, scratch, &body);
    for (int i = 0; i < body.count; i++) {
        assert_true(n + body.iov[i].iov_len < sizeof(whole));
        memcpy(whole + n, body.iov[i].iov_base, body.iov[i].iov_len);
        n += body.iov[i].iov_len;
    }
    whole[n] = '\0';
    return strstr(whole, text) != NULL;
}

static void a_failure_is_told_in_the_language_of_the_address(void **state) {
    static const struct {
        const char *path;
        int status;
        const char *text;
    } rows[] = {
        {"/en/x", 404, "Page not found"},  {"/lite/en/x", 404, "Page not found"},
        {"/de/x", 404, "lang=\"de\""},     {"/ar/x", 503, "dir=\"rtl\""},
        {"/", 400, "lang=\"en\""},         {"/fr/x", 500, "lang=\"en\""},
        {"/en/<script>", 404, "Page not"}, {"", 431, "lang=\"en\""},
        {"/en/x", 418, "could not be"},    {"/en/x", 599, "Something went"},
    };
    (void)state;
    struct site site = {.languages = 1u << LANG_EN | 1u << LANG_AR | 1u << LANG_DE, .origin = STR("https://a.example")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct http_reply reply;
        struct http_request req = {.method = HTTP_GET, .path = str_from(rows[i].path), .app = &site};
        req.arena = arena_new(8 << 20);
        reply_init(&reply);
        site_error(&site, &req, rows[i].status, &reply);
        assert_non_null(reply.page);
        assert_int_equal(http_page_status(reply.page), rows[i].status);
        if (!body_has(reply.page, rows[i].text))
            fail_msg("%s %d lacks %s", rows[i].path, rows[i].status, rows[i].text);
        assert_false(body_has(reply.page, "<script>"));
        reply_fini(&reply);
        arena_free(&req.arena);
    }
}

static void programs_are_told_from_readers(void **state) {
    static const struct {
        const char *agent;
        bool bot;
    } rows[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", false},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", false},
        {"Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.5.25", false},
        {"Lynx/2.9.0 libwww-FM/2.14", false},
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true},
        {"Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0)", true},
        {"facebookexternalhit/1.1", true},
        {"WhatsApp/2.23.20", true},
        {"curl/7.88.1", true},
        {"python-requests/2.31", true},
        {"Go-http-client/2.0", true},
        {"", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (site_is_bot(str_from(rows[i].agent)) != rows[i].bot)
            fail_msg("%s", rows[i].agent);
}

static void the_table_of_routes_is_sound(void **state) {
    (void)state;
    struct problem problem = {{0}};
    assert_int_equal(http_routes_check(site_routes, site_route_count, &problem), RC_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_told_in_the_language_of_the_address),
        cmocka_unit_test(programs_are_told_from_readers),
        cmocka_unit_test(the_table_of_routes_is_sound),
    };
    hash_start();
    text_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
