// SPDX-License-Identifier: AGPL-3.0-or-later
// The loop delivers events, posts and timers on its own thread; what was removed hears nothing any more; a timer is
// never early.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "net/net.h"
#include "net/wheel.h"

struct pipe_watch {
    struct net_watch watch;
    struct net_loop *loop;
    struct pipe_watch *remove; // another one, removed when this hears something
    int heard, write_fd;
};

static void pipe_ready(struct net_watch *w, uint32_t events) {
    struct pipe_watch *p = (struct pipe_watch *)w;
    assert_true(events & EPOLLIN);
    p->heard++;
    if (p->remove != NULL) {
        net_watch_remove(p->loop, &p->remove->watch);
        p->remove->remove = NULL;
        p->remove = NULL;
    }
    char byte;
    assert_int_equal(read(w->fd, &byte, 1), 1);
}

static void pipe_open(struct net_loop *loop, struct pipe_watch *p) {
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    *p = (struct pipe_watch){.watch = {.ready = pipe_ready, .fd = fds[0]}, .loop = loop, .write_fd = fds[1]};
    assert_int_equal(net_watch_add(loop, &p->watch, EPOLLIN), RC_OK);
    assert_int_equal(write(p->write_fd, "x", 1), 1);
}

static void pipe_close(struct pipe_watch *p) {
    close(p->watch.fd);
    close(p->write_fd);
}

static void stop(void *arg) {
    net_loop_stop(arg);
}

struct stopper {
    struct net_timer timer;
    struct net_loop *loop;
    int64_t set_at_us, due_at_us;
};

static void stopper_due(struct net_timer *t) {
    struct stopper *s = (struct stopper *)t;
    s->due_at_us = clock_mono_us();
    net_loop_stop(s->loop);
}

static void stop_after(struct net_loop *loop, struct stopper *s, int64_t ms) {
    *s = (struct stopper){.timer = {.due = stopper_due}, .loop = loop, .set_at_us = clock_mono_us()};
    net_timer_set(loop, &s->timer, ms);
}

static void a_watch_removed_in_the_same_wake_up_hears_nothing(void **state) {
    (void)state;
    struct net_loop *loop = net_loop_new();
    struct pipe_watch a, b;
    pipe_open(loop, &a);
    pipe_open(loop, &b);
    a.remove = &b;
    b.remove = &a;
    struct stopper s;
    stop_after(loop, &s, 0);
    net_loop_run(loop);
    assert_int_equal(a.heard + b.heard, 1);
    pipe_close(&a);
    pipe_close(&b);
    net_loop_free(&loop);
    assert_null(loop);
}

static void a_timer_is_never_early_and_at_most_a_slot_late(void **state) {
    (void)state;
    struct net_loop *loop = net_loop_new();
    struct stopper s;
    stop_after(loop, &s, 30);
    net_loop_run(loop);
    int64_t took = s.due_at_us - s.set_at_us;
    // The loop's clock is read once per wake-up, so "now" may be a little old when the timer is set.
    assert_true(took >= 25000);
    assert_null(s.timer.prev);
    net_loop_free(&loop);
}

struct order {
    int seen[300], count;
    struct net_loop *loop;
};
struct order_item {
    struct order *order;
    int n;
};

static void note(void *arg) {
    struct order_item *item = arg;
    item->order->seen[item->order->count++] = item->n;
    if (item->n == 299)
        net_loop_stop(item->order->loop);
}

struct poster {
    struct order *order;
    struct order_item items[300];
};

static void *post_all(void *arg) {
    struct poster *p = arg;
    for (int i = 0; i < 300; i++) {
        p->items[i] = (struct order_item){p->order, i};
        net_loop_post(p->order->loop, note, &p->items[i]);
    }
    return NULL;
}

static void posts_of_another_thread_run_in_their_order(void **state) {
    (void)state;
    struct order order = {.loop = net_loop_new()};
    static struct poster poster;
    poster.order = &order;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, post_all, &poster), 0);
    net_loop_run(order.loop);
    pthread_join(thread, NULL);
    assert_int_equal(order.count, 300);
    for (int i = 0; i < 300; i++)
        assert_int_equal(order.seen[i], i);
    net_loop_free(&order.loop);
}

static void a_stop_posted_before_the_run_ends_it(void **state) {
    (void)state;
    struct net_loop *loop = net_loop_new();
    net_loop_post(loop, stop, loop);
    net_loop_run(loop);
    net_loop_stop(loop);
    net_loop_run(loop);
    net_loop_free(&loop);
}

// ---- the wheel alone, with times of our own
// --------------------------------------------------------------------------

struct alarm {
    struct net_timer timer;
    struct wheel *wheel;
    int rang;
    int64_t again_at_ms;
    struct alarm *clears;
};

