// SPDX-License-Identifier: AGPL-3.0-or-later
// The page cache: a fresh page is a hit, a changed one never is, and many readers cause one render.
#include "render/page_cache.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <cmocka.h>

// Stands in for the server's: a waiter here is a pair of counters.
struct http_waiter {
    _Atomic int woken, stored;
};
void http_waiter_wake(struct http_waiter *waiter, bool stored) {
    if (stored) {
        atomic_fetch_add(&waiter->stored, 1);
    }
    atomic_fetch_add(&waiter->woken, 1);
}

static struct http_waiter *waiter_give(void *context) {
    return context;
}

static struct http_request request_of(const char *target) {
    struct http_request req = {.method = HTTP_GET, .target = str_from(target)};
    size_t mark = req.target.n;
    if (str_find_char(req.target, '?', &mark)) {
        req.query = str_slice(req.target, mark + 1, req.target.n);
    }
    req.path = str_slice(req.target, 0, mark);
    return req;
}

static struct http_page *page_of(struct str body) {
    return http_page_new(
        &(struct http_page_parts){.status = 200, .content_type = STR("text/plain"), .body = body, .etag = body});
}

static enum http_lookup look(struct site *site, const char *target, struct http_waiter *waiter) {
    struct http_request req = request_of(target);
    struct http_page *page = NULL;
    enum http_lookup answer = page_cache_lookup(site, &req, &page, waiter_give, waiter);
    assert_int_equal(answer == HTTP_LOOKUP_HIT, page != NULL);
    http_page_unref(&page);
    return answer;
}

// What is sent before the address's row is looked for.
static bool is_ready(struct site *site, const char *target) {
    struct http_request req = request_of(target);
    struct http_page *page = page_cache_ready(site, &req);
    bool there = page != NULL;
    http_page_unref(&page);
    return there;
}

static bool store(struct site *site, const char *target, const struct render_uses *uses, bool canonical) {
    struct http_request req = request_of(target);
    struct http_page *page = page_of(STR("body"));
    bool kept = page_cache_store(site->cache, &req, page, uses, canonical);
    http_page_unref(&page);
    return kept;
}

static void test_one_render_for_many(void **state) {
    (void)state;
    struct site site = {.cache = page_cache_new(1 << 20)};
    struct http_waiter a = {0}, b = {0};
    struct render_uses uses;
    assert_false(is_ready(&site, "/en/")); // and begins nothing
    assert_int_equal(look(&site, "/en/", NULL), HTTP_LOOKUP_DISPATCH);
    assert_false(is_ready(&site, "/en/"));
    assert_int_equal(look(&site, "/en/", &a), HTTP_LOOKUP_WAIT);
    assert_int_equal(look(&site, "/en/?", &b), HTTP_LOOKUP_WAIT);
    assert_int_equal(look(&site, "/id/", NULL), HTTP_LOOKUP_DISPATCH);
    render_uses_init(&uses);
    render_use(&uses, EDITION_FRONT, LANG_EN);
    assert_true(store(&site, "/en/", &uses, false));
    assert_int_equal(a.woken, 1);
    assert_int_equal(a.stored, 1);
    assert_int_equal(b.stored, 1);
    assert_int_equal(look(&site, "/en/", NULL), HTTP_LOOKUP_HIT);
    assert_true(is_ready(&site, "/en/"));
    struct http_request req = request_of("/id/");
    page_cache_lookup_over(&site, &req);
    struct page_cache_stats stats;
    page_cache_get_stats(site.cache, &stats);
    assert_int_equal(stats.hits, 2);
    assert_int_equal(stats.renders, 2);
    assert_int_equal(stats.waits, 2);
    assert_int_equal(stats.pages, 1);
    page_cache_free(&site.cache);
    assert_null(site.cache);
}

