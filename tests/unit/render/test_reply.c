// SPDX-License-Identifier: AGPL-3.0-or-later
// The end of a page: the site's headers, the validator, and what of it is kept.
#include "http/page.h"
#include "render/render.h"

#include <setjmp.h>
#include <cmocka.h>

struct scene {
    struct site site;
    struct http_route route;
    struct http_request req;
    struct http_reply reply;
    struct render_uses uses;
};

static void scene_init(struct scene *s, const char *path, enum http_cache_policy cache) {
    memset(s, 0, sizeof(*s));
    s->site.cache = page_cache_new(1 << 20);
    s->site.origin = STR("https://www.example.org");
    s->site.radio_origin = "https://radio.example.org/live";
    s->route.cache = cache;
    s->route.counted = true;
    s->req = (struct http_request){.method = HTTP_GET,
                                   .target = str_from(path),
                                   .path = str_from(path),
                                   .route = &s->route,
                                   .arena = arena_new(1 << 20),
                                   .app = &s->site};
    size_t mark;
    if (str_find_char(s->req.target, '?', &mark)) {
        s->req.path = str_slice(s->req.target, 0, mark);
        s->req.query = str_slice(s->req.target, mark + 1, s->req.target.n);
    }
    render_uses_init(&s->uses);
}

static void scene_fini(struct scene *s) {
    http_page_unref(&s->reply.page);
    arena_free(&s->req.arena);
    page_cache_free(&s->site.cache);
}

static void finish(struct scene *s, const char *body, const struct render_page *page) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_text(&o, str_from(body));
    assert_int_equal(render_reply(&s->req, &s->reply, &o, &s->uses, page), RC_OK);
    assert_non_null(s->reply.page);
    render_out_fini(&o);
}

static bool head_has(const struct scene *s, const char *line) {
    size_t at;
    return str_find(page_head(s->reply.page, false), str_from(line), &at);
}

static void test_headers(void **state) {
    (void)state;
    struct scene s;
    scene_init(&s, "/en/a", HTTP_CACHE_EDITION);
    finish(&s, "a page", &(struct render_page){.link_header = STR("</id/a>; rel=\"alternate\""), .no_index = true});
    static const char *const lines[] = {"\r\nContent-Security-Policy: default-src 'none'; ",
                                        "media-src 'self' https://radio.example.org; ",
                                        "connect-src 'self' https://radio.example.org; script-src 'self'\r\n",
                                        "frame-ancestors 'none'",
                                        "\r\nX-Content-Type-Options: nosniff\r\n",
                                        "\r\nReferrer-Policy: strict-origin-when-cross-origin\r\n",
                                        "\r\nCross-Origin-Opener-Policy: same-origin\r\n",
                                        "\r\nStrict-Transport-Security: max-age=31536000\r\n",
                                        "\r\nX-Robots-Tag: noindex\r\n",
                                        "\r\nLink: </id/a>; rel=\"alternate\"\r\n",
                                        "private, no-cache",
                                        "\r\nETag: W/\"",
                                        "text/html; charset=utf-8"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (!head_has(&s, lines[i])) {
            fail_msg("%s is not in %.*s", lines[i], STR_ARG(page_head(s.reply.page, false)));
        }
    }
    scene_fini(&s);
}

static void test_hostile_settings_end_no_header(void **state) {
    (void)state;
    struct scene s;
    scene_init(&s, "/en/a", HTTP_CACHE_EDITION);
    s.site.origin = STR("http://localhost:8080");
    s.site.radio_origin = "https://a; script-src *";
    finish(&s, "a page", &(struct render_page){.link_header = STR("a\r\nX-Evil: 1")});
    assert_false(head_has(&s, "script-src *"));
    assert_false(head_has(&s, "X-Evil"));
    assert_false(head_has(&s, "Strict-Transport-Security"));
    scene_fini(&s);
}

static void test_etag_follows_the_content(void **state) {
    (void)state;
    struct scene a, b;
    scene_init(&a, "/en/a", HTTP_CACHE_EDITION);
    scene_init(&b, "/en/b", HTTP_CACHE_EDITION);
    finish(&a, "the same", &(struct render_page){0});
    finish(&b, "the same", &(struct render_page){0});
    assert_true(str_eq(http_page_etag(a.reply.page), http_page_etag(b.reply.page)));
    finish(&b, "another", &(struct render_page){0}); // takes the first page's place in the reply
    assert_false(str_eq(http_page_etag(a.reply.page), http_page_etag(b.reply.page)));
    scene_fini(&a);
    scene_fini(&b);
}

static void test_what_is_kept(void **state) {
    (void)state;
    static const struct {
        const char *target;
        enum http_cache_policy cache;
        int status;
        enum http_method method;
        bool canonical, kept;
    } rows[] = {
        {"/en/a", HTTP_CACHE_EDITION, 0, HTTP_GET, false, true},
        {"/en/a", HTTP_CACHE_EDITION, 0, HTTP_HEAD, false, true},
        {"/en/a", HTTP_CACHE_SHORT, 200, HTTP_GET, false, true},
        {"/en/a", HTTP_CACHE_EDITION, 410, HTTP_GET, false, true},
        {"/en/a", HTTP_CACHE_EDITION, 404, HTTP_GET, false, false},
        {"/en/a", HTTP_CACHE_EDITION, 500, HTTP_GET, false, false},
        {"/en/a", HTTP_CACHE_NEVER, 200, HTTP_GET, false, false},
        {"/en/a", HTTP_CACHE_FOREVER, 200, HTTP_GET, false, false},
        {"/en/a", HTTP_CACHE_EDITION, 200, HTTP_POST, false, false},
        {"/en/a?utm=1", HTTP_CACHE_EDITION, 200, HTTP_GET, false, false},
        {"/en/a?before=5", HTTP_CACHE_EDITION, 200, HTTP_GET, true, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene s;
        scene_init(&s, rows[i].target, rows[i].cache);
        s.req.method = rows[i].method;
        finish(&s, "a page", &(struct render_page){.status = rows[i].status, .query_is_canonical = rows[i].canonical});
        assert_int_equal(http_page_status(s.reply.page), rows[i].status != 0 ? rows[i].status : 200);
        if (page_cache_holds(s.site.cache, str_from(rows[i].target)) != rows[i].kept) {
            fail_msg("row %zu: %s", i, rows[i].target);
        }
        scene_fini(&s);
    }
}

static void test_too_long_a_page(void **state) {
    (void)state;
    struct scene s;
    struct render_out o;
    scene_init(&s, "/en/a", HTTP_CACHE_EDITION);
    render_out_init(&o, LANG_EN);
    char *block = mem_new(1 << 20);
    for (int i = 0; i < 9; i++) {
        render_raw(&o, block, 1 << 20);
    }
    assert_int_equal(render_reply(&s.req, &s.reply, &o, &s.uses, &(struct render_page){0}), RC_TOO_BIG);
    assert_null(s.reply.page);
    mem_free(block);
    render_out_fini(&o);
    scene_fini(&s);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_hostile_settings_end_no_header),
        cmocka_unit_test(test_etag_follows_the_content),
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_too_long_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
