// SPDX-License-Identifier: AGPL-3.0-or-later
// A text on its way: begun, saved by two people at once, submitted, published at its time, corrected, withdrawn.
#include "newsroom.h"

static const struct audit_who ayu = {11, {"Ayu", 3}}, budi = {12, {"Budi", 4}};

// One write of the desk; what it was about goes in, what came of it comes out.
struct deed {
    struct station *s;
    const struct audit_who *who;
    int64_t now;
    struct manuscript_start start;
    struct manuscript_saving saving;
    struct step_order order;
    enum manuscript_saved saved;
    int64_t id, number;
    bool take_over;
    struct lease held;
    struct problem problem;
};

static struct news_changes changes; // of the last step; large, so not in each deed

static enum rc do_begin(struct db *db, void *arg) {
    struct deed *d = arg;
    return manuscript_begin(d->s->arena, db, d->who, &d->start, d->now, &d->id, &d->problem);
}

static enum rc do_save(struct db *db, void *arg) {
    struct deed *d = arg;
    return manuscript_save(d->s->arena, db, d->who, &d->saving, d->now, &d->saved, &d->id, &d->problem);
}

static enum rc do_step(struct db *db, void *arg) {
    struct deed *d = arg;
    changes = (struct news_changes){0};
    return manuscript_do(d->s->arena, db, d->who, &d->order, d->now, &d->number, &changes, &d->problem);
}

static enum rc do_open(struct db *db, void *arg) {
    struct deed *d = arg;
    return manuscript_of_article(d->s->arena, db, d->number, d->now, &d->id);
}

static enum rc do_lease(struct db *db, void *arg) {
    struct deed *d = arg;
    return lease_take(d->s->arena, db, d->id, d->who, d->who->account_id * 10, d->take_over, d->now, &d->held);
}

static enum rc deed_write(struct deed *d, store_write_fn fn) {
    return store_write(d->s->store, STORE_DURABLE, fn, d);
}

static struct content content_of(struct station *s, const char *headline, const char *body) {
    return (struct content){.headline = str_from(headline),
                            .section_id = newsroom_section(s, LANG_EN).id,
                            .tags = STR("Ports\nTrade"),
                            .people = STR("Sari Wulandari"),
                            .body = html_from_paragraphs(s->arena, str_from(body))};
}

static struct manuscript load(struct station *s, int64_t id) {
    struct manuscript m;
    assert_int_equal(manuscript_load(s->arena, s->reader, id, &m), RC_OK);
    return m;
}

static int64_t begin(struct station *s, const char *headline) {
    struct deed d = {.s = s, .who = &ayu, .now = NOW, .start = {.lang = LANG_EN}};
    d.start.content = content_of(s, headline, "One.\n\nTwo.\n\nThree.");
    assert_int_equal(deed_write(&d, do_begin), RC_OK);
    return d.id;
}

static struct deed save(struct station *s, const struct audit_who *who, int64_t id, int64_t base, struct content c,
                        enum version_kind kind) {
    struct deed d = {.s = s, .who = who, .now = NOW + HOUR, .saving = {id, base, kind, c, 0, false}};
    assert_int_equal(deed_write(&d, do_save), RC_OK);
    return d;
}

static struct deed step(struct station *s, int64_t id, enum manuscript_step what, const char *text, int64_t now,
                        enum rc expected) {
    struct deed d = {.s = s, .who = &budi, .now = now};
    d.order = (struct step_order){id, load(s, id).version, what, str_from(text)};
    enum rc rc = deed_write(&d, do_step);
    if (rc != expected)
        fail_msg("%s: %s, %s", step_rules[what].name, rc_name(rc), d.problem.text);
    return d;
}

static void count_fault(void *arg, const char *check, struct str text) {
    print_error("%s: %.*s\n", check, STR_ARG(text));
    ++*(int *)arg;
}

static int faults(struct station *s) {
    int n = 0;
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = count_fault, .arg = &n};
    for (size_t i = 0; i < news_check_count; i++)
        assert_int_equal(news_checks[i].run(&v), RC_OK);
    return n;
}

static enum rc spoil(struct db *db, void *arg) {
    switch (*(const int *)arg) {
    case 0:
        return db_run(db_sql(db, "UPDATE manuscripts SET headline = 'Another'"));
    case 1:
        return db_run(db_sql(db, "UPDATE manuscripts SET lacks_alt = 1"));
    case 2:
        return db_run(db_sql(db, "DELETE FROM manuscript_words WHERE word = 'port'"));
    case 3:
        return db_run(db_sql(db, "UPDATE manuscript_versions SET content = '{\"headline\":1}'"));
    case 4:
        return db_run(db_sql(db, "UPDATE manuscripts SET publish_at = publish_at + 1"));
    case 6:
        return db_run(db_sql(db, "UPDATE manuscripts SET ahead = 1 WHERE id = (SELECT MAX(id) FROM manuscripts)"));
    case 5:
        return db_run(db_sql(db, "INSERT INTO breaking (number, marked_at) VALUES (9999, 1)"));
    default:
        return db_run(db_sql(db, "UPDATE manuscripts SET version = version + 1"));
    }
}

