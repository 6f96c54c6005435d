// SPDX-License-Identifier: AGPL-3.0-or-later
// The thread that reads the logs of streams, for HLS and for those who listen to earlier sound: a disk that hangs keeps
// nobody waiting but them.
#ifndef RADIO_READER_H
#define RADIO_READER_H

#include <stdatomic.h>

#include "audio/audio.h"
#include "net/net.h"
#include "radio/hls.h"

struct reader;
struct logs; // what is open of them; only on the reader's thread

// One order. Embedded in what it is for; from reader_ask on it belongs to the reader, from `done` on to its owner again.
struct read_job {
    struct read_job *next;
    void (*read)(struct read_job *job, struct logs *logs); // on the reader's thread, in the order of asking
    void (*done)(struct read_job *job); // on the loop's; also of those that were never read when it stops
    bool is_read;
    atomic_bool is_off; // nobody wants it any more: its `done` follows without a reading. From the loop's thread
};

struct reader *reader_start(struct net_loop *loop, const char *dir); // of the station
// Waits for the job that is being read and calls `done` of all the others.
void reader_stop(struct reader **reader);
void reader_ask(struct reader *reader, struct read_job *job);
bool reader_is_full(struct reader *reader); // too many wait: nobody should add one of theirs
// The log of that stream is opened anew when it is asked for next.
void reader_forget(struct reader *reader, const char *stream);

struct hls *logs_hls(struct logs *logs);
// NULL: there is none, or it cannot be read. Until the job is over.
struct audio_log_reader *logs_of(struct logs *logs, const char *stream);

#endif
