// SPDX-License-Identifier: AGPL-3.0-or-later
// What is taken comes out right: upright, in sRGB, in all sizes, without a word of the original's. What is broken or
// hostile is refused with its reason.
#include "corpus.h"

static struct arena *arena;
static struct media_report report;
static int out_fd = -1;

static enum media_reason decode_as(struct str bytes, const struct media_request *request) {
    int in = corpus_file(bytes);
    if (out_fd >= 0)
        close(out_fd);
    out_fd = corpus_file(STR(""));
    media_decode(in, out_fd, request, &report);
    close(in);
    return report.reason;
}

static enum media_reason decode(struct str bytes) {
    return decode_as(bytes, &(struct media_request){.task = MEDIA_TASK_TAKE, .focal_x = 500, .focal_y = 500});
}

// Decodes and frees.
static enum media_reason decode_buf(struct buf *b) {
    enum media_reason reason = decode(buf_view(b));
    buf_fini(b);
    return reason;
}

#define assert_reason(actual, expected) assert_string_equal(reason_words(actual), reason_words(expected))
static const char *reason_words(enum media_reason reason) {
    return media_reason_name(reason);
}

static const struct media_output *output_of(enum media_type type, int width) {
    for (size_t i = 0; i < report.output_count; i++)
        if (report.outputs[i].type == type && report.outputs[i].width == width)
            return &report.outputs[i];
    fail_msg("there is no %s of %d pixels", str_c(arena, media_type_ext(type)), width);
    return NULL;
}

static size_t count_of(enum media_type type) {
    size_t n = 0;
    for (size_t i = 0; i < report.output_count; i++)
        n += report.outputs[i].type == type;
    return n;
}

// The colour of a pixel of an output, at per cents of its width and height.
static void pixel_of(const struct media_output *o, int x, int y, double out[4], int *bands_out) {
    struct buf b;
    double *point = NULL;
    corpus_output(out_fd, o, &b);
    VipsImage *image = vips_image_new_from_buffer(b.p, b.n, "", NULL);
    assert_non_null(image);
    assert_int_equal(image->Xsize, o->width);
    assert_int_equal(image->Ysize, o->height);
    assert_int_equal(vips_getpoint(image, &point, bands_out, image->Xsize * x / 100, image->Ysize * y / 100, NULL), 0);
    memcpy(out, point, sizeof(double) * (size_t)*bands_out);
    g_free(point);
    g_object_unref(image);
    buf_fini(&b);
}

static char colour_at(const struct media_output *o, int x, int y) {
    double p[4];
    int bands;
    pixel_of(o, x, y, p, &bands);
    assert_int_equal(bands, 3);
    for (int i = 0; i < 3; i++)
        if (p[i] > p[(i + 1) % 3] + 40 && p[i] > p[(i + 2) % 3] + 40)
            return "rgb"[i];
    return p[0] > 150 ? 'w' : '?';
}

static const char *corners(const struct media_output *o) {
    static char text[5];
    text[0] = colour_at(o, 20, 20);
    text[1] = colour_at(o, 80, 20);
    text[2] = colour_at(o, 20, 80);
    text[3] = colour_at(o, 80, 80);
    return text;
}

// ---- taken ---------------------------------------------------------------------------------------------------------

static void test_every_kind_of_picture(void **state) {
    static const enum media_type types[] = {MEDIA_JPEG, MEDIA_PNG, MEDIA_WEBP, MEDIA_GIF, MEDIA_AVIF, MEDIA_HEIC};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct buf b;
        corpus_picture(&b, types[i], 800, 600);
        assert_reason(decode_buf(&b), MEDIA_TAKEN);
        assert_int_equal(report.type, types[i]);
        assert_int_equal(report.width, 800);
        assert_int_equal(report.height, 600);
        assert_int_equal(report.output_count, 6);
        assert_int_equal(output_of(MEDIA_JPEG, 320)->height, 240);
        assert_int_equal(output_of(MEDIA_WEBP, 640)->height, 480);
        assert_string_equal(corners(output_of(MEDIA_JPEG, 800)), "rgbw");
        assert_string_equal(corners(output_of(MEDIA_WEBP, 320)), "rgbw");
    }
}

