// SPDX-License-Identifier: AGPL-3.0-or-later
// Reading "a=1; b=2". A value in double quotes loses them, as RFC 6265 allows both spellings.
#include "http/cookie.h"

static bool is_cookie_text(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c <= 0x20 || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

struct str cookie_find(struct str header, struct str name) {
    struct str pair;
    while (str_next(&header, ';', &pair)) {
        size_t at;
        pair = str_trim(pair);
        if (!str_find_char(pair, '=', &at) || !str_eq(str_trim(str_slice(pair, 0, at)), name))
            continue;
        struct str value = str_trim(str_slice(pair, at + 1, pair.n));
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = str_slice(value, 1, value.n - 1);
        if (!is_cookie_text(value))
            return STR_NONE;
        return value.p != NULL ? value : STR("");
    }
    return STR_NONE;
}
