// SPDX-License-Identifier: AGPL-3.0-or-later
// Becoming a user without privileges.
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/net.h"

static enum rc change_user(const char *name, struct problem *p) {
    errno = 0;
    const struct passwd *user = getpwnam(name);
    if (user == NULL)
        return problem_set(p, RC_NOT_FOUND, "there is no user \"%s\" on this machine", name);
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
        return problem_set(p, RC_IO, "cannot become user %s: %s", name, strerror(errno));
    return RC_OK;
}

// A process that was started with some (systemd's AmbientCapabilities, to bind port 80) has no use for them later.
static bool drop_capabilities(void) {
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 && syscall(SYS_capset, &head, none) == 0;
}

enum rc net_become_user(const char *name, pid_t parent, struct problem *p) {
    if (name != NULL && name[0] != '\0' && geteuid() == 0) {
        enum rc rc = change_user(name, p);
        if (rc != RC_OK)
            return rc;
    }
    if (geteuid() != 0 && !drop_capabilities())
        return problem_set(p, RC_IO, "cannot give up capabilities: %s", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return problem_set(p, RC_IO, "cannot set no_new_privs: %s", strerror(errno));
    // Becoming another user forgets that we die with the parent.
    if (parent == 0)
        return RC_OK;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        return problem_set(p, RC_IO, "the parent is gone");
    return RC_OK;
}
