// SPDX-License-Identifier: AGPL-3.0-or-later
// What a sandboxed process can no longer do, and what it still can. Each case runs in a child of its own, whose exit code
// is the line of the first expectation that did not hold. Built without sanitizers: their runtime needs calls that the
// sandbox refuses.
#include "../check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"

struct place {
    char folder[64], readable[96], writable[96], other[96];
};

#define HOLDS(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            dprintf(STDERR_FILENO, "line %d: %s (%s)\n", __LINE__, #condition, strerror(errno));                       \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)
#define REFUSED(call) HOLDS((errno = 0, (long)(call) == -1 && (errno == EPERM || errno == EACCES)))

static struct place make_place(void) {
    struct place p = {.folder = "/tmp/siaran-sandbox-XXXXXX"};
    assert_non_null(mkdtemp(p.folder));
    snprintf(p.readable, sizeof p.readable, "%s/readable", p.folder);
    snprintf(p.writable, sizeof p.writable, "%s/writable", p.folder);
    snprintf(p.other, sizeof p.other, "%s/other", p.folder);
    assert_int_equal(mkdir(p.readable, 0700), 0);
    assert_int_equal(mkdir(p.writable, 0700), 0);
    assert_int_equal(mkdir(p.other, 0700), 0);
    for (int i = 0; i < 2; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/file", i == 0 ? p.readable : p.other);
        assert_int_equal(file_write(path, STR("words"), 0600, NULL), RC_OK);
    }
    return p;
}

static void remove_place(const struct place *p) {
    char path[128];
    snprintf(path, sizeof path, "%s/file", p->readable);
    unlink(path);
    snprintf(path, sizeof path, "%s/file", p->other);
    unlink(path);
    rmdir(p->readable);
    rmdir(p->writable);
    rmdir(p->other);
    rmdir(p->folder);
}

static int open_at(const char *folder, const char *name, int flags) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return open(path, flags, 0600);
}

static void enter(const struct net_sandbox *s) {
    struct problem problem = {""};
    if (net_sandbox_enter(s, &problem) != RC_OK) {
        dprintf(STDERR_FILENO, "%s\n", problem.text);
        _exit(1);
    }
}

static int status_of(void (*child)(const struct place *p)) {
    struct place p = make_place();
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        child(&p);
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    remove_place(&p);
    return status;
}

// ---- nothing allowed -----------------------------------------------------------------------------------------

