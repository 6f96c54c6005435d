// SPDX-License-Identifier: AGPL-3.0-or-later
// Lists that an article carries beside its text, as rows: one item a line, its cells divided by tabs. So a list is text
// that can be compared, merged item by item and stored, and equal lists are equal text.
#include "news/internal.h"

enum { ID_DIGITS = 20, GALLERY_MOST = 24, ALT_CHARS = 1000, CAPTION_CHARS = 1000, CREDIT_CHARS = 300 };

// The fullest lists there can be, in characters of four bytes, with what stands between cells and lines.
_Static_assert(GALLERY_MOST *(ID_DIGITS + 4 * (ALT_CHARS + CAPTION_CHARS + CREDIT_CHARS) + ROW_CELLS_MAX) <=
                       ROWS_BYTES_MAX &&
                   ROWS_MAX * (EXTRA_NAME_MAX + 4 * EXTRA_VALUE_MAX + ROW_CELLS_MAX) <= ROWS_BYTES_MAX,
               "a full list is a list");

const struct rows_rule rows_gallery = {.key = "gallery",
                                       .of_media = true,
                                       .most = GALLERY_MOST,
                                       .cells = {{"picture", ID_DIGITS},
                                                 {"alternative text", ALT_CHARS},
                                                 {"caption", CAPTION_CHARS},
                                                 {"picture credit", CREDIT_CHARS}}};
const struct rows_rule rows_files = {
    .key = "files", .of_media = true, .most = 20, .cells = {{"file", ID_DIGITS}, {"title", 300}}};
const struct rows_rule rows_embeds = {.key = "embeds",
                                      .take = embed_cell,
                                      .take_says = W_REASON_ROW_SITE,
                                      .most = 10,
                                      .cells = {{"address", 500}, {"title", 300}}};
const struct rows_rule rows_extra = {.key = "extra fields",
                                     .take = extra_name_cell,
                                     .take_says = W_REASON_ROW_NAME,
                                     .keyed = true,
                                     .most = ROWS_MAX,
                                     .cells = {{"name", EXTRA_NAME_MAX}, {"value", EXTRA_VALUE_MAX}}};
const struct rows_rule rows_choices = {.key = "choices",
                                       .take = extra_name_cell,
                                       .take_says = W_REASON_ROW_NAME,
                                       .most = ROWS_MAX,
                                       .cells = {{"name", EXTRA_NAME_MAX}, {"words", EXTRA_LABEL_MAX}}};

size_t rows_cells(const struct rows_rule *rule) {
    size_t n = 0;
    while (n < ROW_CELLS_MAX && rule->cells[n].what != NULL)
        n++;
    return n;
}

bool rows_next(struct str *rest, struct list_row *out) {
    struct str line, cell;
    *out = (struct list_row){0};
    while (str_next(rest, '\n', &line)) {
        size_t n = 0;
        while (n < ROW_CELLS_MAX && str_next(&line, '\t', &cell))
            out->cells[n++] = cell;
        if (out->cells[0].n > 0)
            return true;
        *out = (struct list_row){0};
    }
    return false;
}

static void cell_put(struct buf *b, struct str cell) {
    for (size_t i = 0; i < cell.n; i++) // what would end a cell or a line becomes a space
        buf_char(b, (unsigned char)cell.p[i] < ' ' ? ' ' : cell.p[i]);
}

struct str rows_write(struct arena *a, const struct rows_rule *rule, const struct list_row *rows, size_t count) {
    struct buf b;
    size_t room = 1;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rows_cells(rule); k++)
            room += rows[i].cells[k].n + 1;
    buf_init(&b, room);
    for (size_t i = 0; i < count; i++) {
        if (b.n > 0)
            buf_char(&b, '\n');
        for (size_t k = 0; k < rows_cells(rule); k++) {
            if (k > 0)
                buf_char(&b, '\t');
            cell_put(&b, str_trim(rows[i].cells[k]));
        }
    }
    must(!b.failed);
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static bool is_there(const struct list_row *rows, size_t count, struct str first) {
    for (size_t i = 0; i < count; i++)
        if (str_eq(rows[i].cells[0], first))
            return true;
    return false;
}