static void alarm_due(struct net_timer *t) {
    struct alarm *a = (struct alarm *)t;
    a->rang++;
    if (a->clears != NULL)
        wheel_clear(&a->clears->timer);
    if (a->again_at_ms > 0)
        wheel_set(a->wheel, &a->timer, a->again_at_ms);
}

static void wheel_cases(void **state) {
    (void)state;
    static const struct {
        int64_t begin, set_for, turn_to;
        int rings;
    } rows[] = {
        {0, 100, 99, 0},
        {0, 100, 127, 0},
        {0, 100, 128, 1},
        {0, 128, 128, 1},
        {1000, 1000, 1023, 0},
        {1000, 1000, 1024, 1},
        {1024, 1024, 1024, 0}, // now: the next slot, never the one
                               // that is over
        {1024, 1024, 1087, 0},
        {1024, 1024, 1088, 1},
        {5000, 0, 5056, 1},   // long past
        {0, 70000, 65536, 0}, // more than a turn away
        {0, 70000, 70000, 0},
        {0, 70000, 70016, 1},
        {0, 600000, 599999, 0}, // nine turns away
        {0, 600000, 600000, 1},
        {0, 100, 10000000, 1}, // the machine slept for hours
        {0, 9000000, 10000000, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct wheel w;
        w = (struct wheel){0};
        wheel_init(&w, rows[i].begin);
        struct alarm a = {.timer = {.due = alarm_due}, .wheel = &w};
        wheel_set(&w, &a.timer, rows[i].set_for);
        wheel_turn(&w, rows[i].turn_to);
        if (a.rang != rows[i].rings)
            fail_msg("row %zu rang %d times", i, a.rang);
        assert_int_equal(a.timer.prev == NULL, a.rang);
    }
}

static void stepping_through_time_rings_once_at_the_right_step(void **state) {
    (void)state;
    static struct wheel w;
    wheel_init(&w, 0);
    struct alarm a = {.timer = {.due = alarm_due}, .wheel = &w};
    wheel_set(&w, &a.timer, 200000);
    int64_t now = 0, wakes = 0;
    while (a.rang == 0) {
        int64_t wait = wheel_wait_ms(&w, now);
        assert_true(wait >= 0);
        now += wait;
        wheel_turn(&w, now);
        assert_true(++wakes < 10);
    }
    assert_in_range(now, 200000, 200000 + WHEEL_SLOT_MS);
    assert_int_equal(wheel_wait_ms(&w, now), -1);
}

static void timers_may_clear_and_set_each_other_while_they_ring(void **state) {
    (void)state;
    static struct wheel w;
    wheel_init(&w, 0);
    struct alarm a = {.timer = {.due = alarm_due}, .wheel = &w, .again_at_ms = 10};
    struct alarm b = {.timer = {.due = alarm_due}, .wheel = &w, .clears = &a};
    struct alarm c = {.timer = {.due = alarm_due}, .wheel = &w};
    a.clears = &b;
    wheel_set(&w, &a.timer, 10);
    wheel_set(&w, &b.timer, 20);
    wheel_set(&w, &c.timer, 30);
    wheel_clear(&c.timer);
    wheel_clear(&c.timer);
    wheel_turn(&w, 64);
    assert_int_equal(a.rang + b.rang, 1);
    assert_int_equal(c.rang, 0);
    wheel_turn(&w, 128);
    assert_int_equal(a.rang, a.rang + b.rang == 2 ? 2 : 0);
}

static void moving_a_timer_leaves_it_in_one_place(void **state) {
    (void)state;
    static struct wheel w;
    wheel_init(&w, 0);
    struct alarm a = {.timer = {.due = alarm_due}, .wheel = &w};
    for (int64_t at = 0; at < 100000; at += 37)
        wheel_set(&w, &a.timer, at);
    wheel_turn(&w, 99000);
    assert_int_equal(a.rang, 0);
    wheel_turn(&w, 100064);
    assert_int_equal(a.rang, 1);
    wheel_turn(&w, 1000000);
    assert_int_equal(a.rang, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_watch_removed_in_the_same_wake_up_hears_nothing),
        cmocka_unit_test(a_timer_is_never_early_and_at_most_a_slot_late),
        cmocka_unit_test(posts_of_another_thread_run_in_their_order),
        cmocka_unit_test(a_stop_posted_before_the_run_ends_it),
        cmocka_unit_test(wheel_cases),
        cmocka_unit_test(stepping_through_time_rings_once_at_the_right_step),
        cmocka_unit_test(timers_may_clear_and_set_each_other_while_they_ring),
        cmocka_unit_test(moving_a_timer_leaves_it_in_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
