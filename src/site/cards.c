// SPDX-License-Identifier: AGPL-3.0-or-later
// Cards, pictures and lists as the templates want them: see cards.h.
#include "site/cards.h"

enum { TONES = 6, LIST_LENGTH = 20 };

int64_t section_tone(const struct visit *v, int64_t section_id) {
    for (size_t i = 0; i < v->section_count; i++)
        if (v->sections[i].id == section_id)
            return (int64_t)(i % TONES) + 1;
    return 0;
}

// ---- pictures ------------------------------------------------------------------------------------------------------

static struct str sizes_of(enum picture_place place) {
    switch (place) {
    case PICTURE_LEAD:
        return STR("(min-width: 64rem) 46rem, (min-width: 40rem) 60vw, 100vw");
    case PICTURE_STORY:
        return STR("(min-width: 52rem) 46rem, 100vw");
    case PICTURE_GALLERY:
        return STR("(min-width: 52rem) 22rem, 50vw");
    default:
        return STR("(min-width: 64rem) 20rem, (min-width: 40rem) 33vw, 8rem");
    }
}

static bool is_of(const struct media_size *size, struct str ext) {
    return str_eq(size->ext, ext);
}

// Every browser reads it.
static bool is_plain(const struct media_size *size) {
    return !is_of(size, STR("webp")) && !is_of(size, STR("avif"));
}

// The sizes of a type ("" for the plain ones).
static struct str srcset_of(struct visit *v, const struct media *m, struct str ext) {
    struct str set = STR_NONE;
    size_t found = 0;
    for (size_t i = 0; i < m->size_count; i++) {
        const struct media_size *s = &m->sizes[i];
        if (ext.n > 0 ? !is_of(s, ext) : !is_plain(s))
            continue;
        struct str address = link_media(v->a, s->sha256, s->ext);
        set = str_fmt(v->a, "%.*s%s%.*s %dw", STR_ARG(set), found > 0 ? ", " : "", STR_ARG(address), s->width);
        found++;
    }
    return ext.n > 0 || found > 1 ? set : STR_NONE;
}

// The size a browser without srcset gets: about what the place needs on an ordinary screen.
static const struct media_size *fallback_size(const struct media *m, enum picture_place place) {
    int wanted = place == PICTURE_CARD ? 320 : place == PICTURE_GALLERY ? 480 : 960;
    const struct media_size *best = NULL;
    for (size_t i = 0; i < m->size_count; i++) {
        const struct media_size *s = &m->sizes[i];
        if (!is_plain(s))
            continue;
        if (best == NULL || (best->width < wanted && s->width > best->width))
            best = s;
    }
    return best != NULL || m->size_count == 0 ? best : &m->sizes[0];
}

static struct str whole_address(struct visit *v, const struct media *m) {
    const struct media_size *best = NULL;
    for (size_t i = 0; i < m->size_count; i++)
        if (is_plain(&m->sizes[i]) && (best == NULL || m->sizes[i].width > best->width))
            best = &m->sizes[i];
    return best != NULL ? link_media(v->a, best->sha256, best->ext) : STR_NONE;
}

// Pictures are shown in the full edition, where the place has one.
static bool has_picture(const struct visit *v, const struct article_image *image, enum picture_place place) {
    return !v->lite && place != PICTURE_NONE && image->media_id != 0;
}

// `m` NULL: none to show.
static struct view_image picture_of(struct visit *v, const struct article_image *image, const struct media *m,
                                    enum picture_place place) {
    struct view_image out = {.alt = image->alt, .caption = image->caption, .credit = image->credit};
    const struct media_size *size = m != NULL ? fallback_size(m, place) : NULL;
    if (size == NULL)
        return out;
    out.src = link_media(v->a, size->sha256, size->ext);
    out.srcset = srcset_of(v, m, STR_NONE);
    out.webp_srcset = is_plain(size) ? srcset_of(v, m, STR("webp")) : STR_NONE;
    out.avif_srcset = is_plain(size) ? srcset_of(v, m, STR("avif")) : STR_NONE;
    out.sizes = sizes_of(place);
    out.whole = whole_address(v, m);
    out.width = size->width;
    out.height = size->height;
    out.eager = place != PICTURE_CARD && place != PICTURE_GALLERY;
    if (out.credit.n == 0)
        out.credit = m->credit;
    return out;
}

