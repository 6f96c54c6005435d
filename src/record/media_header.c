// SPDX-License-Identifier: AGPL-3.0-or-later
// Reading a picture's kind and size from its first bytes: JPEG (ITU T.81 B.2), PNG (IHDR), WebP (RFC 9649) and SVG.
// The name a file was sent under says nothing. Every read is bounded by the bytes that are there.
#include "record/media_header.h"

static unsigned byte_at(struct str s, size_t at) {
    return (unsigned char)s.p[at];
}

static unsigned big16(struct str s, size_t at) {
    return byte_at(s, at) << 8 | byte_at(s, at + 1);
}

static unsigned little16(struct str s, size_t at) {
    return byte_at(s, at) | byte_at(s, at + 1) << 8;
}

static uint32_t big32(struct str s, size_t at) {
    return (uint32_t)big16(s, at) << 16 | big16(s, at + 2);
}

static unsigned little24(struct str s, size_t at) {
    return little16(s, at) | byte_at(s, at + 2) << 16;
}

static enum rc header_set(struct media_header *out, struct str ext, uint64_t width, uint64_t height) {
    if (width < 1 || height < 1 || width > MEDIA_SIDE_MOST || height > MEDIA_SIDE_MOST)
        return RC_INVALID;
    *out = (struct media_header){.ext = ext, .width = (int)width, .height = (int)height};
    return RC_OK;
}

// ---- JPEG ----------------------------------------------------------------------------------------------------------

// Start of frame of any coding, but not DHT, JPG and DAC, which share the range.
static bool jpeg_is_frame(unsigned marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static bool jpeg_is_alone(unsigned marker) {
    return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

// Walks the segments from the start of image to the frame header.
static enum rc jpeg_read(struct str s, struct media_header *out) {
    size_t at = 2;
    while (at + 4 <= s.n && byte_at(s, at) == 0xff) {
        unsigned marker = byte_at(s, at + 1);
        if (marker == 0xff) { // padding
            at++;
            continue;
        }
        if (jpeg_is_alone(marker)) {
            at += 2;
            continue;
        }
        if (marker == 0xda || marker == 0xd9)
            break;
        if (jpeg_is_frame(marker))
            return at + 9 <= s.n ? header_set(out, STR("jpg"), big16(s, at + 7), big16(s, at + 5)) : RC_INVALID;
        unsigned length = big16(s, at + 2);
        if (length < 2)
            break;
        at += 2 + (size_t)length;
    }
    return RC_INVALID;
}

// ---- PNG and WebP --------------------------------------------------------------------------------------------------

static enum rc png_read(struct str s, struct media_header *out) {
    if (s.n < 33 || big32(s, 8) != 13 || !str_eq(str_slice(s, 12, 16), STR("IHDR")))
        return RC_INVALID;
    return header_set(out, STR("png"), big32(s, 16), big32(s, 20));
}

static enum rc webp_read(struct str s, struct media_header *out) {
    struct str chunk = str_slice(s, 12, 16);
    if (s.n < 30)
        return RC_INVALID;
    if (str_eq(chunk, STR("VP8X")))
        return header_set(out, STR("webp"), (uint64_t)little24(s, 24) + 1, (uint64_t)little24(s, 27) + 1);
    if (str_eq(chunk, STR("VP8L")) && byte_at(s, 20) == 0x2f) {
        uint32_t bits = little24(s, 21) | (uint32_t)byte_at(s, 24) << 24;
        return header_set(out, STR("webp"), (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    }
    if (str_eq(chunk, STR("VP8 ")) && byte_at(s, 23) == 0x9d && byte_at(s, 24) == 0x01 && byte_at(s, 25) == 0x2a)
        return header_set(out, STR("webp"), little16(s, 26) & 0x3fff, little16(s, 28) & 0x3fff);
    return RC_INVALID;
}

// ---- SVG
// -------------------------------------------------------------------------------------------------------------

// The attributes of the root element; STR_NONE when there is none.
static struct str svg_root(struct str s) {
    size_t from = 0, to = 0;
    if (!str_find(s, STR("<svg"), &from))
        return STR_NONE;
    struct str rest = str_slice(s, from + 4, s.n);
    if (rest.n == 0 || (rest.p[0] != ' ' && rest.p[0] != '\n' && rest.p[0] != '\t' && rest.p[0] != '\r'))
        return STR_NONE;
    return str_find_char(rest, '>', &to) ? str_slice(rest, 0, to) : STR_NONE;
}

static bool svg_attribute(struct str root, struct str name, struct str *value_out) {
    size_t at = 0, end = 0;
    while (str_find(root, name, &at)) {
        bool begins = at > 0 && (unsigned char)root.p[at - 1] <= ' ';
        root = str_slice(root, at + name.n, root.n);
        if (!begins || root.n < 2 || root.p[0] != '=' || (root.p[1] != '"' && root.p[1] != '\''))
            continue;
        char quote = root.p[1];
        root = str_slice(root, 2, root.n);
        if (!str_find_char(root, quote, &end))
            return false;
        *value_out = str_slice(root, 0, end);
        return true;
    }
    return false;
}

// A length in pixels: digits, with a fraction that is dropped and "px" that may follow.
static bool svg_length(struct str s, uint64_t *out) {
    size_t digits = 0;
    s = str_trim(s);
    while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
        digits++;
    if (digits == 0 || digits > 9 || !str_to_u64(str_slice(s, 0, digits), out))
        return false;
    struct str rest = str_slice(s, digits, s.n);
    if (rest.n > 0 && rest.p[0] == '.')
        for (rest = str_slice(rest, 1, rest.n); rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9';)
            rest = str_slice(rest, 1, rest.n);
    return rest.n == 0 || str_eq(rest, STR("px"));
}

// "min-x min-y width height"
static bool svg_view_box(struct str value, uint64_t *width, uint64_t *height) {
    struct str part = STR_NONE, numbers[4] = {STR_NONE, STR_NONE, STR_NONE, STR_NONE};
    size_t count = 0;
    while (count < 4 && str_next(&value, ' ', &part))
        if (part.n > 0)
            numbers[count++] = part;
    return count == 4 && svg_length(numbers[2], width) && svg_length(numbers[3], height);
}

static enum rc svg_read(struct str s, struct media_header *out) {
    struct str root = svg_root(s), width = STR_NONE, height = STR_NONE, box = STR_NONE;
    uint64_t w = 0, h = 0;
    if (svg_attribute(root, STR("width"), &width) && svg_attribute(root, STR("height"), &height) &&
        svg_length(width, &w) && svg_length(height, &h))
        return header_set(out, STR("svg"), w, h);
    if (svg_attribute(root, STR("viewBox"), &box) && svg_view_box(box, &w, &h))
        return header_set(out, STR("svg"), w, h);
    return RC_INVALID;
}

enum rc media_header_read(struct str s, bool trusted_svg, struct media_header *out) {
    if (s.n < 12)
        return RC_INVALID;
    if (byte_at(s, 0) == 0xff && byte_at(s, 1) == 0xd8)
        return jpeg_read(s, out);
    if (str_starts(s, STR("\x89PNG\r\n\x1a\n")))
        return png_read(s, out);
    if (str_starts(s, STR("RIFF")) && str_eq(str_slice(s, 8, 12), STR("WEBP")))
        return webp_read(s, out);
    if (trusted_svg && s.p[0] == '<')
        return svg_read(s, out);
    return RC_INVALID;
}
