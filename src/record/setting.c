// SPDX-License-Identifier: AGPL-3.0-or-later
// The station's own settings, as the newsroom knows them, and the program's secrets.
#include "record/record.h"

#define SECRET_BYTES 32
#define SETTINGS_MAX 200

static struct str lang_code(enum text_lang lang) {
    return lang < LANG_COUNT ? text_lang_code(lang) : STR_NONE;
}

struct str setting_get(struct arena *a, struct db *db, const char *key, enum text_lang lang) {
    // '' sorts before every code: the language's own value comes first.
    struct db_stmt *st = db_sql(db, "SELECT value FROM settings WHERE key = $1 AND lang IN ($2, '') "
                                    "ORDER BY lang DESC LIMIT 1");
    db_bind_str(st, 1, str_from(key));
    db_bind_str(st, 2, lang_code(lang));
    struct str value = STR("");
    if (db_step(st))
        value = db_str_dup(a, st, 0);
    if (db_end(st) != RC_OK)
        log_error("record: setting %s could not be read", key);
    return value;
}

enum rc setting_set(struct db *db, const char *key, enum text_lang lang, struct str value) {
    struct db_stmt *st = db_sql(db, "INSERT INTO settings (key, lang, value) VALUES ($1, $2, $3) "
                                    "ON CONFLICT (key, lang) DO UPDATE SET value = excluded.value");
    db_bind_str(st, 1, str_from(key));
    db_bind_str(st, 2, lang_code(lang));
    db_bind_str(st, 3, value);
    return db_run(st);
}

// The common value comes first and gives way to the language's own.
enum rc settings_load(struct arena *a, struct db *db, enum text_lang lang, struct settings *out) {
    struct db_stmt *st = db_sql(db, "SELECT key, value FROM settings WHERE lang IN ($1, '') ORDER BY key, lang");
    db_bind_str(st, 1, lang_code(lang));
    out->rows = arena_take(a, SETTINGS_MAX * sizeof *out->rows);
    out->count = 0;
    while (db_step(st) && out->count < SETTINGS_MAX) {
        bool again = out->count > 0 && str_eq(out->rows[out->count - 1].key, db_str(st, 0));
        size_t at = again ? out->count - 1 : out->count++;
        out->rows[at].key = db_str_dup(a, st, 0);
        out->rows[at].value = db_str_dup(a, st, 1);
    }
    return db_end(st);
}

struct str settings_value(const struct settings *s, const char *key) {
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(s->rows[i].key, str_from(key)))
            return s->rows[i].value;
    return STR("");
}

struct str setting_own(struct arena *a, struct db *db, const char *key, enum text_lang lang) {
    struct db_stmt *st = db_sql(db, "SELECT value FROM settings WHERE key = $1 AND lang = $2");
    db_bind_str(st, 1, str_from(key));
    db_bind_str(st, 2, lang_code(lang));
    struct str value = db_step(st) ? db_str_dup(a, st, 0) : STR("");
    if (db_end(st) != RC_OK)
        log_error("record: setting %s could not be read", key);
    return value;
}

enum rc setting_unset(struct db *db, const char *key, enum text_lang lang) {
    struct db_stmt *st = db_sql(db, "DELETE FROM settings WHERE key = $1 AND lang = $2");
    db_bind_str(st, 1, str_from(key));
    db_bind_str(st, 2, lang_code(lang));
    return db_run(st);
}

enum rc secret_get(struct db *db, const char *name, uint8_t out[32]) {
    struct db_stmt *st = db_sql(db, "SELECT value FROM secrets WHERE name = $1");
    db_bind_str(st, 1, str_from(name));
    enum rc found = RC_NOT_FOUND;
    if (db_step(st)) {
        struct str value = db_str(st, 0);
        found = value.n == SECRET_BYTES ? RC_OK : RC_IO;
        if (found == RC_OK)
            memcpy(out, value.p, SECRET_BYTES);
        else
            log_error("record: secret %s has %zu bytes instead of %d", name, value.n, SECRET_BYTES);
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found;
}

enum rc secret_make(struct db *db, const char *name) {
    uint8_t value[SECRET_BYTES];
    random_bytes(value, sizeof value);
    struct db_stmt *st = db_sql(db, "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
    db_bind_str(st, 1, str_from(name));
    db_bind_blob(st, 2, value, sizeof value);
    return db_run(st);
}
