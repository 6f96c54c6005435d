// SPDX-License-Identifier: AGPL-3.0-or-later
// What happens to a parsed request: answered in the loop, from a page in memory, or by a worker. This is the only
// place that enforces a row of the route table, and the only one that turns a failure into an error page.
#include <sodium.h>

#include "http/connection.h"
#include "http/form.h"
#include "http/negotiate.h"
#include "http/upload.h"
#include "http/url.h"

int64_t dispatch_started_us(const struct http_loop *loop) {
    return loop->server->setup.access_log != NULL ? clock_mono_us() : 0;
}

// ---- exchanges -----------------------------------------------------------------------------------------------------

static void exchange_run(struct net_job *job, void *worker);

struct span {
    const char *from;
    size_t bytes;
    char *to;
    struct arena *arena;
};

// Text of the head moves with its copy; what was made elsewhere is copied by itself.
static void move(const struct span *span, struct str *s) {
    if (s->p == NULL)
        return;
    uintptr_t at = (uintptr_t)s->p, from = (uintptr_t)span->from;
    if (at >= from && at + s->n <= from + span->bytes)
        s->p = span->to + (at - from);
    else
        *s = str_dup(span->arena, *s);
}

static void copy_head(struct exchange *ex, const struct request_head *h) {
    struct request_head *mine = &ex->head;
    *mine = *h;
    struct span span = {h->base, h->base != NULL ? h->bytes : 0, arena_take(ex->arena, h->bytes + 1), ex->arena};
    if (span.bytes > 0)
        memcpy(span.to, span.from, span.bytes);
    mine->base = span.to;
    struct http_header *headers = ARENA_ARRAY(ex->arena, struct http_header, h->req.header_count + 1);
    for (size_t i = 0; i < h->req.header_count; i++) {
        headers[i] = h->req.headers[i];
        move(&span, &headers[i].name);
        move(&span, &headers[i].value);
    }
    struct http_request *r = &mine->req;
    r->headers = headers;
    move(&span, &mine->method_text);
    move(&span, &r->target);
    move(&span, &r->path);
    move(&span, &r->query);
    move(&span, &r->host);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        move(&span, &mine->known[i]);
    for (size_t i = 0; i < ex->match.hole_count; i++)
        move(&span, &ex->match.holes[i]);
    r->arena = ex->arena;
}

static struct exchange *exchange_new(struct connection *c, const struct request_head *h, const struct route_match *m) {
    struct exchange *ex = MEM_NEW(struct exchange);
    ex->job.run = exchange_run;
    ex->loop = c->loop;
    ex->connection = c;
    ex->arena = arena_new(REQUEST_ARENA_MAX);
    ex->started_us = dispatch_started_us(c->loop);
    if (m != NULL)
        ex->match = *m;
    copy_head(ex, h);
    reply_init(&ex->reply);
    buf_init(&ex->head_out, 2 * REPLY_HEADERS_MAX);
    buf_init(&ex->body, BODY_MAX_DEFAULT);
    c->exchange = ex;
    c->loop->exchange_count++;
    return ex;
}

// Whoever mends a mistake, or whose connection broke, has sent nothing yet: only what was taken counts in an hour.
static void settle_post(struct exchange *ex, bool taken) {
    if (ex->hour_key != 0 && !taken)
        address_post_undo(ex->loop->server->addresses, ex->hour_key, ADDRESS_HOUR);
    ex->hour_key = 0;
}

void exchange_free(struct exchange *ex) {
    struct http_loop *loop = ex->loop;
    if (!file_body_drop(ex) || !body_upload_drop(ex))
        return;
    settle_post(ex, false);
    reply_fini(&ex->reply);
    buf_fini(&ex->head_out);
    buf_fini(&ex->body);
    arena_free(&ex->arena);
    mem_free(ex);
    loop->exchange_count--;
    if (loop->quitting && loop->exchange_count == 0)
        net_loop_stop(loop->net);
}

static void send_response(struct connection *c, const struct request_head *h, struct response *r, int64_t started_us) {
    response_log(c->loop, h, r, started_us);
    connection_send(c, r);
}

// Ends the exchange with what its reply holds. On the loop's thread.
static void exchange_answer(struct exchange *ex) {
    struct connection *c = ex->connection;
    struct http_page *page = ex->reply.page;
    struct response r;
    c->exchange = NULL;
    ex->connection = NULL;
    ex->reply.page = NULL;
    if (page != NULL)
        response_page(ex->loop, &ex->head, page, ex, ex->close, &r);
    else
        response_reply(ex, &r);
    send_response(c, &ex->head, &r, ex->started_us);
}

