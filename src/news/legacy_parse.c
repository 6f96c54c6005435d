// SPDX-License-Identifier: AGPL-3.0-or-later
// What an old K2 address asks for. Three families: the plain one, all in the query (index.php?option=com_k2&...); the
// readable one, where "item" or "itemlist" stands somewhere in the path behind "component/k2" or any menu path; and the
// "advanced" one, which leaves these two words out. (Of the advanced ones, that with the alias alone has no number.)
// Only the number counts; the words behind it were decoration and changed often.
#include "news/internal.h"

#define ADDRESS_MAX 4096
#define SEGMENTS_MAX 24

struct segments {
    struct str at[SEGMENTS_MAX];
    size_t count;
};

static bool path_split(struct str path, struct segments *out) {
    struct str part;
    out->count = 0;
    while (str_next(&path, '/', &part)) {
        if (part.n == 0)
            continue;
        if (out->count == SEGMENTS_MAX)
            return false;
        out->at[out->count++] = part;
    }
    return true;
}

static bool is_site_name(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '-'))
            return false;
    return s.n > 0 && s.n <= 32;
}

// Without index.php a first segment may be a site or a menu: only names of languages are taken for a site.
static bool is_known_site(struct str s) {
    static const char *const names[] = {"english",  "indonesian", "arabic", "arab",    "chinese", "mandarin",
                                        "japanese", "french",     "german", "spanish", "dutch"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(s, str_from(names[i])))
            return true;
    return false;
}

static void drop_first(struct segments *s) {
    for (size_t i = 1; i < s->count; i++)
        s->at[i - 1] = s->at[i];
    s->count--;
}

// Takes the site and index.php off the front; whether there was one of them.
static bool site_take(struct segments *s, struct str *site_out) {
    size_t before = s->count;
    *site_out = STR("");
    bool behind = s->count > 1 && is_site_name(s->at[0]) &&
                  (str_eq(s->at[1], STR("index.php")) || str_eq(s->at[1], STR("component")));
    if (behind || (s->count > 0 && is_known_site(s->at[0]))) {
        *site_out = s->at[0];
        drop_first(s);
    }
    if (s->count > 0 && (str_eq(s->at[0], STR("index.php")) || str_eq(s->at[0], STR("index.html"))))
        drop_first(s);
    return s->count < before;
}

// "22183", "22183-alias", "22183:alias", "22183.html", "22183_hash".
static bool id_read(struct str s, int64_t *out) {
    size_t n = 0;
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    if (n == 0 || n > 12 || (n < s.n && strchr("-:._", s.p[n]) == NULL))
        return false;
    return str_to_i64(str_slice(s, 0, n), out) && *out > 0;
}

static struct str query_decode(struct arena *a, struct str s) {
    char *spaced = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        spaced[i] = s.p[i] == '+' ? ' ' : s.p[i];
    struct str raw = {spaced, s.n}, decoded;
    return percent_decode(a, raw, &decoded) ? decoded : raw;
}

static bool query_find(struct arena *a, struct str query, const char *key, struct str *out) {
    struct str pair, name = str_from(key);
    while (str_next(&query, '&', &pair)) {
        if (str_starts(pair, STR("amp;"))) // "&amp;" copied out of a page's source
            pair = str_slice(pair, 4, pair.n);
        size_t eq = 0;
        bool has = str_find_char(pair, '=', &eq);
        if (str_eq(has ? str_slice(pair, 0, eq) : pair, name)) {
            *out = has ? query_decode(a, str_slice(pair, eq + 1, pair.n)) : STR("");
            return true;
        }
    }
    return false;
}

static bool query_is(struct arena *a, struct str query, const char *key, const char *value) {
    struct str found;
    return query_find(a, query, key, &found) && str_eq(found, str_from(value));
}

// ---- what every form may carry
// ---------------------------------------------------------------------------------------

static void extras_read(struct arena *a, struct str query, struct legacy_address *out) {
    struct str value;
    uint64_t n = 0;
    out->print = query_is(a, query, "print", "1") || query_is(a, query, "tmpl", "component");
    out->feed = query_is(a, query, "format", "feed");
    if (query_find(a, query, "start", &value) || query_find(a, query, "limitstart", &value))
        if (str_to_u64(value, &n) && n <= 10000000)
            out->start = (int64_t)n;
}

static enum rc numbered(enum legacy_kind kind, struct str id, struct legacy_address *out) {
    out->kind = kind;
    return id_read(id, &out->old_id) ? RC_OK : RC_NOT_FOUND;
}

