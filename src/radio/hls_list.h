// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to hls.c: a media playlist, from the log to text.
#ifndef RADIO_HLS_LIST_H
#define RADIO_HLS_LIST_H

#include "radio/hls.h"

const char *hls_ending(enum audio_format format, enum hls_kind kind); // "ts", "aac", "mp3"

struct hls_list {
    struct hls_ask ask;
    enum audio_format format;
    int64_t end; // the number behind the last segment that is over
    // What hls_list_read found.
    struct audio_segment *segments; // owned
    uint32_t *times;                // of each, how often the clock went through it again; owned
    size_t n;
    int64_t ahead;                  // so much is the media sequence ahead of a segment's number
    uint32_t breaks;                // before the first
    uint32_t peak_bps, average_bps; // of bits a second, with what they are packed in
    bool is_over;                   // nothing more comes
    bool is_past;                   // and nobody is there any more who followed it
};
// RC_NOT_FOUND: no sound is there. RC_BUSY, RC_IO.
enum rc hls_list_read(struct hls_list *list, struct audio_log_reader *reader) MUST_USE;
void hls_list_write(const struct hls_list *list, struct buf *out);
void hls_list_fini(struct hls_list *list);

#endif
