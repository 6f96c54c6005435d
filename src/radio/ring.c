// SPDX-License-Identifier: AGPL-3.0-or-later
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "radio/ring.h"

enum rc ring_open(struct ring *r, size_t size, struct problem *p) {
    *r = (struct ring){.size = size};
    must((size & (size - 1)) == 0 && size % (size_t)sysconf(_SC_PAGESIZE) == 0);
    int fd = memfd_create("ring", MFD_CLOEXEC);
    uint8_t *twice = MAP_FAILED;
    bool done = fd >= 0 && ftruncate(fd, (off_t)size) == 0;
    if (done)
        twice = mmap(NULL, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; done && i < 2; i++)
        done = twice != MAP_FAILED &&
               mmap(twice + i * size, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;
    if (!done) {
        enum rc rc = problem_set(p, RC_IO, "no memory for a stream: %s", strerror(errno));
        if (twice != MAP_FAILED)
            munmap(twice, 2 * size);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    close(fd);
    r->bytes = twice;
    return RC_OK;
}

void ring_close(struct ring *r) {
    if (r->bytes != NULL)
        munmap(r->bytes, 2 * r->size);
    *r = (struct ring){0};
}

void ring_add(struct ring *r, const void *p, size_t n) {
    must(n <= r->size);
    memcpy(r->bytes + (r->head & (r->size - 1)), p, n);
    r->head += n;
}
