// SPDX-License-Identifier: AGPL-3.0-or-later
// Paging through equal moments, hidden marks, articles to come and gone by, and what a list costs.
#include "newsroom.h"

enum { MANY = 300 };

static enum rc save_many(struct db *db, void *arg) {
    struct job *j = arg;
    j->changes = (struct news_changes){0};
    for (int i = 0; i < MANY; i++) {
        struct article art = *j->art;
        art.headline = str_fmt(j->s->arena, "Story %d", i);
        enum rc rc = article_save(j->s->arena, db, &art, &j->links, &j->changes, &j->problem);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

static int many_setup(void **state) {
    newsroom_setup(state);
    static const struct str tag[] = {STR("Sea")}, person[] = {STR("Ani")};
    struct article art = newsroom_article(*state, LANG_EN, "x", NOW - HOUR);
    struct job j = {.s = *state, .art = &art, .links = {tag, 1, person, 1}};
    assert_int_equal(newsroom_write(&j, save_many), RC_OK);
    return 0;
}

static struct list_query question(struct station *s, enum list_of of) {
    struct list_query q = {.of = of, .lang = LANG_EN, .limit = 20, .now_us = NOW};
    struct article art;
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_OK);
    q.id = of == LIST_SECTION  ? art.section_id
           : of == LIST_TAG    ? art.tags[0].id
           : of == LIST_PERSON ? art.people[0].id
                               : 0;
    return q;
}

static void test_down_and_up(void **state) {
    struct station *s = *state;
    for (enum list_of of = LIST_LANG; of <= LIST_PERSON; of++) {
        struct list_query q = question(s, of);
        struct list_result r;
        int64_t expect = MANY;
        do {
            uint64_t before = db_statements(s->reader);
            assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_OK);
            assert_true(db_statements(s->reader) - before <= 3);
            assert_int_equal(r.has_newer, expect != MANY);
            for (size_t i = 0; i < r.count; i++)
                assert_int_equal(r.cards[i].number, expect--);
            q.before = r.cards[r.count - 1].number;
        } while (r.has_older);
        assert_int_equal(expect, 0);
        for (expect = 1, q.before = 0, q.after = 1;; q.after = r.cards[0].number) {
            assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_OK);
            assert_true(r.has_older);
            for (size_t i = r.count; i > 0; i--)
                assert_int_equal(r.cards[i - 1].number, ++expect);
            if (!r.has_newer)
                break;
        }
        assert_int_equal(expect, MANY);
        int64_t count = 0;
        assert_int_equal(article_count(s->reader, &q, &count), RC_OK);
        assert_int_equal(count, MANY);
    }
}

static void test_hidden_marks(void **state) {
    struct station *s = *state;
    for (int64_t number = 1; number <= MANY; number += number == 1 ? 149 : 150) {
        struct job j = {.s = s, .number = number};
        assert_int_equal(newsroom_write(&j, job_withdraw), RC_OK);
    }
    for (enum list_of of = LIST_LANG; of <= LIST_SECTION; of++) {
        struct list_query q = {.of = of, .lang = LANG_EN, .limit = 20, .now_us = NOW, .before = 150};
        q.id = newsroom_section(s, LANG_EN).id;
        struct list_result r;
        assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_OK);
        assert_int_equal(r.cards[0].number, 149);
        assert_true(r.has_newer);
        q.before = 300; // the newest, withdrawn: nothing is newer
        assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_OK);
        assert_int_equal(r.cards[0].number, 299);
        assert_false(r.has_newer);
        q.before = 0, q.after = 1; // the oldest, withdrawn: nothing is older
        assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_OK);
        assert_int_equal(r.cards[19].number, 2);
        assert_false(r.has_older);
        q.after = 100000;
        assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_NOT_FOUND);
        q.before = 5;
        assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_INVALID);
    }
}