static void test_a_change_ends_the_page(void **state) {
    (void)state;
    struct site site = {.cache = page_cache_new(1 << 20)};
    struct render_uses uses;
    render_uses_init(&uses);
    render_use(&uses, EDITION_ITEM, 7);
    render_use(&uses, EDITION_FRAME, LANG_EN);
    assert_true(store(&site, "/en/a", &uses, false));
    edition_raise(EDITION_ITEM, 8, false);
    assert_true(page_cache_holds(site.cache, STR("/en/a")));
    edition_raise(EDITION_FRAME, LANG_EN, false);
    assert_false(page_cache_holds(site.cache, STR("/en/a")));
    assert_false(is_ready(&site, "/en/a"));
    assert_int_equal(look(&site, "/en/a", NULL), HTTP_LOOKUP_DISPATCH);
    struct http_waiter waiter = {0};
    assert_int_equal(look(&site, "/en/a", &waiter), HTTP_LOOKUP_WAIT);
    // Rendered from before the change: not kept, and one of those who wait tries again.
    assert_false(store(&site, "/en/a", &uses, false));
    assert_int_equal(waiter.stored, 1);
    assert_int_equal(look(&site, "/en/a", NULL), HTTP_LOOKUP_DISPATCH);
    // One that readers asked for until it changed goes before what nobody had in memory.
    render_uses_init(&uses);
    render_use(&uses, EDITION_FRAME, LANG_EN);
    assert_true(store(&site, "/en/b", &uses, false));
    assert_int_equal(look(&site, "/en/b", NULL), HTTP_LOOKUP_HIT);
    edition_raise(EDITION_FRAME, LANG_EN, false);
    assert_int_equal(look(&site, "/en/b", NULL), HTTP_LOOKUP_SOON);
    struct http_request req = request_of("/en/a"), other = request_of("/en/b");
    page_cache_lookup_over(&site, &req);
    page_cache_lookup_over(&site, &other);
    page_cache_free(&site.cache);
}

static void test_until(void **state) {
    (void)state;
    struct site site = {.cache = page_cache_new(1 << 20)};
    struct render_uses uses;
    render_uses_init(&uses);
    render_until(&uses, clock_now_us() + US_PER_DAY);
    assert_true(store(&site, "/en/later", &uses, false));
    assert_int_equal(look(&site, "/en/later", NULL), HTTP_LOOKUP_HIT);
    render_until(&uses, clock_now_us() - 1);
    struct http_waiter waiter = {0};
    assert_int_equal(look(&site, "/en/over", NULL), HTTP_LOOKUP_DISPATCH);
    assert_int_equal(look(&site, "/en/over", &waiter), HTTP_LOOKUP_WAIT);
    assert_false(store(&site, "/en/over", &uses, false));
    assert_int_equal(waiter.woken, 1);
    assert_int_equal(waiter.stored, 0);
    page_cache_free(&site.cache);
}

static void test_too_many_uses(void **state) {
    (void)state;
    struct site site = {.cache = page_cache_new(1 << 20)};
    struct render_uses uses;
    render_uses_init(&uses);
    for (int64_t i = 0; i < 4000 && !uses.too_many; i++) {
        render_use(&uses, EDITION_ITEM, i);
    }
    assert_true(uses.too_many);
    assert_int_equal(uses.count, RENDER_USES_MAX);
    assert_true(store(&site, "/en/much", &uses, false));
    assert_true(page_cache_holds(site.cache, STR("/en/much")));
    edition_raise(EDITION_TAG, 99999, false); // anything at all
    assert_false(page_cache_holds(site.cache, STR("/en/much")));
    page_cache_free(&site.cache);
}

