// SPDX-License-Identifier: AGPL-3.0-or-later
// Reading the log while it is written. A record is there whole or not at all, and only once its sound is: so whoever sees
// a record may read what it vouches for, and the last one is the live edge.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/log.h"

enum rc audio_log_reader_open(const char *folder, struct audio_log_reader **out, struct problem *p) {
    int dir;
    enum rc rc = log_dir_open(folder, &dir, p);
    if (rc != RC_OK)
        return rc;
    struct audio_log_reader *r = MEM_NEW(struct audio_log_reader);
    size_t n = strlen(folder) + 1;
    r->folder = mem_new(n);
    memcpy(r->folder, folder, n);
    r->dir = dir;
    r->masks_arena = arena_new(1 << 20);
    log_time_init(&r->time);
    for (size_t i = 0; i < LOG_PARTS_OPEN; i++)
        r->parts[i].index = r->parts[i].sound = -1;
    *out = r;
    return RC_OK;
}

void audio_log_reader_close(struct audio_log_reader **reader) {
    if (*reader == NULL)
        return;
    for (size_t i = 0; i < LOG_PARTS_OPEN; i++)
        log_part_close(&(*reader)->parts[i]);
    close((*reader)->dir);
    arena_free(&(*reader)->masks_arena);
    log_time_fini(&(*reader)->time);
    mem_free((*reader)->folder);
    mem_free(*reader);
    *reader = NULL;
}

// ---- what is at hand ---------------------------------------------------------------------------------------------------

const struct log_part *log_reader_part(struct audio_log_reader *r, uint32_t number) {
    size_t oldest = 0;
    r->is_short = false;
    for (size_t i = 0; i < LOG_PARTS_OPEN; i++) {
        if (r->parts[i].index >= 0 && r->parts[i].head.part == number) {
            r->used[i] = ++r->uses;
            return &r->parts[i];
        }
        oldest = r->used[i] < r->used[oldest] ? i : oldest;
    }
    log_part_close(&r->parts[oldest]);
    r->used[oldest] = 0;
    enum rc rc = log_part_open(r->dir, number, false, &r->parts[oldest]);
    r->is_short = rc == RC_BUSY;
    if (rc != RC_OK)
        return NULL;
    r->used[oldest] = ++r->uses;
    return &r->parts[oldest];
}

