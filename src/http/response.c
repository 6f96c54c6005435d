// SPDX-License-Identifier: AGPL-3.0-or-later
// From a page or a reply to the pieces that one write sends. The head of a page was built with the page; what changes
// (length, date, connection) is written behind it into the loop's scratch.
#include "http/server.h"
#include "http/negotiate.h"

#include <netinet/in.h>

struct tail {
    char *p;
    size_t n;
};

static inline void tail_add(struct tail *t, const char *p, size_t n) {
    must(t->n + n <= LOOP_TAIL_BYTES);
    memcpy(t->p + t->n, p, n);
    t->n += n;
}

static inline void tail_str(struct tail *t, struct str s) {
    if (s.n > 0)
        tail_add(t, s.p, s.n);
}

static void tail_number(struct tail *t, uint64_t value) {
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    tail_add(t, digits + at, sizeof(digits) - at);
}

static void tail_date(struct tail *t, struct http_loop *loop) {
    int64_t ms = net_loop_now_ms(loop->net);
    if (ms != loop->date_read_ms || loop->date_second == 0) {
        int64_t now = clock_now_us();
        loop->date_read_ms = ms;
        if (now / US_PER_SECOND != loop->date_second) {
            loop->date_second = now / US_PER_SECOND;
            memcpy(loop->date_line, "Date: ", 6);
            http_date_put(loop->date_line + 6, now);
            memcpy(loop->date_line + 6 + HTTP_DATE_BYTES, "\r\n", 2);
        }
    }
    tail_add(t, loop->date_line, sizeof(loop->date_line));
}

static bool must_close(const struct http_loop *loop, const struct request_head *h, bool close) {
    return close || !h->keep_alive || loop->draining;
}

static void tail_end(struct tail *t, struct http_loop *loop, const struct request_head *h, bool close) {
    tail_date(t, loop);
    if (close)
        tail_str(t, STR("Connection: close\r\n"));
    else if (h->req.minor == 0)
        tail_str(t, STR("Connection: keep-alive\r\n"));
    tail_str(t, STR("\r\n"));
}

static void add_piece(struct response *r, const char *p, size_t n) {
    if (n > 0)
        r->iov[r->count++] = (struct iovec){(void *)(uintptr_t)p, n};
}

static struct tail tail_start(struct http_loop *loop) {
    return (struct tail){loop->scratch + PAGE_SCRATCH, 0};
}

// ---- who reads -----------------------------------------------------------------------------------------------------

// Asking is a search through a long list of names; browsers come in few kinds, so the last answers are kept.
static bool is_bot(struct http_loop *loop, struct str agent) {
    bool (*ask)(struct str) = loop->server->setup.is_bot;
    if (ask == NULL)
        return false;
    if (agent.n < 8 || agent.n > BOT_AGENT_BYTES)
        return ask(agent);
    uint64_t tail;
    memcpy(&tail, agent.p + agent.n - 8, 8);
    uint64_t slot = (tail * UINT64_C(0x9e3779b97f4a7c15)) >> 40 ^ agent.n;
    struct bot_memo *memo = &loop->bots[slot % LOOP_BOTS];
    if (!memo->known || memo->bytes != agent.n || memcmp(memo->agent, agent.p, agent.n) != 0) {
        memo->bot = ask(agent);
        memo->known = true;
        memo->bytes = (uint16_t)agent.n;
        memcpy(memo->agent, agent.p, agent.n);
    }
    return memo->bot;
}

static bool has_word(struct str value, struct str word) {
    size_t at;
    return value.n > 0 && str_find(value, word, &at);
}

static bool is_prefetch(const struct request_head *h) {
    return has_word(h->known[FIELD_SEC_PURPOSE], STR("prefetch")) ||
           has_word(h->known[FIELD_PURPOSE], STR("prefetch")) || has_word(h->known[FIELD_X_MOZ], STR("prefetch"));
}

static void tell_referer(const struct http_loop *loop, const struct request_head *h, const struct http_page *page) {
    const struct http_server_setup *setup = &loop->server->setup;
    struct str referer = h->known[FIELD_REFERER];
    if (setup->came_from != NULL && referer.n > 0 && page_read_key(page) != 0)
        setup->came_from(setup->app, &h->req, page_read_key(page), referer);
}

