// SPDX-License-Identifier: AGPL-3.0-or-later
// The sandbox of a process that handles foreign bytes. Order: descriptors are closed, limits set, files and ports
// restricted, and last the list of system calls, after which none of the steps before could be taken.
//
// The list names what may be called; everything else fails with EPERM, so that a library that tries something and can
// do without goes on. clone3 fails with ENOSYS instead: its flags stand in memory, where a filter cannot see them, and
// the C library then uses clone.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/landlock.h"
#include "net/net.h"

#define CALL(name) SCMP_SYS(name)
#define COUNT(list) (sizeof(list) / sizeof *(list))

static const int calls_always[] = {
    // descriptors it holds
    CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(pread64), CALL(pwrite64), CALL(preadv), CALL(pwritev),
    CALL(preadv2), CALL(pwritev2), CALL(close), CALL(close_range), CALL(lseek), CALL(fstat), CALL(ftruncate),
    CALL(fallocate), CALL(fsync), CALL(fdatasync), CALL(dup), CALL(dup2), CALL(dup3), CALL(pipe2), CALL(eventfd2),
    CALL(memfd_create), CALL(sendfile), CALL(fadvise64), CALL(copy_file_range),
    // existence of paths
    CALL(newfstatat), CALL(statx), CALL(stat), CALL(lstat), CALL(access), CALL(faccessat), CALL(faccessat2),
    CALL(readlink), CALL(readlinkat), CALL(getcwd), CALL(fstatfs),
    // waiting
    CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait),
    CALL(epoll_pwait), CALL(epoll_pwait2), CALL(signalfd4), CALL(timerfd_create), CALL(timerfd_settime),
    // messages on sockets it holds
    CALL(sendmsg), CALL(recvmsg), CALL(sendto), CALL(recvfrom), CALL(sendmmsg), CALL(recvmmsg), CALL(shutdown),
    CALL(getsockopt), CALL(setsockopt), CALL(getsockname), CALL(getpeername),
    // memory; mmap and mprotect have rules of their own
    CALL(munmap), CALL(mremap), CALL(brk), CALL(madvise), CALL(mincore),
    // time, chance, itself
    CALL(clock_gettime), CALL(clock_getres), CALL(clock_nanosleep), CALL(nanosleep), CALL(gettimeofday), CALL(time),
    CALL(times), CALL(getrusage), CALL(sysinfo), CALL(uname), CALL(getrandom), CALL(getpid), CALL(getppid),
    CALL(gettid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getresuid), CALL(getresgid),
    CALL(getcpu), CALL(sched_yield), CALL(sched_getaffinity), CALL(futex), CALL(set_robust_list), CALL(get_robust_list),
    CALL(rseq), CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigtimedwait), CALL(sigaltstack),
    CALL(restart_syscall), CALL(exit), CALL(exit_group), CALL(set_tid_address), CALL(membarrier)};

static const int calls_writing[] = {CALL(open),      CALL(openat),   CALL(creat),   CALL(rename), CALL(renameat),
                                    CALL(renameat2), CALL(mkdir),    CALL(mkdirat), CALL(rmdir),  CALL(unlink),
                                    CALL(unlinkat),  CALL(truncate), CALL(flock),   CALL(fchmod), CALL(getdents64),
                                    CALL(utimensat), CALL(umask),    CALL(mkdirat)};

static const int fcntl_commands[] = {F_GETFL, F_SETFL,         F_GETFD,     F_SETFD,     F_DUPFD,
                                     F_GETLK, F_DUPFD_CLOEXEC, F_ADD_SEALS, F_GET_SEALS, F_SETLK};

struct filter {
    scmp_filter_ctx ctx;
    int failed; // the first error, negative
};

static void note(struct filter *f, int result) {
    if (result < 0 && f->failed == 0)
        f->failed = result;
}

static void allow(struct filter *f, int call) {
    note(f, seccomp_rule_add(f->ctx, SCMP_ACT_ALLOW, call, 0));
}

// libseccomp's comparisons take a second number that only SCMP_CMP_MASKED_EQ reads; clang asks for it always.
static void allow_when(struct filter *f, int call, struct scmp_arg_cmp condition) {
    note(f, seccomp_rule_add_array(f->ctx, SCMP_ACT_ALLOW, call, 1, &condition));
}

static void allow_all(struct filter *f, const int *calls, size_t count) {
    for (size_t i = 0; i < count; i++)
        allow(f, calls[i]);
}

