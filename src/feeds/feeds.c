// SPDX-License-Identifier: AGPL-3.0-or-later
// The routes of feeds and sitemaps, and robots.txt.
#include "feeds/feeds.h"

#include "feeds/feed.h"
#include "feeds/sitemap.h"

struct format {
    const char *ext;
    struct str content_type;
    enum rc (*write)(struct http_request *req, const struct feed *f, struct render_out *o);
};
static const struct format formats[] = {
    {"rss", {"application/rss+xml; charset=utf-8", 34}, feed_write_rss},
    {"atom", {"application/atom+xml; charset=utf-8", 35}, feed_write_atom},
    {"json", {"application/feed+json; charset=utf-8", 36}, feed_write_json},
};

// "science.atom" is the slug and a format.
static const struct format *format_of(struct str file, struct str *slug) {
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct str ext = str_from(formats[i].ext);
        if (file.n > ext.n + 1 && str_ends(file, ext) && file.p[file.n - ext.n - 1] == '.') {
            *slug = str_slice(file, 0, file.n - ext.n - 1);
            return &formats[i];
        }
    }
    return NULL;
}

static enum rc answer(struct http_request *req, struct http_reply *reply, enum list_of of) {
    struct feed_question q = {.of = of};
    const struct format *format = format_of(req->params[1], &q.slug);
    if (format == NULL || !feed_lang(req, req->params[0], &q.lang))
        return RC_NOT_FOUND;
    if (of == LIST_LANG && !str_eq(q.slug, STR("all")))
        return RC_NOT_FOUND;
    q.ext = format->ext;
    struct render_uses uses;
    struct render_out o;
    struct feed *f = ARENA_NEW(req->arena, struct feed);
    render_uses_init(&uses);
    enum rc rc = feed_load(req, &q, &uses, f);
    if (rc != RC_OK)
        return rc;
    render_out_init(&o, q.lang);
    struct render_page page = {.content_type = format->content_type};
    rc = format->write(req, f, &o);
    if (rc == RC_OK)
        rc = render_reply(req, reply, &o, &uses, &page);
    render_out_fini(&o);
    return rc;
}

static enum rc feed_all(struct http_request *req, struct http_reply *reply) {
    return answer(req, reply, LIST_LANG);
}

static enum rc feed_section(struct http_request *req, struct http_reply *reply) {
    return answer(req, reply, LIST_SECTION);
}

static enum rc feed_author(struct http_request *req, struct http_reply *reply) {
    return answer(req, reply, LIST_PERSON);
}

static enum rc feed_tag(struct http_request *req, struct http_reply *reply) {
    return answer(req, reply, LIST_TAG);
}

// Search results and the text edition are the same words again; everything else is for everybody.
static enum rc robots(struct http_request *req, struct http_reply *reply) {
    struct render_uses uses;
    struct render_out o;
    struct str origin = feed_site(req)->origin;
    render_uses_init(&uses);
    render_out_init(&o, LANG_EN);
    struct str text = str_fmt(req->arena,
                              "User-agent: *\nDisallow: /*/search\nDisallow: /lite/\n\n"
                              "Sitemap: %.*s/sitemap.xml\nSitemap: %.*s/news-sitemap.xml\n",
                              STR_ARG(origin), STR_ARG(origin));
    render_raw(&o, text.p, text.n);
    struct render_page page = {.content_type = STR("text/plain; charset=utf-8")};
    enum rc rc = render_reply(req, reply, &o, &uses, &page);
    render_out_fini(&o);
    return rc;
}

#define FEED_ROUTE(path, fn, why)                                                                                      \
    {                                                                                                                  \
        .method = HTTP_GET, .pattern = (path), .handler = (fn), .cache = HTTP_CACHE_SHORT, .queue = HTTP_QUEUE_PAGE,   \
        .purpose = (why)                                                                                               \
    }

const struct http_route feeds_routes[] = {
    FEED_ROUTE("/feeds/{lang}/{file}", feed_all, "the newest articles of a language as RSS, Atom or JSON Feed"),
    FEED_ROUTE("/feeds/{lang}/section/{file}", feed_section, "the newest articles of a section, as a feed"),
    FEED_ROUTE("/feeds/{lang}/author/{file}", feed_author, "the newest articles of an author, as a feed"),
    FEED_ROUTE("/feeds/{lang}/tag/{file}", feed_tag, "the newest articles with a tag, as a feed"),
    FEED_ROUTE("/sitemap.xml", sitemap_index, "the list of sitemaps"),
    FEED_ROUTE("/sitemaps/{file}", sitemap_file, "the addresses of a language: places, or a range of articles"),
    FEED_ROUTE("/news-sitemap.xml", sitemap_news, "what was published in the last two days"),
    FEED_ROUTE("/robots.txt", robots, "what robots may fetch, and where the sitemaps are"),
};
const size_t feeds_route_count = sizeof(feeds_routes) / sizeof(feeds_routes[0]);
