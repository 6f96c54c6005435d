// SPDX-License-Identifier: AGPL-3.0-or-later
// What compiled templates write into: page text with every value escaped for the place it stands in. The tables say
// for each byte what becomes of it, so that a run of harmless bytes is copied in one piece.
#include "render/render.h"

enum { BODY_MAX = 8 << 20 };

void render_out_init(struct render_out *o, enum text_lang lang) {
    memset(o, 0, sizeof(*o));
    buf_init(&o->body, BODY_MAX);
    o->lang = lang;
}

void render_out_fini(struct render_out *o) {
    buf_fini(&o->body);
    o->spot_count = 0;
}

void render_raw(struct render_out *o, const char *literal, size_t n) {
    buf_add(&o->body, literal, n);
}

void render_html(struct render_out *o, struct html h) {
    buf_str(&o->body, h.s);
}

// ---- escaping ------------------------------------------------------------------------------------------------------

// NUL is not allowed in HTML in any form; it becomes the replacement character.
#define REPLACEMENT "\xef\xbf\xbd"
static const char *const text_escapes[256] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['\0'] = REPLACEMENT};
static const char *const attr_escapes[256] = {
    ['&'] = "&amp;",  ['<'] = "&lt;",       ['>'] = "&gt;",   ['"'] = "&quot;",
    ['\''] = "&#39;", ['\0'] = REPLACEMENT, ['\r'] = "&#13;",
};

static void escape(struct buf *b, const char *const table[256], struct str s) {
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *escaped = table[(unsigned char)s.p[i]];
        if (escaped != NULL) {
            buf_add(b, s.p + from, i - from);
            buf_c(b, escaped);
            from = i + 1;
        }
    }
    if (from < s.n) {
        buf_add(b, s.p + from, s.n - from);
    }
}

void render_text(struct render_out *o, struct str s) {
    escape(&o->body, text_escapes, s);
}

void render_attr(struct render_out *o, struct str s) {
    escape(&o->body, attr_escapes, s);
}

void render_json(struct render_out *o, struct str s) {
    static const char digits[] = "0123456789abcdef";
    struct buf *b = &o->body;
    buf_char(b, '"');
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (c == '"' || c == '\\') {
            buf_char(b, '\\');
            buf_char(b, (char)c);
        } else if (c < ' ' || c == 0x7f || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029) {
            char escaped[6] = {'\\',          'u', digits[(c >> 12) & 15], digits[(c >> 8) & 15], digits[(c >> 4) & 15],
                               digits[c & 15]};
            buf_add(b, escaped, sizeof(escaped));
        } else if (c == 0xfffd) {
            buf_c(b, REPLACEMENT);
        } else {
            buf_add(b, s.p + from, at - from);
        }
    }
    buf_char(b, '"');
}

// ---- addresses
// -------------------------------------------------------------------------------------------------------

static bool scheme_allowed(struct str scheme) {
    static const char *const allowed[] = {"http", "https", "mailto", "tel"};
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (str_eq_nocase(scheme, str_from(allowed[i]))) {
            return true;
        }
    }
    return false;
}

// Browsers drop white space and control bytes in and before an address and read \ as /: an address with any of them
// is not what it seems.
static bool address_plain(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '\\') {
            return false;
        }
    }
    return true;
}

static bool address_allowed(struct str s) {
    if (!address_plain(s)) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ':') {
            return scheme_allowed(str_slice(s, 0, i));
        }
        if (s.p[i] == '/' || s.p[i] == '?' || s.p[i] == '#') {
            return !str_starts(s, STR("//")); // another host's, under a name that looks like our own
        }
    }
    return true;
}

void render_url(struct render_out *o, struct str s) {
    if (address_allowed(s)) {
        render_attr(o, s);
    } else {
        buf_char(&o->body, '#');
    }
}

void render_url_query(struct render_out *o, struct str s) {
    percent_encode_segment(&o->body, s);
}

static bool descriptor_good(struct str d) {
    if (d.n == 0) {
        return true;
    }
    for (size_t i = 0; i + 1 < d.n; i++) {
        if ((d.p[i] < '0' || d.p[i] > '9') && d.p[i] != '.') {
            return false;
        }
    }
    return d.n > 1 && d.n < 12 && (d.p[d.n - 1] == 'w' || d.p[d.n - 1] == 'x');
}

void render_srcset(struct render_out *o, struct str s) {
    struct str member;
    bool any = false;
    while (str_next(&s, ',', &member)) {
        member = str_trim(member);
        size_t space = member.n;
        (void)str_find_char(member, ' ', &space);
        struct str address = str_slice(member, 0, space), descriptor = str_trim(str_slice(member, space, member.n));
        if (address.n == 0 || !address_allowed(address) || !descriptor_good(descriptor)) {
            continue;
        }
        buf_c(&o->body, any ? ", " : "");
        render_attr(o, address);
        if (descriptor.n > 0) {
            buf_char(&o->body, ' ');
            render_attr(o, descriptor);
        }
        any = true;
    }
}

void render_script(struct render_out *o, struct str s) {
    bool ours = str_starts(s, STR("/assets/"));
    for (size_t i = 8; ours && i < s.n; i++)
        ours = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || strchr(".-_", s.p[i]) != NULL;
    render_attr(o, ours ? s : STR("/assets/none"));
}

// ---- numbers
// -----------------------------------------------------------------------------------------------------------

void render_unsigned(struct render_out *o, uint64_t n) {
    buf_u64(&o->body, n);
}

void render_number(struct render_out *o, int64_t n) {
    if (n < 0) {
        buf_char(&o->body, '-');
    }
    buf_u64(&o->body, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

// A page has few live numbers; those beyond what it can hold are written as they stand now.
void render_put_spot(struct render_out *o, struct render_spot spot) {
    if (spot.phrase == NULL) {
        return;
    }
    if (o->spot_count == HTTP_SPOTS_MAX || spot.cell == NULL) {
        char out[HTTP_SPOT_BYTES];
        uint64_t now = spot.base + (spot.cell != NULL ? atomic_load_explicit(spot.cell, memory_order_relaxed) : 0);
        buf_add(&o->body, out, text_counter_write(spot.phrase, now, out, sizeof(out)));
        return;
    }
    o->spots[o->spot_count++] = (struct http_spot){
        .at = o->body.n, .cell = spot.cell, .base = spot.base, .write = text_counter_write, .phrase = spot.phrase};
}
