// SPDX-License-Identifier: AGPL-3.0-or-later
// A finished page as the server sends it: prepared pieces, between which the live numbers go.
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include <sys/uio.h>

#include "http/http.h"

enum {
    PAGE_PIECES = HTTP_SPOTS_MAX + 1,
    PAGE_IOV = 2 * HTTP_SPOTS_MAX + 2, // pieces, phrases and the gzip trailer
    // A phrase with the head of its stored block, for each spot, and the trailer.
    PAGE_SCRATCH = HTTP_SPOTS_MAX * (HTTP_SPOT_BYTES + 5) + 8,
};

// The head without its end: the status line, all fixed fields and "Content-Length: " last.
struct str page_head(const struct http_page *page, bool gzip);
struct str page_head_304(const struct http_page *page); // without its end; no Content-Length
bool page_has_gzip(const struct http_page *page);
bool page_has_cache_control(const struct http_page *page);
int64_t page_read_key(const struct http_page *page);
bool page_counts_reads(const struct http_page *page);
bool page_not_modified(const struct http_page *page, struct str if_none_match, struct str if_modified_since);

struct page_body {
    struct iovec iov[PAGE_IOV];
    int count;
    uint64_t bytes;
};
// Reads the live numbers and lays out the body. With `read`, this is a reader's 200: the page's counters rise, and
// the number shown is the one from before. With `raw`, only the raw count does. `scratch` holds the changing bytes.
void page_lay_out(struct http_page *page, bool gzip, bool read, bool raw, char scratch[PAGE_SCRATCH],
                  struct page_body *out);

#endif
