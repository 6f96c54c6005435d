// SPDX-License-Identifier: AGPL-3.0-or-later
// The access log. A reload puts the newly opened file under the old descriptor's number: a line is written to the one or
// to the other, and no writer is in the way. Each loop of the server has its own descriptors, so each opens it.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "main/access_log.h"

void access_log_init(struct access_log *log) {
    log->fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    must(log->fd >= 0);
}

enum rc access_log_open(struct access_log *log, const char *dir, const char *path, struct problem *p) {
    if (path[0] == '\0')
        return dup3(STDERR_FILENO, log->fd, O_CLOEXEC) >= 0 ? RC_OK : RC_IO;
    struct arena *a = arena_new(1 << 16);
    const char *whole = path[0] == '/' ? path : str_fmt(a, "%s/%s", dir, path).p;
    int fd = open(whole, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    enum rc rc = RC_OK;
    if (fd < 0 || dup3(fd, log->fd, O_CLOEXEC) < 0)
        rc = problem_set(p, RC_IO, "cannot open the access log %s: %s", whole, strerror(errno));
    if (fd >= 0)
        close(fd);
    arena_free(&a);
    return rc;
}

void access_log_write(const struct access_log *log, struct str line) {
    char text[8192];
    int n = snprintf(text, sizeof text, "%.*s\n", STR_ARG(line));
    if (n > 0)
        (void)!write(log->fd, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

void access_log_close(struct access_log *log) {
    close(log->fd);
    log->fd = -1;
}
