// SPDX-License-Identifier: AGPL-3.0-or-later
// The files of a part: their names, and what stands in them. A name is always made from numbers that were checked, never
// taken from the folder, and no link is followed.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/log.h"

void log_name_of(enum log_file file, const struct log_head *head, char out[LOG_NAME_BYTES]) {
    static const char *const endings[AUDIO_FORMATS] = {"bin", "mp3", "aac", "ogg", "webm", "flac"};
    struct tm t = {0};
    time_t begun = (time_t)(head->begun_us / US_PER_SECOND);
    if (file == LOG_SOUND && gmtime_r(&begun, &t) != NULL)
        (void)snprintf(out, LOG_NAME_BYTES, "%04d-%02d-%02dT%02dZ-%08u.%s", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                       t.tm_hour, head->part, endings[head->format]);
    else
        (void)snprintf(out, LOG_NAME_BYTES, "%08u.%s", head->part, file == LOG_TITLES ? "titles" : "index");
}

enum rc log_dir_open(const char *folder, int *out, struct problem *p) {
    *out = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out >= 0)
        return RC_OK;
    int e = errno;
    return problem_set(p,
                       e == ENOENT   ? RC_NOT_FOUND
                       : e == EACCES ? RC_DENIED
                                     : RC_IO,
                       "cannot open the log %s: %s", folder, strerror(e));
}

// ---- listing -----------------------------------------------------------------------------------------------------------

static bool number_in(const char *name, uint32_t *out) {
    struct str s = str_from(name), digits = str_slice(s, 0, s.n > 6 ? s.n - 6 : 0);
    uint64_t n;
    if (!str_ends(s, STR(".index")) || digits.n < 8 || !str_to_u64(digits, &n) || n == 0 || n >= LOG_NO_RECORD)
        return false;
    *out = (uint32_t)n;
    return true;
}

static int by_number(const void *l, const void *r) {
    uint32_t a = *(const uint32_t *)l, b = *(const uint32_t *)r;
    return a < b ? -1 : a > b;
}

static void numbers_take(DIR *d, struct buf *numbers) {
    uint32_t number;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (number_in(e->d_name, &number))
            buf_add(numbers, &number, sizeof number);
}

enum rc log_parts(int dir, struct arena *a, uint32_t **numbers_out, size_t *n_out, struct problem *p) {
    struct buf numbers;
    int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); // its own place in the folder
    DIR *d = again >= 0 ? fdopendir(again) : NULL;
    if (d == NULL) {
        if (again >= 0)
            close(again);
        return problem_set(p, RC_IO, "cannot list the log's folder: %s", strerror(errno));
    }
    buf_init(&numbers, LOG_PARTS_MAX * sizeof(uint32_t));
    numbers_take(d, &numbers);
    closedir(d);
    *n_out = numbers.n / sizeof(uint32_t);
    *numbers_out = ARENA_ARRAY(a, uint32_t, *n_out + 1);
    if (*n_out > 0)
        memcpy(*numbers_out, numbers.p, numbers.n);
    qsort(*numbers_out, *n_out, sizeof(uint32_t), by_number);
    bool failed = numbers.failed;
    buf_fini(&numbers);
    return failed ? problem_set(p, RC_TOO_BIG, "the log has more than %d parts", LOG_PARTS_MAX) : RC_OK;
}

// ---- one part ----------------------------------------------------------------------------------------------------------

