// SPDX-License-Identifier: AGPL-3.0-or-later
// Second proofs being set up: the authenticator app (QR code and a first code of it), passkeys, recovery codes. A new
// account does this before it sees any other page; everybody else from the account's page, freshly proved.
#include "desk/parts.h"
#include "desk/routes.h"

// ---- the first time --------------------------------------------------------------------------------------------------------

static struct view_desk_field *name_field(struct desk_visit *v, struct view_desk_form *form) {
    struct view_desk_field *name = desk_line(v, form, "key_name", W_DESK_PASSKEY_NAME, desk_device_name(v));
    name->max = PASSKEY_NAME_MAX;
    return name;
}

void totp_start_form(struct desk_visit *v, struct view_desk_block *block) {
    struct view_desk_form *form = desk_form(v, block, STR("/desk/totp"), W_DESK_TOTP_START);
    form->quiet = true;
}

static enum rc show(struct desk_visit *v, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_SETUP);
    desk_intro(v, page, W_DESK_SETUP_TEXT);
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_PASSKEY));
    block->text = desk_word(v, W_DESK_PASSKEY_TEXT);
    passkey_form(v, block, STR("/desk/passkey"), true);
    (void)name_field(v, &block->forms.items[0]);
    block = desk_block(v, page, desk_word(v, W_DESK_TOTP));
    block->text = desk_word(v, W_DESK_TOTP_TEXT);
    totp_start_form(v, block);
    return desk_send(v, page, status);
}

enum rc setup_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return desk_may_set_proofs(&v) ? show(&v, 0) : RC_OK;
}

// ---- what follows a first proof ----------------------------------------------------------------------------------------------

struct setting_up {
    struct desk_visit *v;
    struct str secret, code, token;
    struct passkey_offer offer;
    struct str codes[RECOVERY_CODES];
    bool new_codes;
    struct problem problem;
};

void codes_block(struct desk_visit *v, struct view_desk_page *page, const struct str *codes) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_RECOVERY));
    block->text = desk_word(v, W_DESK_RECOVERY_KEEP);
    block->warning = true;
    for (size_t i = 0; i < RECOVERY_CODES; i++)
        desk_code(v, block, codes[i]);
}

// Both kinds end alike: the session has its second proof, and whoever has no recovery codes yet gets them.
static enum rc finish(struct db *db, struct setting_up *s) {
    const struct account *acc = &s->v->session->account;
    struct audit_who who = account_who(acc);
    enum rc rc = session_prove(s->v->a, db, s->v->session->id, s->v->now, &s->token);
    s->new_codes = acc->recovery_left == 0;
    return rc == RC_OK && s->new_codes ? recovery_make(s->v->a, db, &who, acc->id, s->codes) : rc;
}

static enum rc finished(struct desk_visit *v, struct setting_up *s, const char *said) {
    const struct account *acc = &v->session->account;
    bool first = v->session->half_in;
    desk_signed_in(v, acc->id, acc->login, s->token);
    if (!s->new_codes)
        return desk_go(v, STR("/desk/account"), said);
    v->session = NULL; // its token has just changed: this page carries no form
    v->account = NULL;
    struct view_desk_page *page = desk_page(v, W_DESK_RECOVERY_NOW);
    desk_intro(v, page, W_DESK_RECOVERY_TEXT);
    codes_block(v, page, s->codes);
    desk_action(v, page, W_DESK_RECOVERY_DONE, first ? STR("/desk/") : STR("/desk/account"));
    return desk_send(v, page, 0);
}

// ---- authenticator app -------------------------------------------------------------------------------------------------------

// The secret stands in the page's own form, so that a mistyped code does not ask for the picture to be taken again.
static enum rc show_secret(struct desk_visit *v, struct str secret, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_TOTP);
    desk_intro(v, page, W_DESK_TOTP_SCAN);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    struct view_qr *qr = ARENA_NEW(v->a, struct view_qr);
    struct str address = totp_address(v->a, secret, station_name_of(v), v->session->account.login);
    qr->label = desk_word(v, W_DESK_TOTP_QR);
    if (qr_draw(v->a, address, qr)) {
        block->qr.items = qr;
        block->qr.n = 1;
    }
    desk_code(v, block, secret);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/totp/confirm"), W_DESK_TOTP_CONFIRM);
    struct view_desk_field *code = desk_line(v, form, "code", W_DESK_TOTP_CODE, STR_NONE);
    code->value = STR_NONE;
    code->code = true;
    code->input_mode = STR("numeric");
    code->autocomplete = STR("one-time-code");
    desk_hidden(v, form, "secret", secret);
    return desk_send(v, page, status);
}

static enum rc begin_totp(struct db *db, void *arg) {
    struct setting_up *s = arg;
    return totp_begin(s->v->a, db, s->v->session->account.id, &s->secret);
}

