// SPDX-License-Identifier: AGPL-3.0-or-later
// What every page of the desk asks first: who, in which language, with what typed.
#include "desk/visit.h"

static const uint32_t every_language = (1u << LANG_COUNT) - 1;

void desk_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    *v = (struct desk_visit){.req = req, .reply = reply, .site = req->app, .a = req->arena};
    v->desk = v->site->desk;
    v->db = worker != NULL ? worker->db : NULL;
    v->now = clock_now_us();
    v->session =
        req->refusal == HTTP_REFUSED_NO_SESSION || req->refusal == HTTP_REFUSED_SESSION_OVER ? NULL : req->session;
    v->account = v->session != NULL && !v->session->half_in ? &v->session->account : NULL;
    v->lang = v->session != NULL ? v->session->account.desk_lang
                                 : text_lang_negotiate(http_request_header(req, "Accept-Language"), every_language,
                                                       v->site->default_lang);
}

struct str desk_token(struct desk_visit *v) {
    return v->session != NULL ? v->req->form_token : STR_NONE;
}

struct audit_who desk_who(const struct desk_visit *v) {
    return account_who(&v->session->account);
}

struct str desk_word(const struct desk_visit *v, enum text_word w) {
    return text_word(v->lang, w);
}

bool desk_may(const struct desk_visit *v, enum staff_action action) {
    struct staff_object station = {.lang = LANG_COUNT};
    return v->account != NULL && staff_may(v->account, action, &station);
}

// ---- the way on ------------------------------------------------------------------------------------------------------

enum rc desk_go(struct desk_visit *v, struct str address, const char *said) {
    size_t at;
    const char *sign = str_find_char(address, '?', &at) ? "&" : "?";
    if (said != NULL)
        address = str_fmt(v->a, "%.*s%ssaid=%s", STR_ARG(address), sign, said);
    http_reply_redirect(v->reply, 303, address);
    return RC_OK;
}

// Only addresses of the desk, so that a link cannot send somebody who signs in to another site.
static bool is_way(struct str way) {
    if (!desk_owns(way) || way.n > 500)
        return false;
    for (size_t i = 0; i < way.n; i++)
        if ((unsigned char)way.p[i] <= ' ' || (unsigned char)way.p[i] >= 0x7f || way.p[i] == '\\')
            return false;
    return true;
}

struct str desk_way(const struct desk_visit *v, const char *otherwise) {
    struct str way = http_request_field(v->req, "next");
    return is_way(way) ? way : str_from(otherwise);
}

// ---- what came along ---------------------------------------------------------------------------------------------------

int64_t desk_number(const struct desk_visit *v, size_t hole) {
    int64_t n;
    return str_to_i64(v->req->params[hole], &n) && n > 0 ? n : 0;
}

struct str desk_field(const struct desk_visit *v, const char *name) {
    return str_trim(http_request_field(v->req, name));
}

struct str desk_reason(struct desk_visit *v, const struct problem *p) {
    enum text_word w;
    return text_word_find(str_fmt(v->a, "desk_%s", p->text), &w) ? desk_word(v, w) : problem_text(v->a, p, v->lang);
}

void desk_problem_text(struct desk_visit *v, const char *field, struct str text) {
    if (v->problem_count < DESK_PROBLEMS_MAX)
        v->problems[v->problem_count++] = (struct desk_problem){field, text};
}

void desk_problem(struct desk_visit *v, const char *field, enum text_word w) {
    desk_problem_text(v, field, desk_word(v, w));
}

void desk_fail(struct desk_visit *v, enum text_word w) {
    v->said = desk_word(v, w);
    v->said_is_problem = true;
}

bool desk_form_ok(const struct desk_visit *v) {
    return v->req->form_ok && v->problem_count == 0 && !v->said_is_problem;
}
