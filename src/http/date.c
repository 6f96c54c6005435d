// SPDX-License-Identifier: AGPL-3.0-or-later
// Dates in HTTP headers: written as IMF-fixdate, read in all three forms of RFC 9110 5.6.7.
#include "http/http.h"

static const char days[7][10] = {"Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct civil {
    int64_t year, month, day; // month 1..12
    int64_t hour, minute, second;
};

// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day comes last.
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d) {
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(int64_t z, struct civil *out) {
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    out->day = doy - (153 * mp + 2) / 5 + 1;
    out->month = mp < 10 ? mp + 3 : mp - 9;
    out->year = yoe + era * 400 + (out->month <= 2);
}

static char *put_digits(char *p, int64_t value, int digits) {
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        p[i] = (char)('0' + value % 10);
    return p + digits;
}

static char *put(char *p, const char *s, size_t n) {
    memcpy(p, s, n);
    return p + n;
}

void http_date_put(char out[HTTP_DATE_BYTES], int64_t at_us) {
    int64_t seconds = at_us / US_PER_SECOND - (at_us % US_PER_SECOND < 0);
    const int64_t last = INT64_C(253402300799); // the end of year 9999
    if (seconds < 0)
        seconds = 0;
    if (seconds > last)
        seconds = last;
    struct civil c;
    civil_from_days(seconds / 86400, &c);
    int64_t rest = seconds % 86400;
    char *p = put(out, days[seconds / 86400 % 7], 3);
    p = put_digits(put(p, ", ", 2), c.day, 2);
    p = put(put(p, " ", 1), months[c.month - 1], 3);
    p = put_digits(put(p, " ", 1), c.year, 4);
    p = put_digits(put(p, " ", 1), rest / 3600, 2);
    p = put_digits(put(p, ":", 1), rest / 60 % 60, 2);
    p = put_digits(put(p, ":", 1), rest % 60, 2);
    put(p, " GMT", 4);
}

// ---- reading ---------------------------------------------------------------------------------------------------

static bool take(struct str *s, const char *literal) {
    struct str want = str_from(literal);
    if (!str_starts(*s, want))
        return false;
    *s = str_slice(*s, want.n, s->n);
    return true;
}

static bool take_digits(struct str *s, size_t n, int64_t *out) {
    if (s->n < n)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *out = value;
    *s = str_slice(*s, n, s->n);
    return true;
}

static bool take_month(struct str *s, int64_t *out) {
    for (int64_t i = 0; i < 12; i++)
        if (take(s, months[i])) {
            *out = i + 1;
            return true;
        }
    return false;
}

static bool take_day_name(struct str *s, bool whole) {
    for (size_t i = 0; i < 7; i++) {
        struct str name = str_slice(str_from(days[i]), 0, whole ? 10 : 3);
        if (str_starts(*s, name)) {
            *s = str_slice(*s, name.n, s->n);
            return true;
        }
    }
    return false;
}

static bool take_time(struct str *s, struct civil *c) {
    return take_digits(s, 2, &c->hour) && take(s, ":") && take_digits(s, 2, &c->minute) && take(s, ":") &&
           take_digits(s, 2, &c->second);
}

static bool read_fixdate(struct str s, struct civil *c) {
    return take_day_name(&s, false) && take(&s, ", ") && take_digits(&s, 2, &c->day) && take(&s, " ") &&
           take_month(&s, &c->month) && take(&s, " ") && take_digits(&s, 4, &c->year) && take(&s, " ") &&
           take_time(&s, c) && take(&s, " GMT") && s.n == 0;
}

// "Sunday, 06-Nov-94 08:49:37 GMT": a year that seems more than 50 years ahead is of the century before.
static bool read_rfc850(struct str s, struct civil *c) {
    bool ok = take_day_name(&s, true) && take(&s, ", ") && take_digits(&s, 2, &c->day) && take(&s, "-") &&
              take_month(&s, &c->month) && take(&s, "-") && take_digits(&s, 2, &c->year) && take(&s, " ") &&
              take_time(&s, c) && take(&s, " GMT") && s.n == 0;
    if (!ok)
        return false;
    struct civil now;
    civil_from_days(clock_now_us() / US_PER_DAY, &now);
    c->year += now.year / 100 * 100;
    if (c->year > now.year + 50)
        c->year -= 100;
    return true;
}

static bool read_asctime(struct str s, struct civil *c) {
    if (!take_day_name(&s, false) || !take(&s, " ") || !take_month(&s, &c->month) || !take(&s, " "))
        return false;
    bool day = take(&s, " ") ? take_digits(&s, 1, &c->day) : take_digits(&s, 2, &c->day);
    return day && take(&s, " ") && take_time(&s, c) && take(&s, " ") && take_digits(&s, 4, &c->year) && s.n == 0;
}

static bool civil_ok(const struct civil *c) {
    static const int8_t length[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > length[c->month - 1])
        return false;
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    if (c->month == 2 && c->day == 29 && !leap)
        return false;
    return c->hour < 24 && c->minute < 60 && c->second <= 60;
}

bool http_date_get(struct str text, int64_t *at_us_out) {
    struct civil c = {0};
    if (!read_fixdate(text, &c) && !read_rfc850(text, &c) && !read_asctime(text, &c))
        return false;
    if (!civil_ok(&c))
        return false;
    int64_t seconds = days_from_civil(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
    *at_us_out = seconds * US_PER_SECOND;
    return true;
}
