// SPDX-License-Identifier: AGPL-3.0-or-later
// The two files' bytes are kept as they were read, and each who asks parses them into an arena of its own: so nobody holds
// what the next second replaces. The radio writes its state every second, and most of that (how many listen) is on no page:
// editions are raised only when what pages show is another, and never more often than every three seconds.
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "main/on_air.h"

enum { OLD_SECONDS = 10, PAUSE_SECONDS = 3 };
enum { SHOWN_BYTES = 1 << 20, PARSE_BYTES = 16 << 20, ORIGINS_BYTES = 1 << 20, ORIGIN_BYTES = 32 };

struct source_file {
    const char *name; // in DIR
    char path[4096];
    struct timespec modified;
    ino_t inode;
    struct buf bytes; // under the lock; empty: there is no such file, or nothing can be read of it
};

struct on_air {
    struct site *site;
    struct str configured;
    bool site_origin_set;
    pthread_mutex_t lock;
    struct source_file services, state;
    // The main thread's own:
    struct arena *arenas[2], *origins;
    bool turn; // the arena that `now` is in
    struct service_state now;
    struct services known;
    struct arena *known_arena;
    bool was_fresh, raised_once;
    uint64_t shown; // of what pages show
    bool waits;     // a change that is not told yet
    int64_t raised_us;
    struct {
        on_air_fn fn;
        void *arg;
    } subscribers[ON_AIR_SUBSCRIBERS];
    size_t subscriber_count;
};

// ---- the files -----------------------------------------------------------------------------------------------------

// True: its bytes are others than before.
static bool read_again(struct on_air *o, struct source_file *f) {
    struct stat st;
    struct problem problem = {""};
    bool is_there = stat(f->path, &st) == 0;
    if (is_there && st.st_ino == f->inode && memcmp(&st.st_mtim, &f->modified, sizeof st.st_mtim) == 0)
        return false;
    if (!is_there && f->inode == 0)
        return false;
    struct buf bytes;
    buf_init(&bytes, SERVICE_STATE_BYTES);
    f->inode = is_there ? st.st_ino : 0;
    f->modified = is_there ? st.st_mtim : (struct timespec){0};
    if (is_there && file_read(f->path, &bytes, &problem) != RC_OK) {
        log_warn("%s", problem.text);
        buf_clear(&bytes);
    }
    must(pthread_mutex_lock(&o->lock) == 0);
    struct buf old = f->bytes;
    f->bytes = bytes;
    pthread_mutex_unlock(&o->lock);
    buf_fini(&old);
    return true;
}

static bool is_fresh(const struct service_state *state) {
    int64_t age = clock_now_us() - state->at_us;
    return state->at_us != 0 && age < OLD_SECONDS * US_PER_SECOND && age > -OLD_SECONDS * US_PER_SECOND;
}

// What a radio that does not write any more says: nothing plays.
static void fall_silent(struct service_state *state) {
    for (size_t i = 0; i < state->count; i++) {
        struct service_on_air *row = &state->rows[i];
        row->source = row->title = STR_NONE;
        row->source_since_us = row->title_since_us = 0;
        row->listeners = 0;
        row->alarms |= SERVICE_OFF_AIR;
    }
}

static void parse_state(struct arena *a, struct str bytes, struct service_state *out, bool tells) {
    struct problem problem = {""};
    *out = (struct service_state){0};
    if (bytes.n == 0)
        return;
    if (service_state_parse(a, bytes, out, &problem) != RC_OK) {
        *out = (struct service_state){0};
        if (tells)
            log_warn("run/radio.json: %s", problem.text);
    }
    if (!is_fresh(out))
        fall_silent(out);
}

static void parse_services(struct arena *a, struct str bytes, struct services *out, bool tells) {
    struct problem problem = {""};
    *out = (struct services){0};
    if (bytes.n > 0 && services_parse(a, bytes, out, &problem) != RC_OK) {
        *out = (struct services){0};
        if (tells)
            log_warn("services.json: %s", problem.text);
    }
}

