// SPDX-License-Identifier: AGPL-3.0-or-later
// The notes a page takes while it is made: which things it shows, in which edition it saw each of them, and the next
// moment at which it would look different by itself.
#include "render/render.h"

void render_uses_init(struct render_uses *u) {
    u->count = 0;
    u->too_many = false;
    u->until = INT64_MAX;
    u->generation = edition_generation();
}

void render_use(struct render_uses *u, enum edition_kind kind, int64_t id) {
    edition_scope scope = edition_of(kind, id);
    for (size_t i = 0; i < u->count; i++) {
        if (u->rows[i].scope == scope) {
            return; // the number seen first is the one that counts
        }
    }
    if (u->count == RENDER_USES_MAX) {
        u->too_many = true;
        return;
    }
    u->rows[u->count].scope = scope;
    u->rows[u->count].seen = edition_get(scope);
    u->count++;
}

void render_until(struct render_uses *u, int64_t at_us) {
    if (at_us < u->until) {
        u->until = at_us;
    }
}
