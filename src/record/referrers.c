// SPDX-License-Identifier: AGPL-3.0-or-later
// From where readers came. Loop threads add to a small table in memory; the flush takes it over into the database.
#include <pthread.h>

#include "record/record.h"

enum { ROWS = 4096, ROWS_MOST = ROWS * 3 / 4 };

struct came {
    int64_t number; // 0: free
    uint64_t key;
    int64_t reads;
    size_t n;
    char host[REFERRER_HOST_BYTES];
};
struct referrers {
    pthread_mutex_t lock;
    size_t count;
    struct came rows[ROWS];
};

struct referrers *referrers_new(void) {
    struct referrers *r = MEM_NEW(struct referrers);
    must(pthread_mutex_init(&r->lock, NULL) == 0);
    return r;
}

void referrers_free(struct referrers **r) {
    if (*r == NULL)
        return;
    must(pthread_mutex_destroy(&(*r)->lock) == 0);
    mem_free(*r);
    *r = NULL;
}

// ---- counting --------------------------------------------------------------------------------------------------------

// The row of this pair, or the free one where it belongs.
static struct came *row_find(struct referrers *r, uint64_t key, int64_t number, struct str host) {
    size_t at = key & (ROWS - 1);
    while (r->rows[at].number != 0) {
        struct came *row = &r->rows[at];
        if (row->key == key && row->number == number && str_eq((struct str){row->host, row->n}, host))
            break;
        at = (at + 1) & (ROWS - 1);
    }
    return &r->rows[at];
}

void referrers_count(struct referrers *r, int64_t number, struct str host) {
    uint64_t key = hash_key(host) ^ ((uint64_t)number * UINT64_C(0x9e3779b97f4a7c15));
    if (number < 1 || host.n == 0 || host.n > sizeof r->rows[0].host)
        return;
    must(pthread_mutex_lock(&r->lock) == 0);
    struct came *row = row_find(r, key, number, host);
    if (row->number != 0) {
        row->reads++;
    } else if (r->count < ROWS_MOST) {
        *row = (struct came){.number = number, .key = key, .reads = 1, .n = host.n};
        memcpy(row->host, host.p, host.n);
        r->count++;
    }
    must(pthread_mutex_unlock(&r->lock) == 0);
}

// ---- flushing --------------------------------------------------------------------------------------------------------

struct batch {
    int64_t day;
    size_t count;
    struct came rows[ROWS_MOST];
};

static enum rc host_find(struct db *db, struct str host, int64_t *id_out) {
    struct db_stmt *st = db_sql(db, "SELECT id FROM referrer_hosts WHERE host = $1");
    db_bind_str(st, 1, host);
    *id_out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc host_most(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT MAX(id) FROM referrer_hosts");
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

// 0 when the names that are remembered are full: whoever sends invented ones fills no disk.
static enum rc host_make(struct db *db, struct str host, int64_t *id_out) {
    int64_t most = 0;
    enum rc rc = host_find(db, host, id_out);
    if (rc != RC_OK || *id_out != 0)
        return rc;
    rc = host_most(db, &most);
    if (rc != RC_OK || most >= REFERRER_HOSTS_MAX)
        return rc;
    struct db_stmt *st = db_sql(db, "INSERT INTO referrer_hosts (id, host) VALUES ($1, $2)");
    *id_out = most + 1;
    db_bind_i64(st, 1, *id_out);
    db_bind_str(st, 2, host);
    return db_run(st);
}

static enum rc row_write(struct db *db, int64_t day, const struct came *row) {
    int64_t id = 0;
    enum rc rc = host_make(db, (struct str){row->host, row->n}, &id);
    if (rc != RC_OK || id == 0)
        return rc;
    struct db_stmt *st = db_sql(db, "INSERT INTO referrer_days (day, number, host_id, reads) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (day, number, host_id) DO UPDATE SET "
                                    "reads = referrer_days.reads + excluded.reads");
    db_bind_i64(st, 1, day);
    db_bind_i64(st, 2, row->number);
    db_bind_i64(st, 3, id);
    db_bind_i64(st, 4, row->reads);
    return db_run(st);
}

static enum rc batch_write(struct db *db, void *arg) {
    const struct batch *b = arg;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < b->count; i++)
        rc = row_write(db, b->day, &b->rows[i]);
    return rc;
}

static void batch_take(struct referrers *r, struct batch *b) {
    must(pthread_mutex_lock(&r->lock) == 0);
    for (size_t i = 0; i < ROWS; i++)
        if (r->rows[i].number != 0)
            b->rows[b->count++] = r->rows[i];
    if (r->count > 0)
        memset(r->rows, 0, sizeof r->rows);
    r->count = 0;
    must(pthread_mutex_unlock(&r->lock) == 0);
}

enum rc referrers_flush(struct referrers *r, struct store *store, const struct text_zone *zone) {
    struct batch *b = MEM_NEW(struct batch);
    b->day = text_day_of(text_civil_of(zone, clock_now_us()));
    batch_take(r, b);
    enum rc rc = b->count > 0 ? store_write(store, STORE_RELAXED, batch_write, b) : RC_OK;
    mem_free(b);
    return rc;
}
