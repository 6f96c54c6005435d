// SPDX-License-Identifier: AGPL-3.0-or-later
// From where readers came: what names a site, and that what was counted stands in the database once.
#include "station.h"

static void host_case(const char *address, const char *want) {
    char room[REFERRER_HOST_BYTES];
    struct str got = referrer_host(str_from(address), room);
    if (!str_eq(got, str_from(want)))
        fail_msg("%s: %.*s", address, STR_ARG(got));
}

static void test_the_host_of_an_address(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"https://news.example/", "news.example"},
        {"https://news.example", "news.example"},
        {"HTTPS://WWW.News.Example:8443/a?b#c", "news.example"},
        {"http://a-b.example?x", "a-b.example"},
        {"http://192.0.2.7/x", "192.0.2.7"},
        {"android-app://org.example.reader/", "org.example.reader"},
        {"https://xn--bcher-kva.example/", "xn--bcher-kva.example"},
        {"https://localhost/", ""},
        {"https://reader:secret@news.example/", ""},
        {"https://news.example@evil.example/", ""},
        {"https://.example/", ""},
        {"https://example./", ""},
        {"https://a..example/", ""},
        {"https://[2001:db8::1]/", ""},
        {"https://b\xc3\xbc"
         "cher.example/",
         ""},
        {"https://a b.example/", ""},
        {"https:///x", ""},
        {"https://", ""},
        {"ftp://news.example/", ""},
        {"//news.example/", ""},
        {"/en/", ""},
        {"", ""},
        {"javascript:alert(1)", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        host_case(cases[i][0], cases[i][1]);
    char longest[300] = "https://";
    memset(longest + 8, 'a', sizeof longest - 9);
    memcpy(longest + 8 + REFERRER_HOST_BYTES - 2, ".a", 3);
    char room[REFERRER_HOST_BYTES];
    assert_int_equal(referrer_host(str_from(longest), room).n, REFERRER_HOST_BYTES);
    memcpy(longest + 8 + REFERRER_HOST_BYTES - 2, "a.a", 4);
    assert_int_equal(referrer_host(str_from(longest), room).n, 0);
}

static int64_t number_of(struct db_stmt *st) {
    int64_t n = db_step(st) ? db_i64(st, 0) : -1;
    assert_int_equal(db_end(st), RC_OK);
    return n;
}

static int64_t reads_of(struct station *s, int64_t number, const char *host) {
    struct db_stmt *st =
        db_sql(s->reader, "SELECT CAST(SUM(d.reads) AS BIGINT) FROM referrer_hosts h "
                          "JOIN referrer_days d ON d.host_id = h.id WHERE h.host = $1 AND d.number = $2");
    db_bind_str(st, 1, str_from(host));
    db_bind_i64(st, 2, number);
    return number_of(st);
}

static void test_counts_are_moved_once(void **state) {
    struct station *s = *state;
    struct referrers *r = referrers_new();
    for (int i = 0; i < 3; i++)
        referrers_count(r, 7, STR("news.example"));
    referrers_count(r, 8, STR("news.example"));
    referrers_count(r, 7, STR("other.example"));
    referrers_count(r, 0, STR("other.example"));
    for (int i = 0; i < 2; i++)
        assert_int_equal(referrers_flush(r, s->store, s->zone), RC_OK);
    assert_int_equal(reads_of(s, 7, "news.example"), 3);
    assert_int_equal(reads_of(s, 8, "news.example"), 1);
    referrers_count(r, 7, STR("news.example"));
    assert_int_equal(referrers_flush(r, s->store, s->zone), RC_OK);
    assert_int_equal(reads_of(s, 7, "news.example"), 4);
    assert_int_equal(reads_of(s, 7, "other.example"), 1);
    referrers_free(&r);
}

static void count_invented(struct referrers *r, int from, int count) {
    char host[32];
    for (int i = from; i < from + count; i++) {
        int n = snprintf(host, sizeof host, "h%d.example", i);
        referrers_count(r, 1, (struct str){host, (size_t)n});
    }
}

// Whoever invents names fills neither memory nor disk.
static void test_both_rooms_are_bounded(void **state) {
    struct station *s = *state;
    struct referrers *r = referrers_new();
    count_invented(r, 0, 10000);
    assert_int_equal(referrers_flush(r, s->store, s->zone), RC_OK);
    int64_t one = number_of(db_sql(s->reader, "SELECT COUNT(*) FROM referrer_hosts"));
    assert_in_range(one, 1000, 4096);
    for (int from = 10000; from < 40000; from += 1000) {
        count_invented(r, from, 1000);
        assert_int_equal(referrers_flush(r, s->store, s->zone), RC_OK);
    }
    assert_int_equal(number_of(db_sql(s->reader, "SELECT COUNT(*) FROM referrer_hosts")), REFERRER_HOSTS_MAX);
    referrers_count(r, 1, STR("h1.example")); // one that is known
    assert_int_equal(referrers_flush(r, s->store, s->zone), RC_OK);
    assert_int_equal(reads_of(s, 1, "h1.example"), 2);
    referrers_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_host_of_an_address),
        STATION_TEST(test_counts_are_moved_once),
        STATION_TEST(test_both_rooms_are_bounded),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
