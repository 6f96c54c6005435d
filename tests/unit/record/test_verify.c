// SPDX-License-Identifier: AGPL-3.0-or-later
// For each check: a whole station passes all; the damage planted is told by that check's name and by no other that
// it does not concern.
#include "station.h"

#include <sqlite3.h>

static const char *sql;

static enum rc run_sql(struct db *db, void *arg) {
    (void)arg;
    return sqlite3_exec(db_engine(db), sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : RC_IO;
}

static void change(struct station *s, const char *text) {
    sql = text;
    assert_int_equal(store_write(s->store, STORE_DURABLE, run_sql, NULL), RC_OK);
}

static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\0\0\0\0";
static int64_t media_id;

static enum rc fill(struct db *db, void *arg) {
    struct station *s = arg;
    struct person person;
    struct search_doc doc = {.number = 1, .at_us = US_PER_DAY, .section_id = 1, .headline = STR("Rain 雨天気")};
    doc.body = STR("It rained. 印度尼西亚总统");
    media_id = 0;
    enum rc rc = search_put(db, &doc);
    if (rc == RC_OK)
        rc = person_ensure(s->arena, db, STR("Siti Rahma"), &person);
    if (rc == RC_OK)
        rc = media_add_file(db, s->scratch.dir, (struct str){png, sizeof png - 1}, false, STR("c"), &media_id);
    return rc;
}

static void station_fill(struct station *s) {
    struct counters *c = NULL;
    assert_int_equal(store_write(s->store, STORE_DURABLE, fill, s), RC_OK);
    assert_int_equal(counters_open(s->scratch.dir, s->store, &c, NULL), RC_OK);
    atomic_fetch_add(&counters_cell(c, 1)->reads, 5);
    assert_int_equal(counters_flush(c, s->store, s->zone), RC_OK);
    counters_close(&c);
}

static char told[512];
static bool named[64]; // checks that named a damage in any test of this file

static void keep_name(void *arg, const char *check, struct str text) {
    (void)arg;
    assert_true(text.n > 0);
    if (strstr(told, check) == NULL) {
        size_t n = strlen(told);
        assert_true(snprintf(told + n, sizeof told - n, "%s ", check) > 0);
    }
}

static const char *verify(struct station *s) {
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = keep_name};
    told[0] = '\0';
    assert_true(record_check_count <= sizeof named / sizeof named[0]);
    for (size_t i = 0; i < record_check_count; i++) {
        if (record_checks[i].run(&v) != RC_OK)
            keep_name(NULL, record_checks[i].name, STR("failed"));
        named[i] = named[i] || strstr(told, record_checks[i].name) != NULL;
    }
    return told;
}

static const struct {
    const char *sql, *told;
} damages[] = {
    {"UPDATE read_totals SET reads = 6; UPDATE read_days SET reads = 6", "reads-cells "},
    {"UPDATE read_totals SET raw_reads = 1; UPDATE read_days SET raw_reads = 1", "reads-cells "},
    {"UPDATE read_days SET reads = 4", "reads-days "},
    {"DELETE FROM read_days", "reads-days "},
    {"UPDATE search_docs SET headline = 'Snow'", "search-index "},
    {"DELETE FROM search_docs", "search-index "},
    {"INSERT INTO search_docs VALUES (5, 5, 'a', 'b', 'c', 'd')", "search-index "},
    {"UPDATE media_sizes SET bytes = bytes + 1", "media-files "},
    {"UPDATE media_sizes SET width = width + 1", "media-sizes "},
    {"UPDATE media SET credit = 'other'", "media-words "},
    {"UPDATE people SET slug = 'Siti Rahma'", "people-slugs "},
    {"UPDATE people SET name = ''", "people-slugs "},
    {"UPDATE people SET slug = '-siti'", "people-slugs "},
    {"UPDATE people SET slug = ''", "people-slugs "},
    {"INSERT INTO audit VALUES (1, 0, 0, 'a', 'b', 'c', 0, '', '', x'00')", "audit-chain "},
    {"INSERT INTO outbox VALUES (1, 'mail', 'k', '', 1, 0, 0, '')", "outbox "},
    {"INSERT INTO outbox VALUES (1, 'mail', 'k', '{}', 2, 0, 0, '')", "outbox "},
    {"INSERT INTO outbox VALUES (1, 'mail', 'k', '{}', 7, 0, 1, '')", "outbox "},
};

