// SPDX-License-Identifier: AGPL-3.0-or-later
// Passkeys, by the steps of WebAuthn Level 3, 7.1 and 7.2. webauthn.c takes apart what came in; the comparisons that are
// ours (type, challenge, origin, flags, counter) are made here; relying party and signature are checked by libfido2.
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <pthread.h>
#include <sodium.h>

#include "staff/internal.h"
#include "staff/webauthn.h"

enum { RP_MAX = 256, SIGNATURE_MAX = 256 };

static void start_fido(void) {
    fido_init(0);
}

static void fido_ready(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    must(pthread_once(&once, start_fido) == 0);
}

// ---- origin and challenge ----------------------------------------------------------------------------------------------

// The relying party's id is the origin's host.
static bool rp_of(struct str origin, char out[RP_MAX]) {
    size_t at;
    struct str host;
    if (!str_find(origin, STR("://"), &at))
        return false;
    host = str_slice(origin, at + 3, origin.n);
    if (str_find_char(host, ':', &at))
        host = str_slice(host, 0, at);
    if (host.n == 0 || host.n >= RP_MAX || memchr(host.p, '\0', host.n) != NULL)
        return false;
    memcpy(out, host.p, host.n);
    out[host.n] = '\0';
    return true;
}

static bool client_data_fits(struct arena *a, struct str json, struct str type, struct str origin,
                             const uint8_t challenge[32]) {
    struct client_data data;
    return client_data_parse(a, json, &data) == RC_OK && str_eq(data.type, type) && str_eq(data.origin, origin) &&
           !data.cross_origin && sodium_memcmp(data.challenge, challenge, sizeof data.challenge) == 0;
}

static bool flags_fit(const struct authenticator_data *data) {
    return (data->flags & AUTHENTICATOR_PRESENT) != 0 && (data->flags & AUTHENTICATOR_VERIFIED) != 0;
}

static bool rp_fits(const struct authenticator_data *data, const char *rp) {
    struct digest hash;
    hash_sha256(rp, strlen(rp), &hash);
    return str_eq(data->rp_hash, (struct str){(const char *)hash.bytes, sizeof hash.bytes});
}

// ---- registration ------------------------------------------------------------------------------------------------------

static const uint8_t *bytes_of(struct str s) {
    return (const uint8_t *)(s.p != NULL ? s.p : "");
}

// libfido2's own reading of the same bytes; a statement signed by the new key itself is verified.
static bool fido_agrees(const struct passkey_offer *offer, const struct attestation *att,
                        const struct authenticator_data *data, const char *rp) {
    struct digest hash;
    bool self = str_eq(att->format, STR("packed"));
    hash_sha256(offer->client_data.p, offer->client_data.n, &hash);
    fido_ready();
    fido_cred_t *cred = fido_cred_new();
    must(cred != NULL);
    bool good =
        fido_cred_set_type(cred, (int)data->algorithm) == FIDO_OK &&
        fido_cred_set_fmt(cred, self ? "packed" : "none") == FIDO_OK && fido_cred_set_rp(cred, rp, rp) == FIDO_OK &&
        fido_cred_set_uv(cred, FIDO_OPT_TRUE) == FIDO_OK &&
        fido_cred_set_clientdata_hash(cred, hash.bytes, sizeof hash.bytes) == FIDO_OK &&
        fido_cred_set_authdata_raw(cred, bytes_of(att->authenticator_data), att->authenticator_data.n) == FIDO_OK;
    if (good && self)
        good = fido_cred_set_sig(cred, bytes_of(att->signature), att->signature.n) == FIDO_OK &&
               fido_cred_verify_self(cred) == FIDO_OK;
    good = good &&
           str_eq((struct str){(const char *)fido_cred_id_ptr(cred), fido_cred_id_len(cred)}, data->credential) &&
           fido_cred_pubkey_len(cred) == data->public_key_size &&
           memcmp(fido_cred_pubkey_ptr(cred), data->public_key, data->public_key_size) == 0;
    fido_cred_free(&cred);
    return good;
}

