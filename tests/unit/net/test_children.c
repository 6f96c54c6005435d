// SPDX-License-Identifier: AGPL-3.0-or-later
// The parent keeps its children alive, ends them when asked, and takes them along when it is killed. Each test forks
// a parent of its own and listens to what its children write into a pipe.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"

struct scene {
    int out[2]; // each child writes its pid here as it starts
    pid_t parent;
    bool crash, deaf, outlives;
    pid_t left; // of a parent before
};

static void tell_pid(struct scene *s) {
    pid_t pid = getpid();
    if (write(s->out[1], &pid, sizeof pid) != (ssize_t)sizeof pid)
        _exit(9);
}

static int child_main(void *context) {
    struct scene *s = context;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    tell_pid(s);
    if (s->crash)
        raise(SIGKILL);
    for (;;) {
        int number;
        sigwait(&set, &number);
        if (number == SIGHUP)
            tell_pid(s);
        else if (!s->deaf)
            return 0;
    }
}

static void open_scene(struct scene *s, int stop_seconds) {
    assert_int_equal(pipe(s->out), 0);
    s->parent = fork();
    assert_true(s->parent >= 0);
    if (s->parent != 0) {
        close(s->out[1]);
        return;
    }
    close(s->out[0]);
    log_threshold(LOG_ERROR + 1);
    struct net_child rows[] = {
        {.name = "one", .main_fn = child_main, .context = s, .restart_ms = 5, .outlives = s->outlives}};
    if (s->left > 0) {
        rows[0].pid = s->left;
        rows[0].left_fd = pidfd_open(s->left, 0);
    }
    struct net_children children = {.rows = rows, .count = 1, .stop_seconds = stop_seconds};
    _exit(net_children_run(&children));
}

// The next pid a child wrote; 0 when no process holds the pipe any more.
static pid_t next_pid(struct scene *s) {
    struct pollfd wait = {.fd = s->out[0], .events = POLLIN};
    assert_int_equal(poll(&wait, 1, 20000), 1);
    pid_t pid = 0;
    ssize_t got = read(s->out[0], &pid, sizeof pid);
    assert_true(got == 0 || got == (ssize_t)sizeof pid);
    return pid;
}

static int parents_code(struct scene *s) {
    int status;
    assert_int_equal(waitpid(s->parent, &status, 0), s->parent);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_killed_child_is_back_and_a_stop_ends_both(void **state) {
    (void)state;
    struct scene s = {0};
    open_scene(&s, 5);
    pid_t first = next_pid(&s);
    kill(first, SIGKILL);
    pid_t second = next_pid(&s);
    assert_int_not_equal(first, second);
    kill(s.parent, SIGTERM);
    assert_int_equal(parents_code(&s), 0);
    assert_int_equal(next_pid(&s), 0);
    close(s.out[0]);
}

static void a_child_that_crashes_at_once_is_started_again_and_again(void **state) {
    (void)state;
    struct scene s = {.crash = true};
    open_scene(&s, 5);
    pid_t last = 0;
    for (int i = 0; i < 5; i++) {
        pid_t pid = next_pid(&s);
        assert_int_not_equal(pid, last);
        last = pid;
    }
    kill(s.parent, SIGINT);
    assert_int_equal(parents_code(&s), 0);
    close(s.out[0]);
}

static void a_reload_reaches_the_child(void **state) {
    (void)state;
    struct scene s = {0};
    open_scene(&s, 5);
    pid_t pid = next_pid(&s);
    kill(s.parent, SIGHUP);
    assert_int_equal(next_pid(&s), pid);
    kill(s.parent, SIGTERM);
    assert_int_equal(parents_code(&s), 0);
    close(s.out[0]);
}

static void the_children_of_a_killed_parent_end_with_it(void **state) {
    (void)state;
    struct scene s = {.deaf = true};
    open_scene(&s, 5);
    assert_int_not_equal(next_pid(&s), 0);
    kill(s.parent, SIGKILL);
    assert_int_equal(waitpid(s.parent, NULL, 0), s.parent);
    assert_int_equal(next_pid(&s), 0);
    close(s.out[0]);
}

static void a_child_that_does_not_listen_is_killed_in_the_end(void **state) {
    (void)state;
    struct scene s = {.deaf = true};
    open_scene(&s, 0);
    assert_int_not_equal(next_pid(&s), 0);
    kill(s.parent, SIGTERM);
    assert_int_equal(parents_code(&s), 1);
    assert_int_equal(next_pid(&s), 0);
    close(s.out[0]);
}

// The first parent is killed, and its child is handed to a second one.
static void one_that_is_left_is_told_watched_and_begun_anew(void **state) {
    (void)state;
    struct scene s = {.outlives = true};
    open_scene(&s, 5);
    pid_t left = next_pid(&s);
    kill(s.parent, SIGKILL);
    assert_int_equal(waitpid(s.parent, NULL, 0), s.parent);
    struct scene before = s;
    s.left = left;
    open_scene(&s, 5);
    assert_int_equal(next_pid(&before), left); // by SIGHUP
    kill(left, SIGKILL);
    pid_t next = next_pid(&s);
    assert_true(next > 0 && next != left);
    kill(s.parent, SIGTERM);
    assert_int_equal(parents_code(&s), 0);
    assert_int_equal(next_pid(&s), 0);
    assert_int_equal(next_pid(&before), 0);
    close(s.out[0]);
    close(before.out[0]);
}

static void one_that_is_left_ends_with_its_next_parent(void **state) {
    (void)state;
    struct scene s = {.outlives = true};
    open_scene(&s, 5);
    struct scene before = s;
    s.left = next_pid(&s);
    kill(s.parent, SIGKILL);
    assert_int_equal(waitpid(s.parent, NULL, 0), s.parent);
    open_scene(&s, 5);
    assert_int_equal(next_pid(&before), s.left);
    kill(s.parent, SIGTERM);
    assert_int_equal(parents_code(&s), 0);
    assert_int_equal(next_pid(&before), 0);
    close(s.out[0]);
    close(before.out[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_child_is_back_and_a_stop_ends_both),
        cmocka_unit_test(a_child_that_crashes_at_once_is_started_again_and_again),
        cmocka_unit_test(a_reload_reaches_the_child),
        cmocka_unit_test(the_children_of_a_killed_parent_end_with_it),
        cmocka_unit_test(a_child_that_does_not_listen_is_killed_in_the_end),
        cmocka_unit_test(one_that_is_left_is_told_watched_and_begun_anew),
        cmocka_unit_test(one_that_is_left_ends_with_its_next_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
