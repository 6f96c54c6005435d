// SPDX-License-Identifier: AGPL-3.0-or-later
// The thread, its second's pause, and its end.
#include <pthread.h>
#include <time.h>

#include "main/background.h"

enum { LOOK_SECONDS = 1, STOP_MS = 500 };

struct background {
    background_fn work;
    void *arg;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping, away;
};

bool background_is_ending(struct background *b) {
    pthread_mutex_lock(&b->lock);
    bool stopping = b->stopping;
    pthread_mutex_unlock(&b->lock);
    return stopping;
}

static void set_away(struct background *b, bool away) {
    pthread_mutex_lock(&b->lock);
    while (!away && b->stopping)
        pthread_cond_wait(&b->changed, &b->lock);
    b->away = away;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void background_away(struct background *b) {
    set_away(b, true);
}

void background_back(struct background *b) {
    set_away(b, false);
}

static struct timespec real_time_in(int64_t ms) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t ns = t.tv_nsec + ms % 1000 * 1000000;
    return (struct timespec){.tv_sec = t.tv_sec + ms / 1000 + ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static bool wait_a_while(struct background *b) {
    struct timespec until = real_time_in(LOOK_SECONDS * 1000);
    pthread_mutex_lock(&b->lock);
    if (!b->stopping)
        pthread_cond_timedwait(&b->changed, &b->lock, &until);
    bool go_on = !b->stopping;
    pthread_mutex_unlock(&b->lock);
    return go_on;
}

static void *run(void *arg) {
    struct background *b = arg;
    struct arena *a = arena_new(1 << 20);
    while (wait_a_while(b))
        while (!background_is_ending(b) && b->work(b, a, b->db, b->arg))
            arena_reset(a);
    arena_free(&a);
    return NULL;
}

struct background *background_start(struct store *store, const char *name, background_fn work, void *arg) {
    struct background *b = MEM_NEW(struct background);
    struct problem problem = {""};
    b->work = work;
    b->arg = arg;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    must(store_reader_new(store, &b->db, &problem) == RC_OK);
    must(pthread_create(&b->thread, NULL, run, b) == 0);
    pthread_setname_np(b->thread, name);
    return b;
}

bool background_stop(struct background **background) {
    struct background *b = *background;
    struct timespec until = real_time_in(STOP_MS);
    *background = NULL;
    pthread_mutex_lock(&b->lock);
    // It may just be done, and then it ends.
    while (b->away && pthread_cond_timedwait(&b->changed, &b->lock, &until) == 0)
        ;
    b->stopping = true;
    bool left = b->away;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    if (left)
        return false;
    pthread_join(b->thread, NULL);
    store_reader_free(&b->db);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    mem_free(b);
    return true;
}
