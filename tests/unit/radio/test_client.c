// SPDX-License-Identifier: AGPL-3.0-or-later
// A long answer, taken slowly. The clock is the test's own: meson.build puts it in place of clock_mono_us.
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "radio/inside.h"

enum { ANSWER_BYTES = 1 << 20, STEP_S = 20, STEPS_MOST = 200 };

static int64_t mono_us = 1000 * US_PER_SECOND;
int64_t __wrap_clock_mono_us(void);
int64_t __wrap_clock_mono_us(void) {
    return mono_us;
}

static void stop(void *loop) {
    net_loop_stop(loop);
}

// What is ready by now is done.
static void settle(struct radio *r) {
    for (int i = 0; i < 2; i++) {
        net_loop_post(r->loop, stop, r->loop);
        net_loop_run(r->loop);
    }
}

// Somebody takes what waits `times` in each twenty seconds. How many bytes they got, until the connection ended or all of
// the answer was there.
static size_t take(struct radio *r, int times) {
    static const char request[] = "GET /api/now.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    static char room[1 << 16];
    struct net_address peer = {.len = sizeof(sa_family_t), .sa.ss_family = AF_UNIX};
    size_t got = 0;
    ssize_t n = 1;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &(int){0}, sizeof(int)), 0); // the least there is
    assert_int_equal(write(ends[1], request, sizeof request - 1), sizeof request - 1);
    r->connections++;
    client_open(r, ends[0], &peer, 0);
    for (int step = 0; step < STEPS_MOST && n != 0; step++, mono_us += STEP_S * US_PER_SECOND)
        for (int i = 0; i < times && n != 0; i++) {
            settle(r);
            while ((n = read(ends[1], room, sizeof room)) > 0)
                got += (size_t)n;
        }
    assert_int_equal(n, 0); // it ended
    close(ends[1]);
    settle(r);
    assert_null(r->clients);
    assert_int_equal(r->connections, 0);
    return got;
}

static void test_a_byte_now_and_then_holds_no_connection(void **state) {
    (void)state;
    static char description[ANSWER_BYTES];
    struct service service = {.name = STR("voice"), .description = {description, sizeof description}};
    struct radio_process setup = {.connections = 10};
    static struct radio r;
    memset(description, 'x', sizeof description);
    r.setup = &setup;
    r.loop = net_loop_new();
    r.addresses = address_table_new();
    r.services = (struct services){.rows = &service, .count = 1};
    assert_true(take(&r, 1000) > ANSWER_BYTES);
    int64_t began_us = mono_us;
    size_t got = take(&r, 1);
    assert_true(got > 0 && got < ANSWER_BYTES / 2);
    // Longer than somebody may take nothing at all.
    assert_true(mono_us - began_us > 120 * US_PER_SECOND);
    address_table_free(&r.addresses);
    net_loop_free(&r.loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_byte_now_and_then_holds_no_connection)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
