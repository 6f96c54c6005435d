// SPDX-License-Identifier: AGPL-3.0-or-later
// What a proxy in front of us says about the client, believed only from configured addresses.
#include "http/proxy.h"

#include <arpa/inet.h>

static bool same_host(const struct sockaddr *a, const struct sockaddr *b) {
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET) {
        struct sockaddr_in x, y;
        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        return x.sin_addr.s_addr == y.sin_addr.s_addr;
    }
    if (a->sa_family == AF_INET6) {
        struct sockaddr_in6 x, y;
        memcpy(&x, a, sizeof(x));
        memcpy(&y, b, sizeof(y));
        return memcmp(&x.sin6_addr, &y.sin6_addr, sizeof(x.sin6_addr)) == 0;
    }
    return a->sa_family == AF_UNIX; // whoever may open our socket file
}

bool proxy_is_trusted(const struct http_server_setup *setup, const struct sockaddr *peer) {
    for (size_t i = 0; i < setup->trusted_proxy_count; i++)
        if (same_host(peer, (const struct sockaddr *)&setup->trusted_proxies[i].sa))
            return true;
    return false;
}

// "192.0.2.1", "[2001:db8::1]:443", "192.0.2.1:80", "2001:db8::1".
static bool read_address(struct str s, struct net_address *out) {
    char text[INET6_ADDRSTRLEN] = {0};
    size_t at;
    s = str_trim(s);
    if (s.n > 0 && s.p[0] == '[') {
        if (!str_find_char(s, ']', &at))
            return false;
        s = str_slice(s, 1, at);
    } else if (str_find_char(s, '.', &at) && str_find_char(s, ':', &at)) {
        s = str_slice(s, 0, at);
    }
    if (s.n == 0 || s.n >= sizeof(text))
        return false;
    memcpy(text, s.p, s.n);
    memset(out, 0, sizeof(*out));
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        memcpy(&out->sa, &in, sizeof(in));
        out->len = sizeof(in);
    } else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1) {
        memcpy(&out->sa, &in6, sizeof(in6));
        out->len = sizeof(in6);
    } else {
        return false;
    }
    return true;
}

// From the right: each proxy appended whom it heard it from; the first that is not one of ours is the client. What
// stands left of that, the client may have invented.
static void apply_for(const struct http_server_setup *setup, struct request_head *h, struct str list) {
    while (list.n > 0) {
        size_t at = list.n;
        while (at > 0 && list.p[at - 1] != ',')
            at--;
        struct net_address address;
        if (!read_address(str_slice(list, at, list.n), &address))
            return;
        h->req.peer = address;
        if (!proxy_is_trusted(setup, (const struct sockaddr *)&address.sa))
            return;
        list = str_slice(list, 0, at > 0 ? at - 1 : 0);
    }
}

void proxy_apply(const struct http_server_setup *setup, struct request_head *h) {
    if (setup->trusted_proxy_count == 0 || !proxy_is_trusted(setup, (const struct sockaddr *)&h->req.peer.sa))
        return;
    h->req.secure = str_eq_nocase(h->known[FIELD_X_FORWARDED_PROTO], STR("https"));
    // A second line would be appended by a nearer proxy: the last one counts.
    for (size_t i = h->req.header_count; i-- > 0;)
        if (str_eq_nocase(h->req.headers[i].name, STR("x-forwarded-for"))) {
            apply_for(setup, h, h->req.headers[i].value);
            return;
        }
}
