// SPDX-License-Identifier: AGPL-3.0-or-later
// A lean load client: each connection asks, waits for the whole answer, and asks again. It costs so little itself
// that the server is what gets measured. Prints one line of JSON.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum { EVENTS = 256, BUFFER = 1 << 18, HEAD_MAX = 16384, SLOTS = 2000000, CHUNKED_END = 7 };

static const char usage[] = "usage: hammer --to ADDR:PORT [options]\n"
                            "  --path PATH        what to ask for (default /)\n"
                            "  --paths FILE       ask for each line of FILE in turn\n"
                            "  --connections N    kept open at once (default 64)\n"
                            "  --seconds S        stop after S seconds (default 4), or\n"
                            "  --requests N       stop after N answers\n"
                            "  --header LINE      added to each request; may be given several times\n"
                            "  --from-many        connect from many addresses of 127.0.0.0/8\n"
                            "  --latency          measure each answer\n";

struct client {
    int fd;
    uint32_t left; // of the body
    bool in_body, close, chunked;
    char tail[CHUNKED_END]; // of a chunked body so far
    uint32_t head_bytes;    // of a head that came in pieces
    int64_t asked_us;
    char *head;
};
struct request {
    char *p;
    size_t n;
};

static struct {
    struct sockaddr_in to;
    const char *path, *paths;
    long connections, requests;
    double seconds;
    bool from_many, latency;
    char headers[8192];
    struct request *list;
    size_t list_count, list_at;
} set = {.path = "/", .connections = 64, .seconds = 4};

static struct {
    uint64_t sent, answers, bytes, errors, statuses[1000];
    uint32_t *slots; // answers by microseconds
    int64_t max_us;
} got;

static int epoll_fd;
static char buffer[BUFFER];

// ---- options and requests ----------------------------------------------------------------------------------------------

static bool take_flag(const char *name) {
    if (strcmp(name, "--from-many") == 0)
        set.from_many = true;
    else if (strcmp(name, "--latency") == 0)
        set.latency = true;
    else
        return false;
    return true;
}

static bool take_option(const char *name, const char *value) {
    if (value == NULL)
        return false;
    if (strcmp(name, "--to") == 0)
        address_take(value, &set.to);
    else if (strcmp(name, "--path") == 0)
        set.path = value;
    else if (strcmp(name, "--paths") == 0)
        set.paths = value;
    else if (strcmp(name, "--connections") == 0)
        set.connections = strtol(value, NULL, 10);
    else if (strcmp(name, "--seconds") == 0)
        set.seconds = strtod(value, NULL);
    else if (strcmp(name, "--requests") == 0)
        set.requests = strtol(value, NULL, 10);
    else if (strcmp(name, "--header") == 0)
        header_add(set.headers, sizeof(set.headers), value);
    else
        return false;
    return true;
}

static void add_request(const char *path) {
    static char text[HEAD_MAX];
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &set.to.sin_addr, host, sizeof(host));
    char line[128] = "";
    if (strcasestr(set.headers, "host:") == NULL)
        snprintf(line, sizeof(line), "Host: %s:%d\r\n", host, ntohs(set.to.sin_port));
    int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n%s%s\r\n", path, line, set.headers);
    if (n < 0 || (size_t)n >= sizeof(text))
        die("a request this long");
    if ((set.list_count & (set.list_count - 1)) == 0) {
        size_t room = set.list_count == 0 ? 1 : set.list_count * 2;
        set.list = realloc(set.list, room * sizeof(*set.list));
    }
    char *copy = malloc((size_t)n);
    if (set.list == NULL || copy == NULL)
        die("memory");
    memcpy(copy, text, (size_t)n);
    set.list[set.list_count++] = (struct request){copy, (size_t)n};
}

static void make_requests(void) {
    if (set.paths == NULL) {
        add_request(set.path);
        return;
    }
    char line[8192];
    FILE *f = fopen(set.paths, "r");
    if (f == NULL)
        die(set.paths);
    while (fgets(line, sizeof(line), f) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0')
            add_request(line);
    }
    fclose(f);
    if (set.list_count == 0)
        die(set.paths);
}

