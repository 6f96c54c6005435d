// SPDX-License-Identifier: AGPL-3.0-or-later
// The file of a backup (private to src/main): a plain tar that any tar can read, of
//
//   siaran.db   counters/*   media/**   originals/**   radio/sounds/*   services.json   siaran.conf   desk.conf   MANIFEST
//
// MANIFEST is last: a line "siaran-backup 1", a line "SHA-256 size name" for each entry in order, a line
// "audit NUMBER HASH" with the head of the audit log, and a line "end SHA-256" over all before it. So a file that was cut off or altered anywhere is known before anything is
// unpacked.
#ifndef MAIN_ARCHIVE_H
#define MAIN_ARCHIVE_H

#include "util/util.h"

struct archive_progress {
    bool (*step)(void *arg, uint64_t bytes); // so many more; false: give up
    void *arg;
};

struct archive_out;
// Writes to PATH.part; nothing stands at PATH before archive_finish.
enum rc archive_create(const char *path, struct archive_out **out, struct problem *p) MUST_USE;
// Adds the file at `path` as `name`; a missing file is RC_NOT_FOUND.
enum rc archive_add(struct archive_out *o, const char *path, const char *name, const struct archive_progress *progress,
                    struct problem *p) MUST_USE;
// Adds every file below `path`; a missing folder is none.
enum rc archive_add_tree(struct archive_out *o, const char *path, const char *name,
                         const struct archive_progress *progress, struct problem *p) MUST_USE;
// The audit log's head at the backup's moment, for the manifest; borrowed until archive_finish.
void archive_set_audit_head(struct archive_out *o, struct str head);
// Manifest, fsync, rename. Frees `o` in any case.
enum rc archive_finish(struct archive_out **o, struct problem *p) MUST_USE;
void archive_abandon(struct archive_out **o); // removes PATH.part

// Reads the whole archive and compares it with its manifest. RC_INVALID with a sentence.
enum rc archive_check(const char *path, const struct archive_progress *progress, struct problem *p) MUST_USE;
// Unpacks an archive that was checked into the folder `dir`; the manifest's audit head begins the journal there.
enum rc archive_unpack(const char *path, const char *dir, const struct archive_progress *progress,
                       struct problem *p) MUST_USE;
// The audit head that a whole backup carries at its end, found without reading the rest; empty: none. arena.
struct str archive_audit_head(struct arena *a, const char *path);
// A name that a backup may hold: no "..", no absolute path, nothing but the files of a station.
bool archive_name_ok(struct str name);

#endif
