// SPDX-License-Identifier: AGPL-3.0-or-later
// What may not be replayed is not heard, by nobody and at no moment.

#include "log_kit.h"

static void mask(struct kit *k, int64_t from_s, int64_t to_s, bool is_added) {
    struct audio_log_span span = {NOON + from_s * US_PER_SECOND, NOON + to_s * US_PER_SECOND};
    struct problem p = {0};
    enum rc rc = is_added ? audio_log_span_add(k->folder, AUDIO_LOG_MASKED, span, &p)
                          : audio_log_span_remove(k->folder, AUDIO_LOG_MASKED, span, &p);
    if (rc != RC_OK)
        print_error("%s\n", p.text);
    assert_int_equal(rc, RC_OK);
}

// Masked frames are not there, and no more than a run on each side is lost with them.
static void hears_all_but(struct kit *k, struct audio_log_reader *r, int64_t from_s, int64_t to_s) {
    struct audio_log_place place;
    struct buf b;
    buf_init(&b, 1 << 24);
    assert_int_equal(audio_log_at(r, 0, &place), RC_OK);
    unsigned flags = kit_hear(r, &place, 1000, &b);
    assert_int_equal(flags, AUDIO_LOG_STEPPED);
    size_t before = (size_t)(from_s * US_PER_SECOND / FRAME_US) * FRAME;
    size_t behind = k->sent.n - (size_t)(to_s * US_PER_SECOND / FRAME_US + 1) * FRAME;
    size_t same = 0;
    while (same < b.n && b.p[same] == k->sent.p[same])
        same++;
    assert_true(same <= before + FRAME && same + 25 * FRAME >= before);
    size_t tail = 0;
    while (tail < b.n - same / FRAME * FRAME && b.p[b.n - 1 - tail] == k->sent.p[k->sent.n - 1 - tail])
        tail++;
    assert_int_equal(same / FRAME * FRAME + tail, b.n);
    assert_true(tail <= behind + FRAME && tail + 25 * FRAME >= behind);
    buf_fini(&b);
}

static void test_what_is_masked_is_not_heard(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    kit_frames(&k, log, 2000); // 52 s
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    struct audio_log_reader *r = kit_read(&k);
    struct audio_log_place place, before;
    struct audio_log_bytes got;
    char bytes[100];
    assert_int_equal(audio_log_at(r, NOON + 15 * US_PER_SECOND, &before), RC_OK);
    mask(&k, 10, 20, true);
    mask(&k, 10, 20, true);
    hears_all_but(&k, r, 10, 20);
    // Somebody who was there when it was masked, and somebody who asks for it.
    for (int i = 0; i < 2; i++) {
        place = before;
        if (i == 1)
            assert_int_equal(audio_log_at(r, NOON + 15 * US_PER_SECOND, &place), RC_OK);
        assert_int_equal(audio_log_read(r, &place, bytes, sizeof bytes, &got), AUDIO_LOG_BYTES);
        assert_true(got.moment_us >= NOON + 20 * US_PER_SECOND && got.moment_us < NOON + 21 * US_PER_SECOND);
        assert_int_equal(got.flags, AUDIO_LOG_STEPPED);
    }
    mask(&k, 15, 30, true);
    hears_all_but(&k, r, 10, 30);
    mask(&k, 10, 20, false);
    hears_all_but(&k, r, 15, 30);
    mask(&k, 15, 30, false);
    assert_int_equal(audio_log_at(r, 0, &place), RC_OK);
    struct buf b;
    buf_init(&b, 1 << 24);
    assert_int_equal(kit_hear(r, &place, 1000, &b), 0);
    assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
    buf_fini(&b);
    mask(&k, 40, 4000, true); // until behind the newest
    assert_int_equal(audio_log_at(r, NOON + 45 * US_PER_SECOND, &place), RC_OK);
    assert_int_equal(audio_log_read(r, &place, bytes, sizeof bytes, &got), AUDIO_LOG_LIVE);
    audio_log_reader_close(&r);
    audio_log_close(&log);
    kit_free(&k);
}

