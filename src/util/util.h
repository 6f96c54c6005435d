// SPDX-License-Identifier: AGPL-3.0-or-later
// What every other folder stands on: the result code, assertions, borrowed and owned text, request memory,
// time, the log, small parsers and safe file writing. Nothing here knows of news, radio or the network.
//
// Ownership words used in every header of this tree:
//   borrowed      valid while the thing it came from lives; never freed by the receiver
//   arena         lives as long as the arena given; never freed alone
//   owned         the receiver frees it with the call named in the comment
#ifndef UTIL_UTIL_H
#define UTIL_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/banned.h"

// ---- results -------------------------------------------------------------------------------------------------

// Every call that can fail in an expected way returns one of these. Bugs end in must(); memory exhaustion aborts.
enum rc {
    RC_OK = 0,
    RC_NOT_FOUND, // there is no such thing
    RC_GONE,      // there was, and it was withdrawn
    RC_CONFLICT,  // somebody else changed it, or the name is taken
    RC_INVALID,   // what came in breaks a rule; a struct problem says which
    RC_DENIED,    // the asker may not
    RC_BUSY,      // a bounded queue is full, or a lock is held: try again
    RC_TOO_BIG,   // over a stated limit
    RC_IO,        // disk, database or network failed; the log says how
};

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

const char *rc_name(enum rc rc); // "ok", "not_found", ...; borrowed, static

// A sentence for a person (command line, configuration, forms). Empty when nothing went wrong.
struct problem {
    char text[512]; // not 0 in the last byte: text.h's problem_word keeps there which words say it in other languages
};

// Writes the sentence (cut at the buffer's size, on a character boundary) and returns rc, so that
// `return problem_set(p, RC_INVALID, "...")` reads well. p may be NULL.
enum rc problem_set(struct problem *p, enum rc rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

enum { MAIL_MAX = 254 }; // bytes of a mail address (RFC 5321, 4.5.3.1.3: a path of 256 holds it in <>)

// ---- assertions ----------------------------------------------------------------------------------------------

// For what cannot happen unless the program is wrong. Always compiled in; logs and aborts, the parent restarts us.
#define must(cond) ((cond) ? (void)0 : must_fail(#cond, __FILE__, __LINE__))
_Noreturn void must_fail(const char *cond, const char *file, int line);

// ---- memory --------------------------------------------------------------------------------------------------

// Zeroed memory or abort. Sizes that come from outside are bounded by the caller first.
void *mem_new(size_t size);
void *mem_array(size_t count, size_t size); // aborts on overflow of count * size
void *mem_grow(void *p, size_t count, size_t size);
void mem_free(void *p);
#define MEM_NEW(type) ((type *)mem_new(sizeof(type)))

// An arena: memory with the lifetime of one request or one job. Everything taken from it is zeroed, aligned for any
// type and released together. Not for several threads at once.
struct arena;
struct arena *arena_new(size_t max_bytes); // hard maximum; going over it is a bug or an unbounded input: aborts
void arena_free(struct arena **a);         // and nulls *a; NULL is fine
void arena_reset(struct arena *a);         // forgets all, keeps the first block
void *arena_take(struct arena *a, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_take((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_take_array((a), (count), sizeof(type)))
void *arena_take_array(struct arena *a, size_t count, size_t size);

// ---- text ----------------------------------------------------------------------------------------------------

// A view of bytes somebody else owns. Not NUL-terminated. {NULL, 0} is "none" and equals the empty text.
struct str {
    const char *p;
    size_t n;
};
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
#define STR_ARG(s) (int)(s).n, (s).p != NULL ? (s).p : "" // for "%.*s"

struct str str_from(const char *c_string); // NULL gives STR_NONE
bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b); // ASCII only
int str_cmp(struct str a, struct str b);        // bytes
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_find(struct str s, struct str needle, size_t *at_out);
bool str_find_char(struct str s, char c, size_t *at_out);
struct str str_slice(struct str s, size_t from, size_t to); // clamped to s
struct str str_trim(struct str s);                          // ASCII white space on both ends
// Cuts off what stands before the first `sep` and leaves the rest in *s; false when *s was exhausted before.
// "a,,b" gives "a", "", "b".
bool str_next(struct str *s, char sep, struct str *part_out);
struct str str_dup(struct arena *a, struct str s); // arena; a NUL follows, not counted
char *str_c(struct arena *a, struct str s);        // arena; NUL-terminated; a NUL inside ends it early
struct str str_fmt(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3); // arena; a NUL follows
bool str_to_u64(struct str s, uint64_t *out);                                // all decimal digits, no sign, no overflow
bool str_to_i64(struct str s, int64_t *out);

// Owned bytes that grow up to a maximum stated at init. Going over it sets `failed` and drops the addition: check
// once at the end. n and p may be read directly.
struct buf {
    char *p;
    size_t n, cap, max;
    bool failed;
};
void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b); // keeps memory, clears failed
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_c(struct buf *b, const char *c_string);
void buf_char(struct buf *b, char c);
void buf_u64(struct buf *b, uint64_t n);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *buf_reserve(struct buf *b, size_t n); // room for n more bytes or NULL (and failed); then b->n += used
struct str buf_view(const struct buf *b);   // borrowed until the next change of b

// ---- UTF-8 (RFC 3629) ----------------------------------------------------------------------------------------

bool utf8_valid(struct str s); // no overlongs, surrogates, above U+10FFFF
// Reads one character at *at and moves *at behind it. Damaged bytes give U+FFFD and move by one. *at < s.n.
uint32_t utf8_next(struct str s, size_t *at);
size_t utf8_put(char out[4], uint32_t c);          // bytes written
size_t utf8_count(struct str s);                   // characters
struct str utf8_cut(struct str s, size_t n_bytes); // at most n_bytes, on a character boundary
// The first `chars` characters (as utf8_count counts them), or all when there are fewer; reads no further than these.
struct str utf8_cut_chars(struct str s, size_t chars);

// ---- percent and hex -----------------------------------------------------------------------------------------

// Decodes %XX ('+' stays). False on a truncated or non-hex escape or an encoded NUL; arena text in *out otherwise.
bool percent_decode(struct arena *a, struct str s, struct str *out) MUST_USE;
void percent_encode_segment(struct buf *b, struct str s); // all but RFC 3986 unreserved
void hex_put(char *out, const void *bytes, size_t n);     // 2n lower-case digits, no NUL
bool hex_get(struct str hex, void *out, size_t n);        // exactly 2n digits

// ---- colours -------------------------------------------------------------------------------------------------

struct colour {
    uint8_t red, green, blue;
};
bool colour_parse(struct str text, struct colour *out); // "#0b3c5d", digits of either case
struct str colour_text(struct arena *a, struct colour c);
// WCAG 2.2's contrast ratio in hundredths, cut: 100 (equal) to 2100 (black on white). AA asks 450 of text.
int colour_contrast(struct colour l, struct colour r);
// The colour itself, or the same mixed with as little black (white on a dark ground) as gives it that contrast.
struct colour colour_readable(struct colour c, struct colour ground, int least);

// ---- time ----------------------------------------------------------------------------------------------------

// Wall clock, microseconds since 1970 UTC. All dates of the program come from here, so that a test can set the time:
// clock_follow_file maps a file of one native int64, the offset in microseconds added to the real time; whoever
// writes it moves the clock of every process that follows it at once.
int64_t clock_now_us(void);
enum rc clock_follow_file(const char *path, struct problem *p);
int64_t clock_mono_us(void); // for measuring and timers; never moved

// "2026-11-23T13:00:00Z", with up to six decimals of a second and an offset like +07:00 instead of Z (RFC 3339). False: it is
// none, or not between 1970 and 2200.
bool clock_utc_parse(struct str text, int64_t *at_us_out);
enum { CLOCK_UTC_BYTES = 20 };
// Of whole seconds, without decimals: CLOCK_UTC_BYTES of text, and a NUL.
void clock_utc_put(char out[CLOCK_UTC_BYTES + 1], int64_t at_us);

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)