static void test_damage_is_found(void **state) {
    struct station *s = *state;
    for (int damage = 0; damage < 8; damage++) {
        int64_t id = begin(s, "A port reopens");
        step(s, id, STEP_PUBLISH, "", NOW, RC_OK);
        int before = faults(s);
        assert_int_equal(store_write(s->store, STORE_DURABLE, spoil, &damage), RC_OK);
        if (faults(s) <= before)
            fail_msg("damage %d is not seen", damage);
        if (damage == 0)
            assert_int_equal(before, 0);
    }
}

// ---- versions --------------------------------------------------------------------------------------------------------

static void test_saving(void **state) {
    struct station *s = *state;
    int64_t id = begin(s, "A port reopens");
    struct content c = load(s, id).content;
    c.headline = STR("A port reopens at last");
    struct deed d = save(s, &ayu, id, 1, c, VERSION_SAVED);
    assert_int_equal(d.saved, SAVED_NEW);
    assert_int_equal(d.id, 2);
    assert_int_equal(save(s, &ayu, id, 2, c, VERSION_SAVED).saved, SAVED_SAME);
    struct manuscript m = load(s, id);
    assert_str(m.headline, "A port reopens at last");
    assert_str(m.saved_by_name, "Ayu");
    struct manuscript_version first;
    assert_int_equal(version_load(s->arena, s->reader, id, 1, &first), RC_OK);
    assert_str(first.content.headline, "A port reopens");
}

// Autosaves of one person replace one another; what somebody else, or a button, saved stays.
static void test_autosaves(void **state) {
    struct station *s = *state;
    int64_t id = begin(s, "A port reopens");
    struct content c = load(s, id).content;
    const char *words[] = {"A", "AB", "ABC"};
    for (int i = 0; i < 3; i++) {
        c.headline = str_from(words[i]);
        assert_int_equal(save(s, &ayu, id, i + 1, c, VERSION_AUTO).saved, SAVED_NEW);
    }
    struct manuscript_version *rows;
    size_t n;
    assert_int_equal(version_list(s->arena, s->reader, id, 0, 100, &rows, &n), RC_OK);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].version, 4);
    assert_int_equal(rows[1].version, 1);
    c.headline = STR("By another");
    save(s, &budi, id, 4, c, VERSION_AUTO);
    assert_int_equal(version_list(s->arena, s->reader, id, 0, 100, &rows, &n), RC_OK);
    assert_int_equal(n, 3);
}

// Two people save upon version 1: the second loses nothing, and what does not collide goes together by itself.
static void test_collision(void **state) {
    struct station *s = *state;
    int64_t id = begin(s, "A port reopens");
    struct content base = load(s, id).content, his = base, hers = base;
    his.body = html_from_paragraphs(s->arena, STR("One, he says.\n\nTwo.\n\nThree."));
    his.agency = STR("Reuters");
    hers.body = html_from_paragraphs(s->arena, STR("One.\n\nTwo.\n\nThree, she says."));
    hers.headline = STR("The port reopens");
    assert_int_equal(save(s, &budi, id, 1, his, VERSION_SAVED).saved, SAVED_NEW);
    struct deed d = save(s, &ayu, id, 1, hers, VERSION_SAVED);
    assert_int_equal(d.saved, SAVED_ASIDE);
    struct manuscript_aside aside;
    assert_int_equal(aside_load(s->arena, s->reader, d.id, &aside), RC_OK);
    assert_true(content_eq(&aside.content, &hers));

    struct content merged;
    struct content_collision *collisions;
    struct content theirs = load(s, id).content;
    assert_int_equal(content_merge(s->arena, &base, &aside.content, &theirs, NULL, 0, &merged, &collisions), 0);
    assert_str(merged.headline, "The port reopens");
    assert_str(merged.agency, "Reuters");
    assert_true(str_find(merged.body.s, STR("One, he says."), &(size_t){0}));
    assert_true(str_find(merged.body.s, STR("Three, she says."), &(size_t){0}));

    struct deed m = {.s = s, .who = &ayu, .now = NOW, .saving = {id, 2, VERSION_MERGED, merged, d.id, false}};
    assert_int_equal(deed_write(&m, do_save), RC_OK);
    assert_int_equal(m.saved, SAVED_NEW);
    assert_int_equal(aside_load(s->arena, s->reader, d.id, &aside), RC_NOT_FOUND);
}

static void test_choices(void **state) {
    struct station *s = *state;
    struct content base = content_of(s, "Old", "One.\n\nTwo."), mine = base, theirs = base, merged;
    mine.headline = STR("Mine");
    theirs.headline = STR("Theirs");
    mine.body = html_from_paragraphs(s->arena, STR("One.\n\nTwo, mine."));
    theirs.body = html_from_paragraphs(s->arena, STR("One.\n\nTwo, theirs."));
    struct content_collision *collisions;
    assert_int_equal(content_merge(s->arena, &base, &mine, &theirs, NULL, 0, &merged, &collisions), 2);
    assert_str(str_from(collisions[0].field->key), "headline");
    assert_str(str_trim(collisions[1].theirs), "<p>Two, theirs.</p>");
    enum text_side choices[] = {TEXT_THEIRS, TEXT_BOTH};
    assert_int_equal(content_merge(s->arena, &base, &mine, &theirs, choices, 2, &merged, &collisions), 2);
    assert_str(merged.headline, "Theirs");
    size_t at_mine, at_theirs;
    assert_true(str_find(merged.body.s, STR("Two, mine."), &at_mine));
    assert_true(str_find(merged.body.s, STR("Two, theirs."), &at_theirs));
    assert_true(at_mine < at_theirs);
}

