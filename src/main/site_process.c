// SPDX-License-Identifier: AGPL-3.0-or-later
// The site process: puts the folders together and serves until SIGTERM. The main thread waits for signals and, once a
// second, makes the read counters safe; loops, workers, the writer and the control thread do the rest.
//
//   start   station, counters, page cache, pools, control, server
//   stop    server drains, pools end, control ends, counters flush, station closes
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "desk/desk.h"
#include "feeds/feeds.h"
#include "http/http.h"
#include "main/access_log.h"
#include "main/avif.h"
#include "main/backups.h"
#include "main/control.h"
#include "main/listening.h"
#include "main/main.h"
#include "main/merging.h"
#include "main/on_air.h"
#include "main/outgoing.h"
#include "main/parameters.h"
#include "main/radio_alarms.h"
#include "main/serve.h"
#include "main/station.h"
#include "render/render.h"
#include "site/site.h"

enum { DRAIN_MS = 3500, BODY_MS = 30000, WRITE_MS = 30000, HEAD_BYTES = 16384, HEADERS = 100, TARGET_BYTES = 4096 };
enum {
    PAGE_QUEUE = 4096,
    SEARCH_QUEUE = 64,
    WRITE_QUEUE = 1024,
    LOGIN_QUEUE = 32,
    UPLOAD_QUEUE = 32,
    UPLOAD_WORKERS = 2,
    TAKEN_SECONDS = 5,
    KEPT_BYTES = 4 << 20
};

struct site_process {
    struct site site; // first: the server's `app`
    struct serve *serve;
    struct station station;
    struct control *control;
    struct background *avif, *merging, *listening;
    struct outgoing *outgoing;
    struct on_air *on_air;
    struct radio_alarms *alarms;
    struct backups *backups;
    struct backups_plan plan;
    struct net_pool *pools[HTTP_QUEUE_COUNT];
    struct http_server *server;
    int64_t flushed_us;
    struct db *db; // the main thread's reader
    struct access_log access_log;
    struct config_proxies proxies[2]; // by turns
    bool proxies_used;
    struct config begun; // what counts until the next process
    uint64_t mail_mark;  // of what the courier goes by
    pthread_mutex_t reload_lock;
    pthread_cond_t reloaded;
    uint64_t reloads;
};

// ---- the workers ---------------------------------------------------------------------------------------------

static void *worker_new(void *context) {
    struct worker *worker = MEM_NEW(struct worker);
    struct problem problem = {""};
    worker->site = context;
    enum rc rc = store_reader_new(worker->site->store, &worker->db, &problem);
    if (rc != RC_OK)
        log_error("%s", problem.text);
    must(rc == RC_OK);
    return worker;
}

static void worker_free(void *arg) {
    struct worker *worker = arg;
    store_reader_free(&worker->db);
    mem_free(worker);
}

static struct net_pool *pool_of(struct site_process *p, const char *name, int64_t threads, size_t queue_limit) {
    struct net_pool_setup setup = {.name = name,
                                   .threads = (unsigned)threads,
                                   .queue_limit = queue_limit,
                                   .worker_new = worker_new,
                                   .worker_free = worker_free,
                                   .context = &p->site};
    return net_pool_new(&setup);
}

static void open_pools(struct site_process *p) {
    const struct config *c = &p->serve->config;
    int64_t processors = serve_processors();
    int64_t workers = c->workers > 0 ? c->workers : processors > 2 ? processors : 2;
    p->pools[HTTP_QUEUE_PAGE] = pool_of(p, "page", workers, PAGE_QUEUE);
    p->pools[HTTP_QUEUE_SEARCH] = pool_of(p, "search", c->search_workers, SEARCH_QUEUE);
    p->pools[HTTP_QUEUE_WRITE] = pool_of(p, "write", c->write_workers, WRITE_QUEUE);
    p->pools[HTTP_QUEUE_LOGIN] = pool_of(p, "login", 1, LOGIN_QUEUE);
    p->pools[HTTP_QUEUE_UPLOAD] = pool_of(p, "upload", UPLOAD_WORKERS, UPLOAD_QUEUE);
}

