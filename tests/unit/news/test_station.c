// SPDX-License-Identifier: AGPL-3.0-or-later
// A new station in nine languages is without a fault, the demo's texts come in once however often they are loaded, and
// each check of the newsroom demands what was damaged by its own name.
#include "newsroom.h"

static void fault_note(void *arg, const char *check, struct str text) {
    struct buf *b = arg;
    buf_c(b, "[");
    buf_c(b, check);
    buf_c(b, "] ");
    buf_str(b, text);
    buf_c(b, "\n");
}

static struct str faults_of(struct station *s, struct buf *b) {
    buf_clear(b);
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = fault_note, .arg = b};
    for (size_t i = 0; i < news_check_count; i++)
        assert_int_equal(news_checks[i].run(&v), RC_OK);
    return buf_view(b);
}

static void sound(struct station *s) {
    struct buf b;
    buf_init(&b, 1 << 20);
    struct str faults = faults_of(s, &b);
    if (faults.n > 0)
        fail_msg("%.*s", STR_ARG(utf8_cut(faults, 2000)));
    buf_fini(&b);
}

static void test_nine_languages(void **state) {
    struct station *s = *state;
    sound(s);
    for (enum text_lang lang = 0; lang < LANG_COUNT; lang++) {
        struct menu_entry *menu;
        struct page *pages;
        size_t n = 0;
        assert_int_equal(menu_list(s->arena, s->reader, lang, &menu, &n), RC_OK);
        assert_int_equal(n, 4);
        assert_int_equal(menu[0].target, MENU_LIVE);
        assert_int_equal(menu[1].target, MENU_SECTION);
        assert_int_equal(page_list(s->arena, s->reader, lang, &pages, &n), RC_OK);
        assert_int_equal(n, 7);
        assert_int_equal(page_translations(s->arena, s->reader, &pages[0], &pages, &n), RC_OK);
        assert_int_equal(n, LANG_COUNT - 1);
    }
}

struct reading {
    struct station *s;
    struct str text;
    struct news_changes changes;
    struct problem problem;
};

static enum rc job_load(struct db *db, void *arg) {
    struct reading *r = arg;
    r->changes = (struct news_changes){0};
    return station_text_load(r->s->arena, db, r->text, NULL, &r->changes, &r->problem);
}

static enum rc load(struct station *s, struct reading *r, const char *text) {
    *r = (struct reading){.s = s, .text = str_from(text)};
    return store_write(s->store, STORE_DURABLE, job_load, r);
}

static const char first_text[] =
    "== section\nlang: en\nname: Science\nslug: science\n\n"
    "== article\nlang: en\nkey: volcano\nsection: science\nheadline: The mountain\n"
    "published: 2023-11-01 10:00\ngroup: volcano\ntags: Sea, Fire\nby: Ani\n\nOne.\n\nTwo.\n";

static void test_a_text_twice(void **state) {
    struct station *s = *state;
    struct reading r;
    assert_int_equal(load(s, &r, first_text), RC_OK);
    assert_true(r.changes.count > 0);
    assert_int_equal(load(s, &r, first_text), RC_OK);
    assert_int_equal(r.changes.count, 0);
    struct article art;
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    assert_int_equal(art.version, 1);
    assert_int_equal(art.tag_count, 2);
    assert_int_equal(art.people_count, 1);
    sound(s);
}

static const char changed_text[] =
    "== section\nlang: en\nname: Sciences\nslug: science\n\n"
    "== article\nlang: en\nkey: volcano\nsection: science\nheadline: The mountain sleeps\n"
    "published: -1h\ngroup: volcano\ntags: Sea\nby: Ani\ncorrection: It slept.\n\nOne.\n\nThree.\n\n"
    "== page\nlang: en\nkey: choir\ntitle: The choir\n\nSundays.\n";

static enum rc job_headline(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE articles SET headline = 'What the newsroom wrote' WHERE number = 1"));
}

// Somebody mends a text and loads it again: the article keeps its address and moment and gets the new words, once. What
// the newsroom wrote since stays until the text itself says something else.
static void test_a_text_that_changed(void **state) {
    struct station *s = *state;
    struct reading r;
    struct article first, art;
    struct section section;
    struct page page;
    size_t at = 0;
    assert_int_equal(load(s, &r, first_text), RC_OK);
    assert_int_equal(article_load(s->arena, s->reader, 1, &first), RC_OK);
    assert_int_equal(load(s, &r, changed_text), RC_OK);
    assert_true(r.changes.count > 0);
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    assert_true(art.version > first.version && art.published_at == first.published_at);
    assert_true(art.modified_at > art.published_at);
    assert_true(str_eq(art.headline, STR("The mountain sleeps")) && str_eq(art.slug, first.slug));
    assert_true(str_find(art.body.s, STR("Three."), &at) && !str_find(art.body.s, STR("Two."), &at));
    assert_int_equal(art.tag_count, 1);
    assert_int_equal(art.correction_count, 1);
    assert_int_equal(section_by_slug(s->arena, s->reader, LANG_EN, STR("science"), &section), RC_OK);
    assert_true(str_eq(section.name, STR("Sciences")));

    assert_int_equal(store_write(s->store, STORE_DURABLE, job_headline, NULL), RC_OK);
    assert_int_equal(load(s, &r, changed_text), RC_OK);
    assert_int_equal(r.changes.count, 0);
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    assert_true(str_eq(art.headline, STR("What the newsroom wrote")));

    assert_int_equal(load(s, &r, "== page\nlang: en\nkey: choir\ntitle: The choir\n\nMondays.\n"), RC_OK);
    assert_int_equal(page_by_path(s->arena, s->reader, LANG_EN, STR("the-choir"), &page), RC_OK);
    assert_true(str_find(page.body.s, STR("Mondays."), &at));
}

