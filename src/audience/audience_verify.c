// SPDX-License-Identifier: AGPL-3.0-or-later
// What `siaran verify` computes again of the listening statistics. A sum that is in the database is only known there once its
// day's file is gone; but it stands in several places, which must agree.
#include "audience/inside.h"

static enum rc faults(const struct verify_context *v, struct db_stmt *st, const char *check) {
    struct arena *a = arena_new(1 << 16);
    while (db_step(st)) {
        arena_reset(a);
        v->fault(v->arg, check,
                 str_fmt(a, "day %.*s, service %lld: %.*s", STR_ARG(session_day_text(a, db_i64(st, 0))),
                         (long long)db_i64(st, 1), STR_ARG(db_str(st, 2))));
    }
    arena_free(&a);
    return db_end(st);
}

// Questions of one kind, each of which has an answer for every fault. All are asked, for each statement has to be ended.
static enum rc all_faults(const struct verify_context *v, const char *check, struct db_stmt *const *rows, size_t n) {
    enum rc rc = RC_OK;
    for (size_t i = 0; i < n; i++) {
        enum rc one = faults(v, rows[i], check);
        rc = rc == RC_OK ? one : rc;
    }
    return rc;
}

// The parts of a day, its services and its hours beside the day itself.
static enum rc check_days(const struct verify_context *v) {
    struct db_stmt *const rows[] = {
        db_sql(
            v->db,
            "SELECT t.day, t.service_id, 'the sums of part ' || p.part || ' are not those of the day' FROM audience_totals t "
            "CROSS JOIN (SELECT 1 AS part UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) p "
            "LEFT JOIN (SELECT day, service_id, part, SUM(listened_us) AS us, SUM(sessions) AS s, SUM(quarters) AS q FROM "
            "audience_days GROUP BY day, service_id, part) d ON d.day = t.day AND d.service_id = t.service_id AND d.part = "
            "p.part WHERE t.service_id <> 0 AND (d.us IS DISTINCT FROM t.listened_us OR d.s IS DISTINCT FROM t.sessions OR "
            "d.q IS DISTINCT FROM t.quarters)"),
        db_sql(
            v->db,
            "SELECT t.day, t.service_id, 'the station''s sums are not those of its services' FROM audience_totals t LEFT JOIN "
            "(SELECT day, SUM(listened_us) AS us, SUM(sessions) AS s, SUM(quarters) AS q FROM audience_totals WHERE "
            "service_id <> 0 GROUP BY day) o ON o.day = t.day WHERE t.service_id = 0 AND (o.us IS DISTINCT FROM "
            "t.listened_us OR o.s IS DISTINCT FROM t.sessions OR o.q IS DISTINCT FROM t.quarters)"),
        db_sql(
            v->db,
            "SELECT t.day, t.service_id, 'its hours are not together what the day says' FROM audience_totals t LEFT JOIN "
            "(SELECT day, service_id, SUM(listened_us) AS us FROM audience_hours GROUP BY day, service_id) h ON h.day = "
            "t.day AND h.service_id = t.service_id WHERE h.us IS DISTINCT FROM t.listened_us"),
    };
    return all_faults(v, "audience-sums", rows, sizeof rows / sizeof rows[0]);
}

// A listener of two formats or services is one in the cell of both, so of listeners only the most is known.
static enum rc check_cells(const struct verify_context *v) {
    struct db_stmt *const rows[] = {
        db_sql(
            v->db,
            "SELECT day, service_id, 'the cells of its formats are not together that of all of them' FROM (SELECT day, "
            "service_id, player_id, country_id, CASE WHEN format_id = 0 THEN 1 ELSE -1 END AS way, listened_us AS us, "
            "sessions AS s, quarters AS q FROM audience_cells) AS c GROUP BY day, service_id, player_id, country_id HAVING "
            "SUM(way * us) <> 0 OR SUM(way * s) <> 0 OR SUM(way * q) <> 0"),
        db_sql(
            v->db,
            "SELECT day, 0, 'the station''s cells are not those of its services' FROM (SELECT day, player_id, country_id, "
            "CASE WHEN service_id = 0 THEN 1 ELSE -1 END AS way, listened_us AS us, sessions AS s, quarters AS q FROM "
            "audience_cells WHERE format_id = 0) AS c GROUP BY day, player_id, country_id HAVING SUM(way * us) <> 0 OR "
            "SUM(way * s) <> 0 OR SUM(way * q) <> 0"),
        db_sql(v->db,
               "SELECT c.day, c.service_id, 'its cells are more than the day' FROM (SELECT day, service_id, "
               "SUM(listened_us) AS us, SUM(sessions) AS s, SUM(quarters) AS q, SUM(listeners) AS n FROM "
               "audience_cells WHERE format_id = 0 GROUP BY day, service_id) AS c LEFT JOIN audience_totals t ON "
               "t.day = c.day AND t.service_id = c.service_id WHERE c.us > COALESCE(t.listened_us, 0) OR c.s > "
               "COALESCE(t.sessions, 0) OR c.q > COALESCE(t.quarters, 0) OR c.n > COALESCE(t.listeners, 0)"),
    };
    return all_faults(v, "audience-sums", rows, sizeof rows / sizeof rows[0]);
}

