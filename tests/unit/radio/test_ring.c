// SPDX-License-Identifier: AGPL-3.0-or-later
// The newest bytes of a stream lie in one piece, also across the end of the memory.
#include "../check.h"
#include "radio/ring.h"

enum { SIZE = 1 << 16 };

static uint8_t byte_at(uint64_t at) {
    return (uint8_t)(at * 7 + at / 251);
}

static void any_span_lies_in_one_piece(void **state) {
    (void)state;
    struct ring r;
    struct problem p = {""};
    assert_int_equal(ring_open(&r, SIZE, &p), RC_OK);
    uint8_t piece[1441];
    for (size_t n = 1; r.head < 5 * SIZE; n = n % sizeof piece + 1) {
        for (size_t i = 0; i < n; i++)
            piece[i] = byte_at(r.head + i);
        ring_add(&r, piece, n);
        uint64_t from = ring_oldest(&r);
        const uint8_t *bytes = ring_at(&r, from);
        for (uint64_t at = from; at < r.head; at += 97)
            assert_int_equal(bytes[at - from], byte_at(at));
    }
    ring_close(&r);
    ring_close(&r); // twice is fine
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_span_lies_in_one_piece)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
