// SPDX-License-Identifier: AGPL-3.0-or-later
// The index of sitemaps and one file per language and block of article numbers, with the translations of each article
// (hreflang) in it, as sitemaps want it: each lists all, itself included.
#include "feeds/sitemap.h"

#include "feeds/feed.h"
#include "feeds/xml.h"

#define NS_SITEMAP "http://www.sitemaps.org/schemas/sitemap/0.9"

struct str sitemap_address(struct http_request *req, struct str address) {
    return link_absolute(req->arena, feed_site(req)->origin, address);
}

void sitemap_urlset(struct xml *x, const char *extra_name, const char *extra_namespace) {
    xml_open(x, "urlset");
    xml_attr(x, "xmlns", STR(NS_SITEMAP));
    xml_attr(x, extra_name, str_from(extra_namespace));
}

void sitemap_date(struct http_request *req, struct xml *x, const char *name, int64_t at_us) {
    if (at_us > 0)
        xml_leaf(x, name, text_date(req->arena, LANG_EN, feed_site(req)->zone, at_us, DATE_ISO));
}

void sitemap_alternate(struct http_request *req, struct xml *x, enum text_lang lang, struct str address) {
    xml_open(x, "xhtml:link");
    xml_attr(x, "rel", STR("alternate"));
    xml_attr(x, "hreflang", text_lang_code(lang));
    xml_attr(x, "href", sitemap_address(req, address));
    xml_close(x);
}

enum rc sitemap_reply(struct http_request *req, struct http_reply *reply, struct render_out *o,
                      const struct render_uses *uses, enum rc rc) {
    struct render_page page = {.content_type = STR("application/xml; charset=utf-8")};
    if (rc == RC_OK)
        rc = render_reply(req, reply, o, uses, &page);
    render_out_fini(o);
    return rc;
}

// ---- index
// -----------------------------------------------------------------------------------------------------------

static void write_file(struct http_request *req, struct xml *x, struct str lang, int64_t n, int64_t changed_at) {
    xml_open(x, "sitemap");
    xml_leaf(x, "loc",
             sitemap_address(req, str_fmt(req->arena, "/sitemaps/%.*s-%lld.xml", STR_ARG(lang), (long long)n)));
    sitemap_date(req, x, "lastmod", changed_at);
    xml_close(x);
}

static enum rc write_blocks(struct http_request *req, struct xml *x, enum text_lang lang, int64_t now_us) {
    struct article_block *blocks;
    size_t count;
    enum rc rc = article_blocks(req->arena, feed_db(req), lang, now_us, &blocks, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        write_file(req, x, text_lang_code(lang), blocks[i].block, blocks[i].changed_at);
    return rc;
}

static bool has_lang(struct http_request *req, int lang) {
    return (feed_site(req)->languages & (UINT32_C(1) << lang)) != 0;
}

// Until an article of any language appears or goes by itself: each may be a translation of what a file lists.
static enum rc use_next_change(struct http_request *req, struct render_uses *uses, int64_t now_us) {
    enum rc rc = RC_OK;
    for (int lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++) {
        int64_t until = INT64_MAX;
        if (has_lang(req, lang))
            rc = article_next_change(feed_db(req), (enum text_lang)lang, now_us, &until);
        render_until(uses, until);
    }
    return rc;
}

static void use_frames(struct render_uses *uses) {
    for (int lang = 0; lang < LANG_COUNT; lang++)
        render_use(uses, EDITION_FRAME, lang);
}

enum rc sitemap_index(struct http_request *req, struct http_reply *reply) {
    struct render_uses uses;
    struct render_out o;
    struct xml x;
    render_uses_init(&uses);
    use_frames(&uses);
    for (int lang = 0; lang < LANG_COUNT; lang++)
        render_use(&uses, EDITION_CHANGED, lang);
    render_out_init(&o, LANG_EN);
    xml_begin(&x, req->arena);
    xml_open(&x, "sitemapindex");
    xml_attr(&x, "xmlns", STR(NS_SITEMAP));
    int64_t now_us = clock_now_us();
    enum rc rc = use_next_change(req, &uses, now_us);
    for (int lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++)
        if (has_lang(req, lang)) {
            write_file(req, &x, text_lang_code((enum text_lang)lang), 0, 0);
            rc = write_blocks(req, &x, (enum text_lang)lang, now_us);
        }
    xml_close(&x);
    enum rc written = xml_end(&x, &o);
    return sitemap_reply(req, reply, &o, &uses, rc != RC_OK ? rc : written);
}

// ---- one block of numbers
// --------------------------------------------------------------------------------------------

struct block_writing {
    struct http_request *req;
    struct xml *x;
    int64_t number; // of the article whose <url> is open
    size_t written;
};

static void write_row(void *arg, const struct article_card *art, const struct article_card *translation) {
    struct block_writing *w = arg;
    if (art->number != w->number) {
        if (w->number != 0)
            xml_close(w->x);
        xml_open(w->x, "url");
        xml_leaf(w->x, "loc", sitemap_address(w->req, link_article(w->req->arena, art)));
        sitemap_date(w->req, w->x, "lastmod",
                     art->modified_at > art->published_at ? art->modified_at : art->published_at);
        w->number = art->number;
        w->written++;
    }
    if (has_lang(w->req, (int)translation->lang))
        sitemap_alternate(w->req, w->x, translation->lang, link_article(w->req->arena, translation));
}

static enum rc block_document(struct http_request *req, enum text_lang lang, int64_t n, struct render_uses *uses,
                              struct render_out *o) {
    struct xml x;
    struct block_writing w = {.req = req, .x = &x};
    int64_t now_us = clock_now_us();
    use_frames(uses);
    render_use(uses, EDITION_BLOCK, article_block_id(lang, n));
    xml_begin(&x, req->arena);
    sitemap_urlset(&x, "xmlns:xhtml", "http://www.w3.org/1999/xhtml");
    enum rc rc = use_next_change(req, uses, now_us);
    if (rc == RC_OK)
        rc = article_block_rows(feed_db(req), lang, n, now_us, write_row, &w);
    if (w.number != 0)
        xml_close(&x);
    xml_close(&x);
    enum rc ended = xml_end(&x, o);
    if (rc == RC_OK && w.written == 0)
        return RC_NOT_FOUND;
    return rc != RC_OK ? rc : ended;
}

// "en-3.xml"
static bool file_name_parse(struct http_request *req, struct str name, enum text_lang *lang, int64_t *n) {
    struct str code;
    if (!str_ends(name, STR(".xml")))
        return false;
    name = str_slice(name, 0, name.n - 4);
    if (!str_next(&name, '-', &code) || !feed_lang(req, code, lang) || name.n == 0 || name.n > 5)
        return false;
    return (name.n == 1 || name.p[0] != '0') && str_to_i64(name, n) && *n >= 0;
}

enum rc sitemap_file(struct http_request *req, struct http_reply *reply) {
    enum text_lang lang;
    int64_t n;
    if (!file_name_parse(req, req->params[0], &lang, &n))
        return RC_NOT_FOUND;
    struct render_uses uses;
    struct render_out o;
    render_uses_init(&uses);
    render_out_init(&o, lang);
    enum rc rc = n == 0 ? sitemap_places(req, lang, &uses, &o) : block_document(req, lang, n, &uses, &o);
    return sitemap_reply(req, reply, &o, &uses, rc);
}
