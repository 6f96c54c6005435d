// SPDX-License-Identifier: AGPL-3.0-or-later
// The lists that an article carries beside its text, each on a page of its own: the words of every row in one form, their
// order by a number, and a page to add more from the library or from outside. Each is a save like any other, upon the
// version that was before the writer's eyes.
#include "desk/manuscript.h"
#include "desk/media.h"
#include "desk/routes.h"

enum { PLACE_DIGITS = 4 };

struct cell {
    const char *name; // of the form's field
    enum text_word label, hint;
};
static const struct list {
    const char *name; // of the content's field, and in the address
    enum text_word heading, add, none, also;
    int kind;                         // of the library's media that it takes
    struct cell cells[ROW_CELLS_MAX]; // behind the first
} lists[] = {
    {"gallery",
     W_DESK_GALLERY,
     W_DESK_GALLERY_ADD,
     W_DESK_GALLERY_NONE,
     W_DESK_GALLERY_SAVE_AND_OPEN,
     MEDIA_PICTURE,
     {{"alt", W_DESK_IMAGE_ALT, W_DESK_IMAGE_ALT_HINT},
      {"caption", W_DESK_IMAGE_CAPTION, W_COUNT},
      {"credit", W_DESK_IMAGE_CREDIT, W_COUNT}}},
    {"files",
     W_DESK_CARRIED,
     W_DESK_CARRIED_ADD,
     W_DESK_CARRIED_NONE,
     W_DESK_CARRIED_SAVE_AND_OPEN,
     MEDIA_NO_PICTURE,
     {{"title", W_DESK_ROW_TITLE, W_DESK_ROW_TITLE_HINT}}},
    {"embeds",
     W_DESK_EMBEDS,
     W_COUNT,
     W_COUNT,
     W_DESK_EMBEDS_SAVE_AND_OPEN,
     0,
     {{"title", W_DESK_ROW_TITLE, W_DESK_ROW_TITLE_HINT}}},
};
enum { LISTS = sizeof lists / sizeof lists[0] };

static const struct list *list_named(struct str name) {
    for (size_t i = 0; i < LISTS; i++)
        if (str_eq(name, str_from(lists[i].name)))
            return &lists[i];
    return NULL;
}

static struct str list_address(struct desk_visit *v, const struct manuscript *m, const struct list *l,
                               const char *rest) {
    return manuscript_address(v, m->id, str_fmt(v->a, "/list/%s%s", l->name, rest).p);
}

static struct str *rows_of(struct content *c, const struct list *l) {
    return (struct str *)((char *)c + content_field_find(l->name)->offset);
}

static const struct rows_rule *rule_of(const struct list *l) {
    return content_field_find(l->name)->rows;
}

// ---- what other pages of a manuscript ask --------------------------------------------------------------------------------

const char *manuscript_list_rest(struct str then) {
    static const char *const rests[LISTS] = {"/list/gallery", "/list/files", "/list/embeds"};
    const struct list *l = list_named(then);
    return l != NULL ? rests[l - lists] : NULL;
}

enum text_word manuscript_list_word(const char *field) {
    const struct list *l = list_named(str_from(field));
    return l != NULL ? l->heading : W_COUNT;
}

void manuscript_lists_also(struct desk_visit *v, struct view_desk_form *form) {
    for (size_t i = 0; i < LISTS; i++)
        desk_also(v, form, "then", lists[i].name, lists[i].also);
}

static size_t rows_count(struct str rows) {
    struct list_row row;
    size_t n = 0;
    while (rows_next(&rows, &row))
        n++;
    return n;
}

void manuscript_lists_links(struct desk_visit *v, struct view_desk_block *block, const struct manuscript *m) {
    struct content c = m->content;
    for (size_t i = 0; i < LISTS; i++) {
        size_t n = rows_count(*rows_of(&c, &lists[i]));
        struct str label = desk_word(v, lists[i].heading);
        if (n > 0)
            label = str_fmt(v->a, "%.*s (%.*s)", STR_ARG(label), STR_ARG(desk_number_text(v, (int64_t)n)));
        desk_link(v, &block->links, label, list_address(v, m, &lists[i], ""), STR_NONE);
    }
}

// A number of the library says nothing to people.
static struct str first_words(struct desk_visit *v, const struct rows_rule *rule, struct str cell) {
    struct media_entry e;
    int64_t id;
    if (!rule->of_media || !str_to_i64(cell, &id))
        return cell;
    return media_entry_get(v->a, v->db, id, &e) == RC_OK ? media_title(v, &e) : cell;
}

