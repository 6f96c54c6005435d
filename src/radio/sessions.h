// SPDX-License-Identifier: AGPL-3.0-or-later
// Who listens and how long, for the statistics: what a listener's record keeps of them, and parts of sessions on their way
// into DIR/radio/sessions (service.h says what stands there). Nothing here knows of sockets or the database.
//
// Addresses are kept nowhere on disk. What stands there is a hash of address (IPv6: the /64) and User-Agent, with a key that
// is made anew for each day of UTC and then is gone: within a day somebody who comes back is one listener, and nobody can
// tell from two days that it was the same. The day's key lies in DIR/radio/sessions/day.key, so that a radio process that is
// started again goes on with it.
//
// Every call may come from any thread. None but sessions_open and sessions_flush touches the disk.
#ifndef RADIO_SESSIONS_H
#define RADIO_SESSIONS_H

#include "net/net.h"
#include "service/service.h"

struct sessions;
enum { SESSIONS_QUEUE_BYTES = 8 << 20 }; // that wait for the disk, about 60,000 parts; what comes then is counted only

// Never fails: statistics stop no sound. What is wrong (no folder, no country file) is in the log, and tried again by
// sessions_flush. country_file: a MaxMind database (.mmdb) with countries, from DIR when it does not begin with "/", may be NULL
// or empty; a new one that takes its place is opened within a minute.
struct sessions *sessions_open(const char *dir, const char *country_file);
void sessions_close(struct sessions **s); // flushes; NULL is fine

// What is kept of a listener while they are connected: made once, when they come.
struct session_who {
    uint8_t address[16]; // IPv4 mapped into IPv6, as ::ffff:192.0.2.1; IPv6: its /64
    uint64_t agent;      // of the User-Agent, which is not kept
    uint64_t listener;   // hash of both with the key of `day`
    int32_t day;         // of UTC
    char country[3];     // "ID"; "-": not known
    const char *player;  // static: player_word
};
// A peer that is no IP address (a unix socket) counts as one address.
void sessions_meet(struct sessions *s, const struct net_address *peer, struct str user_agent, int64_t now_us,
                   struct session_who *out);
uint64_t sessions_listener(struct sessions *s, const struct net_address *peer, struct str user_agent, int64_t now_us);
void sessions_country(struct sessions *s, const struct net_address *peer, char out[3]);

// Queues a part, at its session's end, each hour and (if it can be) at midnight of UTC: reads times, service, stream, kind,
// format, bytes, before_us and session; the rest comes from `who`, which moves on to the newest day. A part over midnight
// becomes two, with each day's listener, their bytes in proportion to time. It is no longer than a day (what is above is
// cut off), and one of no time is left out. The session's number is any that is its own: random_u64().
void sessions_part(struct sessions *s, struct session_who *who, const struct session_part *part);
// Appends what waits to the day's file, and makes the day's key last. Call it each second from a thread that may wait. What
// cannot be written (disk full) waits for the next call.
void sessions_flush(struct sessions *s, int64_t now_us);
uint64_t sessions_lost(struct sessions *s); // parts that found no room, since the process began

#endif
