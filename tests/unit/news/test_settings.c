// SPDX-License-Identifier: AGPL-3.0-or-later
// What the station says of itself: every setting is checked by its kind, each change leaves its row in the audit, and
// the last language stays.
#include "newsroom.h"

struct change {
    struct station *s;
    const struct station_field *field;
    enum text_lang lang, first;
    struct str value;
    uint32_t languages;
    struct news_changes changes;
    struct problem problem;
};

static const struct audit_who ada = {.account_id = 7, .name = {"Ada", 3}};

static enum rc save(struct db *db, void *arg) {
    struct change *c = arg;
    c->changes = (struct news_changes){0};
    return station_setting_save(c->s->arena, db, &ada, c->field, c->lang, c->value, &c->changes);
}

static enum rc save_languages(struct db *db, void *arg) {
    struct change *c = arg;
    c->changes = (struct news_changes){0};
    return station_languages_save(c->s->arena, db, &ada, c->languages, c->first, &c->changes, &c->problem);
}

static enum rc set(struct station *s, const char *key, enum text_lang lang, const char *value) {
    struct change *c = ARENA_NEW(s->arena, struct change);
    *c = (struct change){.s = s, .field = station_field_find(key), .lang = lang, .value = str_from(value)};
    assert_non_null(c->field);
    return store_write(s->store, STORE_DURABLE, save, c);
}

static void test_each_kind_has_its_check(void **state) {
    struct station *s = *state;
    static const struct {
        const char *key, *value;
        enum station_fault fault;
    } rows[] = {
        {"station_name", "Radio", STATION_FINE},
        {"station_name", "", STATION_EMPTY},
        {"station_name", "two\nlines", STATION_NO_LINE},
        {"contact_email", "a@b.test", STATION_FINE},
        {"contact_email", "a b@c.test", STATION_NO_MAIL},
        {"contact_email", "nobody", STATION_NO_MAIL},
        {"contact_email", "a@b@c", STATION_NO_MAIL},
        {"contact_email", "a@b?cc=x", STATION_NO_MAIL},
        {"station_zone", "Asia/Jakarta", STATION_FINE},
        {"station_zone", "Mars/North", STATION_NO_ZONE},
        {"station_zone", "", STATION_EMPTY},
        {"colour_brand", "", STATION_FINE},
        {"colour_brand", "#0b3c5d", STATION_FINE},
        {"colour_brand", "blue", STATION_NO_COLOUR},
        {"colour_brand", "#8fc7ec", STATION_CONTRAST},
        {"colour_brand_dark", "#8fc7ec", STATION_FINE},
        {"colour_brand_dark", "#0b3c5d", STATION_CONTRAST},
        {"logo_media", "4711", STATION_NO_PICTURE},
        {"logo_media", "x", STATION_NO_PICTURE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct station_refusal r;
        bool fine = station_setting_check(s->arena, s->reader, station_field_find(rows[i].key), LANG_COUNT,
                                          str_from(rows[i].value), &r);
        assert_int_equal(r.fault, rows[i].fault);
        assert_int_equal(fine, rows[i].fault == STATION_FINE);
        if (r.fault == STATION_CONTRAST) {
            struct station_refusal again;
            assert_true(r.contrast < 450);
            assert_true(station_setting_check(s->arena, s->reader, station_field_find(rows[i].key), LANG_COUNT,
                                              r.suggestion, &again));
        }
    }
}

static size_t audited(struct station *s, struct audit_entry **rows) {
    size_t count;
    bool more;
    struct audit_query q = {.kind = STR("setting"), .limit = 50};
    assert_int_equal(audit_list(s->arena, s->reader, &q, rows, &count, &more), RC_OK);
    return count;
}

static void test_a_change_is_audited_once(void **state) {
    struct station *s = *state;
    struct audit_entry *rows;
    assert_int_equal(set(s, "station_name", LANG_COUNT, "Coast Radio"), RC_OK);
    assert_int_equal(set(s, "station_name", LANG_DE, "Küstenfunk"), RC_OK);
    assert_int_equal(set(s, "station_name", LANG_DE, "Küstenfunk"), RC_OK);
    assert_int_equal(audited(s, &rows), 2);
    assert_str(rows[0].after, "station_name (de): Küstenfunk");
    assert_str(rows[1].before, "station_name: Test Radio");
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_DE), "Küstenfunk");
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_FR), "Coast Radio");
    assert_int_equal(set(s, "station_name", LANG_DE, ""), RC_OK);
    assert_str(setting_get(s->arena, s->reader, "station_name", LANG_DE), "Coast Radio");
    assert_int_equal(set(s, "station_zone", LANG_DE, "UTC"), RC_INVALID);
    assert_int_equal(set(s, "colour_brand", LANG_COUNT, "#ffffff"), RC_INVALID);
    struct settings all;
    assert_int_equal(settings_load(s->arena, s->reader, LANG_DE, &all), RC_OK);
    assert_str(settings_value(&all, "station_name"), "Coast Radio");
    assert_str(settings_value(&all, "station_zone"), "Asia/Jakarta");
    assert_str(settings_value(&all, "nothing"), "");
}

