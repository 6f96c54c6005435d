// SPDX-License-Identifier: AGPL-3.0-or-later
// A page says where in time its last packet ends, and nothing of where its first one begins: that follows from how long
// its packets are. Opus and FLAC say it in each packet, Vorbis by a mode, which the last of its headers describes.
#include "audio/cut.h"

enum { IDENTIFICATION_BYTES = 30 };

void ogg_lengths_begin(struct ogg_lengths *l, enum ogg_codec codec) {
    *l = (struct ogg_lengths){.codec = codec};
}

// ---- Vorbis (Vorbis I, 4.2.2, 4.2.4) -----------------------------------------------------------------------------------

// Bits are packed from the least of each byte on.
static unsigned bits(const uint8_t *p, size_t at, unsigned n) {
    unsigned out = 0;
    for (unsigned i = 0; i < n; i++)
        out |= (unsigned)(p[(at + i) / 8] >> ((at + i) % 8) & 1) << i;
    return out;
}

// The modes are the last there is, but what stands before them can only be stepped over by reading all of it. So they are
// found from the end: a bit that frames them, and before it modes of 41 bits of which 32 are zeros, as many as the six
// bits before the first one say. Those may also look like a mode: the farthest that fits counts.
static void modes_read(struct ogg_lengths *l, struct str packet) {
    enum {
        MODE_BITS = 41,
        COUNT_BITS = 6,
        MODES_MAX = 64,
        WINDOW_AT = 1,
        TYPE_AT = 17,
        MAPPING_AT = 33,
        FRONT = 7 * 8
    };
    const uint8_t *p = (const uint8_t *)packet.p;
    size_t end = packet.n * 8, modes = 0;
    while (end > FRONT && bits(p, end - 1, 1) == 0)
        end--;
    end -= end > FRONT ? 1 : 0;
    for (size_t n = 1; n <= MODES_MAX && n * MODE_BITS + COUNT_BITS + FRONT <= end; n++) {
        size_t at = end - n * MODE_BITS;
        if (bits(p, at + WINDOW_AT, 16) != 0 || bits(p, at + TYPE_AT, 16) != 0 ||
            bits(p, at + MAPPING_AT, 8) >= MODES_MAX)
            break;
        if (bits(p, at - COUNT_BITS, COUNT_BITS) + 1 == n)
            modes = n;
    }
    l->long_modes = 0;
    for (size_t i = 0; i < modes; i++)
        l->long_modes |= (uint64_t)bits(p, end - (modes - i) * MODE_BITS, 1) << i;
    for (l->mode_bits = 0; modes > (size_t)1 << l->mode_bits;)
        l->mode_bits++;
    l->is_known = modes > 0 && l->blocks[0] > 0;
}

static void vorbis_header(struct ogg_lengths *l, struct str packet) {
    if (str_starts(packet, STR("\x01vorbis")) && packet.n >= IDENTIFICATION_BYTES) {
        uint8_t sizes = (uint8_t)packet.p[28];
        l->blocks[0] = 1u << (sizes & 15);
        l->blocks[1] = 1u << (sizes >> 4);
    } else if (str_starts(packet, STR("\x05vorbis")))
        modes_read(l, packet);
}

// Half of two windows that overlap.
static uint32_t vorbis_lasts(struct ogg_lengths *l, struct str front) {
    uint8_t first = front.n > 0 ? (uint8_t)front.p[0] : 1;
    if ((first & 1) != 0) // no sound
        return 0;
    unsigned mode = first >> 1 & ((1u << l->mode_bits) - 1);
    uint32_t block = l->blocks[l->long_modes >> mode & 1], before = l->before;
    l->before = block;
    return before > 0 ? before / 4 + block / 4 : 0;
}

// ---- Opus (RFC 6716, 3.1) ----------------------------------------------------------------------------------------------

void opus_coding_add(struct str head, struct buf *out) {
    buf_str(out, str_slice(head, 0, OPUS_SKIP));
    buf_str(out, str_slice(head, OPUS_GAIN, head.n));
}

static uint32_t opus_lasts(struct str front) {
    static const uint32_t silk[] = {480, 960, 1920, 2880}, celt[] = {120, 240, 480, 960};
    enum { HYBRID = 12, CELT = 16, FRAMES_MAX = 63 };
    uint8_t toc = front.n > 0 ? (uint8_t)front.p[0] : 0;
    unsigned config = toc >> 3, code = toc & 3;
    uint32_t frame = config >= CELT ? celt[config & 3] : silk[config & (config >= HYBRID ? 1 : 3)];
    uint32_t frames = code == 0 ? 1 : code < 3 ? 2 : front.n > 1 ? (uint8_t)front.p[1] & FRAMES_MAX : 0;
    return front.n > 0 ? frames * frame : 0;
}

// ---- all ---------------------------------------------------------------------------------------------------------------

void ogg_lengths_header(struct ogg_lengths *l, uint32_t number, struct str packet) {
    const uint8_t *p = (const uint8_t *)packet.p;
    if (l->codec == OGG_VORBIS)
        vorbis_header(l, packet);
    else if (l->codec == OGG_OPUS && number == 0 && packet.n >= OPUS_HEAD_BYTES) {
        l->skip = (uint32_t)p[OPUS_SKIP] | (uint32_t)p[OPUS_SKIP + 1] << 8;
        l->is_known = true;
    } else if (l->codec == OGG_FLAC && number == 0 && packet.n > OGG_FLAC_INFO_AT + FLAC_TOTAL) {
        flac_info_read(p + OGG_FLAC_INFO_AT, &l->info);
        l->is_known = true;
    }
}

// Left out are bit rates that Vorbis only hopes for.
void ogg_coding_add(enum ogg_codec codec, uint32_t number, struct str packet, struct buf *out) {
    enum { RATES_AT = 16, RATES_END = 28 };
    uint8_t flac[FLAC_CODING_BYTES];
    if (codec == OGG_VORBIS && number == 0) {
        buf_str(out, str_slice(packet, 0, RATES_AT));
        buf_str(out, str_slice(packet, RATES_END, packet.n));
    } else if (codec == OGG_VORBIS && number == 2)
        buf_str(out, packet);
    else if (codec == OGG_OPUS && number == 0)
        opus_coding_add(packet, out);
    else if (codec == OGG_FLAC && number == 0 && packet.n > OGG_FLAC_INFO_AT + FLAC_TOTAL) {
        flac_coding((const uint8_t *)packet.p + OGG_FLAC_INFO_AT, flac);
        buf_add(out, flac, sizeof flac);
    }
}

uint32_t ogg_packet_lasts(struct ogg_lengths *l, struct str front) {
    if (!l->is_known)
        return 0;
    return l->codec == OGG_VORBIS ? vorbis_lasts(l, front)
           : l->codec == OGG_OPUS ? opus_lasts(front)
                                  : flac_frame_samples(front, &l->info);
}