static struct str row_words(struct desk_visit *v, const struct rows_rule *rule, const struct list_row *row) {
    struct str out = first_words(v, rule, row->cells[0]);
    for (size_t k = 1; k < rows_cells(rule); k++)
        if (row->cells[k].n > 0)
            out = str_fmt(v->a, "%.*s · %.*s", STR_ARG(out), STR_ARG(row->cells[k]));
    return out;
}

struct str content_field_words(struct desk_visit *v, const struct content_field *f, struct str text) {
    struct str out = STR_NONE;
    struct list_row row;
    if (f->kind == CONTENT_BODY)
        return str_trim(html_to_text(v->a, html_stored(text)));
    if (f->kind != CONTENT_ROWS)
        return text;
    if (f->rows == &rows_extra)
        return extra_rows_words(v, v->lang, text);
    while (rows_next(&text, &row)) {
        struct str words = row_words(v, f->rows, &row);
        out = out.n > 0 ? str_fmt(v->a, "%.*s\n%.*s", STR_ARG(out), STR_ARG(words)) : words;
    }
    return out;
}

// ---- the rows ------------------------------------------------------------------------------------------------------------

// Rows as they stand in the form: with the place that each asks for, and whether it is to go.
struct sheet {
    const struct list *list;
    struct list_row rows[ROWS_MAX + 1];
    struct str places[ROWS_MAX + 1];
    bool out[ROWS_MAX + 1];
    size_t n;
};

static void sheet_of(struct desk_visit *v, const struct manuscript *m, const struct list *l, struct sheet *out) {
    struct content c = m->content;
    struct str rest = *rows_of(&c, l);
    out->list = l;
    while (out->n < ROWS_MAX && rows_next(&rest, &out->rows[out->n])) {
        out->places[out->n] = str_fmt(v->a, "%zu", out->n + 1);
        out->n++;
    }
}

// Of what is named by its address one more can be written below the others.
static void blank_add(struct desk_visit *v, struct sheet *s) {
    if (rule_of(s->list)->of_media || s->n >= rule_of(s->list)->most ||
        (s->n > 0 && s->rows[s->n - 1].cells[0].n == 0 && s->rows[s->n - 1].cells[1].n == 0))
        return;
    s->rows[s->n] = (struct list_row){0};
    s->places[s->n] = str_fmt(v->a, "%zu", s->n + 1);
    s->out[s->n++] = false;
}

static void part_show(struct desk_visit *v, struct view_desk_form *form, const struct sheet *s, size_t i) {
    const struct rows_rule *rule = rule_of(s->list);
    struct str name = first_words(v, rule, s->rows[i].cells[0]);
    struct view_desk_field *part = desk_part(v, form, name.n > 0 ? name : desk_word(v, W_DESK_EMBED_ONE_MORE));
    int64_t id;
    if (rule->of_media && str_to_i64(s->rows[i].cells[0], &id))
        media_of_part(v, part, id);
}

// All rows send the same names, so a label says which row it is of.
static struct view_desk_field *numbered(struct desk_visit *v, struct view_desk_form *form, struct view_desk_field *f,
                                        size_t i, struct str value) {
    f->label = str_fmt(v->a, "%.*s. %.*s", STR_ARG(desk_number_text(v, (int64_t)i + 1)), STR_ARG(f->label));
    f->id = str_fmt(v->a, "%.*s-%zu", STR_ARG(f->id), i + 1);
    f->value = value;
    if (f->problem.n > 0 && i > 0)
        form->problems.n--; // said once, at the first row
    else if (f->problem.n > 0)
        form->problems.items[form->problems.n - 1].address = str_fmt(v->a, "#%.*s", STR_ARG(f->id));
    return f;
}

static void address_show(struct desk_visit *v, struct view_desk_form *form, const struct sheet *s, size_t i) {
    struct view_desk_field *f =
        numbered(v, form, desk_line(v, form, "item", W_DESK_EMBED_ADDRESS, STR_NONE), i, s->rows[i].cells[0]);
    f->max = (int64_t)rule_of(s->list)->cells[0].chars;
    f->dir = STR("ltr");
    f->input_mode = STR("url");
    if (i == 0)
        desk_hint(v, f, W_DESK_EMBED_ADDRESS_HINT);
}

