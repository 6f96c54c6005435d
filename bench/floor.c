// SPDX-License-Identifier: AGPL-3.0-or-later
// The physical floor of serving a page: a bare epoll loop that receives something and answers fixed bytes from a
// file, without looking at what was asked. What Siaran does on top of this is what the bench shows.
//
//   floor [--port N] [--threads N] FILE      FILE holds a whole response, head and body
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, MAX_FDS = 65536, MAX_FILE = 16 * 1024 * 1024 };

static char *answer;
static size_t answer_bytes;
static uint32_t unsent[MAX_FDS]; // of the answer under way, by descriptor

static void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_answer(const char *path) {
    FILE *f = fopen(path, "rb");
    answer = malloc(MAX_FILE);
    if (f == NULL || answer == NULL)
        die(path);
    answer_bytes = fread(answer, 1, MAX_FILE, f);
    fclose(f);
}

static int open_listener(int port) {
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0 || listen(fd, 4096) != 0)
        die("listen");
    return fd;
}

static int port_of(int fd) {
    struct sockaddr_in in;
    socklen_t n = sizeof(in);
    if (getsockname(fd, (struct sockaddr *)&in, &n) != 0)
        die("getsockname");
    return ntohs(in.sin_port);
}

static void watch(int epoll, int fd, int how, uint32_t events) {
    struct epoll_event e = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, how, fd, &e) != 0)
        die("epoll_ctl");
}

static void accept_all(int epoll, int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_FDS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        unsent[fd] = 0;
        watch(epoll, fd, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static void send_rest(int epoll, int fd, bool waited) {
    ssize_t n = send(fd, answer + answer_bytes - unsent[fd], unsent[fd], MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        close(fd);
        return;
    }
    unsent[fd] -= n > 0 ? (uint32_t)n : 0;
    if ((unsent[fd] > 0) != waited)
        watch(epoll, fd, EPOLL_CTL_MOD, unsent[fd] > 0 ? EPOLLOUT : EPOLLIN);
}

static void serve(int epoll, int fd, uint32_t events) {
    static _Thread_local char buffer[16384];
    if ((events & EPOLLOUT) != 0) {
        send_rest(epoll, fd, true);
        return;
    }
    ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            close(fd);
        return;
    }
    unsent[fd] = (uint32_t)answer_bytes;
    send_rest(epoll, fd, false);
}

static void *run(void *arg) {
    int listener = *(int *)arg, epoll = epoll_create1(EPOLL_CLOEXEC);
    static _Thread_local struct epoll_event events[EVENTS];
    watch(epoll, listener, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++)
            if (events[i].data.fd == listener)
                accept_all(epoll, listener);
            else
                serve(epoll, events[i].data.fd, events[i].events);
    }
    return NULL;
}

int main(int argc, char **argv) {
    int port = 0, threads = 1, at = 1, listeners[64];
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2)
        if (strcmp(argv[at], "--port") == 0)
            port = (int)strtol(argv[at + 1], NULL, 10);
        else if (strcmp(argv[at], "--threads") == 0)
            threads = (int)strtol(argv[at + 1], NULL, 10);
    if (at + 1 != argc || threads < 1 || threads > 64) {
        fprintf(stderr, "usage: floor [--port N] [--threads N] FILE\n");
        return 2;
    }
    read_answer(argv[at]);
    for (int i = 0; i < threads; i++) {
        listeners[i] = open_listener(port);
        port = port_of(listeners[i]);
    }
    printf("%d\n", port);
    fflush(stdout);
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, &listeners[i]) != 0)
            die("pthread_create");
    }
    run(&listeners[0]);
    return 0;
}
