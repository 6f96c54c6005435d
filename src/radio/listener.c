// SPDX-License-Identifier: AGPL-3.0-or-later
// Listeners: small records that are served in turns. A turn takes SLICES slices of SLICE_MS; in each slice its listeners get
// everything that came since their last one, by one send. What lasts longest in serving audio is the number of sends
// (http-engine reference 2), and a second between two of them is inaudible behind the burst at the beginning.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"

enum {
    CHUNK_BYTES = 256 << 10, // of what is made for one listener alone in a turn
    MADE_KEPT = 64 << 10,    // no more is made while so much of it still waits
    SEND_BUFFER = 128 << 10,
    MUCH_BYTES = 128 << 10,        // waiting for one listener: they are served more often
    LITTLE_BYTES = 32 << 10,       // less often
    STEP_LEAST = SLICES / 9,       // then it is served nine times in a turn
    LAGGING_SLICES = 3 * SLICES,   // a socket takes what its buffer holds at once, and the rest in the turns behind
    STUCK_US = 30 * US_PER_SECOND, // without taking a byte that waits
    HALF_US = 10 * US_PER_SECOND,
    PART_US = 3600 * US_PER_SECOND,
    JOIN_OFF_AIR_US = 30 * US_PER_SECOND,
    ID3_HEAD_BYTES = 10
};

// ---- slices ------------------------------------------------------------------------------------------------------------

static void slice_enter(struct listener *l, unsigned slice) {
    struct listener **first = &l->stream->radio->slices[slice % SLICES];
    l->prev = first;
    l->next = *first;
    if (l->next != NULL)
        l->next->prev = &l->next;
    *first = l;
}

static void slice_leave(struct listener *l) {
    *l->prev = l->next;
    if (l->next != NULL)
        l->next->prev = l->prev;
}

// ---- ending ------------------------------------------------------------------------------------------------------------

static enum session_kind session_kind_of(const struct listener *l) {
    return l->kind == LISTEN_SHIFT ? SESSION_SHIFT : SESSION_LIVE;
}

// It ended now and is as long as it lasted, also where the clock was put back in it.
static void count_part(struct listener *l) {
    int64_t now_us = radio_onward_us(), to_us = radio_now_us();
    struct session_part part = {.from_us = to_us - (now_us - l->part_us),
                                .to_us = to_us,
                                .kind = session_kind_of(l),
                                .bytes = l->sent - l->part_sent,
                                .before_us = l->part_us - l->since_us,
                                .session = l->id};
    stream_count(l->stream, &l->who, &part);
    l->part_us = now_us;
    l->part_sent = l->sent;
}

void listener_close(struct listener *l) {
    struct stream *s = l->stream;
    struct radio *r = s->radio;
    count_part(l);
    slice_leave(l);
    net_watch_remove(r->loop, &l->watch);
    close(l->watch.fd);
    radio_connection_over(r, l->address);
    s->listeners--;
    r->listeners--;
    agent_drop(r, l->agent);
    mem_free(l->prefix);
    shift_close(&l->shift);
    mem_free(l);
    radio_tick_need(r);
}

struct listener *listener_next(const struct stream *s, struct listener_walk *walk) {
    while (walk->next != NULL || walk->slice < SLICES) {
        struct listener *l = walk->next != NULL ? walk->next : s->radio->slices[walk->slice++];
        walk->next = l != NULL ? l->next : NULL;
        if (l != NULL && l->stream == s)
            return l;
    }
    return NULL;
}

void listeners_close(struct stream *s) {
    struct listener_walk walk = {0};
    for (struct listener *l; (l = listener_next(s, &walk)) != NULL;)
        listener_close(l);
}

static void listener_drop_slow(struct listener *l) {
    l->stream->slow++;
    listener_close(l);
}

static void listener_ready(struct net_watch *w, uint32_t events) {
    struct listener *l = (struct listener *)((char *)w - offsetof(struct listener, watch));
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        listener_close(l);
        return;
    }
    if (l->half)
        return;
    l->half = true;
    l->half_sent = l->sent;
    slice_leave(l);
    slice_enter(l, l->stream->radio->slice);
}

