// SPDX-License-Identifier: AGPL-3.0-or-later
// A section: its name with the number of its articles as on the old site ("Editorial (815)"), and the articles, newest
// first. The same place in the address may be a standing page: both share one set of names.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

static enum rc show_section(struct visit *v, const struct section *section) {
    struct view_list *view = ARENA_NEW(v->a, struct view_list);
    struct str address = link_section(v->a, v->lang, section->slug);
    struct visit_page page = {section->name, section->description, address, STR_NONE, false};
    struct list_query query = {.of = LIST_SECTION, .lang = v->lang, .id = section->id};
    enum rc rc = visit_frame(v, &page, &view->frame);
    if (rc == RC_OK)
        rc = list_view(v, &query, address, view);
    if (rc != RC_OK)
        return rc;
    view->heading = section->name;
    view->count = text_number(v->a, v->lang, section->count);
    view->description = section->description;
    view->tone = section_tone(v, section->id);
    view->feeds = feeds_view(v, "section", section->slug, view->frame.title);
    frame_add_feeds(v, &view->frame, &view->feeds);
    // The section's name over every card of its own list would say nothing.
    for (size_t i = 0; i < view->cards.n; i++)
        view->cards.items[i].section = STR_NONE;
    struct render_out out;
    render_out_init(&out, v->lang);
    VISIT_SHOW(v, &out, list, view);
    return visit_send(v, &out, &(struct render_page){0});
}

enum rc place_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct section section;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    struct str slug = text_slug(v.a, v.lang, req->params[1]);
    enum rc rc = section_by_address(v.a, v.db, v.lang, slug, &section);
    if (rc == RC_NOT_FOUND)
        return page_show_get(req, reply);
    if (rc != RC_OK)
        return rc;
    if (visit_moved(&v, link_section(v.a, v.lang, section.slug)))
        return RC_OK;
    // Read once more now that the scope is known: a change in between is then seen.
    render_use(&v.uses, EDITION_SECTION, section.id);
    rc = section_by_id(v.a, v.db, section.id, &section);
    return rc == RC_OK ? show_section(&v, &section) : rc;
}
