// SPDX-License-Identifier: AGPL-3.0-or-later
// Sums of a stretch of days. Whole months within it come from the months' rows: a year is twelve of them and some days. A
// question of several parts at once is answered by their cells.
#include <stdlib.h>

#include "audience/inside.h"

struct reading {
    struct arena *a;
    struct db *db;
    const struct audience_ask *ask;
    int64_t only[AUDIENCE_PARTS]; // ids; 0: all, -1: nothing has that name
    int64_t first_day, today;
    struct str *names; // by id
    int64_t name_count;
    struct audience_sum *by_id[AUDIENCE_PARTS]; // by name
    struct audience *out;
};

// ---- names ---------------------------------------------------------------------------------------------------------------

static enum rc names_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT MAX(id) FROM audience_names");
    r->name_count = db_step(st) ? db_i64(st, 0) + 1 : 1;
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    r->names = ARENA_ARRAY(r->a, struct str, (size_t)r->name_count);
    st = db_sql(r->db, "SELECT id, name FROM audience_names WHERE id < $1");
    db_bind_i64(st, 1, r->name_count);
    while (db_step(st))
        r->names[db_i64(st, 0)] = db_str_dup(r->a, st, 1);
    return db_end(st);
}

static int64_t id_of(const struct reading *r, struct str name) {
    for (int64_t id = 1; id < r->name_count; id++)
        if (str_eq(r->names[id], name))
            return id;
    return -1;
}

static void only_find(struct reading *r) {
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (audience_asks((enum audience_part)part) && r->ask->only[part].n > 0)
            r->only[part] = id_of(r, r->ask->only[part]);
}

bool audience_is_narrow(const struct audience_ask *ask) {
    return ask->only[AUDIENCE_FORMAT].n > 0 || ask->only[AUDIENCE_PLAYER].n > 0 || ask->only[AUDIENCE_COUNTRY].n > 0;
}

static int name_compare(const void *l, const void *r) {
    return str_cmp(*(const struct str *)l, *(const struct str *)r);
}

static void known_add(struct reading *r, enum audience_part part, int64_t id) {
    struct audience *out = r->out;
    if (out->known[part] == NULL)
        out->known[part] = ARENA_ARRAY(r->a, struct str, (size_t)r->name_count);
    if (id > 0 && id < r->name_count)
        out->known[part][out->known_counts[part]++] = r->names[id];
}

// A seek for each.
static enum rc services_read(struct reading *r) {
    int64_t id = STATION;
    enum rc rc = RC_OK;
    while (rc == RC_OK && id < r->name_count) {
        struct db_stmt *st = db_sql(r->db, "SELECT MIN(service_id) FROM audience_hours WHERE service_id > $1");
        db_bind_i64(st, 1, id);
        id = db_step(st) && !db_is_null(st, 0) ? db_i64(st, 0) : INT64_MAX;
        rc = db_end(st);
        known_add(r, AUDIENCE_SERVICE, id);
    }
    return rc;
}

static enum rc known_read(struct reading *r) {
    enum rc rc = services_read(r);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(r->db, "SELECT DISTINCT part, name_id FROM audience_months");
    while (db_step(st)) {
        int64_t part = db_i64(st, 0);
        if (part > AUDIENCE_SERVICE && part < AUDIENCE_PARTS && audience_asks((enum audience_part)part))
            known_add(r, (enum audience_part)part, db_i64(st, 1));
    }
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (r->out->known_counts[part] > 0)
            qsort(r->out->known[part], r->out->known_counts[part], sizeof(struct str), name_compare);
    return db_end(st);
}

// ---- steps ---------------------------------------------------------------------------------------------------------------

static int64_t step_last(enum audience_step step, int64_t day) {
    if (step == AUDIENCE_BY_WEEK)
        return day + 6 - (((day + 3) % 7) + 7) % 7; // day 0 was a Thursday
    return step == AUDIENCE_BY_MONTH ? month_first(month_of(day) + 1) - 1 : day;
}

