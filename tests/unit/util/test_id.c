// SPDX-License-Identifier: AGPL-3.0-or-later
// Ids rise and never repeat, from several threads too; different nodes never meet.
#include <pthread.h>

#include "../check.h"

enum { THREADS = 4, EACH = 50000 };

static int64_t made[THREADS][EACH];

static void *make_many(void *row) {
    int64_t *ids = row;
    for (int i = 0; i < EACH; i++)
        ids[i] = id_next();
    return NULL;
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void test_four_threads_never_get_the_same(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, make_many, made[t]), 0);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int t = 0; t < THREADS; t++)
        for (int i = 1; i < EACH; i++)
            assert_true(made[t][i] > made[t][i - 1]);
    int64_t *all = &made[0][0];
    qsort(all, (size_t)THREADS * EACH, sizeof *all, by_value);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_true(all[i] > all[i - 1]);
    assert_true(all[0] > 0);
}

static void test_the_node_is_in_the_id(void **state) {
    (void)state;
    id_node(5);
    int64_t id = id_next();
    assert_int_equal((id >> 15) & 63, 5);
    id_node(0);
    assert_int_equal((id_next() >> 15) & 63, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_threads_never_get_the_same),
        cmocka_unit_test(test_the_node_is_in_the_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
