// SPDX-License-Identifier: AGPL-3.0-or-later
// Pages of Ogg (RFC 3533, 6). A chain begins with a page that says so and with the packets its codec needs first: Vorbis
// three (Vorbis I, 4.2.1), Opus two (RFC 7845, 3), FLAC as many as its mapping says. These are what a late listener gets
// in front of the page where it begins. One logical stream at a time: pages of another that is laid in between are passed
// on and tell nothing.
#include "audio/inside.h"

enum { OPUS_RATE = 48000 };
// Of FLAC: how many headers there are is not said, for instance by libFLAC, which butt uses.
#define TO_THE_LAST_BLOCK UINT32_MAX

int64_t ogg_granule(const uint8_t *p) {
    return (int64_t)((uint64_t)le32(p + OGG_GRANULE_AT + 4) << 32 | le32(p + OGG_GRANULE_AT));
}

// The polynomial 0x04c11db7 without reflection, over the page with a checksum of zero.
uint32_t ogg_checksum(const uint8_t *p, size_t n) {
    static _Thread_local uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t r = i << 24;
            for (int bit = 0; bit < 8; bit++)
                r = r << 1 ^ ((r & 0x80000000u) != 0 ? 0x04c11db7u : 0);
            table[i] = r;
        }
    uint32_t crc = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = i >= OGG_CHECKSUM_AT && i < OGG_CHECKSUM_AT + 4 ? 0 : p[i];
        crc = crc << 8 ^ table[(crc >> 24 ^ byte) & 255];
    }
    return crc;
}

void ogg_checksum_put(uint8_t *page, size_t n) {
    le32_put(page + OGG_CHECKSUM_AT, ogg_checksum(page, n));
}

ptrdiff_t ogg_page_bytes(struct str waiting) {
    const uint8_t *p = (const uint8_t *)waiting.p;
    if (waiting.n < OGG_HEAD)
        return 0;
    if (memcmp(p, "OggS", 4) != 0 || p[4] != 0)
        return -1;
    size_t segments = p[26], n = OGG_HEAD + segments;
    if (waiting.n < n)
        return 0;
    for (size_t i = 0; i < segments; i++)
        n += p[OGG_HEAD + i];
    return waiting.n < n ? 0 : (ptrdiff_t)n;
}

// ---- chains ------------------------------------------------------------------------------------------------------------

static void chain_begin(struct ogg_state *o, const uint8_t *page, struct str packet) {
    const uint8_t *p = (const uint8_t *)packet.p;
    o->codec = OGG_UNKNOWN;
    o->serial = le32(page + OGG_SERIAL_AT);
    o->headers_left = 1;
    o->packet = o->rate = o->bits = o->channels = 0;
    o->granule = -1;
    buf_clear(&o->comment);
    if (packet.n >= 16 && memcmp(p, "\x01vorbis", 7) == 0) {
        o->codec = OGG_VORBIS;
        o->headers_left = 3;
        o->channels = p[11];
        o->rate = le32(p + 12);
        int32_t nominal = packet.n >= 24 ? (int32_t)le32(p + 20) : 0; // 0 or less: none
        o->bits = nominal > 0 ? (uint32_t)nominal : 0;
    } else if (packet.n > OPUS_CHANNELS && memcmp(p, "OpusHead", 8) == 0) {
        o->codec = OGG_OPUS;
        o->headers_left = 2;
        o->channels = p[OPUS_CHANNELS];
        o->rate = OPUS_RATE;
    } else if (packet.n > OGG_FLAC_INFO_AT + FLAC_TOTAL && memcmp(p,
                                                                  "\x7f"
                                                                  "FLAC",
                                                                  5) == 0) {
        o->codec = OGG_FLAC;
        uint32_t more = (uint32_t)(p[7] << 8 | p[8]);
        o->headers_left = more > 0 ? 1 + more : TO_THE_LAST_BLOCK;
        struct flac_info info;
        flac_info_read(p + OGG_FLAC_INFO_AT, &info);
        o->rate = info.rate;
        o->channels = info.channels;
    }
}

// ---- what it says ------------------------------------------------------------------------------------------------------

// What stands before the comments: each codec has its own mark.
static struct str comments_in(const struct ogg_state *o) {
    struct str all = buf_view(&o->comment);
    size_t front = o->codec == OGG_VORBIS ? 7 : o->codec == OGG_OPUS ? 8 : 4;
    bool sound = o->codec == OGG_VORBIS ? str_starts(all, STR("\x03vorbis"))
                 : o->codec == OGG_OPUS ? str_starts(all, STR("OpusTags"))
                                        : all.n > 0 && (all.p[0] & 0x7f) == FLAC_COMMENT;
    return sound ? str_slice(all, front, all.n) : STR_NONE;
}

// Where a block of FLAC begins, one bit says whether it is the last; in the first packet the mapping stands before it.
static bool is_last_block(const struct ogg_state *o, const uint8_t *packet, size_t n) {
    enum { LAST = 0x80 };
    size_t at = o->packet == 0 ? OGG_FLAC_INFO_AT - FLAC_BLOCK_HEAD : 0;
    return at < n && (packet[at] & LAST) != 0;
}

