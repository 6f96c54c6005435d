// SPDX-License-Identifier: AGPL-3.0-or-later
// The site that a Referer field (RFC 9110, 10.1.3) names.
#include "record/record.h"

static bool is_host_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// A name has a dot inside, and no empty label: so a reader's own machine ("localhost") names nobody.
static bool is_host(struct str s) {
    size_t dot;
    if (s.n == 0 || !str_find_char(s, '.', &dot) || dot == 0 || s.p[s.n - 1] == '.' || str_find(s, STR(".."), &dot))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_host_char(s.p[i]))
            return false;
    return true;
}

static struct str authority_of(struct str address) {
    static const struct str schemes[] = {{"https://", 8}, {"http://", 7}, {"android-app://", 14}};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        struct str start = str_slice(address, 0, schemes[i].n);
        if (!str_eq_nocase(start, schemes[i]))
            continue;
        struct str rest = str_slice(address, schemes[i].n, address.n);
        size_t end = 0;
        while (end < rest.n && strchr("/?#:", rest.p[end]) == NULL)
            end++;
        return str_slice(rest, 0, end);
    }
    return STR_NONE;
}

struct str referrer_host(struct str address, char room[REFERRER_HOST_BYTES]) {
    struct str name = authority_of(address);
    if (name.n > REFERRER_HOST_BYTES)
        return STR_NONE;
    for (size_t i = 0; i < name.n; i++)
        room[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + 'a' - 'A') : name.p[i];
    struct str host = {room, name.n};
    if (str_starts(host, STR("www.")))
        host = str_slice(host, 4, host.n);
    return is_host(host) ? host : STR_NONE;
}
