// SPDX-License-Identifier: AGPL-3.0-or-later
// Orders and reports arrive as they were sent, and nothing else is taken for one.
#include "../check.h"

#include "courier/courier.h"
#include "net/net.h"

static void an_order_arrives_as_it_was_sent(void **state) {
    (void)state;
    struct courier_order order = {STR("mail"), STR("link-1"), STR("{}")}, got;
    struct buf b;
    buf_init(&b, NET_MESSAGE_BYTES);
    assert_int_equal(courier_order_write(&b, &order), RC_OK);
    assert_int_equal(courier_order_read(buf_view(&b), &got), RC_OK);
    assert_true(str_eq(got.kind, order.kind) && str_eq(got.key, order.key) && str_eq(got.payload, order.payload));
    buf_clear(&b);
    static char much[NET_MESSAGE_BYTES];
    memset(much, 'x', sizeof much);
    order.payload = (struct str){much, sizeof much - 12};
    assert_int_equal(courier_order_write(&b, &order), RC_OK);
    buf_clear(&b);
    order.payload.n++;
    assert_int_equal(courier_order_write(&b, &order), RC_TOO_BIG);
    buf_fini(&b);
}

static void what_is_no_order_is_refused(void **state) {
    (void)state;
    static const struct str refused[] = {{"", 0},           {"mail", 4},         {"mail\0key", 8},
                                         {"\0key\0{}", 7},  {"mail\0\0{}", 8},   {"mail\0key\0", 9},
                                         {"a\0b\0c\0d", 7}, {"mail\0k\0\xff", 8}};
    struct courier_order got;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(courier_order_read(refused[i], &got), RC_INVALID);
}

static void a_report_is_one_printable_line(void **state) {
    (void)state;
    struct courier_report report = {COURIER_LATER, STR("no\r\nroute \xc3\xa4")}, got;
    struct buf b;
    buf_init(&b, COURIER_ERROR_MAX + 1);
    courier_report_write(&b, &report);
    assert_int_equal(courier_report_read(buf_view(&b), &got), RC_OK);
    assert_int_equal(got.outcome, COURIER_LATER);
    assert_true(str_eq(got.error, STR("no??route ??")));
    buf_clear(&b);
    static char much[1000];
    memset(much, 'x', sizeof much);
    report.error = (struct str){much, sizeof much};
    courier_report_write(&b, &report);
    assert_int_equal(courier_report_read(buf_view(&b), &got), RC_OK);
    assert_int_equal(got.error.n, COURIER_ERROR_MAX);
    buf_fini(&b);
    static const struct str refused[] = {{"", 0}, {"\0x", 2}, {"\4", 1}, {"\1a\nb", 4}, {"\1\x7f", 2}, {much, 400}};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(courier_report_read(refused[i], &got), RC_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_arrives_as_it_was_sent),
        cmocka_unit_test(what_is_no_order_is_refused),
        cmocka_unit_test(a_report_is_one_printable_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
