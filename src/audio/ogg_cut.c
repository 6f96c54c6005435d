// SPDX-License-Identifier: AGPL-3.0-or-later
// Pages of Ogg as those of a file: each ends where the packets that are there end, counted from the beginning. An encoder that
// came back begins another chain, in which ffmpeg and mpv see neither a length nor where to go: where it is coded the same
// way it goes on in the one before, and its headers, with what was playing, are left out. What is coded otherwise has a
// chain of its own, counted from its own begin (RFC 3533, 4). Pages of other streams are left as they are.
#include "audio/cut.h"

enum { PAGE_SECONDS_MAX = 60 };

static void granule_put(uint8_t *page, int64_t granule) {
    le32_put(page + OGG_GRANULE_AT, (uint32_t)((uint64_t)granule & UINT32_MAX));
    le32_put(page + OGG_GRANULE_AT + 4, (uint32_t)((uint64_t)granule >> 32));
}

static void page_finish(struct ogg_cut *o, uint8_t *page, size_t n) {
    le32_put(page + OGG_SERIAL_AT, o->serial_out);
    le32_put(page + OGG_SEQUENCE_AT, o->sequence++);
    ogg_checksum_put(page, n);
}

// A coding that we do not know has nothing to count by: its pages keep the numbers that they came with.
static void granule_take(const struct ogg_cut *o, uint8_t *page, int64_t granule) {
    if (o->rate > 0 && ogg_granule(page) >= 0)
        granule_put(page, granule);
}

// ---- the last page -----------------------------------------------------------------------------------------------------

// That a chain ends, and with what of its last packet, is only so when nothing goes on in it.
static void held_put(struct ogg_cut *o, bool goes_on, struct buf *out) {
    uint8_t *page = (uint8_t *)o->held.p;
    if (goes_on && o->held.n > 0) {
        page[OGG_FLAGS_AT] &= (uint8_t)~OGG_ENDS;
        granule_take(o, page, o->granule);
        ogg_checksum_put(page, o->held.n);
    }
    o->trimmed = goes_on ? 0 : o->trimmed;
    buf_str(out, buf_view(&o->held));
    buf_clear(&o->held);
}

void ogg_cut_end(struct ogg_cut *o, struct buf *out) {
    held_put(o, false, out);
}

// ---- headers -----------------------------------------------------------------------------------------------------------

static void packets_read(struct ogg_cut *o, struct str page, uint32_t *number, struct ogg_lengths *lengths,
                         struct buf *coding) {
    const uint8_t *p = (const uint8_t *)page.p;
    size_t segments = p[OGG_HEAD - 1], at = OGG_HEAD + segments;
    for (size_t i = 0; i < segments; i++) {
        size_t lace = p[OGG_HEAD + i];
        buf_add(&o->packet, p + at, lace);
        at += lace;
        if (lace == OGG_LACE)
            continue;
        if (!o->packet.failed) {
            ogg_lengths_header(lengths, *number, buf_view(&o->packet));
            ogg_coding_add(lengths->codec, *number, buf_view(&o->packet), coding);
        }
        buf_clear(&o->packet);
        ++*number;
    }
}

static bool page_next(struct str *rest, struct str *page) {
    ptrdiff_t n = ogg_page_bytes(*rest);
    if (n <= 0)
        return false;
    *page = str_slice(*rest, 0, (size_t)n);
    *rest = str_slice(*rest, (size_t)n, rest->n);
    return true;
}

static bool is_of(struct str page, uint32_t serial) {
    return le32((const uint8_t *)page.p + OGG_SERIAL_AT) == serial;
}

static void headers_read(struct ogg_cut *o, struct str headers, struct ogg_lengths *lengths, struct buf *coding) {
    struct str page;
    uint32_t number = 0;
    buf_clear(&o->packet);
    while (page_next(&headers, &page))
        if (is_of(page, o->serial)) {
            o->sequence_was = le32((const uint8_t *)page.p + OGG_SEQUENCE_AT);
            packets_read(o, page, &number, lengths, coding);
        }
}

static void headers_put(struct ogg_cut *o, struct str headers, struct buf *out) {
    struct str page;
    while (page_next(&headers, &page)) {
        size_t at = out->n;
        buf_str(out, page);
        if (!out->failed && is_of(page, o->serial))
            page_finish(o, (uint8_t *)out->p + at, page.n);
    }
    buf_str(out, headers);
}

static void chain_begin(struct ogg_cut *o, const struct ogg_state *state, const struct ogg_lengths *lengths) {
    o->before_us = ogg_cut_lasts_us(o);
    o->lengths = *lengths;
    // Two in a row must not have the same number (RFC 3533, 4), as those of a file have that is played round and round.
    o->serial_out = o->has_chain && state->serial == o->serial_out ? state->serial + 1 : state->serial;
    o->has_chain = true;
    o->rate = state->rate;
    o->sequence = 0;
    o->granule = 0;
    o->trimmed = 0;
    o->front_n = 0;
    o->is_open = o->is_lost = false;
}

