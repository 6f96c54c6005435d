// SPDX-License-Identifier: AGPL-3.0-or-later
// People: one of a name, each with an address of their own, whatever script the name is written in.
#include "station.h"

struct ensuring {
    struct arena *arena;
    struct str name;
    struct person person;
};

static enum rc ensure(struct db *db, void *arg) {
    struct ensuring *e = arg;
    return person_ensure(e->arena, db, e->name, &e->person);
}

static enum rc person_of(struct station *s, struct str name, struct person *out) {
    struct ensuring e = {.arena = s->arena, .name = name};
    enum rc rc = store_write(s->store, STORE_DURABLE, ensure, &e);
    *out = e.person;
    return rc;
}

static void test_a_name_is_one_person(void **state) {
    struct station *s = *state;
    struct person first, again, found;
    assert_int_equal(person_of(s, STR("  Siti Rahma "), &first), RC_OK);
    assert_str(first.name, "Siti Rahma");
    assert_str(first.slug, "siti-rahma");
    assert_str(first.bio, "");
    assert_int_equal(person_of(s, STR("Siti Rahma"), &again), RC_OK);
    assert_true(again.id == first.id);
    assert_int_equal(person_by_slug(s->arena, s->reader, STR("siti-rahma"), &found), RC_OK);
    assert_true(found.id == first.id);
    assert_int_equal(person_by_id(s->arena, s->reader, first.id, &found), RC_OK);
    assert_str(found.name, "Siti Rahma");
    assert_int_equal(person_by_slug(s->arena, s->reader, STR("nobody"), &found), RC_NOT_FOUND);
    assert_int_equal(person_by_id(s->arena, s->reader, first.id + 1, &found), RC_NOT_FOUND);
}

static void test_people_whose_names_make_one_slug_get_their_own(void **state) {
    struct station *s = *state;
    struct person a, b, c;
    assert_int_equal(person_of(s, STR("Ana Diaz"), &a), RC_OK);
    assert_int_equal(person_of(s, STR("Ana Díaz"), &b), RC_OK);
    assert_int_equal(person_of(s, STR("ana diaz"), &c), RC_OK);
    assert_str(a.slug, "ana-diaz");
    assert_str(b.slug, "ana-diaz-2");
    assert_str(c.slug, "ana-diaz-3");
    assert_true(a.id != b.id && b.id != c.id);
}

static void test_names_in_every_script_have_an_address(void **state) {
    struct station *s = *state;
    static const char *const names[] = {"王小明", "山田太郎", "ليلى حسن", "...", "Jürgen Groß"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct person p;
        assert_int_equal(person_of(s, str_from(names[i]), &p), RC_OK);
        assert_true(p.slug.n > 0);
        for (size_t at = 0; at < p.slug.n; at++)
            assert_non_null(memchr("abcdefghijklmnopqrstuvwxyz0123456789-", p.slug.p[at], 37));
    }
}

static void test_names_refused(void **state) {
    struct station *s = *state;
    struct person p;
    char wide[201];
    memset(wide, 'x', sizeof wide);
    assert_int_equal(person_of(s, STR(""), &p), RC_INVALID);
    assert_int_equal(person_of(s, STR(" \t "), &p), RC_INVALID);
    assert_int_equal(person_of(s, STR("A\xff"), &p), RC_INVALID);
    assert_int_equal(person_of(s, (struct str){wide, sizeof wide}, &p), RC_INVALID);
    assert_int_equal(person_of(s, (struct str){wide, sizeof wide - 1}, &p), RC_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(test_a_name_is_one_person),
        STATION_TEST(test_people_whose_names_make_one_slug_get_their_own),
        STATION_TEST(test_names_in_every_script_have_an_address),
        STATION_TEST(test_names_refused),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
