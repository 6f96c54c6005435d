// SPDX-License-Identifier: AGPL-3.0-or-later
// The nine languages the station writes in, and which of them a reader's browser asks for.
#include <unicode/uloc.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "text/inside.h"

static const struct {
    struct str code, name;
    const char *locale; // the Arabic pages count in Arabic-Indic digits, wherever CLDR's default may move
} languages[LANG_COUNT] = {
    [LANG_EN] = {STR("en"), STR("English"), "en"},
    [LANG_ID] = {STR("id"), STR("Bahasa Indonesia"), "id"},
    [LANG_AR] = {STR("ar"), STR("العربية"), "ar@numbers=arab"},
    [LANG_ZH] = {STR("zh"), STR("中文"), "zh"},
    [LANG_JA] = {STR("ja"), STR("日本語"), "ja"},
    [LANG_FR] = {STR("fr"), STR("Français"), "fr"},
    [LANG_DE] = {STR("de"), STR("Deutsch"), "de"},
    [LANG_ES] = {STR("es"), STR("Español"), "es"},
    [LANG_NL] = {STR("nl"), STR("Nederlands"), "nl"},
};

static void need_language(enum text_lang lang) {
    char name[ULOC_LANG_CAPACITY] = "";
    UErrorCode e = U_ZERO_ERROR;
    struct str code = languages[lang].code;
    for (int32_t i = 0; i < ucal_countAvailable(); i++) {
        e = U_ZERO_ERROR;
        uloc_getLanguage(ucal_getAvailable(i), name, sizeof name, &e);
        if (U_SUCCESS(e) && str_eq(str_from(name), code))
            return;
    }
    log_error("ICU's data lacks the language %.*s: install the full libicu data", STR_ARG(code));
    must(false && "ICU data");
}

void text_start(void) {
    for (int lang = 0; lang < LANG_COUNT; lang++)
        need_language((enum text_lang)lang);
    number_start();
    words_start();
    date_start();
    fold_start();
}

const char *lang_locale(enum text_lang lang) {
    return languages[lang].locale;
}

struct str text_country(struct arena *a, enum text_lang lang, struct str code) {
    UChar name[128];
    char utf8[512], locale[16];
    int32_t n = 0;
    UErrorCode e = U_ZERO_ERROR;
    if (code.n != 2)
        return code;
    snprintf(locale, sizeof locale, "und_%.*s", STR_ARG(code));
    int32_t used = uloc_getDisplayCountry(locale, languages[lang].locale, name, 128, &e);
    u_strToUTF8(utf8, sizeof utf8, &n, name, U_SUCCESS(e) && used < 128 ? used : 0, &e);
    return U_SUCCESS(e) && n > 0 ? str_dup(a, (struct str){utf8, (size_t)n}) : code;
}

bool text_lang_find(struct str code, enum text_lang *out) {
    for (int i = 0; i < LANG_COUNT; i++) {
        if (!str_eq(languages[i].code, code))
            continue;
        *out = (enum text_lang)i;
        return true;
    }
    return false;
}

struct str text_lang_code(enum text_lang lang) {
    return languages[lang].code;
}

struct str text_lang_name(enum text_lang lang) {
    return languages[lang].name;
}

bool text_lang_is_rtl(enum text_lang lang) {
    return lang == LANG_AR;
}

// ---- Accept-Language -----------------------------------------------------------------------------------------------

// A header longer than any honest one is read to this many ranges.
enum { RANGES_MAX = 40 };

// RFC 9110 12.4.2: "0", "0.25", "1", "1.000", as thousandths; -1 for anything else.
static int read_weight(struct str s) {
    s = str_trim(s);
    if (s.n < 1 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
        return -1;
    int weight = (s.p[0] - '0') * 1000;
    int unit = 100;
    for (size_t i = 2; i < s.n; i++, unit /= 10) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        weight += (s.p[i] - '0') * unit;
    }
    return weight <= 1000 ? weight : -1;
}

// The weight of "de-AT;q=0.8" and its first subtag; weight -1 when the range is malformed.
static int read_range(struct str range, struct str *primary_out) {
    struct str tag = STR_NONE;
    int weight = 1000;
    if (!str_next(&range, ';', &tag))
        return -1;
    struct str parameter = STR_NONE;
    while (str_next(&range, ';', &parameter)) {
        parameter = str_trim(parameter);
        if (parameter.n < 2 || (parameter.p[0] != 'q' && parameter.p[0] != 'Q') || parameter.p[1] != '=')
            return -1;
        weight = read_weight(str_slice(parameter, 2, parameter.n));
    }
    tag = str_trim(tag);
    size_t dash = 0;
    *primary_out = str_find_char(tag, '-', &dash) ? str_slice(tag, 0, dash) : tag;
    return weight;
}

static bool find_primary(struct str primary, enum text_lang *out) {
    if (str_eq_nocase(primary, STR("in"))) // the code Indonesian had before 1989; old phones still send it
        primary = STR("id");
    for (int i = 0; i < LANG_COUNT; i++) {
        if (!str_eq_nocase(languages[i].code, primary))
            continue;
        *out = (enum text_lang)i;
        return true;
    }
    return false;
}

enum text_lang text_lang_negotiate(struct str accept_language, uint32_t allowed, enum text_lang otherwise) {
    int weights[LANG_COUNT]; // -1: not mentioned
    unsigned order[LANG_COUNT] = {0};
    int star = -1;
    unsigned seen = 0;
    for (int i = 0; i < LANG_COUNT; i++)
        weights[i] = -1;
    struct str range = STR_NONE;
    while (seen < RANGES_MAX && str_next(&accept_language, ',', &range)) {
        struct str primary = STR_NONE;
        enum text_lang lang = LANG_EN;
        int weight = read_range(range, &primary);
        seen++;
        if (weight >= 0 && str_eq(primary, STR("*")))
            star = weight;
        if (weight < 0 || !find_primary(primary, &lang) || weight <= weights[lang])
            continue;
        weights[lang] = weight;
        order[lang] = seen;
    }
    int best = -1;
    for (int i = 0; i < LANG_COUNT; i++) {
        if ((allowed >> i & 1) == 0 || weights[i] <= 0)
            continue;
        if (best < 0 || weights[i] > weights[best] || (weights[i] == weights[best] && order[i] < order[best]))
            best = i;
    }
    // "*" stands for every language not named: the page's own first, unless the reader refused it with q=0.
    if (star > 0 && (best < 0 || star > weights[best]) && weights[otherwise] < 0)
        return otherwise;
    return best >= 0 ? (enum text_lang)best : otherwise;
}

// ---- UTF-16 ---------------------------------------------------------------------------------------------------------

struct wide wide_from(struct arena *a, struct str s) {
    struct wide w = {ARENA_ARRAY(a, UChar, s.n + 1), 0};
    UErrorCode e = U_ZERO_ERROR;
    must(s.n < INT32_MAX / 4);
    if (s.n > 0)
        u_strFromUTF8WithSub(w.p, (int32_t)s.n + 1, &w.n, s.p, (int32_t)s.n, 0xfffd, NULL, &e);
    must(U_SUCCESS(e));
    return w;
}

struct str wide_to(struct arena *a, const UChar *p, int32_t n) {
    size_t room = (size_t)n * 3 + 1;
    char *out = arena_take(a, room);
    int32_t used = 0;
    UErrorCode e = U_ZERO_ERROR;
    if (n > 0)
        u_strToUTF8WithSub(out, (int32_t)room, &used, p, n, 0xfffd, NULL, &e);
    must(U_SUCCESS(e));
    return (struct str){out, (size_t)used};
}
