// SPDX-License-Identifier: AGPL-3.0-or-later
// Dates held against ICU's own formatter and calendar, and the old site's date line.
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

#include "../check.h"
#include "text/inside.h"

static const struct text_zone *zone_named(const char *name) {
    const struct text_zone *z = NULL;
    assert_int_equal(text_zone_find(str_from(name), &z), RC_OK);
    return z;
}

static void test_english_forms(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 16);
    const struct text_zone *jakarta = zone_named("Asia/Jakarta");
    int64_t at = text_civil_to_us(jakarta, (struct text_civil){2022, 9, 5, 13, 39, 0});
    assert_str(text_date(a, LANG_EN, jakarta, at, DATE_FULL), "Monday, 05 September 2022 13:39");
    assert_str(text_date(a, LANG_EN, jakarta, at, DATE_DAY), "5 September 2022");
    assert_str(text_date(a, LANG_EN, jakarta, at, DATE_TIME), "13:39");
    assert_str(text_date(a, LANG_EN, jakarta, at, DATE_MONTH), "September 2022");
    assert_str(text_date(a, LANG_EN, jakarta, at, DATE_YEAR), "2022");
    assert_str(text_date(a, LANG_AR, jakarta, at, DATE_ISO), "2022-09-05T13:39:00+07:00");
    assert_str(text_zone_offset(a, jakarta, at), "UTC+7");
    assert_str(text_zone_offset(a, zone_named("America/St_Johns"), at), "UTC−2:30"); // in summer
    assert_str(text_zone_offset(a, zone_named("UTC"), at), "UTC");
    assert_str(text_date(a, LANG_AR, jakarta, at, DATE_RFC822), "Mon, 05 Sep 2022 13:39:00 +0700");
    assert_str(text_date(a, LANG_DE, jakarta, at, DATE_DAY), "5. September 2022");
    assert_str(text_date(a, LANG_AR, jakarta, at, DATE_YEAR), "٢٠٢٢");
    arena_free(&a);
}

static void test_other_languages_against_icu(void **state) {
    (void)state;
    static const char *const skeletons[] = {"yMMMMEEEEdHm", "yMMMMd", "yMMMd", "Hm", "yMMMM", "y"};
    const struct text_zone *berlin = zone_named("Europe/Berlin");
    UChar zone[32];
    u_uastrcpy(zone, "Europe/Berlin");
    for (int lang = 1; lang < LANG_COUNT; lang++) {
        for (int form = 0; form < 6; form++) {
            UChar skeleton[32];
            UChar pattern[128];
            UErrorCode e = U_ZERO_ERROR;
            const char *locale = lang_locale((enum text_lang)lang);
            UDateTimePatternGenerator *g = udatpg_open(locale, &e);
            u_uastrcpy(skeleton, skeletons[form]);
            int32_t n = udatpg_getBestPattern(g, skeleton, -1, pattern, 128, &e);
            UDateFormat *f = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, -1, pattern, n, &e);
            assert_true(U_SUCCESS(e));
            for (int64_t s = 0; s < INT64_C(2000000000); s += 7654321) {
                UChar wide[128];
                char expected[256];
                int32_t used = 0;
                struct arena *a = arena_new(4096);
                int32_t count = udat_format(f, (double)s * 1000, wide, 128, NULL, &e);
                u_strToUTF8(expected, sizeof expected, &used, wide, count, &e);
                struct str got =
                    text_date(a, (enum text_lang)lang, berlin, s * US_PER_SECOND, (enum text_date_form)form);
                if (!str_eq(got, (struct str){expected, (size_t)used}))
                    fail_msg("%s: %.*s, ICU %.*s", locale, STR_ARG(got), used, expected);
                arena_free(&a);
            }
            udat_close(f);
            udatpg_close(g);
        }
    }
}

