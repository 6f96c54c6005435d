// SPDX-License-Identifier: AGPL-3.0-or-later
// The index of sitemaps and one file per language and range of article numbers, with the translations of each article
// (hreflang) in it, as sitemaps want it: each lists all, itself included.
#include "feeds/sitemap.h"

#include "feeds/feed.h"
#include "feeds/xml.h"

#define NS_SITEMAP "http://www.sitemaps.org/schemas/sitemap/0.9"
#define VISIBLE(t) t ".state = 2 AND " t ".published_at <= $1 AND (" t ".expires_at = 0 OR " t ".expires_at > $1) "

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

static enum rc write_blocks(struct http_request *req, struct xml *x) {
    struct db_stmt *st = db_sql(feed_db(req), "SELECT a.lang, (a.number - 1) / 2500 + 1, "
                                              "MAX(CASE WHEN a.modified_at > a.published_at THEN a.modified_at "
                                              "ELSE a.published_at END) FROM articles a WHERE " VISIBLE(
                                                  "a") "GROUP BY a.lang, (a.number - 1) / 2500 ORDER BY 1, 2");
    db_bind_i64(st, 1, clock_now_us());
    while (db_step(st)) {
        enum text_lang lang;
        if (feed_lang(req, db_str(st, 0), &lang))
            write_file(req, x, text_lang_code(lang), db_i64(st, 1), db_i64(st, 2));
    }
    return db_end(st);
}

// The next moment at which an article appears or goes by itself.
static enum rc next_change(struct http_request *req, struct render_uses *uses, int64_t now_us) {
    struct db_stmt *st = db_sql(feed_db(req), "SELECT MIN(published_at) FROM articles WHERE state = 2 AND "
                                              "published_at > $1");
    db_bind_i64(st, 1, now_us);
    if (db_step(st) && !db_is_null(st, 0))
        render_until(uses, db_i64(st, 0));
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(feed_db(req), "SELECT MIN(expires_at) FROM articles WHERE state = 2 AND expires_at > $1");
    db_bind_i64(st, 1, now_us);
    if (db_step(st) && !db_is_null(st, 0))
        render_until(uses, db_i64(st, 0));
    return db_end(st);
}

static void use_all_languages(struct http_request *req, struct render_uses *uses) {
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        render_use(uses, EDITION_FRONT, lang);
        render_use(uses, EDITION_CHANGED, lang);
        render_use(uses, EDITION_FRAME, lang);
    }
    (void)req;
}

enum rc sitemap_index(struct http_request *req, struct http_reply *reply) {
    struct render_uses uses;
    struct render_out o;
    struct xml x;
    render_uses_init(&uses);
    use_all_languages(req, &uses);
    render_out_init(&o, LANG_EN);
    xml_begin(&x, req->arena);
    xml_open(&x, "sitemapindex");
    xml_attr(&x, "xmlns", STR(NS_SITEMAP));
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if ((feed_site(req)->languages & (UINT32_C(1) << lang)) != 0)
            write_file(req, &x, text_lang_code((enum text_lang)lang), 0, 0);
    enum rc rc = next_change(req, &uses, clock_now_us());
    if (rc == RC_OK)
        rc = write_blocks(req, &x);
    xml_close(&x);
    enum rc written = xml_end(&x, &o);
    return sitemap_reply(req, reply, &o, &uses, rc != RC_OK ? rc : written);
}

// ---- one range of numbers
// --------------------------------------------------------------------------------------------

// An article and, in rows of the same number, each of its visible translations, itself among them.
static struct db_stmt *block_rows(struct http_request *req, enum text_lang lang, int64_t n, int64_t now_us) {
    struct db_stmt *st =
        db_sql(feed_db(req),
               "SELECT a.number, a.slug, s.slug, a.published_at, a.modified_at, t.number, t.slug, ts.slug, t.lang "
               "FROM articles a JOIN sections s ON s.id = a.section_id "
               "JOIN articles t ON t.translation_group = a.translation_group "
               "JOIN sections ts ON ts.id = t.section_id "
               "WHERE a.number > $2 AND a.number <= $3 AND a.lang = $4 AND " VISIBLE("a") "AND " VISIBLE(
                   "t") "ORDER BY a.number, t.lang");
    db_bind_i64(st, 1, now_us);
    db_bind_i64(st, 2, (n - 1) * SITEMAP_BLOCK);
    db_bind_i64(st, 3, n * SITEMAP_BLOCK);
    db_bind_str(st, 4, text_lang_code(lang));
    return st;
}

static void write_article(struct http_request *req, struct xml *x, struct db_stmt *st, enum text_lang lang) {
    struct article_card card = {
        .number = db_i64(st, 0), .slug = db_str(st, 1), .section_slug = db_str(st, 2), .lang = lang};
    int64_t published = db_i64(st, 3), modified = db_i64(st, 4);
    xml_leaf(x, "loc", sitemap_address(req, link_article(req->arena, &card)));
    sitemap_date(req, x, "lastmod", modified > published ? modified : published);
}

static enum rc write_block(struct http_request *req, struct xml *x, enum text_lang lang, int64_t n, int64_t now_us,
                           size_t *written) {
    struct db_stmt *st = block_rows(req, lang, n, now_us);
    int64_t number = 0;
    while (db_step(st)) {
        struct article_card other = {.number = db_i64(st, 5), .slug = db_str(st, 6), .section_slug = db_str(st, 7)};
        if (db_i64(st, 0) != number) {
            if (number != 0)
                xml_close(x);
            xml_open(x, "url");
            write_article(req, x, st, lang);
            number = db_i64(st, 0);
            (*written)++;
        }
        if (feed_lang(req, db_str(st, 8), &other.lang))
            sitemap_alternate(req, x, other.lang, link_article(req->arena, &other));
    }
    if (number != 0)
        xml_close(x);
    return db_end(st);
}

static enum rc block_document(struct http_request *req, enum text_lang lang, int64_t n, struct render_uses *uses,
                              struct render_out *o) {
    struct xml x;
    size_t written = 0;
    int64_t now_us = clock_now_us();
    use_all_languages(req, uses);
    xml_begin(&x, req->arena);
    sitemap_urlset(&x, "xmlns:xhtml", "http://www.w3.org/1999/xhtml");
    enum rc rc = next_change(req, uses, now_us);
    if (rc == RC_OK)
        rc = write_block(req, &x, lang, n, now_us, &written);
    xml_close(&x);
    enum rc ended = xml_end(&x, o);
    if (rc == RC_OK && written == 0)
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
