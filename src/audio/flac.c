// SPDX-License-Identifier: AGPL-3.0-or-later
// FLAC without a container (RFC 9639). A stream begins with its mark and blocks that describe it, the first of which no
// player can do without; frames follow. A frame does not say how long it is: it ends where another begins and the checksum
// over all of it comes out even. So each is passed on once the next one's first bytes have come.
//
// Late listeners get the blocks that are no padding, as many as fit. What is left out may be the last, which says that
// sound follows: an empty padding stands in its place.
#include "audio/inside.h"

#define MARK STR("fLaC")
enum {
    MARK_BYTES = 4,
    FRAME_MAX = AUDIO_PIECE_MAX - MARK_BYTES,
    HEADERS_MAX = AUDIO_PIECE_MAX - FLAC_BLOCK_HEAD,
    HEAD_LEAST = 4, // bytes of a frame's head before the number it counts by
    FOOT_BYTES = 2,
    SUBFRAME_HEAD = 8 // bytes at most
};

static unsigned be(const uint8_t *p, size_t n) {
    unsigned out = 0;
    for (size_t i = 0; i < n; i++)
        out = out << 8 | p[i];
    return out;
}

void flac_info_read(const uint8_t *info, struct flac_info *out) {
    const uint8_t *p = info + FLAC_RATE;
    *out = (struct flac_info){.rate = be(p, 3) >> 4,
                              .channels = (uint8_t)((p[2] >> 1 & 7) + 1),
                              .bits = (uint8_t)((be(p + 2, 2) >> 4 & 31) + 1)};
}

void flac_coding(const uint8_t *info, uint8_t out[FLAC_CODING_BYTES]) {
    enum { SIZES = FLAC_FRAME_SIZES - FLAC_BLOCK_SIZES, RATES = FLAC_TOTAL - FLAC_RATE };
    memcpy(out, info + FLAC_BLOCK_SIZES, SIZES);
    memcpy(out + SIZES, info + FLAC_RATE, RATES);
    out[SIZES + RATES] = (uint8_t)(info[FLAC_TOTAL] & ~FLAC_TOTAL_BITS);
}

// ---- blocks ------------------------------------------------------------------------------------------------------------

// To where sound may go on; without headers nobody could play it.
static size_t step_over(struct audio_scanner *s, struct str waiting) {
    return s->flac.has_begun ? scan_to_sync(s, waiting, MARK.p[0]) : scan_to(s, waiting, MARK);
}

static size_t mark_take(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    const uint8_t *p = (const uint8_t *)waiting.p;
    size_t whole = FLAC_INFO_AT + FLAC_INFO_BYTES;
    if (waiting.n < whole)
        return 0;
    if ((p[MARK_BYTES] & 0x7f) != FLAC_STREAMINFO || be(p + MARK_BYTES + 1, 3) != FLAC_INFO_BYTES)
        return step_over(s, waiting);
    flac_info_read(p + FLAC_INFO_AT, &s->flac.info);
    s->flac.has_begun = s->in_step = true;
    s->flac.in_headers = (p[MARK_BYTES] & 0x80) == 0;
    s->flac.header_bytes = whole;
    out->kind = AUDIO_HEADER;
    out->is_first = true;
    out->bytes = str_slice(waiting, 0, whole);
    return whole;
}

static size_t block_take(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    static const char empty[FLAC_BLOCK_HEAD] = {(char)(0x80 | FLAC_PADDING)};
    const uint8_t *p = (const uint8_t *)waiting.p;
    struct flac_state *f = &s->flac;
    if (waiting.n < FLAC_BLOCK_HEAD)
        return 0;
    size_t content = be(p + 1, 3), type = p[0] & 0x7f, whole = FLAC_BLOCK_HEAD + content;
    bool is_last = (p[0] & 0x80) != 0, fits = type != FLAC_PADDING && f->header_bytes + whole <= HEADERS_MAX;
    if (type == FLAC_FORBIDDEN) { // so that it cannot look like a frame: there is none
        f->has_begun = f->in_headers = false;
        return step_over(s, waiting);
    }
    if (fits && waiting.n < whole)
        return 0;
    f->in_headers = !is_last;
    f->header_bytes += fits ? whole : 0;
    s->to_skip = fits ? 0 : content;
    if (!fits && !is_last)
        return scan_skip(s, FLAC_BLOCK_HEAD);
    out->kind = AUDIO_HEADER;
    out->bytes = fits ? str_slice(waiting, 0, whole) : (struct str){empty, sizeof empty};
    out->has_title = fits && type == FLAC_COMMENT;
    if (out->has_title)
        (void)comments_title(str_slice(waiting, FLAC_BLOCK_HEAD, whole), &f->title);
    out->title = buf_view(&f->title);
    return out->bytes.n;
}

