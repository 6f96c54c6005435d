// SPDX-License-Identifier: AGPL-3.0-or-later
// A connection until it becomes something else: its request is read whole and strictly, answered, and the next one read.
//
//   HEAD --request--> WRITE --> HEAD or LINGER --> closed
//                 \-> TAKEN: it is a source, a listener or a watcher now
//                 \-> PARKED: the reader reads what the answer is made of; then HEAD, and the same request is asked again
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"

enum {
    HEAD_MS = 10000,
    HEAD_FULL_MS = 2000, // in a full house
    WRITE_MS = 30000,    // without taking a byte of an answer
    ANSWER_MS = 60000,
    ANSWER_BYTES = 4096, // a second: slower than any line that sound comes through
    PARKED_MS = 30000,   // a disk that takes longer hangs
    LINGER_MS = 2000,
    LINGER_BYTES = 1 << 20,
    ANSWER_MAX = 8 << 20,
    REQUESTS_AT_ONCE = 2
};

static const struct http_limits limits = {
    .head_bytes = HEAD_BYTES, .header_count = HEADERS_MAX, .target_bytes = 4096, .old_encoders = true};

static int head_ms(const struct client *c) {
    return radio_is_full(c->radio) ? HEAD_FULL_MS : HEAD_MS;
}

static void wait_for(struct client *c, uint32_t events, int ms) {
    if (events != c->interest) // a kept connection waits for the same again and again
        net_watch_change(c->radio->loop, &c->watch, events);
    c->interest = events;
    net_timer_set(c->radio->loop, &c->timer, ms);
}

// One that is still being read frees itself when it is over.
static void job_drop(struct client *c) {
    if (c->job == NULL)
        return;
    c->job->client = NULL;
    atomic_store(&c->job->read.is_off, true);
    if (c->job_over)
        c->job->free(c->job);
    c->job = NULL;
    c->job_over = false;
}

static void forget(struct client *c) {
    net_timer_clear(c->radio->loop, &c->timer);
    *c->prev = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    job_drop(c);
    buf_fini(&c->out);
    mem_free(c->in);
    mem_free(c);
}

void client_close(struct client *c) {
    net_watch_remove(c->radio->loop, &c->watch);
    close(c->watch.fd);
    radio_connection_over(c->radio, c->address);
    forget(c);
}

// ---- answering ---------------------------------------------------------------------------------------------------------

static void begin_answer(struct client *c, int status, bool keep_alive, const char *more) {
    char date[HTTP_DATE_BYTES];
    http_date_put(date, clock_now_us());
    c->keep_alive = keep_alive;
    buf_fmt(&c->out, "HTTP/1.1 %d %s\r\nServer: Siaran\r\nDate: %.*s\r\nConnection: %s\r\n%s", status,
            http_reason(status), HTTP_DATE_BYTES, date, keep_alive ? "keep-alive" : "close", more != NULL ? more : "");
}

// A body that was announced and not read would be taken for the next request.
static bool may_keep(const struct request_head *head) {
    return head->keep_alive && !head->chunked && !(head->has_length && head->content_length > 0) &&
           !head->expect_continue && (head->req.method != HTTP_OTHER || head->has_length);
}

void client_answer(struct ask *ask, int status, const char *type, const char *more, struct str body) {
    struct client *c = ask->client;
    // A PUT without a length and without chunks is a body without end, unless it says that there is none.
    bool endless = ask->head->req.method == HTTP_PUT && !ask->head->has_length;
    begin_answer(c, status, may_keep(ask->head) && !endless && !c->radio->stopping, more);
    if (type != NULL)
        buf_fmt(&c->out, "Content-Type: %s\r\n", type);
    if (status != 204 && status != 304)
        buf_fmt(&c->out, "Content-Length: %zu\r\n", body.n);
    buf_c(&c->out, "X-Content-Type-Options: nosniff\r\n\r\n");
    if (!ask->is_head && status != 204 && status != 304)
        buf_str(&c->out, body);
}

