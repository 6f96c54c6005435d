// SPDX-License-Identifier: AGPL-3.0-or-later
// The technical parameters of a station (private to src/main). Editorial settings are in the database. One table
// (config_table.c) gives the parser, --help-config, the man page, the commented example and the desk's forms.
//
//   DIR/siaran.conf   whoever has the machine writes it; what stands there counts
//   DIR/desk.conf     the desk writes it; counts for what siaran.conf does not say (docs/decisions/0005)
#ifndef MAIN_CONFIG_H
#define MAIN_CONFIG_H

#include <stdatomic.h>

#include "net/net.h"
#include "util/util.h"

enum { CONFIG_PROXIES_MAX = 32, CONFIG_TEXT_MAX = 256 };

struct config_proxies {
    struct net_address rows[CONFIG_PROXIES_MAX];
    size_t count;
};
struct config {
    struct net_address http, radio;
    char site_origin[CONFIG_TEXT_MAX], radio_origin[CONFIG_TEXT_MAX], user[CONFIG_TEXT_MAX];
    char access_log_file[CONFIG_TEXT_MAX];
    char smtp_server[CONFIG_TEXT_MAX], smtp_user[CONFIG_TEXT_MAX], smtp_password_file[CONFIG_TEXT_MAX];
    char mail_from[CONFIG_TEXT_MAX], hook_url[CONFIG_TEXT_MAX], country_file[CONFIG_TEXT_MAX];
    int64_t loops, workers, search_workers, write_workers, cache_mb;
    int64_t connections, connections_per_address, public_posts_per_minute;
    int64_t radio_connections, radio_connections_per_address, radio_alone_seconds;
    int64_t head_seconds, idle_seconds, counter_flush_seconds, message_days;
    int64_t access_log; // 0 or 1
    int64_t log_level;  // enum log_level
    int64_t backup_hour, backup_keep;
    struct config_proxies trusted_proxies;
    uint64_t in_file, at_desk; // bits, by row: siaran.conf (or the command line) says it; desk.conf does, and counts
};

enum config_kind {
    CONFIG_ADDRESS,   // struct net_address
    CONFIG_ADDRESSES, // struct config_proxies: hosts without a port, separated by spaces
    CONFIG_ORIGIN,    // char[CONFIG_TEXT_MAX]: http://host[:port] or https://..., or empty
    CONFIG_BASE,      // the same with a path behind it, or none: https://host/radio
    CONFIG_NAME,      // char[CONFIG_TEXT_MAX]: a user's name, or empty
    CONFIG_PATH,      // char[CONFIG_TEXT_MAX]: a file's path, from DIR when it does not begin with "/", or empty
    CONFIG_TEXT,      // char[CONFIG_TEXT_MAX]: one line, or empty
    CONFIG_MAIL,      // char[CONFIG_TEXT_MAX]: an e-mail address, or empty
    CONFIG_SMTP,      // char[CONFIG_TEXT_MAX]: smtp://host[:port] or smtps://..., or empty
    CONFIG_HOOK,      // char[CONFIG_TEXT_MAX]: https://host[:port]/path, http:// to this machine, or empty
    CONFIG_NUMBER,    // int64_t
    CONFIG_SWITCH,    // int64_t: off or on
    CONFIG_LEVEL,     // int64_t: debug, info, warn, error
};
enum config_when {       // does a change count
    CONFIG_AT_ONCE,      // after a reload
    CONFIG_WITH_SITE,    // when the site process is begun anew
    CONFIG_WITH_STATION, // when all of it is: sockets, users
};
struct config_row {
    const char *name;
    enum config_kind kind;
    const char *unit;      // of a number, else ""
    int64_t min, max;      // of a number
    const char *otherwise; // the default, as it would be written
    enum config_when when;
    const char *group; // what it is about: a form of the desk
    bool desk;         // desk.conf may say it: no file's path, no user, no socket
    size_t offset;     // in struct config
    const char *description;
};
extern const struct config_row config_rows[];
extern const size_t config_row_count;

void config_defaults(struct config *c);
// One value, as written. RC_INVALID with a sentence that says what is expected.
enum rc config_set(struct config *c, const struct config_row *row, struct str value, struct problem *p) MUST_USE;
// The value as it is written.
struct str config_value_text(struct arena *a, const struct config *c, const struct config_row *row);
// Reads a whole file's text over the defaults; sentences begin with "PATH line N: ".
enum rc config_parse(struct config *c, const char *path, struct str text, struct problem *p) MUST_USE;
// The same for desk.conf, over what is there: a line that cannot count is left out and logged without its words.
void config_add_desk(struct config *c, const char *path, struct str text);
const struct config_row *config_row_find(struct str name); // NULL: none
// Both files; a missing one says nothing. desk.conf counts only as a plain file of its own.
enum rc config_load(struct config *c, const char *dir, struct problem *p) MUST_USE;
// Calls `changed` for each parameter in which the two differ.
void config_compare(const struct config *a, const struct config *b,
                    void (*changed)(void *arg, const struct config_row *), void *arg);
// Takes over what does not wait for a new start of the whole station.
void config_take_reloadable(struct config *now, const struct config *fresh);

// The parent reads the file, also after a SIGHUP, and hands its children the values through this: shared memory, made
// before they are forked. So a child needs no right to read the file, and one that is started again has the newest.
struct config_board {
    atomic_uint number;  // of changes; values[number % 2] is the newest
    atomic_uint refused; // how often the files could not be read, and nothing changed
    struct config values[2];
};
struct config_board *config_board_new(void);
void config_board_put(struct config_board *board, const struct config *c); // the parent
void config_board_get(struct config_board *board, struct config *out);     // any child, whole

void config_write_help(struct buf *out);    // siaran --help-config
void config_write_example(struct buf *out); // siaran.conf with every line commented out
void config_write_man(struct buf *out);     // the section CONFIGURATION of siaran(1)

#endif
