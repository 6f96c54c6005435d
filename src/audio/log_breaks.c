// SPDX-License-Identifier: AGPL-3.0-or-later
// Segments before which sound does not go on, counted through the log. Two events in one segment make one break, and the
// end of one part may hold the event whose break is the next part's first segment: so counting a part begins with the last
// runs of the one before.
#include "audio/log.h"

enum { BEHIND_SEGMENTS = 2, DAMAGED_MAX = 16 };

int64_t log_breaks_take(struct log_breaks *b, int64_t moment_us, unsigned flags) {
    int64_t segment = moment_us / AUDIO_SEGMENT_US, at = segment == b->segment ? segment + 1 : segment;
    b->segment = segment;
    if ((flags & (AUDIO_LOG_GAP | AUDIO_LOG_SOURCE)) == 0 || at == b->newest)
        return -1;
    b->newest = at;
    b->n++;
    return at;
}

static bool is_sound(const struct log_run *run) {
    return run->bytes > 0 && (run->flags & AUDIO_LOG_HEADERS) == 0;
}

static void part_take(struct log_breaks *b, const struct log_part *part, uint32_t from) {
    struct log_runs w = {0};
    struct log_run run;
    int got;
    for (uint32_t at = from; (got = log_runs_get(&w, part, at, &run)) != 0; at++)
        if (got == 1 && is_sound(&run))
            (void)log_breaks_take(b, run.moment_us, run.flags);
}

// The record of the first run of the last segments, and the one before it.
static uint32_t end_of(const struct log_part *part, int64_t begun_us) {
    int64_t from_us = (begun_us / AUDIO_SEGMENT_US - BEHIND_SEGMENTS) * AUDIO_SEGMENT_US;
    uint32_t at = log_part_records(part);
    struct log_run run;
    while (at > 0 && (log_part_run(part, at - 1, &run) != 1 || run.moment_us >= from_us))
        at--;
    return at > 0 ? at - 1 : 0;
}

struct log_breaks log_breaks_before(const struct log_part *part, const struct log_part *before) {
    struct log_breaks b = {.segment = -1, .newest = -1};
    if (before != NULL)
        part_take(&b, before, end_of(before, part->head.begun_us));
    b.n = part->head.breaks;
    return b;
}

// A damaged part counts as none.
uint32_t log_breaks_behind(int dir, uint32_t number) {
    struct log_part part, before;
    for (int i = 0; i < DAMAGED_MAX && number > 0; i++, number--) {
        if (log_part_open(dir, number, false, &part) != RC_OK)
            continue;
        bool has_before = number > 1 && log_part_open(dir, number - 1, false, &before) == RC_OK;
        struct log_breaks b = log_breaks_before(&part, has_before ? &before : NULL);
        part_take(&b, &part, 0);
        log_part_close(&part);
        if (has_before)
            log_part_close(&before);
        return b.n;
    }
    return 0;
}
