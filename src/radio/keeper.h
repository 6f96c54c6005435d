// SPDX-License-Identifier: AGPL-3.0-or-later
// The thread that touches the disk: it appends to the logs, keeps them within their limits and writes the small files. The
// sound's thread hands over what there is to write and never waits; what cannot be taken is lost and said so.
#ifndef RADIO_KEEPER_H
#define RADIO_KEEPER_H

#include "audio/audio.h"

struct keeper;
struct keep; // of one stream

struct keeper *keeper_start(const char *dir);
// Everything handed over is written first.
void keeper_stop(struct keeper **k);
struct keep *keep_open(struct keeper *k, const char *name, enum audio_format format);
void keep_limits(struct keep *k, uint64_t bytes, int64_t age_us);
void keep_close(struct keep **k); // by the keeper, when it has written what came

// `bytes` in place of the piece's own; copied.
void keep_piece(struct keep *k, const struct audio_piece *piece, struct str bytes, int64_t moment_us);
void keep_mark(struct keep *k, unsigned flags); // enum audio_log_flag
void keep_title(struct keep *k, struct str title, int64_t moment_us);
void keep_hand_over(struct keeper *k); // some times a second: what was collected goes to the thread

// What it said last; cheap, from any thread.
struct keep_state {
    int64_t broken_since_us; // 0: it can be written
    int64_t from_us, to_us;  // what can be replayed; 0: nothing
    uint64_t bytes, dropped; // of the log; parts that its limits cost so far
    uint64_t lost;           // pieces that could not be handed over
};
void keep_state(const struct keep *k, struct keep_state *out);
// Replaces a small file of the station, without waiting for the disk; the text is copied. Spaces come behind it; on a full
// disk the file is written over where it stands, so a reader takes both and reads again what is no whole text.
void keeper_file(struct keeper *k, const char *path, struct str text);
// Called on its thread each second.
void keeper_each_second(struct keeper *k, void (*fn)(void *arg), void *arg);

#endif
