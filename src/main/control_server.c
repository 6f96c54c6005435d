// SPDX-License-Identifier: AGPL-3.0-or-later
// The site process's end of DIR/control. One command at a time: two that change the station would wait for each other
// in the writer anyway, and the memory a request may take is taken once.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "main/control.h"

enum { PATIENCE_SECONDS = 10 };

struct control {
    int listen_fd, stop_fd;
    struct station *station;
    pthread_t thread;
};

struct socket_out {
    struct command_out out;
    int fd;
    bool gone; // the command line was interrupted; the command is finished all the same
};

static bool may_command(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

static void send_frame(struct socket_out *out, char kind, struct str text) {
    text = str_slice(text, 0, CONTROL_LINE_MAX);
    uint8_t head[5] = {(uint8_t)kind, (uint8_t)(text.n >> 24), (uint8_t)(text.n >> 16), (uint8_t)(text.n >> 8),
                       (uint8_t)text.n};
    if (!out->gone)
        out->gone = !control_write_all(out->fd, head, sizeof head) || !control_write_all(out->fd, text.p, text.n);
}

static void write_socket(struct command_out *out, enum command_stream stream, struct str text) {
    send_frame((struct socket_out *)out, (char)stream, text);
}

static void end_answer(struct socket_out *out, enum exit_code code) {
    char byte = (char)code;
    send_frame(out, 'x', (struct str){&byte, 1});
}

static enum rc read_request(int fd, char **body_out, struct command_request *request) {
    uint8_t head[CONTROL_HEAD_BYTES];
    size_t size;
    if (!control_read_all(fd, head, sizeof head))
        return RC_INVALID;
    enum rc rc = control_head_parse(head, &size);
    if (rc != RC_OK)
        return rc;
    *body_out = mem_new(size + 1);
    if (!control_read_all(fd, *body_out, size))
        return RC_INVALID;
    return control_parse((struct str){*body_out, size}, request);
}

static void answer(struct control *c, int fd) {
    struct socket_out out = {.out = {.write = write_socket}, .fd = fd};
    struct command_request *request = MEM_NEW(struct command_request);
    char *body = NULL;
    struct command_call call = {.station = c->station, .request = request, .out = &out.out};
    enum rc rc = read_request(fd, &body, request);
    if (rc == RC_OK) {
        call.arena = arena_new((size_t)1 << 30);
        end_answer(&out, command_run(&call));
        arena_free(&call.arena);
    } else {
        command_fail(&call, EXIT_REFUSED, "the station did not understand the command (%s)", rc_name(rc));
        end_answer(&out, EXIT_REFUSED);
    }
    mem_free(body);
    mem_free(request);
}

static void take_connection(struct control *c) {
    int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (may_command(fd))
        answer(c, fd);
    else
        log_warn("another user tried to command the station");
    close(fd);
}

static void *control_thread(void *arg) {
    struct control *c = arg;
    for (;;) {
        struct pollfd wait[2] = {{.fd = c->listen_fd, .events = POLLIN}, {.fd = c->stop_fd, .events = POLLIN}};
        if (poll(wait, 2, -1) < 0 && errno != EINTR)
            must(false);
        if (wait[1].revents != 0)
            return NULL;
        if (wait[0].revents != 0)
            take_connection(c);
    }
}

struct control *control_start(int listen_fd, struct station *station) {
    struct control *c = MEM_NEW(struct control);
    c->listen_fd = listen_fd;
    c->station = station;
    c->stop_fd = eventfd(0, EFD_CLOEXEC);
    must(c->stop_fd >= 0);
    must(pthread_create(&c->thread, NULL, control_thread, c) == 0);
    pthread_setname_np(c->thread, "control");
    return c;
}

void control_stop(struct control **c_ref) {
    struct control *c = *c_ref;
    if (c == NULL)
        return;
    *c_ref = NULL;
    uint64_t one = 1;
    must(write(c->stop_fd, &one, sizeof one) == (ssize_t)sizeof one);
    pthread_join(c->thread, NULL);
    close(c->stop_fd);
    mem_free(c);
}
