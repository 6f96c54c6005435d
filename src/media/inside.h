// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of src/media share (private to it).
#ifndef MEDIA_INSIDE_H
#define MEDIA_INSIDE_H

#include "media/media.h"

// Numbers as files write them.
static inline unsigned big16(const uint8_t *p) {
    return (unsigned)p[0] << 8 | p[1];
}
static inline uint32_t big32(const uint8_t *p) {
    return (uint32_t)big16(p) << 16 | big16(p + 2);
}
static inline uint64_t big64(const uint8_t *p) {
    return (uint64_t)big32(p) << 32 | big32(p + 4);
}
static inline unsigned little16(const uint8_t *p) {
    return (unsigned)p[1] << 8 | p[0];
}
static inline unsigned little24(const uint8_t *p) {
    return (unsigned)p[2] << 16 | little16(p);
}

// kind.c: the kind alone, from the first bytes. *other_out as in media_header.
enum media_type kind_of(const struct media_source *s, const char **other_out);

// whole.c: JPEG and PNG; of the other kinds the libraries say it.
bool picture_is_whole(struct str bytes, enum media_type type);

// svg.c: false when the root element names no size in pixels.
bool svg_size(struct str s, uint64_t *width_out, uint64_t *height_out);

// gif.c: counts frames, up to `most` + 1. False when the blocks do not lead to an image.
bool gif_frames(const struct media_source *s, unsigned most, unsigned *count_out);

// boxes.c (ISO 14496-12). The largest picture size that any item of the file has; false: none.
bool boxes_picture_size(const struct media_source *s, uint64_t *width_out, uint64_t *height_out);
// An audio file's tracks and length. MEDIA_TAKEN, MEDIA_HAS_VIDEO, MEDIA_PROTECTED, MEDIA_NO_SOUND, MEDIA_BROKEN.
enum media_reason boxes_audio(const struct media_source *s, int64_t *duration_ms_out);

// Whether any track is video.
bool boxes_have_video(const struct media_source *s);
// A video's length; MEDIA_TAKEN, MEDIA_PROTECTED, MEDIA_BROKEN.
enum media_reason boxes_video(const struct media_source *s, int64_t *duration_ms_out);

// webm.c (RFC 9559, RFC 8794). MEDIA_WEBM, or MEDIA_UNKNOWN and what it is.
enum media_type webm_kind(const struct media_source *s, const char **other_out);
// False: cut off, or no element where one should be.
bool webm_duration(const struct media_source *s, int64_t *duration_ms_out);

// document.c
bool pdf_is_whole(const struct media_source *s);
enum media_type zip_kind(const struct media_source *s, const char **other_out); // MEDIA_UNKNOWN: not taken
bool text_is_plain(const struct media_source *s);

// adts.c (ISO 13818-7): length of a stream of frames; false when no frame or one that does not follow the one before.
bool adts_duration(const struct media_source *s, int64_t *duration_ms_out);
// Where the sound begins, behind an ID3v2 tag (or at 0).
uint64_t id3_end(const struct media_source *s);

// picture.c
enum rc picture_start(struct problem *p);
void picture_decode(struct str bytes, int out_fd, const struct media_request *request, struct media_report *report);

// audio.c
void audio_start(void);
void audio_decode(const struct media_source *s, struct media_report *report);

#endif