// ---- log -----------------------------------------------------------------------------------------------------

// One line on stderr: "2026-11-23T13:00:00Z info site: text". Control bytes in the text are written as \xNN.
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
void log_name(const char *process); // "parent", "site", ...; kept by pointer
void log_threshold(enum log_level least);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
// SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT write a backtrace to stderr and end the process by that signal.
void log_backtrace_on_crash(void);

// ---- hashing and randomness (libsodium) ----------------------------------------------------------------------

void hash_start(void);              // once, before any other call here; seeds the process-wide table key
uint64_t hash_key(struct str s);    // SipHash-2-4 with a random key per process: for tables fed from outside
uint64_t hash_stable(struct str s); // the same in every process and run (fixed key): for names and ETags, not security
struct digest {
    uint8_t bytes[32];
};
void hash_sha256(const void *p, size_t n, struct digest *out);
// Of `bytes` bytes of a file from `at` on, whatever its size. RC_IO: it could not be read, or ends before.
enum rc hash_sha256_file(int fd, uint64_t at, uint64_t bytes, struct digest *out) MUST_USE;
void random_bytes(void *out, size_t n);
uint64_t random_u64(void);

// ---- ids -----------------------------------------------------------------------------------------------------

// 63-bit, time-ordered, unique in this process and, with different node numbers (0..63), across processes:
// 42 bits of milliseconds since 2020, 6 bits node, 15 bits counter.
void id_node(unsigned node);
int64_t id_next(void);

// ---- files ---------------------------------------------------------------------------------------------------

// Whole file into b (which carries the limit: RC_TOO_BIG). RC_NOT_FOUND, RC_DENIED, RC_IO with a sentence.
enum rc file_read(const char *path, struct buf *b, struct problem *p) MUST_USE;
// Replaces path by way of a temporary file in the same folder, fsync of file and folder, and rename: after a crash
// there is the old content or the new, never half.
enum rc file_write(const char *path, struct str content, unsigned mode, struct problem *p) MUST_USE;
void file_sync_folder(const char *folder);                                          // makes renames in it last
enum rc file_make_dir(const char *path, unsigned mode, struct problem *p) MUST_USE; // existing is RC_OK
bool file_exists(const char *path);
// Closes every descriptor of this process but the standard three and these; whatever the kernel knows.
void file_close_others(const int *keep, size_t keep_count);

// ---- line editing of text files: "key = value" ---------------------------------------------------------------

// Walks the lines of a configuration or header block. Skips empty lines and those beginning with '#'. Fills key and
// value (trimmed, borrowed) and the line's number; returns false at the end. A line without '=' (or ':' when sep is
// ':') gives key = the line and value = STR_NONE with p NULL.
struct lines {
    struct str rest;
    unsigned number;
};
bool lines_next(struct lines *l, char sep, struct str *key_out, struct str *value_out);

#endif
