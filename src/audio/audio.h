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
    AUDIO_FLAC,  // FLAC by itself (RFC 9639), frames of less than AUDIO_PIECE_MAX
    AUDIO_FORMATS
};
// Of a media type as encoders send it, with or without parameters ("audio/ogg; codecs=opus"); never fails.
enum audio_format audio_format_of(struct str media_type);

// ---- pieces ------------------------------------------------------------------------------------------------------------

enum audio_piece_kind {
    AUDIO_SOUND,  // a frame, a page or a cluster's block group
    AUDIO_HEADER, // what a listener who comes later needs first; the first of a chain takes the place of those before
};
// Bytes; what a whole piece may need to be seen. A frame of FLAC of 192 kHz has 16384 samples, which in two channels of 24
// bits are 98,400 at most.
enum { AUDIO_PIECE_MAX = 1 << 17 };
enum { AUDIO_LEVEL_UNKNOWN = -1, AUDIO_LEVEL_MAX = 255 };

struct audio_piece {
    struct str bytes; // of what was given, or what stands in its place (flac.c, ogg.c); empty: none yet
    enum audio_piece_kind kind;
    bool is_first;    // AUDIO_HEADER: of a new chain
    bool may_begin;   // AUDIO_SOUND: a listener may begin here
    bool is_rest;     // WebM: of an element whose head stood in a piece before
    uint32_t samples; // how long it lasts, at `rate` a second; 0: not known, or no time at all
    uint32_t rate;    // WebM: 1000, its blocks are timed in milliseconds
    uint8_t channels; // 0: not known
    bool has_title;   // AUDIO_HEADER: the stream says what it plays now
    struct str title; // "Artist - Title" or one of the two, UTF-8; of the scanner, until the next call; may be empty
    int level;        // how loud at most, see below; or AUDIO_LEVEL_UNKNOWN
};

// A level is what a frame's headers say of its loudest value, in steps of 1.5 dB, 1 to AUDIO_LEVEL_MAX; 0: nothing is coded,
// which is what LAME and ffmpeg make of digital silence. It is a hint, for nothing is decoded. Of MPEG layer III it follows
// the loudness: measured of LAME at 128 and 32 kbit/s, speech has 195, noise of -20, -40, -50 and -60 dBFS 192, 178, 171
// and 162, of -90 dBFS 137, a tone of -20 and -60 dBFS 198 and 171. Of AAC-LC it is rough, for a band's own gain is coded
// behind it: speech 165, noise of -20 and -60 dBFS 170 and 145, a tone of -20 and -60 dBFS 144 and 140. So soft noise counts
// as silence in MP3, and in AAC only what codes next to nothing. Unknown of layers I and II and of all else.
enum { AUDIO_SILENT_MPEG = 168, AUDIO_SILENT_AAC = 100 };  // silent at most; speech and music are above, but for pauses
bool audio_is_silent(enum audio_format format, int level); // false of what is not known

// Finds the pieces of one stream in what comes. What is no piece (tags in front, noise between frames, what a broken
// encoder sends) is stepped over and counted.
struct audio_scanner;
struct audio_scanner *audio_scanner_new(enum audio_format format);
void audio_scanner_free(struct audio_scanner **scanner);
// Looks at the bytes that wait, oldest first, and says how many of them are done with: *out holds the piece at their end,
// or none where they were stepped over. 0: more must come first. Given AUDIO_PIECE_MAX bytes or more it is never 0.
size_t audio_scan(struct audio_scanner *scanner, struct str waiting, struct audio_piece *out);
uint64_t audio_skipped(const struct audio_scanner *scanner); // bytes stepped over
uint64_t audio_noise(const struct audio_scanner *scanner);   // of these, what no tag or block was announced to be
// True while what comes is what the format promises; false before the first piece and after noise.
bool audio_is_in_step(const struct audio_scanner *scanner);

