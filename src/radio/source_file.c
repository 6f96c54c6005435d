// SPDX-License-Identifier: AGPL-3.0-or-later
// A file that plays round and round where nobody else does: read once, taken apart as if it came from an encoder, at the pace
// of time. Sound that was missing when it began is made up for at once, so that listeners who waited have it in time.
#include "radio/inside.h"

enum { FILE_AHEAD_US = 300000, PIECES_AT_ONCE = 4000 };

struct file_loop {
    struct buf sound; // all of it: whoever copies another file over a mapped one would end the process by SIGBUS
    size_t at;
    bool heard; // in this round
};

enum rc source_file_open(struct source *source, struct problem *p) {
    struct stream *s = source->stream;
    struct arena *a = arena_new(1 << 16);
    const char *path =
        str_fmt(a, "%s/radio/sounds/%.*s", s->radio->setup->dir, STR_ARG(s->setup->sources[source->index].address)).p;
    struct buf sound;
    buf_init(&sound, SERVICE_SOUND_MOST);
    enum rc rc = RC_OK;
    if (s->setup->format == AUDIO_OTHER)
        rc = problem_set(p, RC_INVALID, "%s: how long its sound lasts is not known", path);
    else
        rc = file_read(path, &sound, p);
    if (rc == RC_OK && sound.n == 0)
        rc = problem_set(p, RC_INVALID, "%s is empty", path);
    arena_free(&a);
    if (rc != RC_OK) {
        buf_fini(&sound);
        return rc;
    }
    source->file = MEM_NEW(struct file_loop);
    source->file->sound = sound;
    return RC_OK;
}

void source_file_close(struct source *source) {
    if (source->file == NULL)
        return;
    buf_fini(&source->file->sound);
    mem_free(source->file);
    source->file = NULL;
}

// A round without a sound would be an endless one.
static bool next_round(struct source *source) {
    struct file_loop *f = source->file;
    if (!f->heard)
        return false;
    f->at = 0;
    f->heard = false;
    audio_scanner_free(&source->scanner);
    source->scanner = audio_scanner_new(source->stream->setup->format);
    return true;
}

enum play { PLAY_ON, PLAY_EMPTY, PLAY_GONE };

static enum play play_piece(struct source *source) {
    struct file_loop *f = source->file;
    struct audio_piece piece = {.bytes = STR_NONE};
    while (piece.bytes.n == 0) {
        size_t used = audio_scan(source->scanner, str_slice(buf_view(&f->sound), f->at, f->sound.n), &piece);
        f->at += used;
        if (used == 0 && !next_round(source))
            return PLAY_EMPTY;
    }
    if (!source_piece_fits(source, &piece))
        return PLAY_GONE;
    f->heard = f->heard || piece.kind == AUDIO_SOUND;
    if (piece.kind == AUDIO_HEADER)
        headers_take(&source->headers, &piece);
    stream_publish(source->stream, &piece);
    if (piece.has_title)
        source_title(source, piece.title, STR(""), STR("UTF-8"));
    return PLAY_ON;
}

void source_file_turn(struct source *source) {
    struct stream *s = source->stream;
    if (source->file == NULL || s->active != (int)source->index)
        return;
    for (int i = 0; i < PIECES_AT_ONCE && (s->next_us == 0 || stream_ahead_us(s) < FILE_AHEAD_US); i++)
        switch (play_piece(source)) {
        case PLAY_ON:
            break;
        case PLAY_GONE:
            return;
        case PLAY_EMPTY:
            log_error("%s: the file %.*s holds no sound of its stream", s->name,
                      STR_ARG(s->setup->sources[source->index].address));
            source_close(&s->sources[source->index], "its file holds no sound");
            stream_choose(s);
            return;
        }
}