static uint64_t ns_of(struct timespec t) {
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

// The file is replaced when it changes, so another one stands there then.
bool log_masks_fresh(struct audio_log_reader *r) {
    struct stat st;
    struct problem why = {0};
    uint64_t file[3] = {1, 0, 0}; // there is none
    if (fstatat(r->dir, "masks", &st, AT_SYMLINK_NOFOLLOW) == 0) {
        file[0] = (uint64_t)st.st_ino;
        file[1] = ns_of(st.st_mtim);
        file[2] = ns_of(st.st_ctim);
    } else if (errno != ENOENT)
        return false;
    if (memcmp(file, r->masks_file, sizeof file) == 0)
        return !r->masks_failed;
    memcpy(r->masks_file, file, sizeof file);
    r->masks_number++;
    arena_reset(r->masks_arena);
    r->masks_n = 0;
    enum rc rc = log_spans_load(r->dir, AUDIO_LOG_MASKED, r->masks_arena, &r->masks, &r->masks_n, &why);
    r->masks_failed = rc != RC_OK;
    if (r->masks_failed) // better silence than what may not be heard
        log_error("the log %s cannot be replayed: %s", r->folder, why.text);
    if (rc == RC_IO) // the next time it may be readable
        r->masks_file[0] = 0;
    return !r->masks_failed;
}

static const struct audio_log_span *mask_of(const struct audio_log_reader *r, const struct log_run *run) {
    return log_spans_find(r->masks, r->masks_n, run->moment_us, log_run_end(run));
}

// ---- from run to run ---------------------------------------------------------------------------------------------------

void log_place_step(struct audio_log_place *place) {
    place->record++;
    place->into = 0;
    place->flags &= ~(uint32_t)(PLACE_GIVES_HEADERS | PLACE_AT_REST);
}

static void step_over(struct audio_log_place *place) {
    log_place_step(place);
    place->flags |= PLACE_STEPPED | PLACE_WANTS_BEGIN;
}

// A mask may last for days: what lies behind it is looked for. Something always is stepped over.
static void mask_pass(struct audio_log_reader *r, struct audio_log_place *place, int64_t to_us) {
    struct audio_log_place behind;
    step_over(place);
    if (log_find(r, to_us, &behind) != RC_OK || behind.part < place->part ||
        (behind.part == place->part && behind.record <= place->record))
        return;
    place->part = behind.part;
    place->record = behind.record;
}

// What hides the place's own part stands in its way; where nothing of it counts, the log's own order does.
static void pass_to(struct audio_log_reader *r, struct audio_log_place *place, uint32_t after, int64_t moment_us) {
    const struct log_stay *next = log_time_next(&r->time, place->part, moment_us);
    bool is_rest = next != NULL && next->is_rest;
    const struct log_part *rest = is_rest ? log_reader_part(r, next->part) : NULL;
    place->flags |= is_rest ? PLACE_LOST : 0;
    if (is_rest || (next != NULL ? next->part : after) != place->part + 1)
        place->flags |= PLACE_STEPPED | PLACE_WANTS_BEGIN;
    place->part = next != NULL ? next->part : after;
    place->record = rest != NULL ? log_record_from(rest, next->from_us) : 0;
    place->into = 0;
    place->flags &= ~(uint32_t)(PLACE_GIVES_HEADERS | PLACE_AT_REST);
    place->flags |= is_rest ? PLACE_AT_REST : 0;
}

bool log_part_pass(struct audio_log_reader *r, struct audio_log_place *place, const struct log_part *part, bool is_over,
                   int64_t moment_us) {
    struct log_run run;
    (void)!log_time_look(&r->time, r->dir); // else what was seen before counts
    uint32_t after = log_part_after(r, place->part, is_over);
    if (after == 0)
        return false;
    // What was written between looking at this part's end and finding the next one comes first.
    if (!is_over && part != NULL && log_part_run(part, place->record, &run) != 0)
        return true;
    if (part == NULL)
        place->flags |= PLACE_STEPPED | PLACE_WANTS_BEGIN;
    pass_to(r, place, after, moment_us);
    return true;
}

static void events_take(struct audio_log_place *place, const struct log_run *run) {
    if (place->into > 0)
        return;
    place->flags |= (run->flags & AUDIO_LOG_GAP) != 0 ? PLACE_LOST : 0;
    place->flags |= (run->flags & AUDIO_LOG_SOURCE) != 0 ? PLACE_OTHER : 0;
}

// True: this is sound that may be given. Else the place was moved on.
static bool is_next(struct audio_log_reader *r, struct audio_log_place *place, const struct log_run *run) {
    const struct audio_log_span *mask = mask_of(r, run);
    if ((run->flags & AUDIO_LOG_HEADERS) != 0) {
        log_place_step(place);
        return false;
    }
    events_take(place, run);
    if (mask != NULL) {
        mask_pass(r, place, mask->to_us);
        return false;
    }
    if (place->into >= run->bytes || ((place->flags & PLACE_WANTS_BEGIN) != 0 && (run->flags & AUDIO_LOG_BEGIN) == 0)) {
        log_place_step(place);
        return false;
    }
    place->flags &= ~(uint32_t)PLACE_WANTS_BEGIN;
    return true;
}

enum audio_log_got log_next(struct audio_log_reader *r, struct audio_log_place *place, const struct log_part **part_out,
                            struct log_run *out) {
    for (;;) {
        (void)!log_time_look(&r->time, r->dir); // else what was seen before counts
        const struct log_part *part = *part_out = log_reader_part(r, place->part);
        if (r->is_short) // nobody is thrown out of their hour for that
            return AUDIO_LOG_FAILED;
        int got = part != NULL ? log_part_run(part, place->record, out) : 0;
        bool is_over = part == NULL || (got == 1 && (out->flags & AUDIO_LOG_END) != 0);
        int64_t before = INT64_MAX;
        bool is_passed = got == 1 && !is_over && log_is_passed(r, part, place, out, &before);
        if (got < 0)
            step_over(place);
        else if (got == 0 || is_over || is_passed) {
            if (!log_part_pass(r, place, part, is_over || is_passed, before))
                return AUDIO_LOG_LIVE;
        } else if (is_next(r, place, out))
            return AUDIO_LOG_BYTES;
    }
}

// ---- bytes -------------------------------------------------------------------------------------------------------------

static int64_t moment_in(const struct log_run *run, uint32_t into) {
    return run->moment_us + (int64_t)((uint64_t)run->lasts_us * into / run->bytes);
}

static bool is_head(const struct log_part *part, const struct audio_log_place *place, const struct log_run *sound,
                    struct log_run *out) {
    return place->head < place->record && log_part_run(part, place->head, out) == 1 &&
           (out->flags & AUDIO_LOG_HEADERS) != 0 && out->chain == sound->chain;
}

// The headers of the chain that the sound at this place belongs to. False: none are owed, or no more.
bool log_headers_read(const struct log_part *part, struct audio_log_place *place, const struct log_run *sound, char *to,
                      size_t n, struct audio_log_bytes *out) {
    struct log_run run;
    if (sound->chain == place->chain)
        return false;
    if ((place->flags & PLACE_GIVES_HEADERS) == 0) {
        place->flags |= PLACE_GIVES_HEADERS;
        place->head = sound->head;
        place->head_into = 0;
    }
    while (out->bytes < n && is_head(part, place, sound, &run)) {
        uint32_t left = place->head_into < run.bytes ? run.bytes - place->head_into : 0;
        size_t take = left < n - out->bytes ? left : n - out->bytes;
        if (!log_pread(part->sound, to + out->bytes, take, run.offset + place->head_into))
            break;
        out->bytes += take;
        place->head_into += (uint32_t)take;
        if (take == left) {
            place->head++;
            place->head_into = 0;
        }
    }
    if (!is_head(part, place, sound, &run)) {
        place->chain = sound->chain;
        place->flags &= ~(uint32_t)PLACE_GIVES_HEADERS;
    }
    out->moment_us = out->until_us = moment_in(sound, place->into);
    out->flags = AUDIO_LOG_CHAIN;
    return out->bytes > 0;
}

static unsigned events_give(struct audio_log_place *place) {
    unsigned flags = ((place->flags & PLACE_LOST) != 0 ? AUDIO_LOG_GAP : 0u) |
                     ((place->flags & PLACE_OTHER) != 0 ? AUDIO_LOG_SOURCE : 0u) |
                     ((place->flags & PLACE_STEPPED) != 0 ? AUDIO_LOG_STEPPED : 0u);
    place->flags &= ~(uint32_t)(PLACE_LOST | PLACE_OTHER | PLACE_STEPPED);
    return flags;
}

// True: the next run goes on where this one ends, and nothing is to be said between them.
static bool goes_on(const struct audio_log_reader *r, const struct log_part *part, uint32_t record,
                    struct log_run *run) {
    struct log_run next;
    int64_t before;
    const struct audio_log_place place = {.part = part->head.part, .record = record};
    const unsigned says = AUDIO_LOG_END | AUDIO_LOG_HEADERS | AUDIO_LOG_GAP | AUDIO_LOG_SOURCE;
    if (log_part_run(part, record, &next) != 1 || (next.flags & says) != 0 || next.chain != run->chain ||
        next.offset != run->offset + run->bytes || mask_of(r, &next) != NULL ||
        log_is_passed(r, part, &place, &next, &before))
        return false;
    *run = next;
    return true;
}

static void sound_read(const struct audio_log_reader *r, const struct log_part *part, struct audio_log_place *place,
                       struct log_run run, char *to, size_t n, struct audio_log_bytes *out) {
    do {
        uint32_t left = run.bytes - place->into;
        size_t take = left < n - out->bytes ? left : n - out->bytes;
        if (!log_pread(part->sound, to + out->bytes, take, run.offset + place->into))
            return;
        if (out->bytes == 0)
            out->moment_us = moment_in(&run, place->into);
        out->bytes += take;
        place->into += (uint32_t)take;
        out->until_us = moment_in(&run, place->into);
        if (place->into == run.bytes)
            log_place_step(place);
    } while (out->bytes < n && goes_on(r, part, place->record, &run));
}

enum audio_log_got audio_log_read(struct audio_log_reader *reader, struct audio_log_place *place, void *to, size_t n,
                                  struct audio_log_bytes *out) {
    const struct log_part *part;
    struct log_run run;
    *out = (struct audio_log_bytes){0};
    if (n == 0 || !log_masks_fresh(reader))
        return AUDIO_LOG_FAILED;
    for (;;) {
        enum audio_log_got got = log_next(reader, place, &part, &run);
        if (got != AUDIO_LOG_BYTES || log_headers_read(part, place, &run, to, n, out))
            return got;
        sound_read(reader, part, place, run, to, n, out);
        if (out->bytes > 0) {
            out->flags = events_give(place);
            return AUDIO_LOG_BYTES;
        }
        step_over(place); // its sound is not there
    }
}
