// SPDX-License-Identifier: AGPL-3.0-or-later
// What the files of the newsroom share among themselves: the columns of a card, and small rules of text.
#ifndef NEWS_INTERNAL_H
#define NEWS_INTERNAL_H

#include "news/news.h"

// The SQL below writes states as numbers.
_Static_assert(ARTICLE_PUBLISHED == 2 && ARTICLE_WITHDRAWN == 3, "the SQL of src/news says state = 2 and state = 3");

#define NUMBER_MAX ((INT64_C(1) << 24) - 1)

// An article `a` with its section `s`. The excerpt comes from the search document and only without a standfirst.
#define CARD_COLUMNS                                                                                                   \
    "a.number, a.section_id, a.published_at, a.modified_at, a.translation_group, a.lang, a.slug, a.headline, "         \
    "a.standfirst, s.slug, s.name, a.byline, a.image_id, a.image_alt, a.image_caption, a.image_credit, "               \
    "a.image_file_name, a.featured, CASE WHEN a.standfirst = '' THEN "                                                 \
    "(SELECT SUBSTR(d.body, 1, 600) FROM search_docs d WHERE d.number = a.number) ELSE '' END "
// SQLite takes a CROSS JOIN in the order written, so that the index that orders the list is the outer loop.
#define CARD_FROM "FROM articles a CROSS JOIN sections s "
#define EXPIRY_OPEN(param) "(a.expires_at = 0 OR a.expires_at > " param ") "

void card_read(struct arena *a, struct db_stmt *st, struct article_card *out);
struct str excerpt_of(struct arena *a, struct str plain);

// One line of plain text: valid UTF-8 without control characters.
bool is_line(struct str s);
// The first free of "slug", "slug-2", ... among the language's sections and root pages, or the page's siblings.
bool name_is_free(struct db *db, enum text_lang lang, struct str path, int64_t not_section, int64_t not_page);
int64_t min_i64(int64_t a, int64_t b);

enum rc article_number_most(struct db *db, int64_t *out); // the greatest there is, 0 for none

// Fills what ARTICLE_WITH parts hold: people, tags, corrections.
enum rc article_load_parts(struct arena *a, struct db *db, struct article *art);

// Notes what shows the card of an article: its lists, its neighbours, its translations and what is related to it.
enum rc article_note_lists(struct arena *a, struct db *db, const struct article *art, bool hard,
                           struct news_changes *c);

// The rows of article_blocks after `old` (id 0: none) became `art`, whose number is the same.
enum rc article_block_sync(struct db *db, const struct article *old, const struct article *art);

bool embed_cell(struct arena *a, struct str typed, struct str *out);      // of rows_embeds
bool extra_name_cell(struct arena *a, struct str typed, struct str *out); // of rows_extra and rows_choices
// Where the item at `from` of `n` goes; `beside` is that of the other item, n: there is none. `from` itself when the way
// leads nowhere.
size_t place_to(size_t n, size_t from, enum place_way way, size_t beside);
size_t place_after(size_t i, size_t from, size_t to); // where the item at i is when the one at `from` went to `to`

// The rules of an article's lines of text: bounds, no control characters.
enum rc article_lines_check(const struct article *art, struct problem *p);
enum { ARTICLE_LINKS_MAX = 64, ARTICLE_BODY_BYTES = 512 * 1024 }; // tags or people; HTML

// Between what staff edit and what the public has; tags and people go by name. No ids, no state.
void content_to_article(const struct content *c, struct article *out);
void content_of_article(struct arena *a, const struct article *art, struct content *out);
struct str content_field_text(struct arena *a, const struct content *c, const struct content_field *f);

// page_save with who did it. What the files about pages share: versions and the addresses that pages had (page_edit.c),
// and what shows a page's name.
enum { PAGE_DEPTH_MAX = 8 };
enum rc page_save_as(struct arena *a, struct db *db, const struct audit_who *who, struct page *p,
                     struct news_changes *c, struct problem *pr);
enum rc page_note_family(struct arena *a, struct db *db, const struct page *p, struct news_changes *c);
enum rc page_version_add(struct db *db, const struct audit_who *who, const struct page *p);
// Its path becomes another: readers are sent on from the old one. `page` is as it was before; id 0: it is new.
enum rc page_path_changed(struct db *db, const struct page *page, struct str path);
// Something else stands there now.
enum rc former_page_drop(struct db *db, enum text_lang lang, struct str path);

// What media an article, a page, the newest content of a manuscript and a setting use (media_uses.c). In a write.
enum rc article_media_sync(struct db *db, const struct article *art);
enum rc page_media_sync(struct db *db, const struct page *p);
enum rc manuscript_media_sync(struct db *db, int64_t id, enum text_lang lang, const struct content *c);
enum rc setting_media_sync(struct db *db, const struct station_field *f, struct str value);
enum rc check_media_uses(const struct verify_context *v); // "media-uses"
enum rc check_lists(const struct verify_context *v);      // "article-lists"
// A section's fields when its articles go to another: RC_INVALID with "field_full" when both together are more than an
// article may have; and, in a write, as many as there is room for.
enum rc extra_fields_fit(struct db *db, int64_t from_id, int64_t to_id, struct problem *p);
enum rc extra_fields_give(struct db *db, int64_t from_id, int64_t to_id); // to_id 0: they are only taken off it
enum rc check_extra_fields(const struct verify_context *v);               // "extra-fields"
enum rc check_comments(const struct verify_context *v);                   // "comments"

// Gives an article to another section of its language. In a write.
enum rc article_section_move(struct arena *a, struct db *db, int64_t number, int64_t section_id,
                             struct news_changes *c);

// "Names that live": a slug may stand in an address, and is not one of the program's own below a language.
bool slug_is_sound(struct str slug);
bool slug_is_reserved(struct str slug); // "tag", "search"
struct str tag_slug(struct arena *a, enum text_lang lang, struct str name);
// RC_CONFLICT with "merge_running" when one of both is on its way into another.
enum rc merge_begin(struct db *db, const struct audit_who *who, const struct merge *m, struct problem *p);
enum rc names_audit(struct db *db, const struct audit_who *who, const char *verb, const char *kind, int64_t id,
                    struct str before, struct str after);
enum rc check_aliases(const struct verify_context *v);   // "aliases"
enum rc check_merges(const struct verify_context *v);    // "merges"
enum rc check_redirects(const struct verify_context *v); // "redirects"
enum rc check_messages(const struct verify_context *v);  // "messages"
struct str like_part(struct arena *a, struct str words); // for LIKE ... ESCAPE '!', with '%' around it

// Derived columns of tags and people, counts and the search document after an article's state changed.
enum rc article_sync_state(struct db *db, const struct article *art, enum article_state was, int64_t old_section);

// An article's section or language may have changed, or it is new; 0: of many. After the commit.
void statistics_forget(int64_t number);

// What one day's readers read, by article; shared and never changed. Released by whoever got it.
struct day_read {
    int64_t number, reads, raw;
};
struct day_reads {
    _Atomic int refs;
    int64_t day;
    size_t count;
    struct day_read *rows;
};
struct day_moment { // taken before the database's moment begins
    int64_t today;
    uint64_t changes; // counters_past_changes()
};
enum rc day_reads_get(struct db *db, int64_t day, const struct day_moment *moment, struct day_reads **out) MUST_USE;
void day_reads_release(struct day_reads *d); // NULL: nothing

#endif
