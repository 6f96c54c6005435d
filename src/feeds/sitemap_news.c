// SPDX-License-Identifier: AGPL-3.0-or-later
// The news sitemap: everything published in the last two days, all languages, at most a thousand (the format's limit).
#include "feeds/feed.h"
#include "feeds/sitemap.h"
#include "feeds/xml.h"

#define NEWS_AGE (2 * US_PER_DAY)
enum { NEWS_MAX = 1000, NEWS_STEP = 100 };

static void write_card(struct http_request *req, struct xml *x, struct str station, const struct article_card *card) {
    xml_open(x, "url");
    xml_leaf(x, "loc", sitemap_address(req, link_article(req->arena, card)));
    xml_open(x, "news:news");
    xml_open(x, "news:publication");
    xml_leaf(x, "news:name", station);
    xml_leaf(x, "news:language", text_lang_code(card->lang));
    xml_close(x);
    sitemap_date(req, x, "news:publication_date", card->published_at);
    xml_leaf(x, "news:title", card->headline);
    xml_close(x);
    xml_close(x);
}

static enum rc write_lang(struct http_request *req, struct xml *x, enum text_lang lang, int64_t now_us,
                          struct render_uses *uses, size_t *written) {
    struct str station = setting_get(req->arena, feed_db(req), "station_name", lang);
    struct list_query q = {.of = LIST_LANG,
                           .lang = lang,
                           .from_us = now_us - NEWS_AGE,
                           .to_us = now_us + 1,
                           .limit = NEWS_STEP,
                           .now_us = now_us};
    struct list_result list = {.has_older = true};
    while (list.has_older && *written < NEWS_MAX) {
        enum rc rc = article_list(req->arena, feed_db(req), &q, &list);
        if (rc != RC_OK)
            return rc;
        render_until(uses, list.until);
        for (size_t i = 0; i < list.count && *written < NEWS_MAX; i++, (*written)++) {
            write_card(req, x, station, &list.cards[i]);
            render_until(uses, list.cards[i].published_at + NEWS_AGE);
            q.before = list.cards[i].number;
        }
        if (list.count == 0)
            break;
    }
    // What is due later is outside the window above.
    int64_t until = INT64_MAX;
    enum rc rc = article_next_change(feed_db(req), lang, now_us, &until);
    render_until(uses, until);
    return rc;
}

enum rc sitemap_news(struct http_request *req, struct http_reply *reply) {
    struct render_uses uses;
    struct render_out o;
    struct xml x;
    size_t written = 0;
    enum rc rc = RC_OK;
    int64_t now_us = clock_now_us();
    render_uses_init(&uses);
    render_out_init(&o, LANG_EN);
    xml_begin(&x, req->arena);
    sitemap_urlset(&x, "xmlns:news", "http://www.google.com/schemas/sitemap-news/0.9");
    for (int lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++) {
        if ((feed_site(req)->languages & (UINT32_C(1) << lang)) == 0)
            continue;
        render_use(&uses, EDITION_FRONT, lang);
        render_use(&uses, EDITION_FRAME, lang);
        rc = write_lang(req, &x, (enum text_lang)lang, now_us, &uses, &written);
    }
    xml_close(&x);
    enum rc ended = xml_end(&x, &o);
    return sitemap_reply(req, reply, &o, &uses, rc != RC_OK ? rc : ended);
}
