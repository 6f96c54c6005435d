// SPDX-License-Identifier: AGPL-3.0-or-later
// A source that we fetch: a mount of an Icecast or of another Siaran. Asked with Icy-MetaData: 1; the titles between its
// bytes are taken out again. When it ends, it is asked anew after a second, then two, at last every five.
//
//   WAIT -timer-> LOOK UP (resolver.h) -> CONNECT -> HEAD -> sound
//                 ^--- another address is named ---------------------------------------------------|
//                 ^--- a playlist is read <- LIST <------------------------------------------------'
//
// An address that redirects, or that is a playlist, names another; a few of them one after the other are followed, and each
// new try begins with the one that the service says.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"
#include "radio/resolver.h"

enum {
    FIRST_WAIT_MS = 1000,
    LAST_WAIT_MS = 5000,
    CONNECT_MS = 10000,
    HEAD_MOST = 16384,
    METAINT_MAX = 1 << 20,
    HOPS_MAX = 5
};

enum relay_state { RELAY_WAIT, RELAY_LOOK_UP, RELAY_CONNECT, RELAY_HEAD, RELAY_LIST, RELAY_SOUND };
struct relay {
    struct source *source;
    enum relay_state state;
    int wait_ms, hops;
    struct look_up *look_up;
    struct found found;
    size_t trying; // of them
    struct net_watch connecting;
    struct buf answer;
    size_t list_length;                                   // RELAY_LIST: bytes of it, SIZE_MAX: until its end
    struct audio_icy_split split;                         // metaint 0: no titles between
    char host[256], port[8], path[SERVICE_ADDRESS_BYTES]; // of the address that is asked now
    uint64_t trouble;                                     // in connecting, that was told last
};

static void relay_wait(struct source *source);

// ---- the address -------------------------------------------------------------------------------------------------------

// "http://host[:port]/path"
static bool read_address(struct relay *relay, struct str address) {
    struct str rest = str_slice(address, sizeof "http://" - 1, address.n), host, port;
    size_t at;
    if (address.n < sizeof "http://" - 1 || !str_eq_nocase(str_slice(address, 0, sizeof "http://" - 1), STR("http://")))
        return false;
    if (str_find_char(rest, '#', &at))
        rest = str_slice(rest, 0, at);
    if (!str_find_char(rest, '/', &at))
        at = rest.n;
    http_host_split(str_slice(rest, 0, at), "80", &host, &port);
    if (host.n >= 2 && host.p[0] == '[')
        host = str_slice(host, 1, host.n - 1);
    struct str path = at < rest.n ? str_slice(rest, at, rest.n) : STR("/");
    if (host.n == 0 || host.n >= sizeof relay->host || port.n >= sizeof relay->port || path.n >= sizeof relay->path ||
        str_find_char(host, '@', &at))
        return false;
    (void)snprintf(relay->host, sizeof relay->host, "%.*s", STR_ARG(host));
    (void)snprintf(relay->port, sizeof relay->port, "%.*s", STR_ARG(port));
    (void)snprintf(relay->path, sizeof relay->path, "%.*s", STR_ARG(path));
    return true;
}

// An address as a redirect or a playlist names it, which may leave out what is as here (RFC 3986, 5.2, without "..": a server
// sees to that).
static bool read_relative(struct relay *relay, struct str address) {
    char whole[sizeof relay->host + sizeof relay->port + 2 * SERVICE_ADDRESS_BYTES];
    struct str path = str_from(relay->path), scheme;
    size_t at;
    for (size_t i = 0; i < address.n; i++)
        if ((unsigned char)address.p[i] <= ' ' || address.p[i] == 0x7f)
            return false;
    if (address.n == 0 || address.n > SERVICE_ADDRESS_BYTES)
        return false;
    if (str_find(address, STR("://"), &at)) {
        scheme = str_slice(address, 0, at);
        if (!str_find_char(scheme, '/', &at) && !str_find_char(scheme, '?', &at))
            return read_address(relay, address);
    }
    bool v6 = strchr(relay->host, ':') != NULL;
    if (str_find_char(path, '?', &at))
        path = str_slice(path, 0, at);
    while (address.p[0] != '?' && path.n > 0 && path.p[path.n - 1] != '/')
        path.n--;
    if (str_starts(address, STR("//")))
        (void)snprintf(whole, sizeof whole, "http:%.*s", STR_ARG(address));
    else
        (void)snprintf(whole, sizeof whole, "http://%s%s%s:%s%.*s%.*s", v6 ? "[" : "", relay->host, v6 ? "]" : "",
                       relay->port, STR_ARG(address.p[0] == '/' ? STR("") : path), STR_ARG(address));
    return read_address(relay, str_from(whole));
}

