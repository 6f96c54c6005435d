// SPDX-License-Identifier: AGPL-3.0-or-later
// What a browser hands over for a passkey: whatever it is, all that is taken out of it lies inside it. The first byte
// chooses which of the three it is taken for.
#include "staff/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_lie_in(struct str part, struct str whole) {
    must(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void authenticator(struct str bytes) {
    struct authenticator_data out;
    if (authenticator_data_parse(bytes, &out) != RC_OK)
        return;
    must_lie_in(out.rp_hash, bytes);
    must_lie_in(out.credential, bytes);
    must(out.rp_hash.n == 32 && out.has_credential == (out.credential.n > 0));
    must(!out.has_credential || out.public_key_size == (out.algorithm == WEBAUTHN_ES256 ? 64 : 32));
}

static void attestation(struct str bytes) {
    struct attestation out;
    if (attestation_parse(bytes, &out) != RC_OK)
        return;
    must_lie_in(out.format, bytes);
    must_lie_in(out.authenticator_data, bytes);
    must_lie_in(out.signature, bytes);
    authenticator(out.authenticator_data);
}

static void client_data(struct str bytes) {
    struct arena *a = arena_new(1 << 20);
    struct client_data out;
    if (client_data_parse(a, bytes, &out) == RC_OK)
        must(out.type.n > 0 && out.origin.n > 0 && utf8_valid(out.origin));
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const taken_for[])(struct str) = {client_data, authenticator, attestation};
    if (size > 0)
        taken_for[data[0] % 3]((struct str){(const char *)data + 1, size - 1});
    return 0;
}
