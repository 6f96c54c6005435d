// SPDX-License-Identifier: AGPL-3.0-or-later
// A thread that reads files, so that a disk that hangs keeps nobody waiting but those who asked for them. One reads the logs
// of streams, for HLS and for those who listen to earlier sound; another the services and the files that they play.
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
    struct net_job job;
    struct reader *reader;
    void (*read)(struct read_job *job, struct logs *logs); // on the reader's thread
    void (*done)(
        struct read_job *job); // on the loop's; at the latest when the reader stops, whose caller's thread it is then
    atomic_bool is_off;        // nobody wants it any more: `done` follows without a reading. Set on the loop's thread
};

// dir: the station's; name: of its thread.
struct reader *reader_start(struct net_loop *loop, const char *dir, const char *name);
void reader_stop(struct reader **reader); // reads what is still wanted first
// What everybody hears now is `urgent` and goes before what one listener asks for. RC_BUSY: too many wait; nothing was done.
enum rc reader_ask(struct reader *reader, struct read_job *job, bool urgent) MUST_USE;

struct hls *logs_hls(struct logs *logs);
// The log of a stream, which is opened anew for one of another id. NULL: there is none, or it cannot be read. Until the job
// is over.
struct audio_log_reader *logs_of(struct logs *logs, const char *stream, uint64_t id);

#endif