// Microseconds of these days that are over, from the first listener's day on.
static int64_t span_of(const struct reading *r, int64_t from_day, int64_t to_day) {
    int64_t from = (from_day > r->first_day ? from_day : r->first_day) * US_PER_DAY, to = (to_day + 1) * US_PER_DAY;
    to = to < r->ask->now_us ? to : r->ask->now_us;
    return to > from ? to - from : 0;
}

static void steps_make(struct reading *r) {
    const struct audience_ask *ask = r->ask;
    struct audience *out = r->out;
    out->steps = ARENA_ARRAY(r->a, struct audience_sum, (size_t)(ask->to_day - ask->from_day + 1));
    for (int64_t day = ask->from_day; day <= ask->to_day;) {
        int64_t last = step_last(ask->step, day);
        last = last < ask->to_day ? last : ask->to_day;
        out->steps[out->step_count++] =
            (struct audience_sum){.from_day = day, .to_day = last, .span_us = span_of(r, day, last)};
        day = last + 1;
    }
    out->all = (struct audience_sum){
        .from_day = ask->from_day, .to_day = ask->to_day, .span_us = span_of(r, ask->from_day, ask->to_day)};
}

static struct audience_sum *step_of(struct audience *out, int64_t day) {
    size_t low = 0, high = out->step_count;
    while (low + 1 < high) {
        size_t middle = (low + high) / 2;
        if (out->steps[middle].from_day <= day)
            low = middle;
        else
            high = middle;
    }
    return &out->steps[low];
}

static void row_add(struct audience_sum *to, const struct audience_sum *more) {
    to->listened_us += more->listened_us;
    to->sessions += more->sessions;
    to->quarters += more->quarters;
    to->listener_days += more->listener_days;
}

// ---- totals and hours ------------------------------------------------------------------------------------------------------

static enum rc first_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT MIN(day) FROM audience_hours WHERE service_id = $1");
    db_bind_i64(st, 1, r->only[AUDIENCE_SERVICE]);
    r->first_day = r->out->first_day = db_step(st) && !db_is_null(st, 0) ? db_i64(st, 0) : INT32_MAX;
    return db_end(st);
}

// Averages of a narrow question are over the time of which it can be answered.
static enum rc cells_first_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT MIN(day) FROM audience_cells WHERE service_id = $1 AND format_id = 0");
    db_bind_i64(st, 1, r->only[AUDIENCE_SERVICE]);
    r->out->cells_from_day = db_step(st) && !db_is_null(st, 0) ? db_i64(st, 0) : INT32_MAX;
    if (audience_is_narrow(r->ask) && r->out->cells_from_day > r->first_day)
        r->first_day = r->out->cells_from_day;
    return db_end(st);
}

static enum rc totals_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT day, service_id, listened_us, sessions, quarters, listeners FROM "
                                       "audience_totals WHERE day BETWEEN $1 AND $2");
    db_bind_i64(st, 1, r->ask->from_day);
    db_bind_i64(st, 2, r->ask->to_day);
    while (db_step(st)) {
        int64_t id = db_i64(st, 1);
        struct audience_sum row = {.listened_us = db_i64(st, 2),
                                   .sessions = db_i64(st, 3),
                                   .quarters = db_i64(st, 4),
                                   .listener_days = db_i64(st, 5)};
        if (id == r->only[AUDIENCE_SERVICE]) {
            row_add(step_of(r->out, db_i64(st, 0)), &row);
            row_add(&r->out->all, &row);
        }
        if (id > 0 && id < r->name_count && r->only[AUDIENCE_SERVICE] == STATION)
            row_add(&r->by_id[AUDIENCE_SERVICE][id], &row);
    }
    return db_end(st);
}

static void most(int64_t *of, int64_t n) {
    *of = n > *of ? n : *of;
}

