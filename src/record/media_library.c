// SPDX-License-Identifier: AGPL-3.0-or-later
// Looking into the media library: one entry, lists and searches, where a medium is used.
#include "record/media_inside.h"

enum { QUERY_WORDS = 4, WORD_ROOM = 65 };

// ---- one entry -----------------------------------------------------------------------------------------------------

static enum rc row_read(struct arena *a, struct db *db, int64_t id, struct media_entry *e) {
    struct db_stmt *st = db_sql(
        db, "SELECT kind, original_sha256, original_ext, original_bytes, file_name, focal_x, focal_y, duration_ms, "
            "added_by, added_by_name, avif, version, added_at, credit, (SELECT COUNT(*) FROM media_uses u WHERE "
            "u.media_id = m.id) FROM media m WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found)
        *e = (struct media_entry){.id = id,
                                  .kind = (enum media_kind)db_i64(st, 0),
                                  .original_sha256 = db_str_dup(a, st, 1),
                                  .original_ext = db_str_dup(a, st, 2),
                                  .original_bytes = db_i64(st, 3),
                                  .about = {.file_name = db_str_dup(a, st, 4),
                                            .focal_x = (unsigned)db_i64(st, 5),
                                            .focal_y = (unsigned)db_i64(st, 6),
                                            .credit = db_str_dup(a, st, 13)},
                                  .duration_ms = db_i64(st, 7),
                                  .added_by = db_i64(st, 8),
                                  .added_by_name = db_str_dup(a, st, 9),
                                  .avif = (enum media_avif)db_i64(st, 10),
                                  .version = db_i64(st, 11),
                                  .added_at = db_i64(st, 12),
                                  .use_count = db_i64(st, 14)};
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

static enum rc alts_read(struct arena *a, struct db *db, struct media_entry *e) {
    struct db_stmt *st = db_sql(db, "SELECT lang, alt FROM media_alts WHERE media_id = $1");
    db_bind_i64(st, 1, e->id);
    while (db_step(st)) {
        enum text_lang lang;
        if (text_lang_find(db_str(st, 0), &lang))
            e->about.alts[lang] = db_str_dup(a, st, 1);
    }
    return db_end(st);
}

struct str media_extent(struct arena *a, enum text_lang lang, const struct media_entry *e) {
    long long s = e->duration_ms / 1000;
    if (s == 0)
        return str_fmt(a, "%.*s, %.*s", STR_ARG(text_upper_ascii(a, e->original_ext)),
                       STR_ARG(text_bytes(a, lang, e->original_bytes)));
    return s >= 3600 ? str_fmt(a, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60)
                     : str_fmt(a, "%lld:%02lld", s / 60, s % 60);
}

enum rc media_entry_get(struct arena *a, struct db *db, int64_t id, struct media_entry *out) {
    enum rc rc = row_read(a, db, id, out);
    if (rc == RC_OK)
        rc = alts_read(a, db, out);
    return rc == RC_OK ? media_get(a, db, id, &out->media) : rc;
}

// ---- lists ---------------------------------------------------------------------------------------------------------

struct words {
    char text[QUERY_WORDS][WORD_ROOM];
    size_t n[QUERY_WORDS];
    size_t count;
};

static enum rc keep_word(void *arg, struct str word) {
    struct words *w = arg;
    if (w->count == QUERY_WORDS || word.n >= WORD_ROOM)
        return RC_OK;
    memcpy(w->text[w->count], word.p, word.n);
    w->n[w->count++] = word.n;
    return RC_OK;
}

static struct str word_at(const struct words *w, size_t i) {
    i = i < w->count ? i : w->count - 1;
    return (struct str){w->text[i], w->n[i]};
}

static struct db_stmt *newest(struct db *db) {
    return db_sql(
        db,
        "SELECT id FROM media WHERE ($1 = 0 OR id < $1) AND ($2 = 0 OR kind = $2 OR ($2 = -1 AND kind <> 1)) ORDER BY id DESC LIMIT $3");
}

// Walks the first word's index; a query of fewer words asks for its last one again.
static struct db_stmt *with_words(struct db *db, const struct words *w) {
    struct db_stmt *st = db_sql(
        db, "SELECT m.id FROM media_words w1 CROSS JOIN media m WHERE w1.word = $4 AND ($1 = 0 OR w1.media_id < $1) "
            "AND m.id = w1.media_id AND ($2 = 0 OR m.kind = $2 OR ($2 = -1 AND m.kind <> 1)) "
            "AND EXISTS (SELECT 1 FROM media_words w2 WHERE w2.word = $5 AND w2.media_id = w1.media_id) "
            "AND EXISTS (SELECT 1 FROM media_words w3 WHERE w3.word = $6 AND w3.media_id = w1.media_id) "
            "AND EXISTS (SELECT 1 FROM media_words w4 WHERE w4.word = $7 AND w4.media_id = w1.media_id) "
            "ORDER BY w1.media_id DESC LIMIT $3");
    for (int i = 0; i < QUERY_WORDS; i++)
        db_bind_str(st, 4 + i, word_at(w, (size_t)i));
    return st;
}

static struct db_stmt *without_alt(struct db *db, enum text_lang lang) {
    struct db_stmt *st = db_sql(
        db,
        "SELECT DISTINCT u.media_id FROM media_uses u CROSS JOIN media m WHERE u.lang = $4 AND u.has_alt = 0 AND "
        "($1 = 0 OR u.media_id < $1) AND m.id = u.media_id AND ($2 = 0 OR m.kind = $2) AND m.kind = 1 AND NOT EXISTS "
        "(SELECT 1 FROM media_alts t WHERE t.media_id = u.media_id AND t.lang = $4) "
        "ORDER BY u.media_id DESC LIMIT $3");
    db_bind_str(st, 4, text_lang_code(lang));
    return st;
}

static enum rc ids_read(struct db *db, const struct media_query *q, const struct words *w, int64_t *ids, size_t *n) {
    struct db_stmt *st = q->missing_alt ? without_alt(db, q->lang) : w->count > 0 ? with_words(db, w) : newest(db);
    db_bind_i64(st, 1, q->before);
    db_bind_i64(st, 2, q->kind);
    db_bind_i64(st, 3, (int64_t)q->limit + 1);
    *n = 0;
    while (*n <= q->limit && db_step(st))
        ids[(*n)++] = db_i64(st, 0);
    return db_end(st);
}

enum rc media_library(struct arena *a, struct db *db, const struct media_query *q, struct media_entry **out,
                      size_t *count_out, bool *more_out) {
    must(q->limit >= 1 && q->limit <= MEDIA_LIBRARY_MAX);
    struct words w = {.count = 0};
    int64_t *ids = ARENA_ARRAY(a, int64_t, MEDIA_LIBRARY_MAX + 1);
    size_t n = 0;
    enum rc rc = media_words_of(q->words, keep_word, &w);
    *count_out = 0;
    *more_out = false;
    *out = ARENA_ARRAY(a, struct media_entry, q->limit);
    if (rc == RC_OK && q->words.n > 0 && w.count == 0)
        return RC_OK; // nothing in it is a word
    if (rc == RC_OK)
        rc = ids_read(db, q, &w, ids, &n);
    *more_out = n > q->limit;
    for (size_t i = 0; rc == RC_OK && i < n && i < q->limit; i++) {
        rc = media_entry_get(a, db, ids[i], &(*out)[*count_out]);
        *count_out += rc == RC_OK;
    }
    return rc;
}

// ---- uses ------------------------------------------------------------------------------------------------------------

enum rc media_where_used(struct arena *a, struct db *db, int64_t id, size_t limit, struct media_use **out,
                         size_t *count_out) {
    must(limit <= MEDIA_LIBRARY_MAX);
    *out = ARENA_ARRAY(a, struct media_use, limit + 1);
    *count_out = 0;
    struct db_stmt *st = db_sql(db, "SELECT place, owner_id, lang, has_alt FROM media_uses WHERE media_id = $1 "
                                    "ORDER BY place, owner_id DESC LIMIT $2");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, (int64_t)limit);
    while (*count_out < limit && db_step(st)) {
        struct media_use *use = &(*out)[*count_out];
        *use = (struct media_use){.media_id = id,
                                  .place = (enum media_place)db_i64(st, 0),
                                  .owner_id = db_i64(st, 1),
                                  .has_alt = db_i64(st, 3) != 0};
        if (!text_lang_find(db_str(st, 2), &use->lang))
            use->lang = LANG_COUNT;
        (*count_out)++;
    }
    return db_end(st);
}

static enum rc use_write(struct db *db, enum media_place place, int64_t owner_id, enum text_lang lang,
                         const struct media_use *use) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO media_uses (media_id, place, owner_id, lang, has_alt) "
                   "SELECT id, $2, $3, $4, $5 FROM media WHERE id = $1 ON CONFLICT (media_id, place, owner_id) "
                   "DO UPDATE SET has_alt = CASE WHEN media_uses.has_alt < excluded.has_alt THEN media_uses.has_alt "
                   "ELSE excluded.has_alt END");
    db_bind_i64(st, 1, use->media_id);
    db_bind_i64(st, 2, place);
    db_bind_i64(st, 3, owner_id);
    db_bind_str(st, 4, lang < LANG_COUNT ? text_lang_code(lang) : STR(""));
    db_bind_i64(st, 5, use->has_alt);
    return db_run(st);
}

