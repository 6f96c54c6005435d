// SPDX-License-Identifier: AGPL-3.0-or-later
// What listening statistics are asked for, and the answer as CSV: numbers with a point, days of UTC, names as they are in
// addresses, so that a file means the same to whoever opens it.
#include "desk/listening.h"
#include "desk/routes.h"

enum { DAYS_SHOWN = 30, WEEKS_SHOWN = 13, MONTHS_SHOWN = 12 };

static const char *const steps[] = {"day", "week", "month"};

const char *listening_step_word(enum audience_step step) {
    return steps[step];
}

// ---- what is asked -----------------------------------------------------------------------------------------------------

// Of days a month, of weeks a quarter, of months a year; weeks and months whole.
static int64_t first_shown(enum audience_step step, int64_t to_day) {
    struct text_civil c = text_day_civil(to_day);
    if (step == AUDIENCE_BY_DAY)
        return to_day - DAYS_SHOWN + 1;
    if (step == AUDIENCE_BY_WEEK)
        return to_day - ((to_day + 3) % 7 + 7) % 7 - 7 * (WEEKS_SHOWN - 1);
    int64_t month = (int64_t)c.year * 12 + c.month - 1 - (MONTHS_SHOWN - 1);
    return text_day_of((struct text_civil){.year = (int)(month / 12), .month = (int)(month % 12) + 1, .day = 1});
}

const char *listening_part_field(enum audience_part part) {
    static const char *const fields[AUDIENCE_PARTS] = {
        [AUDIENCE_SERVICE] = "service",
        [AUDIENCE_FORMAT] = "format",
        [AUDIENCE_PLAYER] = "player",
        [AUDIENCE_COUNTRY] = "country",
    };
    return fields[part];
}

static void ask_take(struct listening *x) {
    struct desk_visit *v = x->v;
    struct str step = desk_field(v, "step");
    x->ask = (struct audience_ask){.to_day = session_day(v->now), .now_us = v->now};
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (audience_asks((enum audience_part)part))
            x->ask.only[part] = desk_field(v, listening_part_field((enum audience_part)part));
    for (int i = AUDIENCE_BY_DAY; i <= AUDIENCE_BY_MONTH; i++)
        if (str_eq(step, str_from(steps[i])))
            x->ask.step = (enum audience_step)i;
    bool good = v->req->form_ok && figures_day_take(v, "to", &x->ask.to_day);
    x->ask.from_day = first_shown(x->ask.step, x->ask.to_day);
    good = good && figures_day_take(v, "from", &x->ask.from_day);
    if (!good || x->ask.from_day > x->ask.to_day || x->ask.to_day - x->ask.from_day >= AUDIENCE_DAYS_MAX)
        desk_problem_text(
            v, "from",
            text_phrase(v->a, v->lang, W_STATISTICS_RANGE, 0, desk_number_text(v, AUDIENCE_DAYS_MAX), STR_NONE));
}

enum rc listening_begin(struct listening *x, struct desk_visit *v) {
    x->v = v;
    if (!staff_may_somewhere(v->account, MAY_READ_STATISTICS))
        return RC_DENIED;
    ask_take(x);
    if (v->site->on_air != NULL)
        v->site->on_air(v->site, v->a, &x->air);
    return desk_form_ok(v) ? audience_read(v->a, v->db, &x->ask, &x->a) : RC_OK;
}

// ---- numbers -------------------------------------------------------------------------------------------------------------

double listening_hours(const struct audience_sum *sum) {
    return (double)sum->listened_us / (3600.0 * (double)US_PER_SECOND);
}

double listening_average(const struct audience_sum *sum) {
    return sum->span_us > 0 ? (double)sum->listened_us / (double)sum->span_us : -1;
}

double listening_unique(const struct audience_sum *sum) {
    int64_t days = (sum->span_us + US_PER_DAY - 1) / US_PER_DAY;
    return days > 0 ? (double)sum->listener_days / (double)days : -1;
}

double listening_minutes(const struct audience_sum *sum) {
    return sum->sessions > 0 ? (double)sum->listened_us / (60.0 * (double)US_PER_SECOND) / (double)sum->sessions : -1;
}

// ---- CSV -----------------------------------------------------------------------------------------------------------------

