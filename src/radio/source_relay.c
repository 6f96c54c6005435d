// SPDX-License-Identifier: AGPL-3.0-or-later
// A source that we fetch: a mount of an Icecast or of another Siaran. Asked with Icy-MetaData: 1; the titles between its
// bytes are taken out again. When it ends, it is asked anew after a second, then two, at last every five.
//
//   WAIT -timer-> LOOK UP (a thread: names are looked up by the C library, which blocks) -> CONNECT -> HEAD -> sound
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"

enum { FIRST_WAIT_MS = 1000, LAST_WAIT_MS = 5000, CONNECT_MS = 10000, HEAD_MOST = 16384, METAINT_MAX = 1 << 20 };

// One look-up. It outlives the relay that asked when that ends first.
struct look_up {
    struct net_loop *loop;
    struct relay *relay; // NULL: nobody waits any more
    char host[256], port[8];
    struct sockaddr_storage address;
    socklen_t address_bytes;
};

enum relay_state { RELAY_WAIT, RELAY_LOOK_UP, RELAY_CONNECT, RELAY_HEAD, RELAY_SOUND };
struct relay {
    struct source *source;
    enum relay_state state;
    int wait_ms;
    struct look_up *look_up;
    struct net_watch connecting;
    struct buf answer;
    struct audio_icy_split split; // metaint 0: no titles between
    char host[256], port[8], path[SERVICE_ADDRESS_BYTES];
};

static void relay_wait(struct source *source);

// ---- the address -------------------------------------------------------------------------------------------------------

// "http://host[:port]/path", as services_check lets it through.
static bool read_address(struct relay *relay, struct str address) {
    struct str rest = str_slice(address, sizeof "http://" - 1, address.n), host, port;
    size_t at;
    if (!str_starts(address, STR("http://")))
        return false;
    if (!str_find_char(rest, '/', &at))
        at = rest.n;
    http_host_split(str_slice(rest, 0, at), "80", &host, &port);
    if (host.n >= 2 && host.p[0] == '[')
        host = str_slice(host, 1, host.n - 1);
    if (host.n == 0 || host.n >= sizeof relay->host || port.n >= sizeof relay->port)
        return false;
    (void)snprintf(relay->host, sizeof relay->host, "%.*s", STR_ARG(host));
    (void)snprintf(relay->port, sizeof relay->port, "%.*s", STR_ARG(port));
    struct str path = at < rest.n ? str_slice(rest, at, rest.n) : STR("/");
    (void)snprintf(relay->path, sizeof relay->path, "%.*s", STR_ARG(path));
    return true;
}

// ---- connecting --------------------------------------------------------------------------------------------------------

static void connecting_close(struct relay *relay) {
    if (relay->connecting.fd < 0)
        return;
    net_watch_remove(relay->source->stream->radio->loop, &relay->connecting);
    close(relay->connecting.fd);
    relay->connecting.fd = -1;
}

static void relay_failed(struct relay *relay, const char *why) {
    struct stream *s = relay->source->stream;
    log_debug("%s: relay %s:%s%s: %s", s->name, relay->host, relay->port, relay->path, why);
    connecting_close(relay);
    relay_wait(relay->source);
}

static void connected(struct net_watch *w, uint32_t events) {
    struct relay *relay = (struct relay *)((char *)w - offsetof(struct relay, connecting));
    struct source *source = relay->source;
    int error = 0;
    socklen_t n = sizeof error;
    (void)events;
    if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0) {
        relay_failed(relay, strerror(error));
        return;
    }
    char ask[SERVICE_ADDRESS_BYTES + 512];
    bool v6 = strchr(relay->host, ':') != NULL;
    int bytes = snprintf(ask, sizeof ask,
                         "GET %s HTTP/1.0\r\nHost: %s%s%s:%s\r\nUser-Agent: Siaran relay\r\nIcy-MetaData: 1\r\n"
                         "Accept: */*\r\nConnection: close\r\n\r\n",
                         relay->path, v6 ? "[" : "", relay->host, v6 ? "]" : "", relay->port);
    must(bytes > 0 && (size_t)bytes < sizeof ask);
    if (send(w->fd, ask, (size_t)bytes, MSG_NOSIGNAL | MSG_DONTWAIT) != bytes) {
        relay_failed(relay, "it takes no request");
        return;
    }
    int fd = w->fd;
    net_watch_remove(source->stream->radio->loop, w);
    w->fd = -1;
    relay->state = RELAY_HEAD;
    buf_clear(&relay->answer);
    source_adopt_fd(source, fd, NULL, 0);
}

