// SPDX-License-Identifier: AGPL-3.0-or-later
// Earlier sound for one listener, from the log at the pace of time. What is due is made on the reader's thread and sent on
// the loop's; what one has of it while the other works is only what the listener's end says.
#include "radio/inside.h"

enum { MADE_BYTES = 64 << 10, READ_BYTES = 8192 };
#define LEAD_US (4 * US_PER_SECOND) // so far ahead of its pace is it sent

// ---- where it begins ---------------------------------------------------------------------------------------------------

struct place_job {
    struct client_job client_job;
    char stream[SERVICE_NAME_BYTES + 1];
    uint64_t id; // of the stream
    int64_t at_us;
    bool is_there, has_sound; // has_sound: something is kept at the moment or behind it
    struct audio_log_place place;
};

static bool has_sound(struct audio_log_reader *log, struct audio_log_place place, int64_t at_us) {
    char sound[READ_BYTES];
    struct audio_log_bytes got;
    while (audio_log_read(log, &place, sound, sizeof sound, &got) == AUDIO_LOG_BYTES)
        if ((got.flags & AUDIO_LOG_CHAIN) == 0 && got.until_us > at_us)
            return true;
    return false;
}

static void place_read(struct read_job *read, struct logs *logs) {
    struct place_job *job = (struct place_job *)read;
    struct audio_log_reader *log = logs_of(logs, job->stream, job->id);
    job->is_there = log != NULL && audio_log_at(log, job->at_us, &job->place) == RC_OK;
    job->has_sound = job->is_there && has_sound(log, job->place, job->at_us);
}

static void place_free(struct client_job *job) {
    mem_free((struct place_job *)job);
}

void shift_find(struct ask *ask, const struct stream *s, int64_t at_us) {
    struct place_job *job = MEM_NEW(struct place_job);
    job->client_job = (struct client_job){.read.read = place_read, .free = place_free};
    job->at_us = at_us;
    job->id = s->id;
    memcpy(job->stream, s->name, sizeof job->stream);
    client_park(ask, &job->client_job, false);
}

// ---- what is due -------------------------------------------------------------------------------------------------------

struct shift {
    struct read_job job;
    struct listener *listener; // NULL: it went while this was read
    char stream[SERVICE_NAME_BYTES + 1];
    uint64_t id; // of the stream
    struct audio_log_place place;
    int64_t begun_us;     // monotonic
    int64_t delivered_us; // of sound
    bool has_titles, is_reading, has_failed;
    uint32_t left; // bytes until the next title
    struct buf made;
};

static int64_t due_us(const struct shift *shift) {
    return clock_mono_us() - shift->begun_us + LEAD_US;
}

static size_t title_block(struct audio_log_reader *log, int64_t moment_us, char block[AUDIO_ICY_BLOCK_MAX]) {
    struct arena *a = arena_new(1 << 16);
    struct audio_log_said said = {.title = STR("")};
    if (audio_log_title_at(log, moment_us, a, &said) != RC_OK)
        said.title = STR("");
    size_t n = audio_icy_block(said.title, STR(""), block);
    arena_free(&a);
    return n;
}

static void sound_read(struct read_job *read, struct logs *logs) {
    struct shift *shift = (struct shift *)read;
    struct audio_log_reader *log = logs_of(logs, shift->stream, shift->id);
    char sound[READ_BYTES], block[AUDIO_ICY_BLOCK_MAX];
    int64_t due = due_us(shift);
    shift->has_failed = log == NULL;
    while (log != NULL && shift->made.n < MADE_BYTES && shift->delivered_us < due) {
        struct audio_log_bytes got;
        enum audio_log_got what = audio_log_read(log, &shift->place, sound, sizeof sound, &got);
        shift->has_failed = what == AUDIO_LOG_FAILED;
        if (what != AUDIO_LOG_BYTES)
            return;
        if ((got.flags & AUDIO_LOG_CHAIN) == 0)
            shift->delivered_us += got.until_us - got.moment_us;
        bool needs_title = shift->has_titles && got.bytes >= shift->left;
        size_t n = needs_title ? title_block(log, got.moment_us, block) : 0;
        sound_put(&shift->made, shift->has_titles ? &shift->left : NULL, (struct str){sound, got.bytes},
                  (struct str){block, n});
    }
}

static void shift_free(struct shift *shift) {
    buf_fini(&shift->made);
    mem_free(shift);
}

static void sound_done(struct read_job *read) {
    struct shift *shift = (struct shift *)read;
    struct listener *l = shift->listener;
    shift->is_reading = false;
    if (l == NULL)
        shift_free(shift);
    else if (shift->has_failed)
        listener_close(l);
    else if (shift->made.n > 0) {
        struct buf made = shift->made;
        buf_init(&shift->made, 2 * MADE_BYTES);
        listener_earlier(l, buf_view(&made));
        buf_fini(&made);
    }
}

void shift_go_on(struct shift *shift) {
    if (shift->is_reading || shift->delivered_us >= due_us(shift))
        return;
    // Where too many wait the next turn asks again.
    shift->is_reading = reader_ask(shift->listener->stream->radio->reader, &shift->job, false) == RC_OK;
}

struct shift *shift_new(struct listener *l, const struct client_job *found, bool is_off, bool has_titles) {
    const struct place_job *job = (const struct place_job *)found;
    if (!job->is_there || (is_off && !job->has_sound))
        return NULL;
    struct shift *shift = MEM_NEW(struct shift);
    *shift = (struct shift){.job = {.read = sound_read, .done = sound_done},
                            .listener = l,
                            .id = job->id,
                            .place = job->place,
                            .begun_us = clock_mono_us(),
                            .has_titles = has_titles,
                            .left = METAINT};
    memcpy(shift->stream, job->stream, sizeof shift->stream);
    buf_init(&shift->made, 2 * MADE_BYTES);
    return shift;
}

void shift_close(struct shift **shift) {
    if (*shift == NULL)
        return;
    (*shift)->listener = NULL;
    atomic_store(&(*shift)->job.is_off, true);
    if (!(*shift)->is_reading)
        shift_free(*shift);
    *shift = NULL;
}
