// SPDX-License-Identifier: AGPL-3.0-or-later
// The three things that a browser hands over for a passkey, taken apart (WebAuthn Level 3: 5.8.1, 6.1, 6.5.4). Nothing
// here trusts or decides; that is passkey.c. Private to src/staff.
#ifndef STAFF_WEBAUTHN_H
#define STAFF_WEBAUTHN_H

#include "util/util.h"

enum {
    CLIENT_DATA_MAX = 4096,
    ATTESTATION_MAX = 16384,
    AUTHENTICATOR_DATA_MAX = 4096,
    PUBLIC_KEY_MAX = 64,
    WEBAUTHN_ES256 = -7,
    WEBAUTHN_EDDSA = -8,
};

// collectedClientData, JSON. `origin` and `type` lie in the arena.
struct client_data {
    struct str type;   // "webauthn.create", "webauthn.get"
    struct str origin; // of the page that asked
    uint8_t challenge[32];
    bool cross_origin; // the page stood in a frame of another origin
};
enum rc client_data_parse(struct arena *a, struct str json, struct client_data *out) MUST_USE; // RC_INVALID

// Authenticator data: 37 bytes, then a credential (at registration), then extensions. Views into the bytes given.
enum { AUTHENTICATOR_PRESENT = 0x01, AUTHENTICATOR_VERIFIED = 0x04 }; // bits of flags
struct authenticator_data {
    struct str rp_hash; // SHA-256 of the relying party's id
    uint8_t flags;
    uint32_t counter;
    bool has_credential;
    struct str credential; // its id
    int64_t algorithm;     // WEBAUTHN_ES256 or WEBAUTHN_EDDSA
    uint8_t public_key[PUBLIC_KEY_MAX];
    size_t public_key_size; // 64: x and y; 32
};
enum rc authenticator_data_parse(struct str bytes, struct authenticator_data *out) MUST_USE; // RC_INVALID

// The attestation object, CBOR. Views into the bytes given.
struct attestation {
    struct str format; // "none", "packed", ...
    struct str authenticator_data;
    uint64_t statement_entries; // 0 with "none"
    struct str signature;       // of "packed"; else none
    int64_t algorithm;          // the same
    bool has_certificates;      // x5c: signed by the maker's key, not by the credential itself
};
enum rc attestation_parse(struct str bytes, struct attestation *out) MUST_USE; // RC_INVALID

#endif
