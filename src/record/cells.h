// SPDX-License-Identifier: AGPL-3.0-or-later
// The file of read cells: a header page, then 16 bytes per article number, mapped shared.
#ifndef RECORD_CELLS_H
#define RECORD_CELLS_H

#include "record/record.h"

#define CELLS_MOST (INT64_C(1) << 24)

struct cells {
    int fd;
    int64_t epoch;
    void *map;                 // the whole possible file; only what the file has may be touched
    struct counter_cell *cell; // behind the header
    _Atomic int64_t capacity;  // cells the file has
};
// RC_NOT_FOUND: no such file. RC_INVALID: damaged, the sentence says how. RC_IO, RC_DENIED.
enum rc cells_open(const char *dir, int64_t epoch, bool read_only, struct cells *out, struct problem *p) MUST_USE;
enum rc cells_create(const char *dir, int64_t epoch, struct cells *out, struct problem *p) MUST_USE;
void cells_close(struct cells *c);
// Makes the file reach `number`, its disk space taken at once: a shared map without space behind it would end the
// process at the first touch.
enum rc cells_grow(struct cells *c, int64_t number) MUST_USE;
void cells_sync(struct cells *c);
// Takes a damaged file out of the way, kept for inspection.
void cells_set_aside(const char *dir, int64_t epoch);

#endif