// ---- the server ----------------------------------------------------------------------------------------------

static bool host_known(void *app, struct str host) {
    return serve_host_is_ours(((struct site_process *)app)->serve, host) || desk_awaits_host(app, host);
}

static void log_access(void *app, struct str line) {
    access_log_write(&((struct site_process *)app)->access_log, line);
}

static void answer_error(void *app, struct http_request *req, int status, struct http_reply *reply) {
    if (desk_owns(req->path))
        desk_error(app, req, status, reply);
    else
        site_error(app, req, status, reply);
}

static int upload_file(void *app) {
    int fd;
    return media_shelf_temp(((struct site_process *)app)->site.shelf, &fd) == RC_OK ? fd : -1;
}

static struct http_limits limits_of(const struct config *c) {
    return (struct http_limits){.head_bytes = HEAD_BYTES,
                                .header_count = HEADERS,
                                .target_bytes = TARGET_BYTES,
                                .head_ms = (int)c->head_seconds * 1000,
                                .body_ms = BODY_MS,
                                .idle_ms = (int)c->idle_seconds * 1000,
                                .write_ms = WRITE_MS,
                                .connections = (unsigned)serve_fit_connections(c->connections),
                                .connections_per_address = (unsigned)c->connections_per_address,
                                .public_posts_per_minute = (unsigned)c->public_posts_per_minute};
}

static void open_access_log(void *arg) {
    struct site_process *p = arg;
    struct problem problem = {""};
    if (access_log_open(&p->access_log, p->serve->dir, p->serve->config.access_log_file, &problem) != RC_OK)
        log_error("%s", problem.text);
}

// What a reload may change. The server goes on using the proxies given before until it has these.
static struct http_server_setup changeable_setup(struct site_process *p) {
    const struct config *c = &p->serve->config;
    p->proxies_used = !p->proxies_used;
    struct config_proxies *proxies = &p->proxies[p->proxies_used];
    *proxies = c->trusted_proxies;
    return (struct http_server_setup){.limits = limits_of(c),
                                      .trusted_proxies = proxies->rows,
                                      .trusted_proxy_count = proxies->count,
                                      .access_log = c->access_log ? log_access : NULL};
}

static void open_server(struct site_process *p) {
    static const struct http_route *const tables[] = {site_routes, feeds_routes, desk_routes, NULL};
    static size_t counts[3];
    counts[0] = site_route_count;
    counts[1] = feeds_route_count;
    counts[2] = desk_route_count;
    struct http_server_setup setup = changeable_setup(p);
    setup.tables = tables;
    setup.table_counts = counts;
    setup.listen_fds = p->serve->listen_fds;
    setup.loops = p->serve->loops;
    setup.app = &p->site;
    setup.ready = page_cache_ready;
    setup.lookup = page_cache_lookup;
    setup.lookup_over = page_cache_lookup_over;
    setup.answered = site_answered;
    setup.error = answer_error;
    setup.session_of = desk_session_of;
    setup.host_known = host_known;
    setup.upload_file = upload_file;
    setup.is_bot = site_is_bot;
    setup.came_from = site_came_from;
    memcpy(setup.pools, p->pools, sizeof p->pools);
    p->server = http_server_new(&setup);
}

// ---- what the desk may change ----------------------------------------------------------------------------------

static void take_settings(struct site_process *p) {
    p->site.zone = p->station.zone;
    p->site.languages = p->station.languages;
    p->site.default_lang = p->station.default_lang;
}

// On a worker's thread. The limits are the main thread's to change, as after a reload.
static void settings_changed(struct site *site, struct db *db) {
    struct site_process *p = (struct site_process *)site; // the first member
    struct arena *a = arena_new(1 << 16);
    struct station_values values;
    struct problem problem = {""};
    if (station_values_read(a, db, &values, &problem) == RC_OK) {
        p->station.zone = values.zone;
        p->station.languages = values.languages;
        p->station.default_lang = values.default_lang;
        take_settings(p);
    } else {
        log_error("%s", problem.text);
    }
    arena_free(&a);
    kill(getpid(), SIGHUP);
}