static void test_queries_fill_nothing(void **state) {
    (void)state;
    struct site site = {.cache = page_cache_new(1 << 20)};
    struct render_uses uses;
    render_uses_init(&uses);
    assert_int_equal(look(&site, "/en/a?utm=1", NULL), HTTP_LOOKUP_DISPATCH);
    assert_int_equal(look(&site, "/en/a?utm=1", NULL), HTTP_LOOKUP_DISPATCH);
    assert_false(store(&site, "/en/a?utm=1", &uses, false));
    assert_false(page_cache_holds(site.cache, STR("/en/a?utm=1")));
    assert_true(store(&site, "/en/a?before=9", &uses, true));
    assert_int_equal(look(&site, "/en/a?before=9", NULL), HTTP_LOOKUP_HIT);
    assert_int_equal(look(&site, "/en/a?before=8", NULL), HTTP_LOOKUP_DISPATCH);
    struct http_request post = request_of("/en/a?before=9");
    post.method = HTTP_POST;
    struct http_page *page;
    assert_int_equal(page_cache_lookup(&site, &post, &page, waiter_give, NULL), HTTP_LOOKUP_DISPATCH);
    page_cache_free(&site.cache);
}

static void test_eviction_keeps_what_is_asked_for(void **state) {
    (void)state;
    enum { ROOM = 256 << 10 };
    struct site site = {.cache = page_cache_new(ROOM)};
    struct render_uses uses;
    struct page_cache_stats stats;
    char target[32];
    render_uses_init(&uses);
    assert_true(store(&site, "/en/hot", &uses, false));
    for (int i = 0; i < 5000; i++) {
        assert_true(snprintf(target, sizeof(target), "/en/%d", i) > 0);
        assert_true(store(&site, target, &uses, false));
        assert_int_equal(look(&site, "/en/hot", NULL), HTTP_LOOKUP_HIT);
    }
    page_cache_get_stats(site.cache, &stats);
    assert_true(stats.bytes <= ROOM);
    assert_true(stats.pages > 10);
    assert_int_equal(stats.pages + stats.evicted, 5001);
    assert_true(page_cache_holds(site.cache, STR("/en/4999")));
    assert_false(page_cache_holds(site.cache, STR("/en/0")));
    page_cache_free(&site.cache);
}

static void store_packed(struct site *site, const char *target) {
    static char body[20000];
    struct render_uses uses;
    render_uses_init(&uses);
    struct http_request req = request_of(target);
    req.gzip = true;
    struct http_page *page = http_page_new(
        &(struct http_page_parts){.status = 200, .body = {body, sizeof(body)}, .etag = STR("e"), .compress = true});
    assert_true(page_cache_store(site->cache, &req, page, &uses, false));
    http_page_unref(&page);
}

// A reader without gzip makes a page larger; the memory agreed on stays the same.
static void test_plain_readers_make_pages_heavier(void **state) {
    (void)state;
    enum { ROOM = 256 << 10, PAGES = 40 };
    struct site site = {.cache = page_cache_new(ROOM)};
    struct page_cache_stats packed, plain;
    char target[32];
    for (int i = 0; i < PAGES; i++) {
        assert_true(snprintf(target, sizeof(target), "/en/%d", i) > 0);
        store_packed(&site, target);
    }
    page_cache_get_stats(site.cache, &packed);
    assert_int_equal(packed.pages, PAGES);
    assert_int_equal(look(&site, "/en/39", NULL), HTTP_LOOKUP_HIT);
    assert_int_equal(look(&site, "/en/39", NULL), HTTP_LOOKUP_HIT);
    page_cache_get_stats(site.cache, &plain);
    assert_int_equal(plain.bytes, packed.bytes + 20000);
    for (int i = 0; i < PAGES; i++) {
        assert_true(snprintf(target, sizeof(target), "/en/%d", i) > 0);
        if (page_cache_holds(site.cache, str_from(target)))
            assert_int_equal(look(&site, target, NULL), HTTP_LOOKUP_HIT);
    }
    page_cache_get_stats(site.cache, &plain);
    assert_true(plain.evicted > 0 && plain.bytes <= ROOM);
    page_cache_free(&site.cache);
}

static void test_too_big_is_not_kept(void **state) {
    (void)state;
    struct site site = {.cache = page_cache_new(4096)};
    struct render_uses uses;
    render_uses_init(&uses);
    struct http_request req = request_of("/en/big");
    char *body = mem_new(10000);
    struct http_page *page = page_of((struct str){body, 10000});
    assert_false(page_cache_store(site.cache, &req, page, &uses, false));
    http_page_unref(&page);
    mem_free(body);
    page_cache_free(&site.cache);
}

