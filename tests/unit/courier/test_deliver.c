// SPDX-License-Identifier: AGPL-3.0-or-later
// Which servers the parameters may name, and how they are taken apart.
#include "../check.h"

#include "courier/inside.h"

static const struct {
    const char *url;
    bool smtp, hook;
} urls[] = {
    {"smtp://mail.example.org", true, false},
    {"smtp://mail.example.org:2525", true, false},
    {"smtps://[2001:db8::1]:465", true, false},
    {"smtp://mail.example.org/", false, false},
    {"smtp://mail.example.org/x", false, false},
    {"smtp://user@mail.example.org", false, false},
    {"smtp://mail.example.org:0", false, false},
    {"smtp://mail.example.org:65536", false, false},
    {"smtp://mail.example.org:", false, false},
    {"smtp://", false, false},
    {"smtp://:25", false, false},
    {"smtp:mail", false, false},
    {"mail.example.org", false, false},
    {"ftp://mail.example.org", false, false},
    {"smtp://mail.example.org:25\r\nQUIT", false, false},
    {"https://www.example.org/news?x=1", false, true},
    {"https://www.example.org", false, true},
    {"http://www.example.org/", false, false}, // readable on the way
    {"http://127.0.0.1:8000/news", false, true},
    {"http://localhost/news", false, true},
    {"http://[::1]:8000/", false, true},
    {"http://localhost.example.org/", false, false},
    {"http://127.evil.example.org/", false, false},
    {"https://a:b@www.example.org/", false, false},
    {"https://www.example.org/a b", false, false},
};

static void only_servers_that_can_be_trusted_may_be_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        if (courier_smtp_server_ok(urls[i].url) != urls[i].smtp || courier_hook_url_ok(urls[i].url) != urls[i].hook)
            fail_msg("%s", urls[i].url);
}

static void a_server_has_a_host_and_a_port(void **state) {
    (void)state;
    struct courier_server s;
    assert_int_equal(courier_server_of("smtps://[::1]:4650", &s), RC_OK);
    assert_true(str_eq(s.scheme, STR("smtps")) && str_eq(s.host, STR("[::1]")) && s.port == 4650 && s.loopback);
    assert_int_equal(courier_server_of("smtp://mail.example.org", &s), RC_OK);
    assert_true(str_eq(s.host, STR("mail.example.org")) && s.port == 587 && !s.loopback);
    assert_int_equal(courier_server_of("https://www.example.org/a:b", &s), RC_OK);
    assert_true(str_eq(s.host, STR("www.example.org")) && s.port == 443);
}

static void a_kind_can_be_delivered_when_its_server_is_named(void **state) {
    (void)state;
    struct courier_process c = {.smtp_server = "smtp://x", .mail_from = "", .hook_url = ""};
    assert_false(courier_can(&c, STR("mail")));
    c.mail_from = "desk@station.test";
    assert_true(courier_can(&c, STR("mail")));
    assert_false(courier_can(&c, STR("hook")));
    assert_false(courier_can(&c, STR("pigeon")));
    c.hook_url = "https://x";
    assert_true(courier_can(&c, STR("hook")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_servers_that_can_be_trusted_may_be_named),
        cmocka_unit_test(a_server_has_a_host_and_a_port),
        cmocka_unit_test(a_kind_can_be_delivered_when_its_server_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
