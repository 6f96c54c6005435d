// SPDX-License-Identifier: AGPL-3.0-or-later
// The station's own settings, as the newsroom knows them, and the program's secrets.
#include "record/record.h"

#define SECRET_BYTES 32

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
