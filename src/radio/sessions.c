// SPDX-License-Identifier: AGPL-3.0-or-later
// Parts wait as lines, by their day, in memory that the audio threads add to; the keeper's thread swaps it for an empty one
// and appends it to the file with no lock held. What the disk does not take stays where it is, from the byte on that is
// missing: so a line that was torn by a full disk is whole again when there is room. One that was torn by the end of the
// process ends where the next one begins (tail_end), and the reader passes over it.
#include "radio/sessions.h"

#include "radio/country.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_BYTES = 32, DAYS = 2, PATH_BYTES = 4096 };

struct waiting {
    int64_t day;
    struct buf lines;
};
struct writing {
    int64_t day;
    struct buf lines;
    size_t done;     // bytes that are in the file
    bool tail_whole; // its end was looked at
};
struct sessions {
    char *dir;
    struct countries *countries;
    pthread_mutex_t lock; // guards what follows
    int64_t key_day;
    uint8_t key[KEY_BYTES];
    bool key_kept;                // on disk
    struct waiting waiting[DAYS]; // empty lines: free
    uint64_t lost;

    pthread_mutex_t flushing; // guards what follows
    struct writing writing[DAYS];
    bool said;          // that it cannot be written
    int64_t looked_min; // when a newer file of countries was looked for
};

// ---- the day's key -------------------------------------------------------------------------------------------------------

static const char *path_of(const struct sessions *s, const char *name, char out[PATH_BYTES]) {
    int n = snprintf(out, PATH_BYTES, "%s/radio/sessions%s", s->dir, name);
    return n > 0 && n < PATH_BYTES ? out : NULL;
}

static enum rc folder_make(const struct sessions *s, struct problem *p) {
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/radio", s->dir);
    if (n < 0 || n >= PATH_BYTES || path_of(s, "", path) == NULL)
        return problem_set(p, RC_TOO_BIG, "the path of the station is too long");
    path[n] = '\0';
    enum rc rc = file_make_dir(path, 0700, p);
    return rc == RC_OK ? file_make_dir(path_of(s, "", path), 0700, p) : rc;
}

// "20422 64 hex digits"
static bool key_read(struct sessions *s) {
    char path[PATH_BYTES];
    struct buf b;
    struct str line, day;
    uint64_t number = 0;
    buf_init(&b, 256);
    bool good = path_of(s, "/day.key", path) != NULL && file_read(path, &b, NULL) == RC_OK;
    line = str_trim(buf_view(&b));
    good = good && str_next(&line, ' ', &day) && str_to_u64(day, &number) && number < INT32_MAX &&
           hex_get(line, s->key, KEY_BYTES);
    s->key_day = (int64_t)number;
    if (b.p != NULL)
        sodium_memzero(b.p, b.n);
    buf_fini(&b);
    return good;
}

// Over the old key, which then is nowhere any more.
static enum rc key_write(const struct sessions *s, int64_t day, const uint8_t key[KEY_BYTES], struct problem *p) {
    char path[PATH_BYTES], line[128];
    int n = snprintf(line, sizeof line, "%lld ", (long long)day);
    hex_put(line + n, key, KEY_BYTES);
    line[n + 2 * KEY_BYTES] = '\n';
    enum rc rc = file_write(path_of(s, "/day.key", path), (struct str){line, (size_t)n + 2 * KEY_BYTES + 1}, 0600, p);
    sodium_memzero(line, sizeof line);
    return rc;
}

// Locked. A key that another day had is overwritten; writing the new one waits for the next flush. Yesterday's does not come
// back: a clock that is set back over midnight must not cost today's listeners theirs. False: that day has none any more.
static bool key_for(struct sessions *s, int64_t day) {
    if (s->key_day == day)
        return true;
    if (s->key_day == day + 1)
        return false;
    random_bytes(s->key, KEY_BYTES);
    s->key_day = day;
    s->key_kept = false;
    return true;
}

static enum rc key_keep(struct sessions *s, struct problem *p) {
    uint8_t key[KEY_BYTES];
    must(pthread_mutex_lock(&s->lock) == 0);
    bool kept = s->key_kept;
    int64_t day = s->key_day;
    memcpy(key, s->key, KEY_BYTES);
    pthread_mutex_unlock(&s->lock);
    enum rc rc = kept ? RC_OK : key_write(s, day, key, p);
    sodium_memzero(key, sizeof key);
    if (rc != RC_OK)
        return rc;
    must(pthread_mutex_lock(&s->lock) == 0);
    s->key_kept = s->key_kept || s->key_day == day;
    pthread_mutex_unlock(&s->lock);
    return RC_OK;
}

// ---- who listens ---------------------------------------------------------------------------------------------------------

static void address_of(const struct net_address *peer, uint8_t out[16]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    memset(out, 0, 16);
    if (peer->sa.ss_family == AF_INET) {
        memcpy(out, mapped, sizeof mapped);
        memcpy(out + sizeof mapped, &((const struct sockaddr_in *)&peer->sa)->sin_addr, 4);
    } else if (peer->sa.ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)&peer->sa)->sin6_addr;
        memcpy(out, v6, IN6_IS_ADDR_V4MAPPED(v6) ? 16 : 8);
    }
}

