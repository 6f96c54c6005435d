// SPDX-License-Identifier: AGPL-3.0-or-later
// What the log does not keep. Of a part the sound goes first and the index last: an index without sound is one that was
// half dropped, and the next open takes it away.
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/log_write.h"

struct kept_part {
    struct log_head head;
    bool is_whole; // has a head
    uint64_t bytes;
    int64_t end_us;  // before the next one begins
    int64_t aged_us; // it is no younger than that
};

#define PART_LASTS_US (LOG_HOURS_AT_MOST * LOG_HOUR_US) // where the next does not say when it ended

// By what was written behind it, for no clock is believed that is ahead of now. From the newest to the oldest.
static int64_t stamp_of(const struct kept_part *part, int64_t now_us, int64_t next_us) {
    return part->head.begun_us <= now_us ? part->head.begun_us : next_us;
}

static uint64_t bytes_of(int dir, enum log_file file, const struct log_head *head) {
    char name[LOG_NAME_BYTES];
    struct stat st;
    log_name_of(file, head, name);
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

static void part_date(struct kept_part *part, int64_t now_us, int64_t *next_us, int64_t *next_stamp_us) {
    int64_t begun_us = part->head.begun_us;
    part->end_us = part->aged_us = *next_us;
    if (!part->is_whole)
        return;
    int64_t stamp_us = stamp_of(part, now_us, *next_stamp_us);
    part->end_us = *next_us >= begun_us ? *next_us : begun_us + PART_LASTS_US;
    part->aged_us = *next_stamp_us >= stamp_us ? *next_stamp_us : stamp_us + PART_LASTS_US;
    *next_us = begun_us;
    *next_stamp_us = stamp_us;
}

static uint64_t parts_look(int dir, const uint32_t *numbers, size_t n, int64_t now_us, struct kept_part *parts) {
    uint64_t all = 0;
    int64_t next_us = LOG_MOMENT_MAX, next_stamp_us = LOG_MOMENT_MAX;
    for (size_t i = n; i > 0; i--) {
        struct kept_part *part = &parts[i - 1];
        part->head.part = numbers[i - 1];
        part->is_whole = log_head_read(dir, numbers[i - 1], &part->head) == RC_OK;
        part->bytes = bytes_of(dir, LOG_INDEX, &part->head) + bytes_of(dir, LOG_TITLES, &part->head);
        part->bytes += part->is_whole ? bytes_of(dir, LOG_SOUND, &part->head) : 0;
        part_date(part, now_us, &next_us, &next_stamp_us);
        all += part->bytes;
    }
    return all;
}

static bool part_drop(int dir, const struct log_head *head) {
    static const enum log_file order[] = {LOG_SOUND, LOG_TITLES, LOG_INDEX};
    char name[LOG_NAME_BYTES];
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        log_name_of(order[i], head, name);
        if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
            return false;
    }
    return true;
}

// Where its sound ends; of a damaged one, where the next begins, or an hour has passed.
static int64_t sound_end(int dir, const struct kept_part *kept) {
    struct log_part part;
    struct log_run run;
    if (log_part_open(dir, kept->head.part, false, &part) != RC_OK)
        return kept->end_us;
    uint32_t n = log_part_records(&part);
    int64_t end_us = n > 0 && log_part_run(&part, n - 1, &run) == 1 ? log_run_end(&run) : kept->end_us;
    log_part_close(&part);
    return end_us;
}

// Whether part i is of the time behind the part before it. Of a clock that was ahead neither it nor the next one is.
static bool goes_on(const struct kept_part *parts, size_t n, size_t i) {
    int64_t begun_us = parts[i].head.begun_us;
    return begun_us >= parts[i - 1].head.begun_us && (i + 1 == n || parts[i + 1].head.begun_us >= begun_us);
}

static void dropped_count(struct audio_log_kept *out, const struct kept_part *part, int64_t end_us) {
    if (out->dropped == 0)
        out->dropped_from_us = part->head.begun_us;
    out->dropped_to_us = end_us;
    out->dropped++;
    out->dropped_bytes += part->bytes;
    out->bytes -= part->bytes;
}

static enum rc parts_drop(struct audio_log *log, struct arena *a, struct audio_log_limits limits, int64_t now_us,
                          struct audio_log_kept *out, struct problem *p) {
    struct audio_log_span *pins;
    uint32_t *numbers;
    size_t n, pins_n, last = 0;
    enum rc rc = log_parts(log->dir, a, &numbers, &n, p);
    if (rc == RC_OK)
        rc = log_spans_load(log->dir, AUDIO_LOG_PINNED, a, &pins, &pins_n, p);
    if (rc != RC_OK)
        return rc;
    struct kept_part *parts = ARENA_ARRAY(a, struct kept_part, n + 1);
    out->bytes = parts_look(log->dir, numbers, n, now_us, parts);
    for (size_t i = 0; i + 1 < n; i++) { // never the last
        bool is_old = limits.age_us > 0 && parts[i].aged_us <= now_us - limits.age_us;
        bool is_much = limits.bytes > 0 && out->bytes > limits.bytes;
        if (!parts[i].is_whole || !(is_old || is_much) || (log->has_part && numbers[i] == log->part.head.part) ||
            log_spans_find(pins, pins_n, parts[i].head.begun_us, parts[i].end_us) != NULL)
            continue;
        if (out->dropped > 0 && (i != last + 1 || !goes_on(parts, n, i)))
            break;
        last = i;
        int64_t end_us = sound_end(log->dir, &parts[i]);
        if (!part_drop(log->dir, &parts[i].head))
            return problem_set(p, RC_IO, "part %u of the log %s cannot be dropped: %s", numbers[i], log->folder,
                               strerror(errno));
        dropped_count(out, &parts[i], end_us);
    }
    return RC_OK;
}

enum rc audio_log_keep(struct audio_log *log, struct audio_log_limits limits, int64_t now_us,
                       struct audio_log_kept *out, struct problem *p) {
    struct arena *a = arena_new(1 << 25);
    *out = (struct audio_log_kept){0};
    enum rc rc = parts_drop(log, a, limits, now_us, out, p);
    arena_free(&a);
    return rc;
}
