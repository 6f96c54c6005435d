// SPDX-License-Identifier: AGPL-3.0-or-later
// Every form in which the old site wrote its addresses, and what must not be taken for one.
#include "../record/station.h"

#include "news/news.h"

struct row {
    const char *path, *query;
    struct legacy_address want;
};
#define ITEM(n)                                                                                                        \
    { .kind = LEGACY_ITEM, .old_id = (n) }
#define CATEGORY(n)                                                                                                    \
    { .kind = LEGACY_CATEGORY, .old_id = (n) }
#define AUTHOR(n)                                                                                                      \
    { .kind = LEGACY_AUTHOR, .old_id = (n) }
#define FETCH(n)                                                                                                       \
    { .kind = LEGACY_DOWNLOAD, .old_id = (n) }
#define PAGE(n)                                                                                                        \
    { .kind = LEGACY_PAGE, .old_id = (n) }
#define TAG(t)                                                                                                         \
    {                                                                                                                  \
        .kind = LEGACY_TAG, .tag = {(t), sizeof(t) - 1 }                                                               \
    }
#define DAY(y, m, d)                                                                                                   \
    { .is_date = true, .year = (y), .month = (m), .day = (d) }
#define FIND(w)                                                                                                        \
    {                                                                                                                  \
        .is_search = true, .search = {(w), sizeof(w) - 1 }                                                             \
    }

