// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers meet at the station's addresses: pages, the one canonical address of each, old links, failures.
#include "scene.h"

static struct scene scene;

struct expectation {
    const char *target;
    int status;
    const char *location; // of a redirect, else NULL
    const char *text;     // must stand on the page, or NULL
};

static void every_address_answers_as_the_table_says(void **state) {
    static const struct expectation rows[] = {
        {"/en/", 200, NULL, "Story &lt;24&gt; &amp; \"more\""},
        {"/en", 301, "/en/", NULL},
        {"/EN/", 301, "/en/", NULL},
        {"/en/news", 200, NULL, "(25)"},
        {"/en/news/", 301, "/en/news", NULL},
        {"/en/News", 301, "/en/news", NULL},
        {"/en/news/25", 301, "/en/news/25-story-24-more", NULL},
        {"/en/news/25-story-24-more", 200, NULL, "(0 votes)"},
        {"/en/elsewhere/25-x", 301, "/en/news/25-story-24-more", NULL},
        {"/de/news/25-x", 301, "/en/news/25-story-24-more", NULL},
        {"/lite/en/news/25", 301, "/lite/en/news/25-story-24-more", NULL},
        {"/lite/en/news/25-story-24-more", 200, NULL, "Text edition"},
        {"/lite/en/news/25-story-24-more?part=2", 404, NULL, NULL},
        {"/en/news/26-nothing", 404, NULL, NULL},
        {"/en/company-profile", 200, NULL, "Company Profile"},
        {"/ar/", 200, NULL, "dir=\"rtl\""},
        {"/fr/", 404, NULL, NULL},
        {"/en/live", 200, NULL, "Live Streaming"},
        {"/en/tag/ferries", 200, NULL, "ferries"},
        {"/en/tag/nothing", 404, NULL, NULL},
        {"/en/author/mira-handalu", 200, NULL, "Mira Handalu"},
        {"/en/archive", 200, NULL, "Archive"},
        {"/en/archive/2026/13", 404, NULL, NULL},
        {"/en/archive/2026/02/30", 404, NULL, NULL},
        {"/n/25", 301, "/en/news/25-story-24-more", NULL},
        {"/n/0", 404, NULL, NULL},
        {"/n/999999999999999999999", 404, NULL, NULL},
        {"/index.php", 301, "/en/", NULL},
        {"/german/", 301, "/de/", NULL},
        {"/index.php/component/k2/item/22183-anything", 301, "/en/news/25-story-24-more", NULL},
        {"/index.php/component/k2/item/7-anything", 404, NULL, NULL},
        {"/media/k2/items/cache/a.jpg", 404, NULL, NULL},
        {"/media/0000.png", 404, NULL, NULL},
        {"/assets/site.css", 404, NULL, NULL},
        {"/en/news?before=abc", 404, NULL, NULL},
        {"/en/news?before=3&after=4", 404, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int status = scene_get(&scene, rows[i].target, NULL, NULL);
        struct str location = scene_location(&scene);
        bool good = status == rows[i].status && str_eq(location, str_from(rows[i].location)) &&
                    (rows[i].text == NULL || scene_has(&scene, rows[i].text));
        if (!good)
            fail_msg("%s: %d %.*s", rows[i].target, status, STR_ARG(location));
    }
}

static void an_article_shows_its_lines_in_the_old_order(void **state) {
    static const char *const lines[] = {
        "<time datetime=",
        "<h1>Story &lt;24&gt; &amp; \"more\"</h1>",
        "Written by",
        "Mira Handalu",
        "Rate this item",
        "(0 votes)",
        "<p>First paragraph.</p>",
        "(Reuters)",
        "/en/tag/ferries",
        "Read 213 times",
    };
    (void)state;
    assert_int_equal(scene_get(&scene, "/en/news/24-story-23-more", NULL, NULL), 200);
    assert_int_equal(scene_get(&scene, "/en/news/25-story-24-more", NULL, NULL), 200);
    const char *at = strstr(scene.text, "class=\"story ");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const char *found = at != NULL ? strstr(at, i == 9 ? "Read 21" : lines[i]) : NULL;
        if (found == NULL)
            fail_msg("missing after the line before: %s", lines[i]);
        at = found;
    }
    assert_true(
        scene_has(&scene, "<link rel=\"canonical\" href=\"https://www.example.org/en/news/25-story-24-more\">"));
    assert_true(scene_has(&scene, "\"headline\":\"Story \\u003c24\\u003e \\u0026 \\\"more\\\"\""));
    assert_false(scene_has(&scene, "<script>"));
    assert_false(scene_has(&scene, " style="));
}

