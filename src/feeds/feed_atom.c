// SPDX-License-Identifier: AGPL-3.0-or-later
// Atom (RFC 4287). Ids are the short links, which outlive a change of headline or section.
#include "feeds/feed.h"
#include "feeds/xml.h"

static void write_date(struct http_request *req, struct xml *x, const char *name, int64_t at_us) {
    xml_leaf(x, name, text_date(req->arena, LANG_EN, feed_site(req)->zone, at_us, DATE_ISO));
}

static void write_link(struct xml *x, const char *rel, struct str type, struct str address, int64_t bytes) {
    xml_open(x, "link");
    xml_attr(x, "rel", str_from(rel));
    xml_attr(x, "type", type);
    xml_attr(x, "href", address);
    if (bytes > 0)
        xml_attr_number(x, "length", bytes);
    xml_close(x);
}

static void write_category(struct xml *x, struct str term) {
    if (term.n == 0)
        return;
    xml_open(x, "category");
    xml_attr(x, "term", term);
    xml_close(x);
}

static void write_author(struct xml *x, struct str name) {
    if (name.n == 0)
        return;
    xml_open(x, "author");
    xml_leaf(x, "name", name);
    xml_close(x);
}

static void write_entry(struct http_request *req, struct xml *x, const struct feed_item *item) {
    xml_open(x, "entry");
    xml_leaf(x, "id", item->permanent);
    xml_leaf(x, "title", item->headline);
    write_link(x, "alternate", STR("text/html"), item->address, 0);
    write_date(req, x, "published", item->published_at);
    write_date(req, x, "updated", item->modified_at);
    write_author(x, item->byline);
    write_category(x, item->section);
    for (size_t i = 0; i < item->tag_count; i++)
        write_category(x, item->tags[i].name);
    xml_leaf(x, "summary", item->summary);
    xml_open(x, "content");
    xml_attr(x, "type", STR("html"));
    xml_text(x, item->html);
    xml_close(x);
    if (item->picture.address.n > 0)
        write_link(x, "enclosure", item->picture.type, item->picture.address, item->picture.bytes);
    xml_close(x);
}

enum rc feed_write_atom(struct http_request *req, const struct feed *f, struct render_out *o) {
    struct xml x;
    xml_begin(&x, req->arena);
    xml_open(&x, "feed");
    xml_attr(&x, "xmlns", STR("http://www.w3.org/2005/Atom"));
    xml_attr(&x, "xml:lang", text_lang_code(f->lang));
    xml_leaf(&x, "id", f->self);
    xml_leaf(&x, "title", f->title);
    xml_leaf(&x, "subtitle", f->description);
    write_date(req, &x, "updated", f->updated_at);
    write_author(&x, f->publisher.n > 0 ? f->publisher : f->title);
    write_link(&x, "self", STR("application/atom+xml"), f->self, 0);
    write_link(&x, "alternate", STR("text/html"), f->home, 0);
    for (size_t i = 0; i < f->item_count; i++)
        write_entry(req, &x, &f->items[i]);
    xml_close(&x);
    return xml_end(&x, o);
}
