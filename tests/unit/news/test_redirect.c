// SPDX-License-Identifier: AGPL-3.0-or-later
// Old addresses that lead on: their one form, a pasted list, and that nobody is sent on twice.
#include "newsroom.h"

#define ORIGIN STR("https://radio.example")

// ---- one form ------------------------------------------------------------------------------------------------------------

static const struct {
    const char *typed, *source; // NULL: refused
} sources[] = {
    {"/old", "/old"},
    {" /old/page.html ", "/old/page.html"},
    {"/old/", "/old"},
    {"//old", NULL},
    {"/old//page/./x/", "/old/page/x"},
    {"/old/../x", NULL},
    {"/old/%2e%2E/x", NULL},
    {"/%6Fld", "/old"},
    {"/a%20b", "/a%20b"},
    {"/a b", "/a%20b"},
    {"/a%2Fb", "/a%2Fb"},
    {"/a%3fb%23c%25d", "/a%3Fb%23c%25d"},
    {"/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1", "/أخبار"},
    {"/أخبار", "/أخبار"},
    {"/%d8%a3خبار", "/أخبار"},
    {"/x%E2%80%8By", "/x%E2%80%8By"},
    {"/x\u202ey", "/x%E2%80%AEy"},
    {"/%E9", NULL},
    {"/%zz", NULL},
    {"/50%", NULL},
    {"/%00", NULL},
    {"/a%0d%0aSet-Cookie:x", NULL},
    {"/index.php?option=com_x&id=3", "/index.php?id=3&option=com_x"},
    {"/index.php?option=com_x&amp;id=3:the-alias", "/index.php?id=3:the-alias&option=com_x"},
    {"/index.php?id=3%3Athe+alias", "/index.php?id=3:the%20alias"},
    {"/x?a=1%2B1&b=%26", "/x?a=1%2B1&b=%26"},
    {"/x?&&b&a=", "/x?a=&b="},
    {"/x?utm_source=mail&id=3&fbclid=abc", "/x?id=3"},
    {"/x?utm_source=mail", "/x"},
    {"/x?q=%D8%A3", "/x?q=أ"},
    {"/x#part", "/x"},
    {"/x?a=1#part?b=2", "/x?a=1"},
    {"/?p=3", "/?p=3"},
    {"/lite/en/x", "/en/x"},
    {"/lite/lite/x/", "/x"},
    {"/x?amp;amp;y=1", "/x?amp%3By=1"},
    {"https://radio.example/old", "/old"},
    {"http://www.Radio.example/old?x=1", "/old?x=1"},
    {"https://radio.example", "/"},
    {"https://radio.example:8443/old", NULL},
    {"https://other.example/old", NULL},
    {"https://radio.example@other.example/old", NULL},
    {"old/page", NULL},
    {"mailto:x@radio.example", NULL},
    {"", NULL},
    {"   ", NULL},
};

static const struct {
    const char *typed, *target, *location; // NULL: refused
} targets[] = {
    {"/en/news", "/en/news", "/en/news"},
    {"/en/news/", "/en/news", "/en/news"},
    {"/en", "/en/", "/en/"},
    {"/lite/ar#الخبر", "/lite/ar/#الخبر", "/lite/ar/#%D8%A7%D9%84%D8%AE%D8%A8%D8%B1"},
    {"/en/news?b=1&a=2#top", "/en/news?a=2&b=1#top", "/en/news?a=2&b=1#top"},
    {"https://radio.example/en/news", "/en/news", "/en/news"},
    {"http://radio.example/en/news", "/en/news", "/en/news"},
    {"https://other.example", "https://other.example", "https://other.example"},
    {"HTTPS://Other.Example/A//b/?z=1&a=2#X", "https://other.example/A//b/?z=1&a=2#X",
     "https://other.example/A//b/?z=1&a=2#X"},
    {"https://other.example:8443/x", "https://other.example:8443/x", "https://other.example:8443/x"},
    {"https://other.example/a b<\"%zz%41", "https://other.example/a%20b%3C%22%25zz%41",
     "https://other.example/a%20b%3C%22%25zz%41"},
    {"https://other.example/أخبار", "https://other.example/أخبار",
     "https://other.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1"},
    {"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"},
    {"https://bücher.example/", NULL, NULL},
    {"https://user@other.example/", NULL, NULL},
    {"https://other.example\\@radio.example/", NULL, NULL},
    {"https://other.example%5C@radio.example/", NULL, NULL},
    {"https://other.example%2fradio.example/", NULL, NULL},
    {"https://localhost/", NULL, NULL},
    {"https://other..example/", NULL, NULL},
    {"https://other.example:0/", NULL, NULL},
    {"https://other.example:99999/", NULL, NULL},
    {"https:///x", NULL, NULL},
    {"http://other.example/", NULL, NULL},
    {"//other.example/x", NULL, NULL},
    {"/\\other.example/x", "/%5Cother.example/x", "/%5Cother.example/x"},
    {"javascript:alert(1)", NULL, NULL},
    {"JavaScript://%0aalert(1)", NULL, NULL},
    {"data:text/html,x", NULL, NULL},
    {"mailto:x@radio.example", NULL, NULL},
    {"ftp://other.example/", NULL, NULL},
    {"en/news", NULL, NULL},
    {"/x\r\nSet-Cookie: a=b", NULL, NULL},
};

