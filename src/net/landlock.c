// SPDX-License-Identifier: AGPL-3.0-or-later
// Landlock by its system calls: the C library has no wrappers for them. The numbers of later versions of the interface are
// written here, because the headers of the system we are built on may be older than the kernel we run on.
//
//   version   kernel   what it adds that we use
//   1         5.13     files by path
//   2         5.19     moving files between folders
//   3         6.2      truncating
//   4         6.7      TCP ports
//   5         6.10     commands to devices (ioctl)
//   6         6.12     signals and abstract sockets outside the sandbox
#include "net/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ruleset {
    uint64_t fs, net, scoped;
};
struct port_rule {
    uint64_t access, port;
};

enum { RULE_PATH = 1, RULE_PORT = 2, VERSION_ASKED = 1 };
enum { FS_REFER = 1 << 13, FS_TRUNCATE = 1 << 14, FS_IOCTL = 1 << 15, FS_VERSION_1 = (1 << 13) - 1 };
enum { NET_BIND = 1 << 0, NET_CONNECT = 1 << 1, SCOPE_ALL = 3 };

enum {
    READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    WRITE = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
            LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | FS_REFER | FS_TRUNCATE,
    OF_A_FILE = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE,
};

int net_sandbox_landlock(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_ASKED);
    return version > 0 ? (int)version : 0;
}

static struct ruleset ruleset_of(int version) {
    struct ruleset r = {.fs = FS_VERSION_1};
    r.fs |= version >= 2 ? FS_REFER : 0;
    r.fs |= version >= 3 ? FS_TRUNCATE : 0;
    r.fs |= version >= 5 ? FS_IOCTL : 0;
    r.net = version >= 4 ? NET_BIND | NET_CONNECT : 0;
    r.scoped = version >= 6 ? SCOPE_ALL : 0;
    return r;
}

// An older kernel knows a shorter struct and refuses a longer one.
static size_t ruleset_bytes(int version) {
    return version >= 6 ? sizeof(struct ruleset) : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static enum rc add_path(int set, const char *path, uint64_t access, struct problem *p) {
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    enum rc rc = RC_OK;
    if (fd < 0 || fstat(fd, &st) != 0)
        rc = problem_set(p, RC_IO, "the sandbox needs %s: %s", path, strerror(errno));
    if (rc == RC_OK) {
        struct landlock_path_beneath_attr rule = {.allowed_access = S_ISDIR(st.st_mode) ? access : access & OF_A_FILE,
                                                  .parent_fd = fd};
        if (syscall(SYS_landlock_add_rule, set, RULE_PATH, &rule, 0) != 0)
            rc = problem_set(p, RC_IO, "Landlock refuses a rule for %s: %s", path, strerror(errno));
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

static enum rc add_paths(int set, const char *const *paths, uint64_t access, struct problem *p) {
    enum rc rc = RC_OK;
    for (; rc == RC_OK && paths != NULL && *paths != NULL; paths++)
        rc = add_path(set, *paths, access, p);
    return rc;
}

static enum rc add_ports(int set, const uint16_t *ports, struct problem *p) {
    for (; ports != NULL && *ports != 0; ports++) {
        struct port_rule rule = {.access = NET_CONNECT, .port = *ports};
        if (syscall(SYS_landlock_add_rule, set, RULE_PORT, &rule, 0) != 0)
            return problem_set(p, RC_IO, "Landlock refuses a rule for port %u: %s", *ports, strerror(errno));
    }
    return RC_OK;
}

static void log_unenforced(const struct net_sandbox *s, int version) {
    if (version < 1 && (s->read_paths != NULL || s->write_paths != NULL))
        log_warn("this kernel has no Landlock: the process can read what its user can, beyond what it needs");
    if (version < 4 && s->connect_ports != NULL)
        log_warn("this kernel's Landlock knows no ports: the process can connect to any");
}

enum rc landlock_enter(const struct net_sandbox *s, struct problem *p) {
    int version = net_sandbox_landlock();
    log_unenforced(s, version);
    if (version < 1)
        return RC_OK;
    struct ruleset rules = ruleset_of(version);
    int set = (int)syscall(SYS_landlock_create_ruleset, &rules, ruleset_bytes(version), 0);
    if (set < 0)
        return problem_set(p, RC_IO, "Landlock refuses: %s", strerror(errno));
    enum rc rc = add_paths(set, s->read_paths, READ & rules.fs, p);
    if (rc == RC_OK)
        rc = add_paths(set, s->write_paths, (READ | WRITE) & rules.fs, p);
    if (rc == RC_OK && rules.net != 0)
        rc = add_ports(set, s->connect_ports, p);
    if (rc == RC_OK && syscall(SYS_landlock_restrict_self, set, 0) != 0)
        rc = problem_set(p, RC_IO, "Landlock refuses: %s", strerror(errno));
    close(set);
    return rc;
}
