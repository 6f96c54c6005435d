// SPDX-License-Identifier: AGPL-3.0-or-later
// Sums by service, format, player and country together. Each line adds to four of them: its service and the station, its
// format and all of them, so that a listener of two services or formats is one in the cell of both.
#include "audience/inside.h"

enum { CELLS = 4096, CELLS_MOST = CELLS / 2, LINE_CELLS = 8 }; // a line touches two days

struct cells {
    size_t count;
    struct cell rows[CELLS]; // player_id 0: free
};

struct cells *cells_new(struct arena *a) {
    return ARENA_NEW(a, struct cells);
}

bool cells_has_room(const struct cells *cells) {
    return cells->count + LINE_CELLS <= CELLS_MOST;
}

static uint64_t key_of(const struct cell *c) {
    const int64_t parts[] = {c->day, c->service_id, c->format_id, c->player_id, c->country_id};
    uint64_t key = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        key = (key + (uint64_t)parts[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return key;
}

static bool is_same(const struct cell *a, const struct cell *b) {
    return a->day == b->day && a->service_id == b->service_id && a->format_id == b->format_id &&
           a->player_id == b->player_id && a->country_id == b->country_id;
}

void cells_add(struct cells *cells, const struct cell *more) {
    size_t at = (size_t)(key_of(more) >> 40) % CELLS;
    while (cells->rows[at].player_id != 0 && !is_same(&cells->rows[at], more))
        at = (at + 1) % CELLS;
    struct cell *row = &cells->rows[at];
    if (row->player_id != 0) {
        sum_add(&row->sum, &more->sum);
        row->listeners += more->listeners;
        return;
    }
    must(cells->count++ < CELLS - 1);
    *row = *more;
}

// ---- into the database -----------------------------------------------------------------------------------------------------

static enum rc cell_write(struct db *db, const struct cell *c) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO audience_cells (service_id, format_id, day, player_id, country_id, listened_us, sessions, "
            "quarters, listeners) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (service_id, format_id, day, "
            "player_id, country_id) DO UPDATE SET listened_us = audience_cells.listened_us + excluded.listened_us, "
            "sessions = audience_cells.sessions + excluded.sessions, "
            "quarters = audience_cells.quarters + excluded.quarters, "
            "listeners = audience_cells.listeners + excluded.listeners");
    const int64_t values[] = {c->service_id,      c->format_id,    c->day,          c->player_id, c->country_id,
                              c->sum.listened_us, c->sum.sessions, c->sum.quarters, c->listeners};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        db_bind_i64(st, (int)i + 1, values[i]);
    return db_run(st);
}

enum rc cells_write(struct db *db, const struct cells *cells) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < CELLS; i++)
        if (cells->rows[i].player_id != 0)
            rc = cell_write(db, &cells->rows[i]);
    return rc;
}

// ---- asking --------------------------------------------------------------------------------------------------------------

enum rc cells_each(struct db *db, const struct cell *like, int64_t from_day, int64_t to_day, cell_fn take, void *arg) {
    struct db_stmt *st = db_sql(db, "SELECT day, player_id, country_id, listened_us, sessions, quarters, listeners "
                                    "FROM audience_cells WHERE service_id = $1 AND format_id = $2 AND day BETWEEN $3 "
                                    "AND $4 AND ($5 = 0 OR player_id = $5) AND ($6 = 0 OR country_id = $6)");
    const int64_t values[] = {like->service_id, like->format_id, from_day, to_day, like->player_id, like->country_id};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        db_bind_i64(st, (int)i + 1, values[i]);
    while (db_step(st)) {
        struct cell c = {.day = db_i64(st, 0),
                         .service_id = like->service_id,
                         .format_id = like->format_id,
                         .player_id = db_i64(st, 1),
                         .country_id = db_i64(st, 2),
                         .sum = {db_i64(st, 3), db_i64(st, 4), db_i64(st, 5)},
                         .listeners = db_i64(st, 6)};
        take(arg, &c);
    }
    return db_end(st);
}
