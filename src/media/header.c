// SPDX-License-Identifier: AGPL-3.0-or-later
// A picture's size from its header, before anything is unpacked: JPEG, PNG, WebP, GIF, and by boxes.c AVIF and HEIC.
// Every read is bounded by the bytes that are there, every walk by a number of steps.
#include "media/inside.h"

enum { SEGMENTS_MOST = 10000, SVG_BYTES = 4 << 20 };

static enum media_reason size_set(struct media_header *out, uint64_t width, uint64_t height) {
    if (width < 1 || height < 1)
        return MEDIA_BROKEN;
    if (width > MEDIA_SIDE_MOST || height > MEDIA_SIDE_MOST) {
        // For the sentence; what does not fit is said as the greatest number.
        out->width = width > INT32_MAX ? INT32_MAX : (int)width;
        out->height = height > INT32_MAX ? INT32_MAX : (int)height;
        return MEDIA_SIDE_TOO_LONG;
    }
    out->width = (int)width;
    out->height = (int)height;
    return width * height > MEDIA_PIXELS_MOST ? MEDIA_TOO_MANY_PIXELS : MEDIA_TAKEN;
}

static enum media_reason whole_set(struct media_header *out, enum media_reason reason, uint64_t bytes_per_pixel) {
    if (reason != MEDIA_TAKEN)
        return reason;
    out->whole_bytes = (uint64_t)out->width * (uint64_t)out->height * bytes_per_pixel;
    return out->whole_bytes > MEDIA_WHOLE_BYTES ? MEDIA_NEEDS_TOO_MUCH : MEDIA_TAKEN;
}

// ---- JPEG ----------------------------------------------------------------------------------------------------------

