// SPDX-License-Identifier: AGPL-3.0-or-later
// What is on the air: as JSON for players, as events for those who wait for changes, and as the file the site reads.
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"
#include "radio/pages.h"

enum {
    WATCHERS_MAX = 8192,
    BEAT_SECONDS = 15,
    JSON_MAX = 4 << 20,
    EVENT_ROOM = 256 << 10,
    TEXTS_KEPT = 4,
    ORIGIN_BYTES = 300
};
#define TEXT_KEPT_US (US_PER_SECOND / 10)

// ---- JSON --------------------------------------------------------------------------------------------------------------

json_t *text_json(struct str s) {
    return json_stringn(s.n > 0 ? s.p : "", s.n);
}

static json_t *moment_json(int64_t at_us) {
    char text[CLOCK_UTC_BYTES + 1];
    if (at_us == 0)
        return json_null();
    clock_utc_put(text, at_us);
    return json_string(text);
}

// To the millisecond.
static json_t *instant_json(int64_t at_us) {
    char text[CLOCK_UTC_BYTES + 1];
    clock_utc_put(text, at_us);
    return json_sprintf("%.*s.%03dZ", CLOCK_UTC_BYTES - 1, text, (int)(at_us % US_PER_SECOND / 1000));
}

struct str json_whole(struct arena *a, json_t *json) {
    char *text = json_dumps(json, JSON_COMPACT);
    must(text != NULL);
    struct str copy = str_dup(a, str_from(text));
    free(text); // jansson's own allocator
    json_decref(json);
    return copy;
}

static json_t *words_json(struct str words) {
    json_t *all = json_array();
    struct str one;
    while (str_next(&words, ' ', &one))
        if (one.n > 0)
            json_array_append_new(all, text_json(one));
    return all;
}

// {"ar": ...} of those languages in which the service has a title, or a description, of its own.
static json_t *in_languages(struct arena *a, const struct service *service, struct str what) {
    json_t *all = json_object();
    struct service_setting *rows;
    struct str of, lang;
    size_t n = service_settings(a, service, &rows);
    for (size_t i = 0; i < n; i++)
        if (rows[i].value.n > 0 && service_setting_in(str_from(rows[i].key), &of, &lang) && str_eq(of, what))
            json_object_set_new(all, str_c(a, lang), text_json(rows[i].value));
    return all;
}

static json_t *alarms_json(unsigned alarms) {
    static const char *const names[] = {"off_air", "fell_back", "silent", "not_kept", "refused", "stalled"};
    json_t *all = json_array();
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((alarms & 1u << i) != 0)
            json_array_append_new(all, json_string(names[i]));
    return all;
}

static json_t *joins_json(const struct stream *s) {
    struct begin joins[JOINS_MAX];
    json_t *all = json_array();
    size_t n = stream_joins(s, joins);
    for (size_t i = 0; i < n; i++) {
        json_t *j = json_object();
        json_object_set_new(j, "sound_ms", json_integer(joins[i].sound_us / 1000));
        json_object_set_new(j, "at", instant_json(joins[i].moment_us));
        json_array_append_new(all, j);
    }
    return all;
}

static json_t *stream_json(struct arena *a, const struct stream *s, struct str origin) {
    const struct service_stream *setup = s->setup;
    struct keep_state kept;
    keep_state(s->keep, &kept);
    json_t *j = json_object();
    json_object_set_new(j, "name", text_json(setup->name));
    json_object_set_new(j, "mount", text_json(setup->mount));
    json_object_set_new(j, "url", text_json(str_fmt(a, "%.*s%.*s", STR_ARG(origin), STR_ARG(setup->mount))));
    json_object_set_new(j, "hls",
                        setup->has_hls
                            ? text_json(str_fmt(a, "%.*s/hls/%.*s/live.m3u8", STR_ARG(origin), STR_ARG(setup->name)))
                            : json_null());
    json_object_set_new(j, "type", text_json(setup->media_type));
    json_object_set_new(j, "kbps", json_integer(stream_kbps(s)));
    json_object_set_new(j, "rate", json_integer(s->rate > 0 ? s->rate : setup->rate));
    json_object_set_new(j, "channels", json_integer(s->channels > 0 ? s->channels : setup->channels));
    json_object_set_new(j, "low_data", json_boolean(setup->is_low_data));
    json_object_set_new(j, "on_air", json_boolean(s->active >= 0));
    json_object_set_new(j, "source", s->active >= 0 ? text_json(setup->sources[s->active].name) : json_null());
    json_object_set_new(j, "title", text_json(s->title));
    json_object_set_new(j, "title_since", moment_json(s->title_since_us));
    json_object_set_new(j, "since", moment_json(s->active >= 0 ? s->active_since_us : 0));
    json_object_set_new(j, "rewind_from", moment_json(kept.from_us));
    json_object_set_new(j, "joins", joins_json(s));
    json_object_set_new(j, "listeners", json_integer(0)); // as it is when it is sent: with_numbers
    json_object_set_new(j, "alarms", alarms_json(stream_alarms(s)));
    return j;
}

