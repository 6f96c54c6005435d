// SPDX-License-Identifier: AGPL-3.0-or-later
// A source that gives less sound than time passes: when it counts as stalled, and how it shows that it keeps pace again. The
// clocks are the test's own: meson.build puts them in place of clock_mono_us and clock_now_us.
#include "../check.h"
#include "radio/inside.h"

#define S US_PER_SECOND
enum { FRAME_BYTES = 384, FRAME_US = 24000, TURN_US = 100000 }; // MP3 of 48 kHz and 128 kbit/s

static int64_t passed_us = 1000 * S;
int64_t __wrap_clock_mono_us(void);
int64_t __wrap_clock_mono_us(void) {
    return passed_us;
}
int64_t __wrap_clock_now_us(void);
int64_t __wrap_clock_now_us(void) {
    return INT64_C(1795953600) * S + passed_us;
}

// ---- a stream with one encoder -----------------------------------------------------------------------------------------

static struct radio *r;
static struct stream *s;
static struct service_stream setup;
static int64_t owed_us; // sound that is not a whole frame yet

static void encoder_comes(void) {
    s->sources[0] = source_new(s, 0);
    owed_us = 0;
}

static void begin(uint32_t stall_ms) {
    static struct radio radio; // too large for a stack
    static struct radio_process process;
    static struct service_source encoder = {.name = {"main", 4}, .kind = SERVICE_ENCODER};
    static struct service service = {.name = {"voice", 5}, .streams = &setup, .stream_count = 1};
    memset(&radio, 0, sizeof radio);
    r = &radio;
    r->setup = &process;
    r->loop = net_loop_new();
    r->keeper = keeper_start("/dev/null"); // nothing can be kept there
    service_stream_first(&setup);
    setup.name = STR("voice");
    setup.mount = STR("/voice.mp3");
    setup.sources = &encoder;
    setup.source_count = 1;
    setup.stall_ms = stall_ms;
    s = stream_new(r, &service, &setup);
    assert_non_null(s);
    encoder_comes();
}

static void end(void) {
    stream_free(&s);
    keeper_stop(&r->keeper);
    net_loop_free(&r->loop);
}

// A tenth of a second, in which it gives so many percent of it.
static void turn(unsigned percent) {
    static const uint8_t frame[FRAME_BYTES] = {0xff, 0xfb, 0x94};
    passed_us += TURN_US;
    for (owed_us += TURN_US * (int64_t)percent / 100; owed_us >= FRAME_US; owed_us -= FRAME_US)
        assert_true(source_feed(s->sources[0], frame, sizeof frame));
    source_check(s->sources[0], passed_us);
    stream_choose(s);
}

// How long until it may play, or may no more; `most_us`: it did not come to that.
static int64_t until(bool may_play, unsigned percent, int64_t most_us) {
    int64_t began_us = passed_us;
    while (passed_us - began_us < most_us && source_may_play(s->sources[0]) != may_play)
        turn(percent);
    return passed_us - began_us;
}

static void play_for(unsigned percent, int64_t us) {
    for (int64_t until_us = passed_us + us; passed_us < until_us;)
        turn(percent);
}

static void assert_about(int64_t us, int64_t expected_us) {
    if (us < expected_us || us > expected_us + expected_us / 10 + S / 2)
        fail_msg("after %lld ms instead of %lld", (long long)us / 1000, (long long)expected_us / 1000);
}

// ---- stalls ------------------------------------------------------------------------------------------------------------

static void test_half_the_pace_is_a_stall_when_the_limit_is_lacking(void **state) {
    static const uint32_t limits_ms[] = {1000, 5000, 15000, 60000};
    (void)state;
    for (size_t i = 0; i < sizeof limits_ms / sizeof limits_ms[0]; i++) {
        begin(limits_ms[i]);
        (void)until(true, 100, S);
        assert_about(until(false, 50, 1000 * S), 2000 * (int64_t)limits_ms[i]);
        assert_true(stream_is_stalled(s) && source_limps(s->sources[0], passed_us)); // better than none
        end();
    }
}