// Its other side has ended: whether that only has nothing more to say, or is gone, the next byte that is sent will tell.
// So it does not wait a turn for one: of many that come and go, those who went would be most of all.
static bool is_gone_perhaps(const struct listener *l) {
    return l->half && l->sent == l->half_sent;
}

// ---- sending -----------------------------------------------------------------------------------------------------------

// How many bytes of both pieces went; -1: the listener is gone.
static ssize_t send_two(struct listener *l, struct str one, struct str two) {
    struct iovec pieces[2] = {{(void *)(uintptr_t)one.p, one.n}, {(void *)(uintptr_t)two.p, two.n}};
    struct msghdr message = {.msg_iov = one.n > 0 ? pieces : pieces + 1, .msg_iovlen = one.n > 0 && two.n > 0 ? 2 : 1};
    if (one.n > 0 && two.n == 0)
        message.msg_iov = pieces;
    ssize_t n = one.n + two.n > 0 ? sendmsg(l->watch.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (n > 0)
        l->moved_us = clock_mono_us();
    l->sent += (uint64_t)n;
    l->stream->bytes_out += (uint64_t)n;
    return n;
}

static struct str prefix_of(const struct listener *l) {
    return (struct str){(const char *)l->prefix + l->prefix_at, l->prefix_bytes - l->prefix_at};
}

// n bytes went, of the prefix first; what is left over is of what stood behind it.
static size_t prefix_sent(struct listener *l, size_t n) {
    size_t had = l->prefix_bytes - l->prefix_at, of_prefix = n < had ? n : had;
    l->prefix_at += (uint32_t)of_prefix;
    if (l->prefix != NULL && l->prefix_at == l->prefix_bytes) {
        mem_free(l->prefix);
        l->prefix = NULL;
        l->prefix_at = l->prefix_bytes = 0;
    }
    return n - of_prefix;
}

static void keep_rest(struct listener *l, struct str rest) {
    if (rest.n == 0)
        return;
    must(l->prefix == NULL);
    l->prefix = mem_new(rest.n);
    memcpy(l->prefix, rest.p, rest.n);
    l->prefix_bytes = (uint32_t)rest.n;
    l->prefix_at = 0;
}

// Of which a turn may have more than a socket takes at once: FLAC of 96 kHz and 24 bits has 500 KB. What is not measured yet
// may be such a one, by its format.
static bool is_large(const struct stream *s) {
    bool may_be_flac = s->setup->format == AUDIO_FLAC || s->setup->format == AUDIO_OGG;
    return s->kbps > 0 ? s->kbps > 512 : may_be_flac;
}

static size_t lag_limit(const struct stream *s) {
    return is_large(s) ? 2 * (size_t)LAG_BYTES : LAG_BYTES;
}

// Slow is who did not take what it could: a source that catches up gives more in a turn than anybody may be behind. False:
// the listener was given up.
static bool keeps_up(struct listener *l, const struct ring *ring) {
    bool lags = ring->head - l->cursor > lag_limit(l->stream);
    l->lagging_slices = lags ? l->lagging_slices + l->step : 0;
    if (l->lagging_slices < LAGGING_SLICES)
        return true;
    listener_drop_slow(l);
    return false;
}

// What it should hear next is no longer there.
static bool is_overtaken(const struct listener *l, const struct ring *ring) {
    return l->cursor < ring_oldest(ring);
}

// False: the listener was given up.
static bool serve_ring(struct listener *l, const struct ring *ring) {
    if (is_overtaken(l, ring)) {
        listener_drop_slow(l);
        return false;
    }
    struct str waiting = {ring_at(ring, l->cursor), (size_t)(ring->head - l->cursor)};
    ssize_t n = send_two(l, prefix_of(l), waiting);
    if (n < 0) {
        listener_close(l);
        return false;
    }
    l->cursor += prefix_sent(l, (size_t)n);
    return keeps_up(l, ring);
}

// ---- what is made for one alone ----------------------------------------------------------------------------------------

void sound_put(struct buf *out, uint32_t *left, struct str sound, struct str block) {
    while (left != NULL && sound.n >= *left) {
        buf_add(out, sound.p, *left);
        sound = str_slice(sound, *left, sound.n);
        *left = METAINT;
        buf_str(out, block);
    }
    buf_str(out, sound);
    if (left != NULL)
        *left -= (uint32_t)sound.n;
}

static void add_sound(struct listener *l, struct buf *out, struct str sound) {
    const struct stream *s = l->stream;
    sound_put(out, l->kind == LISTEN_ICY ? &l->title_in : NULL, sound, (struct str){s->block, s->block_bytes});
}

static void make_chunk(struct listener *l, struct buf *out) {
    const struct ring *ring = &l->stream->ring;
    uint64_t waiting = ring->head - l->cursor;
    size_t n = waiting < CHUNK_BYTES ? (size_t)waiting : CHUNK_BYTES;
    add_sound(l, out, (struct str){ring_at(ring, l->cursor), n});
    l->cursor += n;
}

static bool serve_made(struct listener *l) {
    if (is_overtaken(l, &l->stream->ring)) {
        listener_drop_slow(l);
        return false;
    }
    struct buf made;
    buf_init(&made, 4 * CHUNK_BYTES);
    if (l->prefix_bytes <= l->prefix_at + MADE_KEPT)
        make_chunk(l, &made);
    ssize_t n = send_two(l, prefix_of(l), buf_view(&made));
    if (n >= 0) {
        size_t had = l->prefix_bytes - l->prefix_at;
        size_t of_made = prefix_sent(l, (size_t)n);
        struct str rest = str_slice(buf_view(&made), of_made, made.n);
        if (had > (size_t)n && rest.n > 0) { // behind what is still there of the first
            struct str first = prefix_of(l);
            uint8_t *both = mem_new(first.n + rest.n);
            memcpy(both, first.p, first.n);
            memcpy(both + first.n, rest.p, rest.n);
            mem_free(l->prefix);
            l->prefix = both;
            l->prefix_bytes = (uint32_t)(first.n + rest.n);
            l->prefix_at = 0;
        } else
            keep_rest(l, rest);
    }
    buf_fini(&made);
    if (n < 0)
        listener_close(l);
    return n >= 0 && keeps_up(l, &l->stream->ring);
}

// ---- earlier sound -----------------------------------------------------------------------------------------------------

static bool serve_shift(struct listener *l) {
    ssize_t n = send_two(l, prefix_of(l), STR_NONE);
    if (n < 0) {
        listener_close(l);
        return false;
    }
    (void)prefix_sent(l, (size_t)n);
    if (l->prefix == NULL)
        shift_go_on(l->shift);
    return true;
}

void listener_earlier(struct listener *l, struct str sound) {
    keep_rest(l, sound);
    (void)serve_shift(l);
}

// ---- turns -------------------------------------------------------------------------------------------------------------

static const struct ring *ring_of(const struct listener *l) {
    return l->kind == LISTEN_SHIFT ? NULL : l->kind == LISTEN_ICY_RING ? &l->stream->icy : &l->stream->ring;
}

// What the socket did not take, and what came since. Of earlier sound no more is made than the socket takes: where some
// of it is left, there is as much as it could take.
static size_t waiting_of(const struct listener *l) {
    size_t left = l->prefix_bytes - l->prefix_at;
    const struct ring *ring = ring_of(l);
    return ring != NULL ? left + (size_t)(ring->head - l->cursor) : left > 0 ? MUCH_BYTES + 1 : 0;
}

// Most listeners are served once in a turn: a send costs more than its bytes. Who has more to take than a socket holds comes
// back sooner.
static void step_fit(struct listener *l, size_t waiting) {
    if (waiting > MUCH_BYTES && l->step / 2 >= STEP_LEAST)
        l->step /= 2;
    else if (waiting < LITTLE_BYTES)
        l->step = l->step < SLICES / 2 ? l->step * 2 : SLICES;
}

// The two clocks are those of the slice: a listener costs one send and no more. False: it is no more.
static bool serve(struct listener *l, int64_t now_us, int64_t onward_us) {
    size_t waiting = waiting_of(l);
    if (waiting > 0 && now_us - l->moved_us > STUCK_US) {
        listener_drop_slow(l);
        return false;
    }
    if (l->half && now_us - l->moved_us > HALF_US) {
        listener_close(l);
        return false;
    }
    if (waiting == 0)
        l->moved_us = l->half ? l->moved_us : now_us;
    step_fit(l, waiting);
    bool there = l->kind == LISTEN_SHIFT ? serve_shift(l)
                 : l->kind == LISTEN_ICY ? serve_made(l)
                                         : serve_ring(l, ring_of(l));
    if (there && onward_us - l->part_us >= PART_US)
        count_part(l);
    return there;
}

void listeners_turn(struct radio *r) {
    int64_t now_us = clock_mono_us(), onward_us = radio_onward_us();
    for (struct listener *l = r->slices[r->slice], *next; l != NULL; l = next) {
        next = l->next;
        if (!serve(l, now_us, onward_us))
            continue;
        unsigned step = is_gone_perhaps(l) ? 1 : l->step;
        if (step == SLICES) // here again
            continue;
        slice_leave(l);
        slice_enter(l, r->slice + step);
    }
    r->slice = (r->slice + 1) % SLICES;
}

// ---- joining -----------------------------------------------------------------------------------------------------------

static void add_line(struct buf *out, const char *name, struct str value) {
    if (value.n == 0)
        return;
    buf_fmt(out, "%s: ", name);
    for (size_t i = 0; i < value.n; i++) // nothing that would end the line
        buf_char(out, (unsigned char)value.p[i] < ' ' ? ' ' : value.p[i]);
    buf_c(out, "\r\n");
}

static void add_number(struct buf *out, const char *name, uint64_t n) {
    if (n > 0)
        buf_fmt(out, "%s: %llu\r\n", name, (unsigned long long)n);
}

// Of a stream that has no end: no length, no chunks, which old players and TuneIn cannot read.
static void write_head(struct buf *out, const struct stream *s, bool has_titles) {
    char date[HTTP_DATE_BYTES];
    uint32_t rate = s->setup->rate > 0 ? s->setup->rate : s->rate;
    http_date_put(date, clock_now_us());
    buf_fmt(out, "HTTP/1.0 200 OK\r\nServer: Siaran\r\nDate: %.*s\r\nConnection: close\r\n", HTTP_DATE_BYTES, date);
    add_line(out, "Content-Type", s->setup->media_type);
    buf_c(out, "Cache-Control: no-store\r\nPragma: no-cache\r\nX-Content-Type-Options: nosniff\r\n" CORS_LINES);
    add_line(out, "icy-name", words_name(s));
    add_line(out, "icy-description", words_description(s));
    add_line(out, "icy-genre", words_genre(s));
    add_line(out, "icy-url", words_url(s));
    buf_fmt(out, "icy-pub: %d\r\n", s->service->is_public ? 1 : 0);
    add_number(out, "icy-br", stream_kbps(s));
    add_number(out, "icy-sr", rate);
    add_line(out, "ice-audio-info", str_from(s->said.audio_info));
    if (has_titles)
        buf_fmt(out, "icy-metaint: %d\r\n", METAINT);
    buf_c(out, "\r\n");
}

// The rest of a frame that began earlier is given as an empty tag of ID3v2 (id3.org, ID3v2.4 structure, 3.1), which players
// step over: so the first sound is a whole frame, and the titles behind it stand where everybody's do.
static void write_filler(struct buf *out, uint32_t bytes) {
    static const char zeros[METAINT] = {0};
    if (bytes >= ID3_HEAD_BYTES) {
        uint32_t body = bytes - ID3_HEAD_BYTES;
        char head[ID3_HEAD_BYTES] = {'I', 'D', '3', 4, 0, 0};
        for (int i = 0; i < 4; i++)
            head[9 - i] = (char)(body >> (7 * i) & 0x7f);
        buf_add(out, head, sizeof head);
        bytes = body;
    }
    buf_add(out, zeros, bytes);
}

static bool place_live(struct listener *l, struct buf *first, bool titles) {
    struct stream *s = l->stream;
    size_t burst = s->setup->burst_bytes;
    struct icy_begin icy;
    struct begin begin;
    if (titles && s->has_icy_ring && stream_icy_begin(s, burst, &icy)) {
        write_filler(first, icy.tail);
        l->kind = LISTEN_ICY_RING;
        l->cursor = icy.at + icy.tail;
        return true;
    }
    if (!stream_begin(s, burst, &begin))
        return false;
    l->cursor = begin.at;
    l->kind = titles ? LISTEN_ICY : LISTEN_LIVE;
    l->title_in = METAINT;
    if (begin.headers != NULL)
        add_sound(l, first, (struct str){(const char *)begin.headers->bytes, begin.headers->n});
    return true;
}

// `place` was found (shift_find).
static bool place_earlier(struct listener *l, const struct client_job *place, bool is_off, bool titles) {
    l->kind = LISTEN_SHIFT;
    l->shift = shift_new(l, place, is_off, titles);
    return l->shift != NULL;
}

static void note_address(struct listener *l, const struct net_address *peer) {
    if (peer->sa.ss_family == AF_INET6)
        memcpy(l->ip, &((const struct sockaddr_in6 *)&peer->sa)->sin6_addr, 16);
    else if (peer->sa.ss_family == AF_INET) {
        l->ip[10] = l->ip[11] = 0xff;
        memcpy(l->ip + 12, &((const struct sockaddr_in *)&peer->sa)->sin_addr, 4);
    }
}

static void enter(struct listener *l, const struct taken *taken) {
    struct stream *s = l->stream;
    struct radio *r = s->radio;
    int bytes = SEND_BUFFER;
    l->watch = (struct net_watch){.fd = taken->fd, .ready = listener_ready};
    l->address = taken->address;
    int one = 1, idle_s = 30, gone_ms = 60000; // a peer that vanished without a word, also while nothing is sent
    (void)setsockopt(taken->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    (void)setsockopt(taken->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    (void)setsockopt(taken->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(taken->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &gone_ms, sizeof gone_ms);
    l->step = is_large(s) || s->kbps == 0 ? STEP_LEAST : SLICES; // 0: not measured yet
    slice_enter(l, r->slice + l->step - 1);
    s->joined++;
    r->listeners++;
    s->listeners++;
    stream_note_peak(s);
}

static bool is_full(const struct stream *s) {
    return s->setup->listeners_max > 0 && s->listeners >= s->setup->listeners_max;
}

// -1800, or 2026-11-23T13:00:00Z; 0: neither.
static int64_t read_moment(struct str at, int64_t now_us) {
    int64_t seconds, moment_us;
    if (at.n > 1 && at.n < 10 && at.p[0] == '-' && str_to_i64(at, &seconds))
        return now_us + seconds * US_PER_SECOND;
    char *plus = memchr(at.p, ' ', at.n); // forms write a space as '+', and +07:00 is one that was not escaped
    if (plus != NULL)
        *plus = '+';
    return clock_utc_parse(at, &moment_us) ? moment_us : 0;
}

static void show_head(struct ask *ask, const struct stream *s, bool titles) {
    struct buf *out = &ask->client->out;
    write_head(out, s, titles);
    ask->client->keep_alive = false;
}

// Somebody who hears the stream, not entered yet; `first` is what goes out before the sound. NULL: there is none for them.
// `place`: where earlier sound was found, or NULL.
static struct listener *listener_new(const struct ask *ask, struct stream *s, const struct client_job *place,
                                     bool titles, struct buf *first) {
    int64_t now_us = radio_now_us();
    struct listener *l = MEM_NEW(struct listener);
    struct str agent = ask_header(ask, "user-agent");
    l->stream = s;
    write_head(first, s, titles);
    bool is_off = s->active < 0 && radio_passed_us(s->off_since_us) > JOIN_OFF_AIR_US;
    if (!(place != NULL ? place_earlier(l, place, is_off, titles) : !is_off && place_live(l, first, titles))) {
        mem_free(l);
        return NULL;
    }
    l->id = random_u64() >> 11; // panels read it as a number of JavaScript
    l->since_us = l->part_us = radio_onward_us();
    l->moved_us = clock_mono_us();
    note_address(l, &ask->head->req.peer);
    sessions_meet(s->radio->sessions, &ask->head->req.peer, agent, now_us, &l->who);
    return l;
}

// Takes the connection over.
static void begin(struct ask *ask, struct listener *l, struct str first) {
    struct radio *r = l->stream->radio;
    l->agent = agent_keep(r, ask_header(ask, "user-agent"));
    keep_rest(l, first);
    struct taken taken = client_take(ask);
    mem_free(taken.rest); // a listener has nothing more to say
    enter(l, &taken);
    if (net_watch_add(r->loop, &l->watch, EPOLLRDHUP | EPOLLET) != RC_OK)
        listener_close(l);
    else {
        (void)serve(l, l->moved_us, l->since_us);
        radio_tick_need(r);
    }
}

void listener_join(struct ask *ask, struct stream *s) {
    struct radio *r = s->radio;
    int64_t now_us = radio_now_us(), at_us = 0;
    struct str at = ask_field(ask, "at");
    bool titles = s->setup->has_icy && str_eq(ask_header(ask, "icy-metadata"), STR("1"));
    if (at.n > 0 && (at_us = read_moment(at, now_us)) == 0) {
        client_refuse(ask, 400, NULL, "at is a moment like 2026-11-23T13:00:00Z, or seconds before now like -1800.");
        return;
    }
    if (is_full(s)) {
        client_refuse(ask, 503, "Retry-After: 30\r\n", "This stream has as many listeners as it may have.");
        return;
    }
    if (radio_is_full(r)) {
        r->refused_connections++;
        client_refuse(ask, 503, "Retry-After: 30\r\n", "The radio has as many listeners as it may have.");
        return;
    }
    const struct client_job *place = client_job(ask);
    if (place == NULL && at_us != 0 && at_us < now_us) {
        shift_find(ask, s, at_us);
        return;
    }
    struct buf first;
    buf_init(&first, 4 << 20);
    struct listener *l = listener_new(ask, s, place, titles, &first);
    if (l == NULL)
        client_refuse(ask, 503, "Retry-After: 5\r\n",
                      at_us != 0 ? "Nothing is kept from that moment on." : "This stream is not on the air.");
    else if (ask->is_head) {
        show_head(ask, s, titles);
        shift_close(&l->shift);
        mem_free(l);
    } else
        begin(ask, l, buf_view(&first));
    buf_fini(&first);
}

void mount_get(struct ask *ask) {
    listener_join(ask, ask->stream);
}

void mount_put(struct ask *ask) {
    struct stream *s = ask->stream;
    struct str type = ask_header(ask, "content-type");
    if (type.n > 0 && s->setup->format != AUDIO_OTHER && audio_format_of(type) != s->setup->format) {
        struct str sentence = str_fmt(ask->arena, "This mount plays %.*s; %.*s cannot feed it.",
                                      STR_ARG(s->setup->media_type), STR_ARG(utf8_cut(type, 100)));
        stream_note_refused(s, ask->source_index, SERVICE_REASON_TYPE, type, s->setup->media_type);
        client_refuse(ask, 415, NULL, sentence.p);
        return;
    }
    if (ask->head->req.method == HTTP_PUT && ask->head->has_length && ask->head->content_length == 0) {
        client_answer(ask, 200, NULL, "Cache-Control: no-store\r\n", STR("")); // somebody tries the password
        return;
    }
    source_begin(ask, s, ask->source_index);
}

int64_t listener_seconds(const struct listener *l) {
    return (radio_onward_us() - l->since_us) / US_PER_SECOND;
}

void listener_text(const struct listener *l, bool masked, char out[64]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *p = l->ip;
    if (memcmp(p, mapped, sizeof mapped) == 0)
        (void)snprintf(out, 64, "%u.%u.%u.%u", p[12], p[13], masked ? 0u : p[14], masked ? 0u : p[15]);
    else if (masked)
        (void)snprintf(out, 64, "%x:%x::", p[0] << 8 | p[1], p[2] << 8 | p[3]);
    else
        must(inet_ntop(AF_INET6, p, out, 64) != NULL);
}
