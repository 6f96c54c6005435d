// SPDX-License-Identifier: AGPL-3.0-or-later
// Passkeys of both kinds are taken and open; with anything wrong about them they are not and do not.
#include "authenticator.h"

static uint8_t challenge[32] = {7, 1, 2, 3};

static enum rc add(struct house *h, int64_t account, struct authenticator *t, struct problem *p) {
    struct passkey_offer offer = make_offer(t, challenge);
    return passkey_add(h->a, h->db, &h->who, account, STR("My key"), ORIGIN, challenge, &offer, NOW, p);
}

static enum rc use(struct house *h, struct authenticator *t, int64_t *account) {
    struct passkey_proof proof = make_proof(t, challenge);
    return passkey_use(h->a, h->db, ORIGIN, challenge, &proof, NOW + 5, account);
}

static void both_kinds_are_taken_and_open(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    for (int kind = 0; kind < 4; kind++) {
        struct authenticator t = authenticator_make(h->a, kind % 2 == 1);
        struct problem p = {""};
        int64_t account = 0;
        t.self_signed = kind >= 2;
        t.counter = 1;
        if (add(h, acc.id, &t, &p) != RC_OK)
            fail_msg("kind %d: %s", kind, p.text);
        assert_int_equal(add(h, acc.id, &t, &p), RC_CONFLICT);
        t.counter = 2;
        assert_int_equal(use(h, &t, &account), RC_OK);
        assert_int_equal(account, acc.id);
        authenticator_free(&t);
    }
    struct passkey *rows;
    size_t count;
    assert_int_equal(passkey_list(h->a, h->db, acc.id, &rows, &count), RC_OK);
    assert_int_equal(count, 4);
    assert_str(rows[0].name, "My key");
    assert_int_equal(rows[0].used_at, NOW + 5);
    assert_int_equal(house_again(h, acc.id).passkey_count, 4);
    assert_int_equal(passkey_remove(h->db, &h->who, acc.id + 1, rows[0].id), RC_NOT_FOUND);
    assert_int_equal(passkey_remove(h->db, &h->who, acc.id, rows[0].id), RC_OK);
    assert_int_equal(passkey_remove(h->db, &h->who, acc.id, rows[0].id), RC_NOT_FOUND);
    assert_int_equal(house_number(h, "SELECT COUNT(*) FROM audit WHERE verb = 'passkey'"), 4);
}

// What a test bends about a good authenticator.
static const struct bend {
    const char *what;
    const char *origin, *type, *rp, *extra;
    bool cross_origin;
    uint8_t flags_off;
    bool bad_signature, at_use_only;
} bends[] = {
    {.what = "another origin", .origin = "https://evil.example.org"},
    {.what = "the same host without TLS", .origin = "http://desk.example.org"},
    {.what = "another port", .origin = "https://desk.example.org:8443"},
    {.what = "a path behind it", .origin = "https://desk.example.org/"},
    {.what = "another type", .type = "payment.get"},
    {.what = "registration for use and back", .type = "webauthn.other"},
    {.what = "another relying party", .rp = "example.org"},
    {.what = "from a frame", .cross_origin = true},
    {.what = "a member twice", .extra = ",\"type\":\"webauthn.get\""},
    {.what = "not present", .flags_off = AUTHENTICATOR_PRESENT},
    {.what = "not verified", .flags_off = AUTHENTICATOR_VERIFIED},
    {.what = "a bad signature", .bad_signature = true, .at_use_only = true},
};

static void bend(struct authenticator *t, const struct bend *b) {
    t->origin = b->origin;
    t->type = b->type;
    t->rp = b->rp;
    t->extra_member = b->extra;
    t->cross_origin = b->cross_origin;
    t->flags_off = b->flags_off;
    t->bad_signature = b->bad_signature;
}

