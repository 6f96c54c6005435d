// SPDX-License-Identifier: AGPL-3.0-or-later
// What the service manager hears: the test is its socket.
#include "../check.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "main/notify.h"

static char heard[512];

static int listen_at(const char *name) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    memcpy(addr.sun_path, name, n);
    if (name[0] == '@')
        addr.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&addr, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static struct str hear(int fd) {
    ssize_t n = recv(fd, heard, sizeof heard, MSG_DONTWAIT);
    assert_true(n >= 0);
    return (struct str){heard, (size_t)n};
}

static void each_state_is_one_datagram(void **state) {
    (void)state;
    char folder[] = "/tmp/siaran-notify-XXXXXX", path[64], expected[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    int fd = listen_at(path);
    notify_ready(STR("Serving Radio"));
    snprintf(expected, sizeof expected, "READY=1\nMAINPID=%d\nSTATUS=Serving Radio", (int)getpid());
    assert_true(str_eq(hear(fd), str_from(expected)));
    notify_reloading();
    struct str text = hear(fd);
    uint64_t at;
    assert_true(str_starts(text, STR("RELOADING=1\nMONOTONIC_USEC=")));
    assert_true(str_to_u64(str_slice(text, 27, text.n), &at) && at <= (uint64_t)clock_mono_us());
    notify_stopping();
    assert_str(hear(fd), "STOPPING=1");
    close(fd);
    unlink(path);
    rmdir(folder);
    notify_stopping(); // nobody listens any more: nothing happens
}

static void an_abstract_socket_is_reached_too(void **state) {
    (void)state;
    char name[64];
    snprintf(name, sizeof name, "@siaran-test-%d", (int)getpid());
    int fd = listen_at(name);
    notify_stopping();
    assert_str(hear(fd), "STOPPING=1");
    close(fd);
}

static void other_names_are_left_alone(void **state) {
    (void)state;
    char longer[300];
    memset(longer, 'a', sizeof longer);
    longer[0] = '/';
    longer[sizeof longer - 1] = '\0';
    const char *names[] = {"", "@", "relative", "vsock:2:1234", longer};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        notify_stopping();
    }
    assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
    notify_ready(STR("unheard"));
}

int main(void) {
    log_threshold(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_is_one_datagram),
        cmocka_unit_test(an_abstract_socket_is_reached_too),
        cmocka_unit_test(other_names_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
