// SPDX-License-Identifier: AGPL-3.0-or-later
// A clock that was wrong: what was written before and after it was put right is all there, and each moment gives the sound
// that was written of it last.

#include "log_kit.h"

#define S US_PER_SECOND
enum { SECONDS_2 = 77, SECONDS_10 = 383, RUNS = 4096 };

static uint64_t faults_of(struct kit *k) {
    struct audio_log_faults all = {0};
    enum rc rc = audio_log_verify(k->folder, &all, NULL);
    assert_int_equal(rc, all.faults == 0 ? RC_OK : RC_INVALID);
    return all.faults;
}

// The number that the frame at a moment has, and when it is.
static uint32_t frame_at(struct kit *k, int64_t moment_us, int64_t *is_us) {
    char bytes[FRAME];
    struct audio_log_place place;
    struct audio_log_bytes got;
    struct audio_log_reader *r = kit_read(k);
    assert_int_equal(audio_log_at(r, moment_us, &place), RC_OK);
    assert_int_equal(audio_log_read(r, &place, bytes, FRAME, &got), AUDIO_LOG_BYTES);
    audio_log_reader_close(&r);
    *is_us = got.moment_us;
    return (uint32_t)strtoul(bytes + 100, NULL, 10);
}

static void finds(struct kit *k, int64_t moment_us, uint32_t from, uint32_t to) {
    int64_t is_us;
    uint32_t number = frame_at(k, moment_us, &is_us);
    if (number < from || number >= to || is_us > moment_us || is_us < moment_us - S)
        fail_msg("at %lld s: frame %u of %lld ms, not one of %u to %u", (long long)((moment_us - NOON) / S), number,
                 (long long)((is_us - NOON) / 1000), from, to);
}

static struct audio_log *write_from(struct kit *k, int64_t at, uint32_t n) {
    struct audio_log *log = kit_open(k, AUDIO_MPEG);
    k->at = at;
    kit_frames(k, log, n);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    return log;
}

static uint32_t runs_of(struct kit *k, int64_t from, int64_t to, int64_t *lasts_us) {
    static struct audio_log_run runs[RUNS];
    struct audio_log_reader *r = kit_read(k);
    struct audio_log_place place = {0};
    size_t n;
    uint32_t bytes = 0;
    int64_t last = 0;
    *lasts_us = 0;
    assert_int_equal(audio_log_runs(r, from, to, &place, runs, RUNS, &n), RC_OK);
    for (size_t i = 0; i < n; i++) {
        assert_true(runs[i].moment_us >= last);
        last = runs[i].moment_us;
        bytes += runs[i].bytes;
        *lasts_us += runs[i].lasts_us;
    }
    audio_log_reader_close(&r);
    return bytes / FRAME;
}

// ---- it was ahead ------------------------------------------------------------------------------------------------------

static void test_a_clock_that_was_an_hour_ahead(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON, SECONDS_10);
    audio_log_close(&log);
    log = write_from(&k, NOON + 3620 * S, SECONDS_10); // an hour ahead
    audio_log_title(log, STR("Siaran"), k.at);
    audio_log_close(&log);
    struct audio_log_reader *live = kit_read(&k);
    struct audio_log_place place;
    assert_int_equal(audio_log_back(live, S, &place), RC_OK);
    struct buf heard;
    buf_init(&heard, 1 << 24);
    (void)kit_hear(live, &place, 1 << 16, &heard);
    log = write_from(&k, NOON + 40 * S, SECONDS_10);
    // New sound is found by its time, and what stood before it; no part of a time to come.
    finds(&k, NOON + 45 * S, 2 * SECONDS_10, 3 * SECONDS_10);
    finds(&k, NOON + 5 * S, 0, SECONDS_10);
    int64_t from, to, lasts;
    struct audio_log_reader *r = kit_read(&k);
    assert_int_equal(audio_log_reach(r, &from, &to), RC_OK);
    assert_true(from == NOON && to > NOON + 49 * S && to < NOON + 51 * S);
    audio_log_reader_close(&r);
    assert_int_equal(runs_of(&k, 0, INT64_MAX, &lasts), 2 * SECONDS_10);
    assert_true(lasts > 19 * S && lasts < 21 * S);
    // Who listened at the edge goes on with it.
    static char bytes[1 << 20];
    struct audio_log_bytes got;
    assert_int_equal(audio_log_read(live, &place, bytes, sizeof bytes, &got), AUDIO_LOG_BYTES);
    assert_true(got.moment_us == NOON + 40 * S && (got.flags & AUDIO_LOG_GAP) != 0);
    audio_log_reader_close(&live);
    // What was said is still being said.
    struct arena *a = arena_new(1 << 16);
    struct audio_log_said said;
    audio_log_close(&log);
    log = write_from(&k, NOON + 55 * S, 1);
    assert_int_equal(faults_of(&k), 0);
    audio_log_close(&log);
    assert_int_equal(faults_of(&k), 0);
    r = kit_read(&k);
    assert_int_equal(audio_log_title_at(r, NOON + 45 * S, a, &said), RC_NOT_FOUND); // a writer begins without one
    audio_log_reader_close(&r);
    arena_free(&a);
    buf_fini(&heard);
    kit_free(&k);
}