// A text about something else of the same article does not publish again what was withdrawn.
static enum rc job_take_back(struct db *db, void *arg) {
    struct reading *r = arg;
    return article_withdraw(r->s->arena, db, 1, STR("Wrong island."), clock_now_us(), &r->changes);
}

static void test_withdrawn_stays_withdrawn(void **state) {
    struct station *s = *state;
    struct reading r;
    struct article art;
    assert_int_equal(load(s, &r, first_text), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_take_back, &r), RC_OK);
    assert_int_equal(load(s, &r,
                          "== article\nlang: en\nkey: volcano\nsection: science\nheadline: The mountain again\n"
                          "published: 2023-11-01 10:00\ngroup: volcano\n\nOne.\n"),
                     RC_OK);
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    assert_int_equal(art.state, ARTICLE_WITHDRAWN);
    assert_true(str_eq(art.withdrawal_notice, STR("Wrong island.")));
    sound(s);
}

static void test_texts_refused(void **state) {
    struct station *s = *state;
    static const char *const texts[] = {"words first\n",
                                        "== novel\n\nx",
                                        "== article\nheadline: No language\n\nx",
                                        "== article\nlang: en\nheadline: x\nsection: none\n\nx",
                                        "== article\nlang: en\nflavour: x\n\nx",
                                        "== article\nno colon\n\nx",
                                        "== setting\nnonsense: 1\n",
                                        "== section\nlang: en\nname: Half\n\n== article\nlang: en\nsection: half\n\nx",
                                        "\xff\xfe"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct reading r;
        if (load(s, &r, texts[i]) != RC_INVALID || r.problem.text[0] == '\0')
            fail_msg("text %zu was taken, or refused without a word", i);
    }
    struct section none;
    assert_int_equal(section_by_slug(s->arena, s->reader, LANG_EN, STR("half"), &none), RC_NOT_FOUND);
}

// ---- damage ----------------------------------------------------------------------------------------------------------

#define DAMAGE(name, sql)                                                                                              \
    static enum rc name(struct db *db, void *arg) {                                                                    \
        (void)arg;                                                                                                     \
        return db_run(db_sql(db, sql));                                                                                \
    }
DAMAGE(votes, "UPDATE articles SET votes_sum = votes_sum + 1 WHERE number = 1")
DAMAGE(docs, "UPDATE articles SET headline = 'Another' WHERE number = 1")
DAMAGE(groups, "UPDATE articles SET translation_group = 0 WHERE number = 1")
DAMAGE(tags, "UPDATE article_tags SET published_at = published_at + 1")
DAMAGE(persons, "UPDATE article_people SET number = number + 1")
DAMAGE(menus, "UPDATE menu_entries SET target_id = 1 WHERE target = 2 AND lang = 'en'")
DAMAGE(slugs, "UPDATE sections SET slug = 'No Address' WHERE lang = 'en' AND highlight = 1")
DAMAGE(paths, "UPDATE pages SET path = 'elsewhere' WHERE lang = 'de' AND parent_id <> 0 AND position = 1")
DAMAGE(bodies, "UPDATE pages SET body = '<script>x</script>' WHERE lang = 'fr' AND position = 0")
DAMAGE(counts, "UPDATE section_counts SET published = published + 1")
DAMAGE(blocks, "UPDATE article_blocks SET changed_at = changed_at + 1")
DAMAGE(legacies, "INSERT INTO legacy_addresses (site, kind, old_id, new_id) VALUES ('', 1, 5, 99999)")

DAMAGE(manuscripts,
       "INSERT INTO manuscripts (id, number, lang, section_id, state, headline, lacks_alt, version, published_version, "
       "publish_at, owner_id, owner_name, created_at, saved_at, saved_by, saved_by_name, translation_group, source_id, "
       "source_version, lease_account, lease_name, lease_session, lease_until) VALUES (1, 0, 'en', 1, 1, 'x', 0, 1, 0, "
       "0, 0, '', 1, 1, 0, '', 0, 0, 0, 0, '', 0, 0)")

static void test_each_check_finds_its_damage(void **state) {
    struct station *s = *state;
    static const struct {
        const char *check;
        store_write_fn damage;
    } rows[] = {{"votes-sum", votes},
                {"search-docs", docs},
                {"translations", groups},
                {"tag-links", tags},
                {"people-links", persons},
                {"menu-targets", menus},
                {"slugs", slugs},
                {"page-paths", paths},
                {"bodies-clean", bodies},
                {"section-counts", counts},
                {"article-blocks", blocks},
                {"manuscripts", manuscripts},
                {"legacy-targets", legacies}};
    assert_int_equal(sizeof rows / sizeof rows[0], news_check_count);
    struct reading r;
    assert_int_equal(load(s, &r, first_text), RC_OK);
    struct buf b;
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < news_check_count; i++) {
        char tagged[64];
        size_t at = 0;
        assert_true(snprintf(tagged, sizeof tagged, "[%s]", rows[i].check) > 0);
        assert_false(str_find(faults_of(s, &b), str_from(tagged), &at));
        assert_int_equal(store_write(s->store, STORE_DURABLE, rows[i].damage, NULL), RC_OK);
        if (!str_find(faults_of(s, &b), str_from(tagged), &at))
            fail_msg("%s does not see its damage", rows[i].check);
    }
    buf_fini(&b);
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(test_nine_languages),      NEWSROOM_TEST(test_a_text_twice),
        NEWSROOM_TEST(test_a_text_that_changed), NEWSROOM_TEST(test_withdrawn_stays_withdrawn),
        NEWSROOM_TEST(test_texts_refused),       NEWSROOM_TEST(test_each_check_finds_its_damage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
