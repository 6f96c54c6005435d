// SPDX-License-Identifier: AGPL-3.0-or-later
// For each check of accounts, proofs and sessions: a good house passes, and the damage planted is told by that check.
#include "authenticator.h"

static char told[1000];

static void keep_name(void *arg, const char *check, struct str text) {
    (void)arg;
    assert_true(text.n > 0);
    if (strstr(told, check) == NULL) {
        size_t n = strlen(told);
        assert_true(snprintf(told + n, sizeof told - n, "%s ", check) > 0);
    }
}

static const char *verify(struct house *h) {
    struct verify_context v = {.db = h->db, .dir = h->station.scratch.dir, .fault = keep_name};
    told[0] = '\0';
    for (size_t i = 0; i < staff_check_count; i++)
        assert_int_equal(staff_checks[i].run(&v), RC_OK);
    return told;
}

static void fill(struct house *h) {
    static const uint8_t challenge[32] = {1};
    struct str token, secret, codes[RECOVERY_CODES];
    struct password_hash hash = {"$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA"};
    house_sections(h);
    struct account acc = house_account(h, "admin@example.org", STAFF_ADMIN);
    acc.languages = 1u << LANG_EN;
    acc.sections[0] = 1;
    acc.section_count = 1;
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    house_account(h, "ana@example.org", STAFF_REPORTER);
    assert_int_equal(password_set(h->db, &h->who, acc.id, &hash, 0), RC_OK);
    assert_int_equal(totp_begin(h->a, h->db, acc.id, &secret), RC_OK);
    assert_int_equal(recovery_make(h->a, h->db, &h->who, acc.id, codes), RC_OK);
    struct authenticator t = authenticator_make(h->a, false);
    struct passkey_offer offer = make_offer(&t, challenge);
    assert_int_equal(passkey_add(h->a, h->db, &h->who, acc.id, STR("k"), ORIGIN, challenge, &offer, NOW, NULL), RC_OK);
    authenticator_free(&t);
    assert_int_equal(session_begin(h->a, h->db, acc.id, false, STR("d"), NOW, &token), RC_OK);
    assert_int_equal(staff_link_make(h->a, h->db, &h->who, LINK_RESET, acc.id, NOW, &token), RC_OK);
}

static const struct {
    const char *sql, *told;
} damages[] = {
    {"UPDATE accounts SET login = 'Ana@example.org' WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET name = '' WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET roles = 0 WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET roles = 64 WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET state = 9 WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET languages = 65536 WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET desk_lang = 'xx' WHERE login LIKE 'ana%'", "staff-accounts "},
    {"UPDATE accounts SET roles = 1 WHERE login LIKE 'admin%'", "staff-accounts "},
    {"UPDATE account_sections SET section_id = 3", "staff-sections "},
    {"UPDATE accounts SET password = 'secret' WHERE login LIKE 'admin%'", "staff-proofs "},
    {"UPDATE totp_secrets SET secret = zeroblob(60)", "staff-proofs "},
    {"UPDATE secrets SET value = zeroblob(32) WHERE name = 'totp-key'", "staff-proofs "},
    {"UPDATE recovery_codes SET code_hash = x'00' WHERE code_hash = (SELECT MIN(code_hash) FROM recovery_codes)",
     "staff-proofs "},
    {"UPDATE passkeys SET public_key = x'00'", "staff-proofs "},
    {"UPDATE passkeys SET algorithm = -257", "staff-proofs "},
    {"UPDATE sessions SET token_hash = x'00'", "staff-sessions "},
    {"UPDATE sessions SET challenge = x'00'", "staff-sessions "},
    {"UPDATE sessions SET seen_at = begun_at - 1", "staff-sessions "},
    {"UPDATE sessions SET account_id = (SELECT id FROM accounts WHERE login LIKE 'ana%'); "
     "UPDATE accounts SET state = 2 WHERE login LIKE 'ana%'",
     "staff-sessions "},
    {"UPDATE staff_links SET account_id = 5", "staff-links "},
    {"UPDATE staff_links SET purpose = 1", "staff-links "},
    {"UPDATE staff_links SET expires_at = made_at", "staff-links "},
};

static void planted_damage_is_named(void **state) {
    struct house *h = *state;
    assert_string_equal(verify(h), "");
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        fill(h);
        assert_string_equal(verify(h), "");
        house_sql(h, damages[i].sql);
        if (strcmp(verify(h), damages[i].told) != 0)
            fail_msg("%s: told \"%s\" instead of \"%s\"", damages[i].sql, told, damages[i].told);
        house_teardown(state);
        house_setup(state);
        h = *state;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(planted_damage_is_named),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
