// SPDX-License-Identifier: AGPL-3.0-or-later
// Messages between processes: their form, descriptors that travel, deadlines, answers that come too late, and a partner
// that crashes and comes back.
#include "../descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/net.h"

enum { ECHO = 1, CRASH, END, TELL_PID, DEADLINE_MS = 20000 };

struct scene {
    struct net_pair pair;
    struct arena *arena;
};

static void open_scene(struct scene *s) {
    struct problem problem = {""};
    s->arena = arena_new(1 << 20);
    s->pair = (struct net_pair){.one = "asker", .other = "echo"};
    assert_int_equal(net_pair_open(&s->pair, &problem), RC_OK);
}

static void close_scene(struct scene *s) {
    net_pair_close(&s->pair);
    arena_free(&s->arena);
}

// ---- the form ------------------------------------------------------------------------------------------------

struct form_case {
    uint32_t bytes, fds, zero;
    size_t body, came; // as they really are
    enum rc rc;
};

static void only_messages_that_keep_the_form_are_read(void **state) {
    (void)state;
    static const struct form_case cases[] = {
        {0, 0, 0, 0, 0, RC_OK},
        {5, 0, 0, 5, 0, RC_OK},
        {NET_MESSAGE_BYTES, 0, 0, NET_MESSAGE_BYTES, 0, RC_OK},
        {0, 2, 0, 0, 2, RC_OK},
        {6, 0, 0, 5, 0, RC_INVALID},
        {4, 0, 0, 5, 0, RC_INVALID},
        {UINT32_MAX, 0, 0, 5, 0, RC_INVALID},
        {NET_MESSAGE_BYTES + 1, 0, 0, NET_MESSAGE_BYTES + 1, 0, RC_INVALID},
        {0, 1, 0, 0, 0, RC_INVALID},
        {0, 0, 0, 0, 1, RC_INVALID},
        {0, 3, 0, 0, 3, RC_INVALID},
        {0, 0, 1, 0, 0, RC_INVALID},
    };
    char *bytes = mem_new(NET_MESSAGE_HEAD + NET_MESSAGE_BYTES + 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct form_case *c = &cases[i];
        uint32_t words[6] = {c->bytes, 7, 0x11, 0x22, c->fds, c->zero};
        memcpy(bytes, words, sizeof words);
        struct net_message m;
        enum rc rc = net_message_parse((struct str){bytes, NET_MESSAGE_HEAD + c->body}, c->came, &m);
        if (rc != c->rc)
            fail_msg("case %zu gave %s", i, rc_name(rc));
        if (rc == RC_OK) {
            assert_int_equal(m.kind, 7);
            assert_true(m.body.n == c->body && m.fd_count == c->came);
        }
    }
    struct net_message m;
    for (size_t n = 0; n < NET_MESSAGE_HEAD; n++)
        assert_int_equal(net_message_parse((struct str){bytes, n}, 0, &m), RC_INVALID);
    mem_free(bytes);
}

static void a_message_arrives_whole_with_its_descriptors(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    int before = descriptors_now();
    int file = memfd_create("picture", MFD_CLOEXEC);
    assert_int_equal(write(file, "pixels", 6), 6);
    struct net_message sent = {.kind = 9, .number = 77, .body = STR("width 3"), .fds = {file, file}, .fd_count = 2};
    assert_int_equal(net_message_send(s.pair.one_fd, &sent, DEADLINE_MS), RC_OK);
    close(file);
    struct net_message got;
    assert_int_equal(net_message_receive(s.arena, s.pair.other_fd, &got, DEADLINE_MS), RC_OK);
    assert_int_equal(got.kind, 9);
    assert_true(got.number == 77);
    assert_str(got.body, "width 3");
    assert_int_equal(got.fd_count, 2);
    char text[8] = "";
    assert_int_equal(pread(got.fds[1], text, sizeof text, 0), 6);
    assert_memory_equal(text, "pixels", 6);
    assert_int_equal(fcntl(got.fds[0], F_GETFD), FD_CLOEXEC);
    net_message_close(&got);
    assert_int_equal(descriptors_now(), before);
    close_scene(&s);
}

