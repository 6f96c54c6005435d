// SPDX-License-Identifier: AGPL-3.0-or-later
// Saved pages of the old site, brought in at the desk: as many as a zip holds, into a section chosen from a list, by the code
// of `siaran import DIR page`. What became of each file stands in a table; importing one twice changes nothing.
#include <unistd.h>

#include "desk/import.h"
#include "desk/routes.h"
#include "import/import.h"

enum { HEAD_BYTES = 512 };

struct result {
    struct str name, why; // why not; empty: it is there
    int64_t number;
    bool added;
    size_t comments; // that came with it, to an article that was there
};
struct importing {
    struct desk_visit *v;
    struct arena *arena; // of one page, emptied behind it
    struct import_page_setup setup;
    struct import_page_target target;
    struct import_hand hand;
    struct section section; // into which
    struct result results[IMPORT_FILES_MAX];
    size_t count, skipped;
    bool full, failed; // failed: the disk
};

// ---- for the page of comments too ----------------------------------------------------------------------------------------

bool import_may(const struct account *account, enum text_lang lang, int64_t section_id) {
    const struct staff_object section = {.lang = lang, .section_id = section_id};
    return staff_may(account, MAY_PUBLISH, &section);
}

void import_site_field(struct desk_visit *v, struct view_desk_form *form) {
    struct view_desk_field *f = desk_line(v, form, "site", W_IMPORT_SITE, STR_NONE);
    f->max = 40;
    f->code = true;
    desk_hint(v, f, W_IMPORT_SITE_HINT);
}

struct str import_site_take(struct desk_visit *v) {
    struct str site = desk_field(v, "site");
    for (size_t i = 0; i < site.n; i++) {
        char c = site.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
            continue;
        desk_problem(v, "site", W_FORM_BAD_TEXT);
        break;
    }
    return site;
}

// The last of the form: what was typed is there before the first file comes.
void import_files_field(struct desk_visit *v, struct view_desk_form *form, const char *accept, enum text_word hint) {
    struct view_desk_field *f = desk_line(v, form, "files", W_DESK_FILES, STR_NONE);
    f->line = false;
    f->file = f->several = true;
    f->accept = str_from(accept);
    f->value = STR_NONE;
    desk_hint(v, f, hint);
    form->files = true;
}

char *import_file_read(const struct http_file *file) {
    char *bytes = mem_new(file->bytes + 1);
    for (size_t n = 0; n < file->bytes;) {
        ssize_t got = pread(file->fd, bytes + n, file->bytes - n, (off_t)n);
        if (got <= 0) {
            mem_free(bytes);
            return NULL;
        }
        n += (size_t)got;
    }
    return bytes;
}

// ---- whose hand it is ------------------------------------------------------------------------------------------------------

static bool may_add(void *arg, enum text_lang lang, int64_t section_id) {
    const struct importing *m = arg;
    return import_may(m->v->account, lang, section_id);
}

static struct import_hand hand_of(struct importing *m) {
    const struct staff_object station = {.lang = LANG_COUNT};
    return (struct import_hand){.who = desk_who(m->v),
                                .may_add = may_add,
                                .may_define = staff_may(m->v->account, MAY_EDIT_SETTINGS, &station),
                                .arg = m};
}

// ---- the form ----------------------------------------------------------------------------------------------------------

// A section's choice says its language too, so the two cannot disagree.
static enum rc add_sections(struct desk_visit *v, struct view_desk_form *form) {
    struct view_desk_field *f = desk_select(v, form, "section", W_IMPORT_INTO, STR_NONE);
    enum rc rc = RC_OK;
    for (enum text_lang lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++) {
        struct section *rows;
        size_t count;
        rc = section_list(v->a, v->db, lang, &rows, &count);
        for (size_t i = 0; rc == RC_OK && i < count; i++) {
            if (import_may(v->account, lang, rows[i].id))
                desk_choice(v, f, str_fmt(v->a, "%lld", (long long)rows[i].id),
                            str_fmt(v->a, "%.*s – %.*s", STR_ARG(text_lang_name(lang)), STR_ARG(rows[i].name)));
        }
    }
    return rc;
}

