// SPDX-License-Identifier: AGPL-3.0-or-later
// A span of the log as a file of its own. The first run and the last are taken apart, and their pieces counted out in time;
// so is every run of a format whose pieces are counted anew (cut.h).
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "audio/cut.h"
#include "audio/log.h"

enum { PIECES_MAX = LOG_HEADERS_MAX * sizeof(struct log_piece), WRITTEN_MAX = 2 * LOG_HEADERS_MAX };

struct cutting {
    struct audio_log_span span;
    int fd;
    struct audio_log_cut *out;
    struct audio_scanner *scanner;
    struct cut cut;
    struct buf bytes, pieces, written; // of a run or of headers: as they are kept; where they part; as they are written
    bool has_begun, has_head;          // sound was written; the file begins with headers
};

static bool written_flush(struct cutting *c) {
    struct str bytes = buf_view(&c->written);
    c->out->bytes += bytes.n;
    while (bytes.n > 0) {
        ssize_t n = write(c->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    errno = ENOMEM;
    return !c->written.failed;
}

// What was sent in another format than it begins with comes as it is.
static bool is_ours(const struct cutting *c, const struct log_part *part) {
    return part->head.format == c->cut.format;
}

// Bytes as they are, behind what was held back.
static void raw_put(struct cutting *c) {
    cut_end(&c->cut, &c->written);
    buf_str(&c->written, buf_view(&c->bytes));
}

// The scanner needs them too.
static bool headers_write(struct cutting *c, const struct log_part *part, struct audio_log_place *place,
                          const struct log_run *run) {
    struct audio_log_bytes got;
    for (;;) {
        buf_clear(&c->bytes);
        got = (struct audio_log_bytes){0};
        char *to = buf_reserve(&c->bytes, LOG_HEADERS_MAX);
        if (to == NULL || !log_headers_read(part, place, run, to, LOG_HEADERS_MAX, &got))
            return to != NULL;
        c->bytes.n = got.bytes;
        buf_clear(&c->pieces);
        buf_clear(&c->written);
        (void)log_pieces(c->scanner, buf_view(&c->bytes), &c->pieces);
        c->has_head = c->has_head || (c->out->bytes == 0 && is_ours(c, part));
        if (is_ours(c, part))
            cut_headers(&c->cut, c->scanner, buf_view(&c->bytes), &c->written);
        else
            raw_put(c);
        if (!written_flush(c))
            return false;
    }
}

// ---- sound -------------------------------------------------------------------------------------------------------------

// Which pieces of a run lie in the span, and from when to when that is. Without pieces it is all of it.
struct inside {
    const struct log_piece *pieces;
    size_t first, end;
    int64_t from_us, to_us;
};

static struct inside inside(struct cutting *c, const struct log_part *part, const struct log_run *run) {
    struct inside in = {.from_us = run->moment_us, .to_us = log_run_end(run)};
    bool begins = !c->has_begun && in.from_us < c->span.from_us && in.to_us > c->span.from_us;
    bool is_whole = !begins && in.to_us <= c->span.to_us;
    buf_clear(&c->pieces);
    if ((is_whole && !(cut_counts(&c->cut) && is_ours(c, part))) ||
        !log_pieces(c->scanner, buf_view(&c->bytes), &c->pieces))
        return in;
    in.pieces = (const struct log_piece *)(const void *)c->pieces.p;
    size_t n = in.end = c->pieces.n / sizeof *in.pieces;
    for (size_t i = 0; i < n && !is_whole; i++) {
        int64_t moment = run->moment_us + (int64_t)(run->lasts_us * (uint64_t)i / n);
        if (begins && moment <= c->span.from_us && in.pieces[i].may_begin) {
            in.first = i;
            in.from_us = moment;
        }
        if (moment >= c->span.to_us && in.end == n) {
            in.end = i;
            in.to_us = moment;
        }
    }
    return in;
}

static void sound_put(struct cutting *c, const struct inside *in) {
    struct str all = buf_view(&c->bytes);
    bool has_time = in->pieces != NULL && cut_has_time(&c->cut);
    buf_clear(&c->written);
    if (in->pieces == NULL)
        raw_put(c);
    for (size_t i = in->first; i < in->end; i++) {
        size_t at = i > 0 ? in->pieces[i - 1].end : 0;
        cut_piece(&c->cut, str_slice(all, at, in->pieces[i].end), in->pieces[i].is_rest, &c->written);
    }
    c->out->lasts_us += has_time ? 0 : in->to_us - in->from_us;
}

static bool run_write(struct cutting *c, const struct log_part *part, struct audio_log_place *place,
                      const struct log_run *run) {
    if (!headers_write(c, part, place, run))
        return false;
    buf_clear(&c->bytes);
    if (!log_run_sound(part, run, &c->bytes)) {
        c->out->left_out++;
        cut_gap(&c->cut);
        return true;
    }
    struct inside in = inside(c, part, run);
    if (!c->has_begun)
        c->out->from_us = in.from_us;
    c->has_begun = true;
    c->out->to_us = in.to_us;
    if ((place->flags & (PLACE_STEPPED | PLACE_LOST)) != 0) {
        c->out->left_out++;
        cut_gap(&c->cut);
    }
    place->flags &= ~(uint32_t)(PLACE_STEPPED | PLACE_LOST);
    sound_put(c, &in);
    return written_flush(c);
}

// ---- all of it ---------------------------------------------------------------------------------------------------------

static bool end_write(struct cutting *c) {
    buf_clear(&c->written);
    cut_end(&c->cut, &c->written);
    return written_flush(c);
}

static enum rc runs_write(struct cutting *c, struct audio_log_reader *r, struct audio_log_place *place,
                          struct problem *p) {
    const struct log_part *part;
    struct log_run run;
    enum audio_log_got got;
    while ((got = log_next(r, place, &part, &run)) == AUDIO_LOG_BYTES && run.moment_us < c->span.to_us) {
        if (!run_write(c, part, place, &run))
            return problem_set(p, RC_IO, "what is cut cannot be written: %s", strerror(errno));
        log_place_step(place);
    }
    if (got == AUDIO_LOG_FAILED)
        return problem_set(p, RC_IO, "the log cannot be read to the end of that time");
    c->out->lasts_us += cut_lasts_us(&c->cut);
    return c->has_begun ? RC_OK : problem_set(p, RC_NOT_FOUND, "the log has no sound of that time");
}

// A file's begin says how long it is, where one can go back to it: a pipe's does not.
static bool length_write(const struct cutting *c, off_t began) {
    uint8_t bytes[CUT_LENGTH_BYTES];
    uint64_t at;
    size_t n;
    int flags = fcntl(c->fd, F_GETFL);
    if (!c->has_head || began < 0 || flags < 0 || (flags & O_APPEND) != 0 || !cut_length(&c->cut, &at, bytes, &n))
        return true;
    ssize_t done;
    do
        done = pwrite(c->fd, bytes, n, began + (off_t)at);
    while (done < 0 && errno == EINTR);
    return done == (ssize_t)n;
}

// The format is that of the part it begins in; of others that come behind it runs are taken whole.
static enum rc cut_begin(struct audio_log_reader *r, struct audio_log_span span, struct audio_log_place *place,
                         enum audio_format *format_out, struct problem *p) {
    int64_t from, to;
    if (!log_span_is(span))
        return problem_set(p, RC_INVALID, "a span must end after it begins");
    if (!log_masks_fresh(r))
        return problem_set(p, RC_INVALID, "what may not be replayed cannot be known: the file of masks is damaged");
    if (audio_log_reach(r, &from, &to) != RC_OK || span.from_us >= to || span.to_us <= from ||
        log_find(r, span.from_us, place) != RC_OK)
        return problem_set(p, RC_NOT_FOUND, "the log has no sound of that time");
    const struct log_part *part = log_reader_part(r, place->part);
    *format_out = part != NULL ? part->head.format : AUDIO_OTHER;
    return RC_OK;
}

static void cutting_init(struct cutting *c, enum audio_format format) {
    buf_init(&c->bytes, LOG_HEADERS_MAX);
    buf_init(&c->pieces, PIECES_MAX);
    buf_init(&c->written, WRITTEN_MAX);
    c->scanner = audio_scanner_new(format);
    cut_init(&c->cut, format);
}

static void cutting_fini(struct cutting *c) {
    audio_scanner_free(&c->scanner);
    cut_fini(&c->cut);
    buf_fini(&c->bytes);
    buf_fini(&c->pieces);
    buf_fini(&c->written);
}

enum rc audio_log_cut(const char *folder, struct audio_log_span span, int fd, struct audio_log_cut *out,
                      struct problem *p) {
    struct audio_log_reader *r;
    struct audio_log_place place;
    struct cutting c = {.span = span, .fd = fd, .out = out};
    enum audio_format format;
    *out = (struct audio_log_cut){0};
    enum rc rc = audio_log_reader_open(folder, &r, p);
    if (rc != RC_OK)
        return rc;
    rc = cut_begin(r, span, &place, &format, p);
    if (rc == RC_OK) {
        off_t began = lseek(fd, 0, SEEK_CUR);
        cutting_init(&c, format);
        rc = runs_write(&c, r, &place, p);
        if (rc == RC_OK && !(end_write(&c) && length_write(&c, began)))
            rc = problem_set(p, RC_IO, "what is cut cannot be written: %s", strerror(errno));
        cutting_fini(&c);
    }
    audio_log_reader_close(&r);
    return rc;
}
