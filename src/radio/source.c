// SPDX-License-Identifier: AGPL-3.0-or-later
// A source: bytes that come from an encoder, a relay or a file, taken apart into pieces. Only the one that its stream chose
// is heard; the others are listened to as well, so that each can take over in the middle of a sentence.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "radio/inside.h"

enum {
    SILENT_BYTES_MS = 10000,       // a connection that says nothing for so long is over
    AHEAD_US = 10 * US_PER_SECOND, // what sends more than the clock allows waits
    AHEAD_AGAIN_US = 9 * US_PER_SECOND,
    NOISE_BYTES = 512 << 10, // without a piece among them
    WAITING_BYTES = 1 << 20,
    TRIAL_US = 3 * US_PER_SECOND, // at least, in which one that stalled shows that it keeps pace
    TRIAL_DOUBLED = 8,            // times at most: where it falls behind again and again
    TRIAL_PARTS = 200,            // of a trial, that it may lack at its end, and
    JITTER_US = US_PER_SECOND / 4,
    PACE_US =
        US_PER_SECOND, // so far behind the clock a trial is over at once; half of the stall limit where that is less
    SLOWER_PARTS = 50, // of what it lacks: an encoder's clock may be slow
    FASTER_PARTS = 1000,
    HEARD_AGAIN_US = 2 * US_PER_SECOND, // of sound, and a silence is over
    PAUSE_US = US_PER_SECOND            // longer than one in speech
};

#define WELL_US (3600 * (int64_t)US_PER_SECOND) // without a stall, and earlier ones are forgotten

struct source *source_new(struct stream *s, unsigned index) {
    struct source *source = MEM_NEW(struct source);
    source->stream = s;
    source->index = index;
    source->kind = s->setup->sources[index].kind;
    source->watch.fd = -1;
    source->scanner = audio_scanner_new(s->setup->format);
    source->came_us = source->heard_us = source->lead_at_us = clock_mono_us();
    buf_init(&source->waiting, WAITING_BYTES);
    buf_init(&source->plain, WAITING_BYTES);
    return source;
}

void source_close(struct source **ref, const char *why) {
    struct source *source = *ref;
    if (source == NULL)
        return;
    struct stream *s = source->stream;
    *ref = NULL;
    if (why[0] != '\0')
        log_info("%s: source %.*s is gone: %s", s->name, STR_ARG(s->setup->sources[source->index].name), why);
    if (source->watch.fd >= 0) {
        net_watch_remove(s->radio->loop, &source->watch);
        close(source->watch.fd);
    }
    net_timer_clear(s->radio->loop, &source->timer);
    source_file_close(source);
    source_relay_close(source);
    audio_scanner_free(&source->scanner);
    headers_drop(&source->headers);
    buf_fini(&source->waiting);
    buf_fini(&source->plain);
    mem_free(source->title_memory);
    mem_free(source->url_memory);
    mem_free(source);
}

bool source_plays(const struct source *source) {
    const struct stream *s = source->stream;
    return s->active == (int)source->index && !newcomer_waits(source);
}

// Its place in the stream is empty afterwards, or who waited has it, and somebody else plays.
static void source_lose(struct source *source, const char *why) {
    struct stream *s = source->stream;
    unsigned index = source->index;
    source_close(newcomer_waits(source) ? &s->newcomers[index] : &s->sources[index], why);
    newcomer_check(s, index, clock_mono_us());
    stream_choose(s);
}

struct service_refusal stream_refusal(const struct stream *s) {
    return (struct service_refusal){.reason = s->refusal.reason,
                                    .source = str_from(s->refusal.source),
                                    .is = str_from(s->refusal.is),
                                    .should = str_from(s->refusal.should)};
}

static void text_put(char *out, size_t size, struct str text) {
    (void)snprintf(out, size, "%.*s", STR_ARG(utf8_cut(text, size - 1)));
}

