// SPDX-License-Identifier: AGPL-3.0-or-later
// Languages: words, dates, numbers, plurals, direction, slugs, search tokens; and HTML bodies, cleaned.
// Everything here is immutable after text_start and safe for all threads. ICU (CLDR) and gumbo are behind it.
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "util/util.h"

// ---- languages ---------------------------------------------------------------------------------------------------

enum text_lang { LANG_EN, LANG_ID, LANG_AR, LANG_ZH, LANG_JA, LANG_FR, LANG_DE, LANG_ES, LANG_NL, LANG_COUNT };

void text_start(void); // once; aborts when ICU's data lacks one of the nine languages
bool text_lang_find(struct str code, enum text_lang *out); // "en"
struct str text_lang_code(enum text_lang lang);            // "en": in addresses, hreflang, <html lang>
struct str text_lang_name(enum text_lang lang);            // in its own words: "Bahasa Indonesia"
bool text_lang_is_rtl(enum text_lang lang);
// Best of the languages in `allowed` (bits 1 << lang) for an Accept-Language header (RFC 9110 12.5.4).
enum text_lang text_lang_negotiate(struct str accept_language, uint32_t allowed, enum text_lang otherwise);

// ---- words (i18n/*.txt; "words.h" is made at build with enum text_word) ----------------------------------------------

#include "words.h"                                           // enum text_word { W_READ_MORE, ... , W_COUNT }
struct str text_word(enum text_lang lang, enum text_word w); // plain words, static
// A word with arguments ({0}, {1} or an ICU plural on {0}). Arguments are text or numbers already formatted, except
// a plural's number, which is given as `n`. arena.
struct str text_phrase(struct arena *a, enum text_lang lang, enum text_word w, int64_t n, struct str arg0,
                       struct str arg1);
// Refuses with a word (util.h's problem_set): in English where `p` is read as it is, in any language by problem_text.
// {0} of it is `name`, cut at 146 bytes, {1} `number`, which is its plural's too. Returns rc; p may be NULL.
enum rc problem_word(struct problem *p, enum rc rc, enum text_word w, int64_t number, struct str name);
struct str problem_text(struct arena *a, const struct problem *p, enum text_lang lang); // arena
bool text_word_find(struct str key, enum text_word *out);                               // "read_more"

// A phrase with a plural and one number, prepared so that writing it needs no ICU: variants by the language's plural
// categories, its digits and its grouping.
struct text_counter;
const struct text_counter *text_counter_get(enum text_lang lang, enum text_word w); // static
size_t text_counter_write(const void *counter, uint64_t number, char *out,
                          size_t room); // bytes; an http_spot's `write`

// ---- numbers and dates ---------------------------------------------------------------------------------------------

struct str text_bytes(struct arena *a, enum text_lang lang, int64_t n); // "1.2 MB", "0.1 kB" at least
struct str text_upper_ascii(struct arena *a, struct str s);             // "PDF" of "pdf"
// "Indonesia" of "ID" (ISO 3166); the code itself where the language has no name for it.
struct str text_country(struct arena *a, enum text_lang lang, struct str code);
struct str text_number(struct arena *a, enum text_lang lang, int64_t n);             // grouped, in its digits
struct str text_decimal(struct arena *a, enum text_lang lang, double v, int digits); // 4.5

enum text_date_form {
    DATE_FULL,   // "Monday, 05 September 2022 13:39" in English (the old site's form); CLDR full date + time elsewhere
    DATE_DAY,    // "5 September 2022"
    DATE_SHORT,  // "5 Sep 2022"
    DATE_TIME,   // "13:39"
    DATE_MONTH,  // "September 2022"
    DATE_YEAR,   // "2022"
    DATE_ISO,    // "2022-09-05T13:39:00+07:00", any language
    DATE_RFC822, // "Mon, 05 Sep 2022 13:39:00 +0700" for RSS
};
struct text_zone;
// "Asia/Jakarta"; RC_INVALID for a name tzdb does not know. Cached for the process; never freed.
enum rc text_zone_find(struct str name, const struct text_zone **out) MUST_USE;
struct str text_zone_name(const struct text_zone *zone); // lives as long as the process
struct str text_date(struct arena *a, enum text_lang lang, const struct text_zone *zone, int64_t at_us,
                     enum text_date_form form);
// What the zone is ahead of UTC then: "UTC+7", "UTC−3:30", "UTC".
struct str text_zone_offset(struct arena *a, const struct text_zone *zone, int64_t at_us);
// Civil date in the zone, and back (the earlier instant when the hour exists twice, the next when it does not exist).
struct text_civil {
    int year, month, day, hour, minute, second;
};
struct text_civil text_civil_of(const struct text_zone *zone, int64_t at_us);
int64_t text_civil_to_us(const struct text_zone *zone, struct text_civil c);
// A civil date as days since 1970-01-01, and back (at 00:00:00).
int64_t text_day_of(struct text_civil c);
struct text_civil text_day_civil(int64_t day);
// Reads K2's date line "Monday, 05 September 2022 13:39" (English day and month names, as the old site printed in
// every edition, and the language's own). RC_INVALID otherwise.
enum rc text_date_parse_k2(struct str line, const struct text_zone *zone, enum text_lang lang, int64_t *out) MUST_USE;

