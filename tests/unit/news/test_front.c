// SPDX-License-Identifier: AGPL-3.0-or-later
// The front page as editors arrange it: what is pinned, for how long, and the order of sections.
#include "newsroom.h"

static const struct audit_who ayu = {11, {"Ayu", 3}};
static struct news_changes changes; // of the last deed

struct deed {
    struct station *s;
    struct front_change change;
    int64_t now;
    struct problem problem;
};

static enum rc do_pin(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return front_pin_edit(d->s->arena, db, &ayu, LANG_EN, &d->change, d->now, &changes, &d->problem);
}

static enum rc do_section(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return front_section_edit(d->s->arena, db, &ayu, LANG_EN, &d->change, &changes);
}

static enum rc pin_write(struct deed *d, enum front_way way, int64_t number, int64_t beside) {
    d->change = (struct front_change){.way = way, .number = number, .beside = beside};
    return store_write(d->s->store, STORE_DURABLE, do_pin, d);
}

static int64_t published(struct station *s, enum text_lang lang, const char *headline) {
    struct article art = newsroom_article(s, lang, headline, NOW - HOUR);
    struct job *j = MEM_NEW(struct job);
    j->s = s;
    j->art = &art;
    assert_int_equal(newsroom_write(j, job_save), RC_OK);
    mem_free(j);
    return art.number;
}

// "2 1 3", the leading one with a star.
static struct str pins_of(struct deed *d) {
    struct front_arrangement f;
    struct str out = STR("");
    assert_int_equal(front_load(d->s->arena, d->s->reader, LANG_EN, &f), RC_OK);
    for (size_t i = 0; i < f.count; i++)
        out = str_fmt(d->s->arena, "%.*s%s%lld%s", STR_ARG(out), i > 0 ? " " : "", (long long)f.pins[i].number,
                      f.pins[i].leads ? "*" : "");
    return out;
}

static void pins_keep_their_order_and_one_leads(void **state) {
    struct deed d = {.s = *state, .now = NOW};
    char headline[32];
    for (int i = 1; i <= 9; i++) {
        (void)snprintf(headline, sizeof headline, "Story %d", i);
        assert_int_equal(published(d.s, LANG_EN, headline), i);
    }
    for (int64_t n = 1; n <= 3; n++)
        assert_int_equal(pin_write(&d, FRONT_PIN, n, 0), RC_OK);
    assert_str(pins_of(&d), "1 2 3");
    assert_int_equal(pin_write(&d, FRONT_UP, 3, 0), RC_OK);
    assert_str(pins_of(&d), "1 3 2");
    assert_int_equal(pin_write(&d, FRONT_LEAD, 2, 0), RC_OK);
    assert_str(pins_of(&d), "2* 1 3");
    assert_int_equal(pin_write(&d, FRONT_UP, 1, 0), RC_OK); // nothing stands before the lead
    assert_str(pins_of(&d), "2* 1 3");
    assert_int_equal(pin_write(&d, FRONT_BEFORE, 3, 1), RC_OK);
    assert_str(pins_of(&d), "2* 3 1");
    assert_int_equal(pin_write(&d, FRONT_LEAD, 1, 0), RC_OK);
    assert_str(pins_of(&d), "1* 2 3");
    assert_int_equal(pin_write(&d, FRONT_DOWN, 1, 0), RC_OK); // leads no more
    assert_str(pins_of(&d), "1 2 3");
    assert_int_equal(pin_write(&d, FRONT_DROP, 2, 0), RC_OK);
    assert_int_equal(pin_write(&d, FRONT_DROP, 2, 0), RC_OK); // somebody else did already
    assert_str(pins_of(&d), "1 3");
    assert_int_equal(pin_write(&d, FRONT_AFTER, 1, 3), RC_OK);
    assert_str(pins_of(&d), "3 1");
    for (int64_t n = 4; n <= 9; n++)
        assert_int_equal(pin_write(&d, FRONT_PIN, n, 0), RC_OK);
    assert_str(pins_of(&d), "3 1 4 5 6 7 8 9");
    assert_int_equal(pin_write(&d, FRONT_PIN, 2, 0), RC_INVALID);
    assert_string_equal(d.problem.text, "front_full");
    assert_int_equal(pin_write(&d, FRONT_PIN, 4, 0), RC_OK); // stays where it is
    assert_str(pins_of(&d), "3 1 4 5 6 7 8 9");
}

static void what_cannot_be_pinned_is_refused(void **state) {
    struct deed d = {.s = *state, .now = NOW};
    int64_t german = published(d.s, LANG_DE, "Nachricht"), english = published(d.s, LANG_EN, "Story");
    assert_int_equal(pin_write(&d, FRONT_PIN, german, 0), RC_INVALID);
    assert_int_equal(pin_write(&d, FRONT_PIN, 12345, 0), RC_INVALID);
    assert_string_equal(d.problem.text, "front_no_article");
    d.change = (struct front_change){.way = FRONT_PIN, .number = english, .until_at = NOW};
    assert_int_equal(store_write(d.s->store, STORE_DURABLE, do_pin, &d), RC_INVALID);
    assert_string_equal(d.problem.text, "front_until_past");
    assert_str(pins_of(&d), "");
}

static void a_pin_shows_while_its_article_does_and_until_its_end(void **state) {
    (void)state;
    int64_t until;
    struct front_pin p = {.published = true, .published_at = NOW, .until_at = NOW + 3 * HOUR};
    assert_true(front_pin_shows(&p, NOW, &until) && until == NOW + 3 * HOUR);
    assert_false(front_pin_shows(&p, NOW + 3 * HOUR, &until));
    assert_int_equal(until, INT64_MAX);
    p.expires_at = NOW + HOUR;
    assert_true(front_pin_shows(&p, NOW, &until) && until == NOW + HOUR);
    assert_false(front_pin_shows(&p, NOW + HOUR, &until));
    assert_false(front_pin_shows(&p, NOW - 1, &until));
    assert_int_equal(until, NOW);
    p.published = false;
    assert_false(front_pin_shows(&p, NOW, &until));
}

static void sections_have_an_order_of_their_own(void **state) {
    struct deed d = {.s = *state, .now = NOW};
    struct section *rows, own[] = {{.position = 1},
                                   {.position = 2, .front_position = 2},
                                   {.position = 3, .front_position = 1},
                                   {.position = 0}};
    size_t n;
    front_order(own, 4);
    assert_true(own[0].position == 3 && own[1].position == 2 && own[2].position == 0 && own[3].position == 1);
    assert_int_equal(front_sections(d.s->arena, d.s->reader, LANG_EN, &rows, &n), RC_OK);
    assert_int_equal(n, 1); // without the programmes
    d.change = (struct front_change){.way = FRONT_HIDE, .number = rows[0].id};
    assert_int_equal(store_write(d.s->store, STORE_DURABLE, do_section, &d), RC_OK);
    assert_true(changes.count == 1 && changes.rows[0].kind == EDITION_FRONT);
    assert_int_equal(front_sections(d.s->arena, d.s->reader, LANG_EN, &rows, &n), RC_OK);
    assert_true(!rows[0].on_front && rows[0].front_position == 1);
    d.change.number = 7;
    assert_int_equal(store_write(d.s->store, STORE_DURABLE, do_section, &d), RC_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(pins_keep_their_order_and_one_leads),
        NEWSROOM_TEST(what_cannot_be_pinned_is_refused),
        NEWSROOM_TEST(a_pin_shows_while_its_article_does_and_until_its_end),
        NEWSROOM_TEST(sections_have_an_order_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
