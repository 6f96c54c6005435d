// SPDX-License-Identifier: AGPL-3.0-or-later
// Folders that appear whole or not at all.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/path.h"

enum rc path_is_free(const char *path, struct problem *p) {
    DIR *dir = opendir(path);
    if (dir == NULL && errno == ENOENT)
        return RC_OK;
    if (dir == NULL)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_CONFLICT, "cannot use %s: %s", path, strerror(errno));
    bool empty = true, station = false;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        empty = false;
        station = station || strcmp(e->d_name, "siaran.db") == 0;
    }
    closedir(dir);
    if (station)
        return problem_set(p, RC_CONFLICT, "there is already a station in %s", path);
    return empty ? RC_OK : problem_set(p, RC_CONFLICT, "%s is not empty; give a new or an empty directory", path);
}

static struct str without_slashes(const char *path) {
    struct str s = str_from(path);
    while (s.n > 1 && s.p[s.n - 1] == '/')
        s.n--;
    return s;
}

enum rc path_make_part(struct arena *a, const char *path, const char **part_out, struct problem *p) {
    struct str base = without_slashes(path);
    struct str text = str_fmt(a, "%.*s.part-XXXXXX", STR_ARG(base));
    char *part = str_c(a, text);
    if (mkdtemp(part) == NULL)
        return problem_set(p, errno == EACCES ? RC_DENIED : RC_IO, "cannot make a directory beside %s: %s", path,
                           strerror(errno));
    *part_out = part;
    return RC_OK;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void path_remove_tree(const char *path) {
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
        log_warn("removing %s: %s", path, strerror(errno));
}

static bool sync_disk(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

enum rc path_finish_part(const char *part, const char *path, struct problem *p) {
    struct arena *a = arena_new(1 << 16);
    const char *to = str_c(a, without_slashes(path));
    enum rc rc = RC_OK;
    // rename takes the place of an empty folder, and of nothing else.
    if (chmod(part, 0750) != 0 || !sync_disk(part) || rename(part, to) != 0 || !sync_disk(to))
        rc = problem_set(p, RC_IO, "cannot put the station into %s: %s", path, strerror(errno));
    arena_free(&a);
    return rc;
}

const char *path_absolute(struct arena *a, const char *path) {
    char here[PATH_MAX];
    if (path[0] == '/' || getcwd(here, sizeof here) == NULL)
        return path;
    return str_fmt(a, "%s/%s", here, path).p;
}
