// SPDX-License-Identifier: AGPL-3.0-or-later
// The parent's whole life: start the children, see how they end, start them again, end them all. It reads no byte that
// came from outside; signals arrive through a signalfd, so nothing happens in a signal handler.
//
//   state of a row     pid   start_at_ms
//   runs                >0   -                (left_fd > 0: begun by another parent, not our child)
//   waits for restart    0   when
//   ended for good       0   0 (only while all are being stopped)
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"

enum { SOON_MS = 10000, RESTART_MAX_MS = 800, FORK_AGAIN_MS = 1000, THROW_AWAY_MAX = 10000 };

struct run {
    struct net_children *children;
    sigset_t before; // the caller's signal mask
    int signal_fd;
    bool stopping, helpers_told, killed;
    int64_t kill_at_ms;
};

static int64_t now_ms(void) {
    return clock_mono_us() / 1000;
}

// ---- channels ------------------------------------------------------------------------------------------------

enum rc net_pair_open(struct net_pair *pair, struct problem *p) {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return problem_set(p, RC_IO, "no channel between %s and %s: %s", pair->one, pair->other, strerror(errno));
    pair->one_fd = fds[0];
    pair->other_fd = fds[1];
    return RC_OK;
}

void net_pair_close(struct net_pair *pair) {
    close(pair->one_fd);
    close(pair->other_fd);
    pair->one_fd = pair->other_fd = -1;
}

// A child that held its partner's end would hear what is meant for that, and would keep the channel alive.
static void close_ends_of_others(const struct net_children *children, const struct net_child *row) {
    for (size_t i = 0; i < children->pair_count; i++) {
        const struct net_pair *pair = &children->pairs[i];
        if (strcmp(pair->one, row->name) != 0)
            close(pair->one_fd);
        if (strcmp(pair->other, row->name) != 0)
            close(pair->other_fd);
    }
}

// What was sent to a process that crashed may be what crashed it: the next one does not get it.
static void empty_channel(int own_fd) {
    static const struct net_message ended = {.kind = NET_KIND_PARTNER_ENDED};
    char byte;
    struct iovec part = {&byte, sizeof byte};
    // Without room for descriptors the kernel closes those that come along. Bounded: the partner may still be sending.
    for (int i = 0; i < THROW_AWAY_MAX; i++) {
        struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
        if (recvmsg(own_fd, &msg, MSG_DONTWAIT) < 0)
            break;
    }
    // The partner is told as if by the one that ended. A partner that reads nothing has to notice by its own deadline.
    if (net_message_send(own_fd, &ended, 0) != RC_OK)
        log_warn("a process could not be told that its partner ended");
}

static void empty_channels_of(const struct net_children *children, const struct net_child *row) {
    for (size_t i = 0; i < children->pair_count; i++) {
        const struct net_pair *pair = &children->pairs[i];
        if (strcmp(pair->one, row->name) == 0)
            empty_channel(pair->one_fd);
        if (strcmp(pair->other, row->name) == 0)
            empty_channel(pair->other_fd);
    }
}

// What is not our child may have ended and its number be another's; a pidfd is never another's.
static void signal_row(const struct net_child *row, int number) {
    if (row->left_fd > 0)
        (void)pidfd_send_signal(row->left_fd, number, NULL, 0);
    else
        kill(row->pid, number);
}

// ---- starting ------------------------------------------------------------------------------------------------

