// SPDX-License-Identifier: AGPL-3.0-or-later
// What the log drops, what is cut out of it, and whether somebody who looks at all of it finds what is wrong.

#include "log_kit.h"

#define S US_PER_SECOND

// Five hours with ten seconds each at their begin.
static struct audio_log *five_hours(struct kit *k) {
    struct audio_log *log = kit_open(k, AUDIO_MPEG);
    for (int i = 0; i < 5; i++) {
        k->at = NOON + i * 3600 * S;
        kit_frames(k, log, 383);
    }
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    return log;
}

static void test_the_oldest_hours_are_dropped(void **state) {
    (void)state;
    static const uint64_t hour = 383 * FRAME;
    static const struct {
        struct audio_log_limits limits;
        int64_t now_s;
        uint32_t dropped;
        int64_t first_s; // hour that is left
    } cases[] = {{{0, 0}, 90000, 0, 0},
                 {{0, 7200 * S}, 3600 * 4, 2, 2},
                 {{0, 7200 * S}, 3600 * 4 - 1, 1, 1},
                 {{0, 1}, 900000, 4, 4},
                 {{1, 0}, 900000, 4, 4}, // never the one that is written
                 {{3 * hour + 20000, 0}, 0, 2, 2},
                 {{5 * hour + 20000, 0}, 0, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kit k = kit_new(NOON);
        struct audio_log *log = five_hours(&k);
        struct audio_log_kept kept;
        int64_t from, to;
        struct audio_log_reader *r = kit_read(&k);
        struct audio_log_place place;
        assert_int_equal(audio_log_at(r, 0, &place), RC_OK);
        char bytes[10];
        struct audio_log_bytes got;
        assert_int_equal(audio_log_read(r, &place, bytes, sizeof bytes, &got), AUDIO_LOG_BYTES);
        assert_int_equal(audio_log_keep(log, cases[i].limits, NOON + cases[i].now_s * S, &kept, NULL), RC_OK);
        assert_int_equal(kept.dropped, cases[i].dropped);
        assert_true(kept.dropped_bytes >= kept.dropped * hour && kept.bytes >= (5 - kept.dropped) * hour);
        if (kept.dropped > 0) {
            int64_t ended = NOON + (cases[i].first_s - 1) * 3600 * S + 383 * FRAME_US;
            assert_int_equal(kept.dropped_from_us, NOON);
            assert_true(kept.dropped_to_us > ended - FRAME_US && kept.dropped_to_us < ended + FRAME_US);
        }
        assert_int_equal(audio_log_reach(r, &from, &to), RC_OK);
        assert_int_equal(from, NOON + cases[i].first_s * 3600 * S);
        // Who was in the first hour hears it to its end, and then what is left.
        struct buf b;
        buf_init(&b, 1 << 24);
        (void)kit_hear(r, &place, 1 << 16, &b);
        uint64_t hours = cases[i].dropped > 0 ? 1 + 5 - (uint64_t)cases[i].first_s : 5;
        assert_int_equal(b.n + sizeof bytes, hours * hour);
        buf_fini(&b);
        audio_log_reader_close(&r);
        audio_log_close(&log);
        kit_free(&k);
    }
}

static void test_what_is_pinned_stays(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = five_hours(&k);
    struct audio_log_kept kept;
    struct audio_log_span pin = {NOON + 3601 * S, NOON + 3602 * S};
    char path[512];
    assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_PINNED, pin, NULL), RC_OK);
    assert_int_equal(audio_log_keep(log, (struct audio_log_limits){1, 0}, NOON, &kept, NULL), RC_OK);
    assert_int_equal(kept.dropped, 1); // what is before it, and in another call what is behind
    assert_true(kept.dropped_from_us == NOON && kept.dropped_to_us < NOON + 3600 * S);
    assert_int_equal(audio_log_keep(log, (struct audio_log_limits){1, 0}, NOON, &kept, NULL), RC_OK);
    assert_int_equal(kept.dropped, 2);
    assert_true(kept.dropped_from_us >= NOON + 2 * 3600 * S && kept.dropped_to_us > NOON + 3 * 3600 * S);
    assert_int_equal(audio_log_keep(log, (struct audio_log_limits){1, 0}, NOON, &kept, NULL), RC_OK);
    assert_int_equal(kept.dropped, 0);
    kit_path(&k, "2026-11-29T13Z-00000002.mp3", path);
    assert_true(file_exists(path));
    struct buf b; // over the hours that are gone
    buf_init(&b, 1 << 24);
    assert_int_equal(kit_hear_from(&k, 0, 1000, &b), AUDIO_LOG_STEPPED);
    assert_int_equal(b.n, 2 * 383 * FRAME);
    buf_fini(&b);
    assert_int_equal(audio_log_span_remove(k.folder, AUDIO_LOG_PINNED, pin, NULL), RC_OK);
    assert_int_equal(audio_log_keep(log, (struct audio_log_limits){1, 0}, NOON, &kept, NULL), RC_OK);
    assert_int_equal(kept.dropped, 1);
    kit_path(&k, "pins", path);
    assert_int_equal(file_write(path, STR("what is this"), 0600, NULL), RC_OK);
    assert_int_equal(audio_log_keep(log, (struct audio_log_limits){1, 0}, NOON, &kept, NULL), RC_INVALID);
    audio_log_close(&log);
    kit_free(&k);
}

