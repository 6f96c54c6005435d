// SPDX-License-Identifier: AGPL-3.0-or-later
// How to reach the station, and a form to write to it. What the station itself says there is its standing page "contact",
// if it keeps one. What was typed comes back with whatever is wrong, also when too many come from one place; what was sent
// is answered with a 303 to a page that has its reference, so that going back and forth sends nothing twice.
#include "site/cards.h"
#include "site/contact_show.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

struct contact {
    struct visit v;
    struct view_contact *view;
    struct message message;
    struct str reference;
};

// ---- the page ----------------------------------------------------------------------------------------------------------

static enum rc fill_body(struct contact *c) {
    struct visit *v = &c->v;
    struct page page;
    render_use(&v->uses, EDITION_FRAME, v->lang); // raised by a page that is new
    enum rc rc = page_by_path(v->a, v->db, v->lang, STR("contact"), &page);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc == RC_OK) {
        render_use(&v->uses, EDITION_PAGE, page.id);
        rc = page_by_path(v->a, v->db, v->lang, STR("contact"), &page);
    }
    if (rc == RC_OK && page.state == PAGE_PUBLISHED) {
        c->view->heading = page.title;
        c->view->body = page.body;
    }
    return rc;
}

static void fill_topics(struct contact *c, struct str chosen) {
    struct visit *v = &c->v;
    struct view_contact_form *f = &c->view->form;
    f->topics.items = ARENA_ARRAY(v->a, struct view_option, MESSAGE_TOPICS);
    for (int i = MESSAGE_PROGRAMME; i < MESSAGE_TOPICS; i++) {
        struct str name = message_topic_name((enum message_topic)i);
        enum text_word w;
        must(text_word_find(str_fmt(v->a, "contact_topic_%.*s", STR_ARG(name)), &w));
        f->topics.items[f->topics.n++] = (struct view_option){name, text_word(v->lang, w), str_eq(name, chosen)};
    }
}

static void fill_form(struct contact *c) {
    struct visit *v = &c->v;
    struct view_contact_form *f = &c->view->form;
    int64_t days = v->site->message_days, kept = v->site->backup_keep;
    f->action = visit_link(v, link_contact(v->a, v->lang));
    f->name = http_request_field(v->req, "name");
    f->email = http_request_field(v->req, "email");
    f->text = http_request_field(v->req, "message");
    f->name_max = MESSAGE_NAME_MAX;
    f->email_max = MAIL_MAX;
    f->text_max = MESSAGE_TEXT_MAX;
    f->text_hint =
        text_phrase(v->a, v->lang, W_CONTACT_MESSAGE_HINT, 0, text_number(v->a, v->lang, MESSAGE_TEXT_MAX), STR_NONE);
    fill_topics(c, http_request_field(v->req, "topic"));
    f->privacy = text_phrase(v->a, v->lang, W_CONTACT_PRIVACY, days, text_number(v->a, v->lang, days), STR_NONE);
    f->privacy_backups = text_phrase(v->a, v->lang, kept > 0 ? W_CONTACT_PRIVACY_BACKUPS : W_CONTACT_PRIVACY_BACKUP,
                                     kept, text_number(v->a, v->lang, kept), STR_NONE);
}

// The view must be kept across what is found wrong, so it is begun once.
static enum rc begin(struct contact *c, struct http_request *req, struct http_reply *reply) {
    enum rc rc = visit_begin(&c->v, req, reply);
    c->view = ARENA_NEW(req->arena, struct view_contact);
    return rc;
}

static enum rc show(struct contact *c, struct str address, int status) {
    struct visit *v = &c->v;
    struct view_contact *view = c->view;
    view->heading = text_word(v->lang, view->reference.n > 0 ? W_CONTACT_SENT_TITLE : W_CONTACT);
    enum rc rc = view->reference.n > 0 ? RC_OK : fill_body(c);
    struct visit_page about = {.title = view->heading, .address = address, .no_index = address.n == 0 || status != 0};
    about.description = text_word(v->lang, W_CONTACT_TEXT);
    if (rc == RC_OK)
        rc = visit_frame(v, &about, &view->frame);
    if (rc != RC_OK)
        return rc;
    view->other_ways = view->frame.email.n > 0 || view->frame.phone.n > 0 || view->frame.place.n > 0;
    if (view->reference.n == 0) {
        fill_form(c);
        view->translations = languages_view(v, link_contact);
        view->frame.alternates = alternates_view(v, address, &view->translations);
    }
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, contact, view);
    return visit_send(v, &out, &(struct render_page){.status = status, .no_index = about.no_index});
}

