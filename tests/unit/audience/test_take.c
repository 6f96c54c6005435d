// SPDX-License-Identifier: AGPL-3.0-or-later
// From the lines of the day files to sums: what counts, and that it counts once.
#include "listening.h"

#include <signal.h>
#include <sys/wait.h>

static void what_reaches_a_minute_counts_from_its_first_second(void **state) {
    struct station *s = *state;
    // Sessions as lengths of their parts, in seconds.
    static const struct {
        int parts[4], listened, sessions, quarters;
    } cases[] = {
        {{59}, 0, 0, 0},           {{60}, 60, 1, 0},
        {{59, 1}, 60, 1, 0},       {{30, 29, 1, 10}, 70, 1, 0},
        {{20, 20, 19}, 0, 0, 0},   {{899}, 899, 1, 0},
        {{900}, 900, 1, 1},        {{899, 1}, 900, 1, 1},
        {{59, 841, 5}, 905, 1, 1}, {{3600, 3600, 100}, 7300, 1, 1},
    };
    int64_t day = DAY;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++, day++) {
        int64_t at = day * US_PER_DAY + HOUR, before = 0;
        for (size_t j = 0; j < 4 && cases[i].parts[j] > 0; j++) {
            struct session_part p;
            int64_t length = cases[i].parts[j] * SECOND;
            part_at(&p, at, at + length);
            p.before_us = before;
            part_append(s, &p);
            if (j % 2 == 1)
                take_all(s, at);
            at += length;
            before += length;
        }
        take_all(s, at);
        struct audience a = read_days(s, day, day, "");
        if (a.all.listened_us != cases[i].listened * SECOND || a.all.sessions != cases[i].sessions ||
            a.all.quarters != cases[i].quarters || a.all.listener_days != (cases[i].sessions > 0))
            fail_msg("case %zu: %lld s, %lld sessions, %lld quarters, %lld listeners", i,
                     (long long)(a.all.listened_us / SECOND), (long long)a.all.sessions, (long long)a.all.quarters,
                     (long long)a.all.listener_days);
    }
    assert_sound(s);
}

static void a_night_through_counts_on_both_days_and_starts_once(void **state) {
    struct station *s = *state;
    struct session_part p;
    part_append(s, part_at(&p, MIDNIGHT + 23 * HOUR, MIDNIGHT + 24 * HOUR));
    part_at(&p, MIDNIGHT + 24 * HOUR, MIDNIGHT + 25 * HOUR);
    p.before_us = HOUR;
    p.listener = 2; // the new day's key
    part_append(s, &p);
    // One that becomes a session 20 seconds after midnight: its first 40 were yesterday.
    part_append(s, part_at(&p, MIDNIGHT + 24 * HOUR - 40 * SECOND, MIDNIGHT + 24 * HOUR));
    part_at(&p, MIDNIGHT + 24 * HOUR, MIDNIGHT + 24 * HOUR + 20 * SECOND);
    p.before_us = 40 * SECOND;
    p.listener = 3;
    part_append(s, &p);
    take_all(s, MIDNIGHT + 25 * HOUR);
    struct audience first = read_days(s, DAY, DAY, ""), second = read_days(s, DAY + 1, DAY + 1, "");
    assert_int_equal(first.all.listened_us, HOUR + 40 * SECOND);
    assert_int_equal(first.all.sessions, 1);
    assert_int_equal(first.all.listener_days, 1);
    assert_int_equal(second.all.listened_us, HOUR + 20 * SECOND);
    assert_int_equal(second.all.sessions, 1);
    assert_int_equal(second.all.listener_days, 2);
    assert_int_equal(first.hours_us[23], HOUR + 40 * SECOND);
    assert_int_equal(second.hours_us[0], HOUR + 20 * SECOND);
    assert_sound(s);
}

static void listeners_and_their_number_at_a_time(void **state) {
    struct station *s = *state;
    struct session_part p;
    // Three at ten past one, one of whom hears two services, and comes twice.
    for (int i = 0; i < 3; i++) {
        part_at(&p, MIDNIGHT + HOUR + i * MINUTE, MIDNIGHT + HOUR + 30 * MINUTE);
        p.listener = (uint64_t)i;
        part_append(s, &p);
    }
    part_at(&p, MIDNIGHT + 2 * HOUR + SECOND, MIDNIGHT + 2 * HOUR + 90 * SECOND);
    p.service = STR("music");
    p.stream = STR("music-ogg");
    p.format = AUDIO_OGG;
    p.kind = SESSION_SHIFT;
    part_append(s, &p);
    take_all(s, MIDNIGHT + 3 * HOUR);
    struct audience all = read_days(s, DAY, DAY, ""), voice = read_days(s, DAY, DAY, "voice"),
                    music = read_days(s, DAY, DAY, "music"), none = read_days(s, DAY, DAY, "nothing");
    assert_int_equal(all.all.listener_days, 3);
    assert_int_equal(voice.all.listener_days, 3);
    assert_int_equal(music.all.listener_days, 1);
    assert_int_equal(all.all.peak, 3);
    assert_int_equal(all.hour_peaks[1], 3);
    assert_int_equal(music.hour_peaks[2], 1);
    assert_int_equal(none.all.listened_us + none.all.peak + none.all.span_us, 0);
    assert_int_equal(all.known_counts[AUDIENCE_SERVICE], 2);
    assert_str(all.known[AUDIENCE_SERVICE][0], "music");
    assert_int_equal(all.part_counts[AUDIENCE_STREAM], 2);
    assert_str(all.parts[AUDIENCE_STREAM][0].name, "voice-mp3");
    assert_int_equal(all.part_counts[AUDIENCE_SERVICE], 2);
    assert_int_equal(all.parts[AUDIENCE_SERVICE][1].listener_days, 1);
    assert_int_equal(music.part_counts[AUDIENCE_KIND], 1);
    assert_str(music.parts[AUDIENCE_KIND][0].name, "shift");
    assert_sound(s);
}

