// SPDX-License-Identifier: AGPL-3.0-or-later
// The newsroom's things: sections, articles, tags, votes, standing pages, menus, old addresses. No HTTP, no HTML.
//
// Visible means: state published, published_at <= now, and expires_at 0 or > now. Nothing is switched by a timer;
// lists compare dates, and `until` out-parameters say when a list would look different without any write.
// Reads take a reader's connection and an arena; calls marked "in a write" run inside store_write and raise the right
// editions after the commit through news_changes.
#ifndef NEWS_NEWS_H
#define NEWS_NEWS_H

#include "record/record.h"
#include "store/store.h"
#include "text/text.h"
#include "util/util.h"

// ---- what changed ------------------------------------------------------------------------------------------------
// A write notes what it changed; the caller raises the editions once the commit stands.
struct news_changes {
    struct {
        enum edition_kind kind;
        bool hard;
        int64_t id;
    } rows[256];
    size_t count;
    bool all; // too many to list: everything
};
void news_changes_note(struct news_changes *c, enum edition_kind kind, int64_t id, bool hard);
void news_changes_raise(const struct news_changes *c); // after RC_OK of store_write

// ---- sections ------------------------------------------------------------------------------------------------------

struct section {
    int64_t id;
    enum text_lang lang;
    struct str slug, name, description;
    bool highlight; // Program Highlight: a section of its own in the menu, listed apart on the front page
    bool on_front;
    int position;
    int64_t count; // visible articles
};
enum rc section_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug,
                        struct section *out) MUST_USE;
enum rc section_by_id(struct arena *a, struct db *db, int64_t id, struct section *out) MUST_USE;
// All of a language by position; empty ones included.
enum rc section_list(struct arena *a, struct db *db, enum text_lang lang, struct section **out,
                     size_t *count_out) MUST_USE;
enum rc section_save(struct db *db, struct section *s, struct news_changes *c) MUST_USE; // in a write; id 0 adds

// ---- tags ----------------------------------------------------------------------------------------------------------

struct tag {
    int64_t id;
    enum text_lang lang;
    struct str slug, name;
    int64_t count;
};
enum rc tag_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct tag *out) MUST_USE;
enum rc tag_ensure(struct arena *a, struct db *db, enum text_lang lang, struct str name,
                   struct tag *out) MUST_USE; // in a write

// ---- articles --------------------------------------------------------------------------------------------------------

enum article_state { ARTICLE_DRAFT, ARTICLE_REVIEW, ARTICLE_PUBLISHED, ARTICLE_WITHDRAWN, ARTICLE_ARCHIVED };

struct correction {
    int64_t at_us;
    struct str text; // plain
};
struct article_image {
    int64_t media_id; // 0: none
    struct str alt, caption, credit;
    struct str file_name; // of an imported page whose picture did not come along
};
struct article {
    int64_t id;     // 0: new
    int64_t number; // small, public, per station; 0: the next free
    enum text_lang lang;
    int64_t section_id;
    int64_t translation_group; // the same for all translations; 0: alone (becomes its own id)
    struct str slug;           // "": made from the headline
    struct str headline, standfirst, byline, agency, withdrawal_notice; // plain text
    struct html body;
    struct article_image image;
    enum article_state state;
    bool featured;                                        // may lead the front page
    int64_t published_at, expires_at, modified_at;        // us UTC; 0: none
    int64_t reads_base, votes_base_sum, votes_base_count; // imported
    bool votes_estimated;                                 // rebuilt from a rounded percentage
    int64_t votes_sum, votes_count;                       // base included; derived, kept by vote_cast
    int64_t version;                                      // +1 at each save
    // loaded with ARTICLE_WITH_*:
    struct section section;
    struct person *people;
    size_t people_count; // bylines with a page of their own
    struct tag *tags;
    size_t tag_count;
    struct correction *corrections;
    size_t correction_count; // oldest first
};

// What a list shows; a subset of the article.
struct article_card {
    int64_t number, section_id, published_at, modified_at, translation_group;
    enum text_lang lang;
    struct str slug, headline, standfirst, section_slug, section_name, byline;
    struct article_image image;
    bool featured;
};

// RC_NOT_FOUND, RC_GONE (withdrawn: the article is filled), drafts and not-yet-due are RC_NOT_FOUND.
// *until_out: when it will look different (due expiry), INT64_MAX when never.
enum rc article_show(struct arena *a, struct db *db, int64_t number, int64_t now_us, struct article *out,
                     int64_t *until_out) MUST_USE;
enum rc article_load(struct arena *a, struct db *db, int64_t number,
                     struct article *out) MUST_USE; // whatever its state
// Visible translations of an article, itself left out.
enum rc article_translations(struct arena *a, struct db *db, const struct article *of, int64_t now_us,
                             struct article_card **out, size_t *count_out, int64_t *until_out) MUST_USE;
// The next newer and next older in its section; number 0 when there is none.
enum rc article_neighbours(struct arena *a, struct db *db, const struct article *of, int64_t now_us,
                           struct article_card *newer, struct article_card *older, int64_t *until_out) MUST_USE;
