// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses of other sites' things, as people copy them from their browser, and what becomes of them: the one address of
// the thing, and the address of its frame on the host that asks least of readers. Nothing is fetched. Sites that have no
// frame without a script of theirs are linked to.
//   YouTube     IFrame player on www.youtube-nocookie.com     Vimeo    player.vimeo.com with dnt=1
//   SoundCloud  widget on w.soundcloud.com                    Spotify  open.spotify.com/embed
//   Internet Archive  archive.org/embed
#include "news/internal.h"

enum { ADDRESS_MAX = 500, PARTS_MAX = 6, PART_MAX = 200 };

struct parts { // of an address behind its host
    struct str host, path[PARTS_MAX], query;
    size_t count;
};

static bool is_one_of(struct str s, const char *more) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], lower = (char)(c | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && (c == '\0' || strchr(more, c) == NULL))
            return false;
    }
    return s.n > 0 && s.n <= PART_MAX;
}

static bool is_digits(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > 0 && s.n <= 18;
}

// Host and path of "https://host/a/b?query#rest"; the scheme may be left out. False: no such address.
static bool address_cut(struct arena *a, struct str s, struct parts *out) {
    size_t at;
    *out = (struct parts){.count = 0};
    s = str_trim(s);
    if (s.n > ADDRESS_MAX || !utf8_valid(s))
        return false;
    if (str_find(s, STR("://"), &at)) {
        struct str scheme = str_slice(s, 0, at);
        if (!str_eq_nocase(scheme, STR("https")) && !str_eq_nocase(scheme, STR("http")))
            return false;
        s = str_slice(s, at + 3, s.n);
    }
    if (str_find_char(s, '#', &at))
        s = str_slice(s, 0, at);
    if (str_find_char(s, '?', &at)) {
        out->query = str_slice(s, at + 1, s.n);
        s = str_slice(s, 0, at);
    }
    at = s.n;
    (void)str_find_char(s, '/', &at);
    char *host = arena_take(a, at + 1);
    for (size_t i = 0; i < at; i++)
        host[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
    out->host = (struct str){host, at};
    struct str rest = str_slice(s, at, s.n), part;
    while (str_next(&rest, '/', &part))
        if (part.n > 0 && out->count < PARTS_MAX)
            out->path[out->count++] = part;
    return is_one_of(out->host, ".-");
}

static struct str query_value(struct str query, const char *name) {
    struct str pair, key;
    while (str_next(&query, '&', &pair))
        if (str_next(&pair, '=', &key) && str_eq(key, str_from(name)))
            return pair;
    return STR_NONE;
}

static bool path_is(const struct parts *p, size_t i, const char *word) {
    return i < p->count && str_eq(p->path[i], str_from(word));
}

// ---- one function a site: what of its addresses is a thing -----------------------------------------------------------------

static bool youtube(struct arena *a, const struct parts *p, struct embed *out) {
    struct str id = str_eq(p->host, STR("youtu.be")) && p->count > 0 ? p->path[0]
                    : path_is(p, 0, "watch")                         ? query_value(p->query, "v")
                    : p->count > 1 && (path_is(p, 0, "embed") || path_is(p, 0, "shorts") || path_is(p, 0, "live"))
                        ? p->path[1]
                        : STR_NONE;
    if (id.n != 11 || !is_one_of(id, "-_"))
        return false;
    out->address = str_fmt(a, "https://www.youtube.com/watch?v=%.*s", STR_ARG(id));
    out->frame = str_fmt(a, "https://www.youtube-nocookie.com/embed/%.*s", STR_ARG(id));
    return true;
}

// Of what is not listed the address carries a second word.
static bool vimeo(struct arena *a, const struct parts *p, struct embed *out) {
    size_t i = path_is(p, 0, "video") ? 1 : 0;
    struct str id = i < p->count ? p->path[i] : STR_NONE, word = query_value(p->query, "h");
    if (word.n == 0 && i + 1 < p->count)
        word = p->path[i + 1];
    if (!is_digits(id) || (word.n > 0 && !is_one_of(word, "")))
        return false;
    out->address = str_fmt(a, "https://vimeo.com/%.*s%s%.*s", STR_ARG(id), word.n > 0 ? "/" : "", STR_ARG(word));
    out->frame = str_fmt(a, "https://player.vimeo.com/video/%.*s?dnt=1%s%.*s", STR_ARG(id), word.n > 0 ? "&h=" : "",
                         STR_ARG(word));
    return true;
}

static bool soundcloud(struct arena *a, const struct parts *p, struct embed *out) {
    struct str path = STR_NONE;
    if (p->count < 2 || p->count > 4)
        return false;
    for (size_t i = 0; i < p->count; i++) {
        if (!is_one_of(p->path[i], "-_"))
            return false;
        path = str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(p->path[i]));
    }
    struct buf b;
    buf_init(&b, 8 * ADDRESS_MAX);
    out->address = str_fmt(a, "https://soundcloud.com%.*s", STR_ARG(path));
    buf_c(&b, "https://w.soundcloud.com/player/?url=");
    percent_encode_segment(&b, out->address);
    out->frame = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return true;
}