// A source that tries again and again is refused each time; it is said when it is new.
void stream_note_refused(struct stream *s, unsigned source, enum service_reason reason, struct str is,
                         struct str should) {
    struct service_refusal before = stream_refusal(s);
    struct refusal now = {.reason = reason};
    text_put(now.source, sizeof now.source, s->setup->sources[source].name);
    text_put(now.is, sizeof now.is, is);
    text_put(now.should, sizeof now.should, should);
    bool is_known = s->refused_us != 0 && clock_mono_us() - s->refused_us < REFUSED_US && before.reason == reason &&
                    str_eq(before.source, str_from(now.source)) && str_eq(before.is, str_from(now.is)) &&
                    str_eq(before.should, str_from(now.should));
    s->refused++;
    s->refused_us = clock_mono_us();
    if (is_known)
        return;
    s->refusal = now;
    struct arena *a = arena_new(1 << 14);
    struct service_refusal told = stream_refusal(s);
    log_warn("%s: %.*s", s->name, STR_ARG(service_refusal_text(a, &told)));
    arena_free(&a);
    radio_changed(s);
}

// ---- titles ------------------------------------------------------------------------------------------------------------

void source_title(struct source *source, struct str typed, struct str url, struct str charset) {
    struct arena *a = arena_new(1 << 16);
    struct stream *s = source->stream;
    struct str title = audio_title(a, typed, charset.n > 0 ? charset : s->setup->charset);
    text_keep(&source->title, &source->title_memory, title);
    text_keep(&source->url, &source->url_memory, url);
    arena_free(&a);
    if (source_plays(source))
        stream_title(s, source->title, source->url);
}

// ---- pieces ------------------------------------------------------------------------------------------------------------

// How far its sound is ahead of the clock. Clocks differ a little: what is ahead melts away, what lacks is made up slowly.
static void lead_pass(struct source *source, int64_t now_us) {
    int64_t passed = now_us - source->lead_at_us;
    source->lead_at_us = now_us;
    if (source->lead_us > US_PER_SECOND / 2)
        passed += passed / FASTER_PARTS;
    else if (source->lead_us < 0)
        passed -= passed / SLOWER_PARTS;
    source->lead_us -= passed;
}

static struct pace *pace_of(const struct source *source) {
    return &source->stream->paces[source->index];
}

static bool fell_behind_lately(const struct source *source, int64_t now_us) {
    const struct pace *pace = pace_of(source);
    return pace->stalls > 0 && now_us - pace->stalled_us < WELL_US;
}

static void count_sound(struct source *source, const struct audio_piece *piece) {
    int64_t now_us = clock_mono_us();
    int64_t lasts = piece_lasts_us(piece);
    bool begins = source->delivered_us == 0;
    if (begins) { // one that was too slow is not trusted for connecting anew
        source->is_stalled = fell_behind_lately(source, now_us);
        source->trial_from_us = 0;
        source->began_us = now_us;
    }
    bool is_tried = source->is_stalled && source->trial_from_us == 0;
    if (is_tried)
        source->trial_from_us = now_us;
    if (begins || is_tried) {
        source->lead_us = 0;
        source->lead_at_us = now_us;
    }
    lead_pass(source, now_us);
    source->sound_us = now_us;
    // Sound of no known length is there when it comes. A page may also have none because the next one has it.
    source->lead_us = source->stream->setup->format == AUDIO_OTHER ? 0 : source->lead_us + lasts;
    source->delivered_us += lasts > 0 ? lasts : 1;
}

static void listen_for_silence(struct source *source, const struct audio_piece *piece) {
    if (!audio_is_silent(source->stream->setup->format, piece->level)) {
        source->quiet_since_us = 0;
        source->loud_us += piece_lasts_us(piece);
        return;
    }
    int64_t now_us = clock_mono_us();
    if (source->quiet_since_us == 0)
        source->quiet_since_us = now_us;
    if (now_us - source->quiet_since_us >= PAUSE_US)
        source->loud_us = 0;
}