void on_air_get(struct on_air *o, struct arena *a, struct site_on_air *out) {
    must(pthread_mutex_lock(&o->lock) == 0);
    struct str services = str_dup(a, buf_view(&o->services.bytes)), state = str_dup(a, buf_view(&o->state.bytes));
    pthread_mutex_unlock(&o->lock);
    parse_services(a, services, &out->services, false);
    parse_state(a, state, &out->state, false);
    out->radio_runs = is_fresh(&out->state);
}

// ---- where the sound is ----------------------------------------------------------------------------------------------

// "http://localhost:8000" of "127.0.0.1:8000", in `out`; STR_NONE: it listens at no port.
static struct str on_this_machine(struct str address, char out[ORIGIN_BYTES]) {
    size_t at = address.n;
    while (at > 0 && address.p[at - 1] != ':')
        at--;
    uint64_t port;
    if (at == 0 || !str_to_u64(str_slice(address, at, address.n), &port) || port == 0 || port > UINT16_MAX)
        return STR_NONE;
    snprintf(out, ORIGIN_BYTES, "http://localhost:%u", (unsigned)port);
    return str_from(out);
}

static struct str choose_origin(struct on_air *o, char room[ORIGIN_BYTES], enum site_radio_problem *problem) {
    bool is_https = str_starts(o->site->origin, STR("https://"));
    *problem = SITE_RADIO_WELL;
    if (o->configured.n > 0) {
        if (!is_https || str_starts(o->configured, STR("https://")))
            return o->configured;
        *problem = SITE_RADIO_NOT_HTTPS;
        return STR_NONE;
    }
    if (!o->site_origin_set)
        return on_this_machine(o->now.address, room);
    if (o->known.count > 0)
        *problem = SITE_RADIO_NO_ORIGIN;
    return STR_NONE;
}

static void say_problem(enum site_radio_problem problem) {
    if (problem == SITE_RADIO_NOT_HTTPS)
        log_warn(
            "the site is read by https and radio_origin begins with http: browsers would refuse to play it, so no page "
            "names it. Put TLS in front of the radio too and give its https address");
    if (problem == SITE_RADIO_NO_ORIGIN)
        log_warn("there are services, but radio_origin is not set: no page says where they can be heard");
}

// True: pages have to name another, or none any more. Old ones stay, for who reads them still: there are few in a life.
static bool take_origin(struct on_air *o) {
    enum site_radio_problem problem;
    char room[ORIGIN_BYTES];
    struct str origin = choose_origin(o, room, &problem);
    if (problem != atomic_load(&o->site->radio_problem))
        say_problem(problem);
    atomic_store(&o->site->radio_problem, problem);
    // A radio that was killed comes back where it was.
    if (origin.n == 0 && problem == SITE_RADIO_WELL && !o->site_origin_set && o->now.address.n == 0)
        return false;
    if (str_eq(origin, site_radio_origin(o->site)))
        return false;
    atomic_store(&o->site->radio_origin, origin.n > 0 ? str_c(o->origins, origin) : NULL);
    return true;
}

// ---- what pages show ---------------------------------------------------------------------------------------------------

static bool has_public(const struct services *services) {
    for (size_t i = 0; i < services->count; i++)
        if (services->rows[i].is_public)
            return true;
    return false;
}

static uint64_t hash_of_shown(const struct on_air *o, struct buf *b) {
    buf_clear(b);
    for (size_t i = 0; i < o->now.count; i++) {
        const struct service_on_air *row = &o->now.rows[i];
        buf_str(b, row->stream);
        buf_fmt(b, "\n%d %lld %d ", row->source.n > 0, (long long)row->title_since_us, row->kept_from_us != 0);
        buf_str(b, row->title);
        buf_char(b, '\n');
    }
    return hash_stable(buf_view(b));
}

static void raise_for_all(enum edition_kind kind, bool hard) {
    for (int lang = 0; lang < LANG_COUNT; lang++)
        edition_raise(kind, lang, hard);
}

