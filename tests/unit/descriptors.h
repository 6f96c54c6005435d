// SPDX-License-Identifier: AGPL-3.0-or-later
// For tests of what may leave something open.
#ifndef TESTS_UNIT_DESCRIPTORS_H
#define TESTS_UNIT_DESCRIPTORS_H

#include <dirent.h>

#include "check.h"

// How many are open.
static inline int descriptors_now(void) {
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(d);
    return n - 1; // without this one
}

#endif
