// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a stored content: refused, or read so that what the checks accept has one form, which reads back as
// itself; merging it with itself and with nothing changes nothing.
#include "news/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rows_hold(const struct content *c) {
    for (size_t i = 0; i < content_field_count; i++) {
        const struct content_field *f = &content_fields[i];
        struct list_row row;
        size_t n = 0;
        if (f->kind != CONTENT_ROWS)
            continue;
        for (struct str rest = *(const struct str *)((const char *)c + f->offset); rows_next(&rest, &row); n++)
            must(row.cells[0].n > 0);
        must(n <= f->rows->most);
    }
}

static void stays_itself(struct arena *a, const struct content *c) {
    struct content again, merged, nothing = {0};
    struct content_collision *collisions;
    struct str json = content_json(a, c);
    must(content_from_json(a, json, &again) == RC_OK && content_eq(c, &again));
    must(str_eq(content_json(a, &again), json));
    must(content_merge(a, &nothing, c, c, NULL, 0, &merged, &collisions) == 0 && content_eq(&merged, c));
    must(content_merge(a, c, c, &nothing, NULL, 0, &merged, &collisions) == 0 && content_eq(&merged, &nothing));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started) {
        hash_start();
        text_start();
        started = true;
    }
    struct arena *a = arena_new((size_t)512 << 20);
    struct content c;
    struct problem p = {""};
    enum rc rc = content_from_json(a, (struct str){(const char *)data, size}, &c);
    must(rc == RC_OK || rc == RC_INVALID);
    rc = rc == RC_OK ? content_check(a, &c, &p) : rc;
    must(rc == RC_OK || rc == RC_INVALID || rc == RC_TOO_BIG);
    if (rc == RC_OK) {
        rows_hold(&c);
        stays_itself(a, &c);
        struct str once = content_json(a, &c);
        must(content_check(a, &c, &p) == RC_OK && str_eq(content_json(a, &c), once));
        (void)content_lacks_alt(&c);
    }
    arena_free(&a);
    return 0;
}
