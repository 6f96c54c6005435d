// SPDX-License-Identifier: AGPL-3.0-or-later
// The way in: address and password, then a second proof; or a passkey, which is both. One sentence for every failure, so
// that nobody learns which addresses have an account.
#include "desk/parts.h"
#include "desk/routes.h"

struct str station_name_of(struct desk_visit *v) {
    return setting_get(v->a, v->db, "station_name", v->lang);
}

struct str login_fold(struct arena *a, struct str login) {
    login = str_trim(login);
    char *copy = arena_take(a, login.n + 1);
    for (size_t i = 0; i < login.n; i++)
        copy[i] = login.p[i] >= 'A' && login.p[i] <= 'Z' ? (char)(login.p[i] - 'A' + 'a') : login.p[i];
    return (struct str){copy, login.n};
}

// ---- tries -------------------------------------------------------------------------------------------------------------

bool login_may_try(struct desk_visit *v, struct str login, int64_t account_id) {
    int64_t wait_ms =
        login_tries_wait_ms(v->desk->tries, login, desk_peer(v), desk_device_known(v, account_id), clock_mono_us());
    if (wait_ms <= 0)
        return true;
    int64_t seconds = (wait_ms + 999) / 1000;
    v->said = text_phrase(v->a, v->lang, W_DESK_LOGIN_WAIT, seconds, STR_NONE, STR_NONE);
    v->said_is_problem = true;
    return false;
}

void login_failed(struct desk_visit *v, struct str login, int64_t account_id) {
    login_tries_failed(v->desk->tries, login, desk_peer(v), desk_device_known(v, account_id), clock_mono_us());
}

// ---- sessions ------------------------------------------------------------------------------------------------------------

struct beginning {
    struct desk_visit *v;
    int64_t account_id;
    bool half_in;
    struct str token;
};

static enum rc begin(struct db *db, void *arg) {
    struct beginning *b = arg;
    struct session old;
    struct str cookie = desk_cookie(b->v->req, "session");
    enum rc rc = cookie.n > 0 ? session_find(b->v->a, db, cookie, b->v->now, &old) : RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = session_end(db, old.id);
    if (rc != RC_OK && rc != RC_NOT_FOUND && rc != RC_GONE)
        return rc;
    return session_begin(b->v->a, db, b->account_id, b->half_in, desk_device_name(b->v), b->v->now, &b->token);
}

struct str login_way_in(struct desk_visit *v, int64_t account_id) {
    struct kept_form *kept;
    size_t count = 0;
    struct str way = desk_way(v, "");
    if (way.n > 0)
        return way;
    bool waiting = kept_list(v->a, v->db, account_id, &kept, &count) == RC_OK && count > 0;
    return waiting ? STR("/desk/kept") : STR("/desk/");
}

static struct str with_next(struct desk_visit *v, const char *address) {
    struct str way = desk_way(v, "");
    return way.n == 0 ? str_from(address) : str_fmt(v->a, "%s?next=%.*s", address, STR_ARG(way));
}

enum rc login_begin(struct desk_visit *v, int64_t account_id, struct str login, bool half_in, struct str *out) {
    struct beginning b = {v, account_id, half_in, STR_NONE};
    enum rc rc = store_write(v->site->store, STORE_DURABLE, begin, &b);
    if (rc != RC_OK)
        return rc;
    if (half_in) {
        desk_cookie_set(v, "session", b.token, 0);
        *out = with_next(v, "/desk/second");
    } else {
        desk_signed_in(v, account_id, login, b.token);
        *out = login_way_in(v, account_id);
    }
    return RC_OK;
}

// ---- the page ------------------------------------------------------------------------------------------------------------

static enum rc show(struct desk_visit *v, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_SIGN_IN);
    page->narrow = true;
    if (!staff_has_accounts(v->db)) {
        struct view_desk_block *first = desk_block(v, page, STR_NONE);
        first->text = desk_word(v, W_DESK_LOGIN_FIRST);
    }
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/login"), W_DESK_GO_ON);
    struct view_desk_field *login = desk_line(v, form, "login", W_DESK_LOGIN, STR_NONE);
    login->type = STR("email");
    login->autocomplete = STR("username");
    login->max = MAIL_MAX;
    desk_secret(v, form, "password", W_DESK_PASSWORD, "current-password")->max = 256;
    desk_hidden(v, form, "next", desk_way(v, ""));
    if (v->site->sends_mail)
        desk_link(v, &block->links, desk_word(v, W_DESK_FORGOT), STR("/desk/forgot"), STR_NONE);
    block = desk_block(v, page, desk_word(v, W_DESK_LOGIN_PASSKEY));
    passkey_form(v, block, STR("/desk/login/passkey"), false);
    struct view_desk_form *key = &block->forms.items[0];
    key->challenge = STR("/desk/login/challenge");
    key->quiet = true;
    desk_hidden(v, key, "next", desk_way(v, ""));
    return desk_send(v, page, status);
}