static void see(struct station *s, int64_t now_us, size_t shown, int64_t until) {
    for (enum list_of of = LIST_LANG; of <= LIST_SECTION; of++) {
        struct list_query q = {.of = of, .lang = LANG_DE, .limit = 10, .now_us = now_us};
        q.id = newsroom_section(s, LANG_DE).id;
        struct list_result r;
        int64_t count = -1;
        assert_int_equal(article_list(s->arena, s->reader, &q, &r), RC_OK);
        assert_int_equal(r.count, shown);
        assert_int_equal(r.until, until);
        assert_int_equal(article_count(s->reader, &q, &count), RC_OK);
        assert_int_equal(count, shown);
    }
}

static void test_moments(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_DE, "Kommt und geht", NOW);
    art.expires_at = NOW + HOUR;
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    see(s, NOW - 1, 0, NOW);
    see(s, NOW, 1, NOW + HOUR);
    see(s, NOW + HOUR - 1, 1, NOW + HOUR);
    see(s, NOW + HOUR, 0, INT64_MAX);
    struct article got;
    int64_t until;
    assert_int_equal(article_show(s->arena, s->reader, art.number, NOW - 1, &got, &until), RC_NOT_FOUND);
    assert_int_equal(until, NOW);
    uint64_t before = db_statements(s->reader);
    assert_int_equal(article_show(s->arena, s->reader, art.number, NOW, &got, &until), RC_OK);
    assert_true(db_statements(s->reader) - before <= 8);
    assert_int_equal(until, NOW + HOUR);
    assert_int_equal(article_show(s->arena, s->reader, art.number, NOW + HOUR, &got, &until), RC_NOT_FOUND);
}

// An article in a small language is found behind many that are read more.
static enum rc read_all(struct db *db, void *arg) {
    (void)arg;
    struct db_stmt *st = db_sql(db, "INSERT INTO read_days (day, number, reads, raw_reads) SELECT 100, number, "
                                    "CASE WHEN lang = 'en' THEN 500 ELSE 1 END, 500 FROM articles");
    return db_run(st);
}

