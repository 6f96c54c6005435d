// SPDX-License-Identifier: AGPL-3.0-or-later
// The blocks of a GIF (GIF89a specification), walked without unpacking to count its frames.
#include "media/inside.h"

enum { TRAILER = 0x3b, EXTENSION = 0x21, IMAGE = 0x2c };

static uint64_t table_bytes(unsigned packed) {
    return (packed & 0x80) != 0 ? UINT64_C(3) << ((packed & 7) + 1) : 0;
}

// Over the sub-blocks to behind the empty one that ends them.
static bool blocks_skip(const struct media_source *s, uint64_t *at) {
    uint8_t size = 0;
    do {
        if (media_source_read(s, *at, &size, 1) != 1)
            return false;
        *at += 1 + (uint64_t)size;
    } while (size != 0);
    return true;
}

static bool image_skip(const struct media_source *s, uint64_t *at) {
    uint8_t p[10];
    if (media_source_read(s, *at, p, sizeof p) < sizeof p)
        return false;
    *at += sizeof p + table_bytes(p[9]) + 1; // behind the code size
    return blocks_skip(s, at);
}

bool gif_frames(const struct media_source *s, unsigned most, unsigned *count_out) {
    uint8_t p[13], mark = 0;
    *count_out = 0;
    if (media_source_read(s, 0, p, sizeof p) < sizeof p)
        return false;
    uint64_t at = sizeof p + table_bytes(p[10]);
    while (*count_out <= most && media_source_read(s, at, &mark, 1) == 1 && mark != TRAILER) {
        if (mark == IMAGE) {
            if (!image_skip(s, &at))
                break; // cut off: nothing is lost but frames that are not taken, unless it is the first
            ++*count_out;
        } else if (mark == EXTENSION) {
            at += 2;
            if (!blocks_skip(s, &at))
                break;
        } else
            break;
    }
    return *count_out > 0;
}