static void test_sizes_are_never_larger_than_the_original(void **state) {
    static const struct {
        int width, height;
        size_t count;
        int largest, height_of_largest;
    } rows[] = {{1, 1, 1, 1, 1},          {319, 10, 1, 319, 10},     {320, 240, 1, 320, 240},
                {321, 240, 2, 321, 240},  {1920, 100, 5, 1920, 100}, {4000, 3000, 5, 1920, 1440},
                {300, 9000, 1, 256, 7680}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b;
        corpus_picture(&b, MEDIA_JPEG, rows[i].width, rows[i].height);
        assert_reason(decode_buf(&b), MEDIA_TAKEN);
        assert_int_equal(report.width, rows[i].width);
        assert_int_equal(count_of(MEDIA_JPEG), rows[i].count);
        assert_int_equal(count_of(MEDIA_WEBP), rows[i].count);
        assert_int_equal(output_of(MEDIA_WEBP, rows[i].largest)->height, rows[i].height_of_largest);
    }
}

static void test_avif_comes_as_a_task_of_its_own(void **state) {
    struct buf b;
    (void)state;
    corpus_picture(&b, MEDIA_JPEG, 700, 350);
    assert_reason(decode_as(buf_view(&b), &(struct media_request){.task = MEDIA_TASK_AVIF}), MEDIA_TAKEN);
    buf_fini(&b);
    assert_int_equal(report.output_count, 3);
    assert_string_equal(corners(output_of(MEDIA_AVIF, 700)), "rgbw");
    // The check that the other side makes.
    struct media_header h;
    corpus_output(out_fd, output_of(MEDIA_AVIF, 320), &b);
    struct media_source s = media_source_memory(buf_view(&b));
    assert_int_equal(media_sniff(&s, false, &h), MEDIA_TAKEN);
    assert_int_equal(h.type, MEDIA_AVIF);
    assert_int_equal(h.width, 320);
    assert_int_equal(h.height, 160);
    buf_fini(&b);
}

static VipsImage *tagged_image(int orientation) {
    VipsImage *image = corpus_image(400, 200, 3), *own = NULL;
    assert_int_equal(vips_copy(image, &own, NULL), 0);
    g_object_unref(image);
    vips_image_set_int(own, VIPS_META_ORIENTATION, orientation);
    vips_image_set_string(own, "exif-ifd3-GPSLatitude", "6/1 10/1 30/1 (6, 10, 30, Rational, 3 components, 24 bytes)");
    vips_image_set_string(own, "exif-ifd0-Artist", "Secret Witness (Secret Witness, ASCII, 15 components, 15 bytes)");
    vips_image_set_blob_copy(own, "xmp-data", "<x:xmpmeta>Secret Witness</x:xmpmeta>", 37);
    return own;
}

static void test_all_eight_orientations_come_out_upright(void **state) {
    // Where the stored corners (red, green / blue, white) are seen, by EXIF 2.3, 4.6.4.
    static const char *const seen[] = {"rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb"};
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct buf b;
        corpus_save(&b, tagged_image(i + 1), MEDIA_JPEG);
        assert_reason(decode_buf(&b), MEDIA_TAKEN);
        assert_int_equal(report.width, i < 4 ? 400 : 200);
        assert_int_equal(report.height, i < 4 ? 200 : 400);
        assert_string_equal(corners(output_of(MEDIA_JPEG, report.width)), seen[i]);
    }
}

static void test_nothing_of_the_files_own_words_is_kept(void **state) {
    static const char *const words[] = {"Secret", "Exif", "xmpmeta", "GPS", "8BIM", "ICC_PROFILE", "ICCP"};
    struct buf b;
    size_t at;
    (void)state;
    corpus_save(&b, tagged_image(1), MEDIA_JPEG);
    assert_true(str_find(buf_view(&b), STR("Secret Witness"), &at) && str_find(buf_view(&b), STR("Exif"), &at));
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    corpus_output(out_fd,
                  &(struct media_output){.bytes = report.outputs[report.output_count - 1].at +
                                                  report.outputs[report.output_count - 1].bytes},
                  &b);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_find(buf_view(&b), str_from(words[i]), &at))
            fail_msg("%s is in the sizes at %zu", words[i], at);
    buf_fini(&b);
}

static void test_transparency_is_kept_only_where_it_hides(void **state) {
    struct buf b;
    double p[4];
    int bands;
    (void)state;
    corpus_save(&b, corpus_image(400, 200, 4), MEDIA_PNG);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_int_equal(count_of(MEDIA_JPEG), 0);
    assert_int_equal(count_of(MEDIA_WEBP), 2);
    pixel_of(output_of(MEDIA_PNG, 320), 80, 20, p, &bands);
    assert_int_equal(bands, 4);
    assert_int_equal((int)p[3], 128);
    VipsImage *opaque = corpus_image(400, 200, 3), *alpha = NULL;
    assert_int_equal(vips_addalpha(opaque, &alpha, NULL), 0);
    g_object_unref(opaque);
    corpus_save(&b, alpha, MEDIA_PNG);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_int_equal(count_of(MEDIA_JPEG), 2);
}

