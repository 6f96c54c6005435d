// SPDX-License-Identifier: AGPL-3.0-or-later
// The outbox: what is owed to the world outside, claimed, tried again, and kept for a while when done.
#include "record/audit.h"

enum { ERROR_MAX = 300 };

static bool key_ok(struct str s, size_t max) {
    return s.n > 0 && s.n <= max && utf8_valid(s) && memchr(s.p, '\0', s.n) == NULL;
}

// ---- adding --------------------------------------------------------------------------------------------------------

static enum rc open_count(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM outbox WHERE state IN (1, 2)");
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

enum rc outbox_add(struct db *db, struct str kind, struct str key, struct str payload, int64_t due_at_us) {
    int64_t open = 0;
    if (!key_ok(kind, AUDIT_WORD_MAX) || !key_ok(key, OUTBOX_KEY_MAX) || payload.n == 0 || !utf8_valid(payload))
        return RC_INVALID;
    if (payload.n > OUTBOX_PAYLOAD_MAX)
        return RC_TOO_BIG;
    enum rc rc = open_count(db, &open);
    if (rc != RC_OK)
        return rc;
    if (open >= OUTBOX_OPEN_MAX)
        return RC_BUSY;
    struct db_stmt *st = db_sql(db, "INSERT INTO outbox (id, kind, idempotency_key, payload, state, due_at, attempts, "
                                    "error) VALUES ($1, $2, $3, $4, 1, $5, 0, '') "
                                    "ON CONFLICT (idempotency_key) DO NOTHING");
    db_bind_i64(st, 1, id_next());
    db_bind_str(st, 2, kind);
    db_bind_str(st, 3, key);
    db_bind_str(st, 4, payload);
    db_bind_i64(st, 5, due_at_us);
    return db_run(st);
}

// All keys of the prefix lie below the prefix whose last byte is one higher.
static struct str prefix_end(struct arena *a, struct str prefix) {
    must(prefix.n > 0);
    char *end = str_c(a, prefix);
    end[prefix.n - 1]++;
    return (struct str){end, prefix.n};
}

enum rc outbox_cancel(struct arena *a, struct db *db, struct str prefix, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "DELETE FROM outbox WHERE idempotency_key >= $1 AND idempotency_key < $2 AND "
                                    "state = 1 AND attempts = 0 AND due_at > $3");
    db_bind_str(st, 1, prefix);
    db_bind_str(st, 2, prefix_end(a, prefix));
    db_bind_i64(st, 3, now_us);
    return db_run(st);
}

// ---- reading -------------------------------------------------------------------------------------------------------

#define COLUMNS "id, kind, idempotency_key, payload, state, due_at, attempts, error"

static enum rc read_rows(struct arena *a, struct db_stmt *st, size_t limit, struct outbox_item *rows, size_t *count) {
    while (*count < limit && db_step(st))
        rows[(*count)++] = (struct outbox_item){.id = db_i64(st, 0),
                                                .kind = db_str_dup(a, st, 1),
                                                .key = db_str_dup(a, st, 2),
                                                .payload = db_str_dup(a, st, 3),
                                                .state = (enum outbox_state)db_i64(st, 4),
                                                .due_at = db_i64(st, 5),
                                                .attempts = db_i64(st, 6),
                                                .error = db_str_dup(a, st, 7)};
    return db_end(st);
}

enum rc outbox_list(struct arena *a, struct db *db, enum outbox_state state, size_t limit, struct outbox_item **out,
                    size_t *count_out) {
    limit = limit > 0 && limit < OUTBOX_LIST_MAX ? limit : OUTBOX_LIST_MAX;
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS " FROM outbox WHERE state = $1 ORDER BY due_at, id LIMIT $2");
    db_bind_i64(st, 1, state);
    db_bind_i64(st, 2, (int64_t)limit);
    *out = ARENA_ARRAY(a, struct outbox_item, limit);
    *count_out = 0;
    return read_rows(a, st, limit, *out, count_out);
}

enum rc outbox_list_keyed(struct arena *a, struct db *db, struct str prefix, size_t limit, struct outbox_item **out,
                          size_t *count_out) {
    limit = limit > 0 && limit < OUTBOX_LIST_MAX ? limit : OUTBOX_LIST_MAX;
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS " FROM outbox WHERE idempotency_key >= $1 AND "
                                    "idempotency_key < $2 ORDER BY id DESC LIMIT $3");
    db_bind_str(st, 1, prefix);
    db_bind_str(st, 2, prefix_end(a, prefix));
    db_bind_i64(st, 3, (int64_t)limit);
    *out = ARENA_ARRAY(a, struct outbox_item, limit);
    *count_out = 0;
    return read_rows(a, st, limit, *out, count_out);
}

enum rc outbox_count(struct db *db, int64_t counts_out[OUTBOX_DEAD + 1]) {
    memset(counts_out, 0, sizeof(int64_t) * (OUTBOX_DEAD + 1));
    struct db_stmt *st = db_sql(db, "SELECT state, COUNT(*) FROM outbox GROUP BY state");
    while (db_step(st)) {
        int64_t state = db_i64(st, 0);
        if (state >= OUTBOX_WAITING && state <= OUTBOX_DEAD)
            counts_out[state] = db_i64(st, 1);
    }
    return db_end(st);
}

int64_t outbox_next_due(struct db *db, struct str kind) {
    struct db_stmt *st = db_sql(db, "SELECT MIN(due_at) FROM outbox WHERE state IN (1, 2) AND kind = $1");
    db_bind_str(st, 1, kind);
    int64_t due = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st) == RC_OK ? due : 0;
}

// ---- claiming ------------------------------------------------------------------------------------------------------