// ---- pages ---------------------------------------------------------------------------------------------------------

static void not_modified(struct http_loop *loop, const struct request_head *h, struct response *out) {
    struct tail t = tail_start(loop);
    tail_end(&t, loop, h, out->close);
    struct str head = page_head_304(out->page);
    add_piece(out, head.p, head.n);
    add_piece(out, t.p, t.n);
    out->status = 304;
}

// The changing end of a page's head; what belongs to this answer and not to the page goes behind its first line.
static void add_tail(struct exchange *ex, const struct tail *t, struct response *out) {
    size_t first = (size_t)((const char *)memchr(t->p, '\n', t->n) - t->p) + 1;
    if (ex != NULL && ex->reply.headers.n > 0)
        reply_own_lines(&ex->reply, &ex->head_out);
    if (ex == NULL || ex->head_out.n == 0) {
        add_piece(out, t->p, t->n);
        return;
    }
    add_piece(out, t->p, first);
    add_piece(out, ex->head_out.p, ex->head_out.n);
    add_piece(out, t->p + first, t->n - first);
}

void response_page(struct http_loop *loop, const struct request_head *h, struct http_page *page, struct exchange *ex,
                   bool close, struct response *out) {
    out->count = 0;
    out->page = page;
    out->exchange = ex;
    out->close = must_close(loop, h, close);
    out->body_bytes = 0;
    bool get = h->req.method == HTTP_GET, head = h->req.method == HTTP_HEAD;
    if ((get || head) && page_not_modified(page, h->known[FIELD_IF_NONE_MATCH], h->known[FIELD_IF_MODIFIED_SINCE])) {
        not_modified(loop, h, out);
        return;
    }
    bool gzip = h->req.gzip && page_has_gzip(page);
    bool read = get && page_counts_reads(page) && !is_prefetch(h) && !is_bot(loop, h->known[FIELD_USER_AGENT]);
    if (read)
        tell_referer(loop, h, page);
    struct page_body body;
    page_lay_out(page, gzip, read, get, loop->scratch, &body);
    out->status = http_page_status(page);
    struct tail t = tail_start(loop);
    tail_number(&t, body.bytes);
    tail_str(&t, STR("\r\n"));
    if (!page_has_cache_control(page)) {
        tail_str(&t, STR("Cache-Control: "));
        tail_str(&t, reply_cache_control(h->req.route, h->req.method, out->status));
        tail_str(&t, STR("\r\n"));
    }
    if (out->status == 503)
        tail_str(&t, STR("Retry-After: 5\r\n"));
    struct str prepared = page_head(page, gzip);
    add_piece(out, prepared.p, prepared.n);
    tail_end(&t, loop, h, out->close);
    add_tail(ex, &t, out);
    if (head)
        return;
    for (int i = 0; i < body.count; i++)
        out->iov[out->count++] = body.iov[i];
    out->body_bytes = body.bytes;
}

// ---- replies -------------------------------------------------------------------------------------------------------

static bool reply_not_modified(const struct exchange *ex) {
    const struct request_head *h = &ex->head;
    if (ex->reply.status != 200 || (h->req.method != HTTP_GET && h->req.method != HTTP_HEAD))
        return false;
    if (h->known[FIELD_IF_NONE_MATCH].p != NULL)
        return negotiate_etag_matches(h->known[FIELD_IF_NONE_MATCH], reply_header(&ex->reply, "ETag"));
    int64_t since;
    if (!ex->file.given || ex->reply.file_modified_us == 0 || h->known[FIELD_IF_MODIFIED_SINCE].p == NULL)
        return false;
    return http_date_get(h->known[FIELD_IF_MODIFIED_SINCE], &since) &&
           ex->reply.file_modified_us / US_PER_SECOND <= since / US_PER_SECOND;
}

// If-Range: a part is only sent of the thing the client has the other part of; compared strongly.
static bool range_applies(const struct exchange *ex) {
    struct str condition = ex->head.known[FIELD_IF_RANGE];
    if (ex->head.known[FIELD_RANGE].p == NULL || ex->head.req.method != HTTP_GET || ex->reply.status != 200)
        return false;
    if (condition.p == NULL)
        return true;
    if (condition.n > 0 && condition.p[0] == '"')
        return str_eq(condition, reply_header(&ex->reply, "ETag"));
    int64_t date;
    return http_date_get(condition, &date) && ex->reply.file_modified_us > 0 &&
           date / US_PER_SECOND == ex->reply.file_modified_us / US_PER_SECOND;
}

