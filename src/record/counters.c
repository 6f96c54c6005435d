// SPDX-License-Identifier: AGPL-3.0-or-later
// How often articles were read. The cells are the truth; the database follows:
//
//   loop threads --atomic add--> cells (mapped file)  --flush: absolute values--> read_totals (number, epoch)
//                                                     --flush: differences------> read_days (day, number)
//
// A difference is taken against the row that stands in the database, in the transaction that changes it: flushing
// twice, or again after a crash, adds nothing. A cell file that is lost or damaged begins a new epoch; what earlier
// epochs flushed keeps counting.
#include <pthread.h>

#include "record/cells.h"

#define BATCH_CELLS 2000

struct reading {
    int64_t number;
    uint64_t reads, raw;
};

struct counters {
    struct cells cells;
    struct store *store;
    pthread_mutex_t growing;
    pthread_mutex_t flushing; // guards what follows
    struct reading *flushed;  // by number: as the database has it; 0 when not known
    int64_t flushed_room;
    struct counter_cell spare; // counts nowhere: for a number that no room could be found for
    const struct text_zone *zone;
    _Atomic int64_t day_in; // that counters_flush_in wrote to
};

// ---- epochs --------------------------------------------------------------------------------------------------------

static enum rc epoch_last(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT MAX(epoch) FROM read_epochs");
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc epoch_begin(struct db *db, void *arg) {
    int64_t *epoch = arg, last = 0;
    enum rc rc = epoch_last(db, &last);
    if (rc != RC_OK)
        return rc;
    *epoch = last + 1;
    struct db_stmt *st = db_sql(db, "INSERT INTO read_epochs (epoch, begun_at) VALUES ($1, $2)");
    db_bind_i64(st, 1, *epoch);
    db_bind_i64(st, 2, clock_now_us());
    return db_run(st);
}

// The row first, then the file: a crash between leaves an epoch without a file, which the next start passes over.
static enum rc epoch_new(struct counters *c, const char *dir, struct problem *p) {
    int64_t epoch = 0;
    if (store_write(c->store, STORE_DURABLE, epoch_begin, &epoch) != RC_OK)
        return problem_set(p, RC_IO, "the read counts' epoch could not be written: see the log");
    return cells_create(dir, epoch, &c->cells, p);
}

// Cells that came out of an older copy may stand below what the database knows already: they are lifted to it.
static enum rc cells_lift(struct counters *c, struct db *db) {
    struct db_stmt *st = db_sql(db, "SELECT number, reads, raw_reads FROM read_totals WHERE epoch = $1");
    db_bind_i64(st, 1, c->cells.epoch);
    size_t lifted = 0;
    while (db_step(st)) {
        int64_t number = db_i64(st, 0);
        if (number < 1 || number >= CELLS_MOST)
            continue;
        struct counter_cell *cell = counters_cell(c, number);
        uint64_t reads = (uint64_t)db_i64(st, 1), raw = (uint64_t)db_i64(st, 2);
        if (cell->reads >= reads && cell->raw >= raw)
            continue;
        if (cell->reads < reads)
            cell->reads = reads;
        if (cell->raw < raw)
            cell->raw = raw;
        lifted++;
    }
    if (lifted > 0)
        log_warn("record: %zu read counts stood below the database and were lifted to it", lifted);
    return db_end(st);
}

static enum rc epoch_resume(struct counters *c, const char *dir, struct db *db, struct problem *p) {
    int64_t epoch = 0;
    struct problem why = {0};
    if (epoch_last(db, &epoch) != RC_OK)
        return problem_set(p, RC_IO, "the read counts' epoch could not be read: see the log");
    enum rc rc = epoch == 0 ? RC_NOT_FOUND : cells_open(dir, epoch, false, &c->cells, &why);
    if (rc == RC_INVALID)
        cells_set_aside(dir, epoch);
    if (rc == RC_INVALID || rc == RC_NOT_FOUND) {
        if (epoch != 0)
            log_error("record: a new epoch of read counts begins: %s", why.text);
        return epoch_new(c, dir, p);
    }
    if (rc != RC_OK)
        return problem_set(p, rc, "%s", why.text);
    return cells_lift(c, db);
}

enum rc counters_open(const char *dir, struct store *store, struct counters **out, struct problem *p) {
    struct db *db = NULL;
    enum rc rc = store_reader_new(store, &db, p);
    if (rc != RC_OK)
        return rc;
    struct counters *c = MEM_NEW(struct counters);
    c->cells.fd = -1;
    c->store = store;
    must(pthread_mutex_init(&c->growing, NULL) == 0);
    must(pthread_mutex_init(&c->flushing, NULL) == 0);
    rc = epoch_resume(c, dir, db, p);
    store_reader_free(&db);
    if (rc == RC_OK)
        *out = c;
    else {
        cells_close(&c->cells);
        mem_free(c);
    }
    return rc;
}

void counters_close(struct counters **pc) {
    struct counters *c = *pc;
    if (c == NULL)
        return;
    cells_sync(&c->cells);
    // Without a zone nothing was ever flushed here; the cells keep it for the next start.
    if (c->zone != NULL && counters_flush(c, c->store, c->zone) != RC_OK)
        log_warn("record: the last read counts stay in their cells until the next start");
    cells_close(&c->cells);
    pthread_mutex_destroy(&c->growing);
    pthread_mutex_destroy(&c->flushing);
    mem_free(c->flushed);
    mem_free(c);
    *pc = NULL;
}

// ---- counting
// --------------------------------------------------------------------------------------------------------

struct counter_cell *counters_cell(struct counters *c, int64_t number) {
    must(number >= 1 && number < CELLS_MOST);
    if (number < atomic_load_explicit(&c->cells.capacity, memory_order_acquire))
        return &c->cells.cell[number];
    pthread_mutex_lock(&c->growing);
    enum rc rc = cells_grow(&c->cells, number);
    pthread_mutex_unlock(&c->growing);
    return rc == RC_OK ? &c->cells.cell[number] : &c->spare;
}

uint64_t counters_base(struct counters *c, struct db *db, int64_t number, int64_t imported_base) {
    struct db_stmt *st =
        db_sql(db, "SELECT CAST(SUM(reads) AS BIGINT) FROM read_totals WHERE number = $1 AND epoch <> $2");
    db_bind_i64(st, 1, number);
    db_bind_i64(st, 2, c->cells.epoch);
    int64_t earlier = db_step(st) ? db_i64(st, 0) : 0;
    if (db_end(st) != RC_OK)
        log_warn("record: earlier reads of article %lld could not be read", (long long)number);
    return (uint64_t)(imported_base > 0 ? imported_base : 0) + (uint64_t)earlier;
}

void counters_sync(struct counters *c) {
    cells_sync(&c->cells);
}

// ---- flushing
// --------------------------------------------------------------------------------------------------------

static int64_t day_now(const struct text_zone *zone) {
    return text_day_of(text_civil_of(zone, clock_now_us()));
}

static struct reading cell_read(const struct counters *c, int64_t number) {
    const struct counter_cell *cell = &c->cells.cell[number];
    // Raw first: a reader counts in `reads` before `raw`, and a pair read the other way round could show more readers
    // than answers.
    uint64_t raw = atomic_load_explicit(&cell->raw, memory_order_acquire);
    return (struct reading){number, atomic_load_explicit(&cell->reads, memory_order_acquire), raw};
}

static enum rc row_read(struct db *db, int64_t epoch, struct reading *out) {
    struct db_stmt *st = db_sql(db, "SELECT reads, raw_reads FROM read_totals WHERE number = $1 AND epoch = $2");
    db_bind_i64(st, 1, out->number);
    db_bind_i64(st, 2, epoch);
    if (db_step(st)) {
        out->reads = (uint64_t)db_i64(st, 0);
        out->raw = (uint64_t)db_i64(st, 1);
    }
    return db_end(st);
}

static enum rc total_write(struct db *db, int64_t epoch, const struct reading *now) {
    struct db_stmt *st = db_sql(db, "INSERT INTO read_totals (number, epoch, reads, raw_reads) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (number, epoch) DO UPDATE SET reads = excluded.reads, "
                                    "raw_reads = excluded.raw_reads");
    db_bind_i64(st, 1, now->number);
    db_bind_i64(st, 2, epoch);
    db_bind_i64(st, 3, (int64_t)now->reads);
    db_bind_i64(st, 4, (int64_t)now->raw);
    return db_run(st);
}

static enum rc day_write(struct db *db, int64_t day, int64_t number, uint64_t reads, uint64_t raw) {
    struct db_stmt *st = db_sql(db, "INSERT INTO read_days (day, number, reads, raw_reads) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (day, number) DO UPDATE SET reads = read_days.reads + excluded.reads, "
                                    "raw_reads = read_days.raw_reads + excluded.raw_reads");
    db_bind_i64(st, 1, day);
    db_bind_i64(st, 2, number);
    db_bind_i64(st, 3, (int64_t)reads);
    db_bind_i64(st, 4, (int64_t)raw);
    return db_run(st);
}

// Cells only grow; one that stands below its row (a damaged file) changes nothing.
static enum rc reading_write(struct db *db, int64_t epoch, int64_t day, struct reading now) {
    struct reading row = {.number = now.number};
    enum rc rc = row_read(db, epoch, &row);
    if (rc != RC_OK)
        return rc;
    now.reads = now.reads > row.reads ? now.reads : row.reads;
    now.raw = now.raw > row.raw ? now.raw : row.raw;
    if (now.reads == row.reads && now.raw == row.raw)
        return RC_OK;
    rc = total_write(db, epoch, &now);
    return rc == RC_OK ? day_write(db, day, now.number, now.reads - row.reads, now.raw - row.raw) : rc;
}

struct batch {
    int64_t epoch, day;
    size_t count;
    struct reading readings[BATCH_CELLS];
};

static enum rc batch_write(struct db *db, void *arg) {
    const struct batch *b = arg;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < b->count; i++)
        rc = reading_write(db, b->epoch, b->day, b->readings[i]);
    return rc;
}

