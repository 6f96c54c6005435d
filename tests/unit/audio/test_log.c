// SPDX-License-Identifier: AGPL-3.0-or-later
// The log of a stream, written and heard: what a listener gets from any moment is what the encoder sent, whatever ended
// the one who wrote it.

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "log_kit.h"

static void test_what_was_sent_is_heard(void **state) {
    (void)state;
    struct kit k = kit_new(NOON + 3590 * US_PER_SECOND); // ten seconds before an hour
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    static const size_t steps[] = {1, 400, 5000, 1 << 20};
    for (int i = 0; i < 20; i++) {
        kit_frames(&k, log, 38);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct buf b;
        buf_init(&b, 1 << 24);
        unsigned flags = kit_hear_from(&k, 0, steps[i], &b);
        assert_int_equal(flags, 0);
        assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
        buf_fini(&b);
    }
    // The two hours are two files, and together they are all of it.
    struct buf first, second;
    kit_file(&k, "2026-11-29T12Z-00000001.mp3", &first);
    kit_file(&k, "2026-11-29T13Z-00000002.mp3", &second);
    assert_true(first.n > 0 && second.n > 0);
    buf_str(&first, buf_view(&second));
    assert_true(str_eq(buf_view(&first), buf_view(&k.sent)));
    buf_fini(&first);
    buf_fini(&second);
    audio_log_close(&log);
    assert_null(log);
    kit_free(&k);
}

static void test_only_one_writes(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG), *other = NULL;
    struct problem p = {0};
    assert_int_equal(audio_log_open(k.folder, AUDIO_MPEG, &other, &p), RC_BUSY);
    assert_true(p.text[0] != '\0' && other == NULL);
    struct audio_log_reader *r = kit_read(&k);
    struct audio_log_place place;
    assert_int_equal(audio_log_at(r, 0, &place), RC_NOT_FOUND);
    audio_log_reader_close(&r);
    audio_log_close(&log);
    assert_int_equal(audio_log_open("/dev/null", AUDIO_MPEG, &other, &p), RC_IO);
    kit_free(&k);
}

// ---- moments -----------------------------------------------------------------------------------------------------------

static int64_t moment_at(struct audio_log_reader *r, int64_t moment) {
    struct audio_log_place place;
    struct audio_log_bytes got;
    char bytes[100];
    assert_int_equal(audio_log_at(r, moment, &place), RC_OK);
    if (audio_log_read(r, &place, bytes, sizeof bytes, &got) != AUDIO_LOG_BYTES)
        return -1;
    assert_memory_equal(bytes, "\xff\xfb", 2);
    return got.moment_us - NOON;
}

static void test_a_listener_goes_back(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    const int64_t s = US_PER_SECOND;
    kit_frames(&k, log, 380); // until 9.926 s
    k.at = NOON + 60 * s;
    audio_log_mark(log, AUDIO_LOG_GAP);
    kit_frames(&k, log, 380);
    k.at = NOON + 7200 * s; // two hours on, with nothing lost
    kit_frames(&k, log, 380);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    struct audio_log_reader *r = kit_read(&k);
    static const struct {
        int64_t asked_ms, least_ms, most_ms;
    } cases[] = {{-5000, 0, 0},
                 {0, 0, 0},
                 {1, 0, 0},
                 {5000, 4400, 5000},
                 {9900, 9300, 9900},
                 {9950, 60000, 60000},
                 {59000, 60000, 60000},
                 {60001, 60000, 60000},
                 {65000, 64400, 65000},
                 {7200000, 7200000, 7200000},
                 {7205000, 7204400, 7205000},
                 {9999999, 7209000, 7209926}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = moment_at(r, NOON + cases[i].asked_ms * 1000) / 1000;
        if (ms < cases[i].least_ms || ms > cases[i].most_ms)
            print_error("asked %lld, got %lld\n", (long long)cases[i].asked_ms, (long long)ms);
        assert_true(ms >= cases[i].least_ms && ms <= cases[i].most_ms);
    }
    struct audio_log_place place;
    struct audio_log_bytes got;
    char bytes[100];
    assert_int_equal(audio_log_back(r, 3 * s, &place), RC_OK);
    assert_int_equal(audio_log_read(r, &place, bytes, sizeof bytes, &got), AUDIO_LOG_BYTES);
    assert_true(got.moment_us >= NOON + 7206 * s && got.moment_us <= NOON + 7207 * s);
    int64_t from, to;
    assert_int_equal(audio_log_reach(r, &from, &to), RC_OK);
    assert_true(from == NOON && to > NOON + 7209 * s && to < NOON + 7210 * s);
    audio_log_reader_close(&r);
    struct buf b;
    buf_init(&b, 1 << 24);
    assert_int_equal(kit_hear_from(&k, 0, 1 << 20, &b), AUDIO_LOG_GAP);
    assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
    buf_fini(&b);
    audio_log_close(&log);
    kit_free(&k);
}

