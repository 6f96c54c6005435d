// SPDX-License-Identifier: AGPL-3.0-or-later
// The route tables, compiled into one tree of path segments.
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/http.h"

enum { ROUTE_HOLES = 6 };

struct route_tree;
struct route_match {
    const struct http_route *route; // NULL: none for this method
    unsigned methods;               // bits of enum http_method the path has rows for; 0: no such path
    struct str holes[ROUTE_HOLES];  // undecoded
    size_t hole_count;
};

// Refuses what http_routes_check refuses, over all tables together.
enum rc route_tree_new(const struct http_route *const *tables, const size_t *counts, struct route_tree **out,
                       struct problem *p) MUST_USE;
void route_tree_free(struct route_tree **tree);
// HEAD finds the GET row. At each segment literals win over {x}, and {x} over {x*}.
void route_match(const struct route_tree *tree, enum http_method method, struct str path, struct route_match *out);
// Decodes the holes into req->params: 0, or the status to answer (url.h).
int route_params(const struct route_match *m, struct http_request *req);
// "GET, HEAD, OPTIONS" for an Allow line; at most 64 bytes.
size_t route_allow(unsigned methods, char out[64]);

#endif
