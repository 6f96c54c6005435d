// SPDX-License-Identifier: AGPL-3.0-or-later
// The records of the log as bytes, and back: whatever stands there, what comes out keeps within its bounds.
#include <zlib.h>

#include "audio/log.h"

enum {
    FLAGS_ON_DISK = AUDIO_LOG_BEGIN | AUDIO_LOG_CHAIN | AUDIO_LOG_HEADERS | AUDIO_LOG_AGAIN | AUDIO_LOG_GAP |
                    AUDIO_LOG_SOURCE | AUDIO_LOG_END,
    LASTS_MAX = 2000000000, // microseconds
    TITLE_AGAIN = 1,
};
static const char head_mark[8] = "SiaranL1", title_mark[4] = "Titl", spans_mark[8] = "SiaranS1";

static void put32(uint8_t *p, uint32_t n) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(n >> (8 * i));
}

static void put64(uint8_t *p, uint64_t n) {
    put32(p, (uint32_t)n);
    put32(p + 4, (uint32_t)(n >> 32));
}

static uint32_t get32(const uint8_t *p) {
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint64_t get64(const uint8_t *p) {
    return (uint64_t)get32(p + 4) << 32 | get32(p);
}

uint32_t log_sum(struct str bytes) {
    return (uint32_t)crc32_z(0, (const uint8_t *)bytes.p, bytes.n);
}

static uint32_t sum_of(const uint8_t *p, size_t n) {
    return (uint32_t)crc32_z(0, p, n);
}

static bool is_moment(int64_t us) {
    return us >= 0 && us < LOG_MOMENT_MAX;
}

void log_head_put(const struct log_head *head, uint8_t out[LOG_HEAD_BYTES]) {
    memcpy(out, head_mark, sizeof head_mark);
    put32(out + 8, head->format);
    put32(out + 12, head->part);
    put32(out + 16, head->chain);
    put32(out + 20, head->breaks);
    put64(out + 24, (uint64_t)head->begun_us);
    put32(out + 32, sum_of(out, 32));
}

bool log_head_get(const uint8_t *p, struct log_head *out) {
    uint32_t format = get32(p + 8);
    if (memcmp(p, head_mark, sizeof head_mark) != 0 || get32(p + 32) != sum_of(p, 32) || format >= AUDIO_FORMATS)
        return false;
    *out = (struct log_head){.format = (enum audio_format)format,
                             .part = get32(p + 12),
                             .chain = get32(p + 16),
                             .breaks = get32(p + 20),
                             .begun_us = (int64_t)get64(p + 24)};
    return is_moment(out->begun_us);
}

void log_run_put(const struct log_run *run, uint8_t out[LOG_RECORD_BYTES]) {
    put64(out, run->offset);
    put64(out + 8, (uint64_t)run->moment_us);
    put64(out + 16, run->sound_us);
    put32(out + 24, run->bytes);
    put32(out + 28, run->lasts_us);
    put32(out + 32, run->flags);
    put32(out + 36, run->chain);
    put32(out + 40, run->head);
    put32(out + 44, run->lost_ms);
    put32(out + 48, run->sum);
    put32(out + 52, sum_of(out, 52));
}

bool log_run_get(const uint8_t *p, struct log_run *out) {
    *out = (struct log_run){.offset = get64(p),
                            .moment_us = (int64_t)get64(p + 8),
                            .sound_us = get64(p + 16),
                            .bytes = get32(p + 24),
                            .lasts_us = get32(p + 28),
                            .flags = get32(p + 32),
                            .chain = get32(p + 36),
                            .head = get32(p + 40),
                            .lost_ms = get32(p + 44),
                            .sum = get32(p + 48)};
    bool is_end = (out->flags & AUDIO_LOG_END) != 0;
    return get32(p + 52) == sum_of(p, 52) && out->offset <= LOG_PART_MAX && is_moment(out->moment_us) &&
           out->bytes <= LOG_RUN_MAX && (out->bytes == 0) == is_end && out->lasts_us <= LASTS_MAX &&
           (out->flags & ~(uint32_t)FLAGS_ON_DISK) == 0;
}

// ---- titles ------------------------------------------------------------------------------------------------------------

void log_title_put(struct buf *b, const struct log_title *title) {
    uint8_t head[LOG_TITLE_HEAD];
    memcpy(head, title_mark, sizeof title_mark);
    put32(head + 4, (uint32_t)title->text.n);
    put64(head + 8, (uint64_t)title->moment_us);
    put32(head + 16, title->is_again ? TITLE_AGAIN : 0);
    uint32_t sum = (uint32_t)crc32_z(sum_of(head, 20), (const uint8_t *)title->text.p, title->text.n);
    put32(head + 20, title->text.n > 0 ? sum : sum_of(head, 20));
    buf_add(b, head, sizeof head);
    buf_str(b, title->text);
}

static bool title_get(struct str rest, struct log_title *out) {
    const uint8_t *p = (const uint8_t *)rest.p;
    if (rest.n < LOG_TITLE_HEAD || memcmp(p, title_mark, sizeof title_mark) != 0)
        return false;
    size_t n = get32(p + 4);
    if (n > AUDIO_TITLE_BYTES || rest.n - LOG_TITLE_HEAD < n)
        return false;
    *out = (struct log_title){.moment_us = (int64_t)get64(p + 8),
                              .is_again = (get32(p + 16) & TITLE_AGAIN) != 0,
                              .text = str_slice(rest, LOG_TITLE_HEAD, LOG_TITLE_HEAD + n)};
    uint32_t sum = (uint32_t)crc32_z(sum_of(p, 20), p + LOG_TITLE_HEAD, n);
    return sum == get32(p + 20) && is_moment(out->moment_us) && utf8_valid(out->text);
}

// A torn one has others behind it: whoever wrote it came back. So the next is looked for byte by byte.
bool log_title_next(struct str *rest, struct log_title *out) {
    size_t at;
    while (str_find(*rest, (struct str){title_mark, sizeof title_mark}, &at)) {
        *rest = str_slice(*rest, at, rest->n);
        bool found = title_get(*rest, out);
        *rest = str_slice(*rest, found ? LOG_TITLE_HEAD + out->text.n : 1, rest->n);
        if (found)
            return true;
    }
    *rest = STR_NONE;
    return false;
}

// ---- spans -------------------------------------------------------------------------------------------------------------

void log_spans_put(struct buf *b, const struct audio_log_span *spans, size_t n) {
    uint8_t head[LOG_SPANS_HEAD] = {0}, one[LOG_SPAN_BYTES];
    buf_add(b, head, sizeof head); // written over when the sum is known
    for (size_t i = 0; i < n; i++) {
        put64(one, (uint64_t)spans[i].from_us);
        put64(one + 8, (uint64_t)spans[i].to_us);
        buf_add(b, one, sizeof one);
    }
    memcpy(head, spans_mark, sizeof spans_mark);
    put32(head + 8, (uint32_t)n);
    put32(head + 12, log_sum(str_slice(buf_view(b), LOG_SPANS_HEAD, b->n)));
    memcpy(b->p, head, sizeof head);
}

bool log_span_is(struct audio_log_span span) {
    return span.from_us >= 0 && span.from_us < span.to_us && span.to_us < LOG_MOMENT_MAX;
}

int log_span_order(const void *l, const void *r) {
    const struct audio_log_span *a = l, *b = r;
    if (a->from_us != b->from_us)
        return a->from_us < b->from_us ? -1 : 1;
    return a->to_us < b->to_us ? -1 : a->to_us > b->to_us;
}

bool log_spans_get(struct str bytes, struct arena *a, struct audio_log_span **spans_out, size_t *n_out) {
    if (bytes.n < LOG_SPANS_HEAD || memcmp(bytes.p, spans_mark, sizeof spans_mark) != 0)
        return false;
    struct str rest = str_slice(bytes, LOG_SPANS_HEAD, bytes.n);
    const uint8_t *head = (const uint8_t *)bytes.p, *p = head + LOG_SPANS_HEAD;
    size_t n = get32(head + 8);
    if (n > LOG_SPANS_MAX || rest.n != n * LOG_SPAN_BYTES || get32(head + 12) != log_sum(rest))
        return false;
    struct audio_log_span *spans = ARENA_ARRAY(a, struct audio_log_span, n + 1); // and room for one more
    for (size_t i = 0; i < n; i++, p += LOG_SPAN_BYTES) {
        spans[i] = (struct audio_log_span){(int64_t)get64(p), (int64_t)get64(p + 8)};
        if (!log_span_is(spans[i]))
            return false;
    }
    qsort(spans, n, sizeof *spans, log_span_order);
    *spans_out = spans;
    *n_out = n;
    return true;
}

const struct audio_log_span *log_spans_find(const struct audio_log_span *spans, size_t n, int64_t from_us,
                                            int64_t to_us) {
    for (size_t i = 0; i < n && spans[i].from_us <= to_us; i++)
        if (spans[i].to_us > from_us && (spans[i].from_us < to_us || from_us == to_us))
            return &spans[i];
    return NULL;
}
