// SPDX-License-Identifier: AGPL-3.0-or-later
// Text and bodies made fit for readers elsewhere: no forbidden characters, no address that needs our origin.
#include "feeds/feed.h"

static bool is_allowed(uint32_t c) {
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return c != 0x7F && (c < 0x80 || c > 0x9F) && c != 0xFFFE && c != 0xFFFF;
}

struct str feed_text(struct arena *a, struct str s) {
    char *out = arena_take(a, 3 * s.n + 1);
    size_t n = 0;
    for (size_t at = 0; at < s.n;) {
        uint32_t c = utf8_next(s, &at);
        char bytes[4];
        if (!is_allowed(c))
            continue;
        size_t len = utf8_put(bytes, c);
        memcpy(out + n, bytes, len);
        n += len;
    }
    return (struct str){out, n};
}

// A cleaned body has < and > only as tag ends, and attributes as name="value".
static bool at_relative_address(struct str s, size_t at) {
    static const struct str names[] = {{" href=\"/", 8}, {" src=\"/", 7}};
    struct str rest = str_slice(s, at, s.n);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_starts(rest, names[i]))
            return rest.n > names[i].n && rest.p[names[i].n] != '/';
    return false;
}

struct str feed_html(struct arena *a, struct str origin, struct html body) {
    struct buf b;
    buf_init(&b, 4 << 20);
    bool in_tag = false;
    for (size_t at = 0; at < body.s.n; at++) {
        char c = body.s.p[at];
        in_tag = c == '<' || (in_tag && c != '>');
        buf_char(&b, c);
        if (in_tag && c == ' ' && at_relative_address(body.s, at)) {
            size_t quote = 0;
            (void)str_find_char(str_slice(body.s, at, body.s.n), '"', &quote);
            buf_str(&b, str_slice(body.s, at + 1, at + quote + 1));
            buf_str(&b, origin);
            at += quote;
        }
    }
    struct str out = b.failed ? body.s : str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}
