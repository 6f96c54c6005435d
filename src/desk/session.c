// SPDX-License-Identifier: AGPL-3.0-or-later
// Sessions as the dispatcher asks for them, proofs that are asked for again, and forms that came too late.
#include "desk/visit.h"

// ---- the desk's own state --------------------------------------------------------------------------------------------

static enum rc make_keys(struct db *db, void *arg) {
    (void)arg;
    enum rc rc = secret_make(db, "login-ticket");
    return rc == RC_OK ? secret_make(db, "device-cookie") : rc;
}

enum rc desk_open(struct store *store, struct db *db, struct desk **out) {
    struct desk *desk = MEM_NEW(struct desk);
    enum rc rc = store_write(store, STORE_DURABLE, make_keys, NULL);
    if (rc == RC_OK)
        rc = secret_get(db, "login-ticket", desk->ticket_key);
    if (rc == RC_OK)
        rc = secret_get(db, "device-cookie", desk->device_key);
    if (rc != RC_OK) {
        mem_free(desk);
        return rc;
    }
    desk->tries = login_tries_new();
    pthread_mutex_init(&desk->wish.lock, NULL);
    *out = desk;
    return RC_OK;
}

void desk_close(struct desk **desk) {
    if (*desk == NULL)
        return;
    login_tries_free(&(*desk)->tries);
    mem_free(*desk);
    *desk = NULL;
}

struct first_link {
    struct arena *a;
    struct str token;
};

static enum rc make_first_link(struct db *db, void *arg) {
    struct first_link *f = arg;
    struct audit_who who = {0, STR("start")};
    return staff_link_make(f->a, db, &who, LINK_FIRST_ADMIN, 0, clock_now_us(), &f->token);
}

enum rc desk_first_link(struct site *site, struct arena *a, struct db *db, struct str *address_out) {
    struct first_link f = {a, STR_NONE};
    if (staff_has_accounts(db))
        return RC_NOT_FOUND;
    enum rc rc = store_write(site->store, STORE_DURABLE, make_first_link, &f);
    if (rc == RC_OK)
        *address_out = str_fmt(a, "%.*s/desk/link/%.*s", STR_ARG(site->origin), STR_ARG(f.token));
    return rc;
}

// ---- who asks ----------------------------------------------------------------------------------------------------------

static enum rc touch(struct db *db, void *arg) {
    const struct session *s = arg;
    return session_touch(db, s->id, s->seen_at);
}

enum rc desk_session_of(void *app, struct http_request *req) {
    struct site *site = app;
    struct worker *worker = req->worker;
    struct str token = desk_cookie(req, "session");
    if (!desk_place_is_safe(req) || token.n == 0)
        return RC_NOT_FOUND;
    struct session *s = ARENA_NEW(req->arena, struct session);
    int64_t now = clock_now_us();
    enum rc rc = session_find(req->arena, worker->db, token, now, s);
    if (rc == RC_OK || rc == RC_GONE)
        req->session = s;
    if (rc != RC_OK)
        return rc;
    req->roles = s->half_in ? STAFF_HALF_IN : s->account.roles;
    req->form_token = str_from(s->form_token);
    if (session_wants_touch(s, now)) {
        s->seen_at = now;
        if (store_write(site->store, STORE_RELAXED, touch, s) != RC_OK)
            log_warn("desk: that a session was used could not be noted");
    }
    return RC_OK;
}

// ---- keeping what was typed --------------------------------------------------------------------------------------------

static bool is_secret(const struct http_request *req, size_t field) {
    const struct http_form *form = req->route->form;
    return form == NULL || field >= form->count || form->rules[field].kind == HTTP_FIELD_SECRET;
}

static void encode_fields(const struct http_request *req, struct buf *out) {
    for (size_t i = 0; i < req->field_count; i++) {
        if (req->fields[i].value.n == 0 || is_secret(req, i))
            continue;
        if (out->n > 0)
            buf_char(out, '&');
        percent_encode_segment(out, req->fields[i].name);
        buf_char(out, '=');
        percent_encode_segment(out, req->fields[i].value);
    }
}

struct keeping {
    int64_t account_id, now, id;
    struct str path, fields;
};

static enum rc keep(struct db *db, void *arg) {
    struct keeping *k = arg;
    return kept_save(db, k->account_id, k->path, k->fields, k->now, &k->id);
}

// Where what was typed is sent by hand: what script saves meanwhile belongs to the form of the page above.
static struct str sent_by_hand(struct str path) {
    struct str rest = STR("/autosave");
    return str_ends(path, rest) ? str_slice(path, 0, path.n - rest.n) : path;
}

// Of what script sends by itself only that is somebody's words; a lease given back, for one, is not.
static bool is_typed(const struct desk_visit *v) {
    return http_request_header(v->req, "X-Token").n == 0 || str_ends(v->req->path, STR("/autosave"));
}

struct str desk_keep(struct desk_visit *v, int64_t account_id) {
    struct buf fields;
    buf_init(&fields, KEPT_FORM_BYTES);
    if (v->req->method == HTTP_POST && is_typed(v))
        encode_fields(v->req, &fields);
    struct keeping k = {account_id, v->now, 0, sent_by_hand(v->req->path), buf_view(&fields)};
    bool kept = fields.n > 0 && !fields.failed && store_write(v->site->store, STORE_DURABLE, keep, &k) == RC_OK;
    buf_fini(&fields);
    return kept ? str_fmt(v->a, "/desk/kept/%lld", (long long)k.id) : STR_NONE;
}

// ---- proofs --------------------------------------------------------------------------------------------------------------

bool desk_is_fresh(struct desk_visit *v, const char *back) {
    if (session_is_fresh(v->session, v->now))
        return true;
    struct str to = str_from(back);
    if (back == NULL)
        to = v->req->method == HTTP_POST ? desk_keep(v, v->session->account.id) : v->req->path;
    if (to.n == 0)
        to = STR("/desk/");
    struct str way = str_fmt(v->a, "/desk/prove?next=%.*s", STR_ARG(to));
    (void)desk_go(v, way, NULL);
    return false;
}

bool desk_may_set_proofs(struct desk_visit *v) {
    const struct account *acc = &v->session->account;
    if (!v->session->half_in)
        return desk_is_fresh(v, "/desk/account");
    if (!acc->has_totp && acc->passkey_count == 0)
        return true;
    (void)desk_go(v, STR("/desk/second"), NULL); // a password alone adds no second proof
    return false;
}

void desk_signed_in(struct desk_visit *v, int64_t account_id, struct str login, struct str token) {
    login_tries_passed(v->desk->tries, login, desk_peer(v));
    desk_cookie_set(v, "session", token, 0);
    desk_device_remember(v, account_id);
}
