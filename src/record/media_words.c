// SPDX-License-Identifier: AGPL-3.0-or-later
// By what a medium is found in the library: the words of its file name, its credit and its alternative texts.
#include "record/media_inside.h"

enum { WORDS_MOST = 2000, WORD_BYTES = 64 };

enum rc media_text_of(struct arena *a, struct db *db, int64_t id, struct str *out) {
    struct db_stmt *st = db_sql(db, "SELECT file_name, credit FROM media WHERE id = $1");
    db_bind_i64(st, 1, id);
    struct str text = STR("");
    if (db_step(st))
        text = str_fmt(a, "%.*s\n%.*s", STR_ARG(db_str(st, 0)), STR_ARG(db_str(st, 1)));
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "SELECT alt FROM media_alts WHERE media_id = $1 ORDER BY lang");
    db_bind_i64(st, 1, id);
    while (db_step(st))
        text = str_fmt(a, "%.*s\n%.*s", STR_ARG(text), STR_ARG(db_str(st, 0)));
    *out = text;
    return db_end(st);
}

struct cutting {
    enum rc (*word)(void *arg, struct str w);
    void *arg;
    size_t left;
};

static enum rc cut_word(void *arg, const struct text_token *t) {
    struct cutting *c = arg;
    if (c->left == 0)
        return RC_OK;
    c->left--;
    return c->word(c->arg, utf8_cut(t->folded, WORD_BYTES));
}

enum rc media_words_of(struct str text, enum rc (*word)(void *arg, struct str w), void *arg) {
    struct cutting c = {word, arg, WORDS_MOST};
    return text_tokens(text, false, cut_word, &c);
}

struct writing {
    struct db *db;
    int64_t id;
};

static enum rc write_word(void *arg, struct str word) {
    const struct writing *w = arg;
    struct db_stmt *st = db_sql(w->db, "INSERT INTO media_words (word, media_id) VALUES ($1, $2) "
                                       "ON CONFLICT (word, media_id) DO NOTHING");
    db_bind_str(st, 1, word);
    db_bind_i64(st, 2, w->id);
    return db_run(st);
}

enum rc media_words_write(struct db *db, int64_t id) {
    struct writing w = {db, id};
    struct arena *a = arena_new(1 << 20);
    struct str text = STR_NONE;
    struct db_stmt *st = db_sql(db, "DELETE FROM media_words WHERE media_id = $1");
    db_bind_i64(st, 1, id);
    enum rc rc = db_run(st);
    if (rc == RC_OK)
        rc = media_text_of(a, db, id, &text);
    if (rc == RC_OK)
        rc = media_words_of(text, write_word, &w);
    arena_free(&a);
    return rc;
}
