// SPDX-License-Identifier: AGPL-3.0-or-later
// Takes the writer's lock of a station.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "main/lock.h"

enum { LEFT_MS = 5000, LOOK_MS = 10 }; // so long may a killed process's children hold its lock

// 0: nobody says so.
static uint64_t holder_of(int fd) {
    char text[24] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    uint64_t pid = 0;
    return n > 0 && str_to_u64(str_trim((struct str){text, (size_t)n}), &pid) ? pid : 0;
}

static bool holder_is_gone(int fd) {
    uint64_t pid = holder_of(fd);
    return pid > 0 && pid <= INT_MAX && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

// Gives 0 or an error of flock. The children of a process that was killed have its lock too, until the kernel has ended them.
static int lock_when_left(int fd) {
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
    for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOOK_MS) {
        int error = errno;
        if (error != EWOULDBLOCK || waited >= LEFT_MS || !holder_is_gone(fd))
            return error;
        (void)nanosleep(&look, NULL);
    }
    return 0;
}

static enum rc busy(const char *dir, int fd, struct problem *p) {
    uint64_t pid = holder_of(fd);
    if (holder_is_gone(fd))
        return problem_set(p, RC_BUSY, "the station in %s is still in use by what process %llu left behind", dir,
                           (unsigned long long)pid);
    if (pid > 0)
        return problem_set(p, RC_BUSY, "the station in %s is already served by process %llu", dir,
                           (unsigned long long)pid);
    return problem_set(p, RC_BUSY, "the station in %s is in use by another process", dir);
}

static enum rc note_holder(int fd, const char *dir, struct problem *p) {
    char text[24];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n)
        return RC_OK;
    return problem_set(p, RC_IO, "cannot write %s/lock: %s", dir, strerror(errno));
}

static enum rc is_station(struct arena *a, const char *dir, struct problem *p) {
    struct stat st;
    if (stat(str_fmt(a, "%s/siaran.db", dir).p, &st) == 0)
        return RC_OK;
    if (errno != ENOENT && errno != ENOTDIR)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "cannot look into %s: %s", dir, strerror(errno));
    return problem_set(p, RC_NOT_FOUND, "there is no station in %s; siaran init makes one", dir);
}

enum rc lock_take(const char *dir, int *fd_out, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    const char *path = str_fmt(a, "%s/lock", dir).p;
    enum rc rc = is_station(a, dir, p);
    int fd = rc == RC_OK ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    int error = errno;
    arena_free(&a);
    if (rc != RC_OK)
        return rc;
    if (fd < 0)
        return problem_set(p, error == EACCES ? RC_DENIED : RC_IO, "cannot open %s/lock: %s", dir, strerror(error));
    if ((error = lock_when_left(fd)) != 0)
        rc = error == EWOULDBLOCK ? busy(dir, fd, p)
                                  : problem_set(p, RC_IO, "cannot lock %s/lock: %s", dir, strerror(error));
    if (rc == RC_OK)
        rc = note_holder(fd, dir, p);
    if (rc == RC_OK)
        *fd_out = fd;
    else
        close(fd);
    return rc;
}

void lock_release(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