static void test_content_form(void **state) {
    struct station *s = *state;
    struct content c = content_of(s, "Quotes \" and \n lines", "One."), back;
    c.tags = STR(" Trade \n\nTrade\nPorts\r\n");
    c.breaking = true;
    c.expires_at = NOW;
    struct problem p = {""};
    assert_int_equal(content_check(s->arena, &c, &p), RC_OK);
    assert_str(c.headline, "Quotes \" and lines");
    assert_str(c.tags, "Trade\nPorts");
    assert_int_equal(content_from_json(s->arena, content_json(s->arena, &c), &back), RC_OK);
    assert_true(content_eq(&c, &back));
    assert_int_equal(content_from_json(s->arena, STR("[]"), &back), RC_INVALID);
    assert_int_equal(content_from_json(s->arena, STR("{\"headline\":7}"), &back), RC_INVALID);
    assert_int_equal(content_from_json(s->arena, STR("{\"featured\":\"yes\"}"), &back), RC_INVALID);
    c.body = html_stored(STR("<script>alert(1)</script><p onclick=x>Text"));
    assert_int_equal(content_check(s->arena, &c, &p), RC_OK);
    assert_str(str_trim(c.body.s), "<p>Text</p>");
    c.headline = STR("bell\a");
    assert_int_equal(content_check(s->arena, &c, &p), RC_INVALID);
}

// ---- steps -----------------------------------------------------------------------------------------------------------

static enum rc shown(struct station *s, int64_t number, int64_t now, struct article *out) {
    int64_t until;
    return article_show(s->arena, s->reader, number, now, out, &until);
}

static void test_way_of_a_text(void **state) {
    struct station *s = *state;
    struct article art;
    int64_t id = begin(s, "A port reopens");
    step(s, id, STEP_SUBMIT, "", NOW, RC_OK);
    step(s, id, STEP_SUBMIT, "", NOW, RC_DENIED);
    step(s, id, STEP_RETURN, "", NOW, RC_INVALID);
    step(s, id, STEP_RETURN, "Who says so?", NOW, RC_OK);
    struct manuscript_note *notes;
    size_t n;
    assert_int_equal(note_list(s->arena, s->reader, id, &notes, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_str(notes[0].note, "Who says so?");
    step(s, id, STEP_SUBMIT, "", NOW, RC_OK);
    int64_t number = step(s, id, STEP_PUBLISH, "", NOW, RC_OK).number;
    assert_int_equal(shown(s, number, NOW, &art), RC_OK);
    assert_int_equal(art.published_at, NOW);
    assert_int_equal(art.tag_count, 2);
    assert_str(art.people[0].name, "Sari Wulandari");
    assert_int_equal(art.modified_at, 0);

    struct content c = load(s, id).content;
    c.headline = STR("The port reopens");
    save(s, &ayu, id, load(s, id).version, c, VERSION_SAVED);
    assert_int_equal(shown(s, number, NOW + HOUR, &art), RC_OK);
    assert_str(art.headline, "A port reopens"); // the public has what was published
    step(s, id, STEP_PUBLISH, "", NOW + 2 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 2 * HOUR, &art), RC_OK);
    assert_str(art.headline, "The port reopens");
    assert_str(art.slug, "a-port-reopens"); // a printed address stays
    assert_int_equal(art.published_at, NOW);
    assert_int_equal(art.modified_at, NOW + 2 * HOUR);

    step(s, id, STEP_CORRECT, "It was pier two.", NOW + 3 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 3 * HOUR, &art), RC_OK);
    assert_int_equal(art.correction_count, 1);
    step(s, id, STEP_WITHDRAW, "It did not happen.", NOW + 4 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 4 * HOUR, &art), RC_GONE);
    assert_str(art.withdrawal_notice, "It did not happen.");
    step(s, id, STEP_RESTORE, "", NOW + 4 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 4 * HOUR, &art), RC_GONE);
    step(s, id, STEP_PUBLISH, "", NOW + 5 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 5 * HOUR, &art), RC_OK);
    step(s, id, STEP_ARCHIVE, "", NOW + 5 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 5 * HOUR, &art), RC_OK); // at its address, and in no list
    struct list_query q = {.of = LIST_LANG, .lang = LANG_EN, .limit = 10, .now_us = NOW + 5 * HOUR};
    struct list_result listed;
    assert_int_equal(article_list(s->arena, s->reader, &q, &listed), RC_OK);
    assert_int_equal(listed.count, 0);
    step(s, id, STEP_WITHDRAW, "It did not happen at all.", NOW + 5 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 5 * HOUR, &art), RC_GONE);
    step(s, id, STEP_ARCHIVE, "", NOW + 5 * HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + 5 * HOUR, &art), RC_GONE);
    assert_str(art.withdrawal_notice, "It did not happen at all.");
    assert_int_equal(faults(s), 0);
    step(s, id, STEP_REOPEN, "", NOW + 5 * HOUR, RC_OK);
    assert_int_equal(load(s, id).state, MANUSCRIPT_DRAFT);
    assert_int_equal(faults(s), 0);
}

