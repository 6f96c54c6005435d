// SPDX-License-Identifier: AGPL-3.0-or-later
// The parent's whole life: start the children, see how they end, start them again, end them all. It reads no byte that
// came from outside; signals arrive through a signalfd, so nothing happens in a signal handler.
//
//   state of a row     pid   start_at_ms
//   runs                >0   -
//   waits for restart    0   when
//   ended for good       0   0 (only while all are being stopped)
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"

enum { SOON_MS = 10000, RESTART_MAX_MS = 800, FORK_AGAIN_MS = 1000 };

struct run {
    struct net_children *children;
    sigset_t before; // the caller's signal mask
    int signal_fd;
    bool stopping, killed;
    int64_t kill_at_ms;
};

static int64_t now_ms(void) {
    return clock_mono_us() / 1000;
}

_Noreturn static void become_child(struct run *run, struct net_child *row, pid_t parent) {
    close(run->signal_fd);
    // The parent may have died between fork and prctl: then nobody would ever end this child.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    sigset_t mask = run->before;
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    int result = row->main_fn(row->context);
    fflush(NULL);
    _exit(result);
}

static void start(struct run *run, struct net_child *row) {
    pid_t parent = getpid();
    // What stands in a buffer would otherwise be written once by each of the two.
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        become_child(run, row, parent);
    if (pid < 0) {
        log_error("starting %s: %s", row->name, strerror(errno));
        row->start_at_ms = now_ms() + FORK_AGAIN_MS;
        return;
    }
    row->pid = pid;
    row->started_ms = now_ms();
    row->start_at_ms = 0;
    if (run->children->on_started != NULL)
        run->children->on_started(row, run->children->context);
}

static void log_end(const struct net_child *row, int status) {
    if (WIFSIGNALED(status))
        log_error("%s (process %d) was ended by signal %d, %s%s", row->name, row->pid, WTERMSIG(status),
                  strsignal(WTERMSIG(status)), WCOREDUMP(status) ? ", core dumped" : "");
    else if (WEXITSTATUS(status) != 0)
        log_error("%s (process %d) ended with code %d", row->name, row->pid, WEXITSTATUS(status));
    else
        log_info("%s (process %d) ended", row->name, row->pid);
}

static int64_t restart_delay(const struct net_child *row) {
    int64_t delay = row->restart_ms > 0 ? row->restart_ms : 1;
    for (int i = 1; i < row->crashes && delay < RESTART_MAX_MS; i++)
        delay *= 2;
    return delay < RESTART_MAX_MS ? delay : RESTART_MAX_MS;
}

static void ended(struct run *run, struct net_child *row, int status) {
    log_end(row, status);
    row->pid = 0;
    if (run->stopping)
        return;
    int64_t now = now_ms();
    row->crashes = now - row->started_ms < SOON_MS ? row->crashes + 1 : 1;
    row->start_at_ms = now + restart_delay(row);
    log_info("starting %s again in %lld ms", row->name, (long long)(row->start_at_ms - now));
}

static void reap(struct run *run) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < run->children->count; i++)
            if (run->children->rows[i].pid == pid)
                ended(run, &run->children->rows[i], status);
}

static void signal_all(struct run *run, int number) {
    for (size_t i = 0; i < run->children->count; i++)
        if (run->children->rows[i].pid > 0)
            kill(run->children->rows[i].pid, number);
}

static void begin_stop(struct run *run) {
    if (run->stopping)
        return;
    run->stopping = true;
    run->kill_at_ms = now_ms() + (int64_t)run->children->stop_seconds * 1000;
    signal_all(run, SIGTERM);
}

static void read_signals(struct run *run) {
    struct signalfd_siginfo info;
    while (read(run->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            begin_stop(run);
        else if (info.ssi_signo == SIGHUP)
            signal_all(run, SIGHUP);
    }
    reap(run);
}

static bool any_runs(const struct run *run) {
    for (size_t i = 0; i < run->children->count; i++)
        if (run->children->rows[i].pid > 0)
            return true;
    return false;
}

static void start_due(struct run *run) {
    for (size_t i = 0; i < run->children->count; i++) {
        struct net_child *row = &run->children->rows[i];
        if (row->pid == 0 && row->start_at_ms <= now_ms())
            start(run, row);
    }
}

static void kill_late(struct run *run) {
    if (run->killed || now_ms() < run->kill_at_ms)
        return;
    log_warn("not all processes ended within %d seconds; killing them", run->children->stop_seconds);
    run->killed = true;
    signal_all(run, SIGKILL);
}

// How long poll may sleep; -1 for as long as nothing happens.
static int sleep_ms(const struct run *run) {
    int64_t until = INT64_MAX;
    if (run->stopping)
        until = run->killed ? INT64_MAX : run->kill_at_ms;
    else
        for (size_t i = 0; i < run->children->count; i++) {
            const struct net_child *row = &run->children->rows[i];
            if (row->pid == 0 && row->start_at_ms < until)
                until = row->start_at_ms;
        }
    if (until == INT64_MAX)
        return -1;
    int64_t wait = until - now_ms();
    return wait < 0 ? 0 : (int)wait + 1;
}

static void open_signals(struct run *run) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    must(sigprocmask(SIG_BLOCK, &set, &run->before) == 0);
    run->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    must(run->signal_fd >= 0);
}

int net_children_run(struct net_children *children) {
    struct run run = {.children = children};
    open_signals(&run);
    for (size_t i = 0; i < children->count; i++)
        children->rows[i].pid = 0;
    while (!run.stopping || any_runs(&run)) {
        if (run.stopping)
            kill_late(&run);
        else
            start_due(&run);
        struct pollfd wait = {.fd = run.signal_fd, .events = POLLIN};
        must(poll(&wait, 1, sleep_ms(&run)) >= 0 || errno == EINTR);
        read_signals(&run);
    }
    close(run.signal_fd);
    sigprocmask(SIG_SETMASK, &run.before, NULL);
    return run.killed ? 1 : 0;
}