void client_refuse(struct ask *ask, int status, const char *more, const char *sentence) {
    struct str body = str_fmt(ask->arena, "%s\n", sentence);
    struct str lines = str_fmt(ask->arena, "%s%sCache-Control: no-store\r\n", CORS_LINES, more != NULL ? more : "");
    client_answer(ask, status, "text/plain; charset=utf-8", lines.p, body);
}

struct taken client_take(struct ask *ask) {
    struct client *c = ask->client;
    size_t used = ask->head->bytes;
    const char *rest = ask->head->base + used;
    struct taken taken = {.fd = c->watch.fd, .address = c->address, .rest_bytes = c->in_bytes - used};
    if (taken.rest_bytes > 0) {
        taken.rest = mem_new(taken.rest_bytes);
        memcpy(taken.rest, rest, taken.rest_bytes);
    }
    net_watch_remove(c->radio->loop, &c->watch);
    c->watch.fd = -1;
    c->state = CLIENT_TAKEN;
    return taken;
}

// ---- reading -----------------------------------------------------------------------------------------------------------

static void flush_out(struct client *c);

// What a broken head gets: there is no request to go by.
static void refuse_head(struct client *c, int status) {
    static const char sentence[] = "The request cannot be read.\n";
    begin_answer(c, status, false, NULL);
    buf_fmt(&c->out, "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s", sizeof sentence - 1, sentence);
}

static void answer_head(struct client *c, struct request_head *head) {
    struct radio *r = c->radio;
    struct ask ask = {.client = c, .head = head, .arena = arena_new(ASK_ARENA)};
    struct http_server_setup proxies = {.trusted_proxies = r->setup->trusted_proxies,
                                        .trusted_proxy_count = r->setup->trusted_proxy_count};
    head->req.peer = head->req.via = c->peer;
    proxy_apply(&proxies, head);
    ask.is_head = head->req.method == HTTP_HEAD;
    routes_answer(&ask);
    if (c->job_over)
        job_drop(c);
    arena_free(&ask.arena);
}

// Until when all of it has to be taken: a byte now and then would hold a connection for ever.
static int64_t answer_until_us(size_t bytes) {
    return clock_mono_us() + INT64_C(1000) * ANSWER_MS + (int64_t)bytes * US_PER_SECOND / ANSWER_BYTES;
}

// Answers what has come: a few requests, so that one connection's do not keep sound waiting. The others stand in c->in until
// the timer.
static void read_requests(struct client *c) {
    struct http_header headers[HEADERS_MAX];
    for (int i = 0; c->state == CLIENT_HEAD && c->in_bytes > 0; i++) {
        struct request_head head;
        if (i == REQUESTS_AT_ONCE) {
            c->has_more = true;
            wait_for(c, 0, 1);
            return;
        }
        int got = request_parse(&head, headers, &limits, c->in, c->in_bytes);
        if (got == 0)
            return;
        if (got < 0)
            refuse_head(c, -got);
        else
            answer_head(c, &head);
        if (c->state == CLIENT_TAKEN)
            return;
        if (c->state == CLIENT_PARKED) {
            wait_for(c, 0, PARKED_MS);
            return;
        }
        c->in_bytes -= got > 0 ? (uint32_t)got : c->in_bytes;
        memmove(c->in, c->in + (got > 0 ? got : 0), c->in_bytes);
        c->state = CLIENT_WRITE;
        c->answer_until_us = answer_until_us(c->out.n);
        flush_out(c);
    }
}

// After its last answer a client may still be sending; closed at once, the answer would be lost to it.
static void linger(struct client *c) {
    shutdown(c->watch.fd, SHUT_WR);
    c->state = CLIENT_LINGER;
    wait_for(c, EPOLLIN, LINGER_MS);
}

