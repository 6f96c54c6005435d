// SPDX-License-Identifier: AGPL-3.0-or-later
// A small running server for tests over loopback: its routes, its pages, and a client that sends raw bytes.
#ifndef TEST_HTTP_HOUSE_H
#define TEST_HTTP_HOUSE_H

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/http.h"

struct house {
    struct http_server *server;
    struct net_pool *pool;
    struct net_address bound;
    int fd;
    struct http_page *page;      // "/counted"
    _Atomic uint64_t reads, raw; // its cells
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_waiter *waiters[16];
    int waiter_count;
    bool rendering, gate_open, entered;
    int lookups_over;
    struct http_page *slow_page; // "/slow", made by the first who asks
    int file_promises_more;      // bytes than "/long" has
    char logged[4096];
};
static struct house house;

static inline size_t house_phrase(const void *phrase, uint64_t number, char *out, size_t room) {
    int n = snprintf(out, room, "%s %llu times", (const char *)phrase, (unsigned long long)number);
    return n > 0 && (size_t)n < room ? (size_t)n : 0;
}

static inline enum rc house_echo(struct http_request *req, struct http_reply *reply) {
    reply->content_type = STR("text/plain");
    buf_fmt(&reply->body, "[%.*s]", STR_ARG(req->body));
    return RC_OK;
}

static inline enum rc house_hello(struct http_request *req, struct http_reply *reply) {
    (void)req;
    reply->content_type = STR("text/plain");
    buf_c(&reply->body, "hello");
    return RC_OK;
}

static inline enum rc house_params(struct http_request *req, struct http_reply *reply) {
    buf_fmt(&reply->body, "<%.*s|%.*s>", STR_ARG(req->params[0]), STR_ARG(req->params[1]));
    return RC_OK;
}

static inline enum rc house_vote(struct http_request *req, struct http_reply *reply) {
    buf_fmt(&reply->body, "%s:%.*s", req->form_ok ? "ok" : req->fields[0].problem,
            STR_ARG(http_request_field(req, "stars")));
    return RC_OK;
}

static inline enum rc house_big(struct http_request *req, struct http_reply *reply) {
    (void)req;
    char *p = buf_reserve(&reply->body, 8 * 1024 * 1024);
    for (size_t i = 0; i < 8 * 1024 * 1024; i++)
        p[i] = (char)('a' + i % 23);
    reply->body.n += 8 * 1024 * 1024;
    return RC_OK;
}

static inline enum rc house_file(struct http_request *req, struct http_reply *reply) {
    (void)req;
    FILE *f = tmpfile();
    assert_non_null(f);
    fputs("0123456789abcdefghij", f);
    fflush(f);
    reply->file_fd = dup(fileno(f));
    fclose(f);
    reply->file_bytes = 20;
    reply->file_modified_us = 1662471540 * US_PER_SECOND;
    http_reply_header(reply, "ETag", STR("\"f1\""));
    return RC_OK;
}

// A file of many pieces, each byte telling where it stands.
enum { HOUSE_LONG_BYTES = 2 * 1024 * 1024 + 77 };
static inline char house_long_byte(size_t at) {
    return (char)('a' + (at + at / 65536) % 26);
}
static inline enum rc house_long_file(struct http_request *req, struct http_reply *reply) {
    (void)req;
    FILE *f = tmpfile();
    assert_non_null(f);
    for (size_t i = 0; i < HOUSE_LONG_BYTES; i++)
        putc(house_long_byte(i), f);
    fflush(f);
    reply->file_fd = dup(fileno(f));
    fclose(f);
    reply->file_bytes = HOUSE_LONG_BYTES + house.file_promises_more;
    return RC_OK;
}

static inline enum rc house_not_found(struct http_request *req, struct http_reply *reply) {
    (void)req;
    (void)reply;
    return RC_NOT_FOUND;
}

// Waits until the test opens the gate.
static inline enum rc house_gated(struct http_request *req, struct http_reply *reply) {
    pthread_mutex_lock(&house.lock);
    house.entered = true;
    pthread_cond_broadcast(&house.changed);
    while (!house.gate_open)
        pthread_cond_wait(&house.changed, &house.lock);
    pthread_mutex_unlock(&house.lock);
    return house_hello(req, reply);
}

// The first renders and stores; those who came meanwhile are woken.
static inline enum rc house_slow(struct http_request *req, struct http_reply *reply) {
    enum rc rc = house_gated(req, reply);
    buf_clear(&reply->body);
    struct http_page_parts parts = {.status = 200, .content_type = STR("text/plain"), .body = STR("slow page")};
    parts.count_reads = &house.reads;
    reply->page = http_page_new(&parts);
    pthread_mutex_lock(&house.lock);
    http_page_unref(&house.slow_page);
    house.slow_page = http_page_ref(reply->page);
    house.rendering = false;
    int n = house.waiter_count;
    struct http_waiter *waiters[16];
    memcpy(waiters, house.waiters, sizeof(waiters));
    house.waiter_count = 0;
    pthread_mutex_unlock(&house.lock);
    for (int i = 0; i < n; i++)
        http_waiter_wake(waiters[i], i % 2 == 0);
    return rc;
}

