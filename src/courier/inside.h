// SPDX-License-Identifier: AGPL-3.0-or-later
// What the courier's parts share (private to src/courier).
#ifndef COURIER_INSIDE_H
#define COURIER_INSIDE_H

#include "courier/courier.h"

struct courier_server { // a parameter taken apart; views of it
    struct str scheme, host;
    bool loopback; // this machine: no encryption is needed, and none expected
    uint16_t port;
};
// "smtp://", "smtps://", "http://" or "https://", a host and perhaps a port and a path. RC_INVALID.
enum rc courier_server_of(const char *url, struct courier_server *out) MUST_USE;

struct courier_postman; // what is read once, before the sandbox
enum rc courier_postman_new(const struct courier_process *c, struct courier_postman **out, struct problem *p) MUST_USE;
// True: a process begun anew may do better, because a file could not be read.
bool courier_is_worn(const struct courier_postman *postman);
// Tries once. What the report says is in the arena.
struct courier_report courier_deliver(struct courier_postman *postman, struct arena *a,
                                      const struct courier_order *order);

#endif
