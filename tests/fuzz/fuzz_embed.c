// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as an address to embed: unknown, or one of few sites, in a form that is found again as itself and whose frame
// lies at that site's origin; nothing of it can end an attribute or a header.
#include "news/news.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_harmless(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        must(s.p[i] > ' ' && s.p[i] < 0x7f && strchr("\"'<>;,\\`", s.p[i]) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(1 << 20);
    struct embed e, again;
    if (embed_find(a, (struct str){(const char *)data, size}, &e)) {
        must(e.provider.n > 0 && str_starts(e.address, STR("https://")));
        must(embed_find(a, e.address, &again) && str_eq(again.address, e.address) && str_eq(again.frame, e.frame));
        must((e.frame.n > 0) == (e.origin.n > 0) && (e.frame.n == 0 || str_starts(e.frame, e.origin)));
        must(e.frame.n == 0 || e.frame.p[e.origin.n] == '/');
        is_harmless(e.address);
        is_harmless(e.frame);
    }
    arena_free(&a);
    return 0;
}
