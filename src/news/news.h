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
    int front_position; // of its block on the front page; 0: behind those that have one. Kept by front_section_edit
    int64_t count;      // visible articles
    int64_t version;    // +1 at each save; made by section_save
};
enum rc section_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug,
                        struct section *out) MUST_USE;
enum rc section_by_id(struct arena *a, struct db *db, int64_t id, struct section *out) MUST_USE;
// All of a language by position; empty ones included.
enum rc section_list(struct arena *a, struct db *db, enum text_lang lang, struct section **out,
                     size_t *count_out) MUST_USE;
enum rc section_save(struct db *db, struct section *s, struct news_changes *c) MUST_USE; // in a write; id 0 adds
// What has this address, or had it: then with another slug. RC_GONE: deleted.
enum rc section_by_address(struct arena *a, struct db *db, enum text_lang lang, struct str slug,
                           struct section *out) MUST_USE;

// At the desk; all in a write and audited. RC_BUSY: base_version is not the newest. RC_INVALID, RC_CONFLICT (the address
// is taken), RC_DENIED with a key of words ("section_in_menu").
struct section_edit {
    int64_t id, base_version; // id 0: a new one, the last of its language
    enum text_lang lang;
    struct str name, slug, description; // slug "": made from the name
    bool highlight, on_front;
};
enum rc section_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct section_edit *edit,
                     int64_t *id_out, struct news_changes *c, struct problem *p) MUST_USE;
enum place_way { PLACE_UP, PLACE_DOWN, PLACE_BEFORE, PLACE_AFTER };
bool place_way_find(struct str name, enum place_way *out);
enum rc section_reorder(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum place_way way,
                        int64_t beside, struct news_changes *c) MUST_USE;
// Begins a merge (below): its articles and texts go to `to_id`, a section of the same language, which gets its extra
// fields too. 0: it is empty.
enum rc section_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, int64_t to_id,
                       int64_t now_us, struct news_changes *c, struct problem *p) MUST_USE;

// ---- extra fields --------------------------------------------------------------------------------------------------
// What the station says of its articles beyond what every article has: "Venue", "Opens", "Interpreter". A field is defined
// once, for some sections or all; an article's values are rows of its content (rows_extra), by the field's name, so they
// are in versions, merges and previews like the text. Words can change at any time and change no article. A value whose
// field was deleted, or is of other sections, is kept and shown to staff only.

enum extra_kind {
    EXTRA_LINE = 1,
    EXTRA_TEXT,   // several lines; in the row each line end is EXTRA_LINE_END
    EXTRA_NUMBER, // "-1250.50": at most 15 digits, 11 of them before the point
    EXTRA_DATE,   // "1945-08-17"
    EXTRA_LINK,   // an address, perhaps a space and the words to show
    EXTRA_CHOICE, // one of `choices`, by its first cell
    EXTRA_FLAG,   // "yes" or "no"
    EXTRA_KINDS,  // one more than the last
};
#define EXTRA_LINE_END STR("\xe2\x90\xa4") // U+2424
enum { EXTRA_FIELDS_MAX = 200, EXTRA_NAME_MAX = 40, EXTRA_LABEL_MAX = 80 };
enum { EXTRA_LINE_MAX = 300, EXTRA_VALUE_MAX = 4000 }; // characters, of a line or a link's words and of the rest
struct extra_words {
    struct str label, choices; // empty: the common ones
};
struct extra_field {
    int64_t id;
    struct str name; // a slug; never changes
    enum extra_kind kind;
    bool shown, everywhere;    // to readers; in all sections
    struct extra_words common; // label never empty
    struct extra_words words[LANG_COUNT];
    int64_t *sections; // ids, unless everywhere
    size_t section_count;
    int64_t version; // +1 at each save
};
struct str extra_kind_name(enum extra_kind kind); // "line", "text", ...; static
bool extra_kind_find(struct str name, enum extra_kind *out);
enum rc extra_field_list(struct arena *a, struct db *db, struct extra_field **out,
                         size_t *count_out) MUST_USE; // all, in order
// What readers see of an article of the section: its fields that are shown, in order, with the words of one language. Their
// `sections` are not filled.
enum rc extra_field_shown(struct arena *a, struct db *db, int64_t section_id, enum text_lang lang,
                          struct extra_field **out, size_t *count_out) MUST_USE;
enum rc extra_field_by_id(struct arena *a, struct db *db, int64_t id, struct extra_field *out) MUST_USE;
const struct extra_field *extra_field_named(const struct extra_field *fields, size_t count, struct str name);
bool extra_field_is_of(const struct extra_field *f, int64_t section_id);
struct str extra_field_label(const struct extra_field *f, enum text_lang lang);
// The words of a choice, or what is stored when it is none of them (any more).
struct str extra_choice_words(const struct extra_field *f, enum text_lang lang, struct str stored);
struct str extra_value_of(struct str rows, struct str name); // "": none

enum extra_fault {
    EXTRA_FINE,
    EXTRA_TOO_LONG,
    EXTRA_NO_LINE, // control characters
    EXTRA_NO_NUMBER,
    EXTRA_NO_DATE,
    EXTRA_NO_LINK,
    EXTRA_NO_CHOICE,
};
// What somebody typed, in its stored form. "" is none, and fine.
enum extra_fault extra_value_take(struct arena *a, const struct extra_field *f, struct str typed, struct str *out);
struct str extra_value_typed(struct arena *a, struct str stored); // as a form shows it
// The parts of a stored link. False: it is none.
bool extra_link_read(struct str stored, struct str *address_out, struct str *words_out);
bool extra_number_read(struct str stored, double *out, int *decimals_out);
bool extra_date_read(struct str stored, struct text_civil *out);

// At the desk; all in a write and audited. RC_BUSY: base_version is not the newest. RC_INVALID, RC_CONFLICT with a key of
// words ("field_name_taken").
struct extra_field_edit {
    struct extra_field field; // id 0: a new one, the last; name "": made from the label
    int64_t base_version;
};
// who NULL: a text that is loaded, not somebody at the desk; not audited.
enum rc extra_field_edit(struct arena *a, struct db *db, const struct audit_who *who,
                         const struct extra_field_edit *edit, int64_t *id_out, struct news_changes *c,
                         struct problem *p) MUST_USE;
enum rc extra_field_reorder(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum place_way way,
                            int64_t beside, struct news_changes *c) MUST_USE;
enum rc extra_field_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id,
                           struct news_changes *c) MUST_USE; // articles keep its values
// In a write, of an import: the field that has this label in the language, or a new one of that kind; of this section from
// now on. Audited, unless `who` is NULL. RC_DENIED with a sentence: the section does not have it, and may_define is false.
// RC_TOO_BIG with a sentence: there are EXTRA_FIELDS_MAX already, or the section has ROWS_MAX.
struct extra_wanted {
    enum text_lang lang;
    int64_t section_id;
    struct str label;
    enum extra_kind kind;
    bool may_define;
};
enum rc extra_field_ensure(struct arena *a, struct db *db, const struct audit_who *who, const struct extra_wanted *w,
                           struct extra_field *out, struct news_changes *c, struct problem *p) MUST_USE;

