// SPDX-License-Identifier: AGPL-3.0-or-later
// What every domain needs and none owns: editions, read counters, settings, people, media, search, the audit log and
// the outbox. No HTTP, no HTML.
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <stdatomic.h>

#include "media/media.h"
#include "store/store.h"
#include "text/text.h"
#include "util/util.h"

// ---- editions ----------------------------------------------------------------------------------------------------
// A scope is a thing that pages show: one item, one list, a language's frame. Each has a number that goes up when the
// thing changes. A page remembers the numbers it saw; a page is fresh while none of them moved. The numbers live in
// memory only: after a restart there are no rendered pages either. 2^20 cells of 32 bits; scopes that share a cell
// cost a needless render, never a stale page.

enum edition_kind {
    EDITION_ITEM = 1, // id = article number
    EDITION_VOTES,    // id = article number
    EDITION_SECTION,  // id = section id: what its lists show
    EDITION_TAG,      // id = tag id
    EDITION_PERSON,   // id = person id
    EDITION_PAGE,     // id = standing page id
    EDITION_FRONT,    // id = lang: everything listed in the language (front, archive, feeds, sitemaps)
    EDITION_FRAME,    // id = lang: masthead, menu, footer, station settings
    EDITION_ON_AIR,   // id = lang
    EDITION_CHANGED,  // id = lang: dates of change that no card shows (the index of sitemaps)
    EDITION_MEDIA,    // id = media id: files and credit of a picture
    EDITION_BLOCK,    // id = article_block_id: what one sitemap file lists
    EDITION_BREAKING, // id = lang: which article is in the banner
    EDITION_EXTRA,    // id = 0: the definitions of extra fields
};
typedef uint32_t edition_scope; // index of the cell
edition_scope edition_of(enum edition_kind kind, int64_t id);
uint32_t edition_get(edition_scope scope);
// Raises one scope. `hard`: pages that show it may not be served again, not even for a moment (withdrawn, expired).
void edition_raise(enum edition_kind kind, int64_t id, bool hard);
uint64_t edition_generation(void); // goes up with every raise of any scope: unchanged = everything checked stays fresh
bool edition_is_hard(uint32_t seen, uint32_t now); // a hard raise lies between

// ---- read counters -----------------------------------------------------------------------------------------------
// A file of cells mapped shared: DIR/counters/reads-EPOCH. Loop threads add with atomics, so a killed process loses
// nothing that was added. Cells only grow; a flusher writes their absolute values and the day's difference to the
// database in one transaction, so that flushing twice changes nothing. A lost file begins a new epoch at zero.

struct counters;
struct counter_cell {
    _Atomic uint64_t reads; // readers
    _Atomic uint64_t raw;   // every 200
};
enum rc counters_open(const char *dir, struct store *store, struct counters **out, struct problem *p) MUST_USE;
void counters_close(struct counters **c); // flushes
// The cell of an article number (1 .. 2^24-1), growing the file when needed. The address stays valid until close.
struct counter_cell *counters_cell(struct counters *c, int64_t number);
// What to add to *cell to get the total of filtered reads: imported base (given) + earlier epochs.
uint64_t counters_base(struct counters *c, struct db *db, int64_t number, int64_t imported_base);
// Moves the cells to the database (day = civil day number in the station's zone of now). Any thread; serialised.
enum rc counters_flush(struct counters *c, struct store *store, const struct text_zone *zone) MUST_USE;
// How often a day was written that was over, because the clock was set back or midnight came between: what is remembered
// of such days is as good as this number is the same. Any thread.
uint64_t counters_past_changes(void);
void counters_sync(struct counters *c); // msync
// Inside the writer's moment of a backup: flushes with this connection, so that database and cells agree. After it, also
// when the backup failed and it may still have been committed: counters_flush_over.
enum rc counters_flush_in(struct counters *c, struct db *db, const struct text_zone *zone) MUST_USE;
void counters_flush_over(struct counters *c, const struct text_zone *zone);

// ---- referrers ---------------------------------------------------------------------------------------------------
// From which other site's page a reader came to an article (RFC 9110, 10.1.3), by host: no address, no reader is kept.
// Counted in memory and moved to the database with the read counts; what a killed process had not moved yet is lost, and
// so are pairs beyond a few thousand between two flushes: the sum is at most that of the reads, never more.

