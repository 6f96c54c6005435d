// SPDX-License-Identifier: AGPL-3.0-or-later
// Typed reading of forms. A problem is the key of a sentence in i18n, so that the page can say it in its language.
#include "http/form.h"
#include "http/url.h"

enum { WORD_MAX = 64, WORDS_BYTES = 8192, LINES_MAX = 64, LINES_BYTES = 1 << 17 };

// '+' is a space and the line ends of text areas (CRLF) become newlines. False: not decodable.
static bool decode(struct arena *a, struct str encoded, struct str *out) {
    char *copy = arena_take(a, encoded.n + 1);
    for (size_t i = 0; i < encoded.n; i++)
        copy[i] = encoded.p[i] == '+' ? ' ' : encoded.p[i];
    struct str text;
    if (!percent_decode(a, (struct str){copy, encoded.n}, &text) || !utf8_valid(text))
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) // decoded text is never longer than its encoding
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            copy[n++] = text.p[i];
    copy[n] = '\0';
    *out = (struct str){copy, n};
    return true;
}

static const char *check_text(const struct http_field_rule *rule, struct str value) {
    size_t at = 0;
    while (at < value.n) {
        uint32_t c = utf8_next(value, &at);
        if ((c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0))
            return "form_bad_text";
    }
    int64_t count = (int64_t)utf8_count(value);
    if (count < rule->min)
        return "form_too_short";
    return rule->max > 0 && count > rule->max ? "form_too_long" : NULL;
}

static const char *check_number(const struct http_field_rule *rule, struct str value) {
    int64_t number;
    if (value.n == 0 || value.p[0] == '+' || !str_to_i64(value, &number))
        return "form_not_a_number";
    bool bounded = rule->min != 0 || rule->max != 0;
    return bounded && (number < rule->min || number > rule->max) ? "form_not_a_number" : NULL;
}

static const char *check_word(const struct http_field_rule *rule, struct str value) {
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i], lower = (char)(c | 0x20);
        if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-')
            return "form_bad_text";
    }
    if ((int64_t)value.n < rule->min)
        return "form_too_short";
    return rule->max > 0 && (int64_t)value.n > rule->max ? "form_too_long" : NULL;
}

static const char *check_date(struct str v) {
    static const int8_t length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t year, month, day;
    if (v.n != 10 || v.p[4] != '-' || v.p[7] != '-' || !str_to_u64(str_slice(v, 0, 4), &year) ||
        !str_to_u64(str_slice(v, 5, 7), &month) || !str_to_u64(str_slice(v, 8, 10), &day))
        return "form_bad_date";
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return "form_bad_date";
    bool leap = month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
    return day > (uint64_t)length[month - 1] + (leap ? 1 : 0) ? "form_bad_date" : NULL;
}

// min and max count the words; each is bounded by itself.
static const char *check_words(const struct http_field_rule *rule, struct str value) {
    static const struct http_field_rule one = {"", HTTP_FIELD_WORD, true, 1, WORD_MAX, ""};
    struct str word;
    int64_t count = 0;
    while (str_next(&value, ' ', &word)) {
        const char *problem = check_word(&one, word);
        if (problem != NULL)
            return problem;
        count++;
    }
    if (count < rule->min)
        return "form_too_short";
    return rule->max > 0 && count > rule->max ? "form_too_long" : NULL;
}

static const char *check_lines(const struct http_field_rule *rule, struct str value) {
    struct str line;
    size_t count = 0, at;
    while (str_find_char(value, '\n', &at)) {
        line = str_slice(value, 0, at);
        value = str_slice(value, at + 1, value.n);
        const char *problem = check_text(rule, line);
        if (problem != NULL || ++count == LINES_MAX)
            return problem != NULL ? problem : "form_too_long";
    }
    return check_text(rule, value);
}

static const char *check(const struct http_field_rule *rule, struct str value) {
    if (str_trim(value).n == 0 && rule->kind != HTTP_FIELD_LINES)
        return rule->required ? "form_required" : NULL;
    switch (rule->kind) {
    case HTTP_FIELD_TEXT:
    case HTTP_FIELD_SECRET:
        return check_text(rule, value);
    case HTTP_FIELD_NUMBER:
        return check_number(rule, value);
    case HTTP_FIELD_WORD:
        return check_word(rule, value);
    case HTTP_FIELD_DATE:
        return check_date(value);
    case HTTP_FIELD_WORDS:
        return check_words(rule, value);
    case HTTP_FIELD_LINES:
        return check_lines(rule, value);
    }
    return "form_bad_text";
}

static size_t field_named(struct arena *a, const struct http_form *form, struct str encoded_name) {
    struct str name;
    size_t at = form->count;
    if (!decode(a, encoded_name, &name))
        return at;
    for (at = 0; at < form->count; at++)
        if (str_eq(name, str_from(form->rules[at].name)))
            break;
    return at;
}

// An empty one counts too: it would hide between two others.
static struct str add_one(struct arena *a, struct str all, char between, struct str one) {
    return all.p == NULL ? one : str_fmt(a, "%.*s%c%.*s", STR_ARG(all), between, STR_ARG(one));
}

static void take_field(struct arena *a, const struct http_field_rule *rule, struct str encoded, struct http_field *f) {
    struct str value;
    bool words = rule->kind == HTTP_FIELD_WORDS, lines = rule->kind == HTTP_FIELD_LINES, several = words || lines;
    if (f->value.p != NULL && !several) {
        f->problem = "form_bad_text";
    } else if (!decode(a, encoded, &value)) {
        f->value = STR("");
        f->problem = "form_bad_text";
    } else if (f->value.n < (lines ? LINES_BYTES : WORDS_BYTES)) { // quadratic up to here, and no further
        f->value = several ? add_one(a, f->value, lines ? '\n' : ' ', value) : value;
    } else {
        f->problem = "form_too_long";
    }
}

bool form_read(struct arena *a, const struct http_form *form, struct str encoded, struct http_field *fields) {
    for (size_t i = 0; i < form->count; i++)
        fields[i] = (struct http_field){str_from(form->rules[i].name), STR_NONE, NULL};
    struct str name, value;
    while (url_query_next(&encoded, &name, &value)) {
        size_t at = field_named(a, form, name);
        if (at < form->count)
            take_field(a, &form->rules[at], value, &fields[at]);
    }
    bool ok = true;
    for (size_t i = 0; i < form->count; i++) {
        if (fields[i].problem == NULL)
            fields[i].problem = check(&form->rules[i], fields[i].value);
        ok = ok && fields[i].problem == NULL;
    }
    return ok;
}

struct str form_find(struct arena *a, struct str encoded, struct str wanted) {
    struct str name, value, text;
    while (url_query_next(&encoded, &name, &value))
        if (decode(a, name, &text) && str_eq(text, wanted))
            return decode(a, value, &text) ? text : STR_NONE;
    return STR_NONE;
}
