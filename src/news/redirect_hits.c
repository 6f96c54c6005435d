// SPDX-License-Identifier: AGPL-3.0-or-later
// How often redirects are asked for. Workers add to a small table in memory; the flush takes it over into the database.
#include <pthread.h>

#include "news/internal.h"

enum {
    ROWS = 1024,
    ROWS_MOST = ROWS * 3 / 4
}; // beyond that, what else is asked for between two flushes is not counted

struct hit {
    int64_t id, count; // id 0: free
};
struct redirect_hits {
    pthread_mutex_t lock;
    size_t used;
    struct hit rows[ROWS];
};

struct redirect_hits *redirect_hits_new(void) {
    struct redirect_hits *h = MEM_NEW(struct redirect_hits);
    must(pthread_mutex_init(&h->lock, NULL) == 0);
    return h;
}

void redirect_hits_free(struct redirect_hits **h) {
    if (*h == NULL)
        return;
    must(pthread_mutex_destroy(&(*h)->lock) == 0);
    mem_free(*h);
    *h = NULL;
}

void redirect_hits_add(struct redirect_hits *h, int64_t id) {
    size_t at = (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 54);
    must(pthread_mutex_lock(&h->lock) == 0);
    while (h->rows[at].id != 0 && h->rows[at].id != id)
        at = (at + 1) % ROWS;
    if (h->rows[at].id == id) {
        h->rows[at].count++;
    } else if (h->used < ROWS_MOST) {
        h->rows[at] = (struct hit){id, 1};
        h->used++;
    }
    must(pthread_mutex_unlock(&h->lock) == 0);
}

struct batch {
    int64_t now_us;
    size_t count;
    struct hit rows[ROWS_MOST];
};

static enum rc batch_write(struct db *db, void *arg) {
    const struct batch *b = arg;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < b->count; i++) {
        struct db_stmt *st = db_sql(db, "UPDATE redirects SET hits = hits + $2, hit_at = $3 WHERE id = $1");
        db_bind_i64(st, 1, b->rows[i].id);
        db_bind_i64(st, 2, b->rows[i].count);
        db_bind_i64(st, 3, b->now_us);
        rc = db_run(st);
    }
    return rc;
}

enum rc redirect_hits_flush(struct redirect_hits *h, struct store *store) {
    struct batch *b = MEM_NEW(struct batch);
    b->now_us = clock_now_us();
    must(pthread_mutex_lock(&h->lock) == 0);
    for (size_t i = 0; i < ROWS; i++)
        if (h->rows[i].id != 0)
            b->rows[b->count++] = h->rows[i];
    memset(h->rows, 0, sizeof h->rows);
    h->used = 0;
    must(pthread_mutex_unlock(&h->lock) == 0);
    enum rc rc = b->count > 0 ? store_write(store, STORE_RELAXED, batch_write, b) : RC_OK;
    mem_free(b);
    return rc;
}
