// SPDX-License-Identifier: AGPL-3.0-or-later
// Thousands of radio listeners in one thread: each connects from its own address of 127.0.0.0/8, asks for a stream and
// reads it as it comes. Counts what a listener notices: how long until the first sound, how even it flows, how long nothing
// came, whether the bytes are those of the source. So lean that the server is what gets measured.
//
// Prints a line of JSON when all of them hear something, and another when the time is over. With --hold it keeps the
// connections then, until its input ends, so that whoever measures the server can look at it undisturbed.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

enum {
    EVENTS = 256,
    BUFFER = 1 << 18,
    HEAD_MAX = 8192,
    LISTENERS_MAX = 1000000,
    FILE_MAX = 64 << 20,
    PER_ADDRESS = 250,      // connections from one address in a run of addresses; far below the ports it has
    ADDRESSES = 60000,      // 127.1.0.1 and up, then from the beginning again
    MATCH_BYTES = 256,      // of the first sound, to find the place in the file
    ONE_ARRIVAL_US = 40000, // what comes within so long was sent at once
    SLOW_BYTES = 512        // that a slow listener reads each second
};

static const char usage[] = "usage: listen --to ADDR:PORT [options]\n"
                            "  --path PATH        the stream (default /)\n"
                            "  --listeners N      at once (default 100)\n"
                            "  --per-second N     that arrive in a second (default 0: all at once)\n"
                            "  --seconds S        counted from when all of them hear something (default 10)\n"
                            "  --patience S       for that to come about (default 60)\n"
                            "  --icy PERCENT      of them ask for titles (default 0)\n"
                            "  --slow PERCENT     read 512 bytes a second\n"
                            "  --stuck PERCENT    never read\n"
                            "  --churn N          instead: N connections, each closed at its first sound\n"
                            "  --check FILE       that the source sends round and round: compare the bytes\n"
                            "  --rate BYTES       a second that are due (default 16000)\n"
                            "  --header LINE      added to each request; may be given several times\n"
                            "  --one-address      all come from 127.0.0.1\n"
                            "  --until-input-ends the time is over then, if not before\n"
                            "  --hold             stay until the input ends\n";

enum kind { PLAIN, SLOW, STUCK };
enum phase { CONNECTING, HEAD, SOUND, GONE };

struct listener {
    int fd;
    uint8_t kind, phase;
    bool asks_icy, is_placed;
    uint32_t connect_us, first_us, gap_us; // gap: the longest since all hear something
    int64_t began_us, last_us;
    uint64_t bytes;              // of sound
    uint64_t base_bytes;         // up to the first arrival that counts, that one included
    int64_t base_us, arrival_us; // its moment, and the last arrival's
    uint32_t arrivals;
    uint32_t metaint, to_meta, meta_left, titles;
    size_t at;  // in the file
    char *kept; // of a head, or of the first sound, that came in pieces
    uint32_t kept_bytes;
};

static struct {
    struct sockaddr_in to;
    const char *path, *file;
    long listeners, per_second, churn, icy, slow, stuck, rate;
    double seconds, patience;
    bool one_address, hold, until_input;
    char headers[4096];
} set = {.path = "/", .listeners = 100, .seconds = 10, .patience = 60, .rate = 16000};

static struct {
    long opened, hearing, dropped, refused, failed, broken, done;
    uint64_t bytes;
    int64_t start_us, served_us;
} got;

static struct listener *all;
static uint32_t *firsts, *connects; // of a churn, by connection
static int epoll_fd;
static char buffer[BUFFER];
static char *file;
static size_t file_bytes;
static int64_t counting_since_us; // 0: not yet