// What an older program kept in the database, and what was committed and not put when the process ended, goes to desk.conf
// before anybody is served.
struct moving {
    struct arena *a;
    const char *dir;
    struct site_parameters_saved saved;
    bool finished, moved, committed;
    struct problem *problem;
};

static enum rc move_parameters(struct db *db, void *arg) {
    struct moving *m = arg;
    m->finished = parameters_finish(m->a, db, m->dir) || m->finished;
    return parameters_move(m->a, db, m->dir, &m->saved, &m->moved, m->problem);
}

static enum rc put_moved(void *arg) {
    struct moving *m = arg;
    m->committed = true;
    return m->moved ? parameters_put(m->dir, &m->saved, m->problem) : RC_OK;
}

static void ring(struct site_process *p) {
    uint64_t one = 1;
    if (write(p->serve->bell_fd, &one, sizeof one) != (ssize_t)sizeof one)
        log_error("the parent could not be asked to read the configuration: %s", strerror(errno));
}

static struct parameters parameters_of(struct site_process *p, struct config *newest) {
    config_board_get(p->serve->board, newest);
    return (struct parameters){p->serve->dir, newest, &p->begun};
}

static size_t running_parameters(struct site *site, struct arena *a, struct site_parameter **out) {
    struct config newest;
    struct parameters now = parameters_of((struct site_process *)site, &newest);
    return parameters_list(&now, a, out);
}

static enum rc prepare_parameters(struct site *site, struct arena *a, struct db *db, struct site_parameters_saved *s,
                                  struct problem *problem) {
    return parameters_prepare(((struct site_process *)site)->serve->dir, a, db, s, problem);
}

static enum rc put_parameters(struct site *site, const struct site_parameters_saved *s, struct problem *problem) {
    return parameters_put(((struct site_process *)site)->serve->dir, s, problem);
}

static void drop_parameters(struct site *site, const struct site_parameters_saved *s) {
    parameters_drop(((struct site_process *)site)->serve->dir, s);
}

// The parent reads, and then tells everybody; who else asked for a reload meanwhile is no answer to this.
static bool parameters_taken(struct site *site) {
    struct site_process *p = (struct site_process *)site;
    struct config_board *board = p->serve->board;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TAKEN_SECONDS;
    unsigned number = atomic_load(&board->number), refused = atomic_load(&board->refused);
    pthread_mutex_lock(&p->reload_lock);
    uint64_t reloads = p->reloads;
    ring(p);
    while (
        (p->reloads == reloads || (atomic_load(&board->number) == number && atomic_load(&board->refused) == refused)) &&
        pthread_cond_timedwait(&p->reloaded, &p->reload_lock, &until) == 0)
        ;
    bool reloaded = p->reloads != reloads;
    pthread_mutex_unlock(&p->reload_lock);
    return reloaded && atomic_load(&board->number) != number;
}

static enum site_password password_state(struct site *site) {
    struct config newest;
    struct parameters now = parameters_of((struct site_process *)site, &newest);
    return parameters_password(&now);
}

// The parent starts again what ends without a fault; its sockets keep whoever comes meanwhile.
static void begin_anew(struct site *site) {
    (void)site;
    kill(getpid(), SIGTERM);
}

static enum rc list_backups(struct site *site, struct arena *a, struct site_backup **out, size_t *count_out) {
    return backups_list(site->dir, a, out, count_out);
}

static void look_at_backup(struct site *site, struct site_backup_state *out) {
    backups_look(((struct site_process *)site)->backups, out);
}

static bool begin_backup(struct site *site) {
    return backups_ask(((struct site_process *)site)->backups);
}

static enum rc open_backup(struct site *site, struct arena *a, struct str name, int *fd_out) {
    return backups_open(site->dir, a, name, fd_out);
}

static enum rc delete_backup(struct site *site, struct arena *a, struct str name) {
    return backups_delete(site->dir, a, name);
}

