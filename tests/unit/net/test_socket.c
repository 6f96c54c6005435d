// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses as people write them; listening sockets that share a port among themselves and with nobody else.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/net.h"

static void addresses(void **state) {
    (void)state;
    static const struct {
        const char *text, *shown;
        bool loopback;
    } rows[] = {
        {"127.0.0.1:8080", "127.0.0.1:8080", true},
        {"127.9.8.7:0", "127.9.8.7:0", true},
        {"0.0.0.0:65535", "0.0.0.0:65535", false},
        {"[::1]:80", "[::1]:80", true},
        {"[::ffff:127.0.0.1]:80", "127.0.0.1:80", true},
        {"[::ffff:10.0.0.1]:80", "10.0.0.1:80", false},
        {"[2001:db8::1]:443", "[2001:db8::1]:443", false},
        {"8080", "[::]:8080", false},
        {"unix:/run/a b", "unix:/run/a b", true},
        {"", NULL, false},
        {":8080", NULL, false},
        {"127.0.0.1", NULL, false},
        {"127.0.0.1:", NULL, false},
        {"127.0.0.1:65536", NULL, false},
        {"127.0.0.1:+80", NULL, false},
        {"127.0.0.1:000080", NULL, false},
        {"127.1:80", NULL, false},
        {"::1:80", NULL, false},
        {"[::1]80", NULL, false},
        {"[]:80", NULL, false},
        {"[127.0.0.1]:80", NULL, false},
        {"localhost:80", NULL, false},
        {"unix:", NULL, false},
        {"99999999999999999999", NULL, false},
    };
    struct arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_address addr;
        struct problem p = {""};
        enum rc rc = net_address_parse(str_from(rows[i].text), &addr, &p);
        if (rows[i].shown == NULL) {
            if (rc != RC_INVALID)
                fail_msg("\"%s\" was taken for an address", rows[i].text);
            assert_true(p.text[0] != '\0');
            continue;
        }
        if (rc != RC_OK)
            fail_msg("\"%s\": %s", rows[i].text, p.text);
        assert_string_equal(net_address_text(a, &addr).p, rows[i].shown);
        assert_int_equal(net_address_is_loopback(&addr), rows[i].loopback);
    }
    char longest[200];
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "unix:", 5);
    struct net_address addr;
    assert_int_equal(net_address_parse((struct str){longest, 5 + 107}, &addr, NULL), RC_OK);
    assert_int_equal(net_address_parse((struct str){longest, 5 + 108}, &addr, NULL), RC_INVALID);
    assert_int_equal(net_address_parse((struct str){"unix:a\0b", 8}, &addr, NULL), RC_INVALID);
    arena_free(&a);
}

static struct net_address parsed(const char *text) {
    struct net_address addr;
    assert_int_equal(net_address_parse(str_from(text), &addr, NULL), RC_OK);
    return addr;
}

static int connect_to(const struct net_address *addr) {
    int fd = socket(addr->sa.ss_family, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr->sa, addr->len), 0);
    return fd;
}

static void both_loops_get_readers_and_a_second_server_is_refused(void **state) {
    (void)state;
    struct net_address any = parsed("127.0.0.1:0"), bound, again;
    int fds[2], other[2];
    struct problem p = {""};
    assert_int_equal(net_listen(&any, fds, 2, &bound, &p), RC_OK);
    assert_int_not_equal(ntohs(((struct sockaddr_in *)&bound.sa)->sin_port), 0);

    assert_int_equal(net_listen(&bound, other, 2, &again, &p), RC_CONFLICT);
    assert_non_null(strstr(p.text, "is already in use by another program; choose another with --http ADDR:PORT"));
    assert_int_equal(net_listen(&bound, other, 1, &again, &p), RC_CONFLICT);

    int accepted[2] = {0, 0};
    for (int i = 0; i < 64; i++) {
        int reader = connect_to(&bound);
        struct pollfd wait[2] = {{.fd = fds[0], .events = POLLIN}, {.fd = fds[1], .events = POLLIN}};
        assert_int_equal(poll(wait, 2, 10000), 1);
        int which = wait[0].revents & POLLIN ? 0 : 1;
        int got = accept(fds[which], NULL, NULL);
        assert_true(got >= 0);
        accepted[which]++;
        close(got);
        close(reader);
    }
    assert_true(accepted[0] > 0);
    assert_true(accepted[1] > 0);
    close(fds[0]);
    close(fds[1]);
    // Free again, although connections of a moment ago still linger.
    assert_int_equal(net_listen(&bound, fds, 2, &again, &p), RC_OK);
    close(fds[0]);
    close(fds[1]);
}

