// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a pasted list of redirects, each of its addresses as source and as target: refused, or in a form that stays
// as it is and leads to nothing but a path of the site or an https address.
#include "news/news.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_ascii(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        must(s.p[i] > ' ' && s.p[i] < 0x7f);
}

static void source_check(struct arena *a, struct str typed) {
    struct str once, again;
    struct problem p;
    if (redirect_source(a, STR("https://radio.example"), typed, &once, &p) != RC_OK)
        return;
    must(once.n > 0 && once.n <= REDIRECT_BYTES_MAX && once.p[0] == '/' && utf8_valid(once));
    must(redirect_source(a, STR_NONE, once, &again, &p) == RC_OK && str_eq(once, again));
    struct str path = redirect_path(once), query = path.n < once.n ? str_slice(once, path.n + 1, once.n) : STR_NONE;
    must(redirect_asked(a, path, query, &again) && str_eq(once, again));
}

static void target_check(struct arena *a, struct str typed) {
    struct str once, again;
    struct problem p;
    if (redirect_target(a, STR("https://radio.example"), typed, &once, &p) != RC_OK)
        return;
    must(once.n > 0 && once.n <= REDIRECT_BYTES_MAX);
    must(redirect_target(a, STR_NONE, once, &again, &p) == RC_OK && str_eq(once, again));
    struct str location = redirect_location(a, once);
    must(str_starts(location, STR("https://")) ||
         (location.n > 0 && location.p[0] == '/' && !str_starts(location, STR("//"))));
    must(location.n < 2 || location.p[1] != '\\');
    is_ascii(location);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(64u << 20);
    struct str rest = {(const char *)data, size};
    struct redirect_line line = {.number = 0};
    for (unsigned before = 0; redirect_line_next(&rest, &line); before = line.number) {
        must(line.number > before && line.text.n > 0);
        if (!line.sound)
            continue;
        source_check(a, line.source);
        target_check(a, line.source);
        if (line.target.n > 0)
            target_check(a, line.target);
        (void)redirect_lang(line.source);
    }
    source_check(a, (struct str){(const char *)data, size});
    target_check(a, (struct str){(const char *)data, size});
    arena_free(&a);
    return 0;
}
