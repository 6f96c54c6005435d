// SPDX-License-Identifier: AGPL-3.0-or-later
// Sound packed for HLS, taken apart again as ISO 13818-1 and ID3v2.4 say: every frame is there once, at its time.

#include "log_kit.h"

enum { PACKET = 188, PES_MAX = 1 << 16 };

// ---- what a player does ------------------------------------------------------------------------------------------------

struct demux {
    unsigned counters[3]; // of PAT, PMT, sound; the next one expected
    bool has_counters;
    uint8_t type;
    struct buf pes, sound;
    uint64_t pcr, begin_pcr;
    size_t packets, clocks, pes_packets;
};

static uint32_t sum(const uint8_t *p, size_t n) {
    uint32_t c = UINT32_MAX;
    for (size_t i = 0; i < n * 8; i++)
        c = c << 1 ^ ((c >> 31 ^ ((uint32_t)p[i / 8] >> (7 - i % 8) & 1)) != 0 ? 0x04c11db7 : 0);
    return c;
}

static void table_take(struct demux *d, unsigned pid, const uint8_t *p, size_t n) {
    size_t length = (size_t)(p[2] & 15) << 8 | p[3];
    assert_true(p[0] == 0 && 4 + length <= n);
    assert_int_equal(sum(p + 1, 3 + length), 0); // with its own sum behind it
    if (pid == 0)
        assert_int_equal((p[11] & 31) << 8 | p[12], 0x1000);
    else {
        assert_int_equal((p[9] & 31) << 8 | p[10], 0x100);
        assert_int_equal((p[14] & 31) << 8 | p[15], 0x100);
        d->type = p[13];
    }
}

static void pes_end(struct demux *d, uint32_t rate, enum audio_format format, int64_t moment) {
    const uint8_t *p = (const uint8_t *)d->pes.p;
    if (d->pes.n == 0)
        return;
    assert_true(p[0] == 0 && p[1] == 0 && p[2] == 1 && p[3] == 0xc0 && p[8] == 5);
    assert_int_equal(p[4] << 8 | p[5], d->pes.n - 6);
    uint64_t pts = (uint64_t)(p[9] >> 1 & 7) << 30 | (uint64_t)p[10] << 22 | (uint64_t)(p[11] >> 1) << 15 |
                   (uint64_t)p[12] << 7 | p[13] >> 1;
    uint64_t samples = 0;
    for (size_t at = 0; at < d->sound.n;) {
        struct audio_mpeg m;
        struct audio_adts a;
        if (format == AUDIO_MPEG) {
            assert_true(audio_mpeg_read((const uint8_t *)d->sound.p + at, &m));
            at += m.bytes, samples += m.samples;
        } else {
            assert_true(audio_adts_read((const uint8_t *)d->sound.p + at, &a));
            at += a.bytes, samples += a.samples;
        }
    }
    uint64_t due = (uint64_t)moment * 9 / 100 + (samples * 90000 + rate / 2) / rate;
    int64_t off = (int64_t)((pts - due) & 0x1ffffffff);
    assert_true(off <= 1 || off == 0x1ffffffff);
    assert_true(((pts - d->begin_pcr) & 0x1ffffffff) < 20000); // it came before it is due, and not long before
    buf_str(&d->sound, str_slice(buf_view(&d->pes), 14, d->pes.n));
    buf_clear(&d->pes);
    d->pes_packets++;
}

static void demux(struct demux *d, struct str ts, uint32_t rate, enum audio_format format, int64_t moment) {
    buf_init(&d->pes, PES_MAX);
    buf_init(&d->sound, 1 << 24);
    d->packets = ts.n / PACKET;
    assert_int_equal(ts.n % PACKET, 0);
    for (size_t i = 0; i < d->packets; i++) {
        const uint8_t *p = (const uint8_t *)ts.p + i * PACKET;
        unsigned pid = (p[1] & 31u) << 8 | p[2], which = pid == 0 ? 0 : pid == 0x1000 ? 1 : 2;
        size_t at = 4 + ((p[3] & 0x20) != 0 ? 1u + p[4] : 0u);
        assert_true(p[0] == 0x47 && (p[3] & 0x10) != 0 && at < PACKET && (which < 2 || pid == 0x100));
        assert_true(i > 1 || which == i); // tables first
        if (!d->has_counters && (i == 0 || p[1] & 0x40))
            d->counters[which] = p[3] & 15;
        d->has_counters = d->has_counters || i == 2;
        assert_int_equal(d->counters[which], p[3] & 15);
        d->counters[which] = (d->counters[which] + 1) % 16;
        if ((p[1] & 0x40) != 0 && which == 2)
            pes_end(d, rate, format, moment);
        if ((p[3] & 0x20) != 0 && p[4] > 0 && (p[5] & 0x10) != 0) {
            uint64_t pcr =
                (uint64_t)p[6] << 25 | (uint64_t)p[7] << 17 | (uint64_t)p[8] << 9 | (uint64_t)p[9] << 1 | p[10] >> 7;
            assert_true(d->clocks++ == 0 || ((pcr - d->pcr) & 0x1ffffffff) <= 9000 + 2 * 1152 * 90000 / rate);
            d->pcr = pcr;
            d->begin_pcr = (p[1] & 0x40) != 0 ? pcr : d->begin_pcr;
        }
        if (which < 2)
            table_take(d, pid, p + at, PACKET - at);
        else
            buf_add(&d->pes, p + at, PACKET - at);
    }
    pes_end(d, rate, format, moment);
}

