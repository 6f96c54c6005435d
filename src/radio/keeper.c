// SPDX-License-Identifier: AGPL-3.0-or-later
// Pieces are collected in one buffer for each stream, without a lock, and handed over some times a second: the lock is held
// for the moving of pointers, or for one copy while the disk lags. A disk that stands still stops this thread and nobody else; what comes meanwhile is lost to
// the log, which says so, and goes out to listeners as ever.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "radio/keeper.h"

enum {
    BACKLOG_BYTES = 8 << 20, // of a stream
    OPEN_AGAIN_S = 1,
    OPEN_FIRST_S = 2, // so long orders wait for a log whose writer before is about to close it
    LIMITS_EVERY_S = 10,
    FILES_MAX = 4,
    FILE_BYTES = 1 << 20,
    FILE_BLOCK = 4096
};
#define OPEN_FIRST_AGAIN_US (US_PER_SECOND / 10)

enum order_kind { ORDER_PIECE, ORDER_MARK, ORDER_TITLE };
struct order {
    uint8_t kind, piece_kind;
    bool is_first, may_begin;
    uint8_t channels;
    uint32_t samples, rate, bytes, flags;
    int64_t moment_us;
};

struct keep {
    struct keeper *keeper;
    struct keep *next;
    char folder[4096];
    enum audio_format format;
    struct buf collected;           // the sound's thread
    bool has_lost;                  // the sound's thread: since the last order that was collected
    int64_t opened_us;              // monotonic
    struct buf handed, written;     // under the lock; the keeper's
    bool over;                      // under the lock
    struct audio_log_limits limits; // under the lock
    struct audio_log *log;          // the keeper's from here on
    struct audio_log_reader *reader;
    int64_t open_at_us, limits_at_us;
    _Atomic int64_t broken_since, from, to;
    _Atomic uint64_t bytes, dropped, lost;
};

struct file {
    char *path;
    struct buf text;
};
struct keeper {
    char dir[4096];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct keep *keeps;
    struct file files[FILES_MAX];
    bool stopping;
    void (*each_second)(void *arg);
    void *each_second_arg;
};

// ---- the sound's side --------------------------------------------------------------------------------------------------

static void note_lost(struct keep *k) {
    atomic_fetch_add(&k->lost, 1);
    k->has_lost = true;
}

// The first order behind lost ones says that there is a gap, where it is.
static void collect(struct keep *k, struct order order, struct str bytes) {
    const struct order gap = {.kind = ORDER_MARK, .flags = AUDIO_LOG_GAP};
    order.bytes = (uint32_t)bytes.n;
    if (k->collected.n + sizeof gap + sizeof order + bytes.n > BACKLOG_BYTES) {
        note_lost(k);
        return;
    }
    if (k->has_lost)
        buf_add(&k->collected, &gap, sizeof gap);
    k->has_lost = false;
    buf_add(&k->collected, &order, sizeof order);
    buf_add(&k->collected, bytes.p, bytes.n);
}

void keep_piece(struct keep *k, const struct audio_piece *piece, struct str bytes, int64_t moment_us) {
    struct order order = {.kind = ORDER_PIECE,
                          .piece_kind = (uint8_t)piece->kind,
                          .is_first = piece->is_first,
                          .may_begin = piece->may_begin,
                          .channels = piece->channels,
                          .samples = piece->samples,
                          .rate = piece->rate,
                          .moment_us = moment_us};
    collect(k, order, bytes);
}

void keep_mark(struct keep *k, unsigned flags) {
    collect(k, (struct order){.kind = ORDER_MARK, .flags = flags}, STR_NONE);
}

void keep_title(struct keep *k, struct str title, int64_t moment_us) {
    collect(k, (struct order){.kind = ORDER_TITLE, .moment_us = moment_us}, utf8_cut(title, AUDIO_TITLE_BYTES));
}

static void hand_over(struct keep *k) {
    if (k->collected.n == 0)
        return;
    if (k->handed.n == 0) {
        struct buf empty = k->handed;
        k->handed = k->collected;
        k->collected = empty;
    } else if (k->handed.n + k->collected.n <= BACKLOG_BYTES)
        buf_add(&k->handed, k->collected.p, k->collected.n);
    else
        note_lost(k);
    buf_clear(&k->collected);
}

void keep_hand_over(struct keeper *keeper) {
    pthread_mutex_lock(&keeper->lock);
    for (struct keep *k = keeper->keeps; k != NULL; k = k->next)
        if (!k->over)
            hand_over(k);
    pthread_cond_signal(&keeper->work);
    pthread_mutex_unlock(&keeper->lock);
}

