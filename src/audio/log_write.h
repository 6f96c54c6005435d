// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to the log's writer: how it is opened and mended (log_open.c), and how it is written (log_write.c).
#ifndef AUDIO_LOG_WRITE_H
#define AUDIO_LOG_WRITE_H

#include "audio/log.h"

enum { LOG_WAITING_MAX = 1 << 19, LOG_RECORDS_WAITING_MAX = 1 << 18 }; // bytes that wait for a flush

struct audio_log {
    char *folder;
    int dir, lock;
    enum audio_format format;
    uint32_t newest; // part that there is or was
    struct log_part part;
    bool has_part, is_ended;
    int titles;
    // What stands on disk and is vouched for.
    uint64_t bytes, sound_us;
    uint32_t records;
    int64_t end_us; // of the newest sound, waiting or written
    // What waits: sound, of which the last run may be open, and the records of those that are closed.
    struct buf waiting, records_waiting;
    struct log_run run;
    bool has_run, run_is_mixed; // of beginnings and others
    uint64_t base_us, samples;  // sound so far in this part: until the rate changed, and since
    uint32_t rate;
    uint8_t channels;
    uint32_t marks; // of the next run
    bool wants_begin;
    int64_t moment_us;    // the newest
    int64_t back_from_us; // the newest there was before a clock was put back; 0: never
    int64_t back_at_us;   // when that was; monotonic, 0: not yet
    // The chain's headers, to be written at each part's begin.
    struct buf headers;
    uint32_t chain, chain_here, chain_written, head_here; // chain_here: whose headers are in this part
    struct buf title;
    int64_t title_us;
    bool title_owed, title_is_again;
    int64_t broken_since;
    int why; // errno of that
    bool may_try;
};

// Cuts the part's tail down to what its records vouch for and takes over where it ends.
enum rc log_part_take_over(struct audio_log *log, struct log_part *part, struct problem *p) MUST_USE;

#endif