static const struct http_field_rule house_vote_rules[] = {{"stars", HTTP_FIELD_NUMBER, true, 1, 5, "one to five"}};
static const struct http_form house_vote_form = {house_vote_rules, 1, 100};
static const struct http_route house_routes[] = {
    {.method = HTTP_GET, .pattern = "/", .handler = house_hello, .cache = HTTP_CACHE_NEVER, .purpose = "hello"},
    {.method = HTTP_GET, .pattern = "/counted", .handler = house_hello, .purpose = "a counted page"},
    {.method = HTTP_GET, .pattern = "/slow", .handler = house_slow, .purpose = "a page others wait for"},
    {.method = HTTP_GET, .pattern = "/gated", .handler = house_gated, .cache = HTTP_CACHE_NEVER, .purpose = "waits"},
    {.method = HTTP_GET, .pattern = "/big", .handler = house_big, .cache = HTTP_CACHE_NEVER, .purpose = "8 MiB"},
    {.method = HTTP_GET, .pattern = "/file", .handler = house_file, .cache = HTTP_CACHE_FOREVER, .purpose = "a file"},
    {.method = HTTP_GET,
     .pattern = "/long",
     .handler = house_long_file,
     .cache = HTTP_CACHE_FOREVER,
     .purpose = "2 MiB"},
    {.method = HTTP_GET, .pattern = "/gone", .handler = house_not_found, .cache = HTTP_CACHE_NEVER, .purpose = "404"},
    {.method = HTTP_GET, .pattern = "/p/{a}/{b}", .handler = house_params, .cache = HTTP_CACHE_NEVER, .purpose = "p"},
    {.method = HTTP_GET,
     .pattern = "/staff",
     .handler = house_hello,
     .roles = 2,
     .cache = HTTP_CACHE_NEVER,
     .purpose = "staff"},
    {.method = HTTP_POST, .pattern = "/echo", .handler = house_echo, .guard = HTTP_GUARD_PUBLIC_FORM, .purpose = "e"},
    {.method = HTTP_POST,
     .pattern = "/vote",
     .handler = house_vote,
     .guard = HTTP_GUARD_PUBLIC_FORM,
     .form = &house_vote_form,
     .purpose = "vote"},
    {.method = HTTP_POST,
     .pattern = "/token",
     .handler = house_vote,
     .roles = 2,
     .guard = HTTP_GUARD_TOKEN,
     .form = &house_vote_form,
     .cache = HTTP_CACHE_NEVER,
     .purpose = "of a session"},
};

static inline enum http_lookup house_lookup(void *app, const struct http_request *req, struct http_page **page_out,
                                            struct http_waiter *(*waiter_make)(void *), void *context) {
    struct house *h = app;
    if (str_eq(req->target, STR("/counted"))) {
        *page_out = http_page_ref(h->page);
        return HTTP_LOOKUP_HIT;
    }
    if (!str_eq(req->target, STR("/slow")))
        return HTTP_LOOKUP_DISPATCH;
    enum http_lookup answer = HTTP_LOOKUP_DISPATCH;
    pthread_mutex_lock(&h->lock);
    if (h->slow_page != NULL) {
        *page_out = http_page_ref(h->slow_page);
        answer = HTTP_LOOKUP_HIT;
    } else if (h->rendering) {
        h->waiters[h->waiter_count++] = waiter_make(context);
        pthread_cond_broadcast(&h->changed);
        answer = HTTP_LOOKUP_WAIT;
    } else {
        h->rendering = true;
    }
    pthread_mutex_unlock(&h->lock);
    return answer;
}

static inline void house_over(void *app, const struct http_request *req) {
    (void)req;
    struct house *h = app;
    pthread_mutex_lock(&h->lock);
    h->lookups_over++;
    pthread_mutex_unlock(&h->lock);
}

static inline bool house_host(void *app, struct str host) {
    (void)app;
    return str_eq(host, STR("a.test")) || str_eq(host, STR("a.test:80")) || str_eq(host, STR("[::1]:80"));
}

// The cookie says it: "in" may do everything here, "half" has another role, "over" has ended.
static inline enum rc house_session(void *app, struct http_request *req) {
    (void)app;
    struct str who = http_request_cookie(req, "who");
    if (who.p == NULL)
        return RC_NOT_FOUND;
    req->session = &house;
    if (str_eq(who, STR("over")))
        return RC_GONE;
    req->roles = str_eq(who, STR("half")) ? 1 : 2;
    req->form_token = str_eq(who, STR("in")) ? STR("secret") : STR("other");
    return RC_OK;
}

