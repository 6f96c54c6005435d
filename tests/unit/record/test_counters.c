// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads: what was added is never lost to a kill, never counted twice, and survives the loss of its file.
#include "station.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static struct counters *counters_of(struct station *s) {
    struct counters *c = NULL;
    struct problem p = {0};
    if (counters_open(s->scratch.dir, s->store, &c, &p) != RC_OK)
        fail_msg("%s", p.text);
    return c;
}

static void add(struct counters *c, int64_t number, uint64_t reads, uint64_t raw) {
    struct counter_cell *cell = counters_cell(c, number);
    atomic_fetch_add(&cell->reads, reads);
    atomic_fetch_add(&cell->raw, raw);
}

static int64_t sum(struct station *s, bool days) {
    struct db_stmt *st = days ? db_sql(s->reader, "SELECT CAST(SUM(reads) AS BIGINT) FROM read_days")
                              : db_sql(s->reader, "SELECT CAST(SUM(reads) AS BIGINT) FROM read_totals");
    int64_t n = db_step(st) ? db_i64(st, 0) : -1;
    assert_int_equal(db_end(st), RC_OK);
    return n;
}

static uint64_t shown(struct station *s, struct counters *c, int64_t number) {
    return counters_base(c, s->reader, number, 100) + counters_cell(c, number)->reads;
}

static void test_flushing_twice_changes_nothing(void **state) {
    struct station *s = *state;
    struct counters *c = counters_of(s);
    struct counter_cell *first = counters_cell(c, 1);
    add(c, 1, 5, 7);
    add(c, 70000, 2, 2);
    assert_ptr_equal(first, counters_cell(c, 1));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(counters_flush(c, s->store, s->zone), RC_OK);
        assert_int_equal(sum(s, false), 7);
        assert_int_equal(sum(s, true), 7);
    }
    add(c, 1, 1, 1);
    counters_close(&c); // flushes
    c = counters_of(s); // a new memory of what was flushed
    assert_int_equal(counters_flush(c, s->store, s->zone), RC_OK);
    assert_int_equal(sum(s, false), 8);
    assert_int_equal(sum(s, true), 8);
    assert_int_equal(shown(s, c, 1), 106);
    counters_close(&c);
}

static enum rc flush_in(struct db *db, void *arg) {
    struct {
        struct counters *c;
        const struct text_zone *zone;
        enum rc end;
    } *a = arg;
    enum rc rc = counters_flush_in(a->c, db, a->zone);
    return rc != RC_OK ? rc : a->end;
}

static void test_a_backup_flushes_and_may_fail(void **state) {
    struct station *s = *state;
    struct {
        struct counters *c;
        const struct text_zone *zone;
        enum rc end;
    } a = {counters_of(s), s->zone, RC_IO};
    add(a.c, 3, 4, 4);
    assert_int_equal(store_write(s->store, STORE_DURABLE, flush_in, &a), RC_IO);
    assert_int_equal(sum(s, false), 0);
    a.end = RC_OK;
    assert_int_equal(store_write(s->store, STORE_DURABLE, flush_in, &a), RC_OK);
    assert_int_equal(counters_flush(a.c, s->store, s->zone), RC_OK);
    assert_int_equal(sum(s, true), 4);
    counters_close(&a.c);
}

static enum rc away(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "ALTER TABLE read_days RENAME TO read_days_away"));
}

static enum rc back(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "ALTER TABLE read_days_away RENAME TO read_days"));
}

static void set_clock(int fd, int64_t days) {
    int64_t offset_us = days * 24 * 3600 * US_PER_SECOND;
    assert_int_equal(pwrite(fd, &offset_us, sizeof offset_us, 0), sizeof offset_us);
}

