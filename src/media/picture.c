// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures by libvips: one decode at the largest size wanted (the decoders of JPEG and WebP shrink while they read), from
// which all sizes are made. Our own look at the header comes first; of the loaders that libvips knows all but five are
// blocked.
#include <unistd.h>

#include "media/inside.h"
#include "media/libvips.h"

enum { LARGEST = 1920, TALLEST = 4 }; // times its width: a strip of a screenshot stays within what WebP can hold
enum { JPEG_QUALITY = 80, WEBP_QUALITY = 78, AVIF_QUALITY = 52, AVIF_EFFORT = 3, PNG_EFFORT = 7 };

static const int widths[] = {320, 640, 960, 1280, LARGEST};

// ---- start ---------------------------------------------------------------------------------------------------------

enum rc picture_start(struct problem *p) {
    static const char *const allowed[] = {"VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",
                                          "VipsForeignLoadWebpBuffer", "VipsForeignLoadNsgifBuffer",
                                          "VipsForeignLoadHeifBuffer"};
    enum rc rc = libvips_load(p);
    if (rc != RC_OK)
        return rc;
    if (libvips.init("siaran-media") != 0)
        return problem_set(p, RC_IO, "libvips cannot be started: %s", libvips.error_buffer());
    libvips.concurrency_set(1);
    libvips.cache_set_max(0);
    // Vector code is generated while running, which the sandbox does not allow.
    libvips.vector_set_enabled(FALSE);
    libvips.operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        libvips.operation_block_set(allowed[i], FALSE);
    return RC_OK;
}

// ---- reading -------------------------------------------------------------------------------------------------------

struct work {
    struct str bytes;
    const struct media_request *request;
    struct media_report *report;
    int out_fd;
    uint64_t written;
};

static enum media_reason reason_of_error(void) {
    const char *text = libvips.error_buffer();
    enum media_reason reason = strstr(text, "out of memory") != NULL ? MEDIA_NEEDS_TOO_MUCH : MEDIA_BROKEN;
    libvips.error_clear();
    return reason;
}

static bool refuse(struct work *w, enum media_reason reason) {
    w->report->reason = reason;
    return false;
}

static bool refuse_error(struct work *w) {
    return refuse(w, reason_of_error());
}

