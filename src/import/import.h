// SPDX-License-Identifier: AGPL-3.0-or-later
// Bringing content from elsewhere: saved item pages of the old K2 site, as HTML or as the page's text.
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "news/news.h"

#define IMPORT_PAGE_MAX ((size_t)4 << 20)

struct import_page_setup {
    enum text_lang lang;          // of the page: month names, labels
    const struct text_zone *zone; // the old site's
    int64_t old_id;               // 0: taken from the page if it says
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
};
// RC_INVALID with a sentence when the bytes are no such page, RC_TOO_BIG above 4 MiB. Nothing is stored. Needs an
// arena of 64 MiB.
enum rc import_page(struct arena *a, struct str bytes, const struct import_page_setup *setup, struct imported_page *out,
                    struct problem *p) MUST_USE;

struct import_page_target {
    enum text_lang lang;
    struct str site;    // the old install: "" or "german"
    struct str section; // slug or name; "": the language's first section that is no highlight
    bool make_section;  // adds a section of that name when there is none
};
// In a write. The key is (site, old id), or without one a number made from date and headline: importing twice changes
// nothing, and *added_out says whether this call added the article. Fills the article's number.
enum rc import_page_store(struct arena *a, struct db *db, const struct imported_page *page,
                          const struct import_page_target *target, int64_t *number_out, bool *added_out,
                          struct news_changes *c, struct problem *p) MUST_USE;

#endif
