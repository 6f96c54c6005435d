// SPDX-License-Identifier: AGPL-3.0-or-later
// Folding: what the reader types and what the newsroom wrote become the same letters. Compatibility forms, case,
// accents and Arabic vowel marks go; letters that differ only by habit (alef with hamza, ta marbuta, o with stroke)
// become one; digits of every script become ours. Japanese voicing marks stay: they make other letters.
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "text/fold.h"

static const UNormalizer2 *casefold;
static const UNormalizer2 *nfd;
static const UNormalizer2 *nfc;

void fold_start(void) {
    UErrorCode e = U_ZERO_ERROR;
    casefold = unorm2_getNFKCCasefoldInstance(&e);
    nfd = unorm2_getNFDInstance(&e);
    nfc = unorm2_getNFCInstance(&e);
    must(U_SUCCESS(e));
}

static bool is_ascii(struct str s) {
    unsigned char all = 0;
    for (size_t i = 0; i < s.n; i++)
        all |= (unsigned char)s.p[i];
    return all < 128;
}

static void lower_ascii(struct str s, char *out) {
    for (size_t i = 0; i < s.n; i++)
        out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]);
}

// The letter that stands for c, or 0 when c goes. Letters that become two are not here.
static UChar32 fold_letter(UChar32 c) {
    static const struct {
        UChar from, to;
    } rows[] = {
        {0x0131, 'i'},    {0x0142, 'l'},    {0x0111, 'd'},    {0x00f0, 'd'},    {0x00f8, 'o'},
        {0x2019, '\''},   {0x2018, '\''},   {0x0671, 0x0627}, {0x0649, 0x064a}, {0x06cc, 0x064a},
        {0x06a9, 0x0643}, {0x0629, 0x0647}, {0x06c1, 0x0647},
    };
    if (c < 0x80)
        return c;
    if (c == 0x0640 || (u_charType(c) == U_NON_SPACING_MARK && c != 0x3099 && c != 0x309a && c < 0x0900) ||
        (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff))
        return 0;
    if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
        return '0' + u_charDigitValue(c);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].from == c)
            return rows[i].to;
    return c;
}

// In place where letters go or stay one; `room` bounds the few that become two.
static int32_t fold_letters(const UChar *from, int32_t n, UChar *to, int32_t room) {
    int32_t out = 0;
    for (int32_t i = 0; i < n && out + 2 <= room;) {
        UChar32 c = from[i++]; // well-formed: it comes out of the normalizer
        if (c >= 0xd800 && c <= 0xdbff && i < n)
            c = ((c - 0xd800) << 10) + (from[i++] - 0xdc00) + 0x10000;
        if (c == 0x00e6 || c == 0x0153 || c == 0x00fe) {
            to[out++] = c == 0x00e6 ? 'a' : c == 0x0153 ? 'o' : 't';
            to[out++] = c == 0x00fe ? 'h' : 'e';
            continue;
        }
        c = fold_letter(c);
        if (c != 0)
            U16_APPEND_UNSAFE(to, out, c);
    }
    return out;
}

// a and b hold `room` each; the result is in a. Negative when it does not fit.
static int32_t fold_wide(UChar *a, int32_t n, UChar *b, int32_t room) {
    UErrorCode e = U_ZERO_ERROR;
    n = unorm2_normalize(casefold, a, n, b, room, &e);
    n = U_SUCCESS(e) ? unorm2_normalize(nfd, b, n, a, room, &e) : 0;
    if (U_FAILURE(e))
        return -1;
    n = fold_letters(a, n, b, room);
    n = unorm2_normalize(nfc, b, n, a, room, &e);
    return U_SUCCESS(e) ? n : -1;
}

static size_t fold_beyond_ascii(struct str s, char out[FOLD_MAX]) {
    UChar a[768];
    UChar b[768];
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = 0;
    u_strFromUTF8WithSub(a, 768, &n, s.p, (int32_t)s.n, 0xfffd, NULL, &e);
    n = U_SUCCESS(e) ? fold_wide(a, n, b, 768) : -1;
    int32_t used = 0;
    if (n > 0)
        u_strToUTF8WithSub(out, FOLD_MAX, &used, a, n, 0xfffd, NULL, &e);
    return n > 0 && U_SUCCESS(e) ? (size_t)used : 0; // one of ICU's 18-letter ligatures many times over: no word
}

// Most words are ASCII, and the other way's memory is cleared each time it is entered: so it has its own function.
size_t fold_word(struct str s, char out[FOLD_MAX]) {
    s = utf8_cut(s, FOLD_SOURCE_MAX);
    if (!is_ascii(s))
        return fold_beyond_ascii(s, out);
    lower_ascii(s, out);
    return s.n;
}

struct str text_fold(struct arena *a, struct str s) {
    if (is_ascii(s)) {
        char *out = arena_take(a, s.n + 1);
        lower_ascii(s, out);
        return (struct str){out, s.n};
    }
    struct wide w = wide_from(a, s);
    for (int32_t factor = 3;; factor *= 3) { // NFKC makes at most 18 of one, NFD 4 of one
        int32_t room = w.n * factor + 64;
        UChar *one = ARENA_ARRAY(a, UChar, (size_t)room);
        UChar *two = ARENA_ARRAY(a, UChar, (size_t)room);
        memcpy(one, w.p, (size_t)w.n * sizeof *one);
        int32_t n = fold_wide(one, w.n, two, room);
        if (n >= 0)
            return wide_to(a, one, n);
        must(factor < 100);
    }
}

struct str text_nfc(struct arena *a, struct str s) {
    if (is_ascii(s))
        return str_dup(a, s);
    struct wide w = wide_from(a, s);
    int32_t room = w.n * 3 + 64; // NFC makes at most 3 of one
    UChar *out = ARENA_ARRAY(a, UChar, (size_t)room);
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = unorm2_normalize(nfc, w.p, w.n, out, room, &e);
    must(U_SUCCESS(e));
    return wide_to(a, out, n);
}
