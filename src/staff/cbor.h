// SPDX-License-Identifier: AGPL-3.0-or-later
// The part of CBOR (RFC 8949) that authenticators write: definite lengths, integers, bytes, text, arrays, maps and the
// simple values. Everything read lies inside the bytes given; nesting is bounded. Private to src/staff.
#ifndef STAFF_CBOR_H
#define STAFF_CBOR_H

#include "util/util.h"

enum cbor_kind { CBOR_UINT, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_SIMPLE };
struct cbor {
    struct str rest; // what is not read yet
};
struct cbor_item {
    enum cbor_kind kind;
    uint64_t value;    // of integers (-1 - value for CBOR_NEGATIVE); number of entries of arrays and maps
    struct str string; // of bytes and text
};
// Reads one item; an array or map gives its head only, its entries follow. False: damaged, cut off, or not of this part.
bool cbor_next(struct cbor *c, struct cbor_item *out) MUST_USE;
// Steps over one whole item, whatever is in it; *span_out is its bytes.
bool cbor_skip(struct cbor *c, struct str *span_out) MUST_USE;
// The value of an integer item that fits, else false.
bool cbor_integer(const struct cbor_item *item, int64_t *out);

#endif
