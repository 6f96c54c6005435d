// SPDX-License-Identifier: AGPL-3.0-or-later
// A station of an older program: brought up to date after a backup, or left exactly as it was.
#include "scratch.h"

#include "store/schema.h"

static const char *const first[] = {
    "CREATE TABLE schema_versions (version INTEGER NOT NULL PRIMARY KEY, applied_at INTEGER NOT NULL);",
    "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL);",
    "INSERT INTO things (id, name) VALUES (1, 'one');",
};
static const char *const second[] = {"ALTER TABLE things ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';"};
static const char *const third[] = {"UPDATE things SET colour = 'blue';"};
static const char *const broken[] = {"UPDATE things SET colour = 'green';", "UPDATE nothing SET x = 1;"};

#define STEP(n, statements)                                                                                            \
    { n, statements, sizeof statements / sizeof statements[0] }
static const struct schema_step steps[] = {STEP(1, first), STEP(2, second), STEP(3, third)};
static const struct schema_step bad_steps[] = {STEP(1, first), STEP(2, second), STEP(3, broken)};

static struct store *opened(const char *dir, bool create, const struct schema_step *some, size_t count) {
    struct store *store = NULL;
    struct problem p = {0};
    enum rc rc = store_open_with(dir, create, some, count, &store, &p);
    if (rc != RC_OK)
        fail_msg("%s: %s", rc_name(rc), p.text);
    return store;
}

static int64_t version_of(struct store *store) {
    struct db *reader = NULL;
    assert_int_equal(store_reader_new(store, &reader, NULL), RC_OK);
    struct db_stmt *st = db_sql(reader, "SELECT MAX(version) FROM schema_versions");
    assert_true(db_step(st));
    int64_t version = db_i64(st, 0);
    assert_int_equal(db_end(st), RC_OK);
    store_reader_free(&reader);
    return version;
}

static void test_steps_run_in_order_after_a_backup(void **state) {
    (void)state;
    struct scratch s;
    struct db *reader = NULL;
    scratch_make(&s);
    struct store *store = opened(s.dir, true, steps, 1);
    store_close(&store);
    store = opened(s.dir, false, steps, 3);
    assert_int_equal(version_of(store), 3);
    assert_int_equal(store_reader_new(store, &reader, NULL), RC_OK);
    struct db_stmt *st = db_sql(reader, "SELECT name, colour FROM things");
    assert_true(db_step(st));
    assert_str(db_str(st, 0), "one");
    assert_str(db_str(st, 1), "blue");
    assert_int_equal(db_end(st), RC_OK);
    store_reader_free(&reader);
    store_close(&store);
    assert_true(file_exists(scratch_path(&s, "siaran.db.before-3")));
    scratch_remove(&s);
}

static void test_the_backup_is_the_old_station(void **state) {
    (void)state;
    struct scratch s;
    char from[512];
    scratch_make(&s);
    struct store *store = opened(s.dir, true, steps, 1);
    store_close(&store);
    store = opened(s.dir, false, steps, 3);
    store_close(&store);
    memcpy(from, scratch_path(&s, "siaran.db.before-3"), sizeof from);
    assert_int_equal(rename(from, scratch_path(&s, "siaran.db")), 0);
    store = opened(s.dir, false, steps, 1);
    assert_int_equal(version_of(store), 1);
    store_close(&store);
    scratch_remove(&s);
}

static void test_a_failing_step_changes_nothing(void **state) {
    (void)state;
    struct scratch s;
    struct problem p = {0};
    scratch_make(&s);
    struct store *store = opened(s.dir, true, steps, 1), *none = NULL;
    store_close(&store);
    assert_int_equal(store_open_with(s.dir, false, bad_steps, 3, &none, &p), RC_IO);
    assert_true(p.text[0] != '\0');
    store = opened(s.dir, false, steps, 1);
    assert_int_equal(version_of(store), 1);
    store_close(&store);
    store = opened(s.dir, false, steps, 3); // and a mended program goes on from there
    assert_int_equal(version_of(store), 3);
    store_close(&store);
    scratch_remove(&s);
}

static void test_the_programs_own_steps(void **state) {
    (void)state;
    struct scratch s;
    scratch_make(&s);
    struct store *store = opened(s.dir, true, schema_steps, schema_step_count);
    assert_int_equal(version_of(store), store_schema_version());
    store_close(&store);
    assert_false(file_exists(scratch_path(&s, "siaran.db.before-1")));
    scratch_remove(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_run_in_order_after_a_backup),
        cmocka_unit_test(test_the_backup_is_the_old_station),
        cmocka_unit_test(test_a_failing_step_changes_nothing),
        cmocka_unit_test(test_the_programs_own_steps),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