static enum rc tag_asked(struct str name, struct legacy_address *out) {
    name = str_trim(name);
    if (name.n == 0 || name.n > 400 || !is_line(name))
        return RC_NOT_FOUND;
    out->kind = LEGACY_TAG;
    out->tag = name;
    return RC_OK;
}

static bool date_part(struct str s, int min, int max, int *out) {
    uint64_t n = 0;
    size_t dot = 0;
    if (str_find_char(s, '.', &dot) && str_eq(str_slice(s, dot, s.n), STR(".html")))
        s = str_slice(s, 0, dot);
    if (s.n == 0 || s.n > 4 || !str_to_u64(s, &n) || n < (uint64_t)min || n > (uint64_t)max)
        return false;
    *out = (int)n;
    return true;
}

static enum rc date_asked(const struct str parts[3], size_t count, struct legacy_address *out) {
    if (count == 0 || !date_part(parts[0], 1970, 9998, &out->year))
        return RC_NOT_FOUND;
    if (count > 1 && !date_part(parts[1], 1, 12, &out->month))
        return RC_NOT_FOUND;
    if (count > 2 && !date_part(parts[2], 1, 31, &out->day))
        return RC_NOT_FOUND;
    out->is_date = true;
    return RC_OK;
}

static enum rc search_asked(struct arena *a, struct str query, struct legacy_address *out) {
    struct str words = STR("");
    if (!query_find(a, query, "searchword", &words))
        (void)query_find(a, query, "q", &words);
    out->is_search = true;
    out->search = utf8_cut(str_trim(words), 400);
    return RC_OK;
}

// ---- plain
// -------------------------------------------------------------------------------------------------------------

static enum rc plain_date(struct arena *a, struct str query, struct legacy_address *out) {
    struct str parts[3];
    size_t n = 0;
    static const char *const keys[3] = {"year", "month", "day"};
    while (n < 3 && query_find(a, query, keys[n], &parts[n]))
        n++;
    return date_asked(parts, n, out);
}

static enum rc plain_list(struct arena *a, struct str query, struct legacy_address *out) {
    struct str value = STR("");
    if (query_is(a, query, "task", "date"))
        return plain_date(a, query, out);
    if (query_is(a, query, "task", "search"))
        return search_asked(a, query, out);
    if (query_is(a, query, "task", "tag"))
        return query_find(a, query, "tag", &value) ? tag_asked(value, out) : RC_NOT_FOUND;
    if (!query_find(a, query, "id", &value))
        return RC_NOT_FOUND;
    if (query_is(a, query, "task", "user"))
        return numbered(LEGACY_AUTHOR, value, out);
    if (query_is(a, query, "task", "category") || query_is(a, query, "layout", "category"))
        return numbered(LEGACY_CATEGORY, value, out);
    return RC_NOT_FOUND;
}

static enum rc plain_parse(struct arena *a, struct str query, struct legacy_address *out) {
    struct str id = STR("");
    bool has_id = query_find(a, query, "id", &id);
    if (query_is(a, query, "option", "com_content"))
        return query_is(a, query, "view", "article") && has_id ? numbered(LEGACY_PAGE, id, out) : RC_NOT_FOUND;
    if (query_is(a, query, "view", "itemlist"))
        return plain_list(a, query, out);
    if (!query_is(a, query, "view", "item") || !has_id)
        return RC_NOT_FOUND;
    return numbered(query_is(a, query, "task", "download") ? LEGACY_DOWNLOAD : LEGACY_ITEM, id, out);
}

// ---- readable
// ----------------------------------------------------------------------------------------------------------

static enum rc list_parse(struct arena *a, const struct segments *s, size_t at, struct str query,
                          struct legacy_address *out) {
    size_t rest = s->count - at - 1; // behind the list's kind
    struct str kind = s->at[at], decoded;
    if (str_eq(kind, STR("search")) || str_eq(kind, STR("search.html")))
        return rest == 0 ? search_asked(a, query, out) : RC_NOT_FOUND;
    if (rest == 0)
        return RC_NOT_FOUND;
    if (str_eq(kind, STR("date")))
        return rest <= 3 ? date_asked(&s->at[at + 1], rest, out) : RC_NOT_FOUND;
    if (rest > 1)
        return RC_NOT_FOUND;
    if (str_eq(kind, STR("category")))
        return numbered(LEGACY_CATEGORY, s->at[at + 1], out);
    if (str_eq(kind, STR("user")))
        return numbered(LEGACY_AUTHOR, s->at[at + 1], out);
    if (!str_eq(kind, STR("tag")))
        return RC_NOT_FOUND;
    decoded = query_decode(a, s->at[at + 1]);
    return tag_asked(str_ends(decoded, STR(".html")) ? str_slice(decoded, 0, decoded.n - 5) : decoded, out);
}

