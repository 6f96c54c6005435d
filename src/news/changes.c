// SPDX-License-Identifier: AGPL-3.0-or-later
// What a write changed. A write runs on the writer's thread and may be run twice; the editions are raised once, by the
// caller, after the commit stands: a page rendered in between from the old rows must not look fresh.
#include "news/internal.h"

static bool noted(struct news_changes *c, enum edition_kind kind, int64_t id, bool hard) {
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i].kind == kind && c->rows[i].id == id) {
            c->rows[i].hard = c->rows[i].hard || hard;
            return true;
        }
    return false;
}

void news_changes_note(struct news_changes *c, enum edition_kind kind, int64_t id, bool hard) {
    if (c == NULL || noted(c, kind, id, hard))
        return;
    if (c->count == sizeof c->rows / sizeof c->rows[0]) {
        c->all = true;
        return;
    }
    c->rows[c->count].kind = kind;
    c->rows[c->count].id = id;
    c->rows[c->count].hard = hard;
    c->count++;
}

// Every page stands in a frame, so the nine frames are everything. Hard, because a row that did not fit may have been.
static void raise_all(void) {
    for (int lang = 0; lang < LANG_COUNT; lang++)
        edition_raise(EDITION_FRAME, lang, true);
}

void news_changes_raise(const struct news_changes *c) {
    for (size_t i = 0; i < c->count; i++) {
        edition_raise(c->rows[i].kind, c->rows[i].id, c->rows[i].hard);
        if (c->rows[i].kind == EDITION_ITEM)
            statistics_forget(c->rows[i].id);
    }
    if (c->all) {
        raise_all();
        statistics_forget(0);
    }
}
