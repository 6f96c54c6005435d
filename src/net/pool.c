// SPDX-License-Identifier: AGPL-3.0-or-later
// Worker threads for everything that may block: rendering from the database, searching, writing. The queue is
// bounded, so that a flood of searches is answered "busy" instead of filling the memory; jobs that are urgent go
// before the others, each kind in its own order.
#include <pthread.h>

#include "net/net.h"

struct queue {
    struct net_job *first, **last;
};

struct net_pool {
    struct net_pool_setup setup;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct queue urgent, normal;
    size_t waiting;
    bool ending;
    pthread_t *threads;
};

static void queue_init(struct queue *q) {
    q->first = NULL;
    q->last = &q->first;
}

static void queue_add(struct queue *q, struct net_job *job) {
    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
}

static struct net_job *queue_take(struct queue *q) {
    struct net_job *job = q->first;
    if (job == NULL)
        return NULL;
    q->first = job->next;
    if (q->first == NULL)
        q->last = &q->first;
    return job;
}

// The next job, or NULL when the pool ends and nothing is left.
static struct net_job *wait_for_job(struct net_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    while (pool->waiting == 0 && !pool->ending)
        pthread_cond_wait(&pool->work, &pool->lock);
    struct net_job *job = queue_take(&pool->urgent);
    if (job == NULL)
        job = queue_take(&pool->normal);
    if (job != NULL)
        pool->waiting--;
    pthread_mutex_unlock(&pool->lock);
    return job;
}

static void *pool_thread(void *arg) {
    struct net_pool *pool = arg;
    void *worker = pool->setup.worker_new != NULL ? pool->setup.worker_new(pool->setup.context) : NULL;
    struct net_job *job;
    while ((job = wait_for_job(pool)) != NULL)
        job->run(job, worker);
    if (pool->setup.worker_free != NULL)
        pool->setup.worker_free(worker);
    return NULL;
}

struct net_pool *net_pool_new(const struct net_pool_setup *setup) {
    must(setup->threads > 0 && setup->queue_limit > 0);
    struct net_pool *pool = MEM_NEW(struct net_pool);
    pool->setup = *setup;
    must(pthread_mutex_init(&pool->lock, NULL) == 0);
    must(pthread_cond_init(&pool->work, NULL) == 0);
    queue_init(&pool->urgent);
    queue_init(&pool->normal);
    pool->threads = mem_array(setup->threads, sizeof *pool->threads);
    for (unsigned i = 0; i < setup->threads; i++) {
        must(pthread_create(&pool->threads[i], NULL, pool_thread, pool) == 0);
        must(pthread_setname_np(pool->threads[i], setup->name) == 0);
    }
    return pool;
}

enum rc net_pool_add(struct net_pool *pool, struct net_job *job, bool urgent) {
    pthread_mutex_lock(&pool->lock);
    bool room = pool->waiting < pool->setup.queue_limit;
    if (room) {
        queue_add(urgent ? &pool->urgent : &pool->normal, job);
        pool->waiting++;
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    return room ? RC_OK : RC_BUSY;
}

size_t net_pool_waiting(struct net_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    size_t waiting = pool->waiting;
    pthread_mutex_unlock(&pool->lock);
    return waiting;
}

void net_pool_free(struct net_pool **pool_ref) {
    struct net_pool *pool = *pool_ref;
    if (pool == NULL)
        return;
    *pool_ref = NULL;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->setup.threads; i++)
        must(pthread_join(pool->threads[i], NULL) == 0);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool->threads);
    mem_free(pool);
}