// Says what was refused, and what had been typed.
static inline void house_error(void *app, struct http_request *req, int status, struct http_reply *reply) {
    (void)app;
    reply->status = status;
    buf_fmt(&reply->body, "refused %d: %.*s", (int)req->refusal, STR_ARG(http_request_field(req, "stars")));
}

static inline bool house_bot(struct str agent) {
    size_t at;
    return str_find(agent, STR("spider"), &at);
}

static inline void house_log(void *app, struct str line) {
    struct house *h = app;
    snprintf(h->logged, sizeof(h->logged), "%.*s", STR_ARG(line));
}

static inline void house_open(const struct http_limits *limits) {
    static const struct http_route *const tables[] = {house_routes, NULL};
    static const size_t counts[] = {sizeof(house_routes) / sizeof(house_routes[0])};
    struct problem p;
    struct net_address any;
    hash_start();
    memset(&house, 0, sizeof(house));
    pthread_mutex_init(&house.lock, NULL);
    pthread_cond_init(&house.changed, NULL);
    struct http_page_parts parts = {.status = 200,
                                    .content_type = STR("text/html; charset=utf-8"),
                                    .cache_control = STR("private, no-cache"),
                                    .etag = STR("W/\"e1\""),
                                    .last_modified_us = 1662471540 * US_PER_SECOND,
                                    .body = STR("<p>before</p><p></p><p>after after after after after after</p>"),
                                    .spot_count = 1,
                                    .spots = {{16, &house.reads, 213, house_phrase, "Read"}},
                                    .count_reads = &house.reads,
                                    .count_raw = &house.raw};
    house.page = http_page_new(&parts);
    assert_int_equal(net_address_parse(STR("127.0.0.1:0"), &any, &p), RC_OK);
    assert_int_equal(net_listen(&any, &house.fd, 1, &house.bound, &p), RC_OK);
    struct net_pool_setup pool = {.name = "test", .threads = 2, .queue_limit = 64};
    house.pool = net_pool_new(&pool);
    struct http_server_setup setup = {.tables = tables,
                                      .table_counts = counts,
                                      .listen_fds = &house.fd,
                                      .loops = 1,
                                      .pools = {house.pool},
                                      .app = &house,
                                      .lookup = house_lookup,
                                      .lookup_over = house_over,
                                      .error = house_error,
                                      .session_of = house_session,
                                      .host_known = house_host,
                                      .is_bot = house_bot,
                                      .access_log = house_log};
    if (limits != NULL)
        setup.limits = *limits;
    house.server = http_server_new(&setup);
}

static inline void house_close(void) {
    http_server_free(&house.server);
    net_pool_free(&house.pool);
    http_page_unref(&house.page);
    http_page_unref(&house.slow_page);
    close(house.fd);
}

// ---- the client ----------------------------------------------------------------------------------------------------

static inline int client_open(void) {
    int fd = socket(house.bound.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&house.bound.sa, house.bound.len), 0);
    return fd;
}

static inline void client_send(int fd, struct str bytes) {
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n <= 0)
            return; // the server may have refused and closed already
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
}

// One more piece of what the server says; false at the end of the connection. A minute of silence fails the test.
static inline bool client_more(int fd, struct buf *in) {
    struct pollfd p = {fd, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 60000), 1);
    char *room = buf_reserve(in, 65536);
    assert_non_null(room);
    ssize_t n = recv(fd, room, 65536, 0);
    if (n > 0)
        in->n += (size_t)n;
    return n > 0;
}

// The head and body of the next answer, taken off the front of `in`. No body after HEAD.
static inline struct str client_answer(int fd, struct buf *in, size_t *at, bool head_only) {
    size_t end, length = 0, where;
    while (!str_find(str_slice(buf_view(in), *at, in->n), STR("\r\n\r\n"), &end))
        if (!client_more(fd, in))
            return STR_NONE;
    struct str head = str_slice(buf_view(in), *at, *at + end + 4);
    if (!head_only && str_find(head, STR("Content-Length: "), &where)) {
        struct str digits = str_slice(head, where + 16, head.n);
        assert_true(str_find_char(digits, '\r', &where));
        uint64_t n;
        assert_true(str_to_u64(str_slice(digits, 0, where), &n));
        length = (size_t)n;
    }
    while (in->n - *at < end + 4 + length)
        assert_true(client_more(fd, in));
    struct str whole = str_slice(buf_view(in), *at, *at + end + 4 + length);
    *at += whole.n;
    return whole;
}

static inline bool has(struct str s, const char *text) {
    size_t at;
    return str_find(s, str_from(text), &at);
}

#endif
