// SPDX-License-Identifier: AGPL-3.0-or-later
// What is known of each stream's log, and kept of what was made. A playlist changes only when a segment is over: when sound
// of the next slot is in the log, or twenty seconds after the last sound when none comes: a source that stalled may still
// give more of the slot, and what is handed out must not change. Until then it is handed out as it is.
#include "radio/hls.h"

#include "radio/hls_list.h"

enum {
    LISTS_KEPT = 6,
    SEGMENTS_KEPT = 4,
    LIST_BYTES = 1 << 20,
    STREAMS_MAX = SERVICES_MAX * SERVICE_STREAMS_MAX,
    RUNS_AT_ONCE = 32
};
#define NOTHING_COMES_US (20 * US_PER_SECOND) // behind the last sound: what was sent later is stamped later
#define LIST_KEPT_US (60 * US_PER_SECOND)
#define EDGE_LOOKED_AT_US (60 * US_PER_SECOND)

struct kept_list {
    struct hls_ask ask; // its key, without the moment; programmes are not kept
    uint64_t used, masks_number;
    int64_t made_us, end; // the number behind the last segment that was over
    bool is_over;         // no segment comes any more
    enum rc rc;
    uint32_t peak_bps, average_bps;
    struct buf text;
};

struct kept_segment {
    struct hls_name name;
    uint64_t used, masks_number;
    struct buf bytes;
};

struct hls_stream {
    char name[SERVICE_NAME_BYTES + 1];
    enum audio_format format;
    struct audio_log_reader *reader; // NULL: there is no log yet
    struct audio_log_place edge;
    int64_t newest_us; // the newest run seen
    uint64_t uses;
    struct kept_list lists[LISTS_KEPT];
    struct kept_segment segments[SEGMENTS_KEPT];
};

struct hls {
    char *dir;
    struct hls_stream *streams[STREAMS_MAX];
    size_t n;
};

// ---- names -------------------------------------------------------------------------------------------------------------

bool hls_is_made_of(const struct service_stream *stream) {
    return stream->has_hls && (stream->format == AUDIO_MPEG || stream->format == AUDIO_AAC);
}

enum hls_kind hls_kind_of(enum audio_format format) {
    return format == AUDIO_MPEG ? HLS_TS : HLS_PACKED;
}

const char *hls_media_type(enum audio_format format, enum hls_kind kind) {
    return kind == HLS_TS ? "video/mp2t" : format == AUDIO_MPEG ? "audio/mpeg" : "audio/aac";
}

static bool number_read(struct str digits, int64_t *out) {
    return digits.n > 0 && digits.n <= 12 && (digits.n == 1 || digits.p[0] != '0') && str_to_i64(digits, out) &&
           *out >= 0;
}

bool hls_name_read(struct str name, enum audio_format format, struct hls_name *out) {
    struct str front, number;
    int64_t times = 0;
    if (!str_next(&name, '.', &front) || !str_next(&front, '-', &number) || !number_read(number, &out->number))
        return false;
    bool has_times = front.p != NULL;
    if (has_times && (!number_read(front, &times) || times == 0 || times > UINT32_MAX))
        return false;
    out->times = (uint32_t)times;
    for (enum hls_kind kind = 0; kind < HLS_KINDS; kind++)
        if (str_eq(name, str_from(hls_ending(format, kind)))) {
            out->kind = kind;
            return true;
        }
    return false;
}

// ---- streams -----------------------------------------------------------------------------------------------------------

struct hls *hls_new(const char *dir) {
    struct hls *h = MEM_NEW(struct hls);
    size_t n = strlen(dir) + 1;
    h->dir = mem_new(n);
    memcpy(h->dir, dir, n);
    return h;
}

static void hls_stream_forget(struct hls_stream *s) {
    audio_log_reader_close(&s->reader);
    s->edge = (struct audio_log_place){0};
    s->newest_us = 0;
    for (size_t i = 0; i < LISTS_KEPT; i++)
        s->lists[i].used = 0;
    for (size_t i = 0; i < SEGMENTS_KEPT; i++)
        s->segments[i].used = 0;
}