enum rc login_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return desk_place_is_safe(req) ? show(&v, 0) : unsafe_page(&v);
}

enum rc login_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct account acc = {0};
    struct str to;
    desk_begin(&v, req, reply);
    if (!desk_place_is_safe(req))
        return unsafe_page(&v);
    if (!req->form_ok)
        return show(&v, 422);
    struct str login = login_fold(v.a, http_request_field(req, "login"));
    enum rc rc = account_by_login(v.a, v.db, login, &acc);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (!login_may_try(&v, login, acc.id))
        return show(&v, 429);
    rc = password_verify(v.db, acc.id, http_request_field(req, "password"));
    if (rc == RC_DENIED) {
        login_failed(&v, login, acc.id);
        desk_fail(&v, W_DESK_LOGIN_WRONG);
        return show(&v, 422);
    }
    if (rc == RC_OK)
        rc = login_begin(&v, acc.id, login, true, &to);
    return rc == RC_OK ? desk_go(&v, to, NULL) : rc;
}

// ---- with a passkey ------------------------------------------------------------------------------------------------------

enum rc login_challenge_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    char ticket[LOGIN_TICKET_CHARS + 1];
    uint8_t challenge[32];
    desk_begin(&v, req, reply);
    if (!desk_place_is_safe(req))
        return RC_DENIED;
    login_ticket_make(v.desk->ticket_key, v.now, ticket);
    enum rc rc = login_ticket_challenge(v.desk->ticket_key, str_from(ticket), v.now, challenge);
    if (rc != RC_OK)
        return rc;
    desk_cookie_set(&v, "ticket", str_from(ticket), LOGIN_TICKET_MINUTES * 60);
    passkey_describe(&v, challenge, false);
    return RC_OK;
}

struct proving {
    struct desk_visit *v;
    struct passkey_proof proof;
    uint8_t challenge[32];
    int64_t account_id;
};

static enum rc prove(struct db *db, void *arg) {
    struct proving *p = arg;
    return passkey_use(p->v->a, db, p->v->site->origin, p->challenge, &p->proof, p->v->now, &p->account_id);
}

enum rc login_passkey_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct account acc;
    struct str to;
    desk_begin(&v, req, reply);
    if (!desk_place_is_safe(req))
        return unsafe_page(&v);
    struct proving p = {&v, passkey_proof_of(&v), {0}, 0};
    struct str ticket = desk_cookie(req, "ticket");
    bool good = req->form_ok && login_ticket_challenge(v.desk->ticket_key, ticket, v.now, p.challenge) == RC_OK;
    enum rc rc = good ? store_write(v.site->store, STORE_DURABLE, prove, &p) : RC_DENIED;
    if (rc == RC_OK && !login_ticket_spend(v.desk->tries, ticket, clock_mono_us()))
        rc = RC_DENIED;
    if (rc == RC_DENIED) {
        desk_fail(&v, W_DESK_PASSKEY_WRONG);
        return show(&v, 422);
    }
    if (rc == RC_OK)
        rc = account_by_id(v.a, v.db, p.account_id, &acc);
    if (rc == RC_OK)
        rc = login_begin(&v, acc.id, acc.login, false, &to);
    desk_cookie_end(&v, "ticket");
    return rc == RC_OK ? desk_go(&v, to, NULL) : rc;
}

// ---- and out ---------------------------------------------------------------------------------------------------------------

static enum rc end(struct db *db, void *arg) {
    return session_end(db, *(const int64_t *)arg);
}

enum rc sign_out_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    enum rc rc = store_write(v.site->store, STORE_DURABLE, end, &v.session->id);
    if (rc != RC_OK)
        return rc;
    desk_cookie_end(&v, "session");
    http_reply_header(reply, "Clear-Site-Data", STR("\"cache\", \"storage\""));
    return desk_go(&v, STR("/desk/login"), "signed_out");
}
