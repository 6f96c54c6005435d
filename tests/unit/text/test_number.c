// SPDX-License-Identifier: AGPL-3.0-or-later
// Numbers, counters and phrases, held against ICU's own formatting in all nine languages.
#include <unicode/umsg.h>
#include <unicode/unum.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#include "../check.h"
#include "text/inside.h"
#include "text/word_table.h"

static void same_number(enum text_lang lang, const UNumberFormat *f, int64_t n) {
    UChar wide[128];
    char expected[256];
    UErrorCode e = U_ZERO_ERROR;
    int32_t used = 0;
    struct arena *a = arena_new(4096);
    int32_t count = unum_formatInt64(f, n, wide, 128, NULL, &e);
    u_strToUTF8(expected, sizeof expected, &used, wide, count, &e);
    struct str got = text_number(a, lang, n);
    if (U_FAILURE(e) || !str_eq(got, (struct str){expected, (size_t)used}))
        fail_msg("%s: %.*s, ICU %.*s", lang_locale(lang), STR_ARG(got), used, expected);
    arena_free(&a);
}

static const char *form_name(unsigned form) {
    static const char *const names[] = {"zero", "one", "two", "few", "many", "other"};
    return names[form - FORM_ZERO];
}

static void same_form(enum text_lang lang, const UPluralRules *rules, uint64_t n) {
    UChar wide[16];
    char expected[16];
    UErrorCode e = U_ZERO_ERROR;
    u_UCharsToChars(wide, expected, uplrules_select(rules, (double)n, wide, 16, &e) + 1);
    if (strcmp(expected, form_name(number_form(lang, n))) != 0)
        fail_msg("%s %llu: %s, ICU %s", lang_locale(lang), (unsigned long long)n, form_name(number_form(lang, n)),
                 expected);
}

static void test_against_icu(void **state) {
    (void)state;
    for (int i = 0; i < LANG_COUNT; i++) {
        enum text_lang lang = (enum text_lang)i;
        UErrorCode e = U_ZERO_ERROR;
        UNumberFormat *f = unum_open(UNUM_DECIMAL, NULL, 0, lang_locale(lang), NULL, &e);
        UPluralRules *rules = uplrules_open(lang_locale(lang), &e);
        assert_true(U_SUCCESS(e));
        unum_setAttribute(f, UNUM_MINIMUM_GROUPING_DIGITS, -2); // as the language has it
        for (int64_t n = 0; n <= 5000; n++) {
            same_number(lang, f, n);
            same_form(lang, rules, (uint64_t)n);
        }
        for (int64_t n = 7; n < INT64_C(1000000000000000); n = n * 3 + 1) {
            same_number(lang, f, n);
            same_number(lang, f, -n);
            same_form(lang, rules, (uint64_t)n);
        }
        for (int64_t n = 1000000; n < INT64_C(1000000000000000); n *= 10) {
            same_number(lang, f, n);
            same_form(lang, rules, (uint64_t)n);
            same_form(lang, rules, (uint64_t)n + 1);
        }
        same_number(lang, f, INT64_MAX);
        same_number(lang, f, INT64_MIN);
        unum_close(f);
        uplrules_close(rules);
    }
}

static struct str counted(enum text_lang lang, enum text_word w, uint64_t n) {
    static char out[512];
    return (struct str){out, text_counter_write(text_counter_get(lang, w), n, out, sizeof out)};
}

static void test_the_old_sites_words(void **state) {
    (void)state;
    assert_str(counted(LANG_EN, W_VOTES_COUNT, 0), "(0 votes)");
    assert_str(counted(LANG_EN, W_VOTES_COUNT, 1), "(1 vote)");
    assert_str(counted(LANG_EN, W_VOTES_COUNT, 12), "(12 votes)");
    assert_str(counted(LANG_EN, W_READS_COUNT, 213), "Read 213 times");
    assert_str(counted(LANG_EN, W_STAR_N, 1), "1 star");
    assert_str(counted(LANG_ES, W_ARTICLES_COUNT, 1234), "1234 artículos");
    assert_str(counted(LANG_ES, W_ARTICLES_COUNT, 12345), "12.345 artículos");
    assert_str(counted(LANG_FR, W_ARTICLES_COUNT, 0), "0 article");
    assert_str(counted(LANG_AR, W_ARTICLES_COUNT, 2), "مقالان");
    assert_str(counted(LANG_AR, W_ARTICLES_COUNT, 1005), "١٬٠٠٥ مقالات");
    char small[4];
    assert_int_equal(text_counter_write(text_counter_get(LANG_EN, W_READS_COUNT), 213, small, sizeof small), 0);
}

