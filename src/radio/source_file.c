// SPDX-License-Identifier: AGPL-3.0-or-later
// A file that plays round and round where nobody else does: mapped, taken apart as if it came from an encoder, at the pace
// of time. Sound that was missing when it began is made up for at once, so that listeners who waited have it in time.
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "radio/inside.h"

enum { FILE_AHEAD_US = 300000, PIECES_AT_ONCE = 4000 };

struct file_loop {
    const char *bytes;
    size_t n, at;
    uint64_t rounds;
    bool heard; // in this round
};

enum rc source_file_open(struct source *source, struct problem *p) {
    struct stream *s = source->stream;
    struct arena *a = arena_new(1 << 16);
    const char *path =
        str_fmt(a, "%s/radio/sounds/%.*s", s->radio->setup->dir, STR_ARG(s->setup->sources[source->index].address)).p;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    enum rc rc = RC_OK;
    if (s->setup->format == AUDIO_OTHER)
        rc = problem_set(p, RC_INVALID, "%s: how long its sound lasts is not known", path);
    else if (fd < 0 || fstat(fd, &st) != 0)
        rc = problem_set(p, RC_NOT_FOUND, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_size == 0)
        rc = problem_set(p, RC_INVALID, "%s is not a file of sound", path);
    void *bytes = rc == RC_OK ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (rc == RC_OK && bytes == MAP_FAILED)
        rc = problem_set(p, RC_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    arena_free(&a);
    if (rc != RC_OK)
        return rc;
    source->file = MEM_NEW(struct file_loop);
    *source->file = (struct file_loop){.bytes = bytes, .n = (size_t)st.st_size};
    return RC_OK;
}

void source_file_close(struct source *source) {
    if (source->file == NULL)
        return;
    munmap((void *)(uintptr_t)source->file->bytes, source->file->n);
    mem_free(source->file);
    source->file = NULL;
}

// A round without a sound would be an endless one.
static bool next_round(struct source *source) {
    struct file_loop *f = source->file;
    if (!f->heard)
        return false;
    f->at = 0;
    f->rounds++;
    f->heard = false;
    audio_scanner_free(&source->scanner);
    source->scanner = audio_scanner_new(source->stream->setup->format);
    return true;
}

static bool play_piece(struct source *source) {
    struct file_loop *f = source->file;
    struct audio_piece piece = {.bytes = STR_NONE};
    while (piece.bytes.n == 0) {
        size_t used = audio_scan(source->scanner, (struct str){f->bytes + f->at, f->n - f->at}, &piece);
        f->at += used;
        if (used == 0 && !next_round(source))
            return false;
    }
    f->heard = f->heard || piece.kind == AUDIO_SOUND;
    if (piece.kind == AUDIO_HEADER)
        headers_take(&source->headers, &piece);
    stream_publish(source->stream, &piece);
    if (piece.has_title)
        source_title(source, piece.title, STR(""), STR("UTF-8"));
    return true;
}

void source_file_turn(struct source *source) {
    struct stream *s = source->stream;
    if (source->file == NULL || s->active != (int)source->index)
        return;
    for (int i = 0; i < PIECES_AT_ONCE && (s->next_us == 0 || stream_ahead_us(s) < FILE_AHEAD_US); i++)
        if (!play_piece(source)) {
            log_error("%s: the file %.*s holds no sound of its stream", s->name,
                      STR_ARG(s->setup->sources[source->index].address));
            source_file_close(source);
            stream_choose(s);
            return;
        }
}