enum rc media_uses_set(struct db *db, enum media_place place, int64_t owner_id, enum text_lang lang,
                       const struct media_use *uses, size_t count) {
    struct db_stmt *st = db_sql(db, "DELETE FROM media_uses WHERE place = $1 AND owner_id = $2");
    db_bind_i64(st, 1, place);
    db_bind_i64(st, 2, owner_id);
    enum rc rc = db_run(st);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        if (uses[i].media_id != 0)
            rc = use_write(db, place, owner_id, lang, &uses[i]);
    return rc;
}

// html_clean writes <img src="..." alt="..." ...>, and no such words in a text: there '<' and '"' are escaped.
bool media_in_body(struct str body, size_t *at, int64_t *id_out, bool *has_alt_out) {
    const struct str opening = STR("<img src=\"/picture/");
    size_t found;
    while (*at < body.n && str_find(str_slice(body, *at, body.n), opening, &found)) {
        size_t from = *at + found + opening.n, end = from;
        while (end < body.n && body.p[end] >= '0' && body.p[end] <= '9')
            end++;
        *at = end;
        struct str rest = str_slice(body, end, body.n);
        if (!str_starts(rest, STR("\"")) || !str_to_i64(str_slice(body, from, end), id_out) || *id_out <= 0)
            continue;
        *has_alt_out = str_starts(rest, STR("\" alt=\"")) && rest.n > 7 && rest.p[7] != '"';
        return true;
    }
    return false;
}

enum rc media_library_bytes(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT CAST((SELECT SUM(bytes) FROM media_sizes) AS BIGINT), "
                                    "CAST((SELECT SUM(original_bytes) FROM media) AS BIGINT), "
                                    "CAST((SELECT SUM(bytes) FROM media_earlier) AS BIGINT)");
    *out = db_step(st) ? db_i64(st, 0) + db_i64(st, 1) + db_i64(st, 2) : 0;
    return db_end(st);
}
