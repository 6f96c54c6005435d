// SPDX-License-Identifier: AGPL-3.0-or-later
// Path segments and queries of a request target.
#include "http/url.h"

static bool is_dots(struct str s) {
    return str_eq(s, STR(".")) || str_eq(s, STR(".."));
}

static bool has_control(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return true;
    return false;
}

int url_segment(struct arena *a, struct str segment, struct str *out) {
    size_t at;
    *out = segment;
    if (str_find_char(segment, '%', &at)) {
        if (!percent_decode(a, segment, out))
            return 400;
        if (str_find_char(*out, '/', &at))
            return 404;
    }
    if (!utf8_valid(*out))
        return 400;
    return out->n == 0 || is_dots(*out) || has_control(*out) ? 404 : 0;
}

int url_rest(struct arena *a, struct str rest, struct str *out) {
    char *joined = arena_take(a, rest.n + 1);
    size_t n = 0;
    struct str part;
    *out = STR_NONE;
    while (str_next(&rest, '/', &part)) {
        struct str decoded;
        int status = url_segment(a, part, &decoded);
        if (status != 0)
            return status;
        if (n > 0)
            joined[n++] = '/';
        memcpy(joined + n, decoded.p, decoded.n);
        n += decoded.n;
    }
    *out = (struct str){joined, n};
    return n == 0 ? 404 : 0;
}

bool url_query_next(struct str *rest, struct str *name_out, struct str *value_out) {
    struct str pair;
    while (str_next(rest, '&', &pair)) {
        if (pair.n == 0)
            continue;
        size_t at;
        bool has_value = str_find_char(pair, '=', &at);
        *name_out = has_value ? str_slice(pair, 0, at) : pair;
        *value_out = has_value ? str_slice(pair, at + 1, pair.n) : STR("");
        return true;
    }
    return false;
}

static bool find_value(struct str query, struct str name, struct str *out) {
    struct str key;
    while (url_query_next(&query, &key, out))
        if (str_eq(key, name) && out->n > 0)
            return true;
    return false;
}

struct str url_query_canonical(struct arena *a, const struct http_form *form, struct str query) {
    struct str out = STR_NONE, value;
    if (form == NULL || query.n == 0)
        return out;
    struct buf b;
    buf_init(&b, query.n + 1); // no longer than what it was taken from
    for (size_t i = 0; i < form->count; i++) {
        struct str name = str_from(form->rules[i].name);
        if (!find_value(query, name, &value))
            continue;
        if (b.n > 0)
            buf_char(&b, '&');
        buf_str(&b, name);
        buf_char(&b, '=');
        buf_str(&b, value);
    }
    if (b.n > 0)
        out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}