// Attestation is not asked for: "none", or the key's own signature. A maker's statement says nothing we want to know.
static bool statement_fits(const struct attestation *att, const struct authenticator_data *data) {
    if (str_eq(att->format, STR("none")))
        return att->statement_entries == 0;
    return str_eq(att->format, STR("packed")) && !att->has_certificates && att->algorithm == data->algorithm &&
           att->signature.n > 0 && att->signature.n <= SIGNATURE_MAX;
}

static enum rc offer_check(struct arena *a, struct str origin, const uint8_t challenge[32],
                           const struct passkey_offer *offer, struct authenticator_data *data, struct problem *p) {
    char rp[RP_MAX];
    struct attestation att;
    if (!rp_of(origin, rp) || !client_data_fits(a, offer->client_data, STR("webauthn.create"), origin, challenge))
        return problem_set(p, RC_INVALID, "the browser answered another question than ours; please try again");
    if (attestation_parse(offer->attestation_object, &att) != RC_OK ||
        authenticator_data_parse(att.authenticator_data, data) != RC_OK || !data->has_credential)
        return problem_set(p, RC_INVALID, "this kind of passkey is not supported");
    if (!flags_fit(data))
        return problem_set(p, RC_INVALID, "the device did not check that it is you; please set a PIN or fingerprint");
    if (!rp_fits(data, rp) || !statement_fits(&att, data) || !fido_agrees(offer, &att, data, rp))
        return problem_set(p, RC_INVALID, "the passkey could not be verified");
    return RC_OK;
}

