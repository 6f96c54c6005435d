// SPDX-License-Identifier: AGPL-3.0-or-later
// Hashes and randomness, all by libsodium.
#include <sodium.h>

#include "util/util.h"

static uint8_t table_key[crypto_shorthash_KEYBYTES];

void hash_start(void) {
    must(sodium_init() >= 0);
    randombytes_buf(table_key, sizeof table_key);
}

static uint64_t short_hash(struct str s, const uint8_t *key) {
    uint64_t out;
    crypto_shorthash((unsigned char *)&out, (const unsigned char *)(s.p != NULL ? s.p : ""), s.n, key);
    return out;
}

uint64_t hash_key(struct str s) {
    return short_hash(s, table_key);
}

uint64_t hash_stable(struct str s) {
    static const uint8_t fixed[crypto_shorthash_KEYBYTES] = "siaran names 01";
    return short_hash(s, fixed);
}

void hash_sha256(const void *p, size_t n, struct digest *out) {
    crypto_hash_sha256(out->bytes, p, n);
}

void random_bytes(void *out, size_t n) {
    randombytes_buf(out, n);
}

uint64_t random_u64(void) {
    uint64_t v;
    randombytes_buf(&v, sizeof v);
    return v;
}
