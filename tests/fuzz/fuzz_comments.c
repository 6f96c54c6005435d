// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as an export of comments: refused, or rows of which each is sound or left out with a reason, and an end.
#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new((size_t)256 << 20);
    struct import_comments r;
    struct imported_comment c;
    if (size < 65536 && import_comments_begin((struct str){(const char *)data, size}, &r) == RC_OK)
        for (size_t left = r.rest.n; import_comments_next(a, &r, &c); left = r.rest.n) {
            must(r.rest.n < left || left == 0);
            const struct comment taken = {.written_at = c.written_at, .name = c.name, .body = c.body};
            must(r.fault < IMPORT_FAULTS);
            must(r.fault != IMPORT_FINE || (comment_is_sound(&taken) && c.item_id > 0));
        }
    arena_free(&a);
    return 0;
}