static void with_anything_wrong_they_are_not(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    for (size_t i = 0; i < sizeof bends / sizeof bends[0]; i++)
        for (int eddsa = 0; eddsa < 2; eddsa++) {
            struct authenticator t = authenticator_make(h->a, eddsa == 1), good = t;
            struct problem p = {""};
            int64_t account = 0;
            bend(&t, &bends[i]);
            if (!bends[i].at_use_only && (add(h, acc.id, &t, &p) != RC_INVALID || p.text[0] == '\0'))
                fail_msg("%s: added", bends[i].what);
            t.self_signed = true;
            if (bends[i].bad_signature && add(h, acc.id, &t, &p) != RC_INVALID)
                fail_msg("%s: added self-signed", bends[i].what);
            assert_int_equal(add(h, acc.id, &good, &p), RC_OK);
            if (use(h, &t, &account) != RC_DENIED)
                fail_msg("%s: opened", bends[i].what);
            assert_int_equal(use(h, &good, &account), RC_OK);
            struct passkey *rows;
            size_t count;
            assert_int_equal(passkey_list(h->a, h->db, acc.id, &rows, &count), RC_OK);
            assert_int_equal(passkey_remove(h->db, &h->who, acc.id, rows[0].id), RC_OK);
            authenticator_free(&good);
        }
}

static void another_challenge_key_or_account_does_not_open(void **state) {
    struct house *h = *state;
    house_account(h, "admin@example.org", STAFF_ADMIN);
    struct account acc = house_account(h, "ana@example.org", STAFF_EDITOR);
    struct authenticator t = authenticator_make(h->a, false), other = authenticator_make(h->a, false);
    uint8_t old[32] = {1};
    int64_t account = 0;
    struct problem p = {""};
    assert_int_equal(add(h, acc.id, &t, &p), RC_OK);
    struct passkey_proof proof = make_proof(&t, old);
    assert_int_equal(passkey_use(h->a, h->db, ORIGIN, challenge, &proof, NOW, &account), RC_DENIED);
    assert_int_equal(passkey_use(h->a, h->db, STR("https://evil.example"), old, &proof, NOW, &account), RC_DENIED);
    assert_int_equal(passkey_use(h->a, h->db, STR("nonsense"), old, &proof, NOW, &account), RC_DENIED);
    assert_int_equal(use(h, &other, &account), RC_DENIED);
    other.credential = t.credential; // another key under a known id
    assert_int_equal(use(h, &other, &account), RC_DENIED);
    proof.credential = STR("");
    assert_int_equal(passkey_use(h->a, h->db, ORIGIN, old, &proof, NOW, &account), RC_DENIED);
    assert_int_equal(use(h, &t, &account), RC_OK);
    acc.state = ACCOUNT_BLOCKED;
    assert_int_equal(account_save(h->a, h->db, &h->who, &acc, NULL), RC_OK);
    assert_int_equal(use(h, &t, &account), RC_DENIED);
    authenticator_free(&t);
    authenticator_free(&other);
}

static void a_counter_that_goes_back_is_a_copy(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct authenticator t = authenticator_make(h->a, false);
    struct problem p = {""};
    int64_t account = 0;
    static const struct {
        uint32_t counter;
        enum rc rc;
    } rows[] = {{0, RC_OK},     {0, RC_OK},     {5, RC_OK}, {5, RC_DENIED},
                {4, RC_DENIED}, {0, RC_DENIED}, {6, RC_OK}, {UINT32_MAX, RC_OK}};
    assert_int_equal(add(h, acc.id, &t, &p), RC_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        t.counter = rows[i].counter;
        assert_int_equal(use(h, &t, &account), rows[i].rc);
    }
    authenticator_free(&t);
}

static void names_and_numbers_are_bounded(void **state) {
    struct house *h = *state;
    struct account acc = house_account(h, "ana@example.org", STAFF_ADMIN);
    struct problem p = {""};
    for (int i = 0; i <= PASSKEYS_MAX; i++) {
        struct authenticator t = authenticator_make(h->a, true);
        struct passkey_offer offer = make_offer(&t, challenge);
        enum rc bad = passkey_add(h->a, h->db, &h->who, acc.id, STR(" "), ORIGIN, challenge, &offer, NOW, &p);
        assert_int_equal(bad, RC_INVALID);
        assert_int_equal(add(h, acc.id, &t, &p), i < PASSKEYS_MAX ? RC_OK : RC_TOO_BIG);
    }
}

