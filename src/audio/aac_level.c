// SPDX-License-Identifier: AGPL-3.0-or-later
// How loud a frame of AAC is, without decoding it (ISO 13818-7, 6.2 and 6.3): the gain that its first channel's sound is
// scaled by, which stands before everything that is coded by Huffman's tables. A channel in which no band is coded is silent
// whatever its gain; then the second one's gain can be reached too. What cannot be stepped through is not known.
#include "audio/inside.h"

enum { SINGLE = 0, PAIR = 1, DATA = 4, PROGRAM = 5, FILL = 6 }; // elements
enum { SHORT_WINDOWS = 2, ELEMENTS_MAX = 8, NO_BANDS = 0 };

struct reader {
    const uint8_t *p;
    size_t n, at; // bits
    bool is_over;
};

static unsigned bits(struct reader *r, unsigned n) {
    unsigned out = 0;
    if (r->is_over || n > r->n - r->at) {
        r->is_over = true;
        return 0;
    }
    for (; n > 0; n--, r->at++)
        out = out << 1 | ((unsigned)r->p[r->at >> 3] >> (7 - (r->at & 7)) & 1);
    return out;
}

static void bits_skip(struct reader *r, size_t n) {
    r->is_over = r->is_over || n > r->n - r->at;
    r->at += r->is_over ? 0 : n;
}

struct windows {
    bool is_short;
    unsigned bands, groups;
};

// False: something is predicted, which takes other profiles.
static bool windows_read(struct reader *r, struct windows *out) {
    (void)bits(r, 1);
    out->is_short = bits(r, 2) == SHORT_WINDOWS;
    (void)bits(r, 1);
    out->bands = bits(r, out->is_short ? 4 : 6);
    out->groups = 1;
    for (unsigned i = 0; out->is_short && i < 7; i++)
        out->groups += bits(r, 1) == 0 ? 1 : 0;
    return out->is_short || bits(r, 1) == 0;
}

// What the values may be at most, by the tables of the bands that are coded, as in mpeg.c; -1: none is.
static int sections_read(struct reader *r, const struct windows *w) {
    static const uint8_t steps[16] = {0, 0, 0, 5, 5, 11, 11, 15, 15, 19, 19, 27};
    unsigned width = w->is_short ? 3 : 5, most = (1u << width) - 1;
    int out = -1;
    for (unsigned group = 0; group < w->groups; group++)
        for (unsigned band = 0; band < w->bands && !r->is_over;) {
            unsigned more, table = bits(r, 4);
            do
                band += more = bits(r, width);
            while (more == most && !r->is_over);
            if (table != NO_BANDS && steps[table] > out)
                out = steps[table];
        }
    return out;
}

// One channel's stream; *silent_out: nothing is coded in it, and r stands behind it.
static int channel_read(struct reader *r, const struct windows *common, bool *silent_out) {
    struct windows own = {0};
    int gain = (int)bits(r, 8);
    if (common == NULL && !windows_read(r, &own))
        return AUDIO_LEVEL_UNKNOWN;
    int more = sections_read(r, common != NULL ? common : &own);
    *silent_out = more < 0;
    if (r->is_over)
        return AUDIO_LEVEL_UNKNOWN;
    if (!*silent_out)
        return gain + more < AUDIO_LEVEL_MAX ? gain + more : AUDIO_LEVEL_MAX;
    return bits(r, 3) == 0 && !r->is_over ? 0 : AUDIO_LEVEL_UNKNOWN; // pulses, noise shaping, gain control: none
}

static int pair_read(struct reader *r) {
    struct windows w = {0};
    bool is_common = bits(r, 1) == 1, is_silent = false;
    if (is_common && !windows_read(r, &w))
        return AUDIO_LEVEL_UNKNOWN;
    if (is_common && bits(r, 2) == 1)
        bits_skip(r, (size_t)w.groups * w.bands);
    int level = channel_read(r, is_common ? &w : NULL, &is_silent);
    return level == 0 && is_silent ? channel_read(r, is_common ? &w : NULL, &is_silent) : level;
}

static void data_skip(struct reader *r) {
    bool is_aligned = bits(r, 1) == 1;
    unsigned n = bits(r, 8);
    n += n == 255 ? bits(r, 8) : 0;
    if (is_aligned)
        bits_skip(r, (8 - (r->at & 7)) & 7);
    bits_skip(r, (size_t)n * 8);
}

static void fill_skip(struct reader *r) {
    unsigned n = bits(r, 4);
    n += n == 15 ? bits(r, 8) - 1 : 0;
    bits_skip(r, (size_t)n * 8);
}

int aac_level(struct str block) {
    struct reader r = {.p = (const uint8_t *)block.p, .n = block.n * 8};
    bool is_silent = false;
    for (int i = 0; i < ELEMENTS_MAX && !r.is_over; i++)
        switch (bits(&r, 3)) {
        case SINGLE:
            (void)bits(&r, 4);
            return channel_read(&r, NULL, &is_silent);
        case PAIR:
            (void)bits(&r, 4);
            return pair_read(&r);
        case DATA:
            (void)bits(&r, 4);
            data_skip(&r);
            break;
        case FILL:
            fill_skip(&r);
            break;
        case PROGRAM:
        default:
            return AUDIO_LEVEL_UNKNOWN;
        }
    return AUDIO_LEVEL_UNKNOWN;
}