static const struct row rows[] = {
    {"/index.php", "option=com_k2&view=item&id=22183", ITEM(22183)},
    {"/", "option=com_k2&view=item&id=22183", ITEM(22183)},
    {"/index.php", "option=com_k2&view=item&id=22183:myanmar-junta-chief", ITEM(22183)},
    {"/index.php", "option=com_k2&view=item&id=22183%3Amyanmar", ITEM(22183)},
    {"/index.php", "option=com_k2&view=item&id=22183&Itemid=502&lang=en", ITEM(22183)},
    {"/index.php", "option=com_k2&amp;view=item&amp;id=22183", ITEM(22183)},
    {"/index.php", "id=7&view=item&option=com_k2", ITEM(7)},
    {"/index.php", "option=com_k2&view=item&layout=item&id=22183", ITEM(22183)},
    {"/index.php",
     "option=com_k2&view=item&id=9&tmpl=component&print=1",
     {.kind = LEGACY_ITEM, .old_id = 9, .print = true}},
    {"/index.php", "option=com_k2&view=item&id=9&print=1", {.kind = LEGACY_ITEM, .old_id = 9, .print = true}},
    {"/index.php", "option=com_k2&view=item&task=download&id=12", FETCH(12)},
    {"/index.php", "option=com_k2&view=item&task=download&id=12_0cc175b9c0f1b6a8", FETCH(12)},
    {"/index.php", "option=com_k2&view=itemlist&task=category&id=14", CATEGORY(14)},
    {"/index.php", "option=com_k2&view=itemlist&task=category&id=14:international-news", CATEGORY(14)},
    {"/index.php", "option=com_k2&view=itemlist&layout=category&task=category&id=14&Itemid=5", CATEGORY(14)},
    {"/index.php",
     "option=com_k2&view=itemlist&task=category&id=14&format=feed",
     {.kind = LEGACY_CATEGORY, .old_id = 14, .feed = true}},
    {"/index.php",
     "option=com_k2&view=itemlist&task=category&id=14&limitstart=20",
     {.kind = LEGACY_CATEGORY, .old_id = 14, .start = 20}},
    {"/index.php",
     "option=com_k2&view=itemlist&task=category&id=14&start=40",
     {.kind = LEGACY_CATEGORY, .old_id = 14, .start = 40}},
    {"/index.php", "option=com_k2&view=itemlist&task=user&id=62", AUTHOR(62)},
    {"/index.php", "option=com_k2&view=itemlist&task=user&id=62:admin", AUTHOR(62)},
    {"/index.php", "option=com_k2&view=itemlist&task=tag&tag=Covid-19", TAG("Covid-19")},
    {"/index.php", "option=com_k2&view=itemlist&task=tag&tag=Asian+Games", TAG("Asian Games")},
    {"/index.php", "option=com_k2&view=itemlist&task=tag&tag=Asian%20Games", TAG("Asian Games")},
    {"/index.php", "option=com_k2&view=itemlist&task=date&year=2022&month=9", DAY(2022, 9, 0)},
    {"/index.php", "option=com_k2&view=itemlist&task=date&year=2022&month=9&day=5", DAY(2022, 9, 5)},
    {"/index.php", "option=com_k2&view=itemlist&task=search&searchword=junta", FIND("junta")},
    {"/index.php", "option=com_content&view=article&id=3", PAGE(3)},
    {"/index.php", "option=com_content&view=article&id=3:company-profile&catid=2", PAGE(3)},
    {"/component/k2/item/22183", "", ITEM(22183)},
    {"/component/k2/item/22183-myanmar-junta-chief-makes-another-visit", "", ITEM(22183)},
    {"/component/k2/item/22183-myanmar.html", "", ITEM(22183)},
    {"/component/k2/item/22183.html", "", ITEM(22183)},
    {"/index.php/component/k2/item/22183-myanmar", "", ITEM(22183)},
    {"/index.php/component/k2/item/22183-myanmar/", "", ITEM(22183)},
    {"/index.php/news/item/22183-myanmar", "", ITEM(22183)},
    {"/index.php/news/international/item/22183-myanmar", "", ITEM(22183)},
    {"/news/item/22183-2022-09-05-13-39-00", "", ITEM(22183)},
    {"/en/news/item/22183-myanmar", "", ITEM(22183)},
    {"/index.php/en/component/k2/item/22183-myanmar", "", ITEM(22183)},
    {"//news//item/22183-myanmar", "", ITEM(22183)},
    {"/news/item/22183-myanmar", "tmpl=component&print=1", {.kind = LEGACY_ITEM, .old_id = 22183, .print = true}},
    {"/news/item/22183-myanmar", "start=3", {.kind = LEGACY_ITEM, .old_id = 22183, .start = 3}},
    {"/component/k2/item/download/12_0cc175b9c0f1b6a831c399e269772661", "", FETCH(12)},
    {"/news/item/download/12", "", FETCH(12)},
    {"/component/k2/itemlist/category/14-international-news", "", CATEGORY(14)},
    {"/index.php/component/k2/itemlist/category/14", "", CATEGORY(14)},
    {"/news/itemlist/category/14-world.html", "", CATEGORY(14)},
    {"/news/itemlist/category/14-world", "format=feed&type=rss", {.kind = LEGACY_CATEGORY, .old_id = 14, .feed = true}},
    {"/news/itemlist/category/14-world", "start=100", {.kind = LEGACY_CATEGORY, .old_id = 14, .start = 100}},
    {"/component/k2/itemlist/user/62-admin", "", AUTHOR(62)},
    {"/component/k2/itemlist/user/62", "", AUTHOR(62)},
    {"/component/k2/itemlist/tag/Covid-19", "", TAG("Covid-19")},
    {"/component/k2/itemlist/tag/Asian%20Games", "", TAG("Asian Games")},
    {"/component/k2/itemlist/tag/Asian+Games.html", "", TAG("Asian Games")},
    {"/component/k2/itemlist/tag/%E5%8C%97%E4%BA%AC", "", TAG("\xe5\x8c\x97\xe4\xba\xac")},
    {"/component/k2/itemlist/tag/100%", "", TAG("100%")}, // what cannot be decoded is taken as it stands
    {"/component/k2/itemlist/date/2022/9", "", DAY(2022, 9, 0)},
    {"/component/k2/itemlist/date/2022/09/05", "", DAY(2022, 9, 5)},
    {"/component/k2/itemlist/date/2022/9/5.html", "", DAY(2022, 9, 5)},
    {"/component/k2/itemlist/search", "searchword=junta+chief", FIND("junta chief")},
    {"/component/k2/itemlist/search", "", FIND("")},
    {"/german/index.php", "option=com_k2&view=item&id=5", {.site = STR("german"), .kind = LEGACY_ITEM, .old_id = 5}},
    {"/german/index.php/component/k2/item/5-x", "", {.site = STR("german"), .kind = LEGACY_ITEM, .old_id = 5}},
    {"/german/component/k2/item/5-x", "", {.site = STR("german"), .kind = LEGACY_ITEM, .old_id = 5}},
    {"/arabic/news/item/5-x", "", {.site = STR("arabic"), .kind = LEGACY_ITEM, .old_id = 5}},
    {"/index.php/component/content/article/3-company-profile", "", PAGE(3)},
    // the advanced forms, without item and itemlist
    {"/news/22183-myanmar", "", ITEM(22183)},
    {"/news/world/22183-myanmar.html", "", ITEM(22183)},
    {"/index.php/news/22183-myanmar", "", ITEM(22183)},
    {"/index.php/en/news/22183-myanmar", "", ITEM(22183)},
    {"/news/22183/myanmar", "", ITEM(22183)},
    {"/news/world/22183/myanmar.html", "tmpl=component", {.kind = LEGACY_ITEM, .old_id = 22183, .print = true}},
    {"/german/nachrichten/5-x", "", {.site = STR("german"), .kind = LEGACY_ITEM, .old_id = 5}},
    {"/news/tag/Covid-19", "", TAG("Covid-19")},
    {"/news/date/2022/9/5", "", DAY(2022, 9, 5)},
    {"/index.php/news/author/62-admin", "", AUTHOR(62)},
    {"/news/search", "searchword=junta", FIND("junta")},
};

