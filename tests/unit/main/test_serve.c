// SPDX-License-Identifier: AGPL-3.0-or-later
// Which hosts are ours, by where the station listens and what its public origin is.
#include "../check.h"

#include "main/serve.h"

static void hosts(void **state) {
    (void)state;
    static const struct {
        const char *listen, *origin, *host;
        bool ours;
    } rows[] = {
        {"127.0.0.1:8080", "http://localhost:8080", "localhost:8080", true},
        {"127.0.0.1:8080", "http://localhost:8080", "127.0.0.1:8080", true},
        {"127.0.0.1:8080", "http://localhost:8080", "127.44.3.2:8080", true},
        {"127.0.0.1:8080", "http://localhost:8080", "[::1]:8080", true},
        {"127.0.0.1:8080", "http://localhost:8080", "localhost", false},
        {"127.0.0.1:8080", "http://localhost:8080", "localhost:8081", false},
        {"127.0.0.1:8080", "http://localhost:8080", "evil.example:8080", false},
        {"127.0.0.1:8080", "http://localhost:8080", "127.0.0.1.evil.example:8080", false},
        {"127.0.0.1:8080", "http://localhost:8080", "128.0.0.1:8080", false},
        {"127.0.0.1:8080", "http://localhost:8080", "", false},
        {"127.0.0.1:8080", "http://localhost:8080", ":8080", false},
        {"127.0.0.1:8080", "http://localhost:8080", "localhost:", false},
        {"127.0.0.1:80", "http://localhost:80", "localhost", true},
        {"127.0.0.1:8080", "https://www.example.org", "www.example.org", true},
        {"127.0.0.1:8080", "https://www.example.org", "www.example.org:443", true},
        {"127.0.0.1:8080", "https://www.example.org", "www.example.org:80", false},
        {"127.0.0.1:8080", "https://www.example.org", "www.example.org.", false},
        {"127.0.0.1:8080", "https://www.example.org", "xwww.example.org", false},
        {"127.0.0.1:8080", "https://www.example.org", "localhost:8080", true},
        {"10.0.0.1:8080", "https://www.example.org", "localhost:8080", false},
        {"10.0.0.1:8080", "https://www.example.org", "www.example.org", true},
        {"8080", "https://www.example.org", "localhost:8080", true},
        {"8080", "http://[2001:db8::1]:8080", "[2001:db8::1]:8080", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct serve s = {0};
        assert_int_equal(net_address_parse(str_from(rows[i].listen), &s.bound, NULL), RC_OK);
        assert_true(snprintf(s.origin, sizeof s.origin, "%s", rows[i].origin) > 0);
        if (serve_host_is_ours(&s, str_from(rows[i].host)) != rows[i].ours)
            fail_msg("row %zu: %s", i, rows[i].host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
