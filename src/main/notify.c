// SPDX-License-Identifier: AGPL-3.0-or-later
// sd_notify(3) without its library: lines of NAME=VALUE in one datagram. "@name" is an abstract socket.
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "main/notify.h"

static void notify(const char *text, size_t n) {
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t size = name != NULL ? strlen(name) : 0;
    if (size < 2 || size >= sizeof addr.sun_path || (name[0] != '/' && name[0] != '@'))
        return;
    memcpy(addr.sun_path, name, size);
    if (name[0] == '@')
        addr.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    if (fd < 0 || sendto(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&addr, length) < 0)
        log_warn("the service manager could not be told how the station is");
    if (fd >= 0)
        close(fd);
}

void notify_ready(struct str status) {
    char text[400];
    int n = snprintf(text, sizeof text, "READY=1\nMAINPID=%d\nSTATUS=%.*s", (int)getpid(), STR_ARG(status));
    notify(text, n < (int)sizeof text ? (size_t)n : sizeof text - 1);
}

void notify_reloading(void) {
    char text[80];
    int n = snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_us());
    notify(text, (size_t)n);
}

void notify_stopping(void) {
    static const char text[] = "STOPPING=1";
    notify(text, sizeof text - 1);
}
