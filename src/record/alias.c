// SPDX-License-Identifier: AGPL-3.0-or-later
// Words that mean something by another name now. No alias is also the slug or name of something that lives, except while
// the merge that made it is under way; whoever takes a word drops its alias.
#include "record/record.h"

static struct str lang_code(enum text_lang lang) {
    return lang == LANG_COUNT ? STR("") : text_lang_code(lang);
}

enum rc alias_put(struct db *db, enum alias_kind kind, enum text_lang lang, struct str word, int64_t target_id) {
    struct db_stmt *st = db_sql(db, "INSERT INTO aliases (kind, lang, word, target_id) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (kind, lang, word) DO UPDATE SET target_id = excluded.target_id");
    db_bind_i64(st, 1, kind);
    db_bind_str(st, 2, lang_code(lang));
    db_bind_str(st, 3, word);
    db_bind_i64(st, 4, target_id);
    return db_run(st);
}

enum rc alias_drop(struct db *db, enum alias_kind kind, enum text_lang lang, struct str word) {
    struct db_stmt *st = db_sql(db, "DELETE FROM aliases WHERE kind = $1 AND lang = $2 AND word = $3");
    db_bind_i64(st, 1, kind);
    db_bind_str(st, 2, lang_code(lang));
    db_bind_str(st, 3, word);
    return db_run(st);
}

enum rc alias_find(struct db *db, enum alias_kind kind, enum text_lang lang, struct str word, int64_t *target_out) {
    struct db_stmt *st = db_sql(db, "SELECT target_id FROM aliases WHERE kind = $1 AND lang = $2 AND word = $3");
    db_bind_i64(st, 1, kind);
    db_bind_str(st, 2, lang_code(lang));
    db_bind_str(st, 3, word);
    bool found = db_step(st);
    *target_out = found ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : !found ? RC_NOT_FOUND : *target_out == 0 ? RC_GONE : RC_OK;
}

enum rc alias_retarget(struct db *db, enum alias_kind kind, int64_t from_id, int64_t to_id) {
    struct db_stmt *st = db_sql(db, "UPDATE aliases SET target_id = $3 WHERE kind = $1 AND target_id = $2");
    db_bind_i64(st, 1, kind);
    db_bind_i64(st, 2, from_id);
    db_bind_i64(st, 3, to_id);
    return db_run(st);
}

enum rc alias_list(struct arena *a, struct db *db, enum alias_kind kind, int64_t target_id, struct str **out,
                   size_t *count_out) {
    _Static_assert(ALIASES_SHOWN == 50, "the SQL says so");
    struct db_stmt *st =
        db_sql(db, "SELECT word FROM aliases WHERE kind = $1 AND target_id = $2 ORDER BY lang, word LIMIT 50");
    db_bind_i64(st, 1, kind);
    db_bind_i64(st, 2, target_id);
    *out = ARENA_ARRAY(a, struct str, ALIASES_SHOWN);
    *count_out = 0;
    while (*count_out < ALIASES_SHOWN && db_step(st))
        (*out)[(*count_out)++] = db_str_dup(a, st, 0);
    return db_end(st);
}
