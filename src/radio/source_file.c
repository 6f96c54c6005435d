// SPDX-License-Identifier: AGPL-3.0-or-later
// A file that plays round and round where nobody else does: taken apart as if it came from an encoder, at the pace of time.
// Sound that was missing when it began is made up for at once, so that listeners who waited have it in time.
//
// It is read whole, by a thread that may wait for the disk (r->files), and kept until another file stands in its place. One of
// which nothing came is not read again before that; its source stays, and may not play.
#include "radio/inside.h"

#define ROUND_ENDS "fLaC" // a frame of FLAC ends where something begins, and behind the last one it is the file itself
enum { FILE_AHEAD_US = 300000, PIECES_AT_ONCE = 4000, SOUND_ROOM = SERVICE_SOUND_MOST + sizeof ROUND_ENDS };

struct file_loop {
    struct buf sound; // all of it: whoever copies another file over a mapped one would end the process by SIGBUS
    size_t at;
    bool heard;    // in this round
    bool is_again; // a round of the same went before
    struct file_stamp seen;
    bool is_unfit; // its sound was refused: of this rate and codec
    uint32_t unfit_rate;
    const char *unfit_codec;
    struct file_job *job;
};

// One look at it. It outlives the source that asked when that is closed first.
struct file_job {
    struct read_job read;  // first
    struct source *source; // NULL: nobody waits any more
    char path[4200];
    struct file_stamp seen;
    bool is_another; // than before
    enum rc rc;      // of reading it
    struct buf sound;
    struct problem problem;
};

// ---- reading -----------------------------------------------------------------------------------------------------------

static void look(struct read_job *read, struct logs *logs) {
    struct file_job *job = (struct file_job *)read;
    struct file_stamp seen = file_stamp_of(job->path);
    (void)logs;
    job->is_another = !file_stamp_is(&seen, &job->seen);
    if (!job->is_another)
        return;
    job->seen = seen;
    job->rc = file_read(job->path, &job->sound, &job->problem);
    if (job->rc == RC_OK && job->sound.n == 0)
        job->rc = problem_set(&job->problem, RC_INVALID, "%s is empty", job->path);
    if (job->rc == RC_IO) // which may pass
        job->seen = (struct file_stamp){0};
}

static void begin_anew(struct source *source, bool is_again) {
    source->file->at = 0;
    source->file->heard = false;
    source->file->is_again = is_again;
    audio_scanner_free(&source->scanner);
    source->scanner = audio_scanner_new(source->stream->setup->format);
}

static void take_sound(struct source *source, struct file_job *job) {
    struct file_loop *f = source->file;
    const char *name = source->stream->name;
    f->seen = job->seen;
    if (job->rc != RC_OK) {
        log_warn("%s: %s%s", name, job->problem.text, f->sound.n > 0 ? "; what was read before goes on" : "");
        return;
    }
    buf_fini(&f->sound);
    f->sound = job->sound;
    buf_init(&job->sound, SOUND_ROOM);
    if (source->stream->setup->format == AUDIO_FLAC)
        buf_c(&f->sound, ROUND_ENDS);
    f->is_unfit = false;
    begin_anew(source, false);
    stream_choose(source->stream);
}

static void looked(struct read_job *read) {
    struct file_job *job = (struct file_job *)read;
    if (job->source != NULL) {
        job->source->file->job = NULL;
        if (job->is_another)
            take_sound(job->source, job);
    }
    buf_fini(&job->sound);
    mem_free(job);
}

void source_file_look(struct source *source) {
    struct file_loop *f = source->file;
    const struct stream *s = source->stream;
    if (f->job != NULL || s->setup->format == AUDIO_OTHER)
        return;
    // The main source has another one by now.
    if (f->is_unfit && source_sound_is(source, f->unfit_rate, f->unfit_codec))
        f->seen = (struct file_stamp){0};
    struct file_job *job = MEM_NEW(struct file_job);
    *job = (struct file_job){.read = {.read = look, .done = looked}, .source = source, .seen = f->seen};
    buf_init(&job->sound, SOUND_ROOM);
    int n = snprintf(job->path, sizeof job->path, "%s/radio/sounds/%.*s", s->radio->setup->dir,
                     STR_ARG(s->setup->sources[source->index].address));
    must(n > 0 && (size_t)n < sizeof job->path);
    if (reader_ask(s->radio->files, &job->read, false) == RC_OK)
        f->job = job;
    else
        mem_free(job);
}

