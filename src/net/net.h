// SPDX-License-Identifier: AGPL-3.0-or-later
// The event loop, timers, sockets, worker pools, child processes, channels between them, and the sandbox some of them
// live in. Parses nothing that a client sent.
//
// Threads: a loop belongs to the thread that runs it; only net_loop_post and net_loop_stop may be called from others.
#ifndef NET_NET_H
#define NET_NET_H

#include <sys/socket.h>
#include <sys/types.h>

#include "util/util.h"

// ---- loop (epoll, level-triggered) ---------------------------------------------------------------------------

struct net_loop;

// Embedded in what watches a descriptor. `ready` gets the epoll event bits. It may remove and free its own watch.
struct net_watch {
    void (*ready)(struct net_watch *w, uint32_t events);
    int fd;
};

struct net_loop *net_loop_new(void);
void net_loop_free(struct net_loop **loop);
void net_loop_run(struct net_loop *loop); // until net_loop_stop
void net_loop_stop(struct net_loop *loop);
int64_t net_loop_now_ms(const struct net_loop *loop); // monotonic, read once per wake-up

enum rc net_watch_add(struct net_loop *loop, struct net_watch *w, uint32_t events) MUST_USE;
void net_watch_change(struct net_loop *loop, struct net_watch *w, uint32_t events);
// The watch may be freed after this; events already fetched for it in this wake-up are not delivered.
void net_watch_remove(struct net_loop *loop, struct net_watch *w);

// Runs fn(arg) soon on the loop's thread, in the order of posting. From any thread. Never blocks.
void net_loop_post(struct net_loop *loop, void (*fn)(void *arg), void *arg);

// A timer in a wheel of 64 ms slots: cheap to set and to move, never early, late by a slot at most. Embedded, zero
// initialised. Setting a set timer moves it.
struct net_timer {
    struct net_timer *next, **prev;
    void (*due)(struct net_timer *t);
    int64_t at_ms;
};
void net_timer_set(struct net_loop *loop, struct net_timer *t, int64_t after_ms);
void net_timer_clear(struct net_loop *loop, struct net_timer *t); // not set is fine

// ---- sockets -------------------------------------------------------------------------------------------------

struct net_address {
    struct sockaddr_storage sa;
    socklen_t len;
};

// "127.0.0.1:8080", "[::1]:0", "8080" (all interfaces), "unix:/path". No names are looked up.
enum rc net_address_parse(struct str text, struct net_address *out, struct problem *p) MUST_USE;
struct str net_address_text(struct arena *a, const struct net_address *addr); // with port
bool net_address_is_loopback(const struct net_address *addr);

// Opens `count` listening sockets of one address with SO_REUSEPORT (one for a unix path), after probing without it so
// that a second server on the same port is refused: RC_CONFLICT "address already in use". Port 0 is chosen once and
// used for all; *bound_out is what was bound. Close-on-exec, non-blocking, backlog 4096.
enum rc net_listen(const struct net_address *addr, int *fds, size_t count, struct net_address *bound_out,
                   struct problem *p) MUST_USE;
// Binds where another process of the same user got its socket by net_listen, and does not listen: who comes is the
// other's. Once that has ended, listen(2) takes over. An internet address with its port.
enum rc net_bind_beside(const struct net_address *addr, int *fd_out, struct problem *p) MUST_USE;

// ---- worker pool ---------------------------------------------------------------------------------------------

// Threads that take jobs from a bounded queue. `urgent` jobs go before the others.
struct net_pool;
struct net_job {
    struct net_job *next;
    void (*run)(struct net_job *job, void *worker); // on a pool thread; worker = what worker_new gave
};
struct net_pool_setup {
    const char *name; // of the threads, 15 characters at most
    unsigned threads;
    size_t queue_limit;                 // jobs waiting, not counting those running
    void *(*worker_new)(void *context); // once per thread, on that thread; NULL = no worker state
    void (*worker_free)(void *worker);
    void *context;
};
struct net_pool *net_pool_new(const struct net_pool_setup *setup);
// RC_BUSY when the queue is full; the job is then untouched.
enum rc net_pool_add(struct net_pool *pool, struct net_job *job, bool urgent) MUST_USE;
size_t net_pool_waiting(struct net_pool *pool);
void net_pool_free(struct net_pool **pool); // runs what is queued, then ends the threads

// ---- child processes -----------------------------------------------------------------------------------------

