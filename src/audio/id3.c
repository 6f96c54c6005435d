// SPDX-License-Identifier: AGPL-3.0-or-later
// The tag in front of packed audio (id3.org: ID3v2.4.0 structure 3.1 and 4, frames 4.2.1 and 4.27; RFC 8216, 3.4).
#include "audio/audio.h"

enum { CLOCK_BYTES = 8, FRAME_HEAD = 10, UTF_8 = 3 };

uint64_t audio_clock(int64_t moment_us) {
    return ((uint64_t)moment_us * 9 + 50) / 100 & ((UINT64_C(1) << 33) - 1);
}

// Seven bits a byte.
static void synchsafe_put(struct buf *b, size_t n) {
    for (int shift = 21; shift >= 0; shift -= 7)
        buf_char(b, (char)(n >> shift & 0x7f));
}

static void frame_put(struct buf *b, const char *name, struct str body) {
    buf_c(b, name);
    synchsafe_put(b, body.n);
    buf_add(b, "\0\0", 2);
    buf_str(b, body);
}

void audio_id3(struct buf *b, int64_t moment_us, struct str title) {
    static const char owner[] = "com.apple.streaming.transportStreamTimestamp"; // and its NUL
    char clock[sizeof owner + CLOCK_BYTES], text[1 + AUDIO_TITLE_BYTES] = {UTF_8};
    uint64_t ticks = audio_clock(moment_us);
    memcpy(clock, owner, sizeof owner);
    for (size_t i = 0; i < CLOCK_BYTES; i++)
        clock[sizeof owner + i] = (char)(uint8_t)(ticks >> (8 * (CLOCK_BYTES - 1 - i)));
    title = utf8_cut(title, AUDIO_TITLE_BYTES);
    if (title.n > 0)
        memcpy(text + 1, title.p, title.n);
    buf_add(b, "ID3\4\0\0", 6);
    synchsafe_put(b, FRAME_HEAD + sizeof clock + (title.n > 0 ? FRAME_HEAD + 1 + title.n : 0));
    frame_put(b, "PRIV", (struct str){clock, sizeof clock});
    if (title.n > 0)
        frame_put(b, "TIT2", (struct str){text, 1 + title.n});
}
