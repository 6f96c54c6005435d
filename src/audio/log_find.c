// SPDX-License-Identifier: AGPL-3.0-or-later
// From a moment to a place. What there is of which time ascends, and so do a part's records: both are halved; what is
// damaged is stepped over to the one before it.
#include "audio/log.h"

enum { BACK_MAX = 256 };           // records that a beginning is looked for behind
#define GAP_US (2 * US_PER_SECOND) // what is longer is one, whether it was said or not

// ---- parts -------------------------------------------------------------------------------------------------------------

static uint32_t listed_after(struct audio_log_reader *r, uint32_t number) {
    struct arena *a = arena_new(1 << 20);
    uint32_t *numbers, after = 0;
    size_t n;
    if (log_parts(r->dir, a, &numbers, &n, NULL) == RC_OK)
        for (size_t i = n; i > 0 && numbers[i - 1] > number; i--)
            after = numbers[i - 1];
    arena_free(&a);
    return after;
}

// The next number nearly always is it. Where it was dropped, the folder is listed, once for each time it changes.
uint32_t log_part_after(struct audio_log_reader *r, uint32_t number, bool is_over) {
    struct log_head head;
    enum rc rc = number + 1 < LOG_NO_RECORD ? log_head_read(r->dir, number + 1, &head) : RC_NOT_FOUND;
    int64_t mtime = log_folder_mtime(r->dir);
    if (rc == RC_OK || rc == RC_INVALID)
        return number + 1;
    if (!is_over || (r->edge == number && r->edge_mtime == mtime && mtime >= 0))
        return 0;
    uint32_t after = listed_after(r, number);
    r->edge = after == 0 ? number : 0;
    r->edge_mtime = mtime;
    return after;
}

// ---- records -----------------------------------------------------------------------------------------------------------

// The last record at or before the moment; the first where none is.
static uint32_t record_at(const struct log_part *part, int64_t moment_us) {
    struct log_run run;
    uint32_t found = 0;
    for (uint32_t low = 0, high = log_part_records(part); low < high;) {
        uint32_t middle = low + (high - low) / 2, i = middle;
        while (i > low && log_part_run(part, i, &run) != 1)
            i--;
        if (log_part_run(part, i, &run) != 1 || run.moment_us <= moment_us) {
            found = log_part_run(part, i, &run) == 1 ? i : found;
            low = middle + 1;
        } else
            high = i;
    }
    return found;
}

uint32_t log_record_from(const struct log_part *part, int64_t moment_us) {
    struct log_run run;
    uint32_t record = record_at(part, moment_us - 1), n = log_part_records(part);
    while (record < n && (log_part_run(part, record, &run) != 1 || run.moment_us < moment_us))
        record++;
    return record;
}

// True: the moment lies where no sound is, behind this record and before what comes next.
static bool is_in_gap(const struct log_part *part, uint32_t record, const struct log_run *run, int64_t moment_us) {
    struct log_run next;
    if (moment_us < log_run_end(run))
        return false;
    do
        record++;
    while (log_part_run(part, record, &next) == 1 && (next.flags & AUDIO_LOG_HEADERS) != 0);
    return log_part_run(part, record, &next) == 1 &&
           ((next.flags & AUDIO_LOG_GAP) != 0 || next.moment_us - log_run_end(run) >= GAP_US);
}

static bool is_masked(const struct audio_log_reader *r, const struct log_run *run) {
    return log_spans_find(r->masks, r->masks_n, run->moment_us, log_run_end(run)) != NULL;
}

bool log_is_passed(const struct audio_log_reader *r, const struct log_part *part, const struct audio_log_place *place,
                   const struct log_run *run, int64_t *before_out) {
    bool is_hidden;
    const struct log_stay *stay = log_time_of(&r->time, part->head.part, run->moment_us, &is_hidden);
    *before_out = run->moment_us;
    if (stay == NULL || !stay->is_rest || (place->flags & PLACE_AT_REST) != 0 ||
        log_record_from(part, stay->from_us) != place->record)
        return is_hidden;
    *before_out = stay->from_us - 1;
    return true;
}

// Sound that nobody gets who asks for its moment.
static bool is_kept_back(const struct audio_log_reader *r, const struct log_part *part, const struct log_run *run) {
    return is_masked(r, run) || log_time_hides(&r->time, part->head.part, run->moment_us);
}

