// SPDX-License-Identifier: AGPL-3.0-or-later
// Coded sound as bytes, never decoded: where a stream may be begun and cut, how long each piece lasts, and what it says
// about itself. Nothing here knows of sockets or files; whoever has bytes gives them, and keeps them.
#ifndef AUDIO_AUDIO_H
#define AUDIO_AUDIO_H

#include "util/util.h"

// ---- formats -----------------------------------------------------------------------------------------------------------

enum audio_format {
    AUDIO_OTHER, // passed on as it comes: it begins and is cut anywhere
    AUDIO_MPEG,  // MPEG-1, -2 and -2.5 audio, layers I to III (ISO 11172-3, 13818-3)
    AUDIO_AAC,   // ADTS (ISO 13818-7, 6.2)
    AUDIO_OGG,   // Vorbis, Opus, FLAC and others in Ogg pages (RFC 3533)
    AUDIO_WEBM,  // EBML (RFC 8794): WebM and Matroska
    AUDIO_FORMATS
};
// Of a media type as encoders send it, with or without parameters ("audio/ogg; codecs=opus"); never fails.
enum audio_format audio_format_of(struct str media_type);

// ---- pieces ------------------------------------------------------------------------------------------------------------

enum audio_piece_kind {
    AUDIO_SOUND,  // a frame, a page or a cluster's block group
    AUDIO_HEADER, // what a listener who comes later needs first; the first of a chain takes the place of those before
};
enum { AUDIO_PIECE_MAX = 1 << 16 }; // bytes; what a whole piece may need to be seen
enum { AUDIO_LEVEL_UNKNOWN = -1 };

struct audio_piece {
    struct str bytes; // of what was given; empty: none yet
    enum audio_piece_kind kind;
    bool is_first;    // AUDIO_HEADER: of a new chain
    bool may_begin;   // AUDIO_SOUND: a listener may begin here
    uint32_t samples; // how long it lasts, at `rate` a second; 0: not known, or no time at all
    uint32_t rate;    // WebM: 1000, its blocks are timed in milliseconds
    uint8_t channels; // 0: not known
    bool has_title;   // AUDIO_HEADER: the stream says what it plays now
    struct str title; // "Artist - Title" or one of the two, UTF-8; of the scanner, until the next call; may be empty
    int level;        // MPEG layer III: the greatest gain of its granules, 0 (silent) to 255; else AUDIO_LEVEL_UNKNOWN
};

// Finds the pieces of one stream in what comes. What is no piece (tags in front, noise between frames, what a broken
// encoder sends) is stepped over and counted.
struct audio_scanner;
struct audio_scanner *audio_scanner_new(enum audio_format format);
void audio_scanner_free(struct audio_scanner **scanner);
// Looks at the bytes that wait, oldest first, and says how many of them are done with: *out holds the piece at their end,
// or none where they were stepped over. 0: more must come first. Given AUDIO_PIECE_MAX bytes or more it is never 0.
size_t audio_scan(struct audio_scanner *scanner, struct str waiting, struct audio_piece *out);
uint64_t audio_skipped(const struct audio_scanner *scanner); // bytes stepped over
// True while what comes is what the format promises; false before the first piece and after noise.
bool audio_is_in_step(const struct audio_scanner *scanner);

// What a header of ADTS says, for whoever steps through a file (ISO 13818-7, 6.2.1). `p` holds AUDIO_ADTS_HEAD bytes.
enum { AUDIO_ADTS_HEAD = 7 };
struct audio_adts {
    uint32_t bytes; // of the frame, its header too
    uint32_t rate, samples;
    uint8_t channels; // 0: said inside the frame
};
bool audio_adts_read(const uint8_t *p, struct audio_adts *out);

// The same of MPEG audio; `p` holds AUDIO_MPEG_HEAD bytes. False: no header, or one whose frame has no stated length.
enum { AUDIO_MPEG_HEAD = 4 };
struct audio_mpeg {
    uint32_t bytes, rate, samples, kbps;
    uint8_t channels, layer; // 1 to 3
    bool is_lsf;             // MPEG-2 or -2.5: half the samples
};
bool audio_mpeg_read(const uint8_t *p, struct audio_mpeg *out);

// ---- titles ------------------------------------------------------------------------------------------------------------

// One block of ICY metadata: a byte that counts sixteens, then StreamTitle and, where there is one, StreamUrl, padded with
// NULs. Quotes that would end the title early are made typographic. Longer titles are cut after a whole character.
enum { AUDIO_ICY_BLOCK_MAX = 1 + 255 * 16 };
size_t audio_icy_block(struct str title, struct str url, char out[AUDIO_ICY_BLOCK_MAX]);
// A title as encoders send it, as UTF-8 on one line: `charset` names what it is in; empty: UTF-8 where it is valid, else
// Latin-1. At most AUDIO_TITLE_BYTES; control characters become spaces.
enum { AUDIO_TITLE_BYTES = 1024 };
struct str audio_title(struct arena *a, struct str typed, struct str charset);

#endif
