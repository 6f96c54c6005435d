// SPDX-License-Identifier: AGPL-3.0-or-later
// Takes client data, attestation objects and authenticator data apart. All three come from outside: every length is
// checked against what is there, members may stand once, and nothing may follow the end.
#include <jansson.h>

#include "staff/cbor.h"
#include "staff/internal.h"
#include "staff/webauthn.h"

// ---- client data -----------------------------------------------------------------------------------------------------

static struct str text_member(struct arena *a, const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value))
        return STR_NONE;
    return str_dup(a, (struct str){json_string_value(value), json_string_length(value)});
}

static enum rc read_members(struct arena *a, const json_t *object, struct client_data *out) {
    const json_t *cross = json_object_get(object, "crossOrigin");
    struct str challenge = text_member(a, object, "challenge");
    out->type = text_member(a, object, "type");
    out->origin = text_member(a, object, "origin");
    out->cross_origin = json_is_true(cross);
    bool whole = out->type.n > 0 && out->origin.n > 0 && (cross == NULL || json_is_boolean(cross)) &&
                 base64url_get(challenge, out->challenge, sizeof out->challenge);
    return whole ? RC_OK : RC_INVALID;
}

enum rc client_data_parse(struct arena *a, struct str json, struct client_data *out) {
    *out = (struct client_data){0};
    if (json.n == 0 || json.n > CLIENT_DATA_MAX)
        return RC_INVALID;
    json_error_t error;
    json_t *object = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &error);
    enum rc rc = json_is_object(object) ? read_members(a, object, out) : RC_INVALID;
    json_decref(object);
    return rc;
}

// ---- the credential's key (COSE, RFC 9053) ---------------------------------------------------------------------------

enum { KEY_TYPE = 1, KEY_ALGORITHM = 3, KEY_CURVE = -1, KEY_X = -2, KEY_Y = -3, COORDINATE = 32 };

struct cose_key {
    int64_t type, algorithm, curve;
    struct str x, y;
    unsigned seen; // bits, one for each of the five
};

// Keeps one entry; false when it stood before or is of another kind than it must be.
static bool key_entry(struct cose_key *key, int64_t label, const struct cbor_item *value) {
    static const int64_t labels[] = {KEY_TYPE, KEY_ALGORITHM, KEY_CURVE, KEY_X, KEY_Y};
    int64_t *const numbers[] = {&key->type, &key->algorithm, &key->curve};
    for (unsigned i = 0; i < 5; i++) {
        if (labels[i] != label)
            continue;
        if (key->seen & 1U << i)
            return false;
        key->seen |= 1U << i;
        if (i < 3)
            return cbor_integer(value, numbers[i]);
        if (value->kind != CBOR_BYTES || value->string.n != COORDINATE)
            return false;
        *(i == 3 ? &key->x : &key->y) = value->string;
        return true;
    }
    return false; // an entry that no key of these kinds has
}

static bool key_parse(struct cbor *c, struct authenticator_data *out) {
    struct cbor_item map, label, value;
    struct cose_key key = {0};
    int64_t number;
    if (!cbor_next(c, &map) || map.kind != CBOR_MAP || map.value > 5)
        return false;
    for (uint64_t i = 0; i < map.value; i++)
        if (!cbor_next(c, &label) || !cbor_integer(&label, &number) || !cbor_next(c, &value) ||
            !key_entry(&key, number, &value))
            return false;
    out->algorithm = key.algorithm;
    if (key.type == 2 && key.algorithm == WEBAUTHN_ES256 && key.curve == 1 && key.x.n > 0 && key.y.n > 0) {
        memcpy(out->public_key, key.x.p, COORDINATE);
        memcpy(out->public_key + COORDINATE, key.y.p, COORDINATE);
        out->public_key_size = 2 * COORDINATE;
        return true;
    }
    if (key.type == 1 && key.algorithm == WEBAUTHN_EDDSA && key.curve == 6 && key.x.n > 0 && key.y.n == 0) {
        memcpy(out->public_key, key.x.p, COORDINATE);
        out->public_key_size = COORDINATE;
        return true;
    }
    return false;
}

// ---- authenticator data ------------------------------------------------------------------------------------------------

enum { RP_HASH = 32, HEAD = 37, AAGUID = 16, HAS_CREDENTIAL = 0x40, HAS_EXTENSIONS = 0x80 };

