// SPDX-License-Identifier: AGPL-3.0-or-later
// Sessions: who is signed in, on which device, and how long that holds.
//
//   begun half in --(second proof)--> in --(proof again)--> in, fresh
//      10 minutes                     60 minutes idle, 12 hours in all
//
// Each arrow makes a new token, so a token seen before a proof is worth nothing after it (ASVS 7.2.4). A row stays for
// some days after its end: the desk still knows whose text a late form brings.
#include <sodium.h>

#include "staff/internal.h"

enum { DEVICE_CHARS = 100, SESSIONS_MAX = 100, KEPT_DAYS = 7, PRUNE_MOST = 100, CHALLENGE_BYTES = 32 };

#define MINUTE (60 * US_PER_SECOND)

// ---- how long --------------------------------------------------------------------------------------------------------

static bool is_over(const struct session *s, int64_t ended_at, int64_t now_us) {
    if (ended_at != 0 || s->account.state != ACCOUNT_ACTIVE)
        return true;
    if (s->half_in)
        return now_us - s->begun_at >= SESSION_HALF_MINUTES * MINUTE;
    return now_us - s->seen_at >= SESSION_IDLE_MINUTES * MINUTE || now_us - s->begun_at >= SESSION_HOURS * 60 * MINUTE;
}

bool session_wants_touch(const struct session *s, int64_t now_us) {
    return now_us - s->seen_at >= MINUTE;
}

bool session_is_fresh(const struct session *s, int64_t now_us) {
    return !s->half_in && now_us >= s->proved_at && now_us - s->proved_at < SESSION_FRESH_MINUTES * MINUTE;
}

// ---- reading -----------------------------------------------------------------------------------------------------------

#define COLUMNS                                                                                                        \
    "SELECT id, account_id, half_in, begun_at, seen_at, proved_at, ended_at, device, challenge FROM sessions "

// Returns when it was ended.
static int64_t row_read(struct arena *a, struct db_stmt *st, struct session *out) {
    *out = (struct session){.id = db_i64(st, 0),
                            .account = {.id = db_i64(st, 1)},
                            .half_in = db_i64(st, 2) != 0,
                            .begun_at = db_i64(st, 3),
                            .seen_at = db_i64(st, 4),
                            .proved_at = db_i64(st, 5),
                            .device = db_str_dup(a, st, 7)};
    struct str challenge = db_str(st, 8);
    out->has_challenge = challenge.n == CHALLENGE_BYTES;
    if (out->has_challenge)
        memcpy(out->challenge, challenge.p, CHALLENGE_BYTES);
    return db_i64(st, 6);
}

// Follows from the token that only the cookie has: the database cannot give it away.
static void make_form_token(struct str token, char out[44]) {
    static const char mark[] = "siaran form ";
    char text[sizeof mark - 1 + TOKEN_CHARS];
    struct digest hash;
    must(token.n == TOKEN_CHARS);
    memcpy(text, mark, sizeof mark - 1);
    memcpy(text + sizeof mark - 1, token.p, token.n);
    hash_sha256(text, sizeof text, &hash);
    base64url_put(out, 44, hash.bytes, sizeof hash.bytes);
    sodium_memzero(text, sizeof text);
}

enum rc session_find(struct arena *a, struct db *db, struct str token, int64_t now_us, struct session *out) {
    struct digest hash;
    if (!token_hash(token, &hash))
        return RC_NOT_FOUND;
    struct db_stmt *st = db_sql(db, COLUMNS "WHERE token_hash = $1");
    db_bind_blob(st, 1, hash.bytes, sizeof hash.bytes);
    bool found = db_step(st);
    int64_t ended_at = found ? row_read(a, st, out) : 0;
    enum rc rc = db_end(st);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = account_by_id(a, db, out->account.id, &out->account);
    if (rc != RC_OK)
        return rc;
    make_form_token(token, out->form_token);
    return is_over(out, ended_at, now_us) ? RC_GONE : RC_OK;
}

