// SPDX-License-Identifier: AGPL-3.0-or-later
// Writing the log. Pieces wait in memory as runs; a flush writes their sound first and their records after it, so that a
// record never vouches for what is not there. What cannot be written is given up whole, from the first byte on that no
// record vouches for: nothing is ever half there, and writing goes on at that same place.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "audio/log_write.h"

enum { RUN_US = 500000, HOURS_AT_MOST = LOG_HOURS_AT_MOST };
#define BACK_AGAIN_US (INT64_C(600) * US_PER_SECOND)         // two clocks that fight make no thousand parts
#define CLOCK_LEAST_US (INT64_C(1767225600) * US_PER_SECOND) // 2026: a clock before this program is none
enum { RATE_MAX = 1000000, PIECE_SECONDS_MAX = 60 };         // what says more is not believed

static uint64_t sound_now(const struct audio_log *log) {
    return log->base_us + (log->rate > 0 ? log->samples * (uint64_t)US_PER_SECOND / log->rate : 0);
}

// ---- files -------------------------------------------------------------------------------------------------------------

// How many went through; errno says why not all of them.
static size_t write_at(int fd, struct str bytes, uint64_t at) {
    size_t done = 0;
    while (done < bytes.n) {
        ssize_t n = pwrite(fd, bytes.p + done, bytes.n - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

// Of n records that were written; the last one that holds sound says where that ends.
static void records_count(struct audio_log *log, size_t n) {
    struct log_run run;
    for (size_t i = 0; i < n; i++) {
        must(log_run_get((const uint8_t *)log->records_waiting.p + i * LOG_RECORD_BYTES, &run));
        log->bytes = run.offset + run.bytes;
        log->sound_us = run.sound_us + run.lasts_us;
        log->is_ended = (run.flags & AUDIO_LOG_END) != 0;
        if ((run.flags & AUDIO_LOG_HEADERS) != 0)
            log->chain_written = run.chain;
    }
    log->records += (uint32_t)n;
}

static void waiting_forget(struct audio_log *log) {
    buf_clear(&log->waiting);
    buf_clear(&log->records_waiting);
    log->has_run = false;
    log->base_us = log->sound_us;
    log->samples = 0;
}

// What waits is lost. Sound begins again where a listener could, with the chain's headers in front.
static void give_up(struct audio_log *log, int why) {
    if (log->broken_since == 0)
        log_error("the log %s cannot be written: %s", log->folder, strerror(why));
    log->why = why;
    log->broken_since = log->broken_since != 0 ? log->broken_since : log->moment_us > 0 ? log->moment_us : 1;
    if (log->has_part) {
        (void)!ftruncate(log->part.index, (off_t)(LOG_HEAD_BYTES + (uint64_t)log->records * LOG_RECORD_BYTES));
        (void)!ftruncate(log->part.sound, (off_t)log->bytes);
    }
    waiting_forget(log);
    log->chain_here = 0;
    log->marks |= AUDIO_LOG_GAP;
    log->wants_begin = true;
    log->may_try = false;
}

// ---- runs --------------------------------------------------------------------------------------------------------------

static void record_put(struct audio_log *log, const struct log_run *run) {
    uint8_t bytes[LOG_RECORD_BYTES];
    log_run_put(run, bytes);
    buf_add(&log->records_waiting, bytes, sizeof bytes);
    must(!log->records_waiting.failed);
}

// By its samples; what has none lasts until what comes next.
static uint32_t run_lasts(struct audio_log *log) {
    uint64_t us = sound_now(log) - log->run.sound_us;
    int64_t until_next = log->moment_us - log->run.moment_us;
    if (us > 0 || (log->run.flags & AUDIO_LOG_HEADERS) != 0)
        return (uint32_t)us;
    us = until_next < PIECE_SECONDS_MAX * US_PER_SECOND ? (uint64_t)until_next : 0;
    log->base_us += us;
    return (uint32_t)us;
}

static void run_close(struct audio_log *log) {
    struct log_run *run = &log->run;
    if (!log->has_run)
        return;
    log->has_run = false;
    run->lasts_us = run_lasts(log);
    run->sum = log_sum(str_slice(buf_view(&log->waiting), run->offset - log->bytes, log->waiting.n));
    record_put(log, run);
    log->end_us = log_run_end(run);
}

// False: it could not be written, and is given up.
static bool waiting_write(struct audio_log *log) {
    run_close(log);
    struct str sound = buf_view(&log->waiting), records = buf_view(&log->records_waiting);
    if (records.n == 0)
        return true;
    errno = ENOSPC; // what a write of nothing means
    if (write_at(log->part.sound, sound, log->bytes) < sound.n) {
        give_up(log, errno);
        return false;
    }
    (void)sync_file_range(log->part.sound, (off_t)log->bytes, (off_t)sound.n, SYNC_FILE_RANGE_WRITE);
    errno = ENOSPC;
    size_t n = write_at(log->part.index, records, LOG_HEAD_BYTES + (uint64_t)log->records * LOG_RECORD_BYTES);
    int why = errno;
    records_count(log, n / LOG_RECORD_BYTES); // readers may have seen these
    if (n < records.n) {
        give_up(log, why);
        return false;
    }
    buf_clear(&log->waiting);
    buf_clear(&log->records_waiting);
    if (log->broken_since != 0)
        log_info("the log %s can be written again", log->folder);
    log->broken_since = 0;
    return true;
}

static uint32_t record_next(const struct audio_log *log) {
    return log->records + (uint32_t)(log->records_waiting.n / LOG_RECORD_BYTES);
}

static void run_begin(struct audio_log *log, uint32_t flags) {
    uint32_t marks = (flags & AUDIO_LOG_HEADERS) != 0 ? 0 : log->marks;
    log->has_run = true;
    log->run_is_mixed = false;
    log->run = (struct log_run){.offset = log->bytes + log->waiting.n,
                                .moment_us = log->moment_us,
                                .sound_us = sound_now(log),
                                .flags = flags | marks,
                                .chain = log->chain,
                                .head = log->chain_here == log->chain ? log->head_here : LOG_NO_RECORD};
    int64_t lost = log->moment_us - log->end_us;
    if ((marks & AUDIO_LOG_GAP) != 0 && lost > 0 && log->end_us > 0)
        log->run.lost_ms = lost / 1000 < UINT32_MAX ? (uint32_t)(lost / 1000) : UINT32_MAX;
    log->marks &= ~marks;
}

// The headers of the chain, where this part has none of it yet.
static void headers_put(struct audio_log *log) {
    struct str rest = buf_view(&log->headers);
    bool again = log->chain_written == log->chain;
    if (log->chain == log->chain_here)
        return;
    run_close(log);
    log->chain_here = log->chain;
    log->head_here = log->headers.failed || rest.n == 0 ? LOG_NO_RECORD : record_next(log);
    for (uint32_t flags = AUDIO_LOG_CHAIN; rest.n > 0 && !log->headers.failed; flags = 0) {
        struct str part = str_slice(rest, 0, LOG_RUN_MAX);
        run_begin(log, flags | AUDIO_LOG_HEADERS | (again ? AUDIO_LOG_AGAIN : 0));
        buf_str(&log->waiting, part);
        log->run.bytes = (uint32_t)part.n;
        run_close(log);
        rest = str_slice(rest, part.n, rest.n);
    }
}

// ---- parts -------------------------------------------------------------------------------------------------------------

static void titles_write(struct audio_log *log) {
    struct buf b;
    if (!log->title_owed || !log->has_part || log->titles < 0)
        return;
    buf_init(&b, LOG_TITLE_HEAD + AUDIO_TITLE_BYTES);
    log_title_put(&b, &(struct log_title){log->title_us, log->title_is_again, buf_view(&log->title)});
    off_t at = lseek(log->titles, 0, SEEK_END);
    if (at > LOG_TITLES_MAX - LOG_TITLE_HEAD - AUDIO_TITLE_BYTES) // no more of them in this hour
        log->title_owed = false;
    else
        log->title_owed = at < 0 || write_at(log->titles, buf_view(&b), (uint64_t)at) < b.n;
    buf_fini(&b);
}

static int file_make(struct audio_log *log, enum log_file file, const struct log_head *head) {
    char name[LOG_NAME_BYTES];
    log_name_of(file, head, name);
    return openat(log->dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
}

static void part_remove(struct audio_log *log, const struct log_head *head) {
    char name[LOG_NAME_BYTES];
    for (enum log_file file = LOG_INDEX; file <= LOG_TITLES; file++) {
        log_name_of(file, head, name);
        (void)unlinkat(log->dir, name, 0);
    }
}

// The index stands before the sound does: a part without sound is nothing yet.
static bool part_make(struct audio_log *log) {
    uint8_t bytes[LOG_HEAD_BYTES];
    struct log_part part = {
        .head = {.format = log->format, .chain = log->chain, .begun_us = log->moment_us}, .index = -1, .sound = -1};
    part.head.breaks = log_breaks_behind(log->dir, log->newest);
    part.head.part = ++log->newest;
    log_head_put(&part.head, bytes);
    part.index = file_make(log, LOG_INDEX, &part.head);
    if (part.index >= 0 && write_at(part.index, (struct str){(char *)bytes, sizeof bytes}, 0) == sizeof bytes)
        part.sound = file_make(log, LOG_SOUND, &part.head);
    int why = errno;
    if (part.sound < 0) {
        log_part_close(&part);
        part_remove(log, &part.head);
        log->newest--; // nobody saw it
        give_up(log, why);
        return false;
    }
    log->titles = file_make(log, LOG_TITLES, &part.head);
    log->part = part;
    log->has_part = true;
    return true;
}

static void part_leave(struct audio_log *log) {
    if (log->titles >= 0)
        close(log->titles);
    log->titles = -1;
    log_part_close(&log->part);
    log->has_part = log->is_ended = false;
    log->bytes = log->sound_us = log->base_us = log->samples = 0;
    log->records = log->chain_here = 0;
}

// Ends this part, where there is one.
static bool part_end(struct audio_log *log) {
    if (!log->has_part)
        return true;
    run_close(log);
    if (!log->is_ended)
        record_put(log, &(struct log_run){.offset = log->bytes + log->waiting.n,
                                          .moment_us = log->end_us < log->moment_us ? log->end_us : log->moment_us,
                                          .sound_us = sound_now(log),
                                          .flags = AUDIO_LOG_END,
                                          .head = LOG_NO_RECORD});
    if (!waiting_write(log))
        return false;
    titles_write(log);
    part_leave(log);
    return true;
}

static bool part_next(struct audio_log *log) {
    if (!part_end(log) || !part_make(log))
        return false;
    log->title_is_again = !log->title_owed;
    log->title_owed = log->title_owed || log->title.n > 0;
    titles_write(log);
    return true;
}

// A part begins where a listener may; one whose hour is long over, or that is full, anywhere. Only the newest is gone on
// with: what comes later has the later number.
//
// Of time that the clock went through before, a part has no long gap: it would hide what is there of it.
static bool is_part_over(const struct audio_log *log, const struct audio_piece *piece) {
    bool is_over_gap = log->end_us < log->back_from_us && log->moment_us - log->end_us > LOG_AHEAD_US;
    int64_t hours = log->moment_us / LOG_HOUR_US - log->part.head.begun_us / LOG_HOUR_US;
    uint64_t full = log->bytes + log->waiting.n + LOG_HEADERS_MAX + LOG_RUN_MAX;
    return !log->has_part || log->is_ended || log->part.head.part != log->newest ||
           log->part.head.format != log->format || full > LOG_PART_MAX || is_over_gap ||
           (hours > 0 && (piece->may_begin || hours >= HOURS_AT_MOST));
}

// ---- the clock ---------------------------------------------------------------------------------------------------------

// True: the clock was ahead when the newest sound came, or is wrong now. Who waits for it would stamp all sound alike.
static bool is_put_back(const struct audio_log *log, int64_t moment_us) {
    bool may_again = log->back_at_us == 0 || clock_mono_us() - log->back_at_us > BACK_AGAIN_US;
    return log->newest > 0 && log->moment_us - moment_us > LOG_AHEAD_US && moment_us >= CLOCK_LEAST_US && may_again;
}

static void put_back_tell(const struct audio_log *log, int64_t moment_us) {
    char was[CLOCK_UTC_BYTES + 1], is[CLOCK_UTC_BYTES + 1];
    struct problem p = {"it has a part of its own"};
    clock_utc_put(was, log->moment_us);
    clock_utc_put(is, moment_us);
    (void)!audio_log_span_add(log->folder, AUDIO_LOG_REPEATED, (struct audio_log_span){moment_us, log->moment_us}, &p);
    log_warn("the clock was put back: the newest sound of the log %s is of %s, what comes now of %s: %s", log->folder,
             was, is, p.text);
}

// The next part begins at that moment. False: this one cannot be ended.
static bool put_back(struct audio_log *log, int64_t moment_us) {
    if ((log->broken_since != 0 && !log->may_try) || !part_end(log))
        return false;
    put_back_tell(log, moment_us);
    log->back_from_us = log->moment_us > log->back_from_us ? log->moment_us : log->back_from_us;
    log->back_at_us = clock_mono_us();
    log->moment_us = log->end_us = moment_us;
    log->title_us = log->title_us < moment_us ? log->title_us : moment_us;
    log->marks |= AUDIO_LOG_GAP;
    log->wants_begin = true;
    return true;
}

static bool moment_take(struct audio_log *log, int64_t moment_us) {
    if (moment_us > log->moment_us && moment_us < LOG_MOMENT_MAX)
        log->moment_us = moment_us;
    return !is_put_back(log, moment_us) || put_back(log, moment_us);
}

// ---- what comes --------------------------------------------------------------------------------------------------------

static void header_take(struct audio_log *log, const struct audio_piece *piece) {
    if (piece->is_first) {
        buf_clear(&log->headers);
        log->chain = log->chain < UINT32_MAX ? log->chain + 1 : 1;
    }
    buf_str(&log->headers, piece->bytes);
}

static bool is_run_over(const struct audio_log *log, const struct audio_piece *piece) {
    bool is_long = log->run.bytes + piece->bytes.n > LOG_RUN_MAX || sound_now(log) - log->run.sound_us >= RUN_US ||
                   log->moment_us - log->run.moment_us >= RUN_US;
    return log->has_run && (is_long || log->marks != 0 || (piece->may_begin && log->run_is_mixed));
}

static bool has_time(const struct audio_piece *piece) {
    return piece->samples > 0 && piece->rate > 0 && piece->rate <= RATE_MAX &&
           piece->samples / piece->rate < PIECE_SECONDS_MAX;
}

// Sound of another rate is another source, whoever says so or not; and samples are counted anew.
static void rate_take(struct audio_log *log, const struct audio_piece *piece) {
    bool has_rate = has_time(piece);
    bool is_other = has_rate && log->rate != 0 && piece->rate != log->rate;
    bool is_wider = piece->channels != 0 && log->channels != 0 && piece->channels != log->channels;
    if (is_other || is_wider) {
        run_close(log);
        log->marks |= AUDIO_LOG_SOURCE;
    }
    if (has_rate && piece->rate != log->rate) {
        log->base_us = sound_now(log);
        log->samples = 0;
        log->rate = piece->rate;
    }
    log->channels = piece->channels != 0 ? piece->channels : log->channels;
}

static void sound_take(struct audio_log *log, const struct audio_piece *piece) {
    bool is_full =
        log->waiting.n + piece->bytes.n > LOG_WAITING_MAX || log->records_waiting.n > LOG_RECORDS_WAITING_MAX / 2;
    if (is_full && !waiting_write(log))
        return;
    rate_take(log, piece);
    if (is_run_over(log, piece))
        run_close(log);
    headers_put(log);
    if (!log->has_run)
        run_begin(log, piece->may_begin ? AUDIO_LOG_BEGIN : 0);
    log->run_is_mixed = log->run_is_mixed || !piece->may_begin;
    buf_str(&log->waiting, piece->bytes);
    must(!log->waiting.failed);
    log->run.bytes += (uint32_t)piece->bytes.n;
    if (has_time(piece))
        log->samples += piece->samples;
}

void audio_log_append(struct audio_log *log, const struct audio_piece *piece, int64_t moment_us) {
    if (piece->bytes.n == 0 || piece->bytes.n > LOG_RUN_MAX)
        return;
    if (!moment_take(log, moment_us) && piece->kind != AUDIO_HEADER)
        return;
    if (piece->kind == AUDIO_HEADER) {
        header_take(log, piece);
        return;
    }
    if ((log->wants_begin && !piece->may_begin) || (log->broken_since != 0 && !log->may_try))
        return;
    if (is_part_over(log, piece) && !part_next(log))
        return;
    log->wants_begin = false;
    sound_take(log, piece);
}

void audio_log_mark(struct audio_log *log, unsigned flags) {
    log->marks |= flags & (AUDIO_LOG_SOURCE | AUDIO_LOG_GAP);
}

void audio_log_title(struct audio_log *log, struct str title, int64_t moment_us) {
    titles_write(log); // an earlier one that could not be written
    buf_clear(&log->title);
    buf_str(&log->title, utf8_valid(title) ? utf8_cut(title, AUDIO_TITLE_BYTES) : STR_NONE);
    log->title_us = moment_us >= 0 && moment_us < LOG_MOMENT_MAX ? moment_us : log->moment_us;
    log->title_owed = true;
    log->title_is_again = false;
    titles_write(log);
}

enum rc audio_log_flush(struct audio_log *log, struct problem *p) {
    log->may_try = true;
    if (log->has_part && waiting_write(log))
        titles_write(log);
    log->may_try = true;
    if (log->broken_since == 0)
        return RC_OK;
    return problem_set(p, RC_IO, "the log %s cannot be written: %s", log->folder, strerror(log->why));
}

int64_t audio_log_broken_since(const struct audio_log *log) {
    return log->broken_since;
}

void audio_log_close(struct audio_log **log) {
    if (*log == NULL)
        return;
    struct audio_log *l = *log;
    if (audio_log_flush(l, NULL) != RC_OK)
        log_warn("the end of the log %s is lost", l->folder);
    part_leave(l);
    buf_fini(&l->waiting);
    buf_fini(&l->records_waiting);
    buf_fini(&l->headers);
    buf_fini(&l->title);
    if (l->lock >= 0)
        close(l->lock);
    if (l->dir >= 0)
        close(l->dir);
    mem_free(l->folder);
    mem_free(l);
    *log = NULL;
}
