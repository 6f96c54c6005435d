// SPDX-License-Identifier: AGPL-3.0-or-later
// Sums of stretches of days: steps, months, averages, and what verify finds when they are wrong.
#include "listening.h"

// Half an hour a day for a hundred days from 30 November on, every third day by two listeners; every other from abroad.
static void hundred_days(struct station *s) {
    for (int64_t day = DAY; day < DAY + 100; day++)
        for (uint64_t i = 0; i < (day % 3 == 0 ? 2u : 1u); i++) {
            struct session_part p;
            part_at(&p, day * US_PER_DAY + 12 * HOUR, day * US_PER_DAY + 12 * HOUR + 30 * MINUTE);
            p.listener = i;
            if (day % 2 == 0)
                memcpy(p.country, "NL", 3);
            part_append(s, &p);
        }
    take_all(s, (DAY + 100) * US_PER_DAY);
}

static struct audience read_by(struct station *s, int64_t from, int64_t to, enum audience_step step, int64_t now) {
    struct audience out;
    struct audience_ask ask = {.from_day = from, .to_day = to, .step = step, .now_us = now};
    assert_int_equal(audience_read(s->arena, s->reader, &ask, &out), RC_OK);
    return out;
}

static int64_t sum_of(const struct audience *a, enum audience_part part) {
    int64_t sum = 0;
    for (size_t i = 0; i < a->part_counts[part]; i++)
        sum += a->parts[part][i].listened_us;
    return sum;
}

// Whichever months lie whole within it.
static void any_stretch_has_the_sums_of_its_days(void **state) {
    struct station *s = *state;
    hundred_days(s);
    for (int64_t from = DAY - 2; from < DAY + 70; from += 7)
        for (int64_t to = from; to < DAY + 110; to += 9) {
            struct audience a = read_by(s, from, to, AUDIENCE_BY_DAY, (DAY + 110) * US_PER_DAY);
            int64_t us = 0;
            for (size_t i = 0; i < a.step_count; i++)
                us += a.steps[i].listened_us;
            assert_int_equal(us, a.all.listened_us);
            for (int part = 0; part < AUDIENCE_PARTS; part++)
                assert_int_equal(sum_of(&a, (enum audience_part)part), us);
        }
    assert_sound(s);
}

static void steps_are_days_weeks_and_months(void **state) {
    struct station *s = *state;
    int64_t now = (DAY + 110) * US_PER_DAY;
    hundred_days(s);
    struct audience days = read_by(s, DAY, DAY + 9, AUDIENCE_BY_DAY, now);
    assert_int_equal(days.step_count, 10);
    struct audience weeks = read_by(s, DAY, DAY + 9, AUDIENCE_BY_WEEK, now); // Sunday; a week; Monday and Tuesday
    assert_int_equal(weeks.step_count, 3);
    assert_int_equal(weeks.steps[0].to_day, DAY);
    assert_int_equal(weeks.steps[1].to_day, DAY + 7);
    assert_int_equal(weeks.steps[2].to_day, DAY + 9);
    assert_int_equal(weeks.steps[1].span_us, 7 * US_PER_DAY);
    struct audience months = read_by(s, DAY, DAY + 62, AUDIENCE_BY_MONTH, now); // up to 31 January
    assert_int_equal(months.step_count, 3);
    assert_int_equal(months.steps[1].from_day, DAY + 1);
    assert_int_equal(months.steps[1].to_day, DAY + 31);
    assert_int_equal(months.steps[2].to_day, DAY + 62);
    assert_int_equal(months.all.listener_days, 63 + 21);
    assert_int_equal(months.all.peak, 2);
    // The average is over the time that is over, from the first day on that anybody was heard.
    assert_int_equal(read_by(s, DAY - 30, DAY + 9, AUDIENCE_BY_DAY, now).all.span_us, 10 * US_PER_DAY);
    assert_int_equal(read_by(s, DAY, DAY + 9, AUDIENCE_BY_DAY, MIDNIGHT + 36 * HOUR).all.span_us, 36 * HOUR);
}

