// SPDX-License-Identifier: AGPL-3.0-or-later
// The audit's rows and the chain of their hashes. A row's canonical bytes, all numbers big-endian:
//
//   hash before (32) | "siaran-audit 1" | number, at, account, thing (8 each) | who, verb, kind, before, after
//
// each text as its length in 4 bytes and its bytes. The texts count as stored, that is, after they were cut.
#include <sodium.h>

#include "record/audit.h"

static _Atomic uint64_t added;

uint64_t audit_added(void) {
    return atomic_load(&added);
}

// ---- the hash ------------------------------------------------------------------------------------------------------

static void hash_number(crypto_hash_sha256_state *state, uint64_t v, size_t bytes) {
    uint8_t text[8];
    for (size_t i = 0; i < bytes; i++)
        text[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    crypto_hash_sha256_update(state, text, bytes);
}

static void hash_text(crypto_hash_sha256_state *state, struct str s) {
    hash_number(state, s.n, 4);
    if (s.n > 0)
        crypto_hash_sha256_update(state, (const unsigned char *)s.p, s.n);
}

void audit_hash(const struct digest *before, const struct audit_entry *e, struct digest *out) {
    static const unsigned char mark[] = "siaran-audit 1";
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, before->bytes, sizeof before->bytes);
    crypto_hash_sha256_update(&state, mark, sizeof mark - 1);
    hash_number(&state, (uint64_t)e->number, 8);
    hash_number(&state, (uint64_t)e->at_us, 8);
    hash_number(&state, (uint64_t)e->who.account_id, 8);
    hash_number(&state, (uint64_t)e->id, 8);
    hash_text(&state, e->who.name);
    hash_text(&state, e->verb);
    hash_text(&state, e->kind);
    hash_text(&state, e->before);
    hash_text(&state, e->after);
    crypto_hash_sha256_final(&state, out->bytes);
}

// ---- the head ------------------------------------------------------------------------------------------------------

