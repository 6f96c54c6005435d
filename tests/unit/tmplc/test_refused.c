// SPDX-License-Identifier: AGPL-3.0-or-later
// What the compiler of templates must refuse. Each file of refused/ begins with a comment {{# line: words }}: the
// compiler must fail, name that line, and say those words. A file without a comment would itself be a failure.
#include "util/util.h"

#include <dirent.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const char *compiler, *folder;
extern char **environ;

// Runs the compiler on one file; its exit status, with what it said on stderr.
static int compile(const char *path, struct buf *said) {
    int ends[2], status = 0;
    assert_int_equal(pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    char *const args[] = {(char *)(uintptr_t)compiler, (char *)(uintptr_t) "/dev/null", (char *)(uintptr_t) "/dev/null",
                          (char *)(uintptr_t)folder,   (char *)(uintptr_t)path,         NULL};
    pid_t child;
    assert_int_equal(posix_spawn(&child, compiler, &actions, NULL, args, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    (void)close(ends[1]);
    char chunk[512];
    ssize_t n;
    while ((n = read(ends[0], chunk, sizeof(chunk))) > 0) {
        buf_add(said, chunk, (size_t)n);
    }
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void check_file(const char *name) {
    char path[512], wanted[512];
    struct buf source, said;
    struct problem p = {0};
    buf_init(&source, 1 << 16);
    buf_init(&said, 1 << 16);
    assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) > 0);
    assert_int_equal(file_read(path, &source, &p), RC_OK);
    struct str rest = buf_view(&source), line, number, words;
    assert_true(str_next(&rest, '\n', &line) && str_starts(line, STR("{{# ")) && str_ends(line, STR(" }}")));
    words = str_slice(line, 4, line.n - 3);
    assert_true(str_next(&words, ':', &number));
    words = str_trim(words);
    assert_true(words.n > 5);
    assert_true(snprintf(wanted, sizeof(wanted), "%s:%.*s: ", path, STR_ARG(number)) > 0);
    int status = compile(path, &said);
    size_t at;
    if (status != 1 || !str_starts(buf_view(&said), str_from(wanted)) || !str_find(buf_view(&said), words, &at)) {
        fail_msg("%s: exit %d, wanted %s%.*s, said %.*s", name, status, wanted, STR_ARG(words),
                 STR_ARG(buf_view(&said)));
    }
    buf_fini(&source);
    buf_fini(&said);
}

static void test_all_are_refused(void **state) {
    (void)state;
    DIR *d = opendir(folder);
    assert_non_null(d);
    size_t count = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (str_ends(str_from(e->d_name), STR(".html"))) {
            check_file(e->d_name);
            count++;
        }
    }
    (void)closedir(d);
    assert_true(count >= 40);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    compiler = argv[1];
    folder = argv[2];
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