enum { REFERRER_HOST_BYTES = 253, REFERRER_HOSTS_MAX = 20000 }; // a DNS name; how many are remembered in all
struct referrers;
struct referrers *referrers_new(void);
void referrers_free(struct referrers **r);
// The host named by a Referer field, in `room`: lower case, without port and "www."; STR_NONE: none, or not a name.
struct str referrer_host(struct str address, char room[REFERRER_HOST_BYTES]);
void referrers_count(struct referrers *r, int64_t number, struct str host); // any thread
enum rc referrers_flush(struct referrers *r, struct store *store, const struct text_zone *zone) MUST_USE;

// ---- settings ----------------------------------------------------------------------------------------------------
// Editorial settings of the station (the technical parameters are the configuration file's, see main/config).
// lang = LANG_COUNT: for all languages. A language's own value wins over the common one.

struct str setting_get(struct arena *a, struct db *db, const char *key, enum text_lang lang); // arena; "" if unset
enum rc setting_set(struct db *db, const char *key, enum text_lang lang, struct str value) MUST_USE; // in a write
// All that a language sees, in one statement: for pages that need several.
struct settings {
    struct {
        struct str key, value;
    } * rows;
    size_t count;
};
enum rc settings_load(struct arena *a, struct db *db, enum text_lang lang, struct settings *out) MUST_USE;
struct str settings_value(const struct settings *s, const char *key); // "" if unset
// That language's value and no other.
struct str setting_own(struct arena *a, struct db *db, const char *key, enum text_lang lang);
enum rc setting_unset(struct db *db, const char *key, enum text_lang lang) MUST_USE; // in a write
// Keys known now: those of news's station_fields, default_lang, languages ("en id ar"), on_air_label, front_sections,
// last_backup_at, backup_tried_at and backup_failure (main/backups), parameters_mark (main/parameters).
// A secret of 32 bytes by name, made at first use inside a write.
enum rc secret_get(struct db *db, const char *name, uint8_t out[32]) MUST_USE; // RC_NOT_FOUND
enum rc secret_make(struct db *db, const char *name) MUST_USE;                 // keeps one that exists

// ---- aliases -------------------------------------------------------------------------------------------------------
// A slug or name that something had. An old address is answered with one 301 to what it means now, and a text that still
// names a tag or person by the old word gets the one that is meant. lang is LANG_COUNT for people.

enum alias_kind { ALIAS_SECTION = 1, ALIAS_TAG = 2, ALIAS_PERSON_SLUG = 3, ALIAS_PERSON_NAME = 4 };
enum { ALIASES_SHOWN = 50 };
// In a write; target 0: it was deleted.
enum rc alias_put(struct db *db, enum alias_kind kind, enum text_lang lang, struct str word,
                  int64_t target_id) MUST_USE;
enum rc alias_drop(struct db *db, enum alias_kind kind, enum text_lang lang, struct str word) MUST_USE; // in a write
enum rc alias_retarget(struct db *db, enum alias_kind kind, int64_t from_id, int64_t to_id) MUST_USE;   // in a write
// RC_GONE: it was deleted. RC_NOT_FOUND.
enum rc alias_find(struct db *db, enum alias_kind kind, enum text_lang lang, struct str word,
                   int64_t *target_out) MUST_USE;
enum rc alias_list(struct arena *a, struct db *db, enum alias_kind kind, int64_t target_id, struct str **out,
                   size_t *count_out) MUST_USE; // ALIASES_SHOWN at most

// ---- people (bylines; accounts come with the desk) ------------------------------------------------------------------

struct person {
    int64_t id;
    struct str name, slug, bio; // bio: plain text
    bool deleted;               // has no page any more; bylines print the name all the same
    int64_t version;            // +1 at each save at the desk
};
enum rc person_by_slug(struct arena *a, struct db *db, struct str slug, struct person *out) MUST_USE;
enum rc person_by_id(struct arena *a, struct db *db, int64_t id, struct person *out) MUST_USE;
enum rc person_by_name(struct arena *a, struct db *db, struct str name, struct person *out) MUST_USE;
// Who has this name, or had it, or has this address or had it. RC_GONE: deleted, and known by the address only.
enum rc person_by_words(struct arena *a, struct db *db, struct str words, struct person *out) MUST_USE;
// Who has this address, or had it: then with another slug. RC_GONE: deleted.
enum rc person_by_address(struct arena *a, struct db *db, struct str slug, struct person *out) MUST_USE;
// Finds the person of that name, or who had it, or adds one with a free slug. In a write.
enum rc person_ensure(struct arena *a, struct db *db, struct str name, struct person *out) MUST_USE;

