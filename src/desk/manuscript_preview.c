// SPDX-License-Identifier: AGPL-3.0-or-later
// How a text will look when it is published: the page itself in a window as wide as a phone, a tablet or a desk, and the
// link to it, which can be handed on. Each width is an address of its own, so that it needs no script.
#include "desk/manuscript.h"
#include "desk/routes.h"

static const struct width {
    const char *name;
    enum text_word label;
    int width, height;
} widths[] = {
    {"desktop", W_DESK_WIDTH_DESKTOP, 1280, 900},
    {"tablet", W_DESK_WIDTH_TABLET, 768, 1024},
    {"phone", W_DESK_WIDTH_PHONE, 360, 740},
};
enum { WIDTHS = sizeof widths / sizeof widths[0] };

static const struct width *width_of(const struct desk_visit *v) {
    struct str name = desk_field(v, "width");
    for (size_t i = 0; i < WIDTHS; i++)
        if (str_eq(name, str_from(widths[i].name)))
            return &widths[i];
    return &widths[0];
}

static struct str width_label(struct desk_visit *v, const struct width *w) {
    return str_fmt(v->a, "%.*s, %d px", STR_ARG(desk_word(v, w->label)), w->width);
}

static void width_tabs(struct desk_visit *v, struct view_desk_page *page, const struct manuscript *m,
                       const struct width *chosen) {
    for (size_t i = 0; i < WIDTHS; i++) {
        desk_link(v, &page->tabs, width_label(v, &widths[i]),
                  manuscript_address(v, m->id, str_fmt(v->a, "/preview?width=%s", widths[i].name).p), STR_NONE);
        page->tabs.items[i].current = &widths[i] == chosen;
    }
}

enum rc manuscript_preview_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find(&v, &m);
    if (rc != RC_OK)
        return rc;
    const struct width *w = width_of(&v);
    struct str link = link_preview(v.a, m.lang, preview_token(v.a, v.site->preview_key, m.id, v.now));
    struct view_desk_page *page = desk_page(&v, W_DESK_PREVIEW);
    manuscript_crumbs(&v, page, &m);
    width_tabs(&v, page, &m, w);
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    desk_link(&v, &block->links, desk_word(&v, W_DESK_PREVIEW_LINK), link, desk_word(&v, W_DESK_PREVIEW_LINK_NOTE));
    struct str title =
        str_fmt(v.a, "%.*s: %.*s", STR_ARG(width_label(&v, w)), STR_ARG(manuscript_title(&v, m.headline)));
    desk_window(&v, block, link, title, w->width, w->height);
    return desk_send(&v, page, 0);
}
