// SPDX-License-Identifier: AGPL-3.0-or-later
// Accounts: what may be one, what changes with it, and that somebody can always administer the station.
#include "house.h"

static void an_account_comes_back_as_it_was_saved(void **state) {
    struct house *h = *state;
    house_sections(h);
    struct account acc = {.login = STR(" Siti.Rahma+desk@Example.ORG "),
                          .name = STR(" Siti Rahma "),
                          .roles = STAFF_EDITOR | STAFF_TRANSLATOR,
                          .languages = 1u << LANG_EN | 1u << LANG_ID,
                          .sections = {3, 1, 3},
                          .section_count = 3,
                          .desk_lang = LANG_ID,
                          .state = ACCOUNT_ACTIVE},
                   got;
    assert_false(staff_has_accounts(h->db));
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    assert_true(staff_has_accounts(h->db));
    assert_true(acc.id != 0);
    assert_int_equal(account_by_login(h->a, h->db, STR("SITI.rahma+DESK@example.org"), &got), RC_OK);
    assert_int_equal(got.id, acc.id);
    assert_str(got.login, "siti.rahma+desk@example.org");
    assert_str(got.name, "Siti Rahma");
    assert_int_equal(got.roles, STAFF_EDITOR | STAFF_TRANSLATOR);
    assert_int_equal(got.languages, 1u << LANG_EN | 1u << LANG_ID);
    assert_int_equal(got.section_count, 2);
    assert_int_equal(got.sections[0], 1);
    assert_int_equal(got.sections[1], 3);
    assert_int_equal(got.desk_lang, LANG_ID);
    assert_int_equal(got.version, 1);
    assert_false(got.has_password || got.has_totp);
    assert_int_equal(account_by_login(h->a, h->db, STR("nobody@example.org"), &got), RC_NOT_FOUND);
    assert_int_equal(account_by_login(h->a, h->db, STR("\xff"), &got), RC_NOT_FOUND);
    assert_int_equal(account_by_id(h->a, h->db, 5, &got), RC_NOT_FOUND);

    struct audit_entry *rows;
    size_t count;
    bool more;
    struct audit_query q = {.kind = STR("account"), .id = acc.id};
    assert_int_equal(audit_list(h->a, h->db, &q, &rows, &count, &more), RC_OK);
    assert_int_equal(count, 1);
    assert_str(rows[0].verb, "add");
    assert_str(rows[0].after, "login: siti.rahma+desk@example.org\nname: Siti Rahma\nroles: editor translator\n"
                              "languages: en id\nsections: 3 1\nstate: active");
}

static void what_cannot_be_an_account_is_refused(void **state) {
    struct house *h = *state;
    house_sections(h);
    static const struct {
        const char *login, *name;
        uint32_t roles, languages;
        int64_t section;
        enum account_state account;
        const char *says;
    } rows[] = {
        {"", "N", 1, 0, 0, 1, "e-mail"},
        {"a", "N", 1, 0, 0, 1, "e-mail"},
        {"@b", "N", 1, 0, 0, 1, "e-mail"},
        {"a@", "N", 1, 0, 0, 1, "e-mail"},
        {"a@b@c", "N", 1, 0, 0, 1, "e-mail"},
        {"a b@c", "N", 1, 0, 0, 1, "e-mail"},
        {".a@b.c", "N", 1, 0, 0, 1, "e-mail"},
        {"a.@b.c", "N", 1, 0, 0, 1, "e-mail"},
        {"a..b@c", "N", 1, 0, 0, 1, "e-mail"},
        {"a@.b", "N", 1, 0, 0, 1, "e-mail"},
        {"a@b.", "N", 1, 0, 0, 1, "e-mail"},
        {"a@b_c", "N", 1, 0, 0, 1, "e-mail"},
        {"a@b\r\nBcc: x", "N", 1, 0, 0, 1, "e-mail"},
        {"\xd0\xb0@b.c", "N", 1, 0, 0, 1, "e-mail"},
        {"a@b\xff", "N", 1, 0, 0, 1, "e-mail"},
        {"a@b.c", "", 1, 0, 0, 1, "name"},
        {"a@b.c", "A\nB", 1, 0, 0, 1, "name"},
        {"a@b.c", "N\xff", 1, 0, 0, 1, "name"},
        {"a@b.c", "N", 0, 0, 0, 1, "role"},
        {"a@b.c", "N", STAFF_HALF_IN, 0, 0, 1, "role"},
        {"a@b.c", "N", 1, 1u << LANG_COUNT, 0, 1, "language"},
        {"a@b.c", "N", 1, 1u << LANG_EN, 3, 1, "language"},
        {"a@b.c", "N", 1, 0, 9, 1, "section"},
        {"a@b.c", "N", 1, 0, 0, 3, "active or blocked"},
        {"a@b.c", "N", 1, 0, 0, 0, "active or blocked"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct account acc = {.login = str_from(rows[i].login),
                              .name = str_from(rows[i].name),
                              .roles = rows[i].roles,
                              .languages = rows[i].languages,
                              .sections = {rows[i].section},
                              .section_count = rows[i].section != 0,
                              .state = rows[i].account};
        struct problem p = {""};
        if (account_save(h->a, h->db, &h->who, &acc, &p) != RC_INVALID || strstr(p.text, rows[i].says) == NULL)
            fail_msg("row %zu: %s", i, p.text);
        assert_int_equal(acc.id, 0);
    }
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit"), 0);
}

static void a_login_is_taken_until_its_account_is_deleted(void **state) {
    struct house *h = *state;
    house_account(h, "admin@example.org", STAFF_ADMIN);
    struct account first = house_account(h, "ana@example.org", STAFF_REPORTER), second = first;
    struct problem p = {""};
    second.id = 0;
    second.login = STR("ANA@example.org");
    assert_int_equal(account_save(h->a, h->db, &h->who, &second, &p), RC_CONFLICT);
    assert_non_null(strstr(p.text, "has an account already"));
    assert_int_equal(account_delete(h->a, h->db, &h->who, first.id, &p), RC_OK);
    assert_int_equal(account_save(h->a, h->db, &h->who, &second, &p), RC_OK);
    assert_int_equal(account_by_login(h->a, h->db, STR("ana@example.org"), &first), RC_OK);
    assert_int_equal(first.id, second.id);
    struct account *rows;
    size_t count;
    assert_int_equal(account_list(h->a, h->db, &rows, &count), RC_OK);
    assert_int_equal(count, 2);
    assert_str(rows[0].login, "admin@example.org");
}

static void a_stale_save_is_told(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN), stale = acc;
    acc.name = STR("Ana Baru");
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    assert_int_equal(acc.version, 2);
    struct problem p = {""};
    assert_int_equal(account_save(h->a, h->db, &h->who, &stale, &p), RC_CONFLICT);
    assert_non_null(strstr(p.text, "meanwhile"));
    assert_str(house_again(h, acc.id).name, "Ana Baru");
}

