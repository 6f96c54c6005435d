// SPDX-License-Identifier: AGPL-3.0-or-later
// Opening the log for writing, after whatever end the last writer had. Sound is written before the record that vouches for
// it, so what is torn is the tail of one or the other: the last record that is whole, and whose sound is, stays the last.
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/log_write.h"

// ---- what a part ends with ---------------------------------------------------------------------------------------------

static bool is_vouched(const struct log_part *part, uint32_t record, struct log_run *out) {
    struct buf sound;
    if (log_part_run(part, record, out) != 1)
        return false;
    buf_init(&sound, LOG_RUN_MAX);
    bool whole = out->bytes == 0 || log_run_sound(part, out, &sound);
    buf_fini(&sound);
    return whole;
}

static bool cut_to(int fd, uint64_t bytes) {
    struct stat st;
    return fstat(fd, &st) == 0 && ((uint64_t)st.st_size <= bytes || ftruncate(fd, (off_t)bytes) == 0);
}

enum rc log_part_take_over(struct audio_log *log, struct log_part *part, struct problem *p) {
    struct log_run last = {0};
    uint32_t n = log_part_records(part);
    while (n > 0 && !is_vouched(part, n - 1, &last))
        n--;
    if (n == 0)
        last = (struct log_run){.moment_us = part->head.begun_us};
    if (!cut_to(part->index, LOG_HEAD_BYTES + (uint64_t)n * LOG_RECORD_BYTES) ||
        !cut_to(part->sound, last.offset + last.bytes))
        return problem_set(p, RC_IO, "the torn end of the log %s cannot be cut: %s", log->folder, strerror(errno));
    log->part = *part;
    log->has_part = true;
    log->records = n;
    log->bytes = last.offset + last.bytes;
    log->sound_us = log->base_us = last.sound_us + last.lasts_us;
    log->end_us = log_run_end(&last);
    log->moment_us = log->end_us < LOG_MOMENT_MAX ? log->end_us : LOG_MOMENT_MAX - 1;
    log->is_ended = (last.flags & AUDIO_LOG_END) != 0;
    log->chain = log->chain_written = log->chain > last.chain ? log->chain : last.chain;
    return RC_OK;
}

// ---- the newest --------------------------------------------------------------------------------------------------------

static void half_made_remove(struct audio_log *log, uint32_t number) {
    char name[LOG_NAME_BYTES];
    struct log_head head = {.part = number};
    log_name_of(LOG_TITLES, &head, name);
    (void)unlinkat(log->dir, name, 0);
    log_name_of(LOG_INDEX, &head, name);
    (void)unlinkat(log->dir, name, 0);
}

// What was begun without getting as far as sound: an index that is too short to have a head.
static bool is_half_made(struct audio_log *log, uint32_t number) {
    char name[LOG_NAME_BYTES];
    struct stat st;
    log_name_of(LOG_INDEX, &(struct log_head){.part = number}, name);
    return fstatat(log->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_size < LOG_HEAD_BYTES;
}

static void titles_open(struct audio_log *log) {
    char name[LOG_NAME_BYTES];
    log_name_of(LOG_TITLES, &log->part.head, name);
    log->titles = openat(log->dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
}

// From the newest part back to the first that can be gone on with. One that is damaged stays for verify, one without
// sound was half made or half dropped.
static enum rc newest_take(struct audio_log *log, const uint32_t *numbers, size_t n, struct problem *p) {
    struct log_part part;
    log->newest = n > 0 ? numbers[n - 1] : 0;
    for (; n > 0; n--) {
        enum rc rc = log_part_open(log->dir, numbers[n - 1], true, &part);
        if (rc == RC_OK) {
            log->chain = part.head.chain;
            rc = log_part_take_over(log, &part, p);
            if (rc == RC_OK)
                titles_open(log);
            else
                log_part_close(&part);
            return rc;
        }
        if (rc == RC_IO || rc == RC_BUSY)
            return problem_set(p, RC_IO, "part %u of the log %s cannot be opened: %s", numbers[n - 1], log->folder,
                               strerror(errno));
        if (rc == RC_NOT_FOUND || is_half_made(log, numbers[n - 1])) {
            half_made_remove(log, numbers[n - 1]);
            if (log->newest == numbers[n - 1])
                log->newest = n > 1 ? numbers[n - 2] : 0;
        } else
            log_warn("part %u of the log %s has a damaged index", numbers[n - 1], log->folder);
    }
    return RC_OK;
}

// The newest moment that a clock ever was put back from. What is not known of it is not told apart.
static int64_t put_back_from(struct audio_log *log) {
    struct arena *a = arena_new(1 << 18);
    struct audio_log_span *spans;
    size_t n;
    int64_t from_us = 0;
    if (log_spans_load(log->dir, AUDIO_LOG_REPEATED, a, &spans, &n, NULL) == RC_OK)
        for (size_t i = 0; i < n; i++)
            from_us = spans[i].to_us > from_us ? spans[i].to_us : from_us;
    arena_free(&a);
    return from_us;
}

static void behind_the_last(struct audio_log *log) {
    log->marks = log->newest > 0 ? AUDIO_LOG_GAP : 0;
    log->wants_begin = log->may_try = true;
    log->back_from_us = put_back_from(log);
}

static enum rc lock_take(struct audio_log *log, struct problem *p) {
    log->lock = openat(log->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0640);
    if (log->lock < 0)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "the log %s cannot be written: %s", log->folder,
                           strerror(errno));
    if (flock(log->lock, LOCK_EX | LOCK_NB) != 0)
        return problem_set(p, RC_BUSY, "the log %s is being written by another process", log->folder);
    return RC_OK;
}

static enum rc folder_open(struct audio_log *log, struct problem *p) {
    enum rc rc = file_make_dir(log->folder, 0750, p);
    if (rc == RC_OK)
        rc = log_dir_open(log->folder, &log->dir, p);
    return rc == RC_OK ? lock_take(log, p) : rc;
}

static struct audio_log *log_new(const char *folder, enum audio_format format) {
    struct audio_log *log = MEM_NEW(struct audio_log);
    size_t n = strlen(folder) + 1;
    log->folder = mem_new(n);
    memcpy(log->folder, folder, n);
    log->dir = log->lock = log->titles = log->part.index = log->part.sound = -1;
    log->format = format;
    buf_init(&log->waiting, LOG_WAITING_MAX + LOG_HEADERS_MAX + LOG_RUN_MAX);
    buf_init(&log->records_waiting, LOG_RECORDS_WAITING_MAX);
    buf_init(&log->headers, LOG_HEADERS_MAX);
    buf_init(&log->title, AUDIO_TITLE_BYTES);
    return log;
}

enum rc audio_log_open(const char *folder, enum audio_format format, struct audio_log **out, struct problem *p) {
    struct audio_log *log = log_new(folder, format);
    struct arena *a = arena_new(1 << 20);
    uint32_t *numbers = NULL;
    size_t n = 0;
    enum rc rc = folder_open(log, p);
    if (rc == RC_OK)
        rc = log_parts(log->dir, a, &numbers, &n, p);
    if (rc == RC_OK)
        rc = newest_take(log, numbers, n, p);
    arena_free(&a);
    if (rc == RC_OK) {
        behind_the_last(log);
        *out = log;
    } else
        audio_log_close(&log);
    return rc;
}
