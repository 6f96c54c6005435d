// SPDX-License-Identifier: AGPL-3.0-or-later
// Where the access log's lines go (private to src/main).
#ifndef MAIN_ACCESS_LOG_H
#define MAIN_ACCESS_LOG_H

#include "util/util.h"

struct access_log {
    int fd; // the number stays the same for the process's life, so that loop threads need no lock
};
void access_log_init(struct access_log *log); // standard error
// Opens the file (again); empty path: standard error. Without leading "/" it stands in dir. On failure lines go on where
// they went.
enum rc access_log_open(struct access_log *log, const char *dir, const char *path, struct problem *p) MUST_USE;
void access_log_write(const struct access_log *log, struct str line); // from any thread; one write a line
void access_log_close(struct access_log *log);

#endif
