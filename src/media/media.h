// SPDX-License-Identifier: AGPL-3.0-or-later
// Files that people upload: what they are, whether they are taken, and the sizes that readers get. The work on foreign
// bytes is done in a process of its own, in a sandbox that can open nothing; what it hands back is checked again by who
// asked (record.h, media_shelf), so a decoder that was taken over can at worst spoil pictures.
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include "util/util.h"

// ---- kinds and limits ------------------------------------------------------------------------------------------

enum media_kind { MEDIA_PICTURE = 1, MEDIA_AUDIO = 2, MEDIA_DOCUMENT = 3, MEDIA_VIDEO = 4 };

// By content, never by name. Numbers stand in messages only.
enum media_type {
    MEDIA_UNKNOWN,
    MEDIA_JPEG,
    MEDIA_PNG,
    MEDIA_WEBP,
    MEDIA_GIF,
    MEDIA_AVIF,
    MEDIA_HEIC,
    MEDIA_SVG, // our own drawings only; refused from outside
    MEDIA_MP3,
    MEDIA_M4A, // AAC (or ALAC) in MPEG-4
    MEDIA_AAC, // ADTS
    MEDIA_OGG, // Vorbis
    MEDIA_OPUS,
    MEDIA_FLAC,
    MEDIA_WAV,
    MEDIA_PDF,
    MEDIA_DOCX,
    MEDIA_XLSX,
    MEDIA_PPTX,
    MEDIA_ODT,
    MEDIA_ODS,
    MEDIA_ODP,
    MEDIA_ZIP,
    MEDIA_TXT,
    MEDIA_MP4,
    MEDIA_WEBM,
    MEDIA_TYPE_COUNT
};
struct str media_type_ext(enum media_type type);       // "jpg"; "" for MEDIA_UNKNOWN
struct str media_type_mime(enum media_type type);      // "image/jpeg"
enum media_kind media_type_kind(enum media_type type); // of MEDIA_UNKNOWN: a picture
// Every type that people may bring, for <input accept>: ".jpg,image/jpeg,.png,..."; a list in the arena. The intake looks itself.
struct str media_types_accepted(struct arena *a);
bool media_type_of_ext(struct str ext, enum media_type *out); // of our own file names

enum {
    MEDIA_PICTURE_BYTES = 64 << 20,
    MEDIA_AUDIO_BYTES = 1 << 30, // video too
    MEDIA_DOCUMENT_BYTES = 64 << 20,
    MEDIA_OUTPUT_BYTES = 96 << 20, // of all sizes of a picture together
    MEDIA_SIDE_MOST = 20000,       // pixels
    MEDIA_PIXELS_MOST = 100000000,
    MEDIA_FRAMES_MOST = 2000,      // of an animation; its first is taken, the others must not be a burden
    MEDIA_WHOLE_BYTES = 640 << 20, // what a picture may need unpacked at once (interlaced, progressive, WebP, HEIC)
    MEDIA_AUDIO_SECONDS = 24 * 3600,
    MEDIA_SECONDS = 30, // for one file; AVIF is slower to make:
    MEDIA_AVIF_SECONDS = 90,
    MEDIA_OUTPUTS_MAX = 16,
};

// Why a file was not taken. The words are the desk's.
enum media_reason {
    MEDIA_TAKEN,
    MEDIA_EMPTY,
    MEDIA_FILE_TOO_BIG,
    MEDIA_NOT_KNOWN,  // no kind we know
    MEDIA_DRAWING,    // SVG
    MEDIA_OTHER_KIND, // known, but not taken: TIFF, BMP, programs ...
    MEDIA_SIDE_TOO_LONG,
    MEDIA_TOO_MANY_PIXELS,
    MEDIA_TOO_MANY_FRAMES,
    MEDIA_NEEDS_TOO_MUCH, // memory, unpacked
    MEDIA_BROKEN,         // damaged or cut off
    MEDIA_TOO_SLOW,
    MEDIA_CRASHED, // ended the decoder, twice
    MEDIA_HAS_VIDEO,
    MEDIA_PROTECTED, // by rights management
    MEDIA_NO_SOUND,  // no audio in it, or of no length
    MEDIA_SOUND_TOO_LONG,
    MEDIA_QUEUE_FULL, // ours: too many uploads at the moment
    MEDIA_NO_DECODER, // ours: the decoder did not answer
    MEDIA_NO_ROOM,    // ours: could not be written
    MEDIA_REASON_COUNT
};

// ---- what some bytes are -----------------------------------------------------------------------------------------

// Bytes read at any place: a file's, or memory's (fd -1).
struct media_source {
    int fd;
    struct str memory;
    uint64_t bytes;
};
struct media_source media_source_memory(struct str bytes);
enum rc media_source_file(int fd, struct media_source *out) MUST_USE;                     // a regular file; RC_IO
size_t media_source_read(const struct media_source *s, uint64_t at, void *out, size_t n); // fewer at the end