enum rc totp_begin_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may_set_proofs(&v))
        return RC_OK;
    struct setting_up s = {.v = &v};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, begin_totp, &s);
    return rc == RC_OK ? show_secret(&v, s.secret, 0) : rc;
}

static enum rc confirm_totp(struct db *db, void *arg) {
    struct setting_up *s = arg;
    struct audit_who who = desk_who(s->v);
    enum rc rc = totp_confirm(db, &who, s->v->session->account.id, s->code, s->v->now);
    return rc == RC_OK ? finish(db, s) : rc;
}

enum rc totp_confirm_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may_set_proofs(&v))
        return RC_OK;
    struct setting_up s = {.v = &v, .code = desk_field(&v, "code")};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, confirm_totp, &s);
    if (rc == RC_DENIED) {
        desk_problem(&v, "code", W_DESK_CODE_WRONG);
        return show_secret(&v, desk_field(&v, "secret"), 422);
    }
    return rc == RC_OK ? finished(&v, &s, "totp_added") : rc;
}

static enum rc remove_totp(struct db *db, void *arg) {
    const struct setting_up *s = arg;
    struct audit_who who = desk_who(s->v);
    return totp_remove(db, &who, s->v->account->id);
}

// The last second proof stays: without one nobody is let in.
enum rc totp_remove_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/account"))
        return RC_OK;
    if (v.account->passkey_count == 0)
        return RC_CONFLICT;
    struct setting_up s = {.v = &v};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, remove_totp, &s);
    return rc == RC_OK ? desk_go(&v, STR("/desk/account"), "totp_removed") : rc;
}

// ---- passkeys ------------------------------------------------------------------------------------------------------------------

static enum rc add_passkey(struct db *db, void *arg) {
    struct setting_up *s = arg;
    struct desk_visit *v = s->v;
    struct audit_who who = desk_who(v);
    uint8_t challenge[32];
    enum rc rc = session_challenge_take(db, v->session->id, challenge);
    if (rc == RC_OK)
        rc = passkey_add(v->a, db, &who, v->session->account.id, desk_field(v, "key_name"), v->site->origin, challenge,
                         &s->offer, v->now, &s->problem);
    return rc == RC_OK ? finish(db, s) : rc;
}

enum rc passkey_add_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may_set_proofs(&v))
        return RC_OK;
    struct setting_up s = {.v = &v, .offer = {passkey_bytes(&v, "client_data"), passkey_bytes(&v, "attestation")}};
    enum rc rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, add_passkey, &s) : RC_INVALID;
    if (rc == RC_INVALID || rc == RC_NOT_FOUND || rc == RC_CONFLICT || rc == RC_TOO_BIG) {
        if (rc == RC_INVALID)
            log_warn("desk: a passkey was not taken: %s", s.problem.text);
        desk_fail(&v, rc == RC_CONFLICT ? W_DESK_PASSKEY_TWICE : W_DESK_PASSKEY_WRONG);
        return show(&v, 422);
    }
    return rc == RC_OK ? finished(&v, &s, "passkey_added") : rc;
}

struct removing {
    struct desk_visit *v;
    int64_t id;
};
static enum rc remove_passkey(struct db *db, void *arg) {
    const struct removing *r = arg;
    struct audit_who who = desk_who(r->v);
    return passkey_remove(db, &who, r->v->account->id, r->id);
}

enum rc passkey_remove_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct removing r = {&v, 0};
    if (!desk_is_fresh(&v, "/desk/account"))
        return RC_OK;
    if (!str_to_i64(desk_field(&v, "id"), &r.id))
        return RC_NOT_FOUND;
    if (v.account->passkey_count <= 1 && !v.account->has_totp)
        return RC_CONFLICT;
    enum rc rc = store_write(v.site->store, STORE_DURABLE, remove_passkey, &r);
    return rc == RC_OK ? desk_go(&v, STR("/desk/account"), "passkey_removed") : rc;
}

// ---- recovery codes --------------------------------------------------------------------------------------------------------------

static enum rc make_codes(struct db *db, void *arg) {
    struct setting_up *s = arg;
    struct audit_who who = desk_who(s->v);
    return recovery_make(s->v->a, db, &who, s->v->account->id, s->codes);
}

enum rc recovery_make_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_is_fresh(&v, "/desk/account"))
        return RC_OK;
    struct setting_up s = {.v = &v};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, make_codes, &s);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_RECOVERY_NOW);
    desk_intro(&v, page, W_DESK_RECOVERY_TEXT);
    codes_block(&v, page, s.codes);
    desk_action(&v, page, W_DESK_RECOVERY_DONE, STR("/desk/account"));
    return desk_send(&v, page, 0);
}
