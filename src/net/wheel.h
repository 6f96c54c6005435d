// SPDX-License-Identifier: AGPL-3.0-or-later
// The timer wheel of a loop (private to src/net). 1024 slots of 64 ms: one turn is 65 seconds; a timer further away
// stays in its slot and is passed over until its turn comes. Setting, moving and clearing cost a few instructions,
// because every request of every reader moves one.
#ifndef NET_WHEEL_H
#define NET_WHEEL_H

#include "net/net.h"

enum { WHEEL_SLOT_MS = 64, WHEEL_SLOTS = 1024 };

struct wheel {
    int64_t done; // number of the last slot whose timers ran; slot n is due from n * 64 ms on
    int64_t next; // no timer stands in a slot before this one; INT64_MAX when there is none at all
    struct net_timer *slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, int64_t now_ms);
void wheel_set(struct wheel *w, struct net_timer *t, int64_t at_ms);
void wheel_clear(struct net_timer *t);
void wheel_turn(struct wheel *w, int64_t now_ms);             // runs what is due
int64_t wheel_wait_ms(const struct wheel *w, int64_t now_ms); // until something may be due; -1: never

#endif