static enum rc readable_at(struct arena *a, const struct segments *s, size_t at, struct str query,
                           struct legacy_address *out) {
    size_t rest = s->count - at - 1;
    if (rest == 0)
        return RC_NOT_FOUND;
    if (str_eq(s->at[at], STR("itemlist")))
        return list_parse(a, s, at + 1, query, out);
    if (str_eq(s->at[at], STR("item")) && rest == 2 && str_eq(s->at[at + 1], STR("download")))
        return numbered(LEGACY_DOWNLOAD, s->at[at + 2], out);
    if (str_eq(s->at[at], STR("item")) && rest == 1)
        return numbered(LEGACY_ITEM, s->at[at + 1], out);
    if (str_eq(s->at[at], STR("article")) && rest == 1 && at > 0 && str_eq(s->at[at - 1], STR("content")))
        return numbered(LEGACY_PAGE, s->at[at + 1], out);
    return RC_NOT_FOUND;
}

static enum rc readable_parse(struct arena *a, const struct segments *s, struct str query, struct legacy_address *out) {
    for (size_t at = 0; at < s->count; at++) {
        struct legacy_address found = {.site = out->site};
        if (readable_at(a, s, at, query, &found) == RC_OK) {
            *out = found;
            return RC_OK;
        }
    }
    return RC_NOT_FOUND;
}

// ---- advanced
// ----------------------------------------------------------------------------------------------------------

static bool is_number(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0;
}

static bool has_readable_word(const struct segments *s) {
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(s->at[i], STR("item")) || str_eq(s->at[i], STR("itemlist")) || str_eq(s->at[i], STR("content")))
            return true;
    return false;
}

// "/news/tag/Covid-19", "/news/date/2022/9", "/news/author/62-admin", "/news/search?searchword=junta".
static enum rc advanced_list(struct arena *a, const struct segments *s, size_t at, struct str query,
                             struct legacy_address *out) {
    struct str words;
    if (str_eq(s->at[at], STR("author")) && at + 2 == s->count)
        return numbered(LEGACY_AUTHOR, s->at[at + 1], out);
    if (str_eq(s->at[at], STR("search")) && !query_find(a, query, "searchword", &words))
        return RC_NOT_FOUND;
    if (str_eq(s->at[at], STR("tag")) || str_eq(s->at[at], STR("date")) || str_eq(s->at[at], STR("search")))
        return list_parse(a, s, at, query, out);
    return RC_NOT_FOUND;
}

// Our own "/en/news/84-..." and "/lite/...", and what were files there.
static bool is_elsewhere(struct str first) {
    enum text_lang lang;
    return text_lang_find(first, &lang) || str_eq(first, STR("lite")) || str_eq(first, STR("media")) ||
           str_eq(first, STR("images"));
}

// Behind a category: "/news/22183-alias", "/news/22183/alias". In front of what could be ours there has to be something
// of the old site.
static enum rc advanced_parse(struct arena *a, const struct segments *s, bool is_old, struct str query,
                              struct legacy_address *out) {
    if (has_readable_word(s) || (!is_old && is_elsewhere(s->at[0])))
        return RC_NOT_FOUND;
    for (size_t at = 0; at < s->count; at++) {
        struct legacy_address found = {.site = out->site};
        if (advanced_list(a, s, at, query, &found) == RC_OK) {
            *out = found;
            return RC_OK;
        }
    }
    size_t n = s->count;
    if (n < 2 || is_number(s->at[n - 1])) // an alias is never a number alone, so "/news/date/2022/13" is nothing
        return RC_NOT_FOUND;
    return numbered(LEGACY_ITEM, s->at[n >= 3 && is_number(s->at[n - 2]) ? n - 2 : n - 1], out);
}

enum rc legacy_parse(struct arena *a, struct str path, struct str query, struct legacy_address *out) {
    *out = (struct legacy_address){0};
    struct segments segments;
    if (path.n > ADDRESS_MAX || query.n > ADDRESS_MAX || !path_split(path, &segments))
        return RC_NOT_FOUND;
    bool is_old = site_take(&segments, &out->site);
    enum rc rc = RC_NOT_FOUND;
    if (segments.count > 0) {
        rc = readable_parse(a, &segments, query, out);
        if (rc == RC_NOT_FOUND)
            rc = advanced_parse(a, &segments, is_old, query, out);
    } else if (query_is(a, query, "option", "com_k2") || query_is(a, query, "option", "com_content"))
        rc = plain_parse(a, query, out);
    if (rc == RC_OK)
        extras_read(a, query, out);
    return rc;
}