static void test_other_colours_become_srgb(void **state) {
    VipsImage *image = corpus_image(400, 200, 3), *wide = NULL;
    struct buf b;
    (void)state;
    assert_int_equal(vips_colourspace(image, &wide, VIPS_INTERPRETATION_RGB16, NULL), 0);
    corpus_save(&b, wide, MEDIA_PNG);
    assert_int_equal((uint8_t)b.p[24], 16); // bits a sample
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_string_equal(corners(output_of(MEDIA_JPEG, 320)), "rgbw");
    assert_int_equal(vips_colourspace(image, &wide, VIPS_INTERPRETATION_CMYK, NULL), 0);
    corpus_save(&b, wide, MEDIA_JPEG);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_string_equal(corners(output_of(MEDIA_JPEG, 320)), "rgbw");
    assert_int_equal(vips_colourspace(image, &wide, VIPS_INTERPRETATION_B_W, NULL), 0);
    corpus_save(&b, wide, MEDIA_JPEG);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_int_equal(colour_at(output_of(MEDIA_JPEG, 320), 80, 80), 'w');
    g_object_unref(image);
}

static void test_a_crop_keeps_the_focal_point(void **state) {
    static const struct {
        unsigned x, y;
        const char *seen; // a square of 400 x 200: a half of it is the whole height
    } rows[] = {{0, 500, "rgbw"}, {1000, 500, "rgbw"}};
    struct buf b;
    (void)state;
    corpus_picture(&b, MEDIA_JPEG, 400, 200);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct media_request r = {.task = MEDIA_TASK_TAKE, .crop_width = 1, .crop_height = 1};
        r.focal_x = rows[i].x;
        r.focal_y = rows[i].y;
        assert_reason(decode_as(buf_view(&b), &r), MEDIA_TAKEN);
        assert_int_equal(report.width, 200);
        assert_int_equal(report.height, 200);
        // Only the left, or only the right half is in it.
        assert_int_equal(colour_at(output_of(MEDIA_JPEG, 200), 80, 20), i == 0 ? 'r' : 'g');
        assert_int_equal(colour_at(output_of(MEDIA_JPEG, 200), 20, 80), i == 0 ? 'b' : 'w');
    }
    buf_fini(&b);
}

static void test_the_first_frame_of_an_animation_is_taken(void **state) {
    static const enum media_type types[] = {MEDIA_GIF, MEDIA_WEBP};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct buf b;
        corpus_animation(&b, types[i], 3);
        assert_reason(decode_buf(&b), MEDIA_TAKEN);
        assert_int_equal(report.width, 64);
        assert_int_equal(report.height, 48);
        assert_int_equal(report.frames, types[i] == MEDIA_GIF ? 3 : 1);
    }
}

// A file that is also an archive and a page is a picture again afterwards, and nothing else.
static void test_what_hangs_on_a_picture_is_left_behind(void **state) {
    struct buf b, out;
    size_t at;
    (void)state;
    corpus_picture(&b, MEDIA_JPEG, 100, 100);
    buf_c(&b, "PK\3\4<script>alert(1)</script>");
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    corpus_output(out_fd, output_of(MEDIA_JPEG, 100), &out);
    assert_false(str_find(buf_view(&out), STR("script"), &at));
    buf_fini(&out);
}

// ---- sound ---------------------------------------------------------------------------------------------------------

static void test_every_kind_of_sound(void **state) {
    static const struct {
        int format;
        enum media_type type;
    } rows[] = {{SF_FORMAT_WAV | SF_FORMAT_PCM_16, MEDIA_WAV},
                {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, MEDIA_FLAC},
                {SF_FORMAT_OGG | SF_FORMAT_VORBIS, MEDIA_OGG},
                {SF_FORMAT_OGG | SF_FORMAT_OPUS, MEDIA_OPUS}};
    struct buf b;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        corpus_sndfile(&b, rows[i].format);
        assert_reason(decode_buf(&b), MEDIA_TAKEN);
        assert_int_equal(report.type, rows[i].type);
        assert_in_range(report.duration_ms, 990, 1010);
        assert_int_equal(report.output_count, 0);
    }
    corpus_mp3(&b, 100);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_int_equal(report.type, MEDIA_MP3);
    assert_in_range(report.duration_ms, 2500, 2650);
    corpus_adts(&b, 375);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_int_equal(report.type, MEDIA_AAC);
    assert_int_equal(report.duration_ms, 8000);
    corpus_mp4(&b, "M4A ", "soun", "mp4a", 90);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
    assert_int_equal(report.type, MEDIA_M4A);
    assert_int_equal(report.duration_ms, 90000);
}

