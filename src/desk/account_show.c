// SPDX-License-Identifier: AGPL-3.0-or-later
// One's own account: name, language, password, second proofs, sessions.
#include "desk/parts.h"
#include "desk/routes.h"

static void add_person(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_ACCOUNT_PERSON));
    desk_fact(v, block, W_DESK_LOGIN, v->account->login);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/account"), W_DESK_SAVE);
    struct view_desk_field *name = desk_line(v, form, "name", W_DESK_NAME, v->account->name);
    name->autocomplete = STR("name");
    name->max = 100;
    desk_choose_language(v, desk_select(v, form, "lang", W_DESK_LANGUAGE, text_lang_code(v->account->desk_lang)));
}

static void add_password(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_PASSWORD));
    struct view_desk_form *form = desk_form(v, block, STR("/desk/account/password"), W_DESK_PASSWORD_CHANGE);
    form->quiet = true;
    struct view_desk_field *password = desk_secret(v, form, "password", W_DESK_PASSWORD_NEW, "new-password");
    password->max = PASSWORD_CHARS_MAX;
    desk_hint(v, password, W_DESK_PASSWORD_HINT);
}

static void add_passkeys(struct desk_visit *v, struct view_desk_page *page, struct passkey *keys, size_t count) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_PASSKEYS));
    block->text = desk_word(v, W_DESK_PASSKEY_TEXT);
    if (count > 0) {
        struct view_desk_table *table = desk_table(v, block, W_DESK_PASSKEYS);
        desk_column(v, table, desk_word(v, W_DESK_NAME));
        desk_column(v, table, desk_word(v, W_DESK_ADDED));
        desk_column(v, table, desk_word(v, W_DESK_USED));
        desk_column(v, table, STR_NONE);
        for (size_t i = 0; i < count; i++) {
            desk_row(v, table);
            desk_cell(v, table, keys[i].name);
            desk_cell(v, table, desk_date(v, keys[i].created_at));
            desk_cell(v, table, keys[i].used_at != 0 ? desk_date(v, keys[i].used_at) : desk_word(v, W_DESK_NEVER));
            if (count > 1 || v->account->has_totp)
                desk_button(v, table, "/desk/account/passkey/remove", "id",
                            str_fmt(v->a, "%lld", (long long)keys[i].id), W_DESK_REMOVE);
            else
                desk_cell(v, table, desk_word(v, W_DESK_LAST_PROOF));
        }
    } else {
        block->empty = desk_word(v, W_DESK_PASSKEYS_NONE);
    }
    passkey_form(v, block, STR("/desk/passkey"), true);
    block->forms.items[0].quiet = true;
    desk_line(v, &block->forms.items[0], "key_name", W_DESK_PASSKEY_NAME, desk_device_name(v))->max = PASSKEY_NAME_MAX;
}

static void add_totp(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_TOTP));
    block->text = desk_word(v, v->account->has_totp ? W_DESK_TOTP_ON : W_DESK_TOTP_TEXT);
    totp_start_form(v, block);
    if (v->account->has_totp)
        block->forms.items[0].submit = desk_word(v, W_DESK_TOTP_AGAIN);
    if (v->account->has_totp && v->account->passkey_count > 0)
        desk_form(v, block, STR("/desk/account/totp/remove"), W_DESK_REMOVE)->quiet = true;
}

static void add_recovery(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_RECOVERY));
    block->text = text_phrase(v->a, v->lang, W_DESK_RECOVERY_LEFT, v->account->recovery_left, STR_NONE, STR_NONE);
    desk_form(v, block, STR("/desk/account/recovery"), W_DESK_RECOVERY_NEW)->quiet = true;
}

static void add_sessions(struct desk_visit *v, struct view_desk_page *page, struct session *all, size_t count) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_SESSIONS));
    block->text = desk_word(v, W_DESK_SESSIONS_TEXT);
    struct view_desk_table *table = desk_table(v, block, W_DESK_SESSIONS);
    desk_column(v, table, desk_word(v, W_DESK_DEVICE));
    desk_column(v, table, desk_word(v, W_DESK_SINCE));
    desk_column(v, table, desk_word(v, W_DESK_SEEN));
    desk_column(v, table, STR_NONE);
    for (size_t i = 0; i < count; i++) {
        bool this_one = all[i].id == v->session->id;
        bool has_name = all[i].device.n > 0 && !str_eq(all[i].device, STR("?")); // so staff keeps one without
        desk_row(v, table);
        struct view_desk_cell *cell =
            desk_cell(v, table, has_name ? all[i].device : desk_word(v, W_DESK_DEVICE_UNKNOWN));
        if (this_one) {
            cell->badge = desk_word(v, W_DESK_SESSION_THIS);
            cell->tone = STR("good");
        }
        desk_cell(v, table, desk_date(v, all[i].begun_at));
        desk_cell(v, table, desk_date(v, all[i].seen_at));
        if (this_one)
            desk_cell(v, table, STR_NONE);
        else
            desk_button(v, table, "/desk/account/session/end", "id", str_fmt(v->a, "%lld", (long long)all[i].id),
                        W_DESK_SESSION_END);
    }
    desk_form(v, block, STR("/desk/account/sessions/end"), W_DESK_SESSIONS_END)->quiet = true;
}

