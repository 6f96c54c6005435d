// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to src/audio: what writing, reading and keeping the log share. What stands on disk may be anybody's: nothing of
// it is used before log_*_get has found it sound.
#ifndef AUDIO_LOG_H
#define AUDIO_LOG_H

#include "audio/audio.h"

// ---- formats (log_form.c; the layouts stand in audio.h) ----------------------------------------------------------------

enum { LOG_HEAD_BYTES = 36, LOG_RECORD_BYTES = 56, LOG_TITLE_HEAD = 24, LOG_SPANS_HEAD = 16, LOG_SPAN_BYTES = 16 };
enum {
    LOG_RUN_MAX = 1 << 18,     // bytes of a run; at least two pieces
    LOG_HEADERS_MAX = 1 << 20, // of a chain; longer ones are not kept
    LOG_PARTS_MAX = 1 << 17,   // fifteen years of hours
    LOG_SPANS_MAX = 4096,
    LOG_HOURS_AT_MOST = 2,    // that a part begins a later one before
    LOG_TITLES_MAX = 1 << 23, // bytes of a part's titles that are looked at
};
#define LOG_PART_MAX (UINT64_C(1) << 32) // bytes of sound in one part
#define LOG_HOUR_US (INT64_C(3600) * US_PER_SECOND)
#define LOG_MOMENT_MAX (INT64_C(253402300800) * US_PER_SECOND) // the year 10000
#define LOG_NO_RECORD UINT32_MAX
#define LOG_AHEAD_US                                                                                                   \
    (INT64_C(60) * US_PER_SECOND) // so far behind the newest moment the clock may go, and is waited for

struct log_head {
    enum audio_format format;
    uint32_t part, chain, breaks;
    int64_t begun_us;
};
struct log_run {
    uint64_t offset;
    int64_t moment_us;
    uint64_t sound_us;
    uint32_t bytes, lasts_us, flags, chain, head, lost_ms, sum;
};
struct log_title {
    int64_t moment_us;
    bool is_again;
    struct str text; // borrowed
};

uint32_t log_sum(struct str bytes);
void log_head_put(const struct log_head *head, uint8_t out[LOG_HEAD_BYTES]);
bool log_head_get(const uint8_t *p, struct log_head *out); // of LOG_HEAD_BYTES
void log_run_put(const struct log_run *run, uint8_t out[LOG_RECORD_BYTES]);
bool log_run_get(const uint8_t *p, struct log_run *out); // of LOG_RECORD_BYTES
void log_title_put(struct buf *b, const struct log_title *title);
// The next title in what is left; steps over what is none. False: there is no more.
bool log_title_next(struct str *rest, struct log_title *out);
static inline int64_t log_run_end(const struct log_run *run) {
    return run->moment_us + run->lasts_us;
}

// ---- parts (log_part.c) ------------------------------------------------------------------------------------------------

struct log_part {
    struct log_head head;
    int index, sound; // -1: not open
};

enum log_file { LOG_INDEX, LOG_SOUND, LOG_TITLES };
enum { LOG_NAME_BYTES = 64 };
void log_name_of(enum log_file file, const struct log_head *head, char out[LOG_NAME_BYTES]);
// The numbers of all parts in the folder, ascending, by the names of their indexes; in the arena.
enum rc log_parts(int dir, struct arena *a, uint32_t **numbers_out, size_t *n_out, struct problem *p) MUST_USE;
// Opens an existing part. RC_NOT_FOUND: its index or its sound is not there. RC_INVALID: no index. RC_BUSY: too many files
// are open, which says nothing of this one.
enum rc log_part_open(int dir, uint32_t number, bool to_write, struct log_part *out) MUST_USE;
enum rc log_head_read(int dir, uint32_t number, struct log_head *out) MUST_USE; // of a part that is not opened
// The moment it begins and that of its last record; RC_INVALID: it has no head.
enum rc log_ends_read(int dir, uint32_t number, int64_t *begun_us_out, int64_t *last_us_out) MUST_USE;
void log_part_close(struct log_part *part);
uint32_t log_part_records(const struct log_part *part); // whole ones; sound or not
// 1: it is there; 0: there are not so many; -1: it is damaged.
int log_part_run(const struct log_part *part, uint32_t record, struct log_run *out);
// Several records at once: a window that moves over a part; zeros at first.
enum { LOG_RUNS_AT_ONCE = 64 };
struct log_runs {
    uint32_t part, first, n;
    uint8_t bytes[LOG_RUNS_AT_ONCE * LOG_RECORD_BYTES];
};
int log_runs_get(struct log_runs *w, const struct log_part *part, uint32_t record, struct log_run *out);
bool log_pread(int fd, void *to, size_t n, uint64_t at); // all of them
// A run's sound, added to b; false: it is not all there, or not what the record vouches for.
bool log_run_sound(const struct log_part *part, const struct log_run *run, struct buf *b);
enum rc log_dir_open(const char *folder, int *out, struct problem *p) MUST_USE;

