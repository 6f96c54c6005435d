// SPDX-License-Identifier: AGPL-3.0-or-later
// The log as a list of runs and in slots of six seconds: the same for whoever asks, whenever, before and after a restart.

#include "log_kit.h"

enum { MANY = 1200 };
#define FIRST (NOON / AUDIO_SEGMENT_US)

static void test_runs_are_listed(void **state) {
    (void)state;
    struct kit k = kit_new(NOON + 3580 * US_PER_SECOND); // 20 s before the hour
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    struct audio_log_place place = {0};
    struct audio_log_run runs[200];
    size_t n, bytes = 0;
    struct audio_log_reader *r = kit_read(&k);
    assert_int_equal(audio_log_runs(r, 0, INT64_MAX, &place, runs, 200, &n), RC_NOT_FOUND);
    kit_frames(&k, log, 38 * 20);
    audio_log_mark(log, AUDIO_LOG_SOURCE);
    kit_frames(&k, log, 38 * 20);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    int64_t lasts = 0, last = 0, sources = 0;
    do { // seven at a time
        assert_int_equal(audio_log_runs(r, 0, INT64_MAX, &place, runs, 7, &n), RC_OK);
        for (size_t i = 0; i < n; i++) {
            assert_true(runs[i].moment_us >= last && runs[i].format == AUDIO_MPEG && !runs[i].is_masked);
            last = runs[i].moment_us;
            lasts += runs[i].lasts_us;
            bytes += runs[i].bytes;
            sources += (runs[i].flags & AUDIO_LOG_SOURCE) != 0;
        }
    } while (n == 7);
    assert_int_equal(bytes, k.sent.n);
    assert_int_equal(sources, 1);
    assert_true(lasts > 1520 * (FRAME_US - 10) && lasts < 1520 * (FRAME_US + 10));
    // What comes later is listed from the same place on, and nothing twice.
    kit_frames(&k, log, 10);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    assert_int_equal(audio_log_runs(r, 0, INT64_MAX, &place, runs, 200, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(runs[0].bytes, 10 * FRAME);
    // Between two moments: from the first at or behind one, before the other.
    place = (struct audio_log_place){0};
    int64_t from = NOON + 3590 * US_PER_SECOND, to = NOON + 3605 * US_PER_SECOND;
    assert_int_equal(audio_log_runs(r, from, to, &place, runs, 200, &n), RC_OK);
    assert_true(n > 25 && n < 35 && runs[0].moment_us >= from && runs[0].moment_us < from + 600000 &&
                runs[n - 1].moment_us < to && runs[n - 1].moment_us > to - 600000);
    audio_log_reader_close(&r);
    audio_log_close(&log);
    kit_free(&k);
}

static struct audio_segment segments[MANY];

static uint32_t list(struct kit *k, int64_t first, size_t n) {
    struct audio_log_reader *r = kit_read(k);
    uint32_t breaks;
    assert_int_equal(audio_log_segments(r, AUDIO_MPEG, first, n, segments, &breaks), RC_OK);
    audio_log_reader_close(&r);
    return breaks;
}

static void segment_read(struct kit *k, int64_t number, struct buf *b, struct audio_segment *out) {
    struct audio_log_reader *r = kit_read(k);
    enum rc rc = audio_log_segment(r, AUDIO_MPEG, number, b, out);
    assert_int_equal(rc, out->runs > 0 ? RC_OK : RC_NOT_FOUND);
    audio_log_reader_close(&r);
}

static void test_segments_are_the_log(void **state) {
    (void)state;
    struct kit k = kit_new(NOON + 3500 * US_PER_SECOND + 2500000);
    struct audio_segment one;
    struct buf b;
    for (int i = 0; i < 3; i++) { // the writer comes back without anything lost
        struct audio_log *log = kit_open(&k, AUDIO_MPEG);
        kit_frames(&k, log, 38 * 70);
        audio_log_close(&log);
    }
    int64_t first = FIRST + 583, n = 0;
    list(&k, first, 40);
    buf_init(&b, 1 << 26);
    for (; n < 40 && segments[n].runs > 0; n++) {
        size_t before = b.n;
        assert_int_equal(segments[n].number, first + n);
        segment_read(&k, first + n, &b, &one);
        assert_int_equal(b.n - before, segments[n].bytes);
        assert_true(one.number == first + n && one.moment_us == segments[n].moment_us &&
                    one.lasts_us == segments[n].lasts_us && one.runs == segments[n].runs);
        assert_true(segments[n].moment_us / AUDIO_SEGMENT_US == first + n);
        assert_true(n == 0 || segments[n].lasts_us > 5300000 || segments[n + 1].runs == 0);
        assert_true(segments[n].lasts_us < 6700000);
    }
    assert_int_equal(n, 36);
    assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
    buf_clear(&b);
    segment_read(&k, first + 40, &b, &one);
    assert_true(b.n == 0 && one.runs == 0);
    // A mask takes all of each segment that it touches, and nothing of any other.
    struct audio_segment were[40];
    memcpy(were, segments, sizeof were);
    struct audio_log_reader *r = kit_read(&k);
    uint64_t number = audio_log_masks_number(r);
    assert_int_equal(audio_log_masks_number(r), number);
    struct audio_log_span span = {segments[4].moment_us + 2000000, segments[6].moment_us + 2000000};
    assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_MASKED, span, NULL), RC_OK);
    assert_int_not_equal(audio_log_masks_number(r), number);
    list(&k, first, 40);
    for (int64_t i = 0; i < 40; i++) {
        bool is_masked = i >= 4 && i <= 6, is_there = were[i].runs > 0 && !is_masked;
        assert_int_equal(segments[i].is_masked, is_masked);
        assert_true(segments[i].moment_us == were[i].moment_us && segments[i].lasts_us == were[i].lasts_us &&
                    segments[i].bytes == were[i].bytes && segments[i].runs == were[i].runs);
        buf_clear(&b);
        assert_int_equal(audio_log_segment(r, AUDIO_MPEG, first + i, &b, &one), is_there ? RC_OK : RC_NOT_FOUND);
        assert_int_equal(b.n, is_there ? were[i].bytes : 0);
        assert_true(one.is_masked == is_masked && one.runs == (is_there ? were[i].runs : 0));
    }
    assert_int_equal(audio_log_segment(r, AUDIO_AAC, first + 7, &b, &one),
                     RC_NOT_FOUND); // there is none of that format
    audio_log_reader_close(&r);
    buf_fini(&b);
    kit_free(&k);
}