// Locked.
static uint64_t listener_of(struct sessions *s, const struct session_who *who, int64_t day) {
    uint8_t in[24];
    uint64_t out = 0;
    if (!key_for(s, day))
        return random_u64();
    memcpy(in, who->address, 16);
    memcpy(in + 16, &who->agent, 8);
    uint8_t hash[crypto_generichash_BYTES_MIN]; // 16; 8 of them do
    must(crypto_generichash(hash, sizeof hash, in, sizeof in, s->key, KEY_BYTES) == 0);
    for (size_t i = 0; i < sizeof out; i++)
        out = out << 8 | hash[i];
    return out;
}

static void who_on_day(struct sessions *s, struct session_who *who, int64_t day) {
    must(pthread_mutex_lock(&s->lock) == 0);
    who->listener = listener_of(s, who, day);
    pthread_mutex_unlock(&s->lock);
    who->day = (int32_t)day;
}

void sessions_country(struct sessions *s, const struct net_address *peer, char out[3]) {
    countries_find(s->countries, (const struct sockaddr *)&peer->sa, out);
}

void sessions_meet(struct sessions *s, const struct net_address *peer, struct str user_agent, int64_t now_us,
                   struct session_who *out) {
    *out = (struct session_who){.agent = hash_stable(user_agent), .player = player_word(user_agent)};
    address_of(peer, out->address);
    sessions_country(s, peer, out->country);
    who_on_day(s, out, session_day(now_us));
}

uint64_t sessions_listener(struct sessions *s, const struct net_address *peer, struct str user_agent, int64_t now_us) {
    struct session_who who = {.agent = hash_stable(user_agent)};
    address_of(peer, who.address);
    who_on_day(s, &who, session_day(now_us));
    return who.listener;
}

// ---- parts ---------------------------------------------------------------------------------------------------------------

// Locked. NULL: parts of two other days wait.
static struct buf *lines_of(struct sessions *s, int64_t day) {
    for (size_t i = 0; i < DAYS; i++)
        if (s->waiting[i].lines.n > 0 && s->waiting[i].day == day)
            return &s->waiting[i].lines;
    for (size_t i = 0; i < DAYS; i++)
        if (s->waiting[i].lines.n == 0) {
            s->waiting[i].day = day;
            return &s->waiting[i].lines;
        }
    return NULL;
}

static void queue(struct sessions *s, const struct session_part *part) {
    must(pthread_mutex_lock(&s->lock) == 0);
    struct buf *lines = lines_of(s, session_day(part->from_us));
    size_t before = lines != NULL ? lines->n : 0;
    if (lines != NULL && lines->n + SESSION_LINE_BYTES <= SESSIONS_QUEUE_BYTES)
        session_line_write(part, lines);
    if (lines == NULL || lines->n == before)
        s->lost++;
    pthread_mutex_unlock(&s->lock);
}

static void queue_as(struct sessions *s, const struct session_who *who, struct session_part part, int64_t from_us,
                     int64_t to_us, uint64_t bytes) {
    part.before_us += from_us - part.from_us;
    part.from_us = from_us;
    part.to_us = to_us;
    part.bytes = bytes;
    part.listener = who->listener;
    part.player = str_from(who->player);
    memcpy(part.country, who->country, sizeof part.country);
    if (to_us > from_us)
        queue(s, &part);
}

void sessions_part(struct sessions *s, struct session_who *who, const struct session_part *part) {
    int64_t to = part->to_us - part->from_us > US_PER_DAY ? part->from_us + US_PER_DAY : part->to_us;
    if (to <= part->from_us || part->from_us < 0)
        return;
    int64_t first = session_day(part->from_us), last = session_day(to - 1);
    int64_t midnight = last > first ? last * US_PER_DAY : to;
    double share = (double)(midnight - part->from_us) / (double)(to - part->from_us);
    uint64_t bytes = midnight == to ? part->bytes : (uint64_t)((double)part->bytes * share);
    if (who->day != first && last == first)
        who_on_day(s, who, first);
    queue_as(s, who, *part, part->from_us, midnight, bytes);
    if (last == first)
        return;
    who_on_day(s, who, last);
    queue_as(s, who, *part, midnight, to, part->bytes - bytes);
}

uint64_t sessions_lost(struct sessions *s) {
    must(pthread_mutex_lock(&s->lock) == 0);
    uint64_t lost = s->lost;
    pthread_mutex_unlock(&s->lock);
    return lost;
}

// ---- on to the disk ------------------------------------------------------------------------------------------------------

// A line that the last process could not end is ended here.
static bool tail_end(struct writing *w, int fd) {
    struct stat st;
    char last = '\n';
    if (w->tail_whole)
        return true;
    if (fstat(fd, &st) != 0 || (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1))
        return false;
    w->tail_whole = last == '\n' || write(fd, "\n", 1) == 1;
    return w->tail_whole;
}

