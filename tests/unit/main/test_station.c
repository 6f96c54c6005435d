// SPDX-License-Identifier: AGPL-3.0-or-later
// The lock that says whose a station is, and folders that appear whole or not at all.
#include "../check.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main/lock.h"
#include "main/path.h"

static char dir[64];

static int open_scene(void **state) {
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/siaran-station-XXXXXX");
    return mkdtemp(dir) == NULL;
}

static int close_scene(void **state) {
    (void)state;
    path_remove_tree(dir);
    return file_exists(dir);
}

static const char *in_dir(struct arena *a, const char *name) {
    return str_fmt(a, "%s/%s", dir, name).p;
}

static void only_one_process_at_a_time_has_a_station(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 16);
    struct problem p = {""};
    int fd = -1, other = -1;
    assert_int_equal(lock_take(dir, &fd, &p), RC_NOT_FOUND);
    assert_non_null(strstr(p.text, "there is no station in"));
    assert_int_equal(file_write(in_dir(a, "siaran.db"), STR("x"), 0600, NULL), RC_OK);
    assert_int_equal(lock_take(dir, &fd, &p), RC_OK);
    assert_int_equal(lock_take(dir, &other, &p), RC_BUSY);
    struct str expected = str_fmt(a, "the station in %s is already served by process %d", dir, (int)getpid());
    assert_string_equal(p.text, expected.p);

    // A child that still runs keeps it, although this process lets go.
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(gate[1]);
        _exit((int)read(gate[0], &byte, 1));
    }
    lock_release(&fd);
    assert_int_equal(lock_take(dir, &other, &p), RC_BUSY);
    close(gate[0]);
    close(gate[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(lock_take(dir, &other, &p), RC_OK);
    lock_release(&other);
    arena_free(&a);
}

static void a_folder_appears_whole(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 16);
    struct problem p = {""};
    const char *to = in_dir(a, "new/"), *part;
    assert_int_equal(path_is_free(to, &p), RC_OK);
    assert_int_equal(file_make_dir(in_dir(a, "new"), 0700, NULL), RC_OK);
    assert_int_equal(path_is_free(to, &p), RC_OK);
    assert_int_equal(path_make_part(a, to, &part, &p), RC_OK);
    assert_int_equal(file_write(str_fmt(a, "%s/siaran.db", part).p, STR("x"), 0600, NULL), RC_OK);
    assert_int_equal(path_is_free(to, &p), RC_OK);
    assert_int_equal(path_finish_part(part, to, &p), RC_OK);
    assert_false(file_exists(part));
    assert_true(file_exists(in_dir(a, "new/siaran.db")));
    assert_int_equal(path_is_free(to, &p), RC_CONFLICT);
    assert_non_null(strstr(p.text, "there is already a station in"));
    assert_int_equal(path_make_part(a, to, &part, &p), RC_OK);
    assert_int_equal(path_finish_part(part, to, &p), RC_IO); // somebody was quicker: nothing is taken from them
    assert_true(file_exists(in_dir(a, "new/siaran.db")));
    assert_int_equal(path_is_free(dir, &p), RC_CONFLICT);
    assert_non_null(strstr(p.text, "is not empty"));
    assert_int_equal(path_make_part(a, in_dir(a, "gone/deep"), &part, &p), RC_IO);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_one_process_at_a_time_has_a_station, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(a_folder_appears_whole, open_scene, close_scene),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