static void demux_free(struct demux *d) {
    buf_fini(&d->pes);
    buf_fini(&d->sound);
}

// ---- transport streams -------------------------------------------------------------------------------------------------

static void frames_make(struct buf *b, const uint8_t *head, size_t head_bytes, size_t bytes, size_t n) {
    buf_init(b, 1 << 24);
    for (size_t i = 0; i < n; i++) {
        buf_add(b, head, head_bytes);
        for (size_t j = head_bytes; j < bytes; j++)
            buf_char(b, (char)(i + j));
    }
}

static const struct {
    uint8_t head[7];
    enum audio_format format;
    uint32_t rate, samples;
    size_t bytes;
    uint8_t type;
    int overhead; // percent at most
} kinds[] = {
    {{0xff, 0xfb, 0x90, 0x00}, AUDIO_MPEG, 44100, 1152, 417, 3, 7},
    {{0xff, 0xfb, 0x94, 0xc0}, AUDIO_MPEG, 48000, 1152, 384, 3, 7},
    {{0xff, 0xfb, 0xe4, 0x00}, AUDIO_MPEG, 48000, 1152, 960, 3, 6},
    {{0xff, 0xf3, 0x80, 0xc0}, AUDIO_MPEG, 22050, 576, 208, 4, 10},
    {{0xff, 0xe3, 0x18, 0xc0}, AUDIO_MPEG, 8000, 576, 72, 4, 210}, // 8 kbit/s
    {{0xff, 0xf3, 0x30, 0xc0}, AUDIO_MPEG, 22050, 576, 78, 4, 20}, // 24 kbit/s
    {{0xff, 0xfd, 0xa4, 0x00}, AUDIO_MPEG, 48000, 1152, 576, 3, 6},
    {{0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc}, AUDIO_AAC, 44100, 1024, 371, 15, 7},
    {{0xff, 0xf1, 0x58, 0x40, 0x19, 0x1f, 0xfc}, AUDIO_AAC, 24000, 1024, 200, 15, 12},
};

static void test_every_frame_is_there_at_its_time(void **state) {
    (void)state;
    static const int64_t moments[] = {NOON, NOON + 123457,
                                      (INT64_C(1) << 33) * 100 / 9 * 3 - 2 * US_PER_SECOND}; // comes round
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (size_t m = 0; m < 3; m++)
            for (int seconds = 0; seconds < 7; seconds += 3) {
                struct buf frames, ts;
                struct demux d = {0};
                size_t head = kinds[i].format == AUDIO_MPEG ? 4 : 7;
                frames_make(&frames, kinds[i].head, head, kinds[i].bytes,
                            (size_t)seconds * kinds[i].rate / kinds[i].samples + 1);
                buf_init(&ts, 1 << 24);
                assert_true(audio_ts(&ts, kinds[i].format, buf_view(&frames), moments[m], 1000));
                demux(&d, buf_view(&ts), kinds[i].rate, kinds[i].format, moments[m]);
                assert_true(str_eq(buf_view(&d.sound), buf_view(&frames)));
                assert_int_equal(d.type, kinds[i].type);
                if (seconds == 6 && (int)(ts.n * 100 / frames.n) - 100 > kinds[i].overhead)
                    fail_msg("row %zu: %zu bytes became %zu", i, frames.n, ts.n);
                // The next segment counts on.
                struct demux next = {.has_counters = true};
                memcpy(next.counters, d.counters, sizeof d.counters);
                buf_clear(&ts);
                assert_true(audio_ts(&ts, kinds[i].format, buf_view(&frames), moments[m], 1001));
                demux(&next, buf_view(&ts), kinds[i].rate, kinds[i].format, moments[m]);
                demux_free(&d);
                demux_free(&next);
                buf_fini(&frames);
                buf_fini(&ts);
            }
}

static void test_what_is_no_frame_is_refused(void **state) {
    (void)state;
    struct buf frames, ts;
    frames_make(&frames, kinds[0].head, 4, 417, 10);
    buf_init(&ts, 1 << 20);
    assert_false(audio_ts(&ts, AUDIO_MPEG, STR_NONE, NOON, 1));
    assert_false(audio_ts(&ts, AUDIO_MPEG, str_slice(buf_view(&frames), 0, frames.n - 1), NOON, 1));
    assert_false(audio_ts(&ts, AUDIO_MPEG, str_slice(buf_view(&frames), 1, frames.n), NOON, 1));
    assert_false(audio_ts(&ts, AUDIO_AAC, buf_view(&frames), NOON, 1));
    assert_false(audio_ts(&ts, AUDIO_OGG, buf_view(&frames), NOON, 1));
    assert_int_equal(ts.n, 0);
    buf_fini(&frames);
    buf_fini(&ts);
}

