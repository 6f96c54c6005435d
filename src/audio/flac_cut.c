// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames of FLAC as those of a file, which are counted from 0: players take their time from that number. FLAC knows no
// chains, so another encoder's sound goes on behind the first one's headers where these describe it too.
#include "audio/cut.h"

static bool has_info(struct str headers) {
    return headers.n >= FLAC_INFO_AT + FLAC_INFO_BYTES;
}

static bool is_same(struct str one, struct str two) {
    uint8_t a[FLAC_CODING_BYTES], b[FLAC_CODING_BYTES];
    if (!has_info(one) || !has_info(two))
        return false;
    flac_coding((const uint8_t *)one.p + FLAC_INFO_AT, a);
    flac_coding((const uint8_t *)two.p + FLAC_INFO_AT, b);
    return memcmp(a, b, sizeof a) == 0;
}

// What they say of the whole that the encoder sent is not so of a part: sizes of frames, how many samples, their sum,
// where what stands.
static void whole_forget(uint8_t *p, size_t n) {
    uint8_t *info = p + FLAC_INFO_AT;
    memset(info + FLAC_FRAME_SIZES, 0, FLAC_RATE - FLAC_FRAME_SIZES);
    info[FLAC_TOTAL] &= (uint8_t)~FLAC_TOTAL_BITS;
    memset(info + FLAC_TOTAL + 1, 0, FLAC_INFO_BYTES - FLAC_TOTAL - 1);
    for (size_t at = FLAC_INFO_AT - FLAC_BLOCK_HEAD; at + FLAC_BLOCK_HEAD <= n;) {
        if ((p[at] & 0x7f) == FLAC_SEEKTABLE)
            p[at] = (uint8_t)((p[at] & 0x80) | FLAC_PADDING);
        at += FLAC_BLOCK_HEAD + ((size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3]);
    }
}

void flac_cut_headers(struct flac_cut *f, struct str headers, struct buf *out) {
    size_t at = out->n;
    if (is_same(buf_view(&f->headers), headers))
        return;
    f->before_us = flac_cut_lasts_us(f);
    f->is_mixed = f->headers.n > 0;
    f->frames = f->samples = 0;
    buf_clear(&f->headers);
    buf_str(&f->headers, headers);
    buf_str(out, headers);
    if (out->failed || !has_info(headers))
        return;
    flac_info_read((const uint8_t *)headers.p + FLAC_INFO_AT, &f->info);
    whole_forget((uint8_t *)out->p + at, headers.n);
}

void flac_cut_frame(struct flac_cut *f, struct str frame, struct buf *out) {
    if (!flac_frame_number(frame, &f->info, f->frames, f->samples, out))
        buf_str(out, frame);
    f->frames++;
    f->samples += flac_frame_samples(frame, &f->info);
}

int64_t flac_cut_lasts_us(const struct flac_cut *f) {
    return f->before_us + (f->info.rate > 0 ? (int64_t)(f->samples * US_PER_SECOND / f->info.rate) : 0);
}

bool flac_cut_length(const struct flac_cut *f, uint64_t *at_out, uint8_t bytes[CUT_LENGTH_BYTES], size_t *n_out) {
    enum { NUMBER = 5 };
    if (f->is_mixed || !has_info(buf_view(&f->headers)) || f->samples >> 36 != 0)
        return false;
    *at_out = FLAC_INFO_AT + FLAC_TOTAL;
    *n_out = NUMBER;
    for (size_t i = 0; i < NUMBER; i++)
        bytes[i] = (uint8_t)(f->samples >> (8 * (NUMBER - 1 - i)));
    bytes[0] |= (uint8_t)(f->headers.p[FLAC_INFO_AT + FLAC_TOTAL] & ~FLAC_TOTAL_BITS);
    return true;
}
