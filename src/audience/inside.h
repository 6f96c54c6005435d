// SPDX-License-Identifier: AGPL-3.0-or-later
// Sums of some thousand lines in memory, on their way into the database. Private to src/audience.
#ifndef AUDIENCE_INSIDE_H
#define AUDIENCE_INSIDE_H

#include "audience/audience.h"

#define SESSION_US (60 * US_PER_SECOND)
#define QUARTER_US (900 * US_PER_SECOND)
#define HOUR_US (3600 * US_PER_SECOND)
#define MINUTE_US (60 * US_PER_SECOND)

enum { STATION = 0, MINUTES = 1440, HOURS = 24 }; // STATION: service_id of the whole station

struct batch;
// Of the file of `day`, which is closed or not. Everything within one write: names, listeners and doubles are looked up and
// written at once, sums by batch_write. arena.
struct batch *batch_new(struct arena *a, struct db *db, int64_t day, bool closed);
// False: there is no room for what the line adds. Write what there is, and bring the line again.
bool batch_has_room(const struct batch *b);
enum rc batch_add(struct batch *b, const struct session_part *part) MUST_USE;
enum rc batch_write(struct batch *b) MUST_USE;

int64_t month_of(int64_t day);      // year times 12 and month, from 0
int64_t month_first(int64_t month); // its first day

#endif
