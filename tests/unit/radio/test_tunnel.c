// SPDX-License-Identifier: AGPL-3.0-or-later
// Tunnels to servers that are none: whoever ends first, the other side lives on, and nothing is left behind. What comes through
// one that works is in tests/http/relay_tls.test.js.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../descriptors.h"
#include "../threads.h"
#include "radio/tunnel.h"

struct scene {
    int server, near; // both ends of a TCP connection; the latter is the tunnel's
    char origin[64];
};

static void scene_make(struct scene *s) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    int listens = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listens, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listens, 1), 0);
    assert_int_equal(getsockname(listens, (struct sockaddr *)&at, &n), 0);
    s->near = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)connect(s->near, (struct sockaddr *)&at, sizeof at);
    s->server = accept(listens, NULL, NULL);
    assert_true(s->server >= 0);
    struct pollfd there = {.fd = s->near, .events = POLLOUT};
    assert_int_equal(poll(&there, 1, -1), 1);
    close(listens);
    (void)snprintf(s->origin, sizeof s->origin, "https://localhost:%u", ntohs(at.sin_port));
}

static int open_before;
static int note_open(void **state) {
    (void)state;
    open_before = descriptors_now();
    return 0;
}

static void nothing_is_left(void) {
    threads_end();
    assert_int_equal(descriptors_now(), open_before);
}

// What the server gets first is the beginning of a handshake, so the thread is in the middle of one.
static void greeted(const struct scene *s) {
    char byte = 0;
    assert_int_equal(recv(s->server, &byte, 1, 0), 1);
    assert_int_equal(byte, 22);
}

static ssize_t read_all(int fd) {
    struct pollfd plain = {.fd = fd, .events = POLLIN};
    char bytes[64];
    assert_int_equal(poll(&plain, 1, -1), 1);
    return recv(fd, bytes, sizeof bytes, 0);
}

static void nothing_comes_where_no_tls_is_spoken(void **state) {
    struct scene s;
    int plain;
    enum service_reason reason = SERVICE_REASON_NONE;
    (void)state;
    scene_make(&s);
    struct tunnel *t = tunnel_open(s.near, s.origin, STR("GET / HTTP/1.0\r\n\r\n"), &plain);
    assert_non_null(t);
    greeted(&s);
    assert_true(send(s.server, "HTTP/1.0 400 Bad Request\r\n\r\n", 28, 0) > 0);
    assert_int_equal(read_all(plain), 0);
    assert_non_null(tunnel_why(t, &reason));
    assert_int_equal(reason, SERVICE_REASON_NO_TLS);
    close(plain);
    tunnel_drop(&t);
    assert_null(t);
    close(s.server);
    nothing_is_left();
}

// The server sees the end of its connection although it never answered.
static void closing_ends_a_handshake_that_hangs(void **state) {
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct scene s;
        int plain;
        char bytes[4096];
        scene_make(&s);
        struct tunnel *t = tunnel_open(s.near, s.origin, STR("GET / HTTP/1.0\r\n\r\n"), &plain);
        assert_non_null(t);
        greeted(&s);
        if (first == 0)
            tunnel_drop(&t);
        close(plain);
        while (recv(s.server, bytes, sizeof bytes, 0) > 0)
            continue;
        tunnel_drop(&t);
        close(s.server);
        nothing_is_left();
    }
}

// It is at no handshake yet, but looks for libcurl, or for certificates.
static void closing_at_once_harms_nobody(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct scene s;
        int plain;
        scene_make(&s);
        struct tunnel *t = tunnel_open(s.near, s.origin, STR("GET / HTTP/1.0\r\n\r\n"), &plain);
        assert_non_null(t);
        close(plain);
        tunnel_drop(&t);
        close(s.server);
    }
    nothing_is_left();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(nothing_comes_where_no_tls_is_spoken, note_open),
                                       cmocka_unit_test_setup(closing_ends_a_handshake_that_hangs, note_open),
                                       cmocka_unit_test_setup(closing_at_once_harms_nobody, note_open)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
