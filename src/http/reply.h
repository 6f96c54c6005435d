// SPDX-License-Identifier: AGPL-3.0-or-later
// What a handler fills, and the head made of it.
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "http/http.h"

enum { REPLY_HEADERS_MAX = 32 * 1024, REPLY_BODY_MAX = 16 * 1024 * 1024 };

void reply_init(struct http_reply *reply);
void reply_fini(struct http_reply *reply); // also drops page and file
bool reply_has_header(const struct http_reply *reply, const char *name);
struct str reply_header(const struct http_reply *reply, const char *name); // first, or STR_NONE
// Of reply->headers what belongs to this answer and not to the page beside it: Set-Cookie and Allow, as they stand.
void reply_own_lines(const struct http_reply *reply, struct buf *out);
// The Cache-Control value of a route's policy for this status.
struct str reply_cache_control(const struct http_route *route, enum http_method method, int status);

#endif
