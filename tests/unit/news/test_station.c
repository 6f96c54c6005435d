// SPDX-License-Identifier: AGPL-3.0-or-later
// A new station in nine languages is without a fault, the demo's texts come in once however often they are loaded, and
// each check of the newsroom demands what was damaged by its own name.
#include "newsroom.h"

#include <sqlite3.h>

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
    return article_withdraw(r->s->arena, db, 1, STR("Wrong island."), clock_now_us(), &r->changes,
                            &(struct problem){""});
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

static const char second_text[] =
    "== article\nlang: de\nkey: vulkan\nsection: nachrichten\nheadline: Der Berg\npublished: 2023-11-01 10:00\n"
    "group: volcano\ntags: Meer\n\nEins.\n\n== article\nlang: en\nkey: draft\nsection: science\nheadline: A draft\n"
    "state: draft\npublished: 2023-11-01 10:00\n\nx\n\n== page\nlang: en\ntitle: Past\nparent: company-profile\n\nx\n";

// Every part of every check: the damage, and the check that must name it. Each is planted in a station of its own.
static const struct {
    const char *check, *sql;
} damages[] = {
    {"votes-sum", "UPDATE articles SET votes_sum = votes_sum + 1 WHERE number = 1"},
    {"votes-sum", "UPDATE articles SET votes_base_count = 3 WHERE number = 1"},
    {"votes-sum", "INSERT INTO votes VALUES (1, 'v', 5, 0)"},
    {"votes-sum", "INSERT INTO votes VALUES (4711, 'v', 5, 0)"},
    {"votes-sum", "INSERT INTO votes VALUES (1, 'v', 6, 0); UPDATE articles SET votes_sum = 6, votes_count = 1 "
                  "WHERE number = 1"},
    {"search-docs", "UPDATE articles SET headline = 'Another' WHERE number = 1"},
    {"search-docs", "UPDATE articles SET standfirst = 'Another' WHERE number = 1"},
    {"search-docs", "UPDATE articles SET body = '<p>Another</p>' WHERE number = 1"},
    {"search-docs", "DELETE FROM search_docs WHERE number = 1"},
    {"search-docs", "UPDATE articles SET state = 2 WHERE number = 3"},
    {"search-docs", "UPDATE articles SET state = 4 WHERE number = 1"},
    {"translations", "UPDATE articles SET translation_group = 0 WHERE number = 1"},
    {"translations", "UPDATE articles SET translation_group = (SELECT translation_group FROM articles WHERE number = "
                     "1) WHERE number = 3"},
    {"translations", "UPDATE pages SET translation_group = (SELECT translation_group FROM pages WHERE lang = 'en' AND "
                     "path = 'company-profile/history') WHERE lang = 'en' AND path = 'company-profile/past'"},
    {"translations", "UPDATE articles SET section_id = (SELECT id FROM sections WHERE lang = 'fr' LIMIT 1) WHERE "
                     "number = 1"},
    {"tag-links", "UPDATE article_tags SET published_at = published_at + 1"},
    {"tag-links", "UPDATE article_tags SET state = 1"},
    {"tag-links", "UPDATE article_tags SET number = 2 WHERE number = 1"},
    {"tag-links", "UPDATE tags SET lang = 'nl', slug = slug || '-x'"},
    {"people-links", "UPDATE article_people SET number = number + 1"},
    {"people-links", "UPDATE article_people SET state = 1"},
    {"people-links", "UPDATE article_people SET published_at = published_at + 1"},
    {"people-links", "UPDATE article_people SET lang = 'nl'"},
    {"media-uses", "INSERT INTO media (id, width, height, credit, added_at) VALUES (5, 1, 1, '', 0); "
                   "INSERT INTO media_uses VALUES (5, 3, 12345, 'en', 1)"},
    {"media-uses", "INSERT INTO settings VALUES ('icon_media', '', '99999')"},
    {"media-uses", "INSERT INTO media (id, width, height, credit, added_at) VALUES (5, 1, 1, '', 0); "
                   "INSERT INTO settings VALUES ('logo_media', '', '5')"},
    {"media-uses", "INSERT INTO media (id, width, height, credit, added_at) VALUES (5, 1, 1, '', 0); "
                   "INSERT INTO media_uses VALUES (5, 6, 0, '', 1)"},
    {"media-uses",
     "INSERT INTO media (id, width, height, credit, added_at) VALUES (5, 1, 1, '', 0); "
     "INSERT INTO manuscripts (id, number, lang, section_id, state, headline, lacks_alt, version, published_version, "
     "publish_at, owner_id, owner_name, created_at, saved_at, saved_by, saved_by_name, translation_group, source_id, "
     "source_version, lease_account, lease_name, lease_session, lease_until) VALUES (1, 0, 'en', 1, 1, 'x', 0, 1, 0, 0, "
     "0, '', 1, 1, 0, '', 0, 0, 0, 0, '', 0, 0); "
     "INSERT INTO manuscript_versions VALUES (1, 1, 1, 1, 0, '', '{\"image\":5,\"image_alt\":\"A boat\"}')"},
    {"menu-targets", "UPDATE menu_entries SET target_id = 1 WHERE target = 2 AND lang = 'en'"},
    {"menu-targets", "UPDATE menu_entries SET target_id = 1 WHERE target = 1 AND lang = 'en'"},
    {"menu-targets", "UPDATE menu_entries SET target = 3, address = '' WHERE lang = 'en'"},
    {"menu-targets", "UPDATE menu_entries SET target = 9 WHERE lang = 'en'"},
    {"slugs", "UPDATE sections SET slug = 'No Address' WHERE lang = 'en' AND highlight = 1"},
    {"slugs", "UPDATE sections SET slug = '' WHERE lang = 'en' AND highlight = 1"},
    {"slugs", "UPDATE sections SET slug = 'company-profile' WHERE lang = 'en' AND highlight = 1"},
    {"slugs", "UPDATE articles SET slug = 'A B' WHERE number = 1"},
    {"slugs", "UPDATE tags SET slug = slug || '/'"},
    {"slugs", "UPDATE pages SET slug = 'Past', path = 'company-profile/Past' WHERE lang = 'en' AND slug = 'past'"},
    {"page-paths", "UPDATE pages SET path = 'elsewhere' WHERE lang = 'en' AND slug = 'past'"},
    {"page-paths", "UPDATE pages SET path = 'elsewhere' WHERE lang = 'de' AND parent_id = 0 AND position = 0"},
    {"page-paths", "UPDATE pages SET parent_id = 1 WHERE lang = 'en' AND slug = 'past'"},
    {"front-pins", "INSERT INTO front_pins VALUES ('xx', 1, 1, 0)"},
    {"page-versions", "UPDATE pages SET title = 'Other' WHERE lang = 'en' AND slug = 'past'"},
    {"page-versions", "UPDATE pages SET version = version + 1 WHERE lang = 'en' AND slug = 'past'"},
    {"page-versions", "INSERT INTO page_paths SELECT lang, path, 0 FROM pages WHERE lang = 'en' AND slug = 'past'"},
    {"page-versions", "INSERT INTO page_paths VALUES ('en', 'gone', 1)"},
    {"bodies-clean", "UPDATE pages SET body = '<script>x</script>' WHERE lang = 'en' AND slug = 'past'"},
    {"bodies-clean", "UPDATE articles SET body = '<p onclick=\"x()\">x</p>' WHERE number = 3"},
    {"section-counts", "UPDATE section_counts SET published = published + 1"},
    {"section-counts", "DELETE FROM section_counts"},
    {"section-counts", "INSERT INTO section_counts VALUES (1, 0)"},
    {"article-blocks", "UPDATE article_blocks SET changed_at = changed_at + 1"},
    {"article-blocks", "DELETE FROM article_blocks"},
    {"manuscripts",
     "INSERT INTO manuscripts (id, number, lang, section_id, state, headline, lacks_alt, version, published_version, "
     "publish_at, owner_id, owner_name, created_at, saved_at, saved_by, saved_by_name, translation_group, source_id, "
     "source_version, lease_account, lease_name, lease_session, lease_until) VALUES (1, 0, 'en', 1, 1, 'x', 0, 1, 0, 0, "
     "0, '', 1, 1, 0, '', 0, 0, 0, 0, '', 0, 0)"},
    {"article-lists", "UPDATE articles SET gallery = '7' WHERE number = 3"},
    {"article-lists", "UPDATE articles SET files = '7' || CHAR(9) || 'x' WHERE number = 3"},
    {"article-lists", "UPDATE articles SET embeds = 'https://youtu.be/aB3_-678901' || CHAR(9) WHERE number = 3"},
    {"article-lists", "UPDATE articles SET extra_fields = 'b' || CHAR(9) || '2' || CHAR(10) || 'a' || CHAR(9) || '1' "
                      "WHERE number = 3"},
    {"extra-fields", "INSERT INTO extra_field_words VALUES (99999, 'en', 'x', '')"},
    {"extra-fields", "INSERT INTO extra_fields VALUES (7, 'x', 9, 1, 1, 1, 'X', '', 1)"},
    {"extra-fields", "INSERT INTO extra_fields VALUES (7, 'X y', 1, 1, 1, 1, 'X', '', 1)"},
    {"extra-fields", "INSERT INTO extra_fields VALUES (7, 'x', 6, 1, 1, 1, 'X', 'no row', 1)"},
    {"extra-fields", "INSERT INTO extra_fields VALUES (7, 'x', 1, 1, 1, 0, 'X', '', 1); "
                     "INSERT INTO extra_field_sections VALUES (7, 99999)"},
    {"breaking", "INSERT INTO breaking VALUES (99999, 1)"},
    {"comments", "INSERT INTO comments VALUES (7, 99999, '', 0, 1, 1, 'Ani', 'Good.', 0, '')"},
    {"comments", "INSERT INTO comments VALUES (7, 3, '', 0, 1, 1, 'Ani', 'Good.', 0, '')"},
    {"comments", "INSERT INTO comments VALUES (7, 3, '', 0, 1, 1, 'Ani', '', 0, '')"},
    {"comments", "INSERT INTO comments VALUES (7, 3, '', 0, 1, 1, 'Ani', 'Good.', 1, '')"},
    {"comments", "INSERT INTO comments VALUES (7, 3, '', 9, 1, 1, 'Ani', 'Good.', 0, ''); "
                 "INSERT INTO comments_erased VALUES ('', 9, 3, 0)"},
    {"aliases", "INSERT INTO aliases VALUES (1, 'en', 'once', 99999)"},
    {"aliases", "INSERT INTO aliases VALUES (2, 'en', 'once', 99999)"},
    {"aliases", "INSERT INTO aliases VALUES (3, '', 'once', 99999)"},
    {"aliases", "INSERT INTO aliases VALUES (4, '', 'Once', 99999)"},
    {"aliases", "INSERT INTO aliases SELECT 1, lang, slug, 0 FROM sections WHERE lang = 'en'"},
    {"aliases", "INSERT INTO aliases SELECT 1, lang, path, 0 FROM pages WHERE lang = 'en' AND slug = 'past'"},
    {"aliases", "INSERT INTO aliases SELECT 2, lang, slug, 0 FROM tags"},
    {"aliases", "INSERT INTO aliases SELECT 3, '', slug, 0 FROM people"},
    {"aliases", "INSERT INTO aliases SELECT 4, '', name, 0 FROM people"},
    {"merges", "INSERT INTO merges VALUES (1, 99999, 0, 1, 0, 0, '')"},
    {"merges", "INSERT INTO merges SELECT 2, id, 99999, 1, 0, 0, '' FROM tags LIMIT 1"},
    {"merges", "INSERT INTO merges SELECT 3, id, 0, 1, 0, 0, '' FROM people LIMIT 1"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old/', '/en/', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old?b=1&a=2', '/en/', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, 'old', '/en/', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old', '/en/news/', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old', 'http://other.example/', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old', '//other.example/', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old', 'javascript:x', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old', '/old?x=1', 1, 1, 0, 0)"},
    {"redirects", "INSERT INTO redirects VALUES (1, '/old', '/b', 1, 1, 0, 0), (2, '/b', '', 1, 1, 0, 0)"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XF', 'en', 1, 1, 1, 0, 0, 0, '', 'N', '', 'x')"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XFI', 'en', 1, 1, 1, 0, 0, 0, '', 'N', '', 'x')"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XFM', 'xx', 1, 1, 1, 0, 0, 0, '', 'N', '', 'x')"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XFM', 'en', 9, 1, 1, 0, 0, 0, '', 'N', '', 'x')"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XFM', 'en', 1, 0, 1, 0, 0, 0, '', 'N', '', 'x')"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XFM', 'en', 1, 1, 1, 0, 0, 0, '', 'N', '', '')"},
    {"messages", "INSERT INTO messages VALUES (1, '7KQ3-9XFM', 'en', 1, 1, 1, 0, 0, 0, '', 'N', 'nobody', 'x')"},
    {"legacy-targets", "INSERT INTO legacy_addresses VALUES ('', 1, 5, 99999)"},
    {"legacy-targets", "INSERT INTO legacy_addresses VALUES ('', 2, 5, 99999)"},
    {"legacy-targets", "INSERT INTO legacy_addresses VALUES ('', 3, 5, 99999)"},
    {"legacy-targets", "INSERT INTO legacy_addresses VALUES ('', 4, 5, 99999)"},
    {"legacy-targets", "INSERT INTO legacy_addresses VALUES ('', 5, 5, 99999)"},
};