static const struct site_running running = {.settings_changed = settings_changed,
                                            .parameters = running_parameters,
                                            .parameter_check = parameters_check,
                                            .parameters_prepare = prepare_parameters,
                                            .parameters_put = put_parameters,
                                            .parameters_drop = drop_parameters,
                                            .parameters_taken = parameters_taken,
                                            .password = password_state,
                                            .begin_anew = begin_anew,
                                            .backups = list_backups,
                                            .backup_look = look_at_backup,
                                            .backup_begin = begin_backup,
                                            .backup_open = open_backup,
                                            .backup_delete = delete_backup,
                                            .message_came = desk_message_came};

static void take_parameters(struct site_process *p) {
    struct parameters now = parameters_of(p, &p->serve->config);
    uint64_t mark = parameters_mail_mark(&now);
    log_threshold((enum log_level)p->serve->config.log_level);
    p->site.sends_mail = courier_can(&p->serve->courier, STR("mail"));
    p->site.calls_hook = courier_can(&p->serve->courier, STR("hook"));
    if (p->outgoing != NULL && mark != p->mail_mark)
        outgoing_renew(p->outgoing);
    p->mail_mark = mark;
    p->plan.hour = p->serve->config.backup_hour;
    p->plan.keep = p->serve->config.backup_keep;
    const struct config *c = &p->serve->config;
    bool days_same = atomic_exchange(&p->site.message_days, c->message_days) == c->message_days;
    bool keep_same = atomic_exchange(&p->site.backup_keep, c->backup_keep) == c->backup_keep;
    if (!days_same || !keep_same)
        for (int lang = 0; lang < LANG_COUNT; lang++) // the contact page says it
            edition_raise(EDITION_FRAME, lang, true);
}

// ---- the system page's look --------------------------------------------------------------------------------------

static void look(struct site *site, struct site_now *out) {
    static const int64_t room[HTTP_QUEUE_COUNT] = {PAGE_QUEUE, SEARCH_QUEUE, WRITE_QUEUE, LOGIN_QUEUE, UPLOAD_QUEUE};
    struct site_process *p = (struct site_process *)site; // its first member
    *out = (struct site_now){.origin_set = p->serve->config.site_origin[0] != '\0', .version = SIARAN_VERSION};
    for (size_t i = 0; i < SERVE_CHILDREN; i++) {
        memcpy(out->processes[i].name, p->serve->children->rows[i].name, sizeof out->processes[i].name);
        out->processes[i].pid = p->serve->children->rows[i].pid;
        out->processes[i].started_at = p->serve->children->rows[i].started_at;
        out->processes[i].crashes = p->serve->children->rows[i].crashes;
    }
    out->process_count = SERVE_CHILDREN;
    for (int i = 0; i < HTTP_QUEUE_COUNT; i++) {
        out->waiting[i] = (int64_t)net_pool_waiting(p->pools[i]);
        out->room[i] = room[i];
    }
}

static void get_on_air(struct site *site, struct arena *a, struct site_on_air *out) {
    on_air_get(((struct site_process *)site)->on_air, a, out);
}

// ---- start and stop ------------------------------------------------------------------------------------------

static enum rc make_keys(struct db *db, void *arg) {
    (void)arg;
    enum rc rc = secret_make(db, "vote-cookie");
    return rc == RC_OK ? secret_make(db, "preview-key") : rc;
}

static enum rc move_old_parameters(struct site_process *p, struct problem *problem) {
    struct moving m = {.a = arena_new(1 << 18), .dir = p->serve->dir, .problem = problem};
    enum rc rc = store_write_then(p->station.store, move_parameters, put_moved, &m);
    if (rc == RC_OK && (m.moved || m.finished))
        ring(p);
    if (rc != RC_OK && !m.committed) // else the next start puts them
        parameters_drop(m.dir, &m.saved);
    arena_free(&m.a);
    return rc;
}