static bool credential_parse(struct cbor *c, struct authenticator_data *out) {
    if (c->rest.n < AAGUID + 2)
        return false;
    const uint8_t *size = (const uint8_t *)c->rest.p + AAGUID;
    size_t n = (size_t)size[0] << 8 | size[1];
    c->rest = str_slice(c->rest, AAGUID + 2, c->rest.n);
    if (n == 0 || n > PASSKEY_ID_MAX || n > c->rest.n)
        return false;
    out->credential = str_slice(c->rest, 0, n);
    c->rest = str_slice(c->rest, n, c->rest.n);
    return key_parse(c, out);
}

static bool extensions_parse(struct cbor *c) {
    struct str span;
    return c->rest.n > 0 && (uint8_t)c->rest.p[0] >> 5 == CBOR_MAP && cbor_skip(c, &span);
}

enum rc authenticator_data_parse(struct str bytes, struct authenticator_data *out) {
    *out = (struct authenticator_data){0};
    if (bytes.n < HEAD || bytes.n > AUTHENTICATOR_DATA_MAX)
        return RC_INVALID;
    const uint8_t *p = (const uint8_t *)bytes.p;
    out->rp_hash = str_slice(bytes, 0, RP_HASH);
    out->flags = p[RP_HASH];
    out->counter = (uint32_t)p[33] << 24 | (uint32_t)p[34] << 16 | (uint32_t)p[35] << 8 | p[36];
    out->has_credential = (out->flags & HAS_CREDENTIAL) != 0;
    struct cbor rest = {str_slice(bytes, HEAD, bytes.n)};
    if (out->has_credential && !credential_parse(&rest, out))
        return RC_INVALID;
    if ((out->flags & HAS_EXTENSIONS) != 0 && !extensions_parse(&rest))
        return RC_INVALID;
    return rest.rest.n == 0 ? RC_OK : RC_INVALID;
}

// ---- attestation -------------------------------------------------------------------------------------------------------

enum { SEEN_FORMAT = 1, SEEN_STATEMENT = 2, SEEN_DATA = 4, SEEN_ALL = 7, ENTRIES_MAX = 8 };

// A statement's members; those of formats we do not know are stepped over.
static bool statement_parse(struct str span, struct attestation *out) {
    struct cbor c = {span};
    struct cbor_item map, name, value;
    if (!cbor_next(&c, &map) || map.kind != CBOR_MAP || map.value > ENTRIES_MAX)
        return false;
    out->statement_entries = map.value;
    for (uint64_t i = 0; i < map.value; i++) {
        struct str inner;
        if (!cbor_next(&c, &name) || name.kind != CBOR_TEXT || !cbor_skip(&c, &inner))
            return false;
        struct cbor one = {inner};
        if (!cbor_next(&one, &value))
            return false;
        if (str_eq(name.string, STR("sig")) && value.kind == CBOR_BYTES)
            out->signature = value.string;
        if (str_eq(name.string, STR("alg")) && !cbor_integer(&value, &out->algorithm))
            return false;
        out->has_certificates = out->has_certificates || str_eq(name.string, STR("x5c"));
    }
    return true;
}

static bool member_parse(struct cbor *c, struct str name, struct attestation *out, unsigned *seen) {
    struct cbor_item value;
    struct str span;
    unsigned bit = str_eq(name, STR("fmt"))        ? SEEN_FORMAT
                   : str_eq(name, STR("attStmt"))  ? SEEN_STATEMENT
                   : str_eq(name, STR("authData")) ? SEEN_DATA
                                                   : 0;
    if (*seen & bit)
        return false;
    *seen |= bit;
    if (bit == SEEN_STATEMENT)
        return cbor_skip(c, &span) && statement_parse(span, out);
    if (bit == 0)
        return cbor_skip(c, &span);
    if (!cbor_next(c, &value) || value.kind != (bit == SEEN_FORMAT ? CBOR_TEXT : CBOR_BYTES))
        return false;
    *(bit == SEEN_FORMAT ? &out->format : &out->authenticator_data) = value.string;
    return true;
}

enum rc attestation_parse(struct str bytes, struct attestation *out) {
    *out = (struct attestation){.format = STR_NONE};
    struct cbor c = {bytes};
    struct cbor_item map, name;
    unsigned seen = 0;
    if (bytes.n > ATTESTATION_MAX || !cbor_next(&c, &map) || map.kind != CBOR_MAP || map.value > ENTRIES_MAX)
        return RC_INVALID;
    for (uint64_t i = 0; i < map.value; i++)
        if (!cbor_next(&c, &name) || name.kind != CBOR_TEXT || !member_parse(&c, name.string, out, &seen))
            return RC_INVALID;
    return seen == SEEN_ALL && c.rest.n == 0 ? RC_OK : RC_INVALID;
}
