// SPDX-License-Identifier: AGPL-3.0-or-later
// UTF-8, RFC 3629.
#include "util/util.h"

// Length of the well-formed sequence at p (n > 0 bytes there), 0 when damaged. Table 3-7 of the Unicode standard:
// the second byte's range depends on the first, which excludes overlongs, surrogates and what lies above U+10FFFF.
static size_t sequence(const unsigned char *p, size_t n) {
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n < length)
        return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (p[0] == 0xE0)
        low = 0xA0;
    else if (p[0] == 0xED)
        high = 0x9F;
    else if (p[0] == 0xF0)
        low = 0x90;
    else if (p[0] == 0xF4)
        high = 0x8F;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool utf8_valid(struct str s) {
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t at = 0; at < s.n;) {
        size_t n = sequence(p + at, s.n - at);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

uint32_t utf8_next(struct str s, size_t *at) {
    const unsigned char *p = (const unsigned char *)s.p + *at;
    size_t n = sequence(p, s.n - *at);
    *at += n == 0 ? 1 : n;
    switch (n) {
    case 1:
        return p[0];
    case 2:
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    case 3:
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    case 4:
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 |
               (p[3] & 0x3F);
    default:
        return 0xFFFD;
    }
}

size_t utf8_put(char out[4], uint32_t c) {
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(lead[n] | c);
    return n;
}

size_t utf8_count(struct str s) {
    size_t count = 0;
    for (size_t at = 0; at < s.n; count++)
        (void)utf8_next(s, &at);
    return count;
}

struct str utf8_cut_chars(struct str s, size_t chars) {
    size_t at = 0;
    for (; at < s.n && chars > 0; chars--)
        (void)utf8_next(s, &at);
    return (struct str){s.p, at};
}

struct str utf8_cut(struct str s, size_t n_bytes) {
    if (s.n <= n_bytes)
        n_bytes = s.n;
    // A cut inside a sequence goes back to its first byte; a whole last sequence stays.
    size_t start = n_bytes;
    while (start > 0 && n_bytes - start < 3 && ((unsigned char)s.p[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)s.p[start - 1] >= 0xC0) {
        size_t n = sequence((const unsigned char *)s.p + start - 1, s.n - start + 1);
        if (n > 0 && start - 1 + n > n_bytes)
            n_bytes = start - 1;
    }
    return (struct str){s.p, n_bytes};
}