static void test_time_of_publication(void **state) {
    struct station *s = *state;
    struct article art;
    int64_t id = begin(s, "Not before noon");
    struct content c = load(s, id).content;
    c.publish_at = NOW + 3 * HOUR;
    save(s, &ayu, id, 1, c, VERSION_SAVED);
    int64_t number = step(s, id, STEP_PUBLISH, "", NOW, RC_OK).number;
    assert_int_equal(shown(s, number, NOW + 3 * HOUR - 1, &art), RC_NOT_FOUND);
    assert_int_equal(shown(s, number, NOW + 3 * HOUR, &art), RC_OK);
    step(s, id, STEP_WITHDRAW, "No.", NOW, RC_DENIED); // nobody has read it
    step(s, id, STEP_UNSCHEDULE, "", NOW, RC_OK);
    assert_int_equal(shown(s, number, NOW + 3 * HOUR, &art), RC_NOT_FOUND);
    assert_int_equal(load(s, id).state, MANUSCRIPT_REVIEW);
    step(s, id, STEP_PUBLISH, "", NOW, RC_OK);
    step(s, id, STEP_ARCHIVE, "", NOW, RC_OK); // what nobody has read does not begin to be read in the archive
    assert_int_equal(shown(s, number, NOW + 3 * HOUR, &art), RC_NOT_FOUND);
    step(s, id, STEP_WITHDRAW, "No.", NOW, RC_DENIED);
    step(s, id, STEP_REOPEN, "", NOW, RC_OK);

    c.publish_at = 0;
    c.embargo_until = NOW + 5 * HOUR;
    save(s, &ayu, id, load(s, id).version, c, VERSION_SAVED);
    step(s, id, STEP_PUBLISH, "", NOW, RC_OK);
    c.publish_at = NOW;
    save(s, &ayu, id, load(s, id).version, c, VERSION_SAVED);
    assert_string_equal(step(s, id, STEP_PUBLISH, "", NOW, RC_INVALID).problem.text, "need_end_of_embargo");
}

// The version that is published next goes out at `publish_at`, not before `embargo_until`; both may be 0.
static void set_times(struct station *s, int64_t id, int64_t publish_at, int64_t embargo_until) {
    struct manuscript m = load(s, id);
    m.content.publish_at = publish_at;
    m.content.embargo_until = embargo_until;
    save(s, &ayu, id, m.version, m.content, VERSION_SAVED);
}

static void test_no_time_is_at_once(void **state) {
    struct station *s = *state;
    struct article art;
    int64_t id = begin(s, "Not before noon"), noon = NOW + 3 * HOUR;
    set_times(s, id, noon, 0);
    int64_t number = step(s, id, STEP_PUBLISH, "", NOW, RC_OK).number;
    set_times(s, id, 0, 0); // taken out while it is scheduled
    step(s, id, STEP_PUBLISH, "", NOW + HOUR, RC_OK);
    assert_int_equal(shown(s, number, NOW + HOUR, &art), RC_OK);
    assert_int_equal(art.published_at, NOW + HOUR);
    assert_int_equal(art.modified_at, 0);

    id = begin(s, "Taken back");
    set_times(s, id, noon, 0);
    number = step(s, id, STEP_PUBLISH, "", NOW, RC_OK).number;
    step(s, id, STEP_UNSCHEDULE, "", NOW, RC_OK);
    set_times(s, id, 0, 0);
    step(s, id, STEP_PUBLISH, "", NOW + 9 * HOUR, RC_OK); // nobody read it at noon
    assert_int_equal(shown(s, number, NOW + 9 * HOUR, &art), RC_OK);
    assert_int_equal(art.published_at, NOW + 9 * HOUR);
    assert_int_equal(faults(s), 0);
}

static void refused_later(struct station *s, int64_t id, int64_t now) {
    const int64_t times[][2] = {{now + HOUR, 0}, {0, now + HOUR}, {now + HOUR, now + HOUR}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        set_times(s, id, times[i][0], times[i][1]);
        assert_string_equal(step(s, id, STEP_PUBLISH, "", now, RC_INVALID).problem.text, "need_no_later_time");
    }
}

static void test_what_is_out_stays_out(void **state) {
    struct station *s = *state;
    struct article art;
    int64_t id = begin(s, "A port reopens"), now = NOW + 2 * HOUR;
    int64_t number = step(s, id, STEP_PUBLISH, "", NOW, RC_OK).number;
    refused_later(s, id, now);
    assert_int_equal(shown(s, number, now, &art), RC_OK);
    assert_int_equal(art.published_at, NOW);
    step(s, id, STEP_UNSCHEDULE, "", now, RC_DENIED);

    step(s, id, STEP_WITHDRAW, "It did not happen.", now, RC_OK);
    step(s, id, STEP_RESTORE, "", now, RC_OK);
    refused_later(s, id, now);
    assert_int_equal(shown(s, number, now, &art), RC_GONE); // the notice stands until then
    set_times(s, id, NOW + HOUR, 0);
    step(s, id, STEP_PUBLISH, "", now, RC_OK); // a time that is past
    step(s, id, STEP_ARCHIVE, "", now, RC_OK);
    step(s, id, STEP_REOPEN, "", now, RC_OK);
    refused_later(s, id, now);
    assert_int_equal(shown(s, number, now, &art), RC_OK);

    id = begin(s, "Not before noon"); // once it was due, it is out
    set_times(s, id, now + HOUR, 0);
    step(s, id, STEP_PUBLISH, "", now, RC_OK);
    set_times(s, id, now + 2 * HOUR, 0);
    step(s, id, STEP_PUBLISH, "", now, RC_OK);
    refused_later(s, id, now + 2 * HOUR);
    assert_int_equal(faults(s), 0);
}

