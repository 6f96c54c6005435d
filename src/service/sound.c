// SPDX-License-Identifier: AGPL-3.0-or-later
// What a file that plays round and round holds: nobody hears a fallback until it is needed, so it is looked at when it is
// chosen.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/sound.h"

enum { LOOKED_AT = 1 << 20, TAG_HEAD = 10, PIECES_LEAST = 2 };

const char *sound_format_name(enum audio_format format) {
    static const char *const names[AUDIO_FORMATS] = {[AUDIO_OTHER] = "of no known format",
                                                     [AUDIO_MPEG] = "MP3",
                                                     [AUDIO_AAC] = "AAC (ADTS)",
                                                     [AUDIO_OGG] = "Ogg",
                                                     [AUDIO_WEBM] = "WebM",
                                                     [AUDIO_FLAC] = "FLAC"};
    return names[format];
}

// Bytes of an ID3v2 tag in front, which may hold a picture larger than all that is looked at (ID3v2.4, 3.1).
static off_t tag_of(int fd) {
    uint8_t head[TAG_HEAD];
    if (pread(fd, head, sizeof head, 0) != TAG_HEAD || memcmp(head, "ID3", 3) != 0)
        return 0;
    return (off_t)((head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | (head[9] & 127)) + TAG_HEAD;
}

static bool read_some(int fd, struct buf *b) {
    off_t at = tag_of(fd);
    char *to = buf_reserve(b, LOOKED_AT);
    while (b->n < LOOKED_AT) {
        ssize_t n = pread(fd, to + b->n, LOOKED_AT - b->n, at + (off_t)b->n);
        if (n <= 0)
            return n == 0;
        b->n += (size_t)n;
    }
    return true;
}

// What does not agree stays.
static void number_note(uint32_t is, uint32_t should, uint32_t *out) {
    if (is != 0 && (*out == 0 || *out == should))
        *out = is;
}

// True when most of it is that format.
static bool is_of(struct str bytes, enum audio_format format, const struct service_stream *stream, struct sound *out) {
    struct audio_scanner *scanner = audio_scanner_new(format);
    struct audio_piece piece;
    size_t pieces = 0, done, sound = 0, all = bytes.n;
    *out = (struct sound){.format = format};
    while (bytes.n > 0 && (done = audio_scan(scanner, bytes, &piece)) > 0) {
        if (piece.bytes.n > 0 && piece.kind == AUDIO_SOUND) {
            pieces++;
            number_note(piece.rate, stream->rate, &out->rate);
            number_note(piece.channels, stream->channels, &out->channels);
        }
        sound += piece.bytes.n;
        bytes = str_slice(bytes, done, bytes.n);
    }
    struct audio_chain chain;
    audio_chain_of(scanner, &chain);
    out->codec = chain.codec;
    all -= (size_t)(audio_skipped(scanner) - audio_noise(scanner)); // pictures in front are nobody's sound
    audio_scanner_free(&scanner);
    if (format == AUDIO_WEBM)
        out->rate = 0; // of its clock, not of its sound
    return pieces >= PIECES_LEAST && sound > all / 2;
}

static void sound_find(struct str bytes, const struct service_stream *stream, struct sound *out) {
    out->agrees = stream->format == AUDIO_OTHER || is_of(bytes, stream->format, stream, out);
    if (out->agrees)
        return;
    for (int other = AUDIO_OTHER + 1; other < AUDIO_FORMATS; other++)
        if (is_of(bytes, (enum audio_format)other, stream, out))
            return;
    *out = (struct sound){.format = AUDIO_OTHER};
}

enum rc sound_look_file(int fd, const struct service_stream *stream, struct sound *out) {
    struct buf b;
    struct stat st;
    *out = (struct sound){.format = stream->format};
    buf_init(&b, LOOKED_AT);
    enum rc rc = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read_some(fd, &b) ? RC_OK : RC_NOT_FOUND;
    if (rc == RC_OK)
        sound_find(buf_view(&b), stream, out);
    buf_fini(&b);
    return rc;
}

const char *sound_folder(struct arena *a, const char *dir) {
    return str_fmt(a, "%s/radio/sounds", dir).p;
}

enum rc sound_look(const char *dir, struct str name, const struct service_stream *stream, struct sound *out) {
    struct arena *a = arena_new(1 << 14);
    const char *path = str_fmt(a, "%s/%.*s", sound_folder(a, dir), STR_ARG(name)).p;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    enum rc rc = fd >= 0 ? sound_look_file(fd, stream, out) : RC_NOT_FOUND;
    if (fd >= 0)
        close(fd);
    arena_free(&a);
    return rc;
}
