// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether a picture's file is all there. The libraries paint what is missing grey and call it a warning; a newsroom wants
// to know.
#include <zlib.h>

#include "media/inside.h"

enum { PARTS_MOST = 1 << 20 };

// From the first scan on an end must come; a thumbnail inside a segment has one of its own, which does not count.
static bool jpeg_is_whole(struct str bytes) {
    const uint8_t *p = (const uint8_t *)bytes.p;
    size_t at = 2;
    for (int i = 0; i < PARTS_MOST && at + 4 <= bytes.n && p[at] == 0xff && p[at + 1] != 0xda; i++) {
        bool alone = p[at + 1] == 0x01 || (p[at + 1] >= 0xd0 && p[at + 1] <= 0xd7);
        at += p[at + 1] == 0xff ? 1 : alone ? 2 : 2 + (size_t)big16(p + at + 2);
    }
    return at + 4 <= bytes.n && p[at] == 0xff && p[at + 1] == 0xda &&
           memmem(bytes.p + at, bytes.n - at, "\xff\xd9", 2) != NULL;
}

// Every chunk up to the last in its length and with its checksum.
static bool png_is_whole(struct str bytes) {
    const uint8_t *p = (const uint8_t *)bytes.p;
    size_t at = 8;
    for (int i = 0; i < PARTS_MOST && at + 12 <= bytes.n; i++) {
        size_t size = big32(p + at);
        if (size > bytes.n - at - 12 || big32(p + at + 8 + size) != crc32(0, p + at + 4, (uInt)size + 4))
            return false;
        if (memcmp(p + at + 4, "IEND", 4) == 0)
            return true;
        at += 12 + size;
    }
    return false;
}

bool picture_is_whole(struct str bytes, enum media_type type) {
    return type == MEDIA_JPEG ? jpeg_is_whole(bytes) : type == MEDIA_PNG ? png_is_whole(bytes) : true;
}
