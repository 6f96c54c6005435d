// SPDX-License-Identifier: AGPL-3.0-or-later
// Pages with live numbers. A body is cut at its spots into pieces; each piece is deflated once, ending on a byte
// boundary with nothing behind it that a later piece refers to (full flush). At send time a phrase goes between two
// pieces as a stored block, and the checksum of the whole is put together from the pieces' own:
//
//   gzip head | piece 0 | 00 len ~len phrase | piece 1 | ... | last piece | crc32 size
//
// Nearly every reader takes gzip, and the plain body is four times as large: of a packed page only the packed body is
// kept. The first reader who wants it plain has it unpacked; from then on the page has both.
#include "http/page.h"
#include "http/negotiate.h"
#include "http/reply.h"

#define ZLIB_CONST
#include <zlib.h>

struct piece {
    size_t from, bytes; // in the plain body
    size_t packed_from, packed_bytes;
    uint32_t crc;
    // What the piece's length makes of each bit of the checksum before it. Moving a checksum is linear, so thirty-two
    // masked words do at each sending what crc32_combine_op would do with a multiplication of polynomials.
    uint32_t moved[32];
};
struct http_page {
    atomic_uint refs;
    int status;
    char *_Atomic body; // plain, all pieces in a row; NULL: packed only, so far
    char *packed;       // gzip head and deflated pieces, or NULL
    size_t body_bytes, packed_bytes;
    char *heads; // head_plain, head_gzip, head_304, etag
    size_t heads_bytes;
    struct str head_plain, head_gzip, head_304, etag;
    bool has_cache_control;
    int64_t last_modified_us;
    struct piece pieces[PAGE_PIECES];
    struct http_spot spots[HTTP_SPOTS_MAX];
    size_t spot_count;
    _Atomic uint64_t *count_reads, *count_raw;
    int64_t read_key;
    void *keep;
    void (*keep_free)(void *keep);
};

// ---- making ----------------------------------------------------------------------------------------------------

static void cut_pieces(struct http_page *page, struct str body) {
    size_t at = 0;
    for (size_t i = 0; i <= page->spot_count; i++) {
        struct piece *piece = &page->pieces[i];
        size_t end = i < page->spot_count ? page->spots[i].at : body.n;
        must(end >= at && end <= body.n);
        piece->from = at;
        piece->bytes = end - at;
        piece->crc = (uint32_t)crc32_z(0, (const Bytef *)body.p + at, piece->bytes);
        z_crc_t op = (z_crc_t)crc32_combine_gen((z_off_t)piece->bytes);
        for (unsigned bit = 0; bit < 32; bit++)
            piece->moved[bit] = (uint32_t)crc32_combine_op((uLong)1 << bit, 0, op);
        at = end;
    }
}

static void deflate_piece(struct str body, struct piece *piece, z_stream *z, bool last) {
    piece->packed_from = (size_t)z->total_out + 10;
    if (piece->bytes > 0 || last) {
        z->next_in = (const Bytef *)body.p + piece->from;
        z->avail_in = (uInt)piece->bytes;
        int got = deflate(z, last ? Z_FINISH : Z_FULL_FLUSH);
        must(got == (last ? Z_STREAM_END : Z_OK) && z->avail_in == 0 && z->avail_out > 0);
    }
    piece->packed_bytes = (size_t)z->total_out + 10 - piece->packed_from;
}

static char *body_copy(struct str body) {
    char *copy = mem_new(body.n + 1);
    if (body.n > 0)
        memcpy(copy, body.p, body.n);
    return copy;
}

