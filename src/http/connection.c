// SPDX-License-Identifier: AGPL-3.0-or-later
// The life of a connection: reading into the loop's buffer, keeping only what is not a whole request, writing in one
// go and waiting for the socket only when it is full. Deadlines are moved by writing a number; the timer looks at it
// when it fires.
#include "http/connection.h"
#include "http/upload.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINGER_MS = 2000, LINGER_BYTES = 1024 * 1024, BODY_STEP = 4096, FIRST_REQUEST_MS = 1000 };

struct pending {
    struct response response;
    int at; // first piece not wholly sent
    char *own;
};

// ---- the plain wire ----------------------------------------------------------------------------------------------

// The C library's own recv and sendmsg are points of thread cancellation, which costs four atomic steps a request in a
// program with threads. Nobody cancels threads here, so the kernel is called directly.
static ssize_t plain_read(struct connection *c, void *p, size_t n) {
    return syscall(SYS_recvfrom, c->watch.fd, p, n, 0, NULL, NULL);
}

static ssize_t plain_write(struct connection *c, const struct iovec *iov, int count) {
    struct iovec *pieces = (struct iovec *)(uintptr_t)iov; // sendmsg does not write to them
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = (size_t)count};
    return syscall(SYS_sendmsg, c->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void plain_finish(struct connection *c) {
    shutdown(c->watch.fd, SHUT_WR);
}

static const struct connection_wire plain_wire = {plain_read, plain_write, plain_finish};

// ---- closing -----------------------------------------------------------------------------------------------------

static void response_release(struct response *r) {
    http_page_unref(&r->page);
    if (r->exchange != NULL)
        exchange_free(r->exchange);
    r->exchange = NULL;
}

static void drop_pending(struct connection *c) {
    if (c->pending == NULL)
        return;
    response_release(&c->pending->response);
    mem_free(c->pending->own);
    mem_free(c->pending);
    c->pending = NULL;
}

static void keep_input(struct connection *c, const char *p, size_t n) {
    if (n == 0 || c->state >= CONN_LINGER) {
        mem_free(c->in);
        c->in = NULL;
        c->in_bytes = 0;
        return;
    }
    char *copy = mem_new(n);
    memcpy(copy, p, n);
    mem_free(c->in);
    c->in = copy;
    c->in_bytes = (uint32_t)n;
}

static void free_connection(struct connection *c) {
    struct http_loop *loop = c->loop;
    struct http_server *server = loop->server;
    address_leave(server->addresses, c->address);
    *c->prev = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    loop->connection_count--;
    mem_free(c);
    if (atomic_fetch_sub(&server->connections, 1) == 1) {
        pthread_mutex_lock(&server->lock);
        pthread_cond_broadcast(&server->empty);
        pthread_mutex_unlock(&server->lock);
    }
}

void connection_close(struct connection *c) {
    if (c->state == CONN_CLOSED)
        return;
    // A body that was being read belongs to us; what a worker has frees itself when it comes back.
    if (c->exchange != NULL && c->state == CONN_BODY)
        exchange_free(c->exchange);
    else if (c->exchange != NULL)
        c->exchange->connection = NULL;
    c->exchange = NULL;
    c->state = CONN_CLOSED;
    net_timer_clear(c->loop->net, &c->timer);
    net_watch_remove(c->loop->net, &c->watch);
    close(c->watch.fd);
    drop_pending(c);
    keep_input(c, NULL, 0);
    if (!c->held)
        free_connection(c);
}

// ---- deadlines ---------------------------------------------------------------------------------------------------

static void set_deadline(struct connection *c, int64_t after_ms) {
    int64_t now = net_loop_now_ms(c->loop->net);
    c->deadline_ms = now + after_ms;
    if (c->timer_ms == 0 || c->timer_ms > c->deadline_ms) {
        c->timer_ms = c->deadline_ms;
        net_timer_set(c->loop->net, &c->timer, after_ms);
    }
}

static void no_deadline(struct connection *c) {
    c->deadline_ms = INT64_MAX;
}

// ---- writing -----------------------------------------------------------------------------------------------------

static void finish_response(struct connection *c) {
    c->answered = true;
    if (c->close_after || c->loop->draining) {
        // Closing with unread input would reset the connection, and the answer might be lost on its way.
        c->state = CONN_LINGER;
        c->wire->finish(c);
        keep_input(c, NULL, 0);
        set_deadline(c, LINGER_MS);
        return;
    }
    c->state = CONN_IDLE;
    set_deadline(c, c->loop->server->setup.limits.idle_ms);
}

// Skips `n` sent bytes; true when all pieces are through.
static bool advance(struct response *r, int *at, size_t n) {
    while (*at < r->count && n >= r->iov[*at].iov_len)
        n -= r->iov[(*at)++].iov_len;
    if (*at == r->count)
        return true;
    r->iov[*at].iov_base = (char *)r->iov[*at].iov_base + n;
    r->iov[*at].iov_len -= n;
    return false;
}

// Pieces in the loop's scratch live until the next request only: the pending response gets copies.
static void own_scratch(struct http_loop *loop, struct pending *p) {
    const char *from = loop->scratch, *to = loop->scratch + sizeof(loop->scratch);
    size_t total = 0;
    struct response *r = &p->response;
    for (int i = p->at; i < r->count; i++)
        if ((char *)r->iov[i].iov_base >= from && (char *)r->iov[i].iov_base < to)
            total += r->iov[i].iov_len;
    p->own = mem_new(total + 1);
    total = 0;
    for (int i = p->at; i < r->count; i++)
        if ((char *)r->iov[i].iov_base >= from && (char *)r->iov[i].iov_base < to) {
            memcpy(p->own + total, r->iov[i].iov_base, r->iov[i].iov_len);
            r->iov[i].iov_base = p->own + total;
            total += r->iov[i].iov_len;
        }
}

static bool would_block(ssize_t n) {
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

// 1: all sent; 0: the socket is full; -1: it is broken.
static int write_out(struct connection *c, struct response *r, int *at) {
    while (*at < r->count) {
        ssize_t n = c->wire->write(c, r->iov + *at, r->count - *at);
        if (n < 0)
            return would_block(n) ? 0 : -1;
        stat_add(&c->loop->stats.bytes_out, (uint64_t)n);
        advance(r, at, (size_t)n);
    }
    return 1;
}

static bool has_more(const struct response *r) {
    return r->exchange != NULL && r->exchange->file.left > 0;
}

// All that was read of the file has gone out: the exchange goes where the next piece is read.
static void await_more(struct connection *c) {
    struct exchange *ex = c->pending->response.exchange;
    c->pending->response.exchange = NULL;
    c->exchange = ex;
    ex->connection = c;
    c->state = CONN_BUSY;
    no_deadline(c);
    file_body_next(ex);
}

void connection_send(struct connection *c, struct response *r) {
    int at = 0;
    c->close_after = c->close_after || r->close;
    int done = write_out(c, r, &at);
    if (done > 0 && !has_more(r)) {
        response_release(r);
        finish_response(c);
        return;
    }
    if (done < 0) {
        response_release(r);
        connection_close(c);
        return;
    }
    c->pending = MEM_NEW(struct pending);
    c->pending->response = *r;
    c->pending->at = at;
    if (done > 0) {
        await_more(c);
        return;
    }
    own_scratch(c->loop, c->pending);
    c->state = CONN_WRITE;
    set_deadline(c, c->loop->server->setup.limits.write_ms);
}

static void on_writable(struct connection *c) {
    uint64_t before = atomic_load_explicit(&c->loop->stats.bytes_out, memory_order_relaxed);
    int done = write_out(c, &c->pending->response, &c->pending->at);
    if (done < 0) {
        connection_close(c);
    } else if (done > 0 && has_more(&c->pending->response)) {
        await_more(c);
    } else if (done > 0) {
        drop_pending(c);
        finish_response(c);
    } else if (atomic_load_explicit(&c->loop->stats.bytes_out, memory_order_relaxed) != before) {
        set_deadline(c, c->loop->server->setup.limits.write_ms);
    }
}

void connection_send_more(struct connection *c) {
    struct exchange *ex = c->exchange;
    struct pending *p = c->pending;
    connection_hold(c);
    c->exchange = NULL;
    ex->connection = NULL;
    p->response.exchange = ex;
    p->response.iov[0] = (struct iovec){ex->file.piece, ex->file.piece_bytes};
    p->response.count = 1;
    p->at = 0;
    if (ex->file.piece_bytes == 0) { // the length was promised: all that is left is to end here
        connection_close(c);
    } else {
        c->state = CONN_WRITE;
        set_deadline(c, c->loop->server->setup.limits.write_ms);
        on_writable(c);
    }
    connection_release(c);
}

void connection_write_now(struct connection *c, const char *p, size_t n) {
    struct iovec iov = {(void *)(uintptr_t)p, n};
    if (c->wire->write(c, &iov, 1) != (ssize_t)n)
        connection_close(c);
}

// ---- reading -----------------------------------------------------------------------------------------------------

static size_t take_request(struct connection *c, char *p, size_t n) {
    struct http_loop *loop = c->loop;
    struct request_head *h = &loop->head;
    int got = request_parse(h, loop->headers, &loop->server->setup.limits, p, n);
    if (got == 0)
        return 0;
    if (got < 0) {
        dispatch_refuse(c, h, -got);
        return n;
    }
    dispatch_head(c, h, n > (size_t)got);
    return (size_t)got;
}

static void body_failed(struct connection *c, int status) {
    struct exchange *ex = c->exchange;
    ex->status = status;
    ex->close = true;
    dispatch_submit(ex);
}

static size_t take_chunks(struct connection *c, const char *p, size_t n) {
    struct exchange *ex = c->exchange;
    size_t used = 0;
    switch (chunked_feed(&ex->chunked, p, n, &ex->body, &used)) {
    case CHUNKED_MORE:
        return used;
    case CHUNKED_DONE:
        dispatch_submit(ex);
        return used;
    case CHUNKED_BAD:
        body_failed(c, 400);
        return n;
    case CHUNKED_TOO_BIG:
        body_failed(c, 413);
        return n;
    }
    return n;
}

// A piece at a time: while it is written, nothing is read.
static size_t take_upload(struct connection *c, const char *p, size_t n) {
    struct exchange *ex = c->exchange;
    size_t room = UPLOAD_PIECE - ex->body.n;
    size_t take = ex->body_left < n ? (size_t)ex->body_left : n;
    take = take < room ? take : room;
    buf_add(&ex->body, p, take);
    ex->body_left -= take;
    if (take == room || ex->body_left == 0) {
        c->state = CONN_BUSY;
        body_upload_next(ex);
    }
    return take;
}

static size_t take_body(struct connection *c, const char *p, size_t n) {
    struct exchange *ex = c->exchange;
    if (ex->upload != NULL)
        return take_upload(c, p, n);
    if (ex->head.chunked)
        return take_chunks(c, p, n);
    size_t take = ex->body_left < n ? (size_t)ex->body_left : n;
    buf_add(&ex->body, p, take);
    ex->body_left -= take;
    if (ex->body_left == 0)
        dispatch_submit(ex);
    return take;
}

// A body's time begins anew with every BODY_STEP bytes of it: a slow phone gets through, who trickles does not.
static void watch_body(struct connection *c, bool begun) {
    struct exchange *ex = c->exchange;
    uint64_t seen = ex->body.n + (ex->upload != NULL ? ex->upload->before : 0);
    if (begun && seen - ex->body_seen < BODY_STEP)
        return;
    ex->body_seen = seen;
    set_deadline(c, c->loop->server->setup.limits.body_ms);
}

// Uses as much as there is of whole requests and bodies, and keeps the rest.
static void consume(struct connection *c, char *p, size_t n) {
    const struct http_limits *limits = &c->loop->server->setup.limits;
    size_t at = 0;
    int64_t deadline = c->deadline_ms;
    bool in_body = c->state == CONN_BODY;
    bool waited = c->in_bytes > 0 && c->state == CONN_IDLE; // a head begun earlier keeps its deadline
    while (at < n && (c->state == CONN_IDLE || c->state == CONN_BODY)) {
        bool idle = c->state == CONN_IDLE;
        size_t used = idle ? take_request(c, p + at, n - at) : take_body(c, p + at, n - at);
        if (used == 0 && idle)
            break;
        at += used;
    }
    if (c->state == CONN_CLOSED)
        return;
    keep_input(c, p + at, n - at);
    if (c->state == CONN_IDLE && at < n) {
        if (waited && at == 0)
            c->deadline_ms = deadline;
        else
            set_deadline(c, limits->head_ms);
    } else if (c->state == CONN_BODY) {
        watch_body(c, in_body);
    } else if (c->state == CONN_BUSY) {
        no_deadline(c);
    }
}

void connection_read_body(struct connection *c) {
    connection_hold(c);
    c->state = CONN_BODY;
    set_deadline(c, c->loop->server->setup.limits.body_ms);
    const struct exchange *ex = c->exchange;
    if (ex->head.expect_continue && ex->head.req.minor > 0 && c->in_bytes == 0)
        connection_write_now(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    connection_release(c);
}

void connection_body_taken(struct connection *c) {
    struct exchange *ex = c->exchange;
    connection_hold(c);
    if (ex->status != 0) {
        body_failed(c, ex->status);
    } else if (ex->body_left == 0) {
        dispatch_submit(ex);
    } else {
        c->state = CONN_BODY;
        watch_body(c, false);
    }
    connection_release(c);
}

static void on_readable(struct connection *c) {
    struct http_loop *loop = c->loop;
    size_t have = c->in_bytes;
    ssize_t n = c->wire->read(c, loop->buffer + have, LOOP_READ_BYTES);
    if (would_block(n))
        return;
    if (n <= 0) {
        connection_close(c);
        return;
    }
    if (c->state == CONN_LINGER) {
        c->lingered += (uint32_t)n;
        if (c->lingered > LINGER_BYTES)
            connection_close(c);
        return;
    }
    size_t total = have + (size_t)n;
    if (have > 0)
        memcpy(loop->buffer, c->in, have);
    // A head that grows by drops is read again only when a line of it ended.
    bool worth = c->state != CONN_IDLE || have == 0 || total >= loop->server->setup.limits.head_bytes ||
                 memchr(loop->buffer + have, '\n', (size_t)n) != NULL;
    if (worth)
        consume(c, loop->buffer, total);
    else
        keep_input(c, loop->buffer, total);
}

// ---- entry points ------------------------------------------------------------------------------------------------

static void set_interest(struct connection *c) {
    uint32_t wanted = c->state == CONN_WRITE ? EPOLLOUT : c->state == CONN_BUSY ? 0 : EPOLLIN;
    if (wanted == c->interest)
        return;
    c->interest = wanted;
    net_watch_change(c->loop->net, &c->watch, wanted);
}

void connection_hold(struct connection *c) {
    c->held = true;
}

void connection_release(struct connection *c) {
    // Requests, or a body, that were read together with one that had to wait.
    while ((c->state == CONN_IDLE || c->state == CONN_BODY) && c->interest != EPOLLIN && c->in_bytes > 0) {
        size_t n = c->in_bytes;
        memcpy(c->loop->buffer, c->in, n);
        keep_input(c, NULL, 0);
        consume(c, c->loop->buffer, n);
        if (c->state == CONN_IDLE || c->state == CONN_BODY)
            break;
    }
    c->held = false;
    if (c->state == CONN_CLOSED)
        free_connection(c);
    else
        set_interest(c);
}

static void connection_ready(struct net_watch *w, uint32_t events) {
    struct connection *c = (struct connection *)w; // the first member
    connection_hold(c);
    if (c->state == CONN_BUSY) // only an error or a hang-up is reported then
        connection_close(c);
    else if (c->state != CONN_WRITE)
        on_readable(c);
    else if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
        on_writable(c);
    connection_release(c);
}

static void on_deadline(struct connection *c) {
    if (c->state == CONN_IDLE && c->in_bytes > 0) {
        memset(&c->loop->head, 0, sizeof(c->loop->head));
        keep_input(c, NULL, 0);
        dispatch_refuse(c, &c->loop->head, 408);
        if (c->state == CONN_BUSY)
            no_deadline(c);
    } else if (c->state == CONN_BODY) {
        body_failed(c, 408);
        if (c->state == CONN_BUSY)
            no_deadline(c);
    } else {
        connection_close(c);
    }
}

static void connection_due(struct net_timer *t) {
    struct connection *c = (struct connection *)((char *)t - offsetof(struct connection, timer));
    int64_t now = net_loop_now_ms(c->loop->net);
    connection_hold(c);
    c->timer_ms = 0;
    if (c->deadline_ms <= now)
        on_deadline(c);
    if (c->state != CONN_CLOSED && c->timer_ms == 0) {
        int64_t wait = c->deadline_ms == INT64_MAX ? c->loop->server->setup.limits.idle_ms : c->deadline_ms - now;
        c->timer_ms = now + wait;
        net_timer_set(c->loop->net, &c->timer, wait);
    }
    connection_release(c);
}

void connection_open(struct http_loop *loop, int fd, const struct sockaddr *peer, uint64_t address) {
    struct connection *c = MEM_NEW(struct connection);
    c->watch = (struct net_watch){connection_ready, fd};
    c->timer.due = connection_due;
    c->loop = loop;
    c->wire = &plain_wire;
    c->address = address;
    c->interest = EPOLLIN;
    memcpy(&c->peer, peer,
           peer->sa_family == AF_INET6  ? sizeof(struct sockaddr_in6)
           : peer->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                        : sizeof(sa_family_t));
    c->next = loop->connections;
    c->prev = &loop->connections;
    if (c->next != NULL)
        c->next->prev = &c->next;
    loop->connections = c;
    loop->connection_count++;
    stat_add(&loop->stats.connections, 1);
    if (peer->sa_family != AF_UNIX) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); // a lost option costs speed only
    }
    set_deadline(c, loop->server->setup.limits.head_ms);
    if (net_watch_add(loop->net, &c->watch, EPOLLIN) != RC_OK) {
        c->state = CONN_CLOSED;
        net_timer_clear(loop->net, &c->timer);
        close(fd);
        free_connection(c);
    }
}

// Closes what rests between two requests. One that nobody was answered on yet was opened for a request that is on its
// way, and a request may have come that no event told of yet: these get their answer first.
void connection_drain(struct connection *c) {
    char first;
    if (c->state != CONN_IDLE || c->in_bytes > 0)
        return;
    if (c->answered && recv(c->watch.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
        connection_close(c);
    else
        set_deadline(c, FIRST_REQUEST_MS);
}
