// SPDX-License-Identifier: AGPL-3.0-or-later
// The process: its loop, its clock, its connections, and the services it was told of.
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "radio/inside.h"
#include "radio/resolver.h"

enum {
    BACKLOG = 4096,
    ACCEPT_AT_ONCE = 64, // then sound goes on before the next are let in
    CHECK_MS = 100,
    SECOND_MS = 1000,
    HURRY_SLICES = 15, // more in one tick
    RESERVED = 128,    // connections beyond the limit, in which nobody stays but encoders
    SPARE_FILES = 640, // these, logs and readers of logs
    STATE_ARENA = 8 << 20,
    SOURCE_AGAIN_US = 5 * US_PER_SECOND
};

// ---- connections -------------------------------------------------------------------------------------------------------

bool radio_is_full(const struct radio *r) {
    return (int64_t)r->connections > r->setup->connections;
}

void radio_connection_over(struct radio *r, uint64_t address) {
    r->connections--;
    address_leave(r->addresses, address);
}

static void go_on_accepting(struct radio *r) {
    if (r->accept_paused && net_watch_add(r->loop, &r->listen, EPOLLIN) == RC_OK)
        r->accept_paused = false;
}

// Nobody is let in for a second; those who come wait in the kernel's queue.
static void pause_accepting(struct radio *r) {
    net_watch_remove(r->loop, &r->listen);
    r->accept_paused = true;
    log_warn("%llu connections are open, and more are not possible", (unsigned long long)r->connections);
}

