// SPDX-License-Identifier: AGPL-3.0-or-later
// What is summed of days that are over, and how long it is remembered.
#include "newsroom.h"

#include <fcntl.h>

#define DAY (24 * HOUR)

static int64_t offset_of(int fd, int64_t offset_us) {
    assert_int_equal(pwrite(fd, &offset_us, sizeof offset_us, 0), sizeof offset_us);
    return offset_us;
}

static int64_t today(struct station *s) {
    return text_day_of(text_civil_of(s->zone, clock_now_us()));
}

static void read_times(struct station *s, struct counters *c, int64_t number, int times) {
    struct counter_cell *cell = counters_cell(c, number);
    atomic_fetch_add(&cell->reads, (uint64_t)times);
    atomic_fetch_add(&cell->raw, (uint64_t)times);
    assert_int_equal(counters_flush(c, s->store, s->zone), RC_OK);
}

static int64_t reads_since(struct station *s, int64_t day) {
    struct statistics sums;
    struct statistics_ask ask = {.from_day = day, .to_day = today(s), .zone = s->zone};
    assert_int_equal(statistics_read(s->arena, s->reader, &ask, &sums), RC_OK);
    assert_int_equal(sums.article_count, 1);
    assert_int_equal(sums.articles[0].reads, sums.all.reads);
    return sums.all.reads;
}

static enum rc add_hundred(struct db *db, void *arg) {
    struct db_stmt *st = db_sql(db, "UPDATE read_days SET reads = reads + 100 WHERE day = $1");
    db_bind_i64(st, 1, *(int64_t *)arg);
    return db_run(st);
}

static void a_day_that_is_over_is_read_once_and_again_when_the_clock_was_set_back(void **state) {
    struct station *s = *state;
    struct problem p = {0};
    struct counters *c = NULL;
    char path[512];
    snprintf(path, sizeof path, "%s/clock", s->scratch.dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    offset_of(fd, 0);
    assert_int_equal(clock_follow_file(path, &p), RC_OK);
    assert_int_equal(counters_open(s->scratch.dir, s->store, &c, &p), RC_OK);
    struct article art = newsroom_article(s, LANG_EN, "Read by some", NOW);
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);

    int64_t first = today(s);
    read_times(s, c, art.number, 5);
    assert_int_equal(reads_since(s, first), 5);
    read_times(s, c, art.number, 1); // a day that is not over is read each time
    assert_int_equal(reads_since(s, first), 6);

    offset_of(fd, 3 * DAY);
    read_times(s, c, art.number, 2);
    assert_int_equal(reads_since(s, first), 8);
    assert_int_equal(store_write(s->store, STORE_DURABLE, add_hundred, &first), RC_OK);
    assert_int_equal(reads_since(s, first), 8); // nothing asked the database
    assert_int_equal(reads_since(s, first + 1), 2);

    offset_of(fd, 0);
    read_times(s, c, art.number, 1);
    offset_of(fd, 3 * DAY);
    assert_int_equal(reads_since(s, first), 109);
    counters_close(&c);
    offset_of(fd, 0);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(a_day_that_is_over_is_read_once_and_again_when_the_clock_was_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