static void two_sockets_of_one_player_are_one_session(void **state) {
    struct station *s = *state;
    struct session_part p;
    static const struct {
        int64_t from, to;
    } sockets[] = {{0, 1500}, {300, 3600000}, {100, 3599000}, {600000, 1200000}}; // ms; the last came later
    for (size_t i = 0; i < sizeof sockets / sizeof sockets[0]; i++) {
        part_at(&p, MIDNIGHT + sockets[i].from * 1000, MIDNIGHT + sockets[i].to * 1000);
        p.player = STR("applecoremedia");
        p.session = i;
        part_append(s, &p);
        take_all(s, MIDNIGHT + 2 * HOUR);
    }
    struct audience a = read_days(s, DAY, DAY, "");
    assert_int_equal(a.all.listened_us, HOUR + 600 * SECOND);
    assert_int_equal(a.all.sessions, 2);
    assert_int_equal(a.all.quarters, 1);
    assert_int_equal(a.all.listener_days, 1);
    // Its next hour, again on both.
    for (size_t i = 1; i < 3; i++) {
        part_at(&p, MIDNIGHT + sockets[i].to * 1000, MIDNIGHT + 2 * HOUR);
        p.before_us = (sockets[i].to - sockets[i].from) * 1000;
        p.player = STR("applecoremedia");
        part_append(s, &p);
    }
    take_all(s, MIDNIGHT + 2 * HOUR);
    a = read_days(s, DAY, DAY, "");
    assert_int_equal(a.all.listened_us, 2 * HOUR + 600 * SECOND);
    assert_int_equal(a.all.sessions, 2);
    assert_sound(s);
}

static void programs_that_listen_for_nobody_count_nowhere(void **state) {
    struct station *s = *state;
    struct session_part p;
    part_at(&p, MIDNIGHT, MIDNIGHT + HOUR);
    p.player = STR("bot");
    part_append(s, &p);
    take_all(s, MIDNIGHT + HOUR);
    struct audience a = read_days(s, DAY, DAY, "");
    assert_int_equal(a.all.listened_us + a.all.sessions + a.all.listener_days, 0);
}

static void lines_that_are_none_are_passed_over(void **state) {
    struct station *s = *state;
    struct session_part p;
    char *long_line = mem_new(400000);
    memset(long_line, 'x', 400000);
    log_threshold(LOG_ERROR);
    part_append(s, part_at(&p, MIDNIGHT, MIDNIGHT + HOUR));
    bytes_append(s, DAY,
                 STR("v1\t1764464400000000\t17644"
                     "\n"));
    part_append(s, part_at(&p, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR));
    bytes_append(s, DAY, (struct str){long_line, 400000});
    bytes_append(s, DAY, STR("\n\0\0\0\n"));
    struct buf b; // one of another day
    buf_init(&b, SESSION_LINE_BYTES);
    session_line_write(part_at(&p, MIDNIGHT + 24 * HOUR, MIDNIGHT + 25 * HOUR), &b);
    bytes_append(s, DAY, buf_view(&b));
    part_append(s, part_at(&p, MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR));
    // The last waits for its end.
    buf_clear(&b);
    session_line_write(part_at(&p, MIDNIGHT + 5 * HOUR, MIDNIGHT + 6 * HOUR), &b);
    bytes_append(s, DAY, str_slice(buf_view(&b), 0, 50));
    take_all(s, MIDNIGHT + HOUR);
    assert_int_equal(read_days(s, DAY, DAY, "").all.listened_us, 3 * HOUR);
    bytes_append(s, DAY, str_slice(buf_view(&b), 50, b.n));
    take_all(s, MIDNIGHT + HOUR);
    log_threshold(LOG_INFO);
    assert_int_equal(read_days(s, DAY, DAY, "").all.listened_us, 4 * HOUR);
    assert_int_equal(number_of(db_sql(s->reader, "SELECT bad FROM audience_files")), 5);
    buf_fini(&b);
    mem_free(long_line);
}

