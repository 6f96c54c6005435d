// SPDX-License-Identifier: AGPL-3.0-or-later
// The radio outlives a parent that was killed, so that nobody hears it (docs/decisions/0012; private to src/main). It holds
// a lock on DIR/run/radio.lock for as long as it lives, and says there what the next parent has to know:
//
//   bound 127.0.0.1:8000     where its socket is, port 0 chosen
//   since 1764500000000000   when it began, microseconds UTC
//   ...                      its terms: a parent that would begin another radio than this one replaces it
//
// The lock is a record lock (fcntl(2)): the kernel says who holds it, and gives it up with the process.
#ifndef MAIN_LEFT_RADIO_H
#define MAIN_LEFT_RADIO_H

#include <sys/types.h>

#include "net/net.h"

struct left_radio {
    pid_t pid; // 0: there is none
    int pidfd; // the caller's to close
    struct net_address bound;
    int64_t since_us;
    bool fits; // the terms are the same
};

// In the parent, before it begins a radio: what is settled with a radio's start, and the program itself. Each a line.
struct left_radio_terms {
    const char *dir;                         // a radio works by its path: a station that was moved has another
    struct str asked;                        // the address, "127.0.0.1:0"
    const char *user, *clock, *country_file; // clock: NULL for the machine's
};
struct str left_radio_terms(struct arena *a, const struct left_radio_terms *terms);

// In the radio process, once, as its user. RC_BUSY: another one holds the lock. Held until the process ends.
enum rc left_radio_hold(const char *dir, const struct net_address *bound, struct str terms, struct problem *p) MUST_USE;

// In the radio process: the lock is still that of the station at this path. Not so where the station was moved or replaced.
bool left_radio_is_held(const char *dir);

// What the file says. False: it does not fit these terms, or is no such file. Fills bound and since_us.
bool left_radio_parse(struct str text, struct str terms, struct left_radio *out);

// In the parent, who holds the station's lock: so nobody begins a radio meanwhile. What the file says is checked like
// anything from a process that strangers talk to.
void left_radio_find(const char *dir, struct str terms, struct left_radio *out);
// A radio of this path that left_radio_find did not find, because its lock was taken away or cannot be watched. 0: none that
// this process may see. For a sentence to somebody: it may have become another process until they act on it.
pid_t left_radio_stray(const char *dir);
// Ends it, and comes back when it has ended. RC_IO: it does not.
enum rc left_radio_end(struct left_radio *left, struct problem *p) MUST_USE;

#endif
