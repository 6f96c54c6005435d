// SPDX-License-Identifier: AGPL-3.0-or-later
// Accounts as they are read, and small things said about them.
#include "staff/internal.h"

enum { ACCOUNTS_MAX = 5000 };

static const struct {
    enum staff_role role;
    const char *name;
} role_names[] = {
    {STAFF_REPORTER, "reporter"}, {STAFF_EDITOR, "editor"},       {STAFF_TRANSLATOR, "translator"},
    {STAFF_ENGINEER, "engineer"}, {STAFF_INTEGRITY, "integrity"}, {STAFF_ADMIN, "admin"},
};

struct str staff_role_name(enum staff_role role) {
    for (size_t i = 0; i < sizeof role_names / sizeof role_names[0]; i++)
        if (role_names[i].role == role)
            return str_from(role_names[i].name);
    return STR_NONE;
}

bool staff_role_find(struct str name, enum staff_role *out) {
    for (size_t i = 0; i < sizeof role_names / sizeof role_names[0]; i++)
        if (str_eq(name, str_from(role_names[i].name))) {
            *out = role_names[i].role;
            return true;
        }
    return false;
}

struct audit_who account_who(const struct account *acc) {
    return (struct audit_who){acc->id, acc->name};
}

enum rc staff_who(struct arena *a, struct db *db, int64_t account_id, struct audit_who *out) {
    struct db_stmt *st = db_sql(db, "SELECT name FROM accounts WHERE id = $1");
    db_bind_i64(st, 1, account_id);
    bool found = db_step(st);
    if (found)
        *out = (struct audit_who){account_id, db_str_dup(a, st, 0)};
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc staff_audit(struct db *db, const struct audit_who *who, const char *verb, int64_t account_id, struct str before,
                    struct str after) {
    struct audit_entry entry = {.who = *who,
                                .verb = str_from(verb),
                                .kind = STR("account"),
                                .id = account_id,
                                .before = before,
                                .after = after};
    return audit_add(db, &entry);
}

// ---- reading -------------------------------------------------------------------------------------------------------

#define COLUMNS                                                                                                        \
    "SELECT id, login, name, roles, languages, desk_lang, state, CASE WHEN password <> '' THEN 1 ELSE 0 END, "         \
    "(SELECT COUNT(*) FROM totp_secrets AS t WHERE t.account_id = accounts.id AND t.confirmed = 1), "                  \
    "(SELECT COUNT(*) FROM passkeys AS k WHERE k.account_id = accounts.id), "                                          \
    "(SELECT COUNT(*) FROM recovery_codes AS r WHERE r.account_id = accounts.id AND r.used_at = 0), "                  \
    "created_at, last_login_at, version FROM accounts "

static void row_read(struct arena *a, struct db_stmt *st, struct account *out) {
    *out = (struct account){.id = db_i64(st, 0),
                            .login = db_str_dup(a, st, 1),
                            .name = db_str_dup(a, st, 2),
                            .roles = (uint32_t)db_i64(st, 3) & STAFF_EVERY_ROLE,
                            .languages = (uint32_t)db_i64(st, 4),
                            .state = (enum account_state)db_i64(st, 6),
                            .has_password = db_i64(st, 7) != 0,
                            .has_totp = db_i64(st, 8) != 0,
                            .passkey_count = db_i64(st, 9),
                            .recovery_left = db_i64(st, 10),
                            .created_at = db_i64(st, 11),
                            .last_login_at = db_i64(st, 12),
                            .version = db_i64(st, 13)};
    if (!text_lang_find(db_str(st, 5), &out->desk_lang))
        out->desk_lang = LANG_EN;
}

static void section_add(struct account *acc, int64_t section_id) {
    if (acc->section_count < STAFF_SECTIONS_MAX)
        acc->sections[acc->section_count++] = section_id;
}

static enum rc sections_read(struct db *db, struct account *acc) {
    struct db_stmt *st = db_sql(db, "SELECT section_id FROM account_sections WHERE account_id = $1 "
                                    "ORDER BY section_id");
    db_bind_i64(st, 1, acc->id);
    while (db_step(st))
        section_add(acc, db_i64(st, 0));
    return db_end(st);
}

static enum rc read_one(struct arena *a, struct db *db, struct db_stmt *st, struct account *out) {
    bool found = db_step(st);
    if (found)
        row_read(a, st, out);
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    return found ? sections_read(db, out) : RC_NOT_FOUND;
}

enum rc account_by_id(struct arena *a, struct db *db, int64_t id, struct account *out) {
    struct db_stmt *st = db_sql(db, COLUMNS "WHERE id = $1");
    db_bind_i64(st, 1, id);
    return read_one(a, db, st, out);
}

enum rc account_by_login(struct arena *a, struct db *db, struct str login, struct account *out) {
    struct db_stmt *st = db_sql(db, COLUMNS "WHERE login = $1 AND state <> 3");
    db_bind_str(st, 1, text_fold(a, utf8_valid(login) ? str_trim(login) : STR("")));
    return read_one(a, db, st, out);
}

static struct account *find_in(struct account *rows, size_t count, int64_t id) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

static enum rc list_sections(struct db *db, struct account *rows, size_t count) {
    struct account *at = NULL;
    struct db_stmt *st = db_sql(db, "SELECT account_id, section_id FROM account_sections "
                                    "ORDER BY account_id, section_id");
    while (db_step(st)) {
        if (at == NULL || at->id != db_i64(st, 0))
            at = find_in(rows, count, db_i64(st, 0));
        if (at != NULL)
            section_add(at, db_i64(st, 1));
    }
    return db_end(st);
}

enum rc account_list(struct arena *a, struct db *db, struct account **out, size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM accounts WHERE state <> 3");
    size_t room = db_step(st) ? (size_t)db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    room = room < ACCOUNTS_MAX ? room : ACCOUNTS_MAX;
    *out = ARENA_ARRAY(a, struct account, room + 1);
    *count_out = 0;
    st = db_sql(db, COLUMNS "WHERE state <> 3 ORDER BY name, id LIMIT $1");
    db_bind_i64(st, 1, (int64_t)room);
    while (*count_out < room && db_step(st))
        row_read(a, st, &(*out)[(*count_out)++]);
    rc = db_end(st);
    return rc == RC_OK ? list_sections(db, *out, *count_out) : rc;
}

bool staff_has_accounts(struct db *db) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM accounts WHERE state <> 3 LIMIT 1");
    bool found = db_step(st);
    // When that cannot be read, no link for a first administrator may be given away.
    return db_end(st) != RC_OK || found;
}

// ---- signing in ----------------------------------------------------------------------------------------------------

enum rc account_signed_in(struct db *db, int64_t account_id, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE accounts SET last_login_at = $2 WHERE id = $1");
    db_bind_i64(st, 1, account_id);
    db_bind_i64(st, 2, now_us);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    struct arena *a = arena_new(1 << 16);
    struct audit_who who = {0};
    rc = staff_who(a, db, account_id, &who);
    if (rc == RC_OK)
        rc = staff_audit(db, &who, "sign-in", account_id, STR(""), STR(""));
    arena_free(&a);
    return rc;
}
