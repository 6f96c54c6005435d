// SPDX-License-Identifier: AGPL-3.0-or-later
// The server as readers meet it: counting, waiting together for one page, leaving early, reading slowly, limits,
// parts of files, and a drain that finishes what was begun.
#include "house.h"

#include <dirent.h>

#define GET_OF(path) "GET " path " HTTP/1.1\r\nHost: a.test\r\n"

static struct buf in;
static size_t at;

static int start(const struct http_limits *limits) {
    house_open(limits);
    buf_init(&in, 64 << 20);
    at = 0;
    return client_open();
}

static void end(int fd) {
    close(fd);
    buf_fini(&in);
    house_close();
}

static struct str ask(int fd, const char *request) {
    client_send(fd, str_from(request));
    return client_answer(fd, &in, &at, str_starts(str_from(request), STR("HEAD")));
}

static void a_reader_counts_and_sees_the_number_before(void **state) {
    (void)state;
    int fd = start(NULL);
    assert_true(has(ask(fd, GET_OF("/counted") "\r\n"), "<p>Read 213 times</p>"));
    assert_true(has(ask(fd, GET_OF("/counted?utm=x") "\r\n"), "<p>Read 214 times</p>"));
    assert_true(has(ask(fd, GET_OF("/counted") "User-Agent: spider/1.0\r\n\r\n"), "Read 215 times"));
    assert_true(has(ask(fd, GET_OF("/counted") "User-Agent: a long spider name\r\n\r\n"), "Read 215 times"));
    assert_true(has(ask(fd, GET_OF("/counted") "Sec-Purpose: prefetch;prerender\r\n\r\n"), "Read 215 times"));
    assert_true(has(ask(fd, GET_OF("/counted") "X-Moz: prefetch\r\n\r\n"), "Read 215 times"));
    struct str head = ask(fd, "HEAD /counted HTTP/1.1\r\nHost: a.test\r\n\r\n");
    assert_true(has(head, "200 OK") && has(head, "Content-Length: 76\r\n"));
    struct str same = ask(fd, GET_OF("/counted") "If-None-Match: \"x\", W/\"e1\"\r\n\r\n");
    assert_true(has(same, "304 Not Modified") && has(same, "ETag: W/\"e1\"\r\n") && !has(same, "Content-Length"));
    assert_true(has(ask(fd, GET_OF("/counted") "If-Modified-Since: Tue, 06 Sep 2022 13:39:00 GMT\r\n\r\n"), " 304 "));
    assert_true(
        has(ask(fd, GET_OF("/counted") "If-Modified-Since: Tue, 06 Sep 2022 13:38:59 GMT\r\n\r\n"), "Read 215"));
    assert_int_equal(house.reads, 3);
    assert_int_equal(house.raw, 7);
    end(fd);
}

static void the_log_has_one_line_a_request(void **state) {
    (void)state;
    int fd = start(NULL);
    ask(fd, GET_OF("/counted") "Referer: http://x/\"\x80\r\nUser-Agent: me\r\n\r\n");
    struct str line = str_from(house.logged);
    assert_true(str_starts(line, STR("127.0.0.1 - - [")));
    assert_true(has(line, "\"GET /counted HTTP/1.1\" 200 76 \"http://x/\\x22\\x80\" \"me\" "));
    end(fd);
}

static void wait_for(bool (*ready)(void)) {
    pthread_mutex_lock(&house.lock);
    while (!ready())
        pthread_cond_wait(&house.changed, &house.lock);
    pthread_mutex_unlock(&house.lock);
}

static bool is_entered(void) {
    return house.entered;
}

static bool three_wait(void) {
    return house.waiter_count == 3;
}

static void open_gate(void) {
    pthread_mutex_lock(&house.lock);
    house.gate_open = true;
    pthread_cond_broadcast(&house.changed);
    pthread_mutex_unlock(&house.lock);
}