// ---- frames ------------------------------------------------------------------------------------------------------------

struct flac_head {
    size_t bytes;
    uint32_t samples;
    size_t frame_most; // bytes of the whole frame: no encoder makes it longer than its samples are
};

// x^8 + x^2 + x + 1.
static uint8_t head_checksum(const uint8_t *p, size_t n) {
    unsigned crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc << 1 ^ ((crc & 0x80) != 0 ? 0x07 : 0)) & 0xff;
    }
    return (uint8_t)crc;
}

// x^16 + x^15 + x^2 + 1; over a frame and its own checksum it is 0.
static uint16_t frame_checksum(uint16_t crc, uint8_t byte) {
    static _Thread_local uint16_t table[256];
    if (table[1] == 0)
        for (unsigned i = 0; i < 256; i++) {
            unsigned r = i << 8;
            for (int bit = 0; bit < 8; bit++)
                r = (r << 1 ^ ((r & 0x8000) != 0 ? 0x8005 : 0)) & 0xffff;
            table[i] = (uint16_t)r;
        }
    return (uint16_t)(crc << 8 ^ table[crc >> 8 ^ byte]);
}

// Of the number a frame counts by, which is written as UTF-8 is, up to 36 bits; 0: it is none.
static size_t number_bytes(uint8_t first) {
    size_t ones = 0;
    while (ones < 8 && (first << ones & 0x80) != 0)
        ones++;
    return ones == 0 ? 1 : ones == 1 || ones == 8 ? 0 : ones;
}

static uint32_t samples_of(unsigned code, const uint8_t *extra) {
    if (code == 6 || code == 7)
        return be(extra, code - 5) + 1;
    return code == 1 ? 192 : code < 6 ? 576u << (code - 2) : 256u << (code - 8);
}

static uint32_t rate_of(unsigned code, const uint8_t *extra, const struct flac_info *info) {
    static const uint32_t rates[] = {0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000};
    if (code == 0)
        return info->rate;
    return code == 12 ? be(extra, 1) * 1000 : code == 13 ? be(extra, 2) : code == 14 ? be(extra, 2) * 10 : rates[code];
}

// What the four bytes say without the rest, where it is allowed at all.
static bool may_be_head(const uint8_t *p, const struct flac_info *info) {
    static const uint8_t bits[8] = {0, 8, 12, 0, 16, 20, 24, 32};
    unsigned channels = p[3] >> 4, depth = p[3] >> 1 & 7;
    if (p[0] != 0xff || (p[1] & 0xfe) != 0xf8 || p[2] >> 4 == 0 || (p[2] & 15) == 15 || (p[3] & 1) != 0)
        return false;
    bool is_pair = channels >= 8 && channels <= 10; // one of them, and what the other differs by
    return (depth == 0 || bits[depth] == info->bits) && info->channels == (is_pair ? 2 : channels + 1);
}

// 1; 0: more must come; -1: no frame of this stream begins here.
static int head_read(struct str waiting, const struct flac_info *info, struct flac_head *out) {
    const uint8_t *p = (const uint8_t *)waiting.p;
    if (waiting.n <= HEAD_LEAST)
        return 0;
    if (!may_be_head(p, info))
        return -1;
    unsigned block = p[2] >> 4, rate = p[2] & 15;
    size_t number = number_bytes(p[HEAD_LEAST]), of_block = block == 6 ? 1 : block == 7 ? 2 : 0;
    size_t of_rate = rate == 12 ? 1 : rate > 12 ? 2 : 0, n = HEAD_LEAST + number + of_block + of_rate;
    if (number == 0)
        return -1;
    if (waiting.n <= n)
        return 0;
    const uint8_t *extra = p + HEAD_LEAST + number;
    if (head_checksum(p, n) != p[n] || rate_of(rate, extra + of_block, info) != info->rate)
        return -1;
    out->bytes = n + 1;
    out->samples = samples_of(block, extra);
    size_t of_channel = SUBFRAME_HEAD + ((size_t)out->samples * (info->bits + 1u) + 7) / 8;
    out->frame_most = out->bytes + info->channels * of_channel + FOOT_BYTES;
    return 1;
}

