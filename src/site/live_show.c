// SPDX-License-Identifier: AGPL-3.0-or-later
// Live Streaming: the station's own services to play at once and their addresses for other players; and the ways to listen
// that the station wrote down: frequencies, satellites, streams elsewhere.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

// A phone that looks at it opens this page at the service, where one tap plays.
static void fill_qr(struct visit *v, struct view_service *service) {
    struct str address = link_absolute(v->a, v->site->origin, service->address);
    if (v->lite || !qr_draw(v->a, address, &service->qr))
        return;
    service->qr.label = address;
}

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
    view->services = services_view(&v);
    for (size_t i = 0; i < view->services.n; i++)
        fill_qr(&v, &view->services.items[i]);
    view->ways = ways_view(&v);
    struct view_links others = languages_view(&v, link_live);
    view->frame.alternates = alternates_view(&v, address, &others);
    struct render_out out;
    render_out_init(&out, v.lang);
    VISIT_SHOW(&v, &out, live, view);
    return visit_send(&v, &out, &(struct render_page){0});
}
