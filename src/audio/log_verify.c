// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the log is what its own records say, part by part and record by record.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audio/log.h"

struct walk {
    struct audio_log_faults *faults;
    int dir;
    const struct log_part *part;
    bool is_newest;
    char index[LOG_NAME_BYTES], sound[LOG_NAME_BYTES];
    struct audio_scanner *scanner;
    struct buf headers, bytes, pieces;
    uint64_t offset; // where the next run must begin
    bool knows_offset, is_over;
    int64_t moment_us;
    bool went_back; // before this part, and no sound said so yet
    uint32_t whole; // the part before, had it no fault
};

static void fault(struct walk *w, const char *file, uint64_t at, const char *what) {
    w->faults->faults++;
    if (w->faults->take != NULL)
        w->faults->take(w->faults->arg, file, at, what);
}

// ---- records -----------------------------------------------------------------------------------------------------------

static void order_check(struct walk *w, uint64_t at, const struct log_run *run) {
    if (w->is_over)
        fault(w, w->index, at, "a record stands behind the part's end");
    if (w->knows_offset && run->offset != w->offset)
        fault(w, w->index, at, "its sound does not begin where the one before ends");
    if (run->moment_us < w->moment_us)
        fault(w, w->index, at, "its moment is before that of the one before");
    if (run->bytes > 0 && (run->flags & AUDIO_LOG_HEADERS) == 0) {
        if (w->went_back && (run->flags & AUDIO_LOG_GAP) == 0)
            fault(w, w->index, at, "the part begins before the one before it ends, and no gap says so");
        w->went_back = false;
    }
    w->offset = run->offset + run->bytes;
    w->knows_offset = true;
    w->moment_us = run->moment_us;
    w->is_over = (run->flags & AUDIO_LOG_END) != 0;
}

static void head_check(struct walk *w, uint64_t at, uint32_t record, const struct log_run *run) {
    struct log_run head;
    if (run->chain == 0 || run->bytes == 0 || run->head == LOG_NO_RECORD)
        return;
    if (run->head > record || log_part_run(w->part, run->head, &head) != 1 || (head.flags & AUDIO_LOG_CHAIN) == 0 ||
        head.chain != run->chain)
        fault(w, w->index, at, "its chain's headers are not where it says");
}

// Headers may be longer than a run: the scanner gets them when they are all there.
static void headers_end(struct walk *w) {
    buf_clear(&w->pieces);
    if (w->headers.n > 0 && !log_pieces(w->scanner, buf_view(&w->headers), &w->pieces))
        fault(w, w->sound, w->offset - w->headers.n, "these headers are not made of whole pieces");
    buf_clear(&w->headers);
}

static void sound_check(struct walk *w, const struct log_run *run) {
    bool is_header = (run->flags & AUDIO_LOG_HEADERS) != 0;
    if (!is_header || (run->flags & AUDIO_LOG_CHAIN) != 0)
        headers_end(w);
    if (run->bytes == 0)
        return;
    buf_clear(&w->bytes);
    if (!log_run_sound(w->part, run, &w->bytes)) {
        fault(w, w->sound, run->offset, "the sound is not what its record vouches for");
        return;
    }
    w->faults->bytes += run->bytes;
    if (is_header) {
        buf_str(&w->headers, buf_view(&w->bytes));
        return;
    }
    buf_clear(&w->pieces);
    if (!log_pieces(w->scanner, buf_view(&w->bytes), &w->pieces))
        fault(w, w->sound, run->offset, "the sound is not made of whole pieces");
}

static void records_check(struct walk *w) {
    struct log_run run;
    for (uint32_t i = 0, n = log_part_records(w->part); i < n; i++) {
        uint64_t at = LOG_HEAD_BYTES + (uint64_t)i * LOG_RECORD_BYTES;
        w->faults->records++;
        if (log_part_run(w->part, i, &run) != 1) {
            fault(w, w->index, at, "the record is damaged");
            w->knows_offset = false;
            continue;
        }
        sound_check(w, &run); // headers that end here are told of by where they did
        order_check(w, at, &run);
        head_check(w, at, i, &run);
    }
    headers_end(w);
}

// ---- files -------------------------------------------------------------------------------------------------------------