// ---- tags ----------------------------------------------------------------------------------------------------------

struct tag {
    int64_t id;
    enum text_lang lang;
    struct str slug, name;
    int64_t count;   // of visible articles, after tag_count
    int64_t version; // +1 at each save at the desk
};
enum rc tag_by_id(struct arena *a, struct db *db, int64_t id, struct tag *out) MUST_USE;
enum rc tag_count(struct db *db, struct tag *tag) MUST_USE;
// What has this address, or had it: then with another slug. RC_GONE: deleted.
enum rc tag_by_address(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct tag *out) MUST_USE;
enum rc
tag_by_words(struct arena *a, struct db *db, enum text_lang lang, struct str words,
             struct tag *out) MUST_USE; // what a text that says this name means; else by address, as tag_by_address
enum rc tag_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct tag *out) MUST_USE;
// In a write. The tag that the name means: its own, one that had it, or a new one. RC_GONE: somebody deleted it; articles
// that still name it go without.
enum rc tag_ensure(struct arena *a, struct db *db, enum text_lang lang, struct str name, struct tag *out) MUST_USE;

// At the desk, as with sections.
struct tag_edit {
    int64_t id, base_version; // id 0: a new one, or one that was deleted
    enum text_lang lang;
    struct str name, slug; // slug "": made from the name
};
enum rc tag_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct tag_edit *edit,
                 int64_t *id_out, struct news_changes *c, struct problem *p) MUST_USE;
// Begins a merge into another tag of the language, or with 0 a deletion.
enum rc tag_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, int64_t to_id,
                   int64_t now_us, struct news_changes *c, struct problem *p) MUST_USE;

// ---- lists of names at the desk ------------------------------------------------------------------------------------

enum { NAMES_MAX = 50, NAMES_COUNTED = 1000 };
struct name_row {
    int64_t id;
    struct str name, slug;
    bool deleted;     // people only
    int64_t articles; // that carry it, whatever their state; counted to NAMES_COUNTED and one more
};
struct names_query {
    enum text_lang lang; // of tags
    struct str words;    // that stand in name or slug; empty: all
    struct str after;    // slug of the last row seen
};
// By slug, NAMES_MAX at most.
enum rc tag_names(struct arena *a, struct db *db, const struct names_query *q, struct name_row **out, size_t *count_out,
                  bool *more_out) MUST_USE;
enum rc person_names(struct arena *a, struct db *db, const struct names_query *q, struct name_row **out,
                     size_t *count_out, bool *more_out) MUST_USE;

// ---- people at the desk ----------------------------------------------------------------------------------------------
// A name that is changed is changed in every byline that prints it. A deleted person keeps the name and the links: bylines
// stay as they are printed and lead nowhere, and the page says 410; it can be brought back. People are never logins.

struct person_edit {
    int64_t id, base_version; // id 0: a new one
    struct str name, slug, bio;
};
enum rc person_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct person_edit *edit,
                    int64_t *id_out, struct news_changes *c, struct problem *p) MUST_USE;
enum rc person_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, bool deleted,
                      struct news_changes *c) MUST_USE; // or, with false, back again
// Begins a merge: bylines print the other's name from then on.
enum rc person_merge(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, int64_t to_id,
                     int64_t now_us, struct news_changes *c, struct problem *p) MUST_USE;

// ---- merges ------------------------------------------------------------------------------------------------------------
// A section, tag or person gives what hangs on it to another and goes. On a tag may hang a hundred thousand articles, and
// while one write runs no other can: so it is done in steps, each a whole and right state of the station in a tenth of a
// second or less, with other writes in between. What is left is a row; a station that is stopped or killed goes on with
// it. From the beginning the old words mean the new thing and old addresses lead to it (of a section: from the end,
// because until then its list is not empty).

enum merge_kind { MERGE_SECTION = 1, MERGE_TAG = 2, MERGE_PERSON = 3 };
struct merge {
    enum merge_kind kind;
    int64_t from_id, to_id, begun_at, moved;
};
enum rc merge_get(struct db *db, enum merge_kind kind, int64_t from_id, struct merge *out) MUST_USE; // RC_NOT_FOUND
bool merge_waits(struct db *db); // there is a step to do
// In a write: one step of the oldest. False in *more_out: none is left.
enum rc merge_step(struct db *db, struct news_changes *c, bool *more_out) MUST_USE;

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

// What an article carries beside its text are lists of rows: one item a line, its cells divided by tabs (rows.c).
enum { ROWS_MAX = 32, ROW_CELLS_MAX = 4, ROWS_BYTES_MAX = 1 << 19 }; // bytes of the fullest list
struct list_row {
    struct str cells[ROW_CELLS_MAX]; // the first is never empty, and no two rows of a list have the same
};
struct rows_rule {
    const char *key; // of its content_field
    bool of_media;   // the first cell is the number of one
    bool (*take)(struct arena *a, struct str typed,
                 struct str *out); // brings the first cell into its one form; NULL: any
    enum text_word take_says;      // of a cell that it refused; {1} is the number of its row
    bool keyed;                    // in the order of their first cells; two people's changes meet row by row
    size_t most;                   // rows; <= ROWS_MAX
    struct {
        const char *what; // NULL: there are no more cells
        size_t chars;
    } cells[ROW_CELLS_MAX];
};
extern const struct rows_rule rows_gallery; // media number, alternative text, caption, credit
extern const struct rows_rule rows_files;   // media number (sound, video, document), title
extern const struct rows_rule rows_embeds;  // address, title
extern const struct rows_rule rows_extra;   // name of an extra field, value
extern const struct rows_rule rows_choices; // of an extra field: what is stored, words
size_t rows_cells(const struct rows_rule *rule);
// The next row; views into the text. False: no more. Takes any text, and what is no row is left out.
bool rows_next(struct str *rest, struct list_row *out);
// All of them, however long their cells are; what is too much is rows_check's to say.
struct str rows_write(struct arena *a, const struct rows_rule *rule, const struct list_row *rows, size_t count);
// Brings it into its one form: cells trimmed, empty rows and repetitions left out. RC_INVALID with a sentence.
enum rc rows_check(struct arena *a, const struct rows_rule *rule, struct str *rows, struct problem *p) MUST_USE;
bool gallery_next(struct str *rest, struct article_image *out); // the next picture of a gallery
bool file_next(struct str *rest, int64_t *media_id_out, struct str *title_out);

// A thing of another site (embed.c). Everything in it is plain ASCII that needs no escaping.
struct embed {
    struct str provider; // "YouTube"; static
    struct str address;  // the thing's own
    struct str frame;    // address of its frame; empty: it can only be linked to
    struct str origin;   // of the frame
    bool sound;          // needs little height
};
bool embed_find(struct arena *a, struct str address, struct embed *out); // as people copy it; false: of no site we know

