// SPDX-License-Identifier: AGPL-3.0-or-later
// Where DIR/control is, and whole reads and writes on it.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "main/control.h"

bool control_read_all(int fd, void *p, size_t n) {
    char *at = p;
    while (n > 0) {
        ssize_t got = read(fd, at, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

bool control_write_all(int fd, const void *p, size_t n) {
    const char *at = p;
    while (n > 0) {
        ssize_t put = send(fd, at, n, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

enum rc control_address(const char *dir, struct net_address *out, int *dir_fd_out, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    *dir_fd_out = -1;
    enum rc rc = net_address_parse(str_fmt(a, "unix:%s/control", dir), out, NULL);
    if (rc != RC_OK) {
        *dir_fd_out = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        rc = *dir_fd_out < 0 ? problem_set(p, RC_IO, "cannot open %s: %s", dir, strerror(errno))
                             : net_address_parse(str_fmt(a, "unix:/proc/self/fd/%d/control", *dir_fd_out), out, p);
    }
    arena_free(&a);
    return rc;
}
