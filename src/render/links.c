// SPDX-License-Identifier: AGPL-3.0-or-later
// The addresses of things: one canonical address each, made only here.
//
//   /en/                            front            /n/22183                        short link
//   /en/news/22183-slug             article          /media/<sha256>.<ext>           picture
//   /en/news                        section          /en/search?q=words              search
//   /en/tag/slug, /en/author/slug   tag, person      /en/live                        ways to listen
//   /en/archive/2022/09/05          a day            /feeds/en/section/news.atom     feed
//   /en/embed/22183/1               frame of another site's thing in an article
//   /en/company-profile/history     standing page    /lite/en/...                    the text edition's twin
#include "render/render.h"

struct str link_front(struct arena *a, enum text_lang lang) {
    struct str code = text_lang_code(lang);
    return str_fmt(a, "/%.*s/", STR_ARG(code));
}

// Slugs come from text_slug, but imported ones need not: whatever they hold stays inside its segment.
static struct str segment(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, 4096);
    percent_encode_segment(&b, s);
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static struct str article(struct arena *a, enum text_lang lang, struct str section, int64_t number, struct str slug) {
    struct str code = text_lang_code(lang);
    section = section.n > 0 ? segment(a, section) : STR("news");
    slug = segment(a, slug);
    return str_fmt(a, "/%.*s/%.*s/%lld%s%.*s", STR_ARG(code), STR_ARG(section), (long long)number,
                   slug.n > 0 ? "-" : "", STR_ARG(slug));
}

struct str link_article(struct arena *a, const struct article_card *card) {
    return article(a, card->lang, card->section_slug, card->number, card->slug);
}

struct str link_article_of(struct arena *a, const struct article *art) {
    return article(a, art->lang, art->section.slug, art->number, art->slug);
}

struct str link_short(struct arena *a, int64_t number) {
    return str_fmt(a, "/n/%lld", (long long)number);
}

struct str link_embed(struct arena *a, enum text_lang lang, int64_t number, size_t place) {
    return str_fmt(a, "/%.*s/embed/%lld/%zu", STR_ARG(text_lang_code(lang)), (long long)number, place);
}

static struct str under_lang(struct arena *a, enum text_lang lang, const char *folder, struct str slug) {
    struct str code = text_lang_code(lang);
    slug = segment(a, slug);
    return str_fmt(a, "/%.*s/%s%.*s", STR_ARG(code), folder, STR_ARG(slug));
}

struct str link_section(struct arena *a, enum text_lang lang, struct str slug) {
    return under_lang(a, lang, "", slug);
}

struct str link_tag(struct arena *a, enum text_lang lang, struct str slug) {
    return under_lang(a, lang, "tag/", slug);
}

struct str link_person(struct arena *a, enum text_lang lang, struct str slug) {
    return under_lang(a, lang, "author/", slug);
}

struct str link_page(struct arena *a, enum text_lang lang, struct str path) {
    struct buf b;
    struct str part;
    buf_init(&b, 4096);
    buf_str(&b, link_front(a, lang));
    for (bool first = true; str_next(&path, '/', &part); first = false) {
        buf_c(&b, first ? "" : "/");
        percent_encode_segment(&b, part);
    }
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

struct str link_archive(struct arena *a, enum text_lang lang, int year, int month, int day) {
    struct str code = text_lang_code(lang);
    if (year == 0) {
        return str_fmt(a, "/%.*s/archive", STR_ARG(code));
    }
    if (month == 0) {
        return str_fmt(a, "/%.*s/archive/%04d", STR_ARG(code), year);
    }
    if (day == 0) {
        return str_fmt(a, "/%.*s/archive/%04d/%02d", STR_ARG(code), year, month);
    }
    return str_fmt(a, "/%.*s/archive/%04d/%02d/%02d", STR_ARG(code), year, month, day);
}

struct str link_search(struct arena *a, enum text_lang lang, struct str words) {
    return under_lang(a, lang, words.n > 0 ? "search?q=" : "search", words);
}

struct str link_preview(struct arena *a, enum text_lang lang, struct str token) {
    return str_fmt(a, "/preview/%.*s/%.*s", STR_ARG(text_lang_code(lang)), STR_ARG(token));
}

struct str link_player(struct arena *a, enum text_lang lang) {
    struct str code = text_lang_code(lang);
    return str_fmt(a, "/%.*s/live/player", STR_ARG(code));
}

struct str link_live(struct arena *a, enum text_lang lang) {
    struct str code = text_lang_code(lang);
    return str_fmt(a, "/%.*s/live", STR_ARG(code));
}

struct str link_contact(struct arena *a, enum text_lang lang) {
    struct str code = text_lang_code(lang);
    return str_fmt(a, "/%.*s/contact", STR_ARG(code));
}

struct str link_contact_sent(struct arena *a, enum text_lang lang, struct str reference) {
    return str_fmt(a, "%.*s/sent/%.*s", STR_ARG(link_contact(a, lang)), STR_ARG(reference));
}

struct str link_media(struct arena *a, struct str sha256, struct str ext) {
    return str_fmt(a, "/media/%.*s.%.*s", STR_ARG(sha256), STR_ARG(ext));
}

struct str link_mail(struct arena *a, struct str address) {
    size_t at = address.n;
    (void)str_find_char(address, '@', &at);
    struct str local = segment(a, str_slice(address, 0, at)),
               domain = segment(a, str_slice(address, at + 1, address.n));
    return str_fmt(a, "mailto:%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
}

struct str link_lite(struct arena *a, struct str address) {
    return str_fmt(a, "/lite%.*s", STR_ARG(address));
}

struct str link_feed(struct arena *a, enum text_lang lang, const char *kind, struct str slug, const char *ext) {
    struct str code = text_lang_code(lang);
    slug = segment(a, slug);
    return str_fmt(a, "/feeds/%.*s/%s%s%.*s.%s", STR_ARG(code), kind, slug.n > 0 ? "/" : "", STR_ARG(slug), ext);
}

// What is absolute already, at another's, stays.
struct str link_absolute(struct arena *a, struct str origin, struct str address) {
    if (!str_starts(address, STR("/"))) {
        return str_dup(a, address);
    }
    return str_fmt(a, "%.*s%.*s", STR_ARG(origin), STR_ARG(address));
}