static void exchange_text(struct exchange *ex, int status, const char *extra) {
    struct connection *c = ex->connection;
    struct response r;
    c->exchange = NULL;
    ex->connection = NULL;
    response_text(ex->loop, &ex->head, status, extra, ex->close, &r);
    r.exchange = ex;
    send_response(c, &ex->head, &r, ex->started_us);
}

static void exchange_done(void *arg) {
    struct exchange *ex = arg;
    struct connection *c = ex->connection;
    if (c == NULL) {
        exchange_free(ex);
        return;
    }
    connection_hold(c);
    exchange_answer(ex);
    connection_release(c);
}

// ---- on a worker's thread ------------------------------------------------------------------------------------------

static bool is_form_type(struct str type) {
    size_t at;
    if (str_find_char(type, ';', &at))
        type = str_slice(type, 0, at);
    return str_eq_nocase(str_trim(type), STR("application/x-www-form-urlencoded"));
}

static bool is_post(const struct exchange *ex) {
    return ex->head.req.method == HTTP_POST || ex->head.req.method == HTTP_PUT;
}

static int read_form(struct exchange *ex) {
    struct http_request *r = &ex->head.req;
    const struct http_form *form = r->route->form;
    if (form == NULL)
        return 0;
    bool post = is_post(ex);
    if (post && ex->upload == NULL && r->body.n > 0 && !is_form_type(ex->head.known[FIELD_CONTENT_TYPE]))
        return 415;
    struct http_field *fields = ARENA_ARRAY(ex->arena, struct http_field, form->count + 1);
    r->form_ok = form_read(ex->arena, form, post ? r->body : r->query, fields);
    r->fields = fields;
    r->field_count = form->count;
    return 0;
}

// Compared in constant time, as every secret is.
static bool token_matches(struct exchange *ex) {
    struct http_request *r = &ex->head.req;
    struct str given = http_request_header(r, "X-Token");
    if (given.p == NULL && ex->upload != NULL) // admit and upload.c saw to it
        return ex->upload->token.p == NULL && !ex->upload->refused;
    if (given.p == NULL && is_form_type(ex->head.known[FIELD_CONTENT_TYPE]))
        given = form_find(ex->arena, r->body, STR("token"));
    return r->form_token.n > 0 && given.n == r->form_token.n && sodium_memcmp(given.p, r->form_token.p, given.n) == 0;
}

// Who asks, and does the form come from a page we gave them?
static int enforce_session(struct exchange *ex) {
    const struct http_server_setup *setup = &ex->loop->server->setup;
    struct http_request *r = &ex->head.req;
    const struct http_route *route = r->route;
    if (route->roles == 0 && route->guard != HTTP_GUARD_TOKEN)
        return 0;
    enum rc rc = setup->session_of != NULL ? setup->session_of(setup->app, r) : RC_NOT_FOUND;
    if (rc != RC_OK && rc != RC_NOT_FOUND && rc != RC_GONE)
        return http_status_of(rc);
    if (rc != RC_OK)
        r->refusal = rc == RC_GONE ? HTTP_REFUSED_SESSION_OVER : HTTP_REFUSED_NO_SESSION;
    else if (route->roles != 0 && (route->roles & r->roles) == 0)
        r->refusal = HTTP_REFUSED_ROLE;
    else if (route->guard == HTTP_GUARD_TOKEN && !token_matches(ex))
        r->refusal = HTTP_REFUSED_TOKEN;
    return r->refusal != HTTP_REFUSED_NOT ? 403 : 0;
}

// The row's demands, in the order in which a refusal tells least: who, from where, what. 0: the handler may run.
static int enforce(struct exchange *ex) {
    int status = enforce_session(ex);
    bool typed = status == 403 && ex->head.req.method == HTTP_POST; // by somebody at our own page: see take_post
    if (status == 0 || typed) {
        int form = route_params(&ex->match, &ex->head.req);
        if (form == 0)
            form = read_form(ex);
        status = status == 0 ? form : status;
    }
    return status;
}

