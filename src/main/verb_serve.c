// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran serve DIR`: the parent. It takes the station's lock, opens the sockets, says where the station can be read,
// and keeps the children alive. It parses no byte that a client sent.
//
//   child   does                         next rows: radio, vault, media, courier
//   site    pages, feeds, votes, commands
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/control.h"
#include "main/lock.h"
#include "main/main.h"
#include "main/serve.h"
#include "main/station.h"

enum { STOP_SECONDS = 5, RESTART_MS = 100, SPARE_FILES = 500 };

struct options {
    const char *dir, *http, *clock;
};

static bool read_options(int argc, char **argv, struct options *o) {
    *o = (struct options){0};
    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--http") == 0    ? &o->http
                             : strcmp(argv[i], "--clock") == 0 ? &o->clock
                                                               : NULL;
        if (value != NULL) {
            if (++i == argc)
                return false;
            *value = argv[i];
        } else if (o->dir == NULL && argv[i][0] != '-')
            o->dir = argv[i];
        else
            return false;
    }
    return o->dir != NULL;
}

static enum rc read_config(const struct options *o, struct serve *s, struct problem *p) {
    enum rc rc = config_load(&s->config, o->dir, p);
    if (rc == RC_OK && o->http != NULL)
        rc = net_address_parse(str_from(o->http), &s->config.http, p);
    return rc;
}

// Opens the station once, as the site process will: what is wrong with it is said here, in one sentence, instead of
// in the log of a child that is started again and again. Also migrates an older database.
static enum rc look_at_station(const char *dir, struct arena *a, struct str *name_out, struct problem *p) {
    struct station station;
    station_start();
    enum rc rc = station_open(&station, dir, false, p);
    if (rc != RC_OK)
        return rc;
    *name_out = station_name(a, &station);
    station_close(&station);
    return RC_OK;
}

// The rest of the program needs some files too; connections get what is left.
static void raise_file_limit(int64_t *connections) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)*connections + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted)
        return;
    int64_t fit =
        limit.rlim_cur > 2 * SPARE_FILES ? (int64_t)limit.rlim_cur - SPARE_FILES : (int64_t)limit.rlim_cur / 2;
    log_warn("the system allows %llu open files: %lld connections instead of %lld", (unsigned long long)limit.rlim_cur,
             (long long)fit, (long long)*connections);
    *connections = fit;
}

static enum rc open_control(struct serve *s, struct problem *p) {
    struct net_address addr, bound;
    int dir_fd;
    enum rc rc = control_address(s->dir, &addr, &dir_fd, p);
    if (rc != RC_OK)
        return rc;
    mode_t before = umask(0177);
    rc = net_listen(&addr, &s->control_fd, 1, &bound, p);
    umask(before);
    if (dir_fd >= 0)
        close(dir_fd);
    return rc;
}

// The user whom the children become must be able to write what they need; the control socket is theirs.
static enum rc give_to_user(struct serve *s, struct arena *a, struct problem *p) {
    if (s->config.user[0] == '\0' || geteuid() != 0)
        return RC_OK;
    const struct passwd *user = getpwnam(s->config.user);
    if (user == NULL)
        return problem_set(p, RC_INVALID, "%s/siaran.conf: there is no user \"%s\" on this machine", s->dir,
                           s->config.user);
    const char *path = str_fmt(a, "%s/control", s->dir).p;
    if (chown(path, user->pw_uid, user->pw_gid) != 0)
        return problem_set(p, RC_IO, "cannot give %s to %s: %s", path, s->config.user, strerror(errno));
    return RC_OK;
}

static enum rc open_sockets(struct serve *s, struct arena *a, struct problem *p) {
    bool is_unix = s->config.http.sa.ss_family == AF_UNIX;
    s->loops = is_unix ? 1 : s->config.loops > 0 ? (size_t)s->config.loops : serve_processors();
    s->listen_fds = ARENA_ARRAY(a, int, s->loops);
    enum rc rc = net_listen(&s->config.http, s->listen_fds, s->loops, &s->bound, p);
    if (rc == RC_OK)
        rc = open_control(s, p);
    return rc == RC_OK ? give_to_user(s, a, p) : rc;
}

