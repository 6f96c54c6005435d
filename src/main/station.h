// SPDX-License-Identifier: AGPL-3.0-or-later
// A station opened for a command: its database, and its counters when they are needed (private to src/main). While a
// station is served the site process has the only one; commands reach it through DIR/control.
#ifndef MAIN_STATION_H
#define MAIN_STATION_H

#include "record/record.h"
#include "store/store.h"
#include "text/text.h"
#include "util/util.h"

struct page_cache;
struct station {
    const char *dir; // borrowed
    struct store *store;
    struct counters *counters; // NULL on a stopped station
    struct db *db;             // a reader of the thread that runs commands
    // Settings that the desk changes while others read them:
    const struct text_zone *_Atomic zone;
    _Atomic(enum text_lang) default_lang;
    _Atomic uint32_t languages; // bits
    struct page_cache *cache;   // of a station that is served; NULL else
    const char *origin;         // the same: of the site, borrowed
    struct audit_journal *journal;
};

// Before the first station_open; again is nothing. Children inherit what it made.
void station_start(void);
// The caller holds the lock. `create` makes the database.
enum rc station_open(struct station *s, const char *dir, bool create, struct problem *p) MUST_USE;
enum rc station_open_counters(struct station *s, struct problem *p) MUST_USE;
// Reads the settings again: after init, which writes them.
enum rc station_read_settings(struct station *s, struct problem *p) MUST_USE;
struct str station_name(struct arena *a, struct station *s);
void station_close(struct station *s);

#endif