struct media_header {
    enum media_type type;
    const char *other;    // MEDIA_OTHER_KIND: what it is, "tiff": the end of a key of words
    int width, height;    // as stored: an orientation may turn them; 0 for audio
    unsigned frames;      // counted up to MEDIA_FRAMES_MOST + 1 for GIF; 1 otherwise
    uint64_t whole_bytes; // memory for all of it at once, when its coding needs that; else 0
};
// Reads the kind and, for pictures, the size from the header: JPEG (ITU T.81 B.2), PNG (W3C), WebP (RFC 9649), GIF89a,
// AVIF and HEIC (ISO 14496-12, 23008-12), SVG only with trusted_svg (a drawing of our own; else MEDIA_DRAWING). Of
// documents whether they are whole (document.c). Unpacks nothing. MEDIA_TAKEN: within all limits. Memory: constant.
enum media_reason media_sniff(const struct media_source *s, bool trusted_svg, struct media_header *out) MUST_USE;

// ---- question and answer -------------------------------------------------------------------------------------------

enum media_task {
    MEDIA_TASK_TAKE =
        1,           // pictures: check, all sizes in WebP and JPEG (PNG where something is transparent); audio: check
    MEDIA_TASK_AVIF, // pictures: the sizes in AVIF
};
struct media_request {
    enum media_task task;
    // Cut to this shape (16:9) around the focal point before anything else; 0, 0: the whole picture.
    unsigned crop_width, crop_height; // <= 1000
    unsigned focal_x, focal_y;        // 0 .. 1000 from left and top, of the upright picture
};

struct media_output {
    enum media_type type;
    int width, height;
    uint64_t at, bytes; // where in the output file
};
// The decoder's word. Of one that was taken over every field is a lie within the limits that media_report_read checks.
struct media_report {
    enum media_reason reason;
    char other[40]; // MEDIA_OTHER_KIND: "tiff"
    enum media_type type;
    int width, height;                              // upright, after cutting; 0 for audio
    unsigned frames;                                // of an animation: only the first was taken
    int64_t duration_ms;                            // audio; video: 0 when nothing says it
    int64_t spent_ms;                               // processor time
    int64_t memory_kb;                              // most the decoder has held so far
    struct media_output outputs[MEDIA_OUTPUTS_MAX]; // smallest first within a type
    size_t output_count;
};
const char *media_reason_name(enum media_reason reason); // "too_big": the end of a key of words; static

// As bytes of a message (numbers in this machine's order: both ends are the same program).
enum { MEDIA_REQUEST_BYTES = 20, MEDIA_REPORT_BYTES = 96 + MEDIA_OUTPUTS_MAX * 32 };
void media_request_write(char out[MEDIA_REQUEST_BYTES], const struct media_request *request);
enum rc media_request_read(struct str bytes, struct media_request *out) MUST_USE; // RC_INVALID
void media_report_write(char out[MEDIA_REPORT_BYTES], const struct media_report *report);
// RC_INVALID unless every number is in its range, outputs follow one another from 0 and end at output_bytes.
enum rc media_report_read(struct str bytes, uint64_t output_bytes, struct media_report *out) MUST_USE;

// ---- the decoder -------------------------------------------------------------------------------------------------

// Once per process, before the sandbox: loads what will be needed.
enum rc media_decoder_start(struct problem *p) MUST_USE;
// Reads the file in_fd (borrowed, any position) and writes the sizes one behind the other into out_fd (borrowed, empty,
// unused for audio). Orientation is applied; colours become sRGB, 8 bits; nothing of the file's own words, places and
// profiles is kept. One at a time.
void media_decode(int in_fd, int out_fd, const struct media_request *request, struct media_report *report);

// The decoder process: answers requests (message kind MEDIA_KIND_ASK, body as above, descriptors: input, output) on a
// channel of net.h with a report, one after another, in a sandbox without any open, socket or program. Ends with 0
// after MEDIA_BATCH files or much work, so that the next file meets a fresh process; a file that takes longer than its
// time is answered with MEDIA_TOO_SLOW and ends the process too. A row of the parent's table.
enum { MEDIA_KIND_ASK = 1, MEDIA_KIND_REPORT = 2, MEDIA_BATCH = 16 };
struct media_process {
    int channel_fd;
};
int media_process_main(void *context); // struct media_process

// ---- asking it -----------------------------------------------------------------------------------------------------

// The asker's side of the decoder process; for worker threads, each of which waits its turn in order.
enum { MEDIA_WAITING_MAX = 32 };
struct media_intake;
struct media_intake *media_intake_new(int channel_fd); // the asker's end; borrowed
void media_intake_free(struct media_intake **intake);
// Always answers: what cannot be asked is MEDIA_QUEUE_FULL or MEDIA_NO_DECODER. A file that ends the decoder is tried
// once more, then it is MEDIA_CRASHED. The decoder gets in_fd for reading only; out_fd is an empty file for the sizes,
// and the report agrees with its length. MEDIA_TASK_AVIF gives way: while anybody waits it is MEDIA_QUEUE_FULL.
void media_intake_ask(struct media_intake *intake, int in_fd, int out_fd, const struct media_request *request,
                      struct media_report *out);

#endif
