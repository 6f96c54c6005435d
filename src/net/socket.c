// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses as people write them, and listening sockets.
//
// SO_REUSEPORT gives each loop its own accept queue, but it would also let a second server of the same user take half
// of the readers in silence. So the first socket is bound without it, which fails when anybody listens there, and
// only then made to share its port with its sisters.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/net.h"

enum { BACKLOG = 4096 };

// ---- addresses -----------------------------------------------------------------------------------------------

static void set_v4(struct net_address *out, struct in_addr host, uint16_t port) {
    struct sockaddr_in *in = (struct sockaddr_in *)&out->sa;
    in->sin_family = AF_INET;
    in->sin_addr = host;
    in->sin_port = htons(port);
    out->len = sizeof *in;
}

static void set_v6(struct net_address *out, struct in6_addr host, uint16_t port) {
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)&out->sa;
    in->sin6_family = AF_INET6;
    in->sin6_addr = host;
    in->sin6_port = htons(port);
    out->len = sizeof *in;
}

static bool set_unix(struct net_address *out, struct str path) {
    struct sockaddr_un *un = (struct sockaddr_un *)&out->sa;
    if (path.n == 0 || path.n >= sizeof un->sun_path || memchr(path.p, '\0', path.n) != NULL)
        return false;
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path.p, path.n);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n + 1);
    return true;
}

static bool parse_port(struct str text, uint16_t *out) {
    uint64_t port;
    if (text.n > 5 || !str_to_u64(text, &port) || port > 65535)
        return false;
    *out = (uint16_t)port;
    return true;
}

// "127.0.0.1" or "[::1]" as a C string without the brackets.
static bool copy_host(struct str host, char out[INET6_ADDRSTRLEN], bool *is_v6) {
    *is_v6 = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (*is_v6)
        host = str_slice(host, 1, host.n - 1);
    if (host.n == 0 || host.n >= INET6_ADDRSTRLEN || memchr(host.p, '\0', host.n) != NULL)
        return false;
    memcpy(out, host.p, host.n);
    out[host.n] = '\0';
    return true;
}

static bool parse_host_port(struct str host, uint16_t port, struct net_address *out) {
    char name[INET6_ADDRSTRLEN];
    bool is_v6;
    struct in_addr v4;
    struct in6_addr v6;
    if (!copy_host(host, name, &is_v6))
        return false;
    if (is_v6 && inet_pton(AF_INET6, name, &v6) == 1) {
        set_v6(out, v6, port);
        return true;
    }
    if (!is_v6 && inet_pton(AF_INET, name, &v4) == 1) {
        set_v4(out, v4, port);
        return true;
    }
    return false;
}

enum rc net_address_parse(struct str text, struct net_address *out, struct problem *p) {
    *out = (struct net_address){0};
    if (str_starts(text, STR("unix:"))) {
        if (set_unix(out, str_slice(text, 5, text.n)))
            return RC_OK;
        return problem_set(p, RC_INVALID, "\"%.*s\" is no usable socket path: it needs 1 to 107 bytes", STR_ARG(text));
    }
    size_t colon = text.n;
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    uint16_t port;
    if (parse_port(str_slice(text, colon, text.n), &port)) {
        if (colon == 0) {
            set_v6(out, in6addr_any, port);
            return RC_OK;
        }
        if (parse_host_port(str_slice(text, 0, colon - 1), port, out))
            return RC_OK;
    }
    return problem_set(p, RC_INVALID,
                       "\"%.*s\" is no address: write 127.0.0.1:8080, [::1]:8080, 8080 (all interfaces) or unix:/path",
                       STR_ARG(text));
}

static bool is_mapped_v4(const struct net_address *addr, struct in_addr *out) {
    const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&addr->sa;
    if (addr->sa.ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&in->sin6_addr))
        return false;
    memcpy(out, &in->sin6_addr.s6_addr[12], sizeof *out);
    return true;
}

// A reader who came over IPv4 to a socket for both is shown as IPv4.
struct str net_address_text(struct arena *a, const struct net_address *addr) {
    char host[INET6_ADDRSTRLEN] = "";
    struct in_addr v4;
    if (is_mapped_v4(addr, &v4)) {
        unsigned port = ntohs(((const struct sockaddr_in6 *)&addr->sa)->sin6_port);
        return str_fmt(a, "%s:%u", inet_ntop(AF_INET, &v4, host, sizeof host), port);
    }
    if (addr->sa.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&addr->sa;
        return str_fmt(a, "%s:%u", inet_ntop(AF_INET, &in->sin_addr, host, sizeof host), ntohs(in->sin_port));
    }
    if (addr->sa.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&addr->sa;
        return str_fmt(a, "[%s]:%u", inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host), ntohs(in->sin6_port));
    }
    const struct sockaddr_un *un = (const struct sockaddr_un *)&addr->sa;
    // The other end of a unix socket usually has no name.
    size_t room =
        addr->len > offsetof(struct sockaddr_un, sun_path) ? addr->len - offsetof(struct sockaddr_un, sun_path) : 0;
    return str_fmt(a, "unix:%.*s", (int)strnlen(un->sun_path, room), un->sun_path);
}

bool net_address_is_loopback(const struct net_address *addr) {
    struct in_addr v4;
    if (is_mapped_v4(addr, &v4))
        return ntohl(v4.s_addr) >> 24 == 127;
    if (addr->sa.ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)&addr->sa)->sin_addr.s_addr) >> 24 == 127;
    if (addr->sa.ss_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)&addr->sa)->sin6_addr);
    return addr->sa.ss_family == AF_UNIX;
}

// ---- listening -----------------------------------------------------------------------------------------------

