// SPDX-License-Identifier: AGPL-3.0-or-later
// What an older program kept in the database becomes lines of desk.conf: in both or in neither, wherever it is broken off.
#include "../store/opened.h"

#include <dirent.h>
#include <sys/stat.h>

#include "main/parameters.h"
#include "record/record.h"

struct moving {
    struct opened *o;
    struct arena *a;
    struct site_parameters_saved saved;
    struct problem problem;
    bool moved, fails, put_fails;
};

static enum rc keep_old(struct db *db, void *arg) {
    (void)arg;
    enum rc rc = setting_set(db, "parameter.idle_seconds", LANG_COUNT, STR("44"));
    return rc == RC_OK ? setting_set(db, "parameter.head_seconds", LANG_COUNT, STR("7")) : rc;
}

static enum rc move(struct db *db, void *arg) {
    struct moving *m = arg;
    enum rc rc = parameters_move(m->a, db, m->o->scratch.dir, &m->saved, &m->moved, &m->problem);
    return rc == RC_OK && m->fails ? RC_IO : rc;
}

static enum rc put(void *arg) {
    struct moving *m = arg;
    return m->put_fails ? RC_IO : parameters_put(m->o->scratch.dir, &m->saved, &m->problem);
}

static void begin(struct moving *m, void **state) {
    *m = (struct moving){.o = *state, .a = arena_new(1 << 18)};
    assert_int_equal(file_write(scratch_path(&m->o->scratch, "desk.conf"), STR("head_seconds = 9\n"), 0600, NULL),
                     RC_OK);
    assert_int_equal(store_write(m->o->store, STORE_DURABLE, keep_old, NULL), RC_OK);
}

static void conf_says(struct moving *m, const char *line, bool expected) {
    struct buf text;
    buf_init(&text, 1 << 16);
    assert_int_equal(file_read(scratch_path(&m->o->scratch, "desk.conf"), &text, NULL), RC_OK);
    assert_int_equal(strstr(str_c(m->a, buf_view(&text)), line) != NULL, expected);
    buf_fini(&text);
}

static bool database_has(struct moving *m) {
    db_read_begin(m->o->reader);
    bool has = setting_own(m->a, m->o->reader, "parameter.idle_seconds", LANG_COUNT).n > 0;
    db_read_end(m->o->reader);
    return has;
}

static size_t waiting(struct moving *m) {
    size_t count = 0;
    DIR *d = opendir(m->o->scratch.dir);
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        count += str_ends(str_from(e->d_name), STR(".next"));
    closedir(d);
    return count;
}

static void they_move_once_and_what_the_desk_said_since_counts(void **state) {
    struct moving m;
    begin(&m, state);
    assert_int_equal(store_write_then(m.o->store, move, put, &m), RC_OK);
    assert_true(m.moved);
    conf_says(&m, "idle_seconds = 44\n", true);
    conf_says(&m, "head_seconds = 9\n", true);
    assert_false(database_has(&m));
    assert_int_equal(waiting(&m), 0);
    assert_int_equal(store_write_then(m.o->store, move, put, &m), RC_OK);
    assert_false(m.moved);
    arena_free(&m.a);
}

static void what_is_not_committed_stays_where_it_was(void **state) {
    struct moving m;
    begin(&m, state);
    m.fails = true;
    assert_int_equal(store_write_then(m.o->store, move, put, &m), RC_IO);
    conf_says(&m, "idle_seconds", false);
    assert_true(database_has(&m));
    parameters_drop(m.o->scratch.dir, &m.saved);
    assert_int_equal(waiting(&m), 0);
    arena_free(&m.a);
}

static enum rc finish(struct db *db, void *arg) {
    struct moving *m = arg;
    m->moved = parameters_finish(m->a, db, m->o->scratch.dir);
    return RC_OK;
}

static void what_was_committed_and_not_put_is_put_by_the_next_start_that_can(void **state) {
    struct moving m;
    begin(&m, state);
    m.put_fails = true;
    assert_int_equal(store_write_then(m.o->store, move, put, &m), RC_IO);
    assert_false(database_has(&m));
    assert_int_equal(waiting(&m), 1);

    const char *path = str_c(m.a, str_from(scratch_path(&m.o->scratch, "desk.conf")));
    const char *aside = str_c(m.a, str_from(scratch_path(&m.o->scratch, "aside")));
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(mkdir(path, 0700), 0); // no file can take its place
    assert_int_equal(file_write(str_fmt(m.a, "%s.0123456789abcdef.next", path).p, STR("x"), 0600, NULL), RC_OK);
    assert_int_equal(store_write(m.o->store, STORE_DURABLE, finish, &m), RC_OK);
    assert_false(m.moved);
    assert_int_equal(waiting(&m), 1); // the other one is gone

    assert_int_equal(rmdir(path), 0);
    assert_int_equal(store_write(m.o->store, STORE_DURABLE, finish, &m), RC_OK);
    assert_true(m.moved);
    conf_says(&m, "idle_seconds = 44\n", true);
    conf_says(&m, "head_seconds = 9\n", true);
    assert_int_equal(waiting(&m), 0);
    arena_free(&m.a);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {STORE_TEST(they_move_once_and_what_the_desk_said_since_counts),
                                       STORE_TEST(what_is_not_committed_stays_where_it_was),
                                       STORE_TEST(what_was_committed_and_not_put_is_put_by_the_next_start_that_can)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
