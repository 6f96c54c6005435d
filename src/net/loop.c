// SPDX-License-Identifier: AGPL-3.0-or-later
// The event loop: one epoll set, one eventfd for what other threads post, one timer wheel. Every page a reader gets
// passes through net_loop_run, so a wake-up is one epoll_wait and one reading of the clock, and nothing else unless
// a timer is due or somebody posted.
//
// A watch may remove and free itself or another watch while events are being delivered: net_watch_remove blanks the
// events already fetched for it.
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/net.h"
#include "net/wheel.h"

enum { EVENTS_MAX = 256 };

struct post {
    struct post *next;
    void (*fn)(void *arg);
    void *arg;
};

struct net_loop {
    int epoll_fd;
    int64_t now_ms;
    struct wheel wheel;
    int fetched, at; // events of this wake-up, and the one being delivered
    struct epoll_event events[EVENTS_MAX];

    atomic_bool stopping;
    struct net_watch wake; // the eventfd
    pthread_mutex_t posts_lock;
    struct post *posts_first, **posts_last;
};

static void run_posts(struct net_loop *loop) {
    pthread_mutex_lock(&loop->posts_lock);
    struct post *post = loop->posts_first;
    loop->posts_first = NULL;
    loop->posts_last = &loop->posts_first;
    pthread_mutex_unlock(&loop->posts_lock);
    while (post != NULL) {
        struct post *next = post->next;
        post->fn(post->arg);
        mem_free(post);
        post = next;
    }
}

static void woken(struct net_watch *w, uint32_t events) {
    (void)events;
    struct net_loop *loop = (struct net_loop *)((char *)w - offsetof(struct net_loop, wake));
    uint64_t count;
    // EAGAIN only means that another wake-up took it; the posts are looked at in any case.
    ssize_t got = read(w->fd, &count, sizeof count);
    (void)got;
    run_posts(loop);
}

static void wake(struct net_loop *loop) {
    uint64_t one = 1;
    ssize_t put;
    do {
        put = write(loop->wake.fd, &one, sizeof one);
    } while (put < 0 && errno == EINTR);
    // EAGAIN: the counter is full, so the loop is about to wake anyway.
    must(put == (ssize_t)sizeof one || errno == EAGAIN);
}

struct net_loop *net_loop_new(void) {
    struct net_loop *loop = MEM_NEW(struct net_loop);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    must(loop->epoll_fd >= 0);
    loop->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->wake.ready = woken;
    must(loop->wake.fd >= 0);
    must(pthread_mutex_init(&loop->posts_lock, NULL) == 0);
    loop->posts_last = &loop->posts_first;
    loop->now_ms = clock_mono_us() / 1000;
    wheel_init(&loop->wheel, loop->now_ms);
    must(net_watch_add(loop, &loop->wake, EPOLLIN) == RC_OK);
    return loop;
}

void net_loop_free(struct net_loop **loop_ref) {
    struct net_loop *loop = *loop_ref;
    if (loop == NULL)
        return;
    *loop_ref = NULL;
    for (struct post *post = loop->posts_first; post != NULL;) {
        struct post *next = post->next;
        mem_free(post);
        post = next;
    }
    close(loop->wake.fd);
    close(loop->epoll_fd);
    pthread_mutex_destroy(&loop->posts_lock);
    mem_free(loop);
}

static int wait_for_events(struct net_loop *loop) {
    int64_t wait_ms = wheel_wait_ms(&loop->wheel, loop->now_ms);
    int timeout = wait_ms < 0 ? -1 : wait_ms > 60000 ? 60000 : (int)wait_ms;
    int count = epoll_wait(loop->epoll_fd, loop->events, EVENTS_MAX, timeout);
    must(count >= 0 || errno == EINTR);
    return count < 0 ? 0 : count;
}

void net_loop_run(struct net_loop *loop) {
    while (!atomic_load_explicit(&loop->stopping, memory_order_acquire)) {
        loop->fetched = wait_for_events(loop);
        loop->now_ms = clock_mono_us() / 1000;
        for (loop->at = 0; loop->at < loop->fetched; loop->at++) {
            struct net_watch *w = loop->events[loop->at].data.ptr;
            if (w != NULL)
                w->ready(w, loop->events[loop->at].events);
        }
        loop->fetched = 0;
        // After the events: a request that arrived in time is served before its connection's timer looks at it.
        wheel_turn(&loop->wheel, loop->now_ms);
    }
    run_posts(loop);
    atomic_store(&loop->stopping, false);
}

void net_loop_stop(struct net_loop *loop) {
    atomic_store_explicit(&loop->stopping, true, memory_order_release);
    wake(loop);
}

int64_t net_loop_now_ms(const struct net_loop *loop) {
    return loop->now_ms;
}

enum rc net_watch_add(struct net_loop *loop, struct net_watch *w, uint32_t events) {
    struct epoll_event ev = {.events = events, .data.ptr = w};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, w->fd, &ev) == 0)
        return RC_OK;
    log_error("watching a descriptor: %s", strerror(errno));
    return RC_IO;
}

void net_watch_change(struct net_loop *loop, struct net_watch *w, uint32_t events) {
    struct epoll_event ev = {.events = events, .data.ptr = w};
    must(epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, w->fd, &ev) == 0);
}

void net_watch_remove(struct net_loop *loop, struct net_watch *w) {
    must(epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL) == 0);
    for (int i = loop->at + 1; i < loop->fetched; i++)
        if (loop->events[i].data.ptr == w)
            loop->events[i].data.ptr = NULL;
}

void net_loop_post(struct net_loop *loop, void (*fn)(void *arg), void *arg) {
    struct post *post = MEM_NEW(struct post);
    post->fn = fn;
    post->arg = arg;
    pthread_mutex_lock(&loop->posts_lock);
    bool first = loop->posts_first == NULL;
    *loop->posts_last = post;
    loop->posts_last = &post->next;
    pthread_mutex_unlock(&loop->posts_lock);
    // Whoever finds a post waiting knows that its poster has woken the loop, or is just about to.
    if (first)
        wake(loop);
}

void net_timer_set(struct net_loop *loop, struct net_timer *t, int64_t after_ms) {
    wheel_set(&loop->wheel, t, loop->now_ms + (after_ms < 0 ? 0 : after_ms));
}

void net_timer_clear(struct net_loop *loop, struct net_timer *t) {
    (void)loop;
    wheel_clear(t);
}