// ---- cuts --------------------------------------------------------------------------------------------------------------

static enum rc cut(struct kit *k, int64_t from, int64_t to, struct buf *b, struct audio_log_cut *out) {
    char path[] = "/tmp/siaran-cut-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    enum rc rc = audio_log_cut(k->folder, (struct audio_log_span){from, to}, fd, out, NULL);
    close(fd);
    buf_clear(b);
    assert_int_equal(file_read(path, b, NULL), RC_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(b->n, out->bytes);
    return rc;
}

static void test_a_cut_is_right_to_the_frame(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    struct audio_log_cut out;
    struct buf b;
    kit_frames(&k, log, 1000);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    buf_init(&b, 1 << 24);
    for (int64_t from = 0; from < 60; from += 7) // from and to frames, and between them
        for (int64_t n = 1; n < 900; n += 111) {
            int64_t begin = NOON + from * FRAME_US + FRAME_US / 2, end = begin + n * FRAME_US;
            assert_int_equal(cut(&k, begin, end, &b, &out), RC_OK);
            assert_int_equal(b.n, (n + 1) * FRAME); // the frame in whose middle it begins counts
            assert_memory_equal(b.p, k.sent.p + from * FRAME, b.n);
            assert_true(out.from_us <= begin && out.from_us > begin - FRAME_US);
            assert_true(out.lasts_us > n * FRAME_US && out.lasts_us < (n + 2) * FRAME_US);
            assert_int_equal(out.left_out, 0);
        }
    assert_int_equal(cut(&k, 0, NOON * 2, &b, &out), RC_OK);
    assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
    assert_int_equal(cut(&k, 0, NOON, &b, &out), RC_NOT_FOUND);
    assert_int_equal(cut(&k, NOON + 27 * S, NOON + 30 * S, &b, &out), RC_NOT_FOUND);
    assert_int_equal(cut(&k, NOON + 3 * S, NOON + 2 * S, &b, &out), RC_INVALID);
    struct audio_log_span mask = {NOON + 10 * S, NOON + 12 * S};
    assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_MASKED, mask, NULL), RC_OK);
    assert_int_equal(cut(&k, NOON, NOON + 20 * S, &b, &out), RC_OK);
    assert_true(b.n > 640 * FRAME && b.n < 692 * FRAME && b.n % FRAME == 0 && out.left_out == 1);
    assert_int_equal(cut(&k, NOON + 10 * S, NOON + 12 * S, &b, &out), RC_NOT_FOUND);
    int full = open("/dev/full", O_WRONLY);
    assert_int_equal(audio_log_cut(k.folder, (struct audio_log_span){NOON, NOON + S}, full, &out, NULL), RC_IO);
    close(full);
    buf_fini(&b);
    audio_log_close(&log);
    kit_free(&k);
}

