// SPDX-License-Identifier: AGPL-3.0-or-later
// What a line adds. Nothing is remembered of a session from one line to the next: a line says how long its session had
// listened before, and so whether it becomes one by this part (then all of it counts), was one, or is none yet.
//
// Fifteen thousand sessions end their hour at the same time; their sums are made here, in memory, and each row of the
// database is touched once for some thousand lines. Only listeners are rows of their own.
#include "audience/inside.h"

enum { PLACES = 128, NAMES = 512, SUMS = 4096, SUMS_MOST = SUMS / 2, DOUBLE_US = 2000000 };

struct place { // a service on a day
    int64_t day, service_id, listeners;
    struct sum sum;
    int64_t hours_us[HOURS];
    int64_t edges[MINUTES + 1]; // how many more listen at the beginning of a minute than at that before
};
struct part_sum {
    int64_t day, service_id, name_id; // name_id 0: free
    enum audience_part part;
    struct sum sum;
};
struct known_name {
    struct str name;
    int64_t id;
};
struct batch {
    struct arena *a;
    struct db *db;
    int64_t day;
    bool closed;
    size_t place_count, name_count, sum_count;
    struct place places[PLACES];
    struct known_name names[NAMES];
    struct part_sum sums[SUMS];
    struct cells *cells;
};

struct batch *batch_new(struct arena *a, struct db *db, int64_t day, bool closed) {
    struct batch *b = ARENA_NEW(a, struct batch);
    b->a = a;
    b->db = db;
    b->day = day;
    b->closed = closed;
    b->cells = cells_new(a);
    return b;
}

// A line touches two days of a service and of the station, five names and two sums of each part.
bool batch_has_room(const struct batch *b) {
    return b->place_count + 4 <= PLACES && b->name_count + 5 <= NAMES &&
           b->sum_count + 2 * AUDIENCE_PARTS <= SUMS_MOST && cells_has_room(b->cells);
}

int64_t month_of(int64_t day) {
    struct text_civil c = text_day_civil(day);
    return (int64_t)c.year * 12 + c.month - 1;
}

int64_t month_first(int64_t month) {
    return text_day_of((struct text_civil){.year = (int)(month / 12), .month = (int)(month % 12) + 1, .day = 1});
}

// ---- names ---------------------------------------------------------------------------------------------------------------

