// SPDX-License-Identifier: AGPL-3.0-or-later
// Time for the whole program, movable by a test through a mapped file that holds one offset.
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/util.h"

static const _Atomic int64_t *followed_offset; // set once, before threads start

static int64_t read_clock(clockid_t id) {
    struct timespec t;
    must(clock_gettime(id, &t) == 0);
    return (int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

int64_t clock_now_us(void) {
    int64_t now = read_clock(CLOCK_REALTIME);
    return followed_offset == NULL ? now : now + atomic_load_explicit(followed_offset, memory_order_relaxed);
}

int64_t clock_mono_us(void) {
    return read_clock(CLOCK_MONOTONIC);
}

enum rc clock_follow_file(const char *path, struct problem *p) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(p, RC_NOT_FOUND, "the clock file %s cannot be opened", path);
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(int64_t)) {
        close(fd);
        return problem_set(p, RC_INVALID, "the clock file %s must hold an offset of 8 bytes", path);
    }
    void *map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return problem_set(p, RC_IO, "the clock file %s cannot be mapped", path);
    followed_offset = map;
    return RC_OK;
}

// ---- RFC 3339 ----------------------------------------------------------------------------------------------------------

static bool take_number(struct str *s, size_t digits, int least, int most, int *out) {
    int n = 0;
    if (s->n < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        n = n * 10 + (s->p[i] - '0');
    }
    *s = str_slice(*s, digits, s->n);
    *out = n;
    return n >= least && n <= most;
}

static bool take_char(struct str *s, char c) {
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_slice(*s, 1, s->n);
    return true;
}

static bool take_fraction(struct str *s, int64_t *us_out) {
    int64_t unit = US_PER_SECOND / 10;
    *us_out = 0;
    if (!take_char(s, '.'))
        return true;
    size_t at = 0;
    for (; at < s->n && at < 6 && s->p[at] >= '0' && s->p[at] <= '9'; at++, unit /= 10)
        *us_out += (s->p[at] - '0') * unit;
    *s = str_slice(*s, at, s->n);
    return at > 0;
}

static bool take_zone(struct str *s, int64_t *seconds_out) {
    int hours, minutes;
    *seconds_out = 0;
    if (take_char(s, 'Z'))
        return s->n == 0;
    bool west = s->n > 0 && s->p[0] == '-';
    if (!take_char(s, west ? '-' : '+') || !take_number(s, 2, 0, 23, &hours) || !take_char(s, ':') ||
        !take_number(s, 2, 0, 59, &minutes))
        return false;
    *seconds_out = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return s->n == 0;
}

bool clock_utc_parse(struct str text, int64_t *at_us_out) {
    struct tm tm = {0};
    int64_t fraction_us, zone_s;
    bool ok = take_number(&text, 4, 1970, 2199, &tm.tm_year) && take_char(&text, '-') &&
              take_number(&text, 2, 1, 12, &tm.tm_mon) && take_char(&text, '-') &&
              take_number(&text, 2, 1, 31, &tm.tm_mday) && take_char(&text, 'T') &&
              take_number(&text, 2, 0, 23, &tm.tm_hour) && take_char(&text, ':') &&
              take_number(&text, 2, 0, 59, &tm.tm_min) && take_char(&text, ':') &&
              take_number(&text, 2, 0, 59, &tm.tm_sec) && take_fraction(&text, &fraction_us) &&
              take_zone(&text, &zone_s);
    if (!ok)
        return false;
    struct tm same = tm;
    same.tm_year = tm.tm_year -= 1900;
    same.tm_mon = tm.tm_mon -= 1;
    int64_t seconds = timegm(&tm);
    if (tm.tm_mday != same.tm_mday || tm.tm_mon != same.tm_mon) // the 30th of February
        return false;
    *at_us_out = (seconds - zone_s) * US_PER_SECOND + fraction_us;
    return *at_us_out >= 0;
}

void clock_utc_put(char out[CLOCK_UTC_BYTES + 1], int64_t at_us) {
    time_t seconds = (time_t)(at_us / US_PER_SECOND);
    struct tm tm;
    must(gmtime_r(&seconds, &tm) != NULL);
    must(strftime(out, CLOCK_UTC_BYTES + 1, "%Y-%m-%dT%H:%M:%SZ", &tm) == CLOCK_UTC_BYTES);
}