static enum rc add_pictures(struct db *db, void *arg) {
    (void)arg;
    enum rc rc = db_run(db_sql(
        db, "INSERT INTO media (id, width, height, credit, added_at) VALUES (81, 3, 2, '', 0), (82, 3, 2, '', 0)"));
    return rc == RC_OK
               ? db_run(db_sql(db, "INSERT INTO media_sizes (sha256, ext, media_id, width, height, bytes) VALUES "
                                   "('a', 'png', 81, 3, 2, 9), ('b', 'png', 82, 3, 2, 9)"))
               : rc;
}

static enum rc delete_picture(struct db *db, void *arg) {
    struct problem p;
    return media_delete(db, *(const int64_t *)arg, 1, &p);
}

static size_t used(struct station *s, int64_t id, struct media_use **uses) {
    size_t n;
    assert_int_equal(media_where_used(s->arena, s->reader, id, 10, uses, &n), RC_OK);
    return n;
}

static void test_logo_and_icon_keep_their_picture(void **state) {
    struct station *s = *state;
    struct media_use *uses;
    int64_t old = 81, new = 82;
    assert_int_equal(store_write(s->store, STORE_DURABLE, add_pictures, NULL), RC_OK);
    assert_int_equal(set(s, "logo_media", LANG_COUNT, "81"), RC_OK);
    assert_int_equal(set(s, "icon_media", LANG_COUNT, "81"), RC_OK);
    assert_int_equal(used(s, old, &uses), 2);
    assert_true(uses[0].place == MEDIA_PLACE_LOGO && uses[1].place == MEDIA_PLACE_ICON);
    assert_true(uses[0].owner_id == 0 && uses[0].lang == LANG_COUNT && uses[0].has_alt);
    assert_int_equal(store_write(s->store, STORE_DURABLE, delete_picture, &old), RC_DENIED);
    assert_int_equal(set(s, "logo_media", LANG_COUNT, "82"), RC_OK);
    assert_int_equal(set(s, "icon_media", LANG_COUNT, ""), RC_OK);
    assert_int_equal(used(s, old, &uses), 0);
    assert_int_equal(used(s, new, &uses), 1);
    assert_int_equal(store_write(s->store, STORE_DURABLE, delete_picture, &old), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, delete_picture, &new), RC_DENIED);
}

static enum rc languages(struct station *s, uint32_t bits, enum text_lang first) {
    struct change *c = ARENA_NEW(s->arena, struct change);
    *c = (struct change){.s = s, .languages = bits, .first = first};
    return store_write(s->store, STORE_DURABLE, save_languages, c);
}

static void test_languages(void **state) {
    struct station *s = *state;
    struct station_values values;
    assert_int_equal(languages(s, 0, LANG_EN), RC_INVALID);
    assert_int_equal(languages(s, 1u << LANG_COUNT, LANG_EN), RC_INVALID);
    assert_int_equal(languages(s, 1u << LANG_DE, LANG_EN), RC_INVALID);
    assert_int_equal(languages(s, 1u << LANG_DE | 1u << LANG_AR, LANG_DE), RC_OK);
    assert_int_equal(station_values_read(s->arena, s->reader, &values, NULL), RC_OK);
    assert_int_equal(values.languages, 1u << LANG_DE | 1u << LANG_AR);
    assert_int_equal(values.default_lang, LANG_DE);
    assert_str(str_from(values.zone == NULL ? "" : "zone"), "zone");
}

static enum rc only_english(struct db *db, void *arg) {
    struct change *c = arg;
    return station_init(c->s->arena, db, STR("Small"), STR("UTC"), 1u << LANG_EN, &c->changes, &c->problem);
}

static void test_a_language_that_is_new_gets_its_first_pages(void **state) {
    struct station *s = *state;
    struct section *sections;
    struct page *pages;
    size_t count;
    struct change *c = ARENA_NEW(s->arena, struct change);
    c->s = s;
    assert_int_equal(store_write(s->store, STORE_DURABLE, only_english, c), RC_OK);
    assert_int_equal(section_list(s->arena, s->reader, LANG_NL, &sections, &count), RC_OK);
    assert_int_equal(count, 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(languages(s, 1u << LANG_EN | 1u << LANG_NL, LANG_NL), RC_OK);
        assert_int_equal(section_list(s->arena, s->reader, LANG_NL, &sections, &count), RC_OK);
        assert_int_equal(count, 2);
        assert_int_equal(page_list(s->arena, s->reader, LANG_NL, &pages, &count), RC_OK);
        assert_int_equal(count, 7);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(test_each_kind_has_its_check),
        NEWSROOM_TEST(test_a_change_is_audited_once),
        NEWSROOM_TEST(test_logo_and_icon_keep_their_picture),
        NEWSROOM_TEST(test_languages),
        STATION_TEST(test_a_language_that_is_new_gets_its_first_pages),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
