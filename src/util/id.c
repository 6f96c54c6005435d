// SPDX-License-Identifier: AGPL-3.0-or-later
// Ids: time-ordered, so that new rows go to the end of an index; made here, so that no engine's sequence is needed.
#include <stdatomic.h>

#include "util/util.h"

#define EPOCH_MS INT64_C(1577836800000) // 2020-01-01 UTC
enum { NODE_BITS = 6, COUNTER_BITS = 15 };

static uint64_t node_bits;
static _Atomic uint64_t last; // milliseconds and counter of the id given last

void id_node(unsigned node) {
    must(node < (1U << NODE_BITS));
    node_bits = (uint64_t)node << COUNTER_BITS;
}

int64_t id_next(void) {
    uint64_t now_ms = (uint64_t)(clock_now_us() / 1000 - EPOCH_MS);
    uint64_t least = now_ms << COUNTER_BITS;
    uint64_t before = atomic_load(&last), mine;
    // Never back, also when the clock was set back or 32768 ids were taken in one millisecond: then the counter
    // carries over into the next millisecond.
    do
        mine = before + 1 > least ? before + 1 : least;
    while (!atomic_compare_exchange_weak(&last, &before, mine));
    uint64_t ms = mine >> COUNTER_BITS, counter = mine & ((1U << COUNTER_BITS) - 1);
    return (int64_t)((ms << (NODE_BITS + COUNTER_BITS)) | node_bits | counter);
}
