// SPDX-License-Identifier: AGPL-3.0-or-later
// Who wrote it: the name as printed, a few public words, and the articles in the page's language. Nothing else is kept
// about a person here.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

static enum rc show_author(struct visit *v, const struct person *person) {
    struct view_list *view = ARENA_NEW(v->a, struct view_list);
    struct str address = link_person(v->a, v->lang, person->slug);
    struct visit_page page = {person->name, person->bio, address, STR("profile"), false};
    struct list_query query = {.of = LIST_PERSON, .lang = v->lang, .id = person->id, .now_us = v->now};
    int64_t count = 0;
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc == RC_OK)
        rc = list_view(v, &query, address, view);
    if (rc == RC_OK)
        rc = article_count(v->db, &query, &count);
    if (rc != RC_OK)
        return rc;
    view->kicker = text_word(v->lang, W_WRITTEN_BY);
    view->heading = person->name;
    view->count = text_number(v->a, v->lang, count);
    view->description = person->bio;
    view->feeds = feeds_view(v, "author", person->slug, view->frame.title);
    frame_add_feeds(v, &view->frame, &view->feeds);
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, list, view);
    return visit_send(v, &out, &(struct render_page){0});
}

enum rc author_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct person person;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    enum rc rc = person_by_address(v.a, v.db, req->params[1], &person);
    if (rc == RC_NOT_FOUND)
        rc = person_by_address(v.a, v.db, text_slug(v.a, v.lang, req->params[1]), &person);
    if (rc != RC_OK)
        return rc;
    if (visit_moved(&v, link_person(v.a, v.lang, person.slug)))
        return RC_OK;
    render_use(&v.uses, EDITION_PERSON, person.id);
    rc = person_by_id(v.a, v.db, person.id, &person);
    return rc == RC_OK ? show_author(&v, &person) : rc;
}