// ---- slugs, folding and tokens ---------------------------------------------------------------------------------------

// Latin letters, digits and hyphens by transliteration, at most 80 bytes, cut at a word; "" when nothing is left.
struct str text_slug(struct arena *a, enum text_lang lang, struct str title);
// Folded for searching and sorting: NFKC, case, accents, Arabic tatweel, harakat and letter variants, kana width.
struct str text_fold(struct arena *a, struct str s);
// The composed form (NFC): the same characters typed on two systems become the same bytes. Valid UTF-8; arena.
struct str text_nfc(struct arena *a, struct str s);
// Cuts text into search tokens. Latin, Arabic, ...: folded words. Han, kana, Hangul: every character and every pair of
// neighbours, the pair at the same position as its first character. `position` counts words or characters.
// With `query` true CJK runs give pairs only (single characters when alone). Returns RC_OK or what `token` returned.
struct text_token {
    struct str folded;  // valid during the call
    size_t start, end;  // bytes of the source
    bool same_position; // stands at the position of the token before
};
enum rc text_tokens(struct str s, bool query, enum rc (*token)(void *arg, const struct text_token *t), void *arg);

// ---- HTML bodies -------------------------------------------------------------------------------------------------------

// HTML that this folder has cleaned: the only kind that reaches a page unescaped. Make it with the calls below or
// read it back from the column it was stored in (html_stored).
struct html {
    struct str s;
};
// Parses like a browser (gumbo) and writes back canonically what stands on the allow-list (p h2 h3 h4 ul ol li
// blockquote q cite em strong b i u s sub sup code pre br hr a[href] figure figcaption img[src alt width height]
// table caption thead tbody tr th td abbr[title] time[datetime] span[lang dir] and lang/dir everywhere); h1 becomes h2; links get
// rel="noopener" and only http, https, mailto, tel or site-relative addresses; empty paragraphs go. Idempotent.
// RC_TOO_BIG above 1 MiB or 512 levels. arena.
enum rc html_clean(struct arena *a, struct str dirty, struct html *out) MUST_USE;
struct html html_stored(struct str from_database);                   // vouches that it was written by html_clean
struct html html_from_paragraphs(struct arena *a, struct str plain); // blank line = new <p>; escaped
struct str html_to_text(struct arena *a, struct html h); // words for search and excerpts; blocks end in newlines
// The beginning, at most max_chars characters, cut at a sentence if one ends in the second half, else at a word with
// an ellipsis.
struct str html_excerpt(struct arena *a, struct html h, size_t max_chars);
// Cuts a body between blocks into parts of at most part_bytes each (a longer single block is a part of its own), for the text edition, with images left out
// (their alt text stays in brackets). Returns the count; *parts_out in the arena.
size_t html_parts(struct arena *a, struct html h, size_t part_bytes, struct html **parts_out);
// The body with plain words in front of its first paragraph, as datelines stand ("Jakarta — ..."); as it is without
// words or when it begins with something else. arena
struct html html_with_lead(struct arena *a, struct html h, struct str words);
void html_escape(struct buf *b, struct str text); // & < > " '
// The body's blocks (paragraphs, headings, lists, figures ...), views of h. Returns the count.
size_t html_blocks(struct arena *a, struct html h, struct str **out);

// ---- comparing texts -----------------------------------------------------------------------------------------------------
// Over lists of items: blocks of a body, words of a sentence, lines. An item is equal or it is not.

// The longest common subsequence: which items of `left` stay in `right`, in order. Lists whose product is above four
// million after what they share at both ends are not searched: their middle counts as wholly changed.
struct text_pair {
    size_t left, right;
};
size_t text_common(struct arena *a, const struct str *left, size_t left_n, const struct str *right, size_t right_n,
                   struct text_pair **out);

enum text_change { TEXT_SAME, TEXT_REMOVED, TEXT_ADDED };
struct text_piece {
    enum text_change change;
    struct str s; // borrowed from the lists
};
// What was removed stands before what came for it.
size_t text_diff(struct arena *a, const struct str *left, size_t left_n, const struct str *right, size_t right_n,
                 struct text_piece **out);
// Words and what stands between them, one after another (ICU's word boundaries, so Chinese and Japanese too).
size_t text_words_of(struct arena *a, enum text_lang lang, struct str s, struct str **out);

// Three-way merge (diff3: Khanna, Kunal, Pierce 2007): two people changed copies of `base`. A chunk says whose items
// to take; where both changed the same place into different things it is a collision, and a person decides.
enum text_side { TEXT_BOTH, TEXT_MINE, TEXT_THEIRS, TEXT_COLLISION };
struct text_range {
    size_t from, to;
};
struct text_chunk {
    enum text_side side; // TEXT_BOTH: nobody changed it, or both into the same
    struct text_range base, mine, theirs;
};
struct text_list {
    const struct str *items;
    size_t n;
};
size_t text_merge(struct arena *a, struct text_list base, struct text_list mine, struct text_list theirs,
                  struct text_chunk **out);

#endif
