// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames of FLAC as those of a file, which are counted from 0: players take their time from that number. FLAC knows no
// chains, so another encoder's sound goes on behind the first one's headers where these describe it too.
#include "audio/cut.h"

// RFC 9639, 8.2: where in a STREAMINFO what stands.
enum { BLOCK_AT = 4, INFO_AT = 8, FRAME_SIZES_AT = 4, RATE_AT = 10, TOTAL_AT = 13, SUM_AT = 18, INFO_BYTES = 34 };
enum { BLOCK_HEAD = 4, BLOCK_PADDING = 1, BLOCK_SEEKTABLE = 3 };

// Sizes of blocks, rate, channels and bits; what the frames of one stream share.
static bool is_same(struct str one, struct str two) {
    size_t whole = INFO_AT + INFO_BYTES;
    return one.n >= whole && two.n >= whole && memcmp(one.p + INFO_AT, two.p + INFO_AT, FRAME_SIZES_AT) == 0 &&
           memcmp(one.p + INFO_AT + RATE_AT, two.p + INFO_AT + RATE_AT, TOTAL_AT - RATE_AT) == 0 &&
           ((one.p[INFO_AT + TOTAL_AT] ^ two.p[INFO_AT + TOTAL_AT]) & 0xf0) == 0;
}

// What they say of the whole that the encoder sent is not so of a part: sizes of frames, how many samples, their sum,
// where what stands.
static void whole_forget(uint8_t *p, size_t n) {
    if (n < INFO_AT + INFO_BYTES)
        return;
    memset(p + INFO_AT + FRAME_SIZES_AT, 0, RATE_AT - FRAME_SIZES_AT);
    p[INFO_AT + TOTAL_AT] &= 0xf0;
    memset(p + INFO_AT + TOTAL_AT + 1, 0, INFO_BYTES - TOTAL_AT - 1);
    for (size_t at = BLOCK_AT; at + BLOCK_HEAD <= n;) {
        if ((p[at] & 0x7f) == BLOCK_SEEKTABLE)
            p[at] = (uint8_t)((p[at] & 0x80) | BLOCK_PADDING);
        at += BLOCK_HEAD + ((size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3]);
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
    if (out->failed || headers.n < INFO_AT + INFO_BYTES)
        return;
    flac_info_read((const uint8_t *)headers.p + INFO_AT + RATE_AT, &f->info);
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
    if (f->is_mixed || f->headers.n < INFO_AT + INFO_BYTES || f->samples >> 36 != 0)
        return false;
    *at_out = INFO_AT + TOTAL_AT;
    *n_out = NUMBER;
    for (size_t i = 0; i < NUMBER; i++)
        bytes[i] = (uint8_t)(f->samples >> (8 * (NUMBER - 1 - i)));
    bytes[0] |= (uint8_t)f->headers.p[INFO_AT + TOTAL_AT] & 0xf0;
    return true;
}