static void answer_error(struct exchange *ex, int status) {
    const struct http_server_setup *setup = &ex->loop->server->setup;
    struct http_reply fresh;
    reply_init(&fresh);
    if (status == 405) { // the field stays for the error page's reply
        char allow[64];
        size_t n = route_allow(ex->match.methods, allow);
        http_reply_header(&fresh, "Allow", (struct str){allow, n});
    }
    reply_fini(&ex->reply);
    ex->reply = fresh;
    if (setup->error != NULL)
        setup->error(setup->app, &ex->head.req, status, &ex->reply);
    if (ex->reply.status == 0 && ex->reply.page == NULL) {
        buf_clear(&ex->reply.body);
        buf_fmt(&ex->reply.body, "%d %s\n", status, http_reason(status));
        ex->reply.content_type = STR("text/plain; charset=utf-8");
        ex->reply.status = status;
    }
}

static void exchange_run(struct net_job *job, void *worker) {
    struct exchange *ex = (struct exchange *)job; // the first member
    const struct http_server_setup *setup = &ex->loop->server->setup;
    struct http_request *r = &ex->head.req;
    r->worker = worker;
    r->body = buf_view(ex->upload != NULL ? &ex->upload->fields : &ex->body);
    if (ex->upload != NULL) {
        r->files = ex->upload->files;
        r->file_count = ex->upload->file_count;
    }
    int status = ex->status;
    if (status == 0)
        status = enforce(ex);
    else if (status == 429 ||
             (ex->upload != NULL && ex->upload->refused)) { // so that the page can give back what was typed
        (void)route_params(&ex->match, r);
        (void)read_form(ex);
    }
    if (status == 0) {
        enum rc rc = r->route->handler(r, &ex->reply);
        if (rc != RC_OK)
            status = http_status_of(rc);
        else if (ex->reply.status == 0 && ex->reply.page == NULL)
            ex->reply.status = 200;
        if (ex->reply.file_fd >= 0 && rc == RC_OK && !file_body_begin(ex)) {
            log_error("http: the file for %.*s cannot be read", STR_ARG(r->path));
            ex->file.given = false;
            status = 500;
        }
    }
    if (status != 0)
        answer_error(ex, status);
    settle_post(ex, (ex->reply.page != NULL ? http_page_status(ex->reply.page) : ex->reply.status) < 400);
    if (setup->answered != NULL)
        setup->answered(setup->app, r);
    if (ex->looked && setup->lookup_over != NULL)
        setup->lookup_over(setup->app, r);
    if (ex->upload != NULL)
        upload_close(ex->upload);
    net_loop_post(ex->loop->net, exchange_done, ex);
}

// ---- who sends an upload -------------------------------------------------------------------------------------------

static void admitted(void *arg) {
    struct exchange *ex = arg;
    if (ex->connection == NULL)
        exchange_free(ex);
    else
        connection_read_body(ex->connection);
}

// Somebody was signed in and filled a form of ours in. (Script, whose token is in the head, has it still.)
static bool may_have_typed(const struct exchange *ex, bool by_script) {
    return ex->status == 403 && ex->head.req.refusal == HTTP_REFUSED_SESSION_OVER && !by_script;
}

// Before its body is read: the session, the role, and the token if the head has it. Without, the first part must be it.
static void admit_run(struct net_job *job, void *worker) {
    struct exchange *ex = (struct exchange *)job;
    struct http_request *r = &ex->head.req;
    bool later = http_request_header(r, "X-Token").p == NULL;
    r->worker = worker;
    ex->status = enforce_session(ex);
    if (may_have_typed(ex, !later)) {
        ex->upload->refused = true;
        ex->status = 0;
    } else if (ex->status == 0 && r->route->guard == HTTP_GUARD_TOKEN && later) {
        ex->upload->token = r->form_token;
    }
    if (ex->status == 0) {
        net_loop_post(ex->loop->net, admitted, ex);
        return;
    }
    ex->close = true;
    exchange_run(job, worker);
}

// ---- submitting ----------------------------------------------------------------------------------------------------

static struct net_pool *pool_of(const struct exchange *ex) {
    const struct http_server_setup *setup = &ex->loop->server->setup;
    enum http_queue queue = ex->status == 0 && ex->head.req.route != NULL ? ex->head.req.route->queue : HTTP_QUEUE_PAGE;
    return setup->pools[queue] != NULL ? setup->pools[queue] : setup->pools[HTTP_QUEUE_PAGE];
}