void response_plan_file(struct exchange *ex) {
    struct http_reply *reply = &ex->reply;
    if (reply_not_modified(ex)) {
        reply->status = 304;
        return;
    }
    uint64_t bytes = reply->file_bytes > 0 ? (uint64_t)reply->file_bytes : 0, from = 0, length = bytes;
    http_reply_header(reply, "Accept-Ranges", STR("bytes"));
    if (reply->file_modified_us != 0) {
        char date[HTTP_DATE_BYTES];
        http_date_put(date, reply->file_modified_us);
        http_reply_header(reply, "Last-Modified", (struct str){date, sizeof(date)});
    }
    enum negotiate_range range = RANGE_NONE;
    if (range_applies(ex))
        range = negotiate_range(ex->head.known[FIELD_RANGE], bytes, &from, &length);
    if (range == RANGE_OK) {
        reply->status = 206;
        http_reply_header(reply, "Content-Range",
                          str_fmt(ex->arena, "bytes %llu-%llu/%llu", (unsigned long long)from,
                                  (unsigned long long)(from + length - 1), (unsigned long long)bytes));
    } else if (range == RANGE_OUTSIDE) {
        reply->status = 416;
        from = length = 0;
        http_reply_header(reply, "Content-Range", str_fmt(ex->arena, "bytes */%llu", (unsigned long long)bytes));
    }
    ex->file.at = (off_t)from;
    ex->file.left = length;
}

static void add_reply_head(struct exchange *ex, struct response *out, bool with_type) {
    struct http_reply *reply = &ex->reply;
    struct buf *b = &ex->head_out;
    buf_fmt(b, "HTTP/1.1 %d %s\r\n", reply->status, http_reason(reply->status));
    if (with_type && reply->content_type.n > 0)
        buf_fmt(b, "Content-Type: %.*s\r\n", STR_ARG(reply->content_type));
    buf_str(b, buf_view(&reply->headers));
    if (!reply_has_header(reply, "Cache-Control")) {
        struct str policy = reply_cache_control(ex->head.req.route, ex->head.req.method, reply->status);
        buf_fmt(b, "Cache-Control: %.*s\r\n", STR_ARG(policy));
    }
    if (reply->status == 503 && !reply_has_header(reply, "Retry-After"))
        buf_c(b, "Retry-After: 5\r\n");
    if (reply->status != 304 && reply->status != 204)
        buf_fmt(b, "Content-Length: %llu\r\n", (unsigned long long)out->body_bytes);
    struct tail t = tail_start(ex->loop);
    tail_end(&t, ex->loop, &ex->head, out->close);
    buf_add(b, t.p, t.n);
    add_piece(out, b->p, b->n);
}

void response_reply(struct exchange *ex, struct response *out) {
    struct http_reply *reply = &ex->reply;
    out->count = 0;
    out->page = NULL;
    out->exchange = ex;
    out->close = must_close(ex->loop, &ex->head, ex->close);
    if (reply->headers.failed || reply->body.failed) { // larger than any answer may be: half of it helps nobody
        log_error("http: an answer to %.*s is too big", STR_ARG(ex->head.req.path));
        buf_clear(&reply->headers);
        buf_clear(&reply->body);
        reply->status = 500;
    }
    if (!ex->file.given && reply_not_modified(ex))
        reply->status = 304;
    bool empty = reply->status == 304 || reply->status == 204;
    struct str body = ex->file.given ? (struct str){ex->file.piece, ex->file.piece_bytes} : buf_view(&reply->body);
    out->body_bytes = empty ? 0 : ex->file.given ? ex->file.promised : body.n;
    add_reply_head(ex, out, !empty);
    out->status = reply->status;
    if (empty || ex->head.req.method == HTTP_HEAD)
        out->body_bytes = 0;
    else
        add_piece(out, body.p, body.n);
}

// ---- the server's own words
// ------------------------------------------------------------------------------------------