struct audit_who; // below

// ---- media ---------------------------------------------------------------------------------------------------------
// A picture is kept by the SHA-256 of its bytes under DIR/media/ab/abcdef....ext and served as /media/<sha256>.<ext>.

struct media_size {
    struct str sha256; // 64 hex digits
    struct str ext;    // "webp", "jpg", "png", "svg"
    int width, height;
    int64_t bytes;
};
struct media {
    int64_t id;
    int width, height;
    struct str credit;
    struct media_size *sizes; // smallest first within a type; jpg or png before webp
    size_t size_count;
};
enum rc media_get(struct arena *a, struct db *db, int64_t id, struct media *out) MUST_USE;
// Those of the pictures that exist, by id, in one statement; `out` has room for MEDIA_LIST_MOST. An id may be 0 or
// stand there twice. RC_TOO_BIG: more than MEDIA_LIST_MOST.
enum { MEDIA_LIST_MOST = 32 };
enum rc media_list(struct arena *a, struct db *db, const int64_t *ids, size_t count, struct media *out,
                   size_t *count_out) MUST_USE;
// Writes one file of a picture under DIR/media (fsync, rename) and records it. media_id 0 makes a new picture. In a
// write. The type is found from the bytes: JPEG, PNG, WebP, and SVG only with trusted_svg (our own drawings).
// RC_INVALID else.
enum rc media_add_file(struct db *db, const char *dir, struct str bytes, bool trusted_svg, struct str credit,
                       int64_t *media_id) MUST_USE;
// In a write. The same for sound, video and documents, which are served as they are; their length stays unknown.
enum rc media_add_whole(struct db *db, const char *dir, struct str bytes, struct str name, int64_t *media_id) MUST_USE;
// Where the file lies: "ab/abcdef....ext", RC_NOT_FOUND when the database does not know it.
enum rc media_file(struct arena *a, struct db *db, struct str sha256, struct str ext, struct str *path_out) MUST_USE;

// The name to save a file under: as it was uploaded, but always ending in what it is ("words.jpg.txt"), "file.EXT" when
// nobody said one. RC_NOT_FOUND.
struct str media_saved_name(struct arena *a, struct str file_name, struct str ext);
enum rc media_file_name(struct arena *a, struct db *db, struct str sha256, struct str *name_out) MUST_USE;

// ---- the shelf: files of media on disk -----------------------------------------------------------------------------
//   DIR/media/ab/<sha256>.<ext>      sizes of pictures, sound: public
//   DIR/originals/ab/<sha256>.<ext>  pictures as they were uploaded: never served
//   DIR/tmp/                         what is being written, and marks (below); swept at start
// A file is whole before it gets its name, and on disk before the row that names it is committed. Before a file comes,
// or may go, a mark is put into DIR/tmp; after a crash the next start removes every marked file that no row names. So:
//
//   add      media_shelf_put    write: media_add       media_shelf_release    (released whether the write stood or not)
//   replace  media_shelf_hold, media_shelf_put         write: media_replace   media_shelf_release, of both
//   delete   media_shelf_hold   write: media_delete    media_shelf_release

enum { MEDIA_FILES_MAX = 64 };
struct media_files {
    struct media_kept_file {
        bool original; // in DIR/originals
        char sha256[65];
        enum media_type type;
        int width, height; // read from the bytes again, not from the decoder's report
        int64_t bytes;
    } rows[MEDIA_FILES_MAX];
    size_t count;
};
struct media_shelf;
// Makes the folders and sweeps. One per station; any thread after that.
enum rc media_shelf_open(const char *dir, struct db *db, struct media_shelf **out, struct problem *p) MUST_USE;
void media_shelf_close(struct media_shelf **shelf);
// A nameless file below DIR/tmp for an upload's bytes or the decoder's: gone when it is closed. Owned.
enum rc media_shelf_temp(struct media_shelf *shelf, int *fd_out) MUST_USE;
// Copies original and sizes to their places (fsync included: not inside a write). Everything the report says is compared
// with the bytes: RC_INVALID when it lied. RC_IO: disk. Both leave nothing to release.
enum rc media_shelf_put(struct media_shelf *shelf, int original_fd, int output_fd, const struct media_report *report,
                        struct media_files *out) MUST_USE;
