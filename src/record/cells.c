// SPDX-License-Identifier: AGPL-3.0-or-later
// The file of read cells. Address space for the greatest possible file is taken once, so that a cell's address never
// changes while the file grows. The kernel owns the pages: what was added is in the file whatever happens to the
// process.
#include "record/cells.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER_BYTES 4096
#define GROW_CELLS 65536
#define PATH_ROOM 4096
#define VERSION 1
#define MAP_BYTES (HEADER_BYTES + (size_t)CELLS_MOST * sizeof(struct counter_cell))

struct header {
    char magic[8];
    uint32_t version;
    uint32_t cell_bytes;
    int64_t epoch;
    int64_t capacity; // cells the file had when it was last grown
};
static const char magic[8] = {'S', 'I', 'A', 'R', 'R', 'E', 'A', 'D'};

_Static_assert(sizeof(struct counter_cell) == 16, "cells are 16 bytes on disk");

static void path_of(char *path, const char *dir, int64_t epoch, const char *suffix) {
    int n = snprintf(path, PATH_ROOM, "%s/counters/reads-%lld%s", dir, (long long)epoch, suffix);
    must(n > 0 && n < PATH_ROOM);
}

static enum rc cells_map(struct cells *c, bool read_only, const char *path, struct problem *p) {
    int access = read_only ? PROT_READ : PROT_READ | PROT_WRITE;
    c->map = mmap(NULL, MAP_BYTES, access, MAP_SHARED | MAP_NORESERVE, c->fd, 0);
    if (c->map == MAP_FAILED) {
        c->map = NULL;
        return problem_set(p, RC_IO, "%s cannot be mapped: %s", path, strerror(errno));
    }
    (void)madvise(c->map, MAP_BYTES, MADV_DONTDUMP);
    c->cell = (struct counter_cell *)((char *)c->map + HEADER_BYTES);
    return RC_OK;
}

static enum rc header_check(struct cells *c, const char *path, struct problem *p) {
    struct header header;
    struct stat st;
    if (pread(c->fd, &header, sizeof header, 0) != (ssize_t)sizeof header || fstat(c->fd, &st) != 0)
        return problem_set(p, RC_INVALID, "%s is too short to be a file of read counts", path);
    if (memcmp(header.magic, magic, sizeof magic) != 0 || header.version != VERSION ||
        header.cell_bytes != sizeof(struct counter_cell) || header.epoch != c->epoch)
        return problem_set(p, RC_INVALID, "%s is not a file of read counts of this epoch", path);
    if (header.capacity < 0 || header.capacity > CELLS_MOST ||
        st.st_size < HEADER_BYTES + header.capacity * (int64_t)sizeof(struct counter_cell))
        return problem_set(p, RC_INVALID, "%s is shorter than it says", path);
    atomic_store(&c->capacity, header.capacity);
    return RC_OK;
}

enum rc cells_open(const char *dir, int64_t epoch, bool read_only, struct cells *out, struct problem *p) {
    char path[PATH_ROOM];
    path_of(path, dir, epoch, "");
    *out = (struct cells){.epoch = epoch};
    out->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (out->fd < 0)
        return problem_set(p,
                           errno == ENOENT   ? RC_NOT_FOUND
                           : errno == EACCES ? RC_DENIED
                                             : RC_IO,
                           "%s: %s", path, strerror(errno));
    enum rc rc = header_check(out, path, p);
    if (rc == RC_OK)
        rc = cells_map(out, read_only, path, p);
    if (rc != RC_OK)
        cells_close(out);
    return rc;
}

static bool header_write(int fd, int64_t epoch, int64_t capacity) {
    struct header header = {.version = VERSION, .cell_bytes = sizeof(struct counter_cell), .epoch = epoch};
    header.capacity = capacity;
    memcpy(header.magic, magic, sizeof magic);
    return pwrite(fd, &header, sizeof header, 0) == (ssize_t)sizeof header;
}

// Flushes the folder's entry, so that the file is found again after a power cut.
static void folder_sync(const char *dir) {
    char path[PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/counters", dir);
    must(n > 0 && (size_t)n < sizeof path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        log_warn("record: %s could not be flushed: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

enum rc cells_create(const char *dir, int64_t epoch, struct cells *out, struct problem *p) {
    char path[PATH_ROOM];
    int n = snprintf(path, sizeof path, "%s/counters", dir);
    must(n > 0 && (size_t)n < sizeof path);
    enum rc rc = file_make_dir(path, 0700, p);
    if (rc != RC_OK)
        return rc;
    path_of(path, dir, epoch, "");
    *out = (struct cells){.epoch = epoch};
    out->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out->fd < 0)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "%s cannot be made: %s", path, strerror(errno));
    int error = posix_fallocate(out->fd, 0, HEADER_BYTES);
    if (error != 0 || !header_write(out->fd, epoch, 0) || fsync(out->fd) != 0)
        rc = problem_set(p, RC_IO, "%s cannot be written: %s", path, strerror(error != 0 ? error : errno));
    folder_sync(dir);
    if (rc == RC_OK)
        rc = cells_map(out, false, path, p);
    if (rc != RC_OK) {
        cells_close(out);
        (void)unlink(path);
    }
    return rc;
}

void cells_close(struct cells *c) {
    if (c->map != NULL)
        (void)munmap(c->map, MAP_BYTES);
    if (c->fd >= 0)
        close(c->fd);
    c->map = NULL;
    c->fd = -1;
}

enum rc cells_grow(struct cells *c, int64_t number) {
    must(number >= 0 && number < CELLS_MOST);
    int64_t have = atomic_load_explicit(&c->capacity, memory_order_acquire);
    if (number < have)
        return RC_OK;
    int64_t want = (number / GROW_CELLS + 1) * GROW_CELLS;
    int64_t from = HEADER_BYTES + have * (int64_t)sizeof(struct counter_cell);
    int64_t to = HEADER_BYTES + want * (int64_t)sizeof(struct counter_cell);
    int error = posix_fallocate(c->fd, from, to - from);
    if (error != 0 || !header_write(c->fd, c->epoch, want)) {
        log_error("record: no room for read counts: %s", strerror(error != 0 ? error : errno));
        return RC_IO;
    }
    atomic_store_explicit(&c->capacity, want, memory_order_release);
    return RC_OK;
}

void cells_sync(struct cells *c) {
    int64_t capacity = atomic_load_explicit(&c->capacity, memory_order_acquire);
    size_t bytes = HEADER_BYTES + (size_t)capacity * sizeof(struct counter_cell);
    if (msync(c->map, bytes, MS_SYNC) != 0)
        log_warn("record: read counts could not be flushed to disk: %s", strerror(errno));
}

void cells_set_aside(const char *dir, int64_t epoch) {
    char from[PATH_ROOM], to[PATH_ROOM];
    path_of(from, dir, epoch, "");
    path_of(to, dir, epoch, ".damaged");
    if (rename(from, to) != 0)
        log_warn("record: %s could not be set aside: %s", from, strerror(errno));
}