static enum rc open_site(struct site_process *p, struct problem *problem) {
    struct station *station = &p->station;
    station_start();
    enum rc rc = station_open(station, p->serve->dir, false, problem);
    if (rc == RC_OK)
        rc = station_open_counters(station, problem);
    if (rc == RC_OK)
        rc = store_write(station->store, STORE_DURABLE, make_keys, NULL);
    if (rc == RC_OK)
        rc = move_old_parameters(p, problem);
    if (rc == RC_OK)
        rc = secret_get(station->db, "vote-cookie", p->site.vote_key);
    if (rc == RC_OK)
        rc = secret_get(station->db, "preview-key", p->site.preview_key);
    if (rc == RC_OK)
        rc = store_reader_new(station->store, &p->db, problem);
    if (rc == RC_OK)
        rc = media_shelf_open(p->serve->dir, p->db, &p->site.shelf, problem);
    if (rc != RC_OK)
        return rc;
    p->site.intake = media_intake_new(p->serve->pairs[SERVE_MEDIA].one_fd);
    p->site.store = station->store;
    p->site.counters = station->counters;
    p->site.referrers = referrers_new();
    p->site.redirect_hits = redirect_hits_new();
    p->site.dir = p->serve->dir;
    p->site.look = look;
    p->site.origin = str_from(p->serve->origin);
    take_settings(p);
    take_parameters(p);
    p->site.running = &running;
    p->site.most_read = most_read_new();
    p->site.cache = page_cache_new((size_t)p->serve->config.cache_mb << 20);
    station->cache = p->site.cache;
    station->origin = p->serve->origin;
    p->on_air = on_air_new(&p->site, p->begun.radio_origin, p->begun.site_origin[0] != '\0');
    p->site.on_air = get_on_air;
    p->alarms = radio_alarms_new(&p->site);
    return desk_open(station->store, station->db, &p->site.desk);
}

// The way in for whoever started the station: on standard output and in DIR/run, for its owner's eyes only.
static void tell_first_link(struct site_process *p) {
    struct arena *a = arena_new(1 << 20);
    struct problem problem = {""};
    struct str address, path = str_fmt(a, "%s/run/first-administrator", p->serve->dir);
    enum rc rc = desk_first_link(&p->site, a, p->station.db, &address);
    if (rc == RC_NOT_FOUND) {
        unlink(path.p);
    } else if (rc == RC_OK) {
        rc = file_write(path.p, str_fmt(a, "%.*s\n", STR_ARG(address)), 0600, &problem);
        printf("the desk has no account yet; this link makes the first administrator: %.*s\n", STR_ARG(address));
        fflush(stdout);
    }
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        log_warn("no link for the first administrator could be made: %s", problem.text);
    arena_free(&a);
}

static void close_site(struct site_process *p) {
    http_server_drain(p->server, DRAIN_MS);
    http_server_free(&p->server);
    for (int i = 0; i < HTTP_QUEUE_COUNT; i++)
        net_pool_free(&p->pools[i]);
    control_stop(&p->control);
    outgoing_stop(&p->outgoing);
    backups_stop(&p->backups);
    must(background_stop(&p->merging)); // it waits for no other process
    must(background_stop(&p->listening));
    if (background_stop(&p->avif)) {
        media_intake_free(&p->site.intake);
        media_shelf_close(&p->site.shelf);
    }
    page_cache_free(&p->site.cache);
    most_read_free(&p->site.most_read);
    if (referrers_flush(p->site.referrers, p->station.store, p->station.zone) != RC_OK)
        log_warn("from where readers came since the last flush is lost");
    referrers_free(&p->site.referrers);
    if (redirect_hits_flush(p->site.redirect_hits, p->station.store) != RC_OK)
        log_warn("how often redirects were asked for since the last flush is lost");
    redirect_hits_free(&p->site.redirect_hits);
    desk_close(&p->site.desk);
    store_reader_free(&p->db);
    site_assets_forget(&p->site);
    radio_alarms_free(&p->alarms);
    on_air_free(&p->on_air);
    station_close(&p->station);
}

// ---- signals and the second's tick ---------------------------------------------------------------------------