// ---- time (log_time.c) -------------------------------------------------------------------------------------------------
//
// Parts have two orders. By number they stand as they were written. By moment they do too, as long as the clock goes
// forward; where it was put back by more than a minute, the writer begins a part whose moments are before those of the one
// before it (docs/decisions/0011-a-clock-that-was-wrong.md). Within a part moments never go back. So:
//
//   - of a moment the newest part counts that has it, from its beginning to its end; what an older part has of the same time
//     is *hidden*, and comes back where nothing newer is in its place
//   - everything behind the beginning of the newest part of all is that part's: nothing is found of a time to come
//
// Everybody who goes by moments goes along these stays, which ascend and never overlap; who counts or checks the log itself
// (verify, breaks, dropping) goes by number and sees everything.

struct log_stay {
    uint32_t part;
    bool is_rest; // not from the part's begin on
    int64_t from_us, to_us;
};
struct log_seen {
    uint32_t part;
    int64_t begun_us, last_us;
};
struct log_time {
    struct buf seen, stays; // struct log_seen by number, struct log_stay by moment
    int64_t mtime;          // of the folder, as it was seen; 0: it is looked at again
    int64_t since_us;       // the beginning of the last part whose moments went back; 0: none did
};
void log_time_init(struct log_time *t);
void log_time_fini(struct log_time *t);
// Looks what there is, where the folder changed. RC_BUSY, RC_IO, RC_TOO_BIG: it could not, and what was seen before counts.
enum rc log_time_look(struct log_time *t, int dir) MUST_USE;
const struct log_stay *log_time_get(const struct log_time *t, size_t i); // borrowed until the next look; NULL: no more
size_t log_time_at(const struct log_time *t, int64_t moment_us);         // the last that begins by then, or the first
// That part's own stay at a moment, or NULL; hidden: something newer is there instead.
const struct log_stay *log_time_of(const struct log_time *t, uint32_t part, int64_t moment_us, bool *is_hidden_out);
bool log_time_hides(const struct log_time *t, uint32_t part, int64_t moment_us);
// What comes behind the last stay of that part that begins by that moment; NULL: nothing, or it has none.
const struct log_stay *log_time_next(const struct log_time *t, uint32_t part, int64_t moment_us);
int64_t log_folder_mtime(int dir); // nanoseconds

// ---- spans (log_form.c, log_spans.c) -----------------------------------------------------------------------------------

// Reads what the bytes of such a file say, in the arena, ascending; false: they are damaged.
bool log_spans_get(struct str bytes, struct arena *a, struct audio_log_span **spans_out, size_t *n_out);
bool log_span_is(struct audio_log_span span);     // it ends after it begins
int log_span_order(const void *l, const void *r); // of two struct audio_log_span, for qsort
// Into an empty b.
void log_spans_put(struct buf *b, const struct audio_log_span *spans, size_t n);
enum { LOG_SPANS_FILE_MAX = LOG_SPANS_HEAD + LOG_SPANS_MAX * LOG_SPAN_BYTES };
// None where there is no file.
enum rc log_spans_load(int dir, enum audio_log_span_kind kind, struct arena *a, struct audio_log_span **spans_out,
                       size_t *n_out, struct problem *p) MUST_USE;
const char *log_spans_name(enum audio_log_span_kind kind);
int log_spans_file(int dir, enum audio_log_span_kind kind); // open to read, or -1
// The span that touches [from, to], or the moment when they are the same; NULL: none. Of those that begin first.
const struct audio_log_span *log_spans_find(const struct audio_log_span *spans, size_t n, int64_t from_us,
                                            int64_t to_us);