static enum rc hours_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT day, hour, listened_us, peak FROM audience_hours WHERE service_id = $1 "
                                       "AND day BETWEEN $2 AND $3");
    db_bind_i64(st, 1, r->only[AUDIENCE_SERVICE]);
    db_bind_i64(st, 2, r->ask->from_day);
    db_bind_i64(st, 3, r->ask->to_day);
    while (db_step(st)) {
        int64_t hour = db_i64(st, 1), peak = db_i64(st, 3);
        if (hour < 0 || hour >= HOURS)
            continue;
        r->out->hours_us[hour] += db_i64(st, 2);
        most(&r->out->hour_peaks[hour], peak);
        most(&step_of(r->out, db_i64(st, 0))->peak, peak);
        most(&r->out->all.peak, peak);
    }
    return db_end(st);
}

// ---- parts ---------------------------------------------------------------------------------------------------------------

static enum rc parts_add(struct reading *r, struct db_stmt *st) {
    while (db_step(st)) {
        int64_t part = db_i64(st, 1), id = db_i64(st, 2);
        struct audience_sum row = {.listened_us = db_i64(st, 3), .sessions = db_i64(st, 4), .quarters = db_i64(st, 5)};
        bool asked = r->only[AUDIENCE_SERVICE] == STATION || db_i64(st, 0) == r->only[AUDIENCE_SERVICE];
        if (asked && part >= AUDIENCE_STREAM && part < AUDIENCE_PARTS && id > 0 && id < r->name_count)
            row_add(&r->by_id[part][id], &row);
    }
    return db_end(st);
}

static enum rc days_add(struct reading *r, int64_t from_day, int64_t to_day) {
    if (from_day > to_day)
        return RC_OK;
    struct db_stmt *st = db_sql(r->db, "SELECT service_id, part, name_id, listened_us, sessions, quarters FROM "
                                       "audience_days WHERE day BETWEEN $1 AND $2");
    db_bind_i64(st, 1, from_day);
    db_bind_i64(st, 2, to_day);
    return parts_add(r, st);
}

static enum rc months_add(struct reading *r, int64_t from_month, int64_t to_month) {
    struct db_stmt *st = db_sql(r->db, "SELECT service_id, part, name_id, listened_us, sessions, quarters FROM "
                                       "audience_months WHERE month BETWEEN $1 AND $2");
    db_bind_i64(st, 1, from_month);
    db_bind_i64(st, 2, to_month);
    return parts_add(r, st);
}

// Of the month that is not over, what is behind today is nothing: a stretch up to today holds it whole.
static enum rc parts_read(struct reading *r) {
    int64_t from = r->ask->from_day, to = r->ask->to_day;
    int64_t first = month_of(from), last = month_of(to);
    if (from > month_first(first))
        first++;
    if (to < month_first(last + 1) - 1 && to < r->today)
        last--;
    if (first > last)
        return days_add(r, from, to);
    enum rc rc = days_add(r, from, month_first(first) - 1);
    if (rc == RC_OK)
        rc = months_add(r, first, last);
    return rc == RC_OK ? days_add(r, month_first(last + 1), to) : rc;
}

static int sum_compare(const void *l, const void *r) {
    const struct audience_sum *a = l, *b = r;
    if (a->listened_us != b->listened_us)
        return a->listened_us > b->listened_us ? -1 : 1;
    return str_cmp(a->name, b->name);
}

static void parts_sort(struct reading *r) {
    for (int part = 0; part < AUDIENCE_PARTS; part++) {
        struct audience_sum *rows = r->by_id[part];
        size_t n = 0;
        for (int64_t id = 0; id < r->name_count; id++)
            if (rows[id].listened_us > 0) {
                struct audience_sum row = rows[id];
                row.name = r->names[id];
                row.from_day = r->ask->from_day;
                row.to_day = r->ask->to_day;
                row.span_us = r->out->all.span_us;
                rows[n++] = row;
            }
        qsort(rows, n, sizeof rows[0], sum_compare);
        r->out->parts[part] = rows;
        r->out->part_counts[part] = n;
    }
}

