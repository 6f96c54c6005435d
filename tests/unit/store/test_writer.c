// SPDX-License-Identifier: AGPL-3.0-or-later
// The writer: what a failure takes along and what not, many writers at once, a full disk.
#include "opened.h"

#include <pthread.h>
#include <sqlite3.h>

static enum rc vote_put(struct db *db, int64_t number, struct str voter) {
    struct db_stmt *st = db_sql(db, "INSERT INTO votes (number, voter, value, voted_at) VALUES ($1, $2, 5, 0)");
    db_bind_i64(st, 1, number);
    db_bind_blob(st, 2, voter.p, voter.n);
    return db_run(st);
}

static int64_t votes_count(struct db *db) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM votes");
    int64_t count = db_step(st) ? db_i64(st, 0) : -1;
    assert_int_equal(db_end(st), RC_OK);
    return count;
}

static enum rc put_then_refuse(struct db *db, void *arg) {
    enum rc rc = vote_put(db, 1, STR("x"));
    return rc != RC_OK ? rc : *(enum rc *)arg;
}

static void test_what_is_refused_is_rolled_back(void **state) {
    struct opened *f = *state;
    for (enum rc wanted = RC_NOT_FOUND; wanted <= RC_IO; wanted++) {
        assert_int_equal(store_write(f->store, STORE_DURABLE, put_then_refuse, &wanted), wanted);
        assert_int_equal(votes_count(f->reader), 0);
    }
    enum rc fine = RC_OK;
    assert_int_equal(store_write(f->store, STORE_RELAXED, put_then_refuse, &fine), RC_OK);
    assert_int_equal(votes_count(f->reader), 1);
}

// ---- many at once
// ------------------------------------------------------------------------------------------------------

#define THREADS 8
#define EACH 100

struct crowd {
    struct store *store;
    int64_t number;
    int acknowledged;
};

static enum rc crowd_put(struct db *db, void *arg) {
    struct crowd *c = arg;
    enum rc rc = vote_put(db, c->number, STR("x"));
    return rc == RC_OK && c->number % 3 == 0 ? RC_DENIED : rc; // every third takes its own back
}

static void *crowd_run(void *arg) {
    struct crowd *c = arg;
    int64_t first = c->number;
    for (int i = 0; i < EACH; i++) {
        c->number = first + i;
        enum store_durability d = i % 2 == 0 ? STORE_DURABLE : STORE_RELAXED;
        if (store_write(c->store, d, crowd_put, c) == RC_OK)
            c->acknowledged++;
    }
    return NULL;
}

static void test_neighbours_in_a_commit_do_not_share_failure(void **state) {
    struct opened *f = *state;
    pthread_t threads[THREADS];
    struct crowd crowd[THREADS];
    int acknowledged = 0;
    for (int i = 0; i < THREADS; i++) {
        crowd[i] = (struct crowd){f->store, i * EACH, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_run, &crowd[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        acknowledged += crowd[i].acknowledged;
    }
    assert_int_equal(acknowledged, THREADS * EACH - (THREADS * EACH + 2) / 3);
    assert_int_equal(votes_count(f->reader), acknowledged);
}

// ---- order and durability
// ----------------------------------------------------------------------------------------------

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool entered, open;
};

static enum rc gate_wait(struct db *db, void *arg) {
    (void)db;
    struct gate *g = arg;
    pthread_mutex_lock(&g->lock);
    g->entered = true;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
    return RC_OK;
}

struct piece {
    struct store *store;
    enum store_durability durability;
    int64_t synchronous, number;
    struct gate *gate;
};

static enum rc piece_put(struct db *db, void *arg) {
    struct piece *p = arg;
    struct db_stmt *st = db_sql(db, "PRAGMA synchronous");
    p->synchronous = db_step(st) ? db_i64(st, 0) : -1;
    enum rc rc = db_end(st);
    return rc == RC_OK ? vote_put(db, p->number, STR("p")) : rc;
}

static void *piece_run(void *arg) {
    struct piece *p = arg;
    enum rc rc = p->gate != NULL ? store_write(p->store, STORE_RELAXED, gate_wait, p->gate)
                                 : store_write(p->store, p->durability, piece_put, p);
    assert_int_equal(rc, RC_OK);
    return NULL;
}

static void test_durable_and_relaxed(void **state) {
    struct opened *f = *state;
    struct piece relaxed = {f->store, STORE_RELAXED, -1, 1, NULL}, durable = {f->store, STORE_DURABLE, -1, 2, NULL};
    piece_run(&relaxed);
    piece_run(&durable);
    assert_int_equal(relaxed.synchronous, 1);
    assert_int_equal(durable.synchronous, 2);
    assert_int_equal(votes_count(f->reader), 2);
}

static void count_commit(void *arg) {
    ++*(int *)arg;
}

static void test_a_listener_taken_away_is_not_called(void **state) {
    struct opened *f = *state;
    int stays = 0, goes = 0;
    struct piece piece = {f->store, STORE_DURABLE, -1, 1, NULL};
    store_on_commit(f->store, count_commit, &goes);
    store_on_commit(f->store, count_commit, &stays);
    piece_run(&piece);
    store_off_commit(f->store, count_commit, &goes);
    piece.number = 2;
    piece_run(&piece);
    assert_int_equal(goes, 1);
    assert_int_equal(stays, 2);
}

// While one piece holds the writer, others queue up; then they are committed in one go or in a few, each answered.
static void test_what_waits_together_is_committed(void **state) {
    struct opened *f = *state;
    int commits = 0;
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct piece holder = {f->store, STORE_RELAXED, 0, 0, &gate}, pieces[6];
    pthread_t holding, threads[6];
    store_on_commit(f->store, count_commit, &commits);
    assert_int_equal(pthread_create(&holding, NULL, piece_run, &holder), 0);
    pthread_mutex_lock(&gate.lock);
    while (!gate.entered)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    for (int i = 0; i < 6; i++) {
        pieces[i] = (struct piece){f->store, STORE_DURABLE, -1, i + 1, NULL};
        assert_int_equal(pthread_create(&threads[i], NULL, piece_run, &pieces[i]), 0);
    }
    pthread_mutex_lock(&gate.lock);
    gate.open = true;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
    assert_int_equal(pthread_join(holding, NULL), 0);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(pieces[i].synchronous, 2);
    }
    assert_int_equal(votes_count(f->reader), 6);
    assert_in_range(commits, 1, 6);
}

