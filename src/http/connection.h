// SPDX-License-Identifier: AGPL-3.0-or-later
// One client. An idle one keeps this record and nothing else.
//
//   IDLE --head--> [BODY --body-->] BUSY --answer--> (WRITE) --> IDLE or LINGER --> closed
//
// A page from memory goes from IDLE to IDLE in one step.
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/server.h"

enum connection_state { CONN_IDLE, CONN_BODY, CONN_BUSY, CONN_WRITE, CONN_LINGER, CONN_CLOSED };

struct connection;
// The seam for TLS and for other ways of moving bytes: -1 and errno as recv and sendmsg have them.
struct connection_wire {
    ssize_t (*read)(struct connection *c, void *p, size_t n);
    ssize_t (*write)(struct connection *c, const struct iovec *iov, int count);
    void (*finish)(struct connection *c); // nothing more will be written
};

struct connection {
    struct net_watch watch;
    struct net_timer timer;
    struct http_loop *loop;
    struct connection *next, **prev;
    const struct connection_wire *wire;
    struct exchange *exchange; // BODY and BUSY
    struct pending *pending;   // WRITE: what the socket did not take
    char *in;                  // bytes read and not yet used
    uint32_t in_bytes;
    uint32_t interest; // epoll bits
    int64_t deadline_ms, timer_ms;
    uint64_t address;
    uint32_t lingered;
    union {
        struct sockaddr sa;
        struct sockaddr_in in4;
        struct sockaddr_in6 in6;
    } peer;
    uint8_t state;
    bool held;        // an entry point is running: closing waits for its end
    bool close_after; // this answer
    bool answered;    // once at least
};
_Static_assert(sizeof(struct connection) < 256, "an idle connection is small");

void connection_open(struct http_loop *loop, int fd, const struct sockaddr *peer, uint64_t address);
void connection_close(struct connection *c);
// Takes the response over. The state afterwards is WRITE, IDLE, LINGER or CLOSED.
void connection_send(struct connection *c, struct response *r);
void connection_send_more(struct connection *c);  // the next piece of its exchange's file was read
void connection_body_taken(struct connection *c); // a piece of its upload was: on with the next, or the answer
void connection_read_body(struct connection *c);  // the upload's sender is somebody who may
void connection_write_now(struct connection *c, const char *p, size_t n); // "100 Continue"; closes when it cannot
// Around everything that happens to a connection from outside its own events.
void connection_hold(struct connection *c);
void connection_release(struct connection *c); // goes on with what was read before; may free c
void connection_drain(struct connection *c);

#endif