// While it runs, and within the hour that the part before began in.
static void test_a_writer_goes_on(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON + 60 * S, SECONDS_10);
    k.at = NOON + 2400 * S;
    audio_log_mark(log, AUDIO_LOG_GAP);
    audio_log_title(log, STR("Siaran"), k.at);
    kit_frames(&k, log, SECONDS_10); // ahead
    k.at = NOON + 80 * S;
    audio_log_mark(log, AUDIO_LOG_GAP);
    kit_frames(&k, log, 2 * SECONDS_10);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    finds(&k, NOON + 65 * S, 0, SECONDS_10);
    finds(&k, NOON + 85 * S, 2 * SECONDS_10, 4 * SECONDS_10);
    int64_t lasts;
    assert_int_equal(runs_of(&k, NOON, NOON + 3600 * S, &lasts), 3 * SECONDS_10);
    // Of a clock that jumps to and fro there are not thousands of parts.
    for (int i = 0; i < 20; i++) {
        k.at = NOON + (i % 2 == 0 ? 1000 : 120) * S;
        kit_frames(&k, log, SECONDS_2);
    }
    audio_log_close(&log);
    assert_int_equal(faults_of(&k), 0);
    struct arena *a = arena_new(1 << 20);
    struct audio_log_said said;
    struct audio_log_span *again;
    size_t n;
    assert_int_equal(audio_log_spans(k.folder, AUDIO_LOG_REPEATED, a, &again, &n, NULL), RC_OK);
    assert_true(n == 1 && again[0].from_us == NOON + 80 * S && again[0].to_us > NOON + 2409 * S);
    struct audio_log_reader *r = kit_read(&k);
    assert_int_equal(audio_log_title_at(r, NOON + 85 * S, a, &said), RC_OK);
    assert_true(str_eq(said.title, STR("Siaran")));
    struct audio_log_put_back back;
    uint32_t times[3];
    assert_int_equal(audio_log_put_back(r, &back), RC_OK);
    assert_true(back.times == 1 && back.since_us == NOON + 80 * S && back.segments > 386 && back.segments < 392);
    assert_int_equal(audio_log_segments_times(r, NOON / AUDIO_SEGMENT_US + 12, 3, times), RC_OK);
    assert_true(times[0] == 0 && times[1] == 1 && times[2] == 1);
    audio_log_reader_close(&r);
    arena_free(&a);
    kit_free(&k);
}

// A day later, when the clock gets to where it was wrong, what is written then counts.
static void test_the_time_comes(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON + 7200 * S, 6 * SECONDS_10); // two hours ahead
    audio_log_close(&log);
    log = write_from(&k, NOON, SECONDS_10);
    k.at = NOON + 7210 * S;
    kit_frames(&k, log, SECONDS_10);
    k.at = NOON + 10800 * S;
    kit_frames(&k, log, SECONDS_10);
    audio_log_close(&log);
    uint32_t from = 6 * SECONDS_10;
    finds(&k, NOON + 5 * S, from, from + SECONDS_10);
    finds(&k, NOON + 7215 * S, from + SECONDS_10, from + 2 * SECONDS_10);
    finds(&k, NOON + 10805 * S, from + 2 * SECONDS_10, from + 3 * SECONDS_10);
    // Where nothing newer is of a time, what there is of it is given.
    finds(&k, NOON + 7205 * S, 0, from);
    finds(&k, NOON + 7240 * S, 0, from);
    int64_t lasts;
    uint32_t n = runs_of(&k, NOON + 7200 * S, NOON + 7300 * S, &lasts);
    assert_true(n > 5 * SECONDS_10 && n < 7 * SECONDS_10 && lasts > 57 * S && lasts < 63 * S);
    assert_int_equal(faults_of(&k), 0);
    kit_free(&k);
}

