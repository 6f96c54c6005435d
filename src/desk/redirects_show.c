// SPDX-License-Identifier: AGPL-3.0-or-later
// Addresses that lead on: found, made one by one or from a pasted list, changed, deleted. Who works in a language only has
// the addresses of that language; those of an old site, which have none, belong to who has them all.
#include "desk/names.h"
#include "desk/routes.h"

struct redirects {
    struct desk_visit *v;
    struct redirect redirect; // id 0: a new one
    struct redirect_order order;
    struct redirect_edited edited;
    struct problem problem;
};

static struct str one_address(struct redirects *r, int64_t id, const char *rest) {
    return str_fmt(r->v->a, "/desk/redirects/%lld%s", (long long)id, rest);
}

// Every language that one of its addresses is of; an address of none belongs to the station as a whole.
static bool may(void *arg, struct str source, struct str target) {
    const struct redirects *r = arg;
    const enum text_lang langs[] = {redirect_lang(source), redirect_lang(target)};
    bool any = false;
    for (size_t i = 0; i < 2; i++) {
        struct staff_object object = {langs[i], 0, 0};
        if (langs[i] == LANG_COUNT)
            continue;
        if (!staff_may(r->v->account, MAY_EDIT_REDIRECTS, &object))
            return false;
        any = true;
    }
    return any || desk_may(r->v, MAY_EDIT_REDIRECTS);
}

static struct redirects *redirects_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    struct redirects *r = ARENA_NEW(v->a, struct redirects);
    r->v = v;
    r->order = (struct redirect_order){
        .origin = v->site->origin, .languages = v->site->languages, .now_us = v->now, .may = may, .arg = r};
    return r;
}

static enum rc find(struct redirects *r) {
    struct desk_visit *v = r->v;
    enum rc rc = redirect_by_id(v->a, v->db, desk_number(v, 0), &r->redirect);
    return rc == RC_OK && !may(r, r->redirect.source, r->redirect.target) ? RC_DENIED : rc;
}

// ---- the form ----------------------------------------------------------------------------------------------------------

static struct view_desk_field *address_field(struct redirects *r, struct view_desk_form *form, const char *name,
                                             enum text_word label, struct str value, enum text_word hint) {
    struct view_desk_field *f = desk_line(r->v, form, name, label, value);
    f->max = 4 * REDIRECT_BYTES_MAX;
    f->lang = STR("zxx"); // no words of any language
    f->dir = STR("ltr");
    desk_hint(r->v, f, hint);
    return f;
}