static bool banner_is(struct station *s, int64_t now, const char *headline, int64_t until) {
    struct breaking b;
    assert_int_equal(breaking_load(s->arena, s->reader, LANG_EN, now, &b), RC_OK);
    return b.shows == (headline != NULL) && b.until_at == until &&
           (headline == NULL || str_eq(b.card.headline, str_from(headline)));
}

static int64_t out_as(struct station *s, const char *headline, const struct content *with, int64_t now) {
    int64_t id = begin(s, headline);
    struct content c = load(s, id).content;
    c.breaking = with->breaking;
    c.publish_at = with->publish_at;
    c.expires_at = with->expires_at;
    save(s, &ayu, id, 1, c, VERSION_SAVED);
    step(s, id, STEP_PUBLISH, "", now, RC_OK);
    return id;
}

static void test_breaking(void **state) {
    struct station *s = *state;
    const struct content plain = {0}, at_once = {.breaking = true};
    const struct content at_noon = {.breaking = true, .publish_at = NOW + 3 * HOUR, .expires_at = NOW + 4 * HOUR};
    int64_t storm = out_as(s, "Storm", &plain, NOW);
    assert_true(banner_is(s, NOW, NULL, INT64_MAX));
    step(s, storm, STEP_NOT_BREAKING, "", NOW, RC_DENIED);
    step(s, storm, STEP_BREAKING, "", NOW, RC_OK);
    assert_int_equal(changes.rows[0].kind, EDITION_BREAKING);
    assert_int_equal(changes.rows[0].id, LANG_EN);
    step(s, storm, STEP_BREAKING, "", NOW + 1, RC_DENIED); // it is
    assert_int_equal(load(s, storm).breaking_until, NOW + 6 * HOUR);
    assert_true(banner_is(s, NOW + 6 * HOUR - 1, "Storm", NOW + 6 * HOUR));
    assert_true(banner_is(s, NOW + 6 * HOUR, NULL, INT64_MAX));

    // One that is due at noon, as breaking news, ends it then, and ends with itself.
    int64_t noon = out_as(s, "Noon", &at_noon, NOW);
    assert_int_equal(load(s, storm).breaking_until, NOW + 3 * HOUR);
    assert_true(banner_is(s, NOW, "Storm", NOW + 3 * HOUR));
    assert_true(banner_is(s, NOW + 3 * HOUR, "Noon", NOW + 4 * HOUR));
    assert_true(banner_is(s, NOW + 4 * HOUR, NULL, INT64_MAX));
    step(s, noon, STEP_UNSCHEDULE, "", NOW, RC_OK);
    assert_true(banner_is(s, NOW, "Storm", NOW + 6 * HOUR));

    // The newest counts; what it ended does not come back with its withdrawal.
    int64_t bridge = out_as(s, "Bridge", &at_once, NOW + HOUR);
    assert_true(banner_is(s, NOW + HOUR, "Bridge", NOW + 7 * HOUR));
    assert_int_equal(load(s, storm).breaking_until, 0);
    step(s, bridge, STEP_NOT_BREAKING, "", NOW + HOUR, RC_OK);
    struct content c = load(s, bridge).content;
    c.headline = STR("Bridge open");
    save(s, &ayu, bridge, load(s, bridge).version, c, VERSION_SAVED);
    step(s, bridge, STEP_PUBLISH, "", NOW + HOUR, RC_OK); // again, with the same flag: nothing begins anew
    assert_true(banner_is(s, NOW + HOUR, NULL, INT64_MAX));
    step(s, bridge, STEP_BREAKING, "", NOW + HOUR, RC_OK);
    step(s, bridge, STEP_WITHDRAW, "No.", NOW + HOUR, RC_OK);
    assert_true(banner_is(s, NOW + HOUR, NULL, INT64_MAX));
    assert_int_equal(faults(s), 0);
}

static int64_t banner_number(struct station *s, int64_t now) {
    struct breaking b;
    assert_int_equal(breaking_load(s->arena, s->reader, LANG_EN, now, &b), RC_OK);
    return b.number;
}

// A page that shows no banner depends on the article for as long as that could bring one back.
static void test_breaking_is_over(void **state) {
    struct station *s = *state;
    const struct content at_once = {.breaking = true}, short_one = {.breaking = true, .expires_at = NOW + 2 * HOUR};
    int64_t storm = load(s, out_as(s, "Storm", &at_once, NOW)).number;
    assert_int_equal(banner_number(s, NOW + 6 * HOUR - 1), storm);
    assert_int_equal(banner_number(s, NOW + 6 * HOUR), 0);
    assert_true(banner_is(s, NOW + 6 * HOUR, NULL, INT64_MAX));
    int64_t calm = load(s, out_as(s, "Calm", &short_one, NOW)).number;
    assert_true(banner_is(s, NOW + 3 * HOUR, NULL, INT64_MAX));
    assert_int_equal(banner_number(s, NOW + 3 * HOUR), calm); // one may give it more time
    assert_int_equal(banner_number(s, NOW + 7 * HOUR), 0);
}