static void those_who_wait_get_the_page_one_of_them_left(void **state) {
    (void)state;
    int first = start(NULL), others[3];
    client_send(first, STR(GET_OF("/slow") "\r\n"));
    wait_for(is_entered);
    for (int i = 0; i < 3; i++) {
        others[i] = client_open();
        client_send(others[i], STR(GET_OF("/slow") "\r\n" GET_OF("/counted") "\r\n"));
    }
    wait_for(three_wait);
    close(others[2]); // gone while waiting
    open_gate();
    assert_true(has(client_answer(first, &in, &at, false), "slow page"));
    for (int i = 0; i < 2; i++) {
        struct buf mine;
        size_t here = 0;
        buf_init(&mine, 1 << 20);
        assert_true(has(client_answer(others[i], &mine, &here, false), "slow page"));
        assert_true(has(client_answer(others[i], &mine, &here, false), "times</p>"));
        buf_fini(&mine);
        close(others[i]);
    }
    struct http_stats stats;
    http_server_stats(house.server, &stats);
    assert_int_equal(stats.parked, 3);
    end(first);
}

static void who_leaves_during_a_render_harms_nobody(void **state) {
    (void)state;
    int fd = start(NULL), other = client_open();
    struct linger reset = {1, 0};
    setsockopt(other, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    client_send(other, STR(GET_OF("/gated") "\r\n"));
    wait_for(is_entered);
    close(other);
    assert_true(has(ask(fd, GET_OF("/") "\r\n"), "hello"));
    open_gate();
    assert_true(has(ask(fd, GET_OF("/gated") "\r\n"), "hello"));
    end(fd);
}

static void a_slow_reader_gets_every_byte_and_the_next_answer(void **state) {
    (void)state;
    int fd = start(NULL), small = 65536;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    client_send(fd, STR(GET_OF("/big") "\r\n" GET_OF("/") "\r\n"));
    int other = client_open();
    struct buf theirs;
    size_t here = 0;
    buf_init(&theirs, 1 << 20);
    client_send(other, STR(GET_OF("/") "\r\n"));
    assert_true(has(client_answer(other, &theirs, &here, false), "hello")); // meanwhile
    struct str big = client_answer(fd, &in, &at, false);
    size_t head;
    assert_true(str_find(big, STR("\r\n\r\n"), &head));
    assert_int_equal(big.n - head - 4, 8 * 1024 * 1024);
    for (size_t i = 0; i < 8 * 1024 * 1024; i++)
        if (big.p[head + 4 + i] != (char)('a' + i % 23))
            fail_msg("byte %zu is wrong", i);
    assert_true(has(client_answer(fd, &in, &at, false), "hello"));
    buf_fini(&theirs);
    close(other);
    end(fd);
}

static void parts_of_files_are_sent_as_asked(void **state) {
    (void)state;
    static const struct {
        const char *lines, *want, *body;
    } rows[] = {
        {"", " 200 ", "\r\n\r\n0123456789abcdefghij"},
        {"Range: bytes=0-3\r\n", "Content-Range: bytes 0-3/20\r\n", "\r\n\r\n0123"},
        {"Range: bytes=15-\r\n", " 206 ", "\r\n\r\nfghij"},
        {"Range: bytes=-2\r\n", " 206 ", "\r\n\r\nij"},
        {"Range: bytes=5-900\r\n", "bytes 5-19/20", "\r\n\r\n56789abcdefghij"},
        {"Range: bytes=20-\r\n", " 416 ", "bytes */20\r\n"},
        {"Range: bytes=3-1\r\n", " 200 ", "0123456789abcdefghij"},
        {"Range: bytes=0-1,4-5\r\n", " 200 ", "0123456789abcdefghij"},
        {"Range: bytes=0-3\r\nIf-Range: \"f1\"\r\n", " 206 ", "\r\n\r\n0123"},
        {"Range: bytes=0-3\r\nIf-Range: \"f2\"\r\n", " 200 ", "0123456789abcdefghij"},
        {"Range: bytes=0-3\r\nIf-Range: W/\"f1\"\r\n", " 200 ", "0123456789abcdefghij"},
        {"Range: bytes=0-3\r\nIf-Range: Tue, 06 Sep 2022 13:39:00 GMT\r\n", " 206 ", "\r\n\r\n0123"},
        {"If-None-Match: \"f1\"\r\n", " 304 ", "\r\n\r\n"},
        {"If-Modified-Since: Tue, 06 Sep 2022 13:39:00 GMT\r\n", " 304 ", "immutable"},
    };
    int fd = start(NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char request[256];
        snprintf(request, sizeof(request), GET_OF("/file") "%s\r\n", rows[i].lines);
        struct str answer = ask(fd, request);
        if (!has(answer, rows[i].want) || !has(answer, rows[i].body))
            fail_msg("%s: %.*s", rows[i].lines, STR_ARG(answer));
    }
    end(fd);
}

static void check_long_bytes(struct str body, size_t from) {
    for (size_t i = 0; i < body.n; i++)
        if (body.p[i] != house_long_byte(from + i))
            fail_msg("byte %zu of the file is wrong", from + i);
}

static void a_long_file_comes_in_pieces(void **state) {
    (void)state;
    int fd = start(NULL);
    struct str whole = ask(fd, GET_OF("/long") "\r\n");
    size_t head = (size_t)((const char *)memmem(whole.p, whole.n, "\r\n\r\n", 4) - whole.p) + 4;
    assert_int_equal(whole.n - head, HOUSE_LONG_BYTES);
    check_long_bytes(str_slice(whole, head, whole.n), 0);
    struct str part = ask(fd, GET_OF("/long") "Range: bytes=65000-400000\r\n\r\n");
    head = (size_t)((const char *)memmem(part.p, part.n, "\r\n\r\n", 4) - part.p) + 4;
    assert_int_equal(part.n - head, 400000 - 65000 + 1);
    check_long_bytes(str_slice(part, head, part.n), 65000);
    assert_true(has(ask(fd, GET_OF("/") "\r\n"), "hello"));
    end(fd);
}

static void a_file_that_became_shorter_ends_the_connection(void **state) {
    (void)state;
    int fd = start(NULL);
    house.file_promises_more = 5;
    client_send(fd, STR(GET_OF("/long") "\r\n"));
    while (client_more(fd, &in))
        continue;
    house.file_promises_more = 0;
    assert_true(has(buf_view(&in), "Content-Length: 2097234\r\n"));
    end(fd);
}

static size_t open_descriptors(void) {
    size_t n = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

static void who_leaves_in_the_middle_of_a_file_leaves_nothing_open(void **state) {
    (void)state;
    size_t before = open_descriptors();
    int fd = start(NULL);
    for (int i = 0; i < 20; i++) {
        int other = client_open();
        struct buf theirs;
        buf_init(&theirs, 4 << 20);
        client_send(other, STR(GET_OF("/long") "\r\n"));
        assert_true(client_more(other, &theirs));
        buf_fini(&theirs);
        close(other);
    }
    end(fd); // waits for all that is under way
    assert_int_equal(open_descriptors(), before);
}

static void head_and_options_are_answered_everywhere(void **state) {
    (void)state;
    int fd = start(NULL);
    assert_true(has(ask(fd, "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n"), "Content-Length: 5\r\n"));
    assert_true(has(ask(fd, "HEAD /big HTTP/1.1\r\nHost: a.test\r\n\r\n"), "Content-Length: 8388608\r\n"));
    assert_true(has(ask(fd, "HEAD /file HTTP/1.1\r\nHost: a.test\r\n\r\n"), "Content-Length: 20\r\n"));
    assert_true(has(ask(fd, "OPTIONS / HTTP/1.1\r\nHost: a.test\r\n\r\n"), "Allow: GET, HEAD, OPTIONS\r\n"));
    assert_true(has(ask(fd, "OPTIONS /echo HTTP/1.1\r\nHost: a.test\r\n\r\n"), "Allow: POST, OPTIONS\r\n"));
    assert_true(has(ask(fd, "PUT /echo HTTP/1.1\r\nHost: a.test\r\n\r\n"), "Allow: POST, OPTIONS\r\n"));
    end(fd);
}

#define VOTE(body, n)                                                                                                  \
    "POST /vote HTTP/1.1\r\nHost: a.test\r\nSec-Fetch-Site: same-origin\r\n"                                           \
    "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: " n "\r\n\r\n" body

static void a_vote_is_checked_and_limited(void **state) {
    (void)state;
    struct http_limits limits = {.public_posts_per_minute = 4};
    int fd = start(&limits);
    assert_true(has(ask(fd, VOTE("stars=4", "7")), "ok:4"));
    assert_true(has(ask(fd, VOTE("stars=6", "7")), "form_not_a_number:6"));
    assert_true(has(ask(fd, VOTE("stars=", "6")), "form_required:"));
    struct str answer = ask(fd, "POST /vote HTTP/1.1\r\nHost: a.test\r\nSec-Fetch-Site: same-origin\r\n"
                                "Content-Length: 7\r\n\r\nstars=4");
    assert_true(has(answer, " 415 "));
    assert_true(has(ask(fd, VOTE("stars=4", "7")), " 429 "));
    end(fd);
}

static void too_many_from_one_address_are_turned_away(void **state) {
    (void)state;
    struct http_limits limits = {.connections = 8, .connections_per_address = 2};
    int fd = start(&limits);
    assert_true(has(ask(fd, GET_OF("/") "\r\n"), "hello"));
    int second = client_open(), third = client_open();
    struct buf theirs;
    size_t here = 0;
    buf_init(&theirs, 1 << 20);
    assert_true(has(client_answer(third, &theirs, &here, false), " 503 "));
    assert_false(client_more(third, &theirs));
    close(third);
    close(second);
    assert_true(has(ask(fd, GET_OF("/") "\r\n"), "hello"));
    buf_fini(&theirs);
    end(fd);
}

static void a_head_that_does_not_come_ends(void **state) {
    (void)state;
    struct http_limits limits = {.head_ms = 100, .body_ms = 100, .idle_ms = 100};
    int fd = start(&limits), silent = client_open();
    client_send(fd, STR("GET / HTTP/1.1\r\nHo"));
    assert_true(has(client_answer(fd, &in, &at, false), " 408 "));
    struct buf theirs;
    buf_init(&theirs, 1 << 20);
    assert_false(client_more(silent, &theirs));
    buf_fini(&theirs);
    close(silent);
    end(fd);
}

static void a_body_that_does_not_come_ends(void **state) {
    (void)state;
    struct http_limits limits = {.head_ms = 100, .body_ms = 100, .idle_ms = 100};
    int fd = start(&limits);
    client_send(fd, STR("POST /echo HTTP/1.1\r\nHost: a.test\r\nSec-Fetch-Site: same-origin\r\n"
                        "Content-Length: 9\r\n\r\nabc"));
    assert_true(has(client_answer(fd, &in, &at, false), " 408 "));
    assert_false(client_more(fd, &in));
    end(fd);
}

static void *drain(void *arg) {
    (void)arg;
    http_server_drain(house.server, 30000);
    return NULL;
}

static void a_drain_finishes_what_was_begun(void **state) {
    (void)state;
    int fd = start(NULL), fresh = client_open(), idle = client_open();
    struct buf theirs;
    size_t here = 0;
    pthread_t thread;
    buf_init(&theirs, 1 << 20);
    client_send(idle, STR(GET_OF("/") "\r\n"));
    assert_true(has(client_answer(idle, &theirs, &here, false), "hello"));
    client_send(fd, STR(GET_OF("/gated") "\r\n"));
    wait_for(is_entered);
    assert_int_equal(pthread_create(&thread, NULL, drain, NULL), 0);
    assert_false(client_more(idle, &theirs)); // the drain has begun
    client_send(fresh, STR(GET_OF("/") "\r\n"));
    here = theirs.n;
    struct str first = client_answer(fresh, &theirs, &here, false);
    assert_true(has(first, "hello") && has(first, "Connection: close\r\n"));
    close(fresh);
    open_gate();
    struct str answer = client_answer(fd, &in, &at, false);
    assert_true(has(answer, "hello") && has(answer, "Connection: close\r\n"));
    assert_false(client_more(fd, &in));
    close(fd);
    pthread_join(thread, NULL);
    buf_fini(&theirs);
    end(idle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_counts_and_sees_the_number_before),
        cmocka_unit_test(the_log_has_one_line_a_request),
        cmocka_unit_test(those_who_wait_get_the_page_one_of_them_left),
        cmocka_unit_test(who_leaves_during_a_render_harms_nobody),
        cmocka_unit_test(a_slow_reader_gets_every_byte_and_the_next_answer),
        cmocka_unit_test(parts_of_files_are_sent_as_asked),
        cmocka_unit_test(a_long_file_comes_in_pieces),
        cmocka_unit_test(a_file_that_became_shorter_ends_the_connection),
        cmocka_unit_test(who_leaves_in_the_middle_of_a_file_leaves_nothing_open),
        cmocka_unit_test(head_and_options_are_answered_everywhere),
        cmocka_unit_test(a_vote_is_checked_and_limited),
        cmocka_unit_test(too_many_from_one_address_are_turned_away),
        cmocka_unit_test(a_head_that_does_not_come_ends),
        cmocka_unit_test(a_body_that_does_not_come_ends),
        cmocka_unit_test(a_drain_finishes_what_was_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