enum rc audit_newest(struct db *db, int64_t *number_out, struct digest *hash_out) {
    *number_out = 0;
    *hash_out = (struct digest){{0}};
    struct db_stmt *st = db_sql(db, "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
    bool whole = true;
    if (db_step(st)) {
        struct str hash = db_str(st, 1);
        *number_out = db_i64(st, 0);
        whole = hash.n == sizeof hash_out->bytes;
        if (whole)
            memcpy(hash_out->bytes, hash.p, hash.n);
    }
    enum rc rc = db_end(st);
    if (rc == RC_OK && !whole)
        log_error("record: the hash of audit row %lld is damaged", (long long)*number_out);
    return rc == RC_OK && !whole ? RC_IO : rc;
}

enum rc audit_head(struct db *db, char out[AUDIT_HEAD_CHARS]) {
    int64_t number;
    struct digest hash;
    char hex[2 * sizeof hash.bytes];
    enum rc rc = audit_newest(db, &number, &hash);
    hex_put(hex, hash.bytes, sizeof hash.bytes);
    int n = snprintf(out, AUDIT_HEAD_CHARS, "%lld %.*s", (long long)number, (int)sizeof hex, hex);
    must(n > 0 && n < AUDIT_HEAD_CHARS);
    return rc;
}

bool audit_head_parse(struct str text, int64_t *number_out, struct digest *hash_out) {
    struct str number;
    return str_next(&text, ' ', &number) && number.n < 20 && str_to_i64(number, number_out) && *number_out >= 0 &&
           hex_get(text, hash_out->bytes, sizeof hash_out->bytes);
}

bool audit_head_valid(struct str text) {
    int64_t number;
    struct digest hash;
    return audit_head_parse(text, &number, &hash);
}

// ---- adding --------------------------------------------------------------------------------------------------------

static enum rc insert(struct db *db, const struct audit_entry *e, const struct digest *hash) {
    struct db_stmt *st = db_sql(db, "INSERT INTO audit (number, at, account_id, who, verb, kind, thing_id, before, "
                                    "after, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    db_bind_i64(st, 1, e->number);
    db_bind_i64(st, 2, e->at_us);
    db_bind_i64(st, 3, e->who.account_id);
    db_bind_str(st, 4, e->who.name);
    db_bind_str(st, 5, e->verb);
    db_bind_str(st, 6, e->kind);
    db_bind_i64(st, 7, e->id);
    db_bind_str(st, 8, e->before);
    db_bind_str(st, 9, e->after);
    db_bind_blob(st, 10, hash->bytes, sizeof hash->bytes);
    return db_run(st);
}

static const char ellipsis[] = "\xe2\x80\xa6";

// The text, or its beginning and an ellipsis in `room`.
static struct str cut(struct str s, char room[AUDIT_TEXT_MAX]) {
    if (s.n <= AUDIT_TEXT_MAX)
        return s;
    struct str start = utf8_cut(s, AUDIT_TEXT_MAX - (sizeof ellipsis - 1));
    memcpy(room, start.p, start.n);
    memcpy(room + start.n, ellipsis, sizeof ellipsis - 1);
    return (struct str){room, start.n + sizeof ellipsis - 1};
}

static bool entry_fits(const struct audit_entry *e) {
    return e->verb.n > 0 && e->verb.n <= AUDIT_WORD_MAX && e->kind.n > 0 && e->kind.n <= AUDIT_WORD_MAX &&
           utf8_valid(e->who.name) && utf8_valid(e->verb) && utf8_valid(e->kind) && utf8_valid(e->before) &&
           utf8_valid(e->after);
}

enum rc audit_add(struct db *db, const struct audit_entry *entry) {
    char before_room[AUDIT_TEXT_MAX], after_room[AUDIT_TEXT_MAX];
    struct audit_entry e = *entry;
    struct digest newest, hash;
    must(entry_fits(entry));
    enum rc rc = audit_newest(db, &e.number, &newest);
    if (rc != RC_OK)
        return rc;
    e.number++;
    e.at_us = clock_now_us();
    e.who.name = utf8_cut(e.who.name, AUDIT_NAME_MAX);
    e.before = cut(e.before, before_room);
    e.after = cut(e.after, after_room);
    audit_hash(&newest, &e, &hash);
    atomic_fetch_add(&added, 1);
    return insert(db, &e, &hash);
}

// ---- listing -------------------------------------------------------------------------------------------------------

struct audit_entry audit_row(struct db_stmt *st) {
    return (struct audit_entry){.number = db_i64(st, 0),
                                .at_us = db_i64(st, 1),
                                .who = {db_i64(st, 2), db_str(st, 3)},
                                .verb = db_str(st, 4),
                                .kind = db_str(st, 5),
                                .id = db_i64(st, 6),
                                .before = db_str(st, 7),
                                .after = db_str(st, 8)};
}

#define ROWS "SELECT number, at, account_id, who, verb, kind, thing_id, before, after FROM audit "
#define BOUNDS "number >= $1 AND number < $2 "
#define NEWEST_FIRST "ORDER BY number DESC LIMIT $3"

// The first row made at that time or later; INT64_MAX: none. Numbers follow time, so a span of time is a span of them.
static enum rc number_at(struct db *db, int64_t at_us, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT number FROM audit WHERE at >= $1 ORDER BY at, number LIMIT 1");
    db_bind_i64(st, 1, at_us);
    *out = db_step(st) ? db_i64(st, 0) : INT64_MAX;
    return db_end(st);
}

static enum rc list_bounds(struct db *db, const struct audit_query *q, int64_t *from, int64_t *to) {
    int64_t before = q->before_number > 0 ? q->before_number : INT64_MAX;
    *from = 0;
    *to = INT64_MAX;
    enum rc rc = q->from_us > 0 ? number_at(db, q->from_us, from) : RC_OK;
    if (rc == RC_OK && q->to_us > 0)
        rc = number_at(db, q->to_us, to);
    if (*to > before)
        *to = before;
    return rc;
}

// The most selective filter leads its index; the others are compared row by row.
static struct db_stmt *list_statement(struct db *db, const struct audit_query *q) {
    struct db_stmt *st = NULL;
    if (q->kind.n > 0 && q->id != 0) {
        st = db_sql(db, ROWS "WHERE " BOUNDS
                             "AND kind = $4 AND thing_id = $5 AND ($6 = 0 OR account_id = $6) " NEWEST_FIRST);
        db_bind_i64(st, 5, q->id);
        db_bind_i64(st, 6, q->account_id);
    } else if (q->account_id != 0) {
        st = db_sql(db, ROWS "WHERE " BOUNDS "AND ($4 = '' OR kind = $4) AND account_id = $5 " NEWEST_FIRST);
        db_bind_i64(st, 5, q->account_id);
    } else
        st = db_sql(db, ROWS "WHERE " BOUNDS "AND ($4 = '' OR kind = $4) " NEWEST_FIRST);
    db_bind_str(st, 4, q->kind);
    return st;
}

static struct audit_entry entry_keep(struct arena *a, struct db_stmt *st) {
    struct audit_entry e = audit_row(st);
    e.who.name = str_dup(a, e.who.name);
    e.verb = str_dup(a, e.verb);
    e.kind = str_dup(a, e.kind);
    e.before = str_dup(a, e.before);
    e.after = str_dup(a, e.after);
    return e;
}

enum rc audit_list(struct arena *a, struct db *db, const struct audit_query *q, struct audit_entry **out,
                   size_t *count_out, bool *more_out) {
    size_t limit = q->limit > 0 && q->limit < AUDIT_LIST_MAX ? q->limit : AUDIT_LIST_MAX;
    int64_t from, to;
    *out = ARENA_ARRAY(a, struct audit_entry, limit);
    *count_out = 0;
    *more_out = false;
    enum rc rc = list_bounds(db, q, &from, &to);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = list_statement(db, q);
    db_bind_i64(st, 1, from);
    db_bind_i64(st, 2, to);
    db_bind_i64(st, 3, (int64_t)limit + 1);
    while (!*more_out && db_step(st)) {
        *more_out = *count_out == limit;
        if (!*more_out)
            (*out)[(*count_out)++] = entry_keep(a, st);
    }
    return db_end(st);
}

enum rc audit_kinds(struct arena *a, struct db *db, struct str **out, size_t *count_out) {
    struct str last = STR("");
    enum rc rc = RC_OK;
    *out = ARENA_ARRAY(a, struct str, AUDIT_KINDS_MAX);
    for (*count_out = 0; rc == RC_OK && *count_out < AUDIT_KINDS_MAX;) {
        struct db_stmt *st = db_sql(db, "SELECT kind FROM audit WHERE kind > $1 ORDER BY kind LIMIT 1");
        db_bind_str(st, 1, last);
        bool found = db_step(st);
        last = found ? db_str_dup(a, st, 0) : last;
        rc = db_end(st);
        if (!found)
            break;
        (*out)[(*count_out)++] = last;
    }
    return rc;
}
