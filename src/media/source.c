// SPDX-License-Identifier: AGPL-3.0-or-later
// Bytes read at any place. A file is read, not mapped: one that somebody shortens meanwhile must not end us by SIGBUS.
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/media.h"

struct media_source media_source_memory(struct str bytes) {
    return (struct media_source){.fd = -1, .memory = bytes, .bytes = bytes.n};
}

enum rc media_source_file(int fd, struct media_source *out) {
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return RC_IO;
    *out = (struct media_source){.fd = fd, .bytes = (uint64_t)st.st_size};
    return RC_OK;
}

static size_t read_file(int fd, uint64_t at, char *out, size_t n) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, out + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

size_t media_source_read(const struct media_source *s, uint64_t at, void *out, size_t n) {
    if (at >= s->bytes)
        return 0;
    if (n > s->bytes - at)
        n = (size_t)(s->bytes - at);
    if (s->fd >= 0)
        return read_file(s->fd, at, out, n);
    memcpy(out, s->memory.p + at, n);
    return n;
}
