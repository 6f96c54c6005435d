// SPDX-License-Identifier: AGPL-3.0-or-later
// The pool: bounded, urgent first, every thread with its own worker state, nothing lost at the end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "net/net.h"

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int workers_made, workers_freed, ran;
static int order[16];
static atomic_int order_count;

struct numbered {
    struct net_job job;
    int number;
};

static void *worker_new(void *context) {
    assert_ptr_equal(context, &gate);
    atomic_fetch_add(&workers_made, 1);
    return &workers_made;
}

static void worker_free(void *worker) {
    assert_ptr_equal(worker, &workers_made);
    atomic_fetch_add(&workers_freed, 1);
}

static void run_behind_gate(struct net_job *job, void *worker) {
    assert_ptr_equal(worker, &workers_made);
    atomic_fetch_add(&ran, 1);
    pthread_mutex_lock(&gate);
    order[atomic_fetch_add(&order_count, 1)] = ((struct numbered *)job)->number;
    pthread_mutex_unlock(&gate);
}

static struct net_pool *pool_of(unsigned threads, size_t limit) {
    atomic_store(&workers_made, 0);
    atomic_store(&workers_freed, 0);
    atomic_store(&ran, 0);
    atomic_store(&order_count, 0);
    struct net_pool_setup setup = {.name = "test",
                                   .threads = threads,
                                   .queue_limit = limit,
                                   .worker_new = worker_new,
                                   .worker_free = worker_free,
                                   .context = &gate};
    return net_pool_new(&setup);
}

static void a_full_queue_says_busy_and_urgent_jobs_go_first(void **state) {
    (void)state;
    struct net_pool *pool = pool_of(1, 3);
    struct numbered jobs[5];
    for (int i = 0; i < 5; i++)
        jobs[i] = (struct numbered){.job = {.run = run_behind_gate}, .number = i};
    pthread_mutex_lock(&gate);
    assert_int_equal(net_pool_add(pool, &jobs[0].job, false), RC_OK);
    while (atomic_load(&ran) == 0) // the only thread holds job 0 now
        sched_yield();
    assert_int_equal(net_pool_add(pool, &jobs[1].job, false), RC_OK);
    assert_int_equal(net_pool_add(pool, &jobs[2].job, false), RC_OK);
    assert_int_equal(net_pool_add(pool, &jobs[3].job, true), RC_OK);
    assert_int_equal(net_pool_waiting(pool), 3);
    assert_int_equal(net_pool_add(pool, &jobs[4].job, true), RC_BUSY);
    pthread_mutex_unlock(&gate);
    net_pool_free(&pool);
    assert_null(pool);
    assert_int_equal(atomic_load(&order_count), 4);
    static const int expected[] = {0, 3, 1, 2};
    assert_memory_equal(order, expected, sizeof expected);
}

static void each_thread_makes_and_frees_its_worker(void **state) {
    (void)state;
    struct net_pool *pool = pool_of(4, 1);
    net_pool_free(&pool);
    assert_int_equal(atomic_load(&workers_made), 4);
    assert_int_equal(atomic_load(&workers_freed), 4);
    net_pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_queue_says_busy_and_urgent_jobs_go_first),
        cmocka_unit_test(each_thread_makes_and_frees_its_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
