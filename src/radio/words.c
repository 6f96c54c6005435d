// SPDX-License-Identifier: AGPL-3.0-or-later
// What a stream says of itself: the station's words, and where it has none those that the encoder came with.
#include "radio/inside.h"

enum { KBPS_MOST = 100000 };

// Icecast's encoders write "ice-name", Shoutcast's "icy-name", the oldest "x-audiocast-name".
static struct str said_header(const struct ask *ask, const char *what, const char *icy_what) {
    const char *const forms[][2] = {{"ice-", what}, {"icy-", icy_what}, {"x-audiocast-", what}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "%s%s", forms[i][0], forms[i][1]);
        struct str value = ask_header(ask, name);
        if (value.n > 0)
            return value;
    }
    return STR_NONE;
}

static void text_read(const struct ask *ask, const char *what, struct str charset, char *out, size_t size) {
    struct str text = audio_title(ask->arena, said_header(ask, what, what), charset);
    (void)snprintf(out, size, "%.*s", STR_ARG(utf8_cut(text, size - 1)));
}

// "128" or "2.5", as JSON has it too.
static bool is_number(struct str s) {
    size_t digits = 0, points = 0;
    bool has_zeros = s.n > 1 && s.p[0] == '0' && s.p[1] != '.';
    for (size_t i = 0; i < s.n; i++) {
        digits += s.p[i] >= '0' && s.p[i] <= '9';
        points += s.p[i] == '.' && i > 0 && i + 1 < s.n;
    }
    return digits > 0 && s.n < 12 && points < 2 && digits + points == s.n && !has_zeros;
}

struct str said_number(const struct said *said, struct str name) {
    struct str rest = str_from(said->audio_info), one;
    size_t at;
    while (str_next(&rest, ';', &one)) {
        if (!str_find_char(one, '=', &at) || !str_eq(str_trim(str_slice(one, 0, at)), name))
            continue;
        struct str value = str_trim(str_slice(one, at + 1, one.n));
        return is_number(value) ? value : STR_NONE;
    }
    return STR_NONE;
}

static uint32_t kbps_read(struct str value) {
    uint64_t kbps;
    return str_to_u64(value, &kbps) && kbps < KBPS_MOST ? (uint32_t)kbps : 0;
}

void said_read(const struct ask *ask, struct str charset, struct said *out) {
    *out = (struct said){.kbps = kbps_read(said_header(ask, "bitrate", "br"))};
    text_read(ask, "name", charset, out->name, sizeof out->name);
    text_read(ask, "description", charset, out->description, sizeof out->description);
    text_read(ask, "genre", charset, out->genre, sizeof out->genre);
    text_read(ask, "url", charset, out->url, sizeof out->url);
    text_read(ask, "audio-info", charset, out->audio_info, sizeof out->audio_info);
    if (!service_url_ok(str_from(out->url)))
        out->url[0] = '\0';
    if (out->kbps == 0)
        out->kbps = kbps_read(said_number(out, STR("ice-bitrate")));
    if (out->kbps == 0)
        out->kbps = kbps_read(said_number(out, STR("bitrate")));
}

// ---- whose words -------------------------------------------------------------------------------------------------------

static struct str either(struct str ours, const char *said) {
    return ours.n > 0 ? ours : str_from(said);
}

struct str words_name(const struct stream *s) {
    bool is_named = !str_eq(s->service->title, s->service->name);
    return is_named || s->said.name[0] == '\0' ? s->service->title : str_from(s->said.name);
}

struct str words_description(const struct stream *s) {
    return either(s->service->description, s->said.description);
}

struct str words_genre(const struct stream *s) {
    return either(s->service->genre, s->said.genre);
}

struct str words_url(const struct stream *s) {
    return either(s->service->url, s->said.url);
}