static void test_planted_damage_is_named(void **state) {
    struct station *s = *state;
    station_fill(s);
    assert_string_equal(verify(s), "");
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        change(s, damages[i].sql);
        if (strcmp(verify(s), damages[i].told) != 0)
            fail_msg("%s: told \"%s\" instead of \"%s\"", damages[i].sql, told, damages[i].told);
        station_teardown(state);
        station_setup(state);
        s = *state;
        station_fill(s);
    }
}

static void media_path_of(struct station *s, char *out, size_t room) {
    struct media m;
    struct str path;
    assert_int_equal(media_get(s->arena, s->reader, media_id, &m), RC_OK);
    assert_int_equal(m.width, 2);
    assert_int_equal(m.height, 3);
    assert_int_equal(media_file(s->arena, s->reader, m.sizes[0].sha256, STR("png"), &path), RC_OK);
    assert_true(snprintf(out, room, "%s/media/%.*s", s->scratch.dir, STR_ARG(path)) > 0);
}

static void test_media_damage(void **state) {
    struct station *s = *state;
    char path[512], other[sizeof png - 1];
    station_fill(s);
    media_path_of(s, path, sizeof path);
    memset(other, 'x', sizeof other);
    assert_int_equal(file_write(path, (struct str){other, sizeof other}, 0600, NULL), RC_OK);
    assert_string_equal(verify(s), "media-hash media-sizes ");
    assert_int_equal(unlink(path), 0);
    assert_string_equal(verify(s), "media-files ");
    assert_int_equal(file_write(scratch_path(&s->scratch, "media/stray.jpg"), STR("x"), 0600, NULL), RC_OK);
    assert_string_equal(verify(s), "media-files media-orphans ");
}

static void test_lost_cells(void **state) {
    struct station *s = *state;
    station_fill(s);
    assert_int_equal(unlink(scratch_path(&s->scratch, "counters/reads-1")), 0);
    assert_string_equal(verify(s), "reads-cells ");
}

static void raw_change(struct station *s, const char *text) {
    sqlite3 *engine = NULL;
    station_close(s);
    assert_int_equal(sqlite3_open(scratch_path(&s->scratch, "siaran.db"), &engine), SQLITE_OK);
    assert_int_equal(sqlite3_exec(engine, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(engine), SQLITE_OK);
    station_open(s);
}

static void test_foreign_keys_and_file(void **state) {
    struct station *s = *state;
    station_fill(s);
    raw_change(s, "INSERT INTO corrections VALUES (1, 99, 0, 'x')");
    assert_string_equal(verify(s), "foreign-keys ");
    raw_change(
        s, "DELETE FROM corrections; PRAGMA writable_schema = ON; "
           "UPDATE sqlite_master SET sql = replace(sql, 'published_at, number', 'published_at, number, agency') "
           "WHERE name = 'articles_by_lang'; "
           "UPDATE sqlite_master SET sql = replace(sql, 'name TEXT NOT NULL', 'name TEXT NOT NULL CHECK (name = 1)') "
           "WHERE name = 'people'");
    assert_string_equal(verify(s), "database ");
}

static void test_no_check_went_without_its_damage(void **state) {
    (void)state;
    for (size_t i = 0; i < record_check_count; i++)
        if (!named[i])
            fail_msg("no damage is planted for the check %s", record_checks[i].name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(test_planted_damage_is_named),
        STATION_TEST(test_media_damage),
        STATION_TEST(test_lost_cells),
        STATION_TEST(test_foreign_keys_and_file),
        STATION_TEST(test_no_check_went_without_its_damage), // the last: it looks back at the others
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
