// SPDX-License-Identifier: AGPL-3.0-or-later
// What the radio process is told of the configuration, and how it is begun or, where one outlived the parent before, found.
//
// It is told by a file, DIR/run/radio.conf (a line with its parent's number, then the parameters), and not by the board that the other children read: one that outlives its parent
// has the board of a parent that is no more, and may not read siaran.conf, which may be root's alone.
#include <netinet/in.h>
#include <unistd.h>

#include "main/left_radio.h"
#include "main/run_folder.h"
#include "main/serve.h"
#include "radio/radio.h"

enum { FILE_BYTES = 1 << 16 };
static const char parent_is[] = "parent = ";

static const char *const told[] = {
    "radio_origin",        "country_file",    "radio_connections", "radio_connections_per_address",
    "radio_alone_seconds", "trusted_proxies", "log_level"};

// ---- in the parent -----------------------------------------------------------------------------------------------------

enum rc serve_radio_tell(const struct serve *s, struct problem *p) {
    struct arena *a = arena_new(1 << 17);
    struct buf text;
    buf_init(&text, FILE_BYTES);
    buf_fmt(&text, "%s%d\n", parent_is, (int)getpid());
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const struct config_row *row = config_row_find(str_from(told[i]));
        struct str value = config_value_text(a, &s->config, row);
        buf_fmt(&text, "%s = %.*s\n", row->name, STR_ARG(value));
    }
    enum rc rc = run_file_write(s->dir, "radio.conf", buf_view(&text), p);
    buf_fini(&text);
    arena_free(&a);
    return rc;
}

// Its word for where it is counts only as far as it is what was asked for: any port, where that was 0.
static bool is_at(const struct net_address *bound, const struct net_address *asked) {
    struct net_address here = *bound, there = *asked;
    bool same_port = serve_port(asked) == 0 || serve_port(asked) == serve_port(bound);
    ((struct sockaddr_in *)&here.sa)->sin_port = ((struct sockaddr_in *)&there.sa)->sin_port = 0; // sin6_port likewise
    struct arena *a = arena_new(4096);
    bool same_host =
        (serve_is_any(bound) && serve_is_any(asked)) || str_eq(net_address_text(a, &here), net_address_text(a, &there));
    arena_free(&a);
    return same_port && same_host;
}

// It goes on where it is, and this parent keeps its place for the next one.
static bool go_on_with(struct serve *s) {
    struct problem problem = {"it was begun by another program or with other settings"};
    if (!s->left_radio.fits || !is_at(&s->left_radio.bound, &s->config.radio) ||
        net_bind_beside(&s->left_radio.bound, &s->radio_fd, &problem) != RC_OK) {
        log_warn("the radio of an earlier start, process %d, is ended and begun anew: %s", (int)s->left_radio.pid,
                 problem.text);
        return false;
    }
    s->radio_bound = s->left_radio.bound;
    log_info("the radio outlived the process that began it and goes on: process %d", (int)s->left_radio.pid);
    return true;
}

// Of its own where no radio goes on. A port that is taken may be so by a radio of this station that could not be found.
static enum rc listen_anew(struct serve *s, struct problem *p) {
    enum rc rc = net_listen(&s->config.radio, &s->radio_fd, 1, &s->radio_bound, p);
    unsigned port = serve_port(&s->config.radio);
    if (rc != RC_CONFLICT || port == 0)
        return rc;
    pid_t stray = left_radio_stray(s->dir);
    if (stray > 0)
        return problem_set(p, rc,
                           "port %u is already in use, and the radio of an earlier start of this station still runs, "
                           "process %d; end it with \"kill %d\" and start again",
                           port, (int)stray, (int)stray);
    return problem_set(p, rc, "port %u is already in use by another program; choose another with --radio ADDR:PORT",
                       port);
}

enum rc serve_radio_open(struct serve *s, struct str terms, struct problem *p) {
    left_radio_find(s->dir, terms, &s->left_radio);
    if (s->left_radio.pid > 0 && !go_on_with(s)) {
        enum rc rc = left_radio_end(&s->left_radio, p);
        if (rc != RC_OK)
            return rc;
    }
    s->radio_terms = terms;
    return s->left_radio.pid > 0 ? RC_OK : listen_anew(s, p);
}

// ---- in the radio process ----------------------------------------------------------------------------------------------

static enum rc parse_told(struct serve *s, pid_t *parent_out, const char *path, struct str text, struct problem *p) {
    struct config fresh;
    struct str first = STR_NONE;
    uint64_t pid = 0;
    (void)str_next(&text, '\n', &first);
    if (!str_starts(first, str_from(parent_is)) || !str_to_u64(str_slice(first, sizeof parent_is - 1, first.n), &pid) ||
        pid == 0 || pid > INT32_MAX)
        return problem_set(p, RC_INVALID, "%s does not say whose it is", path);
    enum rc rc = config_parse(&fresh, path, text, p);
    if (rc == RC_OK) {
        s->config = fresh;
        *parent_out = (pid_t)pid;
    }
    return rc;
}

static enum rc read_told(struct serve *s, pid_t *parent_out, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    const char *path = str_fmt(a, "%s/run/radio.conf", s->dir).p;
    struct buf text;
    buf_init(&text, FILE_BYTES);
    enum rc rc = file_read(path, &text, p);
    if (rc == RC_OK)
        rc = parse_told(s, parent_out, path, buf_view(&text), p);
    buf_fini(&text);
    arena_free(&a);
    return rc;
}

// At its start, after each SIGHUP, and each second while it has no parent.
static void configure(void *context, struct radio_process *out) {
    struct serve *s = context;
    struct problem problem;
    if (read_told(s, &out->parent, &problem) != RC_OK)
        log_error("%s; nothing was changed", problem.text);
    const struct config *c = &s->config;
    out->origin = c->radio_origin;
    out->country_file = c->country_file;
    out->connections = c->radio_connections;
    out->connections_per_address = c->radio_connections_per_address;
    out->alone_seconds = c->radio_alone_seconds;
    out->trusted_proxies = c->trusted_proxies.rows;
    out->trusted_proxy_count = c->trusted_proxies.count;
    out->log_level = (int)c->log_level;
}

static bool is_own_place(void *context) {
    return left_radio_is_held(((const struct serve *)context)->dir);
}

int serve_radio_main(void *context) {
    struct serve *s = context;
    struct problem problem;
    struct radio_process process = {.dir = s->dir,
                                    .listen_fd = s->radio_fd,
                                    .bound = s->radio_bound,
                                    .parent = s->parent,
                                    .configure = configure,
                                    .is_own_place = is_own_place,
                                    .context = s};
    // What it would keep from the next parent: the station's lock, and the ports of the site.
    file_close_others(&s->radio_fd, 1);
    if (left_radio_hold(s->dir, &s->radio_bound, s->radio_terms, &problem) != RC_OK) {
        log_error("%s", problem.text);
        return 1;
    }
    // Its parent was killed before there was a lock to find it by.
    return getppid() == s->parent ? radio_process_main(&process) : 1;
}