static void flush_out(struct client *c) {
    while (c->out_at < c->out.n) {
        ssize_t n = send(c->watch.fd, c->out.p + c->out_at, c->out.n - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        int64_t left_ms = (c->answer_until_us - clock_mono_us()) / 1000;
        if (n < 0 && errno == EAGAIN && left_ms > 0) {
            wait_for(c, EPOLLOUT, left_ms < WRITE_MS ? (int)left_ms : WRITE_MS);
            return;
        }
        if (n <= 0) {
            c->keep_alive = false;
            break;
        }
        c->out_at += (size_t)n;
    }
    buf_fini(&c->out);
    buf_init(&c->out, ANSWER_MAX);
    c->out_at = 0;
    if (!c->keep_alive) {
        linger(c);
        return;
    }
    c->state = CLIENT_HEAD;
    wait_for(c, EPOLLIN, head_ms(c));
}

static void drain(struct client *c) {
    struct radio *r = c->radio;
    ssize_t n = recv(c->watch.fd, r->read, sizeof r->read, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    c->lingered += n > 0 ? (uint32_t)n : 0;
    if (n <= 0 || c->lingered > LINGER_BYTES)
        client_close(c);
}

static void free_in(struct client *c) {
    mem_free(c->in);
    c->in = NULL;
}

static void go_on(struct client *c) {
    read_requests(c);
    if (c->state == CLIENT_TAKEN)
        forget(c);
    else if (c->in_bytes == 0 && c->state == CLIENT_HEAD)
        free_in(c);
}

static void take_in(struct client *c) {
    if (c->in == NULL)
        c->in = mem_new(HEAD_BYTES);
    ssize_t n = recv(c->watch.fd, c->in + c->in_bytes, HEAD_BYTES - c->in_bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (c->in_bytes == 0) // thousands may be waited for
            free_in(c);
        return;
    }
    if (n <= 0) {
        client_close(c);
        return;
    }
    c->in_bytes += (uint32_t)n;
    go_on(c);
}

static void client_ready(struct net_watch *w, uint32_t events) {
    struct client *c = (struct client *)((char *)w - offsetof(struct client, watch));
    if ((events & (EPOLLERR | EPOLLHUP)) != 0)
        client_close(c);
    else if (c->state == CLIENT_LINGER)
        drain(c);
    else if (c->state == CLIENT_WRITE) {
        flush_out(c);
        if (c->state == CLIENT_HEAD)
            go_on(c);
    } else
        take_in(c);
}

static void client_due(struct net_timer *t) {
    struct client *c = (struct client *)((char *)t - offsetof(struct client, timer));
    if (!c->has_more) {
        client_close(c);
        return;
    }
    c->has_more = false;
    wait_for(c, EPOLLIN, head_ms(c));
    go_on(c);
}

static void job_done(struct read_job *read) {
    struct client_job *job = (struct client_job *)((char *)read - offsetof(struct client_job, read));
    struct client *c = job->client;
    if (c == NULL) {
        job->free(job);
        return;
    }
    c->job_over = true;
    c->state = CLIENT_HEAD;
    wait_for(c, EPOLLIN, head_ms(c));
    go_on(c);
}

void client_park(struct ask *ask, struct client_job *job, bool urgent) {
    struct client *c = ask->client;
    must(c->job == NULL);
    job->client = c;
    job->read.done = job_done;
    if (reader_ask(c->radio->reader, &job->read, urgent) != RC_OK) {
        job->free(job);
        client_refuse(ask, 503, "Retry-After: 2\r\n", "Too many wait for what was kept: try again in a moment.");
        return;
    }
    c->job = job;
    c->state = CLIENT_PARKED;
}

struct client_job *client_job(const struct ask *ask) {
    return ask->client->job_over ? ask->client->job : NULL;
}

void client_open(struct radio *r, int fd, const struct net_address *peer, uint64_t address) {
    struct client *c = MEM_NEW(struct client);
    int one = 1;
    *c = (struct client){.watch = {.fd = fd, .ready = client_ready},
                         .timer = {.due = client_due},
                         .radio = r,
                         .peer = *peer,
                         .address = address,
                         .interest = EPOLLIN};
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    buf_init(&c->out, ANSWER_MAX);
    c->prev = &r->clients;
    c->next = r->clients;
    if (c->next != NULL)
        c->next->prev = &c->next;
    r->clients = c;
    if (net_watch_add(r->loop, &c->watch, EPOLLIN) != RC_OK) {
        close(fd);
        radio_connection_over(r, address);
        forget(c);
        return;
    }
    net_timer_set(r->loop, &c->timer, head_ms(c));
    take_in(c); // most requests came with the connection
}
