// SPDX-License-Identifier: AGPL-3.0-or-later
// Masks, pins and what was gone through again: small files, replaced whole. Whoever changes one holds the folder's lock meanwhile, so that two who
// change it both count; who reads takes none.
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "audio/log.h"

static const char *const names[] = {"masks", "pins", "again"};

const char *log_spans_name(enum audio_log_span_kind kind) {
    return names[kind];
}

// ---- files -------------------------------------------------------------------------------------------------------------

int log_spans_file(int dir, enum audio_log_span_kind kind) {
    return openat(dir, names[kind], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static enum rc spans_read(int fd, struct buf *b) {
    char *to = buf_reserve(b, LOG_SPANS_FILE_MAX + 1);
    ssize_t n = to == NULL ? -1 : pread(fd, to, LOG_SPANS_FILE_MAX + 1, 0);
    b->n += n > 0 ? (size_t)n : 0;
    return n < 0 ? RC_IO : RC_OK;
}

enum rc log_spans_load(int dir, enum audio_log_span_kind kind, struct arena *a, struct audio_log_span **spans_out,
                       size_t *n_out, struct problem *p) {
    struct buf b;
    int fd = log_spans_file(dir, kind);
    *n_out = 0;
    *spans_out = ARENA_ARRAY(a, struct audio_log_span, 1);
    if (fd < 0 && errno == ENOENT)
        return RC_OK;
    if (fd < 0)
        return problem_set(p, RC_IO, "the log's %s cannot be opened: %s", names[kind], strerror(errno));
    buf_init(&b, LOG_SPANS_FILE_MAX + 1);
    enum rc rc = spans_read(fd, &b);
    close(fd);
    if (rc == RC_OK && !log_spans_get(buf_view(&b), a, spans_out, n_out))
        rc = RC_INVALID;
    buf_fini(&b);
    return rc == RC_OK ? RC_OK : problem_set(p, rc, "the log's file of %s is damaged", names[kind]);
}

enum rc audio_log_spans(const char *folder, enum audio_log_span_kind kind, struct arena *a,
                        struct audio_log_span **spans_out, size_t *n_out, struct problem *p) {
    int dir;
    enum rc rc = log_dir_open(folder, &dir, p);
    if (rc != RC_OK)
        return rc;
    rc = log_spans_load(dir, kind, a, spans_out, n_out, p);
    close(dir);
    return rc;
}

// ---- changing ----------------------------------------------------------------------------------------------------------

static size_t index_of(const struct audio_log_span *spans, size_t n, struct audio_log_span span) {
    size_t i = 0;
    while (i < n && log_span_order(&spans[i], &span) != 0)
        i++;
    return i;
}

static enum rc spans_store(const char *folder, enum audio_log_span_kind kind, const struct audio_log_span *spans,
                           size_t n, struct arena *a, struct problem *p) {
    struct buf b;
    buf_init(&b, LOG_SPANS_FILE_MAX);
    log_spans_put(&b, spans, n);
    enum rc rc = file_write(str_fmt(a, "%s/%s", folder, names[kind]).p, buf_view(&b), 0640, p);
    buf_fini(&b);
    return rc;
}

static enum rc spans_change(const char *folder, int dir, enum audio_log_span_kind kind, struct audio_log_span span,
                            bool is_added, struct problem *p) {
    struct arena *a = arena_new(1 << 20);
    struct audio_log_span *spans;
    size_t n, at;
    enum rc rc = log_spans_load(dir, kind, a, &spans, &n, p);
    if (rc == RC_OK) {
        at = index_of(spans, n, span);
        if (is_added && at < n) {
            arena_free(&a);
            return RC_OK;
        }
        if (is_added)
            spans[n++] = span; // sorted when it is read
        else if (at < n)
            spans[at] = spans[--n];
        else
            rc = problem_set(p, RC_NOT_FOUND, "the log has no such span");
        if (n > LOG_SPANS_MAX)
            rc = problem_set(p, RC_TOO_BIG, "the log has %d spans already", LOG_SPANS_MAX);
    }
    if (rc == RC_OK)
        rc = spans_store(folder, kind, spans, n, a, p);
    arena_free(&a);
    return rc;
}

static enum rc change_locked(const char *folder, enum audio_log_span_kind kind, struct audio_log_span span,
                             bool is_added, struct problem *p) {
    int dir;
    enum rc rc = log_dir_open(folder, &dir, p);
    if (rc != RC_OK)
        return rc;
    while (flock(dir, LOCK_EX) != 0)
        if (errno != EINTR) {
            close(dir);
            return problem_set(p, RC_IO, "the log %s cannot be locked: %s", folder, strerror(errno));
        }
    rc = spans_change(folder, dir, kind, span, is_added, p);
    close(dir);
    return rc;
}

enum rc audio_log_span_add(const char *folder, enum audio_log_span_kind kind, struct audio_log_span span,
                           struct problem *p) {
    if (!log_span_is(span))
        return problem_set(p, RC_INVALID, "a span must end after it begins");
    return change_locked(folder, kind, span, true, p);
}

enum rc audio_log_span_remove(const char *folder, enum audio_log_span_kind kind, struct audio_log_span span,
                              struct problem *p) {
    return change_locked(folder, kind, span, false, p);
}
