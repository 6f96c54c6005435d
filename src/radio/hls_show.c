// SPDX-License-Identifier: AGPL-3.0-or-later
// HLS over HTTP, and who listens to it. Segments are the same for everybody and may be kept for ever, so a listener is known
// by the playlist alone, which is asked for every few seconds: by the session in its address, which the master playlist
// gave to that address, or by address and player where there is none. Of an address no more than a hundred are counted.
// Nothing may keep a master playlist: out of a cache it would make one listener of all those behind one address.
#include "http/negotiate.h"
#include "radio/inside.h"

enum {
    SESSIONS_MAX = 1 << 16,
    BUCKETS = 1 << 12,
    GONE_US = 20 * US_PER_SECOND, // without asking for the playlist: three segments and a little
    PART_US = 3600 * US_PER_SECOND,
    OF_ADDRESS_MAX = 100,
    SESSION_CHARS = 16, // its number, and as many of its tag
    OUT_MAX = 8 << 20
};

struct hls_listener {
    struct hls_listener *next;
    struct stream *stream;
    uint64_t key, id;
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
    int64_t to_us = radio_now_us() - (clock_mono_us() - l->seen_us);
    struct session_part part = {.from_us = to_us - part_us,
                                .to_us = to_us,
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

// ---- what is read ------------------------------------------------------------------------------------------------------

enum hls_what { HLS_PLAYLIST, HLS_MASTER, HLS_SEGMENT };
struct hls_wanted {
    enum hls_what what;
    struct stream *stream; // HLS_PLAYLIST, HLS_SEGMENT
    const struct service *service;
    struct hls_ask span;
    struct hls_name segment;         // HLS_SEGMENT
    char session[2 * SESSION_CHARS]; // HLS_MASTER
};
// Streams may go and services be made anew while it is read: it has its own.
struct hls_job {
    struct client_job client_job;
    struct hls_wanted wanted;
    struct arena *arena;
    struct service service; // its streams, or the one that is asked for; of them what hls.c looks at
    int64_t now_us;
    enum rc rc;
    struct buf out;
};

static void job_read(struct read_job *read, struct logs *logs) {
    struct hls_job *job = (struct hls_job *)read;
    struct hls *hls = logs_hls(logs);
    struct hls_wanted *w = &job->wanted;
    if (w->what == HLS_MASTER)
        job->rc = hls_master(hls, &job->service, job->now_us, (struct str){w->session, sizeof w->session}, &job->out);
    else if (w->what == HLS_PLAYLIST)
        job->rc = hls_playlist(hls, &job->service.streams[0], &w->span, &job->out);
    else
        job->rc = hls_segment(hls, &job->service.streams[0], &w->segment, job->now_us, &job->out);
    if (job->rc == RC_OK && job->out.failed)
        job->rc = RC_IO;
}

static void job_free(struct client_job *client_job) {
    struct hls_job *job = (struct hls_job *)client_job;
    buf_fini(&job->out);
    arena_free(&job->arena);
    mem_free(job);
}

static void stream_copy(struct arena *a, const struct service_stream *from, struct service_stream *out) {
    *out = (struct service_stream){.name = str_dup(a, from->name),
                                   .media_type = str_dup(a, from->media_type),
                                   .format = from->format,
                                   .has_hls = from->has_hls,
                                   .is_hidden = from->is_hidden};
}

static void park(struct ask *ask, const struct hls_wanted *wanted) {
    struct hls_job *job = MEM_NEW(struct hls_job);
    bool of_service = wanted->what == HLS_MASTER;
    const struct service_stream *streams = of_service ? wanted->service->streams : wanted->stream->setup;
    size_t n = of_service ? wanted->service->stream_count : 1;
    job->client_job = (struct client_job){.read.read = job_read, .free = job_free};
    job->wanted = *wanted;
    job->wanted.stream = NULL; // it may be gone before this is read
    job->wanted.service = NULL;
    job->arena = arena_new(1 << 20);
    job->now_us = radio_now_us();
    job->service = (struct service){.streams = ARENA_ARRAY(job->arena, struct service_stream, n), .stream_count = n};
    for (size_t i = 0; i < n; i++)
        stream_copy(job->arena, &streams[i], &job->service.streams[i]);
    buf_init(&job->out, OUT_MAX);
    bool is_of_now = wanted->what == HLS_SEGMENT
                         ? wanted->segment.number * AUDIO_SEGMENT_US > job->now_us - HLS_WINDOW * AUDIO_SEGMENT_US
                         : wanted->span.from_us == 0;
    client_park(ask, &job->client_job, is_of_now);
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

// How many bytes of it are sent: none where it is refused, known already, or only its head is asked for.
static size_t answer(struct ask *ask, const struct hls_job *job, const char *type, const char *keeping) {
    struct str body = buf_view(&job->out);
    if (job->rc != RC_OK) {
        refuse(ask, job->rc);
        return 0;
    }
    struct str etag = str_fmt(ask->arena, "\"%016llx\"", (unsigned long long)hash_stable(body));
    struct str more = str_fmt(ask->arena, CORS_LINES "Cache-Control: %s\r\nETag: %.*s\r\n", keeping, STR_ARG(etag));
    bool same = negotiate_etag_matches(ask_header(ask, "if-none-match"), etag);
    client_answer(ask, same ? 304 : 200, type, more.p, body);
    return same || ask->is_head ? 0 : body.n;
}

static bool read_span(struct ask *ask, struct hls_ask *span) {
    struct str from = ask_field(ask, "from"), to = ask_field(ask, "to");
    return (from.n == 0 || clock_utc_parse(from, &span->from_us)) && (to.n == 0 || clock_utc_parse(to, &span->to_us)) &&
           (to.n == 0 || from.n > 0);
}

// Each of these three is called twice: `job` is NULL until what it wants was read.

static void playlist_show_of(struct ask *ask, struct stream *s, const struct hls_job *job) {
    struct hls_wanted wanted = {
        .what = HLS_PLAYLIST, .stream = s, .span = {.now_us = radio_now_us(), .kind = hls_kind_of(s->setup->format)}};
    if (job != NULL) {
        if (job->rc == RC_OK && !ask->is_head)
            meet(ask, s, ask_field(ask, "s"));
        (void)answer(ask, job, HLS_PLAYLIST_TYPE, "max-age=2");
        return;
    }
    if (!read_span(ask, &wanted.span)) {
        refuse(ask, RC_INVALID);
        return;
    }
    // To whole seconds: what was made for one serves the next.
    wanted.span.from_us -= wanted.span.from_us % US_PER_SECOND;
    wanted.span.to_us -= wanted.span.to_us % US_PER_SECOND;
    if (str_eq(ask_field(ask, "kind"), STR("packed")))
        wanted.span.kind = HLS_PACKED;
    park(ask, &wanted);
}

static void master_show(struct ask *ask, struct str name, const struct hls_job *job) {
    struct radio *r = ask->client->radio;
    struct hls_wanted wanted = {.what = HLS_MASTER, .service = services_find(&r->services, name)};
    struct session_who who;
    if (job != NULL)
        (void)answer(ask, job, HLS_PLAYLIST_TYPE, "no-store"); // it has a session
    else if (wanted.service == NULL)
        client_refuse(ask, 404, NULL, "There is no such service.");
    else {
        who_asks(ask, &who);
        session_make(random_u64(), &who, wanted.session);
        park(ask, &wanted);
    }
}

static void segment_show(struct ask *ask, struct stream *s, struct str file, const struct hls_job *job) {
    struct hls_wanted wanted = {.what = HLS_SEGMENT, .stream = s};
    if (job != NULL)
        s->bytes_out += answer(ask, job, hls_media_type(s->setup->format, job->wanted.segment.kind),
                               "public, max-age=31536000, immutable");
    else if (hls_name_read(file, s->setup->format, &wanted.segment))
        park(ask, &wanted);
    else
        refuse(ask, RC_NOT_FOUND);
}

static void redirect(struct ask *ask, const struct stream *s) {
    struct str origin = ask_origin(ask);
    struct str line = str_fmt(ask->arena, CORS_LINES "Cache-Control: no-store\r\nLocation: %.*s/hls/%s/live.m3u8\r\n",
                              STR_ARG(origin), s->name);
    client_answer(ask, 302, NULL, line.p, STR(""));
}

// `file` is of /hls/STREAM/; NONE: the stream's mount was asked for.
static void stream_show(struct ask *ask, struct stream *s, struct str file, const struct hls_job *job) {
    if (s == NULL)
        client_refuse(ask, 404, NULL, "There is no such stream.");
    else if (!hls_is_made_of(s->setup))
        client_refuse(ask, 404, NULL, "There is no HLS of this stream.");
    else if (file.p == NULL)
        redirect(ask, s);
    else if (str_eq(file, STR("live.m3u8")))
        playlist_show_of(ask, s, job);
    else
        segment_show(ask, s, file, job);
}

// {mount}.m3u8, /hls/SERVICE.m3u8, /hls/STREAM/live.m3u8, /hls/STREAM/NUMBER.ts
void hls_show(struct ask *ask) {
    const struct hls_job *job = (const struct hls_job *)client_job(ask);
    struct str rest = str_slice(ask->path, sizeof "/hls/" - 1, ask->path.n);
    size_t at;
    if (ask->stream != NULL)
        stream_show(ask, ask->stream, STR_NONE, job);
    else if (str_find_char(rest, '/', &at))
        stream_show(ask, stream_of_name(ask->client->radio, str_slice(rest, 0, at)), str_slice(rest, at + 1, rest.n),
                    job);
    else {
        bool is_master = str_ends(rest, STR(".m3u8"));
        master_show(ask, is_master ? str_slice(rest, 0, rest.n - sizeof ".m3u8" + 1) : STR(""), job);
    }
}