// ---- connections
// -----------------------------------------------------------------------------------------------------

static void ask(struct client *c) {
    if (set.requests > 0 && got.sent >= (uint64_t)set.requests)
        return;
    const struct request *r = &set.list[set.list_at];
    set.list_at = set.list_at + 1 == set.list_count ? 0 : set.list_at + 1;
    c->head_bytes = 0;
    c->in_body = false;
    if (set.latency)
        c->asked_us = now_us();
    got.sent++;
    if (send(c->fd, r->p, r->n, MSG_NOSIGNAL) != (ssize_t)r->n)
        got.errors++;
}

// Source addresses 127.1.0.1, 127.1.0.2, ... so that limits per address see many readers.
static void bind_source(int fd, uint32_t number) {
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(0x7f010001u + (number / 250 << 8) + number % 250);
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0)
        die("bind");
}

static void open_client(struct client *c, uint32_t number) {
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("socket");
    if (set.from_many)
        bind_source(c->fd, number);
    if (connect(c->fd, (struct sockaddr *)&set.to, sizeof(set.to)) != 0)
        die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &e) != 0)
        die("epoll_ctl");
    c->close = false;
}

static int64_t end_us; // when no more is asked

static void open_again(struct client *c, uint32_t number) {
    close(c->fd);
    open_client(c, number);
    ask(c);
}

// ---- answers
// -----------------------------------------------------------------------------------------------------------

static void count_answer(struct client *c) {
    got.answers++;
    if (!set.latency)
        return;
    int64_t took = now_us() - c->asked_us;
    if (took > got.max_us)
        got.max_us = took;
    got.slots[took < SLOTS ? took : SLOTS - 1]++;
}

static uint32_t content_length(const char *head, size_t n) {
    const char *at = memmem(head, n, "Content-Length: ", 16);
    if (at == NULL)
        at = memmem(head, n, "content-length: ", 16);
    return at != NULL ? (uint32_t)strtoul(at + 16, NULL, 10) : 0;
}

// Reads the head; 0 when it is not whole yet, else its length. A head of "HTTP/1.1 200 OK" is the least there is.
static size_t take_head(struct client *c, const char *p, size_t n) {
    const char *end = memmem(p, n, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    size_t bytes = (size_t)(end - p) + 4;
    if (memcmp(p, "HTTP/1.", 7) != 0)
        got.errors++;
    unsigned long status = strtoul(p + 9, NULL, 10);
    if (status < 1000)
        got.statuses[status]++;
    c->left = status == 304 || status == 204 ? 0 : content_length(p, bytes);
    c->close = memmem(p, bytes, "Connection: close", 17) != NULL;
    c->chunked = memmem(p, bytes, "Transfer-Encoding: chunked", 26) != NULL;
    memset(c->tail, 0, sizeof(c->tail));
    c->in_body = true;
    return bytes;
}

static void keep_head(struct client *c, const char *p, size_t n) {
    if (c->head == NULL)
        c->head = malloc(HEAD_MAX);
    if (c->head == NULL || n > HEAD_MAX)
        die("an answer's head this long");
    memmove(c->head, p, n);
    c->head_bytes = (uint32_t)n;
}

// One answer is under way at a time, so a chunked one is over when what came ends in the last chunk.
static bool take_chunked(struct client *c, const char *p, size_t n) {
    size_t keep = n < sizeof(c->tail) ? sizeof(c->tail) - n : 0;
    memmove(c->tail, c->tail + sizeof(c->tail) - keep, keep);
    memcpy(c->tail + keep, p + n - (sizeof(c->tail) - keep), sizeof(c->tail) - keep);
    return memcmp(c->tail, "\r\n0\r\n\r\n", sizeof(c->tail)) == 0;
}

// True when the answer is complete.
static bool take(struct client *c, const char *p, size_t n) {
    if (!c->in_body) {
        size_t used = take_head(c, p, n);
        if (used == 0) {
            keep_head(c, p, n);
            return false;
        }
        c->head_bytes = 0;
        p += used;
        n -= used;
    }
    if (c->chunked)
        return take_chunked(c, p, n);
    c->left -= n < c->left ? (uint32_t)n : c->left;
    return c->left == 0;
}

// Enough was asked, or the time is up: what is under way is still answered, so that sender and server count the same.
static bool is_over(void) {
    return set.requests > 0 ? got.sent >= (uint64_t)set.requests : now_us() >= end_us;
}

static void on_ready(struct client *c, uint32_t number) {
    size_t have = c->head_bytes;
    if (have > 0)
        memcpy(buffer, c->head, have);
    ssize_t n = recv(c->fd, buffer + have, BUFFER - have - 1, 0);
    if (n <= 0) {
        if (!c->close)
            got.errors++;
        open_again(c, number);
        return;
    }
    got.bytes += (uint64_t)n;
    buffer[have + (size_t)n] = '\0';
    if (!take(c, buffer, have + (size_t)n))
        return;
    count_answer(c);
    if (is_over())
        return;
    if (c->close)
        open_again(c, number);
    else
        ask(c);
}

// ---- the run
// -----------------------------------------------------------------------------------------------------------

static void run(struct client *clients) {
    struct epoll_event events[EVENTS];
    end_us = now_us() + (int64_t)(set.seconds * 1e6);
    for (long i = 0; i < set.connections; i++)
        ask(&clients[i]);
    int quiet = 0;
    while (quiet < 10) {
        if (is_over() && got.answers + got.errors >= got.sent)
            return;
        int n = epoll_wait(epoll_fd, events, EVENTS, 1000);
        quiet = n == 0 ? quiet + 1 : 0;
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            on_ready(c, (uint32_t)(c - clients));
        }
    }
    got.errors++; // ten seconds without an answer
}

