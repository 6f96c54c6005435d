// SPDX-License-Identifier: AGPL-3.0-or-later
// The station's own services as pages show them: what is on, and every address that they can be heard at. That another
// source than the first plays is the studio's affair, not the listener's.
#include "site/cards.h"

struct str radio_link(struct visit *v, const char *address) {
    struct str origin = site_radio_origin(v->site);
    return origin.n > 0 ? str_fmt(v->a, "%.*s%s", STR_ARG(origin), address) : STR_NONE;
}

// ---- a stream --------------------------------------------------------------------------------------------------------

static struct str codec_name(struct visit *v, const struct service_stream *s) {
    static const struct {
        const char *in_type, *name;
    } inside[] = {{"opus", "Opus"}, {"flac", "FLAC"}, {"vorbis", "Vorbis"}};
    size_t at;
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
        if (str_find(s->media_type, str_from(inside[i].in_type), &at))
            return str_from(inside[i].name);
    switch (s->format) {
    case AUDIO_MPEG:
        return STR("MP3");
    case AUDIO_AAC:
        return STR("AAC");
    case AUDIO_OGG:
        return STR("Ogg");
    case AUDIO_WEBM:
        return STR("WebM");
    case AUDIO_FLAC:
        return STR("FLAC");
    case AUDIO_OTHER:
    case AUDIO_FORMATS:
        break;
    }
    return str_dup(v->a, s->media_type);
}

static struct str stream_label(struct visit *v, const struct service_stream *s, const struct service_on_air *row) {
    uint32_t kbps = service_stream_kbps(s, row != NULL ? row->kbps : 0);
    struct str codec = codec_name(v, s);
    if (kbps == 0)
        return codec;
    struct str rate = str_fmt(v->a, "%.*s kbit/s", STR_ARG(text_number(v->a, v->lang, kbps)));
    return text_phrase(v->a, v->lang, W_LIVE_STREAM, 0, codec, rate);
}

static struct str beside(struct visit *v, struct str url, const char *ending) {
    return url.n > 0 ? str_fmt(v->a, "%.*s.%s", STR_ARG(url), ending) : STR_NONE;
}

static struct view_stream stream_view(struct visit *v, const struct service_stream *s,
                                      const struct service_on_air *row) {
    struct view_stream out = {.name = s->name, .type = s->media_type, .mount = s->mount, .low_data = s->is_low_data};
    out.label = stream_label(v, s, row);
    out.url = radio_link(v, str_c(v->a, s->mount));
    out.m3u = beside(v, out.url, "m3u");
    out.pls = beside(v, out.url, "pls");
    if (s->has_hls)
        out.hls = radio_link(v, str_fmt(v->a, "/hls/%.*s/live.m3u8", STR_ARG(s->name)).p);
    return out;
}

// ---- a service -------------------------------------------------------------------------------------------------------

// The languages that it speaks in their own words; what the site has no name for is left out. A name is held together
// (U+2068, U+2069): a separator between two that run from left to right would else begin a line of a page that does not.
static struct str spoken_in(struct visit *v, struct str codes, bool *speaks_ours) {
    struct str code, out = STR_NONE;
    enum text_lang lang;
    *speaks_ours = false;
    while (str_next(&codes, ' ', &code)) {
        if (!text_lang_find(code, &lang))
            continue;
        *speaks_ours = *speaks_ours || lang == v->lang;
        struct str name = text_lang_name(lang);
        if (text_lang_is_rtl(v->lang))
            name = str_fmt(v->a, "\u2068%.*s\u2069", STR_ARG(name));
        out = str_fmt(v->a, "%.*s%s%.*s", STR_ARG(out), out.n > 0 ? "\u00a0· " : "", STR_ARG(name));
    }
    return out;
}

static void fill_now(struct visit *v, const struct service_on_air *row, struct view_service *out) {
    out->now = row->title;
    if (row->title.n == 0 || row->title_since_us == 0)
        return;
    struct str time = text_date(v->a, v->lang, v->site->zone, row->title_since_us, DATE_TIME);
    struct str zone = text_zone_offset(v->a, v->site->zone, row->title_since_us);
    out->since =
        text_phrase(v->a, v->lang, W_LIVE_SINCE, 0, str_fmt(v->a, "%.*s %.*s", STR_ARG(time), STR_ARG(zone)), STR_NONE);
    out->since_iso = text_date(v->a, v->lang, v->site->zone, row->title_since_us, DATE_ISO);
}

static void fill_streams(struct visit *v, const struct service *s, const struct service_state *state,
                         struct view_service *out) {
    size_t hls_count = 0;
    out->streams.items = ARENA_ARRAY(v->a, struct view_stream, s->stream_count + 1);
    for (size_t i = 0; i < s->stream_count; i++) {
        const struct service_on_air *row = service_state_find(state, s->streams[i].name);
        if (s->streams[i].is_hidden)
            continue;
        struct view_stream *stream = &out->streams.items[out->streams.n++];
        *stream = stream_view(v, &s->streams[i], row);
        hls_count += s->streams[i].has_hls ? 1 : 0;
        if (out->first.url.n == 0)
            out->first = *stream;
        else if (stream->low_data && out->low.url.n == 0)
            out->low = *stream;
        if (row == NULL || row->source.n == 0)
            continue;
        out->on_air = true;
        if (out->now.n == 0)
            fill_now(v, row, out);
    }
    if (hls_count > 1)
        out->hls = radio_link(v, str_fmt(v->a, "/hls/%.*s.m3u8", STR_ARG(s->name)).p);
}

static struct view_service service_view(struct visit *v, const struct service *s, const struct service_state *state,
                                        bool *is_ours) {
    struct str lang = text_lang_code(v->lang);
    struct view_service out = {
        .name = s->name, .title = service_title(s, lang), .description = service_description(s, lang)};
    out.spoken = spoken_in(v, s->languages, is_ours);
    struct str page = link_live(v->a, v->lang);
    out.since_in = text_phrase(v->a, v->lang, W_LIVE_SINCE, 0, STR("{}"), STR_NONE);
    out.address = visit_link(v, str_fmt(v->a, "%.*s#service-%.*s", STR_ARG(page), STR_ARG(s->name)));
    fill_streams(v, s, state, &out);
    return out;
}

struct view_services services_view(struct visit *v) {
    struct view_services out = {ARENA_ARRAY(v->a, struct view_service, SERVICES_MAX), 0};
    struct view_service *others = ARENA_ARRAY(v->a, struct view_service, SERVICES_MAX);
    struct site_on_air *air = ARENA_NEW(v->a, struct site_on_air);
    size_t other_count = 0;
    render_use(&v->uses, EDITION_ON_AIR, v->lang);
    render_use(&v->uses, EDITION_FRAME, v->lang); // where the radio is
    if (v->site->on_air == NULL)
        return out;
    v->site->on_air(v->site, v->a, air);
    for (size_t i = 0; i < air->services.count; i++) {
        bool is_ours;
        if (!air->services.rows[i].is_public)
            continue;
        struct view_service service = service_view(v, &air->services.rows[i], &air->state, &is_ours);
        if (service.streams.n > 0)
            *(is_ours ? &out.items[out.n++] : &others[other_count++]) = service;
    }
    for (size_t i = 0; i < other_count; i++)
        out.items[out.n++] = others[i];
    return out;
}
