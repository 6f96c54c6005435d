// SPDX-License-Identifier: AGPL-3.0-or-later
// Readers find words in their own script, phrases, and not what they exclude; nothing typed is the engine's syntax.
#include "station.h"

static enum rc put(struct db *db, void *arg) {
    return search_put(db, arg);
}

static enum rc take_away(struct db *db, void *arg) {
    return search_remove(db, *(int64_t *)arg);
}

static void doc(struct station *s, enum text_lang lang, int64_t number, const char *headline, const char *body) {
    struct search_doc d = {.lang = lang, .at_us = number * US_PER_DAY, .number = number, .section_id = number % 2 + 1};
    d.headline = str_from(headline);
    d.body = str_from(body);
    assert_int_equal(store_write(s->store, STORE_DURABLE, put, &d), RC_OK);
}

struct answer {
    enum rc rc;
    struct search_hit *hits;
    size_t n;
    bool more;
    int64_t count;
};

static struct answer ask(struct station *s, struct search_query q) {
    struct answer a = {0};
    q.to_us = q.to_us != 0 ? q.to_us : INT64_C(4000000000) * US_PER_SECOND;
    q.limit = q.limit != 0 ? q.limit : 20;
    a.rc = search_run(s->arena, s->reader, &q, &a.hits, &a.n, &a.more, &a.count);
    return a;
}

static const struct {
    enum text_lang lang;
    const char *text, *query;
    int found;
} words[] = {
    {LANG_ZH, "印度尼西亚总统今天访问北京并会见领导人。", "北京", 1},
    {LANG_ZH, "印度尼西亚总统今天访问北京并会见领导人。", "总统", 1},
    {LANG_ZH, "印度尼西亚总统今天访问北京并会见领导人。", "上海", 0},
    {LANG_ZH, "印度尼西亚总统今天访问北京并会见领导人。", "统", 1},
    {LANG_JA, "インドネシアの大統領は東京で首相と会談した。", "東京", 1},
    {LANG_JA, "インドネシアの大統領は東京で首相と会談した。", "大統領", 1},
    {LANG_JA, "インドネシアの大統領は東京で首相と会談した。", "ドネシア", 1},
    {LANG_AR, "زار الرَّئِيسُ مدينة القاهرة", "الرئيس", 1},
    {LANG_AR, "زار الرئيس مدينة القاهرة", "الرَّئِيسُ", 1},
    {LANG_FR, "Le président a été élu à Genève", "president", 1},
    {LANG_FR, "Le president a ete elu a Geneve", "élu Genève", 1},
    {LANG_DE, "Die Straße nach Köln", "koln", 1},
    {LANG_EN, "The minister opened a harbour in Ambon", "\"opened a harbour\"", 1},
    {LANG_EN, "The minister opened a harbour in Ambon", "\xe2\x80\x9copened harbour\xe2\x80\x9d", 0},
    {LANG_EN, "The minister opened a harbour in Ambon", "harbour -minister", 0},
    {LANG_EN, "The minister opened a harbour in Ambon", "harbour -mayor", 1},
    {LANG_EN, "The minister opened a harbour in Ambon", "HARBOUR mayor", 0},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "covid-19", 1},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "NEAR AND", 1},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "NEAR(covid misses)", 0},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "headline:covid", 0},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "cov*", 0},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "\"covid", 1},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "xsec1", 0},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "sec2", 0},
    {LANG_EN, "Covid-19 numbers and NEAR misses", "\x01sec2", 0},
};

static void test_words_of_nine_languages(void **state) {
    struct station *s = *state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        doc(s, words[i].lang, 1, "x", words[i].text);
        struct answer a = ask(s, (struct search_query){.lang = words[i].lang, .words = str_from(words[i].query)});
        if (a.rc != RC_OK || (int)a.n != words[i].found)
            fail_msg("%s: %s, %zu found", words[i].query, rc_name(a.rc), a.n);
        a = ask(s, (struct search_query){.lang = LANG_NL, .words = str_from(words[i].query)});
        assert_int_equal(a.n, 0);
    }
}

static void test_nothing_to_search(void **state) {
    struct station *s = *state;
    static const char *const nothing[] = {"", "   ", "\"\"", "-minister", "!!!", "-", "\xff\xfe", "\" -\""};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
        assert_int_equal(ask(s, (struct search_query){.words = str_from(nothing[i])}).rc, RC_INVALID);
    static char longer[900];
    memset(longer, 'a', 201);
    assert_int_equal(ask(s, (struct search_query){.words = {longer, 201}}).rc, RC_INVALID);
    assert_int_equal(ask(s, (struct search_query){.words = {longer, 200}}).rc, RC_OK);
}

