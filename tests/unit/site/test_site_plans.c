// SPDX-License-Identifier: AGPL-3.0-or-later
// How the database would go about every statement that pages, feeds, searches, votes and saving ask of it. With two
// hundred thousand articles a walk through a whole table or a sort of it is a page nobody waits for, so that no
// statement may do either, except those that say why here.
#include "scene.h"

#include <sqlite3.h>

#include "feeds/feeds.h"
#include "store/connection.h"

static struct scene scene;

// Tables that grow with the station's years.
static const char *const large[] = {
    "articles",         "search_docs",  "read_days",      "read_totals", "votes",  "media_sizes", "media",
    "legacy_addresses", "article_tags", "article_people", "corrections", "people", "tags"};

// What a statement holds, and why it may walk or sort.
static const struct {
    const char *part, *reason;
} exceptions[] = {
    {") x UNION SELECT * FROM (", "related: three short walks of at most 24 rows each, merged"},
    {"FROM media m CROSS JOIN media_sizes", "the sizes of at most 32 pictures"},
    {"FROM article_people l CROSS JOIN people", "the people of one article, at most 64"},
    {"FROM article_tags l CROSS JOIN tags", "the tags of one article, at most 64"},
    {"FROM corrections WHERE article_id = $1", "the corrections of one article, at most 64"},
    {"FROM sections s WHERE s.lang = $1 ORDER BY s.position", "the sections of a language, some dozens"},
    {"WHERE a.translation_group = $1", "the translations of one article, at most nine"},
    {"a.number > $3 AND a.number <= $4", "a sitemap's file: the order of an article's translations, at most nine"},
};

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether the statement calls this table by that name: "articles a", "articles AS a", or the table's own name.
static bool names_table(const char *literal, const char *table, struct str alias) {
    if (str_eq(alias, str_from(table)))
        return true;
    size_t n = strlen(table);
    for (const char *at = strstr(literal, table); at != NULL; at = strstr(at + 1, table)) {
        const char *name = at + n;
        if ((at > literal && is_word(at[-1])) || *name != ' ')
            continue;
        name += strncmp(name, " AS ", 4) == 0 ? 4 : 1;
        if (strncmp(name, alias.p, alias.n) == 0 && !is_word(name[alias.n]))
            return true;
    }
    return false;
}

static bool holds_large(const char *literal) {
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        size_t n = strlen(large[i]);
        for (const char *at = strstr(literal, large[i]); at != NULL; at = strstr(at + 1, large[i]))
            if ((at == literal || !is_word(at[-1])) && !is_word(at[n]))
                return true;
    }
    return false;
}

// Without a large table in it there is only little to sort: the sections, pages or menu of a language.
static bool sorts_large(const char *literal, struct str detail) {
    return str_starts(detail, STR("USE TEMP B-TREE")) && holds_large(literal);
}

static bool walks_large(const char *literal, struct str detail) {
    if (!str_starts(detail, STR("SCAN ")))
        return false;
    struct str rest = str_slice(detail, 5, detail.n), alias;
    if (!str_next(&rest, ' ', &alias) || str_starts(rest, STR("VIRTUAL TABLE")))
        return false;
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        if (names_table(literal, large[i], alias))
            return true;
    return false;
}

static bool excused[sizeof exceptions / sizeof exceptions[0]];

static bool is_excused(const char *literal) {
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        if (strstr(literal, exceptions[i].part) != NULL) {
            excused[i] = true;
            return true;
        }
    return false;
}

struct findings {
    size_t statements, faults;
};

static void look_at_plan(sqlite3 *engine, const char *literal, struct findings *f) {
    char *sql = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", literal);
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(engine, sql, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(engine), sql);
    f->statements++;
    while (sqlite3_step(st) == SQLITE_ROW) {
        struct str detail = str_from((const char *)sqlite3_column_text(st, 3));
        bool bad = walks_large(literal, detail) || sorts_large(literal, detail);
        if (!bad || is_excused(literal))
            continue;
        print_error("%.*s\n    in: %s\n", STR_ARG(detail), literal);
        f->faults++;
    }
    sqlite3_finalize(st);
    sqlite3_free(sql);
}

