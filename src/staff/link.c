// SPDX-License-Identifier: AGPL-3.0-or-later
// One-time links: the way in for who has no password (yet). Whoever holds one is the account for as long as it takes to
// set a password; the second proofs stay and are asked for afterwards.
#include "staff/internal.h"

enum { KEPT_DAYS = 30 };

static bool purpose_ok(enum link_purpose purpose, int64_t account_id) {
    return purpose == LINK_FIRST_ADMIN ? account_id == 0
                                       : (purpose == LINK_INVITE || purpose == LINK_RESET) && account_id > 0;
}

static const char *purpose_verb(enum link_purpose purpose) {
    return purpose == LINK_FIRST_ADMIN ? "first-admin-link" : purpose == LINK_INVITE ? "invite-link" : "reset-link";
}

static enum rc end_earlier(struct db *db, enum link_purpose purpose, int64_t account_id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE staff_links SET used_at = $3 WHERE account_id = $1 AND purpose = $2 "
                                    "AND used_at = 0");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, purpose);
    db_bind_i64(st, 3, now_us);
    return db_run(st);
}

static enum rc prune(struct db *db, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "DELETE FROM staff_links WHERE made_at < $1");
    db_bind_i64(st, 1, now_us - KEPT_DAYS * US_PER_DAY);
    return db_run(st);
}

enum rc staff_links_end(struct db *db, int64_t account_id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE staff_links SET used_at = $2 WHERE account_id = $1 AND used_at = 0");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, now_us);
    return db_run(st);
}

static enum rc insert(struct db *db, const struct digest *hash, enum link_purpose purpose, int64_t account_id,
                      int64_t now_us) {
    int64_t hours = purpose == LINK_FIRST_ADMIN ? LINK_FIRST_HOURS : LINK_HOURS;
    struct db_stmt *st = db_sql(db, "INSERT INTO staff_links (token_hash, purpose, account_id, made_at, expires_at, "
                                    "used_at) VALUES ($1, $2, $3, $4, $5, 0)");
    db_bind_blob(st, 1, hash->bytes, sizeof hash->bytes);
    db_bind_i64(st, 2, purpose);
    db_bind_i64(st, 3, account_id);
    db_bind_i64(st, 4, now_us);
    db_bind_i64(st, 5, now_us + hours * 3600 * US_PER_SECOND);
    return db_run(st);
}

enum rc staff_link_make(struct arena *a, struct db *db, const struct audit_who *who, enum link_purpose purpose,
                        int64_t account_id, int64_t now_us, struct str *token_out) {
    struct digest hash;
    must(purpose_ok(purpose, account_id));
    enum rc rc = end_earlier(db, purpose, account_id, now_us);
    if (rc == RC_OK)
        rc = prune(db, now_us);
    if (rc != RC_OK)
        return rc;
    *token_out = token_make(a, &hash);
    rc = insert(db, &hash, purpose, account_id, now_us);
    return rc == RC_OK ? staff_audit(db, who, purpose_verb(purpose), account_id, STR(""), STR("")) : rc;
}

// Whether somebody may still come in by it.
static bool account_waits(struct db *db, enum link_purpose purpose, int64_t account_id) {
    if (purpose == LINK_FIRST_ADMIN)
        return !staff_has_accounts(db);
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM accounts WHERE id = $1 AND state = 1");
    db_bind_i64(st, 1, account_id);
    bool active = db_step(st);
    return db_end(st) == RC_OK && active;
}

static enum rc find(struct db *db, struct str token, int64_t now_us, struct digest *hash, enum link_purpose *purpose,
                    int64_t *account) {
    if (!token_hash(token, hash))
        return RC_NOT_FOUND;
    struct db_stmt *st = db_sql(db, "SELECT purpose, account_id, expires_at, used_at FROM staff_links "
                                    "WHERE token_hash = $1");
    db_bind_blob(st, 1, hash->bytes, sizeof hash->bytes);
    bool found = db_step(st), open = false;
    if (found) {
        *purpose = (enum link_purpose)db_i64(st, 0);
        *account = db_i64(st, 1);
        open = db_i64(st, 3) == 0 && now_us < db_i64(st, 2);
    }
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return RC_NOT_FOUND;
    return open && account_waits(db, *purpose, *account) ? RC_OK : RC_GONE;
}

enum rc staff_link_find(struct db *db, struct str token, int64_t now_us, enum link_purpose *purpose_out,
                        int64_t *account_out) {
    struct digest hash;
    return find(db, token, now_us, &hash, purpose_out, account_out);
}

enum rc staff_link_use(struct db *db, struct str token, int64_t now_us, enum link_purpose *purpose_out,
                       int64_t *account_out) {
    struct digest hash;
    enum rc rc = find(db, token, now_us, &hash, purpose_out, account_out);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE staff_links SET used_at = $2 WHERE token_hash = $1");
    db_bind_blob(st, 1, hash.bytes, sizeof hash.bytes);
    db_bind_i64(st, 2, now_us);
    return db_run(st);
}
