// SPDX-License-Identifier: AGPL-3.0-or-later
// Views of text.
#include "util/util.h"

struct str str_from(const char *c_string) {
    return c_string == NULL ? STR_NONE : (struct str){c_string, strlen(c_string)};
}

bool str_eq(struct str a, struct str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_eq_nocase(struct str a, struct str b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);
    if (order != 0)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix) {
    return s.n >= prefix.n && str_eq((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}

bool str_find(struct str s, struct str needle, size_t *at_out) {
    if (needle.n == 0) {
        *at_out = 0;
        return true;
    }
    if (s.n < needle.n)
        return false;
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    if (at == NULL)
        return false;
    *at_out = (size_t)(at - s.p);
    return true;
}

bool str_find_char(struct str s, char c, size_t *at_out) {
    const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);
    if (at == NULL)
        return false;
    *at_out = (size_t)(at - s.p);
    return true;
}

struct str str_slice(struct str s, size_t from, size_t to) {
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return s.p == NULL ? STR_NONE : (struct str){s.p + from, to - from};
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s) {
    while (s.n > 0 && is_space(s.p[0]))
        s = (struct str){s.p + 1, s.n - 1};
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_next(struct str *s, char sep, struct str *part_out) {
    if (s->p == NULL)
        return false;
    size_t at;
    if (str_find_char(*s, sep, &at)) {
        *part_out = (struct str){s->p, at};
        *s = (struct str){s->p + at + 1, s->n - at - 1};
    } else {
        *part_out = *s;
        *s = STR_NONE;
    }
    return true;
}

struct str str_dup(struct arena *a, struct str s) {
    char *p = arena_take(a, s.n + 1);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

char *str_c(struct arena *a, struct str s) {
    char *p = arena_take(a, s.n + 1);
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}

struct str str_fmt(struct arena *a, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    must(n >= 0);
    char *p = arena_take(a, (size_t)n + 1);
    (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct str){p, (size_t)n};
}

bool str_to_u64(struct str s, uint64_t *out) {
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(v, 10U, &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

bool str_to_i64(struct str s, int64_t *out) {
    bool negative = s.n > 0 && s.p[0] == '-';
    uint64_t v;
    if (!str_to_u64(negative ? str_slice(s, 1, s.n) : s, &v))
        return false;
    if (v > (uint64_t)INT64_MAX)
        return false;
    *out = negative ? -(int64_t)v : (int64_t)v;
    return true;
}
