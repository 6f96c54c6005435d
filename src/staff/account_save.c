// SPDX-License-Identifier: AGPL-3.0-or-later
// Accounts as they are changed: what is checked, what ends with rights that are taken away, and the one rule that keeps
// a station governable: somebody can always administer it.
#include "staff/internal.h"

enum { LOGIN_MIN = 3, NAME_CHARS = 100 };

// ---- what an account may be ------------------------------------------------------------------------------------------

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// RFC 5321's dot-string and a host name; no quoted local parts.
static bool address_ok(struct str s) {
    size_t at;
    if (s.n < LOGIN_MIN || s.n > MAIL_MAX || !str_find_char(s, '@', &at) || at == 0 || at + 1 == s.n)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool dot_is_inside = i > 0 && i + 1 < s.n && i + 1 != at && i != at + 1 && s.p[i - 1] != '.';
        if (i == at || is_word(c) || (c == '.' && dot_is_inside))
            continue;
        if (c == '\0' || (i < at ? strchr("!#$%&'*+/=?^_`{|}~-", c) : strchr("-", c)) == NULL)
            return false;
    }
    return true;
}

static enum rc words_check(const struct account *acc, struct problem *p) {
    if (!address_ok(acc->login))
        return problem_word(p, RC_INVALID, W_REASON_LOGIN_BAD, 0, utf8_cut(acc->login, 100));
    if (!staff_line_ok(acc->name, NAME_CHARS))
        return problem_word(p, RC_INVALID, W_REASON_NAME_LENGTH, NAME_CHARS, STR_NONE);
    if (acc->roles == 0 || (acc->roles & ~(uint32_t)STAFF_EVERY_ROLE) != 0)
        return problem_word(p, RC_INVALID, W_REASON_ROLE_NONE, 0, STR_NONE);
    if ((acc->languages & ~((UINT32_C(1) << LANG_COUNT) - 1)) != 0 || acc->desk_lang >= LANG_COUNT)
        return problem_set(p, RC_INVALID, "there is no such language");
    if (acc->section_count > STAFF_SECTIONS_MAX)
        return problem_word(p, RC_INVALID, W_REASON_SECTIONS_MANY, STAFF_SECTIONS_MAX, STR_NONE);
    if (acc->state != ACCOUNT_ACTIVE && acc->state != ACCOUNT_BLOCKED)
        return problem_set(p, RC_INVALID, "an account is active or blocked");
    return RC_OK;
}

static bool has_language(const struct account *acc, enum text_lang lang) {
    return acc->languages == 0 || (acc->languages & UINT32_C(1) << lang) != 0;
}

static enum rc section_check(struct arena *a, struct db *db, const struct account *acc, int64_t id, struct problem *p) {
    struct db_stmt *st = db_sql(db, "SELECT lang, name FROM sections WHERE id = $1");
    enum text_lang lang = LANG_COUNT;
    struct str name = STR_NONE;
    db_bind_i64(st, 1, id);
    if (db_step(st) && text_lang_find(db_str(st, 0), &lang))
        name = db_str_dup(a, st, 1);
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (lang == LANG_COUNT)
        return problem_word(p, RC_INVALID, W_REASON_SECTION_NONE, 0, STR_NONE);
    if (!has_language(acc, lang))
        return problem_word(p, RC_INVALID, W_REASON_SECTION_FOREIGN, 0, utf8_cut(name, 100));
    return RC_OK;
}

static bool has_section(const struct account *acc, int64_t id) {
    for (size_t i = 0; i < acc->section_count; i++)
        if (acc->sections[i] == id)
            return true;
    return false;
}

static enum rc sections_check(struct arena *a, struct db *db, struct account *acc, struct problem *p) {
    struct account once = {0};
    for (size_t i = 0; i < acc->section_count; i++) {
        enum rc rc = section_check(a, db, acc, acc->sections[i], p);
        if (rc != RC_OK)
            return rc;
        if (!has_section(&once, acc->sections[i]))
            once.sections[once.section_count++] = acc->sections[i];
    }
    memcpy(acc->sections, once.sections, sizeof once.sections);
    acc->section_count = once.section_count;
    return RC_OK;
}

// Of another account than this one: whether somebody may still administer.
static enum rc other_admin(struct db *db, int64_t id, bool *out) {
    struct db_stmt *st = db_sql(db, "SELECT roles FROM accounts WHERE state = 1 AND id <> $1");
    db_bind_i64(st, 1, id);
    *out = false;
    while (db_step(st))
        *out = *out || (db_i64(st, 0) & STAFF_ADMIN) != 0;
    return db_end(st);
}