static const struct {
    const char *path, *query;
} foreign[] = {
    {"/", ""},
    {"/index.php", ""},
    {"/en/news/123-junta", ""},
    {"/en/news/123/junta", ""},
    {"/en/tag/coral", ""},
    {"/lite/en/news/123-junta", ""},
    {"/media/k2/items/cache/5-x.jpg", ""},
    {"/images/2022/5-x.jpg", ""},
    {"/22183-myanmar", ""},
    {"/news/22183", ""},
    {"/news/1234567890123-x", ""},
    {"/news/search", ""},
    {"/news/search/more", "searchword=junta"},
    {"/news/author/admin", ""},
    {"/news/date/2022/13", ""},
    {"/news/item", ""},
    {"/news/item/", ""},
    {"/news/item/abc", ""},
    {"/news/item/0-none", ""},
    {"/news/item/-5", ""},
    {"/news/item/1234567890123", ""},
    {"/news/item/12abc", ""},
    {"/news/item/5/more", ""},
    {"/news/itemlist", ""},
    {"/news/itemlist/category", ""},
    {"/news/itemlist/date/1500/1", ""},
    {"/news/itemlist/date/2022/13", ""},
    {"/news/itemlist/date/2022/1/2/3", ""},
    {"/news/itemlist/tag/", ""},
    {"/index.php", "option=com_k2"},
    {"/index.php", "option=com_k2&view=item"},
    {"/index.php", "option=com_k2&view=item&id="},
    {"/index.php", "option=com_k2&view=item&id=-1"},
    {"/index.php", "option=com_k2&view=itemlist&task=date"},
    {"/index.php", "option=com_users&view=item&id=5"},
    {"/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/item/5", ""},
};

static void test_old_forms(void **state) {
    (void)state;
    assert_true(sizeof rows / sizeof rows[0] >= 60);
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct legacy_address got;
        const struct legacy_address *w = &rows[i].want;
        enum rc rc = legacy_parse(a, str_from(rows[i].path), str_from(rows[i].query), &got);
        if (rc != RC_OK || !str_eq(got.site, w->site) || got.kind != w->kind || got.old_id != w->old_id ||
            !str_eq(got.tag, w->tag) || got.is_search != w->is_search || got.is_date != w->is_date ||
            got.feed != w->feed || got.print != w->print || !str_eq(got.search, w->search) || got.year != w->year ||
            got.month != w->month || got.day != w->day || got.start != w->start)
            fail_msg("%s?%s: %s, kind %d, id %lld, site \"%.*s\"", rows[i].path, rows[i].query, rc_name(rc),
                     (int)got.kind, (long long)got.old_id, STR_ARG(got.site));
    }
    arena_free(&a);
}

static void test_what_is_none(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct legacy_address got;
        if (legacy_parse(a, str_from(foreign[i].path), str_from(foreign[i].query), &got) != RC_NOT_FOUND)
            fail_msg("%s?%s was taken for an old address", foreign[i].path, foreign[i].query);
    }
    arena_free(&a);
}

int main(void) {
    station_main_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_old_forms), cmocka_unit_test(test_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
