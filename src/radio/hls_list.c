// SPDX-License-Identifier: AGPL-3.0-or-later
// A media playlist (RFC 8216, 4.3). Every slot of six seconds stands in it once there was sound before it, for numbers
// count on: one without sound, or with masked sound in it, as a gap. EXT-X-DISCONTINUITY-SEQUENCE is the number of breaks
// before the first segment, which the log counts: it is right for whoever follows the list, over restarts too (6.2.2).
#include <time.h>

#include "radio/hls_list.h"

enum { TARGET_S = 7, GAP_VERSION = 8, VERSION = 3, TIME_BYTES = 32, PACKED_MORE = AUDIO_TITLE_BYTES + 128 };
#define PAST_US (3600 * US_PER_SECOND) // so long behind its end nobody follows a span any more

const char *hls_ending(enum audio_format format, enum hls_kind kind) {
    return kind == HLS_TS ? "ts" : format == AUDIO_MPEG ? "mp3" : "aac";
}

void hls_list_fini(struct hls_list *list) {
    mem_free(list->segments);
    mem_free(list->times);
    list->segments = NULL;
    list->times = NULL;
}

// ---- reading -----------------------------------------------------------------------------------------------------------

static bool is_live(const struct hls_list *list) {
    return list->ask.from_us == 0 && list->ask.to_us == 0;
}

static int64_t to_of(const struct hls_list *list) {
    return list->ask.to_us != 0 ? list->ask.to_us : list->ask.from_us + HLS_RANGE_S * US_PER_SECOND;
}

// The media sequence never goes back for whoever follows a list (6.2.2), also where the clock did: it goes on behind all
// that was handed out before, gaps in the end included.
static int64_t sequence_ahead(const struct audio_log_put_back *back) {
    return back->segments + (int64_t)back->times * (HLS_WINDOW + 2);
}

// Which numbers it may have; false: none yet. What is live begins where the clock was put back, at the earliest.
static bool range_of(struct hls_list *list, int64_t since_us, int64_t *first_out, int64_t *end_out) {
    int64_t since = (since_us + AUDIO_SEGMENT_US - 1) / AUDIO_SEGMENT_US;
    int64_t last = (to_of(list) + AUDIO_SEGMENT_US - 1) / AUDIO_SEGMENT_US;
    *first_out = is_live(list) ? list->end - HLS_WINDOW : list->ask.from_us / AUDIO_SEGMENT_US;
    *first_out = is_live(list) && *first_out < since ? since : *first_out;
    *first_out = *first_out > 0 ? *first_out : 0;
    *end_out = is_live(list) || list->end < last ? list->end : last;
    list->is_over = !is_live(list) && last <= list->end;
    list->is_past = list->is_over && list->ask.now_us - to_of(list) >= PAST_US;
    return *first_out < *end_out;
}

// Nobody gets it. Its name is another one than that of its sound, which a cache on the way may have kept.
static bool is_gap(const struct audio_segment *s) {
    return s->runs == 0 || s->is_masked;
}

// What is followed keeps what it had, and a span only grows (4.3.3.5), to its end and as long as somebody may still ask who
// followed it: what is masked is a gap where it is, and when a mask is taken away its sequence must not go back. Later it is for
// those who come anew, and begins with what can be heard: Chromium plays no list that begins with a gap.
static bool is_nothing(const struct hls_list *list, const struct audio_segment *s) {
    return list->is_past ? is_gap(s) : s->runs == 0;
}

// What there is no sound of stands in front of no list. Behind that of a span neither: it comes when sound is behind it.
static void trim(struct hls_list *list) {
    size_t from = 0;
    while (from < list->n && is_nothing(list, &list->segments[from]))
        list->breaks += list->segments[from++].is_break ? 1 : 0;
    list->n -= from;
    memmove(list->segments, list->segments + from, list->n * sizeof *list->segments);
    memmove(list->times, list->times + from, list->n * sizeof *list->times);
    while (!is_live(list) && list->n > 0 && is_nothing(list, &list->segments[list->n - 1]))
        list->n--;
}

// Bytes of a segment as they are sent, at most: a transport stream adds a tenth, fills up to sixteen packets, and has a
// clock in each twelfth of a second.
static uint64_t bytes_of(const struct hls_list *list, const struct audio_segment *s) {
    enum { PACKET = 188, PACKETS_A_SECOND = 13, PACKETS_MORE = 22 };
    uint64_t bytes = s->bytes + s->bytes / 10u,
             least = (uint64_t)s->lasts_us * PACKETS_A_SECOND * PACKET / US_PER_SECOND;
    if (list->ask.kind != HLS_TS)
        return s->bytes + PACKED_MORE;
    return (bytes > least ? bytes : least) + PACKETS_MORE * PACKET;
}

static void rates_take(struct hls_list *list) {
    uint64_t bytes = 0, us = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct audio_segment *s = &list->segments[i];
        uint64_t bits = bytes_of(list, s) * 8 * (uint64_t)US_PER_SECOND;
        if (s->runs > 0 && s->lasts_us > AUDIO_SEGMENT_US / 2 && bits / s->lasts_us > list->peak_bps)
            list->peak_bps = (uint32_t)(bits / s->lasts_us);
        bytes += s->runs > 0 ? bytes_of(list, s) : 0;
        us += s->lasts_us;
    }
    list->average_bps = us > 0 ? (uint32_t)(bytes * 8 * (uint64_t)US_PER_SECOND / us) : 0;
    list->peak_bps = list->peak_bps > list->average_bps ? list->peak_bps : list->average_bps;
}

