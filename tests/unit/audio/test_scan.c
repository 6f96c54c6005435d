// SPDX-License-Identifier: AGPL-3.0-or-later
// Frames as encoders send them, with what stands between them: every frame comes out as it went in, whatever the pieces
// in which the network brings it.

#include "../check.h"
#include "audio/inside.h"

struct heard {
    struct buf bytes;
    size_t frames, samples;
    uint32_t rate;
    uint8_t channels;
    int level;
};

// Feeds `n` bytes at a time, keeping what is not used, as a connection does.
static struct heard hear(enum audio_format format, struct str all, size_t step, uint64_t *skipped_out) {
    struct audio_scanner *s = audio_scanner_new(format);
    struct heard h = {.level = AUDIO_LEVEL_UNKNOWN};
    struct audio_piece piece;
    size_t from = 0;
    buf_init(&h.bytes, 1 << 22);
    for (size_t to = 0; to < all.n;) {
        to = to + step > all.n ? all.n : to + step;
        for (size_t n; (n = audio_scan(s, str_slice(all, from, to), &piece)) > 0; from += n) {
            assert_true(n <= to - from);
            buf_str(&h.bytes, piece.bytes);
            if (piece.bytes.n == 0)
                continue;
            assert_true(piece.may_begin && audio_is_in_step(s));
            h.frames++;
            h.samples += piece.samples;
            h.rate = piece.rate;
            h.channels = piece.channels;
            h.level = piece.level > h.level ? piece.level : h.level;
        }
        assert_true(to - from < AUDIO_PIECE_MAX);
    }
    *skipped_out = audio_skipped(s);
    audio_scanner_free(&s);
    assert_null(s);
    return h;
}

static void frame_add(struct buf *b, const uint8_t *head, size_t head_bytes, size_t bytes, uint8_t fill) {
    buf_add(b, head, head_bytes);
    for (size_t i = head_bytes; i < bytes; i++)
        buf_char(b, (char)(fill == 0xff && i % 2 != 0 ? 0 : fill));
}

// What the tables of ISO 11172-3 and 13818-3 say of headers.
static void test_mpeg_headers(void **state) {
    (void)state;
    static const struct {
        uint8_t head[4];
        struct audio_mpeg says;
    } cases[] = {
        {{0xff, 0xfb, 0x90, 0x00}, {417, 44100, 1152, 128, 2, 3, false}},
        {{0xff, 0xfb, 0x92, 0x00}, {418, 44100, 1152, 128, 2, 3, false}}, // padded
        {{0xff, 0xfb, 0x94, 0xc0}, {384, 48000, 1152, 128, 1, 3, false}},
        {{0xff, 0xf3, 0x80, 0xc0}, {208, 22050, 576, 64, 1, 3, true}},
        {{0xff, 0xe3, 0x18, 0xc0}, {72, 8000, 576, 8, 1, 3, true}},       // MPEG-2.5
        {{0xff, 0xfd, 0xa4, 0x00}, {576, 48000, 1152, 192, 2, 2, false}}, // layer II
        {{0xff, 0xff, 0xe4, 0x00}, {448, 48000, 384, 448, 2, 1, false}},  // layer I
    };
    struct audio_mpeg f;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(audio_mpeg_read(cases[i].head, &f));
        assert_int_equal(f.bytes, cases[i].says.bytes);
        assert_int_equal(f.rate, cases[i].says.rate);
        assert_int_equal(f.samples, cases[i].says.samples);
        assert_int_equal(f.kbps, cases[i].says.kbps);
        assert_int_equal(f.channels, cases[i].says.channels);
        assert_int_equal(f.layer, cases[i].says.layer);
        assert_int_equal(f.is_lsf, cases[i].says.is_lsf);
    }
    static const uint8_t wrong[][4] = {{0xff, 0xfb, 0x00, 0}, // free format: the length stands nowhere
                                       {0xff, 0xfb, 0xf0, 0}, {0xff, 0xfb, 0x9c, 0}, {0xff, 0xeb, 0x90, 0},
                                       {0xff, 0xf9, 0x90, 0}, {0xff, 0x1b, 0x90, 0}, {0xfe, 0xfb, 0x90, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(audio_mpeg_read(wrong[i], &f));
}

static void test_adts_headers(void **state) {
    (void)state;
    static const struct {
        uint8_t head[AUDIO_ADTS_HEAD];
        struct audio_adts says;
    } cases[] = {
        {{0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc}, {371, 44100, 1024, 2}},
        {{0xff, 0xf9, 0x4c, 0x40, 0x0f, 0xff, 0xfd}, {127, 48000, 2048, 1}}, // two blocks in a frame
        {{0xff, 0xf0, 0x5c, 0x80, 0x01, 0x20, 0x00}, {9, 22050, 1024, 2}},   // nothing but a checksum
    };
    struct audio_adts f;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(audio_adts_read(cases[i].head, &f));
        assert_int_equal(f.bytes, cases[i].says.bytes);
        assert_int_equal(f.rate, cases[i].says.rate);
        assert_int_equal(f.samples, cases[i].says.samples);
        assert_int_equal(f.channels, cases[i].says.channels);
    }
    static const uint8_t wrong[][AUDIO_ADTS_HEAD] = {{0xff, 0xf1, 0x74, 0x80, 0x2e, 0x7f, 0xfc}, // no such rate
                                                     {0xff, 0xf3, 0x50, 0x80, 0x2e, 0x7f, 0xfc}, // a layer
                                                     {0xff, 0xf1, 0x50, 0x80, 0x00, 0xdf, 0xfc}, // 6 bytes
                                                     {0xff, 0xf0, 0x50, 0x80, 0x00, 0xff, 0xfc}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(audio_adts_read(wrong[i], &f));
}

// Sound that is full of ones, a tag in front with a frame inside, noise in the middle, another rate behind it.
static void stream_make(struct buf *all, struct buf *sound, const uint8_t *one, const uint8_t *other, size_t head,
                        size_t bytes, size_t other_bytes) {
    static const uint8_t tag[] = {'I', 'D', '3', 4, 0, 0, 0, 0, 7, 0};
    buf_init(all, 1 << 22);
    buf_init(sound, 1 << 22);
    buf_add(all, tag, sizeof tag);
    frame_add(all, one, head, 7 * 128, 0xff);
    for (int i = 0; i < 40; i++)
        frame_add(sound, one, head, bytes, 0xff);
    buf_str(all, buf_view(sound));
    buf_c(all, "noise \xff\xff\xff I am noise");
    size_t before = sound->n;
    for (int i = 0; i < 30; i++)
        frame_add(sound, other, head, other_bytes, 0x11);
    buf_str(all, str_slice(buf_view(sound), before, sound->n));
}

static void step_through(enum audio_format format, const uint8_t *one, const uint8_t *other, size_t head, size_t bytes,
                         size_t other_bytes) {
    struct buf all, sound;
    stream_make(&all, &sound, one, other, head, bytes, other_bytes);
    static const size_t steps[] = {1, 3, 417, 1000, 4096, 1 << 20};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        uint64_t skipped;
        struct heard h = hear(format, buf_view(&all), steps[i], &skipped);
        // Where the other stream begins, its first frame waits for the second; the last one is in step.
        assert_int_equal(h.frames, 70);
        assert_true(str_eq(buf_view(&h.bytes), buf_view(&sound)));
        assert_int_equal(skipped, all.n - sound.n);
        buf_fini(&h.bytes);
    }
    buf_fini(&all);
    buf_fini(&sound);
}

