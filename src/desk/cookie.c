// SPDX-License-Identifier: AGPL-3.0-or-later
// The desk's cookies. Under https their names begin with __Host-, so that no other host of the domain can set them and
// they never travel unencrypted; plain http is for this very machine only, where browsers take no such name.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>

#include "desk/visit.h"

enum { MAC_BYTES = crypto_auth_hmacsha256_BYTES, DEVICE_BYTES = 8 + MAC_BYTES, YEAR_SECONDS = 365 * 86400 };

static bool is_this_machine(struct str host) {
    size_t at;
    struct str name = host;
    if (host.n > 0 && host.p[0] == '[')
        return str_starts(host, STR("[::1]"));
    if (str_find_char(host, ':', &at))
        name = str_slice(host, 0, at);
    struct in_addr in;
    char text[16] = "";
    if (name.n < sizeof(text) && name.n > 0)
        memcpy(text, name.p, name.n);
    return str_eq(name, STR("localhost")) || (inet_pton(AF_INET, text, &in) == 1 && str_starts(name, STR("127.")));
}

bool desk_place_is_safe(const struct http_request *req) {
    return req->secure || (is_this_machine(req->host) && net_address_is_loopback(&req->peer));
}

static struct str name_of(const struct http_request *req, const char *name) {
    return str_fmt(req->arena, "%ssiaran%s%s", req->secure ? "__Host-" : "", strcmp(name, "session") == 0 ? "" : "-",
                   strcmp(name, "session") == 0 ? "" : name);
}

struct str desk_cookie(const struct http_request *req, const char *name) {
    return http_request_cookie(req, name_of(req, name).p);
}

void desk_cookie_set(struct desk_visit *v, const char *name, struct str value, int seconds) {
    struct str age = seconds != 0 ? str_fmt(v->a, "; Max-Age=%d", seconds > 0 ? seconds : 0) : STR("");
    struct str attributes =
        str_fmt(v->a, "Path=/; HttpOnly; SameSite=Lax%s%.*s", v->req->secure ? "; Secure" : "", STR_ARG(age));
    http_reply_cookie(v->reply, name_of(v->req, name).p, value, attributes.p);
}

void desk_cookie_end(struct desk_visit *v, const char *name) {
    desk_cookie_set(v, name, STR(""), -1);
}

// ---- devices that logged in before -----------------------------------------------------------------------------------

static void device_mac(const struct desk *desk, int64_t account_id, uint8_t out[DEVICE_BYTES]) {
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)account_id >> (8 * i));
    (void)crypto_auth_hmacsha256(out + 8, out, 8, desk->device_key);
}

bool desk_device_known(struct desk_visit *v, int64_t account_id) {
    uint8_t given[DEVICE_BYTES], ours[DEVICE_BYTES];
    struct str cookie = desk_cookie(v->req, "device");
    device_mac(v->desk, account_id, ours);
    return account_id != 0 && cookie.n == 2 * sizeof(given) && hex_get(cookie, given, sizeof(given)) &&
           sodium_memcmp(given, ours, sizeof(given)) == 0;
}

void desk_device_remember(struct desk_visit *v, int64_t account_id) {
    uint8_t bytes[DEVICE_BYTES];
    char hex[2 * DEVICE_BYTES];
    device_mac(v->desk, account_id, bytes);
    hex_put(hex, bytes, sizeof(bytes));
    desk_cookie_set(v, "device", (struct str){hex, sizeof(hex)}, YEAR_SECONDS);
}

// ---- where the visitor sits ------------------------------------------------------------------------------------------

static struct str first_of(struct str agent, const char *const rows[][2], size_t count) {
    size_t at;
    for (size_t i = 0; i < count; i++)
        if (str_find(agent, str_from(rows[i][0]), &at))
            return str_from(rows[i][1]);
    return STR_NONE;
}

// For the owner's eye only; nothing is decided by it. The order matters: most browsers name others too.
struct str desk_device_name(struct desk_visit *v) {
    static const char *const browsers[][2] = {{"Edg/", "Edge"},          {"OPR/", "Opera"},     {"Firefox/", "Firefox"},
                                              {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
                                              {"curl/", "curl"}};
    static const char *const systems[][2] = {{"Android", "Android"}, {"iPhone", "iPhone"},  {"iPad", "iPad"},
                                             {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"},
                                             {"Linux", "Linux"}};
    struct str agent = http_request_header(v->req, "User-Agent");
    struct str browser = first_of(agent, browsers, sizeof(browsers) / sizeof(browsers[0]));
    struct str system = first_of(agent, systems, sizeof(systems) / sizeof(systems[0]));
    if (browser.n == 0)
        return system;
    return system.n == 0 ? browser : str_fmt(v->a, "%.*s, %.*s", STR_ARG(browser), STR_ARG(system));
}

struct str desk_peer(const struct desk_visit *v) {
    char text[INET6_ADDRSTRLEN] = "local";
    const struct sockaddr *sa = (const struct sockaddr *)&v->req->peer.sa;
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof(in));
        (void)inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
    } else if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof(in));
        (void)inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof(text));
    }
    return str_dup(v->a, str_from(text));
}
