// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms that came when their session was over: kept for the account, so that nothing typed is lost. An account has few,
// and old ones go when a new one comes.
#include "staff/staff.h"

static enum rc forget_old(struct db *db, int64_t account_id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "DELETE FROM kept_forms WHERE account_id = $1 AND (kept_at < $2 OR id NOT IN"
                                    " (SELECT id FROM kept_forms WHERE account_id = $1 ORDER BY kept_at DESC, id DESC"
                                    " LIMIT $3))");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, now_us - KEPT_FORM_DAYS * US_PER_DAY);
    db_bind_i64(st, 3, KEPT_FORMS_MAX - 1);
    return db_run(st);
}

enum rc kept_save(struct db *db, int64_t account_id, struct str path, struct str fields, int64_t now_us,
                  int64_t *id_out) {
    if (path.n + fields.n > KEPT_FORM_BYTES)
        return RC_TOO_BIG;
    enum rc rc = forget_old(db, account_id, now_us);
    if (rc != RC_OK)
        return rc;
    *id_out = id_next();
    struct db_stmt *st = db_sql(db, "INSERT INTO kept_forms (id, account_id, path, fields, kept_at)"
                                    " VALUES ($1, $2, $3, $4, $5)");
    db_bind_i64(st, 1, *id_out);
    db_bind_i64(st, 2, account_id);
    db_bind_str(st, 3, path);
    db_bind_str(st, 4, fields);
    db_bind_i64(st, 5, now_us);
    return db_run(st);
}

enum rc kept_load(struct arena *a, struct db *db, int64_t account_id, int64_t id, struct kept_form *out) {
    struct db_stmt *st = db_sql(db, "SELECT path, fields, kept_at FROM kept_forms WHERE id = $1 AND account_id = $2");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, account_id);
    bool found = db_step(st);
    if (found)
        *out = (struct kept_form){id, db_str_dup(a, st, 0), db_str_dup(a, st, 1), db_i64(st, 2)};
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc kept_list(struct arena *a, struct db *db, int64_t account_id, struct kept_form **out, size_t *count_out) {
    struct kept_form *rows = ARENA_ARRAY(a, struct kept_form, KEPT_FORMS_MAX);
    size_t n = 0;
    struct db_stmt *st = db_sql(db, "SELECT id, path, kept_at FROM kept_forms WHERE account_id = $1"
                                    " ORDER BY kept_at DESC, id DESC LIMIT $2");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, KEPT_FORMS_MAX);
    while (db_step(st))
        rows[n++] = (struct kept_form){db_i64(st, 0), db_str_dup(a, st, 1), STR_NONE, db_i64(st, 2)};
    *out = rows;
    *count_out = n;
    return db_end(st);
}

enum rc kept_drop(struct db *db, int64_t account_id, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM kept_forms WHERE id = $1 AND account_id = $2");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, account_id);
    enum rc rc = db_run(st);
    return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}
