// SPDX-License-Identifier: AGPL-3.0-or-later
// Heads and chunked bodies. Whatever comes, nothing outside of the input is borrowed, and a head that is accepted is
// accepted with the same meaning when it is read again.
#include "http/chunked.h"
#include "http/request_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct str s, const char *p, size_t n) {
    must(s.p == NULL || s.n == 0 || (s.n == 1 && s.p[0] == '/') || (s.p >= p && s.p + s.n <= p + n));
}

static void check_head(const struct request_head *h, const char *p, size_t n) {
    inside(h->req.target, p, n);
    inside(h->req.path, p, n);
    inside(h->req.query, p, n);
    inside(h->req.host, p, n);
    for (size_t i = 0; i < h->req.header_count; i++) {
        inside(h->req.headers[i].name, p, n);
        inside(h->req.headers[i].value, p, n);
    }
}

static void try_chunks(const char *p, size_t n) {
    struct chunked whole = {0}, pieces = {0};
    struct buf a, b;
    size_t used, used_pieces = 0;
    buf_init(&a, 65536);
    buf_init(&b, 65536);
    enum chunked_result first = chunked_feed(&whole, p, n, &a, &used), second = CHUNKED_MORE;
    for (size_t i = 0; i < n && second == CHUNKED_MORE; i++) {
        size_t one;
        second = chunked_feed(&pieces, p + i, 1, &b, &one);
        used_pieces += one;
    }
    must(first == second && used == used_pieces && str_eq(buf_view(&a), buf_view(&b)));
    buf_fini(&a);
    buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct http_limits limits = {.head_bytes = 16384, .header_count = 100, .target_bytes = 4096};
    struct http_header headers[100];
    struct request_head h, again;
    char *copy = mem_new(size + 1);
    if (size > 0)
        memcpy(copy, data, size);
    int got = request_parse(&h, headers, &limits, copy, size);
    must(got <= (int)size);
    check_head(&h, copy, size);
    if (got > 0) {
        must(!(h.chunked && h.has_length) && (h.has_host || h.req.minor == 0));
        must(request_parse(&again, headers, &limits, copy, (size_t)got) == got);
        must(again.content_length == h.content_length && again.req.method == h.req.method);
        try_chunks(copy + got, size - (size_t)got);
    } else {
        try_chunks(copy, size);
    }
    mem_free(copy);
    return 0;
}
