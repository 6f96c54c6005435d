// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to src/audio: what the scanners of the formats share.
#ifndef AUDIO_INSIDE_H
#define AUDIO_INSIDE_H

#include "audio/audio.h"

enum ogg_codec { OGG_UNKNOWN, OGG_VORBIS, OGG_OPUS, OGG_FLAC };
enum { COMMENT_MAX = 1 << 16 }; // of a comment header what may hold a title; pictures come behind it

struct ogg_state {
    bool has_chain, just_begun;
    enum ogg_codec codec;
    uint32_t serial, rate, bits; // bits a second, as its encoder means them; 0: not said
    uint8_t channels;
    uint32_t headers_left; // packets of the chain's headers that did not end yet
    uint32_t packet;       // of the chain, from 0
    int64_t granule;       // of the last page that had one; -1: none
    struct buf comment;    // the second packet, as much as is kept
    struct buf title;
    size_t artist_bytes; // of it
    struct buf mended;   // a page of which something was left out
};

struct webm_state {
    bool has_header, has_cluster; // has begun; sound has come
    uint64_t part_left;           // of an element that is passed on in parts
    uint64_t scale_ns;            // of one tick
    int64_t cluster, last;        // ticks; -1: none
};

struct flac_info {
    uint32_t rate;
    uint8_t channels, bits; // of a sample
};

struct flac_state {
    bool has_begun, in_headers;
    struct flac_info info;
    size_t header_bytes; // that were passed on
    struct buf title;
};

struct audio_scanner {
    enum audio_format format;
    bool in_step;
    uint64_t skipped, announced; // of these, bytes of what said how long it is
    uint64_t to_skip;            // bytes of a tag or an element that is stepped over, still to come
    uint32_t agreement;          // MPEG, AAC: what the frame before said
    struct ogg_state ogg;
    struct webm_state webm;
    struct flac_state flac;
};

// Each looks at the bytes that wait as audio_scan does.
size_t mpeg_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out);
size_t aac_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out);
size_t ogg_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out);
size_t webm_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out);
size_t flac_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out);
// The page in front: its length, 0 when more must come, -1 when there is none; its checksum is not looked at. And that.
ptrdiff_t ogg_page_bytes(struct str waiting);
// Where a page says what (RFC 3533, 6); numbers have the least byte first.
enum {
    OGG_FLAGS_AT = 5,
    OGG_GRANULE_AT = 6,
    OGG_SERIAL_AT = 14,
    OGG_SEQUENCE_AT = 18,
    OGG_CHECKSUM_AT = 22,
    OGG_HEAD = 27
};
enum { OGG_CONTINUED = 1, OGG_BEGINS = 2, OGG_ENDS = 4 }; // flags
enum { OGG_LACE = 255 };                                  // a packet goes on in what follows
int64_t ogg_granule(const uint8_t *page);                 // -1: no packet ends on it
uint32_t ogg_checksum(const uint8_t *page, size_t n);
void ogg_checksum_put(uint8_t *page, size_t n); // the one that it needs
// The level of a raw_data_block of AAC-LC.
int aac_level(struct str block);
// FLAC's first block, the STREAMINFO (RFC 9639, 8.2): where in it what stands.
enum {
    FLAC_BLOCK_SIZES = 0,  // least and most samples of a frame, two bytes each
    FLAC_FRAME_SIZES = 4,  // least and most bytes of one, three bytes each
    FLAC_RATE = 10,        // 20 bits, three of channels, five of a sample's bits; then ...
    FLAC_TOTAL = 13,       // ... samples in all: four bits of this byte, and four bytes
    FLAC_TOTAL_BITS = 0xf, // of that byte
    FLAC_INFO_BYTES = 34,
    FLAC_BLOCK_HEAD = 4,   // before each block: its kind, and three bytes of how long it is
    FLAC_INFO_AT = 8,      // of a stream without a container: behind its mark and that head
    OGG_FLAC_INFO_AT = 17, // of the first packet of one in Ogg (mapping 1.0)
    FLAC_CODING_BYTES = 8
};
enum flac_block { FLAC_STREAMINFO, FLAC_PADDING, FLAC_SEEKTABLE = 3, FLAC_COMMENT = 4, FLAC_FORBIDDEN = 127 };
// Of a STREAMINFO, up to the byte at FLAC_TOTAL.
void flac_info_read(const uint8_t *info, struct flac_info *out);
// What of it sound depends on: the sizes of blocks, rate, channels and bits. The rest is of the whole that its encoder sent.
void flac_coding(const uint8_t *info, uint8_t out[FLAC_CODING_BYTES]);
// An OpusHead (RFC 7845, 5.1), up to OPUS_GAIN at least: where in it what stands.
enum { OPUS_CHANNELS = 9, OPUS_SKIP = 10, OPUS_GAIN = 16, OPUS_HEAD_BYTES = 19 };
// Adds what of it sound depends on: what is skipped at its beginning and the rate of its original matter to nobody who goes on.
void opus_coding_add(struct str head, struct buf *out);
// Samples of the frame that begins there; 0: none of that stream does.
uint32_t flac_frame_samples(struct str frame, const struct flac_info *info);
// Adds the whole frame as the one of that number: of frames before it, or of samples, as it counts. False: it is none.
bool flac_frame_number(struct str frame, const struct flac_info *info, uint64_t frames, uint64_t samples,
                       struct buf *out);
// "Artist - Title", or what of it the comments have; says how many bytes of that are the artist. Whoever else was at them is
// cut to lines.
size_t comments_title(struct str comments, struct buf *title_out);
static inline uint32_t le32(const uint8_t *p) {
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
static inline void le32_put(uint8_t *p, uint32_t value) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}
// Up to the next place where `mark` may begin.
size_t scan_to(struct audio_scanner *s, struct str waiting, struct str mark);
// Up to the next byte that may begin a frame, all of whose first bits are ones, or what begins with `other`.
size_t scan_to_sync(struct audio_scanner *s, struct str waiting, char other);

// n bytes that are nobody's.
size_t scan_skip(struct audio_scanner *s, size_t n);

// What steps from frame to frame needs of a header: the frame's length, and what its neighbours say too.
struct frame_head {
    uint32_t bytes, agreement;
};
enum { FRAME_HEAD_MAX = 7 };
// `p` holds FRAME_HEAD_MAX bytes; false: no header begins there.
typedef bool frame_head_read(const uint8_t *p, struct frame_head *out);
// The next frame at the front (*frame_out holds its bytes), or what is stepped over, or 0. Out of step a header counts only
// when the one behind its frame agrees: sound may look like one.
size_t scan_frame(struct audio_scanner *s, struct str waiting, frame_head_read *read, struct str *frame_out);

#endif
