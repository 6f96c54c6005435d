// SPDX-License-Identifier: AGPL-3.0-or-later
// A stream: whoever feeds it, its listeners hear one queue. What is published goes into the ring, into the ring with titles
// between, and to the log; where a listener may begin is remembered.
#include "radio/inside.h"

enum {
    BEHIND_US = 2 * US_PER_SECOND, // sound that comes later than that follows lost time ...
    FILLS_US = 15 * US_PER_SECOND, // ... but a file makes up for it, while HLS waits for what comes late: 20 s (hls.c)
    SLEW_FROM_US = US_PER_SECOND / 2,
    SLEW_PARTS = 1000, // of each piece: what the encoder's clock and ours may differ in
    RETURN_US = US_PER_SECOND,
    BREAK_US = US_PER_SECOND,           // differ by that much, and it is no slewing
    PIECE_US_MAX = 5 * US_PER_SECOND,   // a page or a block; what says more is a jump of an encoder's clock
    CLOCK_JUMP_US = 20 * US_PER_SECOND, // no source gets so far ahead
    PUT_BACK_US = 60 * US_PER_SECOND,
    OLD_US = 30 * US_PER_SECOND, // nobody begins with sound from before so long a silence
    BIT_SECONDS = 5
};

// The wall clock, but one that does not go back by less than a minute: sound that has a moment keeps it, and what paces
// itself by the clock would stand still for as long as it was set back. It is waited for by going a thousandth slower. A
// clock that is put back by more had been wrong, and is followed: what is stamped by it could not be found for that long.
static int64_t put_back_us; // all in all
int64_t radio_now_us(void) {
    static int64_t told_us, told_mono_us; // the loop's thread alone asks
    int64_t wall_us = clock_now_us(), mono_us = clock_mono_us(), passed = mono_us - told_mono_us;
    int64_t go_on_us = told_us + passed - passed / SLEW_PARTS;
    bool is_put_back = go_on_us - wall_us > PUT_BACK_US;
    put_back_us += is_put_back ? go_on_us - wall_us : 0;
    told_us = wall_us > go_on_us || is_put_back ? wall_us : go_on_us;
    told_mono_us = mono_us;
    return told_us;
}

int64_t radio_onward_us(void) {
    int64_t now_us = radio_now_us();
    return now_us + put_back_us;
}

int64_t radio_passed_us(int64_t since_us) {
    int64_t now_us = radio_now_us();
    return now_us > since_us ? now_us - since_us : 0;
}

// ---- headers of a chain ------------------------------------------------------------------------------------------------

struct headers *headers_ref(struct headers *h) {
    if (h != NULL)
        h->references++;
    return h;
}

void headers_drop(struct headers **h) {
    if (*h != NULL && --(*h)->references == 0)
        mem_free(*h);
    *h = NULL;
}

// Headers are never changed once a listener may have them: each piece makes new ones. A chain has three at most.
static void headers_add(struct headers **h, struct str bytes, bool is_first) {
    size_t before = is_first || *h == NULL ? 0 : (*h)->n;
    struct headers *fresh = mem_new(sizeof *fresh + before + bytes.n);
    fresh->references = 1;
    fresh->n = before + bytes.n;
    if (before > 0)
        memcpy(fresh->bytes, (*h)->bytes, before);
    memcpy(fresh->bytes + before, bytes.p, bytes.n);
    headers_drop(h);
    *h = fresh;
}

void headers_take(struct headers **h, const struct audio_piece *piece) {
    enum { CHAIN_BYTES = 1 << 20 };
    if (piece->is_first || *h == NULL || (*h)->n + piece->bytes.n <= CHAIN_BYTES)
        headers_add(h, piece->bytes, piece->is_first);
}

// ---- making and ending -------------------------------------------------------------------------------------------------

static void build_block(struct stream *s) {
    s->block_bytes = audio_icy_block(s->title, s->url, s->block);
}

static void begins_forget(struct stream *s) {
    for (size_t i = 0; i < s->begin_count; i++)
        headers_drop(&s->begins[(s->begin_first + i) % BEGINS].headers);
    s->begin_count = s->icy_begin_count = 0;
}