static const struct {
    const char *file;
    enum audio_format format;
} samples[] = {{"vorbis", AUDIO_OGG}, {"opus", AUDIO_OGG}, {"flac", AUDIO_OGG},       {"webm", AUDIO_WEBM},
               {"mp3", AUDIO_MPEG},   {"aac", AUDIO_AAC},  {"flac_alone", AUDIO_FLAC}};

// Out of two hours: the chain's headers once, whatever hour it begins in; what comes out is made of whole pieces.
static void test_a_cut_has_its_headers_once(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct kit k = kit_new(NOON);
        struct buf file, b;
        struct audio_log_cut out;
        struct audio_piece piece;
        struct audio_log_faults faults = {0};
        struct str bytes = sample(samples[i].file, &file);
        struct audio_log *log = kit_open(&k, samples[i].format);
        kit_sample(&k, log, samples[i].format, bytes, 3600 * S);
        audio_log_close(&log);
        assert_int_equal(audio_log_verify(k.folder, &faults, NULL), RC_OK);
        buf_init(&b, 1 << 20);
        assert_int_equal(cut(&k, NOON, NOON + 7200 * S, &b, &out), RC_OK);
        // All of it is as the encoder made it, but for what says how long that is.
        if (samples[i].format != AUDIO_WEBM && samples[i].format != AUDIO_FLAC)
            assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
        for (int64_t from = 0; from < 16; from++) {
            int64_t begin = NOON + 3600 * S + from * S / 8;
            if (cut(&k, begin, begin + S, &b, &out) != RC_OK)
                continue;
            struct audio_scanner *s = audio_scanner_new(samples[i].format);
            size_t at = 0, chains = 0, all = b.n;
            if (samples[i].format == AUDIO_FLAC)
                buf_c(&b, "fLaC"); // a frame ends where something begins
            for (size_t n; (n = audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n)
                chains += piece.is_first;
            assert_int_equal(at, all);
            assert_int_equal(audio_skipped(s), 0);
            assert_int_equal(chains, samples[i].format != AUDIO_MPEG && samples[i].format != AUDIO_AAC);
            audio_scanner_free(&s);
        }
        buf_fini(&b);
        buf_fini(&file);
        kit_free(&k);
    }
}

// ---- faults ------------------------------------------------------------------------------------------------------------

struct found {
    char file[64], what[128];
    uint64_t at;
};

static void fault_take(void *arg, const char *file, uint64_t at, const char *what) {
    struct found *f = arg;
    if (f->file[0] != '\0')
        return;
    (void)snprintf(f->file, sizeof f->file, "%s", file);
    (void)snprintf(f->what, sizeof f->what, "%s", what);
    f->at = at;
}

static uint64_t faults(struct kit *k, struct found *first) {
    struct audio_log_faults all = {.take = fault_take, .arg = first};
    *first = (struct found){0};
    enum rc rc = audio_log_verify(k->folder, &all, NULL);
    assert_int_equal(rc, all.faults > 0 ? RC_INVALID : RC_OK);
    return all.faults;
}

static void test_whole_logs_have_no_fault(void **state) {
    (void)state;
    struct found first;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct kit k = kit_new(NOON);
        struct buf file;
        struct str bytes = sample(samples[i].file, &file);
        struct audio_log *log = kit_open(&k, samples[i].format);
        audio_log_title(log, STR("Nachtfähre"), NOON);
        kit_sample(&k, log, samples[i].format, bytes, 3600 * S);
        audio_log_mark(log, AUDIO_LOG_SOURCE);
        kit_sample(&k, log, samples[i].format, bytes, 7200 * S);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        if (faults(&k, &first) > 0)
            fail_msg("%s: %s, byte %llu: %s", samples[i].file, first.file, (unsigned long long)first.at, first.what);
        audio_log_close(&log);
        buf_fini(&file);
        kit_free(&k);
    }
}