// Whoever brings an old text back changes its page, not the banner.
static void test_old_breaking_news_comes_back(void **state) {
    struct station *s = *state;
    const struct content at_once = {.breaking = true}, short_one = {.expires_at = NOW + 2 * HOUR};
    int64_t archived = out_as(s, "Eclipse", &at_once, NOW), withdrawn = out_as(s, "Comet", &at_once, NOW);
    step(s, archived, STEP_ARCHIVE, "", NOW + HOUR, RC_OK);
    step(s, withdrawn, STEP_WITHDRAW, "No.", NOW + HOUR, RC_OK);
    out_as(s, "Storm", &at_once, NOW + 100 * HOUR);
    step(s, archived, STEP_REOPEN, "", NOW + 101 * HOUR, RC_OK);
    step(s, withdrawn, STEP_RESTORE, "", NOW + 101 * HOUR, RC_OK);
    step(s, archived, STEP_PUBLISH, "", NOW + 101 * HOUR, RC_OK);
    step(s, withdrawn, STEP_PUBLISH, "", NOW + 101 * HOUR, RC_OK);
    assert_true(banner_is(s, NOW + 101 * HOUR, "Storm", NOW + 106 * HOUR));
    int64_t late = out_as(s, "Late", &short_one, NOW); // and is marked when its time has taken it down
    struct content c = load(s, late).content;
    c.breaking = true;
    save(s, &ayu, late, load(s, late).version, c, VERSION_SAVED);
    step(s, late, STEP_PUBLISH, "", NOW + 101 * HOUR, RC_OK);
    assert_true(banner_is(s, NOW + 101 * HOUR, "Storm", NOW + 106 * HOUR));

    // What was taken back before its time, nobody had: it is news when it goes out.
    const struct content at_noon = {.breaking = true, .publish_at = NOW + 104 * HOUR};
    int64_t noon = out_as(s, "Noon", &at_noon, NOW + 102 * HOUR);
    step(s, noon, STEP_UNSCHEDULE, "", NOW + 103 * HOUR, RC_OK);
    assert_true(banner_is(s, NOW + 105 * HOUR, "Storm", NOW + 106 * HOUR));
    step(s, noon, STEP_PUBLISH, "", NOW + 105 * HOUR, RC_OK);
    assert_true(banner_is(s, NOW + 105 * HOUR, "Noon", NOW + 111 * HOUR));
    assert_int_equal(faults(s), 0);
}

static void test_what_is_lacking(void **state) {
    struct station *s = *state;
    struct content c = {0};
    const char *lacks[CONTENT_LACKS_MAX];
    c.image.media_id = 77;
    assert_int_equal(content_lacks(s->arena, s->reader, LANG_EN, &c, lacks), 5);
    assert_string_equal(lacks[0], "need_headline");
    assert_string_equal(lacks[1], "need_section");
    assert_string_equal(lacks[2], "need_body");
    assert_string_equal(lacks[3], "need_alt");
    assert_string_equal(lacks[4], "need_credit");
    c = content_of(s, "Complete", "One.");
    assert_int_equal(content_lacks(s->arena, s->reader, LANG_EN, &c, lacks), 0);
    assert_int_equal(content_lacks(s->arena, s->reader, LANG_ID, &c, lacks), 1); // a section of another language
}

static void test_stale_order(void **state) {
    struct station *s = *state;
    int64_t id = begin(s, "A port reopens");
    struct content c = load(s, id).content;
    c.headline = STR("Changed meanwhile");
    save(s, &ayu, id, 1, c, VERSION_SAVED);
    struct deed d = {.s = s, .who = &budi, .now = NOW, .order = {id, 1, STEP_PUBLISH, STR_NONE}};
    assert_int_equal(deed_write(&d, do_step), RC_CONFLICT);
    assert_int_equal(load(s, id).state, MANUSCRIPT_DRAFT);
}

// ---- others' texts ---------------------------------------------------------------------------------------------------

static void test_imported_article(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_EN, "From the old site", NOW);
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    struct deed d = {.s = s, .who = &ayu, .now = NOW, .number = art.number};
    assert_int_equal(deed_write(&d, do_open), RC_OK);
    int64_t id = d.id;
    struct manuscript m = load(s, id);
    assert_int_equal(m.state, MANUSCRIPT_OUT);
    assert_str(m.headline, "From the old site");
    assert_int_equal(deed_write(&d, do_open), RC_OK);
    assert_int_equal(d.id, id); // once
    assert_int_equal(load(s, id).version, 1);

    // Written on at the desk, and changed from outside at the same time: both are there.
    struct content c = m.content;
    c.agency = STR("Antara");
    save(s, &ayu, id, 1, c, VERSION_SAVED);
    assert_int_equal(article_load(s->arena, s->reader, art.number, &art), RC_OK);
    art.headline = STR("From the old site, again");
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(deed_write(&d, do_open), RC_OK);
    m = load(s, id);
    assert_int_equal(m.version, 4);
    assert_int_equal(m.published_version, 3);
    assert_str(m.content.headline, "From the old site, again");
    assert_str(m.content.agency, "Antara");
}