// How many came in, and where they are to be seen.
static void say_what_came(struct importing *m, struct view_desk_block *block) {
    struct desk_visit *v = m->v;
    int64_t added = 0;
    for (size_t i = 0; i < m->count; i++)
        added += m->results[i].why.n == 0 && m->results[i].added;
    block->text = added == 0 ? desk_word(v, W_IMPORT_CAME_NONE)
                             : text_phrase(v->a, v->lang, W_IMPORT_CAME, added, STR_NONE, m->section.name);
    if (m->skipped > 0)
        block->text =
            str_fmt(v->a, "%.*s %.*s", STR_ARG(block->text),
                    STR_ARG(text_phrase(v->a, v->lang, W_IMPORT_SKIPPED, (int64_t)m->skipped, STR_NONE, STR_NONE)));
    if (added > 0)
        desk_link(v, &block->links, desk_word(v, W_IMPORT_SEE_SECTION),
                  link_section(v->a, m->section.lang, m->section.slug), STR_NONE);
}

static void show_results(struct importing *m, struct view_desk_page *page) {
    struct desk_visit *v = m->v;
    if (m->count == 0 && m->skipped == 0)
        return;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_IMPORT_RESULT));
    say_what_came(m, block);
    if (m->count == 0)
        return;
    struct view_desk_table *table = desk_table(v, block, W_IMPORT_RESULT);
    desk_column(v, table, desk_word(v, W_DESK_FILE));
    desk_column(v, table, desk_word(v, W_IMPORT_BECAME));
    for (size_t i = 0; i < m->count; i++) {
        const struct result *r = &m->results[i];
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, r->name);
        if (r->why.n == 0)
            cell->address = str_fmt(v->a, "/n/%lld", (long long)r->number);
        cell = desk_cell(v, table, STR_NONE);
        bool added = r->added || r->comments > 0;
        cell->badge = desk_word(v, r->why.n > 0 ? W_IMPORT_REFUSED : added ? W_IMPORT_ADDED : W_IMPORT_UNCHANGED);
        cell->tone = r->why.n > 0 ? STR("bad") : added ? STR("good") : STR("plain");
        cell->note = r->comments == 0
                         ? r->why
                         : text_phrase(v->a, v->lang, W_COMMENTS_COUNT, (int64_t)r->comments, STR_NONE, STR_NONE);
    }
}

static enum rc show(struct importing *m, int status) {
    struct desk_visit *v = m->v;
    struct view_desk_page *page = desk_page(v, W_IMPORT);
    desk_intro(v, page, W_IMPORT_NOTE);
    if (import_may(v->account, LANG_COUNT, 0))
        desk_action(v, page, W_IMPORT_COMMENTS, STR("/desk/import/comments"));
    show_results(m, page);
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/import"), W_IMPORT_DO);
    enum rc rc = add_sections(v, form);
    import_site_field(v, form);
    struct view_desk_field *f = desk_line(v, form, "old_id", W_IMPORT_OLD_ID, STR_NONE);
    f->max = 18;
    f->input_mode = STR("numeric");
    desk_hint(v, f, W_IMPORT_OLD_ID_HINT);
    import_files_field(v, form, ".html,.htm,.txt,.zip,.tar", W_IMPORT_FILES_HINT);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc import_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (v.account == NULL || !staff_may_somewhere(v.account, MAY_PUBLISH))
        return RC_DENIED;
    struct importing *m = ARENA_NEW(v.a, struct importing);
    m->v = &v;
    return show(m, 0);
}

// ---- the files ---------------------------------------------------------------------------------------------------------

static void refuse(struct importing *m, struct str name, const struct problem *why) {
    if (m->count == IMPORT_FILES_MAX)
        m->full = true;
    else
        m->results[m->count++] = (struct result){.name = str_dup(m->v->a, name), .why = desk_reason(m->v, why)};
}

