// SPDX-License-Identifier: AGPL-3.0-or-later
// Sessions: how long they hold by a clock that the test turns, a new token at each proof, and nothing in the database
// that opens one. And one-time links.
#include "house.h"

static struct session found(struct house *h, struct str token, int64_t now, enum rc expected) {
    struct session s = {0};
    assert_int_equal(session_find(h->a, h->db, token, now, &s), expected);
    return s;
}

static struct str begin(struct house *h, int64_t account, bool half_in, int64_t now) {
    struct str token;
    assert_int_equal(session_begin(h->a, h->db, account, half_in, STR("Firefox on Linux"), now, &token), RC_OK);
    return token;
}

static void a_session_is_found_by_its_token_only(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct str token = begin(h, acc.id, false, NOW);
    assert_int_equal(token.n, SESSION_TOKEN_CHARS);
    struct session s = found(h, token, NOW, RC_OK);
    assert_int_equal(s.account.id, acc.id);
    assert_int_equal(s.account.roles, STAFF_ADMIN);
    assert_int_equal(s.account.last_login_at, NOW);
    assert_str(s.device, "Firefox on Linux");
    assert_false(s.half_in || s.has_challenge);
    char *other = str_c(h->a, token);
    other[5] = other[5] == 'A' ? 'B' : 'A';
    found(h, str_from(other), NOW, RC_NOT_FOUND);
    found(h, STR(""), NOW, RC_NOT_FOUND);
    found(h, str_slice(token, 0, 42), NOW, RC_NOT_FOUND);
    found(h, STR("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"), NOW, RC_NOT_FOUND);
    // The whole database holds neither the token nor the form's.
    assert_int_equal(sqlite3_wal_checkpoint_v2(db_engine(h->db), NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL),
                     SQLITE_OK);
    static const char *const files[] = {"siaran.db", "siaran.db-wal"};
    for (size_t i = 0; i < 2; i++) {
        struct buf b;
        size_t at;
        buf_init(&b, 64 << 20);
        assert_int_equal(file_read(scratch_path(&h->station.scratch, files[i]), &b, NULL), RC_OK);
        assert_false(str_find(buf_view(&b), token, &at));
        assert_false(str_find(buf_view(&b), str_from(s.form_token), &at));
        buf_fini(&b);
    }
}

