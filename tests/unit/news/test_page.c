// SPDX-License-Identifier: AGPL-3.0-or-later
// A standing page from draft to deletion, its versions, its way through the tree, and the addresses it leaves behind.
#include "newsroom.h"

static const struct audit_who ayu = {11, {"Ayu", 3}};
static struct news_changes changes; // of the last deed; large, so not in each

struct deed {
    struct station *s;
    struct page page;
    struct page_edit edit;
    int64_t id, beside;
    enum page_way way;
    enum page_state state;
    int64_t mark;
    struct menu_change menu;
    struct problem problem;
};

static enum rc do_begin(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return page_begin(d->s->arena, db, &ayu, &d->page, NOW, &changes, &d->problem);
}

static enum rc do_edit(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return page_edit(d->s->arena, db, &ayu, &d->edit, NOW + HOUR, &changes, &d->problem);
}

static enum rc do_move(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return page_move(d->s->arena, db, &ayu, d->id, d->way, d->beside, &changes, &d->problem);
}

static enum rc do_state(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return page_state_set(d->s->arena, db, &ayu, d->id, d->state, NOW, &changes, &d->problem);
}

static enum rc do_delete(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return page_delete(d->s->arena, db, &ayu, d->id, &changes, &d->problem);
}

static enum rc do_menu(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return menu_edit(d->s->arena, db, &ayu, LANG_EN, d->mark, &d->menu, &changes);
}

static enum rc deed_write(struct deed *d, store_write_fn fn) {
    return store_write(d->s->store, STORE_DURABLE, fn, d);
}

static bool noted(enum edition_kind kind, int64_t id, bool hard) {
    for (size_t i = 0; i < changes.count; i++)
        if (changes.rows[i].kind == kind && changes.rows[i].id == id && changes.rows[i].hard == hard)
            return true;
    return false;
}

static int64_t begun(struct deed *d, const char *title, int64_t parent) {
    d->page = (struct page){.lang = LANG_EN, .title = str_from(title), .parent_id = parent};
    assert_int_equal(deed_write(d, do_begin), RC_OK);
    return d->page.id;
}

static struct page loaded(struct station *s, int64_t id) {
    struct page p;
    assert_int_equal(page_by_id(s->arena, s->reader, id, &p), RC_OK);
    return p;
}

static void versions_are_kept_and_a_late_save_is_refused(void **state) {
    struct deed d = {.s = *state};
    int64_t id = begun(&d, "Our studios", 0);
    assert_int_equal(loaded(d.s, id).state, PAGE_DRAFT);
    d.edit =
        (struct page_edit){.id = id,
                           .base_version = 1,
                           .text = {STR("Our studios"), STR(""), html_stored(STR("<p>One.<script>x</script></p>"))}};
    assert_int_equal(deed_write(&d, do_edit), RC_OK);
    assert_str(loaded(d.s, id).body.s, "<p>One.</p>\n");
    assert_int_equal(loaded(d.s, id).version, 2);
    assert_int_equal(deed_write(&d, do_edit), RC_BUSY);
    d.edit.base_version = 2;
    assert_int_equal(deed_write(&d, do_edit), RC_OK);
    assert_int_equal(loaded(d.s, id).version, 2); // nothing was changed
    struct page_version *rows, one;
    size_t n;
    assert_int_equal(page_version_list(d.s->arena, d.s->reader, id, &rows, &n), RC_OK);
    assert_int_equal(n, 2);
    assert_str(rows[0].account_name, "Ayu");
    assert_int_equal(page_version_load(d.s->arena, d.s->reader, id, 1, &one), RC_OK);
    assert_int_equal(one.text.body.s.n, 0);
    assert_int_equal(page_version_load(d.s->arena, d.s->reader, id, 3, &one), RC_NOT_FOUND);
}

static void former_addresses_lead_on_or_say_that_it_is_gone(void **state) {
    struct deed d = {.s = *state};
    struct page found;
    int64_t id = begun(&d, "Our studios", 0), below = begun(&d, "Rooms", id);
    d.edit = (struct page_edit){
        .id = id, .base_version = 1, .text = {STR("Our studios"), STR("draft-name"), html_stored(STR(""))}};
    assert_int_equal(deed_write(&d, do_edit), RC_OK);
    assert_int_equal(page_former(d.s->arena, d.s->reader, LANG_EN, STR("our-studios"), &found), RC_NOT_FOUND);
    d.state = PAGE_PUBLISHED;
    for (int i = 0; i < 2; i++) {
        d.id = i == 0 ? id : below;
        assert_int_equal(deed_write(&d, do_state), RC_OK);
    }
    d.edit.base_version = 2;
    d.edit.text.slug = STR("studios");
    assert_int_equal(deed_write(&d, do_edit), RC_OK);
    assert_int_equal(page_former(d.s->arena, d.s->reader, LANG_EN, STR("draft-name/rooms"), &found), RC_OK);
    assert_str(found.path, "studios/rooms");
    d.id = id;
    assert_int_equal(deed_write(&d, do_delete), RC_DENIED);
    assert_string_equal(d.problem.text, "page_has_children");
    d.id = below;
    assert_int_equal(deed_write(&d, do_delete), RC_OK);
    assert_true(noted(EDITION_PAGE, below, true));
    assert_int_equal(page_former(d.s->arena, d.s->reader, LANG_EN, STR("draft-name/rooms"), &found), RC_GONE);
    assert_int_equal(page_former(d.s->arena, d.s->reader, LANG_EN, STR("studios/rooms"), &found), RC_GONE);
    begun(&d, "Rooms", id); // takes the address again
    assert_int_equal(page_former(d.s->arena, d.s->reader, LANG_EN, STR("studios/rooms"), &found), RC_NOT_FOUND);
}