static void pack(struct http_page *page, struct str body) {
    static const char head[10] = {'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};
    z_stream z = {0};
    // Above level 6 a page of words gets a tenth slower to make and two bytes smaller.
    must(deflateInit2(&z, 6, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = (size_t)deflateBound(&z, (uLong)body.n) + 64 * PAGE_PIECES + sizeof(head);
    char *packed = mem_new(room);
    memcpy(packed, head, sizeof(head));
    z.next_out = (Bytef *)packed + sizeof(head);
    z.avail_out = (uInt)(room - sizeof(head));
    for (size_t i = 0; i <= page->spot_count; i++)
        deflate_piece(body, &page->pieces[i], &z, i == page->spot_count);
    page->packed_bytes = (size_t)z.total_out + sizeof(head);
    deflateEnd(&z);
    // Copied, not cut to size: the rests behind thousands of kept bodies would be too small for the next page's room.
    if (page->packed_bytes + 8 + 5 * page->spot_count < body.n)
        page->packed = body_copy((struct str){packed, page->packed_bytes});
    mem_free(packed);
}

static void add_common(struct buf *b, const struct http_page_parts *parts, bool vary) {
    if (parts->cache_control.n > 0)
        buf_fmt(b, "Cache-Control: %.*s\r\n", STR_ARG(parts->cache_control));
    if (parts->etag.n > 0)
        buf_fmt(b, "ETag: %.*s\r\n", STR_ARG(parts->etag));
    if (parts->last_modified_us != 0) {
        char date[HTTP_DATE_BYTES];
        http_date_put(date, parts->last_modified_us);
        buf_fmt(b, "Last-Modified: %.*s\r\n", HTTP_DATE_BYTES, date);
    }
    if (vary)
        buf_c(b, "Vary: Accept-Encoding\r\n");
}

static void add_head(struct buf *b, const struct http_page_parts *parts, bool vary, bool gzip) {
    buf_fmt(b, "HTTP/1.1 %d %s\r\n", parts->status, http_reason(parts->status));
    if (parts->content_type.n > 0)
        buf_fmt(b, "Content-Type: %.*s\r\n", STR_ARG(parts->content_type));
    buf_str(b, parts->extra_headers);
    add_common(b, parts, vary);
    if (gzip)
        buf_c(b, "Content-Encoding: gzip\r\n");
    buf_c(b, "Content-Length: ");
}

static void make_heads(struct http_page *page, const struct http_page_parts *parts) {
    struct buf b;
    bool vary = page->packed != NULL;
    buf_init(&b, 4 * (parts->extra_headers.n + parts->etag.n + 4096));
    add_head(&b, parts, vary, false);
    size_t plain = b.n;
    add_head(&b, parts, vary, true);
    size_t gzip = b.n;
    buf_c(&b, "HTTP/1.1 304 Not Modified\r\n");
    add_common(&b, parts, vary);
    size_t end_304 = b.n;
    buf_str(&b, parts->etag);
    must(!b.failed);
    page->heads = mem_new(b.n);
    page->heads_bytes = b.n;
    memcpy(page->heads, b.p, b.n);
    page->head_plain = (struct str){page->heads, plain};
    page->head_gzip = (struct str){page->heads + plain, gzip - plain};
    page->head_304 = (struct str){page->heads + gzip, end_304 - gzip};
    page->etag = (struct str){page->heads + end_304, b.n - end_304};
    buf_fini(&b);
}

struct http_page *http_page_new(const struct http_page_parts *parts) {
    must(parts->spot_count <= HTTP_SPOTS_MAX && parts->body.n <= UINT32_MAX / 2);
    struct http_page *page = MEM_NEW(struct http_page);
    atomic_init(&page->refs, 1);
    page->status = parts->status != 0 ? parts->status : 200;
    page->body_bytes = parts->body.n;
    memcpy(page->spots, parts->spots, sizeof(page->spots));
    page->spot_count = parts->spot_count;
    page->last_modified_us = parts->last_modified_us;
    page->has_cache_control = parts->cache_control.n > 0;
    page->count_reads = parts->count_reads;
    page->count_raw = parts->count_raw;
    page->read_key = parts->read_key;
    page->keep = parts->keep;
    page->keep_free = parts->keep_free;
    cut_pieces(page, parts->body);
    if (parts->compress && parts->body.n > 0)
        pack(page, parts->body);
    atomic_init(&page->body, page->packed == NULL ? body_copy(parts->body) : NULL);
    struct http_page_parts with_status = *parts;
    with_status.status = page->status;
    make_heads(page, &with_status);
    return page;
}

struct http_page *http_page_ref(struct http_page *page) {
    atomic_fetch_add_explicit(&page->refs, 1, memory_order_relaxed);
    return page;
}

void http_page_unref(struct http_page **page) {
    struct http_page *p = *page;
    *page = NULL;
    if (p == NULL || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (p->keep_free != NULL)
        p->keep_free(p->keep);
    mem_free(atomic_load_explicit(&p->body, memory_order_relaxed));
    mem_free(p->packed);
    mem_free(p->heads);
    mem_free(p);
}

// ---- asking ----------------------------------------------------------------------------------------------------

size_t http_page_bytes(const struct http_page *page, bool plain) {
    size_t body = plain || page->packed == NULL ? page->body_bytes : 0;
    return sizeof(*page) + body + page->packed_bytes + page->heads_bytes;
}

int http_page_status(const struct http_page *page) {
    return page->status;
}

struct str http_page_etag(const struct http_page *page) {
    return page->etag;
}

struct str page_head(const struct http_page *page, bool gzip) {
    return gzip ? page->head_gzip : page->head_plain;
}

struct str page_head_304(const struct http_page *page) {
    return page->head_304;
}

bool page_has_gzip(const struct http_page *page) {
    return page->packed != NULL;
}

bool page_has_cache_control(const struct http_page *page) {
    return page->has_cache_control;
}

int64_t page_read_key(const struct http_page *page) {
    return page->read_key;
}

bool page_counts_reads(const struct http_page *page) {
    return page->count_reads != NULL && page->status == 200;
}

bool page_not_modified(const struct http_page *page, struct str if_none_match, struct str if_modified_since) {
    if (page->status != 200)
        return false;
    if (if_none_match.p != NULL)
        return negotiate_etag_matches(if_none_match, page->etag);
    int64_t since;
    if (if_modified_since.p == NULL || page->last_modified_us == 0 || !http_date_get(if_modified_since, &since))
        return false;
    return page->last_modified_us / US_PER_SECOND <= since / US_PER_SECOND;
}

// ---- sending ---------------------------------------------------------------------------------------------------

// The numbers to show, read before the counters rise; one atomic step where both are the same cell, so that every
// reader sees a number of his own.
static void read_numbers(const struct http_page *page, bool read, bool raw, uint64_t numbers[HTTP_SPOTS_MAX]) {
    bool add = read && page->count_reads != NULL && page->status == 200;
    uint64_t before = add ? atomic_fetch_add_explicit(page->count_reads, 1, memory_order_relaxed) : 0;
    if (raw && page->count_raw != NULL && page->status == 200)
        atomic_fetch_add_explicit(page->count_raw, 1, memory_order_relaxed);
    for (size_t i = 0; i < page->spot_count; i++) {
        const struct http_spot *spot = &page->spots[i];
        bool own = add && spot->cell == page->count_reads;
        uint64_t now = own ? before : spot->cell != NULL ? atomic_load_explicit(spot->cell, memory_order_relaxed) : 0;
        numbers[i] = spot->base + now;
    }
}

static void add_iov(struct page_body *out, char *p, size_t n) {
    if (n == 0)
        return;
    out->iov[out->count++] = (struct iovec){p, n};
    out->bytes += n;
}

static size_t write_phrase(const struct http_spot *spot, uint64_t number, char *out) {
    size_t n = spot->write(spot->phrase, number, out, HTTP_SPOT_BYTES);
    return n <= HTTP_SPOT_BYTES ? n : 0;
}

// What pack made, one deflate stream whose pieces lie behind one another, is undone in one go.
static char *unpack(const struct http_page *page) {
    char *body = mem_new(page->body_bytes + 1);
    z_stream z = {.next_in = (Bytef *)page->packed + 10, .avail_in = (uInt)(page->packed_bytes - 10)};
    must(inflateInit2(&z, -15) == Z_OK);
    z.next_out = (Bytef *)body;
    z.avail_out = (uInt)page->body_bytes + 1;
    must(inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out == page->body_bytes);
    inflateEnd(&z);
    return body;
}

// Two threads may unpack at the same moment: the first to be done is the one that counts.
static char *plain_body(struct http_page *page) {
    char *body = atomic_load_explicit(&page->body, memory_order_acquire);
    if (body != NULL)
        return body;
    char *mine = unpack(page);
    if (atomic_compare_exchange_strong_explicit(&page->body, &body, mine, memory_order_acq_rel, memory_order_acquire))
        return mine;
    mem_free(mine);
    return body;
}

static void lay_out_plain(struct http_page *page, const uint64_t *numbers, char *scratch, struct page_body *out) {
    char *body = plain_body(page);
    for (size_t i = 0; i < page->spot_count; i++) {
        add_iov(out, body + page->pieces[i].from, page->pieces[i].bytes);
        size_t n = write_phrase(&page->spots[i], numbers[i], scratch);
        add_iov(out, scratch, n);
        scratch += n;
    }
    const struct piece *last = &page->pieces[page->spot_count];
    add_iov(out, body + last->from, last->bytes);
}

static void put_le(char *p, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++)
        p[i] = (char)(value >> (8 * i) & 0xff);
}

// The checksum of what came before and this piece.
static uint32_t crc_append(uint32_t before, const struct piece *piece) {
    uint32_t crc = piece->crc;
    for (unsigned bit = 0; bit < 32; bit++)
        crc ^= piece->moved[bit] & (0 - (before >> bit & 1));
    return crc;
}

static void lay_out_gzip(const struct http_page *page, const uint64_t *numbers, char *scratch, struct page_body *out) {
    uint32_t crc = page->pieces[0].crc;
    uint64_t size = page->body_bytes;
    add_iov(out, page->packed, 10 + page->pieces[0].packed_bytes);
    for (size_t i = 0; i < page->spot_count; i++) {
        const struct piece *after = &page->pieces[i + 1];
        size_t n = write_phrase(&page->spots[i], numbers[i], scratch + 5);
        scratch[0] = 0; // a stored block that is not the last
        put_le(scratch + 1, n, 2);
        put_le(scratch + 3, ~(uint64_t)n, 2);
        add_iov(out, scratch, n + 5);
        crc = crc_append((uint32_t)crc32_z(crc, (const Bytef *)scratch + 5, n), after);
        size += n;
        scratch += n + 5;
        add_iov(out, page->packed + after->packed_from, after->packed_bytes);
    }
    put_le(scratch, crc, 4);
    put_le(scratch + 4, size, 4);
    add_iov(out, scratch, 8);
}

void page_lay_out(struct http_page *page, bool gzip, bool read, bool raw, char scratch[PAGE_SCRATCH],
                  struct page_body *out) {
    uint64_t numbers[HTTP_SPOTS_MAX] = {0};
    out->count = 0;
    out->bytes = 0;
    read_numbers(page, read, raw, numbers);
    if (gzip)
        lay_out_gzip(page, numbers, scratch, out);
    else
        lay_out_plain(page, numbers, scratch, out);
}