static void each_day_and_service_is_a_row(void **state) {
    struct station *s = *state;
    struct audience_sum *rows;
    size_t n;
    struct session_part p;
    hundred_days(s);
    part_at(&p, MIDNIGHT, MIDNIGHT + 20 * MINUTE);
    p.service = STR("music");
    bytes_append(s, DAY, STR("\n")); // the file of that day is gone; this makes another
    part_append(s, &p);
    take_all(s, MIDNIGHT);
    struct audience_ask ask = {.from_day = DAY, .to_day = DAY + 1, .now_us = (DAY + 110) * US_PER_DAY};
    assert_int_equal(audience_read_days(s->arena, s->reader, &ask, &rows, &n), RC_OK);
    assert_int_equal(n, 3);
    ask.only[AUDIENCE_SERVICE] = STR("music");
    assert_int_equal(audience_read_days(s->arena, s->reader, &ask, &rows, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_str(rows[0].name, "music");
    assert_int_equal(rows[0].listened_us, 20 * MINUTE);
}

// ---- several parts at once -----------------------------------------------------------------------------------------------

struct piece {
    const char *service, *player, *country;
    enum audio_format format;
    uint64_t listener; // has one player and one country
    int64_t minutes;
};
static const struct piece pieces[] = {
    {"voice", "vlc", "ID", AUDIO_MPEG, 1, 10},  {"voice", "vlc", "ID", AUDIO_AAC, 1, 20},
    {"music", "vlc", "ID", AUDIO_MPEG, 1, 40},  {"voice", "vlc", "NL", AUDIO_MPEG, 2, 80},
    {"music", "mpv", "ID", AUDIO_MPEG, 3, 160}, {"voice", "mpv", "NL", AUDIO_AAC, 4, 320},
};
enum { PIECES = sizeof pieces / sizeof pieces[0] };

static void pieces_listen(struct station *s) {
    for (size_t i = 0; i < PIECES; i++) {
        struct session_part p;
        part_at(&p, MIDNIGHT + HOUR, MIDNIGHT + HOUR + pieces[i].minutes * MINUTE);
        p.service = str_from(pieces[i].service);
        p.player = str_from(pieces[i].player);
        p.format = pieces[i].format;
        p.listener = pieces[i].listener;
        p.session = i;
        memcpy(p.country, pieces[i].country, 3);
        part_append(s, &p);
    }
    take_all(s, MIDNIGHT + 12 * HOUR);
}

static bool is_of(const struct piece *p, const struct audience_ask *ask) {
    const struct str *only = ask->only;
    struct str format = str_from(session_format_word(p->format));
    return (only[AUDIENCE_SERVICE].n == 0 || str_eq(only[AUDIENCE_SERVICE], str_from(p->service))) &&
           (only[AUDIENCE_FORMAT].n == 0 || str_eq(only[AUDIENCE_FORMAT], format)) &&
           (only[AUDIENCE_PLAYER].n == 0 || str_eq(only[AUDIENCE_PLAYER], str_from(p->player))) &&
           (only[AUDIENCE_COUNTRY].n == 0 || str_eq(only[AUDIENCE_COUNTRY], str_from(p->country)));
}

// What is found by going through the pieces one by one.
static struct audience_sum counted_by_hand(const struct audience_ask *ask) {
    struct audience_sum sum = {0};
    bool heard[8] = {false};
    for (size_t i = 0; i < PIECES; i++) {
        if (!is_of(&pieces[i], ask))
            continue;
        sum.listened_us += pieces[i].minutes * MINUTE;
        sum.sessions++;
        sum.quarters += pieces[i].minutes >= 15;
        sum.listener_days += !heard[pieces[i].listener];
        heard[pieces[i].listener] = true;
    }
    return sum;
}

static void question_is_answered(struct station *s, const struct audience_ask *ask) {
    struct audience_sum wanted = counted_by_hand(ask), *rows;
    struct audience a;
    size_t n = 0;
    int64_t of_days = 0;
    assert_int_equal(audience_read(s->arena, s->reader, ask, &a), RC_OK);
    assert_int_equal(a.all.listened_us, wanted.listened_us);
    assert_int_equal(a.all.sessions, wanted.sessions);
    assert_int_equal(a.all.quarters, wanted.quarters);
    assert_int_equal(a.all.listener_days, wanted.listener_days);
    assert_int_equal(a.steps[0].listened_us, wanted.listened_us);
    for (int part = 0; audience_is_narrow(ask) && part < AUDIENCE_PARTS; part++)
        assert_int_equal(sum_of(&a, (enum audience_part)part),
                         audience_asks((enum audience_part)part) ? wanted.listened_us : 0);
    assert_int_equal(audience_read_days(s->arena, s->reader, ask, &rows, &n), RC_OK);
    for (size_t i = 0; i < n; i++)
        of_days += rows[i].listened_us;
    assert_int_equal(of_days, wanted.listened_us);
}

// Each choice of service, format, player and country, also of names that never were.
static void parts_can_be_asked_for_together(void **state) {
    struct station *s = *state;
    static const struct str choices[4][4] = {{{0}, STR("voice"), STR("music"), STR("nothing")},
                                             {{0}, STR("mpeg"), STR("aac"), STR("ogg")},
                                             {{0}, STR("vlc"), STR("mpv"), STR("nothing")},
                                             {{0}, STR("ID"), STR("NL"), STR("DE")}};
    pieces_listen(s);
    assert_sound(s);
    for (int i = 0; i < 256; i++) {
        struct audience_ask ask = {.from_day = DAY, .to_day = DAY + 1, .now_us = MIDNIGHT + 12 * HOUR};
        ask.only[AUDIENCE_SERVICE] = choices[0][i % 4];
        ask.only[AUDIENCE_FORMAT] = choices[1][i / 4 % 4];
        ask.only[AUDIENCE_PLAYER] = choices[2][i / 16 % 4];
        ask.only[AUDIENCE_COUNTRY] = choices[3][i / 64];
        question_is_answered(s, &ask);
    }
}

// ---- verify --------------------------------------------------------------------------------------------------------------

static enum rc total_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(
        db_sql(db, "UPDATE audience_totals SET listened_us = listened_us + 1 WHERE day = 20423 AND service_id > 0"));
}
static enum rc part_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE audience_days SET sessions = sessions + 1 WHERE day = 20423 AND part = 4"));
}
static enum rc month_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "DELETE FROM audience_months WHERE part = 5 AND month = 24311"));
}
static enum rc hour_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE audience_hours SET listened_us = 0 WHERE day = 20424 AND service_id = 0"));
}
static enum rc listener_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "DELETE FROM audience_listeners WHERE listener = 0 AND service_id = 0 AND "
                             "format_id = 0"));
}
static enum rc peak_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE audience_hours SET peak = peak + 1 WHERE day = 20521"));
}
static enum rc kept_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "INSERT INTO audience_listeners (day, service_id, format_id, listener) VALUES "
                             "(20422, 0, 0, 5)"));
}
static enum rc cell_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "DELETE FROM audience_cells WHERE day = 20424 AND format_id <> 0 AND service_id = 0"));
}
static enum rc station_cell_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE audience_cells SET sessions = 0 WHERE day = 20424 AND service_id = 0"));
}
static enum rc more_cell_damage(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE audience_cells SET listeners = 5 WHERE day = 20424 AND format_id = 0"));
}

