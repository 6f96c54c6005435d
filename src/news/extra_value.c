// SPDX-License-Identifier: AGPL-3.0-or-later
// A value of an extra field, from what somebody typed to what is stored, by the field's kind. Stored values are plain and
// the same in every language; pages write them in the language's form.
#include "news/internal.h"

enum { NUMBER_DIGITS = 15, WHOLE_DIGITS = 11, DECIMALS = 6 }; // what a double and text_decimal keep exactly
enum { ADDRESS_BYTES = 1000 };

// ---- numbers ---------------------------------------------------------------------------------------------------------

// Digits of the scripts that the nine languages write, full width included; the Arabic point; U+2212 as a hyphen.
static struct str ascii_number(struct arena *a, struct str s) {
    char *out = arena_take(a, s.n + 1);
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        uint32_t zero = c >= 0x660 && c <= 0x669 ? 0x660 : c >= 0x6f0 && c <= 0x6f9 ? 0x6f0 : 0xff10;
        if (c >= zero && c <= zero + 9)
            out[n++] = (char)('0' + (c - zero));
        else if (c == 0x66b || c == 0xff0e || c == 0x2212)
            out[n++] = c == 0x2212 ? '-' : '.';
        else
            for (; from < at; from++)
                out[n++] = s.p[from];
    }
    return (struct str){out, n};
}

static size_t digits_from(struct str s, size_t at) {
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
        n++;
    return n;
}

// Whether a number stands there, and how many decimals it has.
static bool number_shape(struct str s, size_t *decimals_out) {
    size_t at = s.n > 0 && s.p[0] == '-', whole = digits_from(s, at);
    *decimals_out = at + whole < s.n && s.p[at + whole] == '.' ? digits_from(s, at + whole + 1) : 0;
    size_t n = at + whole + (*decimals_out > 0 ? *decimals_out + 1 : 0);
    return whole > 0 && whole <= WHOLE_DIGITS && *decimals_out <= DECIMALS && whole + *decimals_out <= NUMBER_DIGITS &&
           n == s.n;
}

static enum extra_fault number_take(struct arena *a, struct str typed, struct str *out) {
    size_t decimals;
    struct str s = ascii_number(a, typed);
    bool minus = s.n > 0 && s.p[0] == '-';
    size_t from = minus;
    while (from + 1 < s.n && s.p[from] == '0' && s.p[from + 1] >= '0' && s.p[from + 1] <= '9')
        from++;
    *out = str_fmt(a, "%s%.*s", minus ? "-" : "", STR_ARG(str_slice(s, from, s.n)));
    return number_shape(*out, &decimals) ? EXTRA_FINE : EXTRA_NO_NUMBER;
}

bool extra_number_read(struct str stored, double *out, int *decimals_out) {
    size_t decimals;
    if (!number_shape(stored, &decimals))
        return false;
    double value = 0, unit = 1;
    for (size_t i = 0; i < stored.n; i++)
        if (stored.p[i] >= '0' && stored.p[i] <= '9')
            value = value * 10 + (stored.p[i] - '0');
    for (size_t i = 0; i < decimals; i++)
        unit *= 10;
    *out = (stored.p[0] == '-' ? -value : value) / unit;
    *decimals_out = (int)decimals;
    return true;
}

// ---- dates and links ---------------------------------------------------------------------------------------------------

static bool part_read(struct str s, size_t from, size_t to, int *out) {
    uint64_t n;
    if (!str_to_u64(str_slice(s, from, to), &n))
        return false;
    *out = (int)n;
    return true;
}

bool extra_date_read(struct str s, struct text_civil *out) {
    *out = (struct text_civil){0};
    if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !part_read(s, 0, 4, &out->year) ||
        !part_read(s, 5, 7, &out->month) || !part_read(s, 8, 10, &out->day))
        return false;
    if (out->year < 1000 || out->month < 1 || out->month > 12 || out->day < 1 || out->day > 31)
        return false;
    struct text_civil back = text_day_civil(text_day_of(*out));
    return back.day == out->day && back.month == out->month; // 30 February is no day
}

static bool address_is_sound(struct str s) {
    bool web = str_starts(s, STR("https://")) || str_starts(s, STR("http://"));
    bool own = s.n > 1 && s.p[0] == '/' && s.p[1] != '/' && s.p[1] != '\\';
    bool other = str_starts(s, STR("mailto:")) || str_starts(s, STR("tel:"));
    for (size_t i = 0; i < s.n; i++)
        if (strchr("<>\"`\\ ", s.p[i]) != NULL)
            return false;
    size_t least = web ? 12 : 5; // "https://a.id"
    return (web || own || other) && (own || s.n >= least) && s.n <= ADDRESS_BYTES && is_line(s);
}