// What the headers of the chain that comes say of it, in Ogg.
enum { AUDIO_CODEC_BYTES = 15 };
struct audio_chain {
    const char *codec;   // "Vorbis", "Opus", "FLAC"; NULL: of another format or codec, and the rest is empty; for ever
    uint32_t rate, bits; // a second; bits as its encoder means them, 0: not said
    uint8_t channels;
    struct str title;    // of its comments; of the scanner, until the next call of audio_scan
    size_t artist_bytes; // of the title, " - " behind them unless they are all of it; 0: no artist is named
};
void audio_chain_of(const struct audio_scanner *scanner, struct audio_chain *out);

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

// ---- one WebM of many ----------------------------------------------------------------------------------------------------

// Encoders that follow one another, each with headers and times of its own, made into one segment, because players end or
// stumble at a second header. Zero-initialise.
struct audio_webm_joint {
    bool joins;
    int64_t offset, cluster, last, step; // private; ticks
};
enum { AUDIO_WEBM_ROOM = 16 };
// Whether what follows these headers can go on behind sound that followed those: the same tracks, coded the same way.
bool audio_webm_is_same(struct str before, struct str headers);
// Another encoder's clusters follow. goes_on: behind those before, in time; else a header of theirs was given.
void audio_webm_join(struct audio_webm_joint *j, bool goes_on);
// AUDIO_SOUND as it is passed on: the piece's own bytes, or some in `room`; empty: it means nothing any more. Clusters lose
// their length, and get the time that follows the last one's.
struct str audio_webm_go_on(struct audio_webm_joint *j, const struct audio_piece *piece, char room[AUDIO_WEBM_ROOM]);

// ---- titles ------------------------------------------------------------------------------------------------------------

// One block of ICY metadata: a byte that counts sixteens, then StreamTitle and, where there is one, StreamUrl, padded with
// NULs. Quotes that would end the title early are made typographic. Longer titles are cut after a whole character.
enum { AUDIO_ICY_BLOCK_MAX = 1 + 255 * 16 };
size_t audio_icy_block(struct str title, struct str url, char out[AUDIO_ICY_BLOCK_MAX]);
// The other way round: takes the blocks out of what a server sends, and gives the sound between them and the titles, as they
// were sent. Zero-initialise, set metaint (more than 0) and the two calls; free with audio_icy_split_fini.
struct audio_icy_split {
    uint32_t metaint;
    void *arg;
    bool (*sound)(void *arg, const char *p, size_t n); // borrowed; false: give up
    bool (*title)(void *arg, struct str title);        // borrowed; of each block that has one
    uint32_t sound_given, block_left;                  // private
    bool in_block;
    struct buf block;
};
bool audio_icy_split_feed(struct audio_icy_split *s, const char *p, size_t n); // false: a call gave up
void audio_icy_split_fini(struct audio_icy_split *s);
// A title as encoders send it, as UTF-8 on one line: `charset` names what it is in; empty: UTF-8 where it is valid, else
// Latin-1. At most AUDIO_TITLE_BYTES; control characters become spaces.
enum { AUDIO_TITLE_BYTES = 1024 };
struct str audio_title(struct arena *a, struct str typed, struct str charset);

// ---- playlists that point at a stream ----------------------------------------------------------------------------------

enum { AUDIO_PLAYLIST_BYTES = 64 << 10, AUDIO_PLAYLIST_ADDRESS_BYTES = 512 };
// Whether what has that media type is one; where the type says nothing ("text/plain", none) by the path's ending.
bool audio_playlist_is(struct str media_type, struct str path);
// The first address that an M3U, PLS or XSPF names, of http, https or relative: printable, without a space; borrowed from the
// text, or of the arena. RC_NOT_FOUND: it names none. RC_INVALID: a playlist of HLS, which is no stream. RC_TOO_BIG.
enum rc audio_playlist_first(struct arena *a, struct str text, struct str *address_out) MUST_USE;

// ---- packed and in MPEG-TS ---------------------------------------------------------------------------------------------
//
// What stands in a segment of HLS, of frames of MPEG audio or ADTS as they came. Nothing is coded anew; the same frames,
// moment and number make the same bytes.