// ---- connecting --------------------------------------------------------------------------------------------------------

static void connecting_close(struct relay *relay) {
    if (relay->connecting.fd < 0)
        return;
    net_watch_remove(relay->source->stream->radio->loop, &relay->connecting);
    close(relay->connecting.fd);
    relay->connecting.fd = -1;
}

static void address_put(const struct relay *relay, char *out, size_t size) {
    (void)snprintf(out, size, "%s:%s%s", relay->host, relay->port, relay->path);
}

// It is tried again every few seconds: said is what is new.
static void relay_failed(struct relay *relay, const char *why) {
    char text[sizeof relay->host + sizeof relay->port + sizeof relay->path + 64];
    address_put(relay, text, sizeof text);
    uint64_t trouble = hash_key(str_from(text)) ^ hash_key(str_from(why));
    if (trouble != relay->trouble)
        log_warn("%s: relay %s: %s", relay->source->stream->name, text, why);
    relay->trouble = trouble;
    connecting_close(relay);
    relay_wait(relay->source);
}

static void connect_next(struct relay *relay, const char *why);

static void connected(struct net_watch *w, uint32_t events) {
    struct relay *relay = (struct relay *)((char *)w - offsetof(struct relay, connecting));
    struct source *source = relay->source;
    int error = 0;
    socklen_t n = sizeof error;
    (void)events;
    if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0 || error != 0) {
        connect_next(relay, strerror(error));
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

static void relay_connect(struct relay *relay) {
    struct net_loop *loop = relay->source->stream->radio->loop;
    const struct sockaddr *to = (const struct sockaddr *)&relay->found.addresses[relay->trying];
    int fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    relay->state = RELAY_CONNECT;
    relay->connecting = (struct net_watch){.fd = fd, .ready = connected};
    if (fd < 0 || (connect(fd, to, relay->found.bytes[relay->trying]) != 0 && errno != EINPROGRESS) ||
        net_watch_add(loop, &relay->connecting, EPOLLOUT) != RC_OK) {
        const char *why = strerror(errno);
        if (fd >= 0)
            close(fd);
        relay->connecting.fd = -1;
        connect_next(relay, why);
        return;
    }
    net_timer_set(loop, &relay->source->timer, CONNECT_MS);
}

static void connect_next(struct relay *relay, const char *why) {
    connecting_close(relay);
    if (++relay->trying < relay->found.n)
        relay_connect(relay);
    else
        relay_failed(relay, why);
}

static void looked_up(void *arg, const struct found *found) {
    struct relay *relay = arg;
    relay->look_up = NULL;
    relay->found = *found;
    relay->trying = 0;
    if (found->n == 0)
        relay_failed(relay, "its name has no address");
    else
        relay_connect(relay);
}

static void look_up(struct relay *relay) {
    struct radio *r = relay->source->stream->radio;
    relay->state = RELAY_LOOK_UP;
    relay->look_up = resolver_ask(r->resolver, relay->host, relay->port, looked_up, relay);
    if (relay->look_up == NULL)
        relay_wait(relay->source);
}

static void wait_due(struct net_timer *t) {
    struct source *source = (struct source *)((char *)t - offsetof(struct source, timer));
    struct relay *relay = source->relay;
    if (relay->state == RELAY_WAIT) {
        relay->hops = 0;
        if (read_address(relay, source->stream->setup->sources[source->index].address))
            look_up(relay);
    } else if (relay->state == RELAY_CONNECT)
        connect_next(relay, "it does not answer");
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
    look_up_forget(&relay->look_up);
    connecting_close(relay);
    buf_fini(&relay->answer);
    audio_icy_split_fini(&relay->split);
    mem_free(relay);
    source->relay = NULL;
}

// Everything of the connection that ended is forgotten; another format may come with the next (icecast-kh 331).
static void connection_over(struct source *source) {
    struct stream *s = source->stream;
    if (source->watch.fd >= 0) {
        net_watch_remove(s->radio->loop, &source->watch);
        close(source->watch.fd);
        source->watch.fd = -1;
    }
    audio_scanner_free(&source->scanner);
    source->scanner = audio_scanner_new(s->setup->format);
    source->noise_at = 0;
    buf_clear(&source->waiting);
    headers_drop(&source->headers);
    source->delivered_us = 0;
    source->paused = false;
}

static bool list_over(struct source *source);
static bool no_sound(struct source *source, enum service_reason reason);

bool source_relay_ended(struct source *source, const char *why) {
    struct stream *s = source->stream;
    struct relay *relay = source->relay;
    if (relay == NULL)
        return false;
    if (relay->state == RELAY_LIST && relay->list_length != SIZE_MAX && relay->answer.n < relay->list_length)
        return !no_sound(source, SERVICE_REASON_LIST_SHORT);
    if (relay->state == RELAY_LIST)
        return list_over(source);
    if (relay->state == RELAY_SOUND) {
        log_info("%s: relay %s:%s%s ended: %s", s->name, relay->host, relay->port, relay->path, why);
        relay->wait_ms = FIRST_WAIT_MS;
    }
    connection_over(source);
    relay_wait(source);
    stream_choose(s);
    return true;
}

// It answers, and not with sound of this stream.
static bool no_sound(struct source *source, enum service_reason reason) {
    struct relay *relay = source->relay;
    char address[sizeof relay->host + sizeof relay->port + sizeof relay->path];
    address_put(relay, address, sizeof address);
    stream_note_refused(source->stream, source->index, reason, str_from(address), STR_NONE);
    relay->state = RELAY_HEAD;
    (void)source_relay_ended(source, service_reason_text(reason));
    return false;
}

// ---- what it answers ---------------------------------------------------------------------------------------------------

static bool split_sound(void *arg, const char *p, size_t n) {
    return source_feed(arg, p, n);
}

static bool split_title(void *arg, struct str title) {
    source_title(arg, title, STR(""), STR(""));
    return true;
}

static unsigned status_of(struct str line) {
    struct str version = STR_NONE, code = STR_NONE;
    uint64_t n = 0;
    (void)str_next(&line, ' ', &version);
    (void)str_next(&line, ' ', &code);
    bool is_http = str_eq(version, STR("ICY")) || str_eq(version, STR("HTTP/1.0")) || str_eq(version, STR("HTTP/1.1"));
    return is_http && code.n == 3 && str_to_u64(str_trim(code), &n) ? (unsigned)n : 0;
}

static void take_header(struct str name, struct str value, struct relay_answer *out) {
    uint64_t n;
    if (str_eq_nocase(name, STR("icy-metaint")) && str_to_u64(value, &n) && n > 0 && n <= METAINT_MAX)
        out->metaint = (uint32_t)n;
    else if (str_eq_nocase(name, STR("content-type")))
        out->type = value;
    else if (str_eq_nocase(name, STR("location")))
        out->location = value;
    else if (str_eq_nocase(name, STR("content-length")) && str_to_u64(value, &n))
        out->length = n;
    else if (str_eq_nocase(name, STR("transfer-encoding"))) // HTTP/1.0 was asked for
        out->is_chunked = true;
}

// Pages and data are no sound of any format, so nobody's are sent on to listeners.
static bool is_words(struct str type) {
    static const char *const words[] = {"text/", "application/json", "application/xml", "application/xhtml", "image/"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (type.n >= strlen(words[i]) && str_eq_nocase(str_slice(type, 0, strlen(words[i])), str_from(words[i])))
            return true;
    return false;
}

enum relay_verdict relay_head(struct str head, struct str path, enum audio_format format, struct relay_answer *out) {
    struct str line = STR_NONE, name, value;
    *out = (struct relay_answer){.length = UINT64_MAX, .why = SERVICE_REASON_NO_HTTP};
    (void)str_next(&head, '\n', &line);
    unsigned status = status_of(str_trim(line));
    struct lines lines = {.rest = head};
    while (lines_next(&lines, ':', &name, &value))
        take_header(name, value, out);
    if (status == 0)
        return RELAY_NOTHING;
    if ((status >= 301 && status <= 303) || status == 307 || status == 308) {
        out->why = SERVICE_REASON_NOWHERE;
        return out->location.n > 0 ? RELAY_ELSEWHERE : RELAY_NOTHING;
    }
    out->why = status == 404 ? SERVICE_REASON_GONE : SERVICE_REASON_DENIED;
    if (status != 200)
        return RELAY_NOTHING;
    out->why = SERVICE_REASON_CHUNKS;
    if (out->is_chunked)
        return RELAY_NOTHING;
    if (audio_playlist_is(out->type, path))
        return RELAY_PLAYLIST;
    out->why = SERVICE_REASON_OTHER_SOUND;
    bool fits =
        out->type.n == 0 || (format == AUDIO_OTHER ? !is_words(out->type) : audio_format_of(out->type) == format);
    return fits ? RELAY_STREAM : RELAY_NOTHING;
}

static bool feed_sound(struct source *source, const char *p, size_t n) {
    struct audio_icy_split *split = &source->relay->split;
    return split->metaint > 0 ? audio_icy_split_feed(split, p, n) : source_feed(source, p, n);
}

static bool follow(struct source *source, struct str address) {
    struct relay *relay = source->relay;
    if (relay->hops++ == HOPS_MAX)
        return no_sound(source, SERVICE_REASON_ROUND);
    if (!read_relative(relay, address))
        return no_sound(source, SERVICE_REASON_NO_ADDRESS);
    connection_over(source);
    net_timer_clear(source->stream->radio->loop, &source->timer);
    source->timer.due = wait_due;
    look_up(relay);
    return false;
}

// The whole playlist is there.
static bool list_over(struct source *source) {
    struct relay *relay = source->relay;
    struct arena *a = arena_new(1 << 20);
    struct str address, text = str_slice(buf_view(&relay->answer), 0, relay->list_length);
    enum rc rc = audio_playlist_first(a, text, &address);
    if (rc == RC_OK)
        (void)follow(source, address);
    else
        (void)no_sound(source, rc == RC_INVALID ? SERVICE_REASON_LIST_HLS : SERVICE_REASON_LIST_EMPTY);
    arena_free(&a);
    return true;
}

static bool feed_list(struct source *source, const char *p, size_t n) {
    struct relay *relay = source->relay;
    buf_add(&relay->answer, p, n);
    if (relay->answer.failed || relay->answer.n > AUDIO_PLAYLIST_BYTES)
        return no_sound(source, SERVICE_REASON_LIST_ENDLESS);
    if (relay->answer.n < relay->list_length)
        return true;
    (void)list_over(source);
    return false;
}

static bool begin_sound(struct source *source, uint32_t metaint, struct str first) {
    struct relay *relay = source->relay;
    relay->state = RELAY_SOUND;
    relay->trouble = 0;
    log_info("%s: relay %s:%s%s is heard", source->stream->name, relay->host, relay->port, relay->path);
    relay->split =
        (struct audio_icy_split){.metaint = metaint, .arg = source, .sound = split_sound, .title = split_title};
    return feed_sound(source, first.p, first.n);
}

static bool begin_list(struct source *source, uint64_t length, size_t head_bytes) {
    struct relay *relay = source->relay;
    relay->state = RELAY_LIST;
    relay->list_length = (size_t)(length < SIZE_MAX ? length : SIZE_MAX);
    relay->answer.n -= head_bytes;
    memmove(relay->answer.p, relay->answer.p + head_bytes, relay->answer.n);
    return feed_list(source, NULL, 0);
}

bool source_relay_feed(struct source *source, const char *p, size_t n) {
    struct relay *relay = source->relay;
    size_t end;
    if (relay->state == RELAY_SOUND)
        return feed_sound(source, p, n);
    if (relay->state == RELAY_LIST)
        return feed_list(source, p, n);
    buf_add(&relay->answer, p, n);
    struct str answer = buf_view(&relay->answer);
    if (!str_find(answer, STR("\r\n\r\n"), &end))
        return relay->answer.n < HEAD_MOST || no_sound(source, SERVICE_REASON_ENDLESS);
    struct relay_answer said;
    struct str head = str_slice(answer, 0, end);
    switch (relay_head(head, str_from(relay->path), source->stream->setup->format, &said)) {
    case RELAY_STREAM:
        return begin_sound(source, said.metaint, str_slice(answer, end + 4, answer.n));
    case RELAY_ELSEWHERE:
        return follow(source, said.location);
    case RELAY_PLAYLIST:
        return begin_list(source, said.length, end + 4);
    case RELAY_NOTHING:
        break;
    }
    return no_sound(source, said.why);
}