// Every quarter of an hour around the changes of the clock, and a long walk, in zones of different habits.
static void test_civil_against_icu(void **state) {
    (void)state;
    static const char *const zones[] = {"Asia/Jakarta", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "UTC"};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        UChar id[32];
        UErrorCode e = U_ZERO_ERROR;
        const struct text_zone *z = zone_named(zones[i]);
        u_uastrcpy(id, zones[i]);
        UCalendar *cal = ucal_open(id, -1, "en", UCAL_GREGORIAN, &e);
        ucal_setAttribute(cal, UCAL_REPEATED_WALL_TIME, UCAL_WALLTIME_FIRST);
        ucal_setAttribute(cal, UCAL_SKIPPED_WALL_TIME, UCAL_WALLTIME_NEXT_VALID);
        for (int64_t s = INT64_C(1647000000); s < INT64_C(1680000000); s += 900) {
            struct text_civil c = text_civil_of(z, s * US_PER_SECOND);
            ucal_setMillis(cal, (double)s * 1000, &e);
            assert_int_equal(c.hour, ucal_get(cal, UCAL_HOUR_OF_DAY, &e));
            assert_int_equal(c.minute, ucal_get(cal, UCAL_MINUTE, &e));
            assert_int_equal(c.day, ucal_get(cal, UCAL_DATE, &e));
            assert_int_equal(c.month, ucal_get(cal, UCAL_MONTH, &e) + 1);
            // The same wall clock read as UTC walks over gaps and overlaps too.
            struct text_civil wall = text_civil_of(zone_named("UTC"), s * US_PER_SECOND);
            ucal_setDateTime(cal, wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, 0, &e);
            ucal_set(cal, UCAL_MILLISECOND, 0);
            int64_t expected = (int64_t)(ucal_getMillis(cal, &e) / 1000);
            int64_t got = text_civil_to_us(z, wall) / US_PER_SECOND;
            if (got != expected)
                fail_msg("%s %lld: %lld, ICU %lld", zones[i], (long long)s, (long long)got, (long long)expected);
        }
        assert_true(U_SUCCESS(e));
        ucal_close(cal);
    }
}

static void test_zones(void **state) {
    (void)state;
    const struct text_zone *z = NULL;
    assert_int_equal(text_zone_find(STR("Mars/Olympus"), &z), RC_INVALID);
    assert_int_equal(text_zone_find(STR(""), &z), RC_INVALID);
    assert_int_equal(text_zone_find(STR("Asia/Jakarta\n"), &z), RC_INVALID);
    assert_ptr_equal(zone_named("Asia/Jakarta"), zone_named("Asia/Jakarta"));
}

static void test_the_old_sites_line(void **state) {
    (void)state;
    static const struct {
        enum text_lang lang;
        const char *line;
        bool ok;
    } rows[] = {
        {LANG_EN, "Monday, 05 September 2022 13:39", true},
        {LANG_AR, "  monday, 5 SEPTEMBER 2022 13:39 ", true},
        {LANG_ID, "Senin, 05 September 2022 13:39", true},
        {LANG_DE, "Montag, 05 September 2022 13:39", true},
        {LANG_FR, "lundi, 05 septembre 2022 13:39", true},
        {LANG_ES, "Lunes, 05 Septiembre 2022 13:39", true},
        {LANG_AR, "الإثنين, 05 سبتمبر 2022 13:39", true},
        {LANG_ZH, "星期一, 05 九月 2022 13:39", true},
        {LANG_JA, "月曜日, 05 9月 2022 13:39", true},
        {LANG_NL, "maandag, 05 september 2022 13:39", true},
        {LANG_EN, "Tuesday, 05 September 2022 13:39", false},
        {LANG_EN, "Monday, 35 September 2022 13:39", false},
        {LANG_EN, "Monday, 05 September 2022 24:39", false},
        {LANG_EN, "Monday, 05 September 2022", false},
        {LANG_EN, "Monday, 05 September 2022 13:39 x", false},
        {LANG_EN, "Montag, 05 September 2022 13:39", false},
        {LANG_EN, "", false},
    };
    const struct text_zone *jakarta = zone_named("Asia/Jakarta");
    int64_t expected = text_civil_to_us(jakarta, (struct text_civil){2022, 9, 5, 13, 39, 0});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t got = 0;
        enum rc rc = text_date_parse_k2(str_from(rows[i].line), jakarta, rows[i].lang, &got);
        if (rc != (rows[i].ok ? RC_OK : RC_INVALID) || (rows[i].ok && got != expected))
            fail_msg("%s", rows[i].line);
    }
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_english_forms),      cmocka_unit_test(test_other_languages_against_icu),
        cmocka_unit_test(test_civil_against_icu),  cmocka_unit_test(test_zones),
        cmocka_unit_test(test_the_old_sites_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