void response_text(struct http_loop *loop, const struct request_head *h, int status, const char *extra, bool close,
                   struct response *out) {
    char *text = loop->scratch; // no page uses it now
    int body = snprintf(text, 64, "%d %s\n", status, http_reason(status));
    must(body > 0 && body < 64);
    int head = snprintf(text + 64, PAGE_SCRATCH - 64,
                        "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
                        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s",
                        status, http_reason(status), body, extra);
    must(head > 0 && head < PAGE_SCRATCH - 64);
    memset(out, 0, sizeof(*out));
    out->close = must_close(loop, h, close);
    out->status = status;
    struct tail t = tail_start(loop);
    tail_end(&t, loop, h, out->close);
    add_piece(out, text + 64, (size_t)head);
    add_piece(out, t.p, t.n);
    if (h->req.method == HTTP_HEAD)
        return;
    add_piece(out, text, (size_t)body);
    out->body_bytes = (uint64_t)body;
}

void response_allow(struct http_loop *loop, const struct request_head *h, unsigned methods, struct response *out) {
    char allow[64], *text = loop->scratch;
    size_t n = route_allow(methods, allow);
    int head = snprintf(text, PAGE_SCRATCH, "HTTP/1.1 204 No Content\r\nAllow: %.*s\r\nCache-Control: no-store\r\n",
                        (int)n, allow);
    must(head > 0 && head < PAGE_SCRATCH);
    memset(out, 0, sizeof(*out));
    out->close = must_close(loop, h, h->chunked || h->content_length > 0);
    out->status = 204;
    struct tail t = tail_start(loop);
    tail_end(&t, loop, h, out->close);
    add_piece(out, text, (size_t)head);
    add_piece(out, t.p, t.n);
}

// ---- the access log
// ----------------------------------------------------------------------------------------------------

// What a client sent, without what would end the line or the quotes.
static void log_text(struct buf *b, struct str s) {
    if (s.n == 0)
        buf_char(b, '-');
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            buf_fmt(b, "\\x%02x", c);
        else
            buf_char(b, (char)c);
    }
}

static void log_address(struct buf *b, const struct net_address *peer) {
    char text[600]; // of bare addresses
    struct str whole = STR("-");
    struct arena *a = arena_new(4096);
    if (peer->len > 0)
        whole = net_address_text(a, peer);
    size_t end = whole.n;
    bool inet = peer->sa.ss_family == AF_INET || peer->sa.ss_family == AF_INET6;
    while (inet && end > 0 && whole.p[end - 1] != ':')
        end--;
    struct str bare = inet && end > 0 ? str_slice(whole, 0, end - 1) : whole;
    bare = str_slice(bare, 0, sizeof(text));
    memcpy(text, bare.p, bare.n);
    arena_free(&a);
    buf_add(b, text, bare.n);
}

// "07/Sep/2022:13:39:00 +0000" out of "Wed, 07 Sep 2022 13:39:00 GMT".
static void log_date(struct buf *b) {
    char d[HTTP_DATE_BYTES];
    http_date_put(d, clock_now_us());
    buf_fmt(b, "%.2s/%.3s/%.4s:%.8s +0000", d + 5, d + 8, d + 12, d + 17);
}

void response_log(struct http_loop *loop, const struct request_head *h, const struct response *r, int64_t started_us) {
    const struct http_server_setup *setup = &loop->server->setup;
    if (setup->access_log == NULL)
        return;
    struct buf b;
    buf_init(&b, 128 * 1024);
    log_address(&b, &h->req.peer);
    buf_c(&b, " - - [");
    log_date(&b);
    buf_c(&b, "] \"");
    log_text(&b, h->method_text);
    buf_char(&b, ' ');
    log_text(&b, h->req.target);
    buf_fmt(&b, " HTTP/1.%d\" %d %llu \"", h->req.minor, r->status, (unsigned long long)r->body_bytes);
    log_text(&b, h->known[FIELD_REFERER]);
    buf_c(&b, "\" \"");
    log_text(&b, h->known[FIELD_USER_AGENT]);
    buf_fmt(&b, "\" %lld", started_us > 0 ? (long long)(clock_mono_us() - started_us) : 0LL);
    if (!b.failed)
        setup->access_log(setup->app, buf_view(&b));
    buf_fini(&b);
}
