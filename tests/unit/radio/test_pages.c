// SPDX-License-Identifier: AGPL-3.0-or-later
// A page is answered whole, or not at all.
#include "../check.h"
#include "radio/inside.h"
#include "radio/pages.h"

static struct str answered(struct ask *ask, size_t most) {
    struct buf page;
    buf_init(&page, most);
    buf_c(&page, "<p>What there is to hear");
    buf_clear(&ask->client->out);
    page_answer(ask, "text/html", "X-Page: 1\r\n", &page);
    return buf_view(&ask->client->out);
}

static void test_a_page_that_is_too_long_is_refused(void **state) {
    (void)state;
    static struct radio radio; // too large for a stack
    struct client client = {.radio = &radio};
    struct request_head head = {.keep_alive = true};
    struct ask ask = {.client = &client, .head = &head, .arena = arena_new(1 << 16)};
    size_t at;
    buf_init(&client.out, 1 << 16);
    struct str answer = answered(&ask, 1000);
    assert_true(str_starts(answer, STR("HTTP/1.1 200 ")) && str_ends(answer, STR("\r\n\r\n<p>What there is to hear")));
    answer = answered(&ask, 10);
    assert_true(str_starts(answer, STR("HTTP/1.1 500 ")) && str_ends(answer, STR("longer than a page may be.\n")));
    assert_false(str_find(answer, STR("<p>"), &at) || str_find(answer, STR("X-Page"), &at));
    buf_fini(&client.out);
    arena_free(&ask.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_page_that_is_too_long_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