// The parent's table has one row per child. `main_fn` runs in the forked child and its result is the exit code. A
// child dies with its parent (PR_SET_PDEATHSIG, checked after the fork), but one that is marked to outlive it: that one
// may be handed to the next parent, which tells it by SIGHUP that it is there.
//
//   how it ended, unasked   the log says         started again                     its channels
//   code 0                  info                 after restart_ms                  untouched: what waits is for the next
//   any other way           error, with cause    after restart_ms, doubled at      what was sent to it is thrown away, its
//                                                each crash within 10 s of its     partners are told (RC_GONE)
//                                                start, 800 ms at most
//
// So one that crashes again and again is still back within a second each time, and one that wants a fresh process (a
// decoder after each batch) simply ends with 0.
struct net_child {
    const char *name;
    int (*main_fn)(void *context);
    void *context;
    int restart_ms;   // first delay, e.g. 100
    const char *user; // net_become_user before main_fn; NULL: stays what the parent is
    // It serves other processes over channels. It is ended when those without this mark have ended, so that they can
    // finish; it handles no signal: SIGTERM simply ends it, SIGHUP and Ctrl-C pass it by.
    bool helper;
    bool outlives; // a parent that is killed does not end it: main_fn sees to its end
    // A pidfd (pidfd_open(2)) of a process that outlived its parent and is this row's now; `pid` says which. Closed when
    // that ends, and counted as a crash: how it ended is not known. 0: none, the row is begun here.
    int left_fd;
    // filled by net_children_run (pid: where left_fd is 0):
    pid_t pid;
    int crashes;
    int64_t started_ms, start_at_ms;
};

// Two rows with a channel between them (see below). The parent keeps both ends open for as long as it lives, so the
// channel survives the end of either; a child keeps only its own end open.
struct net_pair {
    const char *one, *other; // names of rows
    int one_fd, other_fd;    // filled by net_pair_open
};
enum rc net_pair_open(struct net_pair *pair, struct problem *p) MUST_USE; // before net_children_run
void net_pair_close(struct net_pair *pair);

enum { NET_CHILDREN_MAX = 8 };
struct net_children {
    struct net_child *rows;
    size_t count;           // NET_CHILDREN_MAX at most
    struct net_pair *pairs; // opened; NULL with pair_count 0
    size_t pair_count;
    int stop_seconds; // time between SIGTERM and SIGKILL, e.g. 5
    int bell_fd;      // an eventfd: a child that adds to it asks for what SIGHUP asks for; 0: none
    // After each fork, in the parent, and once for each that is left; may be NULL.
    void (*on_started)(const struct net_child *row, void *context);
    void (*on_reload)(void *context);   // SIGHUP, before the children get theirs; may be NULL
    void (*on_reloaded)(void *context); // and after; may be NULL
    void (*on_stop)(void *context);     // when stopping begins; may be NULL
    void *context;
};
// Starts all, restarts what ends, passes SIGHUP on, and on SIGTERM or SIGINT ends all and returns 0; 1 when a child
// had to be killed. Single-threaded callers only. A child that is no helper begins with SIGTERM, SIGINT and SIGHUP
// blocked, to be read with signalfd: so none of them is lost or deadly while it starts.
int net_children_run(struct net_children *children);

// Gives up what the process could do beyond its work: as root it becomes this user, with that user's groups (NULL or
// empty: the user stays); then no capability is kept unless it is still root, and no_new_privs is set, so that no
// program it might start could regain any. Asks again to die with `parent` (0: outlives it). RC_NOT_FOUND: no such user.
enum rc net_become_user(const char *user, pid_t parent, struct problem *p) MUST_USE;

// ---- channels: messages between two of our processes ------------------------------------------------------------

// A channel is an AF_UNIX SOCK_SEQPACKET pair. A message arrives whole or not at all, also when its sender is killed
// in the middle; so neither side's end can leave half a message to the next process. On the wire (numbers in this
// machine's order: both ends are the same program):
//
//   u32 bytes of the body, u32 kind, u64 number, u32 descriptors, u32 zero; the body; the descriptors as SCM_RIGHTS
//
// What is larger than a message travels as a descriptor (a file, or a memfd).
enum { NET_MESSAGE_BYTES = 1 << 16, NET_MESSAGE_FDS = 2, NET_MESSAGE_HEAD = 24 };
enum { NET_KIND_PARTNER_ENDED = 0 }; // the parent's word; the partners' own kinds begin with 1

struct net_message {
    uint32_t kind;   // what it means is the two processes' affair
    uint64_t number; // of a question; its answer repeats it
    struct str body; // at most NET_MESSAGE_BYTES
    // Sending: borrowed, still the sender's to close. Received: owned, close-on-exec, the receiver's to close.
    int fds[NET_MESSAGE_FDS];
    size_t fd_count;
};

