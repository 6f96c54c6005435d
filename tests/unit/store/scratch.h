// SPDX-License-Identifier: AGPL-3.0-or-later
// A fresh folder for one test, removed with everything in it.
#ifndef TESTS_UNIT_STORE_SCRATCH_H
#define TESTS_UNIT_STORE_SCRATCH_H

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "../check.h"

struct scratch {
    char dir[256];
};

static inline void scratch_make(struct scratch *s) {
    const char *base = getenv("TMPDIR");
    int n = snprintf(s->dir, sizeof s->dir, "%s/siaran-test-XXXXXX", base != NULL ? base : "/tmp");
    assert_true(n > 0 && (size_t)n < sizeof s->dir);
    assert_non_null(mkdtemp(s->dir));
}

static inline int scratch_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void scratch_remove(struct scratch *s) {
    assert_int_equal(nftw(s->dir, scratch_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

// A path inside; valid until the next call.
static inline const char *scratch_path(struct scratch *s, const char *name) {
    static char path[512];
    int n = snprintf(path, sizeof path, "%s/%s", s->dir, name);
    assert_true(n > 0 && (size_t)n < sizeof path);
    return path;
}

#endif