struct view_image picture_view(struct visit *v, const struct article_image *image, enum picture_place place) {
    struct media m;
    if (has_picture(v, image, place))
        render_use(&v->uses, EDITION_MEDIA, image->media_id);
    bool found = has_picture(v, image, place) && media_get(v->a, v->db, image->media_id, &m) == RC_OK;
    return picture_of(v, image, found ? &m : NULL, place);
}

struct str picture_whole(struct visit *v, int64_t media_id) {
    struct media m;
    render_use(&v->uses, EDITION_MEDIA, media_id);
    return media_get(v->a, v->db, media_id, &m) == RC_OK ? whole_address(v, &m) : STR_NONE;
}

// ---- cards ---------------------------------------------------------------------------------------------------------

static struct view_card card_of(struct visit *v, const struct article_card *card, const struct media *m,
                                enum picture_place place) {
    struct view_card out = {.headline = card->headline, .standfirst = card->standfirst, .byline = card->byline};
    out.address = visit_link(v, link_article(v->a, card));
    out.date = text_date(v->a, v->lang, v->site->zone, card->published_at, DATE_DAY);
    out.date_iso = text_date(v->a, v->lang, v->site->zone, card->published_at, DATE_ISO);
    out.section = card->section_name;
    out.section_address = visit_link(v, link_section(v->a, card->lang, card->section_slug));
    out.tone = section_tone(v, card->section_id);
    out.image = picture_of(v, &card->image, m, place);
    // On a card the picture repeats the headline beside it: its words are read on the article itself.
    out.image.alt = STR_NONE;
    return out;
}

struct view_card card_view(struct visit *v, const struct article_card *card, enum picture_place place) {
    return cards_view(v, card, 1, place).items[0];
}

struct pictures {
    struct media media[MEDIA_LIST_MOST];
    size_t count;
};

// All pictures of a list in one statement.
static void pictures_load(struct visit *v, const struct article_card *cards, size_t count, enum picture_place place,
                          struct pictures *out) {
    int64_t ids[MEDIA_LIST_MOST];
    size_t wanted = 0;
    out->count = 0;
    for (size_t i = 0; i < count && wanted < MEDIA_LIST_MOST; i++)
        if (has_picture(v, &cards[i].image, place)) {
            ids[wanted++] = cards[i].image.media_id;
            render_use(&v->uses, EDITION_MEDIA, cards[i].image.media_id);
        }
    if (wanted > 0 && media_list(v->a, v->db, ids, wanted, out->media, &out->count) != RC_OK)
        out->count = 0; // a list without pictures is still a list
}

static const struct media *picture_find(const struct pictures *p, int64_t id) {
    for (size_t i = 0; i < p->count; i++)
        if (p->media[i].id == id)
            return &p->media[i];
    return NULL;
}

struct view_cards cards_view(struct visit *v, const struct article_card *cards, size_t count,
                             enum picture_place place) {
    struct view_cards out = {ARENA_ARRAY(v->a, struct view_card, count > 0 ? count : 1), count};
    struct pictures pictures;
    pictures_load(v, cards, count, place, &pictures);
    for (size_t i = 0; i < count; i++)
        out.items[i] = card_of(v, &cards[i], picture_find(&pictures, cards[i].image.media_id), place);
    return out;
}

void translation_add(struct visit *v, struct view_links *links, enum text_lang lang, struct str address) {
    struct view_link *link = links_add(links, text_lang_name(lang), visit_link(v, address));
    link->lang = text_lang_code(lang);
    link->dir = text_lang_is_rtl(lang) ? STR("rtl") : STR("ltr");
}

struct view_links languages_view(struct visit *v, struct str (*address)(struct arena *a, enum text_lang lang)) {
    struct view_links out = links_new(v->a, LANG_COUNT);
    for (int l = 0; l < LANG_COUNT; l++)
        if ((v->site->languages & (1u << l)) != 0 && l != (int)v->lang)
            translation_add(v, &out, (enum text_lang)l, address(v->a, (enum text_lang)l));
    return out;
}

