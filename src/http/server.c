// SPDX-License-Identifier: AGPL-3.0-or-later
// Loops and their listening sockets: accepting in batches, limits on who may come in, draining and ending.
#include "http/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { ACCEPT_BATCH = 64, ACCEPT_PAUSE_MS = 200, FILE_THREADS = 2 };

// ---- accepting -----------------------------------------------------------------------------------------------------

static void turn_away(int fd) {
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\n"
                               "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
    ssize_t n = send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT); // best effort
    (void)n;
    shutdown(fd, SHUT_WR);
    char rest[4096]; // what has come in already would turn the close into a reset
    while (recv(fd, rest, sizeof(rest), MSG_DONTWAIT) == (ssize_t)sizeof(rest))
        continue;
    close(fd);
}

static bool may_enter(struct http_server *server, const struct sockaddr *peer, uint64_t *key_out) {
    const struct http_limits *limits = &server->setup.limits;
    *key_out = proxy_is_trusted(&server->setup, peer) ? 0 : address_key(peer);
    if (atomic_fetch_add(&server->connections, 1) >= limits->connections) {
        atomic_fetch_sub(&server->connections, 1);
        return false;
    }
    if (!address_enter(server->addresses, *key_out, limits->connections_per_address)) {
        atomic_fetch_sub(&server->connections, 1);
        return false;
    }
    return true;
}

static void listen_again(struct net_timer *t) {
    struct http_loop *loop = (struct http_loop *)((char *)t - offsetof(struct http_loop, listen_again));
    if (!loop->draining && !loop->listening)
        loop->listening = net_watch_add(loop->net, &loop->listen, EPOLLIN) == RC_OK;
}

static void stop_listening(struct http_loop *loop) {
    if (loop->listening)
        net_watch_remove(loop->net, &loop->listen);
    loop->listening = false;
}