// ---- a full disk
// -------------------------------------------------------------------------------------------------------

static enum rc pages_limit(struct db *db, void *arg) {
    (void)arg;
    return sqlite3_exec(db_engine(db), "PRAGMA max_page_count = 1", NULL, NULL, NULL) == SQLITE_OK ? RC_OK : RC_IO;
}

static enum rc pages_free(struct db *db, void *arg) {
    (void)arg;
    return sqlite3_exec(db_engine(db), "PRAGMA max_page_count = 1000000", NULL, NULL, NULL) == SQLITE_OK ? RC_OK
                                                                                                         : RC_IO;
}

static enum rc put_much(struct db *db, void *arg) {
    (void)arg;
    static char big[400000];
    memset(big, 'x', sizeof big);
    return vote_put(db, 7, (struct str){big, sizeof big});
}

static void test_a_full_disk_refuses_and_recovers(void **state) {
    struct opened *f = *state;
    enum rc fine = RC_OK;
    assert_int_equal(store_write(f->store, STORE_DURABLE, pages_limit, NULL), RC_OK);
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_much, NULL), RC_IO);
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_much, NULL), RC_IO);
    assert_int_equal(votes_count(f->reader), 0);
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_then_refuse, &fine), RC_OK); // what fits, fits
    assert_int_equal(store_write(f->store, STORE_DURABLE, pages_free, NULL), RC_OK);
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_much, NULL), RC_OK);
    assert_int_equal(votes_count(f->reader), 2);
}

// A piece whose engine gave up its whole transaction is run again alone; so must be its neighbours.
static enum rc breaks_transaction(struct db *db, void *arg) {
    int *runs = arg;
    ++*runs;
    if (*runs == 1)
        (void)sqlite3_exec(db_engine(db), "ROLLBACK", NULL, NULL, NULL);
    return vote_put(db, 50, STR("r"));
}

static void test_a_broken_transaction_is_tried_again(void **state) {
    struct opened *f = *state;
    int runs = 0;
    assert_int_equal(store_write(f->store, STORE_DURABLE, breaks_transaction, &runs), RC_CONFLICT);
    struct db_stmt *st = db_sql(f->reader, "SELECT COUNT(*) FROM votes WHERE number = 50");
    assert_true(db_step(st));
    assert_int_equal(db_i64(st, 0), 1); // the first run's row went in outside any transaction
    assert_int_equal(db_end(st), RC_OK);
    assert_int_equal(runs, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_what_is_refused_is_rolled_back),
        STORE_TEST(test_neighbours_in_a_commit_do_not_share_failure),
        STORE_TEST(test_durable_and_relaxed),
        STORE_TEST(test_a_listener_taken_away_is_not_called),
        STORE_TEST(test_what_waits_together_is_committed),
        STORE_TEST(test_a_full_disk_refuses_and_recovers),
        STORE_TEST(test_a_broken_transaction_is_tried_again),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