void ogg_cut_headers(struct ogg_cut *o, const struct ogg_state *state, struct str headers, struct buf *out) {
    struct ogg_lengths lengths;
    struct buf coding;
    ogg_lengths_begin(&lengths, state->codec);
    buf_init(&coding, o->packet.max);
    o->serial = state->serial;
    o->granule_was = -1;
    headers_read(o, headers, &lengths, &coding);
    bool goes_on = o->has_chain && lengths.is_known && lengths.codec == o->lengths.codec && !coding.failed &&
                   str_eq(buf_view(&coding), buf_view(&o->coding));
    held_put(o, goes_on, out);
    if (!goes_on) {
        chain_begin(o, state, &lengths);
        headers_put(o, headers, out);
        buf_clear(&o->coding);
        buf_str(&o->coding, buf_view(&coding));
    }
    buf_fini(&coding);
}

// ---- sound -------------------------------------------------------------------------------------------------------------

// Samples of the packets that end on a page.
static uint32_t packets_last(struct ogg_cut *o, const uint8_t *p) {
    size_t segments = p[OGG_HEAD - 1], at = OGG_HEAD + segments;
    uint32_t samples = 0;
    for (size_t i = 0; i < segments; i++) {
        size_t lace = p[OGG_HEAD + i], room = sizeof o->front - o->front_n, take = lace < room ? lace : room;
        memcpy(o->front + o->front_n, p + at, take);
        o->front_n += take;
        at += lace;
        o->is_open = lace == OGG_LACE;
        if (o->is_open)
            continue;
        samples += o->is_lost ? 0 : ogg_packet_lasts(&o->lengths, (struct str){(const char *)o->front, o->front_n});
        o->front_n = 0;
        o->is_lost = false;
    }
    return samples;
}

// Where packets were torn by what was left out a number is, so that nobody puts two halves together.
static void sequence_take(struct ogg_cut *o, const uint8_t *p) {
    uint32_t sequence = le32(p + OGG_SEQUENCE_AT);
    bool follows = sequence == o->sequence_was + 1, continues = (p[OGG_FLAGS_AT] & OGG_CONTINUED) != 0;
    o->sequence_was = sequence;
    if (follows && continues == o->is_open)
        return;
    o->sequence += continues || o->is_open;
    o->is_lost = continues;
    o->front_n = 0;
    o->granule_was = follows ? o->granule_was : -1;
}

// The last page of a chain may end within a packet, whose rest is not heard.
static uint32_t rest_of(const struct ogg_cut *o, const uint8_t *p, uint32_t samples) {
    int64_t since = o->granule_was >= 0 ? ogg_granule(p) - o->granule_was : -1;
    return (p[OGG_FLAGS_AT] & OGG_ENDS) != 0 && since >= 0 && since < samples ? samples - (uint32_t)since : 0;
}

// What no packet says follows from what the encoder counted, if that can be.
static uint32_t page_lasts(struct ogg_cut *o, const uint8_t *p) {
    uint32_t samples = packets_last(o, p);
    int64_t since = o->granule_was >= 0 ? ogg_granule(p) - o->granule_was : -1;
    bool counts =
        !o->lengths.is_known && since >= 0 && since < (int64_t)PAGE_SECONDS_MAX * o->rate && since < UINT32_MAX;
    return counts ? (uint32_t)since : samples;
}

void ogg_cut_page(struct ogg_cut *o, struct str bytes, struct buf *out) {
    held_put(o, true, out);
    size_t at = out->n;
    buf_str(out, bytes);
    uint8_t *page = (uint8_t *)out->p + at;
    if (out->failed || ogg_page_bytes(bytes) != (ptrdiff_t)bytes.n || !is_of(bytes, o->serial))
        return;
    sequence_take(o, page);
    uint32_t samples = page_lasts(o, page);
    int64_t granule = ogg_granule(page);
    o->trimmed = rest_of(o, page, samples);
    o->granule += samples;
    if (granule >= 0)
        o->granule_was = granule;
    granule_take(o, page, o->granule - o->trimmed);
    page_finish(o, page, bytes.n);
    if ((page[OGG_FLAGS_AT] & OGG_ENDS) == 0)
        return;
    buf_add(&o->held, page, bytes.n);
    out->n = at;
}

int64_t ogg_cut_lasts_us(const struct ogg_cut *o) {
    int64_t samples = o->granule - o->trimmed, skip = o->lengths.skip < samples ? o->lengths.skip : samples;
    if (o->rate == 0)
        return o->before_us;
    samples -= skip;
    return o->before_us + samples / o->rate * US_PER_SECOND + samples % o->rate * US_PER_SECOND / o->rate;
}
