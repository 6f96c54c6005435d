// SPDX-License-Identifier: AGPL-3.0-or-later
// An old page as its text: menu lines, then the date line, the headline, "Written by", "Rate this item", "(N votes)",
// perhaps a picture's file name, the body, "Read N times". The date line is what tells such a page from any other text.
#include "import/page_parts.h"

#define LINES_BEFORE_DATE 200

struct reader {
    struct arena *a;
    struct str rest;
    struct str held; // a line given back
    bool has_held;
};

static bool next_line(struct reader *r, struct str *out) {
    if (r->has_held) {
        r->has_held = false;
        *out = r->held;
        return true;
    }
    struct str raw;
    if (!str_next(&r->rest, '\n', &raw))
        return false;
    *out = page_line(r->a, raw);
    return true;
}

static bool next_words(struct reader *r, struct str *out) {
    while (next_line(r, out))
        if (out->n > 0)
            return true;
    return false;
}

static void give_back(struct reader *r, struct str line) {
    r->held = line;
    r->has_held = true;
}

static bool votes_line(struct str s, int64_t *out) {
    bool ends = str_ends(s, STR(" votes)")) || str_ends(s, STR(" vote)"));
    return s.n > 7 && s.p[0] == '(' && ends && page_first_number(s, out);
}

static bool reads_line(struct str s, int64_t *out) {
    return str_starts(s, STR("Read ")) && str_ends(s, STR(" times")) && page_first_number(s, out) && s.n < 40;
}

static enum rc date_find(struct reader *r, const struct import_page_setup *setup, int64_t *out) {
    struct str line;
    for (int n = 0; n < LINES_BEFORE_DATE && next_words(r, &line); n++)
        if (line.n < 120 && text_date_parse_k2(line, setup->zone, setup->lang, out) == RC_OK)
            return RC_OK;
    return RC_NOT_FOUND;
}

// The lines between headline and body, in the order K2 prints them; each may be missing but the rating or the byline.
static bool head_read(struct reader *r, struct imported_page *out) {
    struct str line;
    bool anchored = false;
    while (next_words(r, &line)) {
        if (str_starts(line, STR("Written by"))) {
            out->byline = str_trim(str_slice(line, 10, line.n));
            anchored = true;
        } else if (str_eq(line, STR("Rate this item")) || votes_line(line, &out->votes)) {
            anchored = true;
        } else if (str_eq(line, STR("1")) || str_eq(line, STR("2")) || str_eq(line, STR("3")) ||
                   str_eq(line, STR("4")) || str_eq(line, STR("5"))) {
            continue; // the stars' own text
        } else {
            give_back(r, line);
            break;
        }
    }
    return anchored;
}

static void body_add(struct buf *b, struct str line, bool paragraph) {
    if (b->n > 0)
        buf_c(b, paragraph ? "\n\n" : "\n");
    buf_str(b, line);
}

// With blank lines between, they part the paragraphs; a text without any has a paragraph to a line.
static bool body_read(struct reader *r, struct imported_page *out, struct buf *spaced, struct buf *dense) {
    struct str line;
    bool blank = false, gaps = false, ended = false;
    while (!ended && next_line(r, &line)) {
        if (reads_line(line, &out->reads)) {
            ended = true;
        } else if (line.n == 0) {
            blank = true;
        } else if (spaced->n == 0 && out->image_file_name.n == 0 && page_is_picture_name(line)) {
            out->image_file_name = page_file_name(line);
            blank = false;
        } else {
            gaps = gaps || (blank && spaced->n > 0);
            body_add(spaced, line, blank);
            body_add(dense, line, true);
            blank = false;
        }
    }
    return gaps;
}

static enum rc body_set(struct arena *a, struct str plain, struct imported_page *out, struct problem *p) {
    struct str rest;
    out->agency = page_agency_cut(a, plain, &rest);
    if (str_trim(rest).n == 0)
        return problem_word(p, RC_INVALID, W_REASON_NO_TEXT, 0, STR_NONE);
    if (html_clean(a, html_from_paragraphs(a, rest).s, &out->body) != RC_OK)
        return problem_word(p, RC_TOO_BIG, W_REASON_BODY_BAD, 0, STR_NONE);
    return RC_OK;
}

enum rc page_from_text(struct arena *a, struct str bytes, const struct import_page_setup *setup,
                       struct imported_page *out, struct problem *p) {
    struct reader r = {.a = a, .rest = bytes};
    if (date_find(&r, setup, &out->published_at) != RC_OK)
        return problem_word(p, RC_INVALID, W_REASON_NO_DATE, 0, STR_NONE);
    if (!next_words(&r, &out->headline))
        return problem_word(p, RC_INVALID, W_REASON_NO_MORE, 0, STR_NONE);
    if (!head_read(&r, out))
        return problem_word(p, RC_INVALID, W_REASON_NO_MARK, 0, STR_NONE);
    struct buf spaced, dense;
    buf_init(&spaced, IMPORT_PAGE_MAX * 2);
    buf_init(&dense, IMPORT_PAGE_MAX * 2);
    bool gaps = body_read(&r, out, &spaced, &dense);
    enum rc rc = body_set(a, buf_view(gaps ? &spaced : &dense), out, p);
    buf_fini(&spaced);
    buf_fini(&dense);
    // Votes without their percentage say how many, not how good: they are not counted.
    out->votes = 0;
    return rc;
}
