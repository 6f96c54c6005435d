// SPDX-License-Identifier: AGPL-3.0-or-later
// Ways to listen in a language: streams, short wave, satellite. The live page prints them in the order given.
#include "news/internal.h"

#define LISTEN_MAX 64

enum rc listen_list(struct arena *a, struct db *db, enum text_lang lang, struct listen_way **out, size_t *count_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT kind, label, value, note FROM listen_ways WHERE lang = $1 ORDER BY position LIMIT 64");
    db_bind_str(st, 1, text_lang_code(lang));
    struct listen_way *rows = ARENA_ARRAY(a, struct listen_way, LISTEN_MAX);
    size_t n = 0;
    while (n < LISTEN_MAX && db_step(st))
        rows[n++] = (struct listen_way){.kind = (enum listen_kind)db_i64(st, 0),
                                        .label = db_str_dup(a, st, 1),
                                        .value = db_str_dup(a, st, 2),
                                        .note = db_str_dup(a, st, 3)};
    *out = rows;
    *count_out = n;
    return db_end(st);
}

// A stream is a link on the live page, so only web addresses are taken.
static bool way_is_sound(const struct listen_way *w) {
    if ((int)w->kind < LISTEN_STREAM || (int)w->kind > LISTEN_OTHER)
        return false;
    if (w->label.n == 0 || w->label.n > 400 || w->value.n == 0 || w->value.n > 1000 || w->note.n > 1000)
        return false;
    if (!is_line(w->label) || !is_line(w->value) || !is_line(w->note))
        return false;
    return w->kind != LISTEN_STREAM || str_starts(w->value, STR("https://")) || str_starts(w->value, STR("http://")) ||
           (w->value.p[0] == '/' && !str_starts(w->value, STR("//")));
}

static enum rc way_write(struct db *db, enum text_lang lang, size_t position, const struct listen_way *w) {
    struct db_stmt *st = db_sql(db, "INSERT INTO listen_ways (lang, position, kind, label, value, note) "
                                    "VALUES ($1, $2, $3, $4, $5, $6)");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, (int64_t)position);
    db_bind_i64(st, 3, w->kind);
    db_bind_str(st, 4, w->label);
    db_bind_str(st, 5, w->value);
    db_bind_str(st, 6, w->note);
    return db_run(st);
}

enum rc listen_save(struct db *db, enum text_lang lang, const struct listen_way *rows, size_t count,
                    struct news_changes *c) {
    if (count > LISTEN_MAX)
        return RC_TOO_BIG;
    for (size_t i = 0; i < count; i++)
        if (!way_is_sound(&rows[i]))
            return RC_INVALID;
    struct db_stmt *st = db_sql(db, "DELETE FROM listen_ways WHERE lang = $1");
    db_bind_str(st, 1, text_lang_code(lang));
    enum rc rc = db_run(st);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        rc = way_write(db, lang, i, &rows[i]);
    news_changes_note(c, EDITION_FRAME, lang, false);
    return rc;
}
