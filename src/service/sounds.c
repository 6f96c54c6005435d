// SPDX-License-Identifier: AGPL-3.0-or-later
// The files of DIR/radio/sounds: listed, brought, taken away.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/sound.h"

#define PART ".part"
#define LEFT_US (3600 * US_PER_SECOND)

// ---- the list ----------------------------------------------------------------------------------------------------------

static int by_name(const void *x, const void *y) {
    return str_cmp(((const struct service_sound *)x)->name, ((const struct service_sound *)y)->name);
}

static bool sound_of(struct arena *a, DIR *folder, const char *name, struct service_sound *out) {
    struct stat st;
    if (!service_sound_name_ok(str_from(name)) || fstatat(dirfd(folder), name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
        return false;
    *out = (struct service_sound){.name = str_dup(a, str_from(name)), .bytes = (uint64_t)st.st_size};
    return true;
}

enum rc service_sounds(struct arena *a, const char *dir, struct service_sound **out, size_t *count_out,
                       struct problem *p) {
    const char *path = sound_folder(a, dir);
    const struct dirent *entry;
    *out = ARENA_ARRAY(a, struct service_sound, SERVICE_SOUNDS_MAX);
    *count_out = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return errno == ENOENT ? RC_OK : problem_set(p, RC_IO, "cannot read %s: %s", path, strerror(errno));
    while (*count_out < SERVICE_SOUNDS_MAX && (entry = readdir(folder)) != NULL)
        *count_out += sound_of(a, folder, entry->d_name, &(*out)[*count_out]);
    closedir(folder);
    qsort(*out, *count_out, sizeof **out, by_name);
    return RC_OK;
}

const struct service_source *service_sound_user(const struct services *services, struct str name,
                                                const struct service_stream **stream_out) {
    for (size_t i = 0; i < services->count; i++)
        for (size_t k = 0; k < services->rows[i].stream_count; k++) {
            *stream_out = &services->rows[i].streams[k];
            for (size_t n = 0; n < (*stream_out)->source_count; n++)
                if ((*stream_out)->sources[n].kind == SERVICE_FILE && str_eq((*stream_out)->sources[n].address, name))
                    return &(*stream_out)->sources[n];
        }
    return NULL;
}

// ---- one more ------------------------------------------------------------------------------------------------------------

struct bringing {
    struct arena *arena;
    const char *dir, *folder, *part, *to;
    struct stat owner; // of DIR: what root brings is the station's user's
    int from;
    struct problem *problem;
};

static enum rc failed(const struct bringing *b, const char *path) {
    return problem_set(b->problem, RC_IO, "cannot write %s: %s", path, strerror(errno));
}

static enum rc folder_make(const struct bringing *b, const char *path) {
    enum rc rc = file_make_dir(path, 0750, b->problem);
    return rc == RC_OK && geteuid() == 0 && lchown(path, b->owner.st_uid, b->owner.st_gid) != 0 ? failed(b, path) : rc;
}

static bool copy_all(struct arena *a, int from, int to) {
    enum { CHUNK = 1 << 16 };
    char *chunk = arena_take(a, CHUNK);
    off_t at = 0;
    ssize_t n;
    while ((n = pread(from, chunk, CHUNK, at)) > 0) {
        for (ssize_t done = 0, put; done < n; done += put)
            if ((put = write(to, chunk + done, (size_t)(n - done))) <= 0)
                return false;
        at += n;
    }
    return n == 0;
}

static bool files_equal(int from, uint64_t bytes, const char *path) {
    struct digest of[2];
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool equal = fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size == bytes &&
                 hash_sha256_file(fd, 0, bytes, &of[0]) == RC_OK && hash_sha256_file(from, 0, bytes, &of[1]) == RC_OK &&
                 memcmp(&of[0], &of[1], sizeof of[0]) == 0;
    if (fd >= 0)
        close(fd);
    return equal;
}

// Into a name that nothing plays, and from there at once to its own.
static enum rc place(const struct bringing *b) {
    int to = open(b->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    enum rc rc = RC_OK;
    if (to < 0 || !copy_all(b->arena, b->from, to) || fsync(to) != 0 ||
        (geteuid() == 0 && fchown(to, b->owner.st_uid, b->owner.st_gid) != 0))
        rc = failed(b, b->to);
    else if (renameat2(AT_FDCWD, b->part, AT_FDCWD, b->to, RENAME_NOREPLACE) != 0)
        rc = errno == EEXIST ? RC_CONFLICT : failed(b, b->to);
    if (to >= 0)
        close(to);
    if (to >= 0 && rc != RC_OK)
        (void)unlink(b->part);
    if (rc == RC_OK)
        file_sync_folder(b->folder);
    return rc;
}

static bool is_full(const struct bringing *b) {
    struct service_sound *all;
    struct problem unread;
    size_t n;
    return access(b->to, F_OK) != 0 && service_sounds(b->arena, b->dir, &all, &n, &unread) == RC_OK &&
           n >= SERVICE_SOUNDS_MAX;
}

static enum rc bring(struct bringing *b, bool *is_new_out) {
    struct stat st;
    if (fstat(b->from, &st) != 0 || stat(b->dir, &b->owner) != 0)
        return failed(b, b->to);
    if (st.st_size > SERVICE_SOUND_MOST)
        return problem_set(b->problem, RC_TOO_BIG, "a file has at most %d MB", SERVICE_SOUND_MOST / 1000000);
    if (is_full(b))
        return problem_set(b->problem, RC_TOO_BIG, "there are %d files already: delete one first", SERVICE_SOUNDS_MAX);
    enum rc rc = folder_make(b, str_fmt(b->arena, "%s/radio", b->dir).p);
    if (rc == RC_OK)
        rc = folder_make(b, b->folder);
    if (rc == RC_OK)
        rc = place(b);
    *is_new_out = rc == RC_OK;
    return rc == RC_CONFLICT && files_equal(b->from, (uint64_t)st.st_size, b->to) ? RC_OK : rc;
}

enum rc service_sound_bring(const char *dir, int fd, struct str name, bool *is_new_out, struct problem *p) {
    must(service_sound_name_ok(name));
    struct arena *a = arena_new(1 << 19);
    struct bringing b = {.arena = a, .dir = dir, .from = fd, .problem = p, .folder = sound_folder(a, dir)};
    b.part = str_fmt(a, "%s/.%lld" PART, b.folder, (long long)id_next()).p;
    b.to = str_fmt(a, "%s/%.*s", b.folder, STR_ARG(name)).p;
    enum rc rc = bring(&b, is_new_out);
    arena_free(&a);
    return rc;
}

// ".123456.part", as service_sound_bring names them, and old enough that nobody writes it any more.
static bool is_left_behind(DIR *folder, struct str name, int64_t now_us) {
    struct stat st;
    uint64_t number;
    return str_starts(name, STR(".")) && str_ends(name, STR(PART)) &&
           str_to_u64(str_slice(name, 1, name.n - STR(PART).n), &number) &&
           fstatat(dirfd(folder), name.p, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           now_us - (int64_t)st.st_mtime * US_PER_SECOND > LEFT_US;
}

size_t service_sounds_tidy(const char *dir, int64_t now_us) {
    struct arena *a = arena_new(1 << 14);
    DIR *folder = opendir(sound_folder(a, dir));
    size_t gone = 0;
    for (const struct dirent *e = folder != NULL ? readdir(folder) : NULL; e != NULL; e = readdir(folder))
        if (is_left_behind(folder, str_from(e->d_name), now_us))
            gone += unlinkat(dirfd(folder), e->d_name, 0) == 0;
    if (folder != NULL)
        closedir(folder);
    arena_free(&a);
    return gone;
}

enum rc service_sound_remove(const char *dir, struct str name, struct problem *p) {
    must(service_sound_name_ok(name));
    struct arena *a = arena_new(1 << 14);
    const char *path = str_fmt(a, "%s/%.*s", sound_folder(a, dir), STR_ARG(name)).p;
    enum rc rc = unlink(path) == 0 ? RC_OK
                 : errno == ENOENT ? RC_NOT_FOUND
                                   : problem_set(p, RC_IO, "cannot delete %s: %s", path, strerror(errno));
    arena_free(&a);
    return rc;
}