struct article {
    int64_t id;     // 0: new
    int64_t number; // small, public, per station; 0: the next free
    enum text_lang lang;
    int64_t section_id;
    int64_t translation_group; // the same for all translations; 0: alone (becomes its own id)
    struct str slug;           // "": made from the headline
    struct str headline, standfirst, byline, dateline, agency, withdrawal_notice; // plain text
    struct html body;
    struct article_image image;
    struct str gallery, files, embeds; // rows
    struct str extra_fields;           // rows; article_save keeps values of fields that nobody defined
    enum article_state state;
    bool featured, breaking;                              // may lead the front page; was published for the banner
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

// What stands at its address: also of an archived one, which no list shows. RC_NOT_FOUND, RC_GONE (withdrawn: the article
// is filled), drafts and not-yet-due are RC_NOT_FOUND.
// *until_out: when it will look different (due expiry), INT64_MAX when never.
enum rc article_show(struct arena *a, struct db *db, int64_t number, int64_t now_us, struct article *out,
                     int64_t *until_out) MUST_USE;
enum rc article_load(struct arena *a, struct db *db, int64_t number,
                     struct article *out) MUST_USE; // whatever its state
// Where an article stands, whatever its state, without reading it. RC_NOT_FOUND: there is none of that number.
struct article_where {
    enum text_lang lang;
    int64_t section_id;
};
enum rc article_where(struct db *db, int64_t number, struct article_where *out) MUST_USE;
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
// In a write: a public note, with its day, or the notice at the address. Plain text of at most 2,000 characters on 40
// lines, each a paragraph; the correction not empty. RC_INVALID says why.
enum rc article_correct(struct arena *a, struct db *db, int64_t number, struct str text, int64_t at_us,
                        struct news_changes *c, struct problem *p) MUST_USE;
enum rc article_withdraw(struct arena *a, struct db *db, int64_t number, struct str notice, int64_t at_us,
                         struct news_changes *c, struct problem *p) MUST_USE;

// ---- breaking news -----------------------------------------------------------------------------------------------------
// The banner above every page of a language: the article that was marked last, for BREAKING_HOURS.

enum { BREAKING_HOURS = 6 };
struct breaking {
    int64_t number; // of the article marked last, whether it shows or not; 0: none, or its hours are over
    bool shows;
    struct article_card card; // shows: number, lang, slugs and headline
    int64_t until_at;         // when this may change without a write; INT64_MAX: never
};
enum rc breaking_load(struct arena *a, struct db *db, enum text_lang lang, int64_t now_us,
                      struct breaking *out) MUST_USE;
// When its mark is over: by its time, by a newer one, or with the article; 0: it has none.
enum rc breaking_until(struct db *db, int64_t number, enum text_lang lang, int64_t *until_out) MUST_USE;
// In a write. From from_us on, but not before now; ends what is marked in the language until then.
enum rc breaking_mark(struct db *db, int64_t number, enum text_lang lang, int64_t from_us, int64_t now_us,
                      struct news_changes *c) MUST_USE;
// In a write. Without a mark nothing changes.
enum rc breaking_drop(struct db *db, int64_t number, enum text_lang lang, int64_t now_us,
                      struct news_changes *c) MUST_USE;

// ---- manuscripts: what the newsroom works on -----------------------------------------------------------------------------
// An article row is what the public has. What staff write is a manuscript: its newest content and every version before
// it. Publishing copies a version into the article; until then nothing that is typed can be seen outside. "Scheduled"
// is a manuscript that is out with a time to come: lists compare dates, nothing has to run at that moment.
//
//   step       from                    to          the public
//   submit     draft                   in review
//   return     in review               draft                        with a note to the writer
//   publish    draft, in review, out   out         has the newest version at once; what it does not have yet, at its time
//   unschedule out, not yet due        in review   will not have it
//   correct    out                     out         the same and a correction below it
//   withdraw   out, archived           withdrawn   has a notice at the address
//   restore    withdrawn               draft       has the notice until it is published again
//   archive    draft, withdrawn, out   archived    the page or the notice at the address as before, and in no list
//   reopen     archived                draft       the same until it is published again
//   breaking   out, already due        out         the same in the banner for BREAKING_HOURS
//   not_breaking out, in the banner    out         the same, not in the banner any more
//
// Published with its flag `breaking` new, it goes into the banner without a further step.
//
// Nothing typed is lost: a save names the version it was written upon; one that came too late is kept aside, with
// the merge of both offered. Calls that change take `who` and write the audit's row (autosaves excepted).

struct content { // what a person edits; plain text except the body
    struct str headline, standfirst, slug, byline, dateline, agency;
    struct str people; // bylines with a page of their own, one a line
    struct str tags;   // one a line
    int64_t section_id;
    struct article_image image;
    struct str gallery, files, embeds, extra_fields; // rows
    bool featured, breaking;
    int64_t publish_at;    // us UTC; 0: as soon as it is published
    int64_t embargo_until; // must not be public before; 0: none
    int64_t expires_at;    // 0: never
    struct html body;
};
enum content_kind {
    CONTENT_LINE,
    CONTENT_LINES,
    CONTENT_NUMBER,
    CONTENT_FLAG,
    CONTENT_TIME,
    CONTENT_ROWS,
    CONTENT_BODY
};
struct content_field { // the one table behind storing, comparing, merging and the editor's form
    const char *key;   // "headline"
    enum content_kind kind;
    size_t offset;                // in struct content
    const struct rows_rule *rows; // of CONTENT_ROWS
};
extern const struct content_field content_fields[];
extern const size_t content_field_count;
const struct content_field *content_field_find(const char *key); // one of the table's
bool content_lacks_alt(const struct content *c);                 // has a picture without alternative text
bool content_eq(const struct content *l, const struct content *r);
// Cleans the body and checks bounds; a draft may be as empty as it likes. RC_INVALID with a sentence.
enum rc content_check(struct arena *a, struct content *c, struct problem *p) MUST_USE;
// What still keeps it from being published, as keys of words ("need_headline"); how many there are.
enum { CONTENT_LACKS_MAX = 16 };
size_t content_lacks(struct arena *a, struct db *db, enum text_lang lang, const struct content *c,
                     const char *lacks_out[CONTENT_LACKS_MAX]);
struct str content_json(struct arena *a, const struct content *c); // canonical: equal contents give equal text
enum rc content_from_json(struct arena *a, struct str json, struct content *out) MUST_USE; // RC_INVALID

enum manuscript_state {
    MANUSCRIPT_DRAFT = 1,
    MANUSCRIPT_REVIEW = 2,
    MANUSCRIPT_OUT = 3,
    MANUSCRIPT_WITHDRAWN = 4,
    MANUSCRIPT_ARCHIVED = 5,
};
struct str manuscript_state_name(enum manuscript_state state); // "draft", "review", ...; static; a key of words
struct lease {
    int64_t account_id; // 0: nobody has it open
    struct str name;
    int64_t session_id, until_us;
};
enum { LEASE_SECONDS = 180, MANUSCRIPT_WORDS_MAX = 300 };
struct manuscript {
    int64_t id, number;
    enum text_lang lang;
    int64_t section_id;
    enum manuscript_state state;
    struct str headline;
    int64_t version, published_version;
    int64_t publish_at; // of the article while out
    int64_t owner_id, created_at, saved_at, saved_by;
    struct str owner_name, saved_by_name;
    int64_t translation_group, source_id, source_version;
    bool stale;             // the source was published anew since source_version
    int64_t breaking_until; // when its mark for the banner is over; 0: none; of manuscript_load only
    struct lease lease;
    struct content content; // of manuscript_load only
};
enum rc manuscript_load(struct arena *a, struct db *db, int64_t id, struct manuscript *out) MUST_USE;
// In a write. The manuscript of an article, made from it when it has none (an import), brought up to date when the
// article was changed from outside. RC_NOT_FOUND.
enum rc manuscript_of_article(struct arena *a, struct db *db, int64_t number, int64_t now_us, int64_t *id_out) MUST_USE;
// In a write. Begins one; source_id != 0: a translation of that one (RC_CONFLICT: there is one in the language already).
struct manuscript_start {
    enum text_lang lang;
    int64_t source_id;
    struct content content;
};
enum rc manuscript_begin(struct arena *a, struct db *db, const struct audit_who *who,
                         const struct manuscript_start *start, int64_t now_us, int64_t *id_out,
                         struct problem *p) MUST_USE;

enum version_kind {
    VERSION_SAVED = 1,
    VERSION_AUTO = 2,   // made while writing; the next of the same person replaces it
    VERSION_MERGED = 3, // two texts brought together
    VERSION_RESTORED = 4,
    VERSION_BROUGHT = 5, // the article was changed from outside
};
struct manuscript_saving {
    int64_t id, base_version;
    enum version_kind kind;
    struct content content;
    int64_t settles;     // aside that this save replaces; 0: none
    bool source_checked; // the translation was compared with its source's published version
};
enum manuscript_saved {
    SAVED_NEW,   // it is the newest version now
    SAVED_SAME,  // nothing was changed
    SAVED_ASIDE, // base_version is not the newest any more: kept aside
};
// In a write; the rc is RC_OK in all three cases. *id_out: the version, or the aside's id.
enum rc manuscript_save(struct arena *a, struct db *db, const struct audit_who *who,
                        const struct manuscript_saving *saving, int64_t now_us, enum manuscript_saved *saved_out,
                        int64_t *id_out, struct problem *p) MUST_USE;

struct manuscript_version {
    int64_t version, saved_at, account_id;
    enum version_kind kind;
    struct str account_name;
    struct content content; // of version_load only
};
enum rc version_list(struct arena *a, struct db *db, int64_t manuscript_id, int64_t before_version, size_t limit,
                     struct manuscript_version **out, size_t *count_out) MUST_USE; // newest first, limit <= 100
enum rc version_load(struct arena *a, struct db *db, int64_t manuscript_id, int64_t version,
                     struct manuscript_version *out) MUST_USE;
// The version itself, or the one before it when it was an autosave that has been replaced: what a merge begins with.
enum rc version_base(struct arena *a, struct db *db, int64_t manuscript_id, int64_t version,
                     struct manuscript_version *out) MUST_USE;
struct manuscript_aside {
    int64_t id, manuscript_id, base_version, saved_at, account_id;
    struct str account_name;
    struct content content;
};
// One that is not settled. RC_NOT_FOUND.
enum rc aside_load(struct arena *a, struct db *db, int64_t id, struct manuscript_aside *out) MUST_USE;
// The unsettled ones of a manuscript (or, with 0, of an account), contents left empty; at most 100.
enum rc aside_list(struct arena *a, struct db *db, int64_t manuscript_id, int64_t account_id,
                   struct manuscript_aside **out, size_t *count_out) MUST_USE;
enum rc aside_settle(struct db *db, int64_t id) MUST_USE; // in a write

// What collides between two contents that grew from one: a whole field, or a run of the body's blocks.
struct content_collision {
    const struct content_field *field;
    struct str base, mine, theirs; // as text; of the body: HTML
};
enum { COLLISIONS_MAX = 200 };
// choices[i] says whose side collision i takes (TEXT_MINE, TEXT_THEIRS or TEXT_BOTH: mine, then theirs; the latter only
// in the body); NULL or fewer: mine. Gives the merged content and the collisions, in the order of the fields.
size_t content_merge(struct arena *a, const struct content *base, const struct content *mine,
                     const struct content *theirs, const enum text_side *choices, size_t choice_count,
                     struct content *merged_out, struct content_collision **collisions_out);

enum manuscript_step {
    STEP_SUBMIT,
    STEP_RETURN,
    STEP_PUBLISH,
    STEP_UNSCHEDULE,
    STEP_CORRECT,
    STEP_WITHDRAW,
    STEP_RESTORE,
    STEP_ARCHIVE,
    STEP_REOPEN,
    STEP_BREAKING,
    STEP_NOT_BREAKING,
    STEP_COUNT
};
struct step_rule {
    const char *name;  // "submit": of the route, the audit and the words
    uint32_t from;     // bits 1 << enum manuscript_state
    bool needs_text;   // a note, a correction, a notice
    bool only_pending; // not yet due
};
extern const struct step_rule step_rules[STEP_COUNT];
// What keeps a loaded manuscript from being published now: what its content lacks, and a later time when readers have a
// page at its address already, which would vanish until then.
enum rc manuscript_lacks(struct arena *a, struct db *db, const struct manuscript *m, int64_t now_us,
                         const char *lacks_out[CONTENT_LACKS_MAX], size_t *count_out) MUST_USE;
bool step_is_possible(const struct manuscript *m, enum manuscript_step step, int64_t now_us);
struct step_order {
    int64_t id, version; // the version that was before the eyes of who ordered it: RC_CONFLICT if there is a newer one
    enum manuscript_step step;
    struct str text; // the note, the correction, the notice
};
// In a write. RC_DENIED: not from this state. RC_INVALID with a key of words ("need_headline", "say_why") or a sentence. Publishing fills
// *number_out.
enum rc manuscript_do(struct arena *a, struct db *db, const struct audit_who *who, const struct step_order *order,
                      int64_t now_us, int64_t *number_out, struct news_changes *c, struct problem *p) MUST_USE;
// The article as it would be if the manuscript were published now: for previews. number 0: it has none yet.
enum rc manuscript_as_article(struct arena *a, struct db *db, const struct manuscript *m, const struct content *content,
                              int64_t now_us, struct article *out) MUST_USE;

// An address that shows a manuscript's newest version as readers would see it, to whoever has it, for PREVIEW_HOURS. The
// token is the manuscript's id and the time it runs out, signed (HMAC-SHA-256, 128 bits kept) with the station's key:
// nothing is stored, and a token cannot be made from another.
enum { PREVIEW_HOURS = 48, PREVIEW_TOKEN_CHARS = 64 };
struct str preview_token(struct arena *a, const uint8_t key[32], int64_t manuscript_id, int64_t now_us);
// RC_NOT_FOUND: not made by us; RC_GONE: run out.
enum rc preview_find(const uint8_t key[32], struct str token, int64_t now_us, int64_t *manuscript_out) MUST_USE;

// In a write: for LEASE_SECONDS from now. RC_BUSY: somebody else has it (*held_out); with take_over it is taken.
enum rc lease_take(struct arena *a, struct db *db, int64_t manuscript_id, const struct audit_who *who,
                   int64_t session_id, bool take_over, int64_t now_us, struct lease *held_out) MUST_USE;
enum rc lease_drop(struct db *db, int64_t manuscript_id, int64_t account_id, int64_t session_id) MUST_USE; // in a write

struct manuscript_note {
    int64_t id, version, written_at, account_id;
    struct str account_name, note;
};
enum rc note_add(struct db *db, const struct audit_who *who, int64_t manuscript_id, struct str note,
                 int64_t now_us) MUST_USE; // in a write; RC_INVALID: empty or above 2,000 characters
enum rc note_list(struct arena *a, struct db *db, int64_t manuscript_id, struct manuscript_note **out,
                  size_t *count_out) MUST_USE; // oldest first, the last 200

enum manuscripts_of {
    MANUSCRIPTS_ALL,
    MANUSCRIPTS_OWN,       // begun by account_id
    MANUSCRIPTS_IN_STATE,  // of `state`
    MANUSCRIPTS_SCHEDULED, // out, not yet due; soonest first
    MANUSCRIPTS_STALE,     // translations whose source was published anew
    MANUSCRIPTS_NO_ALT,    // with a picture that has no alternative text
    MANUSCRIPTS_AHEAD,     // out, with newer words than readers have
};
enum { MANUSCRIPTS_SECTIONS_MAX = 33 };
struct manuscripts_query {
    enum manuscripts_of of;
    enum manuscript_state state;
    int64_t account_id;
    uint32_t languages;      // bits; 0: all
    const int64_t *sections; // ids; 0 among them: what account_id began and gave none yet
    size_t section_count;    // <= MANUSCRIPTS_SECTIONS_MAX; 0: all
    struct str words;        // of headline, byline and tags; empty: all
    int64_t now_us;
    int64_t before_at, before_id; // of the last row seen: saved_at (scheduled: publish_at) and id; 0: from the start
    size_t limit;                 // <= 100
};
struct manuscripts_rest { // what comes behind a page
    bool more;            // there is more
    bool unseen;          // nobody knows: looking for words that many texts hold stopped; the page may be empty
    int64_t at, id;       // before_at and before_id of the next page, when one of the two
};
// Newest first. Leases and headlines are filled, contents are not.
enum rc manuscript_list(struct arena *a, struct db *db, const struct manuscripts_query *q, struct manuscript **out,
                        size_t *count_out, struct manuscripts_rest *rest_out) MUST_USE;

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

// ---- archived comments ---------------------------------------------------------------------------------------------
// What readers of the old site wrote under its articles; nobody adds to it but imports. Names stand as they stood there.

enum { COMMENTS_MAX = 2000, COMMENT_NAME_MAX = 255, COMMENT_CHARS_MAX = 65535, COMMENT_REASON_MAX = 300 };
struct comment {
    int64_t id, number; // of the article
    struct str site;    // the old install, as with old addresses
    int64_t old_id;     // of the comment there; 0: not known
    int64_t written_at;
    struct str name, body; // plain; the body in lines
    bool hidden;           // from readers
    struct str reason;     // why
};
// One part of an article's comments, oldest first: as many as a page shows, and no more words than it can carry.
enum { COMMENTS_PART_BYTES = 1 << 19 };
struct comments_part {
    struct comment *rows; // NULL: none
    size_t count;         // in this part
    size_t all, parts;    // of the article; parts: 1 at least
};
// `part` from 1; one behind the last is empty. At most `most` rows, which are copied; those of other parts are not.
enum rc comment_part(struct arena *a, struct db *db, int64_t number, bool hidden_too, size_t part, size_t most,
                     struct comments_part *out) MUST_USE;
enum rc comment_by_id(struct arena *a, struct db *db, int64_t id, struct comment *out) MUST_USE;
enum rc comment_count(struct db *db, int64_t number, int64_t *out) MUST_USE; // hidden ones too
bool comment_is_sound(const struct comment *c);
// In a write, of an import. *added_out is false for one that is there already, from whatever source, and for one that was
// deleted. RC_INVALID: not sound; RC_TOO_BIG: the article has COMMENTS_MAX.
enum rc comment_add(struct arena *a, struct db *db, const struct comment *c, bool *added_out,
                    struct news_changes *ch) MUST_USE;
// At the desk; in a write and audited, without a word of the comment. Hidden once more: with another reason. RC_INVALID:
// hidden without one.
enum rc comment_hide(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, bool hidden,
                     struct str reason, struct news_changes *ch) MUST_USE;
enum rc comment_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id,
                       struct news_changes *ch) MUST_USE; // for good

