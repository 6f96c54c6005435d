// SPDX-License-Identifier: AGPL-3.0-or-later
// Editions: a raise moves its own scope and the generation, a hard one can be told from soft ones, and raises from
// many threads are all counted.
#include <pthread.h>

#include "../check.h"

#include "record/record.h"

enum { THREADS = 4, RAISES = 5000 };

static void test_a_raise_moves_its_own_scope(void **state) {
    (void)state;
    edition_scope item = edition_of(EDITION_ITEM, 7), votes = edition_of(EDITION_VOTES, 7);
    assert_int_equal(item, edition_of(EDITION_ITEM, 7));
    assert_int_not_equal(item, votes);
    uint32_t was = edition_get(item), others = edition_get(votes);
    uint64_t generation = edition_generation();
    edition_raise(EDITION_ITEM, 7, false);
    assert_int_not_equal(edition_get(item), was);
    assert_int_equal(edition_get(votes), others);
    assert_true(edition_generation() > generation);
}

static void test_a_hard_raise_is_seen_through_soft_ones(void **state) {
    (void)state;
    edition_scope scope = edition_of(EDITION_PAGE, 3);
    uint32_t seen = edition_get(scope);
    assert_false(edition_is_hard(seen, seen));
    for (int i = 0; i < 3; i++)
        edition_raise(EDITION_PAGE, 3, false);
    assert_false(edition_is_hard(seen, edition_get(scope)));
    edition_raise(EDITION_PAGE, 3, true);
    uint32_t hard = edition_get(scope);
    assert_true(edition_is_hard(seen, hard));
    edition_raise(EDITION_PAGE, 3, false);
    assert_true(edition_is_hard(seen, edition_get(scope)));
    assert_false(edition_is_hard(hard, edition_get(scope)));
}

// A soft count that runs over may be taken for a hard raise, never for the number it was.
static void test_soft_raises_never_come_back(void **state) {
    (void)state;
    edition_scope scope = edition_of(EDITION_TAG, 11);
    uint32_t seen = edition_get(scope);
    for (uint32_t i = 0; i < 0x10001; i++) {
        edition_raise(EDITION_TAG, 11, false);
        if (edition_get(scope) == seen)
            fail_msg("the same number after %u raises", i + 1);
    }
}

static void test_scopes_spread(void **state) {
    (void)state;
    size_t shared = 0;
    for (int64_t id = 2; id <= 4000; id++)
        shared += edition_of(EDITION_ITEM, id) == edition_of(EDITION_ITEM, 1);
    assert_true(shared <= 2); // one in 2^20 is expected
    for (int kind = EDITION_ITEM; kind <= EDITION_CHANGED; kind++)
        for (int64_t id = -1; id < 2; id++)
            (void)edition_get(edition_of((enum edition_kind)kind, id)); // in range, whatever the id
}

static void *raise_many(void *arg) {
    (void)arg;
    for (int i = 0; i < RAISES; i++)
        edition_raise(EDITION_FRONT, 2, false);
    return NULL;
}

static void test_raises_of_many_threads_are_counted(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    uint32_t was = edition_get(edition_of(EDITION_FRONT, 2));
    uint64_t generation = edition_generation();
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, raise_many, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(edition_get(edition_of(EDITION_FRONT, 2)) - was, THREADS * RAISES);
    assert_int_equal(edition_generation() - generation, THREADS * RAISES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_raise_moves_its_own_scope),
        cmocka_unit_test(test_a_hard_raise_is_seen_through_soft_ones),
        cmocka_unit_test(test_soft_raises_never_come_back),
        cmocka_unit_test(test_scopes_spread),
        cmocka_unit_test(test_raises_of_many_threads_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