// Back to where a listener may begin, not past what may not be heard; else it stays, and the next beginning counts.
static uint32_t begin_before(const struct audio_log_reader *r, const struct log_part *part, uint32_t record) {
    struct log_run run;
    for (uint32_t back = 0; back <= record && back < BACK_MAX; back++) {
        if (log_part_run(part, record - back, &run) != 1 ||
            ((run.flags & AUDIO_LOG_HEADERS) == 0 && is_kept_back(r, part, &run)))
            break;
        if ((run.flags & AUDIO_LOG_BEGIN) != 0)
            return record - back;
        if ((run.flags & AUDIO_LOG_GAP) != 0)
            break;
    }
    return record;
}

static uint32_t record_for(const struct audio_log_reader *r, const struct log_part *part, int64_t moment_us) {
    struct log_run run;
    uint32_t record = record_at(part, moment_us);
    if (log_part_run(part, record, &run) != 1 || moment_us < run.moment_us)
        return record;
    if (is_in_gap(part, record, &run, moment_us))
        return record + 1;
    bool is_over = (run.flags & AUDIO_LOG_END) != 0;
    if (is_over && (record == 0 || moment_us > run.moment_us))
        return record; // between this part and the next
    return begin_before(r, part, is_over ? record - 1 : record);
}

enum rc log_find(struct audio_log_reader *r, int64_t moment_us, struct audio_log_place *out) {
    enum rc rc = log_time_look(&r->time, r->dir);
    const struct log_stay *stay = log_time_get(&r->time, log_time_at(&r->time, moment_us));
    if (rc != RC_OK || stay == NULL)
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    const struct log_part *part = log_reader_part(r, stay->part);
    *out = (struct audio_log_place){.part = stay->part, .flags = PLACE_WANTS_BEGIN};
    out->flags |= stay->is_rest ? PLACE_AT_REST : 0;
    if (part != NULL)
        out->record = record_for(r, part, moment_us);
    if (part != NULL && stay->is_rest && out->record < log_record_from(part, stay->from_us))
        out->record = log_record_from(part, stay->from_us);
    return RC_OK;
}

// ---- for whoever reads -------------------------------------------------------------------------------------------------

static bool first_moment(struct audio_log_reader *r, int64_t *out) {
    struct log_run run;
    const struct log_stay *stay;
    for (size_t i = 0; (stay = log_time_get(&r->time, i)) != NULL; i++) {
        const struct log_part *part = log_reader_part(r, stay->part);
        uint32_t at = part != NULL && stay->is_rest ? log_record_from(part, stay->from_us) : 0;
        for (uint32_t all = part != NULL ? log_part_records(part) : 0; at < all; at++)
            if (log_part_run(part, at, &run) == 1 && run.bytes > 0 && run.moment_us <= stay->to_us) {
                *out = run.moment_us;
                return true;
            }
    }
    return false;
}

static bool last_moment(struct audio_log_reader *r, int64_t *out) {
    struct log_run run;
    const struct log_stay *stay;
    for (size_t i = log_time_at(&r->time, INT64_MAX) + 1; i > 0; i--) {
        stay = log_time_get(&r->time, i - 1);
        const struct log_part *part = stay != NULL ? log_reader_part(r, stay->part) : NULL;
        for (uint32_t at = part != NULL ? log_part_records(part) : 0; at > 0; at--)
            if (log_part_run(part, at - 1, &run) == 1 && run.bytes > 0 && run.moment_us <= stay->to_us) {
                *out = log_run_end(&run);
                return true;
            }
    }
    return false;
}

enum rc audio_log_reach(struct audio_log_reader *reader, int64_t *from_us_out, int64_t *to_us_out) {
    enum rc rc = log_time_look(&reader->time, reader->dir);
    if (rc == RC_OK && (!first_moment(reader, from_us_out) || !last_moment(reader, to_us_out)))
        rc = RC_NOT_FOUND;
    return rc;
}

enum rc audio_log_at(struct audio_log_reader *reader, int64_t moment_us, struct audio_log_place *out) {
    (void)log_masks_fresh(reader); // read asks again, and says so
    return log_find(reader, moment_us, out);
}

enum rc audio_log_back(struct audio_log_reader *reader, int64_t us, struct audio_log_place *out) {
    int64_t from, to;
    enum rc rc = audio_log_reach(reader, &from, &to);
    return rc == RC_OK ? audio_log_at(reader, to - (us > 0 && us < to ? us : 0), out) : rc;
}
