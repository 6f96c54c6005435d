// SPDX-License-Identifier: AGPL-3.0-or-later
// A thread that goes on with merges of sections, tags and people until none is left (private to src/main).
#ifndef MAIN_MERGING_H
#define MAIN_MERGING_H

#include "main/background.h"

struct background *merging_start(struct store *store);

#endif
