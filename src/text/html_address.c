// SPDX-License-Identifier: AGPL-3.0-or-later
// Which addresses a body may point to: http, https, mailto, tel, and this site's own.
#include "text/html.h"

enum { ADDRESS_MAX = 2048 };

// As browsers do: white space and control characters around it go, tabs and line ends inside it too.
static struct str strip(struct arena *a, struct str s) {
    while (s.n > 0 && (unsigned char)s.p[0] <= 32)
        s = str_slice(s, 1, s.n);
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= 32)
        s.n--;
    char *out = arena_take(a, s.n * 3 + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\t' || c == '\n' || c == '\r')
            continue;
        if (c < 32 || c == 127)
            return STR_NONE;
        if (c == ' ' || c == '<' || c == '>' || c == '"' || c == '`') {
            out[n++] = '%';
            hex_put(out + n, &c, 1);
            n += 2;
        } else {
            out[n++] = (char)c;
        }
    }
    return (struct str){out, n};
}

static bool scheme_allowed(struct str scheme, bool image) {
    if (str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")))
        return true;
    return !image && (str_eq_nocase(scheme, STR("mailto")) || str_eq_nocase(scheme, STR("tel")));
}

struct str html_address(struct arena *a, struct str dirty, bool image) {
    if (dirty.n > ADDRESS_MAX)
        return STR_NONE;
    struct str s = strip(a, dirty);
    size_t colon = 0;
    for (; colon < s.n && s.p[colon] != ':'; colon++)
        if (strchr("/?#", s.p[colon]) != NULL)
            break;
    if (s.n == 0 || s.n > ADDRESS_MAX || s.p[0] == '\\' || (s.p[0] == '/' && s.n > 1 && s.p[1] == '\\'))
        return STR_NONE;
    if (str_starts(s, STR("//"))) // another site's, by whichever scheme: ours is https
        return s.n > 2 ? str_fmt(a, "https:%.*s", STR_ARG(s)) : STR_NONE;
    if (colon == s.n || s.p[colon] != ':')
        return s;
    return scheme_allowed(str_slice(s, 0, colon), image) ? s : STR_NONE;
}
