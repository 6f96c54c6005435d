// SPDX-License-Identifier: AGPL-3.0-or-later
// Comparing and merging texts: tables of small cases, and what must hold for any lists.
#include "../check.h"
#include "text/text.h"

// "ab c" is the list of its characters.
static struct text_list list_of(struct arena *a, const char *s) {
    size_t n = strlen(s);
    struct str *items = ARENA_ARRAY(a, struct str, n + 1);
    for (size_t i = 0; i < n; i++)
        items[i] = (struct str){s + i, 1};
    return (struct text_list){items, n};
}

static struct str diff_written(struct arena *a, struct text_list l, struct text_list r) {
    struct text_piece *pieces;
    struct buf b;
    buf_init(&b, 4096);
    size_t n = text_diff(a, l.items, l.n, r.items, r.n, &pieces);
    for (size_t i = 0; i < n; i++) {
        buf_char(&b, " -+"[pieces[i].change]);
        buf_str(&b, pieces[i].s);
    }
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static void test_diff(void **state) {
    (void)state;
    static const struct {
        const char *left, *right, *expected;
    } rows[] = {
        {"", "", ""},
        {"a", "a", " a"},
        {"", "a", "+a"},
        {"a", "", "-a"},
        {"abc", "axc", " a-b+x c"},
        {"abc", "ac", " a-b c"},
        {"ac", "abc", " a+b c"},
        {"ab", "ba", "-a b+a"},
        {"abcd", "xy", "-a-b-c-d+x+y"},
    };
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str got = diff_written(a, list_of(a, rows[i].left), list_of(a, rows[i].right));
        if (!str_eq(got, str_from(rows[i].expected)))
            fail_msg("%s to %s: %.*s", rows[i].left, rows[i].right, STR_ARG(got));
    }
    arena_free(&a);
}

static void side_written(struct buf *b, struct text_list l, struct text_range r) {
    for (size_t i = r.from; i < r.to; i++)
        buf_str(b, l.items[i]);
}

// What does not collide as it is, collisions as {mine|theirs}.
static struct str merge_written(struct arena *a, struct text_list base, struct text_list mine,
                                struct text_list theirs) {
    struct text_chunk *chunks;
    struct buf b;
    buf_init(&b, 1 << 16);
    size_t n = text_merge(a, base, mine, theirs, &chunks);
    for (size_t i = 0; i < n; i++) {
        if (chunks[i].side == TEXT_COLLISION)
            buf_char(&b, '{');
        if (chunks[i].side != TEXT_THEIRS)
            side_written(&b, mine, chunks[i].mine);
        if (chunks[i].side == TEXT_COLLISION)
            buf_char(&b, '|');
        if (chunks[i].side == TEXT_THEIRS || chunks[i].side == TEXT_COLLISION)
            side_written(&b, theirs, chunks[i].theirs);
        if (chunks[i].side == TEXT_COLLISION)
            buf_char(&b, '}');
    }
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static void test_merge(void **state) {
    (void)state;
    static const struct {
        const char *base, *mine, *theirs, *expected;
    } rows[] = {
        {"abc", "abc", "abc", "abc"},
        {"abc", "aXc", "abc", "aXc"},
        {"abc", "abc", "abY", "abY"},
        {"abc", "Xbc", "abY", "XbY"},
        {"abc", "aXc", "aXc", "aXc"},
        {"abc", "aXc", "aYc", "a{X|Y}c"},
        {"abc", "Xbc", "aYc", "XYc"},     // neighbours
        {"abc", "ac", "aYc", "a{|Y}c"},   // taken out here, changed there
        {"abc", "abXc", "Yabc", "YabXc"}, // both added, elsewhere
        {"abc", "abXc", "abYc", "ab{X|Y}c"},
        {"", "X", "", "X"},
        {"", "X", "Y", "{X|Y}"},
        {"abc", "", "abc", ""},
    };
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str got =
            merge_written(a, list_of(a, rows[i].base), list_of(a, rows[i].mine), list_of(a, rows[i].theirs));
        if (!str_eq(got, str_from(rows[i].expected)))
            fail_msg("%s, %s, %s: %.*s", rows[i].base, rows[i].mine, rows[i].theirs, STR_ARG(got));
    }
    arena_free(&a);
}

static const char *random_text(struct arena *a) {
    size_t n = random_u64() % 12;
    char *s = arena_take(a, n + 1);
    for (size_t i = 0; i < n; i++)
        s[i] = (char)('a' + random_u64() % 4);
    return s;
}

// Whatever the lists: the pieces give both back, and a merge with an unchanged side gives the other.
static void test_any_lists(void **state) {
    (void)state;
    hash_start();
    for (int round = 0; round < 3000; round++) {
        struct arena *a = arena_new(1 << 20);
        const char *l = random_text(a), *r = random_text(a);
        struct text_list left = list_of(a, l), right = list_of(a, r);
        struct text_piece *pieces;
        size_t n = text_diff(a, left.items, left.n, right.items, right.n, &pieces), i = 0, j = 0;
        for (size_t k = 0; k < n; k++) {
            if (pieces[k].change != TEXT_ADDED)
                assert_true(i < left.n && str_eq(left.items[i++], pieces[k].s));
            if (pieces[k].change != TEXT_REMOVED)
                assert_true(j < right.n && str_eq(right.items[j++], pieces[k].s));
        }
        assert_true(i == left.n && j == right.n);
        assert_true(str_eq(merge_written(a, left, left, right), str_from(r)));
        assert_true(str_eq(merge_written(a, left, right, left), str_from(r)));
        assert_true(str_eq(merge_written(a, left, right, right), str_from(r)));
        arena_free(&a);
    }
}

static void test_words(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct str *words, text = STR("The “new” port. 新港口开放");
    size_t n = text_words_of(a, LANG_EN, text, &words), bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += words[i].n;
    assert_int_equal(bytes, text.n);
    assert_true(n > 10);
    assert_str(words[0], "The");
    assert_str(words[2], "“");
    assert_int_equal(text_words_of(a, LANG_EN, STR_NONE, &words), 0);
    arena_free(&a);
}

static void test_blocks(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct html clean;
    struct str *blocks;
    assert_int_equal(
        html_clean(a, STR("<p>One</p><ul><li>a<li>b</ul><hr><p>Two <img src=\"/x.png\" alt=x></p>"), &clean), RC_OK);
    assert_int_equal(html_blocks(a, clean, &blocks), 4);
    assert_true(str_starts(blocks[0], STR("<p>One</p>")));
    assert_true(str_starts(str_trim(blocks[1]), STR("<ul>")));
    assert_true(str_starts(str_trim(blocks[3]), STR("<p>Two <img")));
    assert_int_equal(html_blocks(a, html_stored(STR_NONE), &blocks), 0);
    arena_free(&a);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diff),  cmocka_unit_test(test_merge),  cmocka_unit_test(test_any_lists),
        cmocka_unit_test(test_words), cmocka_unit_test(test_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