// A moment on MPEG's clock: 90 kHz, of which 33 bits are kept, so that it comes round after 26.5 hours.
uint64_t audio_clock(int64_t moment_us);
// The tag of ID3v2.4 that packed audio begins with (RFC 8216, 3.4): the moment of its first sample, and what was playing
// (at most AUDIO_TITLE_BYTES; empty: nothing is said).
void audio_id3(struct buf *b, int64_t moment_us, struct str title);
// A transport stream (ISO 13818-1), added to b. The frames' times count samples from the moment on. `number` is that of
// the segment: tables count on from the segment before, and the sound's packets are a multiple of sixteen, so that all
// counters of packets go on from segment to segment. False: these are no whole frames of that format; nothing was added.
bool audio_ts(struct buf *b, enum audio_format format, struct str frames, int64_t moment_us, int64_t number);

// ---- the log -----------------------------------------------------------------------------------------------------------
//
// Everything a stream sent, kept: one folder a stream, one writer, any number of readers in other threads and processes
// that take no lock. Sound stands in parts, a new one with each UTC hour. Part 42, begun at 13:07:
//
//   00000042.index                 what stands where
//   2026-11-23T13Z-00000042.mp3    the sound, piece behind piece and nothing else (.aac .ogg .webm .flac, .bin for what is passed
//                                  on as it comes): playable by itself, for a chain's headers stand at its beginning again
//   00000042.titles                what was said to play
//   masks, pins                    spans that may not be replayed, and spans that are not dropped
//   again                          spans that the clock went through again, when it was put back
//   lock                           held by the writer
//
// All numbers are little endian, sums are CRC-32 (ISO 3309, as in zlib), moments microseconds since 1970 UTC.
// Index: a head of 36 bytes, then records of 56, each of a run: about half a second of whole pieces, which it vouches for.
//   head    0 "SiaranL1"  8 u32 enum audio_format  12 u32 part  16 u32 newest chain before it  20 u32 breaks before it
//           24 i64 moment it begins  32 u32 sum of these 32
//   record  0 u64 offset in the sound  8 i64 moment  16 u64 microseconds of sound before it in this part
//           24 u32 bytes  28 u32 microseconds it lasts (0: not known)  32 u32 enum audio_log_flag
//           36 u32 chain (counted through the log; 0: the format has none)  40 u32 record of this part where the chain's
//           headers begin (ffffffff: they were too long to keep)  44 u32 milliseconds lost before it
//           48 u32 sum of its sound  52 u32 sum of these 52
// Titles, one behind another: 0 "Titl"  4 u32 bytes of text  8 i64 moment  16 u32 flags (1: said again at a part's begin)
//           20 u32 sum of these 20 and the text  24 the text, UTF-8
// Masks, pins, again: 0 "SiaranS1"  8 u32 how many  12 u32 sum of what follows  16 each i64 from, i64 to
//
// Moments go forward within a part, and from part to part unless the clock was put back by more than a minute: then the next
// part begins at the time that it says now, with a gap. Who asks for a moment gets the newest part that has it.
//
// What is flushed survives the death of the process. fsync is never called, for it would stop the sound: the kernel is
// asked to begin writing at each flush, so that a power failure costs the few seconds it takes. Either way the next open
// cuts what no record vouches for.

enum audio_log_flag {
    AUDIO_LOG_BEGIN = 1,    // a listener may begin here
    AUDIO_LOG_CHAIN = 2,    // a chain begins: its headers stand here
    AUDIO_LOG_HEADERS = 4,  // headers, no sound
    AUDIO_LOG_AGAIN = 8,    // headers that stand in an earlier part, or earlier in this one, too
    AUDIO_LOG_GAP = 16,     // time was lost before it
    AUDIO_LOG_SOURCE = 32,  // another source, or the same anew
    AUDIO_LOG_END = 64,     // nothing more comes in this part
    AUDIO_LOG_STEPPED = 128 // of reading, never on disk: masked, damaged or dropped sound was stepped over before it
};

