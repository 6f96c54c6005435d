// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to src/audio: sound cut out of a stream, as a file of its own. A stream's time is that of its encoder, which may
// be up for days; a file's begins at nothing, and what was left out of it takes no time. Sound itself is never touched,
// only what counts it: pages of Ogg, clusters of WebM, frames of FLAC. MPEG and ADTS count nothing.
#ifndef AUDIO_CUT_H
#define AUDIO_CUT_H

#include "audio/inside.h"

// ---- how long packets of Ogg last (ogg_length.c) -----------------------------------------------------------------------

struct ogg_lengths {
    enum ogg_codec codec;
    bool is_known;         // the headers said what is needed
    struct flac_info info; // FLAC
    uint32_t skip;         // Opus: samples that are not heard at the beginning
    // Vorbis: samples of short and long windows, which modes have long ones, and the packet before (0: none)
    uint32_t blocks[2], before;
    uint64_t long_modes;
    unsigned mode_bits;
};
enum { OGG_FRONT_BYTES = 16 }; // of a packet of sound that its length depends on
void ogg_lengths_begin(struct ogg_lengths *l, enum ogg_codec codec);
// A packet of the chain's headers, from 0 on.
void ogg_lengths_header(struct ogg_lengths *l, uint32_t number, struct str packet);
// Adds what of such a packet sound depends on; streams of which it is the same can be one.
void ogg_coding_add(enum ogg_codec codec, uint32_t number, struct str packet, struct buf *out);
// Samples that come out of the next packet; of the first of Vorbis, or what is none, 0.
uint32_t ogg_packet_lasts(struct ogg_lengths *l, struct str front);

// ---- pages (ogg_cut.c) -------------------------------------------------------------------------------------------------

struct ogg_cut {
    struct ogg_lengths lengths;
    struct buf packet, coding, held; // of headers; how the chain is coded; its last page
    bool has_chain;
    uint32_t serial, serial_out, rate; // of the chain's pages as they are sent and as they are written
    uint32_t sequence, sequence_was;   // of the next page; of the one before, as it was sent
    int64_t granule, granule_was;      // now; of the page before as it was sent, -1: none
    uint32_t trimmed;                  // samples of the held page that are not heard
    int64_t before_us;                 // of the chains before
    uint8_t front[OGG_FRONT_BYTES];    // of a packet that goes on
    size_t front_n;
    bool is_open, is_lost; // a packet goes on; its beginning was left out
};
// Adds a chain's headers. The scanner has seen them.
void ogg_cut_headers(struct ogg_cut *o, const struct ogg_state *state, struct str headers, struct buf *out);
void ogg_cut_page(struct ogg_cut *o, struct str page, struct buf *out);
void ogg_cut_end(struct ogg_cut *o, struct buf *out);
int64_t ogg_cut_lasts_us(const struct ogg_cut *o); // that is heard

// ---- all formats (cut.c) -----------------------------------------------------------------------------------------------

struct webm_cut {
    struct audio_webm_joint joint;
    struct buf headers; // the last that were given
    size_t length_at;   // room for how long the first segment lasts; 0: none
    int64_t ticks;      // that it lasts, once another one follows; -1: it is the only one
    int64_t before_us;
    uint64_t scale_ns;
};
struct flac_cut {
    struct buf headers;
    struct flac_info info;
    uint64_t frames, samples;
    bool is_mixed; // other sound follows behind headers of its own
    int64_t before_us;
};
struct cut {
    enum audio_format format;
    struct ogg_cut ogg;
    struct webm_cut webm;
    struct flac_cut flac;
};
void cut_init(struct cut *c, enum audio_format format);
void cut_fini(struct cut *c);
bool cut_counts(const struct cut *c); // what is put is counted anew; else pieces need not be told apart
// Each adds what is written in its place. The scanner has seen the headers, which are those of a whole chain.
void cut_headers(struct cut *c, const struct audio_scanner *scanner, struct str headers, struct buf *out);
void cut_piece(struct cut *c, struct str bytes, bool is_rest, struct buf *out);
void cut_end(struct cut *c, struct buf *out); // adds what was held back; what comes next does not go on in it
void cut_gap(struct cut *c);                  // something is left out before the next piece
bool cut_has_time(const struct cut *c);       // of what is put now it is known how long it lasts
int64_t cut_lasts_us(const struct cut *c);    // of what that was known of
// What the file's begin can only say at its end: how long it is. False: it has no place for that.
enum { CUT_LENGTH_BYTES = 11 };
bool cut_length(const struct cut *c, uint64_t *at_out, uint8_t bytes[CUT_LENGTH_BYTES], size_t *n_out);

// ---- headers of WebM and FLAC (webm_cut.c, flac_cut.c) -----------------------------------------------------------------

void webm_cut_headers(struct webm_cut *w, uint64_t scale_ns, struct str headers, struct buf *out);
void webm_cut_piece(struct webm_cut *w, struct str bytes, bool is_rest, struct buf *out);
int64_t webm_cut_lasts_us(const struct webm_cut *w);
bool webm_cut_length(const struct webm_cut *w, uint64_t *at_out, uint8_t bytes[CUT_LENGTH_BYTES], size_t *n_out);

void flac_cut_headers(struct flac_cut *f, struct str headers, struct buf *out);
void flac_cut_frame(struct flac_cut *f, struct str frame, struct buf *out);
int64_t flac_cut_lasts_us(const struct flac_cut *f);
bool flac_cut_length(const struct flac_cut *f, uint64_t *at_out, uint8_t bytes[CUT_LENGTH_BYTES], size_t *n_out);

#endif
