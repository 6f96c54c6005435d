// SPDX-License-Identifier: AGPL-3.0-or-later
// Chunked bodies, strictly: sizes are plain hexadecimal digits, lines end in CRLF, extensions are at most 256 bytes
// a chunk and trailers 8 KiB in all, and neither may hold control bytes.
#include "http/chunked.h"

enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER_START, TRAILER, TRAILER_LF, END_LF, DONE };
enum { EXTENSION_BYTES = 256, TRAILER_BYTES = 8192, SIZE_DIGITS = 15 };

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_text(char c) {
    return ((uint8_t)c >= 0x20 && c != 0x7f) || c == '\t';
}

static bool size_byte(struct chunked *c, char byte) {
    int digit = hex_value(byte);
    if (digit >= 0) {
        c->left = c->left << 4 | (uint64_t)digit;
        return ++c->digits <= SIZE_DIGITS;
    }
    if (c->digits == 0 || (byte != '\r' && byte != ';'))
        return false;
    c->state = byte == '\r' ? SIZE_LF : EXTENSION;
    c->extra_bytes = 0;
    return true;
}

static bool extension_byte(struct chunked *c, char byte) {
    if (byte == '\r')
        c->state = SIZE_LF;
    else if (!is_text(byte) || ++c->extra_bytes > EXTENSION_BYTES)
        return false;
    return true;
}

static bool trailer_byte(struct chunked *c, char byte) {
    bool start = c->state == TRAILER_START;
    if (byte == '\r')
        c->state = start ? END_LF : TRAILER_LF;
    else if (!is_text(byte) || (start && (byte == ' ' || byte == '\t')) || ++c->extra_bytes > TRAILER_BYTES)
        return false;
    else
        c->state = TRAILER;
    return true;
}

static bool line_end(struct chunked *c, char byte) {
    if (byte != '\n')
        return false;
    switch (c->state) {
    case SIZE_LF:
        c->state = c->left > 0 ? DATA : TRAILER_START;
        c->extra_bytes = 0;
        return true;
    case DATA_LF:
        c->state = SIZE;
        c->left = 0;
        c->digits = 0;
        return true;
    case TRAILER_LF:
        c->state = TRAILER_START;
        return true;
    default:
        c->state = DONE;
        return true;
    }
}

static bool feed_byte(struct chunked *c, char byte) {
    switch (c->state) {
    case SIZE:
        return size_byte(c, byte);
    case EXTENSION:
        return extension_byte(c, byte);
    case DATA_CR:
        c->state = DATA_LF;
        return byte == '\r';
    case TRAILER_START:
    case TRAILER:
        return trailer_byte(c, byte);
    default:
        return line_end(c, byte);
    }
}

enum chunked_result chunked_feed(struct chunked *c, const char *p, size_t n, struct buf *out, size_t *used_out) {
    size_t at = 0;
    enum chunked_result result = CHUNKED_MORE;
    while (at < n && c->state != DONE && result == CHUNKED_MORE) {
        if (c->state != DATA) {
            if (!feed_byte(c, p[at++]))
                result = CHUNKED_BAD;
            else if (c->state == DATA && c->left > out->max - out->n)
                result = CHUNKED_TOO_BIG;
            continue;
        }
        size_t take = c->left < n - at ? (size_t)c->left : n - at;
        buf_add(out, p + at, take);
        at += take;
        c->left -= take;
        if (c->left == 0)
            c->state = DATA_CR;
    }
    *used_out = at;
    return c->state == DONE ? CHUNKED_DONE : result;
}