// Out of descriptors: the spare one is used to tell whoever waits, then accepting rests for a moment.
static void out_of_descriptors(struct http_loop *loop) {
    if (loop->spare_fd >= 0) {
        close(loop->spare_fd);
        int fd = accept4(loop->listen.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            turn_away(fd);
    }
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    log_warn("http: no file descriptor left for another connection");
    stop_listening(loop);
    net_timer_set(loop->net, &loop->listen_again, ACCEPT_PAUSE_MS);
}

static bool accept_one(struct http_loop *loop) {
    struct sockaddr_storage peer = {0};
    socklen_t length = sizeof(peer);
    int fd = accept4(loop->listen.fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            out_of_descriptors(loop);
        return errno == ECONNABORTED || errno == EINTR;
    }
    uint64_t key;
    if (may_enter(loop->server, (struct sockaddr *)&peer, &key)) {
        connection_open(loop, fd, (struct sockaddr *)&peer, key);
    } else {
        stat_add(&loop->stats.refused, 1);
        turn_away(fd);
    }
    return true;
}

static void on_listen(struct net_watch *w, uint32_t events) {
    (void)events;
    struct http_loop *loop = (struct http_loop *)((char *)w - offsetof(struct http_loop, listen));
    for (int i = 0; i < ACCEPT_BATCH && loop->listening && accept_one(loop); i++)
        continue;
}

// ---- starting ------------------------------------------------------------------------------------------------------

// Threads that share a descriptor table make the kernel count each descriptor's users at every call on it: 5 to 9 % of a
// page. So each loop has a table of its own from here on. What was open before is in both; connections are in this one.
static void *loop_main(void *arg) {
    struct http_loop *loop = arg;
    if (unshare(CLONE_FILES) != 0)
        log_warn("http: a loop shares its descriptors with the other threads: %s", strerror(errno));
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    net_loop_run(loop->net);
    if (loop->spare_fd >= 0)
        close(loop->spare_fd);
    return NULL;
}

static void loop_init(struct http_loop *loop, struct http_server *server, int listen_fd) {
    loop->server = server;
    loop->net = net_loop_new();
    loop->arena = arena_new(REQUEST_ARENA_MAX);
    loop->headers = mem_array(server->setup.limits.header_count + 1, sizeof(*loop->headers));
    loop->buffer = mem_new((size_t)LOOP_READ_BYTES * 2 + server->setup.limits.head_bytes);
    loop->listen = (struct net_watch){on_listen, listen_fd};
    loop->listen_again.due = listen_again;
    loop->listening = net_watch_add(loop->net, &loop->listen, EPOLLIN) == RC_OK;
    must(loop->listening);
}

static void or_default(int *value, int standard) {
    if (*value <= 0)
        *value = standard;
}

static void limits_default(struct http_limits *l) {
    l->head_bytes = l->head_bytes == 0 ? 16384 : l->head_bytes;
    if (l->head_bytes > LOOP_READ_BYTES)
        l->head_bytes = LOOP_READ_BYTES;
    l->header_count = l->header_count == 0 ? 100 : l->header_count;
    l->target_bytes = l->target_bytes == 0 ? 4096 : l->target_bytes;
    l->connections = l->connections == 0 ? 100000 : l->connections;
    or_default(&l->head_ms, 10000);
    or_default(&l->body_ms, 30000);
    or_default(&l->idle_ms, 60000);
    or_default(&l->write_ms, 30000);
}

static void condition_init(pthread_cond_t *cond) {
    pthread_condattr_t attributes;
    must(pthread_condattr_init(&attributes) == 0);
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    must(pthread_cond_init(cond, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

struct http_server *http_server_new(const struct http_server_setup *setup) {
    struct http_server *s = MEM_NEW(struct http_server);
    struct problem p = {{0}};
    s->setup = *setup;
    limits_default(&s->setup.limits);
    if (route_tree_new(setup->tables, setup->table_counts, &s->routes, &p) != RC_OK) {
        log_error("http: %s", p.text);
        must(s->routes != NULL); // tables are part of the program
    }
    s->addresses = address_table_new();
    must(pthread_mutex_init(&s->lock, NULL) == 0);
    condition_init(&s->empty);
    condition_init(&s->errand_over);
    // A connection has one piece of a file on order at most, so the queue needs no other limit.
    s->files =
        net_pool_new(&(struct net_pool_setup){.name = "files", .threads = FILE_THREADS, .queue_limit = SIZE_MAX});
    s->loop_count = setup->loops;
    s->loops = mem_array(setup->loops, sizeof(*s->loops));
    for (size_t i = 0; i < s->loop_count; i++)
        loop_init(&s->loops[i], s, setup->listen_fds[i]);
    for (size_t i = 0; i < s->loop_count; i++)
        must(pthread_create(&s->loops[i].thread, NULL, loop_main, &s->loops[i]) == 0);
    return s;
}

// ---- changing ------------------------------------------------------------------------------------------------------

struct pause {
    pthread_barrier_t all_still, go_on;
};

static void loop_pause(void *arg) {
    struct pause *pause = arg;
    pthread_barrier_wait(&pause->all_still);
    pthread_barrier_wait(&pause->go_on);
}

static void change_setup(struct http_server *s, const struct http_server_setup *setup) {
    struct http_limits limits = setup->limits;
    limits_default(&limits);
    limits.head_bytes = s->setup.limits.head_bytes; // the loops' buffers have these sizes
    limits.header_count = s->setup.limits.header_count;
    s->setup.limits = limits;
    s->setup.trusted_proxies = setup->trusted_proxies;
    s->setup.trusted_proxy_count = setup->trusted_proxy_count;
    s->setup.access_log = setup->access_log;
}

void http_server_change(struct http_server *s, const struct http_server_setup *setup) {
    struct pause pause;
    unsigned threads = (unsigned)s->loop_count + 1;
    must(pthread_barrier_init(&pause.all_still, NULL, threads) == 0);
    must(pthread_barrier_init(&pause.go_on, NULL, threads) == 0);
    for (size_t i = 0; i < s->loop_count; i++)
        net_loop_post(s->loops[i].net, loop_pause, &pause);
    pthread_barrier_wait(&pause.all_still);
    change_setup(s, setup);
    pthread_barrier_wait(&pause.go_on);
    pthread_barrier_destroy(&pause.all_still);
    pthread_barrier_destroy(&pause.go_on);
}

// ---- on every loop -------------------------------------------------------------------------------------------------

struct errand {
    struct http_server *server;
    void (*fn)(void *arg);
    void *arg;
    size_t left;
};

static void errand_run(void *arg) {
    struct errand *e = arg;
    e->fn(e->arg);
    pthread_mutex_lock(&e->server->lock);
    e->left--;
    pthread_cond_broadcast(&e->server->errand_over);
    pthread_mutex_unlock(&e->server->lock);
}

void http_server_run_on_loops(struct http_server *s, void (*fn)(void *arg), void *arg) {
    struct errand e = {s, fn, arg, s->loop_count};
    for (size_t i = 0; i < s->loop_count; i++)
        net_loop_post(s->loops[i].net, errand_run, &e);
    pthread_mutex_lock(&s->lock);
    while (e.left > 0)
        pthread_cond_wait(&s->errand_over, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

// ---- ending --------------------------------------------------------------------------------------------------------

static void each_connection(struct http_loop *loop, void (*fn)(struct connection *c)) {
    for (struct connection *c = loop->connections, *next; c != NULL; c = next) {
        next = c->next;
        fn(c);
    }
}

static void loop_drain(void *arg) {
    struct http_loop *loop = arg;
    stop_listening(loop);
    loop->draining = true;
    each_connection(loop, connection_drain);
}

void http_server_drain(struct http_server *s, int wait_ms) {
    for (size_t i = 0; i < s->loop_count; i++)
        net_loop_post(s->loops[i].net, loop_drain, &s->loops[i]);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&s->lock);
    int waited = 0;
    while (atomic_load(&s->connections) > 0 && waited == 0)
        waited = pthread_cond_timedwait(&s->empty, &s->lock, &until);
    pthread_mutex_unlock(&s->lock);
}

static void loop_quit(void *arg) {
    struct http_loop *loop = arg;
    stop_listening(loop);
    net_timer_clear(loop->net, &loop->listen_again);
    loop->draining = true;
    each_connection(loop, connection_close);
    // Requests that workers have, or that wait for one, end first: they would come back to a loop that is gone.
    loop->quitting = true;
    if (loop->exchange_count == 0)
        net_loop_stop(loop->net);
}

static void loop_fini(struct http_loop *loop) {
    net_loop_free(&loop->net);
    arena_free(&loop->arena);
    mem_free(loop->headers);
    mem_free(loop->buffer);
}

void http_server_free(struct http_server **server) {
    struct http_server *s = *server;
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->loop_count; i++)
        net_loop_post(s->loops[i].net, loop_quit, &s->loops[i]);
    for (size_t i = 0; i < s->loop_count; i++)
        must(pthread_join(s->loops[i].thread, NULL) == 0);
    for (size_t i = 0; i < s->loop_count; i++)
        loop_fini(&s->loops[i]);
    net_pool_free(&s->files);
    mem_free(s->loops);
    route_tree_free(&s->routes);
    address_table_free(&s->addresses);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->empty);
    pthread_cond_destroy(&s->errand_over);
    mem_free(s);
    *server = NULL;
}

static uint64_t load(const _Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void http_server_stats(struct http_server *s, struct http_stats *out) {
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < s->loop_count; i++) {
        const struct loop_stats *loop = &s->loops[i].stats;
        out->connections += load(&loop->connections);
        out->requests += load(&loop->requests);
        out->hits += load(&loop->hits);
        out->dispatched += load(&loop->dispatched);
        out->parked += load(&loop->parked);
        out->refused += load(&loop->refused);
        out->bytes_out += load(&loop->bytes_out);
    }
}
