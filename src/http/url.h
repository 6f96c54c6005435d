// SPDX-License-Identifier: AGPL-3.0-or-later
// Pieces of a request target: segments are decoded once, here, and nowhere else.
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "http/http.h"

// Decodes one path segment into the arena: 0, or the status to answer. "." and "..", also when encoded, control bytes
// and an encoded slash are 404; a broken escape, an encoded NUL and invalid UTF-8 are 400.
int url_segment(struct arena *a, struct str segment, struct str *out);
// The same for the rest of a path, segment by segment, joined by '/'; an empty segment is 404.
int url_rest(struct arena *a, struct str rest, struct str *out);
// The query as the form names it: known fields only, in the schema's order, empty ones left out, escapes as sent.
// STR_NONE when nothing is left. `form` NULL names no field.
struct str url_query_canonical(struct arena *a, const struct http_form *form, struct str query);
// Reads "a=b&c=d": the next pair, undecoded. False at the end. Empty pairs are skipped.
bool url_query_next(struct str *rest, struct str *name_out, struct str *value_out);

#endif
