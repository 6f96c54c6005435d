// SPDX-License-Identifier: AGPL-3.0-or-later
// The outbox: added once by its key together with what causes it, claimed in order, tried again with growing pauses,
// never lost and never given to two at once. Time is a number that the test gives.
#include "station.h"

#include <sqlite3.h>

#define SECOND US_PER_SECOND
#define LEASE (60 * SECOND)

struct step {
    struct arena *arena;
    struct str kind, key, payload;
    int64_t now, id, attempts;
    size_t limit;
    bool fail, for_good;
    struct outbox_item *items;
    size_t count;
};

static enum rc write_add(struct db *db, void *arg) {
    struct step *t = arg;
    enum rc rc = outbox_add(db, t->kind, t->key, t->payload, t->now);
    return rc == RC_OK && t->fail ? RC_DENIED : rc;
}

static enum rc write_claim(struct db *db, void *arg) {
    struct step *t = arg;
    return outbox_claim(t->arena, db, STR("mail"), t->now, LEASE, t->limit, &t->items, &t->count);
}

static enum rc write_done(struct db *db, void *arg) {
    struct step *t = arg;
    return outbox_done(db, t->id, t->attempts, t->now);
}

static enum rc write_failed(struct db *db, void *arg) {
    struct step *t = arg;
    return outbox_failed(db, t->id, t->attempts, STR("no route"), t->for_good, t->now);
}

static enum rc write_retry(struct db *db, void *arg) {
    struct step *t = arg;
    return outbox_retry(db, t->id, t->now);
}

static enum rc write_cancel(struct db *db, void *arg) {
    struct step *t = arg;
    return outbox_cancel(t->arena, db, t->key, t->now);
}

static enum rc write_prune(struct db *db, void *arg) {
    struct step *t = arg;
    return outbox_prune(db, t->now, t->limit);
}

static enum rc run(struct station *s, store_write_fn fn, struct step *t) {
    t->arena = s->arena;
    return store_write(s->store, STORE_DURABLE, fn, t);
}

static void add(struct station *s, const char *key, int64_t due) {
    struct step t = {.kind = STR("mail"), .key = str_from(key), .payload = STR("{}"), .now = due};
    assert_int_equal(run(s, write_add, &t), RC_OK);
}

static struct step claim(struct station *s, int64_t now, size_t limit) {
    struct step t = {.now = now, .limit = limit};
    assert_int_equal(run(s, write_claim, &t), RC_OK);
    return t;
}

static int64_t count_of(struct station *s, enum outbox_state state) {
    int64_t counts[OUTBOX_DEAD + 1];
    assert_int_equal(outbox_count(s->reader, counts), RC_OK);
    return counts[state];
}

static void a_key_counts_once_and_a_failed_write_adds_nothing(void **state) {
    struct station *s = *state;
    add(s, "reset-1", 10);
    add(s, "reset-1", 20);
    struct step t = {.kind = STR("mail"), .key = STR("reset-2"), .payload = STR("{}"), .fail = true};
    assert_int_equal(run(s, write_add, &t), RC_DENIED);
    assert_int_equal(count_of(s, OUTBOX_WAITING), 1);
    assert_int_equal(outbox_next_due(s->reader, STR("mail")), 10);
}