static void form_block(struct redirects *r, struct view_desk_page *page) {
    struct desk_visit *v = r->v;
    bool adds = r->redirect.id == 0;
    struct view_desk_block *block = desk_block(v, page, adds ? desk_word(v, W_DESK_REDIRECT_NEW) : STR_NONE);
    struct view_desk_form *form =
        desk_form(v, block, adds ? STR("/desk/redirects") : one_address(r, r->redirect.id, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", standing_number(v, r->redirect.version));
    address_field(r, form, "from", W_DESK_REDIRECT_FROM, r->redirect.source, W_DESK_REDIRECT_FROM_HINT);
    address_field(r, form, "into", W_DESK_REDIRECT_TO, r->redirect.target, W_DESK_REDIRECT_TO_HINT);
    desk_tick(v, form, "gone", W_DESK_REDIRECT_GONE, !adds && r->redirect.target.n == 0);
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static void add_row(struct redirects *r, struct view_desk_table *table, const struct redirect *row) {
    struct desk_visit *v = r->v;
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, row->source);
    if (may(r, row->source, row->target))
        cell->address = one_address(r, row->id, "");
    if (address_is_live(v->db, v->site->languages, row->source, v->now)) {
        cell->badge = desk_word(v, W_DESK_REDIRECT_HIDDEN);
        cell->tone = STR("plain");
    }
    cell = desk_cell(v, table, row->target.n > 0 ? row->target : desk_word(v, W_DESK_REDIRECT_GONE_SHORT));
    if (row->target.n > 0 && row->target.p[0] == '/' &&
        !address_is_live(v->db, v->site->languages, row->target, v->now)) {
        cell->badge = desk_word(v, W_DESK_REDIRECT_LOST);
        cell->tone = STR("bad");
    }
    cell = desk_cell(v, table, desk_number_text(v, row->hits));
    cell->number = true;
    cell->note = desk_date(v, row->hit_at);
}

static void table_block(struct redirects *r, struct view_desk_page *page, const struct redirect *rows, size_t n,
                        bool more) {
    static const enum text_word columns[] = {W_DESK_REDIRECT_FROM, W_DESK_REDIRECT_TO, W_DESK_REDIRECT_HITS};
    struct desk_visit *v = r->v;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (n == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return;
    }
    struct view_desk_table *table = desk_table(v, block, W_DESK_REDIRECTS);
    desk_columns(v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < n; i++)
        add_row(r, table, &rows[i]);
    if (more)
        table->more =
            (struct view_desk_link){.label = desk_word(v, W_DESK_MORE_ROWS),
                                    .address = names_next(v, "/desk/redirects", STR_NONE, rows[n - 1].source)};
}

static enum rc list_page(struct redirects *r, int status) {
    struct desk_visit *v = r->v;
    struct redirects_query q = {.words = desk_field(v, "q"), .after = desk_field(v, "after")};
    struct redirect *rows;
    size_t n;
    bool more;
    enum rc rc = redirect_list(v->a, v->db, &q, &rows, &n, &more);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_REDIRECTS);
    desk_action(v, page, W_DESK_REDIRECTS_IMPORT, STR("/desk/redirects/import"));
    desk_intro(v, page, W_DESK_REDIRECTS_TEXT);
    if (status == 0)
        names_filter(v, desk_block(v, page, STR_NONE), "/desk/redirects", NULL, STR_NONE);
    if (status != 0) // what was typed comes first
        form_block(r, page);
    table_block(r, page, rows, n, more);
    if (status == 0)
        form_block(r, page);
    return desk_send(v, page, status);
}

enum rc redirects_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    return list_page(redirects_begin(&v, req, reply), 0);
}

// ---- one redirect --------------------------------------------------------------------------------------------------------

static enum rc one_page(struct redirects *r, int status) {
    struct desk_visit *v = r->v;
    struct view_desk_page *page = desk_page(v, W_DESK_REDIRECT);
    desk_crumb(v, page, desk_word(v, W_DESK_REDIRECTS), STR("/desk/redirects"));
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_DESK_REDIRECT_HITS, desk_number_text(v, r->redirect.hits));
    if (r->redirect.hit_at != 0)
        desk_fact(v, block, W_DESK_REDIRECT_LAST, desk_date(v, r->redirect.hit_at));
    desk_link(v, &block->links, desk_word(v, W_DESK_REDIRECT_TRY), redirect_location(v->a, r->redirect.source),
              STR_NONE);
    form_block(r, page);
    block = desk_block(v, page, desk_word(v, W_DESK_REDIRECT_DELETE));
    block->text = desk_word(v, W_DESK_REDIRECT_DELETE_TEXT);
    struct view_desk_form *form =
        desk_form(v, block, one_address(r, r->redirect.id, "/delete"), W_DESK_REDIRECT_DELETE);
    form->danger = form->quiet = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
    return desk_send(v, page, status);
}

enum rc redirect_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct redirects *r = redirects_begin(&v, req, reply);
    enum rc rc = find(r);
    return rc == RC_OK ? one_page(r, 0) : rc;
}

static enum rc save(struct db *db, void *arg) {
    struct redirects *r = arg;
    struct audit_who who = desk_who(r->v);
    return redirect_edit(r->v->a, db, &who, &r->order, &r->edited, &r->problem);
}

// news names what is wrong by a key; false: it says it in a sentence.
static bool problem_words(struct redirects *r, struct str *out) {
    enum text_word w;
    if (!text_word_find(str_fmt(r->v->a, "desk_%s", r->problem.text), &w))
        return false;
    *out = text_phrase(r->v->a, r->v->lang, w, 0, r->edited.denied, STR_NONE);
    return true;
}

// Which of the two fields a problem is about stands in its key.
static void say_problem(struct redirects *r) {
    struct str words;
    if (!problem_words(r, &words))
        standing_fail(r->v, &r->problem);
    else
        desk_problem_text(r->v, str_starts(str_from(r->problem.text), STR("redirect_target_")) ? "into" : "from",
                          words);
}