static void number(struct buf *b, double value, int digits) {
    buf_c(b, ",");
    if (value >= 0)
        buf_fmt(b, "%.*f", digits, value);
}

static void parts_row(struct buf *b, const struct audience_sum *row) {
    number(b, listening_hours(row), 4);
    buf_fmt(b, ",%lld", (long long)row->sessions);
    number(b, listening_average(row), 4);
    number(b, listening_minutes(row), 2);
    buf_fmt(b, ",%lld", (long long)row->quarters);
}

static void whole_row(struct buf *b, const struct audience_sum *row) {
    parts_row(b, row);
    number(b, listening_unique(row), 2);
    number(b, (double)row->peak, 0);
    buf_c(b, "\r\n");
}

#define PARTS_HEAD "tlh,ss,aas,atsl_minutes,qhs"

static void csv_steps(struct listening *x, struct buf *b) {
    buf_c(b, "from,to," PARTS_HEAD ",cume,peak\r\n");
    for (size_t i = 0; i < x->a.step_count; i++) {
        const struct audience_sum *row = &x->a.steps[i];
        buf_str(b, figures_day_field(x->v, row->from_day));
        buf_c(b, ",");
        buf_str(b, figures_day_field(x->v, row->to_day));
        whole_row(b, row);
    }
}

static enum rc csv_days(struct listening *x, struct buf *b) {
    struct audience_sum *rows;
    size_t count = 0;
    enum rc rc = audience_read_days(x->v->a, x->v->db, &x->ask, &rows, &count);
    buf_c(b, "day,service," PARTS_HEAD ",cume,peak\r\n");
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        buf_str(b, figures_day_field(x->v, rows[i].from_day));
        buf_c(b, ",");
        figures_csv_text(b, rows[i].name);
        whole_row(b, &rows[i]);
    }
    return rc;
}

static void csv_hours(struct listening *x, struct buf *b) {
    buf_c(b, "hour,tlh,peak\r\n");
    for (int hour = 0; hour < 24; hour++) {
        buf_fmt(b, "%d", hour);
        number(b, (double)x->a.hours_us[hour] / (3600.0 * (double)US_PER_SECOND), 4);
        buf_fmt(b, ",%lld\r\n", (long long)x->a.hour_peaks[hour]);
    }
}

static const char *const part_files[AUDIENCE_PARTS] = {"services.csv", "streams.csv", "kinds.csv",
                                                       "formats.csv",  "players.csv", "countries.csv"};

static void csv_part(struct listening *x, enum audience_part part, struct buf *b) {
    buf_fmt(b, "name," PARTS_HEAD "%s\r\n", part == AUDIENCE_SERVICE ? ",cume" : "");
    for (size_t i = 0; i < x->a.part_counts[part]; i++) {
        const struct audience_sum *row = &x->a.parts[part][i];
        figures_csv_text(b, str_eq(row->name, STR("-")) ? STR("unknown") : row->name);
        parts_row(b, row);
        if (part == AUDIENCE_SERVICE)
            number(b, listening_unique(row), 2);
        buf_c(b, "\r\n");
    }
}

static enum rc csv_write(struct listening *x, struct str name, struct buf *b) {
    if (str_eq(name, STR("days.csv")))
        return csv_days(x, b);
    if (str_eq(name, STR("periods.csv")))
        csv_steps(x, b);
    else if (str_eq(name, STR("hours.csv")) && !audience_is_narrow(&x->ask))
        csv_hours(x, b);
    for (int part = 0; part < AUDIENCE_PARTS; part++)
        if (str_eq(name, str_from(part_files[part])) &&
            (audience_asks((enum audience_part)part) || !audience_is_narrow(&x->ask)))
            csv_part(x, (enum audience_part)part, b);
    return b->n > 0 ? RC_OK : RC_NOT_FOUND;
}

enum rc audience_csv_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct listening *x = ARENA_NEW(v.a, struct listening);
    enum rc rc = listening_begin(x, &v);
    if (rc == RC_OK && !desk_form_ok(&v))
        rc = RC_INVALID;
    if (rc == RC_OK)
        rc = csv_write(x, req->params[0], &reply->body);
    if (rc == RC_OK)
        figures_csv_send(&v, reply, req->params[0]);
    return rc;
}