// What is remembered of days that are over is read again when one of them was written, and only then.
static void test_a_day_that_is_over_was_written(void **state) {
    struct station *s = *state;
    struct problem p = {0};
    struct {
        struct counters *c;
        const struct text_zone *zone;
        enum rc end;
    } a = {counters_of(s), s->zone, RC_OK};
    int fd = open(scratch_path(&s->scratch, "clock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    set_clock(fd, 5);
    assert_int_equal(clock_follow_file(scratch_path(&s->scratch, "clock"), &p), RC_OK);
    uint64_t before = counters_past_changes();

    assert_int_equal(store_write(s->store, STORE_DURABLE, away, NULL), RC_OK);
    add(a.c, 2, 1, 1);
    assert_int_equal(counters_flush(a.c, s->store, s->zone), RC_IO); // the day in five days was not written
    counters_flush_over(a.c, s->zone);
    assert_int_equal(store_write(s->store, STORE_DURABLE, back, NULL), RC_OK);
    set_clock(fd, 0);
    assert_int_equal(counters_flush(a.c, s->store, s->zone), RC_OK);
    assert_int_equal(counters_past_changes(), before);

    set_clock(fd, 1);
    add(a.c, 2, 1, 1);
    assert_int_equal(counters_flush(a.c, s->store, s->zone), RC_OK);
    assert_int_equal(counters_past_changes(), before);
    set_clock(fd, 0);
    assert_int_equal(counters_flush(a.c, s->store, s->zone), RC_OK); // nothing to write
    assert_int_equal(counters_past_changes(), before);
    add(a.c, 2, 1, 1);
    assert_int_equal(store_write(s->store, STORE_DURABLE, flush_in, &a), RC_OK);
    assert_int_equal(counters_past_changes(), before);
    counters_flush_over(a.c, s->zone);
    assert_int_equal(counters_past_changes(), before + 1);
    add(a.c, 2, 1, 1);
    assert_int_equal(store_write(s->store, STORE_DURABLE, flush_in, &a), RC_OK);
    set_clock(fd, 3); // midnight came between
    counters_flush_over(a.c, s->zone);
    assert_int_equal(counters_past_changes(), before + 2);
    counters_close(&a.c);
    set_clock(fd, 0);
    close(fd);
}

static void test_a_killed_process_loses_nothing(void **state) {
    struct station *s = *state;
    int told[2];
    assert_int_equal(pipe(told), 0);
    station_close(s);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        station_open(s);
        struct counters *c = counters_of(s);
        for (;;) {
            add(c, 9, 1, 1);
            if (write(told[1], "x", 1) != 1)
                _exit(1);
        }
    }
    close(told[1]);
    char bytes[512];
    uint64_t acknowledged = 0;
    ssize_t n = 0;
    while (acknowledged < 5000 && (n = read(told[0], bytes, sizeof bytes)) > 0)
        acknowledged += (uint64_t)n;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while ((n = read(told[0], bytes, sizeof bytes)) > 0)
        acknowledged += (uint64_t)n;
    close(told[0]);
    station_open(s);
    struct counters *c = counters_of(s);
    uint64_t counted = counters_cell(c, 9)->reads;
    assert_true(counted >= acknowledged && counted <= acknowledged + 1);
    counters_close(&c);
}

static void damage(struct station *s, const char *name, int how) {
    const char *path = scratch_path(&s->scratch, name);
    if (how == 0)
        assert_int_equal(unlink(path), 0);
    else if (how == 1)
        assert_int_equal(truncate(path, 5000), 0);
    else
        assert_int_equal(file_write(path, STR("rubbish"), 0600, NULL), RC_OK);
}

static void test_a_lost_file_begins_an_epoch(void **state) {
    struct station *s = *state;
    for (int how = 0; how < 3; how++) {
        struct counters *c = counters_of(s);
        add(c, 1, 5, 5);
        assert_int_equal(counters_flush(c, s->store, s->zone), RC_OK);
        counters_close(&c);
        char name[64];
        assert_true(snprintf(name, sizeof name, "counters/reads-%d", how + 1) > 0);
        damage(s, name, how);
        c = counters_of(s);
        assert_int_equal(counters_cell(c, 1)->reads, 0);
        assert_int_equal(shown(s, c, 1), 105 + 5 * how);
        counters_close(&c);
    }
    assert_int_equal(sum(s, true), 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(test_flushing_twice_changes_nothing), STATION_TEST(test_a_backup_flushes_and_may_fail),
        STATION_TEST(test_a_killed_process_loses_nothing), STATION_TEST(test_a_lost_file_begins_an_epoch),
        STATION_TEST(test_a_day_that_is_over_was_written),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
