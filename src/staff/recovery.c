// SPDX-License-Identifier: AGPL-3.0-or-later
// Recovery codes: for the day the phone is gone. 15 random bytes each, written in an alphabet without i, l, o and u, so
// that what is read off paper is what was printed.
#include <sodium.h>

#include "staff/internal.h"

enum { CODE_BYTES = 15, CODE_CHARS = 24, GROUP = 4, TYPED_MAX = 64 };

static const char letters[32] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
                                 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z'};

// The hash is over the code's characters as they are normalised, without hyphens.
static void code_hash(const char plain[CODE_CHARS], struct digest *out) {
    hash_sha256(plain, CODE_CHARS, out);
}

static struct str code_print(struct arena *a, const char plain[CODE_CHARS]) {
    enum { ROOM = CODE_CHARS + CODE_CHARS / GROUP };
    char *text = arena_take(a, ROOM);
    size_t n = 0;
    for (size_t i = 0; i < CODE_CHARS; i++) {
        if (i > 0 && i % GROUP == 0)
            text[n++] = '-';
        text[n++] = plain[i];
    }
    return (struct str){text, n};
}

// What was typed, normalised; false when it cannot be a code.
static bool code_read(struct str typed, char plain[CODE_CHARS]) {
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.p[i];
        c = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        c = (char)(c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c);
        if (c == '-' || c == ' ')
            continue;
        if (n == CODE_CHARS || memchr(letters, c, sizeof letters) == NULL)
            return false;
        plain[n++] = c;
    }
    return n == CODE_CHARS && typed.n <= TYPED_MAX;
}

static enum rc forget(struct db *db, int64_t account_id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM recovery_codes WHERE account_id = $1");
    db_bind_i64(st, 1, account_id);
    return db_run(st);
}

static enum rc make_one(struct arena *a, struct db *db, int64_t account_id, struct str *out) {
    uint8_t bytes[CODE_BYTES];
    char plain[CODE_CHARS];
    struct digest hash;
    random_bytes(bytes, sizeof bytes);
    base32_put(plain, bytes, sizeof bytes, letters);
    code_hash(plain, &hash);
    *out = code_print(a, plain);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(plain, sizeof plain);
    struct db_stmt *st = db_sql(db, "INSERT INTO recovery_codes (account_id, code_hash, used_at) VALUES ($1, $2, 0)");
    db_bind_i64(st, 1, account_id);
    db_bind_blob(st, 2, hash.bytes, sizeof hash.bytes);
    return db_run(st);
}

enum rc recovery_make(struct arena *a, struct db *db, const struct audit_who *who, int64_t account_id,
                      struct str codes_out[RECOVERY_CODES]) {
    enum rc rc = forget(db, account_id);
    for (int i = 0; rc == RC_OK && i < RECOVERY_CODES; i++)
        rc = make_one(a, db, account_id, &codes_out[i]);
    return rc == RC_OK ? staff_audit(db, who, "recovery-codes", account_id, STR(""), STR("")) : rc;
}

static enum rc audit_use(struct db *db, int64_t account_id) {
    struct arena *a = arena_new(1 << 16);
    struct audit_who who = {0};
    enum rc rc = staff_who(a, db, account_id, &who);
    if (rc == RC_OK)
        rc = staff_audit(db, &who, "recovery-code-used", account_id, STR(""), STR(""));
    arena_free(&a);
    return rc;
}

enum rc recovery_use(struct db *db, int64_t account_id, struct str code) {
    char plain[CODE_CHARS];
    struct digest hash;
    if (!code_read(code, plain))
        return RC_DENIED;
    code_hash(plain, &hash);
    struct db_stmt *st = db_sql(db, "UPDATE recovery_codes SET used_at = $3 WHERE account_id = $1 AND code_hash = $2 "
                                    "AND used_at = 0");
    db_bind_i64(st, 1, account_id);
    db_bind_blob(st, 2, hash.bytes, sizeof hash.bytes);
    db_bind_i64(st, 3, clock_now_us());
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    return db_changes(db) == 1 ? audit_use(db, account_id) : RC_DENIED;
}
