// SPDX-License-Identifier: AGPL-3.0-or-later
// One canonical address per thing.
#include "render/render.h"

#include <setjmp.h>
#include <cmocka.h>

static void is(struct str address, const char *wanted) {
    assert_int_equal(address.n, strlen(wanted));
    assert_string_equal(address.p, wanted);
}

static void test_addresses(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct article_card card = {.number = 22183, .lang = LANG_EN, .slug = STR("myanmar"), .section_slug = STR("news")};
    struct article art = {.number = 22183, .lang = LANG_EN, .slug = STR("myanmar"), .section = {.slug = STR("news")}};
    is(link_front(a, LANG_ID), "/id/");
    is(link_article(a, &card), "/en/news/22183-myanmar");
    is(link_article_of(a, &art), "/en/news/22183-myanmar");
    card.slug = STR_NONE;
    is(link_article(a, &card), "/en/news/22183");
    is(link_short(a, 22183), "/n/22183");
    is(link_section(a, LANG_ZH, STR("news")), "/zh/news");
    is(link_tag(a, LANG_EN, STR("a b/c")), "/en/tag/a%20b%2Fc");
    is(link_person(a, LANG_EN, STR("ann")), "/en/author/ann");
    is(link_page(a, LANG_EN, STR("company-profile/history")), "/en/company-profile/history");
    is(link_archive(a, LANG_EN, 0, 0, 0), "/en/archive");
    is(link_archive(a, LANG_EN, 2022, 0, 0), "/en/archive/2022");
    is(link_archive(a, LANG_EN, 2022, 9, 0), "/en/archive/2022/09");
    is(link_archive(a, LANG_EN, 2022, 9, 5), "/en/archive/2022/09/05");
    is(link_search(a, LANG_EN, STR_NONE), "/en/search");
    is(link_search(a, LANG_EN, STR("a&b")), "/en/search?q=a%26b");
    is(link_live(a, LANG_AR), "/ar/live");
    is(link_media(a, STR("abcd"), STR("webp")), "/media/abcd.webp");
    is(link_lite(a, STR("/en/")), "/lite/en/");
    is(link_mail(a, STR("rosa@reader.example")), "mailto:rosa@reader.example");
    is(link_mail(a, STR("a?bcc=b&c#d%0d%0a+e@x.example")), "mailto:a%3Fbcc%3Db%26c%23d%250d%250a%2Be@x.example");
    is(link_mail(a, STR("a@b@c")), "mailto:a@b%40c");
    is(link_feed(a, LANG_EN, "all", STR_NONE, "rss"), "/feeds/en/all.rss");
    is(link_feed(a, LANG_EN, "section", STR("news"), "atom"), "/feeds/en/section/news.atom");
    is(link_absolute(a, STR("https://www.example.org"), STR("/en/")), "https://www.example.org/en/");
    is(link_absolute(a, STR("https://www.example.org"), STR("https://b.example/")), "https://b.example/");
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
