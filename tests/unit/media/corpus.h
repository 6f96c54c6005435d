// SPDX-License-Identifier: AGPL-3.0-or-later
// Files made by the tests themselves: good, broken and hostile ones. Each maker fills a buffer that the caller frees.
#ifndef TESTS_UNIT_MEDIA_CORPUS_H
#define TESTS_UNIT_MEDIA_CORPUS_H

#include <sndfile.h>
#include <stdlib.h>
#include <unistd.h>
#include <vips/vips.h>
#include <zlib.h>

#include "../check.h"

#include "media/media.h"

enum { CORPUS_MOST = 80 << 20 };

// The encoder of HEIC, used by these tests only, keeps a kilobyte.
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libx265";
}

// ---- pictures by libvips -------------------------------------------------------------------------------------------

// Four corners of one colour each: red, green / blue, white. `bands` 3 or 4 (the right half half transparent).
static inline VipsImage *corpus_image(int width, int height, int bands) {
    static const uint8_t colours[4][3] = {{220, 20, 20}, {20, 200, 20}, {20, 20, 220}, {240, 240, 240}};
    uint8_t *p = malloc((size_t)width * (size_t)height * (size_t)bands);
    assert_non_null(p);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint8_t *at = p + ((size_t)y * (size_t)width + (size_t)x) * (size_t)bands;
            memcpy(at, colours[(y >= height / 2) * 2 + (x >= width / 2)], 3);
            if (bands == 4)
                at[3] = x >= width / 2 ? 128 : 255;
        }
    size_t n = (size_t)width * (size_t)height * (size_t)bands;
    VipsImage *image = vips_image_new_from_memory_copy(p, n, width, height, bands, VIPS_FORMAT_UCHAR);
    free(p);
    assert_non_null(image);
    image->Type = VIPS_INTERPRETATION_sRGB;
    return image;
}

// Takes the image over.
static inline void corpus_save(struct buf *out, VipsImage *image, enum media_type type) {
    void *bytes = NULL;
    size_t n = 0;
    int failed = type == MEDIA_JPEG   ? vips_jpegsave_buffer(image, &bytes, &n, "Q", 90, NULL)
                 : type == MEDIA_PNG  ? vips_pngsave_buffer(image, &bytes, &n, "compression", 1, NULL)
                 : type == MEDIA_WEBP ? vips_webpsave_buffer(image, &bytes, &n, "effort", 0, NULL)
                 : type == MEDIA_GIF  ? vips_gifsave_buffer(image, &bytes, &n, "effort", 1, NULL)
                 : type == MEDIA_AVIF ? vips_heifsave_buffer(image, &bytes, &n, "compression",
                                                             VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 0, NULL)
                                      : vips_heifsave_buffer(image, &bytes, &n, "compression",
                                                             VIPS_FOREIGN_HEIF_COMPRESSION_HEVC, "effort", 0, NULL);
    if (failed)
        fail_msg("%s", vips_error_buffer());
    g_object_unref(image);
    buf_init(out, CORPUS_MOST);
    buf_add(out, bytes, n);
    g_free(bytes);
}

static inline void corpus_picture(struct buf *out, enum media_type type, int width, int height) {
    corpus_save(out, corpus_image(width, height, 3), type);
}

static inline void corpus_animation(struct buf *out, enum media_type type, int frames) {
    VipsImage *image = corpus_image(64, 48 * frames, 3), *own = NULL;
    assert_int_equal(vips_copy(image, &own, NULL), 0);
    vips_image_set_int(own, VIPS_META_PAGE_HEIGHT, 48);
    g_object_unref(image);
    corpus_save(out, own, type);
}

// ---- bytes by hand -------------------------------------------------------------------------------------------------