static void test_frames_come_out_as_they_went_in(void **state) {
    (void)state;
    static const uint8_t mp3[] = {0xff, 0xfb, 0x90, 0x00}, slow[] = {0xff, 0xf3, 0x80, 0xc0};
    step_through(AUDIO_MPEG, mp3, slow, 4, 417, 208);
    static const uint8_t aac[] = {0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc};
    static const uint8_t mono[] = {0xff, 0xf1, 0x58, 0x40, 0x19, 0x1f, 0xfc};
    step_through(AUDIO_AAC, aac, mono, 7, 371, 200);
}

// The first frame of a file says how long the file is: there is no such length here.
static void test_a_files_index_is_left_out(void **state) {
    (void)state;
    static const uint8_t head[] = {0xff, 0xfb, 0x90, 0x00};
    struct buf b;
    uint64_t skipped;
    buf_init(&b, 1 << 20);
    frame_add(&b, head, 4, 417, 0);
    memcpy(b.p + 36, "Info", 4);
    for (int i = 0; i < 5; i++)
        frame_add(&b, head, 4, 417, 0x22);
    struct heard h = hear(AUDIO_MPEG, buf_view(&b), 100, &skipped);
    assert_int_equal(h.frames, 5);
    assert_int_equal(skipped, 417);
    assert_int_equal(h.samples, 5 * 1152);
    buf_fini(&h.bytes);
    buf_fini(&b);
}

static int level(const uint8_t *head, const uint8_t *side, size_t side_bytes) {
    struct buf b;
    uint64_t skipped;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 3; i++) {
        size_t at = b.n;
        frame_add(&b, head, 4, 417, 0);
        memcpy(b.p + at + 4, side, side_bytes);
    }
    struct heard h = hear(AUDIO_MPEG, buf_view(&b), 1 << 20, &skipped);
    assert_int_equal(h.frames, 3);
    buf_fini(&h.bytes);
    buf_fini(&b);
    return h.level;
}

// A stereo frame's side information: 20 bits, then 59 for each granule and channel, with twelve of length, nine of pairs
// and eight of gain in front.
static void test_loud_and_silent_frames(void **state) {
    (void)state;
    static const uint8_t head[] = {0xff, 0xfb, 0x90, 0x00};
    uint8_t side[32] = {0};
    assert_int_equal(level(head, side, sizeof side), 0);
    side[6] = 0xff; // bits 48 to 55: inside the first granule's gain (41 to 48) and what follows it
    side[5] = 0x7f;
    assert_int_equal(level(head, side, sizeof side), 0); // a gain of nothing
    side[3] = 0x10;                                      // part2_3_length of bits 20 to 31: 16
    assert_int_equal(level(head, side, sizeof side), 0xff);
    static const uint8_t layer2[] = {0xff, 0xfd, 0x80, 0x00}; // 128 kbit/s, 44.1 kHz
    assert_int_equal(level(layer2, side, sizeof side), AUDIO_LEVEL_UNKNOWN);
}