static void queue_full(struct exchange *ex) {
    const struct http_server_setup *setup = &ex->loop->server->setup;
    if (ex->looked && setup->lookup_over != NULL)
        setup->lookup_over(setup->app, &ex->head.req);
    stat_add(&ex->loop->stats.refused, 1);
    exchange_text(ex, ex->status != 0 ? ex->status : 503, ex->status != 0 ? "" : "Retry-After: 2\r\n");
}

void dispatch_submit(struct exchange *ex) {
    ex->connection->state = CONN_BUSY;
    ex->job.run = exchange_run;
    struct net_pool *pool = pool_of(ex);
    if (pool == NULL || net_pool_add(pool, &ex->job, ex->urgent) != RC_OK)
        queue_full(ex);
    else
        stat_add(&ex->loop->stats.dispatched, 1);
}

static bool has_body(const struct request_head *h) {
    return h->chunked || h->content_length > 0;
}

// An error page is rendered by a worker too: it needs the reader's language, the menu, the search field.
static void refuse(struct connection *c, struct request_head *h, const struct route_match *m, int status, bool close) {
    stat_add(&c->loop->stats.refused, 1);
    struct exchange *ex = exchange_new(c, h, m);
    ex->status = status;
    ex->close = close || has_body(h);
    if (c->loop->server->setup.error != NULL)
        dispatch_submit(ex);
    else {
        answer_error(ex, status);
        exchange_answer(ex);
    }
}

static void fill_request(struct connection *c, struct request_head *h) {
    const struct http_server_setup *setup = &c->loop->server->setup;
    struct http_request *r = &h->req;
    r->app = setup->app;
    r->arena = c->loop->arena;
    bool v6 = c->peer.sa.sa_family == AF_INET6, v4 = c->peer.sa.sa_family == AF_INET;
    memcpy(&r->peer.sa, &c->peer, sizeof(c->peer));
    r->peer.len = v6 ? sizeof(c->peer.in6) : v4 ? sizeof(c->peer.in4) : sizeof(sa_family_t);
    r->gzip = h->known[FIELD_ACCEPT_ENCODING].p != NULL && negotiate_gzip(h->known[FIELD_ACCEPT_ENCODING]);
    r->via = r->peer;
    proxy_apply(setup, h);
}

void dispatch_refuse(struct connection *c, struct request_head *h, int status) {
    stat_add(&c->loop->stats.requests, 1);
    h->keep_alive = false;
    fill_request(c, h);
    if (h->req.path.p == NULL) // what was read of an address that is too long still names the reader's language
        h->req.path = str_slice(h->req.target, 0, 16);
    refuse(c, h, NULL, status, true);
}

// ---- bodies --------------------------------------------------------------------------------------------------------