static int file_open(int dir, enum log_file file, const struct log_head *head, bool to_write) {
    char name[LOG_NAME_BYTES];
    struct stat st;
    log_name_of(file, head, name);
    int fd = openat(dir, name, (to_write ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    return fd;
}

bool log_pread(int fd, void *to, size_t n, uint64_t at) {
    for (char *p = to; n > 0;) {
        ssize_t got = pread(fd, p, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
        at += (uint64_t)got;
    }
    return true;
}

static enum rc rc_of(int e) {
    if (e == ENOENT)
        return RC_NOT_FOUND;
    return e == EMFILE || e == ENFILE || e == ENOMEM ? RC_BUSY : RC_IO;
}

enum rc log_part_open(int dir, uint32_t number, bool to_write, struct log_part *out) {
    uint8_t head[LOG_HEAD_BYTES];
    *out = (struct log_part){.head.part = number, .index = -1, .sound = -1};
    out->index = file_open(dir, LOG_INDEX, &out->head, to_write);
    if (out->index < 0)
        return rc_of(errno);
    if (!log_pread(out->index, head, sizeof head, 0) || !log_head_get(head, &out->head) || out->head.part != number) {
        log_part_close(out);
        return RC_INVALID;
    }
    out->sound = file_open(dir, LOG_SOUND, &out->head, to_write);
    if (out->sound >= 0)
        return RC_OK;
    enum rc rc = rc_of(errno);
    log_part_close(out);
    return rc;
}

// The index alone, open; its head was sound.
static enum rc index_open(int dir, uint32_t number, struct log_part *out) {
    uint8_t head[LOG_HEAD_BYTES];
    *out = (struct log_part){.head.part = number, .sound = -1};
    out->index = file_open(dir, LOG_INDEX, &out->head, false);
    if (out->index < 0)
        return rc_of(errno);
    if (log_pread(out->index, head, sizeof head, 0) && log_head_get(head, &out->head) && out->head.part == number)
        return RC_OK;
    log_part_close(out);
    return RC_INVALID;
}

enum rc log_head_read(int dir, uint32_t number, struct log_head *out) {
    struct log_part part;
    enum rc rc = index_open(dir, number, &part);
    if (rc == RC_OK)
        *out = part.head;
    log_part_close(&part);
    return rc;
}

enum rc log_ends_read(int dir, uint32_t number, int64_t *begun_us_out, int64_t *last_us_out) {
    struct log_part part;
    struct log_run run;
    enum rc rc = index_open(dir, number, &part);
    if (rc != RC_OK)
        return rc;
    uint32_t n = log_part_records(&part);
    while (n > 0 && log_part_run(&part, n - 1, &run) != 1)
        n--;
    *begun_us_out = part.head.begun_us;
    *last_us_out = n > 0 && run.moment_us > part.head.begun_us ? run.moment_us : part.head.begun_us;
    log_part_close(&part);
    return RC_OK;
}

void log_part_close(struct log_part *part) {
    if (part->index >= 0)
        close(part->index);
    if (part->sound >= 0)
        close(part->sound);
    part->index = part->sound = -1;
}

uint32_t log_part_records(const struct log_part *part) {
    struct stat st;
    if (fstat(part->index, &st) != 0 || st.st_size < LOG_HEAD_BYTES)
        return 0;
    uint64_t n = (uint64_t)(st.st_size - LOG_HEAD_BYTES) / LOG_RECORD_BYTES;
    return n < LOG_NO_RECORD ? (uint32_t)n : LOG_NO_RECORD - 1;
}

int log_part_run(const struct log_part *part, uint32_t record, struct log_run *out) {
    uint8_t bytes[LOG_RECORD_BYTES];
    if (!log_pread(part->index, bytes, sizeof bytes, LOG_HEAD_BYTES + (uint64_t)record * LOG_RECORD_BYTES))
        return 0;
    return log_run_get(bytes, out) ? 1 : -1;
}

int log_runs_get(struct log_runs *w, const struct log_part *part, uint32_t record, struct log_run *out) {
    if (w->part != part->head.part || record < w->first || record - w->first >= w->n) {
        off_t at = (off_t)(LOG_HEAD_BYTES + (uint64_t)record * LOG_RECORD_BYTES);
        ssize_t n = pread(part->index, w->bytes, sizeof w->bytes, at);
        w->part = part->head.part;
        w->first = record;
        w->n = n > 0 ? (uint32_t)((size_t)n / LOG_RECORD_BYTES) : 0;
        if (w->n == 0)
            return 0;
    }
    return log_run_get(w->bytes + (size_t)(record - w->first) * LOG_RECORD_BYTES, out) ? 1 : -1;
}

bool log_run_sound(const struct log_part *part, const struct log_run *run, struct buf *b) {
    char *to = buf_reserve(b, run->bytes);
    if (to == NULL || !log_pread(part->sound, to, run->bytes, run->offset))
        return false;
    b->n += run->bytes;
    return log_sum((struct str){to, run->bytes}) == run->sum;
}