static void test_who_gives_nothing_is_stalled_when_the_limit_has_passed(void **state) {
    static const uint32_t limits_ms[] = {1000, 15000};
    (void)state;
    for (size_t i = 0; i < sizeof limits_ms / sizeof limits_ms[0]; i++) {
        begin(limits_ms[i]);
        play_for(100, 5 * S);
        assert_about(until(false, 0, 1000 * S), 1000 * (int64_t)limits_ms[i]);
        assert_false(source_limps(s->sources[0], passed_us));
        assert_int_equal(s->active, -1);
        end();
    }
}

static void test_an_encoder_whose_clock_is_a_little_slow_never_stalls(void **state) {
    (void)state;
    begin(1000);
    (void)until(true, 100, S);
    assert_int_equal(until(false, 99, 3600 * S), 3600 * S);
    end();
}

// ---- trials ------------------------------------------------------------------------------------------------------------

static void stall(void) {
    assert_true(until(false, 50, 1000 * S) < 1000 * S);
}

static void test_each_stall_makes_the_trial_longer_until_an_hour_went_well(void **state) {
    enum { TRIAL_S = 3 };
    (void)state;
    begin(1000);
    (void)until(true, 100, S);
    for (int i = 0; i < 10; i++) {
        stall();
        assert_about(until(true, 100, 7200 * S), (int64_t)TRIAL_S * S << (i < 8 ? i : 8));
    }
    play_for(100, 3600 * S);
    stall();
    assert_about(until(true, 100, 7200 * S), TRIAL_S * S);
    end();
}

static void test_a_trial_lasts_as_long_as_the_limit_where_that_is_longer(void **state) {
    (void)state;
    begin(15000);
    (void)until(true, 100, S);
    stall();
    assert_about(until(true, 100, 7200 * S), 15 * S);
    end();
}

static void test_a_trial_is_not_passed_by_who_is_still_too_slow(void **state) {
    static const unsigned percents[] = {50, 80, 96};
    (void)state;
    for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++) {
        begin(5000);
        (void)until(true, 100, S);
        stall();
        stall();                      // nothing changes: it is
        for (int k = 0; k < 3; k++) { // so that the trial is long enough for its pace to be seen
            assert_true(until(true, 100, 7200 * S) < 7200 * S);
            stall();
        }
        assert_int_equal(until(true, percents[i], 600 * S), 600 * S);
        end();
    }
}

// A cable that is cut now and then is no slow line.
static void test_who_gave_nothing_is_tried_no_longer_for_it(void **state) {
    (void)state;
    begin(1000);
    (void)until(true, 100, S);
    for (int i = 0; i < 4; i++) {
        play_for(100, 10 * S);
        (void)until(false, 0, 1000 * S);
        play_for(0, 5 * S);
        assert_about(until(true, 100, 7200 * S), 3 * S);
    }
    end();
}

static void test_a_slow_line_is_not_trusted_for_connecting_anew(void **state) {
    (void)state;
    begin(1000);
    (void)until(true, 100, S);
    stall();
    source_close(&s->sources[0], "it connects anew");
    stream_choose(s);
    assert_false(stream_is_stalled(s)); // who is gone is not stalled
    encoder_comes();
    turn(100);
    assert_false(source_may_play(s->sources[0]));
    assert_about(until(true, 100, 7200 * S), 3 * S - TURN_US);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_half_the_pace_is_a_stall_when_the_limit_is_lacking),
                                       cmocka_unit_test(test_who_gives_nothing_is_stalled_when_the_limit_has_passed),
                                       cmocka_unit_test(test_an_encoder_whose_clock_is_a_little_slow_never_stalls),
                                       cmocka_unit_test(test_each_stall_makes_the_trial_longer_until_an_hour_went_well),
                                       cmocka_unit_test(test_a_trial_lasts_as_long_as_the_limit_where_that_is_longer),
                                       cmocka_unit_test(test_a_trial_is_not_passed_by_who_is_still_too_slow),
                                       cmocka_unit_test(test_who_gave_nothing_is_tried_no_longer_for_it),
                                       cmocka_unit_test(test_a_slow_line_is_not_trusted_for_connecting_anew)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