// The memory of what was flushed follows the file's growth.
static int64_t flushed_reach(struct counters *c) {
    int64_t capacity = atomic_load_explicit(&c->cells.capacity, memory_order_acquire);
    if (capacity > c->flushed_room) {
        c->flushed = mem_grow(c->flushed, (size_t)capacity, sizeof(struct reading));
        memset(c->flushed + c->flushed_room, 0, (size_t)(capacity - c->flushed_room) * sizeof(struct reading));
        c->flushed_room = capacity;
    }
    return capacity;
}

// Collects changed cells from *number on until the batch is full.
static void batch_fill(struct counters *c, struct batch *b, int64_t *number, int64_t end) {
    b->count = 0;
    for (; *number < end && b->count < BATCH_CELLS; (*number)++) {
        struct reading now = cell_read(c, *number);
        const struct reading *last = &c->flushed[*number];
        if (now.reads != last->reads || now.raw != last->raw)
            b->readings[b->count++] = now;
    }
}

// Of the process, as what is remembered is.
static _Atomic uint64_t past_changes;
static _Atomic int64_t newest_day;

uint64_t counters_past_changes(void) {
    return atomic_load_explicit(&past_changes, memory_order_acquire);
}

// After the commit, which may have come when the day was over.
static void day_written(int64_t day, const struct text_zone *zone) {
    int64_t newest = atomic_load(&newest_day);
    while (newest < day && !atomic_compare_exchange_weak(&newest_day, &newest, day))
        continue;
    if (day < newest || day < day_now(zone))
        atomic_fetch_add_explicit(&past_changes, 1, memory_order_release);
}

