// SPDX-License-Identifier: AGPL-3.0-or-later
// The card: what a list shows of an article. One reader for the columns of CARD_COLUMNS, used by every list.
#include "news/internal.h"

#define EXCERPT_CHARS 220

int64_t min_i64(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// The database's SUBSTR counts characters, so the text ends whole; the last word may not be, and the cut mends that.
struct str excerpt_of(struct arena *a, struct str plain) {
    if (plain.n == 0)
        return STR_NONE;
    return html_excerpt(a, html_from_paragraphs(a, plain), EXCERPT_CHARS);
}

void card_read(struct arena *a, struct db_stmt *st, struct article_card *out) {
    *out = (struct article_card){.number = db_i64(st, 0),
                                 .section_id = db_i64(st, 1),
                                 .published_at = db_i64(st, 2),
                                 .modified_at = db_i64(st, 3),
                                 .translation_group = db_i64(st, 4),
                                 .slug = db_str_dup(a, st, 6),
                                 .headline = db_str_dup(a, st, 7),
                                 .standfirst = db_str_dup(a, st, 8),
                                 .section_slug = db_str_dup(a, st, 9),
                                 .section_name = db_str_dup(a, st, 10),
                                 .byline = db_str_dup(a, st, 11),
                                 .image = {.media_id = db_i64(st, 12),
                                           .alt = db_str_dup(a, st, 13),
                                           .caption = db_str_dup(a, st, 14),
                                           .credit = db_str_dup(a, st, 15),
                                           .file_name = db_str_dup(a, st, 16)},
                                 .featured = db_i64(st, 17) != 0};
    (void)text_lang_find(db_str(st, 5), &out->lang);
    if (out->standfirst.n == 0)
        out->standfirst = excerpt_of(a, db_str(st, 18));
}

bool is_line(struct str s) {
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        uint32_t c = utf8_next(s, &at);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
            return false;
        if (c == 0xfffd && at == from + 1)
            return false; // a damaged byte
    }
    return true;
}
