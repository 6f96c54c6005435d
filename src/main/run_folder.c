// SPDX-License-Identifier: AGPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/run_folder.h"

static int open_or_make(const char *dir, bool makes) {
    int station = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC); // named by whoever starts it, and may be a link
    if (station < 0)
        return -1;
    bool is_made = makes && mkdirat(station, "run", 0755) == 0;
    int fd = openat(station, "run", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    if (fd >= 0 && is_made)
        (void)fchmod(fd, 0755);
    close(station);
    errno = error;
    return fd;
}

int run_folder_open(const char *dir) {
    return open_or_make(dir, false);
}

static bool write_file(int folder, const char *name, struct str text) {
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    bool is_written = write(fd, text.p, text.n) == (ssize_t)text.n && fchmod(fd, 0644) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return is_written;
}

enum rc run_file_write(const char *dir, const char *name, struct str text, struct problem *p) {
    char beside[64];
    int folder = open_or_make(dir, true);
    int n = snprintf(beside, sizeof beside, "%s.%08x.part", name, (unsigned)random_u64());
    must(n > 0 && (size_t)n < sizeof beside);
    bool is_there = folder >= 0 && write_file(folder, beside, text) && renameat(folder, beside, folder, name) == 0;
    int error = errno;
    if (folder >= 0 && !is_there)
        (void)unlinkat(folder, beside, 0);
    if (folder >= 0)
        close(folder);
    return is_there ? RC_OK : problem_set(p, RC_IO, "cannot write %s/run/%s: %s", dir, name, strerror(error));
}