static uint64_t size_of(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

static void ends_check(struct walk *w) {
    uint64_t index = size_of(w->part->index), sound = size_of(w->part->sound);
    if (w->is_newest)
        return;
    if ((index - LOG_HEAD_BYTES) % LOG_RECORD_BYTES != 0)
        fault(w, w->index, index, "the last record is not whole");
    if (w->knows_offset && sound > w->offset)
        fault(w, w->sound, w->offset, "no record vouches for the sound from here on");
}

static void titles_check(struct walk *w) {
    char name[LOG_NAME_BYTES];
    struct log_title title;
    struct buf b;
    log_name_of(LOG_TITLES, &w->part->head, name);
    int fd = openat(w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return; // nobody could write one: sound is not lost with it
    uint64_t whole = 0, n = size_of(fd) < LOG_TITLES_MAX ? size_of(fd) : LOG_TITLES_MAX;
    buf_init(&b, LOG_TITLES_MAX);
    char *to = buf_reserve(&b, n);
    b.n = to != NULL && log_pread(fd, to, n, 0) ? n : 0;
    for (struct str rest = buf_view(&b); log_title_next(&rest, &title);)
        whole += LOG_TITLE_HEAD + title.text.n;
    if (whole != n && !w->is_newest)
        fault(w, name, whole, "a title is damaged");
    buf_fini(&b);
    close(fd);
}

static void breaks_check(struct walk *w, uint32_t number) {
    if (number > 1 && w->whole == number - 1 && w->part->head.breaks != log_breaks_behind(w->dir, number - 1))
        fault(w, w->index, 20, "the head does not say how many breaks are before it");
}

static void part_walk(struct walk *w, uint32_t number) {
    struct log_part part;
    uint64_t faults = w->faults->faults;
    log_name_of(LOG_INDEX, &(struct log_head){.part = number}, w->index);
    enum rc rc = log_part_open(w->dir, number, false, &part);
    if (rc != RC_OK) {
        fault(w, w->index, 0,
              rc == RC_INVALID     ? "the index has no head"
              : rc == RC_NOT_FOUND ? "its sound is not there"
                                   : "it cannot be opened");
        return;
    }
    log_name_of(LOG_SOUND, &part.head, w->sound);
    w->went_back = part.head.begun_us < w->moment_us;
    w->moment_us = part.head.begun_us;
    w->part = &part;
    w->offset = 0;
    w->knows_offset = true;
    w->is_over = false;
    w->scanner = audio_scanner_new(part.head.format);
    w->faults->parts++;
    breaks_check(w, number);
    records_check(w);
    ends_check(w);
    titles_check(w);
    w->whole = w->faults->faults == faults ? number : 0;
    audio_scanner_free(&w->scanner);
    log_part_close(&part);
}

static void spans_check(struct walk *w, struct arena *a) {
    struct audio_log_span *spans;
    size_t n;
    for (enum audio_log_span_kind kind = AUDIO_LOG_MASKED; kind <= AUDIO_LOG_REPEATED; kind++)
        if (log_spans_load(w->dir, kind, a, &spans, &n, NULL) != RC_OK)
            fault(w, log_spans_name(kind), 0, "the file is damaged");
}

static enum rc walk_all(struct walk *w, struct arena *a, struct problem *p) {
    uint32_t *numbers;
    size_t n;
    enum rc rc = log_parts(w->dir, a, &numbers, &n, p);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        w->is_newest = i + 1 == n;
        part_walk(w, numbers[i]);
    }
    spans_check(w, a);
    return w->faults->faults == 0
               ? RC_OK
               : problem_set(p, RC_INVALID, "the log has %llu faults", (unsigned long long)w->faults->faults);
}

enum rc audio_log_verify(const char *folder, struct audio_log_faults *faults, struct problem *p) {
    struct walk w = {.faults = faults};
    faults->parts = faults->records = faults->bytes = faults->faults = 0;
    enum rc rc = log_dir_open(folder, &w.dir, p);
    if (rc != RC_OK)
        return rc;
    struct arena *a = arena_new(1 << 20);
    buf_init(&w.headers, LOG_HEADERS_MAX);
    buf_init(&w.bytes, LOG_RUN_MAX);
    buf_init(&w.pieces, LOG_HEADERS_MAX * sizeof(struct log_piece));
    rc = walk_all(&w, a, p);
    buf_fini(&w.headers);
    buf_fini(&w.bytes);
    buf_fini(&w.pieces);
    arena_free(&a);
    close(w.dir);
    return rc;
}