static enum rc save_form(struct redirects *r) {
    struct desk_visit *v = r->v;
    bool gone = desk_field(v, "gone").n > 0, adds = r->redirect.id == 0;
    r->order.id = r->redirect.id;
    r->order.source = desk_field(v, "from");
    r->order.target = gone ? STR_NONE : desk_field(v, "into");
    (void)str_to_i64(desk_field(v, "version"), &r->order.base_version);
    if (!gone && r->order.target.n == 0)
        desk_problem(v, "into", W_DESK_REDIRECT_TARGET_NONE);
    bool fine = v->req->form_ok && desk_form_ok(v);
    enum rc rc = fine ? store_write(v->site->store, STORE_DURABLE, save, r) : RC_INVALID;
    int status = rc == RC_BUSY ? 409 : rc == RC_INVALID || rc == RC_CONFLICT ? 422 : 0;
    if (rc == RC_BUSY)
        desk_fail(v, W_DESK_THING_STALE);
    else if (fine && status != 0)
        say_problem(r);
    if (status != 0 && adds)
        return list_page(r, status);
    if (status != 0)
        rc = find(r);
    if (status != 0 || rc != RC_OK)
        return rc == RC_OK ? one_page(r, status) : rc;
    return desk_go(v, STR("/desk/redirects"), "saved");
}

enum rc redirects_list_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    return save_form(redirects_begin(&v, req, reply));
}

enum rc redirect_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct redirects *r = redirects_begin(&v, req, reply);
    enum rc rc = find(r);
    return rc == RC_OK ? save_form(r) : rc;
}

static enum rc take_away(struct db *db, void *arg) {
    struct redirects *r = arg;
    struct audit_who who = desk_who(r->v);
    return redirect_delete(r->v->a, db, &who, r->redirect.id);
}

enum rc redirect_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct redirects *r = redirects_begin(&v, req, reply);
    enum rc rc = find(r);
    if (rc != RC_OK)
        return rc;
    if (!req->form_ok)
        return desk_go(&v, one_address(r, r->redirect.id, ""), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, take_away, r);
    return rc == RC_OK ? desk_go(&v, STR("/desk/redirects"), "deleted") : rc;
}

// ---- a pasted list -------------------------------------------------------------------------------------------------------

struct refused_line {
    unsigned number;
    struct str text, why;
};
struct list {
    struct redirects *r;
    struct str lines;
    struct refused_line *refused;
    size_t refused_count;
    int64_t made, known;
    bool too_many;
};

static void refuse_line(struct list *l, const struct redirect_line *line, struct str why) {
    l->refused[l->refused_count++] = (struct refused_line){line->number, line->text, why};
}

// There is this very redirect already: a list may be sent twice.
static bool is_known(struct redirects *r, struct db *db) {
    struct arena *a = r->v->a;
    struct str source, target = STR_NONE;
    struct redirect row;
    struct problem unsaid;
    size_t at;
    if (redirect_source(a, r->order.origin, r->order.source, &source, &unsaid) != RC_OK ||
        (r->order.target.n > 0 && redirect_target(a, r->order.origin, r->order.target, &target, &unsaid) != RC_OK))
        return false;
    struct str path = redirect_path(source),
               query = str_find_char(source, '?', &at) ? str_slice(source, at + 1, source.n) : STR_NONE;
    return redirect_find(a, db, path, query, &row) == RC_OK && str_eq(row.source, source) && str_eq(row.target, target);
}

static enum rc take_line(struct list *l, struct db *db, const struct redirect_line *line) {
    struct redirects *r = l->r;
    struct audit_who who = desk_who(r->v);
    struct str why = desk_word(r->v, W_DESK_REDIRECT_LINE_BAD);
    r->order.source = line->source;
    r->order.target = line->target;
    if (line->sound && is_known(r, db)) {
        l->known++;
        return RC_OK;
    }
    if (line->sound) {
        enum rc rc = redirect_edit(r->v->a, db, &who, &r->order, &r->edited, &r->problem);
        l->made += rc == RC_OK;
        if (rc != RC_INVALID && rc != RC_CONFLICT)
            return rc;
        (void)problem_words(r, &why);
    }
    refuse_line(l, line, why);
    return RC_OK;
}

