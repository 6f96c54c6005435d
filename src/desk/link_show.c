// SPDX-License-Identifier: AGPL-3.0-or-later
// One-time links: the first administrator's, an invitation's, a reset's. Each ends in a password of one's own; the second
// proof is asked for, or set up, right after. The link counts once, and only when the whole form was good.
#include "desk/parts.h"
#include "desk/routes.h"

struct joining {
    struct desk_visit *v;
    struct account acc; // whose password it becomes
    enum link_purpose purpose;
    struct password_hash hash;
    struct problem problem;
};

static enum rc find(struct joining *j) {
    struct desk_visit *v = j->v;
    int64_t id;
    enum rc rc = staff_link_find(v->db, v->req->params[0], v->now, &j->purpose, &id);
    if (rc == RC_OK && j->purpose != LINK_FIRST_ADMIN)
        rc = account_by_id(v->a, v->db, id, &j->acc);
    return rc;
}

static enum rc show(struct joining *j, int status) {
    static const enum text_word headings[] = {
        [LINK_FIRST_ADMIN] = W_DESK_FIRST, [LINK_INVITE] = W_DESK_INVITED, [LINK_RESET] = W_DESK_RESET};
    struct desk_visit *v = j->v;
    struct view_desk_page *page = desk_page(v, headings[j->purpose]);
    page->narrow = true;
    desk_intro(v, page, j->purpose == LINK_FIRST_ADMIN ? W_DESK_FIRST_TEXT : W_DESK_LINK_TEXT);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    struct view_desk_form *form = desk_form(v, block, v->req->path, W_DESK_GO_ON);
    if (j->purpose == LINK_FIRST_ADMIN) {
        struct view_desk_field *name = desk_line(v, form, "name", W_DESK_NAME, STR_NONE);
        name->autocomplete = STR("name");
        name->required = true;
        struct view_desk_field *login = desk_line(v, form, "login", W_DESK_LOGIN, STR_NONE);
        login->type = STR("email");
        login->autocomplete = STR("username");
        login->required = true;
    } else {
        desk_fact(v, block, W_DESK_LOGIN, j->acc.login);
    }
    struct view_desk_field *password = desk_secret(v, form, "password", W_DESK_PASSWORD_NEW, "new-password");
    password->max = PASSWORD_CHARS_MAX;
    desk_hint(v, password, W_DESK_PASSWORD_HINT);
    return desk_send(v, page, status);
}

static enum rc gone(struct desk_visit *v) {
    struct view_desk_page *page = desk_page(v, W_DESK_LINK_GONE);
    page->narrow = true;
    desk_intro(v, page, W_DESK_LINK_GONE_TEXT);
    desk_action(v, page, W_DESK_SIGN_IN, STR("/desk/login"));
    return desk_send(v, page, 410);
}

enum rc link_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct joining j = {.v = &v};
    if (!desk_place_is_safe(req))
        return unsafe_page(&v);
    enum rc rc = find(&j);
    if (rc == RC_NOT_FOUND || rc == RC_GONE)
        return gone(&v);
    return rc == RC_OK ? show(&j, 0) : rc;
}

static enum rc join(struct db *db, void *arg) {
    struct joining *j = arg;
    struct desk_visit *v = j->v;
    int64_t id;
    enum rc rc = staff_link_use(db, v->req->params[0], v->now, &j->purpose, &id);
    if (rc != RC_OK)
        return rc;
    struct audit_who who = j->purpose == LINK_FIRST_ADMIN ? (struct audit_who){0, j->acc.name} : account_who(&j->acc);
    struct account acc = j->acc; // what a try that is made again begins with
    if (j->purpose == LINK_FIRST_ADMIN)
        rc = account_save(v->a, db, &who, &acc, &j->problem);
    if (rc == RC_OK)
        rc = password_set(db, &who, acc.id, &j->hash, 0);
    if (rc == RC_OK)
        j->acc.id = acc.id;
    return rc;
}

static void check(struct joining *j) {
    struct desk_visit *v = j->v;
    struct problem p = {""};
    if (j->purpose == LINK_FIRST_ADMIN) {
        j->acc = (struct account){.login = login_fold(v->a, http_request_field(v->req, "login")),
                                  .name = desk_field(v, "name"),
                                  .roles = STAFF_ADMIN,
                                  .desk_lang = v->lang,
                                  .state = ACCOUNT_ACTIVE};
        if (j->acc.name.n == 0)
            desk_problem(v, "name", W_FORM_REQUIRED);
        if (j->acc.login.n == 0)
            desk_problem(v, "login", W_FORM_REQUIRED);
    }
    if (!desk_form_ok(v))
        return;
    if (password_check(&j->acc, station_name_of(v), http_request_field(v->req, "password"), &p) != RC_OK)
        desk_problem(v, "password", W_DESK_PASSWORD_WEAK);
}

enum rc link_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct str to;
    desk_begin(&v, req, reply);
    struct joining j = {.v = &v};
    if (!desk_place_is_safe(req))
        return unsafe_page(&v);
    enum rc rc = find(&j);
    if (rc == RC_NOT_FOUND || rc == RC_GONE)
        return gone(&v);
    if (rc != RC_OK)
        return rc;
    check(&j);
    if (!desk_form_ok(&v))
        return show(&j, 422);
    rc = password_make(http_request_field(req, "password"), &j.hash);
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, join, &j);
    if (rc == RC_NOT_FOUND || rc == RC_GONE)
        return gone(&v);
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        desk_problem(&v, "login", W_DESK_LOGIN_BAD);
        return show(&j, 422);
    }
    if (rc == RC_OK)
        rc = login_begin(&v, j.acc.id, j.acc.login, true, &to);
    return rc == RC_OK ? desk_go(&v, to, NULL) : rc;
}