// One who writes. Not for several threads at once.
struct audio_log;
// Makes the folder where there is none, mends what the last writer left torn. The first sound behind what is there
// already has AUDIO_LOG_GAP. RC_BUSY: somebody writes it. RC_IO, RC_DENIED, RC_INVALID: no log can stand there.
enum rc audio_log_open(const char *folder, enum audio_format format, struct audio_log **out,
                       struct problem *p) MUST_USE;
void audio_log_close(struct audio_log **log); // flushes; NULL is fine
// A piece as the scanner gave it, copied, at the moment of its first sample. One that is before the newest, but no more than
// a minute, counts as the newest; more than that is a clock that was put back (not twice in ten minutes, nor to before
// there was this program), and begins a part, where a listener may begin. Sound is kept from the first piece on that a listener may begin with. Writes only when an hour ends or
// much waits; what goes wrong then is said by the next flush.
void audio_log_append(struct audio_log *log, const struct audio_piece *piece, int64_t moment_us);
// What the next sound is preceded by: AUDIO_LOG_SOURCE, AUDIO_LOG_GAP or both.
void audio_log_mark(struct audio_log *log, unsigned flags);
// At most AUDIO_TITLE_BYTES of UTF-8, cut; empty: nothing is said any more.
void audio_log_title(struct audio_log *log, struct str title, int64_t moment_us);
// Hands on what waits; call it each second. RC_IO with a sentence: it cannot be written. Then that sound is lost, each
// later flush tries again, and what comes behind has AUDIO_LOG_GAP; what was written stays as it is.
enum rc audio_log_flush(struct audio_log *log, struct problem *p) MUST_USE;
int64_t audio_log_broken_since(const struct audio_log *log); // the moment writing failed; 0: it works

// Where somebody reads; plain values, to be kept for each listener.
struct audio_log_place {
    uint32_t part, record, into; // byte of that run
    uint32_t chain;              // whose headers were given; 0: none
    uint32_t head, head_into;    // while headers are given: of which record, how far
    uint32_t flags;              // private
};
// One who reads, of any number of places; keeps a few parts open. Not for several threads at once.
struct audio_log_reader;
enum rc audio_log_reader_open(const char *folder, struct audio_log_reader **out, struct problem *p) MUST_USE;
void audio_log_reader_close(struct audio_log_reader **reader);
// The oldest and the newest moment there is sound of. RC_NOT_FOUND: none.
enum rc audio_log_reach(struct audio_log_reader *reader, int64_t *from_us_out, int64_t *to_us_out) MUST_USE;
// The nearest beginning at or before a moment; in a gap, under a mask and before everything the next behind it; behind
// everything the newest. RC_NOT_FOUND: the log is empty.
enum rc audio_log_at(struct audio_log_reader *reader, int64_t moment_us, struct audio_log_place *out) MUST_USE;
enum rc audio_log_back(struct audio_log_reader *reader, int64_t us,
                       struct audio_log_place *out) MUST_USE; // from the newest

enum audio_log_got {
    AUDIO_LOG_BYTES,
    AUDIO_LOG_LIVE,  // nothing newer is there yet
    AUDIO_LOG_FAILED // it cannot be read, or what may not be replayed cannot be known; the program's log says why
};
struct audio_log_bytes {
    size_t bytes;
    int64_t moment_us, until_us; // of the first byte, and behind the last
    // AUDIO_LOG_CHAIN: these are headers of a chain that this place did not have, and its sound comes next. Else GAP,
    // SOURCE and STEPPED where they stand before the first byte; bytes of one answer have none between them.
    unsigned flags;
};
// At most n bytes (n > 0) from a place onward, through parts; moves the place behind them.
enum audio_log_got audio_log_read(struct audio_log_reader *reader, struct audio_log_place *place, void *to, size_t n,
                                  struct audio_log_bytes *out);
// What was playing at a moment, and since when; arena text. RC_NOT_FOUND: nothing was said.
struct audio_log_said {
    int64_t since_us;
    struct str title; // empty: from here on nothing is said
};
enum rc audio_log_title_at(struct audio_log_reader *reader, int64_t moment_us, struct arena *a,
                           struct audio_log_said *out) MUST_USE;