static void test_another_source_is_told(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    kit_frames(&k, log, 10);
    audio_log_mark(log, AUDIO_LOG_SOURCE);
    kit_frames(&k, log, 10);
    char bytes[FRAME];
    struct audio_piece other = frame(99, bytes); // another rate is another source, told or not
    other.rate = 48000;
    audio_log_append(log, &other, k.at);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    struct audio_log_reader *r = kit_read(&k);
    struct audio_log_place place;
    struct audio_log_bytes got;
    static char room[1 << 16];
    static const struct {
        unsigned flags;
        size_t frames;
    } cases[] = {{0, 10}, {AUDIO_LOG_SOURCE, 10}, {AUDIO_LOG_SOURCE, 1}};
    assert_int_equal(audio_log_at(r, 0, &place), RC_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(audio_log_read(r, &place, room, sizeof room, &got), AUDIO_LOG_BYTES);
        assert_int_equal(got.flags, cases[i].flags);
        assert_int_equal(got.bytes, cases[i].frames * FRAME);
    }
    audio_log_reader_close(&r);
    audio_log_close(&log);
    kit_free(&k);
}

// ---- chains ------------------------------------------------------------------------------------------------------------

static const struct {
    const char *file, *ending;
    enum audio_format format;
    bool has_chain;
} samples[] = {{"vorbis", "ogg", AUDIO_OGG, true},      {"opus", "ogg", AUDIO_OGG, true},
               {"flac", "ogg", AUDIO_OGG, true},        {"webm", "webm", AUDIO_WEBM, true},
               {"mp3", "mp3", AUDIO_MPEG, false},       {"aac", "aac", AUDIO_AAC, false},
               {"flac_alone", "flac", AUDIO_FLAC, true}};

// A listener who comes late gets the headers first; the next hour's file has them again, and nobody hears them twice.
static void test_a_late_listener_gets_the_headers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct kit k = kit_new(NOON);
        struct buf file, b, hour;
        struct str bytes = sample(samples[i].file, &file);
        struct audio_log *log = kit_open(&k, samples[i].format);
        kit_sample(&k, log, samples[i].format, bytes, 3600 * US_PER_SECOND);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        buf_init(&b, 1 << 20);
        unsigned flags = kit_hear_from(&k, 0, 100, &b);
        assert_int_equal(flags, samples[i].has_chain ? AUDIO_LOG_CHAIN : 0);
        assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
        // From the second hour: its file, byte for byte.
        buf_clear(&b);
        flags = kit_hear_from(&k, NOON + 3600 * US_PER_SECOND, 100, &b);
        assert_int_equal(flags, samples[i].has_chain ? AUDIO_LOG_CHAIN : 0);
        char name[64];
        (void)snprintf(name, sizeof name, "2026-11-29T13Z-00000002.%s", samples[i].ending);
        kit_file(&k, name, &hour);
        assert_true(str_eq(buf_view(&b), buf_view(&hour)));
        assert_true(!samples[i].has_chain || memcmp(hour.p, bytes.p, 40) == 0);
        // Behind the same stream sent anew stand both chains' headers.
        audio_log_mark(log, AUDIO_LOG_SOURCE);
        size_t before = k.sent.n;
        kit_sample(&k, log, samples[i].format, bytes, 0);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        buf_clear(&b);
        flags = kit_hear_from(&k, 0, 3000, &b);
        assert_int_equal(flags, AUDIO_LOG_SOURCE | (samples[i].has_chain ? AUDIO_LOG_CHAIN : 0));
        assert_true(str_eq(buf_view(&b), buf_view(&k.sent)) && before < k.sent.n);
        audio_log_close(&log);
        buf_fini(&file);
        buf_fini(&b);
        buf_fini(&hour);
        kit_free(&k);
    }
}

// ---- torn ends ---------------------------------------------------------------------------------------------------------

