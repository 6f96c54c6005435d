// SPDX-License-Identifier: AGPL-3.0-or-later
// Kind and size of a picture from its bytes: the table of what is taken and what is not, and every header cut short.
#include "../check.h"

#include "media/media.h"

#define PNG(w, h) "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" w h "\x08\x02\0\0\0\1\2\3\4"
#define JPEG_FRAME "\0\x11\x08\x01\xe0\x02\x80\x03\x01\x22\0"
#define WEBP "RIFF\x20\0\0\0WEBP"

struct row {
    const char *name;
    struct str bytes;
    const char *ext; // NULL: refused
    int width, height;
};
#define ROW(name, bytes, ext, width, height)                                                                           \
    { name, {bytes, sizeof(bytes) - 1}, ext, width, height }

static const struct row rows[] = {
    ROW("png", PNG("\0\0\x02\x80", "\0\0\x01\xe0"), "png", 640, 480),
    ROW("png without a side", PNG("\0\0\0\0", "\0\0\x01\xe0"), NULL, 0, 0),
    ROW("png too wide", PNG("\0\0\x4e\x21", "\0\0\x01\xe0"), NULL, 0, 0),
    ROW("png as wide as may be", PNG("\0\0\x4e\x20", "\0\0\0\1"), "png", 20000, 1),
    ROW("png of another first chunk", "\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT0123456789abcdefgh", NULL, 0, 0),
    ROW("jpeg", "\xff\xd8\xff\xe0\0\x04xx\xff\xc0" JPEG_FRAME, "jpg", 640, 480),
    ROW("jpeg, progressive", "\xff\xd8\xff\xc2" JPEG_FRAME, "jpg", 640, 480),
    ROW("jpeg, padded", "\xff\xd8\xff\xff\xff\xc0" JPEG_FRAME, "jpg", 640, 480),
    ROW("jpeg, restart markers", "\xff\xd8\xff\xd0\xff\x01\xff\xc0" JPEG_FRAME, "jpg", 640, 480),
    ROW("jpeg, Huffman table before", "\xff\xd8\xff\xc4\0\x03x\xff\xc0" JPEG_FRAME, "jpg", 640, 480),
    ROW("jpeg whose scan comes first", "\xff\xd8\xff\xda\0\x04xx\xff\xc0" JPEG_FRAME, NULL, 0, 0),
    ROW("jpeg at its end", "\xff\xd8\xff\xd9\0\x04xx\xff\xc0" JPEG_FRAME, NULL, 0, 0),
    ROW("jpeg, segment without length", "\xff\xd8\xff\xe0\0\x01xx\xff\xc0" JPEG_FRAME, NULL, 0, 0),
    ROW("jpeg, segment beyond the end", "\xff\xd8\xff\xe0\xff\xffxx\xff\xc0" JPEG_FRAME, NULL, 0, 0),
    ROW("jpeg without markers", "\xff\xd8xxxxxxxxxxxxxxxx", NULL, 0, 0),
    ROW("webp, extended", WEBP "VP8X\x0a\0\0\0\x10\0\0\0\x7f\x02\0\xdf\x01\0", "webp", 640, 480),
    ROW("webp, lossless", WEBP "VP8L\x0a\0\0\0\x2f\x7f\xc2\x77\0xxxxxx", "webp", 640, 480),
    ROW("webp, lossless, wrong mark", WEBP "VP8L\x0a\0\0\0\x2e\x7f\xc2\x77\0xxxxxx", NULL, 0, 0),
    ROW("webp, lossy", WEBP "VP8 \x0a\0\0\0\x30\1\0\x9d\x01\x2a\x80\x02\xe0\x01", "webp", 640, 480),
    ROW("webp, lossy, wrong mark", WEBP "VP8 \x0a\0\0\0\x30\1\0\x9d\x01\x2b\x80\x02\xe0\x01", NULL, 0, 0),
    ROW("webp of an unknown kind", WEBP "ALPH\x0a\0\0\0xxxxxxxxxxxx", NULL, 0, 0),
    ROW("riff that is no webp", "RIFF\x20\0\0\0WAVEfmt 0123456789abcdef", NULL, 0, 0),
    ROW("svg", "<svg width=\"640\" height=\"480px\"></svg>", "svg", 640, 480),
    ROW("svg with a fraction", "<svg width='640.9' height='480'/>", "svg", 640, 480),
    ROW("svg by its box", "<?xml version=\"1.0\"?><svg viewBox=\"0 0  64 48\">", "svg", 64, 48),
    ROW("svg whose width is relative", "<svg width=\"100%\" height=\"100%\" viewBox=\"0 0 64 48\">", "svg", 64, 48),
    ROW("svg, width of something else", "<svg data-width=\"9\" width=\"64\" height=\"48\">", "svg", 64, 48),
    ROW("svg without a size", "<svg xmlns=\"http://www.w3.org/2000/svg\">", NULL, 0, 0),
    ROW("svg of no height", "<svg width=\"64\" height=\"0\"></svg>", NULL, 0, 0),
    ROW("svg not closed", "<svg width=\"64\" height=\"48\"", NULL, 0, 0),
    ROW("svg, attribute not closed", "<svg width=\"64 height=48></svg>", NULL, 0, 0),
    ROW("svg, a longer name", "<svgx width=\"64\" height=\"48\"></svgx>", NULL, 0, 0),
    ROW("svg of a huge number", "<svg width=\"9999999999\" height=\"48\"></svg>", NULL, 0, 0),
    ROW("another element", "<html><body>no drawing</body></html>", NULL, 0, 0),
    ROW("gif", "GIF89a\x80\x02\xe0\x01..........................", NULL, 0, 0),
    ROW("nothing", "", NULL, 0, 0),
    ROW("a few bytes", "\xff\xd8\xff", NULL, 0, 0),
};