struct keep *keep_open(struct keeper *keeper, const char *name, enum audio_format format) {
    struct keep *k = MEM_NEW(struct keep);
    k->keeper = keeper;
    k->format = format;
    k->opened_us = clock_mono_us();
    int n = snprintf(k->folder, sizeof k->folder, "%s/radio/%s", keeper->dir, name);
    must(n > 0 && (size_t)n < sizeof k->folder);
    buf_init(&k->collected, BACKLOG_BYTES);
    buf_init(&k->handed, BACKLOG_BYTES);
    buf_init(&k->written, BACKLOG_BYTES);
    pthread_mutex_lock(&keeper->lock);
    struct keep **end = &keeper->keeps; // behind the one that may still have the same log open
    while (*end != NULL)
        end = &(*end)->next;
    *end = k;
    pthread_mutex_unlock(&keeper->lock);
    return k;
}

void keep_limits(struct keep *k, uint64_t bytes, int64_t age_us) {
    pthread_mutex_lock(&k->keeper->lock);
    k->limits = (struct audio_log_limits){.bytes = bytes, .age_us = age_us};
    pthread_mutex_unlock(&k->keeper->lock);
}

void keep_close(struct keep **k) {
    if (*k == NULL)
        return;
    pthread_mutex_lock(&(*k)->keeper->lock);
    hand_over(*k);
    (*k)->over = true;
    pthread_mutex_unlock(&(*k)->keeper->lock);
    *k = NULL;
}

void keep_state(const struct keep *k, struct keep_state *out) {
    *out = (struct keep_state){.broken_since_us = atomic_load(&k->broken_since),
                               .from_us = atomic_load(&k->from),
                               .to_us = atomic_load(&k->to),
                               .bytes = atomic_load(&k->bytes),
                               .dropped = atomic_load(&k->dropped),
                               .lost = atomic_load(&k->lost)};
}

void keeper_file(struct keeper *keeper, const char *path, struct str text) {
    pthread_mutex_lock(&keeper->lock);
    struct file *f = NULL;
    for (size_t i = 0; i < FILES_MAX && f == NULL; i++)
        if (keeper->files[i].path == NULL || strcmp(keeper->files[i].path, path) == 0)
            f = &keeper->files[i];
    must(f != NULL);
    if (f->path == NULL) {
        size_t n = strlen(path) + 1;
        f->path = mem_new(n);
        memcpy(f->path, path, n);
        buf_init(&f->text, FILE_BYTES);
    }
    buf_clear(&f->text);
    buf_str(&f->text, text);
    pthread_mutex_unlock(&keeper->lock);
}

void keeper_each_second(struct keeper *keeper, void (*fn)(void *arg), void *arg) {
    pthread_mutex_lock(&keeper->lock);
    keeper->each_second = fn;
    keeper->each_second_arg = arg;
    pthread_mutex_unlock(&keeper->lock);
}

// ---- the disk's side ---------------------------------------------------------------------------------------------------

static void note_broken(struct keep *k, int64_t since_us, const struct problem *p) {
    int64_t before = atomic_exchange(&k->broken_since, since_us);
    if (before == 0 && since_us != 0)
        log_error("%s is not recorded: %s", k->folder, p->text);
    else if (before != 0 && since_us == 0)
        log_info("%s is recorded again", k->folder);
}

// The one whose format changed may not have closed its log yet.
static bool may_wait(const struct keep *k, int64_t now_us) {
    return k->log == NULL && now_us - k->opened_us < OPEN_FIRST_S * US_PER_SECOND;
}

static void open_log(struct keep *k, int64_t now_us) {
    struct problem problem = {""};
    if (k->log != NULL || now_us < k->open_at_us)
        return;
    bool waits = may_wait(k, now_us);
    k->open_at_us = now_us + (waits ? OPEN_FIRST_AGAIN_US : OPEN_AGAIN_S * US_PER_SECOND);
    enum rc rc = audio_log_open(k->folder, k->format, &k->log, &problem);
    if (rc != RC_OK && !(waits && rc == RC_BUSY))
        note_broken(k, atomic_load(&k->broken_since) != 0 ? atomic_load(&k->broken_since) : now_us, &problem);
}