enum rc hls_list_read(struct hls_list *list, struct audio_log_reader *reader) {
    int64_t first, end;
    struct audio_log_put_back back;
    enum rc rc = audio_log_put_back(reader, &back);
    if (rc != RC_OK)
        return rc;
    if (!range_of(list, back.since_us, &first, &end))
        return RC_NOT_FOUND;
    list->ahead = is_live(list) ? sequence_ahead(&back) : 0;
    list->n = (size_t)(end - first);
    list->segments = mem_array(list->n, sizeof *list->segments);
    list->times = mem_array(list->n, sizeof *list->times);
    rc = audio_log_segments(reader, list->format, first, list->n, list->segments, &list->breaks);
    if (rc == RC_OK)
        rc = audio_log_segments_times(reader, first, list->n, list->times);
    if (rc != RC_OK)
        return rc;
    trim(list);
    rates_take(list);
    return list->n > 0 ? RC_OK : RC_NOT_FOUND;
}

// ---- text --------------------------------------------------------------------------------------------------------------

static void time_put(struct buf *b, int64_t moment_us) {
    char text[TIME_BYTES] = "";
    struct tm t = {0};
    time_t s = (time_t)(moment_us / US_PER_SECOND);
    if (gmtime_r(&s, &t) != NULL)
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &t);
    buf_fmt(b, "%s.%03uZ", text, (unsigned)(moment_us % US_PER_SECOND / 1000));
}

// Within quotes neither these nor ends of lines may stand (4.2).
static void quoted_put(struct buf *b, struct str text) {
    for (size_t i = 0; i < text.n; i++)
        buf_char(b, text.p[i] == '"' ? '\'' : (uint8_t)text.p[i] < ' ' ? ' ' : text.p[i]);
}

static int64_t begin_of(const struct audio_segment *s) {
    return s->runs > 0 ? s->moment_us : s->number * AUDIO_SEGMENT_US;
}

static void programmes_put(struct buf *b, const struct hls_list *list) {
    int64_t from = begin_of(&list->segments[0]), to = begin_of(&list->segments[list->n - 1]) + AUDIO_SEGMENT_US;
    for (size_t i = 0; i < list->ask.programme_count; i++) {
        const struct hls_programme *p = &list->ask.programmes[i];
        if (p->to_us <= from || p->from_us >= to || p->to_us <= p->from_us)
            continue;
        buf_c(b, "#EXT-X-DATERANGE:ID=\"");
        quoted_put(b, p->id);
        buf_c(b, "\",START-DATE=\"");
        time_put(b, p->from_us);
        buf_fmt(b, "\",DURATION=%.3f,X-TITLE=\"", (double)(p->to_us - p->from_us) / (double)US_PER_SECOND);
        quoted_put(b, p->title);
        buf_c(b, "\"\n");
    }
}

static void head_put(struct buf *b, const struct hls_list *list) {
    bool has_gap = false;
    for (size_t i = 0; i < list->n; i++)
        has_gap = has_gap || is_gap(&list->segments[i]);
    buf_fmt(b, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:%d\n", has_gap ? GAP_VERSION : VERSION, TARGET_S);
    buf_fmt(b, "#EXT-X-MEDIA-SEQUENCE:%lld\n#EXT-X-DISCONTINUITY-SEQUENCE:%u\n",
            (long long)(list->segments[0].number + list->ahead), list->breaks);
    if (is_live(list))
        return;
    int64_t late = list->ask.from_us - begin_of(&list->segments[0]);
    buf_fmt(b, "#EXT-X-PLAYLIST-TYPE:%s\n#EXT-X-START:TIME-OFFSET=%.3f,PRECISE=YES\n", list->is_past ? "VOD" : "EVENT",
            late > 0 ? (double)late / (double)US_PER_SECOND : 0);
}

static void segment_put(struct buf *b, const struct hls_list *list, size_t i) {
    const struct audio_segment *s = &list->segments[i];
    buf_c(b, s->is_break ? "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:" : "#EXT-X-PROGRAM-DATE-TIME:");
    time_put(b, begin_of(s));
    int64_t lasts = s->runs > 0 ? s->lasts_us : AUDIO_SEGMENT_US;
    buf_fmt(b, "\n%s#EXTINF:%lld.%05lld,\n%lld", is_gap(s) ? "#EXT-X-GAP\n" : "", (long long)(lasts / US_PER_SECOND),
            (long long)(lasts % US_PER_SECOND / 10), (long long)s->number);
    if (list->times[i] > 0)
        buf_fmt(b, "-%u", list->times[i]);
    buf_fmt(b, "%s.%s\n", is_gap(s) ? "-gap" : "", hls_ending(list->format, list->ask.kind));
}

void hls_list_write(const struct hls_list *list, struct buf *out) {
    head_put(out, list);
    programmes_put(out, list);
    for (size_t i = 0; i < list->n; i++)
        segment_put(out, list, i);
    if (list->is_over)
        buf_c(out, "#EXT-X-ENDLIST\n");
}
