// SPDX-License-Identifier: AGPL-3.0-or-later
// Search tokens, folding and slugs of any bytes: tokens lie in the source in order, slugs are slugs.
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t size, start;
};

static enum rc see(void *arg, const struct text_token *t) {
    struct seen *seen = arg;
    must(t->start >= seen->start && t->start < t->end && t->end <= seen->size);
    must(t->folded.n > 0 && utf8_valid(t->folded));
    seen->start = t->start;
    return RC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started)
        text_start();
    started = true;
    struct str s = {(const char *)data, size};
    struct arena *a = arena_new((size_t)256 << 20);
    for (int query = 0; query < 2; query++) {
        struct seen seen = {.size = size};
        must(text_tokens(s, query == 1, see, &seen) == RC_OK);
    }
    must(utf8_valid(text_fold(a, s)));
    struct str slug = text_slug(a, size % 2 == 0 ? LANG_AR : LANG_DE, s);
    must(slug.n <= 80 && !str_starts(slug, STR("-")) && !str_ends(slug, STR("-")));
    for (size_t i = 0; i < slug.n; i++)
        must((slug.p[i] >= 'a' && slug.p[i] <= 'z') || (slug.p[i] >= '0' && slug.p[i] <= '9') || slug.p[i] == '-');
    arena_free(&a);
    return 0;
}