// The parent has read the file anew; what needs a restart is as it was.
static void reload(struct site_process *p) {
    take_parameters(p);
    open_access_log(p);
    http_server_run_on_loops(p->server, open_access_log, p); // who writes it, each with its own descriptors
    struct http_server_setup setup = changeable_setup(p);
    http_server_change(p->server, &setup);
    pthread_mutex_lock(&p->reload_lock);
    p->reloads++;
    pthread_cond_broadcast(&p->reloaded);
    pthread_mutex_unlock(&p->reload_lock);
}

static void tick(struct site_process *p) {
    counters_sync(p->station.counters);
    on_air_look(p->on_air);
    radio_alarms_look(p->alarms, p->db);
    int64_t now = clock_mono_us();
    if (now - p->flushed_us < p->serve->config.counter_flush_seconds * US_PER_SECOND)
        return;
    p->flushed_us = now;
    if (counters_flush(p->station.counters, p->station.store, p->station.zone) != RC_OK)
        log_warn("read counts could not be written to the database; they stay in their cells");
    if (referrers_flush(p->site.referrers, p->station.store, p->station.zone) != RC_OK)
        log_warn("from where readers came could not be written to the database");
    if (redirect_hits_flush(p->site.redirect_hits, p->station.store) != RC_OK)
        log_warn("how often redirects were asked for could not be written to the database");
    int64_t kept_us = p->serve->config.message_days * US_PER_DAY;
    if (messages_forget(p->station.store, p->db, clock_now_us() - kept_us) != RC_OK)
        log_warn("old messages of readers could not be deleted");
    if (most_read_renew(p->site.most_read, p->db, clock_now_us()) != RC_OK)
        log_warn("the most read articles could not be counted");
}

static int open_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    must(fd >= 0);
    return fd;
}

// Ctrl-C reaches the whole group; the parent answers it with SIGTERM, so it is not acted on here.
static bool asked_to_stop(struct site_process *p, int signal_fd) {
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            reload(p);
        stop = stop || info.ssi_signo == SIGTERM;
    }
    return stop;
}

static void run(struct site_process *p, int signal_fd) {
    p->flushed_us = clock_mono_us();
    while (!asked_to_stop(p, signal_fd)) {
        struct pollfd wait = {.fd = signal_fd, .events = POLLIN};
        must(poll(&wait, 1, 1000) >= 0 || errno == EINTR);
        tick(p);
    }
}

// A page takes up to a megabyte while it is made. Kept by its thread, that serves the next one; given back and taken
// again, the system would clear it each time, which costs more than the page's statements.
static void keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

static void tidy_sounds(const char *dir) {
    size_t gone = service_sounds_tidy(dir, clock_now_us());
    if (gone > 0)
        log_info("radio/sounds: %zu half files of an upload that was cut off are deleted", gone);
}

int site_process_main(void *context) {
    static struct site_process process;
    struct problem problem = {""};
    process.serve = context; // the rest is zero: a process has one
    config_board_get(process.serve->board, &process.serve->config);
    process.begun = process.serve->config;
    serve_choose_origin(process.serve);
    pthread_mutex_init(&process.reload_lock, NULL);
    pthread_cond_init(&process.reloaded, NULL);
    prctl(PR_SET_NAME, "siaran-site");
    signal(SIGPIPE, SIG_IGN);
    keep_memory();
    int signal_fd = open_signals();
    id_node(1);
    enum rc rc = open_site(&process, &problem);
    if (rc != RC_OK) {
        log_error("%s", problem.text[0] != '\0' ? problem.text : rc_name(rc));
        return 1;
    }
    tidy_sounds(process.serve->dir);
    access_log_init(&process.access_log);
    open_access_log(&process);
    open_pools(&process);
    process.avif = avif_start(&process.site);
    process.merging = merging_start(process.station.store);
    process.listening = listening_start(process.station.store, process.serve->dir);
    process.outgoing = outgoing_start(&process.site, process.serve->pairs[SERVE_COURIER].one_fd);
    process.backups = backups_start(&process.station, &process.plan);
    process.control = control_start(process.serve->control_fd, &process.station);
    tell_first_link(&process);
    open_server(&process);
    run(&process, signal_fd);
    close_site(&process);
    access_log_close(&process.access_log);
    close(signal_fd);
    return 0;
}