static struct hls_stream *hls_stream_new(const struct service_stream *setup) {
    struct hls_stream *s = MEM_NEW(struct hls_stream);
    memcpy(s->name, setup->name.p, setup->name.n);
    s->format = setup->format;
    for (size_t i = 0; i < LISTS_KEPT; i++)
        buf_init(&s->lists[i].text, LIST_BYTES);
    for (size_t i = 0; i < SEGMENTS_KEPT; i++)
        buf_init(&s->segments[i].bytes, 2 * AUDIO_SEGMENT_BYTES);
    return s;
}

static void hls_stream_free(struct hls_stream *s) {
    hls_stream_forget(s);
    for (size_t i = 0; i < LISTS_KEPT; i++)
        buf_fini(&s->lists[i].text);
    for (size_t i = 0; i < SEGMENTS_KEPT; i++)
        buf_fini(&s->segments[i].bytes);
    mem_free(s);
}

void hls_free(struct hls **hls) {
    if (*hls == NULL)
        return;
    for (size_t i = 0; i < (*hls)->n; i++)
        hls_stream_free((*hls)->streams[i]);
    mem_free((*hls)->dir);
    mem_free(*hls);
    *hls = NULL;
}

static struct hls_stream *hls_stream_get(struct hls *h, const struct service_stream *setup) {
    for (size_t i = 0; i < h->n; i++)
        if (str_eq(str_from(h->streams[i]->name), setup->name)) {
            if (h->streams[i]->format != setup->format)
                hls_stream_forget(h->streams[i]);
            h->streams[i]->format = setup->format;
            return h->streams[i];
        }
    if (h->n == STREAMS_MAX) { // streams were renamed very often
        hls_stream_free(h->streams[0]);
        h->streams[0] = h->streams[--h->n];
    }
    return h->streams[h->n++] = hls_stream_new(setup);
}

// The stream with its log open.
static enum rc hls_stream_open(struct hls *h, const struct service_stream *setup, struct hls_stream **out) {
    char folder[4096];
    if (!hls_is_made_of(setup) || setup->name.n == 0 || setup->name.n > SERVICE_NAME_BYTES)
        return RC_NOT_FOUND;
    *out = hls_stream_get(h, setup);
    if ((*out)->reader != NULL)
        return RC_OK;
    int n = snprintf(folder, sizeof folder, "%s/radio/%s", h->dir, (*out)->name);
    if (n < 0 || (size_t)n >= sizeof folder)
        return RC_NOT_FOUND;
    enum rc rc = audio_log_reader_open(folder, &(*out)->reader, NULL);
    return rc == RC_OK || rc == RC_NOT_FOUND ? rc : RC_IO;
}

// Looks how far the log goes: the number behind the last segment that is over.
static enum rc end_look(struct hls_stream *s, int64_t now_us, int64_t *end_out) {
    struct audio_log_run runs[RUNS_AT_ONCE];
    size_t n;
    do {
        enum rc rc = audio_log_runs(s->reader, now_us - EDGE_LOOKED_AT_US, INT64_MAX, &s->edge, runs, RUNS_AT_ONCE, &n);
        if (rc != RC_OK)
            return rc;
        s->newest_us = n > 0 ? runs[n - 1].moment_us : s->newest_us;
    } while (n == RUNS_AT_ONCE);
    int64_t by_sound = s->newest_us / AUDIO_SEGMENT_US, by_clock = now_us / AUDIO_SEGMENT_US;
    bool is_quiet = now_us - s->newest_us > NOTHING_COMES_US;
    *end_out = is_quiet && by_clock > by_sound ? by_clock : by_sound;
    return RC_OK;
}

// ---- playlists ---------------------------------------------------------------------------------------------------------

static bool is_asked(const struct kept_list *list, const struct hls_ask *ask) {
    return list->used > 0 && list->ask.kind == ask->kind && list->ask.from_us == ask->from_us &&
           list->ask.to_us == ask->to_us && list->ask.programmes_number == ask->programmes_number;
}

// It says what it would say if it were made now.
static enum rc is_fresh(struct hls_stream *s, const struct kept_list *list, const struct hls_ask *ask,
                        bool *fresh_out) {
    int64_t end = list->end;
    *fresh_out = false;
    if (ask->now_us < list->made_us || ask->now_us > list->made_us + LIST_KEPT_US ||
        list->masks_number != audio_log_masks_number(s->reader))
        return RC_OK;
    bool is_ahead = end * AUDIO_SEGMENT_US > ask->now_us; // of a clock that may have been put back
    bool cannot_end = list->is_over || (ask->now_us < (end + 1) * AUDIO_SEGMENT_US && !is_ahead);
    enum rc rc = cannot_end ? RC_OK : end_look(s, ask->now_us, &end);
    *fresh_out = end == list->end;
    return rc;
}

