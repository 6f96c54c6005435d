// SPDX-License-Identifier: AGPL-3.0-or-later
// What may be saved, who saved last, and which pages a change is raised for.
#include "newsroom.h"

static void refused(struct job *j, enum rc want) {
    j->problem = (struct problem){0};
    assert_int_equal(newsroom_write(j, job_save), want);
    assert_true(j->problem.text[0] != '\0');
}

static void test_broken_articles(void **state) {
    struct station *s = *state;
    static char longer[400];
    memset(longer, 'x', sizeof longer);
    const struct article sound = newsroom_article(s, LANG_EN, "Sound", NOW);
    struct article art;
    struct job j = {.s = s, .art = &art};
#define REFUSED(change) art = sound, change, refused(&j, RC_INVALID)
    REFUSED(art.headline = STR("  "));
    REFUSED(art.headline = STR("a\nb"));
    REFUSED(art.headline = STR("\xff"));
    REFUSED((art.headline = (struct str){longer, 301}));
    REFUSED(art.section_id = 1);
    REFUSED(art.section_id = newsroom_section(s, LANG_DE).id);
    REFUSED(art.published_at = 0);
    REFUSED(art.published_at = -1);
    REFUSED(art.expires_at = NOW);
    REFUSED(art.number = -1);
    REFUSED(art.number = INT64_C(1) << 24);
    REFUSED(art.votes_base_count = 1);
    REFUSED((art.votes_base_count = 1, art.votes_base_sum = 6));
    REFUSED(art.reads_base = -1);
    REFUSED(art.state = (enum article_state)9);
    REFUSED(art.agency = STR("a\tb"));
    art = sound;
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(art.number, 1);
    assert_int_equal(art.version, 1);
}

static void test_two_at_once(void **state) {
    struct station *s = *state;
    struct article mine = newsroom_article(s, LANG_EN, "First", NOW), theirs;
    struct job j = {.s = s, .art = &mine};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    theirs = mine;
    mine.headline = STR("Second");
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(mine.version, 2);
    j.art = &theirs;
    theirs.headline = STR("Lost");
    refused(&j, RC_CONFLICT);
    struct article now;
    assert_int_equal(article_load(s->arena, s->reader, mine.number, &now), RC_OK);
    assert_true(str_eq(now.headline, STR("Second")));
    theirs = newsroom_article(s, LANG_EN, "Same number", NOW);
    theirs.number = mine.number;
    refused(&j, RC_CONFLICT);
}

static void test_a_correction_raises_what_shows_it(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_EN, "Right", NOW - HOUR);
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    j.number = art.number;
    j.text = STR("It was Tuesday.");
    assert_int_equal(newsroom_write(&j, job_correct), RC_OK);
    assert_int_equal(j.changes.count, 3);
    assert_true(job_notes(&j, EDITION_ITEM, art.number, false));
    assert_true(job_notes(&j, EDITION_BLOCK, article_block_id(LANG_EN, 1), false));
    assert_true(job_notes(&j, EDITION_CHANGED, LANG_EN, false));
    assert_int_equal(article_load(s->arena, s->reader, art.number, &art), RC_OK);
    assert_int_equal(art.correction_count, 1);
    assert_int_equal(art.modified_at, NOW);
    assert_int_equal(art.version, 2);
    j.text = STR(" ");
    assert_int_equal(newsroom_write(&j, job_correct), RC_INVALID);
    assert_true(j.problem.text[0] != '\0');
    j.text = STR("\n It was pier two.\r\n\n\tThe ferry \tis Laut. \n");
    assert_int_equal(newsroom_write(&j, job_correct), RC_OK);
    assert_int_equal(article_load(s->arena, s->reader, art.number, &art), RC_OK);
    assert_str(art.corrections[1].text, "It was pier two.\nThe ferry  is Laut.");
    char lines[2 * 41 + 1], many[2002];
    memset(many, 'x', sizeof many);
    for (size_t i = 0; i < sizeof lines; i++)
        lines[i] = i % 2 == 0 ? 'x' : '\n';
    const struct str bad[] = {{lines, sizeof lines}, {many, 2001}, STR("a bell: \a"), STR("\xff")};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        j.text = bad[i];
        j.problem.text[0] = '\0';
        assert_int_equal(newsroom_write(&j, job_correct), RC_INVALID);
        assert_true(j.problem.text[0] != '\0');
        j.problem.text[0] = '\0';
        assert_int_equal(newsroom_write(&j, job_withdraw), RC_INVALID);
        assert_true(j.problem.text[0] != '\0');
    }
    j.text = (struct str){lines, 2 * 40};
    assert_int_equal(newsroom_write(&j, job_correct), RC_OK);
    j.number = 99;
    j.text = STR("x");
    assert_int_equal(newsroom_write(&j, job_correct), RC_NOT_FOUND);
}

