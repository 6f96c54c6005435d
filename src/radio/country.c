// SPDX-License-Identifier: AGPL-3.0-or-later
// The library maps what it opens, and whoever copies a newer file over the old one would end the process by SIGBUS: so a copy
// in memory is opened. A lookup walks its tree, some hundred nanoseconds, with a lock that is otherwise held only while a
// newer copy takes its place.
#include "radio/country.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MOST = 512 << 20 };

struct countries {
    char *path;  // NULL: none
    bool looked; // the file was, then, of this number and age; 0: not there
    ino_t inode;
    struct timespec changed;
    pthread_mutex_t lock; // guards what follows
    bool is_open;
    MMDB_s db;
};

static struct stat stat_of(const char *path) {
    struct stat st = {0}; // as of what is not there
    (void)stat(path, &st);
    return st;
}

// Whether it is what it was at the last look.
static bool is_as_seen(struct countries *c, struct stat st) {
    bool same = c->looked && st.st_ino == c->inode && st.st_mtim.tv_sec == c->changed.tv_sec &&
                st.st_mtim.tv_nsec == c->changed.tv_nsec;
    c->looked = true;
    c->inode = st.st_ino;
    c->changed = st.st_mtim;
    return same;
}

static void take(struct countries *c, const MMDB_s *fresh) {
    must(pthread_mutex_lock(&c->lock) == 0);
    bool was_open = c->is_open;
    MMDB_s old = c->db;
    c->db = *fresh;
    c->is_open = true;
    pthread_mutex_unlock(&c->lock);
    if (was_open)
        MMDB_close(&old);
}

// In memory; < 0 with errno.
static int copy_of(const char *path) {
    int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("countries", MFD_CLOEXEC);
    ssize_t n = from >= 0 && to >= 0 ? 1 : -1;
    for (int64_t bytes = 0; n > 0 && bytes <= FILE_BYTES_MOST; bytes += n)
        n = sendfile(to, from, NULL, 1 << 20);
    int e = n > 0 ? EFBIG : errno;
    if (from >= 0)
        close(from);
    if (n == 0)
        return to;
    if (to >= 0)
        close(to);
    errno = e;
    return -1;
}

static void open_copy(struct countries *c) {
    char name[64];
    MMDB_s fresh;
    int fd = copy_of(c->path);
    if (fd < 0) {
        log_error("country_file: %s: %s", c->path, strerror(errno));
        return;
    }
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int status = MMDB_open(name, MMDB_MODE_MMAP, &fresh);
    close(fd); // what is mapped stays
    if (status == MMDB_SUCCESS) {
        take(c, &fresh);
        log_info("countries are found in %s, of type %s", c->path, fresh.metadata.database_type);
    } else {
        log_error("country_file: %s: %s", c->path, MMDB_strerror(status));
    }
}

void countries_look(struct countries *c) {
    if (c->path != NULL && !is_as_seen(c, stat_of(c->path)))
        open_copy(c);
}

static bool code_of(MMDB_entry_s *entry, const char *key, char out[3]) {
    MMDB_entry_data_s data;
    if (MMDB_get_value(entry, &data, key, "iso_code", NULL) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2)
        return false;
    for (size_t i = 0; i < 2; i++)
        if (data.utf8_string[i] < 'A' || data.utf8_string[i] > 'Z')
            return false;
    memcpy(out, data.utf8_string, 2);
    out[2] = '\0';
    return true;
}

static struct sockaddr_in v4_of(const struct sockaddr_in6 *mapped) {
    struct sockaddr_in out = {.sin_family = AF_INET};
    memcpy(&out.sin_addr, mapped->sin6_addr.s6_addr + 12, 4);
    return out;
}

// Where the network is, and where that is not said, where it is registered.
void countries_find(struct countries *c, const struct sockaddr *address, char out[3]) {
    int error = MMDB_SUCCESS;
    struct sockaddr_in v4;
    memcpy(out, "-", 2);
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        v4 = v4_of(v6); // not every file has a place for these
        address = (const struct sockaddr *)&v4;
    }
    must(pthread_mutex_lock(&c->lock) == 0);
    if (c->is_open) {
        MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&c->db, address, &error);
        if (error == MMDB_SUCCESS && found.found_entry && !code_of(&found.entry, "country", out))
            (void)code_of(&found.entry, "registered_country", out);
    }
    pthread_mutex_unlock(&c->lock);
}

struct countries *countries_open(const char *path) {
    struct countries *c = MEM_NEW(struct countries);
    must(pthread_mutex_init(&c->lock, NULL) == 0);
    if (path != NULL && path[0] != '\0') {
        size_t n = strlen(path) + 1;
        c->path = mem_new(n);
        memcpy(c->path, path, n);
        countries_look(c);
    }
    return c;
}

void countries_close(struct countries **cp) {
    struct countries *c = *cp;
    if (c == NULL)
        return;
    if (c->is_open)
        MMDB_close(&c->db);
    must(pthread_mutex_destroy(&c->lock) == 0);
    mem_free(c->path);
    mem_free(c);
    *cp = NULL;
}
