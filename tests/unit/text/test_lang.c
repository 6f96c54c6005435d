// SPDX-License-Identifier: AGPL-3.0-or-later
// Which language a browser asks for.
#include "../check.h"
#include "text/text.h"

enum { ALL = (1 << LANG_COUNT) - 1 };

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

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_negotiation), cmocka_unit_test(test_codes_lead_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
