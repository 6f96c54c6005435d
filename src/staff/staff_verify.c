// SPDX-License-Identifier: AGPL-3.0-or-later
// What `siaran verify` checks of accounts, proofs and sessions.
#include "staff/internal.h"

static void fault(const struct verify_context *v, const char *check, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void fault(const struct verify_context *v, const char *check, const char *fmt, ...) {
    char text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t size = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    v->fault(v->arg, check, (struct str){text, size});
}

// ---- accounts --------------------------------------------------------------------------------------------------------

static void account_check(const struct verify_context *v, struct arena *a, struct db_stmt *st, bool *admin) {
    long long id = (long long)db_i64(st, 0);
    struct str login = db_str(st, 1);
    int64_t roles = db_i64(st, 3), state = db_i64(st, 5);
    enum text_lang lang;
    if (login.n == 0 || !utf8_valid(login) || !str_eq(text_fold(a, login), login) || db_str(st, 2).n == 0)
        fault(v, "staff-accounts", "account %lld: login or name is empty, or the login is not folded", id);
    if (roles <= 0 || (roles & ~(int64_t)STAFF_EVERY_ROLE) != 0 || state < ACCOUNT_ACTIVE || state > ACCOUNT_DELETED)
        fault(v, "staff-accounts", "account %lld: roles %lld or state %lld cannot be", id, (long long)roles,
              (long long)state);
    if ((db_i64(st, 4) & ~((INT64_C(1) << LANG_COUNT) - 1)) != 0 || !text_lang_find(db_str(st, 6), &lang))
        fault(v, "staff-accounts", "account %lld: a language that there is not", id);
    *admin = *admin || (state == ACCOUNT_ACTIVE && (roles & STAFF_ADMIN) != 0);
}

static enum rc check_accounts(const struct verify_context *v) {
    struct arena *a = arena_new(64 << 20);
    struct db_stmt *st = db_sql(v->db, "SELECT id, login, name, roles, languages, state, desk_lang FROM accounts "
                                       "ORDER BY id");
    bool any = false, admin = false;
    while (db_step(st)) {
        any = any || db_i64(st, 5) != ACCOUNT_DELETED;
        account_check(v, a, st, &admin);
        arena_reset(a);
    }
    if (any && !admin)
        fault(v, "staff-accounts", "nobody can administer the station: there is no active administrator");
    arena_free(&a);
    return db_end(st);
}

// A section outside an account's languages gives nothing, but says that somebody meant something else.
static enum rc check_sections(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT accounts.id, accounts.languages, sections.id, sections.lang FROM "
                                       "account_sections, accounts, sections WHERE accounts.id = account_id AND "
                                       "sections.id = section_id ORDER BY accounts.id, sections.id");
    while (db_step(st)) {
        enum text_lang lang;
        int64_t languages = db_i64(st, 1);
        if (!text_lang_find(db_str(st, 3), &lang) || (languages != 0 && (languages & INT64_C(1) << lang) == 0))
            fault(v, "staff-sections", "account %lld: section %lld is of a language that it does not have",
                  (long long)db_i64(st, 0), (long long)db_i64(st, 2));
    }
    return db_end(st);
}

// ---- proofs ----------------------------------------------------------------------------------------------------------

static enum rc check_passwords(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT id, password, state FROM accounts WHERE password <> '' ORDER BY id");
    while (db_step(st))
        if (!str_starts(db_str(st, 1), STR("$argon2id$v=19$")) || db_i64(st, 2) == ACCOUNT_DELETED)
            fault(v, "staff-proofs", "account %lld: its password's hash is none, or it is deleted",
                  (long long)db_i64(st, 0));
    return db_end(st);
}

static enum rc check_code_secrets(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT account_id, secret, confirmed, state FROM totp_secrets, accounts "
                                       "WHERE accounts.id = account_id ORDER BY account_id, confirmed");
    while (db_step(st))
        if (!totp_box_ok(v->db, db_str(st, 1)) || db_i64(st, 2) < 0 || db_i64(st, 2) > 1 ||
            db_i64(st, 3) == ACCOUNT_DELETED)
            fault(v, "staff-proofs", "account %lld: its code secret does not open, or it is deleted",
                  (long long)db_i64(st, 0));
    return db_end(st);
}

