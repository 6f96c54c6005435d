// SPDX-License-Identifier: AGPL-3.0-or-later
// One-time codes of an authenticator app (RFC 6238), computed by liboath. An account has at most two secrets: one in
// use, and one that was begun and waits for its first code, so that changing the app never locks anybody out.
//
// A secret lies in the database as nonce and secretbox under the station's "totp-key".
#include <liboath/oath.h>
#include <pthread.h>
#include <sodium.h>

#include "staff/internal.h"

enum {
    SECRET_BYTES = 20,
    SECRET_CHARS = 32,
    BOX_BYTES = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + SECRET_BYTES,
    DIGITS = 6,
    STEP_SECONDS = 30,
    DRIFT_STEPS = 1,
};

static const char key_name[] = "totp-key";
static const char base32_letters[32] = {'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P',
                                        'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7'};

static void start_oath(void) {
    must(oath_init() == OATH_OK);
}

// ---- the secret ----------------------------------------------------------------------------------------------------

static enum rc box_close(struct db *db, const uint8_t secret[SECRET_BYTES], uint8_t box[BOX_BYTES]) {
    uint8_t key[32];
    enum rc rc = secret_make(db, key_name);
    if (rc == RC_OK)
        rc = secret_get(db, key_name, key);
    if (rc != RC_OK)
        return rc;
    random_bytes(box, crypto_secretbox_NONCEBYTES);
    must(crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, secret, SECRET_BYTES, box, key) == 0);
    sodium_memzero(key, sizeof key);
    return RC_OK;
}

static enum rc box_open(struct db *db, struct str box, uint8_t secret[SECRET_BYTES]) {
    uint8_t key[32];
    enum rc rc = secret_get(db, key_name, key);
    if (rc != RC_OK)
        return RC_IO;
    const uint8_t *bytes = (const uint8_t *)box.p;
    bool opened =
        box.n == BOX_BYTES && crypto_secretbox_open_easy(secret, bytes + crypto_secretbox_NONCEBYTES,
                                                         BOX_BYTES - crypto_secretbox_NONCEBYTES, bytes, key) == 0;
    sodium_memzero(key, sizeof key);
    return opened ? RC_OK : RC_IO;
}

bool totp_box_ok(struct db *db, struct str box) {
    uint8_t secret[SECRET_BYTES];
    bool ok = box_open(db, box, secret) == RC_OK;
    sodium_memzero(secret, sizeof secret);
    return ok;
}

static enum rc forget(struct db *db, int64_t account_id, bool confirmed) {
    struct db_stmt *st = db_sql(db, "DELETE FROM totp_secrets WHERE account_id = $1 AND confirmed = $2");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, confirmed);
    return db_run(st);
}

static enum rc keep(struct db *db, int64_t account_id, const uint8_t secret[SECRET_BYTES]) {
    uint8_t box[BOX_BYTES];
    enum rc rc = box_close(db, secret, box);
    if (rc == RC_OK)
        rc = forget(db, account_id, false);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "INSERT INTO totp_secrets (account_id, confirmed, secret, used_step, created_at) "
                                    "VALUES ($1, 0, $2, 0, $3)");
    db_bind_i64(st, 1, account_id);
    db_bind_blob(st, 2, box, sizeof box);
    db_bind_i64(st, 3, clock_now_us());
    return db_run(st);
}

enum rc totp_begin(struct arena *a, struct db *db, int64_t account_id, struct str *base32_out) {
    uint8_t secret[SECRET_BYTES];
    random_bytes(secret, sizeof secret);
    enum rc rc = keep(db, account_id, secret);
    if (rc == RC_OK) {
        char *text = arena_take(a, SECRET_CHARS + 1);
        base32_put(text, secret, sizeof secret, base32_letters);
        *base32_out = (struct str){text, SECRET_CHARS};
    }
    sodium_memzero(secret, sizeof secret);
    return rc;
}

// ---- the code ------------------------------------------------------------------------------------------------------

// The six digits of what was typed, spaces left out.
static bool code_read(struct str typed, char code[DIGITS + 1]) {
    size_t n = 0;
    for (size_t i = 0; i < typed.n && i < 32; i++) {
        char c = typed.p[i];
        if (c == ' ')
            continue;
        if (c < '0' || c > '9' || n == DIGITS)
            return false;
        code[n++] = c;
    }
    code[n] = '\0';
    return n == DIGITS && typed.n <= 32;
}

