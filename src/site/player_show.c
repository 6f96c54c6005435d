// SPDX-License-Identifier: AGPL-3.0-or-later
// The bar that the player's script puts below every page while somebody listens: its words in the page's language, and what
// it can play. No page of its own: nobody is led here.
#include "site/cards.h"
#include "site/routes.h"
#include "templates.h"

static void fill_sleep(struct visit *v, struct view_player *view) {
    static const int64_t minutes[] = {15, 30, 60, 90};
    enum { COUNT = sizeof minutes / sizeof minutes[0] };
    view->sleep.items = ARENA_ARRAY(v->a, struct view_minutes, COUNT);
    for (; view->sleep.n < COUNT; view->sleep.n++) {
        int64_t n = minutes[view->sleep.n];
        view->sleep.items[view->sleep.n] = (struct view_minutes){
            n, text_phrase(v->a, v->lang, W_PLAYER_MINUTES, n, text_number(v->a, v->lang, n), STR_NONE)};
    }
}

enum rc player_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    enum rc rc = visit_begin(&v, req, reply);
    if (rc != RC_OK)
        return rc;
    struct view_player *view = ARENA_NEW(v.a, struct view_player);
    view->lang = text_lang_code(v.lang);
    view->dir = text_lang_is_rtl(v.lang) ? STR("rtl") : STR("ltr");
    view->live = link_live(v.a, v.lang);
    view->events = radio_link(&v, "/api/events");
    view->now = radio_link(&v, "/api/now.json");
    view->behind = text_phrase(v.a, v.lang, W_PLAYER_BEHIND, 0, STR("{}"), STR_NONE);
    view->sleeps = text_phrase(v.a, v.lang, W_PLAYER_SLEEPS, 0, STR("{}"), STR_NONE);
    view->services = services_view(&v);
    fill_sleep(&v, view);
    struct render_out out;
    render_out_init(&out, v.lang);
    tmpl_site_player(&out, view);
    return visit_send(&v, &out, &(struct render_page){.no_index = true});
}
