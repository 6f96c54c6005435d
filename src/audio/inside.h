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
// Of the four bytes of a STREAMINFO that hold it.
void flac_info_read(const uint8_t *p, struct flac_info *out);
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