static void test_spans_are_kept(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct arena *a = arena_new(1 << 20);
    struct audio_log_span *spans;
    struct problem p = {0};
    size_t n;
    static const struct audio_log_span added[] = {{50, 60}, {10, 20}, {10, 15}}, wrong[] = {{5, 5}, {9, 2}, {-1, 2}};
    assert_int_equal(audio_log_spans(k.folder, AUDIO_LOG_PINNED, a, &spans, &n, &p), RC_OK);
    assert_int_equal(n, 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_PINNED, added[i], &p), RC_OK);
        assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_PINNED, wrong[i], &p), RC_INVALID);
    }
    assert_int_equal(audio_log_spans(k.folder, AUDIO_LOG_PINNED, a, &spans, &n, &p), RC_OK);
    assert_int_equal(n, 3);
    assert_true(spans[0].to_us == 15 && spans[1].to_us == 20 && spans[2].from_us == 50);
    assert_int_equal(audio_log_span_remove(k.folder, AUDIO_LOG_PINNED, (struct audio_log_span){10, 16}, &p),
                     RC_NOT_FOUND);
    assert_int_equal(audio_log_span_remove(k.folder, AUDIO_LOG_PINNED, added[1], &p), RC_OK);
    assert_int_equal(audio_log_spans(k.folder, AUDIO_LOG_MASKED, a, &spans, &n, &p), RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(audio_log_span_add("/nowhere/at/all", AUDIO_LOG_PINNED, added[0], &p), RC_NOT_FOUND);
    static struct audio_log_span many[LOG_SPANS_MAX]; // as many as there may be
    for (int64_t i = 0; i < LOG_SPANS_MAX; i++)
        many[i] = (struct audio_log_span){i, i + 1};
    struct buf b;
    char path[512];
    buf_init(&b, LOG_SPANS_FILE_MAX);
    log_spans_put(&b, many, LOG_SPANS_MAX);
    kit_path(&k, "pins", path);
    assert_int_equal(file_write(path, buf_view(&b), 0600, &p), RC_OK);
    buf_fini(&b);
    assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_PINNED, added[0], &p), RC_TOO_BIG);
    arena_free(&a);
    kit_free(&k);
}

// Whoever cannot know what is masked gives nothing.
static void test_damaged_masks_let_nothing_through(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    kit_frames(&k, log, 200);
    audio_log_close(&log);
    mask(&k, 1, 2, true);
    struct buf file;
    struct problem p;
    kit_file(&k, "masks", &file);
    for (size_t i = 0; i <= file.n; i++) {
        struct audio_log_reader *r = kit_read(&k);
        struct audio_log_place place;
        struct audio_log_bytes got;
        char path[512], bytes[100];
        kit_path(&k, "masks", path);
        if (i < file.n)
            file.p[i] ^= 4;
        assert_int_equal(file_write(path, buf_view(&file), 0600, NULL), RC_OK);
        if (i < file.n)
            file.p[i] ^= 4;
        assert_int_equal(audio_log_at(r, 0, &place), RC_OK);
        enum audio_log_got rc = audio_log_read(r, &place, bytes, sizeof bytes, &got);
        assert_int_equal(rc, i < file.n ? AUDIO_LOG_FAILED : AUDIO_LOG_BYTES);
        enum rc added = audio_log_span_add(k.folder, AUDIO_LOG_MASKED, (struct audio_log_span){1, 2}, &p);
        assert_int_equal(added, i < file.n ? RC_INVALID : RC_OK);
        audio_log_reader_close(&r);
    }
    buf_fini(&file);
    kit_free(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_masked_is_not_heard),
                                       cmocka_unit_test(test_spans_are_kept),
                                       cmocka_unit_test(test_damaged_masks_let_nothing_through)};
    hash_start();
    log_threshold(LOG_ERROR + 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
