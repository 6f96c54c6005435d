// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands in for a page of the desk that could not be given. Whoever is not signed in goes to the login and comes
// back; what they had typed is kept for them, or given back on the spot. The dispatcher lets fields of our own pages only
// come this far.
#include "desk/desk.h"
#include "desk/parts.h"

bool desk_owns(struct str path) {
    return str_eq(path, STR("/desk")) || str_starts(path, STR("/desk/"));
}

enum rc unsafe_page(struct desk_visit *v) {
    struct view_desk_page *page = desk_page(v, W_DESK_UNSAFE);
    page->narrow = true;
    desk_intro(v, page, W_DESK_UNSAFE_TEXT);
    return desk_send(v, page, 403);
}

// As the desk calls the field: by the word of its name, where there is one.
static struct str label_of(struct desk_visit *v, struct str name) {
    static const struct {
        const char *name;
        enum text_word word;
    } others[] = {{"alt", W_DESK_IMAGE_ALT},
                  {"credit", W_DESK_IMAGE_CREDIT},
                  {"embargo_until", W_DESK_EMBARGO},
                  {"expires_at", W_DESK_EXPIRES},
                  {"lang", W_DESK_LANGUAGE_OF}};
    enum text_word w;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (str_eq(name, str_from(others[i].name)))
            return desk_word(v, others[i].word);
    return text_word_find(str_fmt(v->a, "desk_%.*s", STR_ARG(name)), &w) ? desk_word(v, w) : name;
}

void give_back(struct desk_visit *v, struct view_desk_page *page, struct str path, const struct http_field *fields,
               size_t count) {
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_TYPED));
    struct view_desk_form *form = desk_form(v, block, path, W_DESK_SEND_AGAIN);
    for (size_t i = 0; i < count; i++) {
        if (fields[i].value.n == 0)
            continue;
        struct view_desk_field *f = desk_area(v, form, "", W_DESK_TYPED, fields[i].value, 1);
        f->name = fields[i].name;
        f->label = label_of(v, fields[i].name);
        f->id = str_fmt(v->a, "f-%.*s", STR_ARG(fields[i].name));
        // Browsers drop a newline that a text area begins with; the first row of a list may be empty.
        f->value = fields[i].value.p[0] == '\n' ? str_fmt(v->a, "\n%.*s", STR_ARG(fields[i].value)) : fields[i].value;
        f->rows = 1 + (int64_t)(fields[i].value.n / 80 < 20 ? fields[i].value.n / 80 : 20);
    }
}

static size_t typed(const struct desk_visit *v, struct http_field **out) {
    const struct http_request *r = v->req;
    const struct http_form *form = r->route != NULL ? r->route->form : NULL;
    struct http_field *fields = ARENA_ARRAY(v->a, struct http_field, r->field_count + 1);
    size_t n = 0;
    for (size_t i = 0; form != NULL && i < r->field_count && i < form->count; i++)
        if (r->fields[i].value.n > 0 && form->rules[i].kind != HTTP_FIELD_SECRET)
            fields[n++] = r->fields[i];
    *out = fields;
    return n;
}

static struct str login_address(struct desk_visit *v, struct str next) {
    return next.n == 0 || str_eq(next, STR("/desk/")) ? STR("/desk/login")
                                                      : str_fmt(v->a, "/desk/login?next=%.*s", STR_ARG(next));
}

// Nobody is signed in: a page is asked for again after the login, a form is not lost.
static enum rc ask_for_login(struct desk_visit *v) {
    const struct session *over = v->req->refusal == HTTP_REFUSED_SESSION_OVER ? v->req->session : NULL;
    if (v->req->method != HTTP_POST)
        return desk_go(v, login_address(v, v->req->path), NULL);
    struct http_field *fields;
    size_t count = typed(v, &fields);
    struct str kept = over != NULL && over->account.id != 0 ? desk_keep(v, over->account.id) : STR_NONE;
    struct view_desk_page *page = desk_page(v, W_DESK_SESSION_OVER);
    page->intro = desk_word(v, kept.n > 0  ? W_DESK_SESSION_OVER_KEPT
                               : count > 0 ? W_DESK_SESSION_OVER_TYPED
                                           : W_DESK_SESSION_OVER_TEXT);
    desk_action(v, page, W_DESK_SIGN_IN, login_address(v, kept));
    if (count > 0)
        give_back(v, page, v->req->path, fields, count);
    return desk_send(v, page, 403);
}

