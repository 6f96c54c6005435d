// SPDX-License-Identifier: AGPL-3.0-or-later
// Every ten seconds. What is there after a night in which the site did not run is taken in pieces, so that others can write
// in between.
#include "main/listening.h"

#include "audience/audience.h"

enum { TAKE_SECONDS = 10 };

struct listening {
    struct store *store;
    const char *dir;
    int64_t taken_us; // clock_mono_us
    bool failed;      // which was said
};

static bool take(struct background *b, struct arena *a, struct db *db, void *arg) {
    struct listening *l = arg;
    bool more = false;
    (void)b;
    (void)a;
    if (l->taken_us != 0 && clock_mono_us() - l->taken_us < TAKE_SECONDS * US_PER_SECOND)
        return false;
    enum rc rc = audience_take(l->store, db, l->dir, clock_now_us(), &more);
    if (rc != RC_OK && !l->failed)
        log_error("listening sessions in %s/radio/sessions could not be taken into the database: %s", l->dir,
                  rc_name(rc));
    l->failed = rc != RC_OK;
    if (rc == RC_OK && more)
        return true;
    l->taken_us = clock_mono_us();
    return false;
}

struct background *listening_start(struct store *store, const char *dir) {
    static struct listening listening; // a process has one
    listening = (struct listening){.store = store, .dir = dir};
    return background_start(store, "listening", take, &listening);
}
