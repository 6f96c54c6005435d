// SPDX-License-Identifier: AGPL-3.0-or-later
// Sums of some thousand lines in memory, on their way into the database, and what is asked of them there. Private to
// src/audience.
#ifndef AUDIENCE_INSIDE_H
#define AUDIENCE_INSIDE_H

#include "audience/audience.h"

#define SESSION_US (60 * US_PER_SECOND)
#define QUARTER_US (900 * US_PER_SECOND)
#define HOUR_US (3600 * US_PER_SECOND)
#define MINUTE_US (60 * US_PER_SECOND)

// STATION: service_id of the whole station; ALL_FORMATS: format_id of all of them
enum { STATION = 0, ALL_FORMATS = 0, MINUTES = 1440, HOURS = 24 };

struct sum {
    int64_t listened_us, sessions, quarters;
};
void sum_add(struct sum *to, const struct sum *more);

// What was listened on a day by service (or STATION), format (or ALL_FORMATS), player and country together.
struct cell {
    int64_t day, service_id, format_id, player_id, country_id;
    struct sum sum;
    int64_t listeners;
};
struct cells;
struct cells *cells_new(struct arena *a);
bool cells_has_room(const struct cells *cells); // for what one line adds
void cells_add(struct cells *cells, const struct cell *more);
enum rc cells_write(struct db *db, const struct cells *cells) MUST_USE;
typedef void (*cell_fn)(void *arg, const struct cell *cell);
// Those of the service and format that `like` names; of its player and country, where they are not 0.
enum rc cells_each(struct db *db, const struct cell *like, int64_t from_day, int64_t to_day, cell_fn take,
                   void *arg) MUST_USE;

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