static inline void put_big32(struct buf *b, uint32_t v) {
    uint8_t p[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    buf_add(b, p, 4);
}

static inline void png_chunk(struct buf *b, const char *type, const void *bytes, size_t n) {
    uLong crc = crc32(crc32(0, (const Bytef *)type, 4), bytes, (uInt)n);
    put_big32(b, (uint32_t)n);
    buf_add(b, type, 4);
    buf_add(b, bytes, n);
    put_big32(b, (uint32_t)crc);
}

// A head that promises a picture of this size; no pixel follows.
static inline void corpus_png_head(struct buf *out, uint32_t width, uint32_t height, uint8_t interlaced) {
    uint8_t ihdr[13] = {(uint8_t)(width >> 24),
                        (uint8_t)(width >> 16),
                        (uint8_t)(width >> 8),
                        (uint8_t)width,
                        (uint8_t)(height >> 24),
                        (uint8_t)(height >> 16),
                        (uint8_t)(height >> 8),
                        (uint8_t)height,
                        8,
                        6,
                        0,
                        0,
                        interlaced};
    buf_init(out, CORPUS_MOST);
    buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    png_chunk(out, "IHDR", ihdr, sizeof ihdr);
}

// All pixels alike: some kilobytes that unpack to width * height * 4 bytes.
static inline void corpus_png_bomb(struct buf *out, uint32_t width, uint32_t height) {
    corpus_png_head(out, width, height, 0);
    size_t row = 1 + (size_t)width * 4, n = compressBound(row) + 4096;
    uint8_t *line = calloc(1, row), *packed = malloc(CORPUS_MOST / 4);
    assert_true(line != NULL && packed != NULL && n < CORPUS_MOST / 4);
    z_stream z = {.next_out = packed, .avail_out = CORPUS_MOST / 4};
    assert_int_equal(deflateInit(&z, 1), Z_OK);
    for (uint32_t y = 0; y < height; y++) {
        z.next_in = line;
        z.avail_in = (uInt)row;
        assert_int_equal(deflate(&z, y + 1 == height ? Z_FINISH : Z_NO_FLUSH), y + 1 == height ? Z_STREAM_END : Z_OK);
    }
    png_chunk(out, "IDAT", packed, z.total_out);
    deflateEnd(&z);
    png_chunk(out, "IEND", "", 0);
    free(line);
    free(packed);
}

// A small good picture with a comment that unpacks to `bytes` zeros.
static inline void corpus_png_comment_bomb(struct buf *out, size_t bytes) {
    struct buf good;
    corpus_picture(&good, MEDIA_PNG, 64, 64);
    uint8_t *zeros = calloc(1, bytes), *packed = malloc(compressBound(bytes) + 9);
    uLongf n = compressBound(bytes);
    assert_true(zeros != NULL && packed != NULL);
    memcpy(packed, "Comment\0\0", 9);
    assert_int_equal(compress(packed + 9, &n, zeros, bytes), Z_OK);
    buf_init(out, CORPUS_MOST);
    buf_add(out, good.p, 33); // signature and IHDR
    png_chunk(out, "zTXt", packed, n + 9);
    buf_add(out, good.p + 33, good.n - 33);
    free(zeros);
    free(packed);
    buf_fini(&good);
}

static inline void corpus_jpeg_head(struct buf *out, unsigned width, unsigned height, uint8_t coding) {
    uint8_t p[] = {0xff,
                   0xd8,
                   0xff,
                   coding,
                   0,
                   17,
                   8,
                   (uint8_t)(height >> 8),
                   (uint8_t)height,
                   (uint8_t)(width >> 8),
                   (uint8_t)width,
                   3,
                   1,
                   0x22,
                   0,
                   2,
                   0x11,
                   0,
                   3,
                   0x11,
                   0};
    buf_init(out, CORPUS_MOST);
    buf_add(out, p, sizeof p);
}

static inline void corpus_gif_frames(struct buf *out, size_t frames) {
    static const uint8_t head[] = {'G', 'I', 'F', '8', '9', 'a', 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255};
    static const uint8_t frame[] = {0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0};
    buf_init(out, CORPUS_MOST);
    buf_add(out, head, sizeof head);
    for (size_t i = 0; i < frames; i++)
        buf_add(out, frame, sizeof frame);
    buf_char(out, 0x3b);
}

// ---- sound ---------------------------------------------------------------------------------------------------------

// 26.12 ms each: MPEG 1 layer III, 128 kbit/s, 44,100 Hz, silent.
static inline void corpus_mp3(struct buf *out, int frames) {
    uint8_t frame[417] = {0xff, 0xfb, 0x90, 0xc4};
    buf_init(out, CORPUS_MOST);
    for (int i = 0; i < frames; i++)
        buf_add(out, frame, sizeof frame);
}

// 1,024 samples of 48,000 Hz each.
static inline void corpus_adts(struct buf *out, int frames) {
    uint8_t frame[100] = {0xff, 0xf1, 0x4c, 0x80, 100 >> 3, (100 & 7) << 5 | 0x1f, 0xfc};
    buf_init(out, CORPUS_MOST);
    for (int i = 0; i < frames; i++)
        buf_add(out, frame, sizeof frame);
}

struct memory_file {
    struct buf *b;
    sf_count_t at;
};
static inline sf_count_t memory_length(void *m) {
    return (sf_count_t)((struct memory_file *)m)->b->n;
}
static inline sf_count_t memory_seek(sf_count_t to, int whence, void *arg) {
    struct memory_file *m = arg;
    m->at = to + (whence == SEEK_CUR ? m->at : whence == SEEK_END ? (sf_count_t)m->b->n : 0);
    return m->at;
}
static inline sf_count_t memory_read(void *p, sf_count_t n, void *arg) {
    struct memory_file *m = arg;
    sf_count_t left = (sf_count_t)m->b->n - m->at;
    n = n < left ? n : left;
    memcpy(p, m->b->p + m->at, (size_t)n);
    m->at += n;
    return n;
}
static inline sf_count_t memory_write(const void *p, sf_count_t n, void *arg) {
    struct memory_file *m = arg;
    size_t end = (size_t)(m->at + n);
    if (end > m->b->n)
        assert_non_null(buf_reserve(m->b, end - m->b->n));
    m->b->n = end > m->b->n ? end : m->b->n;
    memcpy(m->b->p + m->at, p, (size_t)n);
    m->at += n;
    return n;
}
static inline sf_count_t memory_tell(void *m) {
    return ((struct memory_file *)m)->at;
}

// One second of silence in a format of libsndfile, 48,000 Hz.
static inline void corpus_sndfile(struct buf *out, int format) {
    SF_VIRTUAL_IO calls = {memory_length, memory_seek, memory_read, memory_write, memory_tell};
    SF_INFO info = {.samplerate = 48000, .channels = 1, .format = format};
    static short silence[48000];
    buf_init(out, CORPUS_MOST);
    struct memory_file m = {out, 0};
    SNDFILE *file = sf_open_virtual(&calls, SFM_WRITE, &info, &m);
    if (file == NULL)
        fail_msg("%s", sf_strerror(NULL));
    assert_int_equal(sf_write_short(file, silence, 48000), 48000);
    assert_int_equal(sf_close(file), 0);
}

static inline size_t box_begin(struct buf *b, const char *type) {
    put_big32(b, 0);
    buf_add(b, type, 4);
    return b->n - 8;
}
static inline void box_end(struct buf *b, size_t at) {
    uint32_t n = (uint32_t)(b->n - at);
    uint8_t p[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    memcpy(b->p + at, p, 4);
}
static inline void box_times(struct buf *b, const char *type, uint32_t timescale, uint32_t duration) {
    size_t at = box_begin(b, type);
    for (int i = 0; i < 3; i++)
        put_big32(b, 0);
    put_big32(b, timescale);
    put_big32(b, duration);
    put_big32(b, 0);
    box_end(b, at);
}

// An MPEG-4 file with one track: `handler` "soun" or "vide", `coding` "mp4a" or "enca".
static inline void corpus_mp4(struct buf *out, const char *brand, const char *handler, const char *coding,
                              uint32_t seconds) {
    buf_init(out, CORPUS_MOST);
    size_t ftyp = box_begin(out, "ftyp");
    buf_add(out, brand, 4);
    put_big32(out, 0);
    buf_add(out, "isom", 4);
    box_end(out, ftyp);
    size_t moov = box_begin(out, "moov");
    box_times(out, "mvhd", 1000, seconds * 1000);
    size_t trak = box_begin(out, "trak"), mdia = box_begin(out, "mdia");
    box_times(out, "mdhd", 44100, seconds * 44100);
    size_t hdlr = box_begin(out, "hdlr");
    put_big32(out, 0);
    put_big32(out, 0);
    buf_add(out, handler, 4);
    box_end(out, hdlr);
    size_t minf = box_begin(out, "minf"), stbl = box_begin(out, "stbl"), stsd = box_begin(out, "stsd");
    put_big32(out, 0);
    put_big32(out, 1);
    put_big32(out, 16);
    buf_add(out, coding, 4);
    put_big32(out, 0);
    put_big32(out, 0);
    box_end(out, stsd);
    box_end(out, stbl);
    box_end(out, minf);
    box_end(out, mdia);
    box_end(out, trak);
    box_end(out, moov);
    size_t mdat = box_begin(out, "mdat");
    put_big32(out, 0);
    box_end(out, mdat);
}

// ---- files ---------------------------------------------------------------------------------------------------------

static inline int corpus_file(struct str bytes) {
    char path[] = "/tmp/siaran-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(write(fd, bytes.p, bytes.n), (ssize_t)bytes.n);
    return fd;
}

// The bytes of one size, as the decoder wrote them.
static inline void corpus_output(int fd, const struct media_output *o, struct buf *out) {
    buf_init(out, CORPUS_MOST);
    assert_non_null(buf_reserve(out, (size_t)o->bytes));
    assert_int_equal(pread(fd, out->p, (size_t)o->bytes, (off_t)o->at), (ssize_t)o->bytes);
    out->n = (size_t)o->bytes;
}

#endif