static uint32_t span(int64_t us) {
    return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

// ---- options -----------------------------------------------------------------------------------------------------------

static bool take_flag(const char *name) {
    if (strcmp(name, "--one-address") == 0)
        set.one_address = true;
    else if (strcmp(name, "--hold") == 0)
        set.hold = true;
    else if (strcmp(name, "--until-input-ends") == 0)
        set.until_input = true;
    else
        return false;
    return true;
}

static long *number_of(const char *name) {
    static const struct {
        const char *name;
        long *value;
    } table[] = {
        {"--listeners", &set.listeners}, {"--per-second", &set.per_second},
        {"--churn", &set.churn},         {"--icy", &set.icy},
        {"--slow", &set.slow},           {"--stuck", &set.stuck},
        {"--rate", &set.rate},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (strcmp(name, table[i].name) == 0)
            return table[i].value;
    return NULL;
}

static bool take_option(const char *name, const char *value) {
    if (value == NULL)
        return false;
    long *number = number_of(name);
    if (number != NULL)
        *number = strtol(value, NULL, 10);
    else if (strcmp(name, "--to") == 0)
        address_take(value, &set.to);
    else if (strcmp(name, "--path") == 0)
        set.path = value;
    else if (strcmp(name, "--check") == 0)
        set.file = value;
    else if (strcmp(name, "--seconds") == 0)
        set.seconds = strtod(value, NULL);
    else if (strcmp(name, "--patience") == 0)
        set.patience = strtod(value, NULL);
    else if (strcmp(name, "--header") == 0)
        header_add(set.headers, sizeof(set.headers), value);
    else
        return false;
    return true;
}

// The file twice in a row, so that what the source sends from any place on lies in one piece.
static void read_file(void) {
    int fd = open(set.file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        die(set.file);
    if (st.st_size < MATCH_BYTES || st.st_size > FILE_MAX)
        die("--check: a file of this size");
    file_bytes = (size_t)st.st_size;
    file = malloc(2 * file_bytes);
    if (file == NULL || read(fd, file, file_bytes) != (ssize_t)file_bytes)
        die(set.file);
    memcpy(file + file_bytes, file, file_bytes);
    close(fd);
}

static void raise_limit(long wanted) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("setrlimit");
    if ((rlim_t)wanted + 16 > limit.rlim_max) {
        errno = EMFILE;
        die("so many listeners");
    }
}

// ---- connections -------------------------------------------------------------------------------------------------------

static void bind_source(int fd, uint32_t number) {
    int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET};
    uint32_t n = number % ADDRESSES;
    from.sin_addr.s_addr = htonl(0x7f010001u + (n / PER_ADDRESS << 8) + n % PER_ADDRESS);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0)
        die("bind");
}

static void leave(struct listener *l) {
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    l->phase = GONE;
    free(l->kept);
    l->kept = NULL;
}

static void open_listener(struct listener *l, uint32_t number) {
    *l = (struct listener){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), .phase = CONNECTING};
    if (l->fd < 0)
        die("socket");
    long share = (long)(number % 100);
    l->kind = share < set.stuck ? STUCK : share < set.stuck + set.slow ? SLOW : PLAIN;
    l->asks_icy = 99 - share < set.icy;
    if (!set.one_address)
        bind_source(l->fd, number);
    l->began_us = now_us();
    got.opened++;
    if (connect(l->fd, (struct sockaddr *)&set.to, sizeof(set.to)) != 0 && errno != EINPROGRESS)
        die("connect");
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = l};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, l->fd, &e) != 0)
        die("epoll_ctl");
}

// One that the server did not keep; in a churn the next takes its place.
static void lose(struct listener *l, long *counter) {
    ++*counter;
    leave(l);
    if (set.churn > 0 && got.opened < set.churn)
        open_listener(l, (uint32_t)got.opened);
}

static void ask(struct listener *l) {
    char text[HEAD_MAX];
    char host[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &set.to.sin_addr, host, sizeof(host));
    int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: listen/1.0\r\n%s%s\r\n",
                     set.path, host, ntohs(set.to.sin_port), l->asks_icy ? "Icy-MetaData: 1\r\n" : "", set.headers);
    if (n < 0 || (size_t)n >= sizeof(text))
        die("a request this long");
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = l};
    l->phase = HEAD;
    l->connect_us = span(now_us() - l->began_us);
    if (send(l->fd, text, (size_t)n, MSG_NOSIGNAL) != (ssize_t)n ||
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, l->fd, &e) != 0) {
        lose(l, &got.failed);
    }
}

// ---- sound -------------------------------------------------------------------------------------------------------------

static void break_off(struct listener *l) {
    l->at = SIZE_MAX;
    got.broken++;
}

// Where a frame begins: a server whose titles come at fixed places may fill up what is left of one that began before.
static size_t to_frame(const char *p, size_t n) {
    size_t i = 0;
    while (i + 1 < n && ((unsigned char)p[i] != 0xff || ((unsigned char)p[i + 1] & 0xe0) != 0xe0))
        i++;
    return i + 1 == n && (unsigned char)p[i] != 0xff ? n : i;
}