static void test_translation(void **state) {
    struct station *s = *state;
    int64_t id = begin(s, "A port reopens");
    step(s, id, STEP_PUBLISH, "", NOW, RC_OK);
    struct deed d = {.s = s, .who = &budi, .now = NOW, .start = {.lang = LANG_ID, .source_id = id}};
    d.start.content = (struct content){.headline = STR("Pelabuhan dibuka lagi"),
                                       .section_id = newsroom_section(s, LANG_ID).id,
                                       .body = html_from_paragraphs(s->arena, STR("Satu."))};
    assert_int_equal(deed_write(&d, do_begin), RC_OK);
    int64_t translation = d.id;
    assert_int_equal(deed_write(&d, do_begin), RC_CONFLICT);
    assert_false(load(s, translation).stale);
    struct deed p = step(s, translation, STEP_PUBLISH, "", NOW, RC_OK);
    struct article art;
    struct article_card *cards;
    size_t n;
    int64_t until;
    assert_int_equal(shown(s, p.number, NOW, &art), RC_OK);
    assert_int_equal(article_translations(s->arena, s->reader, &art, NOW, &cards, &n, &until), RC_OK);
    assert_int_equal(n, 1);

    struct content c = load(s, id).content;
    c.standfirst = STR("News.");
    save(s, &ayu, id, load(s, id).version, c, VERSION_SAVED);
    assert_false(load(s, translation).stale); // not published yet
    step(s, id, STEP_PUBLISH, "", NOW, RC_OK);
    assert_true(load(s, translation).stale);
    struct manuscript *rows;
    struct manuscripts_rest rest;
    struct manuscripts_query q = {.of = MANUSCRIPTS_STALE, .limit = 10, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].id, translation);
    struct content same = load(s, translation).content;
    struct deed checked = {.s = s, .who = &budi, .now = NOW};
    checked.saving =
        (struct manuscript_saving){translation, load(s, translation).version, VERSION_SAVED, same, 0, true};
    assert_int_equal(deed_write(&checked, do_save), RC_OK);
    assert_false(load(s, translation).stale);
}

static void test_leases(void **state) {
    struct station *s = *state;
    struct deed d = {.s = s, .who = &ayu, .now = NOW, .id = begin(s, "A port reopens")};
    assert_int_equal(deed_write(&d, do_lease), RC_OK);
    assert_int_equal(deed_write(&d, do_lease), RC_OK);
    d.who = &budi;
    assert_int_equal(deed_write(&d, do_lease), RC_BUSY);
    assert_str(d.held.name, "Ayu");
    d.take_over = true;
    assert_int_equal(deed_write(&d, do_lease), RC_OK);
    d.who = &ayu;
    d.take_over = false;
    assert_int_equal(deed_write(&d, do_lease), RC_BUSY);
    d.now = NOW + (LEASE_SECONDS + 1) * US_PER_SECOND;
    assert_int_equal(deed_write(&d, do_lease), RC_OK);
}

static void test_lists(void **state) {
    struct station *s = *state;
    static const char *const headlines[] = {"A port reopens", "Rain in the hills", "The port's new crane"};
    int64_t ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = begin(s, headlines[i]);
    struct manuscript *rows;
    size_t n;
    struct manuscripts_rest rest;
    struct manuscripts_query q = {.of = MANUSCRIPTS_OWN, .account_id = ayu.account_id, .limit = 2, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 2);
    assert_true(rest.more);
    assert_int_equal(rows[0].id, ids[2]);
    q.before_at = rows[1].saved_at;
    q.before_id = rows[1].id;
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 1);
    assert_false(rest.more);
    q = (struct manuscripts_query){.words = STR("PORT"), .limit = 10, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 2);
    q.languages = UINT32_C(1) << LANG_ID;
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 0);
    q = (struct manuscripts_query){.words = STR("port"), .limit = 1, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_true(n == 1 && rest.more && rows[0].id == ids[2]);
    q.before_at = rows[0].saved_at;
    q.before_id = rows[0].id;
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_true(n == 1 && !rest.more && rows[0].id == ids[0]);
    q = (struct manuscripts_query){.words = STR("port hills"), .limit = 10, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 0);
    step(s, ids[0], STEP_SUBMIT, "", NOW, RC_OK);
    q = (struct manuscripts_query){.of = MANUSCRIPTS_IN_STATE, .state = MANUSCRIPT_REVIEW, .limit = 10, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].id, ids[0]);
}

// Of several languages, one list in one order; of a word that many texts hold, and of one that only the oldest holds.
static void test_list_of_many(void **state) {
    struct station *s = *state;
    enum { TEXTS = 2100 }; // more than are looked at one by one
    int64_t first = 0, last = 0;
    for (int i = 0; i < TEXTS; i++) {
        struct deed d = {.s = s, .who = &ayu, .now = NOW + i};
        d.start.lang = i % 2 == 0 ? LANG_EN : LANG_ID;
        d.start.content.headline = str_fmt(s->arena, "Harbour %s", i == 0 ? "lantern" : "news");
        assert_int_equal(deed_write(&d, do_begin), RC_OK);
        first = i == 0 ? d.id : first;
        last = d.id;
    }
    struct manuscript *rows;
    size_t n;
    struct manuscripts_rest rest;
    const struct {
        const char *words;
        uint32_t languages;
        size_t n;
        bool more;
        int64_t head; // the first row; 0: an older one
    } cases[] = {{"", 0, 10, true, last},
                 {"", UINT32_C(1) << LANG_EN, 10, true, 0},
                 {"harbour", 0, 10, true, last},
                 {"harbour lantern", 0, 1, false, first},
                 {"lantern", UINT32_C(1) << LANG_ID, 0, false, 0},
                 {"lantern", UINT32_C(1) << LANG_EN | UINT32_C(1) << LANG_DE, 1, false, first}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct manuscripts_query q = {.of = MANUSCRIPTS_ALL,
                                      .words = str_from(cases[i].words),
                                      .limit = 10,
                                      .languages = cases[i].languages,
                                      .now_us = NOW};
        assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
        assert_int_equal(n, cases[i].n);
        assert_int_equal(rest.more, cases[i].more);
        if (cases[i].head != 0)
            assert_int_equal(rows[0].id, cases[i].head);
        for (size_t r = 1; r < n; r++)
            assert_true(rows[r].saved_at < rows[r - 1].saved_at);
    }
}