enum rc session_list(struct arena *a, struct db *db, int64_t account_id, int64_t now_us, struct session **out,
                     size_t *count_out) {
    struct account account;
    enum rc rc = account_by_id(a, db, account_id, &account);
    if (rc != RC_OK)
        return rc;
    *out = ARENA_ARRAY(a, struct session, SESSIONS_MAX);
    *count_out = 0;
    struct db_stmt *st = db_sql(db, COLUMNS "WHERE account_id = $1 AND ended_at = 0 ORDER BY begun_at DESC, id DESC");
    db_bind_i64(st, 1, account_id);
    while (*count_out < SESSIONS_MAX && db_step(st)) {
        struct session *s = &(*out)[*count_out];
        int64_t ended_at = row_read(a, st, s);
        s->account = account;
        if (!is_over(s, ended_at, now_us))
            (*count_out)++;
    }
    return db_end(st);
}

bool session_token_matches(const struct session *s, struct str form_token) {
    size_t n = strlen(s->form_token);
    return n > 0 && form_token.n == n && sodium_memcmp(s->form_token, form_token.p, n) == 0;
}

// ---- beginning -----------------------------------------------------------------------------------------------------------

static enum rc prune(struct db *db, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE begun_at < $1 "
                                    "ORDER BY begun_at LIMIT $2)");
    db_bind_i64(st, 1, now_us - KEPT_DAYS * US_PER_DAY);
    db_bind_i64(st, 2, PRUNE_MOST);
    return db_run(st);
}

// Nobody works on a hundred devices: the oldest gives way.
static enum rc make_room(struct db *db, int64_t account_id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE sessions SET ended_at = $2 WHERE account_id = $1 AND ended_at = 0 AND "
                                    "begun_at <= (SELECT MIN(begun_at) FROM sessions WHERE account_id = $1 AND "
                                    "ended_at = 0) AND $3 <= (SELECT COUNT(*) FROM sessions WHERE account_id = $1 AND "
                                    "ended_at = 0)");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, now_us);
    db_bind_i64(st, 3, SESSIONS_MAX);
    return db_run(st);
}

static enum rc is_active(struct db *db, int64_t account_id) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM accounts WHERE id = $1 AND state = 1");
    db_bind_i64(st, 1, account_id);
    bool active = db_step(st);
    enum rc rc = db_end(st);
    return rc == RC_OK && !active ? RC_DENIED : rc;
}

static enum rc insert(struct db *db, int64_t account_id, const struct digest *hash, bool half_in, struct str device,
                      int64_t now_us) {
    struct db_stmt *st = db_sql(db, "INSERT INTO sessions (id, account_id, token_hash, half_in, begun_at, seen_at, "
                                    "proved_at, ended_at, device, challenge) "
                                    "VALUES ($1, $2, $3, $4, $5, $5, $5, 0, $6, $7)");
    db_bind_i64(st, 1, id_next());
    db_bind_i64(st, 2, account_id);
    db_bind_blob(st, 3, hash->bytes, sizeof hash->bytes);
    db_bind_i64(st, 4, half_in);
    db_bind_i64(st, 5, now_us);
    db_bind_str(st, 6, staff_line_ok(device, DEVICE_CHARS) ? device : STR("?"));
    db_bind_blob(st, 7, "", 0);
    return db_run(st);
}

enum rc session_begin(struct arena *a, struct db *db, int64_t account_id, bool half_in, struct str device,
                      int64_t now_us, struct str *token_out) {
    struct digest hash;
    enum rc rc = is_active(db, account_id);
    if (rc == RC_OK)
        rc = prune(db, now_us);
    if (rc == RC_OK)
        rc = make_room(db, account_id, now_us);
    if (rc != RC_OK)
        return rc;
    *token_out = token_make(a, &hash);
    rc = insert(db, account_id, &hash, half_in, device, now_us);
    return rc == RC_OK && !half_in ? account_signed_in(db, account_id, now_us) : rc;
}