struct stream *stream_new(struct radio *r, const struct service *service, const struct service_stream *setup) {
    struct stream *s = MEM_NEW(struct stream);
    struct problem problem = {""};
    s->radio = r;
    s->id = random_u64();
    s->service = service;
    s->setup = setup;
    s->active = -1;
    s->icy_left = METAINT;
    s->off_since_us = radio_now_us();
    (void)snprintf(s->name, sizeof s->name, "%.*s", STR_ARG(setup->name));
    s->has_icy_ring = setup->format == AUDIO_MPEG || setup->format == AUDIO_AAC;
    enum rc rc = ring_open(&s->ring, RING_BYTES, &problem);
    if (rc == RC_OK && s->has_icy_ring)
        rc = ring_open(&s->icy, RING_BYTES, &problem);
    if (rc != RC_OK) {
        log_error("%s: %s", s->name, problem.text);
        ring_close(&s->ring);
        mem_free(s);
        return NULL;
    }
    build_block(s);
    s->keep = keep_open(r->keeper, s->name, setup->format);
    return s;
}

void stream_free(struct stream **s_ref) {
    struct stream *s = *s_ref;
    *s_ref = NULL;
    for (unsigned i = 0; i < SERVICE_SOURCES_MAX; i++) {
        source_close(&s->sources[i], "the stream was taken away");
        source_close(&s->newcomers[i], "the stream was taken away");
    }
    listeners_close(s);
    hls_listeners_close(s);
    begins_forget(s);
    headers_drop(&s->headers);
    headers_drop(&s->heard);
    keep_close(&s->keep);
    ring_close(&s->ring);
    ring_close(&s->icy);
    mem_free(s->title_memory);
    mem_free(s->url_memory);
    mem_free(s);
}

struct stream *stream_of_mount(struct radio *r, struct str mount) {
    for (struct stream *s = r->streams; s != NULL; s = s->next)
        if (str_eq(s->setup->mount, mount))
            return s;
    return NULL;
}

struct stream *stream_of_name(struct radio *r, struct str name) {
    for (struct stream *s = r->streams; s != NULL; s = s->next)
        if (str_eq(s->setup->name, name))
            return s;
    return NULL;
}

// ---- titles ------------------------------------------------------------------------------------------------------------

void text_keep(struct str *to, char **memory, struct str text) {
    char *fresh = mem_new(text.n + 1);
    memcpy(fresh, text.n > 0 ? text.p : "", text.n);
    mem_free(*memory);
    *memory = fresh;
    *to = (struct str){fresh, text.n};
}

void stream_title(struct stream *s, struct str title, struct str url) {
    if (str_eq(title, s->title) && str_eq(url, s->url))
        return;
    text_keep(&s->title, &s->title_memory, title);
    text_keep(&s->url, &s->url_memory, url);
    s->title_since_us = radio_now_us();
    build_block(s);
    keep_title(s->keep, s->title, s->next_us != 0 ? s->next_us : s->title_since_us);
    radio_changed(s);
}

// ---- publishing --------------------------------------------------------------------------------------------------------

// Of sound that does not say how long it lasts nothing is known but where it begins.
static bool goes_on(const struct begin *a, const struct begin *b) {
    int64_t lost_us = b->moment_us - a->moment_us - (b->sound_us - a->sound_us);
    return a->sound_us == b->sound_us || (lost_us < BREAK_US && lost_us > -BREAK_US);
}

static void note_begin(struct stream *s, int64_t moment_us) {
    const struct begin *newest = &s->begins[(s->begin_first + s->begin_count + BEGINS - 1) % BEGINS];
    struct begin fresh = {.at = s->ring.head, .headers = s->headers, .moment_us = moment_us, .sound_us = s->sound_us};
    bool is_near = s->begin_count > 0 && newest->headers == fresh.headers && fresh.at - newest->at < BEGIN_STEP;
    if (is_near && goes_on(newest, &fresh))
        return;
    if (s->begin_count == BEGINS) {
        headers_drop(&s->begins[s->begin_first].headers);
        s->begin_first = (s->begin_first + 1) % BEGINS;
        s->begin_count--;
    }
    (void)headers_ref(fresh.headers);
    s->begins[(s->begin_first + s->begin_count++) % BEGINS] = fresh;
}

static void note_icy_begin(struct stream *s, uint32_t tail) {
    if (s->icy_begin_count == ICY_BEGINS) {
        s->icy_begin_first = (s->icy_begin_first + 1) % ICY_BEGINS;
        s->icy_begin_count--;
    }
    s->icy_begins[(s->icy_begin_first + s->icy_begin_count++) % ICY_BEGINS] =
        (struct icy_begin){.at = s->icy.head, .tail = tail};
}