static void begin_body(struct connection *c, struct exchange *ex, bool more) {
    const struct request_head *h = &ex->head;
    c->state = CONN_BODY;
    ex->body_left = h->content_length;
    if (h->expect_continue && h->req.minor > 0 && !more)
        connection_write_now(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

static size_t body_limit(const struct http_route *route) {
    return route->form != NULL && route->form->body_max > 0 ? route->form->body_max : BODY_MAX_DEFAULT;
}

static void bare_refusal(struct connection *c, struct request_head *h, int status) {
    struct response r;
    stat_add(&c->loop->stats.refused, 1);
    response_text(c->loop, h, status, "", has_body(h), &r);
    send_response(c, h, &r, 0);
}

// A form with files: nothing of it is read until a worker has looked who sends it.
static void take_upload(struct connection *c, struct request_head *h, const struct route_match *m,
                        struct str boundary) {
    struct http_server *server = c->loop->server;
    const struct http_route *route = m->route;
    int status = h->chunked                                             ? 411
                 : h->content_length == 0                               ? 400
                 : h->content_length > route->upload->body_bytes        ? 413
                 : atomic_fetch_add(&server->uploads, 1) >= UPLOADS_MAX ? 503
                                                                        : 0;
    if (status == 503)
        atomic_fetch_sub(&server->uploads, 1);
    if (status != 0) {
        refuse(c, h, m, status, true);
        return;
    }
    struct exchange *ex = exchange_new(c, h, m);
    ex->upload = upload_new(boundary, route->upload, body_limit(route), server->setup.upload_file, server->setup.app);
    ex->body.max = UPLOAD_PIECE;
    ex->body_left = h->content_length;
    ex->job.run = admit_run;
    c->state = CONN_BUSY;
    struct net_pool *pool = server->setup.pools[HTTP_QUEUE_PAGE];
    if (pool == NULL || net_pool_add(pool, &ex->job, false) != RC_OK) {
        ex->close = true;
        queue_full(ex);
    }
}

static bool may_post(struct exchange *ex, const struct http_route *route) {
    struct http_server *server = ex->loop->server;
    uint64_t key = address_key((const struct sockaddr *)&ex->head.req.peer.sa);
    int64_t now = clock_mono_us();
    if (!address_may_post(server->addresses, key, ADDRESS_MINUTE, server->setup.limits.public_posts_per_minute, now) ||
        !address_may_post(server->addresses, key, ADDRESS_HOUR, route->per_hour, now))
        return false;
    ex->hour_key = route->per_hour > 0 ? key : 0;
    return true;
}

static void take_post(struct connection *c, struct request_head *h, const struct route_match *m, bool more) {
    struct http_server *server = c->loop->server;
    const struct http_route *route = m->route;
    struct str boundary;
    if (route->guard != HTTP_GUARD_NONE && !http_request_is_same_origin(&h->req)) {
        bare_refusal(c, h, 403); // nothing of what another site made a reader send is given back
        return;
    }
    if (route->upload != NULL && server->setup.upload_file != NULL &&
        multipart_boundary(h->known[FIELD_CONTENT_TYPE], &boundary)) {
        take_upload(c, h, m, boundary);
        return;
    }
    size_t limit = body_limit(route);
    if (h->content_length > limit) {
        refuse(c, h, m, 413, true);
        return;
    }
    struct exchange *ex = exchange_new(c, h, m);
    ex->body.max = limit;
    if (route->guard == HTTP_GUARD_PUBLIC_FORM && !may_post(ex, route))
        ex->status = 429;
    if (has_body(h))
        begin_body(c, ex, more);
    else
        dispatch_submit(ex);
}

// ---- pages from memory ---------------------------------------------------------------------------------------------

struct http_waiter {
    struct exchange *exchange;
    bool stored;
};
struct lookup_context {
    struct connection *connection;
    const struct request_head *head;
    const struct route_match *match;
    struct exchange *exchange;
    bool waits;
};

static struct http_waiter *make_waiter(void *context) {
    struct lookup_context *l = context;
    if (l->exchange == NULL)
        l->exchange = exchange_new(l->connection, l->head, l->match);
    must(!l->waits);
    l->waits = true;
    struct http_waiter *waiter = MEM_NEW(struct http_waiter);
    waiter->exchange = l->exchange;
    return waiter;
}

static void send_hit(struct connection *c, struct request_head *h, struct http_page *page, struct exchange *ex) {
    struct response r;
    int64_t started_us = ex != NULL ? ex->started_us : dispatch_started_us(c->loop);
    stat_add(&c->loop->stats.hits, 1);
    c->exchange = NULL;
    if (ex != NULL)
        ex->connection = NULL;
    response_page(c->loop, h, page, ex, has_body(h), &r);
    send_response(c, h, &r, started_us);
}

static void look_up(struct connection *c, struct request_head *h, const struct route_match *m, struct exchange *ex) {
    const struct http_server_setup *setup = &c->loop->server->setup;
    struct lookup_context l = {c, h, m, ex, false};
    struct http_page *page = NULL;
    enum http_lookup got = setup->lookup(setup->app, &h->req, &page, make_waiter, &l);
    must(l.waits == (got == HTTP_LOOKUP_WAIT));
    if (got == HTTP_LOOKUP_HIT) {
        send_hit(c, h, page, l.exchange);
    } else if (got == HTTP_LOOKUP_WAIT) {
        c->state = CONN_BUSY;
        stat_add(&c->loop->stats.parked, 1);
    } else {
        if (l.exchange == NULL)
            l.exchange = exchange_new(c, h, m);
        l.exchange->looked = true;
        l.exchange->urgent = got == HTTP_LOOKUP_SOON;
        l.exchange->close = has_body(h);
        dispatch_submit(l.exchange);
    }
}

static void waiter_woken(void *arg) {
    struct http_waiter *waiter = arg;
    struct exchange *ex = waiter->exchange;
    bool stored = waiter->stored;
    struct connection *c = ex->connection;
    mem_free(waiter);
    if (c == NULL) {
        exchange_free(ex);
        return;
    }
    connection_hold(c);
    if (stored)
        look_up(c, &ex->head, &ex->match, ex);
    else
        dispatch_submit(ex);
    connection_release(c);
}

void http_waiter_wake(struct http_waiter *waiter, bool stored) {
    waiter->stored = stored;
    net_loop_post(waiter->exchange->loop->net, waiter_woken, waiter);
}

// Pages are kept by what they depend on: a query that the row does not know is no part of the address.
static void canonical_target(struct http_loop *loop, struct http_request *r) {
    arena_reset(loop->arena);
    struct str query = url_query_canonical(loop->arena, r->route->form, r->query);
    if (query.n == 0)
        r->target = r->path;
    else if (!str_eq(query, r->query))
        r->target = str_fmt(loop->arena, "%.*s?%.*s", STR_ARG(r->path), STR_ARG(query));
}

static void take_get(struct connection *c, struct request_head *h, const struct route_match *m) {
    const struct http_route *route = m->route;
    bool kept = (route->cache == HTTP_CACHE_EDITION || route->cache == HTTP_CACHE_SHORT) && route->roles == 0;
    if (kept && c->loop->server->setup.lookup != NULL) {
        if (h->req.query.p != NULL)
            canonical_target(c->loop, &h->req);
        look_up(c, h, m, NULL);
        return;
    }
    struct exchange *ex = exchange_new(c, h, m);
    ex->close = has_body(h);
    dispatch_submit(ex);
}

// ---- the head ------------------------------------------------------------------------------------------------------

static void take_options(struct connection *c, struct request_head *h, unsigned methods) {
    struct response r;
    response_allow(c->loop, h, methods, &r);
    send_response(c, h, &r, 0);
}

// A method without a row: known ones are not allowed here, others are not implemented anywhere.
static int method_status(const struct request_head *h, unsigned methods) {
    if (str_eq(h->method_text, STR("CONNECT")))
        return 405;
    bool known =
        h->req.method != HTTP_OTHER || str_eq(h->method_text, STR("DELETE")) || str_eq(h->method_text, STR("PATCH"));
    if (!known)
        return 501;
    return methods != 0 ? 405 : 404;
}

static bool host_is_ours(struct http_loop *loop, struct str host) {
    const struct http_server_setup *setup = &loop->server->setup;
    if (str_eq(host, (struct str){loop->host, loop->host_bytes}))
        return true;
    if (!setup->host_known(setup->app, host))
        return false;
    if (host.n <= sizeof(loop->host)) {
        memcpy(loop->host, host.p, host.n);
        loop->host_bytes = host.n;
    }
    return true;
}

// Nearly every answer: what is ready needs no row.
static bool sent_from_memory(struct connection *c, struct request_head *h) {
    const struct http_server_setup *setup = &c->loop->server->setup;
    bool asks = h->req.method == HTTP_GET || h->req.method == HTTP_HEAD;
    if (setup->ready == NULL || !asks || h->req.query.p != NULL)
        return false;
    struct http_page *page = setup->ready(setup->app, &h->req);
    if (page == NULL)
        return false;
    send_hit(c, h, page, NULL);
    return true;
}

void dispatch_head(struct connection *c, struct request_head *h, bool more) {
    struct http_loop *loop = c->loop;
    const struct http_server_setup *setup = &loop->server->setup;
    struct route_match m;
    stat_add(&loop->stats.requests, 1);
    fill_request(c, h);
    if (h->has_host && setup->host_known != NULL && !host_is_ours(loop, h->req.host)) {
        refuse(c, h, NULL, 421, true);
        return;
    }
    if (h->asterisk) {
        take_options(c, h, HTTP_GET | HTTP_HEAD | HTTP_POST);
        return;
    }
    if (sent_from_memory(c, h))
        return;
    route_match(loop->server->routes, h->req.method, h->req.path, &m);
    h->req.route = m.route;
    if (m.route != NULL && (h->req.method == HTTP_GET || h->req.method == HTTP_HEAD))
        take_get(c, h, &m);
    else if (m.route != NULL)
        take_post(c, h, &m, more);
    else if (h->req.method == HTTP_OPTIONS && m.methods != 0)
        take_options(c, h, m.methods);
    else
        refuse(c, h, &m, method_status(h, m.methods), h->req.method == HTTP_OTHER);
}
