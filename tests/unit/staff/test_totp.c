// SPDX-License-Identifier: AGPL-3.0-or-later
// One-time codes: RFC 6238's own vectors, drift, replay, and a secret that is never in the database as it is. And
// recovery codes: each once.
#include "house.h"

static void the_rfcs_vectors(void **state) {
    (void)state;
    // RFC 6238 appendix B, SHA-1; of its eight digits the last six.
    static const struct {
        int64_t second;
        const char *code;
    } rows[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {INT64_C(20000000000), "353130"},
    };
    char code[7];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        totp_code((const uint8_t *)"12345678901234567890", 20, rows[i].second / 30, code);
        assert_string_equal(code, rows[i].code);
    }
}

// The authenticator app's side: reads the base32 and computes.
static struct str code_at(struct house *h, struct str base32, int64_t at_us) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t secret[20] = {0};
    char code[7];
    assert_int_equal(base32.n, 32);
    for (size_t i = 0; i < 32; i++) {
        const char *at = strchr(letters, base32.p[i]);
        assert_non_null(at);
        for (unsigned bit = 0; bit < 5; bit++)
            if ((at - letters) >> (4 - bit) & 1)
                secret[(i * 5 + bit) / 8] |= (uint8_t)(0x80 >> (i * 5 + bit) % 8);
    }
    totp_code(secret, sizeof secret, at_us / (30 * SECOND), code);
    return str_dup(h->a, str_from(code));
}

static struct account with_totp(struct house *h, struct str *secret) {
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    assert_int_equal(totp_begin(h->a, h->db, acc.id, secret), RC_OK);
    assert_int_equal(totp_confirm(h->db, &h->who, acc.id, code_at(h, *secret, NOW), NOW), RC_OK);
    return acc;
}

static void a_secret_counts_after_its_first_code(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct str first, second;
    assert_int_equal(totp_confirm(h->db, &h->who, acc.id, STR("123456"), NOW), RC_NOT_FOUND);
    assert_int_equal(totp_begin(h->a, h->db, acc.id, &first), RC_OK);
    assert_false(house_again(h, acc.id).has_totp);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, first, NOW), NOW), RC_DENIED);
    assert_int_equal(totp_confirm(h->db, &h->who, acc.id, code_at(h, first, NOW), NOW), RC_OK);
    assert_true(house_again(h, acc.id).has_totp);
    // A second app: the first counts until the second showed a code.
    assert_int_equal(totp_begin(h->a, h->db, acc.id, &second), RC_OK);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, first, NOW + MINUTE), NOW + MINUTE), RC_OK);
    assert_int_equal(totp_confirm(h->db, &h->who, acc.id, code_at(h, second, NOW + MINUTE), NOW + MINUTE), RC_OK);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, first, NOW + 2 * MINUTE), NOW + 2 * MINUTE), RC_DENIED);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, second, NOW + 2 * MINUTE), NOW + 2 * MINUTE), RC_OK);
    assert_int_equal(totp_remove(h->db, &h->who, acc.id), RC_OK);
    assert_false(house_again(h, acc.id).has_totp);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, second, NOW + 3 * MINUTE), NOW + 3 * MINUTE), RC_DENIED);
}

static void drift_of_one_step_and_no_more(void **state) {
    struct house *h = *state;
    struct str secret;
    struct account acc = with_totp(h, &secret);
    int64_t now = NOW + 100 * MINUTE;
    static const struct {
        int steps;
        enum rc rc;
    } rows[] = {{-2, RC_DENIED}, {2, RC_DENIED}, {-1, RC_OK}, {0, RC_OK}, {1, RC_OK}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(totp_use(h->db, acc.id, code_at(h, secret, now + rows[i].steps * 30 * SECOND), now),
                         rows[i].rc);
}

static void a_code_works_once_and_none_before_it(void **state) {
    struct house *h = *state;
    struct str secret;
    struct account acc = with_totp(h, &secret);
    struct str confirmed = code_at(h, secret, NOW);
    assert_int_equal(totp_use(h->db, acc.id, confirmed, NOW), RC_DENIED); // it was used to confirm
    int64_t now = NOW + MINUTE;
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, secret, now), now), RC_OK);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, secret, now), now), RC_DENIED);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, secret, now), now + 30 * SECOND), RC_DENIED);
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, secret, now - 30 * SECOND), now), RC_DENIED);
}

