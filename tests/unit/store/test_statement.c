// SPDX-License-Identifier: AGPL-3.0-or-later
// Statements: parameters by name, values in and out, results.
#include "opened.h"

static enum rc put_setting(struct db *db, void *arg) {
    const char *const *key_value = arg;
    struct db_stmt *st = db_sql(db, "INSERT INTO settings (value, lang, key) VALUES ($2, '', $1)");
    db_bind_str(st, 1, str_from(key_value[0]));
    db_bind_str(st, 2, str_from(key_value[1]));
    return db_run(st);
}

static void test_parameters_are_found_by_name(void **state) {
    struct opened *f = *state;
    const char *pair[] = {"k", "v"};
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_setting, pair), RC_OK);
    struct db_stmt *st = db_sql(f->reader, "SELECT key, value FROM settings");
    assert_true(db_step(st));
    assert_str(db_str(st, 0), "k");
    assert_str(db_str(st, 1), "v");
    assert_false(db_step(st));
    assert_int_equal(db_end(st), RC_OK);
}

static void test_values_come_back(void **state) {
    struct opened *f = *state;
    struct db_stmt *st = db_sql(f->reader, "SELECT $1, $2, $3, $4, $5");
    db_bind_i64(st, 1, INT64_MIN);
    db_bind_str(st, 2, (struct str){"a\0b", 3});
    db_bind_blob(st, 3, "\xff\x00\x01", 3);
    db_bind_null(st, 4);
    db_bind_str(st, 5, STR_NONE);
    assert_true(db_step(st));
    assert_true(db_i64(st, 0) == INT64_MIN);
    assert_int_equal(db_str(st, 1).n, 3);
    assert_memory_equal(db_str(st, 2).p, "\xff\x00\x01", 3);
    assert_true(db_is_null(st, 3));
    assert_int_equal(db_i64(st, 3), 0);
    assert_null(db_str(st, 3).p);
    assert_false(db_is_null(st, 4));
    assert_int_equal(db_str(st, 4).n, 0);
    assert_int_equal(db_end(st), RC_OK);
}

static void test_a_taken_name_is_a_conflict(void **state) {
    struct opened *f = *state;
    const char *pair[] = {"k", "v"};
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_setting, pair), RC_OK);
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_setting, pair), RC_CONFLICT);
}

static enum rc orphan(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "INSERT INTO corrections (id, article_id, corrected_at, notice) VALUES (1, 99, 0, '')"));
}

static void test_a_row_without_its_parent_is_a_conflict(void **state) {
    struct opened *f = *state;
    assert_int_equal(store_write(f->store, STORE_DURABLE, orphan, NULL), RC_CONFLICT);
}

static void test_a_reader_cannot_write(void **state) {
    struct opened *f = *state;
    assert_int_equal(db_run(db_sql(f->reader, "DELETE FROM settings")), RC_IO);
}

static void test_one_moment(void **state) {
    struct opened *f = *state;
    db_read_begin(f->reader);
    db_read_begin(f->reader); // one within another ends nothing
    struct db_stmt *st = db_sql(f->reader, "SELECT COUNT(*) FROM settings");
    assert_true(db_step(st));
    assert_int_equal(db_i64(st, 0), 0);
    assert_int_equal(db_end(st), RC_OK);
    const char *pair[] = {"k", "v"};
    assert_int_equal(store_write(f->store, STORE_DURABLE, put_setting, pair), RC_OK);
    db_read_end(f->reader);
    st = db_sql(f->reader, "SELECT COUNT(*) FROM settings WHERE key <> ''");
    assert_true(db_step(st));
    assert_int_equal(db_i64(st, 0), 0);
    assert_int_equal(db_end(st), RC_OK);
    db_read_over(f->reader);
    db_read_over(f->reader); // nothing is open any more
    st = db_sql(f->reader, "SELECT COUNT(*) FROM settings");
    assert_true(db_step(st));
    assert_int_equal(db_i64(st, 0), 1);
    assert_int_equal(db_end(st), RC_OK);
}

static void test_executions_are_counted(void **state) {
    struct opened *f = *state;
    uint64_t before = db_statements(f->reader);
    for (int i = 0; i < 3; i++)
        assert_int_equal(db_run(db_sql(f->reader, "SELECT key FROM settings")), RC_OK);
    assert_int_equal(db_statements(f->reader) - before, 3);
}

static enum rc changes(struct db *db, void *arg) {
    int64_t *out = arg;
    const char *a[] = {"a", "1"}, *b[] = {"b", "1"};
    if (put_setting(db, a) != RC_OK || put_setting(db, b) != RC_OK)
        return RC_IO;
    out[0] = db_changes(db);
    enum rc rc = db_run(db_sql(db, "UPDATE settings SET value = '2'"));
    out[1] = db_changes(db);
    struct db_stmt *st = db_sql(db, "DELETE FROM settings WHERE key = 'a' RETURNING value");
    if (!db_step(st))
        rc = RC_IO;
    if (db_end(st) != RC_OK)
        rc = RC_IO;
    out[2] = db_changes(db);
    return rc;
}

static void test_changes_are_told(void **state) {
    struct opened *f = *state;
    int64_t seen[3] = {0};
    assert_int_equal(store_write(f->store, STORE_DURABLE, changes, seen), RC_OK);
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], 2);
    assert_int_equal(seen[2], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_parameters_are_found_by_name), STORE_TEST(test_values_come_back),
        STORE_TEST(test_a_taken_name_is_a_conflict),   STORE_TEST(test_a_row_without_its_parent_is_a_conflict),
        STORE_TEST(test_a_reader_cannot_write),        STORE_TEST(test_one_moment),
        STORE_TEST(test_executions_are_counted),       STORE_TEST(test_changes_are_told),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
