// SPDX-License-Identifier: AGPL-3.0-or-later
// Comparing two contents for people: see diff.h. A block of the body that was rewritten is compared word by word with
// the one whose place it took; blocks that did not change are left out but for their neighbours.
#include "desk/diff.h"
#include "desk/manuscript.h"

enum { DIFF_ROWS = 400, NEIGHBOUR = 1 };

struct diff {
    struct desk_visit *v;
    struct view_desk_block *block;
    enum text_lang lang;
};

static struct view_desk_diff *row_add(struct diff *d, struct str label) {
    struct view_desk_block *b = d->block;
    if (b->diffs.items == NULL)
        b->diffs.items = ARENA_ARRAY(d->v->a, struct view_desk_diff, DIFF_ROWS);
    if (b->diffs.n == DIFF_ROWS)
        return NULL;
    struct view_desk_diff *row = &b->diffs.items[b->diffs.n++];
    row->label = label;
    row->lang = text_lang_code(d->lang);
    row->dir = str_from(text_lang_is_rtl(d->lang) ? "rtl" : "ltr");
    return row;
}

// Runs of one kind become one piece: a screen reader says "removed" once.
static void pieces_put(struct diff *d, struct view_desk_diff *row, const struct text_piece *pieces, size_t n) {
    row->pieces.items = ARENA_ARRAY(d->v->a, struct view_desk_piece, n + 1);
    for (size_t i = 0; i < n;) {
        struct buf b;
        buf_init(&b, 1 << 20);
        enum text_change change = pieces[i].change;
        for (; i < n && pieces[i].change == change; i++)
            buf_str(&b, pieces[i].s);
        row->pieces.items[row->pieces.n++] = (struct view_desk_piece){
            .text = str_dup(d->v->a, buf_view(&b)), .added = change == TEXT_ADDED, .removed = change == TEXT_REMOVED};
        buf_fini(&b);
    }
}

static void words_row(struct diff *d, struct str label, struct str before, struct str after) {
    struct str *left, *right;
    struct text_piece *pieces;
    size_t left_n = text_words_of(d->v->a, d->lang, before, &left);
    size_t right_n = text_words_of(d->v->a, d->lang, after, &right);
    struct view_desk_diff *row = row_add(d, label);
    if (row == NULL)
        return;
    size_t n = text_diff(d->v->a, left, left_n, right, right_n, &pieces);
    pieces_put(d, row, pieces, n);
}

static struct str block_text(struct diff *d, struct str block) {
    return str_trim(html_to_text(d->v->a, html_stored(block)));
}

// What was taken out and what came for it, side by side as far as there is a side.
static void change_rows(struct diff *d, const struct text_piece *p, size_t n) {
    size_t removed = 0;
    while (removed < n && p[removed].change == TEXT_REMOVED)
        removed++;
    size_t added = n - removed;
    for (size_t i = 0; i < removed || i < added; i++)
        words_row(d, STR_NONE, i < removed ? block_text(d, p[i].s) : STR_NONE,
                  i < added ? block_text(d, p[removed + i].s) : STR_NONE);
}

static size_t parts_of(struct diff *d, const struct content *c, const struct content_field *f, struct str **out) {
    struct str rest = content_field_words(d->v, f, *(const struct str *)((const char *)c + f->offset));
    size_t n = 0;
    if (f->kind == CONTENT_BODY)
        return html_blocks(d->v->a, c->body, out);
    *out = ARENA_ARRAY(d->v->a, struct str, ROWS_MAX);
    while (n < ROWS_MAX && str_next(&rest, '\n', &(*out)[n]))
        n++;
    return n;
}

static void parts_rows(struct diff *d, const struct content_field *f, const struct content *before,
                       const struct content *after) {
    struct str *left, *right;
    struct text_piece *p;
    size_t left_n = parts_of(d, before, f, &left), right_n = parts_of(d, after, f, &right);
    size_t n = text_diff(d->v->a, left, left_n, right, right_n, &p), first = d->block->diffs.n;
    for (size_t i = 0; i < n;) {
        size_t to = i;
        while (to < n && p[to].change != TEXT_SAME)
            to++;
        if (to > i)
            change_rows(d, p + i, to - i);
        // a block beside a change says where one is
        else if ((i > 0 && p[i - 1].change != TEXT_SAME) || (i + NEIGHBOUR < n && p[i + 1].change != TEXT_SAME))
            words_row(d, STR_NONE, block_text(d, p[i].s), block_text(d, p[i].s));
        i = to > i ? to : i + 1;
    }
    if (d->block->diffs.n > first)
        d->block->diffs.items[first].label = content_label(d->v, f->key);
}

static struct str number_words(struct diff *d, const struct content *c, const struct content_field *f) {
    const void *place = (const char *)c + f->offset;
    if (f->kind == CONTENT_TIME)
        return desk_date(d->v, *(const int64_t *)place);
    if (f->kind == CONTENT_FLAG)
        return desk_word(d->v, *(const bool *)place ? W_DESK_YES : W_DESK_NO);
    int64_t number = *(const int64_t *)place;
    struct section section;
    if (strcmp(f->key, "section") == 0 && section_by_id(d->v->a, d->v->db, number, &section) == RC_OK)
        return section.name;
    return number != 0 ? desk_number_text(d->v, number) : STR_NONE;
}

static void field_rows(struct diff *d, const struct content_field *f, const struct content *before,
                       const struct content *after) {
    const void *l = (const char *)before + f->offset, *r = (const char *)after + f->offset;
    bool text = f->kind == CONTENT_LINE || f->kind == CONTENT_LINES;
    if (f->kind == CONTENT_BODY || f->kind == CONTENT_ROWS) {
        parts_rows(d, f, before, after);
        return;
    }
    struct str left = text ? *(const struct str *)l : number_words(d, before, f);
    struct str right = text ? *(const struct str *)r : number_words(d, after, f);
    if (!str_eq(left, right))
        words_row(d, content_label(d->v, f->key), left, right);
}

void diff_contents(struct desk_visit *v, struct view_desk_block *block, enum text_lang lang,
                   const struct content *before, const struct content *after) {
    struct diff d = {v, block, lang};
    for (size_t i = 0; i < content_field_count; i++)
        field_rows(&d, &content_fields[i], before, after);
    if (block->diffs.n == 0)
        block->empty = desk_word(v, W_DESK_NOTHING_CHANGED);
}
