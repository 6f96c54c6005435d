// SPDX-License-Identifier: AGPL-3.0-or-later
// Memory that is there or the program ends: callers bound what comes from outside, so running out is not a state
// any of them could handle better than the parent's restart.
#include "util/util.h"

static _Noreturn void out_of_memory(void) {
    static const char text[] = "out of memory\n";
    (void)!fwrite(text, 1, sizeof text - 1, stderr);
    abort();
}

void *mem_new(size_t size) {
    void *p = calloc(1, size > 0 ? size : 1);
    if (p == NULL)
        out_of_memory();
    return p;
}

void *mem_array(size_t count, size_t size) {
    size_t total;
    must(!__builtin_mul_overflow(count, size, &total));
    return mem_new(total);
}

void *mem_grow(void *p, size_t count, size_t size) {
    size_t total;
    must(!__builtin_mul_overflow(count, size, &total));
    void *grown = realloc(p, total > 0 ? total : 1);
    if (grown == NULL)
        out_of_memory();
    return grown;
}

void mem_free(void *p) {
    free(p);
}
