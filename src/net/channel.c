// SPDX-License-Identifier: AGPL-3.0-or-later
// Messages between two of our processes over a SOCK_SEQPACKET pair: sending and receiving with a deadline, and the
// asking side's turns. The receiver trusts nothing: the partner may be a decoder that a picture
// has taken over.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/message.h"

struct net_channel {
    int fd;
    pthread_mutex_t turn;
    struct arena *received; // one message at a time: a partner that floods us fills nothing
};

enum { OLD_MAX = 1000 }; // answers that came too late, in one question

static int64_t now_ms(void) {
    return clock_mono_us() / 1000;
}

// ---- waiting -------------------------------------------------------------------------------------------------

// RC_OK: ready, or the other end is gone, which the call to come will say.
static enum rc wait_until(int fd, short events, int64_t deadline_ms) {
    for (;;) {
        int64_t left = deadline_ms == INT64_MAX ? -1 : deadline_ms - now_ms();
        int wait = left < 0 ? (deadline_ms == INT64_MAX ? -1 : 0) : left > INT32_MAX ? INT32_MAX : (int)left;
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int n = poll(&poll_fd, 1, wait);
        if (n > 0)
            return RC_OK;
        if (n == 0 && wait != INT32_MAX)
            return RC_BUSY;
        if (n < 0 && errno != EINTR)
            return RC_IO;
    }
}

static int64_t deadline_of(int timeout_ms) {
    return timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
}

static enum rc rc_of_errno(void) {
    return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? RC_GONE : RC_IO;
}

// ---- sending -------------------------------------------------------------------------------------------------

static void put_fds(struct msghdr *msg, const struct net_message *m) {
    struct cmsghdr *c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(m->fd_count * sizeof(int));
    memcpy(CMSG_DATA(c), m->fds, m->fd_count * sizeof(int));
}

static enum rc send_until(int fd, const struct net_message *m, int64_t deadline_ms) {
    must(m->fd_count <= NET_MESSAGE_FDS);
    if (m->body.n > NET_MESSAGE_BYTES)
        return RC_TOO_BIG;
    struct message_head head;
    message_head_fill(&head, m);
    char body_nothing = 0;
    struct iovec parts[2] = {{&head, sizeof head}, {&body_nothing, 0}};
    if (m->body.n > 0) // sendmsg only reads it
        parts[1] = (struct iovec){(void *)(uintptr_t)m->body.p, m->body.n};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(NET_MESSAGE_FDS * sizeof(int))] = {0};
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2};
    if (m->fd_count > 0) {
        msg.msg_control = control;
        msg.msg_controllen = CMSG_SPACE(m->fd_count * sizeof(int));
        put_fds(&msg, m);
    }
    for (;;) {
        if (sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            return RC_OK;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return rc_of_errno();
        enum rc rc = wait_until(fd, POLLOUT, deadline_ms);
        if (rc != RC_OK)
            return rc;
    }
}

enum rc net_message_send(int fd, const struct net_message *m, int timeout_ms) {
    return send_until(fd, m, deadline_of(timeout_ms));
}

// ---- receiving -----------------------------------------------------------------------------------------------

// As many descriptors as came; those above the limit are closed and make the count wrong, so the message is refused.
static size_t take_fds(struct msghdr *msg, int fds[NET_MESSAGE_FDS]) {
    size_t count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (count < NET_MESSAGE_FDS)
                fds[count] = fd;
            else
                close(fd);
            count++;
        }
    }
    return count;
}

