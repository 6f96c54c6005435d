// SPDX-License-Identifier: AGPL-3.0-or-later
// Which part has which time. Parts are laid over one another as they were written, each from its first moment to its last:
// what lies on top at the end counts. The newest lies over all that is behind its beginning. While the clock is right the
// parts lie one behind another, and this is the list of them.
#include <sys/stat.h>
#include <time.h>

#include "audio/log.h"

enum { RACY_NS = 50000000 }; // a folder that changed so lately may change again without showing it

int64_t log_folder_mtime(int dir) {
    struct stat st;
    return fstat(dir, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec : -1;
}

// By the clock that files are stamped by.
static bool is_racy(int64_t mtime) {
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t passed = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - mtime;
    return passed > -RACY_NS && passed < RACY_NS;
}

static size_t stays_of(const struct log_time *t, const struct log_stay **out) {
    *out = (const struct log_stay *)(const void *)t->stays.p;
    return t->stays.n / sizeof **out;
}

// ---- laying them over one another --------------------------------------------------------------------------------------

static struct log_stay *top_of(struct buf *stays) {
    return stays->n > 0 ? (struct log_stay *)(void *)(stays->p + stays->n) - 1 : NULL;
}

static void stay_push(struct buf *stays, struct log_stay stay) {
    buf_add(stays, &stay, sizeof stay);
}

// Two may share the moment at which one ends and the other begins: sound of both has it.
static void lay(struct buf *stays, struct buf *later, struct log_stay fresh) {
    struct log_stay *top;
    for (; (top = top_of(stays)) != NULL && top->from_us > fresh.to_us; stays->n -= sizeof *top)
        stay_push(later, *top);
    if (top != NULL && top->to_us > fresh.to_us)
        stay_push(later, (struct log_stay){top->part, true, fresh.to_us + 1, top->to_us});
    while ((top = top_of(stays)) != NULL && top->from_us > fresh.from_us)
        stays->n -= sizeof *top;
    if (top != NULL && top->to_us > fresh.from_us)
        top->to_us = fresh.from_us;
    stay_push(stays, fresh);
    for (; (top = top_of(later)) != NULL; later->n -= sizeof *top)
        stay_push(stays, *top);
}

// A part lasts until the next begins where that is soon, so that nothing older shows between them.
static int64_t lasts_until(const struct log_seen *part, const struct log_seen *next) {
    bool is_soon = next->begun_us >= part->last_us && next->begun_us - part->last_us <= LOG_AHEAD_US;
    return is_soon ? next->begun_us : part->last_us;
}

static void lay_all(struct log_time *t) {
    const struct log_seen *seen = (const struct log_seen *)(const void *)t->seen.p;
    struct buf later;
    buf_clear(&t->stays);
    buf_init(&later, t->stays.max);
    t->since_us = 0;
    for (size_t i = 0, n = t->seen.n / sizeof *seen; i < n; i++) {
        int64_t to_us = i + 1 < n ? lasts_until(&seen[i], &seen[i + 1]) : INT64_MAX;
        lay(&t->stays, &later, (struct log_stay){seen[i].part, false, seen[i].begun_us, to_us});
        if (i > 0 && seen[i].begun_us < seen[i - 1].last_us)
            t->since_us = seen[i].begun_us;
    }
    must(!t->stays.failed && !later.failed);
    buf_fini(&later);
}

// ---- looking -----------------------------------------------------------------------------------------------------------

// What was seen before is taken over, but for the part that was the newest then: it may have grown.
static enum rc parts_see(struct log_time *t, int dir, const uint32_t *numbers, size_t n, struct buf *out) {
    const struct log_seen *before = (const struct log_seen *)(const void *)t->seen.p;
    size_t known = t->seen.n / sizeof *before;
    for (size_t i = 0, at = 0; i < n; i++) {
        struct log_seen seen = {.part = numbers[i]};
        while (at < known && before[at].part < numbers[i])
            at++;
        enum rc rc = RC_OK;
        if (at + 1 < known && before[at].part == numbers[i])
            seen = before[at];
        else
            rc = log_ends_read(dir, numbers[i], &seen.begun_us, &seen.last_us);
        if (rc == RC_BUSY)
            return rc;
        if (rc == RC_OK)
            buf_add(out, &seen, sizeof seen);
    }
    return RC_OK;
}

enum rc log_time_look(struct log_time *t, int dir) {
    int64_t mtime = log_folder_mtime(dir);
    if (t->mtime != 0 && t->mtime == mtime)
        return RC_OK;
    struct arena *a = arena_new(1 << 20);
    uint32_t *numbers;
    size_t n;
    struct buf seen;
    buf_init(&seen, LOG_PARTS_MAX * sizeof(struct log_seen));
    enum rc rc = log_parts(dir, a, &numbers, &n, NULL);
    if (rc == RC_OK)
        rc = parts_see(t, dir, numbers, n, &seen);
    arena_free(&a);
    if (rc != RC_OK) {
        buf_fini(&seen);
        return rc;
    }
    buf_fini(&t->seen);
    t->seen = seen;
    lay_all(t);
    t->mtime = is_racy(mtime) ? 0 : mtime;
    return RC_OK;
}

void log_time_init(struct log_time *t) {
    *t = (struct log_time){0};
    buf_init(&t->seen, LOG_PARTS_MAX * sizeof(struct log_seen));
    buf_init(&t->stays, 2 * LOG_PARTS_MAX * sizeof(struct log_stay));
}

void log_time_fini(struct log_time *t) {
    buf_fini(&t->seen);
    buf_fini(&t->stays);
}

// ---- asking ------------------------------------------------------------------------------------------------------------

// How many begin at or before the moment.
static size_t begun_by(const struct log_time *t, int64_t moment_us) {
    const struct log_stay *stays;
    size_t low = 0, high = stays_of(t, &stays);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stays[middle].from_us <= moment_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct log_stay *log_time_get(const struct log_time *t, size_t i) {
    const struct log_stay *stays;
    return i < stays_of(t, &stays) ? &stays[i] : NULL;
}

size_t log_time_at(const struct log_time *t, int64_t moment_us) {
    size_t n = begun_by(t, moment_us);
    return n > 0 ? n - 1 : 0;
}

const struct log_stay *log_time_of(const struct log_time *t, uint32_t part, int64_t moment_us, bool *is_hidden_out) {
    const struct log_stay *stays;
    *is_hidden_out = false;
    (void)stays_of(t, &stays);
    for (size_t i = begun_by(t, moment_us); i > 0 && stays[i - 1].to_us >= moment_us; i--) {
        if (stays[i - 1].part == part) {
            *is_hidden_out = false;
            return &stays[i - 1];
        }
        *is_hidden_out = *is_hidden_out || stays[i - 1].part > part;
    }
    return NULL;
}

bool log_time_hides(const struct log_time *t, uint32_t part, int64_t moment_us) {
    bool is_hidden;
    (void)log_time_of(t, part, moment_us, &is_hidden);
    return is_hidden;
}

const struct log_stay *log_time_next(const struct log_time *t, uint32_t part, int64_t moment_us) {
    const struct log_stay *stays;
    size_t n = stays_of(t, &stays);
    for (size_t i = begun_by(t, moment_us); i > 0; i--)
        if (stays[i - 1].part == part)
            return i < n ? &stays[i] : NULL;
    return NULL;
}
