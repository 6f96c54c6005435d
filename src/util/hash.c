// SPDX-License-Identifier: AGPL-3.0-or-later
// Hashes and randomness, all by libsodium.
#include <sodium.h>
#include <unistd.h>

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

enum rc hash_sha256_file(int fd, uint64_t at, uint64_t bytes, struct digest *out) {
    static _Thread_local unsigned char chunk[1 << 16];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    while (bytes > 0) {
        ssize_t got = pread(fd, chunk, bytes < sizeof chunk ? (size_t)bytes : sizeof chunk, (off_t)at);
        if (got <= 0)
            return RC_IO;
        crypto_hash_sha256_update(&state, chunk, (unsigned long long)got);
        at += (uint64_t)got;
        bytes -= (uint64_t)got;
    }
    crypto_hash_sha256_final(&state, out->bytes);
    return RC_OK;
}

void random_bytes(void *out, size_t n) {
    randombytes_buf(out, n);
}

uint64_t random_u64(void) {
    uint64_t v;
    randombytes_buf(&v, sizeof v);
    return v;
}