// A click in a silence does not end it.
static void silence_look(struct source *source, int64_t now_us) {
    int64_t limit_us = source->stream->setup->silence_s * (int64_t)US_PER_SECOND;
    bool begins = limit_us > 0 && source->quiet_since_us != 0 && now_us - source->quiet_since_us >= limit_us;
    if (begins)
        source->loud_us = 0;
    source->is_silent = begins || (limit_us > 0 && source->is_silent && source->loud_us < HEARD_AGAIN_US);
}

// Of ADTS the header may say half of what is heard (HE-AAC: ISO 14496-3, 1.6.5.2); blocks of WebM are timed otherwise.
bool rate_fits(enum audio_format format, uint32_t heard, uint32_t wanted) {
    return wanted == 0 || heard == 0 || heard == wanted || format == AUDIO_WEBM ||
           (format == AUDIO_AAC && heard * 2 == wanted);
}

// Where the stream does not say, the main source does: what falls back must sound like it.
static uint32_t rate_wanted(const struct stream *s) {
    return s->setup->rate > 0 ? s->setup->rate : s->main_rate;
}

static bool rate_is(const struct source *source, uint32_t rate) {
    const struct stream *s = source->stream;
    bool may_be_any = s->setup->rate == 0 && source->index == 0;
    return may_be_any || rate_fits(s->setup->format, rate, rate_wanted(s));
}

// One file may hold chains of Ogg that are coded otherwise, but most players go on with the decoder of the first.
static bool codec_is(const struct source *source, const char *codec) {
    const char *wanted = source->stream->main_codec;
    return source->index == 0 || codec == NULL || wanted[0] == '\0' || strcmp(codec, wanted) == 0;
}

bool source_sound_is(const struct source *source, uint32_t rate, const char *codec) {
    return codec_is(source, codec) && rate_is(source, rate);
}

static bool rate_ok(struct source *source, uint32_t rate) {
    struct stream *s = source->stream;
    char is[16], should[16];
    if (rate_is(source, rate))
        return true;
    (void)snprintf(is, sizeof is, "%u", rate);
    (void)snprintf(should, sizeof should, "%u", rate_wanted(s));
    stream_note_refused(s, source->index, SERVICE_REASON_RATE, str_from(is), str_from(should));
    return false;
}

static bool codec_ok(struct source *source, const char *codec) {
    struct stream *s = source->stream;
    if (codec_is(source, codec))
        return true;
    stream_note_refused(s, source->index, SERVICE_REASON_TYPE, str_from(codec), str_from(s->main_codec));
    return false;
}

const char *source_codec(const struct source *source) {
    struct audio_chain chain;
    audio_chain_of(source->scanner, &chain);
    return chain.codec;
}

const char *source_refused_why(const struct source *source) {
    return service_reason_text(source->stream->refusal.reason);
}

// Of sound the codec is known, if not by a name. A chain's first pages may be of something else.
static const char *piece_codec(const struct source *source, const struct audio_piece *piece) {
    const char *codec = source_codec(source);
    bool is_unnamed = codec == NULL && source->stream->setup->format == AUDIO_OGG && piece->kind == AUDIO_SOUND;
    return is_unnamed ? "another codec" : codec;
}

bool source_piece_fits(struct source *source, const struct audio_piece *piece) {
    return codec_ok(source, piece_codec(source, piece)) &&
           (piece->kind == AUDIO_HEADER || rate_ok(source, piece->rate));
}

void source_note_heard(const struct source *source, const struct audio_piece *piece) {
    struct stream *s = source->stream;
    const char *codec = piece_codec(source, piece);
    if (source->index != 0 || piece->kind == AUDIO_HEADER)
        return;
    if (piece->rate > 0)
        s->main_rate = piece->rate;
    if (codec != NULL)
        (void)snprintf(s->main_codec, sizeof s->main_codec, "%s", codec);
}

