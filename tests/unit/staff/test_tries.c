// SPDX-License-Identifier: AGPL-3.0-or-later
// Guessing is slowed, the owner is not kept out, and what is tried fills nothing.
#include "house.h"

#include <pthread.h>

#define ANA STR("ana@example.org")
#define HOME STR("198.51.100.7")
#define AWAY STR("203.0.113.9")

static struct str address(char *room, size_t n, int i) {
    int written = snprintf(room, n, "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
    return (struct str){room, (size_t)written};
}

static void strangers_wait_longer_each_time_whatever_their_address(void **state) {
    (void)state;
    static const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct login_tries *t = login_tries_new();
    int64_t now = 1000 * SECOND;
    char room[40];
    assert_int_equal(login_tries_wait_ms(t, ANA, AWAY, false, now), 0);
    for (int i = 0; i < 9; i++) {
        login_tries_failed(t, ANA, address(room, sizeof room, i), false, now);
        struct str next = address(room, sizeof room, 1000 + i);
        assert_int_equal(login_tries_wait_ms(t, ANA, next, false, now), seconds[i] * 1000);
        assert_int_equal(login_tries_wait_ms(t, ANA, next, false, now + SECOND / 2), seconds[i] * 1000 - 500);
        assert_int_equal(login_tries_wait_ms(t, STR("ben@example.org"), next, false, now), 0);
        now += seconds[i] * SECOND;
        assert_int_equal(login_tries_wait_ms(t, ANA, next, false, now), 0);
    }
    assert_int_equal(login_tries_wait_ms(t, ANA, AWAY, false, now + 3600 * SECOND), 0);
    login_tries_failed(t, ANA, AWAY, false, now + 3600 * SECOND);
    assert_int_equal(login_tries_wait_ms(t, ANA, AWAY, false, now + 3600 * SECOND), 1000);
    login_tries_free(&t);
    assert_null(t);
}

static void strangers_do_not_keep_the_owner_out(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    int64_t now = 1000 * SECOND;
    login_tries_passed(t, ANA, HOME);
    for (int i = 0; i < 50; i++)
        login_tries_failed(t, ANA, AWAY, false, now);
    assert_true(login_tries_wait_ms(t, ANA, AWAY, false, now) > 0);
    assert_int_equal(login_tries_wait_ms(t, ANA, HOME, false, now), 0);            // the address is known
    assert_int_equal(login_tries_wait_ms(t, ANA, STR("192.0.2.1"), true, now), 0); // the device is
    assert_int_equal(login_tries_wait_ms(t, STR("ben@example.org"), HOME, false, now), 0);
    login_tries_free(&t);
}

static void a_known_device_has_ten_tries_and_a_new_start_after_success(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    int64_t now = 1000 * SECOND;
    for (int i = 0; i < 10; i++) {
        login_tries_failed(t, ANA, HOME, true, now);
        assert_int_equal(login_tries_wait_ms(t, ANA, HOME, true, now), 0);
    }
    login_tries_failed(t, ANA, HOME, true, now);
    assert_int_equal(login_tries_wait_ms(t, ANA, HOME, true, now), 1000);
    login_tries_failed(t, ANA, HOME, true, now);
    assert_int_equal(login_tries_wait_ms(t, ANA, HOME, true, now), 2000);
    login_tries_passed(t, ANA, HOME);
    assert_int_equal(login_tries_wait_ms(t, ANA, HOME, true, now), 0);
    login_tries_free(&t);
}

static void success_gives_strangers_no_new_start(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    int64_t now = 1000 * SECOND;
    for (int i = 0; i < 3; i++)
        login_tries_failed(t, ANA, AWAY, false, now);
    login_tries_passed(t, ANA, HOME);
    assert_int_equal(login_tries_wait_ms(t, ANA, AWAY, false, now), 4000);
    login_tries_free(&t);
}

static void one_address_that_tries_every_account_is_slowed(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    int64_t now = 1000 * SECOND;
    char room[40];
    for (int i = 0; i < 21; i++) {
        int n = snprintf(room, sizeof room, "user%d@example.org", i);
        assert_int_equal(login_tries_wait_ms(t, (struct str){room, (size_t)n}, AWAY, false, now), 0);
        login_tries_failed(t, (struct str){room, (size_t)n}, AWAY, false, now);
    }
    assert_int_equal(login_tries_wait_ms(t, ANA, AWAY, false, now), 1000);
    assert_int_equal(login_tries_wait_ms(t, ANA, HOME, false, now), 0);
    assert_int_equal(login_tries_wait_ms(t, ANA, AWAY, true, now), 0);
    login_tries_free(&t);
}

static void a_network_of_ipv6_counts_as_one(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    int64_t now = 1000 * SECOND;
    char room[80], login[40];
    for (int i = 0; i < 22; i++) {
        int n = snprintf(room, sizeof room, "2001:db8:1:2::%x", i + 1);
        int m = snprintf(login, sizeof login, "user%d@example.org", i);
        login_tries_failed(t, (struct str){login, (size_t)m}, (struct str){room, (size_t)n}, false, now);
    }
    assert_true(login_tries_wait_ms(t, ANA, STR("2001:db8:1:2:ffff:ffff:ffff:ffff"), false, now) > 0);
    assert_int_equal(login_tries_wait_ms(t, ANA, STR("2001:db8:1:3::1"), false, now), 0);
    assert_int_equal(login_tries_wait_ms(t, ANA, STR("::ffff:198.51.100.7"), false, now), 0);
    assert_int_equal(login_tries_wait_ms(t, ANA, STR(""), false, now), 0);
    login_tries_free(&t);
}

static void a_flood_forgets_the_oldest_and_grows_nothing(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    char room[40], login[40];
    for (int i = 0; i < 200000; i++) {
        int n = snprintf(login, sizeof login, "user%d@example.org", i);
        login_tries_failed(t, (struct str){login, (size_t)n}, address(room, sizeof room, i), false, i * SECOND / 1000);
    }
    int64_t now = 200 * SECOND;
    login_tries_failed(t, ANA, AWAY, false, now);
    assert_true(login_tries_wait_ms(t, ANA, AWAY, false, now) > 0);
    assert_int_equal(login_tries_wait_ms(t, STR("user0@example.org"), AWAY, false, now), 0);
    login_tries_free(&t);
}

static void a_ticket_is_spent_once(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    assert_true(login_ticket_spend(t, STR("a"), 0));
    assert_false(login_ticket_spend(t, STR("a"), 1));
    assert_true(login_ticket_spend(t, STR("b"), 1));
    login_tries_free(&t);
}

static void tickets_and_their_challenges(void **state) {
    (void)state;
    uint8_t key[32] = {1, 2, 3}, other[32] = {9}, challenge[32], again[32];
    char ticket[LOGIN_TICKET_CHARS + 1], second[LOGIN_TICKET_CHARS + 1];
    int64_t life = LOGIN_TICKET_MINUTES * MINUTE;
    login_ticket_make(key, NOW, ticket);
    login_ticket_make(key, NOW, second);
    assert_string_not_equal(ticket, second);
    assert_int_equal(login_ticket_challenge(key, str_from(ticket), NOW, challenge), RC_OK);
    assert_int_equal(login_ticket_challenge(key, str_from(ticket), NOW + life - 1, again), RC_OK);
    assert_memory_equal(challenge, again, 32);
    assert_int_equal(login_ticket_challenge(key, str_from(second), NOW, again), RC_OK);
    assert_memory_not_equal(challenge, again, 32);
    assert_int_equal(login_ticket_challenge(key, str_from(ticket), NOW + life, again), RC_GONE);
    assert_int_equal(login_ticket_challenge(key, str_from(ticket), NOW - 1, again), RC_GONE);
    assert_int_equal(login_ticket_challenge(other, str_from(ticket), NOW, again), RC_INVALID);
    assert_int_equal(login_ticket_challenge(key, STR(""), NOW, again), RC_INVALID);
    for (size_t i = 0; i < LOGIN_TICKET_CHARS - 1; i++) {
        char kept = ticket[i];
        ticket[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(login_ticket_challenge(key, str_from(ticket), NOW, again), RC_INVALID);
        ticket[i] = kept;
    }
}

static void *hammer(void *arg) {
    char room[40];
    for (int i = 0; i < 2000; i++) {
        struct str from = address(room, sizeof room, i);
        login_tries_failed(arg, ANA, from, i % 2 == 0, i);
        (void)login_tries_wait_ms(arg, ANA, from, false, i);
        if (i % 10 == 0)
            login_tries_passed(arg, ANA, from);
    }
    return NULL;
}

static void threads_may_share_it(void **state) {
    (void)state;
    struct login_tries *t = login_tries_new();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, t), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(login_tries_wait_ms(t, ANA, AWAY, false, 2000) > 0);
    login_tries_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_wait_longer_each_time_whatever_their_address),
        cmocka_unit_test(strangers_do_not_keep_the_owner_out),
        cmocka_unit_test(a_known_device_has_ten_tries_and_a_new_start_after_success),
        cmocka_unit_test(success_gives_strangers_no_new_start),
        cmocka_unit_test(one_address_that_tries_every_account_is_slowed),
        cmocka_unit_test(a_network_of_ipv6_counts_as_one),
        cmocka_unit_test(a_flood_forgets_the_oldest_and_grows_nothing),
        cmocka_unit_test(a_ticket_is_spent_once),
        cmocka_unit_test(tickets_and_their_challenges),
        cmocka_unit_test(threads_may_share_it),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
