// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames of AAC in ADTS (ISO 13818-7, 6.2). As with MPEG audio, a header counts out of step only when the next agrees.
#include "audio/inside.h"

bool audio_adts_read(const uint8_t *p, struct audio_adts *out) {
    static const uint32_t rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                     22050, 16000, 12000, 11025, 8000,  7350};
    static const uint8_t channels[8] = {0, 1, 2, 3, 4, 5, 6, 8};
    enum { SAMPLES = 1024 };
    unsigned rate = p[2] >> 2 & 15;
    if (p[0] != 0xff || (p[1] & 0xf6) != 0xf0 || rate >= sizeof rates / sizeof *rates)
        return false;
    *out = (struct audio_adts){.bytes = (uint32_t)(p[3] & 3) << 11 | (uint32_t)p[4] << 3 | p[5] >> 5,
                               .rate = rates[rate],
                               .samples = SAMPLES * ((p[6] & 3u) + 1),
                               .channels = channels[(p[2] & 1) << 2 | p[3] >> 6]};
    return out->bytes >= AUDIO_ADTS_HEAD + ((p[1] & 1) == 0 ? 2u : 0u); // a checksum follows where the bit is clear
}

// Version, checksum, profile, rate and channels stay the same from frame to frame.
static bool head_read(const uint8_t *p, struct frame_head *out) {
    struct audio_adts f;
    if (!audio_adts_read(p, &f))
        return false;
    *out = (struct frame_head){f.bytes, (uint32_t)(p[1] << 8 | (p[2] & 0xfd)) << 8 | (p[3] & 0xc0u)};
    return true;
}

// Only of AAC-LC is known where things stand.
static int level_of(struct str frame) {
    const uint8_t *p = (const uint8_t *)frame.p;
    enum { LC = 1, CHECKSUM = 2 };
    bool is_guarded = (p[1] & 1) == 0, has_one_block = (p[6] & 3) == 0;
    if (p[2] >> 6 != LC || (is_guarded && !has_one_block))
        return AUDIO_LEVEL_UNKNOWN; // where several blocks begin stands in front of them
    return aac_level(str_slice(frame, AUDIO_ADTS_HEAD + (is_guarded ? CHECKSUM : 0), frame.n));
}

size_t aac_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    struct str frame = STR_NONE;
    struct audio_adts f;
    size_t n = scan_frame(s, waiting, head_read, &frame);
    if (frame.n == 0 || !audio_adts_read((const uint8_t *)frame.p, &f))
        return n;
    *out = (struct audio_piece){.bytes = frame,
                                .may_begin = true,
                                .samples = f.samples,
                                .rate = f.rate,
                                .channels = f.channels,
                                .level = level_of(frame)};
    return n;
}
