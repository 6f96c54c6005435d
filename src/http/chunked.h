// SPDX-License-Identifier: AGPL-3.0-or-later
// A body sent in chunks (RFC 9112 7.1), taken apart byte by byte as it arrives.
#ifndef HTTP_CHUNKED_H
#define HTTP_CHUNKED_H

#include "util/util.h"

struct chunked {
    int state;
    uint64_t left;        // of the chunk being read, or its size so far
    unsigned digits;      // of the size line
    unsigned extra_bytes; // of extensions of this chunk, or of all trailers
};
enum chunked_result { CHUNKED_MORE, CHUNKED_DONE, CHUNKED_BAD, CHUNKED_TOO_BIG };

// Zero-initialise `c`. Takes bytes from p[0..n), adds the content to `out` (whose max is the limit) and tells in
// *used_out how many it took; after CHUNKED_DONE the rest belongs to the next request. Trailers are dropped.
enum chunked_result chunked_feed(struct chunked *c, const char *p, size_t n, struct buf *out, size_t *used_out);

#endif
