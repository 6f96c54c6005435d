// SPDX-License-Identifier: AGPL-3.0-or-later
// The head of a request, as strict as RFC 9112 allows: whatever two parsers could read differently is refused. Shown to the
// radio too, which reads heads with it and everything behind them in its own way.
#ifndef HTTP_REQUEST_PARSER_H
#define HTTP_REQUEST_PARSER_H

#include "http/http.h"

// Header fields the server itself looks at; found while parsing, so that nobody searches the list twice.
enum request_field {
    FIELD_HOST,
    FIELD_CONNECTION,
    FIELD_CONTENT_LENGTH,
    FIELD_CONTENT_TYPE,
    FIELD_TRANSFER_ENCODING,
    FIELD_EXPECT,
    FIELD_ACCEPT_ENCODING,
    FIELD_IF_NONE_MATCH,
    FIELD_IF_MODIFIED_SINCE,
    FIELD_IF_RANGE,
    FIELD_RANGE,
    FIELD_USER_AGENT,
    FIELD_REFERER,
    FIELD_PURPOSE,
    FIELD_SEC_PURPOSE,
    FIELD_X_MOZ,
    FIELD_X_FORWARDED_FOR,
    FIELD_X_FORWARDED_PROTO,
    FIELD_COUNT, // also: not one of them
};

struct request_head {
    struct http_request req;
    struct str method_text;
    struct str known[FIELD_COUNT]; // first occurrence
    const char *base;              // everything borrowed lies in base[0..bytes)
    size_t bytes;                  // of the whole head, with the empty line
    uint64_t content_length;
    bool has_length, chunked;
    bool keep_alive;
    bool expect_continue, expect_other;
    bool has_host;
    bool absolute; // absolute-form target; req.target is then its path and query
    bool asterisk; // "OPTIONS *"
};

// Reads one head from p[0..n). Fills `head`, which borrows from p (the host is lower-cased in place), and `headers`
// (limits->header_count rows). Returns the head's length; 0 when more bytes are needed; or minus the status to answer
// before closing. Whatever was known by then stands in `head`.
int request_parse(struct request_head *head, struct http_header *headers, const struct http_limits *limits, char *p,
                  size_t n);

#endif
