// SPDX-License-Identifier: AGPL-3.0-or-later
// What is on the air in Icecast's words, for panels and exporters: its names, its order, and a name left out where Icecast
// has nothing to say (Icecast 2.4's stats.c, source.c, format_vorbis.c and status-json.xsl are the reference). Where its
// JSON is none (a title of "-", xiph/Icecast-Server #38), ours is.
#include "radio/inside.h"
#include "radio/pages.h"

struct icecast_time icecast_time(int64_t at_us) {
    struct icecast_time out;
    time_t seconds = (time_t)(at_us / US_PER_SECOND);
    struct tm tm;
    must(gmtime_r(&seconds, &tm) != NULL);
    must(strftime(out.date, sizeof out.date, "%a, %d %b %Y %H:%M:%S +0000", &tm) > 0);
    must(strftime(out.iso, sizeof out.iso, "%Y-%m-%dT%H:%M:%S+0000", &tm) > 0);
    return out;
}

// ---- facts -------------------------------------------------------------------------------------------------------------

struct facts {
    struct arena *arena;
    struct icecast_fact *rows;
    size_t count;
};

static struct icecast_fact *add(struct facts *f, const char *name, struct str text) {
    must(f->count < ICECAST_FACTS);
    struct icecast_fact *fact = &f->rows[f->count++];
    *fact = (struct icecast_fact){.name = name, .text = text};
    return fact;
}

static struct icecast_fact *add_number(struct facts *f, const char *name, uint64_t n) {
    struct icecast_fact *fact = add(f, name, str_fmt(f->arena, "%llu", (unsigned long long)n));
    fact->is_number = true;
    return fact;
}

static void add_known(struct facts *f, const char *name, struct str text) {
    if (text.n > 0)
        (void)add(f, name, text);
}

static void add_known_number(struct facts *f, const char *name, uint64_t n) {
    if (n > 0)
        (void)add_number(f, name, n);
}

// A number of the encoder's ice-audio-info, by the same name.
static void add_said(struct facts *f, const struct stream *s, const char *name) {
    struct str number = said_number(&s->said, str_from(name));
    if (number.n > 0)
        add(f, name, str_dup(f->arena, number))->is_number = true;
}

// Of the comments of a chain artist and title each by itself, unless something else was said to play since.
static void split_title(const struct stream *s, const struct audio_chain *chain, struct str *artist_out,
                        struct str *title_out) {
    enum { BETWEEN = 3 }; // " - "
    bool is_of_chain = chain->codec != NULL && str_eq(chain->title, s->title);
    size_t n = is_of_chain ? chain->artist_bytes : 0;
    *artist_out = str_slice(s->title, 0, n);
    *title_out = n > 0 ? str_slice(s->title, n + BETWEEN, s->title.n) : s->title;
}

static void add_sound(struct facts *f, const struct stream *s, const struct audio_chain *chain) {
    add_known_number(f, "audio_bitrate", chain->bits);
    add_known_number(f, "audio_channels", chain->channels);
    add_known(f, "audio_info", str_from(s->said.audio_info));
    add_known_number(f, "audio_samplerate", chain->rate);
    add_known_number(f, "bitrate", stream_kbps(s));
    add_known_number(f, "channels", s->channels);
    (void)add(f, "genre", words_genre(s));
    if (chain->bits >= 1000)
        (void)add_number(f, "ice-bitrate", chain->bits / 1000);
    else
        add_said(f, s, "ice-bitrate");
    add_said(f, s, "ice-channels");
    add_said(f, s, "ice-quality");
    add_said(f, s, "ice-samplerate");
}

static void add_listening(struct facts *f, const struct ask *ask, const struct stream *s) {
    struct str origin = ask_origin(ask);
    uint32_t most = s->setup->listeners_max;
    (void)add_number(f, "listener_peak", s->peak);
    (void)add_number(f, "listeners", stream_listeners(s));
    (void)add(f, "listenurl", str_fmt(f->arena, "%.*s%.*s", STR_ARG(origin), STR_ARG(s->setup->mount)));
    struct icecast_fact *limit =
        most > 0 ? add_number(f, "max_listeners", most) : add(f, "max_listeners", STR("unlimited"));
    limit->is_private = true;
    add_number(f, "public", s->service->is_public ? 1 : 0)->is_private = true;
}