// Both steps: asks the decoder about `fd` and puts what it answers in its places. RC_OK with report->reason not
// MEDIA_TAKEN: refused, nothing to release.
enum rc media_shelf_receive(struct media_shelf *shelf, struct media_intake *intake, int fd,
                            const struct media_request *request, struct media_report *report_out,
                            struct media_files *out) MUST_USE;
// The files that a medium has now, earlier ones included, before it loses them. RC_NOT_FOUND.
enum rc media_shelf_hold(struct media_shelf *shelf, struct db *db, int64_t id, struct media_files *out) MUST_USE;
// Removes those that no row names. `db` is a reader outside any read transaction.
void media_shelf_release(struct media_shelf *shelf, struct db *db, struct media_files *files);

// ---- the media library ---------------------------------------------------------------------------------------------

enum media_avif { MEDIA_AVIF_NONE, MEDIA_AVIF_WAITING, MEDIA_AVIF_MADE, MEDIA_AVIF_FAILED };
enum media_place {
    MEDIA_PLACE_NONE,
    MEDIA_PLACE_LEAD,
    MEDIA_PLACE_BODY,
    MEDIA_PLACE_PAGE,
    MEDIA_PLACE_MANUSCRIPT,
    MEDIA_PLACE_LOGO, // settings of the station
    MEDIA_PLACE_ICON,
};
enum { MEDIA_NAME_MAX = 255, MEDIA_CREDIT_MAX = 300, MEDIA_ALT_MAX = 1000, MEDIA_LIBRARY_MAX = 100 }; // bytes, rows

// What people say of a medium.
struct media_about {
    struct str file_name; // as uploaded; what stands before the last slash is left out
    struct str credit;
    unsigned focal_x, focal_y;   // 0 .. 1000
    struct str alts[LANG_COUNT]; // empty: none
};
struct media_entry {
    int64_t id, version, added_at, added_by, duration_ms, use_count;
    enum media_kind kind;
    enum media_avif avif;
    struct str added_by_name;
    struct str original_sha256, original_ext; // empty: none was kept
    int64_t original_bytes;
    struct media_about about;
    struct media media; // with its sizes
};
enum rc media_entry_get(struct arena *a, struct db *db, int64_t id, struct media_entry *out) MUST_USE;
// How much there is of what is no picture: "3:05", else "PDF, 1.2 MB".
struct str media_extent(struct arena *a, enum text_lang lang, const struct media_entry *e);
// All in a write. RC_INVALID with a sentence: a text is too long or no text; RC_CONFLICT: `version` is not the newest.
enum rc media_add(struct db *db, const struct media_files *files, const struct media_report *report,
                  const struct media_about *about, const struct audit_who *who, int64_t *id_out,
                  struct problem *p) MUST_USE;
enum rc media_edit(struct db *db, int64_t id, int64_t version, const struct media_about *about,
                   struct problem *p) MUST_USE;
// The same medium, other files: wherever it is used the new ones are seen. Kinds must agree.
// What it had is kept among its earlier files.
enum rc media_replace(struct db *db, int64_t id, int64_t version, const struct media_files *files,
                      const struct media_report *report, struct str file_name, const struct audit_who *who,
                      struct problem *p) MUST_USE;
// Files that others took the place of, the newest first.
enum { MEDIA_EARLIER_MAX = 5 }; // of a medium; the oldest goes
struct media_earlier {
    int64_t id, replaced_at;
    struct str file_name, replaced_by_name;
    struct media_kept_file file; // without width and height
};
enum rc media_earlier_list(struct arena *a, struct db *db, int64_t id, struct media_earlier out[MEDIA_EARLIER_MAX],
                           size_t *count_out) MUST_USE;
// For reading, to be put in the medium's place again like an upload. Owned. RC_IO.
enum rc media_shelf_read(struct media_shelf *shelf, const struct media_kept_file *file, int *fd_out) MUST_USE;
enum rc media_delete(struct db *db, int64_t id, int64_t version, struct problem *p) MUST_USE; // RC_DENIED: it is used
// After the commit of an edit, a replacement, new sizes or a deletion: pages that show it are rendered again.
void media_raise(int64_t id);
// The next picture whose AVIF sizes wait, oldest first; 0: none. media_avif_add in a write; no files: it failed.
int64_t media_avif_next(struct db *db);
enum rc media_avif_add(struct db *db, int64_t id, const char *original_sha256,
                       const struct media_files *files) MUST_USE;

