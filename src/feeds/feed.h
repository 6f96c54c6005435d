// SPDX-License-Identifier: AGPL-3.0-or-later
// A feed between loading and writing: what every format prints, in absolute addresses. Arena throughout.
#ifndef FEEDS_FEED_H
#define FEEDS_FEED_H

#include "render/render.h"

enum { FEED_ITEMS = 30 };

struct feed_picture {
    struct str address; // empty: none
    struct str type;    // "image/jpeg"
    struct str alt, credit;
    int64_t bytes;
    int width, height;
};

struct feed_item {
    struct str address, permanent; // canonical page; short link that stays when section or headline change
    struct str headline, summary;
    struct str html;   // whole body, with absolute links
    struct str byline; // as printed; empty: none
    struct str section;
    const struct tag *tags;
    size_t tag_count;
    struct feed_picture picture;
    int64_t published_at, modified_at; // modified_at is never before published_at
};

struct feed {
    enum text_lang lang;
    struct str title, description, publisher;
    struct str home, self; // the page of the same things; this feed
    struct feed_item items[FEED_ITEMS];
    size_t item_count;
    int64_t updated_at;
};

// What the address asks for: of LIST_LANG no slug is needed.
struct feed_question {
    enum list_of of;
    enum text_lang lang;
    struct str slug;
    const char *ext; // "rss", "atom", "json"
};

// RC_NOT_FOUND when there is no such section, author or tag in the language.
enum rc feed_load(struct http_request *req, const struct feed_question *q, struct render_uses *uses,
                  struct feed *out) MUST_USE;
// The lead picture's largest size that every reader can show, with its absolute address.
enum rc feed_picture_load(struct http_request *req, const struct article_image *image,
                          struct feed_picture *out) MUST_USE;

enum rc feed_write_rss(struct http_request *req, const struct feed *f, struct render_out *o) MUST_USE;
enum rc feed_write_atom(struct http_request *req, const struct feed *f, struct render_out *o) MUST_USE;
enum rc feed_write_json(struct http_request *req, const struct feed *f, struct render_out *o) MUST_USE;

// Text as XML 1.0 and JSON may carry it: control characters other than tab and line breaks are dropped, damaged bytes
// become U+FFFD.
struct str feed_text(struct arena *a, struct str s);
// Site-relative addresses in a cleaned body made absolute.
struct str feed_html(struct arena *a, struct str origin, struct html body);

static inline struct site *feed_site(const struct http_request *req) {
    return ((struct worker *)req->worker)->site;
}
static inline struct db *feed_db(const struct http_request *req) {
    return ((struct worker *)req->worker)->db;
}
static inline bool feed_lang(const struct http_request *req, struct str code, enum text_lang *out) {
    return text_lang_find(code, out) && (feed_site(req)->languages & (UINT32_C(1) << *out)) != 0;
}

#endif