// All that was said from one moment until before another, oldest first; arena. RC_TOO_BIG: more than AUDIO_LOG_SAID_MAX,
// of which the first are there.
enum { AUDIO_LOG_SAID_MAX = 4096 };
enum rc audio_log_titles(struct audio_log_reader *reader, int64_t from_us, int64_t to_us, struct arena *a,
                         struct audio_log_said **said_out, size_t *n_out) MUST_USE;

// What the log consists of, without its sound: runs, oldest first.
struct audio_log_run {
    int64_t moment_us;
    uint32_t lasts_us, bytes; // lasts_us 0: not known
    unsigned flags;           // AUDIO_LOG_BEGIN, _GAP, _SOURCE
    uint32_t chain;
    enum audio_format format;
    bool is_masked;        // it may not be replayed
    uint32_t part, record; // where it stands
    uint64_t offset;
    uint32_t sum; // of its sound
};
// At most `max` runs of sound whose moment is in [from_us, to_us), from a place on, which is moved behind them; a place of
// zeros is before all of them. Damaged records are left out. *n_out < max: there are no more of them yet. RC_NOT_FOUND: the
// log is empty. RC_BUSY: too many files are open; RC_IO: it cannot be read, or what is masked cannot be known.
enum rc audio_log_runs(struct audio_log_reader *reader, int64_t from_us, int64_t to_us, struct audio_log_place *place,
                       struct audio_log_run *runs, size_t max, size_t *n_out) MUST_USE;
// Another number whenever masks were seen to have changed; looks. What was made of runs before it changed is stale.
uint64_t audio_log_masks_number(struct audio_log_reader *reader);

// Segments: the log in slots of six seconds. Number n holds the runs whose moment lies in [6n, 6n + 6) seconds since 1970
// UTC, so it is the same whoever asks, and whenever. A mask that touches one of its runs takes all of it away, and so does
// dropping, so that what was sent of it never is another. It ends before the run that would make it last longer than
// AUDIO_SEGMENT_LASTS_US: that is so where a writer gave moments nearer together than their sound is long. The radio's go on
// by samples.
//
// A *break* is where sound does not go on from what is before it: the first segment that begins at or behind a run with
// AUDIO_LOG_GAP or AUDIO_LOG_SOURCE. Each part's head says how many segments before it are breaks; so their number is the
// same after a restart, and when what is older was dropped.
enum { AUDIO_SEGMENT_SECONDS = 6, AUDIO_SEGMENT_BYTES = 1 << 22 };
#define AUDIO_SEGMENT_US (AUDIO_SEGMENT_SECONDS * US_PER_SECOND)
#define AUDIO_SEGMENT_LASTS_US INT64_C(7400000)
struct audio_segment {
    int64_t number;
    int64_t moment_us; // of its first sound
    uint32_t lasts_us, bytes, runs;
    bool is_masked; // none of it may be replayed
    bool is_break;
    bool is_full; // more came in its time than it may hold
};
// The n segments from `first` on, each of the runs of that format, masked or not; runs == 0: there are none.
// *breaks_out: how many breaks are before the first. RC_NOT_FOUND, RC_BUSY and RC_IO as audio_log_runs.
enum rc audio_log_segments(struct audio_log_reader *reader, enum audio_format format, int64_t first, size_t n,
                           struct audio_segment *out, uint32_t *breaks_out) MUST_USE;
// The sound of one, added to b: frame behind frame. What is damaged is left out. RC_NOT_FOUND: nothing is there, or
// it is masked.
enum rc audio_log_segment(struct audio_log_reader *reader, enum audio_format format, int64_t number, struct buf *b,
                          struct audio_segment *out) MUST_USE;

