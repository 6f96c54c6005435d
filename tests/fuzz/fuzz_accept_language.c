// SPDX-License-Identifier: AGPL-3.0-or-later
// Accept-Language of any bytes gives an allowed language, and what it asks for by its plain code alone is given.
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void language_check(enum text_lang lang) {
    enum text_lang back = LANG_COUNT;
    must(text_lang_find(text_lang_code(lang), &back) && back == lang);
    must(text_lang_name(lang).n > 0 && text_lang_is_rtl(lang) == (lang == LANG_AR));
    must(text_lang_negotiate(text_lang_code(lang), UINT32_MAX, LANG_NL) == lang);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started) {
        started = true;
        text_start();
    }
    struct str s = {(const char *)data, size};
    enum text_lang found = LANG_COUNT;
    uint32_t allowed = size > 0 ? (uint32_t)data[0] | 1u << LANG_NL : 1u << LANG_NL;
    enum text_lang lang = text_lang_negotiate(s, allowed, LANG_NL);
    must((allowed >> lang & 1) == 1);
    language_check(lang);
    must(text_lang_find(s, &found) == (found != LANG_COUNT));
    struct arena *a = arena_new(1 << 16);
    must(utf8_valid(text_country(a, lang, STR("ID"))));
    (void)text_country(a, lang, str_slice(s, 0, 2));
    arena_free(&a);
    return 0;
}
