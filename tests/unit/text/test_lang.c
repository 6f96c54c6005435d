// SPDX-License-Identifier: AGPL-3.0-or-later
// Which language a browser asks for.
#include "../check.h"
#include "text/text.h"

enum { ALL = (1 << LANG_COUNT) - 1 };

static struct arena *arena;

static void test_negotiation(void **state) {
    (void)state;
    static const struct {
        const char *header;
        uint32_t allowed;
        enum text_lang expected;
    } rows[] = {
        {"", ALL, LANG_EN},
        {"de", ALL, LANG_DE},
        {"de-AT,de;q=0.9,en;q=0.8", ALL, LANG_DE},
        {"fr;q=0.5, id-ID", ALL, LANG_ID},
        {"in", ALL, LANG_ID},
        {"ZH-Hant-TW", ALL, LANG_ZH},
        {"ja;q=0, nl;q=0.001", ALL, LANG_NL},
        {"ja", 1 << LANG_EN, LANG_EN},
        {"sv, *;q=0.5", ALL, LANG_EN},
        {"nl;q=0.3, *;q=0.5", ALL, LANG_EN},
        {"nl;q=0.7, *;q=0.5", ALL, LANG_NL},
        {"de;q=2", ALL, LANG_EN},
        {"de;q=0.1234", ALL, LANG_EN},
        {"de;level=1", ALL, LANG_EN},
        {";;;,,,q=,=", ALL, LANG_EN},
        {"es;q=1.000,fr;q=1.0", ALL, LANG_ES},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_lang_negotiate(str_from(rows[i].header), rows[i].allowed, LANG_EN) != rows[i].expected)
            fail_msg("%s", rows[i].header);
}

static void test_codes_lead_back(void **state) {
    (void)state;
    for (int i = 0; i < LANG_COUNT; i++) {
        enum text_lang found = LANG_COUNT;
        assert_true(text_lang_find(text_lang_code((enum text_lang)i), &found));
        assert_int_equal(found, i);
        assert_int_equal(text_lang_is_rtl(found), i == LANG_AR);
    }
    enum text_lang none = LANG_EN;
    assert_false(text_lang_find(STR("xx"), &none));
}

static bool holds(struct str text, const char *piece) {
    struct str wanted = str_from(piece);
    for (size_t i = 0; i + wanted.n <= text.n; i++)
        if (memcmp(text.p + i, wanted.p, wanted.n) == 0)
            return true;
    return false;
}

// Of two names for one thing readers and desk ask themselves what the other is.
static void test_a_section_has_one_name(void **state) {
    (void)state;
    static const char *const other[] = {"Rubrik", "部門"};
    static const enum text_lang langs[] = {LANG_DE, LANG_JA};
    static const char *const name[] = {"Ressort", "セクション"};
    static const enum text_word words[] = {W_SECTION, W_DESK_SECTION, W_DESK_SECTIONS, W_AUDIT_KIND_SECTION,
                                           W_REASON_SECTION_NONE};
    for (size_t i = 0; i < 2; i++) {
        for (int w = 0; w < W_COUNT; w++)
            if (holds(text_phrase(arena, langs[i], (enum text_word)w, 2, STR("-"), STR("-")), other[i]))
                fail_msg("%s in word %d", other[i], w);
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++)
            assert_true(holds(text_word(langs[i], words[w]), name[i]));
    }
}

int main(void) {
    text_start();
    arena = arena_new(1 << 22);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_negotiation), cmocka_unit_test(test_codes_lead_back),
                                       cmocka_unit_test(test_a_section_has_one_name)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