// Every METAINT bytes of sound a title, and behind it a listener may begin.
static void publish_icy(struct stream *s, struct str bytes) {
    while (bytes.n >= s->icy_left) {
        ring_add(&s->icy, bytes.p, s->icy_left);
        ring_add(&s->icy, s->block, s->block_bytes);
        bytes = str_slice(bytes, s->icy_left, bytes.n);
        s->icy_left = METAINT;
        note_icy_begin(s, (uint32_t)bytes.n);
    }
    ring_add(&s->icy, bytes.p, bytes.n);
    s->icy_left -= (uint32_t)bytes.n;
}

// As people name it: a constant bitrate wobbles a little when it is measured.
static uint32_t kbps_named(uint32_t measured) {
    static const uint32_t steps[] = {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (measured * 25 >= steps[i] * 24 && measured * 25 <= steps[i] * 26) // 4 %
            return steps[i];
    return measured;
}

int64_t piece_lasts_us(const struct audio_piece *piece) {
    int64_t us = piece->rate > 0 ? (int64_t)piece->samples * US_PER_SECOND / piece->rate : 0;
    return us <= PIECE_US_MAX ? us : 0;
}

static void measure_anew(struct stream *s) {
    s->bit_bytes = 0;
    s->bit_us = s->bit_lasts_us = 0;
}

// Of as much sound as plays for some seconds, however fast it came; of sound of no known length by the clock.
static void measure_bits(struct stream *s, const struct audio_piece *piece) {
    int64_t now_us = clock_mono_us();
    if (s->bit_us == 0)
        s->bit_us = now_us;
    s->bit_bytes += piece->bytes.n;
    s->bit_lasts_us += piece_lasts_us(piece);
    int64_t lasts = s->bit_lasts_us > 0 ? s->bit_lasts_us : now_us - s->bit_us;
    if (lasts < BIT_SECONDS * US_PER_SECOND)
        return;
    s->kbps = kbps_named((uint32_t)((int64_t)s->bit_bytes * 8000 / lasts));
    measure_anew(s);
}

// Sound follows sound by its own length; ours and the encoder's clock are brought together a thousandth at a time. Where
// time was lost, sound goes on now, and the log says so.
static int64_t next_moment(struct stream *s, const struct audio_piece *piece) {
    int64_t now_us = radio_now_us(), lasts = piece_lasts_us(piece), ahead = s->next_us - now_us;
    bool is_file = s->active >= 0 && s->setup->sources[s->active].kind == SERVICE_FILE;
    if (s->next_us == 0 || ahead < -(is_file ? FILLS_US : BEHIND_US) || ahead > CLOCK_JUMP_US) {
        if (s->next_us != 0) {
            keep_mark(s->keep, AUDIO_LOG_GAP);
            radio_changed(s); // who listens is told where sound goes on
        }
        if (ahead < -OLD_US)
            begins_forget(s);
        s->next_us = now_us;
        ahead = 0;
    }
    int64_t moment = s->next_us;
    if (piece->samples == 0)
        s->next_us = now_us > s->next_us ? now_us : s->next_us;
    else if (ahead > SLEW_FROM_US)
        s->next_us += lasts - lasts / SLEW_PARTS;
    else if (ahead < -SLEW_FROM_US)
        s->next_us += lasts + lasts / SLEW_PARTS;
    else
        s->next_us += lasts;
    return moment;
}

int64_t stream_ahead_us(const struct stream *s) {
    return s->next_us != 0 ? s->next_us - radio_now_us() : 0;
}

static struct str headers_view(const struct headers *h) {
    return h != NULL ? (struct str){(const char *)h->bytes, h->n} : STR_NONE;
}

// Headers of WebM wait for the first cluster behind them: only then are they all there, and are given to those who listen
// if they say something new.
static void webm_headers_give(struct stream *s) {
    bool goes_on = audio_webm_is_same(headers_view(s->heard), headers_view(s->headers));
    audio_webm_join(&s->joint, goes_on);
    if (!goes_on && s->headers != NULL)
        ring_add(&s->ring, s->headers->bytes, s->headers->n);
    headers_drop(&s->heard);
    s->heard = headers_ref(s->headers);
}

// The bytes of a piece that go into the queue.
static struct str passed_on(struct stream *s, const struct audio_piece *piece, char room[AUDIO_WEBM_ROOM]) {
    if (s->setup->format != AUDIO_WEBM)
        return piece->bytes;
    if (piece->kind == AUDIO_HEADER)
        return STR("");
    if (s->heard != s->headers)
        webm_headers_give(s);
    return audio_webm_go_on(&s->joint, piece, room);
}

static void publish_sound(struct stream *s, const struct audio_piece *piece, int64_t moment_us) {
    if (piece->may_begin) {
        if (!s->begun)
            s->radio->hurry = SLICES;
        s->begun = true;
        note_begin(s, moment_us);
    }
    s->sound_us += piece_lasts_us(piece);
    bool has_rate = piece->rate > 0 && s->setup->format != AUDIO_WEBM; // whose blocks are timed in milliseconds
    if (has_rate) {
        s->rate = piece->rate;
        s->channels = piece->channels;
    }
}

void stream_publish(struct stream *s, const struct audio_piece *piece) {
    char room[AUDIO_WEBM_ROOM];
    bool is_header = piece->kind == AUDIO_HEADER;
    if (is_header)
        headers_take(&s->headers, piece);
    else if (!s->begun && !piece->may_begin)
        return; // a source that takes over is heard from where one may begin
    int64_t moment = is_header && s->next_us != 0 ? s->next_us : next_moment(s, piece);
    struct str bytes = passed_on(s, piece, room);
    if (!is_header)
        publish_sound(s, piece, moment);
    ring_add(&s->ring, bytes.p, bytes.n);
    if (s->has_icy_ring)
        publish_icy(s, bytes);
    keep_piece(s->keep, piece, is_header ? piece->bytes : bytes, moment);
    s->bytes_in += piece->bytes.n;
    measure_bits(s, piece);
}

// ---- joining -----------------------------------------------------------------------------------------------------------

static const struct begin *begin_of(const struct stream *s, size_t i) {
    return &s->begins[(s->begin_first + i) % BEGINS];
}

// s->begin_count: there is none.
static size_t begin_find(const struct stream *s, size_t burst) {
    size_t found = s->begin_count;
    for (size_t i = s->begin_count; i-- > 0; found = i) {
        uint64_t back = s->ring.head - begin_of(s, i)->at;
        if (back > LAG_BYTES || (found < s->begin_count && back > burst))
            break;
    }
    return found;
}

bool stream_begin(const struct stream *s, size_t burst, struct begin *out) {
    size_t i = begin_find(s, burst);
    if (i == s->begin_count)
        return false;
    *out = *begin_of(s, i);
    return true;
}

size_t stream_joins(const struct stream *s, struct begin out[JOINS_MAX]) {
    size_t n = 0;
    for (size_t i = begin_find(s, s->setup->burst_bytes); i < s->begin_count; i++) {
        bool is_newest = i + 1 == s->begin_count, has_room = n < JOINS_MAX - 1;
        if (n == 0 || is_newest || (has_room && !goes_on(&out[n - 1], begin_of(s, i))))
            out[n++] = *begin_of(s, i);
    }
    return n;
}

void stream_count(const struct stream *s, struct session_who *who, struct session_part *part) {
    part->service = s->service->name;
    part->stream = s->setup->name;
    part->format = s->setup->format;
    sessions_part(s->radio->sessions, who, part);
}

uint32_t stream_kbps(const struct stream *s) {
    return service_stream_kbps(s->setup, s->kbps);
}

uint64_t stream_listeners(const struct stream *s) {
    return s->listeners + s->hls_listeners;
}

void stream_note_peak(struct stream *s) {
    if (stream_listeners(s) > s->peak)
        s->peak = stream_listeners(s);
}

bool stream_icy_begin(const struct stream *s, size_t burst, struct icy_begin *out) {
    bool found = false;
    for (size_t i = s->icy_begin_count; i-- > 0;) {
        const struct icy_begin *b = &s->icy_begins[(s->icy_begin_first + i) % ICY_BEGINS];
        if (found && s->icy.head - b->at > burst)
            break;
        if (s->icy.head - b->at > LAG_BYTES)
            break;
        if (s->icy.head - b->at < b->tail)
            continue;
        *out = *b;
        found = true;
    }
    return found;
}

// ---- who plays ---------------------------------------------------------------------------------------------------------

void stream_off(struct stream *s) {
    s->active = -1;
    s->begun = false;
    headers_drop(&s->headers);
    s->off_since_us = radio_now_us();
    log_warn("%s is off the air", s->name);
    stream_title(s, STR(""), STR(""));
    radio_changed(s);
}

// In pieces, as they came: the log takes none that is longer than one.
static void headers_publish(struct stream *s, const struct headers *h) {
    struct str rest = headers_view(h);
    for (bool is_first = true; rest.n > 0; is_first = false) {
        struct audio_piece piece = {.kind = AUDIO_HEADER,
                                    .is_first = is_first,
                                    .level = AUDIO_LEVEL_UNKNOWN,
                                    .bytes = str_slice(rest, 0, AUDIO_PIECE_MAX)};
        stream_publish(s, &piece);
        rest = str_slice(rest, AUDIO_PIECE_MAX, rest.n);
    }
}

// What it says of its rate holds until it was measured.
static void take_words(struct stream *s, const struct source *source) {
    struct audio_chain chain;
    audio_chain_of(source->scanner, &chain);
    uint32_t kbps = source->said.kbps > 0 ? source->said.kbps : chain.bits / 1000;
    s->said = source->said;
    if (kbps == 0)
        return;
    s->kbps = kbps;
    measure_anew(s);
}

void stream_go_on_with(struct stream *s, const struct source *source) {
    s->begun = false;
    headers_drop(&s->headers);
    s->number++;
    take_words(s, source);
    keep_mark(s->keep, AUDIO_LOG_SOURCE);
    headers_publish(s, source->headers);
    stream_title(s, source->title, source->url);
}

static void switch_to(struct stream *s, int index) {
    if (index < 0) {
        stream_off(s);
        return;
    }
    if (index > 0 && s->active >= 0)
        s->falls++;
    s->active = index;
    s->active_since_us = radio_now_us();
    log_info("%s plays its source %.*s", s->name, STR_ARG(s->setup->sources[index].name));
    stream_go_on_with(s, s->sources[index]);
    radio_changed(s);
}

static bool may_limp(const struct source *source) {
    return source_limps(source, clock_mono_us());
}

static bool may_limp_aloud(const struct source *source) {
    return may_limp(source) && source_is_aloud(source);
}

static int first_that(const struct stream *s, bool (*may)(const struct source *source)) {
    for (unsigned i = 0; i < s->setup->source_count; i++)
        if (s->sources[i] != NULL && may(s->sources[i]))
            return (int)i;
    return -1;
}

static bool has_stayed(const struct source *source) {
    return source->kind == SERVICE_FILE ||
           (source->delivered_us >= RETURN_US && clock_mono_us() - source->began_us >= RETURN_US);
}

void stream_choose(struct stream *s) {
    int best = first_that(s, source_may_play);
    if (best < 0)
        best = first_that(s, may_limp_aloud);
    if (best < 0)
        best = first_that(s, may_limp);
    // One that comes back has to show that it stays; when nobody plays it need not.
    bool playing = s->active >= 0 && s->sources[s->active] != NULL && source_may_play(s->sources[s->active]);
    if (playing && best < s->active && !has_stayed(s->sources[best]))
        best = s->active;
    if (best == s->active)
        return;
    switch_to(s, best);
    if (best >= 0) // a file is heard as soon as it is said to be on the air
        source_file_turn(s->sources[best]);
}

bool stream_is_stalled(const struct stream *s) {
    for (int i = 0; i < (int)s->setup->source_count && (s->active < 0 || i <= s->active); i++)
        if (s->sources[i] != NULL && s->sources[i]->is_stalled && s->sources[i]->delivered_us > 0)
            return true;
    return false;
}

unsigned stream_alarms(const struct stream *s) {
    struct keep_state kept;
    keep_state(s->keep, &kept);
    unsigned alarms = 0;
    if (s->active < 0)
        alarms |= SERVICE_OFF_AIR;
    if (s->active > 0)
        alarms |= SERVICE_FELL_BACK;
    if (s->alarm_silent)
        alarms |= SERVICE_SILENT;
    if (stream_is_stalled(s))
        alarms |= SERVICE_STALLED;
    if (kept.broken_since_us != 0)
        alarms |= SERVICE_NOT_KEPT;
    if (s->refused_us != 0 && clock_mono_us() - s->refused_us < REFUSED_US)
        alarms |= SERVICE_REFUSED;
    return alarms;
}
