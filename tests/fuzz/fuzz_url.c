// SPDX-License-Identifier: AGPL-3.0-or-later
// Paths and queries: what a handler gets is valid UTF-8 without control bytes, slashes where none may be, or dots
// that climb.
#include "http/negotiate.h"
#include "http/route.h"
#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc handler(struct http_request *req, struct http_reply *reply) {
    (void)req;
    (void)reply;
    return RC_OK;
}

static const struct http_route rows[] = {
    {.method = HTTP_GET, .pattern = "/{a}/{b}/", .handler = handler, .purpose = "two"},
    {.method = HTTP_GET, .pattern = "/en/{a}", .handler = handler, .purpose = "one"},
    {.method = HTTP_GET, .pattern = "/m/{p*}", .handler = handler, .purpose = "rest"},
};
static const struct http_field_rule rules[] = {{"q", HTTP_FIELD_TEXT, false, 0, 0, "words"},
                                               {"p", HTTP_FIELD_WORD, false, 0, 0, "page"}};
static const struct http_form form = {rules, 2, 100};

static void check_params(const struct route_match *m, const struct http_request *req) {
    for (size_t i = 0; i < m->hole_count; i++) {
        struct str s = req->params[i], part;
        must(s.n > 0 && utf8_valid(s) && memchr(s.p, '\0', s.n) == NULL);
        while (str_next(&s, '/', &part))
            must(!str_eq(part, STR("..")) && part.n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct route_tree *tree;
    const struct http_route *tables[] = {rows, NULL};
    const size_t counts[] = {3};
    if (tree == NULL)
        must(route_tree_new(tables, counts, &tree, NULL) == RC_OK);
    if (size > 4096)
        return 0;
    struct str text = {(const char *)data, size};
    struct http_request req = {.arena = arena_new(16 << 20)};
    struct route_match m;
    route_match(tree, HTTP_GET, text, &m);
    if (m.route != NULL && route_params(&m, &req) == 0)
        check_params(&m, &req);
    struct str query = url_query_canonical(req.arena, &form, text);
    must(str_eq(url_query_canonical(req.arena, &form, query), query));
    uint64_t from, length;
    if (negotiate_range(text, 1000, &from, &length) == RANGE_OK)
        must(length > 0 && from + length <= 1000);
    (void)negotiate_gzip(text);
    (void)negotiate_etag_matches(text, STR("\"a\""));
    arena_free(&req.arena);
    return 0;
}
