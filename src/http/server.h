// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of this folder share: a server has loops, a loop has connections, a connection has at most one
// exchange (a request that left the loop, for a worker or to wait for a page).
//
// Threads: everything here belongs to the loop's thread, but struct http_server's atomics and, while a worker has it,
// the inside of an exchange. `exchange->connection` is the loop's at all times.
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <netinet/in.h>
#include <pthread.h>
#include <sys/uio.h>

#include "http/proxy.h"
#include "http/address_table.h"
#include "http/chunked.h"
#include "http/http.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/request_parser.h"
#include "http/route.h"

enum {
    LOOP_READ_BYTES = 64 * 1024,
    LOOP_TAIL_BYTES = 512, // length, date, connection, cache: the changing end of a head
    LOOP_BOTS = 64,
    BOT_AGENT_BYTES = 240,
    BODY_MAX_DEFAULT = 64 * 1024,
    REQUEST_ARENA_MAX = 64 * 1024 * 1024,
    UPLOADS_MAX = 16, // at once; who comes then is asked to come again
};

struct loop_stats {
    _Atomic uint64_t connections, requests, hits, dispatched, parked, refused, bytes_out;
};

// What is_bot said about a User-Agent lately.
struct bot_memo {
    uint16_t bytes;
    bool known, bot;
    char agent[BOT_AGENT_BYTES];
};

enum { LOOP_HOST_BYTES = 64 };

struct http_loop {
    struct http_server *server;
    struct net_loop *net;
    pthread_t thread;
    struct net_watch listen;
    bool listening;
    int spare_fd; // given up for a moment when descriptors run out, so that a caller can be told
    struct net_timer listen_again;
    struct connection *connections;
    size_t connection_count, exchange_count;
    bool draining, quitting;
    struct arena *arena; // for a request that ends in the loop
    struct request_head head;
    struct http_header *headers;
    char *buffer; // LOOP_READ_BYTES kept from before and as many new ones
    char scratch[PAGE_SCRATCH + LOOP_TAIL_BYTES];
    int64_t date_read_ms, date_second;
    char date_line[6 + HTTP_DATE_BYTES + 2]; // "Date: ...\r\n"
    struct bot_memo bots[LOOP_BOTS];
    char host[LOOP_HOST_BYTES]; // the last one found to be ours: nearly every request names the same
    size_t host_bytes;
    struct loop_stats stats;
};

struct http_server {
    struct http_server_setup setup;
    struct route_tree *routes;
    struct address_table *addresses;
    struct net_pool *files; // reads what is sent from files
    struct http_loop *loops;
    size_t loop_count;
    atomic_uint connections;
    atomic_uint uploads;  // under way: each holds files
    pthread_mutex_t lock; // with `empty`: connections fell to zero
    pthread_cond_t empty;
    pthread_cond_t errand_over; // with lock: a loop ran what http_server_run_on_loops gave it
};

static inline void stat_add(_Atomic uint64_t *counter, uint64_t n) {
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + n, memory_order_relaxed); // one writer: the loop
}

struct file_body {
    bool given; // the reply came with a file
    off_t at;
    uint64_t promised, left; // bytes in all, and those not read yet
    char *piece;
    size_t piece_bytes;
};

struct exchange {
    struct net_job job;
    struct http_loop *loop;
    struct connection *connection; // NULL once the client is gone
    struct request_head head;
    struct route_match match;
    struct http_reply reply;
    struct arena *arena;
    struct buf body;
    struct chunked chunked;
    uint64_t body_left;
    uint64_t body_seen;    // when the body's deadline was last moved
    struct upload *upload; // NULL: not a form with files
    struct file_body file;
    struct buf head_out; // the head as sent
    int status;          // an error decided before the handler; 0: none
    bool close;          // the connection ends with this answer
    bool looked;         // lookup said DISPATCH or SOON: lookup_over is due
    bool urgent;         // lookup said SOON
    uint64_t hour_key;   // whose posts of an hour this counts among, unless it is refused; 0: nobody's
    int64_t started_us;
};

// ---- response.c --------------------------------------------------------------------------------------------------

// A response ready for the wire; behind its bytes the exchange may have more of a file.
struct response {
    struct iovec iov[PAGE_IOV + 4];
    int count;
    struct http_page *page;    // a reference, dropped when sent
    struct exchange *exchange; // owned, freed when sent
    bool close;
    int status;
    uint64_t body_bytes;
};
void response_page(struct http_loop *loop, const struct request_head *h, struct http_page *page, struct exchange *ex,
                   bool close, struct response *out);
void response_reply(struct exchange *ex, struct response *out);
// For a reply with a file: 304, 206 or 416 where they are due, and which of its bytes to send. On a worker's thread.
void response_plan_file(struct exchange *ex);
// A short text of the server's own, for what has no page. `extra` is complete lines or "".
void response_text(struct http_loop *loop, const struct request_head *h, int status, const char *extra, bool close,
                   struct response *out);
// "OPTIONS": no body, an Allow line.
void response_allow(struct http_loop *loop, const struct request_head *h, unsigned methods, struct response *out);
void response_log(struct http_loop *loop, const struct request_head *h, const struct response *r, int64_t started_us);

// ---- dispatch.c --------------------------------------------------------------------------------------------------

// A parsed head; `more` tells whether bytes of the body came along. Leaves the connection in its next state.
void dispatch_head(struct connection *c, struct request_head *h, bool more);
void dispatch_refuse(struct connection *c, struct request_head *h, int status); // what could not be parsed; closes
void dispatch_submit(struct exchange *ex);                                      // head and body are there
void exchange_free(struct exchange *ex);
int64_t dispatch_started_us(const struct http_loop *loop); // 0 when nobody logs

// ---- file_body.c -------------------------------------------------------------------------------------------------

// On a worker's thread, for a reply with a file. False: it cannot be read.
bool file_body_begin(struct exchange *ex);
// On the loop's: the next piece is read elsewhere, then connection_send_more is called, or the exchange freed if its
// connection is gone by then.
void file_body_next(struct exchange *ex);
bool file_body_drop(struct exchange *ex); // false: the file is closed elsewhere first, and the exchange freed then

// ---- body_upload.c -----------------------------------------------------------------------------------------------

// On the loop's thread, with a piece in ex->body: it is taken elsewhere, then connection_body_taken is called, or the
// exchange freed if its connection is gone by then.
void body_upload_next(struct exchange *ex);
bool body_upload_drop(struct exchange *ex); // false: its files are closed elsewhere first, and the exchange freed then

#endif