static bool append(struct writing *w, int fd) {
    while (w->done < w->lines.n) {
        ssize_t n = write(fd, w->lines.p + w->done, w->lines.n - w->done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        w->done += (size_t)n;
    }
    return true;
}

static enum rc day_write(const struct sessions *s, struct writing *w, struct problem *p) {
    struct arena *a = arena_new(4 * PATH_BYTES);
    struct str path = session_file(a, s->dir, w->day);
    int fd = open(path.p, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    bool good = fd >= 0 && tail_end(w, fd) && append(w, fd);
    enum rc rc = good ? RC_OK : problem_set(p, RC_IO, "cannot append to %s: %s", path.p, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (good) {
        buf_clear(&w->lines);
        w->done = 0;
    }
    arena_free(&a);
    return rc;
}

// What waits takes the place of what is written; nothing that is not yet written moves.
static void swap(struct sessions *s) {
    must(pthread_mutex_lock(&s->lock) == 0);
    for (size_t i = 0; i < DAYS; i++) {
        struct writing *w = &s->writing[i];
        struct waiting *waits = &s->waiting[i];
        if (w->lines.n > 0 || waits->lines.n == 0)
            continue;
        struct buf empty = w->lines;
        w->tail_whole = w->tail_whole && w->day == waits->day;
        w->day = waits->day;
        w->lines = waits->lines;
        waits->lines = empty;
    }
    pthread_mutex_unlock(&s->lock);
}

static enum rc flush(struct sessions *s, struct problem *p) {
    enum rc rc = folder_make(s, p);
    if (rc == RC_OK)
        rc = key_keep(s, p);
    for (size_t i = 0; rc == RC_OK && i < DAYS; i++)
        if (s->writing[i].lines.n > 0)
            rc = day_write(s, &s->writing[i], p);
    return rc;
}

static bool has_work(struct sessions *s, int64_t now_us) {
    must(pthread_mutex_lock(&s->lock) == 0);
    (void)key_for(s, session_day(now_us));
    bool work = !s->key_kept;
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < DAYS; i++)
        work = work || s->writing[i].lines.n > 0;
    return work;
}

void sessions_flush(struct sessions *s, int64_t now_us) {
    struct problem p = {0};
    must(pthread_mutex_lock(&s->flushing) == 0);
    swap(s);
    bool work = has_work(s, now_us);
    enum rc rc = work ? flush(s, &p) : RC_OK;
    if (rc != RC_OK && !s->said)
        log_error("listening sessions wait: %s", p.text);
    if (work && rc == RC_OK && s->said)
        log_info("listening sessions are written again; %llu parts found no room and are lost",
                 (unsigned long long)sessions_lost(s));
    s->said = work ? rc != RC_OK : s->said;
    if (now_us / (60 * US_PER_SECOND) != s->looked_min)
        countries_look(s->countries);
    s->looked_min = now_us / (60 * US_PER_SECOND);
    pthread_mutex_unlock(&s->flushing);
}

// ---- life ----------------------------------------------------------------------------------------------------------------

static struct countries *open_countries(const char *dir, const char *file) {
    char path[PATH_BYTES];
    bool from_dir = file != NULL && file[0] != '\0' && file[0] != '/';
    int n = from_dir ? snprintf(path, sizeof path, "%s/%s", dir, file) : 0;
    return countries_open(n >= PATH_BYTES ? NULL : from_dir ? path : file);
}

struct sessions *sessions_open(const char *dir, const char *country_file) {
    struct sessions *s = MEM_NEW(struct sessions);
    size_t n = strlen(dir) + 1;
    s->countries = open_countries(dir, country_file);
    s->dir = mem_new(n);
    memcpy(s->dir, dir, n);
    must(pthread_mutex_init(&s->lock, NULL) == 0 && pthread_mutex_init(&s->flushing, NULL) == 0);
    for (size_t i = 0; i < DAYS; i++) {
        buf_init(&s->waiting[i].lines, SESSIONS_QUEUE_BYTES);
        buf_init(&s->writing[i].lines, SESSIONS_QUEUE_BYTES);
    }
    s->key_kept = key_read(s);
    if (!s->key_kept)
        s->key_day = -1; // whatever day comes first gets a new one
    return s;
}

void sessions_close(struct sessions **sp) {
    struct sessions *s = *sp;
    if (s == NULL)
        return;
    sessions_flush(s, clock_now_us());
    sodium_memzero(s->key, sizeof s->key);
    must(pthread_mutex_destroy(&s->lock) == 0 && pthread_mutex_destroy(&s->flushing) == 0);
    for (size_t i = 0; i < DAYS; i++) {
        buf_fini(&s->waiting[i].lines);
        buf_fini(&s->writing[i].lines);
    }
    countries_close(&s->countries);
    mem_free(s->dir);
    mem_free(s);
    *sp = NULL;
}