// True: somebody takes connections there.
static bool is_answered(const struct net_address *addr) {
    int fd = socket(addr->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_open = connect(fd, (const struct sockaddr *)&addr->sa, addr->len) == 0;
    close(fd);
    return is_open;
}

static void one_beside_takes_over_when_the_first_has_ended(void **state) {
    (void)state;
    struct net_address loopback, bound;
    int first, beside;
    assert_int_equal(net_address_parse(STR("127.0.0.1:0"), &loopback, NULL), RC_OK);
    assert_int_equal(net_listen(&loopback, &first, 1, &bound, NULL), RC_OK);
    assert_int_equal(net_bind_beside(&bound, &beside, NULL), RC_OK);
    for (int i = 0; i < 20; i++) {
        assert_true(is_answered(&bound));
        struct pollfd wait = {.fd = first, .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 5000), 1); // each comes to the first
        int taken = accept(first, NULL, NULL);
        assert_true(taken >= 0);
        close(taken);
    }
    close(first);
    assert_false(is_answered(&bound));
    assert_int_equal(listen(beside, 1), 0);
    assert_true(is_answered(&bound));
    close(beside);
}

static void an_address_of_another_machine_is_refused(void **state) {
    (void)state;
    struct net_address addr = parsed("192.0.2.1:0"), bound;
    int fd;
    struct problem p = {""};
    assert_int_equal(net_listen(&addr, &fd, 1, &bound, &p), RC_INVALID);
    assert_string_equal(p.text, "this machine has no address 192.0.2.1:0 to listen on");
}

static void all_interfaces_take_both_families(void **state) {
    (void)state;
    struct net_address addr = parsed("0"), bound;
    int fd;
    assert_int_equal(net_listen(&addr, &fd, 1, &bound, NULL), RC_OK);
    struct net_address v4 = parsed("127.0.0.1:0");
    ((struct sockaddr_in *)&v4.sa)->sin_port = bound.sa.ss_family == AF_INET6
                                                   ? ((struct sockaddr_in6 *)&bound.sa)->sin6_port
                                                   : ((struct sockaddr_in *)&bound.sa)->sin_port;
    close(connect_to(&v4));
    close(fd);
}

static void a_dead_servers_socket_file_is_taken_over_a_living_ones_is_not(void **state) {
    (void)state;
    char dir[] = "/tmp/siaran-socket-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/s", dir);
    struct net_address addr = parsed(path), bound;
    int fd, other;
    assert_int_equal(net_listen(&addr, &fd, 1, &bound, NULL), RC_OK);
    assert_int_equal(net_listen(&addr, &other, 1, &bound, NULL), RC_CONFLICT);
    close(fd);
    assert_int_equal(net_listen(&addr, &fd, 1, &bound, NULL), RC_OK);
    close(connect_to(&addr));
    close(fd);
    unlink(path + 5);
    rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(both_loops_get_readers_and_a_second_server_is_refused),
        cmocka_unit_test(one_beside_takes_over_when_the_first_has_ended),
        cmocka_unit_test(an_address_of_another_machine_is_refused),
        cmocka_unit_test(all_interfaces_take_both_families),
        cmocka_unit_test(a_dead_servers_socket_file_is_taken_over_a_living_ones_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