static void carry_out(struct keep *k, const struct order *order, struct str bytes) {
    struct audio_piece piece = {.bytes = bytes,
                                .kind = (enum audio_piece_kind)order->piece_kind,
                                .is_first = order->is_first,
                                .may_begin = order->may_begin,
                                .samples = order->samples,
                                .rate = order->rate,
                                .channels = order->channels,
                                .level = AUDIO_LEVEL_UNKNOWN};
    if (order->kind == ORDER_PIECE)
        audio_log_append(k->log, &piece, order->moment_us);
    else if (order->kind == ORDER_MARK)
        audio_log_mark(k->log, order->flags);
    else
        audio_log_title(k->log, bytes, order->moment_us);
}

// Under the lock. What waits for its log stays in front.
static void take_orders(struct keep *k) {
    if (k->written.n == 0) {
        struct buf swap = k->handed;
        k->handed = k->written;
        k->written = swap;
    } else if (k->written.n + k->handed.n <= BACKLOG_BYTES) {
        buf_str(&k->written, buf_view(&k->handed));
        buf_clear(&k->handed);
    }
}

static void write_orders(struct keep *k, int64_t now_us) {
    struct order order;
    if (may_wait(k, now_us))
        return;
    for (size_t at = 0; k->log != NULL && at < k->written.n; at += order.bytes) {
        memcpy(&order, k->written.p + at, sizeof order);
        at += sizeof order;
        carry_out(k, &order, (struct str){k->written.p + at, order.bytes});
    }
    buf_clear(&k->written);
}

static void note_reach(struct keep *k) {
    int64_t from_us = 0, to_us = 0;
    if (k->reader == NULL && audio_log_reader_open(k->folder, &k->reader, NULL) != RC_OK)
        return;
    if (audio_log_reach(k->reader, &from_us, &to_us) != RC_OK)
        from_us = to_us = 0;
    atomic_store(&k->from, from_us);
    atomic_store(&k->to, to_us);
}

static void say_dropped(const struct keep *k, const struct audio_log_kept *kept) {
    char from[CLOCK_UTC_BYTES + 1], to[CLOCK_UTC_BYTES + 1];
    clock_utc_put(from, kept->dropped_from_us);
    clock_utc_put(to, kept->dropped_to_us);
    log_info("%s: what was sent from %s to %s was dropped to keep its limits: %u part%s, %llu bytes", k->folder, from,
             to, kept->dropped, kept->dropped == 1 ? "" : "s", (unsigned long long)kept->dropped_bytes);
}

static void drop_old(struct keep *k, struct audio_log_limits limits) {
    struct problem problem = {""};
    struct audio_log_kept kept;
    enum rc rc;
    do {
        rc = audio_log_keep(k->log, limits, clock_now_us(), &kept, &problem);
        if (kept.dropped > 0)
            say_dropped(k, &kept);
        atomic_fetch_add(&k->dropped, kept.dropped);
        atomic_store(&k->bytes, kept.bytes);
    } while (rc == RC_OK && kept.dropped > 0);
    if (rc != RC_OK)
        log_warn("%s: old parts could not be dropped: %s", k->folder, problem.text);
}

static void flush(struct keep *k, int64_t now_us) {
    struct problem problem = {""};
    if (k->log == NULL)
        return;
    enum rc rc = audio_log_flush(k->log, &problem);
    note_broken(k, rc == RC_OK ? 0 : audio_log_broken_since(k->log), &problem);
    note_reach(k);
    if (now_us < k->limits_at_us)
        return;
    k->limits_at_us = now_us + LIMITS_EVERY_S * US_PER_SECOND;
    pthread_mutex_lock(&k->keeper->lock);
    struct audio_log_limits limits = k->limits;
    pthread_mutex_unlock(&k->keeper->lock);
    drop_old(k, limits);
}