static void list_forget(struct kept_list *list) {
    list->used = 0;
    buf_clear(&list->text);
}

static enum rc list_make(struct hls_stream *s, struct kept_list *list, const struct hls_ask *ask) {
    struct hls_list made = {.ask = *ask, .format = s->format};
    list_forget(list);
    enum rc rc = end_look(s, ask->now_us, &made.end);
    list->end = made.end;
    list->masks_number = audio_log_masks_number(s->reader);
    if (rc == RC_OK)
        rc = hls_list_read(&made, s->reader);
    if (rc == RC_OK)
        hls_list_write(&made, &list->text);
    list->is_over = made.is_over;
    list->peak_bps = made.peak_bps;
    list->average_bps = made.average_bps;
    hls_list_fini(&made);
    rc = list->text.failed ? RC_TOO_BIG : rc;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    list->ask = *ask;
    list->ask.programmes = NULL;
    list->made_us = ask->now_us;
    list->rc = rc;
    list->used = ++s->uses;
    return RC_OK;
}

// The least gives way first: those of what is on the air now are everybody's, a span is one listener's.
static uint64_t rank_of(const struct kept_list *list) {
    bool is_live = list->used > 0 && list->ask.from_us == 0;
    return list->used + (is_live ? UINT64_MAX / 2 : 0);
}

// The list that is asked for, made anew where it has to be; of the stream, until its next call.
static enum rc list_get(struct hls_stream *s, const struct hls_ask *ask, struct kept_list **out) {
    struct kept_list *list = &s->lists[0];
    bool is_kept = false;
    for (size_t i = 0; i < LISTS_KEPT && !is_kept; i++) {
        is_kept = is_asked(&s->lists[i], ask);
        list = is_kept || rank_of(&s->lists[i]) < rank_of(list) ? &s->lists[i] : list;
    }
    if (is_kept) {
        enum rc rc = is_fresh(s, list, ask, &is_kept);
        if (rc != RC_OK)
            return rc;
    }
    *out = list;
    list->used = ++s->uses;
    enum rc rc = is_kept ? RC_OK : list_make(s, list, ask);
    return rc == RC_OK ? list->rc : rc;
}

enum rc hls_playlist(struct hls *hls, const struct service_stream *stream, const struct hls_ask *ask, struct buf *out) {
    struct hls_stream *s;
    struct kept_list *list;
    if (ask->to_us != 0 && ask->to_us <= ask->from_us)
        return RC_INVALID;
    if (ask->to_us - ask->from_us > HLS_RANGE_S * US_PER_SECOND)
        return RC_TOO_BIG;
    enum rc rc = hls_stream_open(hls, stream, &s);
    if (rc == RC_OK)
        rc = list_get(s, ask, &list);
    if (rc == RC_OK)
        buf_str(out, buf_view(&list->text));
    return rc;
}

// ---- master playlists --------------------------------------------------------------------------------------------------

