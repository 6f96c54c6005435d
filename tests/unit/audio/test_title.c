// SPDX-License-Identifier: AGPL-3.0-or-later
// Titles: out of whatever an encoder sends, and into the blocks that players read.

#include "../check.h"
#include "audio/audio.h"

static void test_charsets(void **state) {
    (void)state;
    static const struct {
        const char *typed, *charset, *title;
    } cases[] = {
        {"Caf\xc3\xa9 del Mar", "", "Café del Mar"},
        {"Caf\xe9 del Mar", "", "Café del Mar"}, // not UTF-8, so Latin-1
        {"Caf\xe9 del Mar", "ISO-8859-1", "Café del Mar"},
        {"Caf\xc3\xa9", "no-such-charset", "Café"},
        {"\xe3\xc7\xe1", "windows-1256", "مال"},
        {"\x83\x8b\x83\x93", "Shift_JIS", "ルン"},
        {"\xd6\xd0\xb9\xfa", "GB18030", "中国"},
        {" two\r\nlines\x01 ", "", "two  lines"},
        {"", "", ""},
    };
    struct arena *a = arena_new(1 << 16);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str title = audio_title(a, str_from(cases[i].typed), str_from(cases[i].charset));
        assert_string_equal(str_c(a, title), cases[i].title);
    }
    char most[3000];
    memset(most, '\xe9', sizeof most);
    struct str title = audio_title(a, (struct str){most, sizeof most}, STR_NONE);
    assert_true(title.n <= AUDIO_TITLE_BYTES && utf8_valid(title) && title.n % 2 == 0);
    arena_free(&a);
}

static struct str block(const char *title, const char *url, char out[AUDIO_ICY_BLOCK_MAX]) {
    size_t n = audio_icy_block(str_from(title), str_from(url), out);
    assert_int_equal(n, 1 + 16 * (size_t)(uint8_t)out[0]);
    size_t words = strnlen(out + 1, n - 1);
    for (size_t i = 1 + words; i < n; i++)
        assert_int_equal(out[i], 0);
    return (struct str){out + 1, words};
}

static void test_blocks(void **state) {
    (void)state;
    char out[AUDIO_ICY_BLOCK_MAX], long_title[5000];
    assert_true(str_eq(block("News", "", out), STR("StreamTitle='News';")));
    assert_int_equal(out[0], 2);
    assert_true(str_eq(block("News", "https://s.test/", out), STR("StreamTitle='News';StreamUrl='https://s.test/';")));
    assert_true(str_eq(block("It's 'so'; they say", "", out), STR("StreamTitle='It's 'so’; they say';")));
    assert_true(str_eq(block("", "", out), STR("StreamTitle='';")));
    for (size_t i = 0; i + 3 < sizeof long_title; i += 3)
        memcpy(long_title + i, "中", 3);
    long_title[sizeof long_title - 2] = '\0';
    struct str text = block(long_title, "https://s.test/", out);
    assert_true(utf8_valid(text) && text.n > 4000 && str_ends(text, STR("中';")));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_charsets), cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