void totp_code(const uint8_t *secret, size_t n, int64_t step, char code_out[7]) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    must(pthread_once(&once, start_oath) == 0);
    int result =
        oath_totp_generate((const char *)secret, n, (time_t)(step * STEP_SECONDS), STEP_SECONDS, 0, DIGITS, code_out);
    must(result == OATH_OK);
}

// The step whose code this is, after those that were used; 0: none. Every step is tried, whether or not one matched.
static int64_t step_of(const uint8_t secret[SECRET_BYTES], const char typed[DIGITS + 1], int64_t now_us,
                       int64_t used_step) {
    int64_t now = now_us / US_PER_SECOND / STEP_SECONDS, found = 0;
    for (int64_t step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) {
        char code[DIGITS + 1];
        totp_code(secret, SECRET_BYTES, step, code);
        if (sodium_memcmp(code, typed, DIGITS) == 0 && step > used_step)
            found = step;
    }
    return found;
}

// Finds the step that the code belongs to. RC_NOT_FOUND: no such secret; RC_DENIED: not its code, or used.
static enum rc try_code(struct db *db, int64_t account_id, bool confirmed, struct str code, int64_t now_us,
                        int64_t *step_out) {
    uint8_t secret[SECRET_BYTES] = {0};
    char typed[DIGITS + 1] = "";
    int64_t used = 0;
    struct db_stmt *st = db_sql(db, "SELECT secret, used_step FROM totp_secrets WHERE account_id = $1 "
                                    "AND confirmed = $2");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, confirmed);
    enum rc found = RC_NOT_FOUND;
    if (db_step(st)) {
        found = box_open(db, db_str(st, 0), secret);
        used = db_i64(st, 1);
    }
    enum rc rc = db_end(st);
    if (rc == RC_OK)
        rc = found;
    if (rc == RC_IO)
        log_error("staff: the code secret of account %lld cannot be read", (long long)account_id);
    if (rc == RC_OK) {
        *step_out = code_read(code, typed) ? step_of(secret, typed, now_us, used) : 0;
        rc = *step_out != 0 ? RC_OK : RC_DENIED;
    }
    sodium_memzero(secret, sizeof secret);
    return rc;
}

enum rc totp_confirm(struct db *db, const struct audit_who *who, int64_t account_id, struct str code, int64_t now_us) {
    int64_t step = 0;
    enum rc rc = try_code(db, account_id, false, code, now_us, &step);
    if (rc == RC_OK)
        rc = forget(db, account_id, true);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE totp_secrets SET confirmed = 1, used_step = $2 WHERE account_id = $1 "
                                    "AND confirmed = 0");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, step);
    rc = db_run(st);
    return rc == RC_OK ? staff_audit(db, who, "code-app", account_id, STR(""), STR("")) : rc;
}

enum rc totp_use(struct db *db, int64_t account_id, struct str code, int64_t now_us) {
    int64_t step = 0;
    enum rc rc = try_code(db, account_id, true, code, now_us, &step);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_DENIED : rc;
    struct db_stmt *st = db_sql(db, "UPDATE totp_secrets SET used_step = $2 WHERE account_id = $1 AND confirmed = 1");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, step);
    return db_run(st);
}

enum rc totp_remove(struct db *db, const struct audit_who *who, int64_t account_id) {
    enum rc rc = forget(db, account_id, false);
    if (rc == RC_OK)
        rc = forget(db, account_id, true);
    if (rc != RC_OK || db_changes(db) == 0)
        return rc;
    return staff_audit(db, who, "code-app-removed", account_id, STR(""), STR(""));
}

struct str totp_address(struct arena *a, struct str base32, struct str station, struct str login) {
    struct buf b;
    buf_init(&b, 8192);
    buf_c(&b, "otpauth://totp/");
    percent_encode_segment(&b, station);
    buf_char(&b, ':');
    percent_encode_segment(&b, login);
    buf_fmt(&b, "?secret=%.*s&issuer=", STR_ARG(base32));
    percent_encode_segment(&b, station);
    buf_c(&b, "&algorithm=SHA1&digits=6&period=30");
    struct str address = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return address;
}
