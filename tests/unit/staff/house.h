// SPDX-License-Identifier: AGPL-3.0-or-later
// A station with a connection that writes directly, so that a test can call what runs inside a write, one call after
// another. Time is what the test says.
#ifndef TESTS_UNIT_STAFF_HOUSE_H
#define TESTS_UNIT_STAFF_HOUSE_H

#include "../record/station.h"

#include <sqlite3.h>

#include "staff/internal.h"
#include "store/connection.h"

#define SECOND US_PER_SECOND
#define MINUTE (60 * SECOND)
#define NOW (INT64_C(1700000000) * SECOND)

struct house {
    struct station station;
    struct arena *a;
    struct db *db;
    struct audit_who who;
};

static inline int house_setup(void **state) {
    struct house *h = MEM_NEW(struct house);
    void *station;
    station_setup(&station);
    memcpy(&h->station, station, sizeof h->station);
    mem_free(station);
    h->a = h->station.arena;
    h->who = (struct audit_who){0, STR("test")};
    assert_int_equal(
        db_connection_open(scratch_path(&h->station.scratch, "siaran.db"), CONNECTION_WRITER, &h->db, NULL), RC_OK);
    *state = h;
    return 0;
}

static inline int house_teardown(void **state) {
    struct house *h = *state;
    db_connection_close(&h->db);
    station_close(&h->station);
    arena_free(&h->station.arena);
    scratch_remove(&h->station.scratch);
    mem_free(h);
    return 0;
}

#define HOUSE_TEST(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

static inline void house_sql(struct house *h, const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(db_engine(h->db), sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static inline int64_t house_number(struct house *h, const char *sql) {
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db_engine(h->db), sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

static inline struct account house_account(struct house *h, const char *login, uint32_t roles) {
    struct account acc = {.login = str_from(login),
                          .name = str_from(login),
                          .roles = roles,
                          .desk_lang = LANG_EN,
                          .state = ACCOUNT_ACTIVE};
    struct problem p = {""};
    if (account_save(h->a, h->db, &h->who, &acc, &p) != RC_OK)
        fail_msg("%s", p.text);
    return acc;
}

static inline struct account house_again(struct house *h, int64_t id) {
    struct account acc;
    assert_int_equal(account_by_id(h->a, h->db, id, &acc), RC_OK);
    return acc;
}

// Sections 1 and 2 are English, 3 is Indonesian.
static inline void house_sections(struct house *h) {
    house_sql(
        h,
        "INSERT INTO sections (id, lang, slug, name, description, highlight, on_front, position) VALUES (1, 'en', 'world', 'World', '', 0, 1, 1), "
        "(2, 'en', 'sport', 'Sport', '', 0, 1, 2), (3, 'id', 'dunia', 'Dunia', '', 0, 1, 1)");
}

#endif