// What is in its one form stays as it is, or a row could not be found again.
static void test_one_form(void **state) {
    struct station *s = *state;
    struct str once, again;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct problem p = {""};
        enum rc rc = redirect_source(s->arena, ORIGIN, str_from(sources[i].typed), &once, &p);
        if (rc != (sources[i].source != NULL ? RC_OK : RC_INVALID))
            fail_msg("%s: %s %s", sources[i].typed, rc_name(rc), p.text);
        if (rc != RC_OK) {
            assert_true(str_starts(str_from(p.text), STR("redirect_source_")));
            continue;
        }
        assert_str_(once, str_from(sources[i].source), __FILE__, __LINE__);
        assert_int_equal(redirect_source(s->arena, ORIGIN, once, &again, &p), RC_OK);
        assert_str_(again, once, __FILE__, __LINE__);
    }
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct problem p = {""};
        enum rc rc = redirect_target(s->arena, ORIGIN, str_from(targets[i].typed), &once, &p);
        if (rc != (targets[i].target != NULL ? RC_OK : RC_INVALID))
            fail_msg("%s: %s %s", targets[i].typed, rc_name(rc), p.text);
        if (rc != RC_OK) {
            assert_true(str_starts(str_from(p.text), STR("redirect_target_")));
            continue;
        }
        assert_str_(once, str_from(targets[i].target), __FILE__, __LINE__);
        assert_str_(redirect_location(s->arena, once), str_from(targets[i].location), __FILE__, __LINE__);
        assert_int_equal(redirect_target(s->arena, ORIGIN, once, &again, &p), RC_OK);
        assert_str_(again, once, __FILE__, __LINE__);
    }
}

static void test_long_addresses(void **state) {
    struct station *s = *state;
    char typed[5000];
    struct str out;
    struct problem p;
    memset(typed, 'a', sizeof typed);
    typed[0] = '/';
    assert_int_equal(redirect_source(s->arena, ORIGIN, (struct str){typed, 1000}, &out, &p), RC_OK);
    assert_int_equal(redirect_source(s->arena, ORIGIN, (struct str){typed, 1001}, &out, &p), RC_INVALID);
    assert_string_equal(p.text, "redirect_source_long");
    assert_int_equal(redirect_target(s->arena, ORIGIN, (struct str){typed, sizeof typed}, &out, &p), RC_INVALID);
    assert_string_equal(p.text, "redirect_target_long");
    assert_false(redirect_asked(s->arena, (struct str){typed, sizeof typed}, STR_NONE, &out));
    assert_false(redirect_asked(s->arena, STR("/x"), (struct str){typed, sizeof typed}, &out));
    assert_true(redirect_asked(s->arena, STR("/lite/en/%D8%A3/"), STR("b&utm_medium=x&a=1"), &out));
    assert_str_(out, STR("/en/أ?a=1&b="), __FILE__, __LINE__);
    assert_true(redirect_location(s->arena, STR("http://other.example/")).n == 0);
    assert_true(redirect_location(s->arena, STR("//other.example/")).n == 0);
    assert_true(redirect_location(s->arena, STR("javascript:x")).n == 0);
}

