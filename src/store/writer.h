// SPDX-License-Identifier: AGPL-3.0-or-later
// The writer: one thread, one connection, a queue. What waits in the queue together is committed together.
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/connection.h"

struct writer;
// Takes the connection over. path is for sentences and the log.
struct writer *writer_new(struct db *db, const char *path);
void writer_free(struct writer **w); // works off the queue, checkpoints, closes the connection
enum rc writer_run(struct writer *w, enum store_durability d, store_write_fn fn, void *arg) MUST_USE;
// Like writer_run with a durable fn (NULL: nothing); after its commit, before anything else is written, `then` runs
// on the writer's thread.
enum rc writer_run_then(struct writer *w, store_write_fn fn, void *arg, enum rc (*then)(void *arg),
                        void *then_arg) MUST_USE;
void writer_on_commit(struct writer *w, void (*fn)(void *arg), void *arg);
void writer_off_commit(struct writer *w, void (*fn)(void *arg), void *arg);

#endif
