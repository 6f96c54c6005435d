// SPDX-License-Identifier: AGPL-3.0-or-later
// One pass over the head of a request. Refused with a status and a closed connection, because somebody between the
// reader and us might read it differently: bare CR or LF, folded lines, space before a colon, NUL, two lengths, a
// length beside an encoding, an encoding that is not exactly "chunked", a missing or second Host, an absolute target
// that disagrees with Host.
#include "http/request_parser.h"
#include "http/scan.h"

struct cursor {
    char *p, *end;
};

static struct str between(const char *from, const char *to) {
    return (struct str){from, (size_t)(to - from)};
}

// At a CR: 1 when CRLF follows (and skips it), 0 when more bytes are needed, -400 otherwise.
static int take_crlf(struct cursor *c) {
    if (c->p == c->end)
        return 0;
    if (*c->p != '\r')
        return -400;
    if (c->end - c->p < 2)
        return 0;
    if (c->p[1] != '\n')
        return -400;
    c->p += 2;
    return 1;
}

static enum http_method method_of(struct str m) {
    static const struct {
        struct str text;
        enum http_method method;
    } rows[] = {
        {{"GET", 3}, HTTP_GET},         {{"HEAD", 4}, HTTP_HEAD}, {{"POST", 4}, HTTP_POST},
        {{"OPTIONS", 7}, HTTP_OPTIONS}, {{"PUT", 3}, HTTP_PUT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (m.n == rows[i].text.n && memcmp(m.p, rows[i].text.p, m.n) == 0)
            return rows[i].method;
    return HTTP_OTHER;
}

static int parse_method(struct request_head *h, struct cursor *c) {
    char *from = c->p;
    if (c->end - from >= 4 && memcmp(from, "GET ", 4) == 0) {
        h->req.method = HTTP_GET;
        h->method_text = between(from, from + 3);
        c->p += 4;
        return 1;
    }
    c->p = scan_short(c->p, c->end, SCAN_TOKEN);
    if (c->p - from > 32)
        return -501;
    if (c->p == c->end)
        return 0;
    if (c->p == from || *c->p != ' ')
        return -400;
    h->method_text = between(from, c->p);
    h->req.method = method_of(h->method_text);
    c->p++;
    return 1;
}

static int parse_version(struct request_head *h, struct cursor *c, const struct http_limits *limits) {
    static const char start[] = "HTTP/", ice[] = "ICE/1.0";
    size_t have = (size_t)(c->end - c->p), ice_bytes = sizeof ice - 1;
    if (limits->old_encoders && have > 0 && memcmp(c->p, ice, have < ice_bytes ? have : ice_bytes) == 0) {
        if (have < ice_bytes)
            return 0;
        c->p += ice_bytes;
        return take_crlf(c);
    }
    if (memcmp(c->p, start, have < 5 ? have : 5) != 0)
        return -400;
    if (have < 8)
        return 0;
    bool digits = c->p[5] >= '0' && c->p[5] <= '9' && c->p[6] == '.' && c->p[7] >= '0' && c->p[7] <= '9';
    if (!digits)
        return -400;
    if (c->p[5] != '1')
        return -505;
    h->req.minor = c->p[7] == '0' ? 0 : 1;
    c->p += 8;
    return take_crlf(c);
}

// What old encoders write into a title as it is: butt encodes no more of it than it needs to find it again.
static bool is_unencoded(char c) {
    return (uint8_t)c >= 0x80 || c == '"' || c == '<' || c == '>' || c == '\\';
}

static char *target_end(const struct cursor *c, const struct http_limits *limits) {
    char *p = scan_long(c->p, c->end, SCAN_TARGET, scan_stops_target);
    while (limits->old_encoders && p < c->end && is_unencoded(*p))
        p = scan_long(p + 1, c->end, SCAN_TARGET, scan_stops_target);
    return p;
}

static int parse_line(struct request_head *h, struct cursor *c, const struct http_limits *limits) {
    int got = parse_method(h, c);
    if (got <= 0)
        return got;
    char *from = c->p;
    c->p = target_end(c, limits);
    h->req.target = between(from, c->p);
    if (h->req.target.n > limits->target_bytes)
        return -414;
    if (c->p == c->end)
        return 0;
    if (*c->p != ' ' || c->p == from)
        return -400;
    c->p++;
    return parse_version(h, c, limits);
}

// Eight bytes with the bit set that makes upper-case letters lower-case. Of the characters of a token only the two
// cases of a letter become that letter, and only '-' becomes '-': the known names hold nothing else.
static uint64_t lower_word(const char *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word | UINT64_C(0x2020202020202020);
}

// Of two tokens of the same length, `lower` known to be letters and '-' in lower case.
static bool same_name(const char *name, const char *lower, size_t n) {
    if (n < 8) {
        for (size_t i = 0; i < n; i++)
            if ((name[i] | 0x20) != lower[i])
                return false;
        return true;
    }
    for (size_t i = 0; i + 8 < n; i += 8)
        if (lower_word(name + i) != lower_word(lower + i))
            return false;
    return lower_word(name + n - 8) == lower_word(lower + n - 8);
}

static enum request_field field_of(struct str name) {
    static const struct {
        const char *name;
        uint8_t n;
        uint8_t field;
    } rows[] = {
        {"host", 4, FIELD_HOST},
        {"range", 5, FIELD_RANGE},
        {"x-moz", 5, FIELD_X_MOZ},
        {"expect", 6, FIELD_EXPECT},
        {"purpose", 7, FIELD_PURPOSE},
        {"referer", 7, FIELD_REFERER},
        {"if-range", 8, FIELD_IF_RANGE},
        {"connection", 10, FIELD_CONNECTION},
        {"user-agent", 10, FIELD_USER_AGENT},
        {"sec-purpose", 11, FIELD_SEC_PURPOSE},
        {"content-type", 12, FIELD_CONTENT_TYPE},
        {"if-none-match", 13, FIELD_IF_NONE_MATCH},
        {"content-length", 14, FIELD_CONTENT_LENGTH},
        {"accept-encoding", 15, FIELD_ACCEPT_ENCODING},
        {"x-forwarded-for", 15, FIELD_X_FORWARDED_FOR},
        {"if-modified-since", 17, FIELD_IF_MODIFIED_SINCE},
        {"transfer-encoding", 17, FIELD_TRANSFER_ENCODING},
        {"x-forwarded-proto", 17, FIELD_X_FORWARDED_PROTO},
    };
    // Where names of a length begin in the rows above; a length nobody has ends at once.
    static const uint8_t first[18] = {
        18, 18, 18, 18, 0, 1, 3, 4, 6, 18, 7, 9, 10, 11, 12, 13, 18, 15,
    };
    if (name.n >= sizeof(first))
        return FIELD_COUNT;
    for (size_t i = first[name.n]; i < sizeof(rows) / sizeof(rows[0]) && rows[i].n == name.n; i++)
        if (same_name(name.p, rows[i].name, name.n))
            return rows[i].field;
    return FIELD_COUNT;
}

static int take_length(struct request_head *h, struct str value) {
    if (h->has_length || value.n == 0 || value.n > 18)
        return -400;
    uint64_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return -400;
        n = n * 10 + (uint64_t)(value.p[i] - '0');
    }
    h->content_length = n;
    h->has_length = true;
    return 1;
}

static void take_connection(struct request_head *h, struct str value, bool *close) {
    struct str part;
    while (str_next(&value, ',', &part)) {
        part = str_trim(part);
        if (str_eq_nocase(part, STR("close")))
            *close = true;
        else if (str_eq_nocase(part, STR("keep-alive")))
            h->keep_alive = true;
    }
}

static int take_field(struct request_head *h, enum request_field field, struct str value, bool *close) {
    bool second = h->known[field].p != NULL;
    if (!second)
        h->known[field] = value;
    switch (field) {
    case FIELD_HOST:
        return second ? -400 : 1;
    case FIELD_CONTENT_LENGTH:
        return take_length(h, value);
    case FIELD_TRANSFER_ENCODING:
        h->chunked = true;
        return second || !str_eq_nocase(value, STR("chunked")) ? -400 : 1;
    case FIELD_CONNECTION:
        take_connection(h, value, close);
        return 1;
    case FIELD_EXPECT:
        if (str_eq_nocase(value, STR("100-continue")))
            h->expect_continue = true;
        else
            h->expect_other = true;
        return 1;
    default:
        return 1;
    }
}

static struct str trim_value(char *from, char *to) {
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    return between(from, to);
}

// Name, colon, value, CRLF.
static int parse_header(struct cursor *c, struct http_header *out) {
    char *from = c->p;
    c->p = scan_short(c->p, c->end, SCAN_TOKEN);
    if (c->p == c->end)
        return 0;
    if (*c->p != ':' || c->p == from)
        return -400;
    out->name = between(from, c->p);
    from = ++c->p;
    char *to = c->p = scan_long(c->p, c->end, SCAN_TEXT, scan_stops_text);
    int got = take_crlf(c);
    if (got > 0)
        out->value = trim_value(from, to);
    return got;
}

static int parse_headers(struct request_head *h, struct http_header *headers, struct cursor *c,
                         const struct http_limits *limits) {
    bool close = false;
    size_t count = 0;
    h->req.headers = headers;
    while (c->p < c->end && *c->p != '\r') {
        if (count == limits->header_count)
            return -431;
        int got = parse_header(c, &headers[count]);
        if (got <= 0)
            return got;
        enum request_field field = field_of(headers[count].name);
        if (field != FIELD_COUNT) {
            got = take_field(h, field, headers[count].value, &close);
            if (got < 0)
                return got;
        }
        h->req.header_count = ++count;
    }
    h->keep_alive = !close && (h->req.minor > 0 || h->keep_alive);
    return take_crlf(c);
}

static bool host_name_ok(struct str name) {
    if (name.n >= 2 && name.p[0] == '[') {
        if (name.p[name.n - 1] != ']' || name.n < 4)
            return false;
        for (size_t i = 1; i + 1 < name.n; i++) {
            char c = name.p[i];
            bool hex = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
            if (!hex && c != ':' && c != '.')
                return false;
        }
        return true;
    }
    for (size_t i = 0; i < name.n; i++)
        if (!scan_is(name.p[i], SCAN_HOST))
            return false;
    return name.n > 0;
}

static bool host_ok(struct str host) {
    if (host.n == 0 || host.n > 255 + 6)
        return false;
    size_t end = host.n;
    while (end > 0 && host.p[end - 1] >= '0' && host.p[end - 1] <= '9')
        end--;
    // Only digits after a colon outside of brackets are a port.
    if (end > 0 && host.p[end - 1] == ':' && !(host.p[0] == '[' && host.p[host.n - 1] == ']')) {
        if (end == host.n || host.n - end > 5)
            return false;
        return host_name_ok(str_slice(host, 0, end - 1));
    }
    return host_name_ok(host);
}

static void lower_in_place(char *base, struct str s) {
    char *p = base + (s.p - base);
    for (size_t i = 0; i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (char)(p[i] | 0x20);
}

static int check_host(struct request_head *h, char *base, const struct http_limits *limits) {
    h->has_host = h->known[FIELD_HOST].p != NULL;
    if (!h->has_host)
        return h->req.minor > 0 && !limits->old_encoders ? -400 : 1;
    struct str host = h->known[FIELD_HOST];
    if (!host_ok(host))
        return -400;
    lower_in_place(base, host);
    h->req.host = host;
    return 1;
}

// "http://host/path": the host must be the one of the Host line.
static int split_absolute(struct request_head *h) {
    struct str rest = h->req.target;
    size_t scheme = str_starts(rest, STR("http://")) ? 7 : str_starts(rest, STR("https://")) ? 8 : 0;
    if (scheme == 0)
        return -400;
    h->absolute = true;
    rest = str_slice(rest, scheme, rest.n);
    size_t at;
    if (!str_find_char(rest, '/', &at))
        at = rest.n;
    struct str authority = str_slice(rest, 0, at);
    if (!host_ok(authority) || (h->has_host && !str_eq_nocase(authority, h->req.host)))
        return -400;
    h->req.target = at < rest.n ? str_slice(rest, at, rest.n) : STR("/");
    if (at == rest.n && h->req.method == HTTP_OPTIONS)
        h->asterisk = true;
    return 1;
}

static int split_target(struct request_head *h) {
    struct http_request *r = &h->req;
    if (r->target.p[0] != '/') {
        if (r->target.n == 1 && r->target.p[0] == '*') {
            h->asterisk = true;
            return r->method == HTTP_OPTIONS ? 1 : -400;
        }
        if (str_eq(h->method_text, STR("CONNECT")))
            return host_ok(r->target) ? 1 : -400;
        int got = split_absolute(h);
        if (got < 0)
            return got;
    }
    const char *mark = memchr(r->target.p, '?', r->target.n);
    size_t at = mark != NULL ? (size_t)(mark - r->target.p) : r->target.n;
    r->path = (struct str){r->target.p, at};
    r->query = mark != NULL ? str_slice(r->target, at + 1, r->target.n) : STR_NONE;
    return 1;
}

static int check_framing(const struct request_head *h) {
    if (h->chunked && (h->has_length || h->req.minor == 0))
        return -400;
    if (h->req.minor > 0 && h->expect_other)
        return -417;
    return 1;
}

static int parse_all(struct request_head *h, struct http_header *headers, const struct http_limits *limits,
                     struct cursor *c, char *base) {
    if (c->p < c->end && *c->p == '\r') { // one empty line before a request is forgiven (RFC 9112 2.2)
        int got = take_crlf(c);
        if (got <= 0)
            return got;
    }
    int got = parse_line(h, c, limits);
    if (got <= 0)
        return got;
    got = parse_headers(h, headers, c, limits);
    if (got <= 0)
        return got;
    got = check_host(h, base, limits);
    if (got > 0)
        got = split_target(h);
    if (got > 0)
        got = check_framing(h);
    return got;
}

int request_parse(struct request_head *head, struct http_header *headers, const struct http_limits *limits, char *p,
                  size_t n) {
    memset(head, 0, sizeof(*head));
    struct cursor c = {p, p + n};
    int got = parse_all(head, headers, limits, &c, p);
    head->base = p;
    head->bytes = (size_t)(c.p - p);
    if (got < 0)
        return got;
    if (got == 0)
        return n >= limits->head_bytes ? (head->req.minor == 0 && head->req.headers == NULL ? -414 : -431) : 0;
    return head->bytes > limits->head_bytes ? -431 : (int)head->bytes;
}
