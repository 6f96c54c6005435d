// SPDX-License-Identifier: AGPL-3.0-or-later
// Numbers in each language's digits and grouping, and the plural form a number takes.
//
// ICU is asked once, at the start, for the digits, the separators and the plural category of every class of number
// the nine languages distinguish; the unit test holds the result against ICU for thousands of numbers.
#include <math.h>

#include <unicode/unum.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "text/inside.h"
#include "text/word_table.h"

struct piece {
    char p[8];
    uint8_t n;
};

static struct numerals {
    struct piece digit[10];
    struct piece group, decimal, minus;
    unsigned least_group;  // digits before the first separator: Spanish writes 1234 but 12.345
    uint8_t small[100];    // plural form of 0 .. 99
    uint8_t hundreds[100]; // of numbers from 100, by the last two digits
    uint8_t million;       // of whole millions
} numerals[LANG_COUNT];

static struct piece piece_of(const UNumberFormat *f, UNumberFormatSymbol symbol) {
    UChar wide[8];
    UErrorCode e = U_ZERO_ERROR;
    struct piece piece = {0};
    int32_t used = 0;
    int32_t n = unum_getSymbol(f, symbol, wide, 8, &e);
    u_strToUTF8(piece.p, sizeof piece.p, &used, wide, n, &e);
    must(U_SUCCESS(e) && used > 0 && used <= 8);
    piece.n = (uint8_t)used;
    return piece;
}

static uint8_t form_of(const UPluralRules *rules, double n) {
    static const char *const names[] = {"zero", "one", "two", "few", "many", "other"};
    UChar wide[16];
    char name[16];
    UErrorCode e = U_ZERO_ERROR;
    int32_t used = uplrules_select(rules, n, wide, 15, &e);
    must(U_SUCCESS(e) && used < 16);
    u_UCharsToChars(wide, name, used);
    name[used] = '\0';
    for (unsigned i = 0; i < 6; i++)
        if (strcmp(names[i], name) == 0)
            return (uint8_t)(FORM_ZERO + i);
    return FORM_OTHER;
}

static void ask_plurals(enum text_lang lang, struct numerals *v) {
    UErrorCode e = U_ZERO_ERROR;
    UPluralRules *rules = uplrules_open(lang_locale(lang), &e);
    must(U_SUCCESS(e));
    for (unsigned i = 0; i < 100; i++) {
        v->small[i] = form_of(rules, i);
        v->hundreds[i] = form_of(rules, i + 100);
    }
    v->million = form_of(rules, 1e6);
    uplrules_close(rules);
}

// ICU says it only when told to follow the language, so a four-digit number is tried.
static unsigned ask_least_group(UNumberFormat *f) {
    UChar wide[32];
    UErrorCode e = U_ZERO_ERROR;
    unum_setAttribute(f, UNUM_MINIMUM_GROUPING_DIGITS, -2);
    int32_t n = unum_format(f, 1234, wide, 32, NULL, &e);
    must(U_SUCCESS(e) && n >= 4);
    return n == 4 ? 2 : 1;
}

void number_start(void) {
    static const UNumberFormatSymbol digits[10] = {
        UNUM_ZERO_DIGIT_SYMBOL,  UNUM_ONE_DIGIT_SYMBOL,  UNUM_TWO_DIGIT_SYMBOL, UNUM_THREE_DIGIT_SYMBOL,
        UNUM_FOUR_DIGIT_SYMBOL,  UNUM_FIVE_DIGIT_SYMBOL, UNUM_SIX_DIGIT_SYMBOL, UNUM_SEVEN_DIGIT_SYMBOL,
        UNUM_EIGHT_DIGIT_SYMBOL, UNUM_NINE_DIGIT_SYMBOL};
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        struct numerals *v = &numerals[lang];
        UErrorCode e = U_ZERO_ERROR;
        UNumberFormat *f = unum_open(UNUM_DECIMAL, NULL, 0, lang_locale((enum text_lang)lang), NULL, &e);
        must(U_SUCCESS(e));
        for (int d = 0; d < 10; d++)
            v->digit[d] = piece_of(f, digits[d]);
        v->group = piece_of(f, UNUM_GROUPING_SEPARATOR_SYMBOL);
        v->decimal = piece_of(f, UNUM_DECIMAL_SEPARATOR_SYMBOL);
        v->minus = piece_of(f, UNUM_MINUS_SIGN_SYMBOL);
        v->least_group = ask_least_group(f);
        unum_close(f);
        ask_plurals((enum text_lang)lang, v);
    }
}

unsigned number_form(enum text_lang lang, uint64_t n) {
    const struct numerals *v = &numerals[lang];
    if (n < 100)
        return v->small[n];
    return n % 1000000 == 0 ? v->million : v->hundreds[n % 100];
}

// Always eight bytes, of which those behind the piece are written over by the next or ignored: a copy of a known
// length is one store.
static char *put_piece(char *at, const struct piece *piece) {
    memcpy(at, piece->p, sizeof piece->p);
    return at + piece->n;
}

size_t number_write(enum text_lang lang, uint64_t n, char out[NUMBER_MAX_BYTES]) {
    const struct numerals *v = &numerals[lang];
    uint8_t digits[20];
    unsigned count = 0;
    do {
        digits[count++] = (uint8_t)(n % 10);
        n /= 10;
    } while (n > 0);
    bool grouped = count >= 3 + v->least_group;
    char *at = out;
    while (count > 0) {
        at = put_piece(at, &v->digit[digits[--count]]);
        if (grouped && count > 0 && count % 3 == 0)
            at = put_piece(at, &v->group);
    }
    return (size_t)(at - out);
}

struct str text_number(struct arena *a, enum text_lang lang, int64_t n) {
    char out[NUMBER_MAX_BYTES + 8];
    char *at = n < 0 ? put_piece(out, &numerals[lang].minus) : out;
    at += number_write(lang, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, at);
    return str_dup(a, (struct str){out, (size_t)(at - out)});
}

struct str text_decimal(struct arena *a, enum text_lang lang, double v, int digits) {
    static const double powers[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    must(digits >= 0 && digits <= 6);
    if (!isfinite(v) || fabs(v) > 9e11)
        v = isnan(v) ? 0 : v < 0 ? -9e11 : 9e11;
    uint64_t scaled = (uint64_t)llrint(fabs(v) * powers[digits]); // half to even, as ICU rounds
    uint64_t unit = (uint64_t)powers[digits];
    char out[NUMBER_MAX_BYTES * 2];
    char *at = v < 0 && scaled > 0 ? put_piece(out, &numerals[lang].minus) : out;
    at += number_write(lang, scaled / unit, at);
    if (digits > 0)
        at = put_piece(at, &numerals[lang].decimal);
    for (uint64_t rest = scaled % unit; digits > 0; digits--) {
        unit /= 10;
        at = put_piece(at, &numerals[lang].digit[rest / unit]);
        rest %= unit;
    }
    return str_dup(a, (struct str){out, (size_t)(at - out)});
}

struct str text_upper_ascii(struct arena *a, struct str s) {
    char *out = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 'a' + 'A' : s.p[i]);
    return (struct str){out, s.n};
}

struct str text_bytes(struct arena *a, enum text_lang lang, int64_t n) {
    bool mega = n >= 1000000;
    struct str number = text_decimal(a, lang, n < 100 ? 0.1 : (double)n / (mega ? 1e6 : 1e3), 1);
    return str_fmt(a, "%.*s %s", STR_ARG(number), mega ? "MB" : "kB");
}