static void verify_finds_what_was_planted(void **state) {
    struct station *s = *state;
    static const struct {
        store_write_fn damage;
        const char *says;
    } cases[] = {
        {total_damage, "audience-sums: day 2025-12-01"},        {part_damage, "audience-sums: day 2025-12-01"},
        {month_damage, "audience-sums: day 2025-12-01"},        {hour_damage, "audience-sums: day 2025-12-02"},
        {listener_damage, "audience-kept: day 2026-03-09"},     {peak_damage, "audience-kept: day 2026-03-09"},
        {kept_damage, "audience-kept: day 2025-11-30"},         {cell_damage, "audience-sums: day 2025-12-02"},
        {station_cell_damage, "audience-sums: day 2025-12-02"}, {more_cell_damage, "audience-sums: day 2025-12-02"},
    };
    struct session_part p;
    hundred_days(s);
    part_at(&p, 20521 * US_PER_DAY, 20521 * US_PER_DAY + HOUR); // of a day that is open
    p.listener = 0;
    part_append(s, &p);
    take_all(s, 20521 * US_PER_DAY + HOUR);
    assert_sound(s);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct found f;
        char path[512], copy[512];
        (void)snprintf(path, sizeof path, "%s/siaran.db", s->scratch.dir);
        (void)snprintf(copy, sizeof copy, "%s/copy.%zu", s->scratch.dir, i);
        assert_int_equal(store_copy(s->store, copy, NULL, NULL, NULL), RC_OK);
        assert_int_equal(store_write(s->store, STORE_DURABLE, cases[i].damage, NULL), RC_OK);
        if (faults_of(s, &f) == 0 || strncmp(f.first, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("case %zu: %s", i, f.first);
        station_close(s);
        assert_int_equal(rename(copy, path), 0);
        station_open(s);
    }
    assert_sound(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(any_stretch_has_the_sums_of_its_days), STATION_TEST(steps_are_days_weeks_and_months),
        STATION_TEST(each_day_and_service_is_a_row),        STATION_TEST(parts_can_be_asked_for_together),
        STATION_TEST(verify_finds_what_was_planted),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
