// SPDX-License-Identifier: AGPL-3.0-or-later
// Writes a backup file: a tar, streamed, with a manifest of hashes at its end.
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/archive.h"
#include "main/manifest.h"

enum { CHUNK = 1 << 16, DEPTH_MAX = 8, ROOM = 1 << 20 };

struct archive_out {
    struct archive *tar;
    struct arena *arena; // names
    const char *path, *part;
    int fd;
    struct buf manifest;
    struct str audit_head;
};

static enum rc io_problem(const struct archive_out *o, struct problem *p) {
    return problem_set(p, RC_IO, "writing %s failed: %s", o->part, archive_error_string(o->tar));
}

enum rc archive_create(const char *path, struct archive_out **out, struct problem *p) {
    struct archive_out *o = MEM_NEW(struct archive_out);
    o->arena = arena_new(ROOM);
    o->path = str_fmt(o->arena, "%s", path).p;
    o->part = str_fmt(o->arena, "%s.part", path).p;
    manifest_begin(&o->manifest);
    o->fd = open(o->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (o->fd < 0) {
        enum rc rc =
            problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "cannot write %s: %s", o->part, strerror(errno));
        archive_abandon(&o);
        return rc;
    }
    o->tar = archive_write_new();
    must(o->tar != NULL);
    archive_write_set_format_pax_restricted(o->tar);
    *out = o;
    return archive_write_open_fd(o->tar, o->fd) == ARCHIVE_OK ? RC_OK : io_problem(o, p);
}

static enum rc begin_entry(struct archive_out *o, const char *name, int64_t size, struct problem *p) {
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_mtime(entry, (time_t)(clock_now_us() / US_PER_SECOND), 0);
    int result = archive_write_header(o->tar, entry);
    archive_entry_free(entry);
    return result == ARCHIVE_OK ? RC_OK : io_problem(o, p);
}

// Exactly `size` bytes: a file that grows meanwhile (counter cells) is taken as long as it was.
static enum rc copy_bytes(struct archive_out *o, int fd, int64_t size, struct digest *digest,
                          const struct archive_progress *progress, struct problem *p) {
    static _Thread_local char chunk[CHUNK];
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    for (int64_t left = size; left > 0;) {
        ssize_t got = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK);
        if (got <= 0)
            return problem_set(p, RC_IO, "reading a file of the station failed: %s",
                               got < 0 ? strerror(errno) : "it became shorter");
        crypto_hash_sha256_update(&hash, (const unsigned char *)chunk, (unsigned long long)got);
        if (archive_write_data(o->tar, chunk, (size_t)got) != got)
            return io_problem(o, p);
        if (progress != NULL && !progress->step(progress->arg, (uint64_t)got))
            return problem_set(p, RC_IO, "the backup was given up, because the station ends");
        left -= got;
    }
    crypto_hash_sha256_final(&hash, digest->bytes);
    return RC_OK;
}

enum rc archive_add(struct archive_out *o, const char *path, const char *name, const struct archive_progress *progress,
                    struct problem *p) {
    struct stat st;
    struct digest digest;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return RC_NOT_FOUND;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        return problem_set(p, RC_IO, "cannot read %s", path);
    }
    enum rc rc = begin_entry(o, name, st.st_size, p);
    if (rc == RC_OK)
        rc = copy_bytes(o, fd, st.st_size, &digest, progress, p);
    close(fd);
    if (rc == RC_OK)
        manifest_add(&o->manifest, &digest, st.st_size, name);
    return rc;
}

static enum rc add_tree(struct archive_out *o, const char *path, const char *name, int depth,
                        const struct archive_progress *progress, struct problem *p) {
    DIR *dir = opendir(path);
    if (dir == NULL)
        return errno == ENOENT ? RC_OK : problem_set(p, RC_IO, "cannot read %s: %s", path, strerror(errno));
    enum rc rc = depth < DEPTH_MAX ? RC_OK : problem_set(p, RC_IO, "%s lies too deep", path);
    for (const struct dirent *e = readdir(dir); rc == RC_OK && e != NULL; e = readdir(dir)) {
        // Temporary files of a write in progress begin with a dot or end in one of their own; they are no part yet.
        struct arena *a = arena_new(1 << 16);
        const char *inner_path = str_fmt(a, "%s/%s", path, e->d_name).p;
        struct str inner_name = str_fmt(a, "%s/%s", name, e->d_name);
        struct stat st;
        if (e->d_name[0] != '.' && lstat(inner_path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                rc = add_tree(o, inner_path, inner_name.p, depth + 1, progress, p);
            else if (S_ISREG(st.st_mode) && archive_name_ok(inner_name))
                rc = archive_add(o, inner_path, inner_name.p, progress, p);
        }
        if (rc == RC_NOT_FOUND)
            rc = RC_OK;
        arena_free(&a);
    }
    closedir(dir);
    return rc;
}

enum rc archive_add_tree(struct archive_out *o, const char *path, const char *name,
                         const struct archive_progress *progress, struct problem *p) {
    return add_tree(o, path, name, 0, progress, p);
}

void archive_set_audit_head(struct archive_out *o, struct str head) {
    o->audit_head = head;
}

static enum rc add_manifest(struct archive_out *o, struct problem *p) {
    manifest_end(&o->manifest, o->audit_head);
    if (o->manifest.failed)
        return problem_set(p, RC_TOO_BIG, "the station has more files than a backup can list");
    enum rc rc = begin_entry(o, "MANIFEST", (int64_t)o->manifest.n, p);
    if (rc == RC_OK && archive_write_data(o->tar, o->manifest.p, o->manifest.n) != (ssize_t)o->manifest.n)
        rc = io_problem(o, p);
    if (rc == RC_OK && archive_write_close(o->tar) != ARCHIVE_OK)
        rc = io_problem(o, p);
    return rc;
}

static bool sync_folder_of(struct archive_out *o) {
    char *folder = str_c(o->arena, str_from(o->path));
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return true;
    slash[slash == folder ? 1 : 0] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

enum rc archive_finish(struct archive_out **o_ref, struct problem *p) {
    struct archive_out *o = *o_ref;
    enum rc rc = add_manifest(o, p);
    if (rc == RC_OK && (fsync(o->fd) != 0 || rename(o->part, o->path) != 0 || !sync_folder_of(o)))
        rc = problem_set(p, RC_IO, "writing %s failed: %s", o->path, strerror(errno));
    archive_abandon(o_ref);
    return rc;
}

void archive_abandon(struct archive_out **o_ref) {
    struct archive_out *o = *o_ref;
    if (o == NULL)
        return;
    *o_ref = NULL;
    if (o->tar != NULL)
        archive_write_free(o->tar);
    if (o->fd >= 0) {
        close(o->fd);
        unlink(o->part);
    }
    buf_fini(&o->manifest);
    arena_free(&o->arena);
    mem_free(o);
}
