// SPDX-License-Identifier: AGPL-3.0-or-later
// Names of servers looked up without waiting: the C library blocks, for a minute if a name server is silent, so each look-up
// is a thread of its own. The process does not wait for them when it ends; what they find then is thrown away.
#ifndef RADIO_RESOLVER_H
#define RADIO_RESOLVER_H

#include <sys/socket.h>

#include "net/net.h"

enum { FOUND_MAX = 4 };

// What a name stands for: the next is tried where one does not answer, as where a host has IPv6 and its server has not.
struct found {
    struct sockaddr_storage addresses[FOUND_MAX];
    socklen_t bytes[FOUND_MAX];
    size_t n; // 0: it has none
};

struct resolver;
struct resolver *resolver_new(struct net_loop *loop);
// Before the loop is freed. Who still waits is not told any more, and is to have forgotten its look-ups.
void resolver_stop(struct resolver **resolver);

struct look_up;
// done(arg) on the loop's thread, later; `found` is borrowed. Both texts are copied. NULL: no thread could be had.
struct look_up *resolver_ask(struct resolver *resolver, const char *host, const char *port,
                             void (*done)(void *arg, const struct found *found), void *arg);
void look_up_forget(struct look_up **look); // on the loop's thread, before it was done; NULL inside is fine

#endif