static bool replace_file(const char *path, struct str text) {
    char fresh[4200];
    int n = snprintf(fresh, sizeof fresh, "%s.new", path);
    must(n > 0 && (size_t)n < sizeof fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool done = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n;
    if (fd >= 0)
        close(fd);
    if (done && rename(fresh, path) == 0)
        return true;
    int reason = errno;
    (void)unlink(fresh);
    errno = reason;
    return false;
}

// In the blocks that the file has, to its last byte. Who reads meanwhile may see half of each, which is no JSON, and reads
// again.
static bool overwrite_file(const char *path, struct buf *text) {
    struct stat st;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    bool fits = fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= 0 && text->n <= (uint64_t)st.st_size;
    while (fits && text->n < (uint64_t)st.st_size && !text->failed)
        buf_char(text, ' ');
    bool done = fits && !text->failed && pwrite(fd, text->p, text->n, 0) == (ssize_t)text->n;
    if (fd >= 0)
        close(fd);
    return done;
}

// A disk that is full takes no new file: what stands there is written over then, for whoever takes an old file for a dead
// radio. Spaces at its end keep the room for that.
static void write_file(const char *path, struct buf *text) {
    size_t n = text->n, padded = (n / FILE_BLOCK + 2) * FILE_BLOCK;
    while (text->n < padded)
        buf_char(text, ' ');
    must(!text->failed);
    if (replace_file(path, buf_view(text)))
        return;
    int reason = errno;
    text->n = n;
    if (!overwrite_file(path, text))
        log_debug("%s could not be written: %s", path, strerror(reason));
}

static void write_files(struct keeper *keeper) {
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct buf text;
        buf_init(&text, 2 * FILE_BYTES);
        pthread_mutex_lock(&keeper->lock);
        const char *path = keeper->files[i].path;
        if (path != NULL && keeper->files[i].text.n > 0) {
            buf_str(&text, buf_view(&keeper->files[i].text));
            buf_clear(&keeper->files[i].text);
        }
        pthread_mutex_unlock(&keeper->lock);
        if (text.n > 0)
            write_file(path, &text);
        buf_fini(&text);
    }
}

static void keep_free(struct keep *k) {
    audio_log_reader_close(&k->reader);
    audio_log_close(&k->log);
    buf_fini(&k->collected);
    buf_fini(&k->handed);
    buf_fini(&k->written);
    mem_free(k);
}

static void unlink_keep(struct keeper *keeper, const struct keep *k) {
    struct keep **link = &keeper->keeps;
    while (*link != k)
        link = &(*link)->next;
    *link = k->next;
}

// Other threads add streams at the end while this one walks; it alone takes them out.
static void keep_all(struct keeper *keeper, bool is_second) {
    pthread_mutex_lock(&keeper->lock);
    for (struct keep *k = keeper->keeps, *next; k != NULL; k = next) {
        bool over = k->over;
        take_orders(k);
        pthread_mutex_unlock(&keeper->lock);
        open_log(k, clock_mono_us());
        write_orders(k, clock_mono_us());
        if (is_second || over)
            flush(k, clock_mono_us());
        pthread_mutex_lock(&keeper->lock);
        next = k->next;
        if (over) {
            unlink_keep(keeper, k);
            keep_free(k);
        }
    }
    pthread_mutex_unlock(&keeper->lock);
}

static void *keeper_run(void *arg) {
    struct keeper *keeper = arg;
    int64_t second_us = 0;
    bool stopping = false;
    while (!stopping) {
        pthread_mutex_lock(&keeper->lock);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        if (!keeper->stopping)
            (void)pthread_cond_timedwait(&keeper->work, &keeper->lock, &until);
        stopping = keeper->stopping;
        void (*each_second)(void *) = keeper->each_second;
        void *each_second_arg = keeper->each_second_arg;
        pthread_mutex_unlock(&keeper->lock);
        bool is_second = stopping || clock_mono_us() - second_us >= US_PER_SECOND;
        keep_all(keeper, is_second);
        if (!is_second)
            continue;
        second_us = clock_mono_us();
        if (each_second != NULL)
            each_second(each_second_arg);
        write_files(keeper);
    }
    return NULL;
}

struct keeper *keeper_start(const char *dir) {
    struct keeper *keeper = MEM_NEW(struct keeper);
    int n = snprintf(keeper->dir, sizeof keeper->dir, "%s", dir);
    must(n > 0 && n < 4000);
    must(pthread_mutex_init(&keeper->lock, NULL) == 0);
    must(pthread_cond_init(&keeper->work, NULL) == 0);
    must(pthread_create(&keeper->thread, NULL, keeper_run, keeper) == 0);
    return keeper;
}

void keeper_stop(struct keeper **k_ref) {
    struct keeper *keeper = *k_ref;
    if (keeper == NULL)
        return;
    *k_ref = NULL;
    keep_hand_over(keeper);
    pthread_mutex_lock(&keeper->lock);
    keeper->stopping = true;
    pthread_cond_signal(&keeper->work);
    pthread_mutex_unlock(&keeper->lock);
    pthread_join(keeper->thread, NULL);
    while (keeper->keeps != NULL) {
        struct keep *k = keeper->keeps;
        keeper->keeps = k->next;
        keep_free(k);
    }
    for (size_t i = 0; i < FILES_MAX; i++)
        if (keeper->files[i].path != NULL) {
            buf_fini(&keeper->files[i].text);
            mem_free(keeper->files[i].path);
        }
    pthread_mutex_destroy(&keeper->lock);
    pthread_cond_destroy(&keeper->work);
    mem_free(keeper);
}
