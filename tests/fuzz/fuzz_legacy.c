// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as an old address, path?query: no form of the old site, or one whose parts are within their bounds.
#include "news/news.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void address_check(const struct legacy_address *old) {
    must(old->site.n <= 32 && old->start >= 0 && old->start <= 10000000);
    for (size_t i = 0; i < old->site.n; i++)
        must((old->site.p[i] >= 'a' && old->site.p[i] <= 'z') || old->site.p[i] == '-');
    if (old->is_date) {
        must(old->year >= 1970 && old->year <= 9998 && old->month >= 0 && old->month <= 12);
        must(old->day >= 0 && old->day <= 31 && (old->day == 0 || old->month > 0));
    } else if (old->is_search) {
        must(old->search.n <= 400);
    } else if (old->kind == LEGACY_TAG) {
        must(old->tag.n > 0 && old->tag.n <= 400 && utf8_valid(old->tag));
    } else {
        must(old->kind >= LEGACY_ITEM && old->kind <= LEGACY_DOWNLOAD && old->old_id > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(1 << 20);
    struct str path = {(const char *)data, size}, query = STR("");
    size_t mark = 0;
    if (str_find_char(path, '?', &mark)) {
        query = str_slice(path, mark + 1, path.n);
        path = str_slice(path, 0, mark);
    }
    struct legacy_address old;
    enum rc rc = legacy_parse(a, path, query, &old);
    must(rc == RC_OK || rc == RC_NOT_FOUND);
    if (rc == RC_OK)
        address_check(&old);
    arena_free(&a);
    return 0;
}