static enum rc count_of(struct db *db, int64_t account_id, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM passkeys WHERE account_id = $1");
    db_bind_i64(st, 1, account_id);
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc insert(struct db *db, int64_t account_id, struct str name, const struct authenticator_data *data,
                      int64_t now_us) {
    struct db_stmt *st = db_sql(db, "INSERT INTO passkeys (id, account_id, name, credential, algorithm, public_key, "
                                    "counter, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0) "
                                    "ON CONFLICT (credential) DO NOTHING");
    db_bind_i64(st, 1, id_next());
    db_bind_i64(st, 2, account_id);
    db_bind_str(st, 3, name);
    db_bind_blob(st, 4, data->credential.p, data->credential.n);
    db_bind_i64(st, 5, data->algorithm);
    db_bind_blob(st, 6, data->public_key, data->public_key_size);
    db_bind_i64(st, 7, data->counter);
    db_bind_i64(st, 8, now_us);
    enum rc rc = db_run(st);
    return rc == RC_OK && db_changes(db) == 0 ? RC_CONFLICT : rc;
}

enum rc passkey_add(struct arena *a, struct db *db, const struct audit_who *who, int64_t account_id, struct str name,
                    struct str origin, const uint8_t challenge[32], const struct passkey_offer *offer, int64_t now_us,
                    struct problem *p) {
    struct authenticator_data data;
    int64_t count = 0;
    name = str_trim(name);
    if (!staff_line_ok(name, PASSKEY_NAME_MAX))
        return problem_set(p, RC_INVALID, "a passkey's name has 1 to %d characters", PASSKEY_NAME_MAX);
    enum rc rc = offer_check(a, origin, challenge, offer, &data, p);
    if (rc == RC_OK)
        rc = count_of(db, account_id, &count);
    if (rc == RC_OK && count >= PASSKEYS_MAX)
        rc = problem_set(p, RC_TOO_BIG, "an account has %d passkeys at most; please remove one first", PASSKEYS_MAX);
    if (rc == RC_OK)
        rc = insert(db, account_id, name, &data, now_us);
    if (rc == RC_CONFLICT)
        return problem_set(p, RC_CONFLICT, "this passkey is known already");
    return rc == RC_OK ? staff_audit(db, who, "passkey", account_id, STR(""), name) : rc;
}

// ---- use -----------------------------------------------------------------------------------------------------------------

struct kept_key {
    int64_t id, account_id, algorithm, counter;
    uint8_t public_key[PUBLIC_KEY_MAX];
    size_t public_key_size;
};

static enum rc key_load(struct db *db, struct str credential, struct kept_key *out) {
    struct db_stmt *st = db_sql(db, "SELECT passkeys.id, account_id, algorithm, counter, public_key FROM passkeys, "
                                    "accounts WHERE credential = $1 AND accounts.id = account_id AND state = 1");
    db_bind_blob(st, 1, bytes_of(credential), credential.n);
    bool found = db_step(st);
    if (found) {
        struct str key = db_str(st, 4);
        *out = (struct kept_key){.id = db_i64(st, 0),
                                 .account_id = db_i64(st, 1),
                                 .algorithm = db_i64(st, 2),
                                 .counter = db_i64(st, 3),
                                 .public_key_size = key.n <= PUBLIC_KEY_MAX ? key.n : 0};
        memcpy(out->public_key, bytes_of(key), out->public_key_size);
    }
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_DENIED : rc;
}

static bool verify_with(const fido_assert_t *assertion, const struct kept_key *key) {
    bool good = false;
    if (key->algorithm == WEBAUTHN_ES256) {
        es256_pk_t *pk = es256_pk_new();
        must(pk != NULL);
        good = es256_pk_from_ptr(pk, key->public_key, key->public_key_size) == FIDO_OK &&
               fido_assert_verify(assertion, 0, WEBAUTHN_ES256, pk) == FIDO_OK;
        es256_pk_free(&pk);
    } else if (key->algorithm == WEBAUTHN_EDDSA) {
        eddsa_pk_t *pk = eddsa_pk_new();
        must(pk != NULL);
        good = eddsa_pk_from_ptr(pk, key->public_key, key->public_key_size) == FIDO_OK &&
               fido_assert_verify(assertion, 0, WEBAUTHN_EDDSA, pk) == FIDO_OK;
        eddsa_pk_free(&pk);
    }
    return good;
}

static bool signature_fits(const struct passkey_proof *proof, const char *rp, const struct kept_key *key) {
    struct digest hash;
    hash_sha256(proof->client_data.p, proof->client_data.n, &hash);
    fido_ready();
    fido_assert_t *assertion = fido_assert_new();
    must(assertion != NULL);
    bool good = fido_assert_set_rp(assertion, rp) == FIDO_OK && fido_assert_set_count(assertion, 1) == FIDO_OK &&
                fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_uv(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_clientdata_hash(assertion, hash.bytes, sizeof hash.bytes) == FIDO_OK &&
                fido_assert_set_authdata_raw(assertion, 0, bytes_of(proof->authenticator_data),
                                             proof->authenticator_data.n) == FIDO_OK &&
                fido_assert_set_sig(assertion, 0, bytes_of(proof->signature), proof->signature.n) == FIDO_OK &&
                verify_with(assertion, key);
    fido_assert_free(&assertion);
    return good;
}

static bool proof_fits(struct arena *a, struct str origin, const uint8_t challenge[32],
                       const struct passkey_proof *proof, const struct kept_key *key, uint32_t *counter_out) {
    char rp[RP_MAX];
    struct authenticator_data data;
    if (!rp_of(origin, rp) || !client_data_fits(a, proof->client_data, STR("webauthn.get"), origin, challenge) ||
        authenticator_data_parse(proof->authenticator_data, &data) != RC_OK)
        return false;
    *counter_out = data.counter;
    return flags_fit(&data) && rp_fits(&data, rp) && proof->signature.n > 0 && proof->signature.n <= SIGNATURE_MAX &&
           signature_fits(proof, rp, key);
}

static enum rc note_use(struct db *db, const struct kept_key *key, uint32_t counter, int64_t now_us) {
    struct db_stmt *st = db_sql(db, "UPDATE passkeys SET counter = $2, used_at = $3 WHERE id = $1");
    db_bind_i64(st, 1, key->id);
    db_bind_i64(st, 2, counter);
    db_bind_i64(st, 3, now_us);
    return db_run(st);
}

enum rc passkey_use(struct arena *a, struct db *db, struct str origin, const uint8_t challenge[32],
                    const struct passkey_proof *proof, int64_t now_us, int64_t *account_out) {
    struct kept_key key;
    uint32_t counter = 0;
    if (proof->credential.n == 0 || proof->credential.n > PASSKEY_ID_MAX)
        return RC_DENIED;
    enum rc rc = key_load(db, proof->credential, &key);
    if (rc != RC_OK)
        return rc;
    if (!proof_fits(a, origin, challenge, proof, &key, &counter))
        return RC_DENIED;
    // Two devices that count on their own: one of them is a copy.
    if ((counter != 0 || key.counter != 0) && counter <= key.counter) {
        log_warn("staff: passkey %lld of account %lld counts %u after %lld: it may have been copied; refused",
                 (long long)key.id, (long long)key.account_id, counter, (long long)key.counter);
        return RC_DENIED;
    }
    *account_out = key.account_id;
    return note_use(db, &key, counter, now_us);
}

// ---- list and removal --------------------------------------------------------------------------------------------------

enum rc passkey_list(struct arena *a, struct db *db, int64_t account_id, struct passkey **out, size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT id, name, credential, created_at, used_at FROM passkeys "
                                    "WHERE account_id = $1 ORDER BY created_at, id");
    db_bind_i64(st, 1, account_id);
    *out = ARENA_ARRAY(a, struct passkey, PASSKEYS_MAX);
    *count_out = 0;
    while (*count_out < PASSKEYS_MAX && db_step(st))
        (*out)[(*count_out)++] = (struct passkey){.id = db_i64(st, 0),
                                                  .name = db_str_dup(a, st, 1),
                                                  .credential = db_str_dup(a, st, 2),
                                                  .created_at = db_i64(st, 3),
                                                  .used_at = db_i64(st, 4)};
    return db_end(st);
}

enum rc passkey_remove(struct db *db, const struct audit_who *who, int64_t account_id, int64_t passkey_id) {
    struct db_stmt *st = db_sql(db, "DELETE FROM passkeys WHERE id = $1 AND account_id = $2");
    db_bind_i64(st, 1, passkey_id);
    db_bind_i64(st, 2, account_id);
    enum rc rc = db_run(st);
    if (rc == RC_OK && db_changes(db) == 0)
        rc = RC_NOT_FOUND;
    return rc == RC_OK ? staff_audit(db, who, "passkey-removed", account_id, STR(""), STR("")) : rc;
}

// ---- tickets -------------------------------------------------------------------------------------------------------------

//   16 random bytes | time in us, 8 bytes big-endian | the first 16 bytes of HMAC-SHA-256(key, "ticket" and those 24)
// and the challenge is HMAC-SHA-256(key, "challenge" and the same 24).
enum { TICKET_BODY = 24, TICKET_MAC = 16, TICKET_BYTES = TICKET_BODY + TICKET_MAC };

static void ticket_hmac(const uint8_t key[32], const char *mark, const uint8_t body[TICKET_BODY], uint8_t out[32]) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, 32);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)mark, strlen(mark));
    crypto_auth_hmacsha256_update(&state, body, TICKET_BODY);
    crypto_auth_hmacsha256_final(&state, out);
}