static void test_a_log_of_a_format_that_nobody_knows_has_no_fault(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_OTHER);
    struct audio_log_cut out;
    struct found first;
    struct buf b;
    buf_init(&b, 1 << 24);
    kit_frames(&k, log, 1000); // bytes as any others
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    assert_int_equal(faults(&k, &first), 0);
    assert_int_equal(cut(&k, 0, NOON * 2, &b, &out), RC_OK);
    assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
    audio_log_close(&log);
    buf_fini(&b);
    kit_free(&k);
}

static void damage(const struct kit *k, const char *name, off_t at) {
    char path[512], byte = 0;
    kit_path(k, name, path);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void test_each_fault_is_named(void **state) {
    (void)state;
    static const char one[] = "00000001.index", sound[] = "2026-11-29T12Z-00000001.mp3";
    static const struct {
        const char *file;
        off_t at;
        const char *what;
    } cases[] = {{one, 3, "the index has no head"},
                 {one, LOG_HEAD_BYTES + 2 * LOG_RECORD_BYTES + 5, "the record is damaged"},
                 {sound, 5000, "the sound is not what its record vouches for"},
                 {"00000001.titles", 26, "a title is damaged"},
                 {"masks", 20, "the file is damaged"}};
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    struct audio_log_span mask = {NOON, NOON + S};
    struct found first;
    char path[512];
    audio_log_title(log, STR("Nachtfähre"), NOON);
    kit_frames(&k, log, 200);
    k.at += 3600 * S;
    kit_frames(&k, log, 200);
    audio_log_close(&log);
    assert_int_equal(audio_log_span_add(k.folder, AUDIO_LOG_MASKED, mask, NULL), RC_OK);
    assert_int_equal(faults(&k, &first), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        damage(&k, cases[i].file, cases[i].at);
        assert_int_equal(faults(&k, &first), 1);
        assert_string_equal(first.file, cases[i].file);
        assert_string_equal(first.what, cases[i].what);
        damage(&k, cases[i].file, cases[i].at);
    }
    // Records that are whole and wrong.
    kit_path(&k, one, path);
    int fd = open(path, O_RDWR);
    uint8_t bytes[LOG_RECORD_BYTES], back[LOG_RECORD_BYTES];
    struct log_run run;
    off_t at = LOG_HEAD_BYTES + 3 * LOG_RECORD_BYTES;
    assert_int_equal(pread(fd, back, sizeof back, at), sizeof back);
    static const char *const whats[] = {
        "the sound is not what its record vouches for", "its moment is before that of the one before",
        "its chain's headers are not where it says", "the sound is not made of whole pieces"};
    struct buf file;
    kit_file(&k, sound, &file);
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++) {
        assert_true(log_run_get(back, &run));
        run.offset += i == 0 ? FRAME : 0;
        run.moment_us -= i == 1 ? 3 * S : 0;
        run.chain = i == 2 ? 7 : run.chain;
        run.head = i == 2 ? 1 : run.head;
        run.bytes -= i == 3 ? 1 : 0;
        if (i == 3)
            run.sum = log_sum(str_slice(buf_view(&file), run.offset, run.offset + run.bytes));
        log_run_put(&run, bytes);
        assert_int_equal(pwrite(fd, bytes, sizeof bytes, at), sizeof bytes);
        assert_true(faults(&k, &first) > 0);
        assert_string_equal(first.what, whats[i]);
    }
    assert_int_equal(pwrite(fd, back, sizeof back, at), sizeof back);
    buf_fini(&file);
    close(fd);
    kit_path(&k, sound, path);
    fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_int_equal(faults(&k, &first), 1);
    assert_string_equal(first.what, "no record vouches for the sound from here on");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(faults(&k, &first), 1);
    assert_string_equal(first.what, "its sound is not there");
    kit_free(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_oldest_hours_are_dropped),
                                       cmocka_unit_test(test_what_is_pinned_stays),
                                       cmocka_unit_test(test_a_cut_is_right_to_the_frame),
                                       cmocka_unit_test(test_a_cut_has_its_headers_once),
                                       cmocka_unit_test(test_whole_logs_have_no_fault),
                                       cmocka_unit_test(test_each_fault_is_named),
                                       cmocka_unit_test(test_a_log_of_a_format_that_nobody_knows_has_no_fault)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
