// SPDX-License-Identifier: AGPL-3.0-or-later
// Sound cut out of a stream, counted anew: pages of Ogg, frames of FLAC, headers of WebM.
#include "../check.h"
#include "audio/cut.h"
#include "log_kit.h"

// ---- how long packets last ---------------------------------------------------------------------------------------------

static void test_packets_of_opus_say_how_long_they_last(void **state) {
    (void)state;
    static const struct {
        uint8_t front[2];
        size_t n;
        uint32_t samples;
    } cases[] = {{{0x00}, 1, 480},        // SILK, 10 ms
                 {{0x18}, 1, 2880},       // 60 ms
                 {{0x60}, 1, 480},        // both, 10 ms
                 {{0x68}, 1, 960},        // 20 ms
                 {{0x80}, 1, 120},        // CELT, 2.5 ms
                 {{0xfc}, 1, 960},        // 20 ms
                 {{0xfd}, 1, 1920},       // two of them
                 {{0xfe}, 1, 1920},       //
                 {{0xff, 0x03}, 2, 2880}, // as many as the next byte says
                 {{0xff, 0xc6}, 2, 5760}, //
                 {{0xff}, 1, 0},          {{0}, 0, 0}};
    struct ogg_lengths l;
    ogg_lengths_begin(&l, OGG_OPUS);
    assert_int_equal(ogg_packet_lasts(&l, (struct str){"\xfc", 1}), 0); // no headers were there
    ogg_lengths_header(&l, 0, (struct str){"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0", 19});
    assert_int_equal(l.skip, 312);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(ogg_packet_lasts(&l, (struct str){(const char *)cases[i].front, cases[i].n}),
                         cases[i].samples);
}

static void bits_put(uint8_t *p, size_t *at, unsigned value, unsigned n) {
    for (unsigned i = 0; i < n; i++, ++*at)
        p[*at / 8] |= (uint8_t)((value >> i & 1) << (*at % 8));
}

// Windows of 256 and 2048; the modes stand behind something.
static void vorbis_headers(struct ogg_lengths *l, unsigned modes, uint64_t are_long) {
    uint8_t setup[512] = {5, 'v', 'o', 'r', 'b', 'i', 's', 0xaa, 0x55};
    size_t at = 9 * 8 + 3;
    char head[30] = "\x01vorbis";
    head[28] = (char)0xb8;
    bits_put(setup, &at, modes - 1, 6);
    for (unsigned i = 0; i < modes; i++) {
        bits_put(setup, &at, are_long >> i & 1, 1);
        at += 32;
        bits_put(setup, &at, i & 1, 8);
    }
    bits_put(setup, &at, 1, 1);
    ogg_lengths_header(l, 0, (struct str){head, sizeof head});
    ogg_lengths_header(l, 2, (struct str){(const char *)setup, (at + 7) / 8});
}

static void vorbis_begin(struct ogg_lengths *l, unsigned modes, uint64_t are_long) {
    ogg_lengths_begin(l, OGG_VORBIS);
    assert_false(l->is_known);
    vorbis_headers(l, modes, are_long);
}

static void test_packets_of_vorbis_last_half_of_two_windows(void **state) {
    (void)state;
    static const struct {
        unsigned modes;
        uint64_t are_long;
        uint8_t packets[4];
        size_t n;
        uint32_t last;              // of them
    } cases[] = {{2, 2, {0}, 1, 0}, // the first gives nothing yet
                 {2, 2, {0, 0}, 2, 128},
                 {2, 2, {2, 2}, 2, 1024},
                 {2, 2, {0, 2}, 2, 576},
                 {2, 2, {2, 0, 0}, 3, 128},
                 {2, 2, {2, 1, 2}, 3, 1024},   // one without sound between them
                 {2, 2, {0xfe, 0xfc}, 2, 576}, // what stands behind the mode
                 {1, 0, {2, 2}, 2, 128},
                 {5, 0x10, {8, 8}, 2, 1024},
                 {64, 1, {0, 0}, 2, 1024},
                 {64, UINT64_C(1) << 63, {0x7e, 0x7e}, 2, 1024}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ogg_lengths l;
        uint32_t last = 0;
        struct str packets = {(const char *)cases[i].packets, cases[i].n};
        vorbis_begin(&l, cases[i].modes, cases[i].are_long);
        assert_true(l.is_known);
        for (size_t at = 0; at < packets.n; at++)
            last = ogg_packet_lasts(&l, str_slice(packets, at, at + 1));
        assert_int_equal(last, cases[i].last);
    }
}

