// SPDX-License-Identifier: AGPL-3.0-or-later
// Matching a path against the tables: a tree with one level per segment. "/a/" and "/a" are different addresses; an
// empty segment at the end is matched by a pattern that ends in a slash and by nothing else.
#include "http/route.h"
#include "http/url.h"

enum { ROW_GET, ROW_POST, ROW_PUT, ROW_KINDS };

struct node {
    struct str literal;
    struct node *next; // among the literals of the same parent
    struct node *kids; // literals
    struct node *hole; // {x}
    const struct http_route *here[ROW_KINDS];
    const struct http_route *rest[ROW_KINDS]; // {x*} below this node
};
struct route_tree {
    struct node root;
};

static int row_kind(enum http_method method) {
    switch (method) {
    case HTTP_GET:
    case HTTP_HEAD:
        return ROW_GET;
    case HTTP_POST:
        return ROW_POST;
    case HTTP_PUT:
        return ROW_PUT;
    default:
        return ROW_KINDS;
    }
}

// "{name}" or "{name*}", and nothing beside it in the segment.
static bool is_hole(struct str s) {
    if (s.n <= 2 || s.p[0] != '{' || s.p[s.n - 1] != '}')
        return false;
    size_t end = s.p[s.n - 2] == '*' ? s.n - 2 : s.n - 1;
    for (size_t i = 1; i < end; i++)
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '_')
            return false;
    return end > 1;
}

static bool is_rest(struct str s) {
    return is_hole(s) && s.p[s.n - 2] == '*';
}

// ---- checking --------------------------------------------------------------------------------------------------

static bool pattern_ok(struct str pattern) {
    if (pattern.n == 0 || pattern.p[0] != '/')
        return false;
    struct str rest = str_slice(pattern, 1, pattern.n), part;
    size_t holes = 0, at;
    while (str_next(&rest, '/', &part)) {
        bool last = rest.p == NULL;
        bool brace = str_find_char(part, '{', &at) || str_find_char(part, '}', &at) || str_find_char(part, '*', &at);
        if ((brace && !is_hole(part)) || (is_rest(part) && !last) || (part.n == 0 && !last))
            return false;
        holes += is_hole(part) ? 1 : 0;
    }
    return holes <= ROUTE_HOLES;
}

static enum rc check_row(const struct http_route *row, struct problem *p) {
    const char *pattern = row->pattern != NULL ? row->pattern : "(none)";
    if (row->pattern == NULL || !pattern_ok(str_from(row->pattern)))
        return problem_set(p, RC_INVALID, "route %s: not a pattern of whole segments", pattern);
    if (row->method != HTTP_GET && row->method != HTTP_POST && row->method != HTTP_PUT)
        return problem_set(p, RC_INVALID, "route %s: a row is for GET, POST or PUT", pattern);
    if (row->handler == NULL)
        return problem_set(p, RC_INVALID, "route %s has no handler", pattern);
    if (row->method != HTTP_GET && row->guard == HTTP_GUARD_NONE)
        return problem_set(p, RC_INVALID, "route %s changes something and has no guard", pattern);
    if (row->method != HTTP_GET && row->roles != 0 && row->guard != HTTP_GUARD_TOKEN)
        return problem_set(p, RC_INVALID, "route %s is of a session and asks for no token", pattern);
    if (row->roles != 0 && row->cache != HTTP_CACHE_NEVER)
        return problem_set(p, RC_INVALID, "route %s is for some only and may not be kept", pattern);
    if (row->upload != NULL && (row->method != HTTP_POST || row->form == NULL || row->roles == 0))
        return problem_set(p, RC_INVALID, "route %s takes files: that is for forms of a session", pattern);
    if (row->upload != NULL && row->upload->files_max > HTTP_FILES_MAX)
        return problem_set(p, RC_INVALID, "route %s takes too many files at once", pattern);
    if (row->purpose == NULL || row->purpose[0] == '\0')
        return problem_set(p, RC_INVALID, "route %s has no purpose", pattern);
    if ((unsigned)row->queue >= HTTP_QUEUE_COUNT)
        return problem_set(p, RC_INVALID, "route %s names no queue", pattern);
    return RC_OK;
}

// ---- building --------------------------------------------------------------------------------------------------

static struct node *kid_of(struct node *n, struct str part) {
    if (is_hole(part)) {
        if (n->hole == NULL)
            n->hole = MEM_NEW(struct node);
        return n->hole;
    }
    struct node **at = &n->kids;
    for (; *at != NULL; at = &(*at)->next)
        if (str_eq((*at)->literal, part))
            return *at;
    *at = MEM_NEW(struct node);
    (*at)->literal = part;
    return *at;
}

static enum rc add_row(struct route_tree *tree, const struct http_route *row, struct problem *p) {
    enum rc rc = check_row(row, p);
    if (rc != RC_OK)
        return rc;
    struct str rest = str_from(row->pattern + 1);
    struct node *n = &tree->root;
    const struct http_route **slot = NULL;
    for (;;) {
        const char *slash = rest.n > 0 ? memchr(rest.p, '/', rest.n) : NULL;
        struct str part = slash != NULL ? str_slice(rest, 0, (size_t)(slash - rest.p)) : rest;
        if (is_rest(part)) {
            slot = &n->rest[row_kind(row->method)];
            break;
        }
        n = kid_of(n, part);
        if (slash == NULL) {
            slot = &n->here[row_kind(row->method)];
            break;
        }
        rest = str_slice(rest, part.n + 1, rest.n);
    }
    if (*slot != NULL)
        return problem_set(p, RC_INVALID, "routes %s and %s match alike", (*slot)->pattern, row->pattern);
    *slot = row;
    return RC_OK;
}

