// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran routes`: every address the station answers, from the tables that answer them.
#include "feeds/feeds.h"
#include "http/http.h"
#include "main/main.h"
#include "site/site.h"

static const char *const cache_names[] = {
    [HTTP_CACHE_EDITION] = "edition",
    [HTTP_CACHE_NEVER] = "never",
    [HTTP_CACHE_SHORT] = "short",
    [HTTP_CACHE_FOREVER] = "forever",
};

static void print_rows(const struct http_route *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("%-5s %-44s %-8s %s\n", rows[i].method == HTTP_POST ? "POST" : "GET", rows[i].pattern,
               cache_names[rows[i].cache], rows[i].purpose);
}

enum exit_code verb_routes(const struct verb *verb, int argc, char **argv) {
    struct problem problem = {""};
    (void)argv;
    if (argc != 1)
        return verb_usage(verb, "it takes nothing");
    if (http_routes_check(site_routes, site_route_count, &problem) != RC_OK ||
        http_routes_check(feeds_routes, feeds_route_count, &problem) != RC_OK)
        return fail(EXIT_FAILED, "%s", problem.text);
    print_rows(site_routes, site_route_count);
    print_rows(feeds_routes, feeds_route_count);
    return EXIT_DONE;
}
