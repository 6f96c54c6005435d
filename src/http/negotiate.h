// SPDX-License-Identifier: AGPL-3.0-or-later
// Which form of an answer a reader accepts.
#ifndef HTTP_NEGOTIATE_H
#define HTTP_NEGOTIATE_H

#include "util/util.h"

// By the q-values of Accept-Encoding (RFC 9110 12.5.3): gzip is accepted and not liked less than the plain form.
bool negotiate_gzip(struct str accept_encoding);
// If-None-Match, compared weakly (RFC 9110 13.1.2): "*" or a list with this tag in it.
bool negotiate_etag_matches(struct str if_none_match, struct str etag);
// One byte range of a thing of `bytes` bytes (RFC 9110 14.2). Several ranges, or what is no byte range, are ignored.
enum negotiate_range { RANGE_NONE, RANGE_OK, RANGE_OUTSIDE };
enum negotiate_range negotiate_range(struct str range, uint64_t bytes, uint64_t *from_out, uint64_t *length_out);

#endif
