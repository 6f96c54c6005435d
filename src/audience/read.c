// SPDX-License-Identifier: AGPL-3.0-or-later
// Sums of a stretch of days. Whole months within it come from the months' rows: a year is twelve of them and some days.
#include <stdlib.h>

#include "audience/inside.h"

struct reading {
    struct arena *a;
    struct db *db;
    const struct audience_ask *ask;
    int64_t service_id, first_day, today;
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
    return -1; // nothing has it
}

static int name_compare(const void *l, const void *r) {
    return str_cmp(*(const struct str *)l, *(const struct str *)r);
}

// A seek for each.
static enum rc services_read(struct reading *r) {
    struct audience *out = r->out;
    int64_t id = STATION;
    enum rc rc = RC_OK;
    out->services = ARENA_ARRAY(r->a, struct str, (size_t)r->name_count);
    while (rc == RC_OK && id < r->name_count) {
        struct db_stmt *st = db_sql(r->db, "SELECT MIN(service_id) FROM audience_hours WHERE service_id > $1");
        db_bind_i64(st, 1, id);
        id = db_step(st) && !db_is_null(st, 0) ? db_i64(st, 0) : INT64_MAX;
        rc = db_end(st);
        if (id < r->name_count)
            out->services[out->service_count++] = r->names[id];
    }
    qsort(out->services, out->service_count, sizeof out->services[0], name_compare);
    return rc;
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

static void sum_add(struct audience_sum *to, const struct audience_sum *more) {
    to->listened_us += more->listened_us;
    to->sessions += more->sessions;
    to->quarters += more->quarters;
    to->listener_days += more->listener_days;
}

// ---- totals and hours ------------------------------------------------------------------------------------------------------

static enum rc first_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT MIN(day) FROM audience_hours WHERE service_id = $1");
    db_bind_i64(st, 1, r->service_id);
    r->first_day = db_step(st) && !db_is_null(st, 0) ? db_i64(st, 0) : INT32_MAX;
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
        if (id == r->service_id) {
            sum_add(step_of(r->out, db_i64(st, 0)), &row);
            sum_add(&r->out->all, &row);
        }
        if (id > 0 && id < r->name_count && r->service_id == STATION)
            sum_add(&r->by_id[AUDIENCE_SERVICE][id], &row);
    }
    return db_end(st);
}

static void most(int64_t *of, int64_t n) {
    *of = n > *of ? n : *of;
}

static enum rc hours_read(struct reading *r) {
    struct db_stmt *st = db_sql(r->db, "SELECT day, hour, listened_us, peak FROM audience_hours WHERE service_id = $1 "
                                       "AND day BETWEEN $2 AND $3");
    db_bind_i64(st, 1, r->service_id);
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
        bool asked = r->service_id == STATION || db_i64(st, 0) == r->service_id;
        if (asked && part >= AUDIENCE_STREAM && part < AUDIENCE_PARTS && id > 0 && id < r->name_count)
            sum_add(&r->by_id[part][id], &row);
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

// ---- asking --------------------------------------------------------------------------------------------------------------

static enum rc read_all(struct reading *r) {
    enum rc rc = names_read(r);
    r->service_id = r->ask->service.n > 0 ? id_of(r, r->ask->service) : STATION;
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        r->by_id[part] = ARENA_ARRAY(r->a, struct audience_sum, (size_t)r->name_count);
    if (rc == RC_OK)
        rc = first_read(r);
    steps_make(r);
    if (rc == RC_OK)
        rc = services_read(r);
    if (rc == RC_OK)
        rc = totals_read(r);
    if (rc == RC_OK)
        rc = hours_read(r);
    if (rc == RC_OK)
        rc = parts_read(r);
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

static enum rc day_rows_read(struct reading *r, struct day_rows *d) {
    struct db_stmt *st = db_sql(
        r->db, "SELECT t.day, t.service_id, t.listened_us, t.sessions, t.quarters, t.listeners, (SELECT MAX(h.peak) "
               "FROM audience_hours h WHERE h.service_id = t.service_id AND h.day = t.day) FROM audience_totals t "
               "WHERE t.day BETWEEN $1 AND $2 ORDER BY t.day, t.service_id");
    db_bind_i64(st, 1, r->ask->from_day);
    db_bind_i64(st, 2, r->ask->to_day);
    while (db_step(st)) {
        int64_t day = db_i64(st, 0), id = db_i64(st, 1);
        if (id <= 0 || id >= r->name_count || (r->service_id != STATION && id != r->service_id))
            continue;
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
    return db_end(st);
}

enum rc audience_read_days(struct arena *a, struct db *db, const struct audience_ask *ask, struct audience_sum **out,
                           size_t *count_out) {
    struct reading r = {.a = a, .db = db, .ask = ask};
    struct day_rows d = {0};
    db_read_begin(db);
    enum rc rc = names_read(&r);
    r.service_id = rc == RC_OK && ask->service.n > 0 ? id_of(&r, ask->service) : STATION;
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
