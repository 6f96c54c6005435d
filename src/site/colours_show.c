// SPDX-License-Identifier: AGPL-3.0-or-later
// The station's own colours as a style sheet of a few lines. Its address holds all four, so it can be kept for good:
//   /colours/0b3c5d-a4161a-8fc7ec-ff9a94.css     brand and accent on light ground, then on dark; "x": the built-in one
#include "render/render.h"
#include "site/cards.h"
#include "site/routes.h"

enum { COLOURS = 4, ON_WHITE = 700 };
static const char *const keys[COLOURS] = {"colour_brand", "colour_accent", "colour_brand_dark", "colour_accent_dark"};

struct str colours_address(const struct settings *settings, struct arena *a) {
    struct str name = STR_NONE;
    bool any = false;
    for (size_t i = 0; i < COLOURS; i++) {
        struct str value = settings_value(settings, keys[i]);
        struct colour colour;
        bool own = colour_parse(value, &colour);
        any = any || own;
        struct str digits = own ? str_slice(colour_text(a, colour), 1, 7) : STR("x");
        name = str_fmt(a, "%.*s%s%.*s", STR_ARG(name), i > 0 ? "-" : "", STR_ARG(digits));
    }
    return any ? str_fmt(a, "/colours/%.*s.css", STR_ARG(name)) : STR_NONE;
}

struct palette {
    bool own[COLOURS];
    struct colour colours[COLOURS];
};

static bool palette_parse(struct arena *a, struct str name, struct palette *out) {
    struct str part;
    size_t n = 0;
    if (!str_ends(name, STR(".css")))
        return false;
    name = str_slice(name, 0, name.n - 4);
    for (; n < COLOURS && str_next(&name, '-', &part); n++) {
        out->own[n] = !str_eq(part, STR("x"));
        if (out->own[n] && !colour_parse(str_fmt(a, "#%.*s", STR_ARG(part)), &out->colours[n]))
            return false;
    }
    return n == COLOURS && name.n == 0;
}

// The bars of menu and footer carry white words, so they are the brand's colour as dark as that needs.
static void write_scheme(struct buf *b, struct arena *a, const struct palette *p, size_t first) {
    static const struct colour white = {255, 255, 255};
    buf_c(b, ":root{");
    if (p->own[first])
        buf_fmt(b, "--brand:%.*s;", STR_ARG(colour_text(a, p->colours[first])));
    if (p->own[0]) {
        struct colour deep = colour_readable(p->colours[0], white, first == 0 ? ON_WHITE : 2 * ON_WHITE);
        buf_fmt(b, "--brand-deep:%.*s;", STR_ARG(colour_text(a, deep)));
    }
    if (p->own[first + 1])
        buf_fmt(b, "--accent:%.*s;", STR_ARG(colour_text(a, p->colours[first + 1])));
    buf_c(b, "}");
}

enum rc colours_show_get(struct http_request *req, struct http_reply *reply) {
    struct palette palette = {0};
    if (!palette_parse(req->arena, req->params[0], &palette))
        return RC_NOT_FOUND;
    struct render_out out;
    render_out_init(&out, LANG_EN);
    write_scheme(&out.body, req->arena, &palette, 0);
    buf_c(&out.body, "@media (prefers-color-scheme:dark){");
    write_scheme(&out.body, req->arena, &palette, 2);
    buf_c(&out.body, "}");
    if (palette.own[0])
        buf_fmt(&out.body, ".brand-field{fill:%.*s}", STR_ARG(colour_text(req->arena, palette.colours[0])));
    struct render_page page = {.content_type = STR("text/css; charset=utf-8")};
    enum rc rc = render_reply(req, reply, &out, NULL, &page);
    render_out_fini(&out);
    return rc;
}