static void add_service(struct facts *f, const struct stream *s) {
    add_said(f, s, "quality");
    add_known_number(f, "samplerate", s->rate);
    (void)add(f, "server_description", words_description(s));
    (void)add(f, "server_name", words_name(s));
    (void)add(f, "server_type", s->setup->media_type);
    add_known(f, "server_url", words_url(s));
}

static struct str without_port(const char *peer) {
    const char *colon = strrchr(peer, ':');
    return (struct str){peer, colon != NULL ? (size_t)(colon - peer) : strlen(peer)};
}

static void add_source(struct facts *f, const struct stream *s, const struct audio_chain *chain, struct str title) {
    const struct source *source = s->sources[s->active];
    struct icecast_time since = icecast_time(s->active_since_us);
    add_number(f, "slow_listeners", s->slow)->is_private = true;
    add(f, "source_ip", without_port(source->peer))->is_private = true;
    (void)add(f, "stream_start", str_dup(f->arena, str_from(since.date)));
    (void)add(f, "stream_start_iso8601", str_dup(f->arena, str_from(since.iso)));
    add_known(f, "subtype", chain->codec != NULL ? str_from(chain->codec) : STR_NONE);
    add_known(f, "title", title);
    add_number(f, "total_bytes_read", s->bytes_in)->is_private = true;
    add_number(f, "total_bytes_sent", s->bytes_out)->is_private = true;
    add(f, "user_agent", str_from(source->agent))->is_private = true;
}

size_t icecast_facts(struct ask *ask, const struct stream *s, struct icecast_fact out[ICECAST_FACTS]) {
    struct facts f = {.arena = ask->arena, .rows = out};
    struct audio_chain chain;
    struct str artist, title;
    audio_chain_of(s->sources[s->active]->scanner, &chain);
    split_title(s, &chain, &artist, &title);
    add_known(&f, "artist", artist);
    add_sound(&f, s, &chain);
    add_listening(&f, ask, s);
    add_service(&f, s);
    add_source(&f, s, &chain, title);
    return f.count;
}

// ---- JSON --------------------------------------------------------------------------------------------------------------

static void set_time(json_t *j, const char *name, const char *iso_name, int64_t at_us) {
    struct icecast_time at = icecast_time(at_us);
    json_object_set_new(j, name, json_string(at.date));
    json_object_set_new(j, iso_name, json_string(at.iso));
}

// As it was written, "2.5" or "128"; said_number let nothing else through.
static json_t *number_json(struct arena *a, struct str text) {
    return json_loads(str_c(a, text), JSON_DECODE_ANY, NULL);
}

static json_t *source_json(struct ask *ask, const struct stream *s) {
    struct icecast_fact facts[ICECAST_FACTS];
    size_t n = icecast_facts(ask, s, facts);
    json_t *j = json_object();
    for (size_t i = 0; i < n; i++)
        if (!facts[i].is_private)
            json_object_set_new(j, facts[i].name,
                                facts[i].is_number ? number_json(ask->arena, facts[i].text) : text_json(facts[i].text));
    json_object_set_new(j, "dummy", json_null());
    return j;
}

// "source" is nothing, an object or a list, for no mount, one or several: what panels of twenty years expect.
void status_json_show(struct ask *ask) {
    struct radio *r = ask->client->radio;
    struct str only = ask_field(ask, "mount");
    json_t *j = json_object(), *stats = json_object(), *sources = json_array();
    json_object_set_new(stats, "admin", json_string("admin"));
    json_object_set_new(stats, "host", text_json(ask->head->req.host));
    json_object_set_new(stats, "location", json_string(""));
    json_object_set_new(stats, "server_id", json_string("Siaran"));
    set_time(stats, "server_start", "server_start_iso8601", r->started_us);
    for (const struct stream *s = r->streams; s != NULL; s = s->next)
        if (s->active >= 0 && !s->setup->is_hidden && (only.p == NULL || str_eq(only, s->setup->mount)))
            json_array_append_new(sources, source_json(ask, s));
    if (json_array_size(sources) == 0)
        json_object_set_new(stats, "dummy", json_null());
    else
        json_object_set(stats, "source", json_array_size(sources) == 1 ? json_array_get(sources, 0) : sources);
    json_decref(sources);
    json_object_set_new(j, "icestats", stats);
    client_answer(ask, 200, "application/json; charset=utf-8", CORS_LINES "Cache-Control: no-store\r\n",
                  json_whole(ask->arena, j));
}
