// SPDX-License-Identifier: AGPL-3.0-or-later
// A whole export of the old site's comments: its rows go in by the hundred, each hundred one transaction, so that other
// writers have their turn; one that cannot be taken is told and left out. For somebody at the desk two rows stand in the
// audit log: what was begun, in the first of these transactions, and what came of it.
#include "import/import.h"

enum { BATCH = 100 };

struct bringing {
    struct arena *a; // of one batch
    const struct import_comments_order *order;
    struct import_comments_done *done;
    struct imported_comment rows[BATCH];
    unsigned lines[BATCH];
    enum import_fault faults[BATCH], stored[BATCH]; // as it was read, and what came of it
    bool added[BATCH];
    size_t n, fit; // rows, and those of them that can be stored
    bool begun;    // the audit log says so
    struct news_changes changes;
};

static enum rc audit(struct db *db, const struct bringing *b, const char *verb, struct str words) {
    if (b->order->hand == NULL)
        return RC_OK;
    const struct audit_entry entry = {
        .who = b->order->hand->who, .verb = str_from(verb), .kind = STR("comment"), .after = words};
    return audit_add(db, &entry);
}

static enum import_fault fault_of(enum rc rc) {
    return rc == RC_OK          ? IMPORT_FINE
           : rc == RC_NOT_FOUND ? IMPORT_NO_ARTICLE
           : rc == RC_TOO_BIG   ? IMPORT_ARTICLE_FULL
                                : IMPORT_BAD_WORDS;
}

static enum rc write_batch(struct db *db, void *arg) {
    struct bringing *b = arg;
    b->changes = (struct news_changes){0};
    for (size_t k = 0; k < b->n; k++) {
        if (b->faults[k] != IMPORT_FINE)
            continue;
        enum rc rc = import_comment_place(b->a, db, b->order->site, &b->rows[k], &b->added[k], &b->changes);
        if (rc == RC_IO)
            return rc;
        b->stored[k] = fault_of(rc);
    }
    return b->begun ? RC_OK : audit(db, b, "import", b->order->name);
}

static enum rc write_end(struct db *db, void *arg) {
    const struct bringing *b = arg;
    const struct import_comments_done *d = b->done;
    return audit(db, b, "imported",
                 str_fmt(b->a, "%.*s\n%llu read, %llu added, %llu known, %llu left out", STR_ARG(b->order->name),
                         (unsigned long long)d->read, (unsigned long long)d->added, (unsigned long long)d->known,
                         (unsigned long long)d->left_out));
}

static void batch_tell(struct bringing *b) {
    for (size_t k = 0; k < b->n; k++) {
        b->done->read++;
        if (b->stored[k] == IMPORT_FINE) {
            b->done->added += b->added[k];
            b->done->known += !b->added[k];
            continue;
        }
        b->done->left_out++;
        if (b->order->left_out != NULL)
            b->order->left_out(b->order->arg, b->lines[k], b->stored[k]);
    }
}

static enum rc batch_store(struct bringing *b, struct store *store) {
    memcpy(b->stored, b->faults, sizeof b->stored);
    enum rc rc = b->fit > 0 ? store_write(store, STORE_DURABLE, write_batch, b) : RC_OK;
    if (rc == RC_OK && b->fit > 0) {
        b->begun = true;
        news_changes_raise(&b->changes);
    }
    if (rc == RC_OK)
        batch_tell(b);
    b->n = b->fit = 0;
    arena_reset(b->a);
    return rc;
}

static enum rc all_store(struct bringing *b, struct store *store, struct str bytes) {
    struct import_comments reader;
    enum rc rc = import_comments_begin(bytes, &reader);
    b->done->fault = reader.fault;
    while (rc == RC_OK && import_comments_next(b->a, &reader, &b->rows[b->n])) {
        b->faults[b->n] = reader.fault;
        b->fit += reader.fault == IMPORT_FINE;
        b->lines[b->n++] = reader.at;
        if (b->order->progress != NULL)
            b->order->progress(b->order->arg, bytes.n - reader.rest.n);
        if (b->n == BATCH)
            rc = batch_store(b, store);
    }
    return rc == RC_OK ? batch_store(b, store) : rc;
}

enum rc import_comments_bring(struct arena *a, struct store *store, struct str bytes,
                              const struct import_comments_order *order, struct import_comments_done *out) {
    struct bringing *b = MEM_NEW(struct bringing);
    *out = (struct import_comments_done){0};
    b->a = a;
    b->order = order;
    b->done = out;
    enum rc rc = all_store(b, store, bytes);
    if (rc == RC_OK && b->begun && order->hand != NULL)
        rc = store_write(store, STORE_DURABLE, write_end, b);
    mem_free(b);
    arena_reset(a);
    return rc;
}