// Compares with the file: where the listener is in it shows from its first bytes.
static void compare(struct listener *l, const char *p, size_t n) {
    if (!l->is_placed) {
        if (l->kept == NULL && (l->kept = malloc(MATCH_BYTES)) == NULL)
            die("memory");
        if (l->kept_bytes == 0 && l->metaint > 0 && n > 0) {
            size_t filled = to_frame(p, n);
            p += filled;
            n -= filled;
        }
        size_t take = MATCH_BYTES - l->kept_bytes < n ? MATCH_BYTES - l->kept_bytes : n;
        memcpy(l->kept + l->kept_bytes, p, take);
        l->kept_bytes += (uint32_t)take;
        if (l->kept_bytes < MATCH_BYTES)
            return;
        const char *found = memmem(file, file_bytes + MATCH_BYTES, l->kept, MATCH_BYTES);
        l->is_placed = true;
        free(l->kept);
        l->kept = NULL;
        if (found == NULL) {
            break_off(l);
            return;
        }
        l->at = ((size_t)(found - file) + MATCH_BYTES) % file_bytes;
        p += take;
        n -= take;
    }
    while (n > 0 && l->at != SIZE_MAX) {
        size_t part = n < file_bytes ? n : file_bytes;
        if (memcmp(file + l->at, p, part) != 0) {
            break_off(l);
            return;
        }
        l->at = (l->at + part) % file_bytes;
        p += part;
        n -= part;
    }
}

// The moment of an arrival is when its first byte came. What arrives is the sound since the arrival before: so the rate is
// what came behind the first, by the time from the first to the last.
static void note_arrival(struct listener *l, int64_t now) {
    if (counting_since_us != 0) {
        int64_t since = l->last_us > counting_since_us ? l->last_us : counting_since_us;
        uint32_t gap = span(now - since);
        if (gap > l->gap_us)
            l->gap_us = gap;
        if (now - l->last_us > ONE_ARRIVAL_US) {
            if (l->arrivals == 0)
                l->base_us = now;
            if (l->arrivals == 1)
                l->base_bytes = l->bytes;
            l->arrivals++;
            l->arrival_us = now;
        }
    }
    l->last_us = now;
}

static void first_sound(struct listener *l, int64_t now) {
    l->first_us = span(now - l->began_us);
    got.hearing++;
    got.served_us = now;
    if (set.churn == 0)
        return;
    connects[got.done] = l->connect_us;
    firsts[got.done++] = l->first_us;
    leave(l);
    if (got.opened < set.churn)
        open_listener(l, (uint32_t)got.opened);
}

static void take_sound(struct listener *l, const char *p, size_t n) {
    if (n == 0)
        return;
    bool is_first = l->bytes == 0;
    int64_t now = now_us();
    note_arrival(l, now);
    l->bytes += n;
    got.bytes += n;
    if (file != NULL && set.churn == 0)
        compare(l, p, n);
    if (is_first)
        first_sound(l, now);
}

// Takes the titles out of what came.
static void take_body(struct listener *l, const char *p, size_t n) {
    if (l->metaint == 0) {
        take_sound(l, p, n);
        return;
    }
    while (n > 0 && l->phase == SOUND) {
        size_t part;
        if (l->meta_left > 0) {
            part = l->meta_left < n ? l->meta_left : n;
            l->meta_left -= (uint32_t)part;
        } else if (l->to_meta > 0) {
            part = l->to_meta < n ? l->to_meta : n;
            l->to_meta -= (uint32_t)part;
            take_sound(l, p, part);
        } else {
            part = 1;
            l->meta_left = 16u * (unsigned char)*p;
            l->to_meta = l->metaint;
            l->titles += l->meta_left > 0;
        }
        p += part;
        n -= part;
    }
}

static uint32_t header_number(const char *head, const char *name) {
    const char *at = strcasestr(head, name);
    return at != NULL ? (uint32_t)strtoul(at + strlen(name), NULL, 10) : 0;
}

