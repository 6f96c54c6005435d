// SPDX-License-Identifier: AGPL-3.0-or-later
// Passwords that nobody chose: made, kept as a hash, compared in constant time.
#include <sodium.h>

#include "service/service.h"

_Static_assert(SERVICE_SALT_BYTES >= crypto_generichash_KEYBYTES_MIN && SERVICE_HASH_BYTES == crypto_generichash_BYTES,
               "BLAKE2b takes them");

static void hash_of(const uint8_t salt[SERVICE_SALT_BYTES], struct str secret, uint8_t out[SERVICE_HASH_BYTES]) {
    must(crypto_generichash(out, SERVICE_HASH_BYTES, (const unsigned char *)(secret.n > 0 ? secret.p : ""), secret.n,
                            salt, SERVICE_SALT_BYTES) == 0);
}

// RFC 4648's alphabet in lower case: 26 characters hold 130 bits.
void service_password_make(char secret_out[SERVICE_SECRET_CHARS + 1], struct service_password *out) {
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t bytes[SERVICE_SECRET_CHARS];
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < SERVICE_SECRET_CHARS; i++)
        secret_out[i] = alphabet[bytes[i] % 32];
    secret_out[SERVICE_SECRET_CHARS] = '\0';
    sodium_memzero(bytes, sizeof bytes);
    *out = (struct service_password){.is_set = true};
    random_bytes(out->salt, sizeof out->salt);
    hash_of(out->salt, str_from(secret_out), out->hash);
}

bool service_password_is(const struct service_password *kept, struct str secret) {
    uint8_t hash[SERVICE_HASH_BYTES];
    hash_of(kept->salt, secret, hash);
    return sodium_memcmp(hash, kept->hash, sizeof hash) == 0 && kept->is_set;
}
