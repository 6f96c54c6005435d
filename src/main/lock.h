// SPDX-License-Identifier: AGPL-3.0-or-later
// DIR/lock: whoever holds it may open the station's database (private to src/main). It is an flock on an open file
// that children inherit, so it is free exactly when the last process of the station is gone, however it ended.
#ifndef MAIN_LOCK_H
#define MAIN_LOCK_H

#include "util/util.h"

// RC_BUSY "the station in DIR is already served by process N"; RC_NOT_FOUND when DIR is no station.
enum rc lock_take(const char *dir, int *fd_out, struct problem *p) MUST_USE;
void lock_release(int *fd); // closes it in this process

#endif