static void take_page(void *arg, struct str name, struct str bytes) {
    struct importing *m = arg;
    struct import_page_done done;
    if (m->count == IMPORT_FILES_MAX || m->failed) {
        m->full = m->full || m->count == IMPORT_FILES_MAX;
        return;
    }
    enum rc rc = import_page_bring(m->arena, m->v->site->store, bytes, &m->setup, &m->target, &m->hand, &done);
    if (rc == RC_OK)
        m->results[m->count++] = (struct result){.name = str_dup(m->v->a, name),
                                                 .number = done.number,
                                                 .added = done.added,
                                                 .comments = done.added ? 0 : done.comments_added};
    else if (done.problem.text[0] != '\0')
        refuse(m, name, &done.problem);
    else
        m->failed = true;
    arena_reset(m->arena);
}

static void take_single(struct importing *m, const struct http_file *file) {
    if (file->bytes > IMPORT_PAGE_MAX) {
        struct problem problem = {""};
        (void)problem_word(&problem, RC_TOO_BIG, W_REASON_FILE_BIG, 0, STR_NONE);
        refuse(m, file->name, &problem);
        return;
    }
    char *bytes = import_file_read(file);
    if (bytes != NULL)
        take_page(m, file->name, (struct str){bytes, file->bytes});
    m->failed = m->failed || bytes == NULL;
    mem_free(bytes);
}

static void take_file(struct importing *m, const struct http_file *file) {
    char head[HEAD_BYTES];
    struct problem problem = {""};
    ssize_t got = pread(file->fd, head, sizeof head, 0);
    if (got <= 0 || !import_is_bundle((struct str){head, (size_t)got})) {
        take_single(m, file);
        return;
    }
    size_t skipped = 0;
    if (import_bundle_walk(file->fd, IMPORT_FILES_MAX - m->count, take_page, m, &skipped, &problem) != RC_OK)
        refuse(m, file->name, &problem);
    m->skipped += skipped;
}

// ---- the request -------------------------------------------------------------------------------------------------------

// The choice that was made, if it is one of those offered.
static enum rc read_section(struct importing *m) {
    struct desk_visit *v = m->v;
    int64_t id = 0;
    (void)str_to_i64(desk_field(v, "section"), &id);
    enum rc rc = section_by_id(v->a, v->db, id, &m->section);
    if (rc == RC_NOT_FOUND || (rc == RC_OK && !import_may(v->account, m->section.lang, id))) {
        desk_problem(v, "section", W_FORM_REQUIRED);
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    m->target = (struct import_page_target){.lang = m->section.lang, .section = m->section.slug};
    m->setup = (struct import_page_setup){.lang = m->section.lang, .zone = v->site->zone};
    return RC_OK;
}

static void read_rest(struct importing *m) {
    struct desk_visit *v = m->v;
    struct str old_id = desk_field(v, "old_id");
    m->target.site = import_site_take(v);
    if (old_id.n > 0 && (!str_to_i64(old_id, &m->setup.old_id) || m->setup.old_id <= 0 || v->req->file_count != 1))
        desk_problem(v, "old_id", W_IMPORT_OLD_ID_HINT);
    if (v->req->file_count == 0)
        desk_problem(v, "files", W_DESK_FILES_NONE);
}

enum rc import_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (v.account == NULL || !staff_may_somewhere(v.account, MAY_PUBLISH))
        return RC_DENIED;
    struct importing *m = ARENA_NEW(v.a, struct importing);
    m->v = &v;
    m->hand = hand_of(m);
    enum rc rc = read_section(m);
    if (rc != RC_OK)
        return rc;
    read_rest(m);
    if (!desk_form_ok(&v))
        return show(m, 422);
    m->arena = arena_new((size_t)128 << 20);
    for (size_t i = 0; i < req->file_count && !m->failed; i++)
        take_file(m, &req->files[i]);
    arena_free(&m->arena);
    if (m->failed)
        desk_fail(&v, W_PARAM_NOT_STORED);
    else if (m->full)
        desk_fail(&v, W_IMPORT_TOO_MANY);
    return show(m, m->failed ? 500 : 0);
}