// The engine's own orders are no questions to a table.
static bool is_question(const char *literal) {
    static const char *const begins[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (str_starts(str_from(literal), str_from(begins[i])))
            return true;
    return false;
}

static void look_at_all(struct db *db, struct findings *f) {
    for (size_t i = 0; i < db->slot_count; i++)
        if (db->slots[i] != NULL && !db->slots[i]->taken && is_question(db->slots[i]->literal))
            look_at_plan(db->engine, db->slots[i]->literal, f);
}

static enum rc look_at_writer(struct db *db, void *arg) {
    look_at_all(db, arg);
    return RC_OK;
}

static void read_every_kind_of_page(void) {
    static const char *const targets[] = {"/en/",
                                          "/en/news",
                                          "/en/news?before=20",
                                          "/en/news?after=3",
                                          "/en/tag/ferries",
                                          "/en/tag/ferries?before=20",
                                          "/en/tag/ferries?after=3",
                                          "/en/author/mira-handalu",
                                          "/en/author/mira-handalu?before=20",
                                          "/en/author/mira-handalu?after=3",
                                          "/en/news/25-story-24-more",
                                          "/lite/en/news/25-story-24-more",
                                          "/en/archive",
                                          "/en/company-profile",
                                          "/en/live",
                                          "/en/search?q=ferries",
                                          "/en/search?q=ferries&sort=relevance",
                                          "/en/search?q=ferries&before=9",
                                          "/sitemap.xml",
                                          "/sitemaps/en-0.xml",
                                          "/sitemaps/en-1.xml",
                                          "/news-sitemap.xml",
                                          "/robots.txt",
                                          "/feeds/en/all.rss",
                                          "/feeds/en/section/news.atom",
                                          "/feeds/en/tag/ferries.json",
                                          "/feeds/en/author/mira-handalu.rss"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        int status = scene_get(&scene, targets[i], NULL, NULL);
        if (status != 200)
            fail_msg("%s: %d", targets[i], status);
    }
    assert_int_equal(scene_get(&scene, "/n/25", NULL, NULL), 301);
    // No article of the scene has a picture.
    struct media none[MEDIA_LIST_MOST];
    size_t count = 0;
    assert_int_equal(media_list(scene.arena, scene.worker.db, (const int64_t[]){7}, 1, none, &count), RC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(scene_get(&scene, "/index.php/component/k2/item/22183-x", NULL, NULL), 301);
    char archive[64];
    struct text_civil c = text_civil_of(scene.site.zone, clock_now_us());
    assert_true(snprintf(archive, sizeof archive, "/en/archive/%d/%02d", c.year, c.month) > 0);
    assert_int_equal(scene_get(&scene, archive, NULL, NULL), 200);
}

static enum rc change_an_article(struct db *db, void *arg) {
    struct arena *a = arena_new(1 << 20);
    struct news_changes changes = {0};
    enum rc rc = article_correct(a, db, 3, STR("It was Tuesday."), clock_now_us(), &changes, &(struct problem){""});
    if (rc == RC_OK)
        rc = article_withdraw(a, db, 4, STR("It was not so."), clock_now_us(), &changes, &(struct problem){""});
    arena_free(&a);
    (void)arg;
    return rc;
}

static void no_statement_walks_or_sorts_a_large_table(void **state) {
    (void)state;
    struct findings reading = {0}, writing = {0};
    read_every_kind_of_page();
    assert_int_equal(scene_post(&scene, "/vote/25", "value=4", NULL), 303);
    assert_int_equal(store_write(scene.site.store, STORE_DURABLE, change_an_article, NULL), RC_OK);
    atomic_fetch_add(&counters_cell(scene.site.counters, 25)->reads, 1);
    assert_int_equal(counters_flush(scene.site.counters, scene.site.store, scene.site.zone), RC_OK);
    look_at_all(scene.worker.db, &reading);
    assert_int_equal(store_write(scene.site.store, STORE_RELAXED, look_at_writer, &writing), RC_OK);
    assert_true(reading.statements > 40 && writing.statements > 30);
    assert_int_equal(reading.faults + writing.faults, 0);
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        if (!excused[i])
            fail_msg("nothing needs the exception for \"%s\" any more", exceptions[i].part);
}

// The rule itself: a walk and a sort are seen for what they are.
static void a_walk_is_seen(void **state) {
    (void)state;
    static const struct {
        const char *sql;
        size_t faults;
    } rows[] = {{"SELECT a.number FROM articles a WHERE a.headline = $1", 1},
                {"SELECT number FROM articles ORDER BY headline", 2},
                {"SELECT COUNT(*) FROM votes v", 1},
                {"SELECT a.number FROM articles a WHERE a.number = $1", 0},
                {"SELECT s.name FROM sections s", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct findings f = {0};
        look_at_plan(scene.worker.db->engine, rows[i].sql, &f);
        assert_int_equal(f.faults, rows[i].faults);
    }
}

static int open_scene(void **state) {
    (void)state;
    scene_open(&scene);
    return 0;
}

static int close_scene(void **state) {
    (void)state;
    scene_close(&scene);
    return 0;
}

int main(void) {
    hash_start();
    text_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_statement_walks_or_sorts_a_large_table),
                                       cmocka_unit_test(a_walk_is_seen)};
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
