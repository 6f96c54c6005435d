// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran routes`: every address the station answers, from the tables that answer them.
#include "desk/desk.h"
#include "feeds/feeds.h"
#include "http/http.h"
#include "main/main.h"
#include "radio/radio.h"
#include "site/site.h"
#include "staff/staff.h"

static const char *const cache_names[] = {
    [HTTP_CACHE_EDITION] = "edition",
    [HTTP_CACHE_NEVER] = "never",
    [HTTP_CACHE_SHORT] = "short",
    [HTTP_CACHE_FOREVER] = "forever",
};

static void add_role(struct buf *out, struct str name) {
    if (out->n > 0)
        buf_char(out, ',');
    buf_str(out, name);
}

// "everybody", "staff", or the roles by name.
static void list_roles(uint32_t roles, struct buf *out) {
    bool all = (roles & STAFF_EVERY_ROLE) == STAFF_EVERY_ROLE;
    if (roles == 0 || all)
        add_role(out, roles == 0 ? STR("everybody") : STR("staff"));
    for (uint32_t bit = 1; !all && bit <= STAFF_EVERY_ROLE; bit <<= 1)
        if ((roles & bit) != 0)
            add_role(out, staff_role_name((enum staff_role)bit));
    if ((roles & STAFF_HALF_IN) != 0)
        add_role(out, STR("half-in"));
}

static const char *takes(const struct http_route *row) {
    return row->method != HTTP_POST ? "-" : row->upload != NULL ? "files" : "form";
}

static void print_rows(const struct http_route *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct buf roles;
        buf_init(&roles, 200);
        list_roles(rows[i].roles, &roles);
        printf("%-5s %-44s %-8s %-10.*s %-5s %s\n", rows[i].method == HTTP_POST ? "POST" : "GET", rows[i].pattern,
               cache_names[rows[i].cache], STR_ARG(buf_view(&roles)), takes(&rows[i]), rows[i].purpose);
        buf_fini(&roles);
    }
}

// The radio's own port.
static void print_radio(void) {
    static const char *const rights[] = {[RADIO_ANYONE] = "everybody",
                                         [RADIO_ANYONE_OR_ADMIN] = "everybody,admin",
                                         [RADIO_SOURCE] = "source",
                                         [RADIO_SOURCE_OR_ADMIN] = "source,admin",
                                         [RADIO_ADMIN] = "admin"};
    size_t count;
    const struct radio_row *rows = radio_rows(&count);
    for (size_t i = 0; i < count; i++)
        printf("%-15s %-34s %-15s %s\n", rows[i].methods, rows[i].pattern, rights[rows[i].right], rows[i].purpose);
}

enum exit_code verb_routes(const struct verb *verb, int argc, char **argv) {
    struct problem problem = {""};
    if (argc == 2 && strcmp(argv[1], "radio") == 0) {
        print_radio();
        return EXIT_DONE;
    }
    if (argc != 1)
        return verb_usage(verb, "it takes nothing, or radio for the radio's own port");
    if (http_routes_check(site_routes, site_route_count, &problem) != RC_OK ||
        http_routes_check(feeds_routes, feeds_route_count, &problem) != RC_OK ||
        http_routes_check(desk_routes, desk_route_count, &problem) != RC_OK)
        return fail(EXIT_FAILED, "%s", problem.text);
    print_rows(site_routes, site_route_count);
    print_rows(feeds_routes, feeds_route_count);
    print_rows(desk_routes, desk_route_count);
    return EXIT_DONE;
}
