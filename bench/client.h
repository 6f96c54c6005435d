// SPDX-License-Identifier: AGPL-3.0-or-later
// What the clients of the bench share: their clock, their end, and the options that both have.
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// "hammer: connect: Connection refused", and the end.
_Noreturn static void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
            errno != 0 ? strerror(errno) : "cannot use this");
    exit(1);
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// "127.0.0.1:8080"
static void address_take(const char *text, struct sockaddr_in *to) {
    char host[64];
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    if (n == 0 || n >= sizeof(host))
        die(text);
    memcpy(host, text, n);
    host[n] = '\0';
    to->sin_family = AF_INET;
    to->sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
    if (inet_pton(AF_INET, host, &to->sin_addr) != 1)
        die(text);
}

static void header_add(char *headers, size_t room, const char *line) {
    size_t have = strlen(headers);
    int n = snprintf(headers + have, room - have, "%s\r\n", line);
    if (n < 0 || (size_t)n >= room - have)
        die("--header");
}

#endif
