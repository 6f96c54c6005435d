// SPDX-License-Identifier: AGPL-3.0-or-later
// Small questions about where the station is served, asked by the parent and by its children.
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>

#include "http/http.h"
#include "main/serve.h"

enum { SPARE_FILES = 500 };

unsigned serve_port(const struct net_address *addr) {
    if (addr->sa.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)&addr->sa)->sin_port);
    if (addr->sa.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)&addr->sa)->sin6_port);
    return 0;
}

bool serve_is_any(const struct net_address *addr) {
    if (addr->sa.ss_family == AF_INET)
        return ((const struct sockaddr_in *)&addr->sa)->sin_addr.s_addr == htonl(INADDR_ANY);
    if (addr->sa.ss_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)&addr->sa)->sin6_addr);
    return false;
}

unsigned serve_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

// The rest of the program needs some files too; connections get what is left.
int64_t serve_fit_connections(int64_t connections) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return connections;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted)
        return connections;
    int64_t fit =
        limit.rlim_cur > 2 * SPARE_FILES ? (int64_t)limit.rlim_cur - SPARE_FILES : (int64_t)limit.rlim_cur / 2;
    log_warn("the system allows %llu open files: %lld connections instead of %lld", (unsigned long long)limit.rlim_cur,
             (long long)fit, (long long)connections);
    return fit;
}

void serve_choose_origin(struct serve *s) {
    int n = s->config.site_origin[0] != '\0'
                ? snprintf(s->origin, sizeof s->origin, "%s", s->config.site_origin)
                : snprintf(s->origin, sizeof s->origin, "http://localhost:%u", serve_port(&s->bound));
    must(n > 0 && (size_t)n < sizeof s->origin);
}

// 127.0.0.0/8 as four decimal numbers.
static bool is_loopback_v4(struct str name) {
    struct net_address addr;
    char text[32];
    int n = snprintf(text, sizeof text, "%.*s:0", STR_ARG(name));
    return name.n < 16 && n > 0 && net_address_parse((struct str){text, (size_t)n}, &addr, NULL) == RC_OK &&
           addr.sa.ss_family == AF_INET && net_address_is_loopback(&addr);
}

bool serve_host_is_ours(const struct serve *s, struct str host) {
    if (http_origin_has_host(str_from(s->origin), host))
        return true;
    if (!net_address_is_loopback(&s->bound) && !serve_is_any(&s->bound))
        return false;
    struct str name, port_text;
    uint64_t port;
    http_host_split(host, "80", &name, &port_text);
    if (!str_to_u64(port_text, &port) || port != serve_port(&s->bound))
        return false;
    return str_eq(name, STR("localhost")) || str_eq(name, STR("[::1]")) || is_loopback_v4(name);
}