static void test_most_read_of_a_small_language(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_NL, "Zelden gelezen", NOW - HOUR);
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, read_all, NULL), RC_OK);
    struct article_card *cards;
    size_t n = 0;
    assert_int_equal(article_most_read(s->arena, s->reader, LANG_NL, 100, NOW, 10, &cards, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(cards[0].number, art.number);
    assert_int_equal(article_most_read(s->arena, s->reader, LANG_EN, 100, NOW, 10, &cards, &n), RC_OK);
    assert_int_equal(n, 10);
    assert_int_equal(cards[0].number, MANY);
    assert_int_equal(article_most_read(s->arena, s->reader, LANG_EN, 101, NOW, 10, &cards, &n), RC_OK);
    assert_int_equal(n, 0);
}

#define MANY_TEST(test) cmocka_unit_test_setup_teardown(test, many_setup, station_teardown)

static enum rc read_first_more(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE read_days SET reads = 100000 WHERE number = 1"));
}

static enum rc read_first_less(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE read_days SET reads = 1 WHERE number = 1"));
}

// The list of a language is made once in ten minutes, but what is withdrawn leaves it at once.
static void test_most_read_is_remembered(void **state) {
    struct station *s = *state;
    struct most_read *m = most_read_new();
    struct article_card *cards;
    size_t n = 0;
    assert_int_equal(store_write(s->store, STORE_DURABLE, read_all, NULL), RC_OK);
    assert_int_equal(most_read_get(m, s->arena, s->reader, LANG_EN, 100, NOW, 5, &cards, &n), RC_OK);
    assert_int_equal(n, 5);
    assert_int_equal(cards[0].number, MANY);
    assert_int_equal(store_write(s->store, STORE_DURABLE, read_first_more, NULL), RC_OK);
    struct job j = {.s = s, .number = MANY};
    assert_int_equal(newsroom_write(&j, job_withdraw), RC_OK);
    int64_t later = NOW + (MOST_READ_SECONDS - 1) * US_PER_SECOND;
    assert_int_equal(most_read_get(m, s->arena, s->reader, LANG_EN, 100, later, 5, &cards, &n), RC_OK);
    assert_int_equal(n, 5);
    assert_int_equal(cards[0].number, MANY - 1);
    assert_int_equal(most_read_get(m, s->arena, s->reader, LANG_EN, 101, later, 5, &cards, &n), RC_OK);
    assert_int_equal(n, 0);
    assert_int_equal(most_read_get(m, s->arena, s->reader, LANG_EN, 100, NOW, 5, &cards, &n), RC_OK);
    assert_int_equal(cards[0].number, 1);
    assert_int_equal(store_write(s->store, STORE_DURABLE, read_first_less, NULL), RC_OK);
    assert_int_equal(most_read_renew(m, s->reader, NOW + US_PER_SECOND), RC_OK);
    assert_int_equal(most_read_get(m, s->arena, s->reader, LANG_EN, 100, NOW, 5, &cards, &n), RC_OK);
    assert_int_equal(cards[0].number, 1);
    assert_int_equal(most_read_renew(m, s->reader, later), RC_OK);
    assert_int_equal(most_read_get(m, s->arena, s->reader, LANG_EN, 100, later, 5, &cards, &n), RC_OK);
    assert_int_equal(cards[0].number, MANY - 1);
    most_read_free(&m);
}

static void count_row(void *arg, const struct article_card *art, const struct article_card *translation) {
    assert_int_equal(art->number, translation->number);
    ++*(size_t *)arg;
}

static void assert_block(struct station *s, int64_t now, size_t at, size_t count, int64_t block, int64_t changed_at) {
    struct article_block *blocks;
    size_t n;
    assert_int_equal(article_blocks(s->arena, s->reader, LANG_EN, now, &blocks, &n), RC_OK);
    assert_int_equal(n, count);
    assert_int_equal(blocks[at].block, block);
    assert_int_equal(blocks[at].changed_at, changed_at);
}

// What the index of sitemaps says: which blocks show something at a moment, and when that last changed.
static void test_blocks(void **state) {
    struct station *s = *state;
    assert_block(s, NOW, 0, 1, 1, NOW - HOUR);
    struct article later = newsroom_article(s, LANG_EN, "To come", NOW + HOUR);
    later.number = 2 * ARTICLE_BLOCK + 1;
    later.expires_at = NOW + 3 * HOUR;
    struct job j = {.s = s, .art = &later};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_block(s, NOW, 0, 1, 1, NOW - HOUR);
    assert_block(s, NOW + HOUR, 1, 2, 3, NOW + HOUR);
    assert_block(s, NOW + 3 * HOUR, 0, 1, 1, NOW - HOUR);
    int64_t until = 0;
    assert_int_equal(article_next_change(s->reader, LANG_EN, NOW, &until), RC_OK);
    assert_int_equal(until, NOW + HOUR);
    assert_int_equal(article_next_change(s->reader, LANG_EN, NOW + HOUR, &until), RC_OK);
    assert_int_equal(until, NOW + 3 * HOUR);
    assert_int_equal(article_next_change(s->reader, LANG_ID, NOW, &until), RC_OK);
    assert_int_equal(until, INT64_MAX);
    j = (struct job){.s = s, .number = 1, .text = STR("It was Tuesday.")};
    assert_int_equal(newsroom_write(&j, job_correct), RC_OK);
    assert_block(s, NOW, 0, 1, 1, NOW);
    j.number = later.number;
    assert_int_equal(newsroom_write(&j, job_withdraw), RC_OK);
    assert_block(s, NOW + HOUR, 0, 1, 1, NOW);
    size_t rows = 0;
    assert_int_equal(article_block_rows(s->reader, LANG_EN, 1, NOW, count_row, &rows), RC_OK);
    assert_int_equal(rows, MANY);
    rows = 0;
    assert_int_equal(article_block_rows(s->reader, LANG_EN, 3, NOW + HOUR, count_row, &rows), RC_OK);
    assert_int_equal(rows, 0);
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {MANY_TEST(test_down_and_up),
                                       MANY_TEST(test_hidden_marks),
                                       NEWSROOM_TEST(test_moments),
                                       MANY_TEST(test_most_read_of_a_small_language),
                                       MANY_TEST(test_most_read_is_remembered),
                                       MANY_TEST(test_blocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