static void choose_origin(struct serve *s) {
    int n = s->config.site_origin[0] != '\0'
                ? snprintf(s->origin, sizeof s->origin, "%s", s->config.site_origin)
                : snprintf(s->origin, sizeof s->origin, "http://localhost:%u", serve_port(&s->bound));
    must(n > 0 && (size_t)n < sizeof s->origin);
    if (s->config.site_origin[0] == '\0' && !net_address_is_loopback(&s->bound))
        log_warn("site_origin is not set in %s/siaran.conf: only this machine's own readers are answered", s->dir);
}

static enum rc tell_addresses(struct serve *s, struct arena *a, struct str name, struct problem *p) {
    struct str text = str_fmt(a, "http %s\n", net_address_text(a, &s->bound).p);
    enum rc rc = file_make_dir(str_fmt(a, "%s/run", s->dir).p, 0755, p);
    if (rc == RC_OK)
        rc = file_write(str_fmt(a, "%s/run/addresses", s->dir).p, text, 0644, p);
    if (rc != RC_OK)
        return rc;
    if (serve_port(&s->bound) != 0)
        printf("Serving %.*s at http://localhost:%u/\n", STR_ARG(name), serve_port(&s->bound));
    else
        printf("Serving %.*s at %s\n", STR_ARG(name), net_address_text(a, &s->bound).p);
    fflush(stdout);
    return RC_OK;
}

static enum exit_code run_children(struct serve *s, struct arena *a) {
    struct net_child rows[] = {
        {.name = "site", .main_fn = site_process_main, .context = s, .restart_ms = RESTART_MS, .user = s->config.user},
    };
    struct net_children children = {.rows = rows, .count = sizeof rows / sizeof rows[0], .stop_seconds = STOP_SECONDS};
    int killed = net_children_run(&children);
    unlink(str_fmt(a, "%s/run/addresses", s->dir).p);
    unlink(str_fmt(a, "%s/control", s->dir).p);
    return killed ? fail(EXIT_FAILED, "the station did not end within %d seconds and was killed", STOP_SECONDS)
                  : EXIT_DONE;
}

static enum exit_code serve_station(const struct options *o, struct arena *a) {
    struct serve s = {.dir = o->dir};
    struct problem problem = {""};
    struct str name = STR_NONE;
    int lock_fd = -1;
    enum rc rc = lock_take(o->dir, &lock_fd, &problem);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text);
    rc = read_config(o, &s, &problem);
    if (rc != RC_OK)
        return fail(rc == RC_INVALID ? EXIT_USAGE : exit_code_of(rc), "%s", problem.text);
    log_threshold((enum log_level)s.config.log_level);
    raise_file_limit(&s.config.connections);
    rc = o->clock != NULL ? clock_follow_file(o->clock, &problem) : RC_OK;
    if (rc == RC_OK)
        rc = look_at_station(o->dir, a, &name, &problem);
    if (rc == RC_OK)
        rc = open_sockets(&s, a, &problem);
    if (rc == RC_OK) {
        choose_origin(&s);
        rc = tell_addresses(&s, a, name, &problem);
    }
    if (rc != RC_OK)
        return fail(rc == RC_CONFLICT ? EXIT_FAILED : exit_code_of(rc), "%s", problem.text);
    return run_children(&s, a);
}

enum exit_code verb_serve(const struct verb *verb, int argc, char **argv) {
    struct options o;
    if (!read_options(argc, argv, &o))
        return verb_usage(verb, "give the station's directory, and --http or --clock with a value");
    log_name("parent");
    struct arena *a = arena_new(1 << 20);
    enum exit_code code = serve_station(&o, a);
    arena_free(&a);
    return code;
}