static void free_node(struct node *n) {
    while (n->kids != NULL) {
        struct node *kid = n->kids;
        n->kids = kid->next;
        free_node(kid);
        mem_free(kid);
    }
    if (n->hole != NULL) {
        free_node(n->hole);
        mem_free(n->hole);
    }
}

enum rc route_tree_new(const struct http_route *const *tables, const size_t *counts, struct route_tree **out,
                       struct problem *p) {
    struct route_tree *tree = MEM_NEW(struct route_tree);
    enum rc rc = RC_OK;
    for (size_t t = 0; tables[t] != NULL; t++)
        for (size_t i = 0; i < counts[t] && rc == RC_OK; i++)
            rc = add_row(tree, &tables[t][i], p);
    if (rc != RC_OK)
        route_tree_free(&tree);
    *out = tree;
    return rc;
}

void route_tree_free(struct route_tree **tree) {
    if (*tree == NULL)
        return;
    free_node(&(*tree)->root);
    mem_free(*tree);
    *tree = NULL;
}

enum rc http_routes_check(const struct http_route *rows, size_t count, struct problem *p) {
    const struct http_route *tables[2] = {rows, NULL};
    struct route_tree *tree;
    enum rc rc = route_tree_new(tables, &count, &tree, p);
    route_tree_free(&tree);
    return rc;
}

// ---- matching --------------------------------------------------------------------------------------------------

static unsigned methods_of(const struct http_route *const rows[ROW_KINDS]) {
    return (rows[ROW_GET] != NULL ? HTTP_GET | HTTP_HEAD : 0u) | (rows[ROW_POST] != NULL ? HTTP_POST : 0u) |
           (rows[ROW_PUT] != NULL ? HTTP_PUT : 0u);
}

static bool take_rows(const struct http_route *const rows[ROW_KINDS], int kind, struct route_match *m) {
    m->methods |= methods_of(rows);
    if (kind == ROW_KINDS || rows[kind] == NULL)
        return false;
    m->route = rows[kind];
    return true;
}

static bool match_node(const struct node *n, struct str path, int kind, struct route_match *m) {
    const char *slash = path.n > 0 ? memchr(path.p, '/', path.n) : NULL;
    struct str part = slash != NULL ? (struct str){path.p, (size_t)(slash - path.p)} : path;
    struct str rest = slash != NULL ? str_slice(path, part.n + 1, path.n) : STR_NONE;
    for (const struct node *kid = n->kids; kid != NULL; kid = kid->next)
        if (kid->literal.n == part.n && (part.n == 0 || memcmp(kid->literal.p, part.p, part.n) == 0)) {
            if (slash != NULL ? match_node(kid, rest, kind, m) : take_rows(kid->here, kind, m))
                return true;
            break;
        }
    if (part.n == 0)
        return false;
    if (n->hole != NULL && m->hole_count < ROUTE_HOLES) {
        m->holes[m->hole_count++] = part;
        if (slash != NULL ? match_node(n->hole, rest, kind, m) : take_rows(n->hole->here, kind, m))
            return true;
        m->hole_count--;
    }
    if (m->hole_count == ROUTE_HOLES || !take_rows(n->rest, kind, m))
        return false;
    m->holes[m->hole_count++] = path;
    return true;
}

void route_match(const struct route_tree *tree, enum http_method method, struct str path, struct route_match *out) {
    out->route = NULL;
    out->methods = 0;
    out->hole_count = 0;
    if (path.n > 0 && path.p[0] == '/')
        match_node(&tree->root, (struct str){path.p + 1, path.n - 1}, row_kind(method), out);
}

static bool ends_in_rest(const struct http_route *route) {
    return str_ends(str_from(route->pattern), STR("*}"));
}

int route_params(const struct route_match *m, struct http_request *req) {
    for (size_t i = 0; i < m->hole_count; i++) {
        bool rest = i + 1 == m->hole_count && ends_in_rest(m->route);
        int status = rest ? url_rest(req->arena, m->holes[i], &req->params[i])
                          : url_segment(req->arena, m->holes[i], &req->params[i]);
        if (status != 0)
            return status;
    }
    return 0;
}

size_t route_allow(unsigned methods, char out[64]) {
    static const struct {
        unsigned bit;
        const char *name;
    } rows[] = {{HTTP_GET, "GET, "}, {HTTP_HEAD, "HEAD, "}, {HTTP_POST, "POST, "}, {HTTP_PUT, "PUT, "}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if ((methods & rows[i].bit) != 0) {
            size_t length = strlen(rows[i].name);
            memcpy(out + n, rows[i].name, length);
            n += length;
        }
    memcpy(out + n, "OPTIONS", 7);
    return n + 7;
}
