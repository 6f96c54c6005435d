// SPDX-License-Identifier: AGPL-3.0-or-later
// The route tables: what is refused when they are made, and which row an address finds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/route.h"

static enum rc handler(struct http_request *req, struct http_reply *reply) {
    (void)req;
    (void)reply;
    return RC_OK;
}

#define R(m, p)                                                                                                        \
    { .method = m, .pattern = p, .handler = handler, .guard = HTTP_GUARD_PUBLIC_FORM, .purpose = p }

static const struct http_route rows[] = {
    R(HTTP_GET, "/"),
    R(HTTP_GET, "/{lang}/"),
    R(HTTP_GET, "/{lang}/tag/{slug}"),
    R(HTTP_GET, "/{lang}/{section}/{item}"),
    R(HTTP_POST, "/{lang}/{section}/{item}"),
    R(HTTP_GET, "/en/news"),
    R(HTTP_GET, "/media/{path*}"),
    R(HTTP_GET, "/media/list/all"),
    R(HTTP_POST, "/media/list/all"),
    R(HTTP_GET, "/index.php"),
};

static void an_address_finds_the_most_literal_row(void **state) {
    (void)state;
    static const struct {
        enum http_method method;
        const char *path, *pattern, *hole;
    } cases[] = {
        {HTTP_GET, "/", "/", NULL},
        {HTTP_HEAD, "/", "/", NULL},
        {HTTP_GET, "/en/", "/{lang}/", "en"},
        {HTTP_GET, "/en", NULL, NULL},
        {HTTP_GET, "/en/tag/x", "/{lang}/tag/{slug}", "en"},
        {HTTP_POST, "/en/tag/x", "/{lang}/{section}/{item}", "en"}, // the literal row has no POST
        {HTTP_GET, "/en/news", "/en/news", NULL},
        {HTTP_GET, "/en/news/1", "/{lang}/{section}/{item}", "en"}, // back out of the literal branch
        {HTTP_GET, "/media/a/b/c", "/media/{path*}", "a/b/c"},
        {HTTP_GET, "/media/list/all", "/media/list/all", NULL},
        {HTTP_GET, "/media/list/one", "/media/{path*}", "list/one"},
        {HTTP_GET, "/media/", "/{lang}/", "media"},
        {HTTP_GET, "/en//x", NULL, NULL},
        {HTTP_GET, "//", NULL, NULL},
        {HTTP_GET, "/index.php/x", NULL, NULL},
        {HTTP_PUT, "/", NULL, NULL},
    };
    const struct http_route *tables[] = {rows, NULL};
    const size_t counts[] = {sizeof(rows) / sizeof(rows[0])};
    struct route_tree *tree;
    assert_int_equal(route_tree_new(tables, counts, &tree, NULL), RC_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct route_match m;
        route_match(tree, cases[i].method, str_from(cases[i].path), &m);
        struct str got = m.route != NULL ? str_from(m.route->pattern) : STR_NONE;
        if (!str_eq(got, str_from(cases[i].pattern)))
            fail_msg("%s: %.*s", cases[i].path, STR_ARG(got));
        if (cases[i].hole != NULL)
            assert_true(str_eq(m.holes[0], str_from(cases[i].hole)));
    }
    struct route_match m;
    char allow[64];
    route_match(tree, HTTP_PUT, STR("/media/list/all"), &m);
    size_t n = route_allow(m.methods, allow);
    assert_true(str_eq((struct str){allow, n}, STR("GET, HEAD, POST, OPTIONS")));
    route_tree_free(&tree);
}

static void faulty_tables_are_refused(void **state) {
    (void)state;
    static const struct http_route faulty[][2] = {
        {R(HTTP_GET, "/a/{x}"), R(HTTP_GET, "/a/{y}")},
        {R(HTTP_GET, "/a"), R(HTTP_GET, "/a")},
        {R(HTTP_GET, "/a"), R(HTTP_GET, "b")},
        {R(HTTP_GET, "/a"), R(HTTP_GET, "/{x}-{y}")},
        {R(HTTP_GET, "/a"), R(HTTP_GET, "/{x*}/b")},
        {R(HTTP_GET, "/a"), R(HTTP_GET, "/b//c")},
        {R(HTTP_GET, "/a"), R(HTTP_GET, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}")},
        {R(HTTP_GET, "/a"), R(HTTP_HEAD, "/b")},
        {R(HTTP_GET, "/a"), {.method = HTTP_POST, .pattern = "/b", .handler = handler, .purpose = "no guard"}},
        {R(HTTP_GET, "/a"), {.method = HTTP_GET, .pattern = "/b", .handler = handler, .roles = 1, .purpose = "kept"}},
        {R(HTTP_GET, "/a"),
         {.method = HTTP_POST,
          .pattern = "/b",
          .handler = handler,
          .roles = 1,
          .guard = HTTP_GUARD_PUBLIC_FORM,
          .cache = HTTP_CACHE_NEVER,
          .purpose = "no token"}},
        {R(HTTP_GET, "/a"), {.method = HTTP_GET, .pattern = "/b", .handler = handler}},
        {R(HTTP_GET, "/a"), {.method = HTTP_GET, .pattern = "/b", .purpose = "no handler"}},
    };
    for (size_t i = 0; i < sizeof(faulty) / sizeof(faulty[0]); i++) {
        struct problem p = {{0}};
        assert_int_equal(http_routes_check(faulty[i], 2, &p), RC_INVALID);
        assert_true(p.text[0] != '\0');
    }
    assert_int_equal(http_routes_check(rows, sizeof(rows) / sizeof(rows[0]), NULL), RC_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_finds_the_most_literal_row),
        cmocka_unit_test(faulty_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