static void the_largest_message_fits_and_a_larger_one_is_refused(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    char *bytes = mem_new(NET_MESSAGE_BYTES + 1);
    struct net_message m = {.kind = 1, .body = {bytes, NET_MESSAGE_BYTES + 1}}, got;
    assert_int_equal(net_message_send(s.pair.one_fd, &m, DEADLINE_MS), RC_TOO_BIG);
    m.body.n--;
    assert_int_equal(net_message_send(s.pair.one_fd, &m, DEADLINE_MS), RC_OK);
    assert_int_equal(net_message_receive(s.arena, s.pair.other_fd, &got, DEADLINE_MS), RC_OK);
    assert_int_equal(got.body.n, NET_MESSAGE_BYTES);
    mem_free(bytes);
    close_scene(&s);
}

static void send_raw(int fd, const void *bytes, size_t n, const int *fds, size_t count) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(8 * sizeof(int))] = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, n};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        msg.msg_control = control;
        msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        *c = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    assert_int_equal(sendmsg(fd, &msg, 0), (ssize_t)n);
}

static void what_breaks_the_form_is_thrown_away_with_its_descriptors(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    int before = descriptors_now();
    int many[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    uint32_t words[6] = {0, 7, 0, 0, 8, 0};
    char *huge = mem_new(NET_MESSAGE_BYTES + 2 * NET_MESSAGE_HEAD);
    send_raw(s.pair.one_fd, words, sizeof words, many, 8);
    send_raw(s.pair.one_fd, "short", 5, many, 2);
    send_raw(s.pair.one_fd, huge, NET_MESSAGE_BYTES + 2 * NET_MESSAGE_HEAD, NULL, 0);
    struct net_message got, good = {.kind = 3, .body = STR("good")};
    assert_int_equal(net_message_send(s.pair.one_fd, &good, DEADLINE_MS), RC_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(net_message_receive(s.arena, s.pair.other_fd, &got, DEADLINE_MS), RC_INVALID);
    assert_int_equal(net_message_receive(s.arena, s.pair.other_fd, &got, DEADLINE_MS), RC_OK);
    assert_str(got.body, "good");
    assert_int_equal(descriptors_now(), before);
    mem_free(huge);
    close_scene(&s);
}

static void nobody_waits_longer_than_the_deadline(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    struct net_message got, m = {.kind = 1, .body = STR("more and more")};
    assert_int_equal(net_message_receive(s.arena, s.pair.other_fd, &got, 1), RC_BUSY);
    enum rc rc = RC_OK;
    for (int i = 0; i < 100000 && rc == RC_OK; i++)
        rc = net_message_send(s.pair.one_fd, &m, 1);
    assert_int_equal(rc, RC_BUSY);
    close(s.pair.other_fd);
    assert_int_equal(net_message_send(s.pair.one_fd, &m, 1), RC_GONE);
    s.pair.other_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close_scene(&s);
}

static void only_the_answer_to_the_question_counts(void **state) {
    (void)state;
    struct scene s;
    open_scene(&s);
    struct net_channel *channel = net_channel_new(s.pair.one_fd);
    struct net_message forged = {.kind = ECHO, .body = STR("forged")};
    assert_int_equal(net_message_send(s.pair.other_fd, &forged, DEADLINE_MS), RC_OK);
    pid_t partner = fork();
    if (partner == 0) {
        struct net_message q;
        if (net_message_receive(s.arena, s.pair.other_fd, &q, DEADLINE_MS) != RC_OK)
            _exit(1);
        struct net_message wrong = {.kind = ECHO, .number = q.number + 1, .body = STR("wrong")};
        struct net_message right = {.kind = ECHO, .number = q.number, .body = STR("right")};
        _exit(net_message_send(s.pair.other_fd, &wrong, DEADLINE_MS) != RC_OK ||
              net_message_send(s.pair.other_fd, &right, DEADLINE_MS) != RC_OK);
    }
    struct net_message question = {.kind = ECHO, .body = STR("?")}, answer;
    assert_int_equal(net_channel_ask(channel, s.arena, &question, &answer, DEADLINE_MS), RC_OK);
    assert_str(answer.body, "right");
    int status;
    assert_int_equal(waitpid(partner, &status, 0), partner);
    assert_int_equal(status, 0);
    net_channel_free(&channel);
    close_scene(&s);
}

// ---- a row of the parent's table that echoes -----------------------------------------------------------------

struct station {
    struct net_pair pair;
    int report[2]; // what the asking process saw
};

static int echo_main(void *context) {
    const struct station *st = context;
    struct arena *a = arena_new(1 << 20);
    for (;;) {
        struct net_message m;
        arena_reset(a);
        if (net_message_receive(a, st->pair.other_fd, &m, -1) != RC_OK)
            continue;
        if (m.kind == CRASH)
            raise(SIGKILL);
        if (m.kind == TELL_PID) {
            pid_t pid = getpid();
            m.body = str_dup(a, (struct str){(const char *)&pid, sizeof pid});
        }
        if (net_message_send(st->pair.other_fd, &m, DEADLINE_MS) != RC_OK)
            return 1;
        net_message_close(&m);
        if (m.kind == END)
            return 0;
    }
}

static pid_t ask_pid(struct net_channel *channel, struct arena *a) {
    struct net_message q = {.kind = TELL_PID}, answer;
    pid_t pid = 0;
    if (net_channel_ask(channel, a, &q, &answer, DEADLINE_MS) == RC_OK && answer.body.n == sizeof pid)
        memcpy(&pid, answer.body.p, sizeof pid);
    return pid;
}

static enum rc ask_kind(struct net_channel *channel, struct arena *a, uint32_t kind) {
    struct net_message q = {.kind = kind, .body = STR("x")}, answer;
    return net_channel_ask(channel, a, &q, &answer, DEADLINE_MS);
}

// Asks across a crash, a kill from outside and a clean end; says step by step what holds.
static int asker_main(void *context) {
    const struct station *st = context;
    struct arena *a = arena_new(1 << 20);
    struct net_channel *channel = net_channel_new(st->pair.one_fd);
    char held[6];
    pid_t first = ask_pid(channel, a);
    held[0] = first != 0;
    held[1] = ask_kind(channel, a, CRASH) == RC_GONE; // told at once, not at the deadline
    pid_t second = ask_pid(channel, a);               // waits in the channel until the next one runs
    held[2] = second != 0 && second != first;
    held[3] = ask_kind(channel, a, END) == RC_OK;
    pid_t third = ask_pid(channel, a);
    held[4] = third != 0 && third != second;
    held[5] = '.';
    if (write(st->report[1], held, sizeof held) != (ssize_t)sizeof held)
        return 1;
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigwait(&set, &number);
    // A helper still answers while we finish.
    char last = ask_pid(channel, a) == third ? 'y' : 'n';
    return write(st->report[1], &last, 1) == 1 ? 0 : 1;
}

static void a_channel_outlives_the_processes_at_its_ends(void **state) {
    (void)state;
    struct station st = {.pair = {.one = "asker", .other = "echo"}};
    assert_int_equal(net_pair_open(&st.pair, NULL), RC_OK);
    assert_int_equal(pipe(st.report), 0);
    pid_t parent = fork();
    if (parent == 0) {
        log_threshold(LOG_ERROR + 1);
        struct net_child rows[] = {
            {.name = "asker", .main_fn = asker_main, .context = &st, .restart_ms = 5},
            {.name = "echo", .main_fn = echo_main, .context = &st, .restart_ms = 5, .helper = true}};
        struct net_children children = {
            .rows = rows, .count = 2, .pairs = &st.pair, .pair_count = 1, .stop_seconds = 20};
        _exit(net_children_run(&children));
    }
    close(st.report[1]);
    char held[6], last;
    for (size_t n = 0; n < sizeof held;) {
        ssize_t got = read(st.report[0], held + n, sizeof held - n);
        assert_true(got > 0);
        n += (size_t)got;
    }
    for (size_t i = 0; i < 5; i++)
        if (held[i] != 1)
            fail_msg("step %zu did not hold", i);
    kill(parent, SIGTERM);
    assert_int_equal(read(st.report[0], &last, 1), 1);
    assert_int_equal(last, 'y');
    int status;
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_int_equal(status, 0);
    close(st.report[0]);
    net_pair_close(&st.pair);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_messages_that_keep_the_form_are_read),
        cmocka_unit_test(a_message_arrives_whole_with_its_descriptors),
        cmocka_unit_test(the_largest_message_fits_and_a_larger_one_is_refused),
        cmocka_unit_test(what_breaks_the_form_is_thrown_away_with_its_descriptors),
        cmocka_unit_test(nobody_waits_longer_than_the_deadline),
        cmocka_unit_test(only_the_answer_to_the_question_counts),
        cmocka_unit_test(a_channel_outlives_the_processes_at_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