static void relay_connect(struct relay *relay, const struct sockaddr *to, socklen_t n) {
    struct net_loop *loop = relay->source->stream->radio->loop;
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    relay->state = RELAY_CONNECT;
    relay->connecting = (struct net_watch){.fd = fd, .ready = connected};
    if (fd < 0 || (connect(fd, to, n) != 0 && errno != EINPROGRESS) ||
        net_watch_add(loop, &relay->connecting, EPOLLOUT) != RC_OK) {
        const char *why = strerror(errno);
        if (fd >= 0)
            close(fd);
        relay->connecting.fd = -1;
        relay_failed(relay, why);
        return;
    }
    net_timer_set(loop, &relay->source->timer, CONNECT_MS);
}

static void looked_up(void *arg) {
    struct look_up *look = arg;
    if (look->relay != NULL) {
        look->relay->look_up = NULL;
        if (look->address_bytes == 0)
            relay_failed(look->relay, "its name has no address");
        else
            relay_connect(look->relay, (const struct sockaddr *)&look->address, look->address_bytes);
    }
    mem_free(look);
}

static void *look_up_run(void *arg) {
    struct look_up *look = arg;
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found = NULL;
    if (getaddrinfo(look->host, look->port, &want, &found) == 0 && found != NULL &&
        found->ai_addrlen <= sizeof look->address) {
        memcpy(&look->address, found->ai_addr, found->ai_addrlen);
        look->address_bytes = found->ai_addrlen;
    }
    if (found != NULL)
        freeaddrinfo(found);
    net_loop_post(look->loop, looked_up, look);
    return NULL;
}

static void look_up(struct relay *relay) {
    struct look_up *look = MEM_NEW(struct look_up);
    pthread_t thread;
    look->loop = relay->source->stream->radio->loop;
    look->relay = relay;
    memcpy(look->host, relay->host, sizeof look->host);
    memcpy(look->port, relay->port, sizeof look->port);
    relay->state = RELAY_LOOK_UP;
    relay->look_up = look;
    if (pthread_create(&thread, NULL, look_up_run, look) == 0) {
        pthread_detach(thread);
        return;
    }
    relay->look_up = NULL;
    mem_free(look);
    relay_wait(relay->source);
}

static void wait_due(struct net_timer *t) {
    struct source *source = (struct source *)((char *)t - offsetof(struct source, timer));
    struct relay *relay = source->relay;
    if (relay->state == RELAY_WAIT)
        look_up(relay);
    else
        relay_failed(relay, "it does not answer");
}

static void relay_wait(struct source *source) {
    struct relay *relay = source->relay;
    relay->state = RELAY_WAIT;
    audio_icy_split_fini(&relay->split);
    relay->split = (struct audio_icy_split){0};
    source->timer.due = wait_due;
    net_timer_set(source->stream->radio->loop, &source->timer, relay->wait_ms);
    relay->wait_ms = relay->wait_ms * 2 < LAST_WAIT_MS ? relay->wait_ms * 2 : LAST_WAIT_MS;
}

void source_relay_start(struct source *source) {
    struct relay *relay = MEM_NEW(struct relay);
    relay->source = source;
    relay->connecting.fd = -1;
    buf_init(&relay->answer, HEAD_MOST + sizeof source->stream->radio->read); // its first sound comes along
    source->relay = relay;
    source->timer.due = wait_due;
    if (!read_address(relay, source->stream->setup->sources[source->index].address))
        log_error("%s: the address of a relay is not like http://host:port/mount", source->stream->name);
    else {
        relay->wait_ms = FIRST_WAIT_MS;
        look_up(relay);
    }
}