static void the_last_administrator_stays(void **state) {
    struct house *h = *state;
    struct account admin = house_account(h, "a@example.org", STAFF_ADMIN | STAFF_EDITOR);
    house_account(h, "e@example.org", STAFF_EDITOR);
    struct account next = admin;
    struct problem p = {""};
    next.roles = STAFF_EDITOR;
    assert_int_equal(account_save(h->a, h->db, &h->who, &next, &p), RC_DENIED);
    assert_non_null(strstr(p.text, "only administrator"));
    next = admin;
    next.state = ACCOUNT_BLOCKED;
    assert_int_equal(account_save(h->a, h->db, &h->who, &next, NULL), RC_DENIED);
    assert_int_equal(account_delete(h->a, h->db, &h->who, admin.id, NULL), RC_DENIED);
    struct account other = house_account(h, "b@example.org", STAFF_ADMIN);
    other.state = ACCOUNT_BLOCKED;
    assert_int_equal(account_save(h->a, h->db, &h->who, &other, NULL), RC_OK);
    assert_int_equal(account_delete(h->a, h->db, &h->who, admin.id, NULL), RC_DENIED);
    other.state = ACCOUNT_ACTIVE;
    assert_int_equal(account_save(h->a, h->db, &h->who, &other, NULL), RC_OK);
    assert_int_equal(account_delete(h->a, h->db, &h->who, admin.id, NULL), RC_OK);
    assert_int_equal(account_delete(h->a, h->db, &h->who, admin.id, NULL), RC_NOT_FOUND);
    assert_int_equal(account_save(h->a, h->db, &h->who, &admin, NULL), RC_NOT_FOUND);
}

static int64_t open_sessions(struct house *h, int64_t account_id) {
    struct session *rows;
    size_t count;
    assert_int_equal(session_list(h->a, h->db, account_id, NOW, &rows, &count), RC_OK);
    return (int64_t)count;
}