enum { MEDIA_NO_PICTURE = -1 };
struct media_query {
    struct str words;    // all must occur in file name, credit or an alternative text; empty: everything
    int kind;            // enum media_kind; 0: all; MEDIA_NO_PICTURE: all others
    int64_t before;      // id of the last one seen; 0: from the newest
    size_t limit;        // <= MEDIA_LIBRARY_MAX
    bool missing_alt;    // pictures used in `lang` at a place where nobody says what they show
    enum text_lang lang; // of missing_alt
};
enum rc media_library_bytes(struct db *db, int64_t *out) MUST_USE; // of all files, public ones and originals
enum rc media_library(struct arena *a, struct db *db, const struct media_query *q, struct media_entry **out,
                      size_t *count_out, bool *more_out) MUST_USE;

struct media_use {
    int64_t media_id;
    enum media_place place;
    int64_t owner_id;    // article number, page id or manuscript id; 0: the station itself
    enum text_lang lang; // LANG_COUNT: all
    bool has_alt;
};
// Where a medium is used, at most `limit` (<= MEDIA_LIBRARY_MAX) places.
enum rc media_where_used(struct arena *a, struct db *db, int64_t id, size_t limit, struct media_use **out,
                         size_t *count_out) MUST_USE;
// In a write, by whoever saves an owner: what it uses now at this place. Ids that are 0, unknown or twice are left out.
// lang = LANG_COUNT: all.
enum rc media_uses_set(struct db *db, enum media_place place, int64_t owner_id, enum text_lang lang,
                       const struct media_use *uses, size_t count) MUST_USE;
// In a body a picture of the library is <img src="/picture/ID" ...>: the next one at or behind *at, which moves behind it.
// False: none.
bool media_in_body(struct str body, size_t *at, int64_t *id_out, bool *has_alt_out);

// ---- search --------------------------------------------------------------------------------------------------------
// Full text over everything published, per language. FTS5 with the tokenizer of text_tokens. Keys order by language,
// then time, so that newest-first is the index's own order.

struct search_doc {
    enum text_lang lang;
    int64_t at_us;  // publication
    int64_t number; // article number, < 2^24
    int64_t section_id;
    struct str headline, standfirst, body; // plain text
};
void search_start(void); // before store_open: registers the connection hook
// Puts or replaces the document of a number; takes it away. In a write.
enum rc search_put(struct db *db, const struct search_doc *doc) MUST_USE;
enum rc search_remove(struct db *db, int64_t number) MUST_USE;
// For filling an empty station: without its index, documents are only kept, and building it from them is many times
// faster than adding each. A store opened without an index builds it. Both in a write; nobody may search in between.
enum rc search_index_drop(struct db *db) MUST_USE;
enum rc search_index_build(struct db *db) MUST_USE;

struct search_query {
    enum text_lang lang;
    struct str words;   // as typed: words must all occur; "in quotes" a phrase; -word excludes; 200 characters at most
    int64_t section_id; // 0 = all
    int64_t from_us, to_us; // publication, to exclusive; to_us also hides what is not due yet: pass min(to, now)
    bool by_relevance;      // within the newest 2,000 matches; else newest first
    int64_t before_key;     // 0 = from the start: else the key of the last hit seen (newest first only)
    size_t offset;          // by relevance only, <= 2,000
    size_t limit;           // <= 50
};
struct search_hit {
    int64_t number, key;
    struct str snippet; // plain text with \x02 and \x03 around what matched; arena
};
// Returns RC_INVALID when nothing searchable was typed. *more_out: there is a next page. *count_out: matches, counted
// up to 2,000 (2,001 = more).
enum rc search_run(struct arena *a, struct db *db, const struct search_query *q, struct search_hit **hits_out,
                   size_t *hit_count_out, bool *more_out, int64_t *count_out) MUST_USE;

// ---- audit log -----------------------------------------------------------------------------------------------------
// Who did what to which thing and when, with the words before and after. Rows are only added. Each row's hash is the
// SHA-256 of the hash before it and its own canonical bytes (audit.c), so that a row changed, taken out or slipped in
// is found by the check "audit-chain". The newest row's number and hash, the head, are appended to
// DIR/journal/audit-heads (and to the log) before the write that made it returns, and stand in each backup's manifest:
// whoever rewrites the whole table, or cuts off its end, contradicts them.

