// SPDX-License-Identifier: AGPL-3.0-or-later
// The event loop, timers, sockets, worker pools and child processes. Parses nothing that a client sent.
//
// Threads: a loop belongs to the thread that runs it; only net_loop_post and net_loop_stop may be called from others.
#ifndef NET_NET_H
#define NET_NET_H

#include <sys/socket.h>
#include <sys/types.h>

#include "util/util.h"

// ---- loop (epoll, level-triggered) ---------------------------------------------------------------------------

struct net_loop;

// Embedded in what watches a descriptor. `ready` gets the epoll event bits. It may remove and free its own watch.
struct net_watch {
    void (*ready)(struct net_watch *w, uint32_t events);
    int fd;
};

struct net_loop *net_loop_new(void);
void net_loop_free(struct net_loop **loop);
void net_loop_run(struct net_loop *loop); // until net_loop_stop
void net_loop_stop(struct net_loop *loop);
int64_t net_loop_now_ms(const struct net_loop *loop); // monotonic, read once per wake-up

enum rc net_watch_add(struct net_loop *loop, struct net_watch *w, uint32_t events) MUST_USE;
void net_watch_change(struct net_loop *loop, struct net_watch *w, uint32_t events);
// The watch may be freed after this; events already fetched for it in this wake-up are not delivered.
void net_watch_remove(struct net_loop *loop, struct net_watch *w);

// Runs fn(arg) soon on the loop's thread, in the order of posting. From any thread. Never blocks.
void net_loop_post(struct net_loop *loop, void (*fn)(void *arg), void *arg);

// A timer in a wheel of 64 ms slots: cheap to set and to move, never early, late by a slot at most. Embedded, zero
// initialised. Setting a set timer moves it.
struct net_timer {
    struct net_timer *next, **prev;
    void (*due)(struct net_timer *t);
    int64_t at_ms;
};
void net_timer_set(struct net_loop *loop, struct net_timer *t, int64_t after_ms);
void net_timer_clear(struct net_loop *loop, struct net_timer *t); // not set is fine

// ---- sockets -------------------------------------------------------------------------------------------------

struct net_address {
    struct sockaddr_storage sa;
    socklen_t len;
};

// "127.0.0.1:8080", "[::1]:0", "8080" (all interfaces), "unix:/path". No names are looked up.
enum rc net_address_parse(struct str text, struct net_address *out, struct problem *p) MUST_USE;
struct str net_address_text(struct arena *a, const struct net_address *addr); // with port
bool net_address_is_loopback(const struct net_address *addr);

// Opens `count` listening sockets of one address with SO_REUSEPORT (one for a unix path), after probing without it so
// that a second server on the same port is refused: RC_CONFLICT "address already in use". Port 0 is chosen once and
// used for all; *bound_out is what was bound. Close-on-exec, non-blocking, backlog 4096.
enum rc net_listen(const struct net_address *addr, int *fds, size_t count, struct net_address *bound_out,
                   struct problem *p) MUST_USE;

// ---- worker pool ---------------------------------------------------------------------------------------------

// Threads that take jobs from a bounded queue. `urgent` jobs go before the others.
struct net_pool;
struct net_job {
    struct net_job *next;
    void (*run)(struct net_job *job, void *worker); // on a pool thread; worker = what worker_new gave
};
struct net_pool_setup {
    const char *name; // of the threads, 15 characters at most
    unsigned threads;
    size_t queue_limit;                 // jobs waiting, not counting those running
    void *(*worker_new)(void *context); // once per thread, on that thread; NULL = no worker state
    void (*worker_free)(void *worker);
    void *context;
};
struct net_pool *net_pool_new(const struct net_pool_setup *setup);
// RC_BUSY when the queue is full; the job is then untouched.
enum rc net_pool_add(struct net_pool *pool, struct net_job *job, bool urgent) MUST_USE;
size_t net_pool_waiting(struct net_pool *pool);
void net_pool_free(struct net_pool **pool); // runs what is queued, then ends the threads

// ---- child processes -----------------------------------------------------------------------------------------

// The parent's table has one row per child. `main_fn` runs in the forked child and its result is the exit code. A
// child dies with its parent (PR_SET_PDEATHSIG, checked after the fork). A child that ends unasked is started again
// after restart_ms, doubled at each crash within ten seconds of its start, 800 ms at most: one that crashes again and
// again is still back within a second each time. The log says by what it ended.
struct net_child {
    const char *name;
    int (*main_fn)(void *context);
    void *context;
    int restart_ms; // first delay, e.g. 100
    // filled by net_children_run:
    pid_t pid;
    int crashes;
    int64_t started_ms, start_at_ms;
};
struct net_children {
    struct net_child *rows;
    size_t count;
    int stop_seconds;                                               // time between SIGTERM and SIGKILL, e.g. 5
    void (*on_started)(const struct net_child *row, void *context); // after each fork, in the parent; may be NULL
    void *context;
};
// Starts all, restarts what ends, passes SIGHUP on, and on SIGTERM or SIGINT ends all and returns 0; 1 when a child
// had to be killed. Single-threaded callers only. A child begins with SIGTERM, SIGINT and SIGHUP blocked, to be read
// with signalfd: so none of them is lost or deadly while it starts.
int net_children_run(struct net_children *children);

#endif