void login_ticket_make(const uint8_t key[32], int64_t now_us, char ticket_out[LOGIN_TICKET_CHARS + 1]) {
    uint8_t bytes[TICKET_BYTES], mac[32];
    random_bytes(bytes, 16);
    for (int i = 0; i < 8; i++)
        bytes[16 + i] = (uint8_t)((uint64_t)now_us >> (56 - 8 * i));
    ticket_hmac(key, "ticket", bytes, mac);
    memcpy(bytes + TICKET_BODY, mac, TICKET_MAC);
    base64url_put(ticket_out, LOGIN_TICKET_CHARS + 1, bytes, sizeof bytes);
}

enum rc login_ticket_challenge(const uint8_t key[32], struct str ticket, int64_t now_us, uint8_t challenge_out[32]) {
    uint8_t bytes[TICKET_BYTES], mac[32];
    uint64_t made = 0;
    if (ticket.n != LOGIN_TICKET_CHARS || !base64url_get(ticket, bytes, sizeof bytes))
        return RC_INVALID;
    ticket_hmac(key, "ticket", bytes, mac);
    if (sodium_memcmp(mac, bytes + TICKET_BODY, TICKET_MAC) != 0)
        return RC_INVALID;
    for (int i = 0; i < 8; i++)
        made = made << 8 | bytes[16 + i];
    int64_t age = now_us - (int64_t)made;
    if (age < 0 || age >= LOGIN_TICKET_MINUTES * 60 * US_PER_SECOND)
        return RC_GONE;
    ticket_hmac(key, "challenge", bytes, challenge_out);
    return RC_OK;
}