static void row_show(struct desk_visit *v, struct view_desk_form *form, const struct manuscript *m,
                     const struct sheet *s, size_t i) {
    part_show(v, form, s, i);
    if (rule_of(s->list)->of_media)
        desk_hidden(v, form, "item", s->rows[i].cells[0]);
    else
        address_show(v, form, s, i);
    for (size_t k = 0; s->list->cells[k].name != NULL; k++) {
        const struct cell *cell = &s->list->cells[k];
        struct view_desk_field *f =
            numbered(v, form, desk_line(v, form, cell->name, cell->label, STR_NONE), i, s->rows[i].cells[k + 1]);
        f->max = (int64_t)rule_of(s->list)->cells[k + 1].chars;
        f->lang = text_lang_code(m->lang);
        f->dir = text_lang_is_rtl(m->lang) ? STR("rtl") : STR("ltr");
        if (cell->hint != W_COUNT && i == 0)
            desk_hint(v, f, cell->hint);
    }
    struct view_desk_field *f =
        numbered(v, form, desk_line(v, form, "place", W_DESK_ROW_PLACE, STR_NONE), i, s->places[i]);
    f->max = PLACE_DIGITS;
    f->input_mode = STR("numeric");
    f = numbered(v, form, desk_tick(v, form, "out", W_DESK_LEAVE_OUT, false), i, STR_NONE);
    f->ticked = s->out[i];
    f->tick_value = str_fmt(v->a, "%zu", i + 1);
}

static enum rc sheet_page(struct desk_visit *v, const struct manuscript *m, struct sheet *s, int status) {
    const struct list *l = s->list;
    blank_add(v, s);
    struct view_desk_page *page = desk_page(v, l->heading);
    manuscript_crumbs(v, page, m);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (s->n == 0) {
        block->empty = desk_word(v, l->none);
        desk_action(v, page, l->add, list_address(v, m, l, "/add"));
        return desk_send(v, page, status);
    }
    struct view_desk_form *form = desk_form(v, block, list_address(v, m, l, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", str_fmt(v->a, "%lld", (long long)m->version));
    for (size_t i = 0; i < s->n; i++)
        row_show(v, form, m, s, i);
    if (rule_of(l)->of_media)
        desk_also(v, form, "then", "add", W_DESK_SAVE_AND_ADD);
    form->other =
        (struct view_desk_link){.label = manuscript_title(v, m->headline), .address = manuscript_address(v, m->id, "")};
    return desk_send(v, page, status);
}

static enum rc find(struct desk_visit *v, struct manuscript *m, const struct list **list_out) {
    *list_out = list_named(v->req->params[1]);
    enum rc rc = manuscript_find_to_edit(v, m);
    return rc == RC_OK && *list_out == NULL ? RC_NOT_FOUND : rc;
}

enum rc manuscript_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    const struct list *l;
    desk_begin(&v, req, reply);
    enum rc rc = find(&v, &m, &l);
    if (rc != RC_OK)
        return rc;
    struct sheet *s = ARENA_NEW(v.a, struct sheet);
    sheet_of(&v, &m, l, s);
    return sheet_page(&v, &m, s, 0);
}

// ---- taking back -------------------------------------------------------------------------------------------------------

// The lines of a field that every row sends. False: not as many as there are rows.
static bool lines_take(struct desk_visit *v, const char *name, struct str *out, size_t stride, size_t n) {
    struct str rest = http_request_field(v->req, name);
    for (size_t i = 0; i < n; i++) {
        size_t at = rest.n;
        bool more = str_find_char(rest, '\n', &at);
        *(struct str *)((char *)out + i * stride) = str_trim(str_slice(rest, 0, at));
        if (more != (i + 1 < n))
            return false;
        rest = str_slice(rest, more ? at + 1 : at, rest.n);
    }
    return true;
}

static bool sheet_take(struct desk_visit *v, struct sheet *s) {
    struct str items = http_request_field(v->req, "item"), outs = desk_field(v, "out"), word;
    size_t n = 1;
    for (size_t i = 0; i < items.n; i++)
        n += items.p[i] == '\n';
    if (n > ROWS_MAX)
        return false;
    s->n = n;
    bool sound = lines_take(v, "item", &s->rows[0].cells[0], sizeof s->rows[0], n) &&
                 lines_take(v, "place", &s->places[0], sizeof s->places[0], n);
    for (size_t k = 0; s->list->cells[k].name != NULL; k++)
        sound = lines_take(v, s->list->cells[k].name, &s->rows[0].cells[k + 1], sizeof s->rows[0], n) && sound;
    for (uint64_t i; str_next(&outs, ' ', &word);)
        if (str_to_u64(word, &i) && i >= 1 && i <= n)
            s->out[i - 1] = true;
    return sound;
}

// Where a row wants to stand among the others: one that asks for another's place stands before it on its way up, behind
// it on its way down.
static bool wish_of(const struct sheet *s, size_t i, int64_t *out) {
    int64_t place;
    if (!str_to_i64(s->places[i], &place) || place < 1)
        return false;
    int64_t here = (int64_t)i + 1;
    *out = 2 * place + (place < here ? -1 : place > here ? 1 : 0);
    return true;
}

static void sheet_sort(struct desk_visit *v, const struct sheet *s, struct list_row out[ROWS_MAX], size_t *n) {
    int64_t wishes[ROWS_MAX], wish;
    *n = 0;
    for (size_t i = 0; i < s->n; i++) {
        bool blank = s->rows[i].cells[0].n == 0 && s->rows[i].cells[1].n == 0;
        if (s->out[i] || blank)
            continue;
        if (s->rows[i].cells[0].n == 0) {
            desk_problem(v, "item", W_FORM_REQUIRED);
            return;
        }
        if (!wish_of(s, i, &wish)) {
            desk_problem(v, "place", W_FORM_NOT_A_NUMBER);
            return;
        }
        size_t at = (*n)++;
        for (; at > 0 && wishes[at - 1] > wish; at--) {
            wishes[at] = wishes[at - 1];
            out[at] = out[at - 1];
        }
        wishes[at] = wish;
        out[at] = s->rows[i];
    }
}

enum rc manuscript_list_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    const struct list *l;
    struct list_row rows[ROWS_MAX];
    size_t n;
    desk_begin(&v, req, reply);
    enum rc rc = find(&v, &m, &l);
    if (rc != RC_OK)
        return rc;
    struct sheet *s = ARENA_NEW(v.a, struct sheet);
    s->list = l;
    if (!sheet_take(&v, s))
        return RC_INVALID; // no page of ours sends that
    sheet_sort(&v, s, rows, &n);
    if (!desk_form_ok(&v))
        return sheet_page(&v, &m, s, 422);
    struct content c = m.content;
    *rows_of(&c, l) = rows_write(v.a, rule_of(l), rows, n);
    bool add = str_eq(desk_field(&v, "then"), STR("add")) && rule_of(l)->of_media;
    rc = manuscript_keep(&v, &m, &c, str_fmt(v.a, "/list/%s%s", l->name, add ? "/add" : "").p, "saved");
    return rc == RC_INVALID ? sheet_page(&v, &m, s, 422) : rc;
}