static long long percentile(double part) {
    uint64_t want = (uint64_t)((double)got.answers * part), sum = 0;
    for (long long i = 0; i < SLOTS; i++) {
        sum += got.slots[i];
        if (sum > want)
            return i;
    }
    return SLOTS - 1;
}

static void print_result(double seconds) {
    printf("{\"requests\": %llu, \"seconds\": %.3f, \"requests_per_second\": %.0f, ", (unsigned long long)got.answers,
           seconds, seconds > 0 ? (double)got.answers / seconds : 0.0);
    if (set.latency)
        printf("\"p50_us\": %lld, \"p99_us\": %lld, \"max_us\": %lld, ", percentile(0.5), percentile(0.99),
               (long long)got.max_us);
    printf("\"sent\": %llu, \"errors\": %llu, \"bytes\": %llu, \"statuses\": {", (unsigned long long)got.sent,
           (unsigned long long)got.errors, (unsigned long long)got.bytes);
    const char *comma = "";
    for (int i = 0; i < 1000; i++)
        if (got.statuses[i] > 0) {
            printf("%s\"%d\": %llu", comma, i, (unsigned long long)got.statuses[i]);
            comma = ", ";
        }
    printf("}}\n");
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (take_flag(argv[i]))
            continue;
        if (i + 1 == argc || !take_option(argv[i], argv[i + 1])) {
            fputs(usage, stderr);
            return 2;
        }
        i++;
    }
    if (set.to.sin_port == 0 || set.connections < 1) {
        fputs(usage, stderr);
        return 2;
    }
    make_requests();
    got.slots = set.latency ? calloc(SLOTS, sizeof(*got.slots)) : NULL;
    struct client *clients = calloc((size_t)set.connections, sizeof(*clients));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (clients == NULL || epoll_fd < 0 || (set.latency && got.slots == NULL))
        die("memory");
    for (long i = 0; i < set.connections; i++)
        open_client(&clients[i], (uint32_t)i);
    int64_t start = now_us();
    run(clients);
    print_result((double)(now_us() - start) / 1e6);
    return got.errors > 0 ? 1 : 0;
}