// The session is there, the page was of another: shown again with the right token.
static enum rc ask_again(struct desk_visit *v) {
    struct http_field *fields;
    size_t count = typed(v, &fields);
    struct view_desk_page *page = desk_page(v, W_DESK_OLD_FORM);
    desk_intro(v, page, W_DESK_OLD_FORM_TEXT);
    if (count > 0)
        give_back(v, page, v->req->path, fields, count);
    else
        desk_action(v, page, W_DESK_HOME, STR("/desk/"));
    return desk_send(v, page, 403);
}

static enum rc wrong_role(struct desk_visit *v) {
    if (v->session != NULL && v->session->half_in && v->req->method != HTTP_POST)
        return desk_go(v, STR("/desk/second"), NULL);
    if (v->account != NULL && (v->req->route->roles & STAFF_HALF_IN) != 0)
        return desk_go(v, STR("/desk/"), NULL); // a login step of somebody who is in
    struct view_desk_page *page = desk_page(v, W_ERROR_403_TITLE);
    desk_intro(v, page, W_DESK_NOT_YOURS);
    return desk_send(v, page, 403);
}

static enum rc say_status(struct desk_visit *v, int status) {
    static const struct {
        int status;
        enum text_word title, text;
    } rows[] = {
        {403, W_ERROR_403_TITLE, W_DESK_NOT_YOURS},   {404, W_ERROR_404_TITLE, W_DESK_NOT_FOUND},
        {409, W_DESK_CONFLICT, W_DESK_CONFLICT_TEXT}, {410, W_ERROR_410_TITLE, W_DESK_NOT_FOUND},
        {421, W_ERROR_421_TITLE, W_ERROR_421_TEXT},   {413, W_ERROR_413_TITLE, W_ERROR_413_TEXT},
        {429, W_ERROR_429_TITLE, W_ERROR_429_TEXT},   {503, W_ERROR_503_TITLE, W_ERROR_503_TEXT},
        {400, W_ERROR_400_TITLE, W_ERROR_400_TEXT},   {500, W_ERROR_500_TITLE, W_ERROR_500_TEXT},
    };
    size_t count = sizeof(rows) / sizeof(rows[0]), at = 0;
    while (at < count && rows[at].status != status)
        at++;
    if (at == count)
        at = status < 500 ? count - 2 : count - 1;
    struct view_desk_page *page = desk_page(v, rows[at].title);
    desk_intro(v, page, rows[at].text);
    struct http_field *fields;
    size_t n = typed(v, &fields);
    if (v->req->method == HTTP_POST && n > 0)
        give_back(v, page, v->req->path, fields, n);
    return desk_send(v, page, status);
}

static enum rc answer(struct desk_visit *v, int status) {
    if (status != 421 && !desk_place_is_safe(v->req))
        return unsafe_page(v);
    switch (v->req->refusal) {
    case HTTP_REFUSED_NO_SESSION:
    case HTTP_REFUSED_SESSION_OVER:
        return ask_for_login(v);
    case HTTP_REFUSED_TOKEN:
        return ask_again(v);
    case HTTP_REFUSED_ROLE:
        return wrong_role(v);
    case HTTP_REFUSED_NOT:
        break;
    }
    return say_status(v, status);
}

void desk_error(void *app, struct http_request *req, int status, struct http_reply *reply) {
    struct desk_visit v;
    // An address that has no row of the desk: who asks is looked up here, for the language and the menu.
    bool unasked = status == 404 && req->session == NULL && req->worker != NULL;
    if (unasked && desk_session_of(app, req) != RC_OK)
        req->session = NULL;
    desk_begin(&v, req, reply);
    if (status >= 500)
        v.db = NULL; // it may be why
    if (answer(&v, status) != RC_OK) {
        reply->status = status;
        reply->content_type = STR("text/plain; charset=utf-8");
        buf_str(&reply->body, desk_word(&v, W_ERROR_500_TITLE));
    }
}