bool extra_link_read(struct str stored, struct str *address_out, struct str *words_out) {
    size_t at = stored.n;
    if (!str_find_char(stored, ' ', &at))
        at = stored.n;
    *address_out = str_slice(stored, 0, at);
    *words_out = str_trim(str_slice(stored, at, stored.n));
    return address_is_sound(*address_out);
}

static enum extra_fault link_take(struct arena *a, struct str typed, struct str *out) {
    struct str address, words;
    size_t at = 0;
    bool bare = str_starts(typed, STR("www.")) && str_find_char(typed, '.', &at);
    *out = bare ? str_fmt(a, "https://%.*s", STR_ARG(typed)) : typed;
    if (!extra_link_read(*out, &address, &words))
        return EXTRA_NO_LINK;
    if (words.n > 0)
        *out = str_fmt(a, "%.*s %.*s", STR_ARG(address), STR_ARG(words));
    return utf8_count(words) > EXTRA_LINE_MAX ? EXTRA_TOO_LONG : EXTRA_FINE;
}

// ---- words -----------------------------------------------------------------------------------------------------------

static enum extra_fault line_take(struct str typed, struct str *out) {
    *out = typed;
    return !is_line(typed) ? EXTRA_NO_LINE : utf8_count(typed) > EXTRA_LINE_MAX ? EXTRA_TOO_LONG : EXTRA_FINE;
}

// Each line trimmed, empty ones at both ends left out.
static enum extra_fault text_take(struct arena *a, struct str typed, struct str *out) {
    struct buf b;
    struct str line;
    bool sound = true;
    buf_init(&b, 5 * EXTRA_VALUE_MAX);
    for (bool first = true; str_next(&typed, '\n', &line); first = false) {
        if (!first)
            buf_str(&b, EXTRA_LINE_END);
        char *words = str_c(a, str_trim(line));
        for (char *c = words; *c != '\0'; c++)
            if (*c == '\t')
                *c = ' ';
        sound = sound && is_line(str_from(words));
        buf_c(&b, words);
    }
    *out = str_dup(a, buf_view(&b));
    bool whole = !b.failed && utf8_count(*out) <= EXTRA_VALUE_MAX;
    buf_fini(&b);
    while (str_ends(*out, EXTRA_LINE_END))
        out->n -= EXTRA_LINE_END.n;
    while (str_starts(*out, EXTRA_LINE_END))
        *out = str_slice(*out, EXTRA_LINE_END.n, out->n);
    return !sound ? EXTRA_NO_LINE : whole ? EXTRA_FINE : EXTRA_TOO_LONG;
}

static enum extra_fault choice_take(const struct extra_field *f, struct str typed, struct str *out) {
    *out = typed;
    return extra_value_of(f->common.choices, typed).n > 0 ? EXTRA_FINE : EXTRA_NO_CHOICE;
}

enum extra_fault extra_value_take(struct arena *a, const struct extra_field *f, struct str typed, struct str *out) {
    struct text_civil day;
    typed = str_trim(typed);
    *out = typed;
    if (typed.n == 0)
        return EXTRA_FINE;
    if (!utf8_valid(typed) || typed.n > (size_t)8 * EXTRA_VALUE_MAX)
        return EXTRA_TOO_LONG;
    switch (f->kind) {
    case EXTRA_LINE:
        return line_take(typed, out);
    case EXTRA_TEXT:
        return text_take(a, typed, out);
    case EXTRA_NUMBER:
        return number_take(a, typed, out);
    case EXTRA_DATE:
        return extra_date_read(typed, &day) ? EXTRA_FINE : EXTRA_NO_DATE;
    case EXTRA_LINK:
        return link_take(a, typed, out);
    case EXTRA_CHOICE:
        return choice_take(f, typed, out);
    case EXTRA_FLAG:
        return str_eq(typed, STR("yes")) || str_eq(typed, STR("no")) ? EXTRA_FINE : EXTRA_NO_CHOICE;
    case EXTRA_KINDS:
        break;
    }
    return EXTRA_NO_CHOICE;
}

struct str extra_value_typed(struct arena *a, struct str stored) {
    char *out = arena_take(a, stored.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < stored.n;) {
        bool end = str_starts(str_slice(stored, i, stored.n), EXTRA_LINE_END);
        out[n++] = end ? '\n' : stored.p[i];
        i += end ? EXTRA_LINE_END.n : 1;
    }
    return (struct str){out, n};
}