// ---- the parsers -----------------------------------------------------------------------------------------------------

// Any change of one byte and any cut of a good attestation object: never a crash, and never two readings at once.
static void every_cut_and_every_flip(void **state) {
    struct house *h = *state;
    for (int eddsa = 0; eddsa < 2; eddsa++) {
        struct authenticator t = authenticator_make(h->a, eddsa == 1);
        t.self_signed = true;
        struct str whole = make_offer(&t, challenge).attestation_object;
        struct attestation att;
        struct authenticator_data data;
        assert_int_equal(attestation_parse(whole, &att), RC_OK);
        assert_str(att.format, "packed");
        assert_int_equal(att.algorithm, eddsa ? WEBAUTHN_EDDSA : WEBAUTHN_ES256);
        assert_int_equal(authenticator_data_parse(att.authenticator_data, &data), RC_OK);
        assert_true(str_eq(data.credential, t.credential));
        struct str inner = att.authenticator_data;
        for (size_t n = 0; n < whole.n; n++)
            assert_int_equal(attestation_parse(str_slice(whole, 0, n), &att), RC_INVALID);
        for (size_t n = 0; n < inner.n; n++)
            assert_int_equal(authenticator_data_parse(str_slice(inner, 0, n), &data), RC_INVALID);
        char *longer = arena_take(h->a, whole.n + 1), *flipped = arena_take(h->a, whole.n);
        memcpy(longer, whole.p, whole.n);
        assert_int_equal(attestation_parse((struct str){longer, whole.n + 1}, &att), RC_INVALID);
        for (size_t i = 0; i < whole.n; i++)
            for (int bit = 0; bit < 8; bit++) {
                memcpy(flipped, whole.p, whole.n);
                flipped[i] = (char)(flipped[i] ^ 1 << bit);
                if (attestation_parse((struct str){flipped, whole.n}, &att) == RC_OK)
                    (void)!authenticator_data_parse(att.authenticator_data, &data);
            }
        authenticator_free(&t);
    }
}

static void what_is_no_client_data(void **state) {
    struct house *h = *state;
    static const struct {
        const char *json;
        enum rc rc;
    } rows[] = {
        {"{\"type\":\"t\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"o\"}", RC_OK},
        {"{\"type\":\"t\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"o\","
         "\"crossOrigin\":false,\"other\":[1,{}]}",
         RC_OK},
        {"{\"type\":\"t\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"o\","
         "\"crossOrigin\":\"false\"}",
         RC_INVALID},
        {"{\"type\":\"t\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"origin\":\"o\"}",
         RC_INVALID},
        {"{\"type\":\"t\",\"challenge\":\"AAAA\",\"origin\":\"o\"}", RC_INVALID},
        {"{\"type\":\"t\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", RC_INVALID},
        {"{\"type\":1,\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"o\"}", RC_INVALID},
        {"{\"type\":\"t\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"\"}", RC_INVALID},
        {"[]", RC_INVALID},
        {"{", RC_INVALID},
        {"", RC_INVALID},
        {"{}x", RC_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client_data data;
        if (client_data_parse(h->a, str_from(rows[i].json), &data) != rows[i].rc)
            fail_msg("%s", rows[i].json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(both_kinds_are_taken_and_open),
        HOUSE_TEST(with_anything_wrong_they_are_not),
        HOUSE_TEST(another_challenge_key_or_account_does_not_open),
        HOUSE_TEST(a_counter_that_goes_back_is_a_copy),
        HOUSE_TEST(names_and_numbers_are_bounded),
        HOUSE_TEST(every_cut_and_every_flip),
        HOUSE_TEST(what_is_no_client_data),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