// ---- votes -------------------------------------------------------------------------------------------------------------

// In a write. value 1..5; one vote per (article, voter): voting again replaces. Fills the new totals.
enum rc vote_cast(struct db *db, int64_t number, const uint8_t voter[32], int value, int64_t at_us, int64_t *sum_out,
                  int64_t *count_out, struct news_changes *c) MUST_USE;
// K2's percentage: round(sum / count, 2) * 20, 0 without votes; in hundredths (7340 = 73.4 %).
int vote_percent_hundredths(int64_t sum, int64_t count);

// ---- standing pages ------------------------------------------------------------------------------------------------------

enum page_state {
    PAGE_PUBLISHED,
    PAGE_DRAFT,     // readers never had it: 404
    PAGE_WITHDRAWN, // they had it: 410
};
struct page {
    int64_t id, parent_id, translation_group;
    enum text_lang lang;
    struct str slug, title, path; // path: slugs from the root, "company-profile/history"
    struct html body;
    int position;
    bool integrity; // the root of Zona Integritas
    int64_t modified_at;
    enum page_state state;
    int64_t version; // of title, slug and body: +1 when page_save changes one of them; made by it
};
enum rc page_by_path(struct arena *a, struct db *db, enum text_lang lang, struct str path, struct page *out) MUST_USE;
enum rc page_by_id(struct arena *a, struct db *db, int64_t id, struct page *out) MUST_USE;
// Ancestors from the root to the parent, children and siblings by position; bodies left empty.
enum rc page_ancestors(struct arena *a, struct db *db, const struct page *of, struct page **out,
                       size_t *count_out) MUST_USE;