static bool take_piece(struct source *source, const struct audio_piece *piece) {
    struct stream *s = source->stream;
    source->noise_at = audio_noise(source->scanner);
    if (!source_piece_fits(source, piece)) {
        source_lose(source, source_refused_why(source));
        return false;
    }
    if (piece->kind == AUDIO_HEADER)
        headers_take(&source->headers, piece);
    else {
        if (newcomer_waits(source) && !piece->may_begin)
            return true;
        if (newcomer_waits(source))
            newcomer_take_over(source);
        count_sound(source, piece);
        listen_for_silence(source, piece);
        if (!source_plays(source))
            stream_choose(s);
    }
    if (source_plays(source)) {
        source_note_heard(source, piece);
        stream_publish(s, piece);
    }
    // Behind the headers: a title belongs to the chain that they begin.
    if (piece->has_title)
        source_title(source, piece->title, STR(""), STR("UTF-8"));
    return true;
}

bool source_feed(struct source *source, const void *p, size_t n) {
    struct str view = {p, n};
    bool kept = source->waiting.n > 0;
    source->bytes += n;
    if (kept) {
        buf_add(&source->waiting, p, n);
        view = buf_view(&source->waiting);
    }
    for (;;) {
        struct audio_piece piece;
        size_t used = audio_scan(source->scanner, view, &piece);
        if (used == 0)
            break;
        if (piece.bytes.n > 0 && !take_piece(source, &piece))
            return false;
        view = str_slice(view, used, view.n);
    }
    if (audio_noise(source->scanner) - source->noise_at > NOISE_BYTES) {
        stream_note_refused(source->stream, source->index, SERVICE_REASON_NOISE, STR_NONE, STR_NONE);
        source_lose(source, service_reason_text(SERVICE_REASON_NOISE));
        return false;
    }
    if (kept) {
        memmove(source->waiting.p, view.p, view.n);
        source->waiting.n = view.n;
    } else
        buf_add(&source->waiting, view.p, view.n);
    must(!source->waiting.failed);
    return true;
}

// ---- health ------------------------------------------------------------------------------------------------------------

bool source_is_aloud(const struct source *source) {
    return !source->stream->setup->silence_falls_back || !source->is_silent;
}

bool source_may_play(const struct source *source) {
    if (source->kind == SERVICE_FILE)
        return source_file_is_there(source);
    if (source->delivered_us == 0 || source->is_stalled)
        return false;
    return source_is_aloud(source);
}

bool source_limps(const struct source *source, int64_t now_us) {
    return source->kind != SERVICE_FILE && source->delivered_us > 0 &&
           (!source->is_stalled || now_us - source->sound_us < (int64_t)source->stream->setup->stall_ms * 1000);
}

// A cable that was cut is no slow line: only one that goes on giving too little is held against it.
static void stall_begins(struct source *source, int64_t now_us) {
    const struct stream *s = source->stream;
    struct pace *pace = pace_of(source);
    source->is_stalled = true;
    source->trial_from_us = 0;
    bool is_slow = source_limps(source, now_us);
    if (is_slow) {
        pace->stalls = fell_behind_lately(source, now_us) ? pace->stalls + 1 : 1;
        pace->stalled_us = now_us;
    }
    log_warn("%s: source %.*s %s", s->name, STR_ARG(s->setup->sources[source->index].name),
             is_slow ? "gives less sound than it should" : "gives no sound");
    radio_changed(source->stream);
}

static int64_t trial_lasts_us(const struct source *source) {
    int64_t stall_us = (int64_t)source->stream->setup->stall_ms * 1000;
    unsigned stalls = pace_of(source)->stalls, doubled = stalls > 0 ? stalls - 1 : 0;
    return (stall_us > TRIAL_US ? stall_us : TRIAL_US) << (doubled < TRIAL_DOUBLED ? doubled : TRIAL_DOUBLED);
}