static void file_put(const struct kit *k, const char *name, struct str bytes) {
    char path[512];
    kit_path(k, name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
    close(fd);
}

// Opens what is left, goes on, and looks whether what is heard is a beginning of what was sent and then the new frame.
static void survives(struct kit *k, size_t at_least, size_t *kept_out) {
    struct buf b;
    char bytes[FRAME];
    struct audio_piece piece = frame(1000000, bytes);
    struct audio_log *log = kit_open(k, AUDIO_MPEG);
    audio_log_append(log, &piece, k->at);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    audio_log_close(&log);
    buf_init(&b, 1 << 20);
    unsigned flags = kit_hear_from(k, 0, 1 << 20, &b);
    assert_true(b.n >= FRAME && (b.n == FRAME || flags == AUDIO_LOG_GAP));
    *kept_out = b.n - FRAME;
    assert_true(*kept_out >= at_least && *kept_out <= k->sent.n && *kept_out % FRAME == 0);
    assert_memory_equal(b.p, k->sent.p, *kept_out);
    assert_memory_equal(b.p + *kept_out, bytes, FRAME);
    buf_fini(&b);
}

static const char index_name[] = "00000001.index", sound_name[] = "2026-11-29T12Z-00000001.mp3";

// What was sound before the damage stays; a run is what is lost at most beside what the damage itself took.
static void test_a_torn_end_is_cut(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    for (int i = 0; i < 4; i++) {
        kit_frames(&k, log, 5);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    }
    audio_log_close(&log);
    struct buf sound, records;
    kit_file(&k, sound_name, &sound);
    kit_file(&k, index_name, &records);
    assert_int_equal(records.n, LOG_HEAD_BYTES + 4 * LOG_RECORD_BYTES);
    const size_t run = 5 * FRAME;
    size_t kept;
    for (size_t n = 0; n <= sound.n; n++) { // of the last two runs every byte, before them some
        if (n < sound.n - 2 * run && n % 211 != 0)
            continue;
        file_put(&k, sound_name, str_slice(buf_view(&sound), 0, n));
        file_put(&k, index_name, buf_view(&records));
        survives(&k, n / run * run, &kept);
        assert_int_equal(kept, n / run * run);
    }
    for (size_t n = LOG_HEAD_BYTES; n <= records.n; n++) {
        file_put(&k, sound_name, buf_view(&sound));
        file_put(&k, index_name, str_slice(buf_view(&records), 0, n));
        survives(&k, (n - LOG_HEAD_BYTES) / LOG_RECORD_BYTES * run, &kept);
        assert_int_equal(kept, (n - LOG_HEAD_BYTES) / LOG_RECORD_BYTES * run);
    }
    for (size_t at = sound.n - run; at < sound.n; at++) { // garbled, and with noise behind
        file_put(&k, index_name, buf_view(&records));
        sound.p[at] ^= 0x20;
        buf_c(&sound, "noise");
        file_put(&k, sound_name, buf_view(&sound));
        sound.p[at] ^= 0x20;
        sound.n -= 5;
        survives(&k, 3 * run, &kept);
        assert_int_equal(kept, 3 * run);
    }
    for (size_t at = records.n - LOG_RECORD_BYTES; at < records.n; at++) {
        file_put(&k, sound_name, buf_view(&sound));
        records.p[at] ^= 0x01;
        file_put(&k, index_name, buf_view(&records));
        records.p[at] ^= 0x01;
        survives(&k, 3 * run, &kept);
        assert_int_equal(kept, 3 * run);
    }
    buf_fini(&sound);
    buf_fini(&records);
    kit_free(&k);
}

// Killed while a part was being made, and what is not ours at all: writing goes on in a part of its own.
static void test_what_was_half_made_does_not_matter(void **state) {
    (void)state;
    static const struct {
        const char *name;
        struct str bytes;
        bool is_removed;
    } cases[] = {{"00000007.index", {"", 0}, true},
                 {"00000007.index", {"SiaranL1", 8}, true},
                 {"00000007.index", {"SiaranL1 something else that is long enough", 43}, false},
                 {"99999999999.index", {"", 0}, false},
                 {"x.index", {"", 0}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kit k = kit_new(NOON);
        struct audio_log *log = kit_open(&k, AUDIO_MPEG);
        kit_frames(&k, log, 50);
        audio_log_close(&log);
        file_put(&k, cases[i].name, cases[i].bytes);
        log = kit_open(&k, AUDIO_MPEG);
        kit_frames(&k, log, 50);
        audio_log_close(&log);
        char path[512];
        kit_path(&k, cases[i].name, path);
        assert_int_equal(file_exists(path), !cases[i].is_removed);
        struct buf b;
        buf_init(&b, 1 << 20);
        unsigned flags = kit_hear_from(&k, 0, 1000, &b);
        assert_int_equal(flags & AUDIO_LOG_GAP, AUDIO_LOG_GAP);
        assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
        buf_fini(&b);
        kit_free(&k);
    }
}

// ---- a full disk -------------------------------------------------------------------------------------------------------

static void limit_set(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_full_disk_loses_only_what_comes_then(void **state) {
    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    for (int full = 0; full < 8; full++) { // at various bytes
        struct kit k = kit_new(NOON);
        struct audio_log *log = kit_open(&k, AUDIO_MPEG);
        struct problem p = {0};
        kit_frames(&k, log, 100);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        size_t kept = k.sent.n;
        limit_set(kept + (rlim_t)full * 137);
        int64_t since = k.at;
        kit_frames(&k, log, 50);
        assert_int_equal(audio_log_flush(log, &p), RC_IO);
        assert_true(p.text[0] != '\0');
        assert_true(audio_log_broken_since(log) >= since && audio_log_broken_since(log) < k.at);
        kit_frames(&k, log, 50);
        assert_int_equal(audio_log_flush(log, NULL), RC_IO);
        limit_set(RLIM_INFINITY);
        k.sent.n = kept; // what came then is lost
        kit_frames(&k, log, 100);
        assert_int_equal(audio_log_flush(log, &p), RC_OK);
        assert_int_equal(audio_log_broken_since(log), 0);
        struct buf b;
        buf_init(&b, 1 << 20);
        assert_int_equal(kit_hear_from(&k, 0, 1000, &b), AUDIO_LOG_GAP);
        assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
        buf_fini(&b);
        audio_log_close(&log);
        kit_free(&k);
    }
}

// The headers that came while nothing could be written stand before what is written then.
static void test_headers_outlast_a_full_disk(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct buf file, b;
    struct str bytes = sample("vorbis", &file);
    struct audio_log *log = kit_open(&k, AUDIO_OGG);
    limit_set(10);
    kit_sample(&k, log, AUDIO_OGG, bytes, 0);
    assert_int_equal(audio_log_flush(log, NULL), RC_IO);
    limit_set(RLIM_INFINITY);
    struct audio_scanner *s = audio_scanner_new(AUDIO_OGG);
    struct audio_piece piece;
    size_t at = 0, headers = 0, sound_from = 0;
    for (size_t n; (n = audio_scan(s, str_slice(bytes, at, bytes.n), &piece)) > 0; at += n) {
        headers = piece.kind == AUDIO_HEADER ? at + n : headers;
        if (at < bytes.n / 2 || piece.kind == AUDIO_HEADER)
            continue;
        if (sound_from == 0 && piece.may_begin)
            sound_from = at;
        audio_log_append(log, &piece, k.at);
    }
    audio_scanner_free(&s);
    assert_int_equal(audio_log_flush(log, NULL), RC_OK);
    buf_init(&b, 1 << 20);
    assert_int_equal(kit_hear_from(&k, 0, 1000, &b), AUDIO_LOG_CHAIN | AUDIO_LOG_GAP);
    assert_memory_equal(b.p, bytes.p, headers);
    assert_true(str_eq(str_slice(buf_view(&b), headers, b.n), str_slice(bytes, sound_from, bytes.n)));
    buf_fini(&b);
    buf_fini(&file);
    audio_log_close(&log);
    kit_free(&k);
}

// Who cannot open a file now stays where they are, and goes on when they can.
static void test_too_many_open_files_move_nobody(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    kit_frames(&k, log, 100);
    k.at += 3600 * US_PER_SECOND;
    kit_frames(&k, log, 100);
    audio_log_close(&log);
    struct audio_log_reader *r = kit_read(&k);
    struct audio_log_place place = {.part = 1};
    struct audio_log_bytes got;
    struct rlimit limit, none;
    char bytes[100];
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    enum audio_log_got rc = audio_log_read(r, &place, bytes, sizeof bytes, &got);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(rc, AUDIO_LOG_FAILED);
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(kit_hear(r, &place, 1000, &b), 0);
    assert_true(str_eq(buf_view(&b), buf_view(&k.sent)));
    buf_fini(&b);
    audio_log_reader_close(&r);
    kit_free(&k);
}

// ---- while it is written -----------------------------------------------------------------------------------------------

struct follower {
    struct kit *kit;
    struct buf heard;
    atomic_bool is_over;
};

static void *follow(void *arg) {
    struct follower *f = arg;
    struct audio_log_reader *r = NULL;
    struct audio_log_place place;
    struct audio_log_bytes got;
    static char bytes[1 << 16];
    must(audio_log_reader_open(f->kit->folder, &r, NULL) == RC_OK);
    while (audio_log_at(r, 0, &place) != RC_OK)
        (void)sched_yield();
    for (;;) {
        bool was_over = atomic_load(&f->is_over);
        enum audio_log_got rc = audio_log_read(r, &place, bytes, sizeof bytes, &got);
        must(rc != AUDIO_LOG_FAILED);
        buf_add(&f->heard, bytes, got.bytes);
        if (rc == AUDIO_LOG_LIVE && was_over)
            break;
    }
    audio_log_reader_close(&r);
    return NULL;
}

static void test_others_read_while_one_writes(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    struct follower f = {.kit = &k};
    pthread_t thread;
    buf_init(&f.heard, 1 << 26);
    assert_int_equal(pthread_create(&thread, NULL, follow, &f), 0);
    for (int i = 0; i < 300; i++) {
        kit_frames(&k, log, 38);
        assert_int_equal(audio_log_flush(log, NULL), RC_OK);
        if (i % 30 == 29)
            k.at += 3600 * US_PER_SECOND;
    }
    atomic_store(&f.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(str_eq(buf_view(&f.heard), buf_view(&k.sent)));
    buf_fini(&f.heard);
    audio_log_close(&log);
    kit_free(&k);
}

// ---- titles ------------------------------------------------------------------------------------------------------------

static void test_what_was_said_to_play(void **state) {
    (void)state;
    struct kit k = kit_new(NOON);
    struct audio_log *log = kit_open(&k, AUDIO_MPEG);
    const int64_t s = US_PER_SECOND;
    audio_log_title(log, STR("Erste"), NOON);
    kit_frames(&k, log, 40);
    audio_log_title(log, STR("Küstenfunk - Nachtfähre"), NOON + 10 * s);
    k.at = NOON + 4000 * s;
    kit_frames(&k, log, 40);
    audio_log_close(&log);
    file_put(&k, "00000003.titles", STR("nothing"));
    log = kit_open(&k, AUDIO_MPEG);
    audio_log_title(log, STR_NONE, NOON + 5000 * s);
    audio_log_close(&log);
    struct audio_log_reader *r = kit_read(&k);
    struct arena *a = arena_new(1 << 20);
    struct audio_log_said said, *all;
    size_t n;
    static const struct {
        int64_t at;
        struct str title;
        int64_t since;
    } cases[] = {{1, {"Erste", 5}, 0},
                 {9, {"Erste", 5}, 0},
                 {10, {"Küstenfunk - Nachtfähre", 25}, 10},
                 {4500, {"Küstenfunk - Nachtfähre", 25}, 10},
                 {5000, {"", 0}, 5000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum rc rc = audio_log_title_at(r, NOON + cases[i].at * s, a, &said);
        assert_int_equal(rc, cases[i].title.n > 0 ? RC_OK : RC_NOT_FOUND);
        assert_true(str_eq(said.title, cases[i].title));
        assert_int_equal(said.since_us, NOON + cases[i].since * s);
    }
    assert_int_equal(audio_log_titles(r, NOON, NOON + 9999 * s, a, &all, &n), RC_OK);
    assert_int_equal(n, 3); // what a part begins with again does not count again
    assert_str(all[1].title, "Küstenfunk - Nachtfähre");
    assert_int_equal(audio_log_titles(r, NOON + 5 * s, NOON + 20 * s, a, &all, &n), RC_OK);
    assert_int_equal(n, 1);
    arena_free(&a);
    audio_log_reader_close(&r);
    kit_free(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_was_sent_is_heard),
                                       cmocka_unit_test(test_only_one_writes),
                                       cmocka_unit_test(test_a_listener_goes_back),
                                       cmocka_unit_test(test_another_source_is_told),
                                       cmocka_unit_test(test_a_late_listener_gets_the_headers),
                                       cmocka_unit_test(test_a_torn_end_is_cut),
                                       cmocka_unit_test(test_what_was_half_made_does_not_matter),
                                       cmocka_unit_test(test_a_full_disk_loses_only_what_comes_then),
                                       cmocka_unit_test(test_headers_outlast_a_full_disk),
                                       cmocka_unit_test(test_too_many_open_files_move_nobody),
                                       cmocka_unit_test(test_others_read_while_one_writes),
                                       cmocka_unit_test(test_what_was_said_to_play)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
