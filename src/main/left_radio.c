// SPDX-License-Identifier: AGPL-3.0-or-later
// The lock that a radio holds, and what is done with one that lost its parent.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/left_radio.h"
#include "main/run_folder.h"
#include "main/serve.h"

enum { FILE_BYTES = 8192, END_MS = 5000 };

static struct flock whole_file(void) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int open_lock(const char *dir, int flags) {
    int folder = run_folder_open(dir);
    if (folder < 0)
        return -1;
    int fd = openat(folder, "radio.lock", flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    int error = errno;
    close(folder);
    errno = error;
    return fd;
}

struct str left_radio_terms(struct arena *a, const struct left_radio_terms *t) {
    struct stat program = {0};
    (void)stat("/proc/self/exe", &program);
    char *where = realpath(t->dir, NULL);
    struct str text =
        str_fmt(a, "program %llu.%llu.%lld.%ld\nstation %s\nasked %.*s\nuser %s\nclock %s\ncountries %s\n",
                (unsigned long long)program.st_dev, (unsigned long long)program.st_ino,
                (long long)program.st_mtim.tv_sec, program.st_mtim.tv_nsec, where != NULL ? where : t->dir,
                STR_ARG(t->asked), t->user, t->clock != NULL ? t->clock : "", t->country_file);
    free(where);
    return text;
}

// ---- in the radio ------------------------------------------------------------------------------------------------------

static struct stat held; // the file whose lock this process holds

bool left_radio_is_held(const char *dir) {
    struct stat now = {0};
    int folder = run_folder_open(dir); // the lock itself is not opened again: to close it would give it up
    bool is_held = folder >= 0 && fstatat(folder, "radio.lock", &now, AT_SYMLINK_NOFOLLOW) == 0 &&
                   now.st_dev == held.st_dev && now.st_ino == held.st_ino;
    if (folder >= 0)
        close(folder);
    return is_held;
}

enum rc left_radio_hold(const char *dir, const struct net_address *bound, struct str terms, struct problem *p) {
    struct flock lock = whole_file();
    int fd = open_lock(dir, O_RDWR | O_CREAT);
    if (fd < 0)
        return problem_set(p, RC_IO, "cannot open %s/run/radio.lock: %s", dir, strerror(errno));
    if (fcntl(fd, F_SETLK, &lock) != 0) {
        close(fd);
        return problem_set(p, RC_BUSY, "another radio process of the station in %s runs", dir);
    }
    must(fstat(fd, &held) == 0);
    struct arena *a = arena_new(1 << 16);
    struct str text = str_fmt(a, "bound %s\nsince %lld\n%.*s", net_address_text(a, bound).p, (long long)clock_now_us(),
                              STR_ARG(terms));
    bool is_written = ftruncate(fd, 0) == 0 && pwrite(fd, text.p, text.n, 0) == (ssize_t)text.n;
    int error = errno;
    arena_free(&a);
    // Without its words it is replaced by the next parent instead of going on: no reason not to play.
    if (!is_written)
        log_warn("cannot write %s/run/radio.lock: %s", dir, strerror(error));
    return RC_OK; // the descriptor stays open: closing it would give up the lock
}

// ---- in the parent -----------------------------------------------------------------------------------------------------

static pid_t holder_of(int fd) {
    struct flock lock = whole_file();
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK ? lock.l_pid : 0;
}

static bool take_line(struct str *text, struct str word, struct str *value_out) {
    struct str line = STR_NONE;
    if (!str_next(text, '\n', &line) || !str_starts(line, word))
        return false;
    *value_out = str_slice(line, word.n, line.n);
    return true;
}

bool left_radio_parse(struct str text, struct str terms, struct left_radio *out) {
    struct str bound, since;
    uint64_t since_us;
    bool is_whole = take_line(&text, STR("bound "), &bound) && take_line(&text, STR("since "), &since) &&
                    net_address_parse(bound, &out->bound, NULL) == RC_OK && serve_port(&out->bound) != 0 &&
                    str_to_u64(since, &since_us) && since_us <= INT64_MAX && str_eq(text, terms);
    out->since_us = is_whole ? (int64_t)since_us : 0;
    return is_whole;
}

// Its own user's: root would else end another station's radio, to whose lock a second name was put here.
static bool is_lock_of(const char *dir, int fd) {
    struct stat lock, station;
    return fstat(fd, &lock) == 0 && stat(dir, &station) == 0 && S_ISREG(lock.st_mode) && lock.st_uid == station.st_uid;
}

void left_radio_find(const char *dir, struct str terms, struct left_radio *out) {
    *out = (struct left_radio){.pidfd = -1};
    int fd = open_lock(dir, O_RDONLY);
    if (fd < 0)
        return;
    pid_t pid = is_lock_of(dir, fd) ? holder_of(fd) : 0;
    int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    if (pid > 0 && pidfd < 0 && errno != ESRCH)
        log_warn("the radio of an earlier start, process %d, cannot be watched: %s", (int)pid, strerror(errno));
    // Asked again: between the two it may have ended, and its number be another's.
    if (pidfd >= 0 && holder_of(fd) == pid) {
        out->pid = pid;
        out->pidfd = pidfd;
        char text[FILE_BYTES];
        ssize_t n = pread(fd, text, sizeof text, 0);
        out->fits = n > 0 && left_radio_parse((struct str){text, (size_t)n}, terms, out);
    } else if (pidfd >= 0)
        close(pidfd);
    close(fd);
}

// One of its descriptors is the lock, or what was it before somebody deleted that.
static bool has_lock_open(const char *pid, const char *lock) {
    char path[64], to[PATH_MAX];
    bool has_it = false;
    (void)snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *files = opendir(path);
    for (struct dirent *e; files != NULL && !has_it && (e = readdir(files)) != NULL;) {
        ssize_t n = readlinkat(dirfd(files), e->d_name, to, sizeof to);
        struct str name = {to, n > 0 ? (size_t)n : 0};
        struct str rest = str_slice(name, strlen(lock), name.n);
        has_it = str_starts(name, str_from(lock)) && (rest.n == 0 || str_eq(rest, STR(" (deleted)")));
    }
    if (files != NULL)
        closedir(files);
    return has_it;
}

pid_t left_radio_stray(const char *dir) {
    char *where = realpath(dir, NULL), lock[PATH_MAX];
    uint64_t pid = 0, found = 0;
    int n = where != NULL ? snprintf(lock, sizeof lock, "%s/run/radio.lock", where) : -1;
    free(where);
    DIR *all = n > 0 && (size_t)n < sizeof lock ? opendir("/proc") : NULL;
    for (struct dirent *e; all != NULL && found == 0 && (e = readdir(all)) != NULL;)
        if (str_to_u64(str_from(e->d_name), &pid) && pid != (uint64_t)getpid() && has_lock_open(e->d_name, lock))
            found = pid;
    if (all != NULL)
        closedir(all);
    return (pid_t)found;
}

static bool ends_within(int pidfd, int ms) {
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    int64_t until = clock_mono_us() / 1000 + ms;
    for (;;) {
        int64_t left = until - clock_mono_us() / 1000;
        int n = poll(&end, 1, left > 0 ? (int)left : 0);
        if (n >= 0 || errno != EINTR)
            return n > 0;
    }
}

enum rc left_radio_end(struct left_radio *left, struct problem *p) {
    (void)pidfd_send_signal(left->pidfd, SIGTERM, NULL, 0);
    bool has_ended = ends_within(left->pidfd, END_MS);
    if (!has_ended) {
        (void)pidfd_send_signal(left->pidfd, SIGKILL, NULL, 0);
        has_ended = ends_within(left->pidfd, END_MS);
    }
    close(left->pidfd);
    enum rc rc = has_ended
                     ? RC_OK
                     : problem_set(p, RC_IO, "the radio of an earlier start, process %d, does not end", (int)left->pid);
    *left = (struct left_radio){.pidfd = -1};
    return rc;
}
