// SPDX-License-Identifier: AGPL-3.0-or-later
// Live Streaming: the ways to listen, as the station wrote them down: streams, frequencies, satellites.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

enum rc live_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    struct str address = link_live(v.a, v.lang);
    if (visit_moved(&v, address))
        return RC_OK;
    struct view_live *view = ARENA_NEW(v.a, struct view_live);
    struct visit_page page = {.title = text_word(v.lang, W_LIVE_STREAMING), .address = address};
    page.description = text_word(v.lang, W_WAYS_TO_LISTEN);
    enum rc rc = visit_frame(&v, &page, &view->frame);
    if (rc != RC_OK)
        return rc;
    view->ways = ways_view(&v);
    struct view_links others = languages_view(&v, link_live);
    view->frame.alternates = alternates_view(&v, address, &others);
    struct render_out out;
    render_out_init(&out, v.lang);
    VISIT_SHOW(&v, &out, live, view);
    return visit_send(&v, &out, &(struct render_page){0});
}
