// SPDX-License-Identifier: AGPL-3.0-or-later
// RSS 2.0 with the modules readers know: content (whole body), dc (byline), media (lead picture), atom (self link).
#include "feeds/feed.h"
#include "feeds/xml.h"

static void write_date(struct http_request *req, struct xml *x, const char *name, int64_t at_us) {
    xml_leaf(x, name, text_date(req->arena, LANG_EN, feed_site(req)->zone, at_us, DATE_RFC822));
}

static void write_picture(struct xml *x, const struct feed_picture *p) {
    if (p->address.n == 0)
        return;
    xml_open(x, "enclosure");
    xml_attr(x, "url", p->address);
    xml_attr_number(x, "length", p->bytes);
    xml_attr(x, "type", p->type);
    xml_close(x);
    xml_open(x, "media:content");
    xml_attr(x, "url", p->address);
    xml_attr(x, "type", p->type);
    xml_attr(x, "medium", STR("image"));
    xml_attr_number(x, "width", p->width);
    xml_attr_number(x, "height", p->height);
    xml_leaf(x, "media:description", p->alt);
    xml_leaf(x, "media:credit", p->credit);
    xml_close(x);
}

static void write_item(struct http_request *req, struct xml *x, const struct feed_item *item) {
    xml_open(x, "item");
    xml_leaf(x, "title", item->headline);
    xml_leaf(x, "link", item->address);
    xml_leaf(x, "guid", item->permanent);
    write_date(req, x, "pubDate", item->published_at);
    xml_leaf(x, "dc:creator", item->byline);
    xml_leaf(x, "category", item->section);
    for (size_t i = 0; i < item->tag_count; i++)
        xml_leaf(x, "category", item->tags[i].name);
    xml_leaf(x, "description", item->summary);
    xml_leaf(x, "content:encoded", item->html);
    write_picture(x, &item->picture);
    xml_close(x);
}

static void write_channel(struct http_request *req, struct xml *x, const struct feed *f) {
    xml_open(x, "channel");
    xml_leaf(x, "title", f->title);
    xml_leaf(x, "link", f->home);
    xml_leaf(x, "description", f->description);
    xml_leaf(x, "language", text_lang_code(f->lang));
    if (f->item_count > 0)
        write_date(req, x, "lastBuildDate", f->updated_at);
    xml_leaf(x, "ttl", STR("5"));
    xml_open(x, "atom:link");
    xml_attr(x, "href", f->self);
    xml_attr(x, "rel", STR("self"));
    xml_attr(x, "type", STR("application/rss+xml"));
    xml_close(x);
    for (size_t i = 0; i < f->item_count; i++)
        write_item(req, x, &f->items[i]);
    xml_close(x);
}

enum rc feed_write_rss(struct http_request *req, const struct feed *f, struct render_out *o) {
    struct xml x;
    xml_begin(&x, req->arena);
    xml_open(&x, "rss");
    xml_attr(&x, "version", STR("2.0"));
    xml_attr(&x, "xmlns:atom", STR("http://www.w3.org/2005/Atom"));
    xml_attr(&x, "xmlns:content", STR("http://purl.org/rss/1.0/modules/content/"));
    xml_attr(&x, "xmlns:dc", STR("http://purl.org/dc/elements/1.1/"));
    xml_attr(&x, "xmlns:media", STR("http://search.yahoo.com/mrss/"));
    write_channel(req, &x, f);
    xml_close(&x);
    return xml_end(&x, o);
}
