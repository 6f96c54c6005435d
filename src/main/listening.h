// SPDX-License-Identifier: AGPL-3.0-or-later
// The thread of the site process that takes what the radio process wrote of listening sessions into the database. Private to
// src/main.
#ifndef MAIN_LISTENING_H
#define MAIN_LISTENING_H

#include "main/background.h"

// dir is borrowed until background_stop.
struct background *listening_start(struct store *store, const char *dir);

#endif