// The header as libvips sees it: the limits hold for its view too, not only for ours.
static bool look(struct work *w, int *width_out, int *height_out) {
    VipsImage *in = libvips.image_new_from_buffer(w->bytes.p, w->bytes.n, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    if (in == NULL)
        return refuse_error(w);
    bool turned = libvips.image_get_orientation_swap(in);
    *width_out = turned ? in->Ysize : in->Xsize;
    *height_out = turned ? in->Xsize : in->Ysize;
    libvips.unref(in);
    if (*width_out > MEDIA_SIDE_MOST || *height_out > MEDIA_SIDE_MOST)
        return refuse(w, MEDIA_SIDE_TOO_LONG);
    return (int64_t)*width_out * *height_out <= MEDIA_PIXELS_MOST || refuse(w, MEDIA_TOO_MANY_PIXELS);
}

struct area {
    int left, top, width, height;
};

// What remains of width x height after cutting to the shape asked for, its centre as near to the focal point as it
// can be.
static struct area area_of(const struct media_request *r, int width, int height) {
    struct area a = {0, 0, width, height};
    if (r->crop_width == 0 || r->crop_height == 0)
        return a;
    int64_t wide = (int64_t)height * r->crop_width / r->crop_height;
    int64_t high = (int64_t)width * r->crop_height / r->crop_width;
    if (wide < width)
        a.width = wide > 0 ? (int)wide : 1;
    else if (high < height)
        a.height = high > 0 ? (int)high : 1;
    int64_t left = (int64_t)width * r->focal_x / 1000 - a.width / 2;
    int64_t top = (int64_t)height * r->focal_y / 1000 - a.height / 2;
    a.left = left < 0 ? 0 : left > width - a.width ? width - a.width : (int)left;
    a.top = top < 0 ? 0 : top > height - a.height ? height - a.height : (int)top;
    return a;
}

// Upright, sRGB, so large that what remains after cutting has the largest width. NULL: the report says why.
static VipsImage *read_large(struct work *w, int width, int height, const struct area *area) {
    VipsImage *out = NULL;
    int64_t box_width = (int64_t)LARGEST * width / area->width, box_height = (int64_t)LARGEST * TALLEST;
    box_height = box_height * height / area->height;
    // vips_thumbnail takes no const; it does not write. A blob's own size is an int.
    if (libvips.thumbnail_buffer((void *)(uintptr_t)w->bytes.p, w->bytes.n, &out,
                                 (int)(box_width < width ? box_width : width), "height",
                                 (int)(box_height < height ? box_height : height), "size", VIPS_SIZE_DOWN,
                                 "export_profile", "srgb", "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL) != 0) {
        refuse_error(w);
        return NULL;
    }
    return out;
}

// Replaces *image by what a call made of it; the old one is let go. By address: the call is an argument beside it.
static bool step(VipsImage **image, int failed, VipsImage **made) {
    libvips.unref(*image);
    *image = failed == 0 ? *made : NULL;
    return failed == 0;
}

static bool cut(VipsImage **image, const struct media_request *r) {
    struct area a = area_of(r, (*image)->Xsize, (*image)->Ysize);
    VipsImage *out = NULL;
    if (a.width == (*image)->Xsize && a.height == (*image)->Ysize)
        return true;
    return step(image, libvips.extract_area(*image, &out, a.left, a.top, a.width, a.height, NULL), &out);
}

static bool to_srgb(VipsImage **image) {
    VipsImage *out = NULL;
    if ((*image)->Type != VIPS_INTERPRETATION_sRGB &&
        !step(image, libvips.colourspace(*image, &out, VIPS_INTERPRETATION_sRGB, NULL), &out))
        return false;
    return (*image)->BandFmt == VIPS_FORMAT_UCHAR || step(image, libvips.cast_uchar(*image, &out, NULL), &out);
}

// The file's own words: EXIF, places, profiles, comments. What a writer is told to strip is what it knows of.
static void forget_words(VipsImage *image) {
    char **fields = libvips.image_get_fields(image);
    for (char **f = fields; *f != NULL; f++)
        (void)libvips.image_remove(image, *f);
    libvips.free_names(fields);
}

// Unpacks: whatever is wrong with the file shows here. A transparency that hides nothing goes.
static bool settle(VipsImage **image) {
    VipsImage *out = libvips.image_copy_memory(*image), *alpha = NULL;
    double least = 255;
    if (!step(image, out == NULL, &out))
        return false;
    forget_words(*image);
    if (!libvips.image_hasalpha(*image))
        return true;
    int failed =
        libvips.extract_band(*image, &alpha, (*image)->Bands - 1, NULL) != 0 || libvips.min(alpha, &least, NULL) != 0;
    if (alpha != NULL)
        libvips.unref(alpha);
    if (failed)
        return step(image, 1, &out);
    return least < 255 || step(image, libvips.extract_band(*image, &out, 0, "n", (*image)->Bands - 1, NULL), &out);
}

// ---- writing -------------------------------------------------------------------------------------------------------

static bool write_all(struct work *w, const void *bytes, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t put = pwrite(w->out_fd, (const char *)bytes + done, n - done, (off_t)(w->written + done));
        if (put <= 0)
            return refuse(w, MEDIA_NO_ROOM);
        done += (size_t)put;
    }
    return true;
}

static bool save(VipsImage *image, enum media_type type, void **bytes, size_t *n) {
    switch (type) {
    case MEDIA_JPEG:
        return libvips.jpegsave_buffer(image, bytes, n, "Q", JPEG_QUALITY, "strip", TRUE, "interlace", TRUE,
                                       "optimize_coding", TRUE, NULL) == 0;
    case MEDIA_WEBP:
        return libvips.webpsave_buffer(image, bytes, n, "Q", WEBP_QUALITY, "strip", TRUE, NULL) == 0;
    case MEDIA_PNG:
        return libvips.pngsave_buffer(image, bytes, n, "strip", TRUE, "compression", PNG_EFFORT, NULL) == 0;
    case MEDIA_AVIF:
        return libvips.heifsave_buffer(image, bytes, n, "Q", AVIF_QUALITY, "strip", TRUE, "compression",
                                       VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", AVIF_EFFORT, NULL) == 0;
    default:
        must(false);
    }
}

// libvips puts an EXIF chunk of its own into every WebP (RFC 9649, 2.7), stripped or not: some 300 bytes that say
// nothing. Returns the new length.
static size_t webp_strip(uint8_t *p, size_t n) {
    enum { HEAD = 12, FLAGS = 20, EXIF = 0x08 };
    if (n < 30 || memcmp(p + HEAD, "VP8X", 4) != 0)
        return n;
    size_t kept = HEAD;
    for (size_t at = HEAD, size; at + 8 <= n; at += size) {
        size = 8 + ((size_t)little16(p + at + 4) | (size_t)little16(p + at + 6) << 16);
        size += size & 1;
        must(size <= n - at);
        if (memcmp(p + at, "EXIF", 4) == 0)
            continue;
        memmove(p + kept, p + at, size);
        kept += size;
    }
    p[FLAGS] = (uint8_t)(p[FLAGS] & ~EXIF);
    uint32_t riff = (uint32_t)kept - 8;
    for (int i = 0; i < 4; i++)
        p[4 + i] = (uint8_t)(riff >> 8 * i);
    return kept;
}

static bool put(struct work *w, VipsImage *image, enum media_type type) {
    void *bytes = NULL;
    size_t n = 0;
    if (!save(image, type, &bytes, &n))
        return refuse_error(w);
    if (type == MEDIA_WEBP)
        n = webp_strip(bytes, n);
    bool good = write_all(w, bytes, n);
    libvips.free(bytes);
    if (!good)
        return false;
    must(w->report->output_count < MEDIA_OUTPUTS_MAX);
    w->report->outputs[w->report->output_count++] = (struct media_output){
        .type = type, .width = image->Xsize, .height = image->Ysize, .at = w->written, .bytes = n};
    w->written += n;
    return true;
}

static bool put_size(struct work *w, VipsImage *large, int width, enum media_type type) {
    VipsImage *small = NULL;
    if (width == large->Xsize)
        return put(w, large, type);
    if (libvips.thumbnail_image(large, &small, width, "height", large->Ysize, "size", VIPS_SIZE_DOWN, NULL) != 0)
        return refuse_error(w);
    bool good = put(w, small, type);
    libvips.unref(small);
    return good;
}

static bool put_type(struct work *w, VipsImage *large, enum media_type type) {
    bool good = true;
    for (size_t i = 0; good && i < sizeof widths / sizeof *widths && widths[i] < large->Xsize; i++)
        good = put_size(w, large, widths[i], type);
    return good && put_size(w, large, large->Xsize, type);
}

static bool put_all(struct work *w, VipsImage *large) {
    if (w->request->task == MEDIA_TASK_AVIF)
        return put_type(w, large, MEDIA_AVIF);
    return put_type(w, large, libvips.image_hasalpha(large) ? MEDIA_PNG : MEDIA_JPEG) && put_type(w, large, MEDIA_WEBP);
}

void picture_decode(struct str bytes, int out_fd, const struct media_request *request, struct media_report *report) {
    struct work w = {.bytes = bytes, .request = request, .report = report, .out_fd = out_fd};
    int width, height;
    if (!look(&w, &width, &height))
        return;
    struct area area = area_of(request, width, height);
    VipsImage *large = read_large(&w, width, height, &area);
    if (large == NULL)
        return;
    report->width = area.width;
    report->height = area.height;
    bool good = cut(&large, request) && to_srgb(&large) && settle(&large);
    if (good ? !put_all(&w, large) : !refuse_error(&w))
        report->output_count = 0;
    if (large != NULL)
        libvips.unref(large);
    libvips.error_clear();
}
