// SPDX-License-Identifier: AGPL-3.0-or-later
// How loud frames are, without decoding them: what encoders make of silence and of sound is clearly apart.

#include "log_kit.h"

static int level_of(enum audio_format format, struct str frame) {
    struct audio_scanner *s = audio_scanner_new(format);
    struct audio_piece piece;
    struct buf b;
    buf_init(&b, 1 << 16);
    for (int i = 0; i < 3; i++)
        buf_str(&b, frame);
    assert_int_equal(audio_scan(s, buf_view(&b), &piece), frame.n);
    assert_int_equal(piece.bytes.n, frame.n);
    audio_scanner_free(&s);
    buf_fini(&b);
    return piece.level;
}

// ---- AAC ---------------------------------------------------------------------------------------------------------------

// Frames that ffmpeg made of digital silence, and the first one, which has the encoder's name in front.
static void test_silence_in_aac(void **state) {
    (void)state;
    static const char mono[] = "\xff\xf1\x5c\x40\x01\x7f\xfc\x01\x18\x20\x07",
                      stereo[] = "\xff\xf1\x50\x80\x01\xbf\xfc\x21\x10\x04\x60\x8c\x1c",
                      named[] = "\xff\xf1\x50\x80\x03\xdf\xfc\xde\x02\x00Lavc59.37.100\0\x42\x20\x08\xc1\x18\x38";
    assert_int_equal(level_of(AUDIO_AAC, (struct str){mono, sizeof mono - 1}), 0);
    assert_int_equal(level_of(AUDIO_AAC, (struct str){stereo, sizeof stereo - 1}), 0);
    assert_int_equal(level_of(AUDIO_AAC, (struct str){named, sizeof named - 1}), 0);
}

struct bits {
    uint8_t bytes[200];
    size_t n;
};

static void put(struct bits *b, unsigned n, unsigned value) {
    for (; n > 0; n--, b->n++)
        b->bytes[b->n >> 3] |= (uint8_t)((value >> (n - 1) & 1) << (7 - (b->n & 7)));
}

// A frame whose header is profile (1: LC) and guard as said.
static int level_bits(const struct bits *b, unsigned profile, bool is_guarded, size_t bytes) {
    char frame[256] = {0};
    size_t head = AUDIO_ADTS_HEAD + (is_guarded ? 2 : 0), n = head + bytes;
    const uint8_t adts[AUDIO_ADTS_HEAD] = {0xff,
                                           is_guarded ? 0xf0 : 0xf1,
                                           (uint8_t)(profile << 6 | 0x10),
                                           (uint8_t)(0x80 | n >> 11),
                                           (uint8_t)(n >> 3),
                                           (uint8_t)(n << 5 | 0x1f),
                                           0xfc};
    memcpy(frame, adts, sizeof adts);
    memcpy(frame + head, b->bytes, bytes);
    return level_of(AUDIO_AAC, (struct str){frame, n});
}

static void long_window(struct bits *b, unsigned bands, unsigned predicted) {
    put(b, 4, 0); // reserved, only long, sine
    put(b, 6, bands);
    put(b, 1, predicted);
}

enum { SINGLE, PAIR, DATA = 4, PROGRAM = 5, FILL = 6 };

static struct bits single(unsigned gain, unsigned bands, unsigned table) {
    struct bits b = {0};
    put(&b, 3, SINGLE);
    put(&b, 4, 0);
    put(&b, 8, gain);
    long_window(&b, bands, 0);
    if (bands > 0) {
        put(&b, 4, table);
        if (bands >= 31)
            put(&b, 5, 31);
        put(&b, 5, bands % 31);
    }
    put(&b, 3, 0);
    return b;
}