static bool administers(const struct account *acc) {
    return acc->state == ACCOUNT_ACTIVE && (acc->roles & STAFF_ADMIN) != 0;
}

static enum rc last_admin_check(struct db *db, const struct account *before, const struct account *after,
                                struct problem *p) {
    bool other = false;
    if (!administers(before) || administers(after))
        return RC_OK;
    enum rc rc = other_admin(db, before->id, &other);
    if (rc == RC_OK && !other)
        rc = problem_set(p, RC_DENIED, "%.*s is the only administrator; give somebody else that role first",
                         STR_ARG(before->name));
    return rc;
}

// ---- the audit's words -----------------------------------------------------------------------------------------------

static struct str describe(struct arena *a, const struct account *acc) {
    static const char *const states[] = {"?", "active", "blocked", "deleted"};
    struct buf b;
    buf_init(&b, 8192);
    buf_fmt(&b, "login: %.*s\nname: %.*s\nroles:", STR_ARG(acc->login), STR_ARG(acc->name));
    for (uint32_t role = 1; role < STAFF_EVERY_ROLE; role <<= 1)
        if (acc->roles & role)
            buf_fmt(&b, " %.*s", STR_ARG(staff_role_name((enum staff_role)role)));
    buf_c(&b, "\nlanguages:");
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (acc->languages & UINT32_C(1) << lang)
            buf_fmt(&b, " %.*s", STR_ARG(text_lang_code((enum text_lang)lang)));
    buf_c(&b, acc->languages == 0 ? " all\nsections:" : "\nsections:");
    for (size_t i = 0; i < acc->section_count; i++)
        buf_fmt(&b, " %lld", (long long)acc->sections[i]);
    buf_fmt(&b, "%s\nstate: %s", acc->section_count == 0 ? " all" : "", states[acc->state <= 3 ? acc->state : 0]);
    struct str text = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return text;
}

// ---- writing -----------------------------------------------------------------------------------------------------------

static enum rc insert(struct db *db, const struct account *acc) {
    struct db_stmt *st = db_sql(db, "INSERT INTO accounts (id, login, name, roles, languages, desk_lang, state, "
                                    "password, created_at, last_login_at, version) "
                                    "VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, 0, 1)");
    db_bind_i64(st, 1, acc->id);
    db_bind_str(st, 2, acc->login);
    db_bind_str(st, 3, acc->name);
    db_bind_i64(st, 4, acc->roles);
    db_bind_i64(st, 5, acc->languages);
    db_bind_str(st, 6, text_lang_code(acc->desk_lang));
    db_bind_i64(st, 7, acc->state);
    db_bind_i64(st, 8, acc->created_at);
    return db_run(st);
}

static enum rc update(struct db *db, const struct account *acc) {
    struct db_stmt *st = db_sql(db, "UPDATE accounts SET login = $2, name = $3, roles = $4, languages = $5, "
                                    "desk_lang = $6, state = $7, version = $8 WHERE id = $1");
    db_bind_i64(st, 1, acc->id);
    db_bind_str(st, 2, acc->login);
    db_bind_str(st, 3, acc->name);
    db_bind_i64(st, 4, acc->roles);
    db_bind_i64(st, 5, acc->languages);
    db_bind_str(st, 6, text_lang_code(acc->desk_lang));
    db_bind_i64(st, 7, acc->state);
    db_bind_i64(st, 8, acc->version);
    return db_run(st);
}

