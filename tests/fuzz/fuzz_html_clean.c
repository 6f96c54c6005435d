// SPDX-License-Identifier: AGPL-3.0-or-later
// Bodies from anywhere: cleaning ends within its bounds, cleaning again changes nothing, and what is read out of a
// cleaned body stays inside it.
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started)
        text_start();
    started = true;
    struct arena *a = arena_new((size_t)1 << 30);
    struct html h = {STR_NONE};
    struct html again = {STR_NONE};
    struct html *parts = NULL;
    if (html_clean(a, (struct str){(const char *)data, size}, &h) == RC_OK) {
        must(utf8_valid(h.s));
        must(html_clean(a, h.s, &again) == RC_OK && str_eq(h.s, again.s));
        must(html_to_text(a, h).n <= h.s.n + 1);
        must(utf8_count(html_excerpt(a, h, 40)) <= 40);
        html_parts(a, h, 200, &parts);
    }
    // What a damaged database would give back.
    html_to_text(a, html_stored((struct str){(const char *)data, size}));
    html_parts(a, html_stored((struct str){(const char *)data, size}), 200, &parts);
    arena_free(&a);
    return 0;
}
