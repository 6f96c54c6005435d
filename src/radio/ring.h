// SPDX-License-Identifier: AGPL-3.0-or-later
// The newest bytes of a stream, each at the address that counts them from the stream's first. The memory is mapped twice,
// one behind the other, so that any span of it lies in one piece and leaves by one send.
#ifndef RADIO_RING_H
#define RADIO_RING_H

#include "util/util.h"

struct ring {
    uint8_t *bytes;
    size_t size;   // a power of two
    uint64_t head; // of the next byte
};
enum rc ring_open(struct ring *r, size_t size, struct problem *p) MUST_USE;
void ring_close(struct ring *r);
void ring_add(struct ring *r, const void *p, size_t n); // n <= size
// n bytes from `at` on, which must be there: at >= ring_oldest(r), at + n <= head.
static inline const void *ring_at(const struct ring *r, uint64_t at) {
    return r->bytes + (at & (r->size - 1));
}
static inline uint64_t ring_oldest(const struct ring *r) {
    return r->head > r->size ? r->head - r->size : 0;
}

#endif