static void test_sound_that_is_refused(void **state) {
    struct buf b;
    (void)state;
    corpus_mp4(&b, "M4A ", "vide", "avc1", 90);
    assert_reason(decode_buf(&b), MEDIA_HAS_VIDEO);
    corpus_mp4(&b, "M4A ", "soun", "enca", 90);
    assert_reason(decode_buf(&b), MEDIA_PROTECTED);
    corpus_mp4(&b, "M4A ", "soun", "mp4a", 0);
    assert_reason(decode_buf(&b), MEDIA_NO_SOUND);
    corpus_mp4(&b, "M4A ", "soun", "mp4a", 24 * 3600 + 1);
    assert_reason(decode_buf(&b), MEDIA_SOUND_TOO_LONG);
    corpus_mp4(&b, "M4A ", "soun", "mp4a", 90);
    b.n -= 5;
    assert_reason(decode_buf(&b), MEDIA_BROKEN);
    corpus_adts(&b, 10);
    b.n -= 5;
    assert_reason(decode_buf(&b), MEDIA_BROKEN);
    buf_init(&b, 1024);
    buf_str(&b, STR("RIFF\x10\0\0\0WAVE nothing of the sort"));
    assert_reason(decode_buf(&b), MEDIA_BROKEN);
}

// ---- refused -------------------------------------------------------------------------------------------------------

static void test_what_is_no_picture(void **state) {
    static const struct {
        const char *text;
        enum media_reason reason;
        const char *other;
    } rows[] = {
        {"", MEDIA_EMPTY, ""},
        {"just words\x01, twelve and more", MEDIA_NOT_KNOWN, ""},
        {"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>x()</script></svg>", MEDIA_DRAWING, ""},
        {"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg onload='x()'/>", MEDIA_DRAWING, ""},
        {"<!DOCTYPE html><html><svg></svg>", MEDIA_OTHER_KIND, "web_page"},
        {"%PDF-1.7 and so on", MEDIA_BROKEN, ""},
        {"BM123456789012345", MEDIA_OTHER_KIND, "bmp"},
        {"PK\3\4 an archive", MEDIA_OTHER_KIND, "bad_zip"},
        {"MZ a program it is", MEDIA_OTHER_KIND, "program"},
        {"GIF89a", MEDIA_BROKEN, ""},
        {"\xff\xd8\xff\xe0", MEDIA_BROKEN, ""},
        {"\x89PNG\r\n\x1a\n", MEDIA_BROKEN, ""},
        {"RIFF\x10\1\1\1WEBPVP8 ", MEDIA_BROKEN, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_reason(decode(str_from(rows[i].text)), rows[i].reason);
        assert_string_equal(report.other, rows[i].other);
        assert_int_equal(report.output_count, 0);
    }
}

static void test_bombs(void **state) {
    struct buf b;
    (void)state;
    corpus_png_head(&b, 100000, 100000, 0);
    assert_reason(decode_buf(&b), MEDIA_SIDE_TOO_LONG);
    assert_int_equal(report.width, 100000);
    corpus_png_head(&b, UINT32_MAX, UINT32_MAX, 0);
    assert_reason(decode_buf(&b), MEDIA_SIDE_TOO_LONG);
    corpus_png_bomb(&b, 10001, 10001);
    assert_reason(decode_buf(&b), MEDIA_TOO_MANY_PIXELS);
    corpus_png_head(&b, 0, 5, 0);
    assert_reason(decode_buf(&b), MEDIA_BROKEN);
    corpus_png_head(&b, 20000, 5000, 1);
    assert_reason(decode_buf(&b), MEDIA_BROKEN); // 400 MB unpacked would do; there is no pixel in it
    corpus_jpeg_head(&b, 65535, 65535, 0xc0);
    assert_reason(decode_buf(&b), MEDIA_SIDE_TOO_LONG);
    corpus_jpeg_head(&b, 20000, 20000, 0xc2);
    assert_reason(decode_buf(&b), MEDIA_TOO_MANY_PIXELS);
    corpus_gif_frames(&b, 1000000);
    assert_reason(decode_buf(&b), MEDIA_TOO_MANY_FRAMES);
    corpus_gif_frames(&b, 1);
    assert_reason(decode_buf(&b), MEDIA_TAKEN);
}

static void test_a_comment_that_unpacks_to_much_costs_little(void **state) {
    struct buf b;
    (void)state;
    corpus_png_comment_bomb(&b, 60 << 20);
    int64_t before = report.memory_kb;
    enum media_reason reason = decode_buf(&b);
    assert_true(reason == MEDIA_TAKEN || reason == MEDIA_BROKEN);
    assert_true(report.memory_kb < before + (200 << 10));
}

static void test_a_file_cut_off_anywhere_is_refused(void **state) {
    static const enum media_type types[] = {MEDIA_JPEG, MEDIA_PNG, MEDIA_WEBP, MEDIA_GIF, MEDIA_AVIF, MEDIA_HEIC};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct buf b;
        corpus_picture(&b, types[i], 200, 150);
        for (size_t part = 1; part < 12; part++) {
            size_t n = b.n * part / 12;
            enum media_reason reason = decode(str_slice(buf_view(&b), 0, n));
            if (reason != MEDIA_BROKEN && reason != MEDIA_NOT_KNOWN)
                fail_msg("%s of %zu bytes cut at %zu: %s", str_c(arena, media_type_ext(types[i])), b.n, n,
                         reason_words(reason));
        }
        buf_fini(&b);
    }
}