static bool spotify(struct arena *a, const struct parts *p, struct embed *out) {
    static const char *const kinds[] = {"episode", "show", "track", "playlist", "album"};
    size_t i = path_is(p, 0, "embed") ? 1 : 0;
    if (i < p->count && str_starts(p->path[i], STR("intl-")))
        i++;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (path_is(p, i, kinds[k]) && i + 1 < p->count && p->path[i + 1].n == 22 && is_one_of(p->path[i + 1], "")) {
            out->address = str_fmt(a, "https://open.spotify.com/%s/%.*s", kinds[k], STR_ARG(p->path[i + 1]));
            out->frame = str_fmt(a, "https://open.spotify.com/embed/%s/%.*s", kinds[k], STR_ARG(p->path[i + 1]));
            return true;
        }
    return false;
}

static bool archive(struct arena *a, const struct parts *p, struct embed *out) {
    if (p->count < 2 || !(path_is(p, 0, "details") || path_is(p, 0, "embed")) || !is_one_of(p->path[1], "-_."))
        return false;
    out->address = str_fmt(a, "https://archive.org/details/%.*s", STR_ARG(p->path[1]));
    out->frame = str_fmt(a, "https://archive.org/embed/%.*s", STR_ARG(p->path[1]));
    return true;
}

// A post that cannot be shown without the site's script: its address without what follows the reader around.
static bool post(struct arena *a, const struct parts *p, struct embed *out) {
    struct str path = STR_NONE;
    if (p->count < 2)
        return false;
    for (size_t i = 0; i < p->count; i++) {
        if (!is_one_of(p->path[i], "-_.@"))
            return false;
        path = str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(p->path[i]));
    }
    out->address = str_fmt(a, "https://%.*s%.*s", STR_ARG(p->host), STR_ARG(path));
    out->frame = STR_NONE;
    return true;
}

static const struct provider {
    const char *name, *hosts; // divided by spaces
    const char *origin;       // of its frames; "": only links
    bool sound;
    bool (*read)(struct arena *a, const struct parts *p, struct embed *out);
} providers[] = {
    {"YouTube", "youtube.com www.youtube.com m.youtube.com youtu.be www.youtube-nocookie.com",
     "https://www.youtube-nocookie.com", false, youtube},
    {"Vimeo", "vimeo.com www.vimeo.com player.vimeo.com", "https://player.vimeo.com", false, vimeo},
    {"SoundCloud", "soundcloud.com www.soundcloud.com m.soundcloud.com", "https://w.soundcloud.com", true, soundcloud},
    {"Spotify", "open.spotify.com", "https://open.spotify.com", true, spotify},
    {"Internet Archive", "archive.org www.archive.org", "https://archive.org", false, archive},
    {"X", "x.com twitter.com www.twitter.com mobile.twitter.com", "", false, post},
    {"Facebook", "facebook.com www.facebook.com m.facebook.com", "", false, post},
    {"Instagram", "instagram.com www.instagram.com", "", false, post},
    {"TikTok", "tiktok.com www.tiktok.com", "", false, post},
};

bool embed_find(struct arena *a, struct str address, struct embed *out) {
    struct parts p;
    *out = (struct embed){.address = STR_NONE};
    if (!address_cut(a, address, &p))
        return false;
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        struct str hosts = str_from(providers[i].hosts), host;
        bool mine = false;
        while (!mine && str_next(&hosts, ' ', &host))
            mine = str_eq(host, p.host);
        if (!mine)
            continue;
        out->provider = str_from(providers[i].name);
        out->origin = str_from(providers[i].origin);
        out->sound = providers[i].sound;
        return providers[i].read(a, &p, out) && out->address.n <= ADDRESS_MAX;
    }
    return false;
}

bool embed_cell(struct arena *a, struct str typed, struct str *out) {
    struct embed e;
    bool known = embed_find(a, typed, &e);
    *out = e.address;
    return known;
}