static enum rc header_read(struct str bytes, bool trusted_svg, struct media_header *out) {
    struct media_source s = media_source_memory(bytes);
    bool taken = media_sniff(&s, trusted_svg, out) == MEDIA_TAKEN && media_type_kind(out->type) == MEDIA_PICTURE;
    return taken ? RC_OK : RC_INVALID;
}

static void test_each_picture_is_known_or_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct media_header h = {.width = -1};
        enum rc rc = header_read(rows[i].bytes, true, &h);
        if (rc != (rows[i].ext != NULL ? RC_OK : RC_INVALID))
            fail_msg("%s: %s", rows[i].name, rc_name(rc));
        if (rc == RC_OK && (!str_eq(media_type_ext(h.type), str_from(rows[i].ext)) || h.width != rows[i].width ||
                            h.height != rows[i].height))
            fail_msg("%s: %.*s of %d x %d", rows[i].name, STR_ARG(media_type_ext(h.type)), h.width, h.height);
    }
}

static void test_a_drawing_is_taken_from_ourselves_only(void **state) {
    (void)state;
    size_t drawings = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct media_header h;
        if (rows[i].ext == NULL)
            continue;
        bool drawing = strcmp(rows[i].ext, "svg") == 0;
        drawings += drawing;
        assert_int_equal(header_read(rows[i].bytes, false, &h), drawing ? RC_INVALID : RC_OK);
    }
    assert_true(drawings > 0);
}

// The copy is exactly as long as the bytes, so that the sanitizer sees a read beyond them.
static void test_a_header_cut_anywhere_reads_nothing_beyond(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t n = 0; n < rows[i].bytes.n; n++) {
            struct media_header h;
            char *copy = mem_array(1, n > 0 ? n : 1);
            memcpy(copy, rows[i].bytes.p, n);
            enum rc rc = header_read((struct str){copy, n}, true, &h);
            assert_true(rc == RC_INVALID || (rc == RC_OK && rows[i].ext != NULL));
            mem_free(copy);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_picture_is_known_or_refused),
        cmocka_unit_test(test_a_drawing_is_taken_from_ourselves_only),
        cmocka_unit_test(test_a_header_cut_anywhere_reads_nothing_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
