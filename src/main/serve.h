// SPDX-License-Identifier: AGPL-3.0-or-later
// What the parent hands to its children (private to src/main).
#ifndef MAIN_SERVE_H
#define MAIN_SERVE_H

#include "courier/courier.h"
#include "main/config.h"
#include "main/left_radio.h"
#include "net/net.h"

// The parent writes, its children read: shared memory, made before they are forked.
enum { SERVE_RADIO = 1, SERVE_CHILDREN = 4 }; // a row and their number
struct serve_children {
    struct {
        char name[16];
        _Atomic int64_t pid, started_at, crashes;
    } rows[SERVE_CHILDREN];
};

enum { SERVE_MEDIA, SERVE_COURIER, SERVE_PAIRS }; // the site and each of its helpers
struct serve {
    const char *dir;
    struct config config;
    bool http_given, radio_given; // on the command line, which is stronger than the file
    struct config_board *board;   // the same for the children, and newer after a reload
    struct str status;            // one line for the service manager
    int *listen_fds;              // one per loop
    size_t loops;
    struct net_address bound, radio_bound;
    int radio_fd;
    pid_t parent;                 // this process
    struct str radio_terms;       // left_radio.h
    struct left_radio left_radio; // its pidfd is the parent's table's
    char origin[CONFIG_TEXT_MAX]; // the site's: configured, or http://localhost:PORT
    int control_fd;
    int bell_fd; // the site process asks the parent by it to read the configuration anew
    struct net_pair pairs[SERVE_PAIRS];
    struct serve_children *children;
    struct courier_process courier; // its texts are views of config
};

unsigned serve_port(const struct net_address *addr); // 0: a unix socket
bool serve_is_any(const struct net_address *addr);   // all interfaces
// Raises the limit of open files to fit so many connections; gives back how many fit.
int64_t serve_fit_connections(int64_t connections);
unsigned serve_processors(void); // that this process may use
// The site's origin by s->config, where the sockets are bound.
void serve_choose_origin(struct serve *s);

// The radio's place, in the parent: that of a radio which is left and fits these terms, or a new one.
enum rc serve_radio_open(struct serve *s, struct str terms, struct problem *p) MUST_USE;
// Writes DIR/run/radio.conf, which the radio process reads at its start and after each SIGHUP.
enum rc serve_radio_tell(const struct serve *s, struct problem *p) MUST_USE;
// The radio process: as radio.h has it. context is the struct serve.
int serve_radio_main(void *context);
// The site process: serves until SIGTERM. context is the struct serve.
int site_process_main(void *context);
// Whether a request for this host is ours: the origin's, or this machine's own names when it can reach us by them.
bool serve_host_is_ours(const struct serve *s, struct str host);

#endif