// begun at 0; each row is a moment in minutes, and what was touched or proved before it.
static void it_holds_for_its_minutes(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    static const struct {
        bool half_in;
        int64_t touched, asked; // minutes
        int64_t less;           // microseconds before `asked`
        enum rc rc;
    } rows[] = {
        {false, 0, 59, 0, RC_OK},
        {false, 0, SESSION_IDLE_MINUTES, 1, RC_OK},
        {false, 0, SESSION_IDLE_MINUTES, 0, RC_GONE},
        {false, 30, 89, 0, RC_OK},
        {false, 30, 90, 0, RC_GONE},
        {false, 719, SESSION_HOURS * 60, 1, RC_OK},
        {false, 719, SESSION_HOURS * 60, 0, RC_GONE},
        {true, 0, SESSION_HALF_MINUTES, 1, RC_OK},
        {true, 0, SESSION_HALF_MINUTES, 0, RC_GONE},
        {true, 9, SESSION_HALF_MINUTES, 0, RC_GONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str token = begin(h, acc.id, rows[i].half_in, NOW);
        struct session s = found(h, token, NOW, RC_OK);
        assert_int_equal(session_touch(h->db, s.id, NOW + rows[i].touched * MINUTE), RC_OK);
        enum rc rc = session_find(h->a, h->db, token, NOW + rows[i].asked * MINUTE - rows[i].less, &s);
        if (rc != rows[i].rc)
            fail_msg("row %zu: %s", i, rc_name(rc));
        assert_str(s.account.login, "ana@example.org"); // also of one that is over
    }
}

static void touching_once_a_minute_and_never_back(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct str token = begin(h, acc.id, false, NOW);
    struct session s = found(h, token, NOW, RC_OK);
    assert_false(session_wants_touch(&s, NOW + MINUTE - 1));
    assert_true(session_wants_touch(&s, NOW + MINUTE));
    assert_int_equal(session_touch(h->db, s.id, NOW + MINUTE), RC_OK);
    assert_int_equal(session_touch(h->db, s.id, NOW), RC_OK);
    assert_int_equal(found(h, token, NOW + MINUTE, RC_OK).seen_at, NOW + MINUTE);
}

static void a_proof_makes_a_new_token_and_freshness(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct str half = begin(h, acc.id, true, NOW), whole;
    struct session s = found(h, half, NOW, RC_OK);
    assert_true(s.half_in);
    assert_false(session_is_fresh(&s, NOW));
    assert_int_equal(s.account.last_login_at, 0);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit WHERE verb = 'sign-in'"), 0);
    assert_int_equal(session_prove(h->a, h->db, s.id, NOW + MINUTE, &whole), RC_OK);
    found(h, half, NOW + MINUTE, RC_NOT_FOUND);
    struct session in = found(h, whole, NOW + MINUTE, RC_OK);
    assert_int_equal(in.id, s.id);
    assert_false(in.half_in);
    assert_string_not_equal(in.form_token, s.form_token);
    assert_int_equal(in.account.last_login_at, NOW + MINUTE);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit WHERE verb = 'sign-in'"), 1);
    assert_true(session_is_fresh(&in, NOW + MINUTE));
    assert_true(session_is_fresh(&in, NOW + MINUTE + SESSION_FRESH_MINUTES * MINUTE - 1));
    assert_false(session_is_fresh(&in, NOW + MINUTE + SESSION_FRESH_MINUTES * MINUTE));
    assert_false(session_is_fresh(&in, NOW));
    assert_int_equal(session_end(h->db, in.id), RC_OK);
    assert_int_equal(session_prove(h->a, h->db, in.id, NOW + 2 * MINUTE, &half), RC_NOT_FOUND);
    found(h, whole, NOW + 2 * MINUTE, RC_GONE);
}

static void form_tokens(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct session mine = found(h, begin(h, acc.id, false, NOW), NOW, RC_OK),
                   other = found(h, begin(h, acc.id, false, NOW), NOW, RC_OK);
    assert_int_equal(strlen(mine.form_token), 43);
    assert_true(session_token_matches(&mine, str_from(mine.form_token)));
    assert_false(session_token_matches(&mine, str_from(other.form_token)));
    assert_false(session_token_matches(&mine, str_slice(str_from(mine.form_token), 0, 42)));
    assert_false(session_token_matches(&mine, STR("")));
    struct session none = {0};
    assert_false(session_token_matches(&none, STR("")));
}

static void challenges_count_once(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct str token = begin(h, acc.id, true, NOW);
    struct session s = found(h, token, NOW, RC_OK);
    uint8_t first[32], second[32], taken[32];
    assert_int_equal(session_challenge_take(h->db, s.id, taken), RC_NOT_FOUND);
    assert_int_equal(session_challenge(h->db, s.id, first), RC_OK);
    assert_int_equal(session_challenge(h->db, s.id, second), RC_OK);
    assert_memory_not_equal(first, second, 32);
    s = found(h, token, NOW, RC_OK);
    assert_true(s.has_challenge);
    assert_memory_equal(s.challenge, second, 32);
    assert_int_equal(session_challenge_take(h->db, s.id, taken), RC_OK);
    assert_memory_equal(taken, second, 32);
    assert_int_equal(session_challenge_take(h->db, s.id, taken), RC_NOT_FOUND);
    assert_int_equal(session_end(h->db, s.id), RC_OK);
    assert_int_equal(session_challenge(h->db, s.id, first), RC_NOT_FOUND);
}

static void one_sees_and_ends_ones_own(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN),
                   other = house_account(h, "ben@example.org", STAFF_EDITOR);
    struct str first = begin(h, acc.id, false, NOW), second = begin(h, acc.id, false, NOW + 1);
    begin(h, other.id, false, NOW);
    struct session *rows;
    size_t count;
    assert_int_equal(session_list(h->a, h->db, acc.id, NOW + 2, &rows, &count), RC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].begun_at, NOW + 1);
    assert_int_equal(rows[0].form_token[0], '\0');
    assert_int_equal(session_end_all(h->db, acc.id, rows[1].id), RC_OK);
    found(h, second, NOW + 2, RC_GONE);
    found(h, first, NOW + 2, RC_OK);
    assert_int_equal(session_list(h->a, h->db, acc.id, NOW + 2, &rows, &count), RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(session_list(h->a, h->db, acc.id, NOW + 61 * MINUTE, &rows, &count), RC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(session_list(h->a, h->db, other.id, NOW, &rows, &count), RC_OK);
    assert_int_equal(count, 1);
}

static void a_hundred_devices_and_a_week(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct str first = begin(h, acc.id, false, NOW), second = begin(h, acc.id, false, NOW + 1);
    for (int i = 2; i < 101; i++)
        begin(h, acc.id, false, NOW + i);
    found(h, first, NOW + 101, RC_GONE);
    found(h, second, NOW + 101, RC_OK);
    int64_t later = NOW + 8 * US_PER_DAY;
    begin(h, acc.id, false, later);
    begin(h, acc.id, false, later + 1);
    found(h, first, later, RC_NOT_FOUND);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM sessions"), 2);
    struct str token;
    assert_int_equal(session_begin(h->a, h->db, acc.id, false, STR("a\nb"), later, &token), RC_OK);
    assert_str(found(h, token, later, RC_OK).device, "?");
}

// ---- links -----------------------------------------------------------------------------------------------------------

static struct str make_link(struct house *h, enum link_purpose purpose, int64_t account, int64_t now) {
    struct str token;
    assert_int_equal(staff_link_make(h->a, h->db, &h->who, purpose, account, now, &token), RC_OK);
    assert_int_equal(token.n, LINK_TOKEN_CHARS);
    return token;
}

static void links_work_once_and_for_a_day(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    enum link_purpose purpose;
    int64_t id, hour = 60 * MINUTE;
    struct str first = make_link(h, LINK_RESET, acc.id, NOW), second = make_link(h, LINK_RESET, acc.id, NOW),
               invite = make_link(h, LINK_INVITE, acc.id, NOW);
    assert_int_equal(staff_link_find(h->db, first, NOW, &purpose, &id), RC_GONE); // the second ended it
    assert_int_equal(staff_link_find(h->db, second, NOW + LINK_HOURS * hour - 1, &purpose, &id), RC_OK);
    assert_int_equal(purpose, LINK_RESET);
    assert_int_equal(id, acc.id);
    assert_int_equal(staff_link_find(h->db, second, NOW + LINK_HOURS * hour, &purpose, &id), RC_GONE);
    assert_int_equal(staff_link_use(h->db, second, NOW, &purpose, &id), RC_OK);
    assert_int_equal(staff_link_use(h->db, second, NOW, &purpose, &id), RC_GONE);
    assert_int_equal(staff_link_find(h->db, second, NOW, &purpose, &id), RC_GONE);
    assert_int_equal(staff_link_use(h->db, invite, NOW, &purpose, &id), RC_OK);
    assert_int_equal(purpose, LINK_INVITE);
    assert_int_equal(staff_link_find(h->db, STR("x"), NOW, &purpose, &id), RC_NOT_FOUND);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM staff_links WHERE LENGTH(token_hash) <> 32"), 0);
}

static void the_first_administrators_link_ends_with_the_first_account(void **state) {
    struct house *h = *state;
    enum link_purpose purpose;
    int64_t id;
    struct str link = make_link(h, LINK_FIRST_ADMIN, 0, NOW);
    assert_int_equal(staff_link_find(h->db, link, NOW + LINK_FIRST_HOURS * 60 * MINUTE - 1, &purpose, &id), RC_OK);
    assert_int_equal(purpose, LINK_FIRST_ADMIN);
    house_account(h, "ana@example.org", STAFF_ADMIN);
    assert_int_equal(staff_link_find(h->db, link, NOW, &purpose, &id), RC_GONE);
    assert_int_equal(staff_link_use(h->db, link, NOW, &purpose, &id), RC_GONE);
}

static void a_blocked_account_has_no_links(void **state) {
    struct house *h = *state;
    enum link_purpose purpose;
    int64_t id;
    house_account(h, "admin@example.org", STAFF_ADMIN);
    struct account acc = house_account(h, "ana@example.org", STAFF_EDITOR);
    struct str link = make_link(h, LINK_RESET, acc.id, NOW);
    acc.state = ACCOUNT_BLOCKED;
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    assert_int_equal(staff_link_find(h->db, link, NOW, &purpose, &id), RC_GONE);
    acc.state = ACCOUNT_ACTIVE;
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    assert_int_equal(staff_link_find(h->db, link, NOW, &purpose, &id), RC_GONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(a_session_is_found_by_its_token_only),
        HOUSE_TEST(it_holds_for_its_minutes),
        HOUSE_TEST(touching_once_a_minute_and_never_back),
        HOUSE_TEST(a_proof_makes_a_new_token_and_freshness),
        HOUSE_TEST(form_tokens),
        HOUSE_TEST(challenges_count_once),
        HOUSE_TEST(one_sees_and_ends_ones_own),
        HOUSE_TEST(a_hundred_devices_and_a_week),
        HOUSE_TEST(links_work_once_and_for_a_day),
        HOUSE_TEST(the_first_administrators_link_ends_with_the_first_account),
        HOUSE_TEST(a_blocked_account_has_no_links),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
