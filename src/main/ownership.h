// SPDX-License-Identifier: AGPL-3.0-or-later
// Whose a station's files are (private to src/main).
#ifndef MAIN_OWNERSHIP_H
#define MAIN_OWNERSHIP_H

#include <sys/types.h>

#include "util/util.h"

// Gives DIR and what is in it to a user, but siaran.conf, which stays its owner's: it may hold what only root should read.
// Only as root. What else has a second name (a hard link) is left alone: it may be anybody's file. Links are not followed.
enum rc ownership_give(const char *dir, uid_t user, gid_t group, struct problem *p) MUST_USE;

#endif