static enum rc find_due(struct arena *a, struct db *db, struct str kind, enum outbox_state state, int64_t now_us,
                        size_t limit, struct outbox_item *rows, size_t *count) {
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS " FROM outbox WHERE state = $1 AND due_at <= $2 AND kind = $4 "
                                    "ORDER BY due_at, id LIMIT $3");
    db_bind_str(st, 4, kind);
    db_bind_i64(st, 1, state);
    db_bind_i64(st, 2, now_us);
    db_bind_i64(st, 3, (int64_t)(limit - *count));
    return read_rows(a, st, limit, rows, count);
}

static enum rc set_state(struct db *db, int64_t id, enum outbox_state state, int64_t due_at, int64_t attempts,
                         struct str error) {
    struct db_stmt *st = db_sql(db, "UPDATE outbox SET state = $2, due_at = $3, attempts = $4, error = $5 "
                                    "WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, state);
    db_bind_i64(st, 3, due_at);
    db_bind_i64(st, 4, attempts);
    db_bind_str(st, 5, utf8_valid(error) ? utf8_cut(error, ERROR_MAX) : STR("(an error that is no text)"));
    return db_run(st);
}

// Claims one; false in *taken_out when its last allowed claim ran out too: whoever had it died of it again and again.
static enum rc claim_one(struct db *db, struct outbox_item *item, int64_t now_us, int64_t lease_us, bool *taken_out) {
    *taken_out = item->attempts < OUTBOX_ATTEMPTS;
    if (!*taken_out)
        return set_state(db, item->id, OUTBOX_DEAD, now_us, item->attempts, STR("it was begun, but never reported"));
    item->state = OUTBOX_CLAIMED;
    item->attempts++;
    item->due_at = now_us + lease_us;
    return set_state(db, item->id, OUTBOX_CLAIMED, item->due_at, item->attempts, item->error);
}

enum rc outbox_claim(struct arena *a, struct db *db, struct str kind, int64_t now_us, int64_t lease_us, size_t limit,
                     struct outbox_item **out, size_t *count_out) {
    limit = limit > 0 && limit < OUTBOX_LIST_MAX ? limit : OUTBOX_LIST_MAX;
    struct outbox_item *rows = ARENA_ARRAY(a, struct outbox_item, limit);
    size_t count = 0, taken = 0;
    enum rc rc = find_due(a, db, kind, OUTBOX_CLAIMED, now_us, limit, rows, &count);
    if (rc == RC_OK && count < limit)
        rc = find_due(a, db, kind, OUTBOX_WAITING, now_us, limit, rows, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        bool is_taken = false;
        rc = claim_one(db, &rows[i], now_us, lease_us, &is_taken);
        if (is_taken)
            rows[taken++] = rows[i];
    }
    *out = rows;
    *count_out = taken;
    return rc;
}

// ---- reporting -----------------------------------------------------------------------------------------------------

static enum rc claim_is_held(struct db *db, int64_t id, int64_t attempts) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM outbox WHERE id = $1 AND attempts = $2 AND state = 2");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, attempts);
    bool held = db_step(st);
    enum rc rc = db_end(st);
    return rc == RC_OK && !held ? RC_CONFLICT : rc;
}

enum rc outbox_done(struct db *db, int64_t id, int64_t attempts, int64_t now_us) {
    enum rc rc = claim_is_held(db, id, attempts);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE outbox SET state = 3, due_at = $2, payload = '', error = '' WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, now_us);
    return db_run(st);
}

static int64_t back_off_us(int64_t attempts) {
    int64_t seconds = OUTBOX_FIRST_SECONDS;
    for (int64_t i = 1; i < attempts && seconds < OUTBOX_MOST_SECONDS; i++)
        seconds *= 2;
    return (seconds < OUTBOX_MOST_SECONDS ? seconds : OUTBOX_MOST_SECONDS) * US_PER_SECOND;
}

enum rc outbox_failed(struct db *db, int64_t id, int64_t attempts, struct str error, bool for_good, int64_t now_us) {
    enum rc rc = claim_is_held(db, id, attempts);
    if (rc != RC_OK)
        return rc;
    if (for_good || attempts >= OUTBOX_ATTEMPTS)
        return set_state(db, id, OUTBOX_DEAD, now_us, attempts, error);
    return set_state(db, id, OUTBOX_WAITING, now_us + back_off_us(attempts), attempts, error);
}

enum rc outbox_retry(struct db *db, int64_t id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE outbox SET state = 1, due_at = $2, attempts = 0 WHERE id = $1 "
                                    "AND state = 4");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, now_us);
    enum rc rc = db_run(st);
    return rc == RC_OK && db_changes(db) == 0 ? RC_NOT_FOUND : rc;
}

enum rc outbox_prune(struct db *db, int64_t now_us, size_t limit) {
    struct db_stmt *st = db_sql(db, "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state IN (3, 4) "
                                    "AND due_at < $1 ORDER BY due_at LIMIT $2)");
    db_bind_i64(st, 1, now_us - OUTBOX_KEPT_DAYS * US_PER_DAY);
    db_bind_i64(st, 2, (int64_t)limit);
    return db_run(st);
}

// ---- checking ------------------------------------------------------------------------------------------------------

enum rc outbox_check(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db, "SELECT id, state, attempts FROM outbox WHERE state < 1 OR state > 4 OR attempts < 0 OR kind = '' "
               "OR idempotency_key = '' OR (state = 3 AND payload <> '') OR (state <> 3 AND payload = '') "
               "OR (state = 2 AND attempts = 0) ORDER BY id");
    while (db_step(st))
        verify_fault(v, "outbox", "item %lld: state %lld after %lld attempts, or its payload, cannot be",
                     (long long)db_i64(st, 0), (long long)db_i64(st, 1), (long long)db_i64(st, 2));
    return db_end(st);
}