// Each line is refused before anything of it is written, so the others stand whatever becomes of it.
static enum rc take_list(struct db *db, void *arg) {
    struct list *l = arg;
    struct redirect_line line = {.number = 0};
    struct str rest = l->lines;
    enum rc rc = RC_OK;
    l->refused_count = 0;
    l->made = l->known = 0;
    while (rc == RC_OK && redirect_line_next(&rest, &line))
        rc = take_line(l, db, &line);
    return rc;
}

static size_t count_lines(struct str text) {
    struct redirect_line line = {.number = 0};
    size_t n = 0;
    while (redirect_line_next(&text, &line))
        n++;
    return n;
}

static void refused_block(struct list *l, struct view_desk_page *page) {
    struct desk_visit *v = l->r->v;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->text = text_phrase(v->a, v->lang, W_DESK_REDIRECTS_MADE, l->made, desk_number_text(v, l->made), STR_NONE);
    if (l->known > 0)
        block->text = str_fmt(v->a, "%.*s %.*s", STR_ARG(block->text),
                              STR_ARG(text_phrase(v->a, v->lang, W_DESK_REDIRECTS_KNOWN, l->known,
                                                  desk_number_text(v, l->known), STR_NONE)));
    if (l->refused_count == 0)
        return;
    struct view_desk_table *table = desk_table(v, block, W_DESK_REDIRECTS_REFUSED);
    desk_column(v, table, desk_word(v, W_DESK_REDIRECT_LINE));
    desk_column(v, table, desk_word(v, W_DESK_REDIRECT_TEXT));
    desk_column(v, table, desk_word(v, W_DESK_REDIRECT_WHY));
    for (size_t i = 0; i < l->refused_count; i++) {
        const struct refused_line *refused = &l->refused[i];
        desk_row(v, table);
        desk_cell(v, table, desk_number_text(v, refused->number));
        desk_cell(v, table, utf8_cut(refused->text, 200));
        desk_cell(v, table, refused->why);
    }
}

static struct str refused_lines(struct list *l) {
    struct buf b;
    buf_init(&b, l->lines.n + l->refused_count + 1);
    for (size_t i = 0; i < l->refused_count; i++) {
        buf_str(&b, l->refused[i].text);
        buf_char(&b, '\n');
    }
    struct str out = str_dup(l->r->v->a, buf_view(&b));
    buf_fini(&b);
    return out;
}

static enum rc import_page(struct list *l, bool taken, int status) {
    struct desk_visit *v = l->r->v;
    struct view_desk_page *page = desk_page(v, W_DESK_REDIRECTS_IMPORT);
    desk_crumb(v, page, desk_word(v, W_DESK_REDIRECTS), STR("/desk/redirects"));
    if (taken)
        refused_block(l, page);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->text = desk_word(v, W_DESK_REDIRECTS_IMPORT_TEXT);
    struct view_desk_form *form = desk_form(v, block, STR("/desk/redirects/import"), W_DESK_REDIRECTS_IMPORT);
    struct view_desk_field *f = desk_area(v, form, "lines", W_DESK_REDIRECT_LINES, STR_NONE, 12);
    f->required = true;
    if (taken)
        f->value = refused_lines(l);
    desk_hint(v, f, W_DESK_REDIRECT_LINES_HINT);
    return desk_send(v, page, status);
}

enum rc redirects_import_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct list l = {.r = redirects_begin(&v, req, reply)};
    return import_page(&l, false, 0);
}

enum rc redirects_import_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct list *l = ARENA_NEW(req->arena, struct list);
    l->r = redirects_begin(&v, req, reply);
    l->lines = desk_field(&v, "lines");
    size_t n = req->form_ok ? count_lines(l->lines) : 0;
    if (req->form_ok && (n == 0 || n > REDIRECT_LINES_MAX))
        desk_problem(&v, "lines", n == 0 ? W_FORM_REQUIRED : W_DESK_REDIRECT_LINES_MANY);
    if (!req->form_ok || !desk_form_ok(&v))
        return import_page(l, false, 422);
    l->refused = ARENA_ARRAY(v.a, struct refused_line, n);
    enum rc rc = store_write(v.site->store, STORE_DURABLE, take_list, l);
    return rc == RC_OK ? import_page(l, true, l->refused_count > 0 ? 422 : 0) : rc;
}
