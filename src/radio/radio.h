// SPDX-License-Identifier: AGPL-3.0-or-later
// The radio process: encoders in, listeners out, everything kept. One thread moves sound between sockets; a second one
// writes the logs, a third reads them and a fourth the services and what they play, so that a slow disk is nobody's silence
// but theirs who listen to what was earlier. It touches no database and waits for no other process: what there is to tune in
// to it reads from services.json, what is on the air it writes to run/radio.json.
#ifndef RADIO_RADIO_H
#define RADIO_RADIO_H

#include "net/net.h"
#include "util/util.h"

// What the parent hands over. All of it is borrowed and may be read anew after each SIGHUP.
struct radio_process {
    const char *dir;
    int listen_fd; // bound; it need not listen yet
    struct net_address bound;
    // Whose end leaves the radio alone: for alone_seconds, unless configure() names another that lives, or the radio's place is
    // another's meanwhile.
    pid_t parent;
    bool (*is_own_place)(void *context); // false: the station is no more where it was
    // Fills what the configuration says now; called in the radio process at its start, after a
    // SIGHUP, and each second while it is alone.
    void (*configure)(void *context, struct radio_process *out);
    void *context;

    const char *origin;       // "https://radio.example.org": how listeners reach it; empty: by the Host they asked for
    const char *country_file; // of MaxMind, or empty
    int64_t connections, connections_per_address, alone_seconds;
    const struct net_address *trusted_proxies;
    size_t trusted_proxy_count;
    int log_level;
};
// Runs until SIGTERM. The table's main_fn; context is the struct radio_process.
int radio_process_main(void *context);

// The rows of its addresses, for `siaran routes` and the tests that walk them.
enum radio_right {
    RADIO_ANYONE,
    RADIO_ANYONE_OR_ADMIN, // whoever gives the password of the admin pages is told more; a wrong one is refused
    RADIO_SOURCE,          // the password of a source of that mount
    RADIO_SOURCE_OR_ADMIN, // or that of the admin pages
    RADIO_ADMIN
};
struct radio_row {
    const char *methods, *pattern, *purpose;
    enum radio_right right;
};
const struct radio_row *radio_rows(size_t *count_out);

#endif
