// SPDX-License-Identifier: AGPL-3.0-or-later
// AAC as a bare stream of ADTS frames (ISO 13818-7, 6.2): each begins with its length, so they are counted by stepping
// from one to the next.
#include "audio/audio.h"
#include "media/inside.h"

enum { BLOCK = 1 << 16 };

// Reads blocks, not frames: an hour has 150,000 of these.
struct window {
    const struct media_source *s;
    uint8_t bytes[BLOCK];
    uint64_t from;
    size_t n;
};

static const uint8_t *window_at(struct window *w, uint64_t at) {
    if (at < w->from || at + AUDIO_ADTS_HEAD > w->from + w->n) {
        w->from = at;
        w->n = media_source_read(w->s, at, w->bytes, sizeof w->bytes);
    }
    return at + AUDIO_ADTS_HEAD <= w->from + w->n ? w->bytes + (at - w->from) : NULL;
}

// A tag of 128 bytes may stand at the end (ID3v1).
static bool is_end(const struct media_source *s, uint64_t at) {
    char tag[3];
    return at == s->bytes ||
           (at + 128 == s->bytes && media_source_read(s, at, tag, 3) == 3 && memcmp(tag, "TAG", 3) == 0);
}

static bool frames_count(struct window *w, uint64_t at, uint64_t *samples_out, unsigned *rate_out) {
    struct audio_adts frame;
    const uint8_t *p;
    while ((p = window_at(w, at)) != NULL && audio_adts_read(p, &frame)) {
        if (*rate_out != 0 && frame.rate != *rate_out)
            return false;
        *rate_out = frame.rate;
        *samples_out += frame.samples;
        at += frame.bytes;
    }
    return is_end(w->s, at);
}

bool adts_duration(const struct media_source *s, int64_t *duration_ms_out) {
    struct window *w = MEM_NEW(struct window);
    w->s = s;
    uint64_t samples = 0;
    unsigned rate = 0;
    bool whole = frames_count(w, id3_end(s), &samples, &rate);
    mem_free(w);
    if (!whole || rate == 0)
        return false;
    *duration_ms_out = (int64_t)(samples * 1000 / rate);
    return true;
}
