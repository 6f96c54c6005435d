// SPDX-License-Identifier: AGPL-3.0-or-later
// Editions: a number per thing that pages show. The upper half of a number counts hard raises, the lower half soft
// ones, so that two numbers tell whether a hard raise lies between. A soft count that runs over looks like a hard
// raise once in 65,536: a page is then rendered before it is served, never served stale.
#include "record/record.h"

#define CELL_BITS 20
#define CELL_COUNT (1u << CELL_BITS)
#define HARD_UNIT 0x10000u

static _Atomic uint32_t cells[CELL_COUNT];
static _Atomic uint64_t generation;

edition_scope edition_of(enum edition_kind kind, int64_t id) {
    uint64_t x = ((uint64_t)kind << 58) ^ (uint64_t)id;
    x ^= x >> 31;
    x *= UINT64_C(0x7fb5d329728ea185);
    x ^= x >> 27;
    x *= UINT64_C(0x81dadef4bc2dd44d);
    return (edition_scope)(x >> (64 - CELL_BITS));
}

uint32_t edition_get(edition_scope scope) {
    must(scope < CELL_COUNT);
    return atomic_load_explicit(&cells[scope], memory_order_acquire);
}

static uint32_t raised(uint32_t number, bool hard) {
    return hard ? (number & ~(HARD_UNIT - 1)) + HARD_UNIT : number + 1;
}

void edition_raise(enum edition_kind kind, int64_t id, bool hard) {
    _Atomic uint32_t *cell = &cells[edition_of(kind, id)];
    uint32_t seen = atomic_load_explicit(cell, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(cell, &seen, raised(seen, hard), memory_order_acq_rel,
                                                  memory_order_relaxed))
        ;
    // After the cell: who sees the old generation may go on, who sees the new one finds the new number.
    atomic_fetch_add_explicit(&generation, 1, memory_order_release);
}

uint64_t edition_generation(void) {
    return atomic_load_explicit(&generation, memory_order_acquire);
}

bool edition_is_hard(uint32_t seen, uint32_t now) {
    return seen / HARD_UNIT != now / HARD_UNIT;
}