// ---- it is behind ------------------------------------------------------------------------------------------------------

static void test_a_clock_that_is_behind_for_a_while(void **state) {
    (void)state;
    static const int64_t behind[] = {2000 * S, 5 * 3600 * S, 90 * 24 * 3600 * S};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        struct kit k = kit_new(NOON);
        struct audio_log *log = write_from(&k, NOON, SECONDS_10);
        k.at = NOON + 3000 * S;
        kit_frames(&k, log, SECONDS_10);
        audio_log_close(&log);
        log = write_from(&k, NOON + 3020 * S - behind[i], SECONDS_10);
        k.at = NOON + 3200 * S; // it is right again
        audio_log_mark(log, AUDIO_LOG_GAP);
        kit_frames(&k, log, SECONDS_10);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        finds(&k, NOON + 5 * S, 0, SECONDS_10);
        finds(&k, NOON + 3005 * S, SECONDS_10, 2 * SECONDS_10);
        finds(&k, NOON + 3025 * S - behind[i], 2 * SECONDS_10, 3 * SECONDS_10);
        finds(&k, NOON + 3205 * S, 3 * SECONDS_10, 4 * SECONDS_10);
        int64_t lasts;
        assert_int_equal(runs_of(&k, 0, INT64_MAX, &lasts), 4 * SECONDS_10);
        // Neither the archive nor what came of the wrong clock is younger than it says.
        struct audio_log_kept kept;
        assert_int_equal(audio_log_keep(log, (struct audio_log_limits){0, 24 * 3600 * S}, NOON + 3300 * S, &kept, NULL),
                         RC_OK);
        assert_int_equal(kept.dropped, 0);
        audio_log_close(&log);
        assert_int_equal(faults_of(&k), 0);
        kit_free(&k);
    }
}

// Before there was this program no clock is right.
static void test_a_clock_without_a_battery(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON, SECONDS_10);
    audio_log_close(&log);
    log = write_from(&k, 90 * S, SECONDS_2);
    audio_log_close(&log);
    log = write_from(&k, NOON + 100 * S, SECONDS_10);
    audio_log_close(&log);
    int64_t lasts;
    assert_int_equal(runs_of(&k, 0, NOON, &lasts), 0);
    assert_int_equal(runs_of(&k, 0, INT64_MAX, &lasts), 2 * SECONDS_10 + SECONDS_2);
    finds(&k, NOON + 105 * S, SECONDS_10 + SECONDS_2, 2 * SECONDS_10 + SECONDS_2);
    assert_int_equal(faults_of(&k), 0);
    kit_free(&k);
}

static void test_less_than_a_minute_is_waited_for(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON + 100 * S, SECONDS_10);
    audio_log_close(&log);
    log = write_from(&k, NOON + 55 * S, SECONDS_10);
    audio_log_close(&log);
    int64_t lasts;
    assert_int_equal(runs_of(&k, 0, NOON + 100 * S, &lasts), 0);
    assert_int_equal(runs_of(&k, 0, INT64_MAX, &lasts), 2 * SECONDS_10);
    assert_int_equal(faults_of(&k), 0);
    struct audio_log_reader *r = kit_read(&k);
    struct audio_log_put_back back;
    assert_int_equal(audio_log_put_back(r, &back), RC_OK);
    assert_true(back.times == 0 && back.since_us == 0 && back.segments == 0);
    audio_log_reader_close(&r);
    kit_free(&k);
}

// ---- what is kept and cut ----------------------------------------------------------------------------------------------

static void test_what_is_dropped_of_both_clocks_is_said(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON + 10 * 24 * 3600 * S, SECONDS_10); // ten days ahead
    audio_log_close(&log);
    log = write_from(&k, NOON, SECONDS_10);
    k.at = NOON + 3600 * S;
    kit_frames(&k, log, SECONDS_10);
    // Each by itself: what lies between them is kept.
    const int64_t begun[] = {NOON + 10 * 24 * 3600 * S, NOON};
    for (size_t i = 0; i < 3; i++) {
        struct audio_log_kept kept;
        assert_int_equal(audio_log_keep(log, (struct audio_log_limits){1, 0}, NOON + 3610 * S, &kept, NULL), RC_OK);
        assert_int_equal(kept.dropped > 0, i < 2);
        if (i == 2)
            break;
        assert_int_equal(kept.dropped_from_us, begun[i]);
        assert_true(kept.dropped_to_us > begun[i] && kept.dropped_to_us < begun[i] + 3611 * S);
    }
    audio_log_close(&log);
    kit_free(&k);
}

