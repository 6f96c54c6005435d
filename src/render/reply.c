// SPDX-License-Identifier: AGPL-3.0-or-later
// The end of making a page: its headers, its validator, its place in the cache and in the reply.
#include "render/page_cache.h"

enum { COMPRESS_FROM = 256, HEADERS_MAX = 16 << 10 };

// A value that would end its header line, or a policy's list, is left out instead.
static bool fits_header(struct str s, const char *also_not) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || strchr(also_not, s.p[i]) != NULL) {
            return false;
        }
    }
    return s.n > 0;
}

struct str site_radio_origin(const struct site *site) {
    return str_from(atomic_load(&site->radio_origin));
}

// The radio's origin without the path that it may be under: a path in a policy would have to be written by rules of its own.
static void add_radio(struct buf *b, const struct site *site) {
    struct str origin = site_radio_origin(site);
    size_t at, host = str_starts(origin, STR("https://")) ? 8 : 7;
    if (!fits_header(origin, " ;,"))
        return;
    if (host < origin.n && str_find_char(str_slice(origin, host, origin.n), '/', &at))
        origin.n = host + at;
    buf_char(b, ' ');
    buf_str(b, origin);
}

static void add_policy(struct buf *b, const struct site *site, const struct render_page *page) {
    buf_c(b, "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
             "media-src 'self'");
    add_radio(b, site);
    if (fits_header(page->frame_origin, " ;,")) {
        buf_c(b, "; frame-src ");
        buf_str(b, page->frame_origin);
    }
    buf_fmt(b, "; form-action 'self'; base-uri 'none'; frame-ancestors '%s'; connect-src 'self'",
            page->is_framed ? "self" : "none");
    add_radio(b, site);
    buf_c(b, "; script-src 'self'\r\n");
}

static void add_headers(struct buf *b, const struct site *site, const struct render_page *page) {
    add_policy(b, site, page);
    buf_c(b, "X-Content-Type-Options: nosniff\r\n"
             "Referrer-Policy: strict-origin-when-cross-origin\r\n"
             "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(), usb=()\r\n"
             "Cross-Origin-Opener-Policy: same-origin\r\n");
    if (str_starts(site->origin, STR("https://"))) {
        buf_c(b, "Strict-Transport-Security: max-age=31536000\r\n");
    }
    if (page->no_index) {
        buf_c(b, "X-Robots-Tag: noindex\r\n");
    }
    if (fits_header(page->link_header, "")) {
        buf_c(b, "Link: ");
        buf_str(b, page->link_header);
        buf_c(b, "\r\n");
    }
}

static enum http_cache_policy policy_of(const struct http_request *req) {
    return req->route != NULL ? req->route->cache : HTTP_CACHE_NEVER;
}

static struct str cache_control(enum http_cache_policy policy, int status) {
    if (status != 200 && status != 410) {
        return STR("no-store");
    }
    switch (policy) {
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

static bool is_cached(const struct http_request *req, int status) {
    enum http_cache_policy policy = policy_of(req);
    bool reads = req->method == HTTP_GET || req->method == HTTP_HEAD;
    return reads && req->roles == 0 && (status == 200 || status == 410) &&
           (policy == HTTP_CACHE_EDITION || policy == HTTP_CACHE_SHORT);
}

// Weak, because the live numbers are not in it: they are put in behind the body that is hashed here.
static struct str etag_of(struct arena *a, const struct render_out *o, int status) {
    if (status != 200) {
        return STR_NONE;
    }
    return str_fmt(a, "W/\"%016llx\"", (unsigned long long)hash_stable(buf_view(&o->body)));
}

static struct http_page *make_page(const struct http_request *req, const struct render_out *o,
                                   const struct render_page *page, struct str headers) {
    int status = page->status != 0 ? page->status : 200;
    struct http_page_parts parts = {
        .status = status,
        .content_type = page->content_type.n > 0 ? page->content_type : STR("text/html; charset=utf-8"),
        .extra_headers = headers,
        .cache_control = cache_control(policy_of(req), status),
        .etag = etag_of(req->arena, o, status),
        .body = buf_view(&o->body),
        .spot_count = o->spot_count,
        // Not where a form's token stands beside what others may have chosen: its length would tell (BREACH).
        .compress = o->body.n >= COMPRESS_FROM && req->session == NULL,
    };
    memcpy(parts.spots, o->spots, sizeof(parts.spots));
    if (page->count != NULL && status == 200 && req->route != NULL && req->route->counted) {
        parts.count_reads = &page->count->reads;
        parts.count_raw = &page->count->raw;
        parts.read_key = page->number;
    }
    return http_page_new(&parts);
}

enum rc render_reply(struct http_request *req, struct http_reply *reply, struct render_out *o,
                     const struct render_uses *uses, const struct render_page *page) {
    const struct site *site = req->app;
    if (o->body.failed) {
        return RC_TOO_BIG;
    }
    struct buf headers;
    buf_init(&headers, HEADERS_MAX);
    add_headers(&headers, site, page);
    if (headers.failed) {
        buf_fini(&headers);
        return RC_TOO_BIG;
    }
    struct http_page *made = make_page(req, o, page, buf_view(&headers));
    buf_fini(&headers);
    if (site->cache != NULL && uses != NULL && is_cached(req, http_page_status(made))) {
        (void)page_cache_store(site->cache, req, made, uses, page->query_is_canonical);
    }
    http_page_unref(&reply->page);
    reply->page = made;
    return RC_OK;
}
