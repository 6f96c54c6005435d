// SPDX-License-Identifier: AGPL-3.0-or-later
// The reads of one day, packed. A day that is over changes no more (record/counters.c writes the day that is), so it is
// read once and remembered: a stretch of thirty days is otherwise most of a million rows, each time somebody looks.
#include <pthread.h>
#include <stdlib.h>

#include "news/internal.h"

enum { DAYS_MOST = 400, ROWS_MOST = 700000, ROWS_FIRST = 1024 }; // about 16 MiB, or a month of 23,000 articles a day

static struct {
    pthread_mutex_t lock;
    uint64_t changes; // counters_past_changes() when these were read
    struct day_reads *days[DAYS_MOST];
    size_t count, rows;
} past = {.lock = PTHREAD_MUTEX_INITIALIZER};

void day_reads_release(struct day_reads *d) {
    if (d != NULL && atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) == 1) {
        mem_free(d->rows);
        mem_free(d);
    }
}

static void drop(size_t at) {
    past.rows -= past.days[at]->count;
    day_reads_release(past.days[at]);
    past.days[at] = past.days[--past.count];
}

// A clock that was set back wrote to a day that was over before.
static void drop_changed(void) {
    uint64_t changes = counters_past_changes();
    if (past.changes != changes)
        while (past.count > 0)
            drop(past.count - 1);
    past.changes = changes;
}

static struct day_reads *take(int64_t day) {
    struct day_reads *found = NULL;
    must(pthread_mutex_lock(&past.lock) == 0);
    drop_changed();
    for (size_t i = 0; i < past.count && found == NULL; i++)
        if (past.days[i]->day == day)
            found = past.days[i];
    if (found != NULL)
        atomic_fetch_add_explicit(&found->refs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&past.lock);
    return found;
}

static size_t oldest(void) {
    size_t at = 0;
    for (size_t i = 1; i < past.count; i++)
        if (past.days[i]->day < past.days[at]->day)
            at = i;
    return at;
}

// Newer days are asked for more often: for one of them the oldest go.
static bool has_room(const struct day_reads *d) {
    while (past.count > 0 && (past.count == DAYS_MOST || past.rows + d->count > ROWS_MOST)) {
        size_t at = oldest();
        if (past.days[at]->day > d->day)
            return false;
        drop(at);
    }
    return d->count <= ROWS_MOST;
}

static bool is_known(int64_t day) { // two may have read it at the same time
    for (size_t i = 0; i < past.count; i++)
        if (past.days[i]->day == day)
            return true;
    return false;
}

static void keep(struct day_reads *d, uint64_t changes) {
    must(pthread_mutex_lock(&past.lock) == 0);
    drop_changed();
    if (past.changes == changes && !is_known(d->day) && has_room(d)) {
        atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
        past.days[past.count++] = d;
        past.rows += d->count;
    }
    pthread_mutex_unlock(&past.lock);
}

static enum rc read_rows(struct db *db, struct day_reads *d) {
    size_t room = ROWS_FIRST;
    d->rows = mem_array(room, sizeof *d->rows);
    struct db_stmt *st = db_sql(db, "SELECT number, reads, raw_reads FROM read_days WHERE day = $1");
    db_bind_i64(st, 1, d->day);
    while (db_step(st)) {
        if (d->count == room) {
            room *= 2;
            d->rows = mem_grow(d->rows, room, sizeof *d->rows);
        }
        d->rows[d->count++] = (struct day_read){db_i64(st, 0), db_i64(st, 1), db_i64(st, 2)};
    }
    d->rows = mem_grow(d->rows, d->count > 0 ? d->count : 1, sizeof *d->rows);
    return db_end(st);
}

enum rc day_reads_get(struct db *db, int64_t day, const struct day_moment *moment, struct day_reads **out) {
    *out = take(day);
    if (*out != NULL)
        return RC_OK;
    *out = MEM_NEW(struct day_reads);
    **out = (struct day_reads){.refs = 1, .day = day};
    enum rc rc = read_rows(db, *out);
    // What was counted before midnight may be written a moment after it: yesterday is not over yet.
    if (rc == RC_OK && day < moment->today - 1)
        keep(*out, moment->changes);
    if (rc != RC_OK) {
        day_reads_release(*out);
        *out = NULL;
    }
    return rc;
}
