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
//
// Over https the connection is given to a tunnel (tunnel.h), whose plain end is read in its place: from HEAD on nothing
// differs. From http the way may lead to https and not back: who wrote https asked for a server that is verified, and would
// not notice when it is not.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"
#include "radio/resolver.h"
#include "radio/tunnel.h"

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
    struct tunnel *tunnel; // over https, from HEAD on
    struct buf answer;
    size_t list_length;           // RELAY_LIST: bytes of it, SIZE_MAX: until its end
    struct audio_icy_split split; // metaint 0: no titles between
    struct relay_address address; // that is asked now
    uint64_t trouble;             // that was told last
};

static void relay_wait(struct source *source);

// ---- connecting --------------------------------------------------------------------------------------------------------

static void connecting_close(struct relay *relay) {
    if (relay->connecting.fd < 0)
        return;
    net_watch_remove(relay->source->stream->radio->loop, &relay->connecting);
    close(relay->connecting.fd);
    relay->connecting.fd = -1;
}

enum { WHOLE_BYTES = RELAY_ORIGIN_BYTES + SERVICE_ADDRESS_BYTES };

static void address_put(const struct relay *relay, char out[WHOLE_BYTES]) {
    char origin[RELAY_ORIGIN_BYTES];
    relay_address_origin(&relay->address, origin);
    (void)snprintf(out, WHOLE_BYTES, "%s%s", origin, relay->address.path);
}

// It is tried again every few seconds: said is what is new.
static void tell_trouble(struct relay *relay, const char *why) {
    char text[WHOLE_BYTES];
    address_put(relay, text);
    uint64_t trouble = hash_key(str_from(text)) ^ hash_key(str_from(why));
    if (trouble != relay->trouble)
        log_warn("%s: relay %s: %s", relay->source->stream->name, text, why);
    relay->trouble = trouble;
}

static void relay_failed(struct relay *relay, const char *why) {
    tell_trouble(relay, why);
    connecting_close(relay);
    relay_wait(relay->source);
}

static void connect_next(struct relay *relay, const char *why);

// Where what it answers can be read; -1: the request could not be sent. The connection is taken over.
static int send_request(struct relay *relay, int fd) {
    char ask[SERVICE_ADDRESS_BYTES + 512], origin[RELAY_ORIGIN_BYTES];
    relay_address_origin(&relay->address, origin);
    int bytes = snprintf(ask, sizeof ask,
                         "GET %s HTTP/1.0\r\nHost: %s\r\nUser-Agent: Siaran relay\r\nIcy-MetaData: 1\r\n"
                         "Accept: */*\r\nConnection: close\r\n\r\n",
                         relay->address.path, strstr(origin, "://") + 3);
    must(bytes > 0 && (size_t)bytes < sizeof ask);
    if (relay->address.is_tls) {
        int plain = -1;
        relay->tunnel = tunnel_open(fd, origin, (struct str){ask, (size_t)bytes}, &plain);
        return plain;
    }
    if (send(fd, ask, (size_t)bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == bytes)
        return fd;
    close(fd);
    return -1;
}

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
    net_watch_remove(source->stream->radio->loop, w);
    int fd = send_request(relay, w->fd);
    w->fd = -1;
    if (fd < 0) {
        relay_failed(relay, "no request can be sent to it");
        return;
    }
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
    relay->look_up = resolver_ask(r->resolver, relay->address.host, relay->address.port, looked_up, relay);
    if (relay->look_up == NULL)
        relay_wait(relay->source);
}

static void wait_due(struct net_timer *t) {
    struct source *source = (struct source *)((char *)t - offsetof(struct source, timer));
    struct relay *relay = source->relay;
    if (relay->state == RELAY_WAIT) {
        relay->hops = 0;
        if (relay_address_read(source->stream->setup->sources[source->index].address, &relay->address))
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
    if (!relay_address_read(source->stream->setup->sources[source->index].address, &relay->address))
        log_error("%s: the address of a relay is not like https://host:port/mount", source->stream->name);
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
    tunnel_drop(&relay->tunnel);
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
    tunnel_drop(&source->relay->tunnel);
    audio_scanner_free(&source->scanner);
    source->scanner = audio_scanner_new(s->setup->format);
    source->noise_at = 0;
    buf_clear(&source->waiting);
    headers_drop(&source->headers);
    source->delivered_us = 0;
    source->paused = false;
}

static void begin_anew(struct source *source) {
    connection_over(source);
    relay_wait(source);
    stream_choose(source->stream);
}

static void note_refused(struct source *source, enum service_reason reason) {
    char address[WHOLE_BYTES];
    address_put(source->relay, address);
    stream_note_refused(source->stream, source->index, reason, str_from(address), STR_NONE);
}

// It answers, and not with sound of this stream.
static bool no_sound(struct source *source, enum service_reason reason) {
    note_refused(source, reason);
    begin_anew(source);
    return false;
}

static void tell_end(struct source *source, const char *why) {
    struct relay *relay = source->relay;
    enum service_reason reason = SERVICE_REASON_NONE;
    const char *tunnel_says = relay->tunnel != NULL ? tunnel_why(relay->tunnel, &reason) : NULL;
    char address[WHOLE_BYTES];
    if (tunnel_says != NULL)
        why = tunnel_says;
    if (reason != SERVICE_REASON_NONE)
        note_refused(source, reason);
    address_put(relay, address);
    if (relay->state == RELAY_SOUND)
        log_info("%s: relay %s ended: %s", source->stream->name, address, why);
    else
        tell_trouble(relay, why);
}

static bool list_over(struct source *source);

// Of a playlist: who stands between can end a connection anywhere, but not a tunnel without its saying so.
static bool is_cut_short(const struct relay *relay) {
    enum service_reason reason;
    bool is_broken = relay->tunnel != NULL && tunnel_why(relay->tunnel, &reason) != NULL;
    return is_broken || (relay->list_length != SIZE_MAX && relay->answer.n < relay->list_length);
}

bool source_relay_ended(struct source *source, const char *why) {
    struct relay *relay = source->relay;
    if (relay == NULL)
        return false;
    if (relay->state == RELAY_LIST && is_cut_short(relay))
        return !no_sound(source, SERVICE_REASON_LIST_SHORT);
    if (relay->state == RELAY_LIST)
        return list_over(source);
    tell_end(source, why);
    if (relay->state == RELAY_SOUND && source->delivered_us > 0) // one that only answers is no relay that is back
        relay->wait_ms = FIRST_WAIT_MS;
    begin_anew(source);
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
    struct relay_address next;
    if (relay->hops++ == HOPS_MAX)
        return no_sound(source, SERVICE_REASON_ROUND);
    if (!relay_address_follow(&relay->address, address, &next))
        return no_sound(source, SERVICE_REASON_NO_ADDRESS);
    if (relay->address.is_tls && !next.is_tls)
        return no_sound(source, SERVICE_REASON_UNSAFE);
    relay->address = next;
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
    char address[WHOLE_BYTES];
    address_put(relay, address);
    relay->state = RELAY_SOUND;
    relay->trouble = 0;
    log_info("%s: relay %s is heard", source->stream->name, address);
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
    switch (relay_head(head, str_from(relay->address.path), source->stream->setup->format, &said)) {
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