static enum rc damage(struct db *db, void *arg) {
    const char *sql = arg;
    char *message = NULL;
    int status = sqlite3_exec(db_engine(db), sql, NULL, NULL, &message);
    if (status != SQLITE_OK || sqlite3_total_changes(db_engine(db)) == 0)
        fail_msg("%s: %s", sql, message != NULL ? message : "changes nothing");
    return RC_OK;
}

static void planted_is_named(void **state, size_t i) {
    struct station *s = *state;
    struct reading r;
    struct buf b;
    char tagged[64];
    size_t at = 0;
    buf_init(&b, 1 << 20);
    assert_int_equal(load(s, &r, first_text), RC_OK);
    if (load(s, &r, second_text) != RC_OK)
        fail_msg("%s", r.problem.text);
    sound(s);
    char sql[1024];
    assert_true(snprintf(sql, sizeof sql, "PRAGMA defer_foreign_keys = ON; %s", damages[i].sql) < (int)sizeof sql);
    assert_int_equal(store_write(s->store, STORE_RELAXED, damage, sql), RC_OK);
    assert_true(snprintf(tagged, sizeof tagged, "[%s]", damages[i].check) > 0);
    if (!str_find(faults_of(s, &b), str_from(tagged), &at))
        fail_msg("%s does not see: %s", damages[i].check, damages[i].sql);
    buf_fini(&b);
}

static void test_each_check_finds_its_damage(void **state) {
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        planted_is_named(state, i);
        station_teardown(state);
        newsroom_setup(state);
    }
    for (size_t i = 0; i < news_check_count; i++) {
        size_t planted = 0;
        for (size_t k = 0; k < sizeof damages / sizeof damages[0]; k++)
            planted += strcmp(damages[k].check, news_checks[i].name) == 0;
        if (planted == 0)
            fail_msg("no damage is planted for the check %s", news_checks[i].name);
    }
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(test_nine_languages),      NEWSROOM_TEST(test_a_text_twice),
        NEWSROOM_TEST(test_a_text_that_changed), NEWSROOM_TEST(test_withdrawn_stays_withdrawn),
        NEWSROOM_TEST(test_texts_refused),       NEWSROOM_TEST(test_each_check_finds_its_damage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
