// SPDX-License-Identifier: AGPL-3.0-or-later
// Gathers the newest thirty articles of a language, section, author or tag, whole, in one moment of the database.
#include "feeds/feed.h"

enum { SUMMARY_CHARS = 300 };

static struct str absolute(struct http_request *req, struct str address) {
    return link_absolute(req->arena, feed_site(req)->origin, address);
}

static struct str image_type(struct str ext) {
    return str_eq(ext, STR("jpg"))    ? STR("image/jpeg")
           : str_eq(ext, STR("webp")) ? STR("image/webp")
           : str_eq(ext, STR("svg"))  ? STR("image/svg+xml")
                                      : STR("image/png");
}

enum rc feed_picture_load(struct http_request *req, const struct article_image *image, struct feed_picture *out) {
    *out = (struct feed_picture){.alt = image->alt, .credit = image->credit};
    if (image->media_id == 0)
        return RC_OK;
    struct media media;
    enum rc rc = media_get(req->arena, feed_db(req), image->media_id, &media);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    const struct media_size *best = NULL;
    for (size_t i = 0; i < media.size_count; i++) {
        const struct media_size *size = &media.sizes[i];
        bool common = str_eq(size->ext, STR("jpg")) || str_eq(size->ext, STR("png"));
        if (best == NULL || (common && size->width >= best->width))
            best = size;
    }
    if (best == NULL)
        return RC_OK;
    out->address = absolute(req, link_media(req->arena, best->sha256, best->ext));
    out->type = image_type(best->ext);
    out->bytes = best->bytes;
    out->width = best->width;
    out->height = best->height;
    if (out->credit.n == 0)
        out->credit = media.credit;
    return RC_OK;
}

static enum rc item_load(struct http_request *req, int64_t number, int64_t now_us, struct render_uses *uses,
                         struct feed_item *out) {
    struct article art;
    int64_t until = INT64_MAX;
    render_use(uses, EDITION_ITEM, number);
    enum rc rc = article_show(req->arena, feed_db(req), number, now_us, &art, &until);
    render_until(uses, until);
    if (rc != RC_OK)
        return rc;
    *out = (struct feed_item){
        .address = absolute(req, link_article_of(req->arena, &art)),
        .permanent = absolute(req, link_short(req->arena, number)),
        .headline = art.headline,
        .summary = art.standfirst.n > 0 ? art.standfirst : html_excerpt(req->arena, art.body, SUMMARY_CHARS),
        .html = feed_html(req->arena, feed_site(req)->origin, art.body),
        .byline = art.byline,
        .section = art.section.name,
        .tags = art.tags,
        .tag_count = art.tag_count,
        .published_at = art.published_at,
        .modified_at = art.modified_at > art.published_at ? art.modified_at : art.published_at,
    };
    if (art.image.media_id != 0)
        render_use(uses, EDITION_MEDIA, art.image.media_id);
    return feed_picture_load(req, &art.image, &out->picture);
}

static enum rc items_load(struct http_request *req, const struct list_query *query, struct render_uses *uses,
                          struct feed *out) {
    struct list_result list;
    enum rc rc = article_list(req->arena, feed_db(req), query, &list);
    if (rc != RC_OK)
        return rc;
    render_until(uses, list.until);
    for (size_t i = 0; i < list.count; i++) {
        struct feed_item *item = &out->items[out->item_count];
        rc = item_load(req, list.cards[i].number, query->now_us, uses, item);
        if (rc == RC_NOT_FOUND || rc == RC_GONE)
            continue;
        if (rc != RC_OK)
            return rc;
        out->item_count++;
        if (item->modified_at > out->updated_at)
            out->updated_at = item->modified_at;
    }
    return RC_OK;
}

static enum rc section_part(struct http_request *req, const struct feed_question *q, struct render_uses *uses,
                            struct list_query *query, struct feed *out) {
    struct section section;
    enum rc rc = section_by_address(req->arena, feed_db(req), q->lang, q->slug, &section);
    if (rc != RC_OK)
        return rc;
    render_use(uses, EDITION_SECTION, section.id);
    query->id = section.id;
    out->title = section.name;
    out->description = section.description;
    out->home = absolute(req, link_section(req->arena, q->lang, section.slug));
    return RC_OK;
}

static enum rc person_part(struct http_request *req, const struct feed_question *q, struct render_uses *uses,
                           struct list_query *query, struct feed *out) {
    struct person person;
    enum rc rc = person_by_address(req->arena, feed_db(req), q->slug, &person);
    if (rc != RC_OK)
        return rc;
    render_use(uses, EDITION_PERSON, person.id);
    query->id = person.id;
    out->title = person.name;
    out->home = absolute(req, link_person(req->arena, q->lang, person.slug));
    return RC_OK;
}

static enum rc tag_part(struct http_request *req, const struct feed_question *q, struct render_uses *uses,
                        struct list_query *query, struct feed *out) {
    struct tag tag;
    enum rc rc = tag_by_address(req->arena, feed_db(req), q->lang, q->slug, &tag);
    if (rc != RC_OK)
        return rc;
    render_use(uses, EDITION_TAG, tag.id);
    query->id = tag.id;
    out->title = tag.name;
    out->home = absolute(req, link_tag(req->arena, q->lang, tag.slug));
    return RC_OK;
}

static enum rc question_part(struct http_request *req, const struct feed_question *q, struct render_uses *uses,
                             struct list_query *query, struct feed *out) {
    switch (q->of) {
    case LIST_SECTION:
        return section_part(req, q, uses, query, out);
    case LIST_PERSON:
        return person_part(req, q, uses, query, out);
    case LIST_TAG:
        return tag_part(req, q, uses, query, out);
    case LIST_LANG:
        break;
    }
    out->home = absolute(req, link_front(req->arena, q->lang));
    return RC_OK;
}

static const char *kind_of(enum list_of of) {
    return of == LIST_SECTION ? "section" : of == LIST_PERSON ? "author" : of == LIST_TAG ? "tag" : "all";
}

static enum rc parts_load(struct http_request *req, const struct feed_question *q, struct render_uses *uses,
                          struct feed *out) {
    struct arena *a = req->arena;
    struct list_query query = {.of = q->of, .lang = q->lang, .limit = FEED_ITEMS, .now_us = clock_now_us()};
    enum rc rc = question_part(req, q, uses, &query, out);
    if (rc != RC_OK)
        return rc;
    out->publisher = setting_get(a, feed_db(req), "station_name", q->lang);
    out->title =
        out->title.n == 0 ? out->publisher : str_fmt(a, "%.*s: %.*s", STR_ARG(out->publisher), STR_ARG(out->title));
    if (out->description.n == 0)
        out->description = setting_get(a, feed_db(req), "station_tagline", q->lang);
    if (out->description.n == 0)
        out->description = out->title;
    struct str slug =
        q->of == LIST_LANG ? STR_NONE : q->slug; // the language's own is "all.rss": no list behind its name
    out->self = absolute(req, link_feed(a, q->lang, kind_of(q->of), slug, q->ext));
    return items_load(req, &query, uses, out);
}

enum rc feed_load(struct http_request *req, const struct feed_question *q, struct render_uses *uses, struct feed *out) {
    *out = (struct feed){.lang = q->lang};
    render_use(uses, EDITION_FRAME, q->lang);
    if (q->of == LIST_LANG)
        render_use(uses, EDITION_FRONT, q->lang);
    db_read_begin(feed_db(req));
    enum rc rc = parts_load(req, q, uses, out);
    db_read_end(feed_db(req));
    return rc;
}