// A frame that agrees with this one, or another stream.
static bool is_boundary(const uint8_t *frame, const uint8_t *p) {
    bool is_frame = p[0] == 0xff && p[1] == frame[1] && ((p[2] ^ frame[2]) & 15) == 0 && ((p[3] ^ frame[3]) & 15) == 0;
    return is_frame || memcmp(p, MARK.p, MARK_BYTES) == 0;
}

// How long the frame in front is; 0: not more than `most` bytes, as far as they have come.
static size_t frame_bytes(struct str waiting, size_t head_bytes, size_t most) {
    const uint8_t *p = (const uint8_t *)waiting.p;
    uint16_t crc = 0;
    for (size_t at = 0; at <= most && at + MARK_BYTES <= waiting.n; at++) {
        if (crc == 0 && at > head_bytes && is_boundary(p, p + at))
            return at;
        crc = frame_checksum(crc, p[at]);
    }
    return 0;
}

size_t flac_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    struct flac_head head;
    if (s->flac.in_headers)
        return block_take(s, waiting, out);
    if (waiting.n < MARK_BYTES)
        return 0;
    if (str_starts(waiting, MARK))
        return mark_take(s, waiting, out);
    if (!s->flac.has_begun)
        return step_over(s, waiting);
    int got = head_read(waiting, &s->flac.info, &head);
    if (got <= 0)
        return got == 0 ? 0 : step_over(s, waiting);
    size_t most = head.frame_most < FRAME_MAX ? head.frame_most : FRAME_MAX;
    size_t n = frame_bytes(waiting, head.bytes, most);
    if (n == 0)
        return waiting.n < most + MARK_BYTES ? 0 : step_over(s, waiting);
    s->in_step = true;
    *out = (struct audio_piece){.bytes = str_slice(waiting, 0, n),
                                .may_begin = true,
                                .samples = head.samples,
                                .rate = s->flac.info.rate,
                                .channels = s->flac.info.channels,
                                .level = AUDIO_LEVEL_UNKNOWN};
    return n;
}

// ---- as another number -------------------------------------------------------------------------------------------------

uint32_t flac_frame_samples(struct str frame, const struct flac_info *info) {
    struct flac_head head;
    return head_read(frame, info, &head) == 1 ? head.samples : 0;
}

// As UTF-8 writes numbers, up to 36 bits.
static void number_add(struct buf *out, uint64_t number) {
    enum { ALONE = 0x80, MORE = 6 };
    size_t more = 0;
    if (number < ALONE) {
        buf_char(out, (char)(uint8_t)number);
        return;
    }
    while (more < MORE && number >> (5 * more + 6) != 0)
        more++;
    buf_char(out, (char)(uint8_t)(UINT64_C(0xff) << (7 - more) | number >> (6 * more)));
    while (more-- > 0)
        buf_char(out, (char)(uint8_t)(0x80 | (number >> (6 * more) & 0x3f)));
}

bool flac_frame_number(struct str frame, const struct flac_info *info, uint64_t frames, uint64_t samples,
                       struct buf *out) {
    enum { COUNTS_SAMPLES = 1, NUMBER_MAX_BITS = 36 };
    struct flac_head head;
    if (frame.n < FOOT_BYTES || head_read(frame, info, &head) != 1 || head.bytes + FOOT_BYTES > frame.n)
        return false;
    const uint8_t *p = (const uint8_t *)frame.p;
    size_t begin = out->n, number = number_bytes(p[HEAD_LEAST]);
    uint64_t mask = (UINT64_C(1) << NUMBER_MAX_BITS) - 1;
    uint16_t crc = 0;
    buf_str(out, str_slice(frame, 0, HEAD_LEAST));
    number_add(out, ((p[1] & COUNTS_SAMPLES) != 0 ? samples : frames) & mask);
    buf_str(out, str_slice(frame, HEAD_LEAST + number, head.bytes - 1));
    buf_char(out, (char)head_checksum((const uint8_t *)out->p + begin, out->n - begin));
    buf_str(out, str_slice(frame, head.bytes, frame.n - FOOT_BYTES));
    for (size_t i = begin; i < out->n; i++)
        crc = frame_checksum(crc, (uint8_t)out->p[i]);
    buf_char(out, (char)(uint8_t)(crc >> 8));
    buf_char(out, (char)(uint8_t)crc);
    return true;
}