struct audit_who {
    int64_t account_id; // 0: nobody's account; `name` says what acted ("command line")
    struct str name;    // as it was then; text, so that it outlives the account
};
enum {
    AUDIT_NAME_MAX = 200,   // bytes of who's name
    AUDIT_WORD_MAX = 40,    // bytes of verb and kind
    AUDIT_TEXT_MAX = 4000,  // bytes of before and of after; longer ones are cut and end in an ellipsis
    AUDIT_LIST_MAX = 200,   // rows a call
    AUDIT_HEAD_CHARS = 100, // of a head as text, its NUL included
};
struct audit_entry {
    int64_t number; // 1, 2, 3 ... without a gap; made by audit_add
    int64_t at_us;  // made by audit_add
    struct audit_who who;
    struct str verb;          // "publish"
    struct str kind;          // of the thing: "article"
    int64_t id;               // of the thing: what its page is asked for by; 0: the station
    struct str before, after; // plain text; never a secret, a hash of one, or a network address
};
// In the write that does the thing. Reads who, verb, kind, id, before and after; all are valid UTF-8, verb and kind
// are not empty and not above AUDIT_WORD_MAX (must).
enum rc audit_add(struct db *db, const struct audit_entry *entry) MUST_USE;
// The kinds of things there are rows of, by name; a seek for each, however long the log is. arena.
enum { AUDIT_KINDS_MAX = 100 };
enum rc audit_kinds(struct arena *a, struct db *db, struct str **out, size_t *count_out) MUST_USE;
// Newest first. Every filter may be left out (0 or empty).
struct audit_query {
    int64_t account_id;
    struct str kind; // with id: everything that happened to one thing
    int64_t id;
    int64_t from_us, to_us; // to is exclusive
    int64_t before_number;  // of the last row seen
    size_t limit;           // <= AUDIT_LIST_MAX
};
enum rc audit_list(struct arena *a, struct db *db, const struct audit_query *q, struct audit_entry **out,
                   size_t *count_out, bool *more_out) MUST_USE;
// The head as one line of text, "NUMBER HASH" (64 hex digits); "0 00..." of an empty log.
enum rc audit_head(struct db *db, char out[AUDIT_HEAD_CHARS]) MUST_USE;
bool audit_head_valid(struct str text); // is of that form
// From now on every durable commit of this store appends a new head to DIR/journal/audit-heads (append, fsync); one
// that a crash kept out is appended here. At most one per store; close it before the store.
struct audit_journal;
enum rc audit_journal_open(const char *dir, struct store *s, struct audit_journal **out, struct problem *p) MUST_USE;
void audit_journal_close(struct audit_journal **j);
// For a restored station: the head that its backup's manifest carried becomes the journal's first line.
enum rc audit_journal_begin(const char *dir, struct str head, struct problem *p) MUST_USE;

// ---- outbox --------------------------------------------------------------------------------------------------------
// What the station owes to the world outside (mail, webhooks), written in the same transaction as what causes it: so
// exactly once inside, also when everything is killed. The courier claims what is due, does it, and reports; one that
// dies in between leaves a claim that runs out, so outside it is done at least once, each time with the same key, by
// which the other end can tell a repetition.
//
//   waiting -> claimed -> done            done and dead rows are kept for OUTBOX_KEPT_DAYS, so that a key is not used again
//      ^          |
//      +-- failed-+--> dead               after OUTBOX_ATTEMPTS, or when it can never work; outbox_retry wakes it
//
// What waits for a time to come is forgotten by outbox_cancel when its cause is taken back before that.