static void test_every_reason_has_its_name(void **state) {
    (void)state;
    for (int i = 0; i < MEDIA_REASON_COUNT; i++)
        assert_true(strlen(media_reason_name((enum media_reason)i)) > 3);
}

// ---- the messages --------------------------------------------------------------------------------------------------

static void test_a_report_survives_its_message(void **state) {
    char bytes[MEDIA_REPORT_BYTES];
    struct media_report r = {.reason = MEDIA_TAKEN, .type = MEDIA_PNG, .width = 3, .height = 2, .frames = 1};
    struct media_report back;
    (void)state;
    r.outputs[0] = (struct media_output){MEDIA_JPEG, 2, 1, 0, 10};
    r.outputs[1] = (struct media_output){MEDIA_WEBP, 2, 1, 10, 5};
    r.output_count = 2;
    media_report_write(bytes, &r);
    assert_int_equal(media_report_read((struct str){bytes, sizeof bytes}, 15, &back), RC_OK);
    assert_int_equal(back.outputs[1].at, 10);
    assert_int_equal(media_report_read((struct str){bytes, sizeof bytes}, 16, &back), RC_INVALID);
    assert_int_equal(media_report_read((struct str){bytes, sizeof bytes - 1}, 15, &back), RC_INVALID);
    r.outputs[1].at = 9;
    media_report_write(bytes, &r);
    assert_int_equal(media_report_read((struct str){bytes, sizeof bytes}, 15, &back), RC_INVALID);
    r = (struct media_report){.reason = MEDIA_TAKEN, .type = MEDIA_MP3, .duration_ms = 0};
    media_report_write(bytes, &r);
    assert_int_equal(media_report_read((struct str){bytes, sizeof bytes}, 0, &back), RC_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_picture),
        cmocka_unit_test(test_sizes_are_never_larger_than_the_original),
        cmocka_unit_test(test_avif_comes_as_a_task_of_its_own),
        cmocka_unit_test(test_all_eight_orientations_come_out_upright),
        cmocka_unit_test(test_nothing_of_the_files_own_words_is_kept),
        cmocka_unit_test(test_transparency_is_kept_only_where_it_hides),
        cmocka_unit_test(test_other_colours_become_srgb),
        cmocka_unit_test(test_a_crop_keeps_the_focal_point),
        cmocka_unit_test(test_the_first_frame_of_an_animation_is_taken),
        cmocka_unit_test(test_what_hangs_on_a_picture_is_left_behind),
        cmocka_unit_test(test_every_kind_of_sound),
        cmocka_unit_test(test_sound_that_is_refused),
        cmocka_unit_test(test_what_is_no_picture),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_a_comment_that_unpacks_to_much_costs_little),
        cmocka_unit_test(test_a_file_cut_off_anywhere_is_refused),
        cmocka_unit_test(test_every_reason_has_its_name),
        cmocka_unit_test(test_a_report_survives_its_message),
    };
    struct problem problem = {""};
    hash_start();
    arena = arena_new(16 << 20);
    must(media_decoder_start(&problem) == RC_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