enum rc page_children(struct arena *a, struct db *db, int64_t id, struct page **out, size_t *count_out) MUST_USE;
enum rc page_translations(struct arena *a, struct db *db, const struct page *of, struct page **out,
                          size_t *count_out) MUST_USE; // published ones
enum rc page_list(struct arena *a, struct db *db, enum text_lang lang, struct page **out,
                  size_t *count_out) MUST_USE; // whole tree, depth first
enum rc page_save(struct arena *a, struct db *db, struct page *p, struct news_changes *c,
                  struct problem *pr) MUST_USE; // in a write

// At the desk; all in a write and audited. RC_INVALID, RC_CONFLICT (the address is taken), RC_DENIED with a sentence or
// a key of words ("page_has_children").
// Begins a draft, the last of its siblings: lang, parent_id, title and translation_group count. Fills the rest.
enum rc page_begin(struct arena *a, struct db *db, const struct audit_who *who, struct page *p, int64_t now_us,
                   struct news_changes *c, struct problem *pr) MUST_USE;
struct page_text { // what a version keeps
    struct str title, slug;
    struct html body;
};
struct page_edit {
    int64_t id, base_version; // what was before the writer's eyes
    struct page_text text;
    int64_t translation_group; // 0: of none
    bool restores;             // an older version is taken up again
};
// Cleans the body. RC_BUSY: base_version is not the newest; nothing was changed.
enum rc page_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct page_edit *edit,
                  int64_t now_us, struct news_changes *c, struct problem *pr) MUST_USE;
