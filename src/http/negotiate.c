// SPDX-License-Identifier: AGPL-3.0-or-later
// Content coding, validators and ranges: the three ways in which a request narrows what it wants.
#include "http/negotiate.h"

// A q-value in thousandths; -1 when malformed.
static int quality(struct str s) {
    if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1'))
        return -1;
    int value = (s.p[0] - '0') * 1000, unit = 100;
    if (s.n > 1 && s.p[1] != '.')
        return -1;
    for (size_t i = 2; i < s.n; i++, unit /= 10) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        value += (s.p[i] - '0') * unit;
    }
    return value <= 1000 ? value : -1;
}

static int quality_of(struct str params) {
    struct str part;
    while (str_next(&params, ';', &part)) {
        part = str_trim(part);
        if (part.n >= 2 && (part.p[0] | 0x20) == 'q' && part.p[1] == '=')
            return quality(str_slice(part, 2, part.n));
    }
    return 1000;
}

bool negotiate_gzip(struct str accept) {
    if (str_starts(accept, STR("gzip, deflate"))) // what browsers send first, without a q-value of its own
        return true;
    int gzip = -1, any = -1, identity = -1;
    struct str part;
    while (str_next(&accept, ',', &part)) {
        size_t at;
        bool has_params = str_find_char(part, ';', &at);
        struct str name = str_trim(has_params ? str_slice(part, 0, at) : part);
        int q = has_params ? quality_of(str_slice(part, at + 1, part.n)) : 1000;
        if (str_eq_nocase(name, STR("gzip")) || str_eq_nocase(name, STR("x-gzip")))
            gzip = q;
        else if (str_eq_nocase(name, STR("identity")))
            identity = q;
        else if (str_eq(name, STR("*")))
            any = q;
    }
    if (gzip < 0)
        gzip = any;
    return gzip > 0 && gzip >= identity;
}

static struct str without_weak(struct str tag) {
    return str_starts(tag, STR("W/")) ? str_slice(tag, 2, tag.n) : tag;
}

bool negotiate_etag_matches(struct str list, struct str etag) {
    etag = without_weak(etag);
    if (etag.n == 0)
        return false;
    list = str_trim(list);
    if (str_eq(list, STR("*")))
        return true;
    // A tag may hold commas, so tags are taken by their quotes.
    while (list.n > 0) {
        size_t open, close;
        if (!str_find_char(list, '"', &open) || !str_find_char(str_slice(list, open + 1, list.n), '"', &close))
            return false;
        if (str_eq(str_slice(list, open, open + close + 2), etag))
            return true;
        list = str_slice(list, open + close + 2, list.n);
    }
    return false;
}

enum negotiate_range negotiate_range(struct str range, uint64_t bytes, uint64_t *from_out, uint64_t *length_out) {
    size_t at;
    uint64_t from = 0, last = 0;
    if (!str_starts(range, STR("bytes=")) || str_find_char(range, ',', &at))
        return RANGE_NONE;
    range = str_slice(range, 6, range.n);
    if (!str_find_char(range, '-', &at))
        return RANGE_NONE;
    struct str first = str_slice(range, 0, at), second = str_slice(range, at + 1, range.n);
    if (first.n == 0) { // the last N bytes
        if (!str_to_u64(second, &last))
            return RANGE_NONE;
        if (last == 0 || bytes == 0)
            return RANGE_OUTSIDE;
        *length_out = last < bytes ? last : bytes;
        *from_out = bytes - *length_out;
        return RANGE_OK;
    }
    if (!str_to_u64(first, &from) || (second.n > 0 && (!str_to_u64(second, &last) || last < from)))
        return RANGE_NONE;
    if (from >= bytes)
        return RANGE_OUTSIDE;
    if (second.n == 0 || last >= bytes)
        last = bytes - 1;
    *from_out = from;
    *length_out = last - from + 1;
    return RANGE_OK;
}
