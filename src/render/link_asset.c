// SPDX-License-Identifier: AGPL-3.0-or-later
// The addresses of the files of assets/ that are built into the program.
#include "asset_files.h"
#include "render/render.h"

static const struct asset_files_row *row_of(struct str name) {
    for (size_t i = 0; i < asset_files_count; i++)
        if (str_eq(str_from(asset_files[i].name), name))
            return &asset_files[i];
    return NULL;
}

struct str link_asset(struct arena *a, const char *name) {
    const struct asset_files_row *row = row_of(str_from(name));
    must(row != NULL);
    struct str whole = str_from(row->name);
    size_t dot = whole.n;
    while (dot > 0 && whole.p[dot - 1] != '.')
        dot--;
    must(dot > 1);
    return str_fmt(a, "/assets/%.*s.%s.%.*s", (int)dot - 1, whole.p, row->hash, (int)(whole.n - dot), whole.p + dot);
}
