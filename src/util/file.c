// SPDX-License-Identifier: AGPL-3.0-or-later
// Whole files, read with a limit and replaced safely.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/util.h"

static enum rc rc_of_errno(int e) {
    if (e == ENOENT || e == ENOTDIR)
        return RC_NOT_FOUND;
    return e == EACCES || e == EPERM || e == EROFS ? RC_DENIED : RC_IO;
}

static enum rc refuse(struct problem *p, const char *what, const char *path) {
    int e = errno;
    return problem_set(p, rc_of_errno(e), "%s %s: %s", what, path, strerror(e));
}

static enum rc read_all(int fd, const char *path, struct buf *b, struct problem *p) {
    for (;;) {
        size_t room = b->max - b->n < 65536 ? b->max - b->n : 65536;
        char more;
        char *at = room > 0 ? buf_reserve(b, room) : &more;
        ssize_t n = read(fd, at, room > 0 ? room : 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(p, "cannot read", path);
        if (n == 0)
            return RC_OK;
        if (room == 0) {
            b->failed = true;
            return problem_set(p, RC_TOO_BIG, "%s is larger than %zu bytes", path, b->max);
        }
        b->n += (size_t)n;
    }
}

enum rc file_read(const char *path, struct buf *b, struct problem *p) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(p, "cannot open", path);
    enum rc rc = read_all(fd, path, b, p);
    close(fd);
    return rc;
}

static bool write_all(int fd, struct str content) {
    while (content.n > 0) {
        ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        content = str_slice(content, (size_t)n, content.n);
    }
    return true;
}

// Without it a crash may bring the old name back.
void file_sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

static void sync_folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    struct arena *a = arena_new(8192);
    file_sync_folder(slash == NULL ? "." : str_c(a, (struct str){path, (size_t)(slash - path) + (slash == path)}));
    arena_free(&a);
}

static enum rc write_beside(const char *path, const char *beside, struct str content, unsigned mode,
                            struct problem *p) {
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return refuse(p, "cannot write", path);
    bool written = write_all(fd, content) && fsync(fd) == 0;
    int e = errno;
    close(fd);
    errno = e;
    if (written && rename(beside, path) == 0)
        return RC_OK;
    enum rc rc = refuse(p, "cannot write", path);
    (void)unlink(beside);
    return rc;
}

enum rc file_write(const char *path, struct str content, unsigned mode, struct problem *p) {
    struct arena *a = arena_new(16384);
    uint64_t unique = random_u64();
    struct str beside = str_fmt(a, "%s.%016llx.part", path, (unsigned long long)unique);
    enum rc rc = write_beside(path, beside.p, content, mode, p);
    if (rc == RC_OK)
        sync_folder_of(path);
    arena_free(&a);
    return rc;
}

enum rc file_make_dir(const char *path, unsigned mode, struct problem *p) {
    if (mkdir(path, (mode_t)mode) == 0)
        return RC_OK;
    struct stat st;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return RC_OK;
    return refuse(p, "cannot make the folder", path);
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

// ---- descriptors -------------------------------------------------------------------------------------------------------

static bool is_kept(int fd, const int *keep, size_t n) {
    size_t i = 0;
    while (i < n && keep[i] != fd)
        i++;
    return i < n;
}

// Of those that are open; or, where nobody says, that could be.
static int highest_descriptor(void) {
    DIR *all = opendir("/proc/self/fd");
    uint64_t fd;
    int highest = all == NULL ? (int)sysconf(_SC_OPEN_MAX) : STDERR_FILENO;
    for (struct dirent *e; all != NULL && (e = readdir(all)) != NULL;)
        if (str_to_u64(str_from(e->d_name), &fd) && fd <= INT32_MAX && (int)fd > highest)
            highest = (int)fd;
    if (all != NULL)
        closedir(all);
    return highest;
}

void file_close_others(const int *keep, size_t keep_count) {
    int last = STDERR_FILENO;
    for (size_t i = 0; i < keep_count; i++)
        last = keep[i] > last ? keep[i] : last;
    // Old kernels and some containers do not know it.
    if (close_range((unsigned)last + 1, ~0U, 0) != 0)
        last = highest_descriptor();
    for (int fd = STDERR_FILENO + 1; fd <= last; fd++)
        if (!is_kept(fd, keep, keep_count))
            close(fd);
}