// Start of frame of any coding, but not DHT, JPG and DAC, which share the range.
static bool jpeg_is_frame(unsigned marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static bool jpeg_is_alone(unsigned marker) {
    return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

// Progressive codings keep every coefficient, two bytes each, until the last scan.
static enum media_reason jpeg_frame(const uint8_t *p, struct media_header *out) {
    bool progressive = (p[1] & 3) == 2;
    enum media_reason reason = size_set(out, big16(p + 7), big16(p + 5));
    return progressive ? whole_set(out, reason, 2 * (uint64_t)p[9]) : reason;
}

// Walks the segments from the start of image to the frame header.
static enum media_reason jpeg_read(const struct media_source *s, struct media_header *out) {
    uint8_t p[10];
    uint64_t at = 2;
    for (int i = 0; i < SEGMENTS_MOST; i++) {
        size_t n = media_source_read(s, at, p, sizeof p);
        if (n < 4 || p[0] != 0xff || p[1] == 0xda || p[1] == 0xd9)
            return MEDIA_BROKEN;
        if (p[1] == 0xff) // padding
            at++;
        else if (jpeg_is_alone(p[1]))
            at += 2;
        else if (jpeg_is_frame(p[1]))
            return n == sizeof p ? jpeg_frame(p, out) : MEDIA_BROKEN;
        else if (big16(p + 2) < 2)
            return MEDIA_BROKEN;
        else
            at += 2 + (uint64_t)big16(p + 2);
    }
    return MEDIA_BROKEN;
}

// ---- PNG, WebP, GIF --------------------------------------------------------------------------------------------------

static enum media_reason png_read(const struct media_source *s, struct media_header *out) {
    static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    uint8_t p[33];
    if (media_source_read(s, 0, p, sizeof p) < sizeof p || big32(p + 8) != 13 || memcmp(p + 12, "IHDR", 4) != 0)
        return MEDIA_BROKEN;
    unsigned depth = p[24], colour = p[25];
    if (colour >= sizeof channels || channels[colour] == 0 || depth > 16)
        return MEDIA_BROKEN;
    enum media_reason reason = size_set(out, big32(p + 16), big32(p + 20));
    // Interlaced: the rows are complete only at the end.
    return p[28] != 0 ? whole_set(out, reason, (uint64_t)channels[colour] * (depth > 8 ? 2 : 1)) : reason;
}

static enum media_reason webp_read(const struct media_source *s, struct media_header *out) {
    uint8_t p[30];
    if (media_source_read(s, 0, p, sizeof p) < sizeof p)
        return MEDIA_BROKEN;
    const uint8_t *chunk = p + 12;
    uint64_t width = 0, height = 0;
    if (memcmp(chunk, "VP8X", 4) == 0) {
        width = (uint64_t)little24(p + 24) + 1;
        height = (uint64_t)little24(p + 27) + 1;
    } else if (memcmp(chunk, "VP8L", 4) == 0 && p[20] == 0x2f) {
        uint32_t bits = little24(p + 21) | (uint32_t)p[24] << 24;
        width = (bits & 0x3fff) + 1;
        height = (bits >> 14 & 0x3fff) + 1;
    } else if (memcmp(chunk, "VP8 ", 4) == 0 && p[23] == 0x9d && p[24] == 0x01 && p[25] == 0x2a) {
        width = little16(p + 26) & 0x3fff;
        height = little16(p + 28) & 0x3fff;
    }
    return whole_set(out, size_set(out, width, height), 4);
}

static enum media_reason gif_read(const struct media_source *s, struct media_header *out) {
    uint8_t p[13];
    if (media_source_read(s, 0, p, sizeof p) < sizeof p)
        return MEDIA_BROKEN;
    enum media_reason reason = size_set(out, little16(p + 6), little16(p + 8));
    if (reason != MEDIA_TAKEN)
        return reason;
    if (!gif_frames(s, MEDIA_FRAMES_MOST, &out->frames))
        return MEDIA_BROKEN;
    return out->frames > MEDIA_FRAMES_MOST ? MEDIA_TOO_MANY_FRAMES : whole_set(out, MEDIA_TAKEN, 4);
}

// ---- the others ----------------------------------------------------------------------------------------------------

static enum media_reason heif_read(const struct media_source *s, struct media_header *out) {
    uint64_t width = 0, height = 0;
    if (!boxes_picture_size(s, &width, &height))
        return MEDIA_BROKEN;
    // Planes of up to 16 bits and the colours made of them.
    return whole_set(out, size_set(out, width, height), 10);
}

static enum media_reason svg_read(const struct media_source *s, struct media_header *out) {
    uint64_t width = 0, height = 0;
    if (s->fd >= 0 || s->bytes > SVG_BYTES || !svg_size(s->memory, &width, &height))
        return MEDIA_BROKEN;
    return size_set(out, width, height);
}

static enum media_reason picture_read(const struct media_source *s, bool trusted_svg, struct media_header *out) {
    switch (out->type) {
    case MEDIA_JPEG:
        return jpeg_read(s, out);
    case MEDIA_PNG:
        return png_read(s, out);
    case MEDIA_WEBP:
        return webp_read(s, out);
    case MEDIA_GIF:
        return gif_read(s, out);
    case MEDIA_AVIF:
    case MEDIA_HEIC:
        return heif_read(s, out);
    default:
        return trusted_svg ? svg_read(s, out) : MEDIA_DRAWING;
    }
}

enum media_reason media_sniff(const struct media_source *s, bool trusted_svg, struct media_header *out) {
    *out = (struct media_header){.frames = 1};
    if (s->bytes == 0)
        return MEDIA_EMPTY;
    out->type = kind_of(s, &out->other);
    if (out->type == MEDIA_UNKNOWN)
        return out->other != NULL ? MEDIA_OTHER_KIND : MEDIA_NOT_KNOWN;
    static const uint64_t most[] = {[MEDIA_PICTURE] = MEDIA_PICTURE_BYTES,
                                    [MEDIA_AUDIO] = MEDIA_AUDIO_BYTES,
                                    [MEDIA_DOCUMENT] = MEDIA_DOCUMENT_BYTES,
                                    [MEDIA_VIDEO] = MEDIA_AUDIO_BYTES};
    enum media_kind kind = media_type_kind(out->type);
    if (s->bytes > most[kind])
        return MEDIA_FILE_TOO_BIG;
    if (kind == MEDIA_PICTURE)
        return picture_read(s, trusted_svg, out);
    return out->type == MEDIA_PDF && !pdf_is_whole(s) ? MEDIA_BROKEN : MEDIA_TAKEN;
}
