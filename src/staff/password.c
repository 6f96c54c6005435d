// SPDX-License-Identifier: AGPL-3.0-or-later
// Passwords as they are kept and compared: Argon2id by libsodium, which also writes salt and parameters into the text.
#include <errno.h>
#include <sodium.h>

#include "staff/internal.h"

enum { PASSES = 2, MEMORY_BYTES = 64 << 20, PASSWORD_BYTES_MAX = 4 * PASSWORD_CHARS_MAX };

_Static_assert(sizeof(struct password_hash) == crypto_pwhash_argon2id_STRBYTES, "libsodium's text form");

// Of nobody's password, with the same cost: compared with when there is no account, so that the time does not tell.
static const char nobodys[] =
    "$argon2id$v=19$m=65536,t=2,p=1$hEi2N/RNHJHvF/MQouJItA$IYSiPjrhdFOCvoG1EEaTprEniWOEug8LS4hZhI4+Rns";

// The same password typed on another system may come decomposed; NFC makes both one.
static enum rc with_nfc(struct str password, enum rc (*fn)(struct str nfc, void *arg), void *arg) {
    if (password.n > PASSWORD_BYTES_MAX || !utf8_valid(password))
        return RC_INVALID;
    struct arena *a = arena_new(1 << 18);
    struct str nfc = text_nfc(a, password);
    enum rc rc = fn(nfc, arg);
    sodium_memzero((void *)(uintptr_t)nfc.p, nfc.n);
    arena_free(&a);
    return rc;
}

static enum rc make(struct str nfc, void *arg) {
    struct password_hash *out = arg;
    return crypto_pwhash_argon2id_str(out->text, nfc.p, nfc.n, PASSES, MEMORY_BYTES) == 0 ? RC_OK : RC_BUSY;
}

enum rc password_make(struct str password, struct password_hash *out) {
    return with_nfc(password, make, out);
}

static enum rc compare(struct str nfc, void *arg) {
    const struct password_hash *stored = arg;
    errno = 0;
    if (crypto_pwhash_argon2id_str_verify(stored->text, nfc.p, nfc.n) == 0)
        return RC_OK;
    return errno == EINVAL || errno == 0 ? RC_DENIED : RC_BUSY;
}

// *known_out: there is one. Else the text is nobody's.
static enum rc stored_hash(struct db *db, int64_t account_id, struct password_hash *out, bool *known_out) {
    struct db_stmt *st = db_sql(db, "SELECT password FROM accounts WHERE id = $1 AND state = 1 AND password <> ''");
    struct str text = str_from(nobodys);
    db_bind_i64(st, 1, account_id);
    *known_out = db_step(st);
    if (*known_out)
        text = db_str(st, 0);
    *out = (struct password_hash){""};
    if (text.n < sizeof out->text)
        memcpy(out->text, text.p, text.n);
    return db_end(st);
}

enum rc password_verify(struct db *db, int64_t account_id, struct str password) {
    struct password_hash stored;
    bool known = false;
    enum rc rc = stored_hash(db, account_id, &stored, &known);
    if (rc != RC_OK)
        return rc;
    rc = with_nfc(password, compare, &stored);
    if (rc == RC_INVALID)
        rc = with_nfc(STR("a password that can be none"), compare, &stored) == RC_BUSY ? RC_BUSY : RC_DENIED;
    return rc == RC_OK && !known ? RC_DENIED : rc;
}

enum rc password_set(struct db *db, const struct audit_who *who, int64_t account_id, const struct password_hash *hash,
                     int64_t but_session_id) {
    struct db_stmt *st = db_sql(db, "UPDATE accounts SET password = $2 WHERE id = $1 AND state <> 3");
    db_bind_i64(st, 1, account_id);
    db_bind_str(st, 2, str_from(hash->text));
    enum rc rc = db_run(st);
    if (rc == RC_OK && db_changes(db) == 0)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = session_end_all(db, account_id, but_session_id);
    if (rc == RC_OK)
        rc = staff_links_end(db, account_id, clock_now_us());
    return rc == RC_OK ? staff_audit(db, who, "password", account_id, STR(""), STR("")) : rc;
}
