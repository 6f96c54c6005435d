// SPDX-License-Identifier: AGPL-3.0-or-later
// Playlists that point at a stream. There is no standard of M3U and PLS but what players read (streaming reference 1.2):
// lines, comments with '#', keys in any case. XSPF is XML (xspf.org/spec, version 1).
#include <libxml/parser.h>

#include "audio/audio.h"

static struct str line_take(struct str *rest) {
    struct str line = STR_NONE;
    (void)str_next(rest, '\n', &line);
    return str_trim(line);
}

// One that we can ask: relative, http or https.
static bool is_address(struct str s) {
    size_t scheme, slash;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
            return false;
    bool is_whole = str_find(s, STR("://"), &scheme) && !str_find_char(str_slice(s, 0, scheme), '/', &slash) &&
                    !str_find_char(str_slice(s, 0, scheme), '?', &slash);
    struct str name = is_whole ? str_slice(s, 0, scheme) : STR("http");
    return s.n > 0 && s.n <= AUDIO_PLAYLIST_ADDRESS_BYTES &&
           (str_eq_nocase(name, STR("http")) || str_eq_nocase(name, STR("https")));
}

static enum rc m3u_first(struct str text, struct str *out) {
    while (text.n > 0) {
        struct str line = line_take(&text);
        if (str_starts(line, STR("#EXT-X-")))
            return RC_INVALID;
        if (line.n == 0 || line.p[0] == '#' || !is_address(line))
            continue;
        *out = line;
        return RC_OK;
    }
    return RC_NOT_FOUND;
}

static enum rc pls_first(struct str text, struct str *out) {
    while (text.n > 0) {
        struct str line = line_take(&text), key;
        if (!str_next(&line, '=', &key) || key.n < 5 || !str_eq_nocase(str_slice(key, 0, 4), STR("File")))
            continue;
        line = str_trim(line);
        if (!is_address(line))
            continue;
        *out = line;
        return RC_OK;
    }
    return RC_NOT_FOUND;
}

static const xmlNode *child_of(const xmlNode *node, const char *name) {
    for (const xmlNode *c = node != NULL ? node->children : NULL; c != NULL; c = c->next)
        if (c->type == XML_ELEMENT_NODE && strcmp((const char *)c->name, name) == 0)
            return c;
    return NULL;
}

// Entities of its own are left alone: nothing is fetched, and nothing grows.
static struct str text_of(struct arena *a, const xmlNode *node) {
    struct str text = STR("");
    for (const xmlNode *c = node->children; c != NULL; c = c->next) {
        if (c->type != XML_TEXT_NODE || text.n > AUDIO_PLAYLIST_ADDRESS_BYTES)
            return STR_NONE;
        text = str_fmt(a, "%.*s%s", STR_ARG(text), (const char *)c->content);
    }
    return str_trim(text);
}

static bool location_of(struct arena *a, const xmlNode *track, struct str *out) {
    for (const xmlNode *l = track->children; l != NULL; l = l->next) {
        if (l->type != XML_ELEMENT_NODE || strcmp((const char *)l->name, "location") != 0)
            continue;
        *out = text_of(a, l);
        if (is_address(*out))
            return true;
    }
    *out = STR_NONE;
    return false;
}

static enum rc xspf_first(struct arena *a, struct str text, struct str *out) {
    xmlDoc *doc = xmlReadMemory(text.p, (int)text.n, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    bool found = false;
    const xmlNode *list = doc != NULL ? child_of(xmlDocGetRootElement(doc), "trackList") : NULL;
    for (const xmlNode *track = child_of(list, "track"); track != NULL && !found; track = track->next)
        found = location_of(a, track, out);
    xmlFreeDoc(doc);
    return found ? RC_OK : RC_NOT_FOUND;
}

static bool ends_nocase(struct str path, struct str ending) {
    size_t query;
    if (str_find_char(path, '?', &query))
        path = str_slice(path, 0, query);
    return path.n >= ending.n && str_eq_nocase(str_slice(path, path.n - ending.n, path.n), ending);
}

bool audio_playlist_is(struct str media_type, struct str path) {
    static const char *const types[] = {
        "audio/x-mpegurl", "audio/mpegurl", "application/x-mpegurl", "application/vnd.apple.mpegurl",
        "audio/x-scpls",   "audio/scpls",   "application/pls+xml",   "application/xspf+xml"};
    static const char *const endings[] = {".m3u", ".m3u8", ".pls", ".xspf"};
    struct str type = STR_NONE;
    (void)str_next(&media_type, ';', &type);
    type = str_trim(type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (str_eq_nocase(type, str_from(types[i])))
            return true;
    bool says_nothing = type.n == 0 || str_eq_nocase(type, STR("text/plain")) ||
                        str_eq_nocase(type, STR("application/octet-stream")) || str_eq_nocase(type, STR("text/xml")) ||
                        str_eq_nocase(type, STR("application/xml"));
    for (size_t i = 0; i < sizeof endings / sizeof endings[0] && says_nothing; i++)
        if (ends_nocase(path, str_from(endings[i])))
            return true;
    return false;
}

enum rc audio_playlist_first(struct arena *a, struct str text, struct str *address_out) {
    *address_out = STR_NONE;
    if (text.n > AUDIO_PLAYLIST_BYTES)
        return RC_TOO_BIG;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.n);
    struct str begin = str_trim(text);
    if (begin.n > 0 && begin.p[0] == '<')
        return xspf_first(a, begin, address_out);
    if (begin.n >= 10 && str_eq_nocase(str_slice(begin, 0, 10), STR("[playlist]")))
        return pls_first(begin, address_out);
    return m3u_first(begin, address_out);
}