void source_file_open(struct source *source) {
    const struct stream *s = source->stream;
    if (s->setup->format == AUDIO_OTHER)
        log_error("%s: how long the sound of %.*s lasts is not known", s->name,
                  STR_ARG(s->setup->sources[source->index].address));
    source->file = MEM_NEW(struct file_loop);
    buf_init(&source->file->sound, SOUND_ROOM);
}

void source_file_close(struct source *source) {
    struct file_loop *f = source->file;
    if (f == NULL)
        return;
    if (f->job != NULL)
        f->job->source = NULL;
    buf_fini(&f->sound);
    mem_free(f);
    source->file = NULL;
}

bool source_file_is_there(const struct source *source) {
    return source->file->sound.n > 0 && source_sound_is(source, 0, source_codec(source)); // as it was played before
}

// ---- playing -----------------------------------------------------------------------------------------------------------

// A round without a sound would be an endless one.
static bool next_round(struct source *source) {
    if (!source->file->heard)
        return false;
    begin_anew(source, true);
    return true;
}

// FLAC by itself is one stream to its players: before headers between frames ffmpeg and GStreamer lose the frames that they
// still look at. In Ogg the new round is a new chain, which needs them.
static void publish(struct source *source, const struct audio_piece *piece) {
    bool is_header = piece->kind == AUDIO_HEADER;
    if (is_header && source->file->is_again && source->stream->setup->format == AUDIO_FLAC)
        return;
    if (is_header)
        headers_take(&source->headers, piece);
    source_note_heard(source, piece);
    stream_publish(source->stream, piece);
}

enum play { PLAY_ON, PLAY_EMPTY, PLAY_UNFIT };

static enum play play_piece(struct source *source) {
    struct file_loop *f = source->file;
    struct audio_piece piece = {.bytes = STR_NONE};
    while (piece.bytes.n == 0) {
        size_t used = audio_scan(source->scanner, str_slice(buf_view(&f->sound), f->at, f->sound.n), &piece);
        f->at += used;
        if (used == 0 && !next_round(source))
            return PLAY_EMPTY;
    }
    if (!source_piece_fits(source, &piece)) {
        f->is_unfit = true;
        f->unfit_rate = piece.rate;
        f->unfit_codec = source_codec(source);
        return PLAY_UNFIT;
    }
    f->heard = f->heard || piece.kind == AUDIO_SOUND;
    publish(source, &piece);
    if (piece.has_title)
        source_title(source, piece.title, STR(""), STR("UTF-8"));
    return PLAY_ON;
}

// Until another file stands in its place.
static void drop_sound(struct source *source, const char *why) {
    struct stream *s = source->stream;
    log_error("%s: the file %.*s cannot play: %s", s->name, STR_ARG(s->setup->sources[source->index].address), why);
    buf_fini(&source->file->sound);
    buf_init(&source->file->sound, SOUND_ROOM);
    stream_choose(s);
}

void source_file_turn(struct source *source) {
    struct stream *s = source->stream;
    if (source->file == NULL || !source_plays(source))
        return;
    for (int i = 0; i < PIECES_AT_ONCE && (s->next_us == 0 || stream_ahead_us(s) < FILE_AHEAD_US); i++)
        switch (play_piece(source)) {
        case PLAY_ON:
            break;
        case PLAY_UNFIT:
            drop_sound(source, source_refused_why(source));
            return;
        case PLAY_EMPTY:
            drop_sound(source, "it holds no sound of its stream");
            return;
        }
}
