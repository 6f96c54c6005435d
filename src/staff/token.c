// SPDX-License-Identifier: AGPL-3.0-or-later
// Random tokens, their hashes, and the alphabets they are written in.
#include <sodium.h>

#include "staff/internal.h"

void base64url_put(char *out, size_t room, const void *bytes, size_t n) {
    must(sodium_bin2base64(out, room, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != NULL);
}

bool base64url_get(struct str text, void *out, size_t n) {
    size_t got = 0;
    const char *end = NULL;
    return text.n > 0 &&
           sodium_base642bin(out, n, text.p, text.n, NULL, &got, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           got == n && end == text.p + text.n;
}

static void text_hash(struct str token, struct digest *out) {
    hash_sha256(token.p, token.n, out);
}

struct str token_make(struct arena *a, struct digest *hash_out) {
    uint8_t bytes[TOKEN_BYTES];
    char *text = arena_take(a, TOKEN_CHARS + 1);
    random_bytes(bytes, sizeof bytes);
    base64url_put(text, TOKEN_CHARS + 1, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    struct str token = {text, TOKEN_CHARS};
    text_hash(token, hash_out);
    return token;
}

bool token_hash(struct str token, struct digest *hash_out) {
    uint8_t bytes[TOKEN_BYTES];
    if (token.n != TOKEN_CHARS || !base64url_get(token, bytes, sizeof bytes))
        return false;
    text_hash(token, hash_out);
    return true;
}

void base32_put(char *out, const uint8_t *bytes, size_t n, const char alphabet[32]) {
    must(n % 5 == 0);
    for (size_t i = 0; i < n; i += 5) {
        uint64_t v = 0;
        for (size_t k = 0; k < 5; k++)
            v = v << 8 | bytes[i + k];
        for (int k = 7; k >= 0; k--, v >>= 5)
            out[i / 5 * 8 + (size_t)k] = alphabet[v & 31];
    }
}

bool staff_line_ok(struct str s, size_t chars) {
    if (s.n == 0 || s.n > 4 * chars || !utf8_valid(s) || utf8_count(s) > chars)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}