// What is not shown until a proof was given lately.
static void add_locked(struct desk_visit *v, struct view_desk_page *page) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_PROOFS));
    block->text = desk_word(v, W_DESK_PROOFS_LOCKED);
    desk_link(v, &block->links, desk_word(v, W_DESK_PROVE), STR("/desk/prove?next=/desk/account"), STR_NONE);
}

static enum rc show(struct desk_visit *v, int status) {
    struct passkey *keys;
    struct session *sessions;
    size_t key_count, session_count;
    enum rc rc = passkey_list(v->a, v->db, v->account->id, &keys, &key_count);
    if (rc == RC_OK)
        rc = session_list(v->a, v->db, v->account->id, v->now, &sessions, &session_count);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_ACCOUNT);
    add_person(v, page);
    if (session_is_fresh(v->session, v->now)) {
        add_password(v, page);
        add_passkeys(v, page, keys, key_count);
        add_totp(v, page);
        add_recovery(v, page);
    } else {
        add_locked(v, page);
    }
    add_sessions(v, page, sessions, session_count);
    return desk_send(v, page, status);
}

enum rc account_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return show(&v, 0);
}

// ---- changes -------------------------------------------------------------------------------------------------------------

struct change {
    struct desk_visit *v;
    struct account acc;
    struct password_hash hash;
    int64_t id;
    struct problem problem;
};

static enum rc save(struct db *db, void *arg) {
    struct change *c = arg;
    struct audit_who who = desk_who(c->v);
    struct account acc = c->acc;
    return account_save(c->v->a, db, &who, &acc, &c->problem);
}

enum rc account_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct change c = {.v = &v, .acc = *v.account};
    c.acc.name = desk_field(&v, "name");
    if (!text_lang_find(desk_field(&v, "lang"), &c.acc.desk_lang))
        desk_problem(&v, "lang", W_FORM_REQUIRED);
    if (!desk_form_ok(&v))
        return show(&v, 422);
    enum rc rc = store_write(v.site->store, STORE_DURABLE, save, &c);
    if (rc == RC_INVALID) {
        desk_problem(&v, "name", W_DESK_NAME_BAD);
        return show(&v, 422);
    }
    return rc == RC_OK ? desk_go(&v, STR("/desk/account"), "saved") : rc;
}

static enum rc set_password(struct db *db, void *arg) {
    struct change *c = arg;
    struct audit_who who = desk_who(c->v);
    return password_set(db, &who, c->v->account->id, &c->hash, c->v->session->id);
}

enum rc account_password_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct problem p = {""};
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/account"))
        return RC_OK;
    struct str password = http_request_field(req, "password");
    if (req->form_ok && password_check(v.account, station_name_of(&v), password, &p) != RC_OK)
        desk_problem(&v, "password", W_DESK_PASSWORD_WEAK);
    if (!desk_form_ok(&v))
        return show(&v, 422);
    struct change c = {.v = &v};
    enum rc rc = password_make(password, &c.hash);
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, set_password, &c);
    return rc == RC_OK ? desk_go(&v, STR("/desk/account"), "password") : rc;
}

// Only one's own: the list is asked for by account.
static enum rc end_one(struct db *db, void *arg) {
    struct change *c = arg;
    struct session *all;
    size_t count;
    enum rc rc = session_list(c->v->a, db, c->v->account->id, c->v->now, &all, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        if (all[i].id == c->id)
            return session_end(db, c->id);
    return rc == RC_OK ? RC_NOT_FOUND : rc;
}

enum rc session_end_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct change c = {.v = &v};
    if (!str_to_i64(desk_field(&v, "id"), &c.id))
        return RC_NOT_FOUND;
    enum rc rc = store_write(v.site->store, STORE_DURABLE, end_one, &c);
    return rc == RC_OK ? desk_go(&v, STR("/desk/account"), "session_ended") : rc;
}

static enum rc end_others(struct db *db, void *arg) {
    const struct change *c = arg;
    return session_end_all(db, c->v->account->id, c->v->session->id);
}

enum rc sessions_end_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct change c = {.v = &v};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, end_others, &c);
    return rc == RC_OK ? desk_go(&v, STR("/desk/account"), "sessions_ended") : rc;
}