static void test_formats(void **state) {
    (void)state;
    static const struct {
        const char *type;
        enum audio_format format;
    } cases[] = {{"audio/mpeg", AUDIO_MPEG},
                 {"Audio/MPEG", AUDIO_MPEG},
                 {"audio/aacp", AUDIO_AAC},
                 {"audio/ogg; codecs=opus", AUDIO_OGG},
                 {" application/ogg ", AUDIO_OGG},
                 {"audio/webm;codecs=\"opus\"", AUDIO_WEBM},
                 {"audio/flac", AUDIO_FLAC},
                 {"audio/x-mystery", AUDIO_OTHER},
                 {"", AUDIO_OTHER}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(audio_format_of(str_from(cases[i].type)), cases[i].format);
}

// ---- FLAC --------------------------------------------------------------------------------------------------------------

static uint8_t crc8(const uint8_t *p, size_t n) {
    uint8_t crc = 0;
    for (size_t i = 0; i < n * 8; i++) {
        bool bit = ((crc >> 7) ^ (p[i / 8] >> (7 - i % 8) & 1)) != 0;
        crc = (uint8_t)(crc << 1 ^ (bit ? 0x07 : 0));
    }
    return crc;
}

static uint16_t crc16(const uint8_t *p, size_t n) {
    uint16_t crc = 0;
    for (size_t i = 0; i < n * 8; i++) {
        bool bit = ((crc >> 15) ^ (p[i / 8] >> (7 - i % 8) & 1)) != 0;
        crc = (uint16_t)(crc << 1 ^ (bit ? 0x8005 : 0));
    }
    return crc;
}

// A head without its checksum, then sound that looks like heads, then the checksum of all.
static void flac_frame_add(struct buf *b, const uint8_t *head, size_t head_bytes, size_t sound_bytes) {
    size_t from = b->n;
    buf_add(b, head, head_bytes);
    buf_char(b, (char)crc8(head, head_bytes));
    for (size_t i = 0; i < sound_bytes; i++)
        buf_char(b, (char)(i % 7 < 4 ? head[i % 7] : 0x33));
    uint16_t crc = crc16((const uint8_t *)b->p + from, b->n - from);
    buf_char(b, (char)(crc >> 8));
    buf_char(b, (char)crc);
}

static void flac_block_add(struct buf *b, uint8_t type, size_t n, char fill) {
    const uint8_t head[] = {type, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    buf_add(b, head, sizeof head);
    for (size_t i = 0; i < n; i++)
        buf_char(b, fill);
}

// 44.1 kHz, two channels, 16 bits.
static void flac_begin(struct buf *b, bool is_last) {
    static const uint8_t info[34] = {16, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0x0a, 0xc4, 0x42, 0xf0};
    const uint8_t head[] = {is_last ? 0x80 : 0, 0, 0, sizeof info};
    buf_c(b, "fLaC");
    buf_add(b, head, sizeof head);
    buf_add(b, info, sizeof info);
}

struct flac_heard {
    struct buf headers, sound;
    size_t frames, chains;
    uint64_t samples, skipped, noise;
    bool in_step;
};

static struct flac_heard flac_hear(struct str all, size_t step) {
    struct audio_scanner *s = audio_scanner_new(AUDIO_FLAC);
    struct flac_heard h = {.frames = 0};
    struct audio_piece piece;
    size_t from = 0;
    buf_init(&h.headers, 1 << 22);
    buf_init(&h.sound, 1 << 22);
    for (size_t to = 0; to < all.n;) {
        to = to + step > all.n ? all.n : to + step;
        for (size_t n; (n = audio_scan(s, str_slice(all, from, to), &piece)) > 0; from += n) {
            buf_str(piece.kind == AUDIO_HEADER ? &h.headers : &h.sound, piece.bytes);
            h.chains += piece.is_first;
            h.frames += piece.may_begin;
            h.samples += piece.samples;
            assert_true(piece.bytes.n == 0 || piece.kind == AUDIO_HEADER || piece.rate == 44100);
        }
        assert_true(to - from < AUDIO_PIECE_MAX);
    }
    h.skipped = audio_skipped(s);
    h.noise = audio_noise(s);
    h.in_step = audio_is_in_step(s);
    audio_scanner_free(&s);
    return h;
}

static void flac_heard_free(struct flac_heard *h) {
    buf_fini(&h->headers);
    buf_fini(&h->sound);
}

// RFC 9639, 9.1: what heads say, in front of two frames of a plain head each.
static void test_flac_heads(void **state) {
    (void)state;
    static const struct {
        uint8_t head[16];
        size_t bytes;
        uint32_t samples; // 0: no frame of this stream
    } cases[] = {
        {{0xff, 0xf8, 0xc9, 0xa8, 0}, 5, 4096},
        {{0xff, 0xf9, 0xc9, 0x18, 0xdf, 0xbf}, 6, 4096}, // a number of two bytes
        {{0xff, 0xf8, 0xc0, 0x10, 0xfe, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80},
         11,
         4096}, // of seven; the rest as the stream
        {{0xff, 0xf8, 0x19, 0x88, 1}, 5, 192},
        {{0xff, 0xf8, 0x59, 0x98, 1}, 5, 4608},
        {{0xff, 0xf8, 0x69, 0x98, 1, 99}, 6, 100},
        {{0xff, 0xf8, 0x7d, 0x98, 1, 0x0f, 0xff, 0xac, 0x44}, 9, 4096}, // 44100 in two bytes
        {{0xff, 0xf8, 0xce, 0x98, 1, 0x11, 0x3a}, 7, 4096},             // 4410 tens
        {{0xff, 0xf8, 0xcc, 0x98, 1, 44}, 6, 0},                        // 44 kHz
        {{0xff, 0xf8, 0xca, 0x98, 1}, 5, 0},                            // 48 kHz
        {{0xff, 0xf8, 0xc9, 0x08, 1}, 5, 0},                            // one channel
        {{0xff, 0xf8, 0xc9, 0xb8, 1}, 5, 0},                            // no such channels
        {{0xff, 0xf8, 0xc9, 0x9c, 1}, 5, 0},                            // 24 bits
        {{0xff, 0xf8, 0xc9, 0x99, 1}, 5, 0},
        {{0xff, 0xf8, 0x09, 0x98, 1}, 5, 0},
        {{0xff, 0xf8, 0xcf, 0x98, 1}, 5, 0},
        {{0xff, 0xf8, 0xc9, 0x98, 0x80}, 5, 0}, // the middle of a number
        {{0xff, 0xf8, 0xc9, 0x98, 0xff}, 5, 0},
        {{0xff, 0xfa, 0xc9, 0x98, 1}, 5, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        flac_begin(&b, true);
        flac_frame_add(&b, cases[i].head, cases[i].bytes, 40);
        flac_frame_add(&b, cases[i].head, cases[i].bytes, 40);
        struct flac_heard h = flac_hear(buf_view(&b), 1 << 20);
        assert_int_equal(h.samples, cases[i].samples);
        assert_int_equal(h.frames, cases[i].samples > 0);
        assert_int_equal(h.noise == 0, cases[i].samples > 0);
        flac_heard_free(&h);
        buf_fini(&b);
    }
}

// Frames of any length come out whole, whatever looks like a head inside them, also behind noise and when another stream
// begins; a damaged one is lost by itself.
static void test_flac_frames(void **state) {
    (void)state;
    static const uint8_t head[] = {0xff, 0xf8, 0xc9, 0x98, 1};
    static const size_t steps[] = {1, 7, 1000, 1 << 20};
    struct buf all, sound;
    buf_init(&all, 1 << 20);
    buf_init(&sound, 1 << 20);
    buf_c(&all, "an \xff end of something");
    flac_begin(&all, true);
    for (size_t i = 0; i < 6; i++)
        flac_frame_add(&sound, head, sizeof head, i * 700);
    buf_str(&all, buf_view(&sound));
    size_t before = sound.n;
    buf_c(&all, "fLaC and nothing of it");
    size_t damaged = all.n;
    flac_frame_add(&all, head, sizeof head, 300);
    all.p[damaged + 100] ^= 1;
    for (size_t i = 0; i < 40; i++) // it is given up where its samples would have taken no more
        flac_frame_add(&sound, head, sizeof head, 500);
    buf_str(&all, str_slice(buf_view(&sound), before, sound.n));
    flac_begin(&all, true);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct flac_heard h = flac_hear(buf_view(&all), steps[i]);
        assert_int_equal(h.frames, 6 + 40);
        assert_int_equal(h.chains, 2);
        assert_true(str_eq(buf_view(&h.sound), buf_view(&sound)) && h.in_step);
        assert_int_equal(h.noise, h.skipped);
        flac_heard_free(&h);
    }
    buf_fini(&all);
    buf_fini(&sound);
}

// The longest that an encoder makes of two channels are those of 192 kHz: 16384 samples.
static void test_flac_long_frames(void **state) {
    (void)state;
    static const uint8_t head[] = {0xff, 0xf8, 0xe9, 0x98, 1};
    struct buf all;
    buf_init(&all, 1 << 20);
    flac_begin(&all, true);
    for (int i = 0; i < 4; i++)
        flac_frame_add(&all, head, sizeof head, 69000);
    struct flac_heard h = flac_hear(buf_view(&all), 1400);
    assert_int_equal(h.frames, 3); // behind the fourth nothing begins
    assert_int_equal(h.samples, 3 * 16384);
    assert_int_equal(h.skipped, 0);
    flac_heard_free(&h);
    buf_fini(&all);
}

// What fits is passed on; padding and a picture that does not are left out, and still the last block says that it is.
static void test_flac_blocks(void **state) {
    (void)state;
    enum { PADDING = 1, PICTURE = 6, LAST = 0x80 };
    static const uint8_t head[] = {0xff, 0xf8, 0xc9, 0x98, 1};
    struct buf all, headers;
    static const uint8_t last[] = {LAST | PADDING, LAST | PICTURE};
    for (size_t i = 0; i < sizeof last; i++) {
        buf_init(&all, 1 << 22);
        buf_init(&headers, 1 << 20);
        flac_begin(&headers, false);
        flac_block_add(&headers, PICTURE, 3000, 'p');
        buf_str(&all, buf_view(&headers));
        flac_block_add(&all, PADDING, 9000, 0);
        flac_block_add(&all, PICTURE, 1000000, 'P');
        flac_block_add(&all, last[i], AUDIO_PIECE_MAX, 'l');
        flac_block_add(&headers, LAST | PADDING, 0, 0);
        flac_frame_add(&all, head, sizeof head, 200);
        flac_frame_add(&all, head, sizeof head, 200);
        struct flac_heard h = flac_hear(buf_view(&all), 5000);
        assert_true(str_eq(buf_view(&h.headers), buf_view(&headers)));
        assert_int_equal(h.frames, 1);
        assert_int_equal(h.chains, 1);
        assert_true(h.skipped > 1000000 && h.noise < 100);
        flac_heard_free(&h);
        buf_fini(&all);
        buf_fini(&headers);
    }
}

// ---- Ogg ---------------------------------------------------------------------------------------------------------------

static void page_sum(struct buf *b, size_t from) {
    uint32_t sum = ogg_checksum((const uint8_t *)b->p + from, b->n - from);
    for (size_t i = 0; i < 4; i++)
        b->p[from + OGG_CHECKSUM_AT + i] = (char)(uint8_t)(sum >> (8 * i));
}

static void page_add(struct buf *b, uint8_t flags, uint8_t granule, const uint8_t *laces, size_t n) {
    uint8_t head[28 + 255] = {'O', 'g', 'g', 'S', 0, flags, granule, [14] = 7, [26] = (uint8_t)n};
    size_t from = b->n;
    memcpy(head + 27, laces, n);
    buf_add(b, head, 27 + n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < laces[i]; k++)
            buf_char(b, (char)('a' + i));
    page_sum(b, from);
}

// A page of one packet, which begins with these bytes.
static void packet_add(struct buf *b, uint8_t flags, uint8_t granule, const char *begin, size_t begin_bytes,
                       uint8_t bytes) {
    size_t from = b->n;
    page_add(b, flags, granule, &bytes, 1);
    memcpy(b->p + from + 28, begin, begin_bytes);
    page_sum(b, from);
}

// How many packets of headers an Ogg FLAC has, its first one says, or, of an encoder that cannot know, the last one.
static void test_flac_in_ogg_headers(void **state) {
    (void)state;
    static const struct {
        uint8_t said, first, blocks[3]; // what the blocks behind the first begin with; 0: no more
        size_t headers;
    } cases[] = {{0, 0x00, {0x84}, 2},             // butt
                 {0, 0x00, {0x04, 0x06, 0x81}, 4}, // comments, a picture, padding
                 {0, 0x80, {0}, 1},
                 {2, 0x00, {0x04, 0x06}, 3}}; // one that says how many need not say which is the last
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char first[51] = "\x7f"
                         "FLAC\x01\x00\x00?fLaC?\x00\x00\x22\x10\x00\x10\x00\x00\x00\x00\x00\x00\x00\x0a\xc4\x42\xf0";
        struct audio_scanner *s = audio_scanner_new(AUDIO_OGG);
        struct audio_piece piece = {0};
        struct buf b;
        size_t headers = 0, samples = 0;
        buf_init(&b, 4000);
        first[8] = (char)cases[i].said;
        first[13] = (char)cases[i].first;
        packet_add(&b, 2, 0, first, sizeof first, sizeof first);
        for (size_t k = 0; k < 3 && cases[i].blocks[k] != 0; k++)
            packet_add(&b, 0, 0, (const char[]){(char)cases[i].blocks[k],
                                                0,
                                                0,
                                                19,
                                                0,
                                                0,
                                                0,
                                                0,
                                                1,
                                                0,
                                                0,
                                                0,
                                                7,
                                                0,
                                                0,
                                                0,
                                                'T',
                                                'I',
                                                'T',
                                                'L',
                                                'E',
                                                '=',
                                                'A'},
                       23, 23);
        for (uint8_t k = 1; k < 4; k++)
            packet_add(&b, 0, k, "\xff\xf8", 2, 100);
        for (size_t at = 0, n; (n = audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n) {
            assert_true(headers == 0 ? piece.is_first : !piece.is_first);
            headers += piece.kind == AUDIO_HEADER;
            samples += piece.samples;
            assert_true(piece.has_title == (headers == 2 && piece.kind == AUDIO_HEADER));
            if (piece.has_title)
                assert_str(piece.title, "A");
            assert_true(piece.kind == AUDIO_HEADER || (piece.rate == 44100 && piece.channels == 2 && piece.may_begin));
        }
        assert_int_equal(headers, cases[i].headers);
        assert_int_equal(samples, 2);
        audio_scanner_free(&s);
        buf_fini(&b);
    }
}

// What panels are told of a chain: its codec, its rates, and who is named as the artist.
static void test_what_a_chain_says(void **state) {
    (void)state;
#define VORBIS(nominal) "\x01vorbis\0\0\0\0\x02\x44\xac\0\0\0\0\0\0" nominal "\0\0\0\0\xb8\x01"
#define ARTIST "\x08\0\0\0artist=A"
#define TITLE "\x07\0\0\0TITLE=T"
    static const struct {
        char head[31], comments[64];
        size_t comments_bytes;
        uint32_t bits;
        const char *title;
        size_t artist_bytes;
    } cases[] = {
        {VORBIS("\0\x77\x01\0"), "\x03vorbis\0\0\0\0\x02\0\0\0" ARTIST TITLE, 7 + 8 + 12 + 11, 96000, "A - T", 1},
        {VORBIS("\xff\xff\xff\xff"), "\x03vorbis\0\0\0\0\x01\0\0\0" ARTIST, 7 + 8 + 12, 0, "A", 1},
        {VORBIS("\0\0\0\0"), "\x03vorbis\0\0\0\0\x01\0\0\0" TITLE, 7 + 8 + 11, 0, "T", 0},
        {VORBIS("\0\0\0\0"), "\x03vorbis\0\0\0\0\0\0\0\0", 7 + 8, 0, "", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct audio_scanner *s = audio_scanner_new(AUDIO_OGG);
        struct audio_piece piece = {0};
        struct audio_chain chain;
        struct buf b;
        audio_chain_of(s, &chain);
        assert_null(chain.codec);
        buf_init(&b, 4000);
        packet_add(&b, 2, 0, cases[i].head, 30, 30);
        packet_add(&b, 0, 0, cases[i].comments, cases[i].comments_bytes, (uint8_t)cases[i].comments_bytes);
        for (size_t at = 0, n; (n = audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n)
            assert_int_equal(piece.kind, AUDIO_HEADER);
        audio_chain_of(s, &chain);
        assert_string_equal(chain.codec, "Vorbis");
        assert_int_equal(chain.rate, 44100);
        assert_int_equal(chain.channels, 2);
        assert_int_equal(chain.bits, cases[i].bits);
        assert_true(str_eq(chain.title, str_from(cases[i].title)));
        assert_int_equal(chain.artist_bytes, cases[i].artist_bytes);
        audio_scanner_free(&s);
        buf_fini(&b);
    }
}

// A packet without a byte is no Opus, and liquidsoap's chains end with one; what ends a packet of 255 bytes is none.
static void test_opus_without_empty_packets(void **state) {
    (void)state;
    static const struct {
        uint8_t flags;
        size_t n, kept;
        uint8_t laces[6], left[6];
    } cases[] = {{4, 3, 2, {3, 3, 0}, {3, 3}},
                 {4, 3, 3, {3, 255, 0}, {3, 255, 0}},
                 {4, 4, 3, {3, 255, 0, 0}, {3, 255, 0}},
                 {4, 1, 0, {0}, {0}},
                 {1, 2, 2, {0, 3}, {0, 3}}, // it ends what began on the page before
                 {0, 4, 2, {0, 3, 0, 4}, {3, 4}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct audio_scanner *s = audio_scanner_new(AUDIO_OGG);
        struct buf b, want;
        struct audio_piece piece = {0};
        buf_init(&b, 4000);
        buf_init(&want, 4000);
        packet_add(&b, 2, 0, "OpusHead\x01\x02", 10, 19);
        page_add(&b, 0, 0, (const uint8_t[]){16}, 1);
        page_add(&b, cases[i].flags, 9, cases[i].laces, cases[i].n);
        page_add(&want, cases[i].flags, 9, cases[i].left, cases[i].kept);
        size_t at = 0, pages = 0;
        for (; pages < 3; pages++)
            at += audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece);
        assert_int_equal(at, b.n);
        assert_int_equal(piece.bytes.n, want.n);
        for (size_t k = 0; k < 27 + cases[i].kept; k++) // which byte of sound was whose differs
            if (k < OGG_CHECKSUM_AT || k >= OGG_CHECKSUM_AT + 4)
                assert_int_equal((uint8_t)piece.bytes.p[k], (uint8_t)want.p[k]);
        assert_int_equal(audio_skipped(s), 0);
        audio_scanner_free(&s);
        buf_fini(&b);
        buf_fini(&want);
    }
}

// ---- WebM --------------------------------------------------------------------------------------------------------------

static void webm_add(struct buf *b, uint32_t id, const uint8_t *content, size_t n) {
    for (int i = 3; i >= 0; i--)
        if (id >> (8 * i) != 0)
            buf_char(b, (char)(id >> (8 * i)));
    buf_char(b, (char)(0x80 | n));
    buf_add(b, content, n);
}

static void webm_number(struct buf *b, uint32_t id, uint64_t number) {
    uint8_t content[8];
    for (int i = 0; i < 8; i++)
        content[i] = (uint8_t)(number >> (8 * (7 - i)));
    webm_add(b, id, content, sizeof content);
}

// Headers and a few clusters of one encoder.
struct encoder {
    uint64_t scale_ns, uid;
    const char *codec, *private;
    size_t private_bytes;
    uint8_t track, channels;
};
static void encoder_header(struct buf *b, const struct encoder *e) {
    struct buf info, audio, track, tracks;
    uint8_t scale[3] = {(uint8_t)(e->scale_ns >> 16), (uint8_t)(e->scale_ns >> 8), (uint8_t)e->scale_ns};
    buf_init(&info, 100);
    buf_init(&audio, 100);
    buf_init(&track, 200);
    buf_init(&tracks, 400);
    webm_add(&info, 0x2ad7b1, scale, sizeof scale);
    webm_add(&audio, 0x9f, &e->channels, 1);
    webm_add(&track, 0xd7, &e->track, 1);
    webm_number(&track, 0x73c5, e->uid);
    webm_add(&track, 0x86, (const uint8_t *)e->codec, strlen(e->codec));
    webm_add(&track, 0x63a2, (const uint8_t *)e->private, e->private_bytes);
    webm_add(&track, 0xe1, (const uint8_t *)audio.p, audio.n);
    webm_add(&tracks, 0xae, (const uint8_t *)track.p, track.n);
    webm_add(b, 0x1a45dfa3, NULL, 0);
    buf_add(b, "\x18\x53\x80\x67\xff", 5);
    webm_add(b, 0x1549a966, (const uint8_t *)info.p, info.n);
    webm_add(b, 0x1654ae6b, (const uint8_t *)tracks.p, tracks.n);
    buf_fini(&info);
    buf_fini(&audio);
    buf_fini(&track);
    buf_fini(&tracks);
}

#define OPUS(skip, gain) "OpusHead\x01\x02" skip "\x80\xbb\x00\x00" gain "\x00"

static void test_webm_same(void **state) {
    (void)state;
    static const struct encoder before = {1000000, 7, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 19, 1, 2};
    static const struct {
        struct encoder other;
        bool same;
    } cases[] = {{{1000000, 7, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 19, 1, 2}, true},
                 {{1000000, 9, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 19, 1, 2}, true}, // another's number of a track
                 {{1000000, 7, "A_OPUS", OPUS("\x00\x00", "\x00\x00"), 19, 1, 2}, true}, // skips another beginning
                 {{1000000, 7, "A_OPUS", OPUS("\x38\x01", "\x01\x00"), 19, 1, 2}, false},
                 {{1000000, 7, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 18, 1, 2}, false},
                 {{1000000, 7, "A_VORBIS", OPUS("\x38\x01", "\x00\x00"), 19, 1, 2}, false},
                 {{1000000, 7, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 19, 2, 2}, false},
                 {{1000000, 7, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 19, 1, 1}, false},
                 {{2000000, 7, "A_OPUS", OPUS("\x38\x01", "\x00\x00"), 19, 1, 2}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf a, b;
        buf_init(&a, 1000);
        buf_init(&b, 1000);
        encoder_header(&a, &before);
        encoder_header(&b, &cases[i].other);
        assert_int_equal(audio_webm_is_same(buf_view(&a), buf_view(&b)), cases[i].same);
        assert_false(audio_webm_is_same(STR(""), buf_view(&b)));
        assert_false(audio_webm_is_same(buf_view(&a), str_slice(buf_view(&b), 0, 5)));
        buf_fini(&a);
        buf_fini(&b);
    }
}

// One by itself, the other in a group, behind how long it lasts.
static void blocks_add(struct buf *b, const int16_t beside[2]) {
    const uint8_t one[] = {0x81, (uint8_t)(beside[0] >> 8), (uint8_t)beside[0], 0x80, 'x'};
    const uint8_t two[] = {0x9b, 0x81, 20, 0xa1, 0x85, 0x81, (uint8_t)(beside[1] >> 8), (uint8_t)beside[1], 0x80, 'x'};
    webm_add(b, 0xa3, one, sizeof one);
    webm_add(b, 0xa0, two, sizeof two);
}

// What comes out of one cluster at `time` with two blocks, `beside` it.
static void cluster_pass(struct audio_webm_joint *j, struct audio_scanner *s, uint64_t time, const int16_t beside[2],
                         struct buf *out) {
    struct buf b;
    struct audio_piece piece;
    char room[AUDIO_WEBM_ROOM];
    buf_init(&b, 1000);
    buf_add(&b, "\x1f\x43\xb6\x75\x01\x00\x00\x00\x00\x00\x00\x40", 12);
    webm_add(&b, 0xbf, (const uint8_t[]){1, 2, 3, 4}, 4); // a checksum of what the encoder sent
    webm_number(&b, 0xa7, 4000);                          // where it stood
    webm_number(&b, 0xab, 4711);                          // how long the cluster before was
    webm_number(&b, 0xe7, time);
    blocks_add(&b, beside);
    size_t at = 0;
    for (size_t n; (n = audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n)
        if (piece.bytes.n > 0)
            buf_str(out, audio_webm_go_on(j, &piece, room));
    assert_int_equal(at, b.n);
    buf_fini(&b);
}

// Times of clusters go on from one encoder's last block to the next one's first, whatever theirs were.
static void test_webm_goes_on(void **state) {
    (void)state;
    static const struct {
        uint64_t time;
        bool joins, goes_on;
        uint64_t out;
    } cases[] = {{500000, true, false, 0}, {500040, false, true, 40},        {0, true, true, 80},
                 {40, false, true, 120},   {INT64_MAX / 4, true, true, 160}, {33, true, false, 0}};
    struct audio_webm_joint j = {0};
    struct audio_scanner *s = audio_scanner_new(AUDIO_WEBM);
    struct audio_piece piece;
    struct buf header;
    buf_init(&header, 1000);
    encoder_header(&header, &(struct encoder){1000000, 1, "A_OPUS", "", 0, 1, 2});
    for (size_t at = 0, n; (n = audio_scan(s, str_slice(buf_view(&header), at, header.n), &piece)) > 0; at += n)
        assert_int_equal(piece.kind, AUDIO_HEADER);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf want, got;
        buf_init(&want, 1000);
        buf_init(&got, 1000);
        if (cases[i].joins)
            audio_webm_join(&j, cases[i].goes_on);
        cluster_pass(&j, s, cases[i].time, (const int16_t[]){0, 20}, &got);
        buf_add(&want, "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff", 12);
        webm_number(&want, 0xe7, cases[i].out);
        blocks_add(&want, (const int16_t[]){0, 20});
        assert_memory_equal(got.p, want.p, want.n);
        assert_int_equal(got.n, want.n);
        buf_fini(&want);
        buf_fini(&got);
    }
    buf_fini(&header);
    audio_scanner_free(&s);
}

// A block lasts from the one before to its own time, in ticks; what no block can last is not known.
static void test_webm_times(void **state) {
    (void)state;
    static const struct {
        uint64_t scale_ns, from, to; // of clusters
        uint32_t ms;
    } cases[] = {{1000000, 100, 120, 20},
                 {1000000000, 1, 3, 2000},
                 {1, 0, 999999, 0},
                 {1000000, 0, INT32_MAX, INT32_MAX},
                 {1000000, 0, (uint64_t)INT32_MAX + 1, 0},
                 {1000000, 20, 10, 0},
                 {1000000000, 0, INT64_MAX / 2, 0}, // in nanoseconds more than 64 bits hold
                 {1000000, 0, UINT64_MAX, 0}};
    static const uint8_t block[] = {0x81, 0, 0, 0x80, 'x'};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b, inside;
        struct audio_piece piece;
        buf_init(&b, 1000);
        buf_init(&inside, 100);
        webm_add(&b, 0x1a45dfa3, NULL, 0);
        buf_add(&b, "\x18\x53\x80\x67\xff", 5); // a segment without end
        webm_number(&inside, 0x2ad7b1, cases[i].scale_ns);
        webm_add(&b, 0x1549a966, (const uint8_t *)inside.p, inside.n);
        for (int j = 0; j < 2; j++) {
            buf_add(&b, "\x1f\x43\xb6\x75\xff", 5);
            webm_number(&b, 0xe7, j == 0 ? cases[i].from : cases[i].to);
            webm_add(&b, 0xa3, block, sizeof block);
        }
        struct audio_scanner *s = audio_scanner_new(AUDIO_WEBM);
        uint32_t ms = 0;
        size_t at = 0;
        for (size_t n; (n = audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n)
            ms += piece.samples;
        assert_int_equal(at, b.n);
        assert_int_equal(audio_skipped(s), 0);
        assert_int_equal(ms, cases[i].ms);
        audio_scanner_free(&s);
        buf_fini(&b);
        buf_fini(&inside);
    }
}

// What real encoders made: two seconds of a tone, with a title where the format has one.
static void test_what_encoders_make(void **state) {
    (void)state;
    static const struct {
        const char *file;
        enum audio_format format;
        uint32_t rate;
        uint8_t channels;
        uint32_t least_ms, most_ms; // of the pieces that say how long they last
        bool has_title;
    } cases[] = {
        {"mp3", AUDIO_MPEG, 22050, 1, 2000, 2100, false},      {"aac", AUDIO_AAC, 22050, 1, 2000, 2150, false},
        {"opus", AUDIO_OGG, 48000, 1, 900, 2100, true},        {"vorbis", AUDIO_OGG, 16000, 1, 400, 2100, true},
        {"flac", AUDIO_OGG, 8000, 1, 900, 2100, true},         {"webm", AUDIO_WEBM, 1000, 0, 1900, 2100, false},
        {"flac_alone", AUDIO_FLAC, 8000, 1, 1800, 2000, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct problem problem;
        struct buf file;
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/audio/%s", SOURCE_DIR, cases[i].file);
        buf_init(&file, 1 << 20);
        assert_int_equal(file_read(path, &file, &problem), RC_OK);
        struct str bytes = str_slice(buf_view(&file), 2, file.n); // the first two are the fuzzer's own
        struct audio_scanner *s = audio_scanner_new(cases[i].format);
        struct audio_piece piece;
        uint64_t samples = 0;
        size_t headers = 0, begins = 0, chains = 0, at = 0;
        bool titled = false;
        for (size_t n; (n = audio_scan(s, str_slice(bytes, at, bytes.n), &piece)) > 0; at += n) {
            headers += piece.kind == AUDIO_HEADER;
            chains += piece.is_first;
            if (piece.has_title) {
                assert_str(piece.title, "Küstenfunk - Nachtfähre");
                titled = true;
            }
            if (piece.kind == AUDIO_HEADER || piece.bytes.n == 0)
                continue;
            begins += piece.may_begin;
            samples += piece.samples;
            if (piece.samples > 0)
                assert_int_equal(piece.rate, cases[i].rate);
            assert_int_equal(piece.channels, cases[i].channels);
        }
        uint64_t ms = samples * 1000 / cases[i].rate;
        print_message("%s: %zu headers, %zu beginnings, %llu ms\n", cases[i].file, headers, begins,
                      (unsigned long long)ms);
        assert_true(ms >= cases[i].least_ms && ms <= cases[i].most_ms);
        assert_true(begins >= 2 && titled == cases[i].has_title);
        bool has_chain = cases[i].format != AUDIO_MPEG && cases[i].format != AUDIO_AAC;
        assert_true(has_chain ? headers >= 2 && chains == 1 : headers == 0);
        audio_scanner_free(&s);
        buf_fini(&file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_mpeg_headers),
                                       cmocka_unit_test(test_adts_headers),
                                       cmocka_unit_test(test_frames_come_out_as_they_went_in),
                                       cmocka_unit_test(test_a_files_index_is_left_out),
                                       cmocka_unit_test(test_loud_and_silent_frames),
                                       cmocka_unit_test(test_flac_heads),
                                       cmocka_unit_test(test_flac_frames),
                                       cmocka_unit_test(test_flac_long_frames),
                                       cmocka_unit_test(test_flac_blocks),
                                       cmocka_unit_test(test_flac_in_ogg_headers),
                                       cmocka_unit_test(test_what_a_chain_says),
                                       cmocka_unit_test(test_opus_without_empty_packets),
                                       cmocka_unit_test(test_webm_times),
                                       cmocka_unit_test(test_webm_same),
                                       cmocka_unit_test(test_webm_goes_on),
                                       cmocka_unit_test(test_what_encoders_make),
                                       cmocka_unit_test(test_formats)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
