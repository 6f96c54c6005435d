// SPDX-License-Identifier: AGPL-3.0-or-later
// What is left of a merge stands in the database; a station that was killed goes on where it was.
#include "main/merging.h"

#include "news/news.h"

struct step {
    struct news_changes changes;
    bool more;
};

static enum rc step(struct db *db, void *arg) {
    struct step *s = arg;
    s->changes = (struct news_changes){0};
    return merge_step(db, &s->changes, &s->more);
}

static bool go_on(struct background *b, struct arena *a, struct db *db, void *arg) {
    (void)b;
    if (!merge_waits(db))
        return false;
    struct step *s = ARENA_NEW(a, struct step);
    enum rc rc = store_write(arg, STORE_DURABLE, step, s);
    if (rc != RC_OK) {
        log_warn("a merge of sections, tags or people does not go on: %s", rc_name(rc));
        return false; // a second later
    }
    news_changes_raise(&s->changes);
    return s->more;
}

struct background *merging_start(struct store *store) {
    return background_start(store, "merging", go_on, store);
}