static void accept_one(struct radio *r, int fd, const struct net_address *peer) {
    uint64_t key = address_key((const struct sockaddr *)&peer->sa);
    struct http_server_setup proxies = {.trusted_proxies = r->setup->trusted_proxies,
                                        .trusted_proxy_count = r->setup->trusted_proxy_count};
    bool is_proxy = proxy_is_trusted(&proxies, (const struct sockaddr *)&peer->sa);
    if (is_proxy)
        key = 0;
    if ((int64_t)r->connections >= r->setup->connections + RESERVED ||
        !address_enter(r->addresses, key, (unsigned)r->setup->connections_per_address)) {
        static const char full[] = "HTTP/1.0 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
        (void)send(fd, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
        r->refused_connections++;
        return;
    }
    r->connections++;
    r->accepts++;
    client_open(r, fd, peer, key);
}

static void accept_ready(struct net_watch *w, uint32_t events) {
    struct radio *r = (struct radio *)((char *)w - offsetof(struct radio, listen));
    (void)events;
    for (int i = 0; i < ACCEPT_AT_ONCE && !r->accept_paused; i++) {
        struct net_address peer = {.len = sizeof peer.sa};
        int fd = accept4(w->fd, (struct sockaddr *)&peer.sa, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            accept_one(r, fd, &peer);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            pause_accepting(r);
        else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

// ---- services ----------------------------------------------------------------------------------------------------------

static bool same_source(const struct service_source *a, const struct service_source *b) {
    return a->kind == b->kind && str_eq(a->name, b->name) && str_eq(a->address, b->address) &&
           a->password.is_set == b->password.is_set && memcmp(&a->password, &b->password, sizeof a->password) == 0;
}

// The main source is another one, and may sound otherwise; not where only its password changed.
static bool is_other_main(const struct service_stream *before, const struct service_stream *fresh) {
    if (before->source_count == 0 || fresh->source_count == 0)
        return true;
    const struct service_source *a = &before->sources[0], *b = &fresh->sources[0];
    return a->kind != b->kind || !str_eq(a->name, b->name) || !str_eq(a->address, b->address);
}

static void move_source(struct source **from, struct source **to, unsigned index) {
    *to = *from;
    *from = NULL;
    if (*to != NULL)
        (*to)->index = index;
}

// Sources keep their connection when nothing of theirs changed, also at another place of the order.
static void move_sources(struct stream *s, const struct service_stream *fresh) {
    struct source *moved[SERVICE_SOURCES_MAX] = {NULL}, *newcomers[SERVICE_SOURCES_MAX] = {NULL};
    int active = -1;
    for (unsigned i = 0; i < s->setup->source_count; i++) {
        for (unsigned k = 0; k < fresh->source_count; k++)
            if (same_source(&s->setup->sources[i], &fresh->sources[k])) {
                if (s->active == (int)i)
                    active = (int)k;
                move_source(&s->sources[i], &moved[k], k);
                move_source(&s->newcomers[i], &newcomers[k], k);
                break;
            }
        source_close(&s->sources[i], "its settings changed");
        source_close(&s->newcomers[i], "its settings changed");
    }
    memset(s->paces, 0, sizeof s->paces);
    memcpy(s->sources, moved, sizeof moved);
    memcpy(s->newcomers, newcomers, sizeof newcomers);
    if (active >= 0)
        s->active = active;
    else if (s->active >= 0)
        stream_off(s);
    if (is_other_main(s->setup, fresh)) {
        s->main_rate = 0;
        s->main_codec[0] = '\0';
    }
}

// A rate that is said only now, or no more, changes nothing for those who hear it already.
static bool same_sound(const struct stream *s, const struct service_stream *fresh) {
    uint32_t heard = s->rate > 0 ? s->rate : s->setup->rate;
    return s->setup->format == fresh->format && rate_fits(fresh->format, heard, fresh->rate) &&
           str_eq(s->setup->mount, fresh->mount);
}

static void keep_limits_of(struct stream *s) {
    const struct service_stream *setup = s->setup;
    keep_limits(s->keep, (uint64_t)setup->keep_mb << 20, (int64_t)setup->keep_hours * 3600 * US_PER_SECOND);
}

// What goes on goes on unheard; the rest is closed.
static void keep_streams(struct radio *r, struct services *fresh) {
    struct stream **last = &r->streams;
    for (struct stream *s = r->streams, *next; s != NULL; s = next) {
        const struct service *service = NULL;
        const struct service_stream *setup = services_stream(fresh, str_from(s->name), &service);
        next = s->next;
        if (setup == NULL || !same_sound(s, setup)) {
            *last = next;
            stream_free(&s);
            continue;
        }
        move_sources(s, setup);
        s->service = service;
        s->setup = setup;
        last = &s->next;
    }
}

// Out of the list; NULL: it is new.
static struct stream *take_out(struct stream **list, struct str name) {
    while (*list != NULL && !str_eq((*list)->setup->name, name))
        list = &(*list)->next;
    struct stream *s = *list;
    if (s != NULL)
        *list = s->next;
    return s;
}

// In the order in which they are written there; what is new is opened.
static void order_streams(struct radio *r, const struct services *fresh) {
    struct stream *ordered = NULL, **end = &ordered;
    for (size_t i = 0; i < fresh->count; i++)
        for (size_t k = 0; k < fresh->rows[i].stream_count; k++) {
            const struct service_stream *setup = &fresh->rows[i].streams[k];
            struct stream *s = take_out(&r->streams, setup->name);
            s = s != NULL ? s : stream_new(r, &fresh->rows[i], setup);
            if (s == NULL)
                continue;
            keep_limits_of(s);
            s->next = NULL;
            *end = s;
            end = &s->next;
        }
    r->streams = ordered;
}

static void take_services(struct radio *r, struct services *fresh) {
    keep_streams(r, fresh);
    order_streams(r, fresh);
    for (struct stream *s = r->streams; s != NULL; s = s->next)
        stream_choose(s);
}

// Relays and files are there by themselves; a relay that failed is tried again after a while, a file is looked at.
static void make_sources(struct stream *s, int64_t now_us) {
    if (now_us < s->make_again_us)
        return;
    s->make_again_us = now_us + SOURCE_AGAIN_US;
    for (unsigned i = 0; i < s->setup->source_count; i++) {
        enum service_source_kind kind = s->setup->sources[i].kind;
        bool is_new = s->sources[i] == NULL && kind != SERVICE_ENCODER;
        if (is_new)
            s->sources[i] = source_new(s, i);
        if (is_new && kind == SERVICE_RELAY)
            source_relay_start(s->sources[i]);
        if (is_new && kind == SERVICE_FILE)
            source_file_open(s->sources[i]);
        if (kind == SERVICE_FILE)
            source_file_look(s->sources[i]);
    }
    stream_choose(s);
}

// What the process before this one had heard.
static void remember_sounds(struct radio *r) {
    struct arena *a = arena_new(STATE_ARENA);
    struct service_state past;
    if (service_state_load(a, r->setup->dir, &past, NULL) == RC_OK)
        for (struct stream *s = r->streams; s != NULL; s = s->next) {
            const struct service_on_air *row = service_state_find(&past, str_from(s->name));
            if (row == NULL || !str_eq(row->mount, s->setup->mount))
                continue;
            s->main_rate = row->main_rate;
            (void)snprintf(s->main_codec, sizeof s->main_codec, "%.*s", STR_ARG(row->main_codec));
        }
    arena_free(&a);
}

void radio_services_take(struct radio *r, struct services *fresh, struct arena *arena) {
    take_services(r, fresh);
    r->services = *fresh;
    arena_free(&r->services_arena);
    r->services_arena = arena;
    r->change++;
    watchers_tell(r);
    log_info("services that are known: %zu", fresh->count);
}

// ---- time --------------------------------------------------------------------------------------------------------------

void radio_changed(struct stream *s) {
    s->radio->change++;
}

// As many slices as time has passed for; each listener waits one turn at most. After a switch of
// sources a whole turn is served within some ticks: listeners heard nothing until then, and wait for no more.
static void tick(struct net_watch *w, uint32_t events) {
    struct radio *r = (struct radio *)((char *)w - offsetof(struct radio, ticker));
    uint64_t passed = 0;
    (void)events;
    if (read(w->fd, &passed, sizeof passed) != (ssize_t)sizeof passed)
        return;
    uint64_t due = passed < SLICES ? passed : SLICES;
    unsigned hurried = r->hurry < HURRY_SLICES ? r->hurry : HURRY_SLICES;
    r->hurry -= hurried;
    for (uint64_t i = 0; i < due + hurried; i++)
        listeners_turn(r);
}

void radio_tick_need(struct radio *r) {
    bool need = r->listeners > 0;
    if (need == r->ticking)
        return;
    struct timespec step = {.tv_nsec = need ? SLICE_MS * 1000000L : 0};
    struct itimerspec every = {.it_interval = step, .it_value = step};
    must(timerfd_settime(r->ticker.fd, 0, &every, NULL) == 0);
    r->ticking = need;
}

static void check(struct net_timer *t) {
    struct radio *r = (struct radio *)((char *)t - offsetof(struct radio, checks));
    int64_t now_us = clock_mono_us();
    for (struct stream *s = r->streams; s != NULL; s = s->next) {
        make_sources(s, now_us);
        for (unsigned i = 0; i < SERVICE_SOURCES_MAX; i++) {
            if (s->sources[i] != NULL)
                source_check(s->sources[i], now_us);
            newcomer_check(s, i, now_us);
        }
        stream_choose(s);
        stream_check_silence(s);
        if (s->active >= 0)
            source_file_turn(s->sources[s->active]);
    }
    keep_hand_over(r->keeper);
    watchers_tell(r);
    net_timer_set(r->loop, t, CHECK_MS);
}

static void second(struct net_timer *t) {
    struct radio *r = (struct radio *)((char *)t - offsetof(struct radio, second));
    go_on_accepting(r);
    radio_services_look(r);
    state_put(r);
    watchers_beat(r);
    hls_listeners_turn(r);
    net_timer_set(r->loop, t, SECOND_MS);
}

static void flush_sessions(void *arg) {
    struct radio *r = arg;
    sessions_flush(r->sessions, clock_now_us());
}

// ---- beginning and ending ----------------------------------------------------------------------------------------------

static void configure(struct radio *r) {
    struct rlimit limit;
    r->setup->configure(r->setup->context, r->setup);
    log_threshold((enum log_level)r->setup->log_level);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    int64_t files = (int64_t)limit.rlim_cur, fit = files > 2 * SPARE_FILES ? files - SPARE_FILES : files / 2;
    if (r->setup->connections <= fit)
        return;
    log_warn("the system allows %lld open files: %lld connections of the radio instead of %lld", (long long)files,
             (long long)fit, (long long)r->setup->connections);
    r->setup->connections = fit;
}

static void signalled(struct net_watch *w, uint32_t events) {
    struct radio *r = (struct radio *)((char *)w - offsetof(struct radio, signals));
    struct signalfd_siginfo info;
    (void)events;
    while (read(w->fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP) {
            configure(r);
            alone_hear(r);
        }
        if (info.ssi_signo == SIGTERM) {
            r->stopping = true;
            net_loop_stop(r->loop);
        }
    }
}

static void open_signals(struct radio *r) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT); // the parent's; it says SIGTERM to us
    sigaddset(&set, SIGHUP);
    must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    r->signals = (struct net_watch){.ready = signalled, .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    must(r->signals.fd >= 0 && net_watch_add(r->loop, &r->signals, EPOLLIN) == RC_OK);
}

static void open_timers(struct radio *r) {
    r->ticker = (struct net_watch){.ready = tick, .fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
    must(r->ticker.fd >= 0 && net_watch_add(r->loop, &r->ticker, EPOLLIN) == RC_OK);
    r->second.due = second;
    r->checks.due = check;
    net_timer_set(r->loop, &r->second, 0);
    net_timer_set(r->loop, &r->checks, CHECK_MS);
}

static enum rc make_folders(const char *dir, struct problem *p) {
    static const char *const names[] = {"run", "radio", "radio/sounds", "radio/sessions"};
    char path[4200];
    enum rc rc = RC_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && rc == RC_OK; i++) {
        int n = snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        must(n > 0 && (size_t)n < sizeof path);
        rc = file_make_dir(path, i == 0 ? 0755 : 0750, p);
    }
    return rc;
}

static void close_all(struct radio *r) {
    alone_end(r);
    watchers_close(r);
    now_forget(r);
    while (r->streams != NULL) {
        struct stream *s = r->streams;
        r->streams = s->next;
        stream_free(&s);
    }
    while (r->clients != NULL)
        client_close(r->clients);
    resolver_stop(&r->resolver);
    reader_stop(&r->reader);
    keeper_stop(&r->keeper);
    sessions_close(&r->sessions);
    reader_stop(&r->files); // where a disk hangs that is not that of the logs, these are whole before
    net_loop_free(&r->loop);
    arena_free(&r->services_arena);
}

int radio_process_main(void *context) {
    static struct radio radio;
    struct radio *r = &radio;
    struct problem problem = {""};
    r->setup = context;
    prctl(PR_SET_NAME, "siaran-radio");
    log_name("radio");
    signal(SIGPIPE, SIG_IGN);
    hash_start();
    id_node(2);
    r->started_us = clock_now_us();
    (void)snprintf(r->admin_token, sizeof r->admin_token, "%016llx%016llx", (unsigned long long)random_u64(),
                   (unsigned long long)random_u64());
    r->loop = net_loop_new();
    open_signals(r);
    configure(r);
    if (make_folders(r->setup->dir, &problem) != RC_OK) {
        log_error("%s", problem.text);
        return 1;
    }
    r->addresses = address_table_new();
    r->tries = address_table_new();
    r->sessions = sessions_open(r->setup->dir, r->setup->country_file);
    r->keeper = keeper_start(r->setup->dir);
    keeper_each_second(r->keeper, flush_sessions, r);
    r->reader = reader_start(r->loop, r->setup->dir, "radio-logs");
    r->files = reader_start(r->loop, r->setup->dir, "radio-files");
    r->resolver = resolver_new(r->loop);
    open_timers(r);
    radio_services_begin(r);
    remember_sounds(r);
    r->listen = (struct net_watch){.fd = r->setup->listen_fd, .ready = accept_ready};
    must(listen(r->listen.fd, BACKLOG) == 0 && net_watch_add(r->loop, &r->listen, EPOLLIN) == RC_OK);
    alone_begin(r);
    net_loop_run(r->loop);
    close_all(r);
    return 0;
}
