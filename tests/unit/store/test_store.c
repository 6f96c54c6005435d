// SPDX-License-Identifier: AGPL-3.0-or-later
// Opening and copying: the sentences a person gets when something stands in the way.
#include "scratch.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "store/store.h"

static void open_fails(struct scratch *s, const char *dir, bool create, enum rc rc, const char *words) {
    (void)s;
    struct store *store = NULL;
    struct problem p = {0};
    assert_int_equal(store_open(dir, create, &store, &p), rc);
    assert_null(store);
    if (strstr(p.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", p.text, words);
}

static void station_make(struct scratch *s) {
    struct store *store = NULL;
    scratch_make(s);
    assert_int_equal(store_open(s->dir, true, &store, NULL), RC_OK);
    store_close(&store);
    assert_null(store);
}

static void file_put(const char *path, const char *mode, long at, const char *bytes, size_t n) {
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void test_a_station_is_private_and_opens_again(void **state) {
    (void)state;
    struct scratch s;
    struct store *store = NULL;
    struct stat st;
    station_make(&s);
    assert_int_equal(stat(scratch_path(&s, "siaran.db"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(store_open(s.dir, false, &store, NULL), RC_OK);
    store_close(&store);
    open_fails(&s, s.dir, true, RC_CONFLICT, "holds a station already");
    scratch_remove(&s);
}

static void test_what_is_not_there(void **state) {
    (void)state;
    struct scratch s;
    scratch_make(&s);
    open_fails(&s, scratch_path(&s, "nowhere"), true, RC_IO, "no such folder");
    open_fails(&s, s.dir, false, RC_IO, "siaran init");
    file_put(scratch_path(&s, "file"), "w", 0, "x", 1);
    open_fails(&s, scratch_path(&s, "file"), false, RC_IO, "not a folder");
    file_put(scratch_path(&s, "siaran.db"), "w", 0, "", 0);
    open_fails(&s, s.dir, false, RC_IO, "is empty");
    scratch_remove(&s);
}

static void test_what_is_no_database(void **state) {
    (void)state;
    struct scratch s;
    static const char zeros[4096];
    station_make(&s);
    file_put(scratch_path(&s, "siaran.db"), "r+", 0, "not a database at all", 21);
    open_fails(&s, s.dir, false, RC_IO, "not a database");
    scratch_remove(&s);
    station_make(&s);
    file_put(scratch_path(&s, "siaran.db"), "r+", 100, zeros, sizeof zeros); // the first table of tables
    open_fails(&s, s.dir, false, RC_IO, "damaged");
    scratch_remove(&s);
}

static enum rc version_raise(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "INSERT INTO schema_versions (version, applied_at) VALUES (9999, 0)"));
}

static enum rc tables_strange(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "ALTER TABLE schema_versions RENAME TO something"));
}

static void test_what_is_newer_or_another_programs(void **state) {
    (void)state;
    struct scratch s;
    struct store *store = NULL;
    scratch_make(&s);
    assert_int_equal(store_open(s.dir, true, &store, NULL), RC_OK);
    assert_int_equal(store_write(store, STORE_DURABLE, version_raise, NULL), RC_OK);
    store_close(&store);
    open_fails(&s, s.dir, false, RC_CONFLICT, "newer siaran");
    scratch_remove(&s);
    scratch_make(&s);
    assert_int_equal(store_open(s.dir, true, &store, NULL), RC_OK);
    assert_int_equal(store_write(store, STORE_DURABLE, tables_strange, NULL), RC_OK);
    store_close(&store);
    open_fails(&s, s.dir, false, RC_INVALID, "not a station's");
    scratch_remove(&s);
}

// As root nothing is forbidden: the asking is done by a child that is nobody.
static int as_nobody(const char *dir) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *store = NULL;
        struct problem p = {0};
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(9);
        enum rc rc = store_open(dir, false, &store, &p);
        _exit(rc == RC_DENIED && strstr(p.text, "permissions") != NULL ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_what_may_not_be_written(void **state) {
    (void)state;
    struct scratch s;
    station_make(&s);
    assert_int_equal(chmod(scratch_path(&s, "siaran.db"), 0444), 0);
    assert_int_equal(chmod(s.dir, 0777), 0);
    assert_int_equal(as_nobody(s.dir), 0);
    assert_int_equal(chmod(s.dir, 0555), 0);
    assert_int_equal(as_nobody(s.dir), 0);
    assert_int_equal(chmod(s.dir, 0700), 0);
    scratch_remove(&s);
}

// ---- copies
// --------------------------------------------------------------------------------------------------------------

static enum rc mark(struct db *db, void *arg) {
    struct db_stmt *st = db_sql(db, "INSERT INTO settings (key, lang, value) VALUES ($1, '', 'v')");
    db_bind_str(st, 1, str_from(arg));
    return db_run(st);
}

static enum rc refuse(struct db *db, void *arg) {
    (void)db;
    (void)arg;
    return RC_IO;
}

static void fault_count(void *arg, struct str text) {
    (void)text;
    ++*(int *)arg;
}

static void test_a_copy_is_one_moment(void **state) {
    (void)state;
    struct scratch s, other;
    struct store *store = NULL, *copy = NULL;
    struct db *reader = NULL;
    struct problem p = {0};
    int faults = 0;
    scratch_make(&s);
    scratch_make(&other);
    assert_int_equal(store_open(s.dir, true, &store, NULL), RC_OK);
    assert_int_equal(store_write(store, STORE_DURABLE, mark, "first"), RC_OK);
    assert_int_equal(store_copy(store, scratch_path(&other, "siaran.db"), mark, "before", &p), RC_OK);
    assert_int_equal(store_write(store, STORE_DURABLE, mark, "later"), RC_OK);
    assert_int_equal(store_copy(store, scratch_path(&other, "siaran.db"), NULL, NULL, &p), RC_CONFLICT);
    assert_int_equal(store_copy(store, scratch_path(&other, "no/x.db"), NULL, NULL, &p), RC_IO);
    memset(&p, 0, sizeof p);
    assert_int_equal(store_copy(store, scratch_path(&other, "x.db"), refuse, NULL, &p), RC_IO);
    assert_true(p.text[0] != '\0');
    store_close(&store);
    assert_false(file_exists(scratch_path(&other, "siaran.db-wal")));
    assert_int_equal(store_open(other.dir, false, &copy, &p), RC_OK);
    assert_int_equal(store_reader_new(copy, &reader, &p), RC_OK);
    struct db_stmt *st = db_sql(reader, "SELECT key FROM settings ORDER BY key");
    assert_true(db_step(st));
    assert_str(db_str(st, 0), "before");
    assert_true(db_step(st));
    assert_str(db_str(st, 0), "first");
    assert_false(db_step(st));
    assert_int_equal(db_end(st), RC_OK);
    assert_int_equal(store_check(reader, fault_count, &faults), RC_OK);
    assert_int_equal(faults, 0);
    store_reader_free(&reader);
    store_close(&copy);
    scratch_remove(&s);
    scratch_remove(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_station_is_private_and_opens_again),
        cmocka_unit_test(test_what_is_not_there),
        cmocka_unit_test(test_what_is_no_database),
        cmocka_unit_test(test_what_is_newer_or_another_programs),
        cmocka_unit_test(test_what_may_not_be_written),
        cmocka_unit_test(test_a_copy_is_one_moment),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
