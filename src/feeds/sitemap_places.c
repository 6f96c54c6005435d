// SPDX-License-Identifier: AGPL-3.0-or-later
// The sitemap of a language's lasting places: front page, ways to listen, contact, sections and standing pages.
#include "feeds/feed.h"
#include "feeds/sitemap.h"
#include "feeds/xml.h"

static void write_place(struct http_request *req, struct xml *x, struct str address) {
    xml_open(x, "url");
    xml_leaf(x, "loc", sitemap_address(req, address));
    xml_close(x);
}

static void write_fronts(struct http_request *req, struct xml *x, enum text_lang lang,
                         struct str (*link)(struct arena *a, enum text_lang lang)) {
    xml_open(x, "url");
    xml_leaf(x, "loc", sitemap_address(req, link(req->arena, lang)));
    for (int other = 0; other < LANG_COUNT; other++)
        if ((feed_site(req)->languages & (UINT32_C(1) << other)) != 0)
            sitemap_alternate(req, x, (enum text_lang)other, link(req->arena, (enum text_lang)other));
    xml_close(x);
}

static enum rc write_sections(struct http_request *req, struct xml *x, enum text_lang lang) {
    struct section *sections;
    size_t count;
    enum rc rc = section_list(req->arena, feed_db(req), lang, &sections, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        write_place(req, x, link_section(req->arena, lang, sections[i].slug));
    return rc;
}

static enum rc write_page(struct http_request *req, struct xml *x, const struct page *page) {
    struct page *others;
    size_t count;
    enum rc rc = page_translations(req->arena, feed_db(req), page, &others, &count);
    if (rc != RC_OK)
        return rc;
    xml_open(x, "url");
    xml_leaf(x, "loc", sitemap_address(req, link_page(req->arena, page->lang, page->path)));
    sitemap_date(req, x, "lastmod", page->modified_at);
    if (count > 0)
        sitemap_alternate(req, x, page->lang, link_page(req->arena, page->lang, page->path));
    for (size_t i = 0; i < count; i++)
        if (others[i].id != page->id && (feed_site(req)->languages & (UINT32_C(1) << others[i].lang)) != 0)
            sitemap_alternate(req, x, others[i].lang, link_page(req->arena, others[i].lang, others[i].path));
    xml_close(x);
    return RC_OK;
}

static enum rc write_pages(struct http_request *req, struct xml *x, enum text_lang lang) {
    struct page *pages;
    size_t count;
    enum rc rc = page_list(req->arena, feed_db(req), lang, &pages, &count);
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        if (pages[i].state == PAGE_PUBLISHED && !str_eq(pages[i].path, STR("contact"))) // that one is above
            rc = write_page(req, x, &pages[i]);
    return rc;
}

enum rc sitemap_places(struct http_request *req, enum text_lang lang, struct render_uses *uses, struct render_out *o) {
    for (int other = 0; other < LANG_COUNT; other++)
        render_use(uses, EDITION_FRAME, other);
    struct xml x;
    xml_begin(&x, req->arena);
    sitemap_urlset(&x, "xmlns:xhtml", "http://www.w3.org/1999/xhtml");
    write_fronts(req, &x, lang, link_front);
    write_fronts(req, &x, lang, link_live);
    write_fronts(req, &x, lang, link_contact);
    enum rc rc = write_sections(req, &x, lang);
    if (rc == RC_OK)
        rc = write_pages(req, &x, lang);
    xml_close(&x);
    enum rc written = xml_end(&x, o);
    return rc != RC_OK ? rc : written;
}