static void what_does_not_fit_is_refused(void **state) {
    struct station *s = *state;
    struct buf big;
    buf_init(&big, 1 << 20);
    memset(buf_reserve(&big, OUTBOX_PAYLOAD_MAX + 1), 'x', OUTBOX_PAYLOAD_MAX + 1);
    big.n = OUTBOX_PAYLOAD_MAX + 1;
    const struct {
        struct str kind, key, payload;
        enum rc rc;
    } rows[] = {
        {STR(""), STR("k"), STR("{}"), RC_INVALID},
        {STR("mail"), STR(""), STR("{}"), RC_INVALID},
        {STR("mail"), STR("k"), STR(""), RC_INVALID},
        {STR("mail"), STR("\xff"), STR("{}"), RC_INVALID},
        {STR("mail"), STR("k"), STR("\xff"), RC_INVALID},
        {STR("mail"), str_slice(buf_view(&big), 0, OUTBOX_KEY_MAX + 1), STR("{}"), RC_INVALID},
        {STR("mail"), STR("k"), buf_view(&big), RC_TOO_BIG},
        {STR("mail"), STR("k"), str_slice(buf_view(&big), 0, OUTBOX_PAYLOAD_MAX), RC_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct step t = {.kind = rows[i].kind, .key = rows[i].key, .payload = rows[i].payload};
        assert_int_equal(run(s, write_add, &t), rows[i].rc);
    }
    buf_fini(&big);
}

static enum rc fill(struct db *db, void *arg) {
    struct station *s = arg;
    for (int i = 0; i < OUTBOX_OPEN_MAX; i++) {
        struct db_stmt *st = db_sql(db, "INSERT INTO outbox (id, kind, idempotency_key, payload, state, due_at, "
                                        "attempts, error) VALUES ($1, 'mail', $2, '{}', 1, 0, 0, '')");
        db_bind_i64(st, 1, id_next());
        db_bind_str(st, 2, str_fmt(s->arena, "fill-%d", i));
        if (db_run(st) != RC_OK)
            return RC_IO;
    }
    return RC_OK;
}

static void a_full_outbox_says_so(void **state) {
    struct station *s = *state;
    assert_int_equal(store_write(s->store, STORE_RELAXED, fill, s), RC_OK);
    struct step t = {.kind = STR("mail"), .key = STR("one too many"), .payload = STR("{}")};
    assert_int_equal(run(s, write_add, &t), RC_BUSY);
}

static void what_is_due_is_given_in_order_and_to_one_only(void **state) {
    struct station *s = *state;
    add(s, "c", 30 * SECOND);
    add(s, "a", 10 * SECOND);
    add(s, "b", 20 * SECOND);
    struct step t = claim(s, 5 * SECOND, 10);
    assert_int_equal(t.count, 0);
    t = claim(s, 25 * SECOND, 10);
    assert_int_equal(t.count, 2);
    assert_str(t.items[0].key, "a");
    assert_str(t.items[1].key, "b");
    assert_str(t.items[0].payload, "{}");
    assert_int_equal(t.items[0].attempts, 1);
    t = claim(s, 31 * SECOND, 10);
    assert_int_equal(t.count, 1);
    assert_str(t.items[0].key, "c");
    t = claim(s, 31 * SECOND, 10);
    assert_int_equal(t.count, 0);
}

static void a_claim_that_ran_out_goes_to_another_and_the_first_is_told(void **state) {
    struct station *s = *state;
    add(s, "a", 0);
    struct step first = claim(s, 0, 1), second = claim(s, LEASE - 1, 1);
    assert_int_equal(second.count, 0);
    second = claim(s, LEASE, 1);
    assert_int_equal(second.count, 1);
    assert_int_equal(second.items[0].attempts, 2);
    struct step t = {.id = first.items[0].id, .attempts = 1, .now = LEASE};
    assert_int_equal(run(s, write_done, &t), RC_CONFLICT);
    assert_int_equal(run(s, write_failed, &t), RC_CONFLICT);
    t.attempts = 2;
    assert_int_equal(run(s, write_done, &t), RC_OK);
    assert_int_equal(run(s, write_done, &t), RC_CONFLICT);
    assert_int_equal(count_of(s, OUTBOX_DONE), 1);
    add(s, "a", 0); // its key is kept
    assert_int_equal(count_of(s, OUTBOX_WAITING), 0);
}

static void a_claim_may_be_reported_late_if_nobody_took_it(void **state) {
    struct station *s = *state;
    add(s, "a", 0);
    struct step t = claim(s, 0, 1);
    struct step done = {.id = t.items[0].id, .attempts = 1, .now = 100 * LEASE};
    assert_int_equal(run(s, write_done, &done), RC_OK);
}

static void pauses_grow_and_end_in_death_and_a_person_can_wake_it(void **state) {
    struct station *s = *state;
    static const int64_t seconds[OUTBOX_ATTEMPTS - 1] = {30,   60,    120,   240,   480,   960,   1920, 3840,
                                                         7680, 15360, 21600, 21600, 21600, 21600, 21600};
    int64_t now = 0;
    struct step t;
    add(s, "a", 0);
    for (int i = 0; i < OUTBOX_ATTEMPTS; i++) {
        t = claim(s, now, 1);
        assert_int_equal(t.count, 1);
        struct step failed = {.id = t.items[0].id, .attempts = t.items[0].attempts, .now = now};
        assert_int_equal(run(s, write_failed, &failed), RC_OK);
        if (i + 1 < OUTBOX_ATTEMPTS) {
            now += seconds[i] * SECOND;
            assert_int_equal(outbox_next_due(s->reader, STR("mail")), now);
            t = claim(s, now - 1, 1);
            assert_int_equal(t.count, 0);
        }
    }
    assert_int_equal(count_of(s, OUTBOX_DEAD), 1);
    struct outbox_item *items;
    size_t count;
    assert_int_equal(outbox_list(s->arena, s->reader, OUTBOX_DEAD, 10, &items, &count), RC_OK);
    assert_int_equal(count, 1);
    assert_str(items[0].error, "no route");
    struct step again = {.id = items[0].id, .now = now};
    assert_int_equal(run(s, write_retry, &again), RC_OK);
    assert_int_equal(run(s, write_retry, &again), RC_NOT_FOUND);
    t = claim(s, now, 1);
    assert_int_equal(t.items[0].attempts, 1);
}

static void what_kills_its_courier_each_time_dies_too(void **state) {
    struct station *s = *state;
    int64_t now = 0;
    add(s, "a", 0);
    for (int i = 0; i < OUTBOX_ATTEMPTS; i++, now += LEASE) {
        struct step t = claim(s, now, 1);
        assert_int_equal(t.count, 1);
    }
    struct step t = claim(s, now, 1);
    assert_int_equal(t.count, 0);
    assert_int_equal(count_of(s, OUTBOX_DEAD), 1);
}

static void for_good_means_at_once(void **state) {
    struct station *s = *state;
    add(s, "a", 0);
    struct step t = claim(s, 0, 1);
    struct step failed = {.id = t.items[0].id, .attempts = 1, .for_good = true};
    assert_int_equal(run(s, write_failed, &failed), RC_OK);
    assert_int_equal(count_of(s, OUTBOX_DEAD), 1);
}

static void done_rows_are_forgotten_after_their_days(void **state) {
    struct station *s = *state;
    add(s, "a", 0);
    struct step t = claim(s, 0, 1);
    struct step done = {.id = t.items[0].id, .attempts = 1, .now = 5};
    assert_int_equal(run(s, write_done, &done), RC_OK);
    struct step prune = {.now = OUTBOX_KEPT_DAYS * US_PER_DAY, .limit = 10};
    assert_int_equal(run(s, write_prune, &prune), RC_OK);
    assert_int_equal(count_of(s, OUTBOX_DONE), 1);
    prune.now += 6;
    assert_int_equal(run(s, write_prune, &prune), RC_OK);
    assert_int_equal(count_of(s, OUTBOX_DONE), 0);
}

static void what_is_taken_back_before_its_time_is_forgotten_and_what_was_tried_is_not(void **state) {
    struct station *s = *state;
    add(s, "article-7-1", 10); // tried once, and waits for its next try
    struct step t = claim(s, 10, 1);
    t.id = t.items[0].id;
    t.attempts = 1;
    t.now = 10;
    assert_int_equal(run(s, write_failed, &t), RC_OK);
    add(s, "article-7-2", 20);  // due
    add(s, "article-7-3", 90);  // to come
    add(s, "article-71-1", 90); // another's
    t = (struct step){.key = STR("article-7-"), .now = 20};
    assert_int_equal(run(s, write_cancel, &t), RC_OK);
    assert_int_equal(count_of(s, OUTBOX_WAITING), 3);
    struct outbox_item *items;
    size_t count;
    assert_int_equal(outbox_list_keyed(s->arena, s->reader, STR("article-7-3"), 1, &items, &count), RC_OK);
    assert_int_equal(count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(a_key_counts_once_and_a_failed_write_adds_nothing),
        STATION_TEST(what_does_not_fit_is_refused),
        STATION_TEST(a_full_outbox_says_so),
        STATION_TEST(what_is_due_is_given_in_order_and_to_one_only),
        STATION_TEST(a_claim_that_ran_out_goes_to_another_and_the_first_is_told),
        STATION_TEST(a_claim_may_be_reported_late_if_nobody_took_it),
        STATION_TEST(pauses_grow_and_end_in_death_and_a_person_can_wake_it),
        STATION_TEST(what_kills_its_courier_each_time_dies_too),
        STATION_TEST(for_good_means_at_once),
        STATION_TEST(done_rows_are_forgotten_after_their_days),
        STATION_TEST(what_is_taken_back_before_its_time_is_forgotten_and_what_was_tried_is_not),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