// ---- of several parts at once ----------------------------------------------------------------------------------------------

static struct audience_sum sum_of_cell(const struct cell *c) {
    return (struct audience_sum){.listened_us = c->sum.listened_us,
                                 .sessions = c->sum.sessions,
                                 .quarters = c->sum.quarters,
                                 .listener_days = c->listeners};
}

static void part_take(struct reading *r, enum audience_part part, int64_t id, const struct cell *c) {
    struct audience_sum row = sum_of_cell(c);
    if (id > 0 && id < r->name_count)
        row_add(&r->by_id[part][id], &row);
}

static void whole_take(void *arg, const struct cell *c) {
    struct reading *r = arg;
    struct audience_sum row = sum_of_cell(c);
    row_add(step_of(r->out, c->day), &row);
    row_add(&r->out->all, &row);
    part_take(r, AUDIENCE_PLAYER, c->player_id, c);
    part_take(r, AUDIENCE_COUNTRY, c->country_id, c);
}

static void service_take(void *arg, const struct cell *c) {
    part_take(arg, AUDIENCE_SERVICE, c->service_id, c);
}

static void format_take(void *arg, const struct cell *c) {
    part_take(arg, AUDIENCE_FORMAT, c->format_id, c);
}

static enum rc cells_read(struct reading *r, int64_t service_id, int64_t format_id, cell_fn take) {
    const struct cell like = {.service_id = service_id,
                              .format_id = format_id,
                              .player_id = r->only[AUDIENCE_PLAYER],
                              .country_id = r->only[AUDIENCE_COUNTRY]};
    return cells_each(r->db, &like, r->ask->from_day, r->ask->to_day, take, r);
}

// What is asked for is a row of its part too, the only one.
static bool is_asked(const struct reading *r, enum audience_part part, struct str name) {
    return r->ask->only[part].n == 0 || str_eq(r->ask->only[part], name);
}

static enum rc narrow_read(struct reading *r) {
    int64_t service_id = r->only[AUDIENCE_SERVICE], format_id = r->only[AUDIENCE_FORMAT];
    struct audience *out = r->out;
    enum rc rc = cells_read(r, service_id, format_id, whole_take);
    for (size_t i = 0; rc == RC_OK && i < out->known_counts[AUDIENCE_SERVICE]; i++)
        if (is_asked(r, AUDIENCE_SERVICE, out->known[AUDIENCE_SERVICE][i]))
            rc = cells_read(r, id_of(r, out->known[AUDIENCE_SERVICE][i]), format_id, service_take);
    for (size_t i = 0; rc == RC_OK && i < out->known_counts[AUDIENCE_FORMAT]; i++)
        if (is_asked(r, AUDIENCE_FORMAT, out->known[AUDIENCE_FORMAT][i]))
            rc = cells_read(r, service_id, id_of(r, out->known[AUDIENCE_FORMAT][i]), format_take);
    out->all.peak = -1;
    for (size_t i = 0; i < out->step_count; i++)
        out->steps[i].peak = -1;
    return rc;
}

// ---- asking --------------------------------------------------------------------------------------------------------------

static enum rc broad_read(struct reading *r) {
    enum rc rc = totals_read(r);
    if (rc == RC_OK)
        rc = hours_read(r);
    return rc == RC_OK ? parts_read(r) : rc;
}

static enum rc read_all(struct reading *r) {
    enum rc rc = names_read(r);
    only_find(r);
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        r->by_id[part] = ARENA_ARRAY(r->a, struct audience_sum, (size_t)r->name_count);
    if (rc == RC_OK)
        rc = first_read(r);
    if (rc == RC_OK)
        rc = cells_first_read(r);
    steps_make(r);
    if (rc == RC_OK)
        rc = known_read(r);
    if (rc == RC_OK)
        rc = audience_is_narrow(r->ask) ? narrow_read(r) : broad_read(r);
    parts_sort(r);
    return rc;
}