// Back for good, or behind again: then the next sound begins another trial. Each time that it was too slow makes it longer,
// so that a line that is a little too slow does not take listeners back and forth.
static void trial_look(struct source *source, int64_t now_us) {
    const struct stream *s = source->stream;
    int64_t stall_us = (int64_t)s->setup->stall_ms * 1000, lasts = trial_lasts_us(source);
    int64_t lacks = -source->lead_us;
    if (source->trial_from_us == 0)
        return;
    bool is_over = now_us - source->trial_from_us >= lasts;
    if (lacks > (stall_us / 2 < PACE_US ? stall_us / 2 : PACE_US) ||
        (is_over && lacks > lasts / TRIAL_PARTS + JITTER_US))
        source->trial_from_us = 0;
    else if (is_over) {
        source->is_stalled = false;
        log_info("%s: source %.*s keeps pace again", s->name, STR_ARG(s->setup->sources[source->index].name));
        radio_changed(source->stream);
    }
}

static void pause_or_go_on(struct source *source) {
    const struct stream *s = source->stream;
    int64_t ahead = source_plays(source) ? stream_ahead_us(s) : 0;
    if (ahead < source->lead_us) // what was published before it came counts too
        ahead = source->lead_us;
    bool pause = ahead > (source->paused ? AHEAD_AGAIN_US : AHEAD_US);
    if (pause == source->paused || source->watch.fd < 0)
        return;
    source->paused = pause;
    net_watch_change(source->stream->radio->loop, &source->watch, pause ? 0 : EPOLLIN);
}

void source_check(struct source *source, int64_t now_us) {
    struct stream *s = source->stream;
    if (source->kind == SERVICE_FILE)
        return;
    lead_pass(source, now_us);
    silence_look(source, now_us);
    if (source->is_stalled)
        trial_look(source, now_us);
    else if (source->delivered_us > 0 && source->lead_us < -(int64_t)s->setup->stall_ms * 1000)
        stall_begins(source, now_us);
    int64_t worst = -(int64_t)s->setup->stall_ms * 1000 - AHEAD_US; // no need to know more
    if (source->lead_us < worst)
        source->lead_us = worst;
    pause_or_go_on(source);
}

// Of what plays, or would play if it were heard.
void stream_check_silence(struct stream *s) {
    bool silent = false;
    for (int i = 0; i < (int)s->setup->source_count && (s->active < 0 || i <= s->active); i++)
        if (s->sources[i] != NULL && !s->sources[i]->is_stalled && s->sources[i]->is_silent)
            silent = true;
    if (silent == s->alarm_silent)
        return;
    s->alarm_silent = silent;
    log_warn("%s is %s", s->name, silent ? "silent, or a source of it that should play" : "heard again");
    radio_changed(s);
}

// ---- the connection ----------------------------------------------------------------------------------------------------

static struct source *of_timer(struct net_timer *t) {
    return (struct source *)((char *)t - offsetof(struct source, timer));
}

static void silence_due(struct net_timer *t) {
    struct source *source = of_timer(t);
    int64_t left_ms = SILENT_BYTES_MS - (clock_mono_us() - source->heard_us) / 1000;
    if (source->paused || left_ms > 0)
        net_timer_set(source->stream->radio->loop, t, source->paused ? SILENT_BYTES_MS : left_ms);
    else if (!source_relay_ended(source, "it sent nothing for ten seconds"))
        source_lose(source, "it sent nothing for ten seconds");
}