static void moving_keeps_order_and_never_goes_below_itself(void **state) {
    struct deed d = {.s = *state};
    int64_t top = begun(&d, "Top", 0), one = begun(&d, "One", top), two = begun(&d, "Two", top),
            three = begun(&d, "Three", top);
    struct page *rows;
    size_t n;
    d.id = three;
    d.way = PAGE_BEFORE;
    d.beside = one;
    assert_int_equal(deed_write(&d, do_move), RC_OK);
    assert_int_equal(page_children(d.s->arena, d.s->reader, top, &rows, &n), RC_OK);
    assert_true(n == 3 && rows[0].id == three && rows[1].id == one && rows[2].id == two);
    d.way = PAGE_DOWN;
    assert_int_equal(deed_write(&d, do_move), RC_OK);
    d.way = PAGE_IN;
    assert_int_equal(deed_write(&d, do_move), RC_OK);
    assert_str(loaded(d.s, three).path, "top/one/three");
    d.id = top;
    d.way = PAGE_INTO;
    d.beside = three;
    assert_int_equal(deed_write(&d, do_move), RC_INVALID);
    assert_str(loaded(d.s, top).path, "top");
    d.id = three;
    d.way = PAGE_OUT;
    assert_int_equal(deed_write(&d, do_move), RC_OK);
    assert_int_equal(page_children(d.s->arena, d.s->reader, top, &rows, &n), RC_OK);
    assert_true(n == 3 && rows[0].id == one && rows[1].id == three && rows[2].id == two);
    assert_true(noted(EDITION_FRAME, LANG_EN, false));
    assert_int_equal(loaded(d.s, three).version, 1); // its words are the same
}

static void a_withdrawn_page_is_shown_by_nothing(void **state) {
    struct deed d = {.s = *state};
    struct menu_entry *entries;
    struct page profile;
    size_t before, after;
    assert_int_equal(page_by_path(d.s->arena, d.s->reader, LANG_EN, STR("company-profile"), &profile), RC_OK);
    assert_int_equal(menu_list(d.s->arena, d.s->reader, LANG_EN, &entries, &before), RC_OK);
    d.id = profile.id;
    d.state = PAGE_WITHDRAWN;
    assert_int_equal(deed_write(&d, do_state), RC_OK);
    assert_true(noted(EDITION_PAGE, profile.id, true) && noted(EDITION_FRAME, LANG_EN, false));
    assert_int_equal(menu_list(d.s->arena, d.s->reader, LANG_EN, &entries, &after), RC_OK);
    assert_int_equal(after, before - 1);
    assert_int_equal(deed_write(&d, do_state), RC_DENIED);
    assert_int_equal(deed_write(&d, do_delete), RC_DENIED);
}

static size_t menu_read(struct deed *d, struct menu_entry **rows) {
    size_t n;
    assert_int_equal(menu_all(d->s->arena, d->s->reader, LANG_EN, rows, &n), RC_OK);
    d->mark = menu_mark(d->s->arena, *rows, n);
    return n;
}

static void a_menu_is_changed_by_who_sees_it_as_it_is(void **state) {
    struct deed d = {.s = *state};
    struct menu_entry *rows;
    assert_int_equal(menu_read(&d, &rows), 4);
    int64_t old = d.mark;
    d.menu = (struct menu_change){.kind = MENU_MOVE, .at = 3, .to = 0};
    assert_int_equal(deed_write(&d, do_menu), RC_OK);
    assert_true(noted(EDITION_FRAME, LANG_EN, false));
    assert_int_equal(deed_write(&d, do_menu), RC_BUSY);
    (void)menu_read(&d, &rows);
    assert_true(d.mark != old);
    assert_true(rows[0].target == MENU_PAGE && rows[1].target == MENU_LIVE && rows[3].target == MENU_PAGE);
    d.menu = (struct menu_change){.kind = MENU_HIDE, .at = 1};
    assert_int_equal(deed_write(&d, do_menu), RC_OK);
    size_t n;
    assert_int_equal(menu_list(d.s->arena, d.s->reader, LANG_EN, &rows, &n), RC_OK);
    assert_int_equal(n, 3);
    (void)menu_read(&d, &rows);
    d.menu = (struct menu_change){.kind = MENU_PUT, .at = 1, .entry = {.target = MENU_SEARCH}};
    assert_int_equal(deed_write(&d, do_menu), RC_OK);
    assert_int_equal(menu_read(&d, &rows), 4);
    assert_true(rows[1].target == MENU_SEARCH && rows[1].hidden); // as it was
    d.menu = (struct menu_change){.kind = MENU_DROP, .at = 0};
    assert_int_equal(deed_write(&d, do_menu), RC_OK);
    assert_int_equal(menu_read(&d, &rows), 3);
    d.menu.at = 3;
    assert_int_equal(deed_write(&d, do_menu), RC_NOT_FOUND);
    d.menu = (struct menu_change){.kind = MENU_PUT, .at = 3, .entry = {.target = MENU_PAGE, .target_id = 1}};
    assert_int_equal(deed_write(&d, do_menu), RC_INVALID);
    d.menu.entry = (struct menu_entry){.target = MENU_ADDRESS, .label = STR("x"), .address = STR("//elsewhere")};
    assert_int_equal(deed_write(&d, do_menu), RC_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(versions_are_kept_and_a_late_save_is_refused),
        NEWSROOM_TEST(former_addresses_lead_on_or_say_that_it_is_gone),
        NEWSROOM_TEST(moving_keeps_order_and_never_goes_below_itself),
        NEWSROOM_TEST(a_withdrawn_page_is_shown_by_nothing),
        NEWSROOM_TEST(a_menu_is_changed_by_who_sees_it_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
