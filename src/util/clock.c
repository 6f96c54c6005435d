// SPDX-License-Identifier: AGPL-3.0-or-later
// Time for the whole program, movable by a test through a mapped file that holds one offset.
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/util.h"

static const _Atomic int64_t *followed_offset; // set once, before threads start

static int64_t read_clock(clockid_t id) {
    struct timespec t;
    must(clock_gettime(id, &t) == 0);
    return (int64_t)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

int64_t clock_now_us(void) {
    int64_t now = read_clock(CLOCK_REALTIME);
    return followed_offset == NULL ? now : now + atomic_load_explicit(followed_offset, memory_order_relaxed);
}

int64_t clock_mono_us(void) {
    return read_clock(CLOCK_MONOTONIC);
}

enum rc clock_follow_file(const char *path, struct problem *p) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return problem_set(p, RC_NOT_FOUND, "the clock file %s cannot be opened", path);
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(int64_t)) {
        close(fd);
        return problem_set(p, RC_INVALID, "the clock file %s must hold an offset of 8 bytes", path);
    }
    void *map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        return problem_set(p, RC_IO, "the clock file %s cannot be mapped", path);
    followed_offset = map;
    return RC_OK;
}
