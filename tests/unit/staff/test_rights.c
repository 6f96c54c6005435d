// SPDX-License-Identifier: AGPL-3.0-or-later
// The whole matrix: every action, every set of roles, every state, accounts with and without limits, objects of one's
// own and of another's language, section and owner, against the rules said in words once more.
#include "house.h"

// One letter a role: reporter, editor, translator, engineer, integrity officer, administrator.
// - never, o own, w within, a always
static const char *const expected[MAY_COUNT] = {
    [MAY_READ_DESK] = "waa--a",      [MAY_WRITE_ARTICLE] = "oww--a",  [MAY_EDIT_REVIEW] = "-w---a",
    [MAY_EDIT_OUT] = "oww--a",       [MAY_SUBMIT] = "oww--a",         [MAY_PUBLISH] = "-w---a",
    [MAY_CORRECT] = "-w---a",        [MAY_WITHDRAW] = "-w---a",       [MAY_ARCHIVE] = "-w---a",
    [MAY_TAKE_LEASE] = "owo--a",     [MAY_ADD_MEDIA] = "aaa--a",      [MAY_EDIT_MEDIA] = "oaw--a",
    [MAY_EDIT_PAGES] = "-w---a",     [MAY_EDIT_SECTIONS] = "-w---a",  [MAY_EDIT_PEOPLE] = "-a---a",
    [MAY_EDIT_SETTINGS] = "-----a",  [MAY_EDIT_TECHNICAL] = "---a-a", [MAY_EDIT_ACCOUNTS] = "-----a",
    [MAY_READ_AUDIT] = "-----a",     [MAY_READ_SYSTEM] = "---a-a",    [MAY_READ_STATISTICS] = "wawa-a",
    [MAY_EDIT_REDIRECTS] = "-w---a", [MAY_READ_MESSAGES] = "-w---a",
};

enum { ME = 7, OTHER = 8 };

static bool in_language(const struct account *acc, enum text_lang lang) {
    return acc->languages == 0 || (lang != LANG_COUNT && (acc->languages >> lang & 1) != 0);
}

static bool in_section(const struct account *acc, int64_t section) {
    if (acc->section_count == 0)
        return true;
    for (size_t i = 0; i < acc->section_count; i++)
        if (acc->sections[i] == section)
            return true;
    return false;
}

static bool rule(char reach, const struct account *acc, const struct staff_object *o) {
    bool mine = o->owner == acc->id && (o->lang == LANG_COUNT || in_language(acc, o->lang)) &&
                (o->section_id == 0 || in_section(acc, o->section_id));
    bool within = in_language(acc, o->lang) && in_section(acc, o->section_id);
    return reach == 'a' || (reach == 'w' && (within || mine)) || (reach == 'o' && mine);
}

static void the_whole_matrix(void **state) {
    (void)state;
    static const uint32_t languages[] = {0, 1u << LANG_EN, 1u << LANG_ID | 1u << LANG_AR};
    static const enum text_lang langs[] = {LANG_EN, LANG_ID, LANG_AR, LANG_NL, LANG_COUNT};
    static const int64_t owners[] = {0, ME, OTHER};
    int compared = 0;
    for (int action = 0; action < MAY_COUNT; action++)
        for (uint32_t roles = 0; roles <= STAFF_EVERY_ROLE; roles++)
            for (int limit = 0; limit < 6; limit++)
                for (int object = 0; object < 5 * 3 * 3; object++) {
                    struct account acc = {.id = ME,
                                          .roles = roles,
                                          .languages = languages[limit % 3],
                                          .sections = {1, 2},
                                          .section_count = limit < 3 ? 0 : 2,
                                          .state = ACCOUNT_ACTIVE};
                    struct staff_object o = {.lang = langs[object % 5],
                                             .section_id = object / 5 % 3 == 0   ? 0
                                                           : object / 5 % 3 == 1 ? 1
                                                                                 : 3,
                                             .owner = owners[object / 15]};
                    bool may = false, somewhere = false;
                    for (unsigned role = 0; role < 6; role++)
                        if (roles >> role & 1) {
                            may = may || rule(expected[action][role], &acc, &o);
                            somewhere = somewhere || expected[action][role] != '-';
                        }
                    if (staff_may(&acc, (enum staff_action)action, &o) != may)
                        fail_msg("action %d roles %x limit %d object %d", action, roles, limit, object);
                    if (staff_may_somewhere(&acc, (enum staff_action)action) != somewhere)
                        fail_msg("action %d roles %x somewhere", action, roles);
                    acc.state = object % 2 == 0 ? ACCOUNT_BLOCKED : ACCOUNT_DELETED;
                    assert_false(staff_may(&acc, (enum staff_action)action, &o));
                    assert_false(staff_may_somewhere(&acc, (enum staff_action)action));
                    compared++;
                }
    assert_int_equal(compared, MAY_COUNT * 64 * 6 * 45);
}

