// SPDX-License-Identifier: AGPL-3.0-or-later
// A forgotten password, by mail: whoever reads the account's letters can choose a new one; the second proof is still
// asked for. The page says the same whether there is such an account or not, and each try counts like a wrong password.
#include "desk/mail.h"
#include "desk/parts.h"
#include "desk/routes.h"

enum { PAUSE_MINUTES = 10 };

static enum rc show(struct desk_visit *v, bool done, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_FORGOT);
    page->narrow = true;
    if (!v->site->sends_mail || done) {
        desk_intro(v, page, done ? W_DESK_FORGOT_DONE : W_DESK_FORGOT_NO_MAIL);
        desk_action(v, page, W_DESK_SIGN_IN, STR("/desk/login"));
        return desk_send(v, page, status);
    }
    desk_intro(v, page, W_DESK_FORGOT_TEXT);
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/forgot"), W_DESK_FORGOT_SEND);
    struct view_desk_field *login = desk_line(v, form, "login", W_DESK_LOGIN, STR_NONE);
    login->type = STR("email");
    login->autocomplete = STR("username");
    login->required = true;
    login->max = MAIL_MAX;
    return desk_send(v, page, status);
}

enum rc forgot_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return desk_place_is_safe(req) ? show(&v, false, 0) : unsafe_page(&v);
}

struct forgetting {
    struct desk_visit *v;
    struct account acc;
};

// One letter in PAUSE_MINUTES: the key says which. A second one would end the first one's link.
static enum rc write_link(struct db *db, void *arg) {
    struct forgetting *f = arg;
    struct desk_visit *v = f->v;
    struct audit_who who = {0, STR("forgotten password")};
    enum link_purpose purpose = f->acc.has_password ? LINK_RESET : LINK_INVITE;
    int64_t slot = v->now / (PAUSE_MINUTES * 60 * US_PER_SECOND);
    struct str token, key = str_fmt(v->a, "forgot-%lld-%lld", (long long)f->acc.id, (long long)slot);
    bool sent = false;
    enum rc rc = staff_link_make(v->a, db, &who, purpose, f->acc.id, v->now, &token);
    if (rc == RC_OK)
        rc = mail_link(v, db, &f->acc, token, key, &sent);
    return rc == RC_OK && !sent ? RC_CONFLICT : rc;
}

enum rc forgot_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct forgetting f = {.v = &v};
    if (!desk_place_is_safe(req))
        return unsafe_page(&v);
    struct str login = login_fold(v.a, http_request_field(req, "login"));
    if (!desk_form_ok(&v) || !req->form_ok || !v.site->sends_mail)
        return show(&v, false, 422);
    if (!login_may_try(&v, login, 0))
        return show(&v, false, 429);
    login_failed(&v, login, 0);
    enum rc rc = account_by_login(v.a, v.db, login, &f.acc);
    if (rc == RC_OK && f.acc.state == ACCOUNT_ACTIVE)
        rc = store_write(v.site->store, STORE_DURABLE, write_link, &f);
    return rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_CONFLICT ? show(&v, true, 0) : rc;
}
