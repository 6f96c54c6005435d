// SPDX-License-Identifier: AGPL-3.0-or-later
// A browser and an authenticator for tests: makes keys with OpenSSL or libsodium and writes what a real pair would send.
#ifndef TESTS_UNIT_STAFF_AUTHENTICATOR_H
#define TESTS_UNIT_STAFF_AUTHENTICATOR_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include "house.h"
#include "staff/webauthn.h"

#define ORIGIN STR("https://desk.example.org")
#define RP "desk.example.org"

struct authenticator {
    struct arena *a;
    bool eddsa;
    EVP_PKEY *es256;
    uint8_t ed_public[crypto_sign_PUBLICKEYBYTES], ed_secret[crypto_sign_SECRETKEYBYTES];
    struct str credential;
    uint32_t counter;
    // What a test bends; all zero is a good browser.
    const char *origin, *type, *rp, *extra_member;
    bool cross_origin;
    uint8_t flags_off;
    bool self_signed, bad_signature;
};

static inline struct authenticator authenticator_make(struct arena *a, bool eddsa) {
    struct authenticator t = {.a = a, .eddsa = eddsa};
    uint8_t id[32];
    random_bytes(id, sizeof id);
    t.credential = str_dup(a, (struct str){(const char *)id, sizeof id});
    if (eddsa)
        crypto_sign_keypair(t.ed_public, t.ed_secret);
    else
        t.es256 = EVP_EC_gen("P-256");
    assert_true(eddsa || t.es256 != NULL);
    return t;
}

static inline void authenticator_free(struct authenticator *t) {
    EVP_PKEY_free(t->es256);
    t->es256 = NULL;
}

static inline struct str make_client_data(struct authenticator *t, const char *type, const uint8_t challenge[32]) {
    char text[44];
    base64url_put(text, sizeof text, challenge, 32);
    return str_fmt(t->a, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":%s%s}",
                   t->type != NULL ? t->type : type, text, t->origin != NULL ? t->origin : "https://desk.example.org",
                   t->cross_origin ? "true" : "false", t->extra_member != NULL ? t->extra_member : "");
}

static inline void put_head(struct buf *b, unsigned major, size_t value) {
    if (value < 24)
        buf_char(b, (char)(major << 5 | value));
    else if (value < 256) {
        buf_char(b, (char)(major << 5 | 24));
        buf_char(b, (char)value);
    } else {
        buf_char(b, (char)(major << 5 | 25));
        buf_char(b, (char)(value >> 8));
        buf_char(b, (char)value);
    }
}

static inline void put_string(struct buf *b, unsigned major, struct str s) {
    put_head(b, major, s.n);
    buf_str(b, s);
}

static inline void put_key(struct authenticator *t, struct buf *b) {
    if (t->eddsa) {
        buf_add(b, "\xa4\x01\x01\x03\x27\x20\x06\x21", 8);
        put_string(b, 2, (struct str){(const char *)t->ed_public, sizeof t->ed_public});
        return;
    }
    uint8_t point[65];
    size_t n = 0;
    assert_int_equal(EVP_PKEY_get_octet_string_param(t->es256, "pub", point, sizeof point, &n), 1);
    assert_int_equal(n, 65);
    buf_add(b, "\xa5\x01\x02\x03\x26\x20\x01\x21", 8);
    put_string(b, 2, (struct str){(const char *)point + 1, 32});
    buf_char(b, '\x22');
    put_string(b, 2, (struct str){(const char *)point + 33, 32});
}

static inline struct str make_authenticator_data(struct authenticator *t, bool with_credential) {
    struct buf b;
    struct digest hash;
    const char *rp = t->rp != NULL ? t->rp : RP;
    uint8_t flags = (uint8_t)((0x05 | (with_credential ? 0x40 : 0)) & ~t->flags_off);
    buf_init(&b, 4096);
    hash_sha256(rp, strlen(rp), &hash);
    buf_add(&b, hash.bytes, sizeof hash.bytes);
    buf_char(&b, (char)flags);
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_char(&b, (char)(t->counter >> shift));
    if (with_credential) {
        buf_add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        buf_char(&b, (char)(t->credential.n >> 8));
        buf_char(&b, (char)t->credential.n);
        buf_str(&b, t->credential);
        put_key(t, &b);
    }
    struct str data = str_dup(t->a, buf_view(&b));
    buf_fini(&b);
    return data;
}

// Over the authenticator data and the hash of the client data.
static inline struct str make_signature(struct authenticator *t, struct str data, struct str client_data) {
    struct buf b;
    struct digest hash;
    uint8_t signature[256];
    size_t n = sizeof signature;
    buf_init(&b, 8192);
    buf_str(&b, data);
    hash_sha256(client_data.p, client_data.n, &hash);
    buf_add(&b, hash.bytes, sizeof hash.bytes);
    if (t->eddsa) {
        crypto_sign_detached(signature, NULL, (const uint8_t *)b.p, b.n, t->ed_secret);
        n = crypto_sign_BYTES;
    } else {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, t->es256), 1);
        assert_int_equal(EVP_DigestSign(ctx, signature, &n, (const uint8_t *)b.p, b.n), 1);
        EVP_MD_CTX_free(ctx);
    }
    buf_fini(&b);
    if (t->bad_signature)
        signature[n - 1] ^= 1;
    return str_dup(t->a, (struct str){(const char *)signature, n});
}

static inline struct passkey_offer make_offer(struct authenticator *t, const uint8_t challenge[32]) {
    struct passkey_offer offer = {.client_data = make_client_data(t, "webauthn.create", challenge)};
    struct str data = make_authenticator_data(t, true);
    struct buf b;
    buf_init(&b, 8192);
    buf_char(&b, '\xa3');
    put_string(&b, 3, STR("fmt"));
    put_string(&b, 3, t->self_signed ? STR("packed") : STR("none"));
    put_string(&b, 3, STR("attStmt"));
    if (t->self_signed) {
        buf_char(&b, '\xa2');
        put_string(&b, 3, STR("alg"));
        buf_char(&b, t->eddsa ? '\x27' : '\x26');
        put_string(&b, 3, STR("sig"));
        put_string(&b, 2, make_signature(t, data, offer.client_data));
    } else
        buf_char(&b, '\xa0');
    put_string(&b, 3, STR("authData"));
    put_string(&b, 2, data);
    offer.attestation_object = str_dup(t->a, buf_view(&b));
    buf_fini(&b);
    return offer;
}

static inline struct passkey_proof make_proof(struct authenticator *t, const uint8_t challenge[32]) {
    struct passkey_proof proof = {.credential = t->credential,
                                  .client_data = make_client_data(t, "webauthn.get", challenge),
                                  .authenticator_data = make_authenticator_data(t, false)};
    proof.signature = make_signature(t, proof.authenticator_data, proof.client_data);
    return proof;
}

#endif
