// SPDX-License-Identifier: AGPL-3.0-or-later
// HLS over HTTP, and who listens to it. Segments are the same for everybody and may be kept for ever, so a listener is known
// by the playlist alone, which is asked for every few seconds: by the session in its address, which the master playlist
// gave to that address, or by address and player where there is none. Of an address no more than a hundred are counted.
#include "radio/hls.h"
#include "radio/inside.h"

enum {
    SESSIONS_MAX = 1 << 16,
    BUCKETS = 1 << 12,
    GONE_US = 20 * US_PER_SECOND, // without asking for the playlist: three segments and a little
    PART_US = 3600 * US_PER_SECOND,
    OF_ADDRESS_MAX = 100,
    SESSION_CHARS = 16, // its number, and as many of its tag
    PLAYLIST_MAX = 4 << 20,
    SEGMENT_MAX = 8 << 20
};

struct hls_listener {
    struct hls_listener *next;
    struct stream *stream;
    uint64_t key, id;
    int64_t since_us;                      // of the wall's clock
    int64_t begun_us, counted_us, seen_us; // monotonic
    struct session_who who;
};
struct hls_listeners {
    struct hls_listener *buckets[BUCKETS];
    uint64_t count;
};

// ---- who listens -------------------------------------------------------------------------------------------------------

// Bytes come by segments, which do not say who asked: as many as the time has at the stream's rate.
static void count_part(struct hls_listener *l) {
    struct stream *s = l->stream;
    uint64_t kbps = s->kbps > 0 ? s->kbps : s->setup->kbps;
    int64_t before_us = l->counted_us - l->begun_us, part_us = l->seen_us - l->counted_us;
    struct session_part part = {.from_us = l->since_us + before_us,
                                .to_us = l->since_us + before_us + part_us,
                                .kind = SESSION_HLS,
                                .bytes = kbps * (uint64_t)part_us / 8000,
                                .before_us = before_us,
                                .session = l->id};
    stream_count(s, &l->who, &part);
    l->counted_us = l->seen_us;
}

static void forget(struct hls_listeners *all, struct hls_listener **link) {
    struct hls_listener *l = *link;
    count_part(l);
    l->stream->hls_listeners--;
    all->count--;
    *link = l->next;
    mem_free(l);
}

static void who_asks(struct ask *ask, struct session_who *out) {
    sessions_meet(ask->client->radio->sessions, &ask->head->req.peer, ask_header(ask, "user-agent"), radio_now_us(),
                  out);
}

static uint64_t hash_of_number(uint64_t number, const struct session_who *who) {
    char bytes[sizeof number + sizeof who->address];
    memcpy(bytes, &number, sizeof number);
    memcpy(bytes + sizeof number, who->address, sizeof who->address);
    return hash_key((struct str){bytes, sizeof bytes});
}

// Nobody makes a session up, nor takes one along to another address: a tag with this process's key stands behind its number.
static void session_make(uint64_t number, const struct session_who *who, char out[2 * SESSION_CHARS]) {
    uint64_t tag = hash_of_number(number, who);
    hex_put(out, &number, sizeof number);
    hex_put(out + SESSION_CHARS, &tag, sizeof tag);
}

static bool is_given(struct str session, const struct session_who *who) {
    uint64_t number;
    char right[2 * SESSION_CHARS];
    if (session.n != sizeof right || !hex_get(str_slice(session, 0, SESSION_CHARS), &number, sizeof number))
        return false;
    session_make(number, who, right);
    return str_eq(session, (struct str){right, sizeof right});
}

static void meet(struct ask *ask, struct stream *s, struct str session) {
    struct radio *r = s->radio;
    int64_t now_us = clock_mono_us();
    struct session_who who;
    unsigned of_address = 0;
    who_asks(ask, &who);
    uint64_t key = is_given(session, &who) ? hash_key(session) : hash_of_number(who.agent, &who);
    if (r->hls_listeners == NULL)
        r->hls_listeners = MEM_NEW(struct hls_listeners);
    struct hls_listener **bucket = &r->hls_listeners->buckets[hash_of_number(0, &who) % BUCKETS];
    for (struct hls_listener *l = *bucket; l != NULL; l = l->next) {
        if (memcmp(l->who.address, who.address, sizeof who.address) != 0)
            continue;
        of_address++;
        if (l->key != key || l->stream != s)
            continue;
        l->seen_us = now_us;
        if (now_us - l->counted_us >= PART_US)
            count_part(l);
        return;
    }
    if (r->hls_listeners->count >= SESSIONS_MAX || of_address >= OF_ADDRESS_MAX)
        return;
    struct hls_listener *l = MEM_NEW(struct hls_listener);
    *l = (struct hls_listener){.next = *bucket,
                               .stream = s,
                               .key = key,
                               .id = random_u64(),
                               .since_us = radio_now_us(),
                               .begun_us = now_us,
                               .counted_us = now_us,
                               .seen_us = now_us,
                               .who = who};
    *bucket = l;
    r->hls_listeners->count++;
    s->joined++;
    s->hls_listeners++;
    stream_note_peak(s);
}

// Those of a stream (NULL: of any) who went, or all of them.
static void sweep(struct radio *r, const struct stream *s, bool all) {
    int64_t now_us = clock_mono_us();
    for (size_t i = 0; r->hls_listeners != NULL && i < BUCKETS; i++)
        for (struct hls_listener **link = &r->hls_listeners->buckets[i]; *link != NULL;)
            if ((s == NULL || (*link)->stream == s) && (all || now_us - (*link)->seen_us > GONE_US))
                forget(r->hls_listeners, link);
            else
                link = &(*link)->next;
}

