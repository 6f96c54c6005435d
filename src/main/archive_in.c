// SPDX-License-Identifier: AGPL-3.0-or-later
// Reads a backup file, which may be cut off, altered or hostile: names, kinds and sizes are checked before anything is
// written, and nothing is unpacked before the whole file agrees with its manifest.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/archive.h"
#include "main/manifest.h"
#include "record/record.h"

enum { CHUNK = 1 << 16, MANIFEST_MAX = 256 << 20, TAIL = 1 << 15 };

struct reader {
    struct archive *tar;
    const char *path;
    int fd;
    const struct archive_progress *progress;
};

static enum rc refuse(const struct reader *r, const char *why, struct problem *p) {
    return problem_set(p, RC_INVALID, "%s is no complete backup of a station: %s", r->path, why);
}

static enum rc open_reader(struct reader *r, const char *path, const struct archive_progress *progress,
                           struct problem *p) {
    *r = (struct reader){.path = path, .progress = progress};
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0)
        return problem_set(p,
                           errno == ENOENT   ? RC_NOT_FOUND
                           : errno == EACCES ? RC_DENIED
                                             : RC_IO,
                           "cannot read %s: %s", path, strerror(errno));
    r->tar = archive_read_new();
    must(r->tar != NULL);
    archive_read_support_format_tar(r->tar);
    if (archive_read_open_fd(r->tar, r->fd, CHUNK) == ARCHIVE_OK)
        return RC_OK;
    return refuse(r, "it is no tar file", p);
}

static void close_reader(struct reader *r) {
    if (r->tar != NULL)
        archive_read_free(r->tar);
    if (r->fd >= 0)
        close(r->fd);
}

// RC_NOT_FOUND at the end.
static enum rc next_entry(struct reader *r, struct str *name_out, int64_t *size_out, struct problem *p) {
    struct archive_entry *entry;
    int result = archive_read_next_header(r->tar, &entry);
    if (result == ARCHIVE_EOF)
        return RC_NOT_FOUND;
    if (result != ARCHIVE_OK)
        return refuse(r, "it is damaged or cut off", p);
    *name_out = str_from(archive_entry_pathname(entry));
    *size_out = archive_entry_size(entry);
    bool plain = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == NULL &&
                 archive_entry_symlink(entry) == NULL && archive_entry_size_is_set(entry) && *size_out >= 0;
    if (!plain || !(archive_name_ok(*name_out) || str_eq(*name_out, STR("MANIFEST"))))
        return refuse(r, "it holds something that is no file of a station", p);
    return RC_OK;
}

// Reads an entry to its end and gives each piece to `take`.
static enum rc read_entry(struct reader *r, int64_t size, struct digest *digest,
                          bool (*take)(void *, const char *, size_t), void *arg, struct problem *p) {
    static char chunk[CHUNK];
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    for (;;) {
        ssize_t got = archive_read_data(r->tar, chunk, sizeof chunk);
        if (got < 0)
            return refuse(r, "it is damaged or cut off", p);
        if (got == 0)
            break;
        size -= got;
        crypto_hash_sha256_update(&hash, (const unsigned char *)chunk, (unsigned long long)got);
        if (take != NULL && !take(arg, chunk, (size_t)got))
            return problem_set(p, RC_IO, "writing a file of the station failed: %s", strerror(errno));
        if (r->progress != NULL && !r->progress->step(r->progress->arg, (uint64_t)got))
            return problem_set(p, RC_IO, "reading %s was given up", r->path);
    }
    crypto_hash_sha256_final(&hash, digest->bytes);
    return size == 0 ? RC_OK : refuse(r, "an entry has not the size it announces", p);
}

static bool take_into_buf(void *arg, const char *p, size_t n) {
    struct buf *b = arg;
    buf_add(b, p, n);
    return !b->failed;
}