static void test_elements_of_aac(void **state) {
    (void)state;
    struct bits b = single(130, 10, 11);
    assert_int_equal(level_bits(&b, 1, false, 100), 157); // 16 and more: 27 steps
    assert_int_equal(level_bits(&b, 1, true, 100), 157);
    assert_int_equal(level_bits(&b, 0, false, 100), AUDIO_LEVEL_UNKNOWN); // Main
    assert_int_equal(level_bits(&b, 1, false, 2), AUDIO_LEVEL_UNKNOWN);   // torn
    b = single(130, 10, 0);
    assert_int_equal(level_bits(&b, 1, false, 100), 0);
    b = single(130, 0, 0);
    assert_int_equal(level_bits(&b, 1, false, 100), 0);
    b = single(250, 40, 11); // more bands than one length says
    assert_int_equal(level_bits(&b, 1, false, 100), AUDIO_LEVEL_MAX);

    // Windows in common, short ones in three groups, a mask for each band.
    b = (struct bits){0};
    put(&b, 3, PAIR);
    put(&b, 4, 5);
    put(&b, 1, 1);
    put(&b, 4, 4);    // reserved, eight short, sine
    put(&b, 4, 12);   // bands
    put(&b, 7, 0x6d); // 1101101: two groups end
    put(&b, 2, 1);
    put(&b, 24, 0xabcdef), put(&b, 12, 0xfff);
    put(&b, 8, 140);
    for (int group = 0; group < 3; group++) {
        put(&b, 4, group == 1 ? 5 : 0);
        put(&b, 3, 7), put(&b, 3, 5);
    }
    assert_int_equal(level_bits(&b, 1, false, 100), 151);

    // The first channel silent, the second not, each with windows of its own; behind them in turn data and filling.
    for (int before = 0; before < 3; before++) {
        b = (struct bits){0};
        if (before == 1) {
            put(&b, 3, DATA), put(&b, 4, 0), put(&b, 1, 1), put(&b, 8, 3);
            put(&b, (unsigned)(8 - b.n % 8) % 8, 0), put(&b, 24, 0x123456);
        } else if (before == 2) {
            put(&b, 3, FILL), put(&b, 4, 15), put(&b, 8, 5);
            for (int i = 0; i < 19; i++)
                put(&b, 8, 0xaa);
        }
        put(&b, 3, PAIR), put(&b, 4, 0), put(&b, 1, 0);
        put(&b, 8, 200), long_window(&b, 3, 0), put(&b, 4, 0), put(&b, 5, 3), put(&b, 3, 0);
        put(&b, 8, 120), long_window(&b, 3, 0), put(&b, 4, 7), put(&b, 5, 3);
        assert_int_equal(level_bits(&b, 1, false, 100), 135);
    }
    b = (struct bits){0};
    put(&b, 3, PROGRAM);
    assert_int_equal(level_bits(&b, 1, false, 100), AUDIO_LEVEL_UNKNOWN);
    b = (struct bits){0};
    put(&b, 3, SINGLE), put(&b, 4, 0), put(&b, 8, 120), long_window(&b, 3, 1);
    assert_int_equal(level_bits(&b, 1, false, 100), AUDIO_LEVEL_UNKNOWN); // predicted
}

// ---- MPEG layer III ----------------------------------------------------------------------------------------------------

// The first granule of a stereo frame: 20 bits of side information before it.
static int level_mp3(unsigned length, unsigned big, unsigned gain, bool is_switched, const unsigned tables[3]) {
    struct bits b = {0};
    char frame[FRAME] = "\xff\xfb\x90";
    put(&b, 20, 0);
    put(&b, 12, length), put(&b, 9, big), put(&b, 8, gain), put(&b, 4, 0), put(&b, 1, is_switched);
    if (is_switched)
        put(&b, 3, 4);
    for (int i = 0; i < (is_switched ? 2 : 3); i++)
        put(&b, 5, tables[i]);
    memcpy(frame + 4, b.bytes, 32);
    return level_of(AUDIO_MPEG, (struct str){frame, FRAME});
}

static void test_granules_of_mp3(void **state) {
    (void)state;
    static const struct {
        unsigned length, big, gain, tables[3];
        bool is_switched;
        int level;
    } cases[] = {{0, 10, 200, {13, 1, 1}, false, 0}, // no bits: silent whatever it says
                 {100, 0, 130, {13, 1, 1}, false, 130}, {100, 9, 130, {0, 1, 0}, false, 130},
                 {100, 9, 130, {1, 13, 2}, false, 151}, {100, 9, 130, {1, 2, 31}, false, 199},
                 {100, 9, 130, {9, 2, 31}, true, 142},  {100, 9, 250, {9, 2, 31}, false, 255}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(level_mp3(cases[i].length, cases[i].big, cases[i].gain, cases[i].is_switched, cases[i].tables),
                         cases[i].level);
}

// A tone that encoders made: above the threshold all the time but where it begins and ends.
static void test_sound_is_not_silent(void **state) {
    (void)state;
    static const struct {
        const char *file;
        enum audio_format format;
    } files[] = {{"mp3", AUDIO_MPEG}, {"aac", AUDIO_AAC}};
    for (size_t i = 0; i < 2; i++) {
        struct buf file;
        struct str bytes = sample(files[i].file, &file);
        struct audio_scanner *s = audio_scanner_new(files[i].format);
        struct audio_piece piece;
        size_t frames = 0, silent = 0;
        for (size_t at = 0, n; (n = audio_scan(s, str_slice(bytes, at, bytes.n), &piece)) > 0; at += n) {
            frames += piece.bytes.n > 0;
            silent += piece.bytes.n > 0 && audio_is_silent(files[i].format, piece.level);
        }
        assert_true(frames > 40 && silent <= 2);
        audio_scanner_free(&s);
        buf_fini(&file);
    }
    assert_true(audio_is_silent(AUDIO_MPEG, 0) && audio_is_silent(AUDIO_AAC, 0));
    assert_false(audio_is_silent(AUDIO_AAC, AUDIO_LEVEL_UNKNOWN));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_in_aac),
        cmocka_unit_test(test_elements_of_aac),
        cmocka_unit_test(test_granules_of_mp3),
        cmocka_unit_test(test_sound_is_not_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