void source_relay_close(struct source *source) {
    struct relay *relay = source->relay;
    if (relay == NULL)
        return;
    if (relay->look_up != NULL)
        relay->look_up->relay = NULL;
    connecting_close(relay);
    buf_fini(&relay->answer);
    audio_icy_split_fini(&relay->split);
    mem_free(relay);
    source->relay = NULL;
}

// Everything of the connection that ended is forgotten; another format may come with the next (icecast-kh 331).
bool source_relay_ended(struct source *source, const char *why) {
    struct stream *s = source->stream;
    if (source->relay == NULL)
        return false;
    if (source->watch.fd >= 0) {
        net_watch_remove(s->radio->loop, &source->watch);
        close(source->watch.fd);
        source->watch.fd = -1;
    }
    if (source->relay->state == RELAY_SOUND) {
        log_info("%s: relay %s:%s%s ended: %s", s->name, source->relay->host, source->relay->port, source->relay->path,
                 why);
        source->relay->wait_ms = FIRST_WAIT_MS;
    }
    audio_scanner_free(&source->scanner);
    source->scanner = audio_scanner_new(s->setup->format);
    source->noise_at = 0;
    buf_clear(&source->waiting);
    headers_drop(&source->headers);
    source->delivered_us = 0;
    source->paused = false;
    relay_wait(source);
    stream_choose(s);
    return true;
}

// ---- what it answers ---------------------------------------------------------------------------------------------------

static bool split_sound(void *arg, const char *p, size_t n) {
    return source_feed(arg, p, n);
}

static bool split_title(void *arg, struct str title) {
    source_title(arg, title, STR(""), STR(""));
    return true;
}

bool relay_head(struct str head, enum audio_format format, uint32_t *metaint_out) {
    struct str line, name, value;
    uint64_t n;
    *metaint_out = 0;
    if (!str_next(&head, '\n', &line) || !(str_starts(line, STR("ICY 200")) || str_starts(line, STR("HTTP/1.0 200")) ||
                                           str_starts(line, STR("HTTP/1.1 200"))))
        return false;
    struct lines lines = {.rest = head};
    while (lines_next(&lines, ':', &name, &value)) {
        if (str_eq_nocase(name, STR("icy-metaint")) && str_to_u64(value, &n) && n > 0 && n <= METAINT_MAX)
            *metaint_out = (uint32_t)n;
        if (str_eq_nocase(name, STR("content-type")) && format != AUDIO_OTHER && audio_format_of(value) != format)
            return false;
        if (str_eq_nocase(name, STR("transfer-encoding"))) // HTTP/1.0 was asked for
            return false;
    }
    return true;
}

static bool feed_sound(struct source *source, const char *p, size_t n) {
    struct audio_icy_split *split = &source->relay->split;
    return split->metaint > 0 ? audio_icy_split_feed(split, p, n) : source_feed(source, p, n);
}

bool source_relay_feed(struct source *source, const char *p, size_t n) {
    struct relay *relay = source->relay;
    size_t end;
    if (relay->state == RELAY_SOUND)
        return feed_sound(source, p, n);
    buf_add(&relay->answer, p, n);
    struct str answer = buf_view(&relay->answer);
    if (!str_find(answer, STR("\r\n\r\n"), &end)) {
        if (relay->answer.n < HEAD_MOST)
            return true;
        (void)source_relay_ended(source, "its answer has no end");
        return false;
    }
    uint32_t metaint;
    if (!relay_head(str_slice(answer, 0, end), source->stream->setup->format, &metaint)) {
        (void)source_relay_ended(source, "it does not give that sound");
        return false;
    }
    struct stream *s = source->stream;
    relay->state = RELAY_SOUND;
    log_info("%s: relay %s:%s%s is heard", s->name, relay->host, relay->port, relay->path);
    relay->split =
        (struct audio_icy_split){.metaint = metaint, .arg = source, .sound = split_sound, .title = split_title};
    return feed_sound(source, answer.p + end + 4, answer.n - end - 4);
}