static enum rc name_find(struct db *db, struct str name, int64_t *id_out) {
    struct db_stmt *st = db_sql(db, "SELECT id FROM audience_names WHERE name = $1");
    db_bind_str(st, 1, name);
    *id_out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc name_most(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT MAX(id) FROM audience_names");
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

// Beyond the bound "other", for which a place is left.
static enum rc name_make(struct db *db, struct str name, int64_t *id_out) {
    int64_t most = 0;
    enum rc rc = name_find(db, name, id_out);
    if (rc != RC_OK || *id_out != 0)
        return rc;
    rc = name_most(db, &most);
    if (rc == RC_OK && most >= AUDIENCE_NAMES_MAX - 1) {
        name = STR("other");
        rc = name_find(db, name, id_out);
    }
    if (rc != RC_OK || *id_out != 0)
        return rc;
    struct db_stmt *st = db_sql(db, "INSERT INTO audience_names (id, name) VALUES ($1, $2)");
    *id_out = most + 1;
    db_bind_i64(st, 1, *id_out);
    db_bind_str(st, 2, name);
    return db_run(st);
}

static enum rc name_id(struct batch *b, struct str name, int64_t *id_out) {
    for (size_t i = 0; i < b->name_count; i++)
        if (str_eq(b->names[i].name, name)) {
            *id_out = b->names[i].id;
            return RC_OK;
        }
    enum rc rc = name_make(b->db, name, id_out);
    must(b->name_count < NAMES);
    b->names[b->name_count++] = (struct known_name){str_dup(b->a, name), *id_out};
    return rc;
}

// ---- sums in memory --------------------------------------------------------------------------------------------------------

static struct place *place_of(struct batch *b, int64_t day, int64_t service_id) {
    for (size_t i = 0; i < b->place_count; i++)
        if (b->places[i].day == day && b->places[i].service_id == service_id)
            return &b->places[i];
    must(b->place_count < PLACES);
    struct place *place = &b->places[b->place_count++];
    place->day = day;
    place->service_id = service_id;
    return place;
}

void sum_add(struct sum *to, const struct sum *more) {
    to->listened_us += more->listened_us;
    to->sessions += more->sessions;
    to->quarters += more->quarters;
}

static void part_add(struct batch *b, int64_t day, int64_t service_id, enum audience_part part, int64_t name_id,
                     const struct sum *more) {
    uint64_t key = ((uint64_t)day * 31 + (uint64_t)service_id) * 64 + (uint64_t)part * 8191 + (uint64_t)name_id;
    size_t at = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 40) % SUMS;
    struct part_sum *row = &b->sums[at];
    while (row->name_id != 0 &&
           (row->day != day || row->service_id != service_id || row->part != part || row->name_id != name_id)) {
        at = (at + 1) % SUMS;
        row = &b->sums[at];
    }
    if (row->name_id == 0) {
        must(b->sum_count++ < SUMS - 1);
        *row = (struct part_sum){.day = day, .service_id = service_id, .part = part, .name_id = name_id};
    }
    sum_add(&row->sum, more);
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// Microseconds by hour, and the minutes at whose begin it listened.
static void times_add(struct place *place, int64_t from_us, int64_t to_us) {
    int64_t begin = place->day * US_PER_DAY;
    for (int64_t at = from_us; at < to_us;) {
        int64_t hour = (at - begin) / HOUR_US, end = least(begin + (hour + 1) * HOUR_US, to_us);
        place->hours_us[hour] += end - at;
        at = end;
    }
    place->edges[(from_us - begin + MINUTE_US - 1) / MINUTE_US]++;
    place->edges[(to_us - begin + MINUTE_US - 1) / MINUTE_US]--;
}

struct counted {
    int64_t from_us, to_us; // of what counts
    int64_t sessions, quarters;
    int64_t service_id, part_ids[AUDIENCE_PARTS];
};

// The four places where a line's listener is told from others: of its service or the station, of its format or all of them.
enum { CELL_PLACES = 4 };
static int64_t cell_service(const struct counted *c, int place) {
    return place < 2 ? c->service_id : STATION;
}
static int64_t cell_format(const struct counted *c, int place) {
    return place % 2 == 0 ? c->part_ids[AUDIENCE_FORMAT] : ALL_FORMATS;
}

// In the four cells that the line belongs to; `listeners` of each, in the order of cell_service and cell_format.
static void cells_of_line_add(struct batch *b, const struct counted *c, int64_t day, const struct sum *more,
                              const int64_t listeners[CELL_PLACES]) {
    for (int i = 0; i < CELL_PLACES; i++)
        cells_add(b->cells, &(struct cell){.day = day,
                                           .service_id = cell_service(c, i),
                                           .format_id = cell_format(c, i),
                                           .player_id = c->part_ids[AUDIENCE_PLAYER],
                                           .country_id = c->part_ids[AUDIENCE_COUNTRY],
                                           .sum = *more,
                                           .listeners = listeners[i]});
}

// Within one day.
static void stretch_add(struct batch *b, const struct counted *c, int64_t from_us, int64_t to_us, int64_t sessions,
                        int64_t quarters) {
    int64_t day = session_day(from_us);
    struct sum more = {to_us - from_us, sessions, quarters};
    struct place *places[] = {place_of(b, day, c->service_id), place_of(b, day, STATION)};
    for (size_t i = 0; i < 2; i++) {
        sum_add(&places[i]->sum, &more);
        times_add(places[i], from_us, to_us);
    }
    for (int part = AUDIENCE_STREAM; part < AUDIENCE_PARTS; part++)
        part_add(b, day, c->service_id, (enum audience_part)part, c->part_ids[part], &more);
    cells_of_line_add(b, c, day, &more, (const int64_t[CELL_PLACES]){0});
}

// A session that becomes one just after midnight began before it.
static void counted_add(struct batch *b, const struct counted *c) {
    int64_t day = session_day(c->to_us - 1), midnight = day * US_PER_DAY;
    if (c->from_us < midnight)
        stretch_add(b, c, c->from_us, midnight, 0, 0);
    stretch_add(b, c, c->from_us < midnight ? midnight : c->from_us, c->to_us, c->sessions, c->quarters);
}

// ---- listeners and doubles -------------------------------------------------------------------------------------------------

static enum rc listener_add(struct batch *b, int64_t service_id, int64_t format_id, uint64_t listener,
                            int64_t *new_out) {
    struct db_stmt *st =
        db_sql(b->db, "INSERT INTO audience_listeners (day, service_id, format_id, listener) VALUES "
                      "($1, $2, $3, $4) ON CONFLICT (day, service_id, format_id, listener) DO NOTHING");
    db_bind_i64(st, 1, b->day);
    db_bind_i64(st, 2, service_id);
    db_bind_i64(st, 3, format_id);
    db_bind_i64(st, 4, (int64_t)listener);
    enum rc rc = db_run(st);
    *new_out = rc == RC_OK ? db_changes(b->db) : 0;
    return rc;
}

static enum rc listeners_add(struct batch *b, const struct counted *c, uint64_t listener) {
    int64_t found[CELL_PLACES] = {0};
    enum rc rc = RC_OK;
    if (b->closed)
        return RC_OK; // nobody can tell any more whether it is a new one
    for (int i = 0; rc == RC_OK && i < CELL_PLACES; i++) {
        rc = listener_add(b, cell_service(c, i), cell_format(c, i), listener, &found[i]);
        if (rc == RC_OK && cell_format(c, i) == ALL_FORMATS)
            place_of(b, b->day, cell_service(c, i))->listeners += found[i];
    }
    if (rc == RC_OK)
        cells_of_line_add(b, c, b->day, &(struct sum){0}, found);
    return rc;
}

static enum rc double_find(struct batch *b, int64_t stream_id, uint64_t listener, int64_t begun_us, int64_t *begun_out,
                           int64_t *reached_out) {
    struct db_stmt *st = db_sql(b->db, "SELECT begun_us, reached_us FROM audience_doubles WHERE day = $1 AND "
                                       "stream_id = $2 AND listener = $3 AND begun_us BETWEEN $4 AND $5 "
                                       "ORDER BY begun_us LIMIT 1");
    db_bind_i64(st, 1, b->day);
    db_bind_i64(st, 2, stream_id);
    db_bind_i64(st, 3, (int64_t)listener);
    db_bind_i64(st, 4, begun_us - DOUBLE_US);
    db_bind_i64(st, 5, begun_us + DOUBLE_US);
    *reached_out = 0;
    if (db_step(st)) {
        *begun_out = db_i64(st, 0);
        *reached_out = db_i64(st, 1);
    }
    return db_end(st);
}

static enum rc double_put(struct batch *b, int64_t stream_id, uint64_t listener, int64_t begun_us, int64_t reached_us) {
    struct db_stmt *st = db_sql(b->db, "INSERT INTO audience_doubles (day, stream_id, listener, begun_us, reached_us) "
                                       "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (day, stream_id, listener, begun_us) "
                                       "DO UPDATE SET reached_us = excluded.reached_us");
    db_bind_i64(st, 1, b->day);
    db_bind_i64(st, 2, stream_id);
    db_bind_i64(st, 3, (int64_t)listener);
    db_bind_i64(st, 4, begun_us);
    db_bind_i64(st, 5, reached_us);
    return db_run(st);
}

// AppleCoreMedia's second socket adds only what goes beyond the first: both together are one session, which begins when the
// first did and lasts until the last ends. *before and *to are moved to say so.
static enum rc double_join(struct batch *b, const struct session_part *part, int64_t stream_id, int64_t *before_us,
                           int64_t *from_us, int64_t *to_us) {
    int64_t begun = part->from_us - part->before_us, reached = 0;
    enum rc rc = double_find(b, stream_id, part->listener, begun, &begun, &reached);
    if (rc != RC_OK)
        return rc;
    if (reached != 0) {
        *before_us = reached - begun;
        *from_us = reached;
        *to_us = part->to_us > reached ? part->to_us : reached;
    }
    return double_put(b, stream_id, part->listener, begun, *to_us);
}

// ---- a line --------------------------------------------------------------------------------------------------------------

static enum rc ids_find(struct batch *b, const struct session_part *part, struct counted *c) {
    const struct str names[AUDIENCE_PARTS] = {
        [AUDIENCE_STREAM] = part->stream,
        [AUDIENCE_KIND] = str_from(session_kind_word(part->kind)),
        [AUDIENCE_FORMAT] = str_from(session_format_word(part->format)),
        [AUDIENCE_PLAYER] = part->player,
        [AUDIENCE_COUNTRY] = str_from(part->country),
    };
    enum rc rc = name_id(b, part->service, &c->service_id);
    for (int i = AUDIENCE_STREAM; rc == RC_OK && i < AUDIENCE_PARTS; i++)
        rc = name_id(b, names[i], &c->part_ids[i]);
    return rc;
}

enum rc batch_add(struct batch *b, const struct session_part *part) {
    struct counted c = {0};
    int64_t before = part->before_us, from = part->from_us, to = part->to_us;
    if (str_eq(part->player, STR("bot")))
        return RC_OK;
    enum rc rc = ids_find(b, part, &c);
    if (rc == RC_OK && !b->closed && str_eq(part->player, STR("applecoremedia")))
        rc = double_join(b, part, c.part_ids[AUDIENCE_STREAM], &before, &from, &to);
    int64_t after = before + to - from;
    if (rc != RC_OK || to <= from || after < SESSION_US)
        return rc;
    c.from_us = before < SESSION_US ? from - before : from;
    c.to_us = to;
    c.sessions = before < SESSION_US ? 1 : 0;
    c.quarters = before < QUARTER_US && after >= QUARTER_US ? 1 : 0;
    counted_add(b, &c);
    return listeners_add(b, &c, part->listener);
}

// ---- into the database -----------------------------------------------------------------------------------------------------

static enum rc total_write(struct db *db, const struct place *p) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO audience_totals (day, service_id, listened_us, sessions, quarters, listeners) "
                   "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (day, service_id) DO UPDATE SET "
                   "listened_us = audience_totals.listened_us + excluded.listened_us, "
                   "sessions = audience_totals.sessions + excluded.sessions, "
                   "quarters = audience_totals.quarters + excluded.quarters, "
                   "listeners = audience_totals.listeners + excluded.listeners");
    db_bind_i64(st, 1, p->day);
    db_bind_i64(st, 2, p->service_id);
    db_bind_i64(st, 3, p->sum.listened_us);
    db_bind_i64(st, 4, p->sum.sessions);
    db_bind_i64(st, 5, p->sum.quarters);
    db_bind_i64(st, 6, p->listeners);
    return db_run(st);
}