static void test_nothing_is_dropped_too_early(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON + 10 * 24 * 3600 * S, SECONDS_10); // ten days ahead
    audio_log_close(&log);
    log = write_from(&k, NOON, SECONDS_10);
    for (int i = 1; i < 4; i++) {
        k.at = NOON + i * 3600 * S;
        kit_frames(&k, log, SECONDS_10);
    }
    struct audio_log_kept kept;
    struct audio_log_limits two_hours = {0, 7200 * S};
    assert_int_equal(audio_log_keep(log, two_hours, NOON + 7199 * S, &kept, NULL), RC_OK);
    assert_int_equal(kept.dropped, 0);
    assert_int_equal(audio_log_keep(log, two_hours, NOON + 7201 * S, &kept, NULL), RC_OK); // as old as what follows it
    assert_int_equal(kept.dropped, 1);
    finds(&k, NOON + 5 * S, SECONDS_10, 2 * SECONDS_10);
    audio_log_close(&log);
    kit_free(&k);
}

static void test_a_span_over_it_is_cut(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = write_from(&k, NOON, SECONDS_10);
    k.at = NOON + 7200 * S;
    kit_frames(&k, log, SECONDS_10);
    audio_log_close(&log);
    log = write_from(&k, NOON + 20 * S, SECONDS_10);
    audio_log_close(&log);
    char path[512];
    struct audio_log_cut cut;
    struct buf b;
    kit_path(&k, "cut", path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(audio_log_cut(k.folder, (struct audio_log_span){NOON, NOON + 3600 * S}, fd, &cut, NULL), RC_OK);
    close(fd);
    kit_file(&k, "cut", &b);
    assert_int_equal(b.n, 2 * SECONDS_10 * FRAME);
    assert_memory_equal(b.p, k.sent.p, SECONDS_10 * FRAME);
    assert_memory_equal(b.p + SECONDS_10 * FRAME, k.sent.p + 2 * SECONDS_10 * FRAME, SECONDS_10 * FRAME);
    assert_true(cut.left_out >= 1 && cut.to_us < NOON + 31 * S);
    buf_fini(&b);
    kit_free(&k);
}

// Whatever a clock does: nothing that was written is lost, runs ascend, and of each moment the newest part counts.
static void test_any_clock(void **state) {
    (void)state;
    uint64_t seed = random_u64(), x = seed | 1;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct kit k = kit_new(NOON);
    struct audio_log_reader *r = NULL;
    for (int i = 0; i < 60; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        int64_t at = NOON + (int64_t)(x % (10 * 3600)) * S;
        struct audio_log *log = write_from(&k, at, SECONDS_2 + (uint32_t)(x >> 40) % SECONDS_10);
        r = r != NULL ? r : kit_read(&k);
        struct audio_log_span newest = {at, k.at};
        struct audio_log_run runs[64];
        struct audio_log_place place = {0};
        size_t n;
        int64_t last = 0, to;
        do {
            assert_int_equal(audio_log_runs(r, 0, INT64_MAX, &place, runs, 64, &n), RC_OK);
            for (size_t j = 0; j < n; j++) {
                assert_true(runs[j].moment_us >= last);
                last = runs[j].moment_us;
            }
        } while (n == 64);
        assert_int_equal(audio_log_reach(r, &last, &to), RC_OK);
        if (to >= newest.from_us && to <= newest.to_us + S) // not waited for
            finds(&k, newest.to_us - S, k.frames - 60, k.frames);
        audio_log_close(&log);
    }
    assert_int_equal(faults_of(&k), 0);
    audio_log_reader_close(&r);
    kit_free(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_clock_that_was_an_hour_ahead),
                                       cmocka_unit_test(test_a_writer_goes_on),
                                       cmocka_unit_test(test_the_time_comes),
                                       cmocka_unit_test(test_a_clock_that_is_behind_for_a_while),
                                       cmocka_unit_test(test_a_clock_without_a_battery),
                                       cmocka_unit_test(test_less_than_a_minute_is_waited_for),
                                       cmocka_unit_test(test_what_is_dropped_of_both_clocks_is_said),
                                       cmocka_unit_test(test_nothing_is_dropped_too_early),
                                       cmocka_unit_test(test_a_span_over_it_is_cut),
                                       cmocka_unit_test(test_any_clock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
