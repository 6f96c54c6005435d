// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads CBOR heads: three bits say the kind, five the value or how many bytes of it follow, which must be as few as
// possible (CTAP2's canonical form), so that there is one way only to write a thing.
#include "staff/cbor.h"

enum { DEPTH_MAX = 8 };

static bool read_value(struct cbor *c, unsigned low, uint64_t *out) {
    static const uint64_t least[4] = {24, UINT64_C(1) << 8, UINT64_C(1) << 16, UINT64_C(1) << 32};
    *out = low;
    if (low < 24)
        return true;
    if (low > 27)
        return false; // reserved, or an indefinite length
    size_t n = (size_t)1 << (low - 24);
    if (c->rest.n < n)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | (uint8_t)c->rest.p[i];
    c->rest = str_slice(c->rest, n, c->rest.n);
    *out = v;
    return v >= least[low - 24];
}

bool cbor_next(struct cbor *c, struct cbor_item *out) {
    if (c->rest.n == 0)
        return false;
    uint8_t head = (uint8_t)c->rest.p[0];
    c->rest = str_slice(c->rest, 1, c->rest.n);
    *out = (struct cbor_item){.kind = (enum cbor_kind)(head >> 5)};
    if (out->kind == CBOR_SIMPLE && (head & 31) >= 24)
        return false; // floating point and unassigned values: no authenticator needs them
    if (!read_value(c, head & 31, &out->value))
        return false;
    if (out->kind == CBOR_BYTES || out->kind == CBOR_TEXT) {
        if (out->value > c->rest.n)
            return false;
        out->string = str_slice(c->rest, 0, (size_t)out->value);
        c->rest = str_slice(c->rest, (size_t)out->value, c->rest.n);
        return out->kind == CBOR_BYTES || utf8_valid(out->string);
    }
    // Each entry takes a byte at least.
    if (out->kind == CBOR_ARRAY || out->kind == CBOR_MAP)
        return out->value <= c->rest.n;
    return out->kind != CBOR_TAG;
}

static bool skip(struct cbor *c, int depth) {
    struct cbor_item item;
    if (depth > DEPTH_MAX || !cbor_next(c, &item))
        return false;
    uint64_t inside = item.kind == CBOR_ARRAY ? item.value : item.kind == CBOR_MAP ? 2 * item.value : 0;
    for (uint64_t i = 0; i < inside; i++)
        if (!skip(c, depth + 1))
            return false;
    return true;
}

bool cbor_skip(struct cbor *c, struct str *span_out) {
    struct str before = c->rest;
    if (!skip(c, 0))
        return false;
    *span_out = str_slice(before, 0, before.n - c->rest.n);
    return true;
}

bool cbor_integer(const struct cbor_item *item, int64_t *out) {
    if ((item->kind != CBOR_UINT && item->kind != CBOR_NEGATIVE) || item->value > INT64_MAX)
        return false;
    *out = item->kind == CBOR_UINT ? (int64_t)item->value : -1 - (int64_t)item->value;
    return true;
}
