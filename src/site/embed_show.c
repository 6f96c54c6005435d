// SPDX-License-Identifier: AGPL-3.0-or-later
// The page that holds the frame of another site's thing: what a reader reaches with a click on an article's embed. The
// policy of this page alone lets that one site in; no script of ours is needed.
#include "site/cards.h"
#include "site/legacy_redirect.h"
#include "site/routes.h"
#include "templates.h"

static bool embed_at(struct visit *v, struct str rows, size_t place, struct embed *out, struct str *title_out) {
    struct list_row row = {0};
    for (size_t i = 0; i < place; i++)
        if (!rows_next(&rows, &row))
            return false;
    *title_out = row.cells[1];
    return place > 0 && embed_find(v->a, row.cells[0], out) && out->frame.n > 0;
}

// Being of another origin the frame cannot touch our page; it learns our origin and no address.
static struct html frame_html(struct visit *v, const struct embed *e, struct str title) {
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_c(&b,
          e->sound ? "<iframe class=\"embed-frame embed-frame-sound\" src=\"" : "<iframe class=\"embed-frame\" src=\"");
    html_escape(&b, e->frame);
    buf_c(&b, "\" title=\"");
    html_escape(&b, title);
    buf_c(&b, "\" allow=\"fullscreen; encrypted-media; picture-in-picture\" allowfullscreen "
              "referrerpolicy=\"strict-origin\"></iframe>");
    must(!b.failed);
    struct html out = html_stored(str_dup(v->a, buf_view(&b)));
    buf_fini(&b);
    return out;
}

static void fill(struct visit *v, const struct article *art, const struct embed *e, struct view_embed_page *out) {
    struct str address = link_article_of(v->a, art);
    out->crumbs = links_new(v->a, 3);
    links_add(&out->crumbs, text_word(v->lang, W_HOME), out->frame.front);
    links_add(&out->crumbs, art->section.name, link_section(v->a, v->lang, art->section.slug));
    links_add(&out->crumbs, art->headline, address);
    out->note = text_phrase(v->a, v->lang, W_EMBED_PAGE_NOTE, 0, e->provider, STR_NONE);
    out->article = (struct view_link){.address = address};
    out->article.label = text_phrase(v->a, v->lang, W_EMBED_BACK, 0, art->headline, STR_NONE);
    out->own = (struct view_link){.address = e->address};
    out->own.label = text_phrase(v->a, v->lang, W_EMBED_OWN, 0, e->provider, STR_NONE);
}

enum rc embed_show_get(struct http_request *req, struct http_reply *reply) {
    struct visit v;
    struct article art;
    struct embed e;
    struct str title;
    int64_t number, place, until = INT64_MAX;
    if (visit_begin(&v, req, reply) != RC_OK)
        return legacy_redirect(req, reply);
    if (!str_to_i64(req->params[1], &number) || !str_to_i64(req->params[2], &place) || number <= 0 || place <= 0 ||
        place > ROWS_MAX)
        return RC_NOT_FOUND;
    render_use(&v.uses, EDITION_ITEM, number);
    enum rc rc = article_show(v.a, v.db, number, v.now, &art, &until);
    if (rc != RC_OK)
        return rc == RC_GONE ? RC_NOT_FOUND : rc;
    if (art.lang != v.lang || !embed_at(&v, art.embeds, (size_t)place, &e, &title))
        return RC_NOT_FOUND;
    if (visit_moved(&v, link_embed(v.a, v.lang, number, (size_t)place)))
        return RC_OK;
    render_until(&v.uses, until);
    struct view_embed_page *view = ARENA_NEW(v.a, struct view_embed_page);
    title = title.n > 0 ? title : e.provider;
    struct visit_page page = {.title = title, .no_index = true};
    rc = visit_frame(&v, &page, &view->frame);
    if (rc != RC_OK)
        return rc;
    view->title = title;
    fill(&v, &art, &e, view);
    view->frame_html = frame_html(&v, &e, title);
    struct render_out out;
    render_out_init(&out, v.lang);
    tmpl_site_embed(&out, view);
    return visit_send(&v, &out, &(struct render_page){.no_index = true, .frame_origin = e.origin});
}
