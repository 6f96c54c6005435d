// SPDX-License-Identifier: AGPL-3.0-or-later
// Where a relay fetches from: what its service says, and what a redirect or a playlist there names instead.
#include "radio/inside.h"

static bool starts_nocase(struct str s, struct str with) {
    return s.n >= with.n && str_eq_nocase(str_slice(s, 0, with.n), with);
}

// "http://" or "https://"; false: another scheme. What stands behind it is left in *rest.
static bool read_scheme(struct str text, bool *is_tls, struct str *rest) {
    *is_tls = starts_nocase(text, STR("https://"));
    if (!*is_tls && !starts_nocase(text, STR("http://")))
        return false;
    *rest = str_slice(text, *is_tls ? sizeof "https://" - 1 : sizeof "http://" - 1, text.n);
    return true;
}

bool relay_address_read(struct str text, struct relay_address *out) {
    struct relay_address is = {0};
    struct str rest, host, port;
    size_t at;
    if (!read_scheme(text, &is.is_tls, &rest))
        return false;
    if (str_find_char(rest, '#', &at))
        rest = str_slice(rest, 0, at);
    at = 0;
    while (at < rest.n && rest.p[at] != '/' && rest.p[at] != '?')
        at++;
    bool has_path = at < rest.n && rest.p[at] == '/';
    http_host_split(str_slice(rest, 0, at), is.is_tls ? "443" : "80", &host, &port);
    if (host.n >= 2 && host.p[0] == '[')
        host = str_slice(host, 1, host.n - 1);
    struct str path = str_slice(rest, at, rest.n); // behind the "/" where it has none itself
    if (host.n == 0 || host.n >= sizeof is.host || port.n >= sizeof is.port || path.n + 1 >= sizeof is.path ||
        str_find_char(host, '@', &at))
        return false;
    memcpy(is.host, host.p, host.n);
    memcpy(is.port, port.p, port.n);
    is.path[0] = '/';
    memcpy(is.path + !has_path, path.p, path.n);
    *out = is;
    return true;
}

void relay_address_origin(const struct relay_address *address, char out[RELAY_ORIGIN_BYTES]) {
    bool is_v6 = strchr(address->host, ':') != NULL;
    (void)snprintf(out, RELAY_ORIGIN_BYTES, "http%s://%s%s%s:%s", address->is_tls ? "s" : "", is_v6 ? "[" : "",
                   address->host, is_v6 ? "]" : "", address->port);
}

// RFC 3986, 5.2, without "..": a server sees to that.
bool relay_address_follow(const struct relay_address *from, struct str text, struct relay_address *out) {
    char origin[RELAY_ORIGIN_BYTES], whole[RELAY_ORIGIN_BYTES + 2 * SERVICE_ADDRESS_BYTES];
    struct str path = str_from(from->path), scheme;
    size_t at;
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
            return false;
    if (text.n == 0 || text.n > SERVICE_ADDRESS_BYTES)
        return false;
    if (str_find(text, STR("://"), &at)) {
        scheme = str_slice(text, 0, at);
        if (!str_find_char(scheme, '/', &at) && !str_find_char(scheme, '?', &at))
            return relay_address_read(text, out);
    }
    if (str_find_char(path, '?', &at))
        path = str_slice(path, 0, at);
    while (text.p[0] != '?' && path.n > 0 && path.p[path.n - 1] != '/')
        path.n--;
    relay_address_origin(from, origin);
    if (str_starts(text, STR("//")))
        (void)snprintf(whole, sizeof whole, "http%s:%.*s", from->is_tls ? "s" : "", STR_ARG(text));
    else
        (void)snprintf(whole, sizeof whole, "%s%.*s%.*s", origin, STR_ARG(text.p[0] == '/' ? STR("") : path),
                       STR_ARG(text));
    return relay_address_read(str_from(whole), out);
}