static unsigned port_of(const struct net_address *addr) {
    if (addr->sa.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)&addr->sa)->sin_port);
    return ntohs(((const struct sockaddr_in6 *)&addr->sa)->sin6_port);
}

static enum rc bind_problem(const struct net_address *addr, int error, struct problem *p) {
    struct arena *a = arena_new(4096);
    const char *name = net_address_text(a, addr).p;
    enum rc rc;
    if (error == EADDRINUSE && addr->sa.ss_family == AF_UNIX)
        rc = problem_set(p, RC_CONFLICT, "another program listens on %s", name);
    else if (error == EADDRINUSE)
        rc = problem_set(p, RC_CONFLICT,
                         "port %u is already in use by another program; choose another with --http ADDR:PORT",
                         port_of(addr));
    else if (error == EACCES)
        rc = problem_set(p, RC_DENIED, "no permission to listen on %s%s", name,
                         addr->sa.ss_family == AF_UNIX ? "" : ": ports below 1024 need root; take a higher port");
    else if (error == EADDRNOTAVAIL)
        rc = problem_set(p, RC_INVALID, "this machine has no address %s to listen on", name);
    else
        rc = problem_set(p, RC_IO, "cannot listen on %s: %s", name, strerror(error));
    arena_free(&a);
    return rc;
}

static int open_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static void set_option(int fd, int level, int name, int value) {
    must(setsockopt(fd, level, name, &value, sizeof value) == 0);
}

// Returns 0 or errno.
static int bind_socket(int fd, const struct net_address *addr) {
    return bind(fd, (const struct sockaddr *)&addr->sa, addr->len) == 0 ? 0 : errno;
}

static int open_bound(const struct net_address *addr, bool share_port, int *fd_out) {
    int fd = open_socket(addr->sa.ss_family);
    if (fd < 0)
        return errno;
    // Without it the ports of connections that ended a minute ago would keep a restarted server waiting.
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (share_port)
        set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (addr->sa.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&addr->sa;
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr));
    }
    int error = bind_socket(fd, addr);
    if (error == 0)
        *fd_out = fd;
    else
        close(fd);
    return error;
}

static void close_all(int *fds, size_t count) {
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void get_bound(int fd, struct net_address *out) {
    out->len = sizeof out->sa;
    must(getsockname(fd, (struct sockaddr *)&out->sa, &out->len) == 0);
}

static enum rc start_listening(int *fds, size_t count, const struct net_address *addr, struct problem *p) {
    for (size_t i = 0; i < count; i++)
        if (listen(fds[i], BACKLOG) != 0) {
            int error = errno;
            close_all(fds, count);
            return bind_problem(addr, error, p);
        }
    return RC_OK;
}

static enum rc listen_inet(const struct net_address *addr, int *fds, size_t count, struct net_address *bound_out,
                           struct problem *p) {
    int error = open_bound(addr, false, &fds[0]);
    if (error != 0)
        return bind_problem(addr, error, p);
    get_bound(fds[0], bound_out);
    set_option(fds[0], SOL_SOCKET, SO_REUSEPORT, 1);
    size_t open = 1;
    while (open < count && (error = open_bound(bound_out, true, &fds[open])) == 0)
        open++;
    if (error != 0) {
        close_all(fds, open);
        return bind_problem(bound_out, error, p);
    }
    return start_listening(fds, count, bound_out, p);
}

// A socket file outlives a server that was killed. It is taken over only when nobody answers on it any more.
static bool remove_stale(const struct net_address *addr) {
    const struct sockaddr_un *un = (const struct sockaddr_un *)&addr->sa;
    int fd = open_socket(AF_UNIX);
    if (fd < 0)
        return false;
    bool stale = connect(fd, (const struct sockaddr *)&addr->sa, addr->len) != 0 && errno == ECONNREFUSED;
    close(fd);
    return stale && unlink(un->sun_path) == 0;
}

static enum rc listen_unix(const struct net_address *addr, int *fds, struct net_address *bound_out, struct problem *p) {
    fds[0] = open_socket(AF_UNIX);
    if (fds[0] < 0)
        return bind_problem(addr, errno, p);
    int error = bind_socket(fds[0], addr);
    if (error == EADDRINUSE && remove_stale(addr))
        error = bind_socket(fds[0], addr);
    if (error != 0) {
        close(fds[0]);
        return bind_problem(addr, error, p);
    }
    *bound_out = *addr;
    return start_listening(fds, 1, addr, p);
}

enum rc net_bind_beside(const struct net_address *addr, int *fd_out, struct problem *p) {
    must(addr->sa.ss_family != AF_UNIX);
    int error = open_bound(addr, true, fd_out);
    return error == 0 ? RC_OK : bind_problem(addr, error, p);
}

// "8080" means all interfaces; a machine without IPv6 has them too.
static struct net_address usable(const struct net_address *addr) {
    const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)&addr->sa;
    struct net_address v4 = {0};
    if (addr->sa.ss_family != AF_INET6 || !IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr))
        return *addr;
    int fd = open_socket(AF_INET6);
    if (fd >= 0)
        close(fd);
    else if (errno == EAFNOSUPPORT) {
        set_v4(&v4, (struct in_addr){.s_addr = htonl(INADDR_ANY)}, ntohs(in->sin6_port));
        return v4;
    }
    return *addr;
}

enum rc net_listen(const struct net_address *addr, int *fds, size_t count, struct net_address *bound_out,
                   struct problem *p) {
    must(count > 0);
    if (addr->sa.ss_family == AF_UNIX) {
        must(count == 1);
        return listen_unix(addr, fds, bound_out, p);
    }
    struct net_address at = usable(addr);
    return listen_inet(&at, fds, count, bound_out, p);
}