static enum rc sections_clear(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM account_sections WHERE account_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

static enum rc sections_write(struct db *db, const struct account *acc) {
    enum rc rc = sections_clear(db, acc->id);
    for (size_t i = 0; rc == RC_OK && i < acc->section_count; i++) {
        struct db_stmt *st = db_sql(db, "INSERT INTO account_sections (account_id, section_id) VALUES ($1, $2)");
        db_bind_i64(st, 1, acc->id);
        db_bind_i64(st, 2, acc->sections[i]);
        rc = db_run(st);
    }
    return rc;
}

static bool loses_sections(const struct account *before, const struct account *after) {
    if (after->section_count == 0)
        return false;
    for (size_t i = 0; i < before->section_count; i++)
        if (!has_section(after, before->sections[i]))
            return true;
    return before->section_count == 0;
}

static bool loses_languages(const struct account *before, const struct account *after) {
    if (after->languages == 0)
        return false;
    return before->languages == 0 || (before->languages & ~after->languages) != 0;
}

static bool loses_rights(const struct account *before, const struct account *after) {
    return after->state != ACCOUNT_ACTIVE || (before->roles & ~after->roles) != 0 || loses_languages(before, after) ||
           loses_sections(before, after);
}

static enum rc save_new(struct arena *a, struct db *db, const struct audit_who *who, struct account *acc) {
    acc->id = id_next();
    acc->created_at = clock_now_us();
    acc->version = 1;
    enum rc rc = insert(db, acc);
    if (rc == RC_OK)
        rc = sections_write(db, acc);
    return rc == RC_OK ? staff_audit(db, who, "add", acc->id, STR(""), describe(a, acc)) : rc;
}

static enum rc save_old(struct arena *a, struct db *db, const struct audit_who *who, struct account *acc,
                        struct problem *p) {
    struct account before;
    enum rc rc = account_by_id(a, db, acc->id, &before);
    if (rc == RC_OK && before.state == ACCOUNT_DELETED)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK && before.version != acc->version)
        rc = problem_set(p, RC_CONFLICT, "somebody else changed this account meanwhile");
    if (rc == RC_OK)
        rc = last_admin_check(db, &before, acc, p);
    if (rc != RC_OK)
        return rc;
    acc->version++;
    rc = update(db, acc);
    if (rc == RC_OK)
        rc = sections_write(db, acc);
    if (rc == RC_OK && loses_rights(&before, acc))
        rc = session_end_all(db, acc->id, 0);
    if (rc == RC_OK && acc->state != ACCOUNT_ACTIVE)
        rc = staff_links_end(db, acc->id, clock_now_us());
    return rc == RC_OK ? staff_audit(db, who, "change", acc->id, describe(a, &before), describe(a, acc)) : rc;
}

static enum rc login_free(struct arena *a, struct db *db, const struct account *acc, struct problem *p) {
    struct account other;
    enum rc rc = account_by_login(a, db, acc->login, &other);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && other.id == acc->id))
        return RC_OK;
    return rc == RC_OK ? problem_set(p, RC_CONFLICT, "%.*s has an account already", STR_ARG(acc->login)) : rc;
}

enum rc account_save(struct arena *a, struct db *db, const struct audit_who *who, struct account *acc,
                     struct problem *p) {
    // fn of store_write may run again: what the caller has is changed only when all went well.
    struct account next = *acc;
    next.login = utf8_valid(acc->login) ? text_fold(a, str_trim(acc->login)) : STR("");
    next.name = str_trim(acc->name);
    enum rc rc = words_check(&next, p);
    if (rc == RC_OK)
        rc = sections_check(a, db, &next, p);
    if (rc == RC_OK)
        rc = login_free(a, db, &next, p);
    if (rc == RC_OK)
        rc = next.id == 0 ? save_new(a, db, who, &next) : save_old(a, db, who, &next, p);
    if (rc == RC_OK)
        *acc = next;
    return rc;
}

// ---- deleting ----------------------------------------------------------------------------------------------------------

static enum rc forget_passkeys(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM passkeys WHERE account_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

static enum rc forget_codes(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM recovery_codes WHERE account_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

static enum rc forget_totp(struct db *db, int64_t id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM totp_secrets WHERE account_id = $1");
    db_bind_i64(st, 1, id);
    return db_run(st);
}

enum rc account_forget_proofs(struct db *db, int64_t account_id) {
    struct db_stmt *st = db_sql(db, "UPDATE accounts SET password = '' WHERE id = $1");
    db_bind_i64(st, 1, account_id);
    enum rc rc = db_run(st);
    if (rc == RC_OK)
        rc = forget_totp(db, account_id);
    if (rc == RC_OK)
        rc = forget_codes(db, account_id);
    return rc == RC_OK ? forget_passkeys(db, account_id) : rc;
}

static enum rc mark_deleted(struct db *db, const struct account *acc) {
    struct db_stmt *st = db_sql(db, "UPDATE accounts SET state = 3, version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, acc->id);
    enum rc rc = db_run(st);
    if (rc == RC_OK)
        rc = account_forget_proofs(db, acc->id);
    if (rc == RC_OK)
        rc = sections_clear(db, acc->id);
    if (rc == RC_OK)
        rc = session_end_all(db, acc->id, 0);
    return rc == RC_OK ? staff_links_end(db, acc->id, clock_now_us()) : rc;
}

enum rc account_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, struct problem *p) {
    struct account before;
    enum rc rc = account_by_id(a, db, id, &before);
    if (rc == RC_OK && before.state == ACCOUNT_DELETED)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    struct account after = before;
    after.state = ACCOUNT_DELETED;
    rc = last_admin_check(db, &before, &after, p);
    if (rc == RC_OK)
        rc = mark_deleted(db, &after);
    return rc == RC_OK ? staff_audit(db, who, "delete", id, describe(a, &before), STR("")) : rc;
}
