// SPDX-License-Identifier: AGPL-3.0-or-later
// For tests of what goes on in threads of its own and may outlive who began it.
#ifndef TESTS_UNIT_THREADS_H
#define TESTS_UNIT_THREADS_H

#include <sched.h>
#include <stdio.h>

#include "check.h"

static inline int threads_now(void) {
    char text[4096];
    FILE *f = fopen("/proc/self/status", "r");
    int n = 0;
    assert_non_null(f);
    while (fgets(text, sizeof text, f) != NULL)
        (void)sscanf(text, "Threads: %d", &n);
    fclose(f);
    return n;
}

// Comes back when this thread is the only one.
static inline void threads_end(void) {
    while (threads_now() > 1)
        sched_yield();
}

#endif