// Newest visible articles that share a tag, else of the section; itself left out.
enum rc article_related(struct arena *a, struct db *db, const struct article *of, int64_t now_us, size_t limit,
                        struct article_card **out, size_t *count_out) MUST_USE;

// In a write. Saves (adds or replaces) with tags, people and search document; refuses a broken article with a sentence.
// With id != 0 `version` must be the stored one: RC_CONFLICT. Fills id, number, slug, version.
struct article_links {
    const struct str *tags;
    size_t tag_count; // names
    const struct str *people;
    size_t people_count; // names
};
enum rc article_save(struct arena *a, struct db *db, struct article *art, const struct article_links *links,
                     struct news_changes *c, struct problem *p) MUST_USE;
enum rc article_correct(struct arena *a, struct db *db, int64_t number, struct str text, int64_t at_us,
                        struct news_changes *c) MUST_USE;
enum rc article_withdraw(struct arena *a, struct db *db, int64_t number, struct str notice, int64_t at_us,
                         struct news_changes *c) MUST_USE;

// ---- lists -------------------------------------------------------------------------------------------------------------
// Keyset paging: `before` and `after` are article numbers (0 = from the newest); the number stays a valid mark when the
// article itself was withdrawn. Newest first always.

enum list_of { LIST_LANG, LIST_SECTION, LIST_TAG, LIST_PERSON };
struct list_query {
    enum list_of of;
    enum text_lang lang;
    int64_t id;             // of the section, tag or person
    int64_t from_us, to_us; // 0, 0 = always; else publication time, to exclusive (LIST_LANG: the date archive)
    int64_t before, after;
    size_t limit; // <= 100
    int64_t now_us;
};
struct list_result {
    struct article_card *cards;
    size_t count;
    bool has_newer, has_older;
    int64_t until; // next moment at which the list changes by itself
};
enum rc article_list(struct arena *a, struct db *db, const struct list_query *q, struct list_result *out) MUST_USE;
enum rc article_count(struct db *db, const struct list_query *q, int64_t *out) MUST_USE; // visible
// Most read since from_day (civil day number), by the flushed day counts.
enum rc article_most_read(struct arena *a, struct db *db, enum text_lang lang, int64_t from_day, int64_t now_us,
                          size_t limit, struct article_card **out, size_t *count_out) MUST_USE;
// The same, remembered for MOST_READ_SECONDS for all threads; limit <= 20. `renew` makes again what is about to be
// over: call it now and then from a thread that has time.
enum { MOST_READ_SECONDS = 600 };
struct most_read;
struct most_read *most_read_new(void);
void most_read_free(struct most_read **m);
enum rc most_read_get(struct most_read *m, struct arena *a, struct db *db, enum text_lang lang, int64_t from_day,
                      int64_t now_us, size_t limit, struct article_card **out, size_t *count_out) MUST_USE;
enum rc most_read_renew(struct most_read *m, struct db *db, int64_t now_us) MUST_USE;
enum rc article_cards(struct arena *a, struct db *db, const int64_t *numbers, size_t count, int64_t now_us,
                      struct article_card *out, size_t *count_out) MUST_USE; // in the order given, hidden ones left out
// Days (or months) of the archive that have articles, newest first.
struct archive_bin {
    int year, month, day; // 0 where not asked
    int64_t count;
};
enum rc article_archive(struct arena *a, struct db *db, enum text_lang lang, const struct text_zone *zone, int year,
                        int month, int64_t now_us, struct archive_bin **out, size_t *count_out) MUST_USE;

// ---- sitemaps ---------------------------------------------------------------------------------------------------------
// Numbers are cut into blocks of ARTICLE_BLOCK; a sitemap file lists one block of a language, so that what is new
// changes the newest file only.

enum { ARTICLE_BLOCK = 2500 };
struct article_block {
    int64_t block;      // from 1
    int64_t changed_at; // the last publication or change in it
};
int64_t article_block_of(int64_t number);
// What EDITION_BLOCK takes as its id.
int64_t article_block_id(enum text_lang lang, int64_t block);
// The blocks that have a visible article, by number.
enum rc article_blocks(struct arena *a, struct db *db, enum text_lang lang, int64_t now_us, struct article_block **out,
                       size_t *count_out) MUST_USE;
// One row for each visible translation of each visible article of a block, itself among them: by the article's number,
// then by language. `row` gets cards with number, lang, slug, section_slug and dates only, valid during the call.
enum rc article_block_rows(struct db *db, enum text_lang lang, int64_t block, int64_t now_us,
                           void (*row)(void *arg, const struct article_card *art,
                                       const struct article_card *translation),
                           void *arg) MUST_USE;
// The next moment at which an article of the language appears or goes by itself; INT64_MAX: none.
enum rc article_next_change(struct db *db, enum text_lang lang, int64_t now_us, int64_t *until_out) MUST_USE;

// ---- votes -------------------------------------------------------------------------------------------------------------

// In a write. value 1..5; one vote per (article, voter): voting again replaces. Fills the new totals.
enum rc vote_cast(struct db *db, int64_t number, const uint8_t voter[32], int value, int64_t at_us, int64_t *sum_out,
                  int64_t *count_out, struct news_changes *c) MUST_USE;
