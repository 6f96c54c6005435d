// SPDX-License-Identifier: AGPL-3.0-or-later
// A radio that outlived its parent is found by its lock, fits or does not, and is ended.
#include "../check.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main/left_radio.h"
#include "main/run_folder.h"

static char dir[] = "/tmp/siaran-left-XXXXXX";

static void what_the_file_says(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool fits;
    } rows[] = {
        {"bound 127.0.0.1:8000\nsince 17\nasked 8000\n", true},
        {"bound [::]:8000\nsince 0\nasked 8000\n", true},
        {"bound 127.0.0.1:8000\nsince 17\nasked 8001\n", false},
        {"bound 127.0.0.1:8000\nsince 17\nasked 8000\nasked 8000\n", false},
        {"bound 127.0.0.1:8000\nsince 17\n", false},
        {"bound 127.0.0.1:8000\nsince -17\nasked 8000\n", false},
        {"bound 127.0.0.1:8000\nsince 9223372036854775808\nasked 8000\n", false},
        {"bound 127.0.0.1:0\nsince 17\nasked 8000\n", false},
        {"bound unix:/tmp/radio\nsince 17\nasked 8000\n", false},
        {"bound nowhere\nsince 17\nasked 8000\n", false},
        {"since 17\nbound 127.0.0.1:8000\nasked 8000\n", false},
        {"bound 127.0.0.1:8000", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct left_radio left;
        if (left_radio_parse(str_from(rows[i].text), STR("asked 8000\n"), &left) != rows[i].fits)
            fail_msg("row %zu: %s", i, rows[i].text);
        assert_int_equal(left.since_us, rows[i].fits && i == 0 ? 17 : 0);
    }
}

// A process that holds the lock until it is ended.
static pid_t hold(const char *terms) {
    int out[2];
    char byte = 0;
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct net_address at;
        if (net_address_parse(STR("127.0.0.1:8000"), &at, NULL) != RC_OK ||
            left_radio_hold(dir, &at, str_from(terms), NULL) != RC_OK || write(out[1], &byte, 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(out[1]);
    assert_int_equal(read(out[0], &byte, 1), 1);
    close(out[0]);
    return pid;
}

static void one_is_found_and_ended(void **state) {
    (void)state;
    struct left_radio left;
    struct problem p = {""};
    left_radio_find(dir, STR("asked 8000\n"), &left);
    assert_int_equal(left.pid, 0); // no file at all
    pid_t pid = hold("asked 8000\n");
    assert_int_equal(left_radio_hold(dir, &left.bound, STR(""), &p), RC_BUSY);
    assert_string_not_equal(p.text, "");
    left_radio_find(dir, STR("asked 8001\n"), &left);
    assert_int_equal(left.pid, pid);
    assert_false(left.fits);
    close(left.pidfd);
    left_radio_find(dir, STR("asked 8000\n"), &left);
    assert_true(left.fits && left.since_us > 0);
    assert_int_equal(left_radio_end(&left, &p), RC_OK);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    left_radio_find(dir, STR("asked 8000\n"), &left);
    assert_int_equal(left.pid, 0); // the file is there, and nobody holds it
}

static void what_is_no_file_is_nobody(void **state) {
    (void)state;
    struct left_radio left;
    char path[64];
    snprintf(path, sizeof path, "%s/run/radio.lock", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    left_radio_find(dir, STR(""), &left); // and does not wait for a writer
    assert_int_equal(left.pid, 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    left_radio_find(dir, STR(""), &left);
    assert_int_equal(left.pid, 0);
    assert_int_not_equal(left_radio_hold(dir, &left.bound, STR(""), NULL), RC_OK);
    assert_int_equal(unlink(path), 0);
}

static void terms_are_the_program_and_what_was_asked(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 16);
    const struct left_radio_terms given = {
        .dir = dir, .asked = STR("8000"), .user = "siaran", .clock = NULL, .country_file = ""};
    struct str one = left_radio_terms(a, &given);
    assert_true(str_eq(one, left_radio_terms(a, &given)));
    struct left_radio_terms others[] = {given, given, given, given, given};
    others[0].dir = "/tmp";
    others[1].asked = STR("8001");
    others[2].user = "";
    others[3].clock = "clock";
    others[4].country_file = "countries.mmdb";
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(str_eq(one, left_radio_terms(a, &others[i])));
    arena_free(&a);
}

static void a_lock_is_held_at_its_path_only(void **state) {
    (void)state;
    struct net_address at;
    char path[96], aside[64];
    assert_int_equal(net_address_parse(STR("127.0.0.1:8000"), &at, NULL), RC_OK);
    assert_int_equal(left_radio_hold(dir, &at, STR(""), NULL), RC_OK);
    assert_true(left_radio_is_held(dir));
    snprintf(path, sizeof path, "%s/run", dir);
    snprintf(aside, sizeof aside, "%s/aside", dir);
    assert_int_equal(rename(path, aside), 0);
    assert_false(left_radio_is_held(dir));
    assert_int_equal(mkdir(path, 0755), 0);
    assert_false(left_radio_is_held(dir));
    assert_int_equal(run_file_write(dir, "radio.lock", STR("another"), NULL), RC_OK);
    assert_false(left_radio_is_held(dir));
    snprintf(path, sizeof path, "%s/run/radio.lock", dir);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/aside/radio.lock", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(aside), 0);
}

static void no_link_is_followed_out_of_the_folder(void **state) {
    (void)state;
    char path[96], target[64], run[64];
    struct stat st;
    snprintf(run, sizeof run, "%s/run", dir);
    snprintf(target, sizeof target, "%s/target", dir);
    assert_int_equal(rmdir(run), 0);
    assert_int_equal(mkdir(target, 0755), 0);
    assert_int_equal(symlink(target, run), 0);
    assert_int_not_equal(run_file_write(dir, "radio.conf", STR("told"), NULL), RC_OK);
    snprintf(path, sizeof path, "%s/radio.conf", target);
    assert_int_not_equal(stat(path, &st), 0);
    assert_int_equal(unlink(run), 0);
    assert_int_equal(rmdir(target), 0);
    mode_t before = umask(077);
    assert_int_equal(run_file_write(dir, "radio.conf", STR("told"), NULL), RC_OK);
    umask(before);
    snprintf(path, sizeof path, "%s/run/radio.conf", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(stat(run, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(unlink(path), 0);
}

int main(void) {
    char run[64];
    log_threshold(LOG_ERROR);
    if (mkdtemp(dir) == NULL)
        return 1;
    snprintf(run, sizeof run, "%s/run", dir);
    if (mkdir(run, 0755) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_file_says),
        cmocka_unit_test(one_is_found_and_ended),
        cmocka_unit_test(what_is_no_file_is_nobody),
        cmocka_unit_test(terms_are_the_program_and_what_was_asked),
        cmocka_unit_test(a_lock_is_held_at_its_path_only),
        cmocka_unit_test(no_link_is_followed_out_of_the_folder),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(run);
    rmdir(dir);
    return failed;
}