// Spans of moments, each kept until it is taken away. A masked one may not be replayed: every run of sound that it touches
// is stepped over. A pinned one is not dropped.
enum audio_log_span_kind {
    AUDIO_LOG_MASKED,
    AUDIO_LOG_PINNED,
    AUDIO_LOG_REPEATED // added by the writer alone: from where the clock was put back to, to the newest moment before
};
struct audio_log_span {
    int64_t from_us, to_us;
};
// RC_OK also when it is there already. RC_INVALID: it is no span, or the file is damaged. RC_TOO_BIG: there are 4096.
enum rc audio_log_span_add(const char *folder, enum audio_log_span_kind kind, struct audio_log_span span,
                           struct problem *p) MUST_USE;
enum rc audio_log_span_remove(const char *folder, enum audio_log_span_kind kind, struct audio_log_span span,
                              struct problem *p) MUST_USE; // RC_NOT_FOUND: no such one
enum rc audio_log_spans(const char *folder, enum audio_log_span_kind kind, struct arena *a,
                        struct audio_log_span **spans_out, size_t *n_out, struct problem *p) MUST_USE; // by their begin

// How the clock was put back, over all of the log. A segment that it went through again has other sound than before.
struct audio_log_put_back {
    int64_t since_us; // where it was put back to the last time, as far as the log is kept; 0: never
    int64_t segments; // that were gone through again, all in all
    uint32_t times;
};
enum rc audio_log_put_back(struct audio_log_reader *reader, struct audio_log_put_back *out) MUST_USE;
// How often the clock went through each of n segments again.
enum rc audio_log_segments_times(struct audio_log_reader *reader, int64_t first, size_t n, uint32_t *times) MUST_USE;

// Drops whole parts, the oldest first, while the log is larger or older than that; 0: no such limit. Each call drops what
// lies behind one another in time, up to a part that stays or to a break of the clock; call it until it drops none. Never the
// part that is written, nor one that a pinned span touches. A part is as old as the one behind it, also where a clock was wrong: what is
// ahead of now counts from what was written next. Readers that are in a dropped part read it to its end.
struct audio_log_limits {
    uint64_t bytes;
    int64_t age_us;
};
struct audio_log_kept {
    uint32_t dropped;                       // parts
    uint64_t dropped_bytes, bytes;          // and what is left
    int64_t dropped_from_us, dropped_to_us; // where the sound that is gone now began and ended
};
enum rc audio_log_keep(struct audio_log *log, struct audio_log_limits limits, int64_t now_us,
                       struct audio_log_kept *out, struct problem *p) MUST_USE;

// Writes the sound of [from, to) to a file descriptor, on the boundaries of pieces: from the last place at or before it
// where a listener may begin, with each chain's headers in front of its first sound and nothing twice. What is masked or
// damaged is left out. Sound is as it was sent; what counts it (pages of Ogg, clusters of WebM, frames of FLAC) begins at
// nothing and has no gap, and an encoder that came back goes on behind the headers of the one before where they describe
// its sound too. Where the descriptor can go back, FLAC and WebM say at their begin how long they are. RC_NOT_FOUND: there
// is no sound. RC_INVALID: no span, or what is masked cannot be known. RC_IO.
struct audio_log_cut {
    uint64_t bytes;
    int64_t lasts_us;       // of the sound that is heard, without gaps
    int64_t from_us, to_us; // of what was written
    uint32_t left_out;      // times that something was left out, or missing
};
enum rc audio_log_cut(const char *folder, struct audio_log_span span, int fd, struct audio_log_cut *out,
                      struct problem *p) MUST_USE;

// Walks all of it: heads, every record and the sound it vouches for, on pieces as the scanner sees them, titles, masks and
// pins. Each fault is named: the file (borrowed), the byte in it, what is wrong. Also while it is written: what no record
// of the newest part vouches for yet is no fault. RC_INVALID: there were faults. RC_IO: it could not be looked at.
struct audio_log_faults {
    void (*take)(void *arg, const char *file, uint64_t at, const char *what);
    void *arg;
    uint64_t parts, records, bytes, faults; // seen
};
enum rc audio_log_verify(const char *folder, struct audio_log_faults *faults, struct problem *p) MUST_USE;

#endif
