// SPDX-License-Identifier: AGPL-3.0-or-later
// What a file of DIR/radio/sounds is (private to src/service).
#ifndef SERVICE_SOUND_H
#define SERVICE_SOUND_H

#include "service/service.h"

struct sound {
    enum audio_format format; // as asked for, or what it is instead
    bool agrees;              // it is of the format asked for
    const char *codec;        // in Ogg, of its last chain: "Opus"; NULL: not known
    uint32_t rate, channels;  // where it does not agree with the stream all the way, what it is there; 0: not known
};
// By the first MiB behind an ID3v2 tag. RC_NOT_FOUND: it cannot be read.
enum rc sound_look(const char *dir, struct str name, const struct service_stream *stream, struct sound *out) MUST_USE;
enum rc sound_look_file(int fd, const struct service_stream *stream,
                        struct sound *out) MUST_USE; // the same of an open one
const char *sound_folder(struct arena *a, const char *dir);
const char *sound_format_name(enum audio_format format);

#endif
