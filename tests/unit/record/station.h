// SPDX-License-Identifier: AGPL-3.0-or-later
// A station in a fresh folder, with one reader.
#ifndef TESTS_UNIT_RECORD_STATION_H
#define TESTS_UNIT_RECORD_STATION_H

#include "../store/scratch.h"

#include "record/record.h"

struct station {
    struct scratch scratch;
    struct store *store;
    struct db *reader;
    struct arena *arena;
    const struct text_zone *zone;
};

static inline void station_open(struct station *s) {
    assert_int_equal(store_open(s->scratch.dir, !file_exists(scratch_path(&s->scratch, "siaran.db")), &s->store, NULL),
                     RC_OK);
    assert_int_equal(store_reader_new(s->store, &s->reader, NULL), RC_OK);
}

static inline void station_close(struct station *s) {
    store_reader_free(&s->reader);
    store_close(&s->store);
}

static inline int station_setup(void **state) {
    struct station *s = MEM_NEW(struct station);
    scratch_make(&s->scratch);
    s->arena = arena_new(64u << 20);
    assert_int_equal(text_zone_find(STR("Asia/Jakarta"), &s->zone), RC_OK);
    station_open(s);
    *state = s;
    return 0;
}

static inline int station_teardown(void **state) {
    struct station *s = *state;
    station_close(s);
    arena_free(&s->arena);
    scratch_remove(&s->scratch);
    mem_free(s);
    return 0;
}

#define STATION_TEST(test) cmocka_unit_test_setup_teardown(test, station_setup, station_teardown)

static inline int station_main_start(void) {
    hash_start();
    text_start();
    search_start();
    return 0;
}

#endif
