// SPDX-License-Identifier: AGPL-3.0-or-later
// Filling a reply. A line break inside a name or value would let a caller write headers of his own: that is a bug.
#include "http/reply.h"

#include <unistd.h>

const char *http_reason(int status) {
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status)
            return rows[i].text;
    return "Other";
}

int http_status_of(enum rc rc) {
    switch (rc) {
    case RC_OK:
        return 200;
    case RC_NOT_FOUND:
        return 404;
    case RC_GONE:
        return 410;
    case RC_CONFLICT:
        return 409;
    case RC_INVALID:
        return 422;
    case RC_DENIED:
        return 403;
    case RC_BUSY:
        return 503;
    case RC_TOO_BIG:
        return 413;
    case RC_IO:
        return 500;
    }
    return 500;
}

void reply_init(struct http_reply *reply) {
    memset(reply, 0, sizeof(*reply));
    buf_init(&reply->headers, REPLY_HEADERS_MAX);
    buf_init(&reply->body, REPLY_BODY_MAX);
    reply->file_fd = -1;
}

void reply_fini(struct http_reply *reply) {
    buf_fini(&reply->headers);
    buf_fini(&reply->body);
    http_page_unref(&reply->page);
    if (reply->file_fd >= 0)
        close(reply->file_fd);
    reply->file_fd = -1;
}

static bool is_line_safe(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
            return false;
    return true;
}

void http_reply_header(struct http_reply *reply, const char *name, struct str value) {
    must(is_line_safe(str_from(name)) && is_line_safe(value));
    buf_c(&reply->headers, name);
    buf_c(&reply->headers, ": ");
    buf_str(&reply->headers, value);
    buf_c(&reply->headers, "\r\n");
}

void http_reply_redirect(struct http_reply *reply, int status, struct str location) {
    must(status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
    reply->status = status;
    http_reply_header(reply, "Location", location);
}

void http_reply_cookie(struct http_reply *reply, const char *name, struct str value, const char *attributes) {
    must(is_line_safe(str_from(name)) && is_line_safe(value) && is_line_safe(str_from(attributes)));
    buf_fmt(&reply->headers, "Set-Cookie: %s=%.*s", name, STR_ARG(value));
    if (attributes != NULL && attributes[0] != '\0')
        buf_fmt(&reply->headers, "; %s", attributes);
    buf_c(&reply->headers, "\r\n");
}

// Walks the lines of the reply's headers, CRLF included.
static bool next_line(struct str *rest, struct str *line) {
    size_t at;
    if (!str_find_char(*rest, '\n', &at))
        return false;
    *line = str_slice(*rest, 0, at + 1);
    *rest = str_slice(*rest, at + 1, rest->n);
    return true;
}

static bool line_is(struct str line, struct str name) {
    return line.n > name.n && line.p[name.n] == ':' && str_eq_nocase(str_slice(line, 0, name.n), name);
}

struct str reply_header(const struct http_reply *reply, const char *name) {
    struct str rest = buf_view(&reply->headers), line, want = str_from(name);
    while (next_line(&rest, &line))
        if (line_is(line, want))
            return str_trim(str_slice(line, want.n + 1, line.n));
    return STR_NONE;
}

bool reply_has_header(const struct http_reply *reply, const char *name) {
    return reply_header(reply, name).p != NULL;
}

void reply_own_lines(const struct http_reply *reply, struct buf *out) {
    struct str rest = buf_view(&reply->headers), line;
    while (next_line(&rest, &line))
        if (line_is(line, STR("Set-Cookie")) || line_is(line, STR("Allow")))
            buf_str(out, line);
}

struct str reply_cache_control(const struct http_route *route, enum http_method method, int status) {
    if (route == NULL || status >= 400 || (method != HTTP_GET && method != HTTP_HEAD))
        return STR("no-store");
    switch (route->cache) {
    case HTTP_CACHE_EDITION:
        return STR("private, no-cache");
    case HTTP_CACHE_SHORT:
        return STR("public, max-age=60");
    case HTTP_CACHE_FOREVER:
        return STR("public, max-age=31536000, immutable");
    case HTTP_CACHE_NEVER:
        break;
    }
    return STR("no-store");
}