// Copies of the one text there is, of two languages in turn; each holds one of two words, and the oldest holds both.
static enum rc make_many(struct db *db, void *arg) {
    (void)arg;
    enum rc rc = db_run(db_sql(db, "CREATE TABLE copies AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                   "FROM n WHERE i < 42000) SELECT m.* FROM manuscripts m, n"));
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "UPDATE copies SET id = id + rowid, saved_at = saved_at + rowid, "
                               "lang = CASE WHEN rowid % 3 = 0 THEN 'id' ELSE lang END"));
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "INSERT INTO manuscripts SELECT * FROM copies"));
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "INSERT INTO manuscript_words (word, manuscript_id) SELECT CASE WHEN rowid % 2 = 0 THEN "
                               "'harbour' ELSE 'lantern' END, id FROM copies"));
    return rc == RC_OK ? db_run(db_sql(db, "DROP TABLE copies")) : rc;
}

static void test_list_of_words_that_rarely_meet(void **state) {
    struct station *s = *state;
    int64_t oldest = begin(s, "Harbour lantern");
    struct deed d = {.s = s};
    assert_int_equal(deed_write(&d, make_many), RC_OK);
    struct manuscripts_query q = {.words = STR("harbour lantern"), .limit = 10, .now_us = NOW};
    struct manuscript *rows;
    struct manuscripts_rest rest = {.unseen = true};
    size_t n = 0, pages = 0;
    for (; rest.unseen; pages++) {
        assert_int_equal(n, 0);
        assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
        q.before_at = rest.at;
        q.before_id = rest.id;
    }
    assert_true(pages > 3 && pages < 10);
    assert_true(n == 1 && !rest.more && rows[0].id == oldest);
    q = (struct manuscripts_query){.words = STR("harbour"), .limit = 10, .now_us = NOW};
    assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
    assert_true(n == 10 && rest.more && !rest.unseen);
}

// Of one's sections, and of what one began and gave no section yet: with words that many texts hold, that few do, and none.
static void test_list_of_sections(void **state) {
    struct station *s = *state;
    struct section *sections;
    size_t count, n;
    assert_int_equal(section_list(s->arena, s->reader, LANG_EN, &sections, &count), RC_OK);
    assert_true(count >= 2);
    const int64_t places[] = {sections[0].id, sections[1].id, 0};
    int64_t ids[3];
    for (int i = 0; i < 9; i++) {
        struct deed d = {.s = s, .who = i < 6 ? &ayu : &budi, .now = NOW + i};
        d.start.lang = LANG_EN;
        d.start.content.headline = STR("A port reopens");
        d.start.content.section_id = places[i % 3];
        assert_int_equal(deed_write(&d, do_begin), RC_OK);
        ids[i % 3] = d.id;
    }
    static const char *const words[] = {"", "port"};
    struct manuscript *rows;
    struct manuscripts_rest rest;
    for (size_t i = 0; i < 2; i++) {
        struct manuscripts_query q = {.of = MANUSCRIPTS_ALL,
                                      .account_id = ayu.account_id,
                                      .words = str_from(words[i]),
                                      .sections = places,
                                      .section_count = 1,
                                      .limit = 10,
                                      .now_us = NOW};
        assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
        assert_int_equal(n, 3);
        assert_int_equal(rows[0].id, ids[0]);
        q.sections = places + 1; // the second section, and none yet
        q.section_count = 2;
        q.limit = 4;
        assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
        assert_int_equal(n, 4);
        assert_true(rest.more); // three of the section, two of her own
        for (size_t r = 0; r < n; r++)
            assert_true(rows[r].section_id == places[1] || rows[r].owner_id == ayu.account_id);
        q.section_count = 0;
        q.limit = 10;
        assert_int_equal(manuscript_list(s->arena, s->reader, &q, &rows, &n, &rest), RC_OK);
        assert_int_equal(n, 9);
    }
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(test_saving),
        NEWSROOM_TEST(test_autosaves),
        NEWSROOM_TEST(test_collision),
        NEWSROOM_TEST(test_choices),
        NEWSROOM_TEST(test_content_form),
        NEWSROOM_TEST(test_way_of_a_text),
        NEWSROOM_TEST(test_time_of_publication),
        NEWSROOM_TEST(test_no_time_is_at_once),
        NEWSROOM_TEST(test_what_is_out_stays_out),
        NEWSROOM_TEST(test_breaking),
        NEWSROOM_TEST(test_breaking_is_over),
        NEWSROOM_TEST(test_old_breaking_news_comes_back),
        NEWSROOM_TEST(test_what_is_lacking),
        NEWSROOM_TEST(test_stale_order),
        NEWSROOM_TEST(test_imported_article),
        NEWSROOM_TEST(test_translation),
        NEWSROOM_TEST(test_leases),
        NEWSROOM_TEST(test_lists),
        NEWSROOM_TEST(test_list_of_many),
        NEWSROOM_TEST(test_list_of_words_that_rarely_meet),
        NEWSROOM_TEST(test_list_of_sections),
        NEWSROOM_TEST(test_damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
