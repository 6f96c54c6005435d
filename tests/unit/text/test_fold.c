// SPDX-License-Identifier: AGPL-3.0-or-later
// Folding, search tokens and slugs.
#include "../check.h"
#include "text/text.h"

static void test_folding(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"Hello", "hello"}, {"ÉTÉ", "ete"},    {"Straße", "strasse"}, {"أَحْمَد", "احمد"},   {"مـــدرسة", "مدرسه"},
        {"على", "علي"},     {"٢٠٢٢", "2022"},  {"ﾗｼﾞｵ", "ラジオ"},    {"ガ", "ガ"},       {"Łódź", "lodz"},
        {"ﬁn", "fin"},      {"Æsir", "aesir"}, {"한국", "한국"},      {"l’été", "l'ete"}, {"", ""},
    };
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str got = text_fold(a, str_from(rows[i].from));
        if (!str_eq(got, str_from(rows[i].to)))
            fail_msg("%s: %.*s", rows[i].from, STR_ARG(got));
        struct str again = text_fold(a, got);
        assert_true(str_eq(again, got));
    }
    arena_free(&a);
}

static void test_composing(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain", "plain"},
        {"cafe\xcc\x81", "caf\xc3\xa9"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"\xe2\x84\xab", "\xc3\x85"},
        {"ﬁ", "ﬁ"},
        {"", ""},
    };
    struct arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(str_eq(text_nfc(a, str_from(rows[i].from)), str_from(rows[i].to)));
    arena_free(&a);
}

struct seen {
    struct str source;
    struct buf b;
};

static enum rc see(void *arg, const struct text_token *t) {
    struct seen *seen = arg;
    assert_true(t->start < t->end && t->end <= seen->source.n);
    buf_char(&seen->b, t->same_position ? '=' : ' ');
    buf_str(&seen->b, t->folded);
    return t->folded.n == 4 && memcmp(t->folded.p, "stop", 4) == 0 ? RC_BUSY : RC_OK;
}

static void test_tokens(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool query;
        const char *expected;
    } rows[] = {
        {"Radio, the VOICE of 2022!", false, " radio the voice of 2022"},
        {"広島市", false, " 広=広島 島=島市 市"},
        {"広島市", true, " 広島 島市"},
        {"市", true, " 市"},
        {"NHK広島 ok", false, " nhk 広=広島 島 ok"},
        {"ﾗｼﾞｵ", true, " ラジ ジオ"},
        {"وَكالة الأنباء", false, " وكاله انباء"},
        {"l’été", false, " l ete"},
        {"  ,.;", false, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seen seen = {.source = str_from(rows[i].text)};
        buf_init(&seen.b, 4096);
        assert_int_equal(text_tokens(seen.source, rows[i].query, see, &seen), RC_OK);
        if (!str_eq(buf_view(&seen.b), str_from(rows[i].expected)))
            fail_msg("%s: %.*s", rows[i].text, STR_ARG(buf_view(&seen.b)));
        buf_fini(&seen.b);
    }
    struct seen seen = {.source = STR("go stop never")};
    buf_init(&seen.b, 4096);
    assert_int_equal(text_tokens(seen.source, false, see, &seen), RC_BUSY);
    assert_str(buf_view(&seen.b), " go stop");
    buf_fini(&seen.b);
}

static void test_slugs(void **state) {
    (void)state;
    static const struct {
        enum text_lang lang;
        const char *title, *slug;
    } rows[] = {
        {LANG_EN, "Jokowi: \"Let's go!\"", "jokowi-lets-go"},
        {LANG_DE, "Über die Straße", "ueber-die-strasse"},
        {LANG_FR, "L’été à Paris", "lete-a-paris"},
        {LANG_ZH, "新闻", "xin-wen"},
        {LANG_EN, "--- !!", ""},
        {LANG_EN, "", ""},
        {LANG_EN, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccc",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"},
    };
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str got = text_slug(a, rows[i].lang, str_from(rows[i].title));
        if (!str_eq(got, str_from(rows[i].slug)))
            fail_msg("%s: %.*s", rows[i].title, STR_ARG(got));
    }
    assert_true(text_slug(a, LANG_AR, STR("الأخبار")).n > 3);
    assert_true(text_slug(a, LANG_JA, STR("ニュース")).n > 3);
    arena_free(&a);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_folding), cmocka_unit_test(test_composing),
                                       cmocka_unit_test(test_tokens), cmocka_unit_test(test_slugs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