enum rc audience_read(struct arena *a, struct db *db, const struct audience_ask *ask, struct audience *out) {
    must(ask->from_day <= ask->to_day && ask->to_day - ask->from_day < AUDIENCE_DAYS_MAX);
    *out = (struct audience){0};
    struct reading r = {.a = a, .db = db, .ask = ask, .today = session_day(ask->now_us), .out = out};
    db_read_begin(db);
    enum rc rc = read_all(&r);
    db_read_end(db);
    return rc;
}

// ---- each day and service ----------------------------------------------------------------------------------------------------

struct day_rows {
    struct audience_sum *rows;
    size_t count, room;
};

static void day_row_add(struct reading *r, struct day_rows *d, struct db_stmt *st) {
    int64_t day = db_i64(st, 0), id = db_i64(st, 1);
    if (id <= 0 || id >= r->name_count || (r->only[AUDIENCE_SERVICE] != STATION && id != r->only[AUDIENCE_SERVICE]))
        return;
    if (d->count == d->room) {
        d->room = d->room > 0 ? 2 * d->room : 256;
        d->rows = mem_grow(d->rows, d->room, sizeof *d->rows);
    }
    r->first_day = day;
    d->rows[d->count++] = (struct audience_sum){.name = r->names[id],
                                                .from_day = day,
                                                .to_day = day,
                                                .listened_us = db_i64(st, 2),
                                                .sessions = db_i64(st, 3),
                                                .quarters = db_i64(st, 4),
                                                .listener_days = db_i64(st, 5),
                                                .peak = db_i64(st, 6),
                                                .span_us = span_of(r, day, day)};
}

static struct db_stmt *broad_days(struct reading *r) {
    return db_sql(r->db,
                  "SELECT t.day, t.service_id, t.listened_us, t.sessions, t.quarters, t.listeners, (SELECT MAX(h.peak) "
                  "FROM audience_hours h WHERE h.service_id = t.service_id AND h.day = t.day) FROM audience_totals t "
                  "WHERE t.day BETWEEN $1 AND $2 ORDER BY t.day, t.service_id");
}

static struct db_stmt *narrow_days(struct reading *r) {
    struct db_stmt *st = db_sql(
        r->db, "SELECT day, service_id, SUM(listened_us), SUM(sessions), SUM(quarters), SUM(listeners), -1 FROM "
               "audience_cells WHERE service_id <> 0 AND format_id = $3 AND day BETWEEN $1 AND $2 AND ($4 = 0 OR "
               "player_id = $4) AND ($5 = 0 OR country_id = $5) GROUP BY day, service_id ORDER BY day, service_id");
    db_bind_i64(st, 3, r->only[AUDIENCE_FORMAT]);
    db_bind_i64(st, 4, r->only[AUDIENCE_PLAYER]);
    db_bind_i64(st, 5, r->only[AUDIENCE_COUNTRY]);
    return st;
}

static enum rc day_rows_read(struct reading *r, struct day_rows *d) {
    struct db_stmt *st = audience_is_narrow(r->ask) ? narrow_days(r) : broad_days(r);
    db_bind_i64(st, 1, r->ask->from_day);
    db_bind_i64(st, 2, r->ask->to_day);
    while (db_step(st))
        day_row_add(r, d, st);
    return db_end(st);
}

enum rc audience_read_days(struct arena *a, struct db *db, const struct audience_ask *ask, struct audience_sum **out,
                           size_t *count_out) {
    struct reading r = {.a = a, .db = db, .ask = ask};
    struct day_rows d = {0};
    db_read_begin(db);
    enum rc rc = names_read(&r);
    only_find(&r);
    if (rc == RC_OK)
        rc = day_rows_read(&r, &d);
    db_read_end(db);
    *out = ARENA_ARRAY(a, struct audience_sum, d.count);
    *count_out = d.count;
    if (d.count > 0)
        memcpy(*out, d.rows, d.count * sizeof *d.rows);
    mem_free(d.rows);
    return rc;
}