// The same in a newsroom's words, so that a slip in both tables is seen.
static void people(void **state) {
    (void)state;
    struct account reporter = {.id = ME, .roles = STAFF_REPORTER, .languages = 1u << LANG_EN, .state = ACCOUNT_ACTIVE};
    struct staff_object mine = {LANG_EN, 1, ME}, hers = {LANG_EN, 1, OTHER}, arabic = {LANG_AR, 1, OTHER};
    assert_true(staff_may(&reporter, MAY_WRITE_ARTICLE, &mine));
    assert_false(staff_may(&reporter, MAY_WRITE_ARTICLE, &hers));
    assert_true(staff_may(&reporter, MAY_READ_DESK, &hers));
    assert_false(staff_may(&reporter, MAY_READ_DESK, &arabic));
    assert_false(staff_may(&reporter, MAY_PUBLISH, &mine));
    assert_true(staff_may(&reporter, MAY_EDIT_OUT, &mine)); // for an editor to publish
    assert_false(staff_may(&reporter, MAY_EDIT_OUT, &hers));
    assert_false(staff_may(&reporter, MAY_EDIT_REVIEW, &mine));
    struct account translator = {
        .id = ME, .roles = STAFF_TRANSLATOR, .languages = 1u << LANG_AR, .state = ACCOUNT_ACTIVE};
    assert_true(staff_may(&translator, MAY_READ_DESK, &hers));
    assert_false(staff_may(&translator, MAY_WRITE_ARTICLE, &hers));
    assert_true(staff_may(&translator, MAY_WRITE_ARTICLE, &arabic));
    assert_false(staff_may(&translator, MAY_PUBLISH, &arabic));
    assert_true(staff_may(&translator, MAY_EDIT_OUT, &arabic));
    assert_false(staff_may(&translator, MAY_EDIT_OUT, &hers));
    struct account editor = {.id = ME,
                             .roles = STAFF_EDITOR,
                             .languages = 1u << LANG_EN,
                             .sections = {1},
                             .section_count = 1,
                             .state = ACCOUNT_ACTIVE};
    struct staff_object sport = {LANG_EN, 2, OTHER}, english = {LANG_EN, 0, 0};
    assert_true(staff_may(&editor, MAY_PUBLISH, &hers));
    assert_false(staff_may(&editor, MAY_PUBLISH, &sport));
    assert_false(staff_may(&editor, MAY_PUBLISH, &arabic));
    assert_false(staff_may(&editor, MAY_EDIT_PAGES, &english));
    struct account engineer = {.id = ME, .roles = STAFF_ENGINEER, .state = ACCOUNT_ACTIVE};
    assert_true(staff_may(&engineer, MAY_EDIT_TECHNICAL, &english));
    assert_false(staff_may(&engineer, MAY_READ_DESK, &english));
    struct account officer = {.id = ME, .roles = STAFF_INTEGRITY, .state = ACCOUNT_ACTIVE};
    for (int action = MAY_READ_DESK; action < MAY_COUNT; action++)
        assert_false(staff_may(&officer, (enum staff_action)action, &mine));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_matrix),
        cmocka_unit_test(people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