static void what_is_typed(void **state) {
    struct house *h = *state;
    struct str secret;
    struct account acc = with_totp(h, &secret);
    static const char *const bad[] = {"",       "12345",  "1234567", "12345a",
                                      "abcdef", "-12345", "12 34 5", "                                 123456"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(totp_use(h->db, acc.id, str_from(bad[i]), NOW + MINUTE), RC_DENIED);
    struct str code = code_at(h, secret, NOW + MINUTE);
    struct str spaced = str_fmt(h->a, " %.3s %.3s ", code.p, code.p + 3);
    assert_int_equal(totp_use(h->db, acc.id, spaced, NOW + MINUTE), RC_OK);
}

static void the_secret_is_locked_and_anothers_key_does_not_open_it(void **state) {
    struct house *h = *state;
    struct str secret;
    struct account acc = with_totp(h, &secret);
    assert_int_equal(house_number(h, "SELECT LENGTH(secret) FROM totp_secrets"), 24 + 16 + 20);
    house_sql(h, "UPDATE secrets SET value = zeroblob(32) WHERE name = 'totp-key'");
    assert_int_equal(totp_use(h->db, acc.id, code_at(h, secret, NOW + MINUTE), NOW + MINUTE), RC_IO);
}

static void the_address_for_the_app(void **state) {
    struct house *h = *state;
    struct str address = totp_address(h->a, STR("ABC"), STR("Suara Pantai & Co"), STR("ana@example.org"));
    assert_str(address, "otpauth://totp/Suara%20Pantai%20%26%20Co:ana%40example.org?secret=ABC"
                        "&issuer=Suara%20Pantai%20%26%20Co&algorithm=SHA1&digits=6&period=30");
}

// ---- recovery codes --------------------------------------------------------------------------------------------------

static void recovery_codes_work_once_however_they_are_typed(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN),
                   other = house_account(h, "ben@example.org", STAFF_EDITOR);
    struct str codes[RECOVERY_CODES], fresh[RECOVERY_CODES];
    assert_int_equal(recovery_make(h->a, h->db, &h->who, acc.id, codes), RC_OK);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        assert_int_equal(codes[i].n, 29);
        for (int k = 0; k < i; k++)
            assert_false(str_eq(codes[i], codes[k]));
    }
    assert_int_equal(recovery_use(h->db, other.id, codes[0]), RC_DENIED);
    assert_int_equal(recovery_use(h->db, acc.id, codes[0]), RC_OK);
    assert_int_equal(recovery_use(h->db, acc.id, codes[0]), RC_DENIED);
    assert_int_equal(house_again(h, acc.id).recovery_left, RECOVERY_CODES - 1);
    // Upper case, spaces for hyphens, o for 0, i and l for 1.
    struct buf b;
    buf_init(&b, 100);
    for (size_t i = 0; i < codes[1].n; i++) {
        char c = codes[1].p[i];
        buf_char(&b, c == '-'   ? ' '
                     : c == '0' ? 'O'
                     : c == '1' ? (i % 2 ? 'l' : 'I')
                                : (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
    }
    assert_int_equal(recovery_use(h->db, acc.id, buf_view(&b)), RC_OK);
    buf_fini(&b);
    assert_int_equal(recovery_make(h->a, h->db, &h->who, acc.id, fresh), RC_OK);
    assert_int_equal(recovery_use(h->db, acc.id, codes[2]), RC_DENIED);
    assert_int_equal(recovery_use(h->db, acc.id, fresh[2]), RC_OK);
    static const char *const bad[] = {"", "k7qf", "uuuu-uuuu-uuuu-uuuu-uuuu-uuuu", "0000-0000-0000-0000-0000-00000",
                                      "0000-0000-0000-0000-0000-0000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(recovery_use(h->db, acc.id, str_from(bad[i])), RC_DENIED);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM recovery_codes WHERE LENGTH(code_hash) <> 32"), 0);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit WHERE verb = 'recovery-code-used'"), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_vectors),
        HOUSE_TEST(a_secret_counts_after_its_first_code),
        HOUSE_TEST(drift_of_one_step_and_no_more),
        HOUSE_TEST(a_code_works_once_and_none_before_it),
        HOUSE_TEST(what_is_typed),
        HOUSE_TEST(the_secret_is_locked_and_anothers_key_does_not_open_it),
        HOUSE_TEST(the_address_for_the_app),
        HOUSE_TEST(recovery_codes_work_once_however_they_are_typed),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
