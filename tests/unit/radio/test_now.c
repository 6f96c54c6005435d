// SPDX-License-Identifier: AGPL-3.0-or-later
// Who waits for changes is told of each, and thousands who wait or ask cost no more than the few origins that they ask from. The
// clocks are the test's own: meson.build puts them in place of clock_now_us and clock_mono_us.
#include <jansson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../check.h"
#include "radio/inside.h"

static int64_t passed_us = 1000 * US_PER_SECOND, put_back_us;
int64_t __wrap_clock_now_us(void);
int64_t __wrap_clock_now_us(void) {
    return INT64_C(1795953600) * US_PER_SECOND + passed_us - put_back_us;
}
int64_t __wrap_clock_mono_us(void);
int64_t __wrap_clock_mono_us(void) {
    return passed_us;
}

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

static struct radio *radio_begin(void) {
    static struct radio radio; // too large for a stack
    static struct radio_process setup = {.connections = 100};
    memset(&radio, 0, sizeof radio);
    radio.setup = &setup;
    radio.loop = net_loop_new();
    radio.addresses = address_table_new();
    made = 0;
    return &radio;
}

static void radio_end(struct radio *r) {
    watchers_close(r);
    assert_int_equal(r->watcher_count, 0);
    now_forget(r);
    address_table_free(&r->addresses);
    net_loop_free(&r->loop);
}

static void test_a_change_is_put_into_words_once_for_each_origin(void **state) {
    static const char *const hosts[] = {"a.test", "b.test", "a.test", "b.test", "c.test", "a.test"};
    enum { N = sizeof hosts / sizeof hosts[0], ORIGINS = 3 };
    struct radio *r = radio_begin();
    int ends[N];
    (void)state;
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
    radio_end(r);
    for (size_t i = 0; i < N; i++)
        close(ends[i]);
}

// ---- who asks ------------------------------------------------------------------------------------------------------------

// Whether the answer to who asks by that name of the radio says it.
static bool answer_has(struct radio *r, const char *host, const char *what) {
    struct client client = {.radio = r};
    struct request_head head = {.req = {.host = str_from(host)}};
    struct ask ask = {.client = &client, .head = &head, .arena = arena_new(ASK_ARENA)};
    size_t at;
    buf_init(&client.out, 1 << 20);
    now_show(&ask);
    bool has = str_find(buf_view(&client.out), str_from(what), &at);
    buf_fini(&client.out);
    arena_free(&ask.arena);
    return has;
}

enum { STREAMS = 3 };
static void streams_begin(struct radio *r) {
    static struct service_stream setups[STREAMS];
    static struct service service = {.name = {"voice", 5}, .streams = setups, .stream_count = STREAMS};
    static const char *const mounts[STREAMS] = {"/voice.mp3", "/hidden.mp3", "/late.mp3"};
    r->services = (struct services){.rows = &service, .count = 1};
    r->keeper = keeper_start("/dev/null"); // nothing can be kept there
    struct stream **end = &r->streams;
    for (size_t i = 0; i < STREAMS; i++, end = &(*end)->next) {
        service_stream_first(&setups[i]);
        setups[i].mount = str_from(mounts[i]);
        setups[i].name = str_slice(setups[i].mount, 1, setups[i].mount.n - 4);
        setups[i].is_hidden = i == 1;
        *end = stream_new(r, &service, &setups[i]);
        assert_non_null(*end);
    }
}

static void streams_end(struct radio *r) {
    while (r->streams != NULL) {
        struct stream *s = r->streams;
        r->streams = s->next;
        stream_free(&s);
    }
    keeper_stop(&r->keeper);
}

static void test_those_who_ask_together_share_an_answer(void **state) {
    (void)state;
    struct radio *r = radio_begin();
    streams_begin(r);
    for (int i = 0; i < 1000; i++)
        assert_true(answer_has(r, "a.test", "http://a.test/voice.mp3") &&
                    answer_has(r, "b.test", "http://b.test/voice.mp3"));
    assert_int_equal(made, 2);
    stream_title(r->streams, STR("Letters Across the Water"),
                 STR("")); // is in the very next one, and in all the others
    assert_true(answer_has(r, "a.test", "\"title\":\"Letters") && answer_has(r, "b.test", "\"title\":\"Letters"));
    assert_true(answer_has(r, "a.test", "\"title\":\"Letters"));
    assert_int_equal(made, 4);
    r->streams->listeners = 7; // in each, though nobody is told of it
    assert_true(answer_has(r, "a.test", "\"listeners\":7,"));
    r->streams->listeners = 1234;
    r->streams->next->listeners = 5; // hidden
    r->streams->next->next->hls_listeners = 89;
    assert_true(answer_has(r, "b.test", "\"listeners\":1234,\"alarms\":[\"off_air\"]},{\"name\":\"late\""));
    assert_true(answer_has(r, "b.test", "\"listeners\":89,\"alarms\":[\"off_air\"]}]}]}"));
    assert_int_equal(made, 4);
    r->streams->rate = 44100; // it was heard
    passed_us += US_PER_SECOND / 10 - 1;
    assert_true(answer_has(r, "a.test", "\"rate\":0,"));
    passed_us += 1;
    assert_true(answer_has(r, "a.test", "\"rate\":44100,"));
    assert_int_equal(made, 5);
    put_back_us = 3600 * US_PER_SECOND; // a clock that was wrong
    r->streams->rate = 48000;
    assert_true(answer_has(r, "a.test", "\"rate\":48000,"));
    for (int i = 0; i < 1000; i++) { // any names, of which few are kept
        char host[16];
        (void)snprintf(host, sizeof host, "%d.test", i);
        assert_true(answer_has(r, host, host));
    }
    assert_int_equal(made, 1006);
    streams_end(r);
    radio_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_change_is_put_into_words_once_for_each_origin),
                                       cmocka_unit_test(test_those_who_ask_together_share_an_answer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