enum rc contact_show_get(struct http_request *req, struct http_reply *reply) {
    struct contact c = {.reference = STR_NONE};
    if (begin(&c, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    struct str address = link_contact(c.v.a, c.v.lang);
    return visit_moved(&c.v, address) ? RC_OK : show(&c, address, 0);
}

enum rc contact_sent_get(struct http_request *req, struct http_reply *reply) {
    struct contact c = {.reference = STR_NONE};
    if (begin(&c, req, reply) != RC_OK || !message_reference_known(c.v.db, req->params[1]))
        return RC_NOT_FOUND;
    c.view->reference = req->params[1];
    c.view->sent = text_phrase(c.v.a, c.v.lang, W_CONTACT_SENT_TEXT, 0, req->params[1], STR_NONE);
    return show(&c, STR_NONE, 0);
}

// ---- what was written ----------------------------------------------------------------------------------------------------

static struct str problem_of(struct contact *c, const char *name) {
    const struct http_request *req = c->v.req;
    enum text_word w;
    for (size_t i = 0; i < req->field_count; i++)
        if (str_eq(req->fields[i].name, str_from(name)) && req->fields[i].problem != NULL &&
            text_word_find(str_from(req->fields[i].problem), &w))
            return text_word(c->v.lang, w);
    return STR_NONE;
}

static bool has_break(struct str s) {
    size_t at;
    return str_find_char(s, '\n', &at) || str_find_char(s, '\t', &at);
}

// Fills the message, and what is wrong with it; whether nothing is.
static bool take(struct contact *c) {
    struct visit *v = &c->v;
    struct view_contact_form *f = &c->view->form;
    struct message *m = &c->message;
    *m = (struct message){.lang = v->lang,
                          .name = str_trim(http_request_field(v->req, "name")),
                          .email = str_trim(http_request_field(v->req, "email")),
                          .text = str_trim(http_request_field(v->req, "message"))};
    f->name_problem = problem_of(c, "name");
    f->email_problem = problem_of(c, "email");
    f->topic_problem = problem_of(c, "topic");
    f->text_problem = problem_of(c, "message");
    if (f->name_problem.n == 0 && has_break(m->name))
        f->name_problem = text_word(v->lang, W_FORM_BAD_TEXT);
    if (f->email_problem.n == 0 && m->email.n > 0 && !mail_is_sound(m->email))
        f->email_problem = text_word(v->lang, W_CONTACT_BAD_EMAIL);
    if (f->topic_problem.n == 0 && !message_topic_find(http_request_field(v->req, "topic"), &m->topic))
        f->topic_problem = text_word(v->lang, W_FORM_REQUIRED);
    if (http_request_field(v->req, "homepage").n > 0)
        f->trap_problem = text_word(v->lang, W_CONTACT_TRAP);
    return f->name_problem.n + f->email_problem.n + f->topic_problem.n + f->text_problem.n + f->trap_problem.n == 0;
}

static enum rc add(struct db *db, void *arg) {
    struct contact *c = arg;
    struct visit *v = &c->v;
    bool added;
    enum rc rc = message_add(v->a, db, &c->message, v->now, &c->reference, &added);
    const struct site_running *running = v->site->running;
    return rc == RC_OK && added && running != NULL ? running->message_came(v->site, v->a, db, &c->message, v->now) : rc;
}

static enum rc again(struct contact *c, int status, enum text_word why) {
    if (why != W_COUNT)
        c->view->form.failure = text_word(c->v.lang, why);
    return show(c, link_contact(c->v.a, c->v.lang), status);
}

enum rc contact_show_post(struct http_request *req, struct http_reply *reply) {
    struct contact *c = ARENA_NEW(req->arena, struct contact);
    if (begin(c, req, reply) != RC_OK)
        return RC_NOT_FOUND;
    if (!take(c))
        return again(c, 422, W_CONTACT_PROBLEMS);
    enum rc rc = store_write(c->v.site->store, STORE_DURABLE, add, c);
    if (rc == RC_BUSY)
        return again(c, 503, W_CONTACT_BUSY);
    if (rc != RC_OK)
        return rc;
    http_reply_redirect(reply, 303, visit_link(&c->v, link_contact_sent(c->v.a, c->v.lang, c->reference)));
    return RC_OK;
}

bool contact_give_back(struct http_request *req, struct http_reply *reply, int status) {
    if (status != 429 || req->worker == NULL || req->route == NULL || req->route->handler != contact_show_post)
        return false;
    struct contact *c = ARENA_NEW(req->arena, struct contact);
    if (begin(c, req, reply) != RC_OK)
        return false;
    (void)take(c);
    return again(c, 429, W_CONTACT_WAIT) == RC_OK;
}