static enum rc flush_locked(struct counters *c, struct store *store, struct batch *b) {
    int64_t number = 1, end = flushed_reach(c);
    enum rc rc = RC_OK;
    while (rc == RC_OK && number < end) {
        batch_fill(c, b, &number, end);
        if (b->count == 0)
            break;
        rc = store_write(store, STORE_RELAXED, batch_write, b);
        if (rc == RC_OK)
            day_written(b->day, c->zone);
        for (size_t i = 0; rc == RC_OK && i < b->count; i++)
            c->flushed[b->readings[i].number] = b->readings[i];
    }
    return rc;
}

enum rc counters_flush(struct counters *c, struct store *store, const struct text_zone *zone) {
    struct batch *b = MEM_NEW(struct batch);
    b->epoch = c->cells.epoch;
    b->day = day_now(zone);
    pthread_mutex_lock(&c->flushing);
    c->zone = zone;
    enum rc rc = flush_locked(c, store, b);
    pthread_mutex_unlock(&c->flushing);
    mem_free(b);
    return rc;
}

// On the writer's thread. Takes no lock: a flush in another thread may be waiting for this very thread. So it asks
// the database, not the memory of what was flushed, and leaves that memory alone: this transaction may yet fail.
enum rc counters_flush_in(struct counters *c, struct db *db, const struct text_zone *zone) {
    int64_t capacity = atomic_load_explicit(&c->cells.capacity, memory_order_acquire), day = day_now(zone);
    enum rc rc = RC_OK;
    for (int64_t number = 1; rc == RC_OK && number < capacity; number++) {
        struct reading now = cell_read(c, number);
        if (now.reads != 0 || now.raw != 0)
            rc = reading_write(db, c->cells.epoch, day, now);
    }
    atomic_store(&c->day_in, day);
    return rc;
}

// Once too often costs a reading of the days; once too seldom shows them as they were.
void counters_flush_over(struct counters *c, const struct text_zone *zone) {
    int64_t day = atomic_exchange(&c->day_in, 0);
    if (day != 0)
        day_written(day, zone);
}