static enum rc check_recovery_codes(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT account_id, code_hash FROM recovery_codes ORDER BY account_id");
    while (db_step(st))
        if (db_str(st, 1).n != sizeof(struct digest))
            fault(v, "staff-proofs", "account %lld: a recovery code's hash is none", (long long)db_i64(st, 0));
    return db_end(st);
}

static enum rc check_passkeys(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT passkeys.id, account_id, algorithm, public_key, credential, counter, "
                                       "state FROM passkeys, accounts WHERE accounts.id = account_id "
                                       "ORDER BY passkeys.id");
    while (db_step(st)) {
        size_t key = db_str(st, 3).n;
        int64_t algorithm = db_i64(st, 2), counter = db_i64(st, 5);
        bool good = ((algorithm == -7 && key == 64) || (algorithm == -8 && key == 32)) && db_str(st, 4).n > 0 &&
                    counter >= 0 && counter <= UINT32_MAX && db_i64(st, 6) != ACCOUNT_DELETED;
        if (!good)
            fault(v, "staff-proofs", "account %lld: passkey %lld cannot be one", (long long)db_i64(st, 1),
                  (long long)db_i64(st, 0));
    }
    return db_end(st);
}

static enum rc check_proofs(const struct verify_context *v) {
    enum rc rc = check_passwords(v);
    if (rc == RC_OK)
        rc = check_code_secrets(v);
    if (rc == RC_OK)
        rc = check_recovery_codes(v);
    return rc == RC_OK ? check_passkeys(v) : rc;
}

// ---- sessions and links --------------------------------------------------------------------------------------------------

static enum rc check_sessions(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT sessions.id, account_id, token_hash, challenge, begun_at, seen_at, "
                                       "proved_at, ended_at, state FROM sessions, accounts "
                                       "WHERE accounts.id = account_id ORDER BY sessions.id");
    while (db_step(st)) {
        long long id = (long long)db_i64(st, 0), account = (long long)db_i64(st, 1);
        size_t challenge = db_str(st, 3).n;
        if (db_str(st, 2).n != sizeof(struct digest) || (challenge != 0 && challenge != 32) ||
            db_i64(st, 5) < db_i64(st, 4) || db_i64(st, 6) < db_i64(st, 4))
            fault(v, "staff-sessions", "session %lld of account %lld cannot be one", id, account);
        if (db_i64(st, 7) == 0 && db_i64(st, 8) != ACCOUNT_ACTIVE)
            fault(v, "staff-sessions", "session %lld is open, but its account %lld is not active", id, account);
    }
    return db_end(st);
}

static enum rc check_links(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT token_hash, purpose, account_id, made_at, expires_at, "
                                       "(SELECT COUNT(*) FROM accounts WHERE accounts.id = account_id) "
                                       "FROM staff_links ORDER BY made_at");
    while (db_step(st)) {
        int64_t purpose = db_i64(st, 1), account = db_i64(st, 2);
        bool good = db_str(st, 0).n == sizeof(struct digest) && purpose >= LINK_FIRST_ADMIN && purpose <= LINK_RESET &&
                    (purpose == LINK_FIRST_ADMIN ? account == 0 : db_i64(st, 5) == 1) && db_i64(st, 4) > db_i64(st, 3);
        if (!good)
            fault(v, "staff-links", "a link of purpose %lld for account %lld cannot be one", (long long)purpose,
                  (long long)account);
    }
    return db_end(st);
}

const struct verify_check staff_checks[] = {
    {"staff-accounts", "Accounts have a login, roles and languages that exist, and somebody administers.",
     check_accounts},
    {"staff-sections", "An account's sections are of its languages.", check_sections},
    {"staff-proofs", "Passwords, code secrets, recovery codes and passkeys are of their form, of living accounts.",
     check_proofs},
    {"staff-sessions", "Sessions are of their form, and open only for active accounts.", check_sessions},
    {"staff-links", "One-time links are for an account that exists, or for the first.", check_links},
};
const size_t staff_check_count = sizeof staff_checks / sizeof staff_checks[0];
