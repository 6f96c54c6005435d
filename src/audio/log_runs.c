// SPDX-License-Identifier: AGPL-3.0-or-later
// The log's records as a list, for whoever needs to know what there is before reading it.
#include "audio/log.h"

static bool is_masked(const struct audio_log_reader *r, const struct log_run *run) {
    return log_spans_find(r->masks, r->masks_n, run->moment_us, log_run_end(run)) != NULL;
}

static struct audio_log_run run_of(const struct audio_log_reader *r, const struct log_part *part, uint32_t record,
                                   const struct log_run *run) {
    return (struct audio_log_run){.moment_us = run->moment_us,
                                  .lasts_us = run->lasts_us,
                                  .bytes = run->bytes,
                                  .flags = run->flags & (AUDIO_LOG_BEGIN | AUDIO_LOG_GAP | AUDIO_LOG_SOURCE),
                                  .chain = run->chain,
                                  .format = part->head.format,
                                  .is_masked = is_masked(r, run),
                                  .part = part->head.part,
                                  .record = record,
                                  .offset = run->offset,
                                  .sum = run->sum};
}

static enum rc runs_take(struct audio_log_reader *r, int64_t from_us, int64_t to_us, struct audio_log_place *place,
                         struct audio_log_run *runs, size_t max, size_t *n_out) {
    struct log_runs w = {0};
    struct log_run run;
    while (*n_out < max) {
        const struct log_part *part = log_reader_part(r, place->part);
        if (r->is_short)
            return RC_BUSY;
        int got = part != NULL ? log_runs_get(&w, part, place->record, &run) : 0;
        bool is_over = part == NULL || (got == 1 && (run.flags & AUDIO_LOG_END) != 0);
        int64_t before = INT64_MAX;
        bool is_passed = got == 1 && !is_over && log_is_passed(r, part, place, &run, &before);
        if (got == 0 || is_over || is_passed) {
            w.n = 0; // there may be more by now
            if (!log_part_pass(r, place, part, is_over || is_passed, before))
                return RC_OK;
            continue;
        }
        if (got == 1 && run.moment_us >= to_us)
            return RC_OK;
        if (got == 1 && (run.flags & AUDIO_LOG_HEADERS) == 0) {
            run.flags |= (place->flags & PLACE_LOST) != 0 ? AUDIO_LOG_GAP : 0u;
            place->flags &= ~(uint32_t)PLACE_LOST;
            if (run.moment_us >= from_us)
                runs[(*n_out)++] = run_of(r, part, place->record, &run);
        }
        log_place_step(place);
    }
    return RC_OK;
}

enum rc audio_log_runs(struct audio_log_reader *reader, int64_t from_us, int64_t to_us, struct audio_log_place *place,
                       struct audio_log_run *runs, size_t max, size_t *n_out) {
    *n_out = 0;
    if (!log_masks_fresh(reader))
        return RC_IO;
    enum rc rc = place->part == 0 ? log_find(reader, from_us, place) : log_time_look(&reader->time, reader->dir);
    return rc == RC_OK ? runs_take(reader, from_us, to_us, place, runs, max, n_out) : rc;
}

uint64_t audio_log_masks_number(struct audio_log_reader *reader) {
    (void)log_masks_fresh(reader);
    return reader->masks_number;
}
