// SPDX-License-Identifier: AGPL-3.0-or-later
// Bringing content from elsewhere: saved item pages of the old K2 site, as HTML or as the page's text, alone or packed.
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "news/news.h"

#define IMPORT_PAGE_MAX ((size_t)4 << 20)

struct import_page_setup {
    enum text_lang lang;          // of the page: month names, labels
    const struct text_zone *zone; // the old site's
    int64_t old_id;               // 0: taken from the page if it says
};

struct imported_field { // of the old site's own
    struct str label;
    enum extra_kind kind; // line, text or link: the page does not say more
    struct str value;     // as one types it
};
struct imported_comment {
    int64_t item_id, old_id; // of the item (exports only) and of the comment there; 0: not known
    int64_t written_at;
    struct str name, body; // as comment_is_sound asks
    bool published;
};

// What stood on the page. Texts live in the arena.
struct imported_page {
    bool from_html;
    int64_t old_id;      // 0: the page does not say
    struct str old_path; // of its own address when that has no number in it: "/news/port-reopens"; else empty
    int64_t published_at, modified_at;
    struct str headline, byline, agency;
    int64_t author_id; // the old site's user; 0: none
    struct html body;
    struct str image_file_name, image_alt, image_caption, image_credit;
    int64_t votes, votes_sum;
    bool votes_estimated; // the sum was rebuilt from a rounded percentage
    int64_t reads;
    struct str category;
    int64_t category_id;
    struct str *tags;
    size_t tag_count;
    int64_t *downloads; // the old site's attachments
    size_t download_count;
    struct imported_field *fields;
    size_t field_count;
    struct imported_comment *comments; // a date that cannot be read is the item's
    size_t comment_count;
};
// RC_INVALID with a sentence when the bytes are no such page, RC_TOO_BIG above 4 MiB. Nothing is stored. Needs an
// arena of 64 MiB.
enum rc import_page(struct arena *a, struct str bytes, const struct import_page_setup *setup, struct imported_page *out,
                    struct problem *p) MUST_USE;

// Somebody at the desk for whom an import is made; borrowed. NULL in its place: a hand on the machine (the command line),
// who may everything and is not audited.
struct import_hand {
    struct audit_who who;
    bool (*may_add)(void *arg, enum text_lang lang, int64_t section_id); // to an article there; on the writer's thread
    bool may_define;                                                     // extra fields
    void *arg;
};

struct import_page_target {
    enum text_lang lang;
    struct str site;    // the old install: "" or "german"
    struct str section; // slug or name; "": the language's first section that is no highlight
    bool make_section;  // adds a section of that name when there is none
};
struct import_page_done {
    int64_t number;
    bool added;            // false: it was there already
    size_t comments_added; // also to one that was there
    struct problem problem;
};
// In a write, audited. The key is (site, old id), or without one a number made from date and headline: importing twice
// changes nothing. A field goes to the extra field that has its label in the language, which is defined when there is
// none (docs/decisions/0007). RC_DENIED with a sentence: the hand may not add to the article that it was before, or not
// define the field.
enum rc import_page_store(struct arena *a, struct db *db, const struct imported_page *page,
                          const struct import_page_target *target, const struct import_hand *hand,
                          struct import_page_done *out, struct news_changes *c) MUST_USE;

// Whether the target's section is there (or may be made): RC_INVALID with a sentence that names those there are.
enum rc import_page_target_check(struct arena *a, struct db *db, const struct import_page_target *target,
                                 struct problem *p) MUST_USE;

// Both steps and what follows from them: one transaction, and the pages that show it are made anew. Needs an arena of
// 128 MiB. RC_INVALID, RC_TOO_BIG, RC_DENIED with a sentence.
enum rc import_page_bring(struct arena *a, struct store *store, struct str bytes, const struct import_page_setup *setup,
                          const struct import_page_target *target, const struct import_hand *hand,
                          struct import_page_done *out) MUST_USE;

// ---- packed pages ------------------------------------------------------------------------------------------------------

#define IMPORT_BUNDLE_MAX ((size_t)256 << 20) // unpacked
enum { IMPORT_ENTRIES_MAX = 20000, IMPORT_FILES_MAX = 500 };
bool import_is_bundle(struct str head);    // its first 512 bytes: zip or tar
bool import_is_page_name(struct str name); // .html, .htm, .txt
// Calls `take` for each page in it, with its name without folders and its bytes (one above IMPORT_PAGE_MAX: cut off);
// other files are counted only. RC_INVALID, RC_TOO_BIG with a sentence; what was taken before that was taken.
typedef void (*import_take_fn)(void *arg, struct str name, struct str bytes);
enum rc import_bundle_walk(int fd, size_t files_max, import_take_fn take, void *arg, size_t *skipped_out,
                           struct problem *p) MUST_USE;

// ---- comments from an export of #__k2_comments (comments.c) ----------------------------------------------------------

enum import_fault {
    IMPORT_FINE,
    IMPORT_NOT_TEXT, // of a whole file
    IMPORT_NO_COLUMNS,
    IMPORT_BAD_LINE, // of a row
    IMPORT_BAD_ITEM,
    IMPORT_BAD_DATE,
    IMPORT_BAD_WORDS,
    IMPORT_NO_ARTICLE,
    IMPORT_ARTICLE_FULL,
    IMPORT_FAULTS, // one more than the last
};
enum text_word import_fault_word(enum import_fault fault); // a sentence; not of IMPORT_FINE (must)

enum { IMPORT_COMMENT_COLUMNS = 6 };
struct import_comments { // where the reading is
    struct str rest;
    unsigned line, at;       // at: of the row read last
    enum import_fault fault; // of that row, or of the file
    bool json;
    char separator;
    int columns[IMPORT_COMMENT_COLUMNS];
};
// RC_INVALID: no such export, r->fault says why. The bytes stay borrowed.
enum rc import_comments_begin(struct str bytes, struct import_comments *r) MUST_USE;
// The next row. False: no more. With r->fault it cannot be taken; the next can be read.
bool import_comments_next(struct arena *a, struct import_comments *r, struct imported_comment *out) MUST_USE;
// In a write; as comment_add. RC_NOT_FOUND: no article was imported from that item of that site.
enum rc import_comment_place(struct arena *a, struct db *db, struct str site, const struct imported_comment *c,
                             bool *added_out, struct news_changes *changes) MUST_USE;
enum rc import_comment_store(struct arena *a, struct db *db, struct str site, int64_t number,
                             const struct imported_comment *c, bool *added_out, struct news_changes *changes) MUST_USE;

// A whole export (comments_bring.c). Whoever calls has asked whether the hand may add to every article.
struct import_comments_order {
    struct str site, name;                                             // the old install; the file's name, UTF-8
    const struct import_hand *hand;                                    // NULL: the command line
    void (*left_out)(void *arg, unsigned line, enum import_fault why); // of each row that is; NULL: nobody asks
    void (*progress)(void *arg, size_t bytes);                         // that were read; NULL: nobody asks
    void *arg;
};
struct import_comments_done {
    uint64_t read, added, known, left_out; // known: it was there already, or was deleted for good
    enum import_fault fault;               // of the whole file
};
// The arena is for this alone and is emptied again and again. RC_INVALID: no such export, out->fault says why.
enum rc import_comments_bring(struct arena *a, struct store *store, struct str bytes,
                              const struct import_comments_order *order, struct import_comments_done *out) MUST_USE;

#endif