// The build's compiler of plurals against ICU's: every counter, every language. The one that is live has a spot of the
// size of http.h's HTTP_SPOT_BYTES, which nothing of src/text knows.
enum { LIVE_SPOT = 192 };
static void test_every_counter_fits_its_spot(void **state) {
    (void)state;
    static const uint64_t numbers[] = {0, 1, 2, 3, 11, 100, 102, 1000000, UINT64_MAX};
    for (int lang = 0; lang < LANG_COUNT; lang++)
        for (unsigned w = 0; w < W_COUNT; w++)
            for (size_t i = 0; (word_rows[lang][w].uses & WORD_USES_NUMBER) != 0 && i < 9; i++)
                assert_in_range(counted((enum text_lang)lang, (enum text_word)w, numbers[i]).n, 1,
                                w == W_READS_COUNT ? LIVE_SPOT : 512); // the others stand in pages as they are rendered
}

static void test_phrases(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 16);
    assert_str(text_phrase(a, LANG_EN, W_PART_OF, 0, STR("2"), STR("3")), "Part 2 of 3");
    assert_str(text_phrase(a, LANG_JA, W_PART_OF, 0, STR("2"), STR("3")), "全3ページ中2ページ目");
    assert_str(text_phrase(a, LANG_EN, W_AGENCY_CREDIT, 0, STR("Reuters"), STR_NONE), "(Reuters)");
    assert_str(text_word(LANG_ID, W_HOME), "Beranda");
    assert_str(text_decimal(a, LANG_EN, 4.5, 1), "4.5");
    assert_str(text_decimal(a, LANG_DE, 4.5, 1), "4,5");
    assert_str(text_decimal(a, LANG_AR, 4.5, 1), "٤٫٥");
    assert_str(text_decimal(a, LANG_EN, -0.04, 1), "0.0");
    assert_str(text_decimal(a, LANG_EN, 1234.75, 1), "1,234.8");
    enum text_word w = W_COUNT;
    assert_true(text_word_find(STR("error_404_title"), &w));
    assert_int_equal(w, W_ERROR_404_TITLE);
    assert_false(text_word_find(STR("no_such_key"), &w));
    arena_free(&a);
}

static void test_a_reason_in_every_language(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 16);
    struct problem p = {""}, copy;
    char longest[400];
    assert_int_equal(problem_word(NULL, RC_BUSY, W_REASON_STALE, 0, STR_NONE), RC_BUSY);
    assert_int_equal(problem_word(&p, RC_INVALID, W_REASON_ALT_LONG, 1000, STR("fr")), RC_INVALID);
    assert_string_equal(p.text, "The alternative text (fr) is too long: one line of at most 1,000 bytes.");
    copy = p;
    assert_str(problem_text(a, &copy, LANG_DE),
               "Der Alternativtext (fr) ist zu lang: eine Zeile von höchstens 1.000 Byte.");
    assert_int_equal(problem_set(&p, RC_IO, "x"), RC_IO); // the words go with the sentence they stood behind
    assert_str(problem_text(a, &p, LANG_DE), "x");
    memset(longest, 'a', sizeof longest);
    (void)problem_word(&p, RC_INVALID, W_REASON_DATE_BAD, 0, (struct str){longest, sizeof longest});
    assert_int_equal(problem_text(a, &p, LANG_EN).n, strlen(p.text));
    for (int lang = 0; lang < LANG_COUNT; lang++)
        assert_true(problem_text(a, &p, (enum text_lang)lang).n > 146);
    memset(longest, 'b', sizeof longest);
    (void)problem_set(&p, RC_INVALID, "%.*s%.*s", 400, longest, 400, longest);
    assert_int_equal(problem_text(a, &p, LANG_JA).n, sizeof p.text - 1);
    arena_free(&a);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_icu),
        cmocka_unit_test(test_the_old_sites_words),
        cmocka_unit_test(test_every_counter_fits_its_spot),
        cmocka_unit_test(test_phrases),
        cmocka_unit_test(test_a_reason_in_every_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