static enum rc check_month(const struct verify_context *v, int64_t month) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT $3, m.service_id, 'the sums of the month are not those of its days' FROM (SELECT service_id, part, "
        "name_id, SUM(us) AS us, SUM(s) AS s, SUM(q) AS q FROM (SELECT service_id, part, name_id, listened_us AS us, "
        "sessions AS s, quarters AS q FROM audience_months WHERE month = $1 UNION ALL SELECT service_id, part, "
        "name_id, 0 - listened_us, 0 - sessions, 0 - quarters FROM audience_days WHERE day >= $3 AND day < $2) AS "
        "two GROUP BY service_id, part, name_id) m WHERE m.us <> 0 OR m.s <> 0 OR m.q <> 0");
    db_bind_i64(st, 1, month);
    db_bind_i64(st, 2, month_first(month + 1));
    db_bind_i64(st, 3, month_first(month));
    return faults(v, st, "audience-sums");
}

// Of months and of days, for either may have what the other lacks. Which months: *first > *last is none.
static enum rc months_bound(const struct verify_context *v, int64_t *first, int64_t *last) {
    struct db_stmt *st = db_sql(v->db, "SELECT MIN(month), MAX(month) FROM audience_months");
    *first = INT64_MAX;
    *last = INT64_MIN;
    if (db_step(st) && !db_is_null(st, 0)) {
        *first = db_i64(st, 0);
        *last = db_i64(st, 1);
    }
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db, "SELECT MIN(day), MAX(day) FROM audience_days");
    if (db_step(st) && !db_is_null(st, 0)) {
        int64_t of_first = month_of(db_i64(st, 0)), of_last = month_of(db_i64(st, 1));
        *first = of_first < *first ? of_first : *first;
        *last = of_last > *last ? of_last : *last;
    }
    return db_end(st);
}

static enum rc check_months(const struct verify_context *v) {
    int64_t first = 0, last = 0;
    enum rc rc = months_bound(v, &first, &last);
    for (int64_t month = first; rc == RC_OK && month <= last; month++)
        rc = check_month(v, month);
    return rc;
}

static enum rc check_sums(const struct verify_context *v) {
    enum rc rc = check_days(v);
    if (rc == RC_OK)
        rc = check_cells(v);
    return rc == RC_OK ? check_months(v) : rc;
}

// While a day is not closed, its listeners and minutes are there to be counted again.
static enum rc check_kept(const struct verify_context *v) {
    struct db_stmt *const rows[] = {
        db_sql(
            v->db,
            "SELECT t.day, t.service_id, 'it says ' || t.listeners || ' listeners and has ' || COALESCE(l.n, 0) FROM "
            "audience_totals t LEFT JOIN (SELECT day, service_id, COUNT(*) AS n FROM audience_listeners WHERE "
            "format_id = 0 GROUP BY day, service_id) l ON l.day = t.day AND l.service_id = t.service_id WHERE "
            "COALESCE(l.n, 0) <> t.listeners AND NOT "
            "EXISTS (SELECT 1 FROM audience_files f WHERE f.day = t.day AND f.closed = 1)"),
        db_sql(v->db,
               "SELECT h.day, h.service_id, 'the peak of hour ' || h.hour || ' is not the most of its minutes' FROM "
               "audience_hours h JOIN (SELECT day, service_id, minute / 60 AS hour, MAX(listening) AS most FROM "
               "audience_minutes GROUP BY day, service_id, minute / 60) m ON m.day = h.day AND m.service_id = "
               "h.service_id AND m.hour = h.hour WHERE m.most <> h.peak"),
        db_sql(
            v->db,
            "SELECT day, 0, 'hashes of listeners are kept of a day that is closed' FROM audience_files f WHERE closed = 1 "
            "AND EXISTS (SELECT 1 FROM audience_listeners l WHERE l.day = f.day)"),
    };
    return all_faults(v, "audience-kept", rows, sizeof rows / sizeof rows[0]);
}

const struct verify_check audience_checks[] = {
    {"audience-sums", "what was listened by day, hour, month, service and part agrees", check_sums},
    {"audience-kept", "different listeners and peaks of days that are not over are those of their rows", check_kept},
};
const size_t audience_check_count = sizeof audience_checks / sizeof audience_checks[0];