// ---- one more ------------------------------------------------------------------------------------------------------------

static enum rc add_page(struct desk_visit *v, const struct manuscript *m, const struct list *l, int status) {
    struct str path = list_address(v, m, l, "/add"), version = str_fmt(v->a, "%lld", (long long)m->version);
    struct view_desk_page *page = desk_page(v, l->add);
    manuscript_crumbs(v, page, m);
    desk_crumb(v, page, desk_word(v, l->heading), list_address(v, m, l, ""));
    if (desk_may(v, MAY_ADD_MEDIA)) {
        struct view_desk_form *form =
            desk_form(v, desk_block(v, page, desk_word(v, W_DESK_FILES)), path, W_DESK_PICTURE_UPLOAD);
        desk_hidden(v, form, "version", version);
        desk_line(v, form, "credit", W_DESK_IMAGE_CREDIT, STR_NONE)->max = MEDIA_CREDIT_MAX;
        media_file_field(v, form, true);
    }
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MEDIA));
    struct media_grid grid = {.path = path.p, .choose = path.p, .version = version, .kind = l->kind};
    enum rc rc = media_grid_show(v, block, &grid);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc manuscript_list_add_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    const struct list *l;
    desk_begin(&v, req, reply);
    enum rc rc = find(&v, &m, &l);
    if (rc != RC_OK)
        return rc;
    return rule_of(l)->of_media ? add_page(&v, &m, l, 0) : RC_NOT_FOUND;
}

// "letters 12.mp3" is called "letters 12" until somebody says it better.
static struct str title_of(struct str file_name) {
    size_t at = file_name.n;
    for (size_t i = 0; i < file_name.n; i++)
        if (file_name.p[i] == '.' && i > 0)
            at = i;
    return str_slice(file_name, 0, at);
}

// What is being added to a list, and why something is not.
struct adding {
    const struct manuscript *m;
    const struct list *list;
    struct list_row rows[ROWS_MAX];
    size_t n, before; // rows; of them those that stood there already
};