static void keep(struct listener *l, const char *p, size_t n) {
    if (l->kept == NULL)
        l->kept = malloc(HEAD_MAX);
    if (l->kept == NULL || n > HEAD_MAX)
        die("an answer's head this long");
    memmove(l->kept, p, n);
    l->kept_bytes = (uint32_t)n;
}

static void take_head(struct listener *l, char *p, size_t n) {
    char *end = memmem(p, n, "\r\n\r\n", 4);
    if (end == NULL) {
        keep(l, p, n);
        return;
    }
    free(l->kept);
    l->kept = NULL;
    l->kept_bytes = 0;
    *end = '\0';
    const char *space = strchr(p, ' ');
    if (space == NULL || strtoul(space + 1, NULL, 10) != 200) {
        lose(l, &got.refused);
        return;
    }
    l->metaint = l->to_meta = header_number(p, "\r\nicy-metaint:");
    l->phase = SOUND;
    if (l->kind == STUCK) { // it has connected, and that was all
        got.hearing++;
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, l->fd, NULL);
        return;
    }
    if (l->kind == SLOW)
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, l->fd, NULL);
    take_body(l, end + 4, n - (size_t)(end + 4 - p));
}

static void take(struct listener *l, size_t most) {
    size_t have = l->phase == HEAD ? l->kept_bytes : 0;
    if (have > 0)
        memcpy(buffer, l->kept, have);
    ssize_t n = recv(l->fd, buffer + have, most - have, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        lose(l, &got.dropped);
        return;
    }
    if (l->phase == HEAD)
        take_head(l, buffer, have + (size_t)n);
    else
        take_body(l, buffer, (size_t)n);
}

static void on_ready(struct listener *l, uint32_t events) {
    if (l->phase != CONNECTING) {
        take(l, BUFFER - 1);
        return;
    }
    int error = 0;
    socklen_t size = sizeof(error);
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 || getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
        error != 0) {
        lose(l, &got.failed);
        return;
    }
    ask(l);
}

// ---- the run -----------------------------------------------------------------------------------------------------------

static void read_slowly(void) {
    static int64_t next_us;
    int64_t now = now_us();
    if (set.slow == 0 || now < next_us)
        return;
    next_us = now + 1000000;
    for (long i = 0; i < set.listeners; i++)
        if (all[i].kind == SLOW && all[i].phase == SOUND)
            take(&all[i], SLOW_BYTES);
}

static void turn(int wait_ms) {
    struct epoll_event events[EVENTS];
    int n = epoll_wait(epoll_fd, events, EVENTS, wait_ms);
    for (int i = 0; i < n; i++)
        on_ready(events[i].data.ptr, events[i].events);
    read_slowly();
}

static long lost(void) {
    return got.dropped + got.refused + got.failed;
}

