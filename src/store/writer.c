// SPDX-License-Identifier: AGPL-3.0-or-later
// The writer's thread. It takes what waits in the queue, runs each piece in a savepoint of its own inside one
// transaction, and commits them with one flush of the disk:
//
//   queue  a b c d   ->   BEGIN  [a] [b] [c: rolled back alone] [d]  COMMIT  ->  answers for a b c d
//
// One durable piece makes the whole commit durable. When the transaction as a whole fails (disk full, I/O error), it
// is rolled back and each piece is tried once more alone, so that nobody's write dies of a neighbour's.
#include "store/writer.h"

#include <pthread.h>

#define BATCH_MOST 64
#define BUSY_TRIES 5
#define LISTENERS_MOST 8
#define CHECKPOINT_PAGES 1000

struct job {
    struct job *next;
    store_write_fn fn;
    void *arg;
    enum store_durability durability;
    enum rc (*then)(void *arg);
    void *then_arg;
    enum rc rc;
    bool done;
};

struct listener {
    void (*fn)(void *arg);
    void *arg;
};

struct writer {
    struct db *db;
    const char *path;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t queued, finished;
    struct job *first, **last;
    bool ending;
    pthread_mutex_t telling; // held while listeners are called or change
    struct listener listeners[LISTENERS_MOST];
    size_t listener_count;
    int wal_pages;            // as the last commit left it
    enum store_durability at; // what the connection is set to
};

// ---- one transaction -----------------------------------------------------------------------------------------------

static void durability_set(struct writer *w, enum store_durability d) {
    if (w->at == d)
        return;
    const char *pragma = d == STORE_DURABLE ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
    if (connection_exec(w->db, pragma) == SQLITE_OK)
        w->at = d;
}

static bool transaction_open(struct writer *w) {
    return sqlite3_get_autocommit(w->db->engine) == 0;
}

static void rollback(struct writer *w) {
    if (transaction_open(w))
        (void)connection_exec(w->db, "ROLLBACK");
}

// Runs one piece in its savepoint. False when the engine gave the whole transaction up.
static bool job_run(struct writer *w, struct job *job) {
    if (connection_exec(w->db, "SAVEPOINT piece") != SQLITE_OK)
        return false;
    job->rc = job->fn != NULL ? job->fn(w->db, job->arg) : RC_OK;
    if (!transaction_open(w))
        return false;
    if (job->rc == RC_OK)
        return connection_exec(w->db, "RELEASE piece") == SQLITE_OK;
    return connection_exec(w->db, "ROLLBACK TO piece") == SQLITE_OK &&
           connection_exec(w->db, "RELEASE piece") == SQLITE_OK;
}

static int commit(struct writer *w) {
    int status = connection_exec(w->db, "COMMIT");
    for (int tries = 1; (status & 0xff) == SQLITE_BUSY && tries < BUSY_TRIES; tries++)
        status = connection_exec(w->db, "COMMIT");
    return status;
}

// Runs the pieces from `jobs` up to `end` as one transaction; false: nothing of it was kept.
static bool transaction(struct writer *w, struct job **jobs, size_t count) {
    if (connection_exec(w->db, "BEGIN IMMEDIATE") != SQLITE_OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!job_run(w, jobs[i])) {
            rollback(w);
            return false;
        }
    }
    if (commit(w) != SQLITE_OK) {
        rollback(w);
        return false;
    }
    return true;
}

static void failure_tell(struct writer *w) {
    int status = connection_failure_take(w->db);
    struct problem p = {0};
    (void)connection_problem(&p, status, w->path);
    log_error("store: nothing was written: %s", p.text);
}

// A second try alone, for a piece whose shared transaction failed.
static void job_alone(struct writer *w, struct job *job) {
    durability_set(w, job->durability);
    if (transaction(w, &job, 1))
        return;
    failure_tell(w);
    if (job->rc == RC_OK)
        job->rc = RC_IO;
}

static bool batch_durable(struct job **jobs, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (jobs[i]->durability == STORE_DURABLE)
            return true;
    return false;
}

static void listeners_tell(struct writer *w) {
    pthread_mutex_lock(&w->telling);
    for (size_t i = 0; i < w->listener_count; i++)
        w->listeners[i].fn(w->listeners[i].arg);
    pthread_mutex_unlock(&w->telling);
}

static void batch_run(struct writer *w, struct job **jobs, size_t count) {
    bool durable = batch_durable(jobs, count);
    durability_set(w, durable ? STORE_DURABLE : STORE_RELAXED);
    (void)connection_failure_take(w->db);
    if (!transaction(w, jobs, count))
        for (size_t i = 0; i < count; i++)
            job_alone(w, jobs[i]);
    (void)connection_failure_take(w->db);
    if (durable)
        listeners_tell(w);
}

// ---- the write-ahead log's length
// ------------------------------------------------------------------------------------