enum page_way { PAGE_UP, PAGE_DOWN, PAGE_IN, PAGE_OUT, PAGE_BEFORE, PAGE_AFTER, PAGE_INTO };
bool page_way_find(struct str name, enum page_way *out); // "up", "before"
// PAGE_IN: below the sibling before it; PAGE_OUT: behind its parent; the last three: beside another page. A step that
// leads nowhere changes nothing.
enum rc page_move(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum page_way way,
                  int64_t beside, struct news_changes *c, struct problem *pr) MUST_USE;
// Draft or withdrawn to published; published to withdrawn.
enum rc page_state_set(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum page_state state,
                       int64_t now_us, struct news_changes *c, struct problem *pr) MUST_USE;
// With its versions; an address that readers had says 410 from now on. RC_DENIED with pages below it or in a menu.
enum rc page_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, struct news_changes *c,
                    struct problem *pr) MUST_USE;
struct page_version {
    int64_t version, saved_at, account_id;
    struct str account_name;
    struct page_text text; // of page_version_load only
};
enum rc page_version_list(struct arena *a, struct db *db, int64_t page_id, struct page_version **out,
                          size_t *count_out) MUST_USE; // newest first, the last PAGE_VERSIONS_SHOWN
enum { PAGE_VERSIONS_SHOWN = 100 };
enum rc page_version_load(struct arena *a, struct db *db, int64_t page_id, int64_t version,
                          struct page_version *out) MUST_USE;
// What stood at an address that no page has now. RC_OK: the page that moved away; RC_GONE; RC_NOT_FOUND.
enum rc page_former(struct arena *a, struct db *db, enum text_lang lang, struct str path, struct page *out) MUST_USE;

// ---- menu and ways to listen ---------------------------------------------------------------------------------------------

enum menu_target { MENU_LIVE, MENU_SECTION, MENU_PAGE, MENU_ADDRESS, MENU_ARCHIVE, MENU_SEARCH, MENU_FRONT };
enum { MENU_MAX = 24 };
struct menu_entry {
    enum menu_target target;
    int64_t target_id;  // section or page id
    struct str label;   // "": the target's own name
    struct str address; // resolved path without origin, "/en/live"; or the address itself
    struct str name;    // the section's or page's own
    bool hidden, lost;  // kept but not shown; its section or page is not there for readers
};
// What readers see, labels filled but for the fixed places; and everything, labels as they were given.
enum rc menu_list(struct arena *a, struct db *db, enum text_lang lang, struct menu_entry **out,
                  size_t *count_out) MUST_USE;
enum rc menu_all(struct arena *a, struct db *db, enum text_lang lang, struct menu_entry **out,
                 size_t *count_out) MUST_USE;
// In a write; replaces the whole menu. RC_INVALID, RC_TOO_BIG: above MENU_MAX.
enum rc menu_save(struct db *db, enum text_lang lang, const struct menu_entry *rows, size_t count,
                  struct news_changes *c) MUST_USE;
// One step of the desk, audited. `mark` is of the menu that was before somebody's eyes: RC_BUSY when it is another by
// now. RC_NOT_FOUND: no such entry.
enum menu_change_kind { MENU_PUT, MENU_DROP, MENU_HIDE, MENU_SHOW, MENU_MOVE };
struct menu_change {
    enum menu_change_kind kind;
    size_t at, to;           // entries from 0; MENU_PUT: behind the last one adds. A place that does not exist is none
    struct menu_entry entry; // of MENU_PUT
};
int64_t menu_mark(struct arena *a, const struct menu_entry *rows, size_t count);
enum rc menu_edit(struct arena *a, struct db *db, const struct audit_who *who, enum text_lang lang, int64_t mark,
                  const struct menu_change *change, struct news_changes *c) MUST_USE;

// ---- the front page, as a language's editors arrange it ------------------------------------------------------------------

enum { FRONT_PINS_MAX = 8 };
struct front_pin {
    int64_t number, until_at; // until_at 0: until somebody takes it off
    bool leads;               // of the first only; without one the lead is chosen by itself
    bool published;
    struct str headline;
    int64_t published_at, expires_at; // of the article
};
struct front_arrangement {
    struct front_pin pins[FRONT_PINS_MAX];
    size_t count;
};
enum rc front_load(struct arena *a, struct db *db, enum text_lang lang, struct front_arrangement *out) MUST_USE;
// Whether readers see it there now; *until_out: when that may change without a write, INT64_MAX when never.
bool front_pin_shows(const struct front_pin *p, int64_t now_us, int64_t *until_out);
// Sections in the order of their blocks; front_sections leaves those of programmes out, which have their own place.
void front_order(struct section *rows, size_t count);
enum rc front_sections(struct arena *a, struct db *db, enum text_lang lang, struct section **out,
                       size_t *count_out) MUST_USE;