void hls_listeners_turn(struct radio *r) {
    sweep(r, NULL, false);
}

void hls_listeners_close(struct stream *s) {
    sweep(s->radio, s, true);
}

// ---- answers -----------------------------------------------------------------------------------------------------------

static void refuse(struct ask *ask, enum rc rc) {
    if (rc == RC_NOT_FOUND)
        client_refuse(ask, 404, NULL, "Nothing is kept of that time.");
    else if (rc == RC_INVALID || rc == RC_TOO_BIG)
        client_refuse(ask, 400, NULL, "from and to are moments like 2026-11-23T13:00:00Z, six hours apart at most.");
    else
        client_refuse(ask, 503, "Retry-After: 2\r\n", "The log cannot be read now.");
}

static void answer(struct ask *ask, enum rc rc, struct buf *out, const char *type, const char *keeping) {
    if (rc == RC_OK && out->failed)
        rc = RC_IO;
    struct str body = str_dup(ask->arena, buf_view(out));
    buf_fini(out);
    if (rc != RC_OK) {
        refuse(ask, rc);
        return;
    }
    struct str etag = str_fmt(ask->arena, "\"%016llx\"", (unsigned long long)hash_stable(body));
    struct str more = str_fmt(ask->arena, CORS_LINES "Cache-Control: %s\r\nETag: %.*s\r\n", keeping, STR_ARG(etag));
    bool same = str_eq(ask_header(ask, "if-none-match"), etag);
    client_answer(ask, same ? 304 : 200, type, more.p, body);
}

static bool read_span(struct ask *ask, struct hls_ask *span) {
    struct str from = ask_field(ask, "from"), to = ask_field(ask, "to");
    return (from.n == 0 || clock_utc_parse(from, &span->from_us)) && (to.n == 0 || clock_utc_parse(to, &span->to_us)) &&
           (to.n == 0 || from.n > 0);
}

static void playlist_answer(struct ask *ask, struct stream *s) {
    struct radio *r = s->radio;
    struct hls_ask span = {.now_us = radio_now_us(), .kind = hls_kind_of(s->setup->format)};
    struct buf out;
    if (!read_span(ask, &span)) {
        refuse(ask, RC_INVALID);
        return;
    }
    if (str_eq(ask_field(ask, "kind"), STR("packed")))
        span.kind = HLS_PACKED;
    buf_init(&out, PLAYLIST_MAX);
    enum rc rc = hls_playlist(r->hls, s->setup, &span, &out);
    if (rc == RC_OK && !ask->is_head)
        meet(ask, s, ask_field(ask, "s"));
    answer(ask, rc, &out, HLS_PLAYLIST_TYPE, "max-age=2");
}

static void master_answer(struct ask *ask, struct str name) {
    struct radio *r = ask->client->radio;
    const struct service *service = services_find(&r->services, name);
    char session[2 * SESSION_CHARS];
    struct session_who who;
    struct buf out;
    if (service == NULL) {
        client_refuse(ask, 404, NULL, "There is no such service.");
        return;
    }
    who_asks(ask, &who);
    session_make(random_u64(), &who, session);
    buf_init(&out, PLAYLIST_MAX);
    enum rc rc = hls_master(r->hls, service, radio_now_us(), (struct str){session, sizeof session}, &out);
    answer(ask, rc, &out, HLS_PLAYLIST_TYPE, "no-store"); // each listener has a session of their own
}

static void segment_answer(struct ask *ask, struct stream *s, struct str file) {
    int64_t number;
    enum hls_kind kind;
    struct buf out;
    if (!hls_name_read(file, s->setup->format, &number, &kind)) {
        refuse(ask, RC_NOT_FOUND);
        return;
    }
    buf_init(&out, SEGMENT_MAX);
    enum rc rc = hls_segment(s->radio->hls, s->setup, number, kind, radio_now_us(), &out);
    s->bytes_out += out.n;
    answer(ask, rc, &out, hls_media_type(s->setup->format, kind), "public, max-age=31536000, immutable");
}

// {mount}.m3u8, /hls/SERVICE.m3u8, /hls/STREAM/live.m3u8, /hls/STREAM/NUMBER.ts
void hls_show(struct ask *ask) {
    struct str rest = str_slice(ask->path, sizeof "/hls/" - 1, ask->path.n), name;
    size_t at;
    if (ask->stream != NULL) {
        struct str origin = ask_origin(ask);
        struct str line =
            str_fmt(ask->arena, CORS_LINES "Cache-Control: no-store\r\nLocation: %.*s/hls/%s/live.m3u8\r\n",
                    STR_ARG(origin), ask->stream->name);
        client_answer(ask, 302, NULL, line.p, STR(""));
        return;
    }
    if (!str_find_char(rest, '/', &at)) {
        bool is_master = str_ends(rest, STR(".m3u8"));
        master_answer(ask, is_master ? str_slice(rest, 0, rest.n - sizeof ".m3u8" + 1) : STR(""));
        return;
    }
    name = str_slice(rest, 0, at);
    rest = str_slice(rest, at + 1, rest.n);
    struct stream *s = stream_of_name(ask->client->radio, name);
    if (s == NULL)
        client_refuse(ask, 404, NULL, "There is no such stream.");
    else if (str_eq(rest, STR("live.m3u8")))
        playlist_answer(ask, s);
    else
        segment_answer(ask, s, rest);
}
