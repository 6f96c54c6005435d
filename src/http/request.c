// SPDX-License-Identifier: AGPL-3.0-or-later
// What handlers ask of a request.
#include "http/http.h"
#include "http/cookie.h"

struct str http_request_header(const struct http_request *r, const char *name) {
    struct str want = str_from(name);
    for (size_t i = 0; i < r->header_count; i++)
        if (r->headers[i].name.n == want.n && str_eq_nocase(r->headers[i].name, want))
            return r->headers[i].value;
    return STR_NONE;
}

struct str http_request_cookie(const struct http_request *r, const char *name) {
    for (size_t i = 0; i < r->header_count; i++) {
        if (!str_eq_nocase(r->headers[i].name, STR("cookie")))
            continue;
        struct str value = cookie_find(r->headers[i].value, str_from(name));
        if (value.p != NULL)
            return value;
    }
    return STR_NONE;
}

struct str http_request_field(const struct http_request *r, const char *name) {
    struct str want = str_from(name);
    for (size_t i = 0; i < r->field_count; i++)
        if (str_eq(r->fields[i].name, want))
            return r->fields[i].value;
    return STR_NONE;
}

// A page over https may post to itself also where a proxy that we do not know took the encryption off.
static bool origin_is_ours(const struct http_request *r, struct str origin) {
    bool https = str_starts(origin, STR("https://"));
    if (!https && (r->secure || !str_starts(origin, STR("http://"))))
        return false;
    struct str host = str_slice(origin, https ? 8 : 7, origin.n);
    return r->host.n > 0 && str_eq_nocase(host, r->host);
}

bool http_request_is_same_origin(const struct http_request *r) {
    struct str site = http_request_header(r, "Sec-Fetch-Site");
    if (site.p != NULL)
        return str_eq(site, STR("same-origin"));
    struct str origin = http_request_header(r, "Origin");
    return origin.p != NULL && origin_is_ours(r, origin);
}

void http_host_split(struct str host, const char *otherwise, struct str *name_out, struct str *port_out) {
    size_t colon = host.n;
    while (colon > 0 && host.p[colon - 1] != ':' && host.p[colon - 1] != ']')
        colon--;
    if (colon == 0 || host.p[colon - 1] == ']') {
        *name_out = host;
        *port_out = str_from(otherwise);
        return;
    }
    *name_out = str_slice(host, 0, colon - 1);
    *port_out = str_slice(host, colon, host.n);
}

bool http_origin_has_host(struct str origin, struct str host) {
    bool secure = str_starts(origin, STR("https://"));
    const char *port = secure ? "443" : "80";
    struct str our_name, our_port, name, name_port;
    http_host_split(str_slice(origin, secure ? 8 : 7, origin.n), port, &our_name, &our_port);
    http_host_split(host, port, &name, &name_port);
    return str_eq_nocase(name, our_name) && str_eq(name_port, our_port);
}
