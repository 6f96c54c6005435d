// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms that came too late: kept for their account only, bounded in number, size and age.
#include "house.h"

static int64_t keep(struct house *h, int64_t account_id, const char *fields, int64_t at_us) {
    int64_t id = 0;
    assert_int_equal(kept_save(h->db, account_id, STR("/desk/account"), str_from(fields), at_us, &id), RC_OK);
    return id;
}

static size_t count_of(struct house *h, int64_t account_id, struct kept_form **rows) {
    size_t count = 0;
    assert_int_equal(kept_list(h->a, h->db, account_id, rows, &count), RC_OK);
    return count;
}

static void a_form_is_its_accounts_only(void **state) {
    struct house *h = *state;
    struct account ada = house_account(h, "ada@a.test", STAFF_ADMIN), bo = house_account(h, "bo@a.test", STAFF_EDITOR);
    struct kept_form form, *rows;
    int64_t id = keep(h, ada.id, "name=Ada%20L&lang=en", NOW);
    assert_int_equal(kept_load(h->a, h->db, ada.id, id, &form), RC_OK);
    assert_true(str_eq(form.fields, STR("name=Ada%20L&lang=en")) && str_eq(form.path, STR("/desk/account")));
    assert_int_equal(form.kept_at, NOW);
    assert_int_equal(kept_load(h->a, h->db, bo.id, id, &form), RC_NOT_FOUND);
    assert_int_equal(count_of(h, bo.id, &rows), 0);
    assert_int_equal(kept_drop(h->db, bo.id, id), RC_NOT_FOUND);
    assert_int_equal(kept_drop(h->db, ada.id, id), RC_OK);
    assert_int_equal(kept_drop(h->db, ada.id, id), RC_NOT_FOUND);
    assert_int_equal(count_of(h, ada.id, &rows), 0);
}

static void the_newest_stay_and_old_ones_go(void **state) {
    struct house *h = *state;
    struct account ada = house_account(h, "ada@a.test", STAFF_ADMIN);
    struct kept_form *rows;
    for (int i = 0; i < KEPT_FORMS_MAX + 5; i++)
        keep(h, ada.id, "a=b", NOW + i * SECOND);
    assert_int_equal(count_of(h, ada.id, &rows), KEPT_FORMS_MAX);
    assert_int_equal(rows[0].kept_at, NOW + (KEPT_FORMS_MAX + 4) * SECOND);
    assert_int_equal(rows[KEPT_FORMS_MAX - 1].kept_at, NOW + 5 * SECOND);
    keep(h, ada.id, "a=b", NOW + (KEPT_FORM_DAYS + 1) * US_PER_DAY);
    assert_int_equal(count_of(h, ada.id, &rows), 1);
}

static void what_is_too_big_is_refused(void **state) {
    struct house *h = *state;
    struct account ada = house_account(h, "ada@a.test", STAFF_ADMIN);
    char *text = mem_new(KEPT_FORM_BYTES + 1);
    int64_t id = 0;
    memset(text, 'x', KEPT_FORM_BYTES);
    struct str fields = {text, KEPT_FORM_BYTES};
    assert_int_equal(kept_save(h->db, ada.id, STR("/desk"), fields, NOW, &id), RC_TOO_BIG);
    fields.n -= 5;
    assert_int_equal(kept_save(h->db, ada.id, STR("/desk"), fields, NOW, &id), RC_OK);
    mem_free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(a_form_is_its_accounts_only),
        HOUSE_TEST(the_newest_stay_and_old_ones_go),
        HOUSE_TEST(what_is_too_big_is_refused),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