// K2's percentage: round(sum / count, 2) * 20, 0 without votes; in hundredths (7340 = 73.4 %).
int vote_percent_hundredths(int64_t sum, int64_t count);

// ---- standing pages ------------------------------------------------------------------------------------------------------

struct page {
    int64_t id, parent_id, translation_group;
    enum text_lang lang;
    struct str slug, title, path; // path: slugs from the root, "company-profile/history"
    struct html body;
    int position;
    bool integrity; // the root of Zona Integritas
    int64_t modified_at;
};
enum rc page_by_path(struct arena *a, struct db *db, enum text_lang lang, struct str path, struct page *out) MUST_USE;
// Ancestors from the root to the parent, children and siblings by position; bodies left empty.
enum rc page_ancestors(struct arena *a, struct db *db, const struct page *of, struct page **out,
                       size_t *count_out) MUST_USE;
enum rc page_children(struct arena *a, struct db *db, int64_t id, struct page **out, size_t *count_out) MUST_USE;
enum rc page_translations(struct arena *a, struct db *db, const struct page *of, struct page **out,
                          size_t *count_out) MUST_USE;
enum rc page_list(struct arena *a, struct db *db, enum text_lang lang, struct page **out,
                  size_t *count_out) MUST_USE; // whole tree, depth first
enum rc page_save(struct arena *a, struct db *db, struct page *p, struct news_changes *c,
                  struct problem *pr) MUST_USE; // in a write

// ---- menu and ways to listen ---------------------------------------------------------------------------------------------

enum menu_target { MENU_LIVE, MENU_SECTION, MENU_PAGE, MENU_ADDRESS };
struct menu_entry {
    enum menu_target target;
    int64_t target_id;  // section or page id
    struct str label;   // "": the target's own name
    struct str address; // resolved path without origin, "/en/live"; or the address itself
};
enum rc menu_list(struct arena *a, struct db *db, enum text_lang lang, struct menu_entry **out,
                  size_t *count_out) MUST_USE;
enum rc menu_save(struct db *db, enum text_lang lang, const struct menu_entry *rows, size_t count,
                  struct news_changes *c) MUST_USE;

enum listen_kind { LISTEN_STREAM, LISTEN_SHORTWAVE, LISTEN_SATELLITE, LISTEN_OTHER };
struct listen_way {
    enum listen_kind kind;
    struct str label, value, note; // "Stream, 128 kbit/s", "https://...", "for home"
};
enum rc listen_list(struct arena *a, struct db *db, enum text_lang lang, struct listen_way **out,
                    size_t *count_out) MUST_USE;
enum rc listen_save(struct db *db, enum text_lang lang, const struct listen_way *rows, size_t count,
                    struct news_changes *c) MUST_USE;

// ---- old addresses ---------------------------------------------------------------------------------------------------------
// Key: source site + kind + old id. The source site is the old install ("" = the root install, "german", ...).

enum legacy_kind { LEGACY_ITEM = 1, LEGACY_CATEGORY, LEGACY_AUTHOR, LEGACY_PAGE, LEGACY_TAG, LEGACY_DOWNLOAD };
enum rc legacy_put(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t new_id) MUST_USE;
enum rc legacy_get(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t *new_id_out) MUST_USE;
// new_id: article number, section id, person id, page id, tag id.
// What an old K2 address asks for; RC_NOT_FOUND when it is no K2 form. Pure; see news-addresses table in the tests.
struct legacy_address {
    struct str site;       // "german" of "/german/index.php/..."; "" for the root
    enum legacy_kind kind; // LEGACY_ITEM, ...; or:
    int64_t old_id;
    struct str tag; // LEGACY_TAG: its name, decoded
    bool is_search, is_date, feed, print;
    struct str search;    // is_search
    int year, month, day; // is_date
    int64_t start;        // list offset
};
enum rc legacy_parse(struct arena *a, struct str path, struct str query, struct legacy_address *out) MUST_USE;

// ---- the station ------------------------------------------------------------------------------------------------------------

// What `init` makes in every enabled language: the four menu entries of the old site with their targets (Live
// Streaming, a Program Highlight section, Company Profile and Zona Integritas pages) and a News section. In a write.
enum rc station_init(struct arena *a, struct db *db, struct str name, struct str zone, uint32_t languages,
                     struct news_changes *c, struct problem *p) MUST_USE;

// Our own text form of articles, pages, sections, menus and settings, for the demo station, for tests and for
// bringing content without the desk; one file, several "== kind" blocks (docs/station-text.md). In a write.
// `load_file` gives the bytes of a picture named in the text (may be NULL).
struct station_text_setup {
    const char *dir; // of the station, for media
    bool trusted_svg;
    enum rc (*load_file)(void *arg, struct str name, struct buf *out);
    void *arg;
};
enum rc station_text_load(struct arena *a, struct db *db, struct str text, const struct station_text_setup *setup,
                          struct news_changes *c, struct problem *p) MUST_USE;

extern const struct verify_check news_checks[]; // see news_verify.c
extern const size_t news_check_count;

#endif