// Opens them, all at once or so many a second, until each hears something or is lost, or patience ends.
static void gather(void) {
    int64_t end = got.start_us + (int64_t)(set.patience * 1e6);
    long wanted = set.churn > 0 && set.churn < set.listeners ? set.churn : set.listeners;
    while (now_us() < end) {
        long due = wanted;
        if (set.per_second > 0)
            due = (long)((double)(now_us() - got.start_us) / 1e6 * (double)set.per_second) + 1;
        for (int batch = 0; got.opened < wanted && got.opened < due && batch < EVENTS; batch++)
            open_listener(&all[got.opened], (uint32_t)got.opened);
        if (got.opened >= wanted && got.hearing + lost() >= (set.churn > 0 ? set.churn : wanted))
            return;
        turn(got.opened < wanted ? set.per_second > 0 : 100);
    }
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void print_times(const char *name, uint32_t *times, size_t n) {
    qsort(times, n, sizeof(*times), by_value);
    printf(", \"%s\": {\"p50\": %.2f, \"p99\": %.2f, \"max\": %.2f}", name, n > 0 ? times[n / 2] / 1e3 : 0.0,
           n > 0 ? times[n - 1 - n / 100] / 1e3 : 0.0, n > 0 ? times[n - 1] / 1e3 : 0.0);
}

enum field { CONNECT_US, FIRST_US, GAP_US };

static uint32_t field_of(const struct listener *l, enum field f) {
    return f == CONNECT_US ? l->connect_us : f == FIRST_US ? l->first_us : l->gap_us;
}

// Of those who read as it comes and were heard of at all.
static void print_field(const char *name, enum field f) {
    uint32_t *times = calloc((size_t)set.listeners, sizeof(*times));
    size_t n = 0;
    if (times == NULL)
        die("memory");
    for (long i = 0; i < set.listeners; i++)
        if (all[i].kind == PLAIN && all[i].first_us > 0)
            times[n++] = field_of(&all[i], f);
    print_times(name, times, n);
    free(times);
}

static void print_served(void) {
    printf(
        "{\"opened\": %ld, \"hearing\": %ld, \"dropped\": %ld, \"refused\": %ld, \"failed\": %ld, \"served_ms\": %.1f",
        got.opened, got.hearing, got.dropped, got.refused, got.failed, (double)(got.served_us - got.start_us) / 1e3);
    if (set.churn > 0) {
        print_times("connect_ms", connects, (size_t)got.done);
        print_times("first_ms", firsts, (size_t)got.done);
    } else {
        print_field("connect_ms", CONNECT_US);
        print_field("first_ms", FIRST_US);
    }
    printf("}\n");
    fflush(stdout);
}

static void print_heard(double seconds) {
    double least = 1e12, most = 0, sum = 0;
    long n = 0, outside = 0, titled = 0;
    for (long i = 0; i < set.listeners; i++) {
        struct listener *l = &all[i];
        if (l->kind != PLAIN || l->phase != SOUND)
            continue;
        uint32_t gap = span(now_us() - l->last_us); // whoever hears nothing any more has a gap too
        l->gap_us = gap > l->gap_us ? gap : l->gap_us;
        titled += l->titles > 0;
        double us = (double)(l->arrival_us - l->base_us);
        double rate = l->arrivals > 1 ? (double)(l->bytes - l->base_bytes) * 1e6 / us : 0;
        least = rate < least ? rate : least;
        most = rate > most ? rate : most;
        sum += rate;
        n++;
        outside += rate < 0.99 * (double)set.rate || rate > 1.01 * (double)set.rate;
    }
    printf(
        "{\"seconds\": %.3f, \"listening\": %ld, \"dropped\": %ld, \"refused\": %ld, \"failed\": %ld, \"broken\": %ld, \"titled\": %ld, "
        "\"bytes\": %llu, \"rate\": {\"min\": %.0f, \"mean\": %.0f, \"max\": %.0f, \"outside\": %ld}",
        seconds, n, got.dropped, got.refused, got.failed, got.broken, titled, (unsigned long long)got.bytes,
        n > 0 ? least : 0.0, n > 0 ? sum / (double)n : 0.0, most, outside);
    print_field("gap_ms", GAP_US);
    printf("}\n");
    fflush(stdout);
}

static bool input_ended(void) {
    char c;
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&p, 1, 0) > 0 && read(STDIN_FILENO, &c, 1) <= 0;
}

static void listen_on(void) {
    counting_since_us = now_us();
    int64_t end = counting_since_us + (int64_t)(set.seconds * 1e6);
    while (now_us() < end && !(set.until_input && input_ended())) {
        int64_t left_ms = (end - now_us()) / 1000 + 1;
        turn(left_ms > 50 ? 50 : (int)left_ms);
    }
    print_heard((double)(now_us() - counting_since_us) / 1e6);
    while (set.hold && !input_ended())
        turn(20);
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
    if (set.to.sin_port == 0 || set.listeners < 1 || set.listeners > LISTENERS_MAX || set.churn < 0 ||
        set.churn > LISTENERS_MAX) {
        fputs(usage, stderr);
        return 2;
    }
    raise_limit(set.listeners);
    if (set.file != NULL)
        read_file();
    all = calloc((size_t)set.listeners, sizeof(*all));
    firsts = calloc((size_t)set.churn + 1, sizeof(*firsts));
    connects = calloc((size_t)set.churn + 1, sizeof(*connects));
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (all == NULL || firsts == NULL || connects == NULL || epoll_fd < 0)
        die("memory");
    for (long i = 0; i < set.listeners; i++)
        all[i] = (struct listener){.fd = -1, .phase = GONE};
    got.start_us = got.served_us = now_us();
    gather();
    print_served();
    if (set.churn == 0)
        listen_on();
    return lost() + got.broken > 0 || got.hearing < got.opened ? 1 : 0;
}