// The answer to a body that had an end, so that a client that waits for it is content.
static void answer_end(const struct source *source) {
    static const char done[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (source->is_chunked || source->has_length)
        (void)send(source->watch.fd, done, sizeof done - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// False: the source is no more.
static bool take_chunked(struct source *source, const char *p, size_t n) {
    size_t used;
    buf_clear(&source->plain);
    enum chunked_result result = chunked_feed(&source->chunked, p, n, &source->plain, &used);
    if (source->plain.n > 0 && !source_feed(source, source->plain.p, source->plain.n))
        return false;
    if (result == CHUNKED_MORE)
        return true;
    if (result == CHUNKED_DONE)
        answer_end(source);
    source_lose(source, result == CHUNKED_DONE ? "it ended" : "its chunks are damaged");
    return false;
}

static bool take_bytes(struct source *source, const char *p, size_t n) {
    if (source->relay != NULL)
        return source_relay_feed(source, p, n);
    if (source->is_chunked)
        return take_chunked(source, p, n);
    if (source->has_length && n > source->length_left)
        n = (size_t)source->length_left;
    if (n > 0 && !source_feed(source, p, n))
        return false;
    if (source->has_length && (source->length_left -= n) == 0) {
        answer_end(source);
        source_lose(source, "it ended");
        return false;
    }
    return true;
}

static void source_ready(struct net_watch *w, uint32_t events) {
    struct source *source = (struct source *)((char *)w - offsetof(struct source, watch));
    struct radio *r = source->stream->radio;
    (void)events;
    if (source->paused && (events & (EPOLLHUP | EPOLLERR)) == 0)
        return;
    ssize_t n = recv(w->fd, r->read, sizeof r->read, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        const char *why = n == 0 ? "it hung up" : strerror(errno);
        if (!source_relay_ended(source, why))
            source_lose(source, why);
        return;
    }
    source->heard_us = clock_mono_us();
    if (take_bytes(source, r->read, (size_t)n))
        pause_or_go_on(source);
}

void source_adopt_fd(struct source *source, int fd, const char *already, size_t n) {
    struct radio *r = source->stream->radio;
    source->watch.fd = fd;
    source->watch.ready = source_ready;
    source->heard_us = clock_mono_us();
    source->timer.due = silence_due;
    net_timer_set(r->loop, &source->timer, SILENT_BYTES_MS);
    if (net_watch_add(r->loop, &source->watch, EPOLLIN) != RC_OK) {
        close(fd);
        source->watch.fd = -1;
        source_lose(source, "no more connections can be watched");
    } else if (n > 0)
        (void)take_bytes(source, already, n);
}

static void copy_header(char *out, size_t room, struct str value) {
    value = utf8_cut(value, room - 1);
    memcpy(out, value.n > 0 ? value.p : "", value.n);
    out[value.n] = '\0';
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
            out[i] = ' ';
}

static void note_headers(struct source *source, const struct ask *ask) {
    said_read(ask, source->stream->setup->charset, &source->said);
    copy_header(source->agent, sizeof source->agent, ask_header(ask, "user-agent"));
    struct str peer = net_address_text(ask->arena, &ask->head->req.peer);
    copy_header(source->peer, sizeof source->peer, peer);
}

static bool send_all(int fd, const char *text) {
    size_t n = strlen(text);
    return send(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n;
}

// What encoders of each kind wait for (streaming reference 1.1): SOURCE an answer of HTTP/1.0 and nothing else; PUT with
// Expect a 100 first, and where the body has no end of its own the 200 at once, as Icecast 2.4 sends it.
static bool answer_begin(int fd, const struct request_head *head, bool has_end) {
    if (head->expect_continue && head->req.minor > 0 && !send_all(fd, "HTTP/1.1 100 Continue\r\n\r\n"))
        return false;
    return has_end || send_all(fd, "HTTP/1.0 200 OK\r\n\r\n");
}

void source_begin(struct ask *ask, struct stream *s, unsigned index) {
    const struct request_head *head = ask->head;
    struct source *source = source_new(s, index);
    bool is_put = !str_eq(head->method_text, STR("SOURCE"));
    source->is_chunked = is_put && head->chunked;
    source->has_length = is_put && head->has_length && head->content_length > 0;
    source->length_left = head->content_length;
    note_headers(source, ask);
    bool answered = answer_begin(ask->client->watch.fd, head, source->is_chunked || source->has_length);
    struct taken taken = client_take(ask);
    s->source_connects++;
    log_info("%s: source %.*s connected from %s with %s", s->name, STR_ARG(s->setup->sources[index].name), source->peer,
             source->agent[0] != '\0' ? source->agent : "an unnamed encoder");
    newcomer_come(source);
    radio_connection_over(s->radio, taken.address); // encoders do not count as listeners do
    if (answered)
        source_adopt_fd(source, taken.fd, taken.rest, taken.rest_bytes);
    else {
        close(taken.fd);
        source_lose(source, "it did not wait for the answer");
    }
    mem_free(taken.rest);
}