// An encoder that sends a minute at once.
static void test_what_comes_faster_than_time_is_left_out(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    struct audio_segment one;
    struct buf b;
    for (int i = 0; i < 60 * 38; i++) {
        kit_frames(&k, log, 1);
        k.at = NOON + i;
    }
    audio_log_close(&log);
    list(&k, FIRST, 3);
    assert_true(segments[0].lasts_us > 6500000 && segments[0].lasts_us <= AUDIO_SEGMENT_LASTS_US);
    buf_init(&b, 1 << 24);
    segment_read(&k, FIRST, &b, &one);
    assert_true(b.n == segments[0].bytes && memcmp(b.p, k.sent.p, b.n) == 0);
    buf_fini(&b);
    kit_free(&k);
}

// ---- breaks ------------------------------------------------------------------------------------------------------------

static void test_a_break_is_the_first_segment_behind_it(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    static const struct {
        int64_t ms;
        unsigned mark;
    } events[] = {{0, AUDIO_LOG_SOURCE},     {13000, AUDIO_LOG_SOURCE}, {14000, AUDIO_LOG_GAP}, // both: segment 3
                  {18000, AUDIO_LOG_GAP},                                                       // and this one
                  {30000, AUDIO_LOG_SOURCE},                                                    // segment 5 itself
                  {71000, AUDIO_LOG_SOURCE}, {72001, AUDIO_LOG_GAP}};                           // segment 12, twice
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        while (k.at < NOON + events[i].ms * 1000)
            kit_frames(&k, log, 1);
        k.at = NOON + events[i].ms * 1000;
        audio_log_mark(log, events[i].mark);
        kit_frames(&k, log, 20);
    }
    audio_log_close(&log);
    assert_int_equal(list(&k, FIRST, 20), 0);
    for (int64_t i = 0; i < 20; i++)
        assert_int_equal(segments[i].is_break, i == 0 || i == 3 || i == 5 || i == 12);
    static const uint32_t before[] = {0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4};
    for (int64_t i = 0; i < 14; i++)
        assert_int_equal(list(&k, FIRST + i, 5), before[i]);
    kit_free(&k);
}

