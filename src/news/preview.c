// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses of previews: see news.h. 16 hex digits of the manuscript's id, 16 of the time it runs out in microseconds,
// 32 of the signature over both.
#include <sodium.h>

#include "news/news.h"

enum { SIGNED_BYTES = 16, MAC_BYTES = 16 };

static void big_endian(uint8_t out[8], uint64_t n) {
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(n >> (56 - 8 * i));
}

static uint64_t from_big_endian(const uint8_t p[8]) {
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n = n << 8 | p[i];
    return n;
}

static void sign(const uint8_t key[32], const uint8_t what[SIGNED_BYTES], uint8_t mac[MAC_BYTES]) {
    uint8_t whole[crypto_auth_hmacsha256_BYTES];
    (void)crypto_auth_hmacsha256(whole, what, SIGNED_BYTES, key);
    memcpy(mac, whole, MAC_BYTES);
}

struct str preview_token(struct arena *a, const uint8_t key[32], int64_t manuscript_id, int64_t now_us) {
    uint8_t bytes[SIGNED_BYTES + MAC_BYTES];
    big_endian(bytes, (uint64_t)manuscript_id);
    big_endian(bytes + 8, (uint64_t)(now_us + PREVIEW_HOURS * 3600 * US_PER_SECOND));
    sign(key, bytes, bytes + SIGNED_BYTES);
    char *text = arena_take(a, PREVIEW_TOKEN_CHARS + 1);
    hex_put(text, bytes, sizeof bytes);
    return (struct str){text, PREVIEW_TOKEN_CHARS};
}

enum rc preview_find(const uint8_t key[32], struct str token, int64_t now_us, int64_t *manuscript_out) {
    uint8_t bytes[SIGNED_BYTES + MAC_BYTES], mac[MAC_BYTES];
    if (!hex_get(token, bytes, sizeof bytes))
        return RC_NOT_FOUND;
    sign(key, bytes, mac);
    if (sodium_memcmp(mac, bytes + SIGNED_BYTES, MAC_BYTES) != 0)
        return RC_NOT_FOUND;
    *manuscript_out = (int64_t)from_big_endian(bytes);
    return (int64_t)from_big_endian(bytes + 8) > now_us ? RC_OK : RC_GONE;
}