static void refuse_everything(const struct place *p) {
    int kept = open("/dev/null", O_RDWR), closed = open("/dev/null", O_RDWR);
    enter(&(struct net_sandbox){.keep = &kept, .keep_count = 1});
    char *const none[] = {NULL};
    REFUSED(open_at(p->readable, "file", O_RDONLY));
    REFUSED(open_at(p->writable, "new", O_WRONLY | O_CREAT));
    REFUSED(open("/proc/self/status", O_RDONLY));
    REFUSED(mkdir("/tmp/siaran-sandbox-never", 0700));
    REFUSED(unlink(p->readable));
    REFUSED(rename(p->readable, p->other));
    REFUSED(symlink("/etc/passwd", p->other));
    REFUSED(chmod(p->readable, 0777));
    REFUSED(execve("/bin/true", none, none));
    REFUSED(syscall(SYS_fork));
    REFUSED(syscall(SYS_vfork));
    REFUSED(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
    REFUSED(syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, 0, 0, 0));
    HOLDS(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
    REFUSED(socket(AF_INET, SOCK_STREAM, 0));
    REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
    REFUSED(socket(AF_NETLINK, SOCK_RAW, 0));
    REFUSED(kill(getppid(), 0));
    REFUSED(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
    REFUSED(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
    REFUSED(unshare(CLONE_NEWUSER));
    REFUSED(setuid(0));
    REFUSED(chroot("/tmp"));
    REFUSED(syscall(SYS_io_uring_setup, 8, NULL));
    REFUSED(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
    REFUSED(syscall(SYS_bpf, 0, NULL, 0));
    REFUSED(prctl(PR_SET_DUMPABLE, 1));
    REFUSED(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REFUSED(setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 64}));
    HOLDS(fcntl(closed, F_GETFD) == -1 && errno == EBADF);
    HOLDS(fcntl(kept, F_GETFD) == 0);
}

static void a_sandboxed_process_opens_starts_and_reaches_nothing(void **state) {
    (void)state;
    assert_int_equal(status_of(refuse_everything), 0);
}

static void work_as_allowed(const struct place *p) {
    (void)p;
    int ends[2];
    HOLDS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
    enter(&(struct net_sandbox){.keep = ends,
                                .keep_count = 2,
                                .memory_bytes = 256 << 20,
                                .cpu_seconds = 10,
                                .file_bytes = 1 << 20,
                                .files = 16});
    struct arena *a = arena_new(1 << 20);
    char *room = mem_new(8 << 20);
    memset(room, 7, 8 << 20);
    int file = memfd_create("decoded", MFD_CLOEXEC);
    HOLDS(file >= 0 && write(file, "pixels", 6) == 6);
    struct net_message m = {.kind = 1, .body = STR("done"), .fds = {file}, .fd_count = 1}, got;
    HOLDS(net_message_send(ends[0], &m, 1000) == RC_OK);
    HOLDS(net_message_receive(a, ends[1], &got, 1000) == RC_OK && got.fd_count == 1);
    char text[6];
    HOLDS(pread(got.fds[0], text, 6, 0) == 6 && memcmp(text, "pixels", 6) == 0);
    HOLDS(random_u64() != random_u64());
    HOLDS(clock_now_us() > 0);
    log_info("a line in the log");
    mem_free(room);
}

static void what_a_decoder_needs_still_works(void **state) {
    (void)state;
    assert_int_equal(status_of(work_as_allowed), 0);
}

// ---- limits --------------------------------------------------------------------------------------------------

static void meet_limits(const struct place *p) {
    (void)p;
    enter(&(struct net_sandbox){.memory_bytes = 64 << 20, .file_bytes = 4096, .files = 8});
    HOLDS(mmap(NULL, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
          errno == ENOMEM);
    signal(SIGXFSZ, SIG_IGN);
    int file = memfd_create("long", MFD_CLOEXEC);
    char page[4096] = {0};
    HOLDS(write(file, page, sizeof page) == (ssize_t)sizeof page);
    HOLDS(write(file, page, sizeof page) == -1 && errno == EFBIG);
    int fd = file;
    for (int i = 0; i < 20 && fd >= 0; i++)
        fd = dup(file);
    HOLDS(fd == -1 && errno == EMFILE);
}

static void memory_files_and_descriptors_end_at_their_limits(void **state) {
    (void)state;
    assert_int_equal(status_of(meet_limits), 0);
}

static void never_end(const struct place *p) {
    (void)p;
    enter(&(struct net_sandbox){.cpu_seconds = 1});
    for (volatile unsigned n = 0;; n++)
        ;
}

static void a_decoder_that_never_ends_is_ended(void **state) {
    (void)state;
    int status = status_of(never_end);
    assert_true(WIFSIGNALED(status));
    assert_true(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
}

static void abort_inside(const struct place *p) {
    (void)p;
    enter(&(struct net_sandbox){.files = 0});
    abort();
}

static void a_bug_inside_still_ends_by_abort(void **state) {
    (void)state;
    int status = status_of(abort_inside);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

// ---- what a field adds ---------------------------------------------------------------------------------------

static void read_only_there(const struct place *p) {
    const char *const paths[] = {p->readable, NULL};
    enter(&(struct net_sandbox){.read_paths = paths});
    HOLDS(open_at(p->readable, "file", O_RDONLY) >= 0);
    REFUSED(open_at(p->readable, "file", O_RDWR));
    REFUSED(open_at(p->readable, "file", O_RDONLY | O_TRUNC));
    REFUSED(open_at(p->readable, "new", O_WRONLY | O_CREAT));
    REFUSED(open(p->readable, O_TMPFILE | O_RDWR, 0600));
    if (net_sandbox_landlock() >= 1) {
        REFUSED(open_at(p->other, "file", O_RDONLY));
        REFUSED(open("/etc/passwd", O_RDONLY));
    }
}

static void paths_for_reading_are_read_only(void **state) {
    (void)state;
    assert_int_equal(status_of(read_only_there), 0);
}

static void write_only_there(const struct place *p) {
    const char *const paths[] = {p->writable, NULL};
    enter(&(struct net_sandbox){.write_paths = paths});
    int fd = open_at(p->writable, "new", O_WRONLY | O_CREAT);
    HOLDS(fd >= 0 && write(fd, "x", 1) == 1);
    char from[128], to[128], away[128];
    snprintf(from, sizeof from, "%s/new", p->writable);
    snprintf(to, sizeof to, "%s/newer", p->writable);
    snprintf(away, sizeof away, "%s/newest", p->other);
    HOLDS(rename(from, to) == 0);
    if (net_sandbox_landlock() >= 1) {
        HOLDS(rename(to, away) == -1 && (errno == EACCES || errno == EXDEV));
        REFUSED(open_at(p->other, "file", O_RDONLY));
        REFUSED(open_at(p->other, "new", O_WRONLY | O_CREAT));
    }
    HOLDS(unlink(to) == 0);
}

static void paths_for_writing_hold_all_writing(void **state) {
    (void)state;
    assert_int_equal(status_of(write_only_there), 0);
}

static void connect_only_there(const struct place *p) {
    (void)p;
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof addr;
    int listening = socket(AF_INET, SOCK_STREAM, 0), second = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in other = addr;
    HOLDS(bind(listening, (struct sockaddr *)&addr, size) == 0 && listen(listening, 4) == 0);
    HOLDS(bind(second, (struct sockaddr *)&other, size) == 0 && listen(second, 4) == 0);
    HOLDS(getsockname(listening, (struct sockaddr *)&addr, &size) == 0);
    HOLDS(getsockname(second, (struct sockaddr *)&other, &size) == 0);
    const uint16_t ports[] = {ntohs(addr.sin_port), 0};
    const int keep[] = {listening, second};
    enter(&(struct net_sandbox){.connect_ports = ports, .keep = keep, .keep_count = 2});
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    HOLDS(fd >= 0 && connect(fd, (struct sockaddr *)&addr, size) == 0);
    int more = socket(AF_INET, SOCK_STREAM, 0);
    if (net_sandbox_landlock() >= 4)
        REFUSED(connect(more, (struct sockaddr *)&other, size));
    REFUSED(bind(more, (struct sockaddr *)&addr, size));
    REFUSED(listen(more, 1));
    REFUSED(accept(listening, NULL, NULL));
    REFUSED(socket(AF_UNIX, SOCK_STREAM, 0));
    REFUSED(open("/etc/passwd", O_RDONLY));
}

static void connections_go_to_the_ports_named(void **state) {
    (void)state;
    assert_int_equal(status_of(connect_only_there), 0);
}

static void *try_in_thread(void *arg) {
    const struct place *p = arg;
    errno = 0;
    bool refused = open_at(p->readable, "file", O_RDONLY) == -1 && errno == EPERM;
    return refused ? arg : NULL;
}

static void start_threads(const struct place *p) {
    enter(&(struct net_sandbox){.threads = true});
    pthread_t thread;
    void *result = NULL;
    HOLDS(pthread_create(&thread, NULL, try_in_thread, (void *)(uintptr_t)p) == 0);
    HOLDS(pthread_join(thread, &result) == 0 && result == p);
    REFUSED(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static void threads_when_allowed_are_in_the_sandbox_too(void **state) {
    (void)state;
    assert_int_equal(status_of(start_threads), 0);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sandboxed_process_opens_starts_and_reaches_nothing),
        cmocka_unit_test(what_a_decoder_needs_still_works),
        cmocka_unit_test(memory_files_and_descriptors_end_at_their_limits),
        cmocka_unit_test(a_decoder_that_never_ends_is_ended),
        cmocka_unit_test(a_bug_inside_still_ends_by_abort),
        cmocka_unit_test(paths_for_reading_are_read_only),
        cmocka_unit_test(paths_for_writing_hold_all_writing),
        cmocka_unit_test(connections_go_to_the_ports_named),
        cmocka_unit_test(threads_when_allowed_are_in_the_sandbox_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