// Titles may change as fast as an encoder likes; the last of them is told in any case.
static void raise_soon(struct on_air *o) {
    int64_t now = clock_mono_us();
    if (!o->waits || (o->raised_once && now - o->raised_us < PAUSE_SECONDS * US_PER_SECOND))
        return;
    o->waits = false;
    o->raised_once = true;
    o->raised_us = now;
    raise_for_all(EDITION_ON_AIR, false);
}

// ---- each second -------------------------------------------------------------------------------------------------------

static void take_state(struct on_air *o) {
    struct service_state before = o->now;
    o->turn = !o->turn;
    struct arena *a = o->arenas[o->turn];
    arena_reset(a);
    parse_state(a, buf_view(&o->state.bytes), &o->now, true); // this thread alone changes them
    o->was_fresh = is_fresh(&o->now);
    for (size_t i = 0; i < o->subscriber_count; i++)
        o->subscribers[i].fn(o->subscribers[i].arg, &before, &o->now);
    struct buf b;
    buf_init(&b, SHOWN_BYTES);
    uint64_t shown = hash_of_shown(o, &b);
    buf_fini(&b);
    o->waits = o->waits || shown != o->shown;
    o->shown = shown;
}

static void take_services(struct on_air *o) {
    arena_reset(o->known_arena);
    parse_services(o->known_arena, buf_view(&o->services.bytes), &o->known, true);
    o->waits = true;
}

void on_air_look(struct on_air *o) {
    bool services_changed = read_again(o, &o->services);
    if (services_changed)
        take_services(o);
    if (read_again(o, &o->state) || (o->was_fresh && !is_fresh(&o->now)))
        take_state(o);
    bool origin_changed = take_origin(o);
    atomic_store(&o->site->can_be_heard, site_radio_origin(o->site).n > 0 && has_public(&o->known));
    if (origin_changed ||
        services_changed) // the pages' policy names it, and the frame whether there is something to hear
        raise_for_all(EDITION_FRAME, true);
    raise_soon(o);
}

// ---- begin and end -------------------------------------------------------------------------------------------------------

static void file_init(struct source_file *f, const char *dir, const char *name) {
    int n = snprintf(f->path, sizeof f->path, "%s/%s", dir, name);
    must(n > 0 && (size_t)n < sizeof f->path);
    f->name = name;
    buf_init(&f->bytes, SERVICE_STATE_BYTES);
}

struct on_air *on_air_new(struct site *site, const char *configured, bool site_origin_set) {
    struct on_air *o = MEM_NEW(struct on_air);
    o->site = site;
    o->configured = str_from(configured);
    o->site_origin_set = site_origin_set;
    pthread_mutex_init(&o->lock, NULL);
    file_init(&o->services, site->dir, "services.json");
    file_init(&o->state, site->dir, "run/radio.json");
    o->arenas[0] = arena_new(PARSE_BYTES);
    o->arenas[1] = arena_new(PARSE_BYTES);
    o->known_arena = arena_new(PARSE_BYTES);
    o->origins = arena_new(ORIGINS_BYTES);
    on_air_look(o);
    return o;
}

void on_air_free(struct on_air **on_air) {
    struct on_air *o = *on_air;
    if (o == NULL)
        return;
    *on_air = NULL;
    atomic_store(&o->site->radio_origin, NULL);
    arena_free(&o->arenas[0]);
    arena_free(&o->arenas[1]);
    arena_free(&o->known_arena);
    arena_free(&o->origins);
    buf_fini(&o->services.bytes);
    buf_fini(&o->state.bytes);
    pthread_mutex_destroy(&o->lock);
    mem_free(o);
}

void on_air_subscribe(struct on_air *o, on_air_fn fn, void *arg) {
    must(o->subscriber_count < ON_AIR_SUBSCRIBERS);
    o->subscribers[o->subscriber_count].fn = fn;
    o->subscribers[o->subscriber_count++].arg = arg;
}