// A source of another rate came in the middle: its times go on where the other's ended.
static void test_another_rate_goes_on_in_time(void **state) {
    (void)state;
    struct buf frames, more, ts;
    frames_make(&frames, kinds[0].head, 4, 417, 100);
    frames_make(&more, kinds[1].head, 4, 384, 100);
    buf_str(&frames, buf_view(&more));
    buf_init(&ts, 1 << 20);
    assert_true(audio_ts(&ts, AUDIO_MPEG, buf_view(&frames), NOON, 7));
    uint64_t last = 0;
    for (size_t i = 0; i < ts.n; i += PACKET) {
        const uint8_t *p = (const uint8_t *)ts.p + i, *pes = p + 4 + ((p[3] & 0x20) != 0 ? 1 + p[4] : 0);
        if (p[1] != 0x41 || p[2] != 0)
            continue;
        uint64_t pts = (uint64_t)(pes[9] >> 1 & 7) << 30 | (uint64_t)pes[10] << 22 | (uint64_t)(pes[11] >> 1) << 15 |
                       (uint64_t)pes[12] << 7 | pes[13] >> 1;
        assert_true(last == 0 || (pts > last && pts - last <= 45000 + 2400));
        last = pts;
    }
    uint64_t end = audio_clock(NOON) + 100 * 2351 + 100 * 2160;
    assert_true(last < end && last > end - 48000);
    buf_fini(&frames);
    buf_fini(&more);
    buf_fini(&ts);
}

// ---- tags --------------------------------------------------------------------------------------------------------------

static void test_a_tag_says_when_and_what(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 16);
    audio_id3(&b, 123456789012345, STR("Ismail Marzuki - Indonesia Pusaka"));
    static const char expected[] = "ID3\4\0\0"
                                   "\x00\x00\x00\x6b"
                                   "PRIV\0\0\0\x35\0\0"
                                   "com.apple.streaming.transportStreamTimestamp"
                                   "\0\0\0\0\x01\x01\xd3\x2b\x27"
                                   "TIT2"
                                   "\x00\x00\x00\x22"
                                   "\0\0\3"
                                   "Ismail Marzuki - Indonesia Pusaka";
    assert_int_equal(audio_clock(123456789012345), 0x101d32b27);
    assert_int_equal(b.n, sizeof expected - 1);
    assert_memory_equal(b.p, expected, b.n);
    buf_clear(&b);
    audio_id3(&b, 0, STR_NONE);
    assert_int_equal(b.n, 10 + 10 + 53);
    // A scanner steps over it: the frames behind it are found.
    buf_clear(&b);
    char title[2000], bytes[FRAME];
    memset(title, 'x', sizeof title);
    audio_id3(&b, NOON, (struct str){title, sizeof title});
    size_t tag = b.n;
    for (uint32_t i = 0; i < 3; i++)
        buf_str(&b, frame(i, bytes).bytes);
    struct audio_scanner *s = audio_scanner_new(AUDIO_MPEG);
    struct audio_piece piece;
    assert_int_equal(audio_scan(s, buf_view(&b), &piece), tag);
    assert_int_equal(audio_scan(s, str_slice(buf_view(&b), tag, b.n), &piece), FRAME);
    assert_int_equal(piece.bytes.n, FRAME);
    audio_scanner_free(&s);
    buf_fini(&b);
}

// Frames that encoders made, in both kinds of segment.
static void test_what_encoders_make(void **state) {
    (void)state;
    static const struct {
        const char *file;
        enum audio_format format;
    } files[] = {{"mp3", AUDIO_MPEG}, {"aac", AUDIO_AAC}};
    for (size_t i = 0; i < 2; i++) {
        struct buf file, frames, ts;
        struct str bytes = sample(files[i].file, &file);
        struct audio_scanner *s = audio_scanner_new(files[i].format);
        struct audio_piece piece;
        struct demux d = {0};
        size_t at = 0;
        buf_init(&frames, 1 << 20);
        buf_init(&ts, 1 << 20);
        for (size_t n; (n = audio_scan(s, str_slice(bytes, at, bytes.n), &piece)) > 0; at += n)
            buf_str(&frames, piece.bytes);
        assert_true(audio_ts(&ts, files[i].format, buf_view(&frames), NOON, 5));
        demux(&d, buf_view(&ts), 22050, files[i].format, NOON);
        assert_true(str_eq(buf_view(&d.sound), buf_view(&frames)));
        demux_free(&d);
        audio_scanner_free(&s);
        buf_fini(&file);
        buf_fini(&frames);
        buf_fini(&ts);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_frame_is_there_at_its_time),
        cmocka_unit_test(test_what_is_no_frame_is_refused),
        cmocka_unit_test(test_another_rate_goes_on_in_time),
        cmocka_unit_test(test_a_tag_says_when_and_what),
        cmocka_unit_test(test_what_encoders_make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