static bool is_shown(const struct stream *s, const struct service *service) {
    return s->service == service && !s->setup->is_hidden;
}

static json_t *service_json(struct arena *a, struct radio *r, const struct service *service, struct str origin) {
    json_t *j = json_object(), *streams = json_array();
    json_object_set_new(j, "name", text_json(service->name));
    json_object_set_new(j, "title", text_json(service->title));
    json_object_set_new(j, "description", text_json(service->description));
    json_object_set_new(j, "titles", in_languages(a, service, STR("title")));
    json_object_set_new(j, "descriptions", in_languages(a, service, STR("description")));
    json_object_set_new(j, "languages", words_json(service->languages));
    for (const struct stream *s = r->streams; s != NULL; s = s->next)
        if (is_shown(s, service))
            json_array_append_new(streams, stream_json(a, s, origin));
    json_object_set_new(j, "streams", streams);
    return j;
}

static struct str now_make(struct arena *a, struct radio *r, struct str origin) {
    json_t *j = json_object(), *services = json_array();
    json_object_set_new(j, "at", moment_json(radio_now_us()));
    for (size_t i = 0; i < r->services.count; i++)
        json_array_append_new(services, service_json(a, r, &r->services.rows[i], origin));
    json_object_set_new(j, "services", services);
    return json_whole(a, j);
}

// ---- kept for those who come together ------------------------------------------------------------------------------------

// To make it costs as much as to send it to hundreds, and players come by thousands, when a station is named on the air. So
// it stands for a tenth of a second, by the name that the radio has for them. What is told as it changes (radio_changed) is in
// the next one that is asked for, and how many listen is put into each; the rest may be so old: the rate that was measured, and
// the places where who joins begins (`joins`), which are as much older when a player that asked is sent its first sound.
struct spot {
    size_t at; // of a digit, in whose place their number comes
    const struct stream *stream;
};
struct now_text {
    char origin[ORIGIN_BYTES];
    struct arena *arena; // NULL: nothing is here
    struct str text;     // in it, and
    struct spot *spots;
    size_t spot_count;
    uint64_t change; // where streams come or go there is another
    int64_t made_us;
};
struct now_texts {
    struct now_text rows[TEXTS_KEPT]; // where the station says no origin each client may say another
    unsigned next;                    // gives way
};

static bool is_new(const struct now_text *t, const struct radio *r) {
    int64_t old_us = radio_now_us() - t->made_us; // of a clock that may have been put back
    return t->change == r->change && old_us >= 0 && old_us < TEXT_KEPT_US;
}

// That of the origin, or one that is given up for it.
static struct now_text *text_of(struct now_texts *all, struct str origin) {
    for (unsigned i = 0; i < TEXTS_KEPT; i++)
        if (all->rows[i].arena != NULL && str_eq(origin, str_from(all->rows[i].origin)))
            return &all->rows[i];
    struct now_text *t = &all->rows[all->next++ % TEXTS_KEPT];
    arena_free(&t->arena);
    (void)snprintf(t->origin, sizeof t->origin, "%.*s", STR_ARG(origin));
    return t;
}

// A mark within a text would have its quotes escaped.
static void spots_find(struct now_text *t, const struct radio *r) {
    static const char mark[] = "\"listeners\":";
    size_t from = 0, at;
    t->spots = ARENA_ARRAY(t->arena, struct spot, SERVICES_MAX * SERVICE_STREAMS_MAX);
    t->spot_count = 0;
    for (size_t i = 0; i < r->services.count; i++)
        for (const struct stream *s = r->streams; s != NULL; s = s->next) {
            if (!is_shown(s, &r->services.rows[i]))
                continue;
            must(str_find(str_slice(t->text, from, t->text.n), str_from(mark), &at));
            from += at + sizeof mark - 1;
            t->spots[t->spot_count++] = (struct spot){from, s};
        }
}

