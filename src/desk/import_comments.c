// SPDX-License-Identifier: AGPL-3.0-or-later
// Exports of the old site's comments, brought in at the desk by whoever may bring in pages everywhere: a row of an export
// says its article by a number alone, so that no section can be chosen before. Of each file it is said how many rows became
// what, and which lines were left out for what reason. By the code of `siaran import DIR comments`.
#include "desk/import.h"
#include "desk/routes.h"
#include "import/import.h"

enum { LINES_NAMED = 200 }; // of a file; the rest are counted

struct line {
    unsigned number;
    enum import_fault why;
};
struct outcome {
    struct str name;
    struct import_comments_done done;
    struct line *lines;
    size_t line_count;
};
struct exports {
    struct desk_visit *v;
    struct arena *arena; // of a hundred rows
    struct str site;
    struct outcome files[HTTP_FILES_MAX];
    size_t count;
    bool failed; // the disk
};

// ---- the page ----------------------------------------------------------------------------------------------------------

static void show_counts(struct desk_visit *v, struct view_desk_block *block, const struct import_comments_done *d) {
    const struct {
        enum text_word name;
        uint64_t count;
    } facts[] = {{W_IMPORT_ROWS_READ, d->read},
                 {W_IMPORT_ROWS_ADDED, d->added},
                 {W_IMPORT_ROWS_KNOWN, d->known},
                 {W_IMPORT_ROWS_LEFT_OUT, d->left_out}};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        desk_fact(v, block, facts[i].name, desk_number_text(v, (int64_t)facts[i].count));
}

static void show_lines(struct desk_visit *v, struct view_desk_block *block, const struct outcome *file) {
    static const enum text_word columns[] = {W_DESK_REDIRECT_LINE, W_DESK_REDIRECT_WHY};
    if (file->line_count == 0)
        return;
    struct view_desk_table *table = desk_table(v, block, W_IMPORT_ROWS_LEFT_OUT);
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < file->line_count; i++) {
        desk_row(v, table);
        desk_cell(v, table, desk_number_text(v, file->lines[i].number));
        desk_cell(v, table, desk_word(v, import_fault_word(file->lines[i].why)));
    }
    if (file->done.left_out > LINES_NAMED)
        block->text = text_phrase(v->a, v->lang, W_IMPORT_LINES_FIRST, LINES_NAMED, STR_NONE, STR_NONE);
}

static void show_file(struct desk_visit *v, struct view_desk_page *page, const struct outcome *file) {
    struct view_desk_block *block = desk_block(v, page, file->name);
    if (file->done.fault == IMPORT_FINE) {
        show_counts(v, block, &file->done);
        show_lines(v, block, file);
        return;
    }
    block->warning = true;
    block->text = desk_word(v, import_fault_word(file->done.fault));
}

static enum rc show(struct exports *e, int status) {
    struct desk_visit *v = e->v;
    struct view_desk_page *page = desk_page(v, W_IMPORT_COMMENTS);
    desk_crumb(v, page, desk_word(v, W_IMPORT), STR("/desk/import"));
    for (size_t i = 0; i < e->count; i++)
        show_file(v, page, &e->files[i]);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->text = desk_word(v, W_IMPORT_COMMENTS_TEXT);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/import/comments"), W_IMPORT_DO);
    import_site_field(v, form);
    import_files_field(v, form, ".csv,.tsv,.txt,.json,.jsonl,.ndjson", W_IMPORT_COMMENTS_HINT);
    return desk_send(v, page, status);
}

static struct exports *begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    if (v->account == NULL || !import_may(v->account, LANG_COUNT, 0))
        return NULL;
    struct exports *e = ARENA_NEW(v->a, struct exports);
    e->v = v;
    return e;
}

enum rc import_comments_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct exports *e = begin(&v, req, reply);
    return e != NULL ? show(e, 0) : RC_DENIED;
}

// ---- the files ---------------------------------------------------------------------------------------------------------

static void left_out(void *arg, unsigned line, enum import_fault why) {
    struct outcome *file = arg;
    if (file->line_count < LINES_NAMED)
        file->lines[file->line_count++] = (struct line){line, why};
}

static void take_file(struct exports *e, const struct http_file *file) {
    const struct import_hand hand = {.who = desk_who(e->v)};
    struct outcome *out = &e->files[e->count];
    *out = (struct outcome){.name = file->name, .lines = ARENA_ARRAY(e->v->a, struct line, LINES_NAMED)};
    const struct import_comments_order order = {
        .site = e->site, .name = file->name, .hand = &hand, .left_out = left_out, .arg = out};
    char *bytes = import_file_read(file);
    if (bytes == NULL) {
        e->failed = true;
        return;
    }
    struct str whole = {bytes, file->bytes};
    enum rc rc = import_comments_bring(e->arena, e->v->site->store, whole, &order, &out->done);
    mem_free(bytes);
    e->failed = rc != RC_OK && out->done.fault == IMPORT_FINE;
    e->count++;
}

enum rc import_comments_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct exports *e = begin(&v, req, reply);
    if (e == NULL)
        return RC_DENIED;
    e->site = import_site_take(&v);
    if (req->file_count == 0)
        desk_problem(&v, "files", W_DESK_FILES_NONE);
    if (!desk_form_ok(&v))
        return show(e, 422);
    e->arena = arena_new((size_t)512 << 20);
    for (size_t i = 0; i < req->file_count && !e->failed; i++)
        take_file(e, &req->files[i]);
    arena_free(&e->arena);
    if (e->failed)
        desk_fail(&v, W_PARAM_NOT_STORED);
    return show(e, e->failed ? 500 : 0);
}