// ---- reading (log_read.c, log_find.c) ----------------------------------------------------------------------------------

enum { LOG_PARTS_OPEN = 8 };
enum log_place_flag {
    PLACE_WANTS_BEGIN = 1,
    PLACE_STEPPED = 2,
    PLACE_GIVES_HEADERS = 4,
    PLACE_LOST = 8,
    PLACE_OTHER = 16,
    PLACE_AT_REST = 32 // it came to where a part goes on behind what lay over it
};

struct audio_log_reader {
    char *folder;
    int dir;
    struct log_part parts[LOG_PARTS_OPEN];
    uint64_t used[LOG_PARTS_OPEN], uses;
    struct arena *masks_arena;
    struct audio_log_span *masks;
    size_t masks_n;
    uint64_t masks_file[3]; // which file they were read of
    uint64_t masks_number;  // how often they changed
    bool masks_failed;
    struct log_time time;
    bool is_short;      // of file descriptors, when a part was last asked for
    uint32_t edge;      // no part stood behind this one
    int64_t edge_mtime; // when the folder was as it was then
};
// Borrowed until the next call; NULL: it is not there or damaged, or is_short.
const struct log_part *log_reader_part(struct audio_log_reader *r, uint32_t number);
// The next part behind that one; 0: there is none. What is sure to have one behind it is looked for further than the next.
uint32_t log_part_after(struct audio_log_reader *r, uint32_t number, bool is_over);
// Reads the masks again where they changed; false: they cannot be known.
bool log_masks_fresh(struct audio_log_reader *r);
// The next run of sound that may be given, from the place onward, stepping over headers, masks, damage and what has no
// beginning. LIVE: there is none yet, and the place is where it will be.
enum audio_log_got log_next(struct audio_log_reader *r, struct audio_log_place *place, const struct log_part **part_out,
                            struct log_run *out);
void log_place_step(struct audio_log_place *place); // to the next record
// Behind the last record of a part (INT64_MAX), or behind what is not hidden before a moment, on to what comes next in time.
// False: nothing is there yet.
bool log_part_pass(struct audio_log_reader *r, struct audio_log_place *place, const struct log_part *part, bool is_over,
                   int64_t moment_us);
// True: it is not this run that comes next in time, for it is hidden, or something newer lies before it. *before_out: the
// moment for log_part_pass.
bool log_is_passed(const struct audio_log_reader *r, const struct log_part *part, const struct audio_log_place *place,
                   const struct log_run *run, int64_t *before_out);
// The first record at or behind a moment.
uint32_t log_record_from(const struct log_part *part, int64_t moment_us);
// The last sound record at or before a moment: RC_NOT_FOUND when the log is empty.
enum rc log_find(struct audio_log_reader *r, int64_t moment_us, struct audio_log_place *out) MUST_USE;

// Bytes of the headers of the chain that this sound, at this place, belongs to; false: the listener has them, or all.
bool log_headers_read(const struct log_part *part, struct audio_log_place *place, const struct log_run *sound, char *to,
                      size_t n, struct audio_log_bytes *out);

// ---- breaks (log_breaks.c; what they are stands in audio.h) ------------------------------------------------------------

struct log_breaks {
    uint32_t n;              // so far
    int64_t segment, newest; // of the run before; the newest break; -1: none
};
// A run of sound. The segment that it makes a break, or -1.
int64_t log_breaks_take(struct log_breaks *b, int64_t moment_us, unsigned flags);
// As it is before a part's first run, by its head and the end of the part before it (NULL: there is none).
struct log_breaks log_breaks_before(const struct log_part *part, const struct log_part *before);
// How many breaks are before the part that comes behind that one.
uint32_t log_breaks_behind(int dir, uint32_t number);

// ---- pieces (log_pieces.c) ---------------------------------------------------------------------------------------------

struct log_piece {
    uint32_t end;            // where the next one begins, in the run
    bool may_begin, is_rest; // as of struct audio_piece
};
// The pieces of a run, by a scanner that has the chain's headers; added to `pieces`. False: it is not made of whole ones.
bool log_pieces(struct audio_scanner *scanner, struct str run, struct buf *pieces);

#endif