// ---- threads ---------------------------------------------------------------------------------------------------------

// Each page carries in its ETag the number of the change it was made from. The changer publishes a number only after
// edition_raise has returned: whoever read it before asking must not be given an older page.
enum { THREADS = 4, ROUNDS = 20000, CHANGES = 2000, ITEMS = 5 };
struct scene {
    struct site site;
    _Atomic uint64_t data[ITEMS], announced[ITEMS];
    _Atomic uint64_t old_pages, hits, answers;
    _Atomic bool done;
};

static void render(struct scene *sc, const struct http_request *req, int item) {
    struct render_uses uses;
    char number[24];
    render_uses_init(&uses);
    render_use(&uses, EDITION_ITEM, 1000 + item);
    int n = snprintf(number, sizeof(number), "%llu", (unsigned long long)atomic_load(&sc->data[item]));
    struct http_page *page = page_of((struct str){number, (size_t)n});
    (void)page_cache_store(sc->site.cache, req, page, &uses, false);
    http_page_unref(&page);
}

static void *reader(void *arg) {
    struct scene *sc = arg;
    for (int i = 0; i < ROUNDS; i++) {
        int item = i % ITEMS;
        char target[16];
        (void)snprintf(target, sizeof(target), "/en/%d", item);
        struct http_request req = request_of(target);
        struct http_page *page = NULL;
        struct http_waiter waiter = {0};
        uint64_t known = atomic_load(&sc->announced[item]), shown = 0;
        switch (page_cache_lookup(&sc->site, &req, &page, waiter_give, &waiter)) {
        case HTTP_LOOKUP_HIT:
            assert_true(str_to_u64(http_page_etag(page), &shown));
            atomic_fetch_add(&sc->old_pages, shown < known);
            atomic_fetch_add(&sc->hits, 1);
            break;
        case HTTP_LOOKUP_SOON:
        case HTTP_LOOKUP_DISPATCH:
            if (i % 7 == 0) {
                page_cache_lookup_over(&sc->site, &req); // a handler that failed
            } else {
                render(sc, &req, item);
            }
            break;
        case HTTP_LOOKUP_WAIT:
            while (atomic_load(&waiter.woken) == 0) {
                sched_yield();
            }
            break;
        }
        http_page_unref(&page);
        atomic_fetch_add(&sc->answers, 1);
    }
    return NULL;
}

static void *changer(void *arg) {
    struct scene *sc = arg;
    for (uint64_t i = 1; i <= CHANGES; i++) {
        int item = (int)(i % ITEMS);
        atomic_store(&sc->data[item], i);
        edition_raise(EDITION_ITEM, 1000 + item, false);
        atomic_store(&sc->announced[item], i);
        sched_yield();
    }
    return NULL;
}

static void test_no_old_page_after_a_change(void **state) {
    (void)state;
    struct scene sc = {.site = {.cache = page_cache_new(1 << 20)}};
    pthread_t threads[THREADS + 1];
    for (int i = 0; i <= THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i < THREADS ? reader : changer, &sc), 0);
    }
    for (int i = 0; i <= THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(sc.old_pages, 0);
    assert_true(sc.hits > 0);
    assert_int_equal(sc.answers, THREADS * ROUNDS);
    page_cache_free(&sc.site.cache); // no flight was left behind
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_render_for_many),
        cmocka_unit_test(test_a_change_ends_the_page),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_too_many_uses),
        cmocka_unit_test(test_queries_fill_nothing),
        cmocka_unit_test(test_eviction_keeps_what_is_asked_for),
        cmocka_unit_test(test_plain_readers_make_pages_heavier),
        cmocka_unit_test(test_too_big_is_not_kept),
        cmocka_unit_test(test_no_old_page_after_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