static int on_wal(void *arg, sqlite3 *engine, const char *name, int pages) {
    (void)engine;
    (void)name;
    ((struct writer *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

// Passive: waits for no reader. What a reader still needs is copied by a later one.
static void checkpoint_if_long(struct writer *w) {
    if (w->wal_pages < CHECKPOINT_PAGES)
        return;
    int status = sqlite3_wal_checkpoint_v2(w->db->engine, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (status != SQLITE_OK && (status & 0xff) != SQLITE_BUSY)
        log_warn("store: checkpoint of %s: %s", w->path, sqlite3_errmsg(w->db->engine));
    w->wal_pages = 0;
}

// ---- the queue
// ---------------------------------------------------------------------------------------------------------

// Takes the pieces that go into the next commit. One with a `then` ends its batch: what it looks at must be the last
// commit. Called with the lock held.
static size_t batch_take(struct writer *w, struct job **jobs) {
    size_t count = 0;
    while (w->first != NULL && count < BATCH_MOST) {
        struct job *job = w->first;
        w->first = job->next;
        if (w->first == NULL)
            w->last = &w->first;
        jobs[count++] = job;
        if (job->then != NULL)
            break;
    }
    return count;
}

static void *writer_main(void *arg) {
    struct writer *w = arg;
    struct job *jobs[BATCH_MOST];
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (w->first == NULL && !w->ending)
            pthread_cond_wait(&w->queued, &w->lock);
        size_t count = batch_take(w, jobs);
        if (count == 0)
            break;
        pthread_mutex_unlock(&w->lock);
        batch_run(w, jobs, count);
        struct job *last = jobs[count - 1];
        if (last->then != NULL && last->rc == RC_OK)
            last->rc = last->then(last->then_arg);
        pthread_mutex_lock(&w->lock);
        for (size_t i = 0; i < count; i++)
            jobs[i]->done = true;
        pthread_cond_broadcast(&w->finished);
        pthread_mutex_unlock(&w->lock);
        checkpoint_if_long(w);
        pthread_mutex_lock(&w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static enum rc job_wait(struct writer *w, struct job *job) {
    must(!pthread_equal(pthread_self(), w->thread)); // a write inside a write would wait for itself
    pthread_mutex_lock(&w->lock);
    must(!w->ending);
    *w->last = job;
    w->last = &job->next;
    pthread_cond_signal(&w->queued);
    while (!job->done)
        pthread_cond_wait(&w->finished, &w->lock);
    pthread_mutex_unlock(&w->lock);
    return job->rc;
}

enum rc writer_run(struct writer *w, enum store_durability d, store_write_fn fn, void *arg) {
    struct job job = {.fn = fn, .arg = arg, .durability = d};
    return job_wait(w, &job);
}

enum rc writer_run_then(struct writer *w, store_write_fn fn, void *arg, enum rc (*then)(void *arg), void *then_arg) {
    struct job job = {.fn = fn, .arg = arg, .durability = STORE_DURABLE, .then = then, .then_arg = then_arg};
    return job_wait(w, &job);
}

void writer_on_commit(struct writer *w, void (*fn)(void *arg), void *arg) {
    pthread_mutex_lock(&w->telling);
    must(w->listener_count < LISTENERS_MOST);
    w->listeners[w->listener_count] = (struct listener){fn, arg};
    w->listener_count++;
    pthread_mutex_unlock(&w->telling);
}

void writer_off_commit(struct writer *w, void (*fn)(void *arg), void *arg) {
    pthread_mutex_lock(&w->telling);
    size_t kept = 0;
    for (size_t i = 0; i < w->listener_count; i++)
        if (w->listeners[i].fn != fn || w->listeners[i].arg != arg)
            w->listeners[kept++] = w->listeners[i];
    w->listener_count = kept;
    pthread_mutex_unlock(&w->telling);
}

struct writer *writer_new(struct db *db, const char *path) {
    struct writer *w = MEM_NEW(struct writer);
    w->db = db;
    w->path = path;
    w->last = &w->first;
    w->at = STORE_DURABLE;
    must(pthread_mutex_init(&w->lock, NULL) == 0);
    must(pthread_mutex_init(&w->telling, NULL) == 0);
    must(pthread_cond_init(&w->queued, NULL) == 0);
    must(pthread_cond_init(&w->finished, NULL) == 0);
    sqlite3_wal_hook(db->engine, on_wal, w);
    must(pthread_create(&w->thread, NULL, writer_main, w) == 0);
    return w;
}

void writer_free(struct writer **pw) {
    struct writer *w = *pw;
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->queued);
    pthread_mutex_unlock(&w->lock);
    must(pthread_join(w->thread, NULL) == 0);
    (void)sqlite3_wal_checkpoint_v2(w->db->engine, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    db_connection_close(&w->db);
    pthread_cond_destroy(&w->finished);
    pthread_cond_destroy(&w->queued);
    pthread_mutex_destroy(&w->lock);
    pthread_mutex_destroy(&w->telling);
    mem_free(w);
    *pw = NULL;
}