struct view_links translations_view(struct visit *v, const struct article_card *cards, size_t count) {
    struct view_links out = links_new(v->a, count);
    for (size_t i = 0; i < count; i++) {
        enum text_lang lang = cards[i].lang;
        if ((v->site->languages & (1u << lang)) == 0)
            continue;
        render_use(&v->uses, EDITION_ITEM, cards[i].number);
        translation_add(v, &out, lang, link_article(v->a, &cards[i]));
    }
    return out;
}

struct view_links alternates_view(struct visit *v, struct str here, const struct view_links *others) {
    struct view_links out = links_new(v->a, others->n + 2);
    if (others->n == 0 || v->lite)
        return out;
    links_add(&out, STR_NONE, link_absolute(v->a, v->site->origin, here))->lang = text_lang_code(v->lang);
    struct str fallback = v->lang == v->site->default_lang ? here : STR_NONE;
    for (size_t i = 0; i < others->n; i++) {
        struct view_link *link = &others->items[i];
        links_add(&out, STR_NONE, link_absolute(v->a, v->site->origin, link->address))->lang = link->lang;
        if (str_eq(link->lang, text_lang_code(v->site->default_lang)))
            fallback = link->address;
    }
    if (fallback.n > 0)
        links_add(&out, STR_NONE, link_absolute(v->a, v->site->origin, fallback))->lang = STR("x-default");
    return out;
}

// ---- lists
// -----------------------------------------------------------------------------------------------------------

static struct str marked(struct visit *v, struct str address, const char *mark, int64_t number) {
    return str_fmt(v->a, "%.*s?%s=%lld", STR_ARG(address), mark, (long long)number);
}

static void fill_paging(struct visit *v, const struct list_result *r, struct str address, struct view_list *out) {
    out->paging.newer_label = text_word(v->lang, W_NEWER_ARTICLES);
    out->paging.older_label = text_word(v->lang, W_OLDER_ARTICLES);
    if (r->count == 0)
        return;
    if (r->has_newer) {
        struct str newer = marked(v, address, "after", r->cards[0].number);
        out->paging.newer = visit_link(v, newer);
        out->frame.previous = link_absolute(v->a, v->site->origin, newer);
    }
    if (r->has_older) {
        struct str older = marked(v, address, "before", r->cards[r->count - 1].number);
        out->paging.older = visit_link(v, older);
        out->frame.next = link_absolute(v->a, v->site->origin, older);
    }
}

enum rc list_view(struct visit *v, const struct list_query *query, struct str address, struct view_list *out) {
    struct list_query q = *query;
    q.limit = LIST_LENGTH;
    q.now_us = v->now;
    if (!visit_marks(v, &q.before, &q.after))
        return RC_NOT_FOUND;
    struct list_result result;
    enum rc rc = article_list(v->a, v->db, &q, &result);
    if (rc != RC_OK)
        return rc;
    render_until(&v->uses, result.until);
    out->first_page = q.before == 0 && q.after == 0;
    out->cards = cards_view(v, result.cards, result.count, PICTURE_CARD);
    if (!out->first_page && out->frame.address.n > 0)
        visit_add_query(v, &out->frame);
    fill_paging(v, &result, address, out);
    return RC_OK;
}

// ---- ways to listen
// ----------------------------------------------------------------------------------------------------

struct view_ways ways_view(struct visit *v) {
    static const enum text_word kinds[] = {
        [LISTEN_STREAM] = W_STREAM,
        [LISTEN_SHORTWAVE] = W_SHORTWAVE,
        [LISTEN_SATELLITE] = W_SATELLITE,
        [LISTEN_OTHER] = W_OTHER_WAY,
    };
    struct listen_way *ways;
    size_t count;
    render_use(&v->uses, EDITION_ON_AIR, v->lang);
    if (listen_list(v->a, v->db, v->lang, &ways, &count) != RC_OK)
        return (struct view_ways){NULL, 0};
    struct view_ways out = {ARENA_ARRAY(v->a, struct view_way, count > 0 ? count : 1), count};
    for (size_t i = 0; i < count; i++) {
        struct view_way *way = &out.items[i];
        *way = (struct view_way){.label = ways[i].label, .value = ways[i].value, .note = ways[i].note};
        way->kind = text_word(v->lang, kinds[ways[i].kind]);
        if (str_starts(way->value, STR("https://")) || str_starts(way->value, STR("http://")))
            way->address = way->value;
    }
    return out;
}