static void test_a_withdrawal_hides_at_once(void **state) {
    struct station *s = *state;
    static const struct str tag[] = {STR("Sea")}, person[] = {STR("Ani")};
    struct article before = newsroom_article(s, LANG_EN, "Before", NOW - 3 * HOUR),
                   art = newsroom_article(s, LANG_EN, "Withdrawn", NOW - 2 * HOUR),
                   after = newsroom_article(s, LANG_EN, "After", NOW - HOUR), other;
    struct job j = {.s = s, .art = &before};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    j.art = &after;
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    j = (struct job){.s = s, .art = &art, .links = {tag, 1, person, 1}};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    other = newsroom_article(s, LANG_ID, "Terjemahan", NOW - HOUR);
    other.translation_group = art.translation_group;
    j = (struct job){.s = s, .art = &other};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    j = (struct job){.s = s, .number = art.number, .text = STR("It was not so.")};
    assert_int_equal(newsroom_write(&j, job_withdraw), RC_OK);
    const struct {
        enum edition_kind kind;
        int64_t id;
    } want[] = {{EDITION_ITEM, art.number},
                {EDITION_ITEM, before.number},
                {EDITION_ITEM, after.number},
                {EDITION_ITEM, other.number},
                {EDITION_SECTION, art.section_id},
                {EDITION_FRONT, LANG_EN},
                {EDITION_TAG, art.tags[0].id},
                {EDITION_PERSON, art.people[0].id},
                {EDITION_BLOCK, article_block_id(LANG_EN, 1)},
                {EDITION_CHANGED, LANG_EN},
                {EDITION_BLOCK, article_block_id(LANG_ID, 1)},
                {EDITION_CHANGED, LANG_ID}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        if (!job_notes(&j, want[i].kind, want[i].id, true))
            fail_msg("edition %zu is not raised hard", i);
    assert_int_equal(j.changes.count, sizeof want / sizeof want[0]);
    assert_false(j.changes.all);
    int64_t until;
    assert_int_equal(article_show(s->arena, s->reader, art.number, NOW, &art, &until), RC_GONE);
    assert_true(str_eq(art.withdrawal_notice, STR("It was not so.")));
}

struct ballot {
    int64_t number, sum, count;
    int value;
    uint8_t voter[32];
    struct news_changes changes;
};

static enum rc cast(struct db *db, void *arg) {
    struct ballot *b = arg;
    b->changes = (struct news_changes){0};
    return vote_cast(db, b->number, b->voter, b->value, NOW, &b->sum, &b->count, &b->changes);
}

static void vote(struct station *s, struct ballot *b, uint8_t voter, int value, int64_t sum, int64_t count) {
    memset(b->voter, voter, sizeof b->voter);
    b->value = value;
    assert_int_equal(store_write(s->store, STORE_DURABLE, cast, b), RC_OK);
    assert_int_equal(b->sum, sum);
    assert_int_equal(b->count, count);
}

static void test_votes(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_EN, "Rated", NOW - HOUR);
    art.votes_base_sum = 11, art.votes_base_count = 3;
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    struct ballot b = {.number = art.number};
    vote(s, &b, 1, 5, 16, 4);
    vote(s, &b, 2, 1, 17, 5);
    vote(s, &b, 1, 2, 14, 5); // the same reader again: replaced
    b.value = 6;
    assert_int_equal(store_write(s->store, STORE_DURABLE, cast, &b), RC_INVALID);
    b.value = 0;
    assert_int_equal(store_write(s->store, STORE_DURABLE, cast, &b), RC_INVALID);
    // Saving keeps the votes that were cast meanwhile.
    assert_int_equal(article_load(s->arena, s->reader, art.number, &art), RC_OK);
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(art.votes_sum, 14);
    assert_int_equal(art.votes_count, 5);
}

static void test_percentages(void **state) {
    (void)state;
    static const int table[][3] = {{0, 0, 0},    {11, 3, 7340}, {5, 1, 10000}, {1, 1, 2000}, {10, 3, 6660},
                                   {7, 2, 7000}, {14, 3, 9340}, {13, 3, 8660}, {9, 7, 2580}, {52, 12, 8660}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(vote_percent_hundredths(table[i][0], table[i][1]), table[i][2]);
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {NEWSROOM_TEST(test_broken_articles),
                                       NEWSROOM_TEST(test_two_at_once),
                                       NEWSROOM_TEST(test_a_correction_raises_what_shows_it),
                                       NEWSROOM_TEST(test_a_withdrawal_hides_at_once),
                                       NEWSROOM_TEST(test_votes),
                                       cmocka_unit_test(test_percentages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
