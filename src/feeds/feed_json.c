// SPDX-License-Identifier: AGPL-3.0-or-later
// JSON Feed 1.1 (jsonfeed.org), built with jansson.
#include <jansson.h>
#include <stdlib.h>

#include "feeds/feed.h"

static void put(struct http_request *req, json_t *object, const char *key, struct str text) {
    if (text.n == 0)
        return;
    struct str clean = feed_text(req->arena, text);
    must(json_object_set_new(object, key, json_stringn(clean.p, clean.n)) == 0);
}

static void put_date(struct http_request *req, json_t *object, const char *key, int64_t at_us) {
    put(req, object, key, text_date(req->arena, LANG_EN, feed_site(req)->zone, at_us, DATE_ISO));
}

static json_t *authors_of(struct http_request *req, struct str name) {
    json_t *author = json_object(), *authors = json_array();
    put(req, author, "name", name);
    must(json_array_append_new(authors, author) == 0);
    return authors;
}

static json_t *tags_of(struct http_request *req, const struct feed_item *item) {
    json_t *tags = json_array();
    for (size_t i = 0; i <= item->tag_count; i++) {
        struct str name = feed_text(req->arena, i == 0 ? item->section : item->tags[i - 1].name);
        must(json_array_append_new(tags, json_stringn(name.p, name.n)) == 0);
    }
    return tags;
}

static json_t *attachments_of(struct http_request *req, const struct feed_picture *picture) {
    json_t *one = json_object(), *all = json_array();
    put(req, one, "url", picture->address);
    put(req, one, "mime_type", picture->type);
    put(req, one, "title", picture->alt);
    must(json_object_set_new(one, "size_in_bytes", json_integer(picture->bytes)) == 0);
    must(json_array_append_new(all, one) == 0);
    return all;
}

static json_t *item_of(struct http_request *req, const struct feed *f, const struct feed_item *item) {
    json_t *o = json_object();
    put(req, o, "id", item->permanent);
    put(req, o, "url", item->address);
    put(req, o, "title", item->headline);
    put(req, o, "summary", item->summary);
    must(json_object_set_new(o, "content_html", json_string("")) == 0);
    put(req, o, "content_html", item->html);
    put_date(req, o, "date_published", item->published_at);
    put_date(req, o, "date_modified", item->modified_at);
    put(req, o, "language", text_lang_code(f->lang));
    if (item->byline.n > 0)
        must(json_object_set_new(o, "authors", authors_of(req, item->byline)) == 0);
    must(json_object_set_new(o, "tags", tags_of(req, item)) == 0);
    if (item->picture.address.n > 0) {
        put(req, o, "image", item->picture.address);
        must(json_object_set_new(o, "attachments", attachments_of(req, &item->picture)) == 0);
    }
    return o;
}

enum rc feed_write_json(struct http_request *req, const struct feed *f, struct render_out *o) {
    json_t *root = json_object(), *items = json_array();
    put(req, root, "version", STR("https://jsonfeed.org/version/1.1"));
    put(req, root, "title", f->title);
    put(req, root, "home_page_url", f->home);
    put(req, root, "feed_url", f->self);
    put(req, root, "description", f->description);
    put(req, root, "language", text_lang_code(f->lang));
    if (f->publisher.n > 0)
        must(json_object_set_new(root, "authors", authors_of(req, f->publisher)) == 0);
    for (size_t i = 0; i < f->item_count; i++)
        must(json_array_append_new(items, item_of(req, f, &f->items[i])) == 0);
    must(json_object_set_new(root, "items", items) == 0);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    must(text != NULL);
    render_raw(o, text, strlen(text));
    free(text);
    return RC_OK;
}