static void another_file_of_the_day_is_read_from_its_begin(void **state) {
    struct station *s = *state;
    struct session_part p;
    part_append(s, part_at(&p, MIDNIGHT, MIDNIGHT + HOUR));
    part_append(s, part_at(&p, MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR));
    take_all(s, MIDNIGHT + 2 * HOUR);
    assert_int_equal(unlink(session_file(s->arena, s->scratch.dir, DAY).p), 0);
    part_at(&p, MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR);
    p.session = 9;
    part_append(s, &p);
    take_all(s, MIDNIGHT + 4 * HOUR);
    take_all(s, MIDNIGHT + 4 * HOUR);
    assert_int_equal(read_days(s, DAY, DAY, "").all.listened_us, 3 * HOUR);
}

// Hashes go two hours after midnight, the file when it is two days old, and what was counted stays.
static void a_day_that_is_over_keeps_its_sums_only(void **state) {
    struct station *s = *state;
    struct session_part p;
    for (uint64_t i = 0; i < 10; i++) {
        part_at(&p, MIDNIGHT, MIDNIGHT + HOUR);
        p.listener = i;
        p.player = STR("applecoremedia");
        part_append(s, &p);
    }
    take_all(s, MIDNIGHT + 26 * HOUR - 1);
    assert_int_equal(number_of(db_sql(s->reader, "SELECT COUNT(*) FROM audience_listeners")), 40);
    take_all(s, MIDNIGHT + 26 * HOUR);
    assert_int_equal(number_of(db_sql(s->reader, "SELECT COUNT(*) FROM audience_listeners")), 0);
    assert_int_equal(number_of(db_sql(s->reader, "SELECT COUNT(*) FROM audience_doubles")), 0);
    assert_int_equal(number_of(db_sql(s->reader, "SELECT COUNT(*) FROM audience_minutes")), 0);
    // One that comes after that is listening, and no listener more.
    part_append(s, &p);
    take_all(s, MIDNIGHT + 27 * HOUR);
    struct audience a = read_days(s, DAY, DAY, "voice");
    assert_int_equal(a.all.listener_days, 10);
    assert_int_equal(a.all.peak, 10);
    assert_int_equal(a.all.listened_us, 11 * HOUR);
    assert_int_equal(number_of(db_sql(s->reader, "SELECT COUNT(*) FROM audience_listeners")), 0);
    assert_true(file_exists(session_file(s->arena, s->scratch.dir, DAY).p));
    take_all(s, MIDNIGHT + 48 * HOUR);
    assert_false(file_exists(session_file(s->arena, s->scratch.dir, DAY).p));
    take_all(s, MIDNIGHT + 49 * HOUR);
    assert_int_equal(read_days(s, DAY, DAY, "").all.listened_us, 11 * HOUR);
    assert_sound(s);
}

// Killed again and again while it reads; what it had read counts once.
static void a_process_that_is_killed_counts_nothing_twice(void **state) {
    enum { LINES = 20000 };
    struct station *s = *state;
    struct buf b;
    buf_init(&b, 8 << 20);
    for (uint64_t i = 0; i < LINES; i++) {
        struct session_part p;
        int64_t from = MIDNIGHT + (int64_t)(i % 79000) * SECOND;
        part_at(&p, from, from + 70 * SECOND);
        p.listener = i % 5000;
        p.session = i;
        session_line_write(&p, &b);
    }
    bytes_append(s, DAY, buf_view(&b));
    buf_fini(&b);
    station_close(s);
    for (int ms = 1; ms <= 256; ms *= 2) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            bool more = true;
            station_open(s);
            while (more && audience_take(s->store, s->reader, s->scratch.dir, MIDNIGHT, &more) == RC_OK)
                ;
            _exit(0);
        }
        usleep((useconds_t)ms * 1000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    station_open(s);
    take_all(s, MIDNIGHT);
    struct audience a = read_days(s, DAY, DAY, "");
    assert_int_equal(a.all.listened_us, LINES * 70 * SECOND);
    assert_int_equal(a.all.sessions, LINES);
    assert_int_equal(a.all.listener_days, 5000);
    assert_sound(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(what_reaches_a_minute_counts_from_its_first_second),
        STATION_TEST(a_night_through_counts_on_both_days_and_starts_once),
        STATION_TEST(listeners_and_their_number_at_a_time),
        STATION_TEST(two_sockets_of_one_player_are_one_session),
        STATION_TEST(programs_that_listen_for_nobody_count_nowhere),
        STATION_TEST(lines_that_are_none_are_passed_over),
        STATION_TEST(another_file_of_the_day_is_read_from_its_begin),
        STATION_TEST(a_day_that_is_over_keeps_its_sums_only),
        STATION_TEST(a_process_that_is_killed_counts_nothing_twice),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