// Whatever window a player follows: a break that it sees leave is one more before the window, and no other is. Writers
// come and go, hours change, what is older is dropped.
static void test_breaks_count_on(void **state) {
    (void)state;
    uint64_t seed = random_u64(), x = seed | 1;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    static uint32_t before[MANY + 1];
    static bool is_break[MANY];
    while (k.at < NOON + (MANY - 2) * AUDIO_SEGMENT_US) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        kit_frames(&k, log, (uint32_t)(x % 300) + 1);
        if (x >> 20 & 1)
            audio_log_mark(log, x >> 21 & 1 ? AUDIO_LOG_GAP : AUDIO_LOG_SOURCE);
        k.at += (x >> 30) % 5 == 0 ? (int64_t)(x >> 33) % (x >> 60 == 0 ? 400000000 : 9000000) : 0;
        if ((x >> 40) % 16 == 0) { // ended and begun again, killed or not
            audio_log_close(&log);
            log = kit_open(&k, AUDIO_MPEG);
        }
    }
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    struct audio_log_reader *r = kit_read(&k);
    assert_int_equal(audio_log_segments(r, AUDIO_MPEG, FIRST, MANY, segments, &before[0]), RC_OK);
    for (int i = 0; i < MANY; i++)
        is_break[i] = segments[i].is_break;
    for (int pass = 0, kept = 0; pass < 2; pass++) {
        for (int i = kept; i < MANY; i += pass == 0 ? 1 : 7) {
            uint32_t breaks;
            assert_int_equal(audio_log_segments(r, AUDIO_MPEG, FIRST + i, 1, segments, &breaks), RC_OK);
            before[i] = pass == 0 ? breaks : before[i];
            assert_int_equal(breaks, before[i]);
            assert_true(i == 0 || before[i] == before[i - 1] + is_break[i - 1]);
            assert_int_equal(segments[0].is_break, is_break[i]);
        }
        struct audio_log_kept dropped;
        struct audio_log_limits limits = {.age_us = 1800 * US_PER_SECOND};
        assert_int_equal(audio_log_keep(log, limits, k.at, &dropped, NULL), RC_OK);
        kept = (int)(dropped.dropped_to_us / AUDIO_SEGMENT_US - FIRST) + 3;
        assert_true(pass > 0 || dropped.dropped > 0);
    }
    assert_true(before[MANY - 1] > 50);
    audio_log_reader_close(&r);
    audio_log_close(&log);
    kit_free(&k);
}

static void fault_take(void *arg, const char *file, uint64_t at, const char *what) {
    (void)file;
    if (at == 20 && strstr(what, "breaks") != NULL)
        ++*(int *)arg;
}

static void test_a_wrong_count_is_found(void **state) {
    (void)state;
    struct kit k = kit_new(NOON + 3590 * US_PER_SECOND);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    audio_log_mark(log, AUDIO_LOG_SOURCE);
    kit_frames(&k, log, 1000);
    audio_log_close(&log);
    int found = 0;
    struct audio_log_faults faults = {.take = fault_take, .arg = &found};
    assert_int_equal(audio_log_verify(k.folder, &faults, NULL), RC_OK);
    uint8_t bytes[LOG_HEAD_BYTES];
    struct log_head head;
    char path[512];
    kit_path(&k, "00000002.index", path);
    int fd = open(path, O_RDWR);
    assert_true(pread(fd, bytes, sizeof bytes, 0) == sizeof bytes && log_head_get(bytes, &head));
    assert_int_equal(head.breaks, 1);
    head.breaks = 0;
    log_head_put(&head, bytes);
    assert_int_equal(pwrite(fd, bytes, sizeof bytes, 0), sizeof bytes);
    close(fd);
    assert_int_equal(audio_log_verify(k.folder, &faults, NULL), RC_INVALID);
    assert_int_equal(found, 1);
    kit_free(&k);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_are_listed),
        cmocka_unit_test(test_segments_are_the_log),
        cmocka_unit_test(test_what_comes_faster_than_time_is_left_out),
        cmocka_unit_test(test_a_break_is_the_first_segment_behind_it),
        cmocka_unit_test(test_breaks_count_on),
        cmocka_unit_test(test_a_wrong_count_is_found),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
