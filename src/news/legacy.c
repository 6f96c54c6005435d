// SPDX-License-Identifier: AGPL-3.0-or-later
// Old addresses: which thing of ours stands for the old site's number. Sites count for themselves, so the key is
// (site, kind, old id).
#include "news/internal.h"

int64_t legacy_path_key(struct arena *a, struct str path) {
    struct str decoded;
    if (path.n > 2000 || !percent_decode(a, path, &decoded))
        return 0;
    while (decoded.n > 0 && decoded.p[decoded.n - 1] == '/')
        decoded.n--;
    return decoded.n < 2 ? 0 : (int64_t)(hash_stable(decoded) >> 1) | 1;
}

enum rc legacy_put(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t new_id) {
    if (site.n > 64 || old_id <= 0 || new_id <= 0)
        return RC_INVALID;
    struct db_stmt *st = db_sql(db, "INSERT INTO legacy_addresses (site, kind, old_id, new_id) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (site, kind, old_id) DO UPDATE SET new_id = excluded.new_id");
    db_bind_str(st, 1, site);
    db_bind_i64(st, 2, kind);
    db_bind_i64(st, 3, old_id);
    db_bind_i64(st, 4, new_id);
    return db_run(st);
}

enum rc legacy_get(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t *new_id_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT new_id FROM legacy_addresses WHERE site = $1 AND kind = $2 AND old_id = $3");
    db_bind_str(st, 1, site);
    db_bind_i64(st, 2, kind);
    db_bind_i64(st, 3, old_id);
    bool found = db_step(st);
    if (found)
        *new_id_out = db_i64(st, 0);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}