// ---- going on ------------------------------------------------------------------------------------------------------------

enum rc session_touch(struct db *db, int64_t session_id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE sessions SET seen_at = $2 WHERE id = $1 AND ended_at = 0 AND seen_at < $2");
    db_bind_i64(st, 1, session_id);
    db_bind_i64(st, 2, now_us);
    return db_run(st);
}

static enum rc open_session(struct db *db, int64_t session_id, int64_t *account_out, bool *half_in_out) {
    struct db_stmt *st = db_sql(db, "SELECT account_id, half_in FROM sessions WHERE id = $1 AND ended_at = 0");
    db_bind_i64(st, 1, session_id);
    bool found = db_step(st);
    if (found) {
        *account_out = db_i64(st, 0);
        *half_in_out = db_i64(st, 1) != 0;
    }
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc session_prove(struct arena *a, struct db *db, int64_t session_id, int64_t now_us, struct str *token_out) {
    int64_t account_id = 0;
    bool half_in = false;
    struct digest hash;
    enum rc rc = open_session(db, session_id, &account_id, &half_in);
    if (rc == RC_OK)
        rc = is_active(db, account_id);
    if (rc != RC_OK)
        return rc;
    *token_out = token_make(a, &hash);
    struct db_stmt *st = db_sql(db, "UPDATE sessions SET token_hash = $2, half_in = 0, proved_at = $3, seen_at = $3, "
                                    "challenge = $4 WHERE id = $1");
    db_bind_i64(st, 1, session_id);
    db_bind_blob(st, 2, hash.bytes, sizeof hash.bytes);
    db_bind_i64(st, 3, now_us);
    db_bind_blob(st, 4, "", 0);
    rc = db_run(st);
    return rc == RC_OK && half_in ? account_signed_in(db, account_id, now_us) : rc;
}

static enum rc set_challenge(struct db *db, int64_t session_id, const uint8_t *challenge, size_t n) {
    struct db_stmt *st = db_sql(db, "UPDATE sessions SET challenge = $2 WHERE id = $1 AND ended_at = 0");
    db_bind_i64(st, 1, session_id);
    db_bind_blob(st, 2, challenge, n);
    enum rc rc = db_run(st);
    return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc session_challenge(struct db *db, int64_t session_id, uint8_t out[32]) {
    random_bytes(out, CHALLENGE_BYTES);
    return set_challenge(db, session_id, out, CHALLENGE_BYTES);
}

enum rc session_challenge_take(struct db *db, int64_t session_id, uint8_t out[32]) {
    struct db_stmt *st = db_sql(db, "SELECT challenge FROM sessions WHERE id = $1 AND ended_at = 0");
    db_bind_i64(st, 1, session_id);
    bool found = db_step(st) && db_str(st, 0).n == CHALLENGE_BYTES;
    if (found)
        memcpy(out, db_str(st, 0).p, CHALLENGE_BYTES);
    enum rc rc = db_end(st);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? set_challenge(db, session_id, (const uint8_t *)"", 0) : rc;
}

// ---- ending --------------------------------------------------------------------------------------------------------------

enum rc session_end(struct db *db, int64_t session_id) {
    struct db_stmt *st = db_sql(db, "UPDATE sessions SET ended_at = $2, challenge = $3 WHERE id = $1 AND ended_at = 0");
    db_bind_i64(st, 1, session_id);
    db_bind_i64(st, 2, clock_now_us());
    db_bind_blob(st, 3, "", 0);
    return db_run(st);
}

enum rc session_end_all(struct db *db, int64_t account_id, int64_t but_session_id) {
    struct db_stmt *st = db_sql(db, "UPDATE sessions SET ended_at = $3, challenge = $4 WHERE account_id = $1 "
                                    "AND id <> $2 AND ended_at = 0");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, but_session_id);
    db_bind_i64(st, 3, clock_now_us());
    db_bind_blob(st, 4, "", 0);
    return db_run(st);
}