static struct str with_numbers(struct arena *a, const struct now_text *t) {
    enum { DIGITS_MAX = 24 };
    char *out = arena_take(a, t->text.n + t->spot_count * DIGITS_MAX + 1);
    size_t n = 0, from = 0;
    for (size_t i = 0; i < t->spot_count; i++) {
        const struct spot *spot = &t->spots[i];
        memcpy(out + n, t->text.p + from, spot->at - from);
        n += spot->at - from;
        n += (size_t)snprintf(out + n, DIGITS_MAX, "%llu", (unsigned long long)stream_listeners(spot->stream));
        from = spot->at + 1;
    }
    memcpy(out + n, t->text.p + from, t->text.n - from);
    return (struct str){out, n + t->text.n - from};
}

static struct str now_json(struct arena *a, struct radio *r, struct str origin) {
    if (r->now_texts == NULL)
        r->now_texts = MEM_NEW(struct now_texts);
    struct now_text *t = text_of(r->now_texts, origin);
    if (t->arena != NULL && is_new(t, r))
        return with_numbers(a, t);
    arena_free(&t->arena);
    t->arena = arena_new(ASK_ARENA);
    t->change = r->change;
    t->made_us = radio_now_us();
    t->text = now_make(t->arena, r, origin);
    spots_find(t, r);
    return with_numbers(a, t);
}

void now_forget(struct radio *r) {
    for (unsigned i = 0; r->now_texts != NULL && i < TEXTS_KEPT; i++)
        arena_free(&r->now_texts->rows[i].arena);
    mem_free(r->now_texts);
    r->now_texts = NULL;
}

void now_show(struct ask *ask) {
    struct str text = now_json(ask->arena, ask->client->radio, ask_origin(ask));
    client_answer(ask, 200, "application/json", CORS_LINES "Cache-Control: no-store\r\n", text);
}

// ---- events (WHATWG HTML, server-sent events) --------------------------------------------------------------------------

struct watcher {
    struct net_watch watch;
    struct radio *radio;
    struct watcher *next, **prev;
    uint64_t address, told; // the change that it knows
    int64_t beat_us;
    char origin[ORIGIN_BYTES];
};

static void watcher_close(struct watcher *w) {
    struct radio *r = w->radio;
    *w->prev = w->next;
    if (w->next != NULL)
        w->next->prev = w->prev;
    net_watch_remove(r->loop, &w->watch);
    close(w->watch.fd);
    radio_connection_over(r, w->address);
    r->watcher_count--;
    mem_free(w);
}

// One whose socket has no room for a whole event is given up: it connects anew and gets all of it. The socket's buffer is
// made large enough for any (EVENT_ROOM).
static bool watcher_send(struct watcher *w, struct str text) {
    if (send(w->watch.fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)text.n) {
        w->beat_us = clock_mono_us();
        return true;
    }
    watcher_close(w);
    return false;
}

static struct str event_text(struct arena *a, struct radio *r, struct str origin) {
    struct str json = now_json(a, r, origin); // once: STR_ARG names it several times
    return str_fmt(a, "event: now\nid: %llu\ndata: %.*s\n\n", (unsigned long long)r->change, STR_ARG(json));
}

// One text at a time, and one for each origin: those of one origin stand together.
// Where the station says no origin it is what each client says, and each may say another: the rest is told a moment later.
void watchers_tell(struct radio *r) {
    enum { TEXTS_AT_ONCE = 16 };
    struct arena *a = NULL;
    unsigned texts = 0;
    struct str text = STR_NONE, origin = STR_NONE;
    for (struct watcher *w = r->watchers, *next; w != NULL; w = next) {
        next = w->next;
        if (w->told == r->change)
            continue;
        if (a == NULL)
            a = arena_new(ASK_ARENA);
        if (text.p == NULL || !str_eq(origin, str_from(w->origin))) {
            if (texts++ == TEXTS_AT_ONCE)
                break;
            arena_reset(a);
            origin = str_dup(a, str_from(w->origin));
            text = event_text(a, r, origin);
        }
        w->told = r->change;
        (void)watcher_send(w, text);
    }
    arena_free(&a);
}

void watchers_beat(struct radio *r) {
    int64_t now_us = clock_mono_us();
    for (struct watcher *w = r->watchers, *next; w != NULL; w = next) {
        next = w->next;
        if (now_us - w->beat_us >= BEAT_SECONDS * US_PER_SECOND)
            (void)watcher_send(w, STR(":\n\n"));
    }
}