static void test_newest_first_by_key(void **state) {
    struct station *s = *state;
    for (int64_t n = 1; n <= 25; n++)
        doc(s, LANG_EN, n, "Rain again", "It rains.");
    struct answer a = ask(s, (struct search_query){.words = STR("rain"), .limit = 10});
    assert_int_equal(a.n, 10);
    assert_true(a.more);
    assert_int_equal(a.count, 25);
    assert_int_equal(a.hits[0].number, 25);
    int64_t key = a.hits[9].key;
    a = ask(s, (struct search_query){.words = STR("rain"), .limit = 15, .before_key = key});
    assert_int_equal(a.n, 15);
    assert_false(a.more);
    assert_int_equal(a.count, 25);
    assert_int_equal(a.hits[0].number, 15);
    assert_int_equal(a.hits[14].number, 1);
    a = ask(s, (struct search_query){.words = STR("rain"), .section_id = 2});
    assert_int_equal(a.n, 13); // the odd ones
    a = ask(s, (struct search_query){.words = STR("rain"), .from_us = 5 * US_PER_DAY, .to_us = 8 * US_PER_DAY});
    assert_int_equal(a.n, 3);
    assert_int_equal(a.hits[0].number, 7);
    a = ask(s, (struct search_query){.words = STR("rain"), .by_relevance = true, .offset = 20});
    assert_int_equal(a.n, 5);
}

static void test_headlines_weigh_more(void **state) {
    struct station *s = *state;
    doc(s, LANG_EN, 1, "Harbour opened", "Nothing else.");
    doc(s, LANG_EN, 2, "A speech", "It was about a harbour.");
    struct answer a = ask(s, (struct search_query){.words = STR("harbour")});
    assert_int_equal(a.hits[0].number, 2);
    a = ask(s, (struct search_query){.words = STR("harbour"), .by_relevance = true});
    assert_int_equal(a.hits[0].number, 1);
    assert_str(a.hits[1].snippet, "It was about a \x02harbour\x03.");
}

static void test_replaced_and_taken_away(void **state) {
    struct station *s = *state;
    int64_t number = 1;
    doc(s, LANG_EN, 1, "Flood", "water");
    doc(s, LANG_EN, 1, "Drought", "dust");
    assert_int_equal(ask(s, (struct search_query){.words = STR("flood")}).n, 0);
    assert_int_equal(ask(s, (struct search_query){.words = STR("drought")}).n, 1);
    assert_int_equal(store_write(s->store, STORE_DURABLE, take_away, &number), RC_OK);
    assert_int_equal(ask(s, (struct search_query){.words = STR("drought")}).n, 0);
}

static void test_snippets_are_cut_around_matches(void **state) {
    struct station *s = *state;
    struct buf b;
    buf_init(&b, 10000);
    for (int i = 0; i < 200; i++)
        buf_c(&b, "filling words here ");
    buf_c(&b, "the golden bridge\nstands ");
    for (int i = 0; i < 200; i++)
        buf_c(&b, "filling words here ");
    buf_char(&b, '\0');
    doc(s, LANG_EN, 1, "x", b.p);
    buf_fini(&b);
    struct answer a = ask(s, (struct search_query){.words = STR("\"golden bridge\" stands")});
    size_t at = 0;
    assert_int_equal(a.n, 1);
    assert_true(str_find(a.hits[0].snippet, STR("the \x02golden bridge\x03 \x02stands\x03 filling"), &at));
    assert_true(a.hits[0].snippet.n < 300);
    assert_true(str_starts(a.hits[0].snippet, STR("\xe2\x80\xa6")));
    doc(s, LANG_ZH, 2, "x", "印度尼西亚总统今天访问北京并会见领导人。");
    a = ask(s, (struct search_query){.lang = LANG_ZH, .words = STR("访问北京")});
    assert_true(str_find(a.hits[0].snippet, STR("\x02访问北京\x03"), &at));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(test_words_of_nine_languages), STATION_TEST(test_nothing_to_search),
        STATION_TEST(test_newest_first_by_key),     STATION_TEST(test_headlines_weigh_more),
        STATION_TEST(test_replaced_and_taken_away), STATION_TEST(test_snippets_are_cut_around_matches),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
