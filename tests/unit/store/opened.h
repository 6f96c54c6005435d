// SPDX-License-Identifier: AGPL-3.0-or-later
// A store in a fresh folder, with one reader; both are gone when the test ends.
#ifndef TESTS_UNIT_STORE_OPENED_H
#define TESTS_UNIT_STORE_OPENED_H

#include "scratch.h"

#include "store/store.h"

struct opened {
    struct scratch scratch;
    struct store *store;
    struct db *reader;
};

static inline int opened_setup(void **state) {
    struct opened *o = MEM_NEW(struct opened);
    scratch_make(&o->scratch);
    assert_int_equal(store_open(o->scratch.dir, true, &o->store, NULL), RC_OK);
    assert_int_equal(store_reader_new(o->store, &o->reader, NULL), RC_OK);
    *state = o;
    return 0;
}

static inline int opened_teardown(void **state) {
    struct opened *o = *state;
    store_reader_free(&o->reader);
    store_close(&o->store);
    scratch_remove(&o->scratch);
    mem_free(o);
    return 0;
}

#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, opened_setup, opened_teardown)

#endif