// Whether another chain begins or the one that is there says it anew.
static void test_modes_of_vorbis_are_those_that_were_said_last(void **state) {
    (void)state;
    for (int is_anew = 0; is_anew < 2; is_anew++) {
        struct ogg_lengths l;
        vorbis_begin(&l, 64, UINT64_MAX);
        if (is_anew)
            vorbis_begin(&l, 2, 2);
        else
            vorbis_headers(&l, 2, 2);
        (void)ogg_packet_lasts(&l, (struct str){"\0", 1});
        assert_int_equal(ogg_packet_lasts(&l, (struct str){"\0", 1}), 128);
    }
}

// ---- pages -------------------------------------------------------------------------------------------------------------

enum { SERIAL = 77 };
#define DAY (INT64_C(48000) * 86400)

// What a page says of itself. laces: the lengths of its segments; all of its packets are of 20 ms.
struct page {
    uint8_t flags;
    int64_t granule;
    uint32_t serial, sequence;
    const char *laces;
};

static void page_add(struct buf *b, const struct page *page, struct str content) {
    uint8_t head[OGG_HEAD] = "OggS";
    size_t at = b->n, n = strlen(page->laces);
    head[OGG_FLAGS_AT] = page->flags;
    le32_put(head + OGG_GRANULE_AT, (uint32_t)page->granule);
    le32_put(head + OGG_GRANULE_AT + 4, (uint32_t)((uint64_t)page->granule >> 32));
    le32_put(head + OGG_SERIAL_AT, page->serial);
    le32_put(head + OGG_SEQUENCE_AT, page->sequence);
    head[OGG_HEAD - 1] = (uint8_t)n;
    buf_add(b, head, sizeof head);
    buf_c(b, page->laces);
    for (size_t i = 0; i < n; i++)
        for (uint8_t k = 0; k < (uint8_t)page->laces[i]; k++)
            buf_char(b, content.n > 0 ? *str_slice(content, k, k + 1u).p : (char)0xfc);
    ogg_checksum_put((uint8_t *)b->p + at, b->n - at);
}

static void head_add(struct buf *b, uint32_t serial, char channels) {
    char head[19] = "OpusHead\x01\x02\x38\x01";
    head[9] = channels;
    page_add(b, &(struct page){OGG_BEGINS, 0, serial, 0, "\x13"}, (struct str){head, sizeof head});
    page_add(b, &(struct page){0, 0, serial, 1, "\x10"}, STR("OpusTags\0\0\0\0\0\0\0\0"));
}

// A row is a page as it is sent and as it is written; a letter in front begins a chain: 'a' and 'A' are coded the same way.
struct row {
    char begins;
    struct page sent, written;
};

