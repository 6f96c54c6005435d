// SPDX-License-Identifier: AGPL-3.0-or-later
// Runs of bytes of one class. The long ones of a head, its target and its values, are passed sixteen bytes at a time;
// names are too short to gain by that. The vectors are the compiler's own (gcc and clang, any machine). A vector test
// may stop too early, at a byte that is rare but belongs to the class; it never passes one that does not: the table
// has the last word.
#ifndef HTTP_SCAN_H
#define HTTP_SCAN_H

#include "util/util.h"

enum scan_class {
    SCAN_TOKEN = 1,  // RFC 9110 5.6.2
    SCAN_TARGET = 2, // what may stand in a request target; no fragment, nothing browsers encode
    SCAN_HOST = 4,   // of a registered name or an IPv4 address
    SCAN_TEXT = 8,   // of a header value: no control byte but the tab
};
extern const uint8_t scan_classes[256]; // bits of enum scan_class

typedef uint8_t scan_bytes __attribute__((vector_size(16)));

static inline bool scan_is(char c, enum scan_class class) {
    return (scan_classes[(uint8_t)c] & class) != 0;
}

// Bit i is set when byte i is (0xff); the others are 0.
static inline unsigned scan_mask(scan_bytes set) {
#ifdef __SSE2__
    typedef char chars __attribute__((vector_size(16)));
    return (unsigned)__builtin_ia32_pmovmskb128((chars)set);
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++)
        mask |= (set[i] & 1u) << i;
    return mask;
#endif
}

static inline scan_bytes scan_between(scan_bytes v, uint8_t low, uint8_t high) {
    return (scan_bytes)(v - low <= (uint8_t)(high - low));
}

static inline scan_bytes scan_stops_target(scan_bytes v) {
    return ~(scan_between(v | 0x20, 'a', 'z') | scan_between(v, '$', ';') | (scan_bytes)(v == '=') |
             (scan_bytes)(v == '?') | (scan_bytes)(v == '_'));
}

static inline scan_bytes scan_stops_text(scan_bytes v) {
    return (scan_bytes)(v < 0x20) | (scan_bytes)(v == 0x7f);
}

// The end of the run of `class` that begins at p.
static inline char *scan_short(char *p, const char *end, enum scan_class class) {
    while (p < end && scan_is(*p, class))
        p++;
    return p;
}

// The same, `stops` setting the bytes at which to look closer. The step is always sixteen until the last: so the next
// load need not wait for what this one finds.
static inline char *scan_long(char *p, const char *end, enum scan_class class, scan_bytes (*stops)(scan_bytes v)) {
    for (; end - p >= 16; p += 16) {
        scan_bytes v;
        memcpy(&v, p, 16);
        unsigned mask = scan_mask(stops(v));
        if (mask != 0)
            return scan_short(p + __builtin_ctz(mask), end, class);
    }
    return scan_short(p, end, class);
}

#endif