static enum rc minute_write(struct db *db, const struct place *p, int64_t minute, int64_t more,
                            int64_t *listening_out) {
    struct db_stmt *st = db_sql(db, "INSERT INTO audience_minutes (day, service_id, minute, listening) "
                                    "VALUES ($1, $2, $3, $4) ON CONFLICT (day, service_id, minute) DO UPDATE SET "
                                    "listening = audience_minutes.listening + excluded.listening RETURNING listening");
    db_bind_i64(st, 1, p->day);
    db_bind_i64(st, 2, p->service_id);
    db_bind_i64(st, 3, minute);
    db_bind_i64(st, 4, more);
    *listening_out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc hour_write(struct db *db, const struct place *p, int64_t hour, int64_t peak) {
    struct db_stmt *st = db_sql(db, "INSERT INTO audience_hours (day, service_id, hour, listened_us, peak) "
                                    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (service_id, day, hour) DO UPDATE SET "
                                    "listened_us = audience_hours.listened_us + excluded.listened_us, "
                                    "peak = CASE WHEN excluded.peak > audience_hours.peak THEN excluded.peak "
                                    "ELSE audience_hours.peak END");
    db_bind_i64(st, 1, p->day);
    db_bind_i64(st, 2, p->service_id);
    db_bind_i64(st, 3, hour);
    db_bind_i64(st, 4, p->hours_us[hour]);
    db_bind_i64(st, 5, peak);
    return db_run(st);
}

// Of a closed day the minutes are gone, and its peaks stay as they are.
static enum rc hours_write(struct batch *b, const struct place *p, bool closed) {
    int64_t more = 0;
    enum rc rc = RC_OK;
    for (int64_t hour = 0; rc == RC_OK && hour < HOURS; hour++) {
        int64_t peak = 0, listening = 0;
        for (int64_t m = hour * 60; rc == RC_OK && m < (hour + 1) * 60; m++) {
            more += p->edges[m];
            if (more != 0 && !closed)
                rc = minute_write(b->db, p, m, more, &listening);
            peak = listening > peak ? listening : peak;
        }
        if (rc == RC_OK && (p->hours_us[hour] > 0 || peak > 0))
            rc = hour_write(b->db, p, hour, peak);
    }
    return rc;
}

static void part_bind(struct db_stmt *st, int64_t when, const struct part_sum *row) {
    db_bind_i64(st, 1, when);
    db_bind_i64(st, 2, row->service_id);
    db_bind_i64(st, 3, row->part);
    db_bind_i64(st, 4, row->name_id);
    db_bind_i64(st, 5, row->sum.listened_us);
    db_bind_i64(st, 6, row->sum.sessions);
    db_bind_i64(st, 7, row->sum.quarters);
}

static enum rc part_write(struct db *db, const struct part_sum *row) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO audience_days (day, service_id, part, name_id, listened_us, sessions, quarters) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, service_id, part, name_id) DO UPDATE SET "
                   "listened_us = audience_days.listened_us + excluded.listened_us, "
                   "sessions = audience_days.sessions + excluded.sessions, "
                   "quarters = audience_days.quarters + excluded.quarters");
    part_bind(st, row->day, row);
    enum rc rc = db_run(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(db, "INSERT INTO audience_months (month, service_id, part, name_id, listened_us, sessions, quarters) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (month, service_id, part, name_id) DO UPDATE SET "
                    "listened_us = audience_months.listened_us + excluded.listened_us, "
                    "sessions = audience_months.sessions + excluded.sessions, "
                    "quarters = audience_months.quarters + excluded.quarters");
    part_bind(st, month_of(row->day), row);
    return db_run(st);
}

static enum rc is_closed(struct batch *b, int64_t day, bool *out) {
    *out = b->closed;
    if (day == b->day)
        return RC_OK;
    struct db_stmt *st = db_sql(b->db, "SELECT closed FROM audience_files WHERE day = $1");
    db_bind_i64(st, 1, day);
    *out = db_step(st) && db_i64(st, 0) != 0;
    return db_end(st);
}

enum rc batch_write(struct batch *b) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < b->place_count; i++) {
        bool closed = false;
        rc = is_closed(b, b->places[i].day, &closed);
        if (rc == RC_OK)
            rc = total_write(b->db, &b->places[i]);
        if (rc == RC_OK)
            rc = hours_write(b, &b->places[i], closed);
    }
    for (size_t i = 0; rc == RC_OK && i < SUMS; i++)
        if (b->sums[i].name_id != 0)
            rc = part_write(b->db, &b->sums[i]);
    return rc == RC_OK ? cells_write(b->db, b->cells) : rc;
}
