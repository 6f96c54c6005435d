// SPDX-License-Identifier: AGPL-3.0-or-later
// A span of the log as a file of its own. Runs are copied whole where they lie inside it; the first and the last are taken
// apart, and their pieces counted out in time.
#include <errno.h>
#include <unistd.h>

#include "audio/log.h"

enum { PIECES_MAX = LOG_HEADERS_MAX * sizeof(struct log_piece) };

struct cutting {
    struct audio_log_span span;
    int fd;
    struct audio_log_cut *out;
    struct audio_scanner *scanner;
    struct buf bytes, pieces;
    bool has_begun;
};

static bool write_all(struct cutting *c, struct str bytes) {
    c->out->bytes += bytes.n;
    while (bytes.n > 0) {
        ssize_t n = write(c->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = str_slice(bytes, (size_t)n, bytes.n);
    }
    return true;
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
        (void)log_pieces(c->scanner, buf_view(&c->bytes), &c->pieces);
        if (!write_all(c, buf_view(&c->bytes)))
            return false;
    }
}

// Which bytes of a run lie in the span, and for how long they last.
static struct str inside(struct cutting *c, const struct log_run *run, int64_t *from_us_out, int64_t *to_us_out) {
    struct str all = buf_view(&c->bytes);
    *from_us_out = run->moment_us;
    *to_us_out = log_run_end(run);
    bool begins = !c->has_begun && run->moment_us < c->span.from_us && log_run_end(run) > c->span.from_us;
    buf_clear(&c->pieces);
    if ((!begins && log_run_end(run) <= c->span.to_us) || !log_pieces(c->scanner, all, &c->pieces))
        return all;
    const struct log_piece *pieces = (const struct log_piece *)(const void *)c->pieces.p;
    size_t n = c->pieces.n / sizeof *pieces, from = 0, to = all.n;
    for (size_t i = 0; i < n; i++) {
        int64_t moment = run->moment_us + (int64_t)(run->lasts_us * (uint64_t)i / n);
        size_t at = i > 0 ? pieces[i - 1].end : 0;
        if (begins && moment <= c->span.from_us && pieces[i].may_begin) {
            from = at;
            *from_us_out = moment;
        }
        if (moment >= c->span.to_us && to == all.n) {
            to = at;
            *to_us_out = moment;
        }
    }
    return str_slice(all, from, to);
}

static bool run_write(struct cutting *c, const struct log_part *part, struct audio_log_place *place,
                      const struct log_run *run) {
    int64_t from, to;
    if (!headers_write(c, part, place, run))
        return false;
    buf_clear(&c->bytes);
    if (!log_run_sound(part, run, &c->bytes)) {
        c->out->left_out++;
        return true;
    }
    struct str bytes = inside(c, run, &from, &to);
    if (!c->has_begun)
        c->out->from_us = from;
    c->has_begun = true;
    c->out->to_us = to;
    c->out->lasts_us += to - from;
    c->out->left_out += (place->flags & (PLACE_STEPPED | PLACE_LOST)) != 0;
    place->flags &= ~(uint32_t)(PLACE_STEPPED | PLACE_LOST);
    return write_all(c, bytes);
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
    return c->has_begun ? RC_OK : problem_set(p, RC_NOT_FOUND, "the log has no sound of that time");
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
        buf_init(&c.bytes, LOG_HEADERS_MAX);
        buf_init(&c.pieces, PIECES_MAX);
        c.scanner = audio_scanner_new(format);
        rc = runs_write(&c, r, &place, p);
        audio_scanner_free(&c.scanner);
        buf_fini(&c.bytes);
        buf_fini(&c.pieces);
    }
    audio_log_reader_close(&r);
    return rc;
}