// A helper has nothing to finish: SIGTERM ends it as it ends any program, the other two are not for it.
static void set_signals(const struct run *run, const struct net_child *row) {
    sigset_t mask = run->before;
    if (row->helper) {
        signal(SIGHUP, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_DFL);
        sigdelset(&mask, SIGTERM);
    } else {
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGINT);
        sigaddset(&mask, SIGHUP);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

_Noreturn static void become_child(struct run *run, struct net_child *row, pid_t parent) {
    struct problem problem = {""};
    close(run->signal_fd);
    log_name(row->name);
    close_ends_of_others(run->children, row);
    // The parent may have died between fork and prctl: then nobody would ever end this child.
    if (net_become_user(row->user, row->outlives ? 0 : parent, &problem) != RC_OK) {
        log_error("%s", problem.text);
        _exit(1);
    }
    set_signals(run, row);
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

static void log_end(const struct net_child *row, int status, bool stopping) {
    if (stopping && row->helper && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM)
        log_info("%s (process %d) ended", row->name, row->pid);
    else if (WIFSIGNALED(status))
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

static void is_over(struct run *run, struct net_child *row, bool crashed) {
    row->pid = 0;
    if (run->stopping)
        return;
    int64_t now = now_ms();
    row->crashes = !crashed ? 0 : now - row->started_ms < SOON_MS ? row->crashes + 1 : 1;
    if (crashed)
        empty_channels_of(run->children, row);
    row->start_at_ms = now + restart_delay(row);
    log_info("starting %s again in %lld ms", row->name, (long long)(row->start_at_ms - now));
}

static void ended(struct run *run, struct net_child *row, int status) {
    log_end(row, status, run->stopping);
    is_over(run, row, !WIFEXITED(status) || WEXITSTATUS(status) != 0);
}

// ---- those that are left of another parent ---------------------------------------------------------------------

static void greet_left(const struct run *run) {
    for (size_t i = 0; i < run->children->count; i++) {
        struct net_child *row = &run->children->rows[i];
        if (row->left_fd <= 0)
            continue;
        row->started_ms = now_ms();
        row->crashes = 0;
        row->start_at_ms = 0;
        if (run->children->on_started != NULL)
            run->children->on_started(row, run->children->context);
        signal_row(row, SIGHUP);
    }
}

static bool has_ended(int pidfd) {
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    return poll(&end, 1, 0) == 1;
}

static void look_at_left(struct run *run) {
    for (size_t i = 0; i < run->children->count; i++) {
        struct net_child *row = &run->children->rows[i];
        if (row->left_fd <= 0 || !has_ended(row->left_fd))
            continue;
        log_info("%s (process %d), which another parent began, ended", row->name, row->pid);
        close(row->left_fd);
        row->left_fd = 0;
        is_over(run, row, true);
    }
}

static void reap(struct run *run) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < run->children->count; i++)
            if (run->children->rows[i].pid == pid)
                ended(run, &run->children->rows[i], status);
    look_at_left(run);
}

enum who { ALL, HELPERS, OTHERS };

static bool is_among(const struct net_child *row, enum who who) {
    return who == ALL || row->helper == (who == HELPERS);
}

static void signal_those(const struct run *run, enum who who, int number) {
    for (size_t i = 0; i < run->children->count; i++)
        if (run->children->rows[i].pid > 0 && is_among(&run->children->rows[i], who))
            signal_row(&run->children->rows[i], number);
}

static bool any_runs(const struct run *run, enum who who) {
    for (size_t i = 0; i < run->children->count; i++)
        if (run->children->rows[i].pid > 0 && is_among(&run->children->rows[i], who))
            return true;
    return false;
}

static void call(const struct run *run, void (*fn)(void *context)) {
    if (fn != NULL)
        fn(run->children->context);
}

static void begin_stop(struct run *run) {
    if (run->stopping)
        return;
    call(run, run->children->on_stop);
    run->stopping = true;
    run->kill_at_ms = now_ms() + (int64_t)run->children->stop_seconds * 1000;
    signal_those(run, OTHERS, SIGTERM);
}

static void reload(struct run *run) {
    if (run->stopping)
        return;
    call(run, run->children->on_reload);
    signal_those(run, ALL, SIGHUP);
    call(run, run->children->on_reloaded);
}

// Helpers serve those that are finishing their work.
static void stop_helpers(struct run *run) {
    if (!run->helpers_told && !any_runs(run, OTHERS)) {
        run->helpers_told = true;
        signal_those(run, HELPERS, SIGTERM);
    }
}

// A child cannot signal a parent that is root; what it says is that it rang, and no more.
static void read_bell(struct run *run) {
    uint64_t rings;
    if (run->children->bell_fd != 0 && read(run->children->bell_fd, &rings, sizeof rings) == (ssize_t)sizeof rings)
        reload(run);
}

static void read_signals(struct run *run) {
    struct signalfd_siginfo info;
    while (read(run->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            begin_stop(run);
        else if (info.ssi_signo == SIGHUP)
            reload(run);
    }
    reap(run);
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
    signal_those(run, ALL, SIGKILL);
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

// Until a signal comes, somebody rings, a process that is left ends, or something is due.
static void wait_for_all(const struct run *run) {
    const struct net_children *children = run->children;
    struct pollfd wait[2 + NET_CHILDREN_MAX] = {{.fd = run->signal_fd, .events = POLLIN}};
    nfds_t n = 1;
    if (children->bell_fd != 0)
        wait[n++] = (struct pollfd){.fd = children->bell_fd, .events = POLLIN};
    for (size_t i = 0; i < children->count; i++)
        if (children->rows[i].left_fd > 0)
            wait[n++] = (struct pollfd){.fd = children->rows[i].left_fd, .events = POLLIN};
    must(poll(wait, n, sleep_ms(run)) >= 0 || errno == EINTR);
}

int net_children_run(struct net_children *children) {
    struct run run = {.children = children};
    must(children->count <= NET_CHILDREN_MAX);
    open_signals(&run);
    for (size_t i = 0; i < children->count; i++)
        if (children->rows[i].left_fd <= 0)
            children->rows[i].pid = 0;
    greet_left(&run);
    while (!run.stopping || any_runs(&run, ALL)) {
        if (run.stopping) {
            stop_helpers(&run);
            kill_late(&run);
        } else
            start_due(&run);
        wait_for_all(&run);
        read_signals(&run);
        read_bell(&run);
    }
    close(run.signal_fd);
    sigprocmask(SIG_SETMASK, &run.before, NULL);
    return run.killed ? 1 : 0;
}