static void session_put(struct buf *out, struct str session) {
    if (session.n > 0)
        buf_c(out, "?s=");
    for (size_t i = 0; i < session.n; i++) {
        char c = session.p[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-')
            buf_char(out, c);
    }
}

// HE-AAC says in ADTS only what an old decoder understands: the half rate.
static const char *codec_of(const struct service_stream *stream) {
    struct str type = stream->media_type, first = STR_NONE;
    (void)str_next(&type, ';', &first);
    if (stream->format == AUDIO_MPEG)
        return "mp4a.40.34";
    return str_eq_nocase(str_trim(first), STR("audio/aacp")) ? "mp4a.40.5" : "mp4a.40.2";
}

enum rc hls_master(struct hls *hls, const struct service *service, int64_t now_us, struct str session,
                   struct buf *out) {
    size_t n = 0;
    buf_c(out, "#EXTM3U\n#EXT-X-VERSION:3\n");
    for (size_t i = 0; i < service->stream_count; i++) {
        const struct service_stream *setup = &service->streams[i];
        struct hls_stream *s;
        struct kept_list *list;
        enum rc rc = setup->is_hidden ? RC_NOT_FOUND : hls_stream_open(hls, setup, &s);
        if (rc == RC_OK)
            rc = list_get(s, &(struct hls_ask){.now_us = now_us, .kind = hls_kind_of(setup->format)}, &list);
        if (rc != RC_OK)
            continue;
        n++;
        buf_fmt(out, "#EXT-X-STREAM-INF:BANDWIDTH=%u,AVERAGE-BANDWIDTH=%u,CODECS=\"%s\"\n%.*s/live.m3u8",
                list->peak_bps, list->average_bps, codec_of(setup), STR_ARG(setup->name));
        session_put(out, session);
        buf_char(out, '\n');
    }
    return n > 0 ? RC_OK : RC_NOT_FOUND;
}

// ---- segments ----------------------------------------------------------------------------------------------------------

static enum rc segment_make(struct hls_stream *s, int64_t number, enum hls_kind kind, struct buf *out) {
    struct buf frames;
    struct audio_segment segment;
    struct audio_log_said said = {0};
    buf_init(&frames, AUDIO_SEGMENT_BYTES);
    enum rc rc = audio_log_segment(s->reader, s->format, number, &frames, &segment);
    if (rc == RC_OK && kind == HLS_TS) {
        if (!audio_ts(out, s->format, buf_view(&frames), segment.moment_us, number)) {
            log_error("segment %lld of the stream %s is not made of whole frames", (long long)number, s->name);
            rc = RC_NOT_FOUND;
        }
    } else if (rc == RC_OK) {
        struct arena *a = arena_new(1 << 20);
        if (audio_log_title_at(s->reader, segment.moment_us, a, &said) != RC_OK)
            said.title = STR_NONE;
        audio_id3(out, segment.moment_us, said.title);
        buf_str(out, buf_view(&frames));
        arena_free(&a);
    }
    buf_fini(&frames);
    return rc;
}

static bool is_kept(const struct kept_segment *k, const struct hls_name *name, uint64_t masks_number) {
    return k->used > 0 && k->name.number == name->number && k->name.times == name->times &&
           k->name.kind == name->kind && k->masks_number == masks_number;
}

// The newest are asked for by everybody who listens live.
static enum rc newest_get(struct hls_stream *s, const struct hls_name *name, struct buf *out) {
    uint64_t masks_number = audio_log_masks_number(s->reader);
    struct kept_segment *kept = &s->segments[0];
    for (size_t i = 0; i < SEGMENTS_KEPT; i++) {
        if (is_kept(&s->segments[i], name, masks_number)) {
            s->segments[i].used = ++s->uses;
            buf_str(out, buf_view(&s->segments[i].bytes));
            return RC_OK;
        }
        kept = s->segments[i].used < kept->used ? &s->segments[i] : kept;
    }
    kept->used = 0;
    buf_clear(&kept->bytes);
    enum rc rc = segment_make(s, name->number, name->kind, &kept->bytes);
    if (rc != RC_OK)
        return rc;
    kept->name = *name;
    kept->masks_number = masks_number;
    kept->used = ++s->uses;
    buf_str(out, buf_view(&kept->bytes));
    return RC_OK;
}

enum rc hls_segment(struct hls *hls, const struct service_stream *stream, const struct hls_name *name, int64_t now_us,
                    struct buf *out) {
    struct hls_stream *s;
    uint32_t times = 0;
    if (name->number < 0 || name->number > now_us / AUDIO_SEGMENT_US + 1)
        return RC_NOT_FOUND;
    int64_t begin_us = name->number * AUDIO_SEGMENT_US, end = name->number + 1;
    enum rc rc = hls_stream_open(hls, stream, &s);
    if (rc == RC_OK)
        rc = audio_log_segments_times(s->reader, name->number, 1, &times);
    if (rc == RC_OK && begin_us + AUDIO_SEGMENT_US + NOTHING_COMES_US > now_us)
        rc = end_look(s, now_us, &end);
    if (rc != RC_OK || name->number >= end || name->times != times)
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    bool is_new = begin_us > now_us - (SEGMENTS_KEPT + 1) * AUDIO_SEGMENT_US;
    return is_new ? newest_get(s, name, out) : segment_make(s, name->number, name->kind, out);
}
