// SPDX-License-Identifier: AGPL-3.0-or-later
// The parent was killed: sound goes on. The next one is there soon, and says so by SIGHUP; where nobody begins one, the
// radio ends after a while, so that no process is left for ever of a station that is not served.
//
//   with a parent --it ends--> alone --configure() names another that lives--> with a parent
//                                    --alone_seconds are over, or the station is no more at its path--> the end
//
// Alone it looks each second, too: signals that come while one waits are one signal.
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "radio/inside.h"

enum { LOOK_MS = 1000 };

static void end(struct radio *r, const char *why) {
    log_warn("the radio has no parent, and %s: it ends", why);
    r->stopping = true;
    net_loop_stop(r->loop);
}

static void look(struct net_timer *t) {
    struct radio *r = (struct radio *)((char *)t - offsetof(struct radio, alone));
    if (!r->setup->is_own_place(r->setup->context)) {
        end(r, "the station is no more where it was");
        return;
    }
    r->setup->configure(r->setup->context, r->setup);
    alone_hear(r);
    if (!r->is_alone)
        return;
    if (clock_mono_us() >= r->alone_until_us)
        end(r, "nobody began another");
    else
        net_timer_set(r->loop, t, LOOK_MS);
}

static void be_alone(struct radio *r) {
    int64_t seconds = r->setup->alone_seconds;
    if (seconds > 0)
        log_warn("the process that began the radio is gone; it plays on alone for %lld s", (long long)seconds);
    r->is_alone = true;
    r->alone_until_us = clock_mono_us() + seconds * US_PER_SECOND;
    net_timer_set(r->loop, &r->alone, seconds > 0 ? LOOK_MS : 0);
}

static void parent_ended(struct net_watch *w, uint32_t events) {
    struct radio *r = (struct radio *)((char *)w - offsetof(struct radio, parent));
    (void)events;
    alone_end(r);
    be_alone(r);
}

static bool watch(struct radio *r, pid_t pid) {
    int fd = pidfd_open(pid, 0);
    if (fd < 0)
        return false;
    alone_end(r); // of the one before
    r->parent = (struct net_watch){.ready = parent_ended, .fd = fd};
    r->parent_pid = pid;
    must(net_watch_add(r->loop, &r->parent, EPOLLIN) == RC_OK);
    return true;
}

void alone_begin(struct radio *r) {
    r->alone.due = look;
    r->parent.fd = -1;
    bool is_watched = watch(r, r->setup->parent);
    // Where the kernel has no such descriptors, or a container does not let us have them, the radio ends with its parent.
    if (!is_watched && errno != ESRCH && prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        log_warn("the radio cannot see whether its parent lives: %s", strerror(errno));
    if (getppid() != r->setup->parent) { // it ended before, and its number may be another's
        alone_end(r);
        be_alone(r);
    }
}

void alone_hear(struct radio *r) {
    pid_t named = r->setup->parent;
    if (named == r->parent_pid || !watch(r, named))
        return;
    net_timer_clear(r->loop, &r->alone);
    r->is_alone = false;
    log_info("the radio goes on with process %d as its parent", (int)named);
}

void alone_end(struct radio *r) {
    if (r->parent.fd < 0)
        return;
    net_watch_remove(r->loop, &r->parent);
    close(r->parent.fd);
    r->parent.fd = -1;
}