static void test_lines(void **state) {
    (void)state;
    struct str text =
        STR("\n# from  to\n/a\t/b\n  /c   https://other.example/d  \n/e gone\n/f\t410\n/g\n/h /i /j\n\n/k\t GONE\n");
    static const struct {
        unsigned number;
        const char *source, *target; // NULL: not sound
    } expected[] = {{3, "/a", "/b"}, {4, "/c", "https://other.example/d"},
                    {5, "/e", ""},   {6, "/f", ""},
                    {7, NULL, NULL}, {8, NULL, NULL},
                    {10, "/k", ""}};
    struct redirect_line line = {.number = 0};
    size_t n = 0;
    for (; redirect_line_next(&text, &line); n++) {
        assert_true(n < sizeof expected / sizeof expected[0]);
        assert_int_equal(line.number, expected[n].number);
        assert_int_equal(line.sound, expected[n].source != NULL);
        if (!line.sound)
            continue;
        assert_str_(line.source, str_from(expected[n].source), __FILE__, __LINE__);
        assert_str_(line.target, str_from(expected[n].target), __FILE__, __LINE__);
    }
    assert_int_equal(n, sizeof expected / sizeof expected[0]);
}

// ---- saved ---------------------------------------------------------------------------------------------------------------

struct saving {
    struct station *s;
    struct redirect_order order;
    struct redirect_edited edited;
    struct problem problem;
};

static bool may_all(void *arg, struct str source, struct str target) {
    (void)arg, (void)source, (void)target;
    return true;
}

static enum rc job_edit(struct db *db, void *arg) {
    struct saving *j = arg;
    struct audit_who who = {.name = STR("a test")};
    return redirect_edit(j->s->arena, db, &who, &j->order, &j->edited, &j->problem);
}

// "" and the key of what is wrong.
static const char *save(struct station *s, const char *source, const char *target) {
    static struct saving j;
    j = (struct saving){.s = s};
    j.order = (struct redirect_order){.origin = ORIGIN,
                                      .languages = (1u << LANG_COUNT) - 1,
                                      .now_us = NOW,
                                      .source = str_from(source),
                                      .target = str_from(target),
                                      .may = may_all};
    enum rc rc = store_write(s->store, STORE_DURABLE, job_edit, &j);
    assert_true(rc == RC_OK || j.problem.text[0] != '\0');
    return rc == RC_OK ? "" : j.problem.text;
}

static void leads(struct station *s, const char *path, const char *query, const char *target) {
    struct redirect r;
    enum rc rc = redirect_find(s->arena, s->reader, str_from(path), str_from(query), &r);
    if (target == NULL) {
        assert_int_equal(rc, RC_NOT_FOUND);
        return;
    }
    assert_int_equal(rc, RC_OK);
    assert_str_(r.target, str_from(target), __FILE__, __LINE__);
}