// The page's packets, counted; of the second, the comments, what is kept.
static void packets_count(struct ogg_state *o, struct str page, bool *has_title_out) {
    const uint8_t *p = (const uint8_t *)page.p;
    size_t at = OGG_HEAD + (size_t)p[26];
    bool begins = (p[OGG_FLAGS_AT] & OGG_CONTINUED) == 0;
    for (size_t i = 0; i < p[26] && o->headers_left > 0; i++) {
        size_t lace = p[OGG_HEAD + i], room = COMMENT_MAX - o->comment.n;
        if (begins && o->headers_left == TO_THE_LAST_BLOCK && is_last_block(o, p + at, lace))
            o->headers_left = 1;
        begins = lace < OGG_LACE;
        if (o->packet == 1 && o->codec != OGG_UNKNOWN)
            buf_add(&o->comment, p + at, lace < room ? lace : room);
        at += lace;
        if (lace == OGG_LACE)
            continue;
        if (o->packet == 1 && o->codec != OGG_UNKNOWN) {
            o->artist_bytes = comments_title(comments_in(o), &o->title);
            *has_title_out = true;
        }
        o->packet++;
        o->headers_left -= o->headers_left == TO_THE_LAST_BLOCK ? 0 : 1;
    }
}

static void sound_take(struct ogg_state *o, const uint8_t *p, struct audio_piece *out) {
    int64_t granule = ogg_granule(p);
    out->may_begin = (p[OGG_FLAGS_AT] & OGG_CONTINUED) == 0;
    out->rate = o->rate;
    out->channels = o->channels;
    if (granule < 0) // no packet ends on this page
        return;
    if (o->granule >= 0 && granule > o->granule && granule - o->granule < UINT32_MAX)
        out->samples = (uint32_t)(granule - o->granule);
    o->granule = granule;
}

// Opus has no packet without a byte (RFC 6716, 3.1). Liquidsoap ends each chain with one, at which ffmpeg, GStreamer and
// Chromium end altogether: it is left out of its page.
static bool is_empty_packet(const uint8_t *p, size_t i) {
    bool goes_on = i > 0 ? p[OGG_HEAD + i - 1] == OGG_LACE : (p[OGG_FLAGS_AT] & OGG_CONTINUED) != 0;
    return p[OGG_HEAD + i] == 0 && !goes_on;
}

static struct str empty_packets_leave_out(struct ogg_state *o, struct str page) {
    const uint8_t *p = (const uint8_t *)page.p;
    size_t segments = p[26], kept = 0;
    for (size_t i = 0; i < segments; i++)
        kept += is_empty_packet(p, i) ? 0 : 1;
    if (o->codec != OGG_OPUS || kept == segments)
        return page;
    buf_clear(&o->mended);
    buf_add(&o->mended, p, OGG_HEAD);
    for (size_t i = 0; i < segments; i++)
        if (!is_empty_packet(p, i))
            buf_char(&o->mended, (char)p[OGG_HEAD + i]);
    buf_str(&o->mended, str_slice(page, OGG_HEAD + segments, page.n));
    must(!o->mended.failed);
    uint8_t *out = (uint8_t *)o->mended.p;
    out[OGG_HEAD - 1] = (uint8_t)kept;
    ogg_checksum_put(out, o->mended.n);
    return buf_view(&o->mended);
}

// A page that begins right behind one that does is laid in between: it belongs to the same chain.
static void header_take(struct ogg_state *o, struct str page, struct audio_piece *out) {
    const uint8_t *p = (const uint8_t *)page.p;
    bool begins = (p[OGG_FLAGS_AT] & OGG_BEGINS) != 0;
    out->kind = AUDIO_HEADER;
    out->is_first = begins && !o->just_begun;
    if (out->is_first)
        chain_begin(o, p, str_slice(page, OGG_HEAD + (size_t)p[26], page.n));
    o->just_begun = begins;
    if (le32(p + OGG_SERIAL_AT) == o->serial)
        packets_count(o, page, &out->has_title);
    out->title = buf_view(&o->title);
}

size_t ogg_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    struct ogg_state *o = &s->ogg;
    const uint8_t *p = (const uint8_t *)waiting.p;
    ptrdiff_t n = ogg_page_bytes(waiting);
    if (n < 0 || (n > 0 && ogg_checksum(p, (size_t)n) != le32(p + OGG_CHECKSUM_AT)))
        return scan_to(s, waiting, STR("OggS"));
    if (n == 0)
        return 0;
    if ((p[OGG_FLAGS_AT] & OGG_BEGINS) == 0 && !o->has_chain) // the middle of one whose headers nobody has
        return scan_skip(s, (size_t)n);
    s->in_step = o->has_chain = true;
    out->bytes = str_slice(waiting, 0, (size_t)n);
    bool ours = le32(p + OGG_SERIAL_AT) == o->serial;
    if ((p[OGG_FLAGS_AT] & OGG_BEGINS) != 0 || (ours ? o->headers_left > 0 : ogg_granule(p) == 0))
        header_take(o, out->bytes, out);
    else if (ours) {
        sound_take(o, p, out);
        out->bytes = empty_packets_leave_out(o, out->bytes);
    }
    return (size_t)n;
}

void audio_chain_of(const struct audio_scanner *s, struct audio_chain *out) {
    static const char *const names[] = {
        [OGG_UNKNOWN] = NULL, [OGG_VORBIS] = "Vorbis", [OGG_OPUS] = "Opus", [OGG_FLAC] = "FLAC"};
    const struct ogg_state *o = &s->ogg;
    *out = (struct audio_chain){.codec = names[o->codec],
                                .rate = o->rate,
                                .bits = o->bits,
                                .channels = o->channels,
                                .title = buf_view(&o->title),
                                .artist_bytes = o->artist_bytes};
}
