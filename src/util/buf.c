// SPDX-License-Identifier: AGPL-3.0-or-later
// Text that grows up to a stated maximum; the error is sticky and checked once.
#include "util/util.h"

void buf_init(struct buf *b, size_t max) {
    *b = (struct buf){.max = max};
}

void buf_fini(struct buf *b) {
    free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b) {
    b->n = 0;
    b->failed = false;
}

static bool room_for(struct buf *b, size_t n) {
    if (b->failed || n > b->max - b->n) {
        b->failed = true;
        return false;
    }
    if (b->cap - b->n >= n)
        return true;
    size_t cap = b->cap < 256 ? 256 : b->cap;
    while (cap - b->n < n)
        cap *= 2;
    if (cap > b->max)
        cap = b->max;
    b->p = mem_grow(b->p, cap, 1);
    b->cap = cap;
    return true;
}

char *buf_reserve(struct buf *b, size_t n) {
    // At least one byte of memory, so that a successful reserve of nothing is not NULL.
    return room_for(b, n > 0 ? n : (b->cap == 0 && b->max > 0)) ? b->p + b->n : NULL;
}

void buf_add(struct buf *b, const void *p, size_t n) {
    if (n == 0 || !room_for(b, n))
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_str(struct buf *b, struct str s) {
    buf_add(b, s.p, s.n);
}

void buf_c(struct buf *b, const char *c_string) {
    buf_add(b, c_string, strlen(c_string));
}

void buf_char(struct buf *b, char c) {
    buf_add(b, &c, 1);
}

void buf_u64(struct buf *b, uint64_t n) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    buf_add(b, digits + at, sizeof digits - at);
}

void buf_fmt(struct buf *b, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    must(n >= 0);
    // vsnprintf writes a NUL, which the buffer must have room for although it does not count.
    char *at = b->max - b->n > (size_t)n ? buf_reserve(b, (size_t)n + 1) : NULL;
    if (at != NULL) {
        (void)vsnprintf(at, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    } else {
        b->failed = true;
    }
    va_end(again);
}

struct str buf_view(const struct buf *b) {
    return (struct str){b->p != NULL ? b->p : "", b->n};
}