static void test_what_is_live(void **state) {
    struct station *s = *state;
    struct job *j = MEM_NEW(struct job);
    struct article art = newsroom_article(s, LANG_EN, "One", NOW - HOUR);
    struct str section = newsroom_section(s, LANG_EN).slug;
    j->s = s;
    j->art = &art;
    assert_int_equal(newsroom_write(j, job_save), RC_OK);
    mem_free(j);
    const struct {
        struct str address;
        bool live;
    } cases[] = {
        {STR("/"), true},
        {STR("/?p=3"), false},
        {STR("/en"), true},
        {STR("/en/"), true},
        {STR("/lite/en"), true},
        {STR("/xx"), false},
        {STR("/desk/redirects"), true},
        {STR("/feeds/en/all.rss"), true},
        {STR("/index.php"), false},
        {STR("/en/archive/2020"), true},
        {STR("/en/search?q=x"), true},
        {STR("/en/company-profile"), true},
        {STR("/en/Company-Profile#top"), true},
        {STR("/en/company-profile/none"), false},
        {STR("/en/tag/none"), false},
        {STR("/en/author/none"), false},
        {STR("/en/none"), false},
        {str_fmt(s->arena, "/en/%.*s", STR_ARG(section)), true},
        {str_fmt(s->arena, "/en/%.*s/%lld-whatever", STR_ARG(section), (long long)art.number), true},
        {str_fmt(s->arena, "/en/%.*s/%lld", STR_ARG(section), (long long)art.number + 1), false},
        {str_fmt(s->arena, "/en/%.*s/x%lld", STR_ARG(section), (long long)art.number), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (address_is_live(s->reader, 1u << LANG_EN, cases[i].address, NOW) != cases[i].live)
            fail_msg("%.*s", STR_ARG(cases[i].address));
    assert_false(address_is_live(s->reader, 1u << LANG_DE, STR("/en/"), NOW));
}

static void test_nobody_is_sent_on_twice(void **state) {
    struct station *s = *state;
    assert_string_equal(save(s, "/en/company-profile", "/en/"), "redirect_source_live");
    assert_string_equal(save(s, "/desk/x", "/en/"), "redirect_source_live");
    assert_string_equal(save(s, "/old/a", "/en/none"), "redirect_target_nowhere");
    assert_string_equal(save(s, "/old/a", "/old/a?x=1"), "redirect_target_loop");
    assert_string_equal(save(s, "/old/a", "/en/company-profile#who"), "");
    assert_string_equal(save(s, "/old/a/", ""), "redirect_source_taken");
    // What leads to one that leads on is taken to its end.
    assert_string_equal(save(s, "/old/b", "/old/a"), "");
    leads(s, "/old/b", "", "/en/company-profile#who");
    assert_string_equal(save(s, "/old/c?id=2&x=1", "/old/b?whatever=1"), "");
    leads(s, "/old/c", "x=1&id=2", "/en/company-profile#who");
    leads(s, "/old/c", "", NULL);
    leads(s, "/old/a", "id=7", "/en/company-profile#who");
    // And what is gone is not led to.
    assert_string_equal(save(s, "/old/gone", ""), "");
    leads(s, "/old/gone", "", "");
    assert_string_equal(save(s, "/old/d", "/old/gone"), "redirect_target_gone");
}

// Those that led to what has become a source itself are taken along, wherever in it they led.
static enum rc job_plant(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "INSERT INTO redirects (id, source, target, made_at, version, hits, hit_at) VALUES "
                             "(1, '/x/1', '/en/former', 1, 1, 0, 0), (2, '/x/2', '/en/former#part', 1, 1, 0, 0), "
                             "(3, '/x/3', '/en/former?part=2', 1, 1, 0, 0), (4, '/x/4', '/en/formerly', 1, 1, 0, 0)"));
}

static void test_taken_along(void **state) {
    struct station *s = *state;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_plant, NULL), RC_OK);
    assert_string_equal(save(s, "/en/former", "/x/1"), "redirect_target_loop");
    assert_string_equal(save(s, "/en/former?part=2", "https://other.example/two"), "");
    leads(s, "/x/3", "", "https://other.example/two");
    leads(s, "/x/1", "", "/en/former");
    assert_string_equal(save(s, "/en/former", "/en/company-profile"), "");
    leads(s, "/x/1", "", "/en/company-profile");
    leads(s, "/x/2", "", "/en/company-profile");
    leads(s, "/x/3", "", "https://other.example/two");
    leads(s, "/x/4", "", "/en/formerly");
}

static void test_hits(void **state) {
    struct station *s = *state;
    struct redirect_hits *h = redirect_hits_new();
    struct redirect r;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_plant, NULL), RC_OK);
    assert_int_equal(redirect_hits_flush(h, s->store), RC_OK);
    for (int64_t id = 1; id < 2000; id++) // more than it has room for, and some that are none
        redirect_hits_add(h, id);
    redirect_hits_add(h, 2);
    assert_int_equal(redirect_hits_flush(h, s->store), RC_OK);
    assert_int_equal(redirect_hits_flush(h, s->store), RC_OK);
    assert_int_equal(redirect_by_id(s->arena, s->reader, 2, &r), RC_OK);
    assert_int_equal(r.hits, 2);
    assert_true(r.hit_at > 0);
    redirect_hits_free(&h);
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {NEWSROOM_TEST(test_one_form),    NEWSROOM_TEST(test_long_addresses),
                                       NEWSROOM_TEST(test_lines),       NEWSROOM_TEST(test_what_is_live),
                                       NEWSROOM_TEST(test_taken_along), NEWSROOM_TEST(test_nobody_is_sent_on_twice),
                                       NEWSROOM_TEST(test_hits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
