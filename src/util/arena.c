// SPDX-License-Identifier: AGPL-3.0-or-later
// Request memory: a chain of blocks, released together. The first block holds what nearly every request needs, so
// that a reset arena serves the next request without the allocator.
#include "util/util.h"

struct block {
    struct block *older;
    size_t size, used;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *newest;
    size_t taken, max;
};

enum { FIRST_BLOCK = 16 * 1024, ALIGN = _Alignof(max_align_t) };

static struct block *block_new(size_t size) {
    struct block *b = malloc(sizeof *b + size);
    if (b == NULL)
        abort();
    b->older = NULL;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(size_t max_bytes) {
    struct arena *a = MEM_NEW(struct arena);
    a->max = max_bytes;
    a->newest = block_new(FIRST_BLOCK);
    return a;
}

void arena_reset(struct arena *a) {
    while (a->newest->older != NULL) {
        struct block *b = a->newest;
        a->newest = b->older;
        free(b);
    }
    a->newest->used = 0;
    a->taken = 0;
}

void arena_free(struct arena **a) {
    if (*a == NULL)
        return;
    arena_reset(*a);
    free((*a)->newest);
    mem_free(*a);
    *a = NULL;
}

// Blocks double, so that a big job needs few of them; a request larger than the next block gets one of its own size.
static void add_block(struct arena *a, size_t size) {
    size_t next = a->newest->size * 2;
    if (next > (size_t)1 << 20)
        next = (size_t)1 << 20;
    struct block *b = block_new(size > next ? size : next);
    b->older = a->newest;
    a->newest = b;
}

void *arena_take(struct arena *a, size_t size) {
    must(size <= a->max && a->taken <= a->max - size);
    size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (a->newest->size - a->newest->used < rounded)
        add_block(a, rounded);
    char *p = a->newest->bytes + a->newest->used;
    a->newest->used += rounded;
    a->taken += size;
    return memset(p, 0, rounded);
}

void *arena_take_array(struct arena *a, size_t count, size_t size) {
    size_t total;
    must(!__builtin_mul_overflow(count, size, &total));
    return arena_take(a, total);
}