// Takes what stands in the socket, without waiting. RC_BUSY: nothing does.
static enum rc take_one(struct arena *a, int fd, struct net_message *out) {
    ssize_t size = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    if (size < 0)
        return errno == EAGAIN || errno == EINTR ? RC_BUSY : rc_of_errno();
    size_t room = (size_t)size <= NET_MESSAGE_HEAD + NET_MESSAGE_BYTES ? (size_t)size : 0;
    char *bytes = arena_take(a, room + 1);
    _Alignas(struct cmsghdr) char control[CMSG_SPACE((NET_MESSAGE_FDS + 1) * sizeof(int))];
    struct iovec part = {bytes, room};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? RC_BUSY : rc_of_errno();
    if (got == 0 && size == 0)
        return RC_GONE; // the end of the other side: an empty packet breaks the form, nobody sends one
    int fds[NET_MESSAGE_FDS];
    size_t count = take_fds(&msg, fds);
    bool whole = (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    enum rc rc = whole ? net_message_parse((struct str){bytes, (size_t)got}, count, out) : RC_INVALID;
    for (size_t i = 0; i < count && i < NET_MESSAGE_FDS; i++)
        if (rc == RC_OK)
            out->fds[i] = fds[i];
        else
            close(fds[i]);
    return rc;
}

static enum rc receive_until(struct arena *a, int fd, struct net_message *out, int64_t deadline_ms) {
    *out = (struct net_message){.fd_count = 0};
    for (;;) {
        enum rc rc = take_one(a, fd, out);
        if (rc == RC_OK && out->kind == NET_KIND_PARTNER_ENDED) {
            net_message_close(out);
            return RC_GONE;
        }
        if (rc != RC_BUSY)
            return rc;
        rc = wait_until(fd, POLLIN, deadline_ms);
        if (rc != RC_OK)
            return rc;
    }
}

enum rc net_message_receive(struct arena *a, int fd, struct net_message *out, int timeout_ms) {
    return receive_until(a, fd, out, deadline_of(timeout_ms));
}

void net_message_close(struct net_message *m) {
    for (size_t i = 0; i < m->fd_count; i++)
        close(m->fds[i]);
    m->fd_count = 0;
}

// ---- asking --------------------------------------------------------------------------------------------------

struct net_channel *net_channel_new(int fd) {
    struct net_channel *channel = MEM_NEW(struct net_channel);
    channel->fd = fd;
    channel->received = arena_new(2 * NET_MESSAGE_BYTES);
    must(pthread_mutex_init(&channel->turn, NULL) == 0);
    return channel;
}

void net_channel_free(struct net_channel **channel_ref) {
    struct net_channel *channel = *channel_ref;
    if (channel == NULL)
        return;
    *channel_ref = NULL;
    pthread_mutex_destroy(&channel->turn);
    arena_free(&channel->received);
    mem_free(channel);
}

static bool take_turn(struct net_channel *channel, int64_t deadline_ms) {
    if (deadline_ms == INT64_MAX)
        return pthread_mutex_lock(&channel->turn) == 0;
    struct timespec at = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    return pthread_mutex_clocklock(&channel->turn, CLOCK_MONOTONIC, &at) == 0;
}

// What nobody waits for any more. Bounded: a partner that keeps sending is not waited for.
static enum rc throw_away_old(struct net_channel *channel) {
    for (int i = 0; i < OLD_MAX; i++) {
        struct net_message old;
        arena_reset(channel->received);
        enum rc rc = take_one(channel->received, channel->fd, &old);
        if (rc == RC_BUSY)
            return RC_OK;
        if (rc == RC_OK)
            net_message_close(&old);
        else if (rc != RC_INVALID)
            return rc;
    }
    return RC_BUSY;
}

static enum rc await_answer(struct net_channel *channel, struct arena *a, uint64_t number, struct net_message *answer,
                            int64_t deadline_ms) {
    for (int i = 0; i < OLD_MAX; i++) {
        arena_reset(channel->received);
        enum rc rc = receive_until(channel->received, channel->fd, answer, deadline_ms);
        if (rc == RC_OK && answer->number == number)
            answer->body = str_dup(a, answer->body);
        if (rc != RC_OK || answer->number == number)
            return rc;
        net_message_close(answer);
    }
    return RC_BUSY;
}

enum rc net_channel_ask(struct net_channel *channel, struct arena *a, struct net_message *question,
                        struct net_message *answer_out, int timeout_ms) {
    int64_t deadline_ms = deadline_of(timeout_ms);
    must(question->kind != NET_KIND_PARTNER_ENDED);
    *answer_out = (struct net_message){.fd_count = 0};
    if (!take_turn(channel, deadline_ms))
        return RC_BUSY;
    question->number = random_u64();
    enum rc rc = throw_away_old(channel);
    if (rc == RC_OK)
        rc = send_until(channel->fd, question, deadline_ms);
    if (rc == RC_OK)
        rc = await_answer(channel, a, question->number, answer_out, deadline_ms);
    pthread_mutex_unlock(&channel->turn);
    return rc;
}
