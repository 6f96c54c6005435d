// SPDX-License-Identifier: AGPL-3.0-or-later
// The parent was killed: sound goes on. The next one is there soon, and says so by SIGHUP; where nobody begins one, the
// radio ends after a while, so that no process is left for ever of a station that is not served.
//
//   with a parent --it ends--> alone, for alone_seconds --SIGHUP: its sender is the parent--> with a parent
//                                                       --nobody comes--> the end
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "radio/inside.h"

static void be_alone(struct radio *r) {
    int64_t seconds = r->setup->alone_seconds;
    if (seconds > 0)
        log_warn("the process that began the radio is gone; it plays on alone for %lld s", (long long)seconds);
    r->is_alone = true;
    net_timer_set(r->loop, &r->alone, seconds * 1000);
}

static void parent_ended(struct net_watch *w, uint32_t events) {
    struct radio *r = (struct radio *)((char *)w - offsetof(struct radio, parent));
    (void)events;
    alone_end(r);
    be_alone(r);
}

static void nobody_came(struct net_timer *t) {
    struct radio *r = (struct radio *)((char *)t - offsetof(struct radio, alone));
    log_warn("the radio has no parent and nobody began another: it ends");
    r->stopping = true;
    net_loop_stop(r->loop);
}

static bool watch_parent(struct radio *r, pid_t pid) {
    r->parent = (struct net_watch){.ready = parent_ended, .fd = pidfd_open(pid, 0)};
    if (r->parent.fd < 0)
        return false;
    must(net_watch_add(r->loop, &r->parent, EPOLLIN) == RC_OK);
    return true;
}

void alone_begin(struct radio *r) {
    r->alone.due = nobody_came;
    bool is_watched = watch_parent(r, r->setup->parent);
    // Where the kernel has no such descriptors, or a container does not let us have them, the radio ends with its parent.
    if (!is_watched && errno != ESRCH && prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        log_warn("the radio cannot see whether its parent lives: %s", strerror(errno));
    if (getppid() != r->setup->parent) { // it ended before, and its number may be another's
        alone_end(r);
        be_alone(r);
    }
}

void alone_hear(struct radio *r, pid_t from) {
    if (!r->is_alone || from <= 0 || !watch_parent(r, from))
        return;
    net_timer_clear(r->loop, &r->alone);
    r->is_alone = false;
    log_info("the radio goes on with process %d as its parent", (int)from);
}

void alone_end(struct radio *r) {
    if (r->parent.fd < 0)
        return;
    net_watch_remove(r->loop, &r->parent);
    close(r->parent.fd);
    r->parent.fd = -1;
}
