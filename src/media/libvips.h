// SPDX-License-Identifier: AGPL-3.0-or-later
// libvips, loaded when the decoder starts and not with the program: it brings a hundred libraries along, which every
// other process and every command would map and none would use (60 ms of each start, 50 MB of address space).
#ifndef MEDIA_LIBVIPS_H
#define MEDIA_LIBVIPS_H

#include <vips/vips.h>
#include <vips/vector.h>

#include "util/util.h"

// What picture.c calls: vips_NAME as libvips.NAME.
#define LIBVIPS_CALLS(X)                                                                                               \
    X(init)                                                                                                            \
    X(cache_set_max)                                                                                                   \
    X(cast_uchar)                                                                                                      \
    X(colourspace)                                                                                                     \
    X(concurrency_set)                                                                                                 \
    X(error_buffer)                                                                                                    \
    X(error_clear)                                                                                                     \
    X(extract_area)                                                                                                    \
    X(extract_band)                                                                                                    \
    X(heifsave_buffer)                                                                                                 \
    X(image_copy_memory)                                                                                               \
    X(image_get_fields)                                                                                                \
    X(image_get_orientation_swap)                                                                                      \
    X(image_hasalpha)                                                                                                  \
    X(image_new_from_buffer)                                                                                           \
    X(image_remove)                                                                                                    \
    X(jpegsave_buffer)                                                                                                 \
    X(min)                                                                                                             \
    X(operation_block_set)                                                                                             \
    X(pngsave_buffer)                                                                                                  \
    X(thumbnail_buffer)                                                                                                \
    X(thumbnail_image)                                                                                                 \
    X(vector_set_enabled)                                                                                              \
    X(webpsave_buffer)

struct libvips {
#define LIBVIPS_FIELD(name) __typeof__(vips_##name) *name;
    LIBVIPS_CALLS(LIBVIPS_FIELD)
#undef LIBVIPS_FIELD
    // Of GLib, which comes with it: what a save filled, what a list of names holds, an image.
    __typeof__(g_free) *free;
    __typeof__(g_strfreev) *free_names;
    __typeof__(g_object_unref) *unref;
};
extern struct libvips libvips;

// Once per process, before any other call. RC_IO: not installed, or of another version than the one compiled with.
enum rc libvips_load(struct problem *p) MUST_USE;

#endif
