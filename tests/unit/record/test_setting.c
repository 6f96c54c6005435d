// SPDX-License-Identifier: AGPL-3.0-or-later
// Settings by language, and secrets that are made once.
#include "station.h"

struct pair {
    const char *key, *value;
    enum text_lang lang;
};

static enum rc pair_set(struct db *db, void *arg) {
    const struct pair *p = arg;
    return setting_set(db, p->key, p->lang, str_from(p->value));
}

static void set(struct station *s, const char *key, enum text_lang lang, const char *value) {
    struct pair p = {key, value, lang};
    assert_int_equal(store_write(s->store, STORE_DURABLE, pair_set, &p), RC_OK);
}

static void test_a_language_has_its_own_value_or_the_common_one(void **state) {
    struct station *s = *state;
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_EN), "");
    set(s, "station_name", LANG_COUNT, "Siaran");
    set(s, "station_name", LANG_AR, "البث");
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_EN), "Siaran");
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_AR), "البث");
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_COUNT), "Siaran");
    assert_str(setting_get(s->arena, s->reader, "station_tagline", LANG_AR), "");
}

static void test_a_value_is_replaced_and_may_be_emptied(void **state) {
    struct station *s = *state;
    set(s, "footer_note", LANG_COUNT, "common");
    set(s, "footer_note", LANG_EN, "one");
    set(s, "footer_note", LANG_EN, "two");
    assert_str(setting_get(s->arena, s->reader, "footer_note", LANG_EN), "two");
    set(s, "footer_note", LANG_EN, "");
    assert_str(setting_get(s->arena, s->reader, "footer_note", LANG_EN), ""); // emptied, not inherited
    assert_str(setting_get(s->arena, s->reader, "footer_note", LANG_DE), "common");
}

static enum rc make(struct db *db, void *arg) {
    return secret_make(db, arg);
}

static enum rc shorten(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE secrets SET value = 'short' WHERE name = 'votes'"));
}

static void test_a_secret_is_made_once(void **state) {
    struct station *s = *state;
    char votes[] = "votes", other[] = "other";
    uint8_t first[32] = {0}, again[32] = {0};
    assert_int_equal(secret_get(s->reader, "votes", first), RC_NOT_FOUND);
    assert_int_equal(store_write(s->store, STORE_DURABLE, make, votes), RC_OK);
    assert_int_equal(secret_get(s->reader, "votes", first), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, make, votes), RC_OK);
    assert_int_equal(secret_get(s->reader, "votes", again), RC_OK);
    assert_memory_equal(first, again, sizeof first);
    assert_int_equal(store_write(s->store, STORE_DURABLE, make, other), RC_OK);
    assert_int_equal(secret_get(s->reader, "other", again), RC_OK);
    assert_memory_not_equal(first, again, sizeof first);
}

static void test_a_damaged_secret_is_not_used(void **state) {
    struct station *s = *state;
    char votes[] = "votes";
    uint8_t out[32] = {0}, zero[32] = {0};
    assert_int_equal(store_write(s->store, STORE_DURABLE, make, votes), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, shorten, NULL), RC_OK);
    assert_int_equal(secret_get(s->reader, "votes", out), RC_IO);
    assert_memory_equal(out, zero, sizeof out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(test_a_language_has_its_own_value_or_the_common_one),
        STATION_TEST(test_a_value_is_replaced_and_may_be_emptied),
        STATION_TEST(test_a_secret_is_made_once),
        STATION_TEST(test_a_damaged_secret_is_not_used),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