// A row for a medium, with what the library knows of it. RC_INVALID with a sentence.
static enum rc one_more(struct desk_visit *v, struct adding *a, int64_t id, struct str *why_out) {
    struct media_entry e;
    enum rc rc = media_entry_get(v->a, v->db, id, &e);
    if (rc != RC_OK)
        return rc;
    bool fits = (e.kind == MEDIA_PICTURE) == (a->list->kind == MEDIA_PICTURE);
    if (!fits || a->n >= rule_of(a->list)->most) {
        *why_out = desk_word(v, fits ? W_DESK_LIST_FULL : W_DESK_OTHER_KIND);
        return RC_INVALID;
    }
    struct str number = str_fmt(v->a, "%lld", (long long)id);
    a->rows[a->n++] = e.kind == MEDIA_PICTURE
                          ? (struct list_row){{number, e.about.alts[a->m->lang], STR_NONE, e.about.credit}}
                          : (struct list_row){{number, title_of(e.about.file_name)}};
    return RC_OK;
}

static enum rc choose(struct desk_visit *v, struct adding *a, int64_t id) {
    struct str why = STR_NONE;
    enum rc rc = one_more(v, a, id, &why);
    if (rc == RC_INVALID)
        desk_problem_text(v, "files", why);
    return rc;
}

static enum rc upload(struct desk_visit *v, struct adding *a, const struct http_file *file, struct str *why_out) {
    int64_t id = 0;
    enum rc rc = media_take(v, file, desk_field(v, "credit"), &id, why_out);
    return rc == RC_OK ? one_more(v, a, id, why_out) : rc;
}

// Those that are good are added; of the others it is said by name why they are not. What was taken stays in the library.
static enum rc upload_all(struct desk_visit *v, struct adding *a) {
    struct str refused = STR_NONE;
    enum rc rc = desk_may(v, MAY_ADD_MEDIA) ? RC_OK : RC_DENIED;
    for (size_t i = 0; i < v->req->file_count && rc == RC_OK; i++) {
        struct str why = STR_NONE;
        const struct http_file *file = &v->req->files[i];
        rc = upload(v, a, file, &why);
        if (rc != RC_INVALID)
            continue;
        refused = str_fmt(v->a, "%.*s%s%.*s: %.*s", STR_ARG(refused), refused.n > 0 ? " " : "",
                          STR_ARG(utf8_cut(file->name, 80)), STR_ARG(why));
        rc = RC_OK;
    }
    if (rc == RC_OK && refused.n > 0)
        desk_problem_text(v, "files", refused);
    return rc;
}

// Goes on to the list; when something was refused, back to the form, which says so.
static enum rc added(struct desk_visit *v, struct adding *a, struct manuscript_put *put) {
    struct manuscript now;
    if (v->problem_count == 0 || put->saved == SAVED_ASIDE)
        return manuscript_go(v, put, str_fmt(v->a, "/list/%s", a->list->name).p, "added");
    v->said = text_phrase(v->a, v->lang, W_DESK_LIST_ADDED_SOME, (int64_t)(a->n - a->before), STR_NONE, STR_NONE);
    enum rc rc = manuscript_load(v->a, v->db, a->m->id, &now); // with the version that was just made
    return rc == RC_OK ? add_page(v, &now, a->list, 422) : rc;
}

static enum rc add(struct desk_visit *v, struct adding *a) {
    struct manuscript_put *put = ARENA_NEW(v->a, struct manuscript_put);
    put->order = (struct manuscript_saving){.id = a->m->id, .kind = VERSION_SAVED, .content = a->m->content};
    struct str *rows = rows_of(&put->order.content, a->list), rest = *rows;
    int64_t id = 0;
    while (a->n < ROWS_MAX && rows_next(&rest, &a->rows[a->n]))
        a->n++;
    a->before = a->n;
    bool chosen = str_to_i64(desk_field(v, "media"), &id);
    enum rc rc = chosen ? choose(v, a, id) : upload_all(v, a);
    if (rc == RC_OK && a->n == a->before)
        rc = RC_INVALID;
    if (rc != RC_OK)
        return rc;
    *rows = rows_write(v->a, rule_of(a->list), a->rows, a->n);
    rc = manuscript_put(v, put);
    return rc == RC_OK ? added(v, a, put) : rc;
}

enum rc manuscript_list_add_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    const struct list *l;
    desk_begin(&v, req, reply);
    enum rc rc = find(&v, &m, &l);
    if (rc == RC_OK && !rule_of(l)->of_media)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    struct adding *a = ARENA_NEW(v.a, struct adding);
    a->m = &m;
    a->list = l;
    if (desk_field(&v, "media").n == 0 && req->file_count == 0)
        desk_problem(&v, "files", W_DESK_FILES_NONE);
    rc = desk_form_ok(&v) ? add(&v, a) : RC_INVALID;
    return rc == RC_INVALID ? add_page(&v, &m, l, 422) : rc;
}
