// SPDX-License-Identifier: AGPL-3.0-or-later
// Old K2 addresses. The old station had one Joomla install per language, so the install's folder tells the language of
// lists that carry no known number (a search, a date, a tag). Whatever was linked once is answered with one 301.
#include "site/legacy_redirect.h"

#include "render/render.h"
#include "site/redirect_answer.h"

// The folders of the old installs; the root one is the station's default language.
static enum text_lang lang_of_install(const struct site *site, struct str install) {
    static const struct {
        const char *folder;
        enum text_lang lang;
    } installs[] = {
        {"english", LANG_EN},  {"indonesian", LANG_ID}, {"arabic", LANG_AR}, {"arab", LANG_AR},
        {"chinese", LANG_ZH},  {"mandarin", LANG_ZH},   {"french", LANG_FR}, {"german", LANG_DE},
        {"japanese", LANG_JA}, {"spanish", LANG_ES},    {"dutch", LANG_NL},
    };
    enum text_lang lang;
    if (text_lang_find(install, &lang) && (site->languages & (1u << lang)) != 0)
        return lang;
    for (size_t i = 0; i < sizeof(installs) / sizeof(installs[0]); i++)
        if (str_eq_nocase(install, str_from(installs[i].folder)) && (site->languages & (1u << installs[i].lang)) != 0)
            return installs[i].lang;
    return site->default_lang;
}

struct old {
    struct http_request *req;
    struct arena *a;
    struct db *db;
    struct site *site;
    struct legacy_address address;
    enum text_lang lang;
};

static enum rc find_article(struct old *o, int64_t number, struct str *out) {
    struct article art = {0};
    int64_t until;
    enum rc rc = article_show(o->a, o->db, number, clock_now_us(), &art, &until);
    if (rc == RC_OK || rc == RC_GONE)
        *out = link_article_of(o->a, &art);
    return rc == RC_GONE ? RC_OK : rc;
}

static enum rc find_section(struct old *o, int64_t id, struct str *out) {
    struct section section;
    enum rc rc = section_by_id(o->a, o->db, id, &section);
    if (rc == RC_OK)
        *out = o->address.feed ? link_feed(o->a, section.lang, "section", section.slug, "rss")
                               : link_section(o->a, section.lang, section.slug);
    return rc;
}

static enum rc find_person(struct old *o, int64_t id, struct str *out) {
    struct person person;
    enum rc rc = person_by_id(o->a, o->db, id, &person);
    if (rc == RC_OK)
        *out = o->address.feed ? link_feed(o->a, o->lang, "author", person.slug, "rss")
                               : link_person(o->a, o->lang, person.slug);
    return rc;
}

static enum rc find_page(struct old *o, int64_t id, struct str *out) {
    for (int l = 0; l < LANG_COUNT; l++) {
        struct page *pages;
        size_t count;
        enum rc rc = page_list(o->a, o->db, (enum text_lang)l, &pages, &count);
        if (rc != RC_OK)
            return rc;
        for (size_t i = 0; i < count; i++)
            if (pages[i].id == id) {
                *out = link_page(o->a, pages[i].lang, pages[i].path);
                return RC_OK;
            }
    }
    return RC_NOT_FOUND;
}

static enum rc find_tag(struct old *o, struct str *out) {
    struct tag tag;
    enum rc rc = tag_by_address(o->a, o->db, o->lang, text_slug(o->a, o->lang, o->address.tag), &tag);
    if (rc == RC_OK)
        *out = o->address.feed ? link_feed(o->a, o->lang, "tag", tag.slug, "rss") : link_tag(o->a, o->lang, tag.slug);
    return rc;
}

static enum rc find_numbered(struct old *o, struct str *out) {
    int64_t id;
    enum text_lang lang;
    enum rc rc = legacy_get(o->db, o->address.site, o->address.kind, o->address.old_id, &id);
    // "/en/index.php/...": one Joomla in several languages has one row of numbers, that of the root.
    if (rc == RC_NOT_FOUND && text_lang_find(o->address.site, &lang))
        rc = legacy_get(o->db, STR(""), o->address.kind, o->address.old_id, &id);
    if (rc != RC_OK)
        return rc;
    switch (o->address.kind) {
    case LEGACY_ITEM:
    case LEGACY_DOWNLOAD:
        return find_article(o, id, out);
    case LEGACY_CATEGORY:
        return find_section(o, id, out);
    case LEGACY_AUTHOR:
        return find_person(o, id, out);
    case LEGACY_PAGE:
        return find_page(o, id, out);
    default:
        return RC_NOT_FOUND;
    }
}

static enum rc find_target(struct old *o, struct str *out) {
    if (o->address.is_search) {
        *out = link_search(o->a, o->lang, o->address.search);
        return RC_OK;
    }
    if (o->address.is_date) {
        *out = link_archive(o->a, o->lang, o->address.year, o->address.month, o->address.day);
        return RC_OK;
    }
    if (o->address.kind == LEGACY_TAG)
        return find_tag(o, out);
    return find_numbered(o, out);
}

static bool query_has(struct str query, const char *pair) {
    size_t at;
    return str_find(query, str_from(pair), &at);
}

// The old front pages: "/index.php", "/german/", "/german/index.php", and as feeds "/index.php?format=feed&type=rss".
static bool is_old_front(struct old *o, struct str *install_out) {
    struct str rest = str_slice(o->req->path, 1, o->req->path.n), part;
    *install_out = STR_NONE;
    bool feed = query_has(o->req->query, "format=feed") && !query_has(o->req->query, "option=");
    if ((o->req->query.n > 0 && !feed) || !str_next(&rest, '/', &part))
        return false;
    if (!str_eq(part, STR("index.php"))) {
        if (lang_of_install(o->site, part) == o->site->default_lang)
            return false;
        *install_out = part;
        if (!str_next(&rest, '/', &part) || part.n == 0)
            return rest.n == 0;
    }
    return str_eq(part, STR("index.php")) && rest.n == 0;
}

enum rc legacy_path_answer(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct old o = {.req = req, .a = req->arena, .db = worker->db, .site = worker->site};
    int64_t key = legacy_path_key(o.a, req->path), number;
    struct str target;
    enum rc rc = key != 0 ? legacy_get(o.db, STR(""), LEGACY_PATH, key, &number) : RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = find_article(&o, number, &target);
    if (rc == RC_OK)
        http_reply_redirect(reply, 301, target);
    return rc;
}

enum rc legacy_redirect(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct old o = {.req = req, .a = req->arena, .db = worker->db, .site = worker->site};
    struct str target, install;
    if (is_old_front(&o, &install)) {
        o.lang = lang_of_install(o.site, install);
        target = req->query.n > 0
                     ? link_feed(o.a, o.lang, "all", STR_NONE, query_has(req->query, "type=atom") ? "atom" : "rss")
                     : link_front(o.a, o.lang);
    } else {
        enum rc rc = legacy_parse(o.a, req->path, req->query, &o.address);
        if (rc != RC_OK)
            return rc == RC_IO ? rc : RC_NOT_FOUND;
        o.lang = lang_of_install(o.site, o.address.site);
        rc = find_target(&o, &target);
        if (rc != RC_OK)
            return rc;
    }
    // What somebody at the desk said of the address comes before what it is guessed to mean.
    enum rc said = redirect_answer(req, reply);
    if (said == RC_NOT_FOUND)
        http_reply_redirect(reply, 301, target);
    return said == RC_NOT_FOUND ? RC_OK : said;
}
