// SPDX-License-Identifier: AGPL-3.0-or-later
// The log in slots of six seconds.
#include "audio/log.h"

enum { RUNS_AT_ONCE = 64 };

// True: this run is of that segment, and counted.
static bool segment_take(struct audio_segment *s, enum audio_format format, const struct audio_log_run *run) {
    if (run->format != format || run->lasts_us == 0 || s->is_full)
        return false;
    s->is_full =
        s->lasts_us + (int64_t)run->lasts_us > AUDIO_SEGMENT_LASTS_US || s->bytes + run->bytes > AUDIO_SEGMENT_BYTES;
    if (s->is_full)
        return false;
    if (s->runs++ == 0)
        s->moment_us = run->moment_us;
    s->is_masked = s->is_masked || run->is_masked;
    s->lasts_us += run->lasts_us;
    s->bytes += run->bytes;
    return true;
}

struct listing {
    enum audio_format format;
    int64_t first, end; // numbers
    struct audio_segment *out;
    struct log_breaks breaks;
    uint32_t before;
};

static void listing_take(struct listing *l, const struct audio_log_run *run) {
    int64_t number = run->moment_us / AUDIO_SEGMENT_US,
            broken = log_breaks_take(&l->breaks, run->moment_us, run->flags);
    if (broken >= 0 && broken < l->first)
        l->before = l->breaks.n;
    else if (broken >= 0 && broken < l->end)
        l->out[broken - l->first].is_break = true;
    if (number >= l->first && number < l->end)
        (void)segment_take(&l->out[number - l->first], l->format, run);
}

// From the beginning of the part that the first one lies in, for the breaks in it are counted.
static enum rc listing_begin(struct audio_log_reader *r, struct listing *l, struct audio_log_place *place) {
    enum rc rc = log_find(r, l->first * AUDIO_SEGMENT_US, place);
    if (rc != RC_OK)
        return rc;
    const struct log_part *before = place->part > 1 ? log_reader_part(r, place->part - 1) : NULL;
    const struct log_part *part = r->is_short ? NULL : log_reader_part(r, place->part);
    if (r->is_short)
        return RC_BUSY;
    l->breaks = part != NULL ? log_breaks_before(part, before) : (struct log_breaks){.segment = -1, .newest = -1};
    l->before = l->breaks.n;
    *place = (struct audio_log_place){.part = place->part};
    return RC_OK;
}

enum rc audio_log_segments(struct audio_log_reader *reader, enum audio_format format, int64_t first, size_t n,
                           struct audio_segment *out, uint32_t *breaks_out) {
    struct listing l = {.format = format, .first = first, .end = first + (int64_t)n, .out = out};
    struct audio_log_place place;
    struct audio_log_run runs[RUNS_AT_ONCE];
    size_t got = 0;
    for (size_t i = 0; i < n; i++)
        out[i] = (struct audio_segment){.number = first + (int64_t)i};
    *breaks_out = 0;
    enum rc rc = listing_begin(reader, &l, &place);
    do {
        if (rc == RC_OK)
            rc = audio_log_runs(reader, 0, l.end * AUDIO_SEGMENT_US, &place, runs, RUNS_AT_ONCE, &got);
        for (size_t i = 0; rc == RC_OK && i < got; i++)
            listing_take(&l, &runs[i]);
    } while (rc == RC_OK && got == RUNS_AT_ONCE);
    *breaks_out = l.before;
    return rc;
}

// False: it is damaged.
static bool run_read(struct audio_log_reader *r, const struct audio_log_run *run, struct buf *b) {
    const struct log_part *part = log_reader_part(r, run->part);
    size_t before = b->n;
    struct log_run at = {.offset = run->offset, .bytes = run->bytes, .sum = run->sum};
    bool is_whole = part != NULL && log_run_sound(part, &at, b);
    b->n = is_whole ? b->n : before;
    return is_whole;
}

enum rc audio_log_segment(struct audio_log_reader *reader, enum audio_format format, int64_t number, struct buf *b,
                          struct audio_segment *out) {
    struct audio_log_place place = {0};
    struct audio_log_run runs[RUNS_AT_ONCE];
    struct audio_segment all = {.number = number};
    int64_t from_us = number * AUDIO_SEGMENT_US;
    size_t got, before = b->n;
    *out = all;
    do {
        enum rc rc = audio_log_runs(reader, from_us, from_us + AUDIO_SEGMENT_US, &place, runs, RUNS_AT_ONCE, &got);
        if (rc != RC_OK)
            return rc;
        for (size_t i = 0; i < got; i++)
            if (segment_take(&all, format, &runs[i]) && !all.is_masked && run_read(reader, &runs[i], b))
                (void)segment_take(out, format, &runs[i]);
    } while (got == RUNS_AT_ONCE);
    if (all.is_masked) {
        b->n = before;
        *out = (struct audio_segment){.number = number, .is_masked = true};
    }
    return out->runs > 0 ? RC_OK : RC_NOT_FOUND;
}

// ---- a clock that was put back -----------------------------------------------------------------------------------------

static enum rc repeated_load(struct audio_log_reader *r, struct arena *a, struct audio_log_span **spans_out,
                             size_t *n_out) {
    return log_spans_load(r->dir, AUDIO_LOG_REPEATED, a, spans_out, n_out, NULL);
}

enum rc audio_log_put_back(struct audio_log_reader *reader, struct audio_log_put_back *out) {
    struct arena *a = arena_new(1 << 18);
    struct audio_log_span *spans;
    size_t n;
    *out = (struct audio_log_put_back){0};
    enum rc rc = repeated_load(reader, a, &spans, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++, out->times++)
        out->segments += (spans[i].to_us - spans[i].from_us) / AUDIO_SEGMENT_US + 1;
    arena_free(&a);
    if (rc == RC_OK)
        rc = log_time_look(&reader->time, reader->dir);
    out->since_us = reader->time.since_us;
    return rc;
}

enum rc audio_log_segments_times(struct audio_log_reader *reader, int64_t first, size_t n, uint32_t *times) {
    struct arena *a = arena_new(1 << 18);
    struct audio_log_span *spans;
    size_t count;
    enum rc rc = repeated_load(reader, a, &spans, &count);
    for (size_t i = 0; i < n; i++)
        times[i] = 0;
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        int64_t from = spans[i].from_us / AUDIO_SEGMENT_US - first, to = spans[i].to_us / AUDIO_SEGMENT_US - first;
        for (int64_t at = from > 0 ? from : 0; at <= to && at < (int64_t)n; at++)
            times[at]++;
    }
    arena_free(&a);
    return rc;
}
