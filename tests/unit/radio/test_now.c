// SPDX-License-Identifier: AGPL-3.0-or-later
// Who waits for changes is told of each, and thousands cost no more than the few origins that they ask from.
#include <jansson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "radio/inside.h"

// In place of the library's: how many texts were made.
static size_t made;
char *json_dumps(const json_t *json, size_t flags) {
    size_t n = json_dumpb(json, NULL, 0, flags);
    char *text = calloc(1, n + 1);
    assert_non_null(text);
    assert_int_equal(json_dumpb(json, text, n, flags), n);
    made++;
    return text;
}

// The other end of a watcher's connection.
static int watch_from(struct radio *r, const char *host) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    struct client client = {.radio = r, .watch = {.fd = ends[0]}};
    struct request_head head = {.req = {.host = str_from(host)}, .base = ""};
    struct ask ask = {.client = &client, .head = &head, .arena = arena_new(ASK_ARENA)};
    assert_int_equal(net_watch_add(r->loop, &client.watch, EPOLLIN), RC_OK);
    r->connections++;
    events_begin(&ask);
    assert_int_equal(client.state, CLIENT_TAKEN);
    arena_free(&ask.arena);
    return ends[1];
}

static bool is_told(int fd, const char *what) {
    char text[4096];
    ssize_t n = recv(fd, text, sizeof text, 0);
    size_t at;
    return n > 0 && str_find((struct str){text, (size_t)n}, str_from(what), &at);
}

static void test_a_change_is_put_into_words_once_for_each_origin(void **state) {
    static const char *const hosts[] = {"a.test", "b.test", "a.test", "b.test", "c.test", "a.test"};
    enum { N = sizeof hosts / sizeof hosts[0], ORIGINS = 3 };
    static struct radio radio; // too large for a stack
    static struct radio_process setup = {.connections = 100};
    struct radio *r = &radio;
    int ends[N];
    (void)state;
    r->setup = &setup;
    r->loop = net_loop_new();
    r->addresses = address_table_new();
    for (size_t i = 0; i < N; i++) {
        ends[i] = watch_from(r, hosts[i]);
        assert_true(is_told(ends[i], "id: 0\n"));
    }
    made = 0;
    r->change++;
    watchers_tell(r);
    assert_int_equal(made, ORIGINS);
    for (size_t i = 0; i < N; i++)
        assert_true(is_told(ends[i], "id: 1\n"));
    watchers_tell(r);
    assert_int_equal(made, ORIGINS);
    watchers_close(r);
    assert_int_equal(r->watcher_count, 0);
    for (size_t i = 0; i < N; i++)
        close(ends[i]);
    address_table_free(&r->addresses);
    net_loop_free(&r->loop);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_change_is_put_into_words_once_for_each_origin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
