// SPDX-License-Identifier: AGPL-3.0-or-later
// Ratings: one vote per reader and article, changed by voting again; a cookie we did not sign is nobody's.
#include "scene.h"

static struct scene scene;
static const char article[] = "/en/news/25-story-24-more";

static bool shows_votes(const char *count) {
    assert_int_equal(scene_get(&scene, article, NULL, NULL), 200);
    return scene_has(&scene, count);
}

static void a_reader_votes_once_and_may_change_it(void **state) {
    (void)state;
    char cookie[256];
    assert_int_equal(scene_post(&scene, "/vote/25", "value=4", NULL), 303);
    assert_str(scene_location(&scene), "/en/news/25-story-24-more#voted-4");
    struct str given = scene_cookie(&scene);
    assert_true(given.n > 70 && given.n < sizeof(cookie));
    assert_true(snprintf(cookie, sizeof(cookie), "%.*s", STR_ARG(given)) > 0);
    assert_true(shows_votes("(1 vote)"));
    assert_true(scene_has(&scene, "id=\"voted-4\""));
    assert_int_equal(scene_post(&scene, "/vote/25", "value=2", cookie), 303);
    assert_true(shows_votes("(1 vote)"));
    assert_true(scene_has(&scene, "width=\"48.0\""));

    // The last digit of the signature changed: somebody else's vote.
    size_t last = strlen(cookie) - 1;
    cookie[last] = cookie[last] == '0' ? '1' : '0';
    assert_int_equal(scene_post(&scene, "/vote/25", "value=5", cookie), 303);
    assert_true(shows_votes("(2 votes)"));
}

static void what_is_no_vote_is_not_counted(void **state) {
    static const struct {
        const char *target, *body;
        int status;
    } rows[] = {
        {"/vote/24", "", 303},        {"/vote/24", "value=0", 303},         {"/vote/24", "value=6", 303},
        {"/vote/24", "value=x", 303}, {"/vote/24", "value=1&value=2", 303}, {"/vote/999", "value=3", 404},
        {"/vote/x", "value=3", 404},  {"/vote/-24", "value=3", 404},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(scene_post(&scene, rows[i].target, rows[i].body, "voter=zz"), rows[i].status);
        if (rows[i].status == 303)
            assert_str(scene_location(&scene), "/en/news/24-story-23-more#rating");
        assert_int_equal(scene_cookie(&scene).n, 0);
    }
    assert_int_equal(scene_get(&scene, "/en/news/24-story-23-more", NULL, NULL), 200);
    assert_true(scene_has(&scene, "(0 votes)"));
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
        cmocka_unit_test(a_reader_votes_once_and_may_change_it),
        cmocka_unit_test(what_is_no_vote_is_not_counted),
    };
    hash_start();
    text_start();
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
