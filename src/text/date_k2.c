// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads the date line of the old site's articles, "Monday, 05 September 2022 13:39". Its editions printed English
// names or the edition's own; both are taken, whatever their case and accents.
#include "text/date.h"

// One word's place among `names`, from 1; 0 when it is none of them.
static int find_name(struct arena *a, const struct str *names, int count, struct str folded) {
    for (int i = 0; i < count; i++) {
        struct str name = text_fold(a, names[i]);
        if (name.n > 0 && name.p[name.n - 1] == '.')
            name.n--;
        if (str_eq(name, folded))
            return i + 1;
    }
    return 0;
}

static int find_month(struct arena *a, const struct date_names *names, struct str folded) {
    const struct str *const lists[] = {names->months, names->short_months, names->alone_months,
                                       names->short_alone_months};
    int month = 0;
    for (int i = 0; i < 4 && month == 0; i++)
        month = find_name(a, lists[i], 12, folded);
    return month;
}

static int find_weekday(struct arena *a, const struct date_names *names, struct str folded) {
    int day = find_name(a, names->days, 7, folded);
    return day != 0 ? day : find_name(a, names->short_days, 7, folded);
}

static bool read_number(struct str s, size_t least, size_t most, int *out) {
    uint64_t n = 0;
    if (s.n < least || s.n > most || !str_to_u64(s, &n))
        return false;
    *out = (int)n;
    return true;
}

static bool read_time(struct str s, struct text_civil *c) {
    struct str hour = STR_NONE;
    if (!str_next(&s, ':', &hour) || !read_number(hour, 1, 2, &c->hour) || !read_number(s, 2, 2, &c->minute))
        return false;
    return c->hour < 24 && c->minute < 60;
}

// The next run of bytes that are not spaces or commas.
static struct str next_word(struct str *s) {
    size_t at = 0;
    while (at < s->n && (s->p[at] == ' ' || s->p[at] == ',' || s->p[at] == '\t'))
        at++;
    size_t end = at;
    while (end < s->n && s->p[end] != ' ' && s->p[end] != ',' && s->p[end] != '\t')
        end++;
    struct str word = str_slice(*s, at, end);
    *s = str_slice(*s, end, s->n);
    return word;
}

static enum rc read_line(struct arena *a, struct str line, const struct text_zone *zone, enum text_lang lang,
                         int64_t *out) {
    struct text_civil c = {0};
    struct str rest = text_fold(a, line);
    struct str weekday = next_word(&rest);
    struct str day = next_word(&rest);
    struct str month = next_word(&rest);
    struct str year = next_word(&rest);
    struct str time = next_word(&rest);
    if (next_word(&rest).n > 0)
        return RC_INVALID;
    if (!read_number(day, 1, 2, &c.day) || !read_number(year, 4, 4, &c.year) || !read_time(time, &c))
        return RC_INVALID;
    const struct date_names *english = date_names_of(LANG_EN);
    const struct date_names *own = date_names_of(lang);
    c.month = find_month(a, english, month);
    if (c.month == 0)
        c.month = find_month(a, own, month);
    int named = find_weekday(a, english, weekday);
    if (named == 0)
        named = find_weekday(a, own, weekday);
    if (c.month == 0 || named == 0 || c.day < 1)
        return RC_INVALID;
    struct text_civil back = date_normal(c);
    if (back.day != c.day || named != date_weekday(&c) + 1)
        return RC_INVALID; // 31 April, or a Tuesday that was a Monday
    *out = text_civil_to_us(zone, c);
    return RC_OK;
}

enum rc text_date_parse_k2(struct str line, const struct text_zone *zone, enum text_lang lang, int64_t *out) {
    if (line.n > 200)
        return RC_INVALID;
    struct arena *a = arena_new(1 << 18);
    enum rc rc = read_line(a, line, zone, lang, out);
    arena_free(&a);
    return rc;
}