static void each_read_shows_the_next_number(void **state) {
    (void)state;
    assert_int_equal(scene_get(&scene, "/en/news/20-story-19-more", NULL, NULL), 200);
    assert_true(scene_has(&scene, "Read 213 times"));
    assert_int_equal(scene_get(&scene, "/lite/en/news/20-story-19-more", NULL, NULL), 200);
    assert_true(scene_has(&scene, "Read 214 times"));
    assert_int_equal(scene_get(&scene, "/en/news/20-story-19-more", NULL, NULL), 200);
    assert_true(scene_has(&scene, "Read 215 times"));
}

static void lists_go_on_with_older_articles_and_back(void **state) {
    (void)state;
    assert_int_equal(scene_get(&scene, "/en/news", NULL, NULL), 200);
    assert_true(scene_has(&scene, "href=\"/en/news?before=6\""));
    assert_int_equal(scene_get(&scene, "/en/news?before=6", NULL, NULL), 200);
    assert_true(scene_has(&scene, "Story &lt;0&gt;"));
    assert_true(scene_has(&scene, "href=\"/en/news?after=5\""));
    assert_true(scene_has(&scene, "rel=\"canonical\" href=\"https://www.example.org/en/news?before=6\""));
    assert_false(scene_has(&scene, "?before=1\""));
}

static void the_browser_chooses_the_language_of_the_front_page(void **state) {
    static const struct {
        const char *accept, *front;
    } rows[] = {{"de-AT,de;q=0.9", "/de/"}, {"ar", "/ar/"}, {"fr, xx", "/en/"}, {"", "/en/"}, {";;q=9,\x01", "/en/"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(scene_get(&scene, "/", "Accept-Language", rows[i].accept), 302);
        assert_true(str_eq(scene_location(&scene), str_from(rows[i].front)));
    }
}

static void a_search_gives_back_what_was_typed(void **state) {
    (void)state;
    assert_int_equal(scene_get(&scene, "/en/search?q=ferries", NULL, NULL), 200);
    assert_true(scene_has(&scene, "<mark>"));
    assert_true(scene_has(&scene, "25 results"));
    assert_int_equal(scene_get(&scene, "/en/search?q=%22%3E%3Cb%3E&from=2026-02-31", NULL, NULL), 200);
    assert_true(scene_has(&scene, "value=\"&quot;&gt;&lt;b&gt;\""));
    assert_true(scene_has(&scene, "id=\"from-problem\""));
    assert_true(scene_has(&scene, "value=\"2026-02-31\""));
    assert_false(scene_has(&scene, "<b>"));
    assert_int_equal(scene_get(&scene, "/en/search?q=ferries&section=nowhere", NULL, NULL), 200);
    assert_true(scene_has(&scene, "id=\"section-problem\""));
}

// Such a page asks no database, which may be what failed.
static void a_page_of_failure_says_whose_it_is(void **state) {
    (void)state;
    assert_int_equal(scene_get(&scene, "/en/", NULL, NULL), 200);
    uint64_t before = db_statements(scene.worker.db);
    assert_int_equal(scene_failure(&scene, "/en/news", 503), 503);
    assert_true(scene_has(&scene, " · Test Station</title>"));
    assert_int_equal(db_statements(scene.worker.db), before);
}

static void pages_stay_within_their_budget_of_statements(void **state) {
    static const struct {
        const char *target;
        uint64_t most;
    } rows[] = {{"/en/news/22-story-21-more", 40}, {"/en/", 40}, {"/en/news", 25}, {"/en/company-profile", 25}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t before = db_statements(scene.worker.db);
        assert_int_equal(scene_get(&scene, rows[i].target, NULL, NULL), 200);
        uint64_t used = db_statements(scene.worker.db) - before;
        if (used > rows[i].most)
            fail_msg("%s: %llu statements", rows[i].target, (unsigned long long)used);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_answers_as_the_table_says),
        cmocka_unit_test(an_article_shows_its_lines_in_the_old_order),
        cmocka_unit_test(each_read_shows_the_next_number),
        cmocka_unit_test(lists_go_on_with_older_articles_and_back),
        cmocka_unit_test(the_browser_chooses_the_language_of_the_front_page),
        cmocka_unit_test(a_search_gives_back_what_was_typed),
        cmocka_unit_test(a_page_of_failure_says_whose_it_is),
        cmocka_unit_test(pages_stay_within_their_budget_of_statements),
    };
    hash_start();
    text_start();
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