enum outbox_state { OUTBOX_WAITING = 1, OUTBOX_CLAIMED = 2, OUTBOX_DONE = 3, OUTBOX_DEAD = 4 };
enum {
    OUTBOX_ATTEMPTS = 16, // 30 s, 1 min, 2 min ... 6 h between them: about a day and a half
    OUTBOX_FIRST_SECONDS = 30,
    OUTBOX_MOST_SECONDS = 6 * 3600,
    OUTBOX_PAYLOAD_MAX = 1 << 16,
    OUTBOX_KEY_MAX = 100,    // bytes; kind: AUDIT_WORD_MAX
    OUTBOX_OPEN_MAX = 20000, // waiting and claimed together
    OUTBOX_LIST_MAX = 100,
    OUTBOX_KEPT_DAYS = 30,
};
struct outbox_item {
    int64_t id;
    struct str kind;    // "mail"
    struct str key;     // idempotency key: unique for ever within the kept days
    struct str payload; // JSON, made by who adds and read by the courier's handler of that kind
    enum outbox_state state;
    int64_t due_at;   // claimed: when the claim runs out
    int64_t attempts; // claims so far; names the claim in outbox_done and outbox_failed
    struct str error; // of the last attempt, for the system page
};
// In the write that causes it. A key that is there already adds nothing (RC_OK). RC_TOO_BIG, RC_INVALID (no UTF-8, empty
// kind or key), RC_BUSY: OUTBOX_OPEN_MAX are open; what causes it should then fail too.
enum rc outbox_add(struct db *db, struct str kind, struct str key, struct str payload, int64_t due_at_us) MUST_USE;
// In a write: forgets what was never tried and is not due yet of the keys that begin with `prefix` (ASCII), because it
// will not come to pass, or not then.
enum rc outbox_cancel(struct arena *a, struct db *db, struct str prefix, int64_t now_us) MUST_USE;
// In a write: what is due of a kind, oldest first, claimed until now + lease. A claim that ran out is due again.
enum rc outbox_claim(struct arena *a, struct db *db, struct str kind, int64_t now_us, int64_t lease_us, size_t limit,
                     struct outbox_item **out, size_t *count_out) MUST_USE;
// In a write. RC_CONFLICT: the claim ran out and somebody else has it, or had it.
enum rc outbox_done(struct db *db, int64_t id, int64_t attempts, int64_t now_us) MUST_USE;
// In a write: again after the back-off; with `for_good` never. The error is cut at 300 bytes and holds no secret.
enum rc outbox_failed(struct db *db, int64_t id, int64_t attempts, struct str error, bool for_good,
                      int64_t now_us) MUST_USE;
enum rc outbox_retry(struct db *db, int64_t id, int64_t now_us) MUST_USE; // in a write: dead -> due now; RC_NOT_FOUND
// In a write: forgets up to `limit` rows that were done, or dead, OUTBOX_KEPT_DAYS ago.
enum rc outbox_prune(struct db *db, int64_t now_us, size_t limit) MUST_USE;
int64_t outbox_next_due(struct db *db, struct str kind); // of what is waiting or claimed; 0: nothing
// Open and dead ones for the system page, soonest first within a state.
enum rc outbox_list(struct arena *a, struct db *db, enum outbox_state state, size_t limit, struct outbox_item **out,
                    size_t *count_out) MUST_USE;
// Those whose keys begin with `prefix` (ASCII), newest first: what became of something that somebody waits for.
enum rc outbox_list_keyed(struct arena *a, struct db *db, struct str prefix, size_t limit, struct outbox_item **out,
                          size_t *count_out) MUST_USE;
enum rc outbox_count(struct db *db, int64_t counts_out[OUTBOX_DEAD + 1]) MUST_USE; // by state

// ---- verification
// ----------------------------------------------------------------------------------------------------

// Each check of `siaran verify` is a row: its name, what it recomputes, and how.
struct verify_context {
    struct db *db;
    const char *dir;
    struct counters *counters; // NULL on a stopped station: the checks open the cells themselves
    void (*fault)(void *arg, const char *check, struct str text);
    void *arg;
};
struct verify_check {
    const char *name;    // "votes-sum"
    const char *purpose; // one sentence
    enum rc (*run)(const struct verify_context *v);
};
extern const struct verify_check record_checks[]; // see verify.c
extern const size_t record_check_count;

// ---- mail ----------------------------------------------------------------------------------------------------------

// A letter of the station to one person, as an item of the outbox.
enum { MAIL_LINE_MAX = 300, MAIL_TEXT_MAX = 12000 }; // bytes
struct mail {
    struct str to;    // an address, ASCII
    struct str name;  // of the sender, as people read it: the station's
    struct str title; // one line; a longer one is cut
    struct str text;  // plain; a longer one is cut
    int64_t until_us; // after that it is of no use and is not sent
};
// In the write that causes it. False in *added_out: a letter with that key is there already, or too many wait; then nobody
// gets it, and what causes it goes on. Control characters become spaces.
enum rc mail_add(struct arena *a, struct db *db, struct str key, const struct mail *m, int64_t now_us,
                 bool *added_out) MUST_USE;
// Of an item of kind "mail".
int64_t mail_until(struct str payload);                  // 0: none
struct str mail_to(struct arena *a, struct str payload); // arena; "" when it is none

#endif