// Each row changes the account of an English editor of World; its session lives when nothing was taken away.
static void sessions_end_with_rights(void **state) {
    struct house *h = *state;
    static const struct {
        uint32_t roles, languages;
        int64_t sections[2];
        size_t section_count;
        enum account_state account;
        int64_t open;
    } rows[] = {
        {STAFF_EDITOR, 1u << LANG_EN, {1, 2}, 2, ACCOUNT_ACTIVE, 1},
        {STAFF_EDITOR | STAFF_REPORTER, 1u << LANG_EN, {1, 2}, 2, ACCOUNT_ACTIVE, 1},
        {STAFF_EDITOR, 1u << LANG_EN | 1u << LANG_ID, {1, 2}, 2, ACCOUNT_ACTIVE, 1},
        {STAFF_EDITOR, 0, {1, 2}, 2, ACCOUNT_ACTIVE, 1},
        {STAFF_EDITOR, 1u << LANG_EN, {0}, 0, ACCOUNT_ACTIVE, 1},
        {STAFF_REPORTER, 1u << LANG_EN, {1, 2}, 2, ACCOUNT_ACTIVE, 0},
        {STAFF_EDITOR, 1u << LANG_ID, {0}, 0, ACCOUNT_ACTIVE, 0},
        {STAFF_EDITOR, 1u << LANG_EN, {1}, 1, ACCOUNT_ACTIVE, 0},
        {STAFF_EDITOR, 1u << LANG_EN, {1, 2}, 2, ACCOUNT_BLOCKED, 0},
    };
    house_sections(h);
    house_account(h, "admin@example.org", STAFF_ADMIN);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct account acc = {.login = str_fmt(h->a, "e%zu@example.org", i),
                              .name = STR("E"),
                              .roles = STAFF_EDITOR,
                              .languages = 1u << LANG_EN,
                              .sections = {1, 2},
                              .section_count = 2,
                              .state = ACCOUNT_ACTIVE};
        struct str token;
        assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
        assert_int_equal(session_begin(h->a, h->db, acc.id, false, STR("d"), NOW, &token), RC_OK);
        acc.roles = rows[i].roles;
        acc.languages = rows[i].languages;
        memcpy(acc.sections, rows[i].sections, sizeof rows[i].sections);
        acc.section_count = rows[i].section_count;
        acc.state = rows[i].account;
        assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
        if (open_sessions(h, acc.id) != rows[i].open)
            fail_msg("row %zu", i);
    }
}

static void deleting_leaves_the_name_and_nothing_that_opens(void **state) {
    struct house *h = *state;
    house_account(h, "admin@example.org", STAFF_ADMIN);
    struct account acc = house_account(h, "ana@example.org", STAFF_REPORTER);
    struct str token, link, secret, codes[RECOVERY_CODES];
    enum link_purpose purpose;
    struct session session;
    struct password_hash hash = {"$argon2id$v=19$x"};
    int64_t id;
    assert_int_equal(password_set(h->db, &h->who, acc.id, &hash, 0), RC_OK);
    assert_int_equal(session_begin(h->a, h->db, acc.id, false, STR("d"), NOW, &token), RC_OK);
    assert_int_equal(staff_link_make(h->a, h->db, &h->who, LINK_RESET, acc.id, NOW, &link), RC_OK);
    assert_int_equal(totp_begin(h->a, h->db, acc.id, &secret), RC_OK);
    assert_int_equal(recovery_make(h->a, h->db, &h->who, acc.id, codes), RC_OK);
    assert_true(house_again(h, acc.id).has_password);
    assert_int_equal(house_again(h, acc.id).recovery_left, RECOVERY_CODES);
    assert_int_equal(account_delete(h->a, h->db, &h->who, acc.id, NULL), RC_OK);
    struct account gone = house_again(h, acc.id);
    assert_int_equal(gone.state, ACCOUNT_DELETED);
    assert_str(gone.name, "ana@example.org");
    assert_false(gone.has_password);
    assert_int_equal(gone.recovery_left, 0);
    assert_int_equal(session_find(h->a, h->db, token, NOW, &session), RC_GONE);
    assert_int_equal(staff_link_find(h->db, link, NOW, &purpose, &id), RC_GONE);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM totp_secrets"), 0);
    assert_int_equal(session_begin(h->a, h->db, acc.id, false, STR("d"), NOW, &token), RC_DENIED);
}

static void roles_have_names(void **state) {
    (void)state;
    for (uint32_t role = 1; role < STAFF_EVERY_ROLE; role <<= 1) {
        enum staff_role found;
        assert_true(staff_role_find(staff_role_name((enum staff_role)role), &found));
        assert_int_equal(found, role);
    }
    enum staff_role found;
    assert_false(staff_role_find(STR("Admin"), &found));
    assert_false(staff_role_find(STR(""), &found));
    assert_int_equal(staff_role_name((enum staff_role)STAFF_HALF_IN).n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(an_account_comes_back_as_it_was_saved),
        HOUSE_TEST(what_cannot_be_an_account_is_refused),
        HOUSE_TEST(a_login_is_taken_until_its_account_is_deleted),
        HOUSE_TEST(a_stale_save_is_told),
        HOUSE_TEST(the_last_administrator_stays),
        HOUSE_TEST(sessions_end_with_rights),
        HOUSE_TEST(deleting_leaves_the_name_and_nothing_that_opens),
        cmocka_unit_test(roles_have_names),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