void watchers_close(struct radio *r) {
    while (r->watchers != NULL)
        watcher_close(r->watchers);
}

// Behind one of its origin, if there is one.
static void watcher_add(struct radio *r, struct watcher *w) {
    struct watcher **place = &r->watchers;
    for (struct watcher *other = r->watchers; other != NULL; other = other->next)
        if (strcmp(other->origin, w->origin) == 0) {
            place = &other->next;
            break;
        }
    w->prev = place;
    w->next = *place;
    if (w->next != NULL)
        w->next->prev = &w->next;
    *place = w;
    r->watcher_count++;
}

static void watcher_ready(struct net_watch *watch, uint32_t events) {
    struct watcher *w = (struct watcher *)((char *)watch - offsetof(struct watcher, watch));
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0)
        watcher_close(w);
}

void events_begin(struct ask *ask) {
    struct radio *r = ask->client->radio;
    static const char head[] =
        "HTTP/1.1 200 OK\r\nServer: Siaran\r\nContent-Type: text/event-stream\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\nX-Accel-Buffering: no\r\n" CORS_LINES "\r\n";
    if (r->watcher_count >= WATCHERS_MAX || radio_is_full(r)) {
        client_refuse(ask, 503, "Retry-After: 60\r\n", "Too many wait for changes: ask /api/now.json.");
        return;
    }
    if (ask->is_head) {
        buf_c(&ask->client->out, head);
        ask->client->keep_alive = false;
        return;
    }
    struct watcher *w = MEM_NEW(struct watcher);
    (void)snprintf(w->origin, sizeof w->origin, "%.*s", STR_ARG(ask_origin(ask)));
    struct taken taken = client_take(ask);
    mem_free(taken.rest);
    (void)setsockopt(taken.fd, SOL_SOCKET, SO_SNDBUF, &(int){EVENT_ROOM}, sizeof(int));
    w->watch = (struct net_watch){.fd = taken.fd, .ready = watcher_ready};
    w->address = taken.address;
    w->radio = r;
    watcher_add(r, w);
    if (net_watch_add(r->loop, &w->watch, EPOLLRDHUP) != RC_OK) {
        watcher_close(w);
        return;
    }
    w->told = r->change;
    if (watcher_send(w, str_from(head)) && watcher_send(w, STR("retry: 3000\n\n")))
        (void)watcher_send(w, event_text(ask->arena, r, str_from(w->origin)));
}

// ---- the file that the site reads --------------------------------------------------------------------------------------

static void fill_row(const struct stream *s, struct service_on_air *row) {
    struct keep_state kept;
    keep_state(s->keep, &kept);
    *row = (struct service_on_air){.service = s->service->name,
                                   .stream = s->setup->name,
                                   .mount = s->setup->mount,
                                   .source = s->active >= 0 ? s->setup->sources[s->active].name : STR(""),
                                   .title = s->title,
                                   .title_since_us = s->title_since_us,
                                   .source_since_us = s->active >= 0 ? s->active_since_us : 0,
                                   .kept_from_us = kept.from_us,
                                   .kept_to_us = kept.to_us,
                                   .listeners = stream_listeners(s),
                                   .peak = s->peak,
                                   .kbps = s->kbps > 0 ? s->kbps : s->setup->kbps,
                                   .rate = s->rate,
                                   .main_rate = s->main_rate,
                                   .main_codec = str_from(s->main_codec),
                                   .channels = s->channels,
                                   .alarms = stream_alarms(s),
                                   .refusal = stream_refusal(s)};
}

void state_put(struct radio *r) {
    struct arena *a = arena_new(4 << 20);
    struct service_on_air *rows = ARENA_ARRAY(a, struct service_on_air, SERVICES_MAX * SERVICE_STREAMS_MAX);
    struct service_state state = {.at_us = radio_now_us(),
                                  .started_us = r->started_us,
                                  .address = net_address_text(a, &r->setup->bound),
                                  .rows = rows};
    for (const struct stream *s = r->streams; s != NULL; s = s->next)
        fill_row(s, &rows[state.count++]);
    struct buf text;
    buf_init(&text, JSON_MAX);
    service_state_write(&state, &text);
    keeper_file(r->keeper, str_fmt(a, "%s/run/radio.json", r->setup->dir).p, buf_view(&text));
    buf_fini(&text);
    arena_free(&a);
}
