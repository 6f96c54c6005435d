// SPDX-License-Identifier: AGPL-3.0-or-later
// A process lets go of what it inherited, also where the kernel has no call for that: meson.build puts ours in its place.
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../descriptors.h"

static bool is_known;
int __real_close_range(unsigned first, unsigned last, int flags);
int __wrap_close_range(unsigned first, unsigned last, int flags);
int __wrap_close_range(unsigned first, unsigned last, int flags) {
    if (is_known)
        return __real_close_range(first, last, flags);
    errno = ENOSYS;
    return -1;
}

// In a process of its own: whether nothing is left but the standard three and those.
static bool closes_all_but(const int *keep, size_t n) {
    pid_t pid = fork();
    int status = 0;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit limit;
        bool is_right = getrlimit(RLIMIT_NOFILE, &limit) == 0;
        limit.rlim_cur = limit.rlim_max < 4000 ? limit.rlim_max : 4000;
        is_right = is_right && setrlimit(RLIMIT_NOFILE, &limit) == 0;
        int null = open("/dev/null", O_RDONLY), highest = (int)limit.rlim_cur - 1;
        is_right = is_right && dup2(null, 40) == 40 && dup2(null, 41) == 41 && dup2(null, highest) == highest;
        file_close_others(keep, n);
        is_right = is_right && descriptors_now() == STDERR_FILENO + 1 + (int)n;
        for (size_t i = 0; i < n; i++)
            is_right = is_right && fcntl(keep[i], F_GETFD) >= 0;
        _exit(is_right ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_nothing_is_left_but_what_is_kept(void **state) {
    static const int one[] = {40}, two[] = {41, 40};
    (void)state;
    for (int known = 0; known < 2; known++) {
        is_known = known != 0;
        assert_true(closes_all_but(NULL, 0));
        assert_true(closes_all_but(one, 1));
        assert_true(closes_all_but(two, 2));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_is_left_but_what_is_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
