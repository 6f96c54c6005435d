// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran serve DIR`: the parent. It takes the station's lock, opens the sockets, says where the station can be read,
// and keeps the children alive. It parses no byte that a client sent.
//
//   child    does                         next row: vault
//   site     pages, feeds, votes, commands
//   radio    live audio: encoders in, listeners out, all of it kept
//   media    looks at uploaded files and makes their sizes, in a sandbox
//   courier  delivers mail and calls other programs, in a sandbox
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main/control.h"
#include "main/lock.h"
#include "main/main.h"
#include "main/notify.h"
#include "main/ownership.h"
#include "main/run_folder.h"
#include "main/serve.h"
#include "main/station.h"

enum { STOP_SECONDS = 5, RESTART_MS = 100 };

struct options {
    const char *dir, *http, *radio, *clock;
};

static bool read_options(int argc, char **argv, struct options *o) {
    *o = (struct options){0};
    for (int i = 1; i < argc; i++) {
        const char **value = strcmp(argv[i], "--http") == 0    ? &o->http
                             : strcmp(argv[i], "--radio") == 0 ? &o->radio
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
    if (rc == RC_OK && o->radio != NULL)
        rc = net_address_parse(str_from(o->radio), &s->config.radio, p);
    return rc;
}

// ---- the station ---------------------------------------------------------------------------------------------

// The user whom the children become must be able to write what they need.
static enum rc give_to_user(const struct serve *s, struct problem *p) {
    if (s->config.user[0] == '\0' || geteuid() != 0)
        return RC_OK;
    const struct passwd *user = getpwnam(s->config.user);
    if (user == NULL)
        return problem_set(p, RC_INVALID, "%s/siaran.conf: there is no user \"%s\" on this machine", s->dir,
                           s->config.user);
    return ownership_give(s->dir, user->pw_uid, user->pw_gid, p);
}

// What the look at a station found, as it comes out of the process that looked.
struct look {
    enum rc rc;
    struct problem problem;
    size_t name_bytes;
    char name[256];
};

static void look_inside(const struct serve *s, pid_t parent, struct look *look) {
    struct station station;
    struct arena *a = arena_new(1 << 20);
    station_start();
    look->rc = net_become_user(s->config.user, parent, &look->problem);
    if (look->rc == RC_OK)
        look->rc = station_open(&station, s->dir, false, &look->problem);
    if (look->rc != RC_OK)
        return;
    struct str name = utf8_cut(station_name(a, &station), sizeof look->name);
    memcpy(look->name, name.p != NULL ? name.p : "", name.n);
    look->name_bytes = name.n;
    station_close(&station);
    arena_free(&a);
}

// Opens the station once, as the site process will and as its user: what is wrong with it is said here, in one sentence,
// instead of in the log of a child that is started again and again. Also migrates an older database. In a process of its
// own, so that the parent, which may be root, never reads what is in the station.
static enum rc look_at_station(const struct serve *s, struct arena *a, struct str *name_out, struct problem *p) {
    struct look look = {.rc = RC_IO};
    int out[2];
    pid_t parent = getpid();
    if (pipe2(out, O_CLOEXEC) != 0)
        return problem_set(p, RC_IO, "cannot look at the station: %s", strerror(errno));
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        look_inside(s, parent, &look);
        _exit(write(out[1], &look, sizeof look) == (ssize_t)sizeof look ? 0 : 1);
    }
    close(out[1]);
    // Written in one piece: a pipe takes more than that at once.
    ssize_t got = pid > 0 ? read(out[0], &look, sizeof look) : -1;
    close(out[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    if (got != (ssize_t)sizeof look)
        return problem_set(p, RC_IO, "the process that looked at %s ended before it was done", s->dir);
    *p = look.problem;
    *name_out = str_dup(a, (struct str){look.name, look.name_bytes});
    return look.rc;
}

// ---- sockets -------------------------------------------------------------------------------------------------

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

static enum rc open_radio(struct serve *s, const struct options *o, struct arena *a, struct problem *p) {
    struct left_radio_terms terms = {.dir = s->dir,
                                     .asked = net_address_text(a, &s->config.radio),
                                     .user = s->config.user,
                                     .clock = o->clock,
                                     .country_file = s->config.country_file};
    return serve_radio_open(s, left_radio_terms(a, &terms), p);
}

static enum rc open_sockets(struct serve *s, const struct options *o, struct arena *a, struct problem *p) {
    bool is_unix = s->config.http.sa.ss_family == AF_UNIX;
    s->loops = is_unix ? 1 : s->config.loops > 0 ? (size_t)s->config.loops : serve_processors();
    s->listen_fds = ARENA_ARRAY(a, int, s->loops);
    enum rc rc = net_listen(&s->config.http, s->listen_fds, s->loops, &s->bound, p);
    if (rc == RC_OK)
        rc = open_radio(s, o, a, p);
    return rc == RC_OK ? open_control(s, p) : rc;
}

static void choose_origin(struct serve *s) {
    serve_choose_origin(s);
    if (s->config.site_origin[0] == '\0' && !net_address_is_loopback(&s->bound))
        log_warn("site_origin is not set in %s/siaran.conf: only this machine's own readers are answered", s->dir);
}

static enum rc tell_addresses(struct serve *s, struct arena *a, struct str name, struct problem *p) {
    struct str text =
        str_fmt(a, "http %s\nradio %s\n", net_address_text(a, &s->bound).p, net_address_text(a, &s->radio_bound).p);
    enum rc rc = run_file_write(s->dir, "addresses", text, p);
    if (rc == RC_OK)
        rc = serve_radio_tell(s, p);
    if (rc != RC_OK)
        return rc;
    s->status = serve_port(&s->bound) != 0
                    ? str_fmt(a, "Serving %.*s at http://localhost:%u/", STR_ARG(name), serve_port(&s->bound))
                    : str_fmt(a, "Serving %.*s at %s", STR_ARG(name), net_address_text(a, &s->bound).p);
    printf("%.*s\n", STR_ARG(s->status));
    if (net_address_is_loopback(&s->radio_bound))
        printf("Live audio at http://localhost:%u/, where encoders send to as well\n", serve_port(&s->radio_bound));
    else
        printf("Live audio at %s, where encoders send to as well\n", net_address_text(a, &s->radio_bound).p);
    fflush(stdout);
    return RC_OK;
}

// ---- the children --------------------------------------------------------------------------------------------

static void log_change(void *arg, const struct config_row *row) {
    (void)arg;
    if (row->when != CONFIG_AT_ONCE)
        log_warn("%s was changed; it takes effect when the station is started again%s", row->name,
                 row->when == CONFIG_WITH_SITE ? ", or its site process by the desk" : "");
    else
        log_info("%s was changed", row->name);
}

// Before the children get their SIGHUP. --http, and what waits for a new start of the station, stay what they are; what
// needs a new site process only is there for the next one.
static void reload(void *context) {
    struct serve *s = context;
    struct config fresh;
    struct problem problem = {""};
    notify_reloading();
    if (config_load(&fresh, s->dir, &problem) != RC_OK) {
        log_error("%s; nothing was changed", problem.text);
        atomic_fetch_add(&s->board->refused, 1);
        return;
    }
    if (s->http_given)
        fresh.http = s->config.http;
    if (s->radio_given)
        fresh.radio = s->config.radio;
    config_compare(&s->config, &fresh, log_change, NULL);
    config_take_reloadable(&s->config, &fresh);
    log_threshold((enum log_level)s->config.log_level);
    config_board_put(s->board, &s->config);
    if (serve_radio_tell(s, &problem) != RC_OK)
        log_error("%s; the radio is told nothing", problem.text);
}

static void say_ready(void *context) {
    notify_ready(((const struct serve *)context)->status);
}

static void say_stopping(void *context) {
    (void)context;
    notify_stopping();
}

static enum rc open_pairs(struct serve *s, struct problem *p) {
    static const char *const helpers[SERVE_PAIRS] = {[SERVE_MEDIA] = "media", [SERVE_COURIER] = "courier"};
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < SERVE_PAIRS; i++) {
        s->pairs[i] = (struct net_pair){.one = "site", .other = helpers[i]};
        rc = net_pair_open(&s->pairs[i], p);
    }
    return rc;
}

// Views of what the parent reads anew: each courier is begun with the newest, and its sandbox is closed around it.
static void tell_courier(struct serve *s) {
    const struct config *c = &s->config;
    s->courier = (struct courier_process){.channel_fd = s->pairs[SERVE_COURIER].other_fd,
                                          .dir = s->dir,
                                          .smtp_server = c->smtp_server,
                                          .smtp_user = c->smtp_user,
                                          .smtp_password_file = c->smtp_password_file,
                                          .mail_from = c->mail_from,
                                          .hook_url = c->hook_url};
}

static void open_board(struct serve *s) {
    void *memory = mmap(NULL, sizeof(struct serve_children), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(memory != MAP_FAILED);
    s->children = memory;
}

// A row's place on the board is its name's, or the first that is free.
static void note_started(const struct net_child *row, void *context) {
    const struct serve *s = context;
    struct serve_children *board = s->children;
    size_t i = 0;
    while (i < SERVE_CHILDREN - 1 && board->rows[i].name[0] != '\0' && strcmp(board->rows[i].name, row->name) != 0)
        i++;
    (void)snprintf(board->rows[i].name, sizeof board->rows[i].name, "%s", row->name);
    if (row->crashes > 0) // its last end was one
        board->rows[i].crashes++;
    board->rows[i].started_at = row->left_fd > 0 ? s->left_radio.since_us : clock_now_us();
    board->rows[i].pid = row->pid;
}

// Nobody hears that the parent was killed. A socket in the file system cannot be bound beside another's: where the radio is
// behind one it ends with its parent, as the others do.
static void keep_on_air(const struct serve *s, struct net_child *radio) {
    radio->outlives = s->radio_bound.sa.ss_family != AF_UNIX;
    radio->pid = s->left_radio.pid;
    radio->left_fd = s->left_radio.pid > 0 ? s->left_radio.pidfd : 0;
}

static enum exit_code run_children(struct serve *s, struct arena *a) {
    struct problem problem = {""};
    if (open_pairs(s, &problem) != RC_OK)
        return fail(EXIT_FAILED, "%s", problem.text);
    tell_courier(s);
    open_board(s);
    s->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    must(s->bell_fd > 0);
    s->parent = getpid();
    struct media_process media = {.channel_fd = s->pairs[SERVE_MEDIA].other_fd};
    const char *user = s->config.user;
    struct net_child rows[] = {
        {.name = "site", .main_fn = site_process_main, .context = s, .user = user},
        [SERVE_RADIO] = {.name = "radio", .main_fn = serve_radio_main, .context = s, .user = user},
        {.name = "media", .main_fn = media_process_main, .context = &media, .user = user, .helper = true},
        {.name = "courier", .main_fn = courier_process_main, .context = &s->courier, .user = user, .helper = true},
    };
    _Static_assert(sizeof rows / sizeof rows[0] == SERVE_CHILDREN, "each has its place on the board");
    for (size_t i = 0; i < SERVE_CHILDREN; i++)
        rows[i].restart_ms = RESTART_MS;
    keep_on_air(s, &rows[SERVE_RADIO]);
    struct net_children children = {.rows = rows,
                                    .count = SERVE_CHILDREN,
                                    .pairs = s->pairs,
                                    .pair_count = SERVE_PAIRS,
                                    .stop_seconds = STOP_SECONDS,
                                    .bell_fd = s->bell_fd,
                                    .on_started = note_started,
                                    .on_reload = reload,
                                    .on_reloaded = say_ready,
                                    .on_stop = say_stopping,
                                    .context = s};
    notify_ready(s->status);
    int killed = net_children_run(&children);
    for (size_t i = 0; i < SERVE_PAIRS; i++)
        net_pair_close(&s->pairs[i]);
    close(s->bell_fd);
    unlink(str_fmt(a, "%s/run/addresses", s->dir).p);
    unlink(str_fmt(a, "%s/control", s->dir).p);
    return killed ? fail(EXIT_FAILED, "the station did not end within %d seconds and was killed", STOP_SECONDS)
                  : EXIT_DONE;
}

// Before a socket is opened: the station must be one, and readable.
static enum rc look(const struct options *o, struct serve *s, struct arena *a, struct str *name_out,
                    struct problem *p) {
    enum rc rc = o->clock != NULL ? clock_follow_file(o->clock, p) : RC_OK;
    if (rc == RC_OK)
        rc = give_to_user(s, p);
    return rc == RC_OK ? look_at_station(s, a, name_out, p) : rc;
}

static enum rc open_for_all(struct serve *s, const struct options *o, struct arena *a, struct str name,
                            struct problem *p) {
    enum rc rc = open_sockets(s, o, a, p);
    if (rc != RC_OK)
        return rc;
    // Its children, who are no longer root, could not.
    if (geteuid() == 0)
        (void)serve_fit_connections(s->config.connections);
    choose_origin(s);
    rc = tell_addresses(s, a, name, p);
    // The control socket and the folder of addresses too.
    return rc == RC_OK ? give_to_user(s, p) : rc;
}

static enum exit_code serve_station(const struct options *o, struct arena *a) {
    struct serve s = {
        .dir = o->dir, .http_given = o->http != NULL, .radio_given = o->radio != NULL, .board = config_board_new()};
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
    config_board_put(s.board, &s.config);
    rc = look(o, &s, a, &name, &problem);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text);
    rc = open_for_all(&s, o, a, name, &problem);
    if (rc != RC_OK) // RC_CONFLICT: another program has the port
        return fail(rc == RC_CONFLICT ? EXIT_FAILED : exit_code_of(rc), "%s", problem.text);
    return run_children(&s, a);
}

enum exit_code verb_serve(const struct verb *verb, int argc, char **argv) {
    struct options o;
    if (!read_options(argc, argv, &o))
        return verb_usage(verb, "give the station's directory, and --http, --radio or --clock with a value");
    log_name("parent");
    struct arena *a = arena_new(1 << 20);
    enum exit_code code = serve_station(&o, a);
    arena_free(&a);
    return code;
}