static void allow_memory(struct filter *f, const struct net_sandbox *s) {
    if (s->new_code) {
        allow(f, CALL(mmap));
        allow(f, CALL(mprotect));
        return;
    }
    allow_when(f, CALL(mmap), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    allow_when(f, CALL(mprotect), SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

static void allow_opening(struct filter *f, const struct net_sandbox *s) {
    const uint64_t not_reading = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
    if (s->write_paths != NULL)
        allow_all(f, calls_writing, COUNT(calls_writing));
    else if (s->read_paths != NULL) {
        allow(f, CALL(getdents64));
        allow_when(f, CALL(open), SCMP_A1_64(SCMP_CMP_MASKED_EQ, not_reading, 0));
        allow_when(f, CALL(openat), SCMP_A2_64(SCMP_CMP_MASKED_EQ, not_reading, 0));
    }
}

static void allow_itself(struct filter *f, const struct net_sandbox *s) {
    // Its own limits may be asked for; abort() and a crash's second signal go to itself.
    struct scmp_arg_cmp own_limits[] = {SCMP_A0_64(SCMP_CMP_EQ, 0, 0), SCMP_A2_64(SCMP_CMP_EQ, 0, 0)};
    note(f, seccomp_rule_add_array(f->ctx, SCMP_ACT_ALLOW, CALL(prlimit64), 2, own_limits));
    allow_when(f, CALL(tgkill), SCMP_A0_64(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    allow_when(f, CALL(prctl), SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME, 0));
    for (size_t i = 0; i < COUNT(fcntl_commands); i++)
        allow_when(f, CALL(fcntl), SCMP_A1_64(SCMP_CMP_EQ, (scmp_datum_t)fcntl_commands[i], 0));
    if (s->threads)
        allow_when(f, CALL(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    note(f, seccomp_rule_add(f->ctx, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0));
}

static void allow_network(struct filter *f, const struct net_sandbox *s) {
    if (s->connect_ports == NULL)
        return;
    allow_when(f, CALL(socket), SCMP_A0_64(SCMP_CMP_EQ, AF_INET, 0));
    allow_when(f, CALL(socket), SCMP_A0_64(SCMP_CMP_EQ, AF_INET6, 0));
    allow(f, CALL(connect));
    // A library that looks names up in a thread wakes itself by one. It leads nowhere else.
    allow_when(f, CALL(socketpair), SCMP_A0_64(SCMP_CMP_EQ, AF_UNIX, 0));
}

static enum rc restrict_calls(const struct net_sandbox *s, struct problem *p) {
    struct filter f = {.ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM))};
    if (f.ctx == NULL)
        return problem_set(p, RC_IO, "seccomp cannot be used");
    allow_all(&f, calls_always, COUNT(calls_always));
    allow_memory(&f, s);
    allow_opening(&f, s);
    allow_itself(&f, s);
    allow_network(&f, s);
    if (f.failed == 0)
        note(&f, seccomp_load(f.ctx));
    seccomp_release(f.ctx);
    return f.failed == 0 ? RC_OK : problem_set(p, RC_IO, "seccomp refuses: %s", strerror(-f.failed));
}

// ---- limits ----------------------------------------------------------------------------------------------------

static bool set_limit(int resource, uint64_t value) {
    struct rlimit now;
    if (getrlimit((__rlimit_resource_t)resource, &now) != 0)
        return false;
    struct rlimit limit = {value < now.rlim_max ? value : now.rlim_max, value < now.rlim_max ? value : now.rlim_max};
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0;
}

static bool set_limits(const struct net_sandbox *s) {
    return set_limit(RLIMIT_CORE, 0) && (s->memory_bytes == 0 || set_limit(RLIMIT_AS, s->memory_bytes)) &&
           (s->cpu_seconds == 0 || set_limit(RLIMIT_CPU, s->cpu_seconds)) &&
           (s->file_bytes == 0 || set_limit(RLIMIT_FSIZE, s->file_bytes)) &&
           (s->files == 0 || set_limit(RLIMIT_NOFILE, s->files));
}

enum rc net_sandbox_enter(const struct net_sandbox *s, struct problem *p) {
    file_close_others(s->keep, s->keep_count);
    if (!set_limits(s) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return problem_set(p, RC_IO, "the sandbox's limits cannot be set: %s", strerror(errno));
    enum rc rc = landlock_enter(s, p);
    return rc == RC_OK ? restrict_calls(s, p) : rc;
}
