// SPDX-License-Identifier: AGPL-3.0-or-later
// A thread of the site process for work that nobody waits for and that another process does for us (private to
// src/main). It looks every second whether there is something to do; a station that ends does not wait for the other
// process for long.
#ifndef MAIN_BACKGROUND_H
#define MAIN_BACKGROUND_H

#include "store/store.h"

struct background;
// One piece of work, with a reader and an arena of its own. True: something was done, look again at once.
typedef bool (*background_fn)(struct background *b, struct arena *a, struct db *db, void *arg);
struct background *background_start(struct store *store, const char *name, background_fn work, void *arg);
// Around the wait for the other process. Who comes back from it while the station ends stays in background_back: what it
// would need is being closed.
void background_away(struct background *b);
void background_back(struct background *b);
// For work that takes long: it is to stop. Its own thread asks.
bool background_is_ending(struct background *b);
// False: it was away and did not come back soon. Then it is left behind, and what it uses must stay.
bool background_stop(struct background **b) MUST_USE;

#endif
