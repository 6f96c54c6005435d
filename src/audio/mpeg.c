// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames of MPEG audio (ISO 11172-3, 2.4.1 and 2.4.2; 13818-3; "2.5" as Fraunhofer extended it). A frame's first eleven
// bits are ones, which its sound may hold too: out of step, a header counts only when the next one agrees with it.
#include "audio/inside.h"

enum { MONO = 3 };

bool audio_mpeg_read(const uint8_t *p, struct audio_mpeg *out) {
    static const uint16_t kbps[2][3][15] = {{{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
                                             {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
                                             {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}},
                                            {{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
                                             {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
                                             {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}}};
    static const uint32_t rates[3] = {44100, 48000, 32000};
    unsigned version = p[1] >> 3 & 3, layer = 4 - (p[1] >> 1 & 3), kind = p[2] >> 4, rate = p[2] >> 2 & 3;
    bool padded = (p[2] & 2) != 0;
    if (p[0] != 0xff || (p[1] & 0xe0) != 0xe0 || version == 1 || layer == 4 || kind == 0 || kind == 15 || rate == 3)
        return false;
    *out = (struct audio_mpeg){.is_lsf = version != 3,
                               .layer = (uint8_t)layer,
                               .kbps = kbps[version != 3][layer - 1][kind],
                               .rate = rates[rate] >> (version == 3   ? 0
                                                       : version == 2 ? 1
                                                                      : 2),
                               .channels = p[3] >> 6 == MONO ? 1 : 2};
    out->samples = layer == 1 ? 384 : layer == 3 && out->is_lsf ? 576 : 1152;
    if (layer == 1)
        out->bytes = (12 * out->kbps * 1000 / out->rate + padded) * 4;
    else
        out->bytes = out->samples / 8 * out->kbps * 1000 / out->rate + padded;
    return true;
}

// Version, layer and rate stay the same from frame to frame.
static bool head_read(const uint8_t *p, struct frame_head *out) {
    struct audio_mpeg f;
    if (!audio_mpeg_read(p, &f))
        return false;
    *out = (struct frame_head){f.bytes, (uint32_t)(p[1] & 0xfe) << 8 | (p[2] & 0x0cu)};
    return true;
}

// Bytes between the header and the first granule's sound; layer III.
static uint32_t side_bytes(const struct audio_mpeg *f) {
    return f->is_lsf ? (f->channels == 1 ? 9 : 17) : (f->channels == 1 ? 17 : 32);
}

// The first frame that encoders of files write: it says how long a file is that there is none of, and sounds of nothing.
static bool is_index(const uint8_t *p, const struct audio_mpeg *f) {
    uint32_t at = AUDIO_MPEG_HEAD + side_bytes(f);
    return f->layer == 3 &&
           ((f->bytes >= at + 4 && (memcmp(p + at, "Xing", 4) == 0 || memcmp(p + at, "Info", 4) == 0)) ||
            (f->bytes >= 40 && memcmp(p + 36, "VBRI", 4) == 0));
}

static unsigned bits(const uint8_t *p, size_t at, unsigned n) {
    unsigned out = 0;
    for (size_t i = at; i < at + n; i++)
        out = out << 1 | (p[i >> 3] >> (7 - (i & 7)) & 1);
    return out;
}

// The largest value that the tables of a granule's sound can say (11172-3, annex B, table 3-B.7), in steps of its gain: of
// a quarter of a power of two each, for values are raised to 4/3 before they are scaled.
static unsigned tables_steps(const uint8_t *p, size_t at, const struct audio_mpeg *f) {
    static const uint8_t steps[32] = {0,  0,  5,  5,  0,  8,  8,  12, 12, 12, 15, 15, 15, 21, 0,  21,
                                      21, 22, 24, 26, 34, 43, 53, 69, 26, 29, 34, 38, 43, 48, 59, 69};
    size_t windows_at = at + 29 + (f->is_lsf ? 9 : 4);
    bool is_switched = bits(p, windows_at, 1) == 1;
    unsigned out = 0;
    for (unsigned i = 0; i < (is_switched ? 2 : 3) && bits(p, at + 12, 9) > 0; i++) {
        unsigned n = steps[bits(p, windows_at + 1 + (is_switched ? 3 : 0) + (size_t)i * 5, 5)];
        out = n > out ? n : out;
    }
    return out;
}

// Each granule of each channel says how many bits its sound takes (part2_3_length), how it is scaled (global_gain), and by
// its tables how large its values are. One without bits is silent, whatever its gain.
static int level_of(const uint8_t *p, const struct audio_mpeg *f) {
    bool guarded = (p[1] & 1) == 0; // by a checksum of two bytes
    size_t at = 8 * (size_t)(AUDIO_MPEG_HEAD + (guarded ? 2 : 0));
    if (f->layer != 3 || f->bytes < AUDIO_MPEG_HEAD + 2 + side_bytes(f))
        return AUDIO_LEVEL_UNKNOWN;
    unsigned granules = f->is_lsf ? 1 : 2, each = f->is_lsf ? 63 : 59, level = 0;
    at += f->is_lsf ? (f->channels == 1 ? 9 : 10) : (f->channels == 1 ? 18 : 20);
    for (unsigned i = 0; i < granules * f->channels; i++, at += each) {
        unsigned gain = bits(p, at, 12) > 0 ? bits(p, at + 21, 8) + tables_steps(p, at, f) : 0;
        level = gain > level ? gain : level;
    }
    return level < AUDIO_LEVEL_MAX ? (int)level : AUDIO_LEVEL_MAX;
}

size_t mpeg_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    struct str frame = STR_NONE;
    struct audio_mpeg f;
    size_t n = scan_frame(s, waiting, head_read, &frame);
    const uint8_t *p = (const uint8_t *)frame.p;
    if (frame.n == 0 || !audio_mpeg_read(p, &f))
        return n;
    if (is_index(p, &f))
        return scan_skip(s, n);
    *out = (struct audio_piece){.bytes = frame,
                                .may_begin = true,
                                .samples = f.samples,
                                .rate = f.rate,
                                .channels = f.channels,
                                .level = level_of(p, &f)};
    return n;
}