static void headers_cut(struct cut *c, char kind, uint32_t serial, struct buf *out) {
    struct audio_scanner *s = audio_scanner_new(AUDIO_OGG);
    struct audio_piece piece;
    struct buf b;
    buf_init(&b, 1000);
    head_add(&b, serial, kind == 'b' ? 1 : 2);
    for (size_t at = 0, n; (n = audio_scan(s, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n)
        assert_int_equal(piece.kind, AUDIO_HEADER);
    cut_headers(c, s, buf_view(&b), out);
    audio_scanner_free(&s);
    buf_fini(&b);
}

// All rows, then the end; what is written has one set of headers for each chain that is coded otherwise.
static void rows_check(const struct row *rows, size_t n, int64_t lasts_us) {
    struct cut c;
    struct buf sent, got, want;
    uint32_t serial = 0;
    char coded = 0;
    cut_init(&c, AUDIO_OGG);
    buf_init(&sent, 1 << 16);
    buf_init(&got, 1 << 16);
    buf_init(&want, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        char begins = rows[i].begins;
        if (begins != 0) {
            headers_cut(&c, begins, rows[i].sent.serial, &got);
            if ((begins | 0x20) != coded)
                head_add(&want, rows[i].written.serial, begins == 'b' ? 1 : 2);
            coded = (char)(begins | 0x20);
            serial = rows[i].sent.serial;
        }
        assert_true(serial > 0);
        buf_clear(&sent);
        page_add(&sent, &rows[i].sent, STR(""));
        page_add(&want, &rows[i].written, STR(""));
        cut_piece(&c, buf_view(&sent), false, &got);
    }
    cut_end(&c, &got);
    assert_memory_equal(got.p, want.p, got.n < want.n ? got.n : want.n);
    assert_int_equal(got.n, want.n);
    assert_int_equal(cut_lasts_us(&c), lasts_us);
    cut_fini(&c);
    buf_fini(&sent);
    buf_fini(&got);
    buf_fini(&want);
}
#define ROWS(lasts_us, ...)                                                                                            \
    rows_check((const struct row[]){__VA_ARGS__}, sizeof(struct row[]){__VA_ARGS__} / sizeof(struct row), lasts_us)

static void test_pages_are_counted_from_the_begin(void **state) {
    (void)state;
    // Of an encoder that is up for days; the last one's packet ends early.
    ROWS(60000 - 6500 - 10000, {'a', {0, DAY, SERIAL, 4711, "\1\1"}, {0, 1920, SERIAL, 2, "\1\1"}},
         {0, {OGG_ENDS, DAY + 480, SERIAL, 4712, "\1"}, {OGG_ENDS, 2400, SERIAL, 3, "\1"}});
    // A packet over three pages.
    ROWS(40000 - 6500, {'a', {0, DAY, SERIAL, 9, "\1\xff"}, {0, 960, SERIAL, 2, "\1\xff"}},
         {0, {OGG_CONTINUED, -1, SERIAL, 10, "\xff"}, {OGG_CONTINUED, -1, SERIAL, 3, "\xff"}},
         {0, {OGG_CONTINUED, DAY + 960, SERIAL, 11, "\1"}, {OGG_CONTINUED, 1920, SERIAL, 4, "\1"}});
    // Something is left out between two pages; then within a packet, where a number is left out too.
    ROWS(40000 - 6500, {'a', {0, DAY, SERIAL, 9, "\1"}, {0, 960, SERIAL, 2, "\1"}},
         {0, {0, 2 * DAY, SERIAL, 99, "\1"}, {0, 1920, SERIAL, 3, "\1"}});
    ROWS(60000 - 6500, {'a', {0, DAY, SERIAL, 9, "\1\xff"}, {0, 960, SERIAL, 2, "\1\xff"}},
         {0, {0, 2 * DAY, SERIAL, 99, "\1"}, {0, 1920, SERIAL, 4, "\1"}},
         {0, {OGG_CONTINUED, 3 * DAY, SERIAL, 199, "\1\1"}, {OGG_CONTINUED, 2880, SERIAL, 6, "\1\1"}});
    // What is laid in between stays as it is.
    ROWS(20000 - 6500, {'a', {0, DAY, SERIAL, 9, "\1"}, {0, 960, SERIAL, 2, "\1"}},
         {0, {0, 5, SERIAL + 1, 7, "\1"}, {0, 5, SERIAL + 1, 7, "\1"}});
}

static void test_a_coding_that_nobody_knows_keeps_its_numbers(void **state) {
    (void)state;
    struct cut c;
    struct buf sent, got;
    struct audio_piece piece;
    struct audio_scanner *s = audio_scanner_new(AUDIO_OGG);
    cut_init(&c, AUDIO_OGG);
    buf_init(&sent, 1000);
    buf_init(&got, 1000);
    page_add(&sent, &(struct page){OGG_BEGINS, 0, SERIAL, 0, "\x0c"}, STR("Speex   1.2\0"));
    (void)audio_scan(s, buf_view(&sent), &piece);
    cut_headers(&c, s, buf_view(&sent), &got);
    assert_int_equal(c.ogg.rate, 0);
    for (int i = 1; i <= 3; i++) {
        size_t at = got.n;
        buf_clear(&sent);
        page_add(&sent, &(struct page){i == 3 ? OGG_ENDS : 0, DAY + 320 * i, SERIAL, 90 + (uint32_t)i, "\1"}, STR(""));
        cut_piece(&c, buf_view(&sent), false, &got);
        if (i == 3)
            cut_end(&c, &got);
        assert_int_equal(ogg_granule((const uint8_t *)got.p + at), DAY + 320 * i);
    }
    cut_fini(&c);
    audio_scanner_free(&s);
    buf_fini(&sent);
    buf_fini(&got);
}

static void test_an_encoder_that_comes_back_goes_on_in_the_same_chain(void **state) {
    (void)state;
    // Where the one before ended it does not end any more, and is heard to the end of its packet.
    ROWS(40000 - 6500, {'a', {OGG_ENDS, DAY, SERIAL, 9, "\1"}, {0, 960, SERIAL, 2, "\1"}},
         {'A', {0, 960, 5, 2, "\1"}, {0, 1920, SERIAL, 3, "\1"}});
    // Coded otherwise: a chain of its own, of another number than the one before.
    ROWS(40000 - 13000, {'a', {OGG_ENDS, DAY, SERIAL, 9, "\1"}, {OGG_ENDS, 960, SERIAL, 2, "\1"}},
         {'b', {0, DAY, SERIAL, 9, "\1"}, {0, 960, SERIAL + 1, 2, "\1"}});
    ROWS(40000 - 13000, {'a', {0, DAY, SERIAL, 9, "\1"}, {0, 960, SERIAL, 2, "\1"}},
         {'b', {OGG_ENDS, DAY, 5, 9, "\1"}, {OGG_ENDS, 960, 5, 2, "\1"}});
}

// ---- frames ------------------------------------------------------------------------------------------------------------

static void test_frames_count_by_another_number(void **state) {
    (void)state;
    static const uint64_t numbers[] = {0, 1, 127, 128, 2047, 2048, 65535, 65536, INT32_MAX, (UINT64_C(1) << 36) - 1};
    struct buf file, b;
    struct str bytes = sample("flac_alone", &file);
    struct audio_piece piece;
    struct audio_scanner *s = audio_scanner_new(AUDIO_FLAC);
    uint64_t frames = 0;
    buf_init(&b, 1 << 20);
    for (size_t at = 0, n; (n = audio_scan(s, str_slice(bytes, at, bytes.n), &piece)) > 0; at += n) {
        if (piece.kind == AUDIO_HEADER || piece.bytes.n == 0)
            continue;
        struct str frame = str_slice(bytes, at, at + n);
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            buf_clear(&b);
            assert_true(flac_frame_number(frame, &s->flac.info, numbers[i], 0, &b));
            assert_int_equal(flac_frame_samples(buf_view(&b), &s->flac.info), piece.samples);
            struct buf back;
            buf_init(&back, 1 << 20);
            assert_true(flac_frame_number(buf_view(&b), &s->flac.info, frames, 0, &back));
            assert_true(str_eq(buf_view(&back), frame));
            buf_fini(&back);
        }
        frames++;
    }
    assert_true(frames > 10);
    assert_false(flac_frame_number(STR("no frame at all, of any kind"), &s->flac.info, 1, 1, &b));
    audio_scanner_free(&s);
    buf_fini(&b);
    buf_fini(&file);
}

// What the whole was is forgotten, and how long this is stands there at the end.
static void test_headers_of_flac_are_those_of_the_part(void **state) {
    (void)state;
    enum { INFO_AT = 8, WHOLE = 42 };
    struct cut c;
    struct buf file, out;
    struct str bytes = sample("flac_alone", &file), headers = str_slice(bytes, 0, WHOLE);
    uint8_t length[CUT_LENGTH_BYTES];
    uint64_t at;
    size_t n;
    cut_init(&c, AUDIO_FLAC);
    buf_init(&out, 1000);
    assert_false(cut_length(&c, &at, length, &n));
    cut_headers(&c, NULL, headers, &out);
    assert_int_equal(out.n, WHOLE);
    for (size_t i = INFO_AT + 18; i < WHOLE; i++)
        assert_int_equal(out.p[i], 0);
    c.flac.samples = UINT64_C(0x912345678);
    assert_true(cut_length(&c, &at, length, &n));
    assert_true(at == INFO_AT + 13 && n == 5);
    assert_int_equal(length[0], ((uint8_t)bytes.p[INFO_AT + 13] & 0xf0) | 9);
    assert_memory_equal(length + 1, "\x12\x34\x56\x78", 4);
    buf_clear(&out);
    cut_headers(&c, NULL, headers, &out);
    assert_int_equal(out.n, 0); // the same again
    file.p[2 + INFO_AT + 1] ^= 1;
    cut_headers(&c, NULL, headers, &out);
    assert_int_equal(out.n, WHOLE); // other blocks
    buf_clear(&out);
    file.p[2 + INFO_AT + 13] ^= 3; // another length, which is forgotten, is the same
    cut_headers(&c, NULL, headers, &out);
    assert_int_equal(out.n, 0);
    file.p[2 + INFO_AT + 13] ^= 0x40;
    cut_headers(&c, NULL, headers, &out);
    assert_int_equal(out.n, WHOLE); // other bits
    assert_false(cut_length(&c, &at, length, &n));
    cut_fini(&c);
    buf_fini(&out);
    buf_fini(&file);
}

// ---- WebM --------------------------------------------------------------------------------------------------------------

#define EBML "\x1a\x45\xdf\xa3\x80"
#define CLUSTER_OPEN "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff"
#define TRACKS(channels) "\x16\x54\xae\x6b\x87\xae\x85\xe1\x83\x9f\x81" channels
#define ROOM "\xec\x89\0\0\0\0\0\0\0\0\0"

static void webm_put(struct cut *c, struct str headers, uint64_t time, struct buf *out) {
    struct audio_scanner *s = audio_scanner_new(AUDIO_WEBM);
    char cluster[] = "\xe7\x84\0\0\0\0", block[] = "\xa3\x85\x81\0\x14\x80x";
    for (int i = 0; i < 4; i++)
        cluster[2 + i] = (char)(uint8_t)(time >> (8 * (3 - i)));
    s->webm.scale_ns = 1000000;
    cut_headers(c, s, headers, out);
    cut_piece(c, (struct str){CLUSTER_OPEN, 12}, false, out);
    cut_piece(c, (struct str){cluster, 6}, false, out);
    cut_piece(c, (struct str){block, 7}, false, out);
    audio_scanner_free(&s);
}
#define BYTES(literal) ((struct str){literal, sizeof literal - 1})

static void test_a_webm_begins_at_nothing_and_says_how_long_it_is(void **state) {
    (void)state;
    // Of known length, with a list of what stands where, how long the whole is and a sum.
    static const char sent[] =
        EBML "\x18\x53\x80\x67\x01\0\0\0\0\x01\0\0"
             "\x11\x4d\x9b\x74\x81x"
             "\x15\x49\xa9\x66\x91\xbf\x81x\x2a\xd7\xb1\x83\x0f\x42\x40\x44\x89\x84zzzz" TRACKS("\2");
    static const char one[] =
        EBML "\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
             "\x15\x49\xa9\x66\x01\0\0\0\0\0\0\x12" ROOM "\x2a\xd7\xb1\x83\x0f\x42\x40" TRACKS("\2");
    struct cut c;
    struct buf out;
    uint8_t length[CUT_LENGTH_BYTES];
    uint64_t at;
    size_t n;
    cut_init(&c, AUDIO_WEBM);
    buf_init(&out, 1 << 16);
    webm_put(&c, BYTES(sent), 200000000, &out);
    assert_true(str_starts(buf_view(&out), BYTES(one)));
    assert_true(str_ends(buf_view(&out), BYTES(CLUSTER_OPEN "\xe7\x88\0\0\0\0\0\0\0\0\xa3\x85\x81\0\x14\x80x")));
    assert_int_equal(cut_lasts_us(&c), 40000);
    buf_clear(&out);
    webm_put(&c, BYTES(sent), 7, &out); // comes back
    assert_true(str_eq(buf_view(&out), BYTES(CLUSTER_OPEN "\xe7\x88\0\0\0\0\0\0\0\x28\xa3\x85\x81\0\x14\x80x")));
    cut_gap(&c);
    assert_int_equal(cut_lasts_us(&c), 100000);
    assert_true(cut_length(&c, &at, length, &n));
    assert_true(n == sizeof length && str_starts(str_slice(BYTES(one), (size_t)at, sizeof one - 1), BYTES(ROOM)));
    assert_memory_equal(length, "\x44\x89\x88\x40\x59\0\0\0\0\0\0", n); // 100
    buf_clear(&out);
    char other[sizeof sent];
    memcpy(other, sent, sizeof sent);
    other[sizeof sent - 2] = 1; // one channel
    webm_put(&c, (struct str){other, sizeof other - 1}, 7, &out);
    assert_true(str_starts(buf_view(&out), BYTES(EBML)));
    assert_int_equal(cut_lasts_us(&c), 140000);
    assert_true(cut_length(&c, &at, length, &n));
    assert_memory_equal(length + 3, "\x40\x59\0\0\0\0\0\0", 8); // of the first segment
    cut_fini(&c);
    buf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_packets_of_opus_say_how_long_they_last),
                                       cmocka_unit_test(test_packets_of_vorbis_last_half_of_two_windows),
                                       cmocka_unit_test(test_modes_of_vorbis_are_those_that_were_said_last),
                                       cmocka_unit_test(test_pages_are_counted_from_the_begin),
                                       cmocka_unit_test(test_a_coding_that_nobody_knows_keeps_its_numbers),
                                       cmocka_unit_test(test_an_encoder_that_comes_back_goes_on_in_the_same_chain),
                                       cmocka_unit_test(test_frames_count_by_another_number),
                                       cmocka_unit_test(test_headers_of_flac_are_those_of_the_part),
                                       cmocka_unit_test(test_a_webm_begins_at_nothing_and_says_how_long_it_is)};
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