enum front_way {
    FRONT_UP,
    FRONT_DOWN,
    FRONT_BEFORE, // `beside`
    FRONT_AFTER,
    FRONT_LEAD, // pins only
    FRONT_DROP,
    FRONT_SHOW, // sections only
    FRONT_HIDE,
    FRONT_PIN, // puts an article on, or gives it another end
};
bool front_way_find(struct str name, enum front_way *out); // all but FRONT_PIN
struct front_change {
    enum front_way way;
    int64_t number, beside; // article numbers, or section ids
    int64_t until_at;       // of FRONT_PIN
    bool leads;             // of FRONT_PIN
};
// In a write, audited. What is not there any more is left alone. RC_INVALID with a key of words ("front_full").
enum rc front_pin_edit(struct arena *a, struct db *db, const struct audit_who *who, enum text_lang lang,
                       const struct front_change *change, int64_t now_us, struct news_changes *c,
                       struct problem *p) MUST_USE;
enum rc front_section_edit(struct arena *a, struct db *db, const struct audit_who *who, enum text_lang lang,
                           const struct front_change *change, struct news_changes *c) MUST_USE; // RC_NOT_FOUND

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

enum legacy_kind {
    LEGACY_ITEM = 1,
    LEGACY_CATEGORY,
    LEGACY_AUTHOR,
    LEGACY_PAGE,
    LEGACY_TAG,
    LEGACY_DOWNLOAD,
    LEGACY_WORDS,
    LEGACY_PATH // an article whose old address has no number in it; old id: legacy_path_key
};
// Of a path from "/" on, percent-encoded or not, with or without a slash at its end; sites have no numbers for these, so the
// key is a hash, and `site` is "". 0: the path cannot be decoded, or names no more than a front page.
int64_t legacy_path_key(struct arena *a, struct str path);
enum rc legacy_put(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t new_id) MUST_USE;
enum rc legacy_get(struct db *db, struct str site, enum legacy_kind kind, int64_t old_id, int64_t *new_id_out) MUST_USE;
// new_id: article number (of a download: the article it was attached to), section id, person id, page id, tag id; LEGACY_WORDS: of a block of a station text, a hash of
// what it said last.
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

// ---- redirects --------------------------------------------------------------------------------------------------------------
// An address that this site does not have leads to one that it has, or to one elsewhere, or says that it is gone. Readers
// get that when nothing else answers there, and before what an old address is guessed to mean. Both are kept in one form
// (redirect_address.c); no target is a source, so nobody is sent on twice, or round in circles.

enum { REDIRECT_BYTES_MAX = 1000, REDIRECTS_SHOWN = 50, REDIRECT_LINES_MAX = 1000 };
struct redirect {
    int64_t id, version, made_at;
    struct str source; // "/old/path?id=3": path of this site, and query
    struct str target; // "/en/news#part", "https://www.example.org/x"; empty: gone for good
    int64_t hits, hit_at;
};
// What somebody typed or pasted in its one form; `origin` is this site's. RC_INVALID with a key of words that begins with
// "redirect_source_" or "redirect_target_". Pure.
enum rc redirect_source(struct arena *a, struct str origin, struct str typed, struct str *out,
                        struct problem *p) MUST_USE;
enum rc redirect_target(struct arena *a, struct str origin, struct str typed, struct str *out,
                        struct problem *p) MUST_USE;
bool redirect_asked(struct arena *a, struct str path, struct str query,
                    struct str *out); // of a request; false: no form
// As a Location field says it, in ASCII; "" when it is nothing that readers may be sent to.
struct str redirect_location(struct arena *a, struct str target);
struct str redirect_path(struct str address);     // without query and fragment
enum text_lang redirect_lang(struct str address); // of a path of this site; LANG_COUNT: of none

// Where a request that nothing answers leads: by path and query, else by the path alone. RC_NOT_FOUND.
enum rc redirect_find(struct arena *a, struct db *db, struct str path, struct str query, struct redirect *out) MUST_USE;
enum rc redirect_by_id(struct arena *a, struct db *db, int64_t id, struct redirect *out) MUST_USE;
struct redirects_query {
    struct str words; // a part of one of the two addresses; empty: all
    struct str after; // source of the last row seen
};
// By source, REDIRECTS_SHOWN at most.
enum rc redirect_list(struct arena *a, struct db *db, const struct redirects_query *q, struct redirect **out,
                      size_t *count_out, bool *more_out) MUST_USE;
// Whether a page answers at a path of this site, as far as addresses of readers' pages go; `languages` that are on.
bool address_is_live(struct db *db, uint32_t languages, struct str address, int64_t now_us);

struct redirect_order {
    struct str origin;  // of this site
    uint32_t languages; // that are on
    int64_t now_us;
    int64_t id, base_version;  // id 0: a new one
    struct str source, target; // as typed; target empty: gone for good
    // May this redirect be made or changed? Asked of both addresses as they come to be, and of each that changes with it.
    bool (*may)(void *arg, struct str source, struct str target);
    void *arg;
};
struct redirect_edited {
    int64_t id;
    struct str denied; // of "redirect_along_denied": the source of one that would change with it and may not; arena
};
// In a write, audited. A target that itself leads on is taken to its end, and so are those that led to the new source.
// RC_BUSY: base_version is not the newest. RC_DENIED: not this one. RC_INVALID, RC_CONFLICT (there is one from that
// address) with a key of words: nothing was written yet.
enum rc redirect_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct redirect_order *order,
                      struct redirect_edited *out, struct problem *p) MUST_USE;
enum rc redirect_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id) MUST_USE; // in a write

// Lines of a pasted list, FROM and TO with white space between; TO may be "gone". Empty ones and those that begin with
// '#' are passed over. Views into the text.
struct redirect_line {
    unsigned number; // from 1; begin with 0
    struct str text, source, target;
    bool sound; // there are two addresses
};
bool redirect_line_next(struct str *rest, struct redirect_line *line);

// How often each was asked for: counted in memory and moved to the database with the read counts. What a killed process
// had not moved yet is lost.
struct redirect_hits;
struct redirect_hits *redirect_hits_new(void);
void redirect_hits_free(struct redirect_hits **h);
void redirect_hits_add(struct redirect_hits *h, int64_t id); // any thread
enum rc redirect_hits_flush(struct redirect_hits *h, struct store *store) MUST_USE;

// ---- messages to the station ------------------------------------------------------------------------------------------------
// What readers write on the contact page. Kept as it came, for some days that a parameter says, then deleted; read by those
// who have the page's language. Nothing of it stands in a log, a letter or the audit.