static enum rc row_check(const struct rows_rule *rule, const struct list_row *row, size_t n, struct problem *p) {
    int64_t id;
    for (size_t k = 0; k < rows_cells(rule); k++)
        if (!is_line(row->cells[k]) || utf8_count(row->cells[k]) > rule->cells[k].chars)
            return problem_word(p, RC_INVALID, W_REASON_ROW_LINE, (int64_t)n, STR_NONE);
    if (rule->of_media && (!str_to_i64(row->cells[0], &id) || id <= 0))
        return problem_word(p, RC_INVALID, W_REASON_ROW_MEDIUM, (int64_t)n, STR_NONE);
    return RC_OK;
}

// Behind the others, or where its key stands among theirs.
static void row_put(const struct rows_rule *rule, struct list_row *rows, size_t count, const struct list_row *row) {
    size_t at = count;
    for (; rule->keyed && at > 0 && str_cmp(rows[at - 1].cells[0], row->cells[0]) > 0; at--)
        rows[at] = rows[at - 1];
    rows[at] = *row;
}

enum rc rows_check(struct arena *a, const struct rows_rule *rule, struct str *rows, struct problem *p) {
    struct str rest = *rows;
    struct list_row kept[ROWS_MAX], row;
    size_t n = 0;
    enum rc rc = RC_OK;
    if (rows->n > ROWS_BYTES_MAX)
        return problem_word(p, RC_INVALID, W_REASON_ROWS_LONG, 0, STR_NONE);
    while (rc == RC_OK && rows_next(&rest, &row)) {
        for (size_t k = 0; k < ROW_CELLS_MAX; k++)
            row.cells[k] = str_trim(row.cells[k]);
        if (row.cells[0].n > 0 && rule->take != NULL && !rule->take(a, row.cells[0], &row.cells[0]))
            return problem_word(p, RC_INVALID, rule->take_says, (int64_t)n + 1, STR_NONE);
        if (row.cells[0].n == 0 || is_there(kept, n, row.cells[0]) || (rule->keyed && row.cells[1].n == 0))
            continue;
        if (n == rule->most)
            return problem_word(p, RC_INVALID, W_REASON_ROWS_FULL, (int64_t)rule->most, STR_NONE);
        rc = row_check(rule, &row, n + 1, p);
        row_put(rule, kept, n++, &row);
    }
    if (rc == RC_OK)
        *rows = rows_write(a, rule, kept, n);
    return rc;
}

// ---- what the cells mean ---------------------------------------------------------------------------------------------

bool gallery_next(struct str *rest, struct article_image *out) {
    struct list_row row;
    *out = (struct article_image){0};
    while (rows_next(rest, &row))
        if (str_to_i64(row.cells[0], &out->media_id) && out->media_id > 0) {
            out->alt = row.cells[1];
            out->caption = row.cells[2];
            out->credit = row.cells[3];
            return true;
        }
    return false;
}

bool file_next(struct str *rest, int64_t *media_id_out, struct str *title_out) {
    struct list_row row;
    while (rows_next(rest, &row))
        if (str_to_i64(row.cells[0], media_id_out) && *media_id_out > 0) {
            *title_out = row.cells[1];
            return true;
        }
    return false;
}

// ---- verification ----------------------------------------------------------------------------------------------------

static bool is_medium(struct db *db, struct str cell) {
    int64_t id = 0;
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM media WHERE id = $1");
    (void)str_to_i64(cell, &id);
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    return db_end(st) == RC_OK && found;
}

static const char *list_fault(struct arena *a, struct db *db, const struct rows_rule *rule, struct str rows) {
    struct str same = rows;
    struct list_row row;
    struct problem p;
    if (rows_check(a, rule, &same, &p) != RC_OK || !str_eq(same, rows))
        return "is not in its one form";
    while (rule->of_media && rows_next(&rows, &row))
        if (!is_medium(db, row.cells[0]))
            return "names what is not in the library";
    return NULL;
}

enum rc check_lists(const struct verify_context *v) {
    static const struct rows_rule *const rules[] = {&rows_gallery, &rows_files, &rows_embeds, &rows_extra};
    struct db_stmt *st = db_sql(v->db, "SELECT number, gallery, files, embeds, extra_fields FROM articles WHERE "
                                       "gallery <> '' OR files <> '' OR embeds <> '' OR extra_fields <> ''");
    while (db_step(st)) {
        struct arena *a = arena_new(4 * ROWS_BYTES_MAX);
        for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
            const char *fault = list_fault(a, v->db, rules[i], db_str(st, (int)i + 1));
            if (fault != NULL)
                v->fault(v->arg, "article-lists",
                         str_fmt(a, "article %lld: its %s %s", (long long)db_i64(st, 0), rules[i]->key, fault));
        }
        arena_free(&a);
    }
    return db_end(st);
}
