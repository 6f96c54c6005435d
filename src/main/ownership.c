// SPDX-License-Identifier: AGPL-3.0-or-later
// A station that root made, or changed while it stood still, is given to the user its processes become. The folder may
// belong to that user already, who could put anything there: so every step goes by descriptor, never by a path that could be
// exchanged meanwhile.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/ownership.h"

enum { DEPTH_MAX = 8 };

struct owner {
    uid_t user;
    gid_t group;
};

static int give_entry(const struct owner *to, int folder, const char *name, int depth);

static int give_folder(const struct owner *to, int fd, int depth) {
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return -1;
    }
    int result = 0;
    for (const struct dirent *e = readdir(dir); result == 0 && e != NULL; e = readdir(dir)) {
        bool skip = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
                    (depth == 0 && strcmp(e->d_name, "siaran.conf") == 0);
        if (!skip && give_entry(to, dirfd(dir), e->d_name, depth + 1) != 0)
            result = -1;
    }
    closedir(dir);
    return result;
}

static int give_one(const struct owner *to, int fd, const struct stat *st) {
    if (st->st_uid == to->user && st->st_gid == to->group)
        return 0;
    return fchownat(fd, "", to->user, to->group, AT_EMPTY_PATH);
}

static int give_entry(const struct owner *to, int folder, const char *name, int depth) {
    struct stat st;
    // The station itself is named by whoever starts it, and may be a link.
    int fd = openat(folder, name, O_PATH | O_CLOEXEC | (depth > 0 ? O_NOFOLLOW : 0));
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    int result = fstat(fd, &st);
    bool is_folder = result == 0 && S_ISDIR(st.st_mode);
    if (result == 0 && (is_folder || ((S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode)) && st.st_nlink == 1)))
        result = give_one(to, fd, &st);
    if (result == 0 && is_folder && depth < DEPTH_MAX) {
        int inside = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        result = inside < 0 ? -1 : give_folder(to, inside, depth);
    }
    close(fd);
    return result;
}

enum rc ownership_give(const char *dir, uid_t user, gid_t group, struct problem *p) {
    struct owner to = {user, group};
    errno = 0;
    if (give_entry(&to, AT_FDCWD, dir, 0) != 0)
        return problem_set(p, RC_IO, "cannot give the files in %s to the station's user: %s", dir, strerror(errno));
    return RC_OK;
}