// Blocking, at most timeout_ms (-1: for ever). RC_BUSY: not within that time; RC_GONE: the partner (or the parent) is
// no more; RC_TOO_BIG: the body is; RC_IO otherwise.
enum rc net_message_send(int fd, const struct net_message *m, int timeout_ms) MUST_USE;
// Body in the arena. RC_GONE also when the parent says that the partner crashed (what it had taken is lost);
// RC_INVALID: a message that breaks the form above. It is thrown away with its descriptors; the next may be good.
// One receiver of an end at a time.
enum rc net_message_receive(struct arena *a, int fd, struct net_message *out, int timeout_ms) MUST_USE;
void net_message_close(struct net_message *m); // the descriptors of a received message
// The form alone: bytes as they arrived, with how many descriptors. Body is borrowed from `bytes`.
enum rc net_message_parse(struct str bytes, size_t fd_count, struct net_message *out) MUST_USE;

// The asking side, for worker threads: one question at a time, the others wait their turn within their timeout.
// Whatever stands in the channel before a question is thrown away (answers that came too late), and an answer counts
// only with the question's number, which is random: a partner that was taken over cannot answer in advance.
struct net_channel;
struct net_channel *net_channel_new(int fd); // the fd stays the caller's
void net_channel_free(struct net_channel **channel);
// Fills question->number. RC_BUSY: no answer in time (waiting for one's turn included). RC_GONE: the partner crashed
// over it or before; it is back soon, asking again is for the caller to decide: the question may be what crashed it.
enum rc net_channel_ask(struct net_channel *channel, struct arena *a, struct net_message *question,
                        struct net_message *answer_out, int timeout_ms) MUST_USE;

// ---- sandbox -----------------------------------------------------------------------------------------------------

// What a process that handles foreign bytes keeps for itself. Everything else is refused by the kernel: seccomp (a list
// of allowed system calls; others fail with EPERM), Landlock where the kernel has it, resource limits, no_new_privs.
// It cannot be left again and holds for all threads started later.
//
// Guaranteed always, whatever the struct says: no program is executed; no process is started; no other process is
// signalled, traced or read; no socket but those handed over or allowed below; nothing is mounted, no kernel setting
// changed, no terminal commanded; no core dump is written; every descriptor but 0, 1, 2 and `keep` is closed. Allowed
// always: memory, time, random bytes, memfd, poll and epoll, reads, writes and messages on descriptors it holds.
// Not hidden: that a path exists (stat is allowed, contents are not).
//
//   field          what the field adds
//   keep           descriptors that stay open
//   read_paths     files and folders that may be opened for reading. NULL: no open succeeds. Writing is refused by
//                  seccomp; *which* files are readable is enforced by Landlock (Linux 5.13) only: without it,
//                  whatever the process's user may read, and the log says so
//   write_paths    folders in which files may be made, written, renamed and removed, and read; by Landlock likewise
//   connect_ports  TCP ports, ended by 0, to which internet connections may be opened; UDP besides (names are looked
//                  up), and pairs of unix sockets, which lead nowhere. NULL: no socket is made at all. Ports are enforced by Landlock (Linux 6.7); *addresses* are
//                  not: the process itself compares them. Nothing listens or binds TCP
//   threads        may start threads of its own
//   new_code       may map memory executable (dlopen, code generators); else what is loaded now is all its code
//   memory_bytes   RLIMIT_AS: more address space is refused; 0: no limit
//   cpu_seconds    RLIMIT_CPU: after so much processor time it is ended by SIGXCPU; 0: no limit
//   file_bytes     RLIMIT_FSIZE: largest file (memfd too) it may write; 0: no limit
//   files          RLIMIT_NOFILE: descriptors open at a time; 0: what is set
struct net_sandbox {
    const int *keep;
    size_t keep_count;
    const char *const *read_paths, *const *write_paths; // ended by NULL
    const uint16_t *connect_ports;
    bool threads, new_code;
    uint64_t memory_bytes;
    unsigned cpu_seconds;
    uint64_t file_bytes;
    unsigned files;
};
// In a process with one thread, after everything it needs was loaded. RC_IO with a sentence: the process must not go on.
enum rc net_sandbox_enter(const struct net_sandbox *sandbox, struct problem *p) MUST_USE;
int net_sandbox_landlock(void); // the kernel's Landlock ABI version; 0: none

#endif
