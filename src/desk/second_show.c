// SPDX-License-Identifier: AGPL-3.0-or-later
// The second proof of a login: a code of the authenticator app, a recovery code, or a passkey. Each makes a new session
// token. The same proofs are asked for again (prove_show.c) before accounts and proofs are changed.
#include "desk/parts.h"
#include "desk/routes.h"

enum { TOTP_DIGITS = 6 };

struct step {
    struct desk_visit *v;
    struct str code, token;
    struct passkey_proof proof;
};

static enum rc prove_session(struct db *db, struct step *s) {
    return session_prove(s->v->a, db, s->v->session->id, s->v->now, &s->token);
}

static size_t digits_in(struct str code) {
    size_t n = 0;
    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] == ' ')
            continue;
        if (code.p[i] < '0' || code.p[i] > '9')
            return 0;
        n++;
    }
    return n;
}

static enum rc use_code(struct db *db, void *arg) {
    struct step *s = arg;
    int64_t id = s->v->session->account.id;
    enum rc rc =
        digits_in(s->code) == TOTP_DIGITS ? totp_use(db, id, s->code, s->v->now) : recovery_use(db, id, s->code);
    return rc == RC_OK ? prove_session(db, s) : rc;
}

static enum rc use_passkey(struct db *db, void *arg) {
    struct step *s = arg;
    uint8_t challenge[32];
    int64_t whose = 0;
    enum rc rc = session_challenge_take(db, s->v->session->id, challenge);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_DENIED : rc;
    rc = passkey_use(s->v->a, db, s->v->site->origin, challenge, &s->proof, s->v->now, &whose);
    if (rc == RC_OK && whose != s->v->session->account.id)
        rc = RC_DENIED;
    return rc == RC_OK ? prove_session(db, s) : rc;
}

static enum rc signed_in(struct desk_visit *v, struct str token, const char *said) {
    const struct account *acc = &v->session->account;
    desk_signed_in(v, acc->id, acc->login, token);
    return desk_go(v, login_way_in(v, acc->id), said);
}

// ---- at the login --------------------------------------------------------------------------------------------------------

static enum rc show(struct desk_visit *v, int status) {
    const struct account *acc = &v->session->account;
    if (!acc->has_totp && acc->passkey_count == 0)
        return desk_go(v, STR("/desk/setup"), NULL);
    struct view_desk_page *page = desk_page(v, W_DESK_SECOND);
    page->narrow = true;
    desk_intro(v, page, W_DESK_SECOND_TEXT);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (acc->passkey_count > 0) {
        passkey_form(v, block, STR("/desk/second/passkey"), false);
        desk_hidden(v, &block->forms.items[0], "next", desk_way(v, ""));
    }
    if (acc->has_totp || acc->recovery_left > 0) {
        struct view_desk_form *form = desk_form(v, block, STR("/desk/second"), W_DESK_GO_ON);
        form->quiet = acc->passkey_count > 0;
        struct view_desk_field *code =
            desk_line(v, form, "code", acc->has_totp ? W_DESK_CODE : W_DESK_RECOVERY_CODE, STR_NONE);
        code->value = STR_NONE;
        code->autocomplete = STR("one-time-code");
        code->code = true;
        desk_hint(v, code, W_DESK_CODE_HINT);
        desk_hidden(v, form, "next", desk_way(v, ""));
    }
    return desk_send(v, page, status);
}

enum rc second_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return show(&v, 0);
}

enum rc second_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    const struct account *acc = &v.session->account;
    if (!req->form_ok)
        return show(&v, 422);
    if (!login_may_try(&v, acc->login, acc->id))
        return show(&v, 429);
    struct step s = {.v = &v, .code = desk_field(&v, "code")};
    enum rc rc = store_write(v.site->store, STORE_DURABLE, use_code, &s);
    if (rc == RC_DENIED) {
        login_failed(&v, acc->login, acc->id);
        desk_problem(&v, "code", W_DESK_CODE_WRONG);
        return show(&v, 422);
    }
    bool few = digits_in(s.code) != TOTP_DIGITS; // a recovery code: there is one less now
    return rc == RC_OK ? signed_in(&v, s.token, few ? "recovery_used" : NULL) : rc;
}

enum rc second_passkey_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct step s = {.v = &v, .proof = passkey_proof_of(&v)};
    enum rc rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, use_passkey, &s) : RC_DENIED;
    if (rc == RC_DENIED) {
        desk_fail(&v, W_DESK_PASSKEY_WRONG);
        return show(&v, 422);
    }
    return rc == RC_OK ? signed_in(&v, s.token, NULL) : rc;
}

// ---- again, before something that matters --------------------------------------------------------------------------------

static enum rc show_again(struct desk_visit *v, int status) {
    const struct account *acc = v->account;
    struct view_desk_page *page = desk_page(v, W_DESK_PROVE);
    page->narrow = true;
    desk_intro(v, page, W_DESK_PROVE_TEXT);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (acc->passkey_count > 0) {
        passkey_form(v, block, STR("/desk/prove/passkey"), false);
        desk_hidden(v, &block->forms.items[0], "next", desk_way(v, ""));
    }
    if (acc->has_password) {
        struct view_desk_form *form = desk_form(v, block, STR("/desk/prove"), W_DESK_GO_ON);
        form->quiet = acc->passkey_count > 0;
        desk_secret(v, form, "password", W_DESK_PASSWORD, "current-password")->max = 256;
        desk_hidden(v, form, "next", desk_way(v, ""));
    }
    return desk_send(v, page, status);
}

enum rc prove_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return show_again(&v, 0);
}

static enum rc only_prove(struct db *db, void *arg) {
    return prove_session(db, arg);
}

static enum rc proved(struct desk_visit *v, struct str token) {
    desk_signed_in(v, v->account->id, v->account->login, token);
    return desk_go(v, desk_way(v, "/desk/account"), NULL);
}

enum rc prove_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!req->form_ok)
        return show_again(&v, 422);
    if (!login_may_try(&v, v.account->login, v.account->id))
        return show_again(&v, 429);
    struct step s = {.v = &v};
    enum rc rc = password_verify(v.db, v.account->id, http_request_field(req, "password"));
    if (rc == RC_DENIED) {
        login_failed(&v, v.account->login, v.account->id);
        desk_problem(&v, "password", W_DESK_PASSWORD_WRONG);
        return show_again(&v, 422);
    }
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, only_prove, &s);
    return rc == RC_OK ? proved(&v, s.token) : rc;
}

enum rc prove_passkey_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct step s = {.v = &v, .proof = passkey_proof_of(&v)};
    enum rc rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, use_passkey, &s) : RC_DENIED;
    if (rc == RC_DENIED) {
        desk_fail(&v, W_DESK_PASSKEY_WRONG);
        return show_again(&v, 422);
    }
    return rc == RC_OK ? proved(&v, s.token) : rc;
}