enum message_topic { MESSAGE_PROGRAMME = 1, MESSAGE_CORRECTION, MESSAGE_RECEPTION, MESSAGE_OTHER, MESSAGE_TOPICS };
enum message_state { MESSAGE_OPEN = 1, MESSAGE_ANSWERED, MESSAGE_TRASH, MESSAGE_STATES };
enum {
    MESSAGE_NAME_MAX = 100, // characters
    MESSAGE_TEXT_MAX = 5000,
    MESSAGES_SHOWN = 50,
    MESSAGES_HOUR_MAX = 500,         // that are taken in an hour from all readers together
    MESSAGES_HOUR_FROM_ONE_MAX = 20, // from one address: whoever sends is stopped before it is everybody
    MESSAGE_REFERENCE_CHARS = 9,
};
struct message {
    int64_t id, received_at, read_at, read_by, handled_at;
    enum text_lang lang;
    enum message_topic topic;
    enum message_state state;
    struct str reference;         // "7KQ3-9XFM"
    struct str name, email, text; // plain; the address may be empty
    struct str handled_by;
};
struct str message_topic_name(enum message_topic topic); // "programme": of the form, and a key of words; static
bool message_topic_find(struct str name, enum message_topic *out);
struct str message_state_name(enum message_state state); // "open"; static
bool message_state_find(struct str name, enum message_state *out);
bool mail_is_sound(struct str address); // can be written to, as far as one sees; ASCII
// In a write. lang, topic, name, email and text count, and are what the form allows (must). The same text from the same
// sender within some minutes is the same message: its reference again, and false in *added_out. RC_BUSY: more than
// MESSAGES_HOUR_MAX.
enum rc message_add(struct arena *a, struct db *db, const struct message *m, int64_t now_us, struct str *reference_out,
                    bool *added_out) MUST_USE;
bool message_reference_known(struct db *db, struct str reference);
enum rc message_by_id(struct arena *a, struct db *db, int64_t id, struct message *out) MUST_USE;
struct messages_query {
    uint32_t languages; // bits
    enum message_state state;
    int64_t before_at, before_id; // of the last row seen; 0: from the newest
};
// Newest first, MESSAGES_SHOWN at most, texts left empty.
enum rc message_list(struct arena *a, struct db *db, const struct messages_query *q, struct message **out,
                     size_t *count_out, bool *more_out) MUST_USE;
enum rc message_unread(struct arena *a, struct db *db, uint32_t languages, int64_t *out) MUST_USE; // open, never opened
// In a write. Audited by number and language: that somebody opened it (once in a row), put it elsewhere, deleted it.
enum rc message_opened(struct db *db, const struct audit_who *who, int64_t id, int64_t now_us) MUST_USE;
enum rc message_put(struct db *db, const struct audit_who *who, int64_t id, enum message_state state,
                    int64_t now_us) MUST_USE;
enum rc message_delete(struct db *db, const struct audit_who *who, int64_t id) MUST_USE;
// Deletes what came before that moment, a few hundred in each write, until there is none.
enum rc messages_forget(struct store *store, struct db *db, int64_t before_us) MUST_USE;

// ---- the station ------------------------------------------------------------------------------------------------------------

// What `init` makes in every enabled language: the four menu entries of the old site with their targets (Live
// Streaming, a Program Highlight section, Company Profile and Zona Integritas pages) and a News section. In a write.
enum rc station_init(struct arena *a, struct db *db, struct str name, struct str zone, uint32_t languages,
                     struct news_changes *c, struct problem *p) MUST_USE;

// In a write, when a language is switched on: the same for it alone, unless it has a section already.
enum rc station_language_begin(struct arena *a, struct db *db, enum text_lang lang, struct news_changes *c,
                               struct problem *p) MUST_USE;

// What everybody who serves the station needs of its settings.
struct station_values {
    const struct text_zone *zone;
    uint32_t languages; // bits; never 0
    enum text_lang default_lang;
};
enum rc station_values_read(struct arena *a, struct db *db, struct station_values *out, struct problem *p) MUST_USE;

// The settings that the desk changes: one table behind its form, the checks and the audit.
enum station_field_kind {
    STATION_LINE,
    STATION_MAIL,
    STATION_ZONE,
    STATION_COLOUR,  // "#0b3c5d"; readable on both grounds (WCAG 2.2 AA, 4.5 to 1)
    STATION_PICTURE, // number of a medium
};
struct station_field {
    const char *key;
    enum station_field_kind kind;
    bool by_language; // a language may have a value of its own
    bool needed;      // the common value may not be empty
    size_t max;       // characters
    const char *grounds[2];
    enum media_place place; // of a picture: where it is used then
};
extern const struct station_field station_fields[];
extern const size_t station_field_count;
const struct station_field *station_field_find(const char *key); // NULL: none
enum station_fault {
    STATION_FINE,
    STATION_EMPTY,
    STATION_NO_LINE,
    STATION_NO_MAIL,
    STATION_NO_ZONE,
    STATION_NO_COLOUR,
    STATION_CONTRAST,
    STATION_NO_PICTURE,
};
struct station_refusal {
    enum station_fault fault;
    int contrast;          // of a colour: hundredths, on the ground where it is read worst
    struct str suggestion; // the nearest colour that can be read; arena
};
bool station_setting_check(struct arena *a, struct db *db, const struct station_field *f, enum text_lang lang,
                           struct str value, struct station_refusal *out);
// In a write. lang = LANG_COUNT: for all languages. Empty: unset. Audited when it is another value than before.
enum rc station_setting_save(struct arena *a, struct db *db, const struct audit_who *who, const struct station_field *f,
                             enum text_lang lang, struct str value, struct news_changes *c) MUST_USE;
// In a write. RC_INVALID with a sentence: none is left, or `first` is not among them.
enum rc station_languages_save(struct arena *a, struct db *db, const struct audit_who *who, uint32_t languages,
                               enum text_lang first, struct news_changes *c, struct problem *p) MUST_USE;
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

// ---- statistics ------------------------------------------------------------------------------------------------------
// Reads and votes of a stretch of days, summed in one pass over the counters' days (record.h). A read belongs to the
// section and language in which its article stands now.

enum { STATISTICS_DAYS_MAX = 366, STATISTICS_ARTICLES_MAX = 50, STATISTICS_HOSTS_MAX = 50 };
struct statistics_ask {
    int64_t from_day, to_day; // text_day_of, both included; at most STATISTICS_DAYS_MAX days
    const struct text_zone *zone;
    bool one_lang;
    enum text_lang lang; // one_lang
    int64_t section_id;  // 0: all
    // What is summed at all; NULL: everything.
    bool (*may)(void *arg, enum text_lang lang, int64_t section_id);
    void *may_arg;
};
struct statistics_sum {
    int64_t key;         // day, enum text_lang, section id, article number
    struct str label;    // a section's name, an article's headline
    enum text_lang lang; // of a section or article
    int64_t reads, raw;  // by readers; every answer, programs included
    int64_t votes, stars;
};
struct statistics {
    struct statistics_sum *days; // each day of the stretch, in order
    size_t day_count;
    struct statistics_sum langs[LANG_COUNT]; // by enum text_lang
    struct statistics_sum *sections;         // most read first
    size_t section_count;
    struct statistics_sum *articles; // the most read
    size_t article_count;
    struct statistics_sum *hosts; // other sites that readers came from: reads only, the most first
    size_t host_count;
    int64_t from_hosts; // their sum, with those that are not listed
    struct statistics_sum all;
};
// RC_INVALID for no day or too many. arena.
enum rc statistics_read(struct arena *a, struct db *db, const struct statistics_ask *ask,
                        struct statistics *out) MUST_USE;

#endif