static enum rc check_entries(struct reader *r, struct buf *expected, struct buf *manifest, struct problem *p) {
    struct str name;
    int64_t size;
    enum rc rc;
    struct digest digest;
    while ((rc = next_entry(r, &name, &size, p)) == RC_OK) {
        char text[256];
        int n = snprintf(text, sizeof text, "%.*s", STR_ARG(name));
        must(n > 0 && (size_t)n < sizeof text);
        bool is_manifest = str_eq(name, STR("MANIFEST"));
        if (manifest->n > 0)
            return refuse(r, "something follows its manifest", p);
        rc = read_entry(r, size, &digest, is_manifest ? take_into_buf : NULL, manifest, p);
        if (rc != RC_OK)
            return rc;
        if (!is_manifest)
            manifest_add(expected, &digest, size, text);
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

// One that is no head would be no line of ours, and the manifests differ.
static struct str head_in(const struct buf *manifest) {
    struct str head = manifest_audit_head(buf_view(manifest));
    return audit_head_valid(head) ? head : STR_NONE;
}

enum rc archive_check(const char *path, const struct archive_progress *progress, struct problem *p) {
    struct reader r;
    struct buf expected, manifest;
    manifest_begin(&expected);
    buf_init(&manifest, MANIFEST_MAX);
    enum rc rc = open_reader(&r, path, progress, p);
    if (rc == RC_OK)
        rc = check_entries(&r, &expected, &manifest, p);
    if (rc == RC_OK) {
        manifest_end(&expected, head_in(&manifest));
        if (manifest.n == 0)
            rc = refuse(&r, "its manifest is missing", p);
        else if (!str_eq(buf_view(&expected), buf_view(&manifest)))
            rc = refuse(&r, "its contents do not agree with its manifest", p);
        else if (!str_find(buf_view(&manifest), STR(" siaran.db\n"), &(size_t){0}))
            rc = refuse(&r, "it holds no database", p);
    }
    close_reader(&r);
    buf_fini(&expected);
    buf_fini(&manifest);
    return rc;
}

// The manifest stands last, so its last lines are before the tar's end, which is zeros in a few blocks.
struct str archive_audit_head(struct arena *a, const char *path) {
    char *tail = arena_take(a, TAIL);
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    off_t from = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > TAIL ? st.st_size - TAIL : 0;
    ssize_t got = fd >= 0 ? pread(fd, tail, TAIL, from) : -1;
    if (fd >= 0)
        close(fd);
    struct str head = got > 0 ? manifest_audit_head((struct str){tail, (size_t)got}) : STR_NONE;
    return audit_head_valid(head) ? head : STR_NONE;
}

// ---- unpacking -----------------------------------------------------------------------------------------------

static bool take_into_file(void *arg, const char *p, size_t n) {
    int fd = *(int *)arg;
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

static enum rc make_folders(struct arena *a, const char *dir, struct str name, struct problem *p) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < name.n; i++)
        if (name.p[i] == '/')
            rc = file_make_dir(str_fmt(a, "%s/%.*s", dir, (int)i, name.p).p, 0755, p);
    return rc;
}

static enum rc unpack_one(struct reader *r, const char *dir, struct str name, int64_t size, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    struct digest digest;
    bool shown = str_starts(name, STR("media/"));
    enum rc rc = make_folders(a, dir, name, p);
    const char *path = str_fmt(a, "%s/%.*s", dir, STR_ARG(name)).p;
    if (rc == RC_OK) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, shown ? 0644 : 0600);
        rc = fd < 0 ? problem_set(p, RC_IO, "cannot write %s: %s", path, strerror(errno))
                    : read_entry(r, size, &digest, take_into_file, &fd, p);
        if (fd >= 0 && close(fd) != 0 && rc == RC_OK)
            rc = problem_set(p, RC_IO, "cannot write %s: %s", path, strerror(errno));
    }
    arena_free(&a);
    return rc;
}

static enum rc begin_journal(struct reader *r, const char *dir, int64_t size, struct problem *p) {
    struct buf manifest;
    struct digest digest;
    buf_init(&manifest, MANIFEST_MAX);
    enum rc rc = read_entry(r, size, &digest, take_into_buf, &manifest, p);
    struct str head = head_in(&manifest);
    if (rc == RC_OK && head.n > 0)
        rc = audit_journal_begin(dir, head, p);
    buf_fini(&manifest);
    return rc;
}

enum rc archive_unpack(const char *path, const char *dir, const struct archive_progress *progress, struct problem *p) {
    struct reader r;
    struct str name;
    int64_t size;
    enum rc rc = open_reader(&r, path, progress, p);
    while (rc == RC_OK && (rc = next_entry(&r, &name, &size, p)) == RC_OK)
        rc = str_eq(name, STR("MANIFEST")) ? begin_journal(&r, dir, size, p) : unpack_one(&r, dir, name, size, p);
    close_reader(&r);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}
