// SPDX-License-Identifier: AGPL-3.0-or-later
// Everything that carries a tag, newest first.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

static enum rc show_tag(struct visit *v, const struct tag *tag) {
    struct view_list *view = ARENA_NEW(v->a, struct view_list);
    struct str address = link_tag(v->a, v->lang, tag->slug);
    struct visit_page page = {.address = address};
    struct list_query query = {.of = LIST_TAG, .lang = v->lang, .id = tag->id};
    page.title = text_phrase(v->a, v->lang, W_TAG_PAGE, 0, tag->name, STR_NONE);
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc == RC_OK)
        rc = list_view(v, &query, address, view);
    if (rc != RC_OK)
        return rc;
    view->kicker = text_word(v->lang, W_TAGS);
    view->heading = tag->name;
    view->count = text_number(v->a, v->lang, tag->count);
    view->feeds = feeds_view(v, "tag", tag->slug, view->frame.title);
    frame_add_feeds(v, &view->frame, &view->feeds);
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, list, view);
    return visit_send(v, &out, &(struct render_page){0});
}

enum rc tag_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct tag tag;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    enum rc rc = tag_by_address(v.a, v.db, v.lang, req->params[1], &tag);
    if (rc == RC_NOT_FOUND)
        rc = tag_by_address(v.a, v.db, v.lang, text_slug(v.a, v.lang, req->params[1]), &tag);
    if (rc != RC_OK)
        return rc;
    if (visit_moved(&v, link_tag(v.a, v.lang, tag.slug)))
        return RC_OK;
    render_use(&v.uses, EDITION_TAG, tag.id);
    rc = tag_by_id(v.a, v.db, tag.id, &tag); // once more now that the scope is known: a change in between is then seen
    if (rc == RC_OK)
        rc = tag_count(v.db, &tag);
    return rc == RC_OK ? show_tag(&v, &tag) : rc;
}
