// SPDX-License-Identifier: AGPL-3.0-or-later
// From the parts of a page to HTML: see page.h.
#include "desk/page.h"
#include "desk/menu.h"
#include "templates.h"

// One more item at the end of a list of views. Room doubles; what was outgrown stays in the arena until the request ends.
enum { LONG_WORD = 24 }; // characters that a column of a table has room for

static void *grow(struct arena *a, void *items, size_t n, size_t size) {
    if (n > 0 && (n & (n - 1)) != 0)
        return items;
    char *more = arena_take_array(a, n == 0 ? 1 : 2 * n, size);
    if (n > 0)
        memcpy(more, items, n * size);
    return more;
}
#define ADD(v, list)                                                                                                   \
    ((list)->items = grow((v)->a, (list)->items, (list)->n, sizeof(*(list)->items)), &(list)->items[(list)->n++])

// ---- the page ----------------------------------------------------------------------------------------------------------

static struct str said_of(const struct desk_visit *v) {
    struct str key = http_request_field(v->req, "said");
    enum text_word w;
    struct str whole = str_fmt(v->a, "desk_said_%.*s", STR_ARG(key));
    return key.n > 0 && text_word_find(whole, &w) ? desk_word(v, w) : STR_NONE;
}

static void fill_frame(struct desk_visit *v, struct view_desk_frame *f) {
    f->lang = text_lang_code(v->lang);
    f->dir = text_lang_is_rtl(v->lang) ? STR("rtl") : STR("ltr");
    f->station = v->db != NULL ? setting_get(v->a, v->db, "station_name", v->lang) : STR_NONE;
    f->stylesheet = link_asset(v->a, "desk.css");
    f->script = link_asset(v->a, "desk.js");
    f->icon_svg = link_asset(v->a, "icon.svg");
    f->site = link_front(v->a, v->site->default_lang);
    f->home = v->account != NULL ? STR("/desk/") : STR("/desk/login");
    f->said = v->said.n > 0 ? v->said : said_of(v);
    f->said_is_problem = v->said_is_problem;
    if (v->session != NULL) {
        f->user = v->session->account.name;
        f->token = desk_token(v);
    }
    if (v->account != NULL)
        desk_menu(v, f);
}

struct view_desk_page *desk_page_named(struct desk_visit *v, struct str heading) {
    struct view_desk_page *page = ARENA_NEW(v->a, struct view_desk_page);
    page->heading = heading;
    fill_frame(v, &page->frame);
    page->frame.title = page->frame.station.n == 0
                            ? heading
                            : str_fmt(v->a, "%.*s · %.*s", STR_ARG(heading), STR_ARG(page->frame.station));
    if (v->account != NULL && !str_eq(v->req->path, STR("/desk/")))
        desk_crumb(v, page, desk_word(v, W_DESK), STR("/desk/"));
    return page;
}

struct view_desk_page *desk_page(struct desk_visit *v, enum text_word heading) {
    return desk_page_named(v, desk_word(v, heading));
}

void desk_link(struct desk_visit *v, struct view_desk_links *links, struct str label, struct str address,
               struct str note) {
    *ADD(v, links) = (struct view_desk_link){.label = label, .address = address, .note = note};
}

void desk_crumb(struct desk_visit *v, struct view_desk_page *page, struct str label, struct str address) {
    desk_link(v, &page->frame.crumbs, label, address, STR_NONE);
}

void desk_intro(struct desk_visit *v, struct view_desk_page *page, enum text_word text) {
    page->intro = desk_word(v, text);
}

void desk_action(struct desk_visit *v, struct view_desk_page *page, enum text_word label, struct str address) {
    page->action = (struct view_desk_link){.label = desk_word(v, label), .address = address};
}

// A column's label stands where its numbers stand.
static void align_columns(struct view_desk_table *table) {
    for (size_t i = 0; table->rows.n > 0 && i < table->columns.n && i < table->rows.items[0].cells.n; i++)
        table->columns.items[i].number = table->rows.items[0].cells.items[i].number;
}

static bool has_rich_field(const struct view_desk_page *page) {
    for (size_t b = 0; b < page->blocks.n; b++)
        for (size_t f = 0; f < page->blocks.items[b].forms.n; f++) {
            const struct view_desk_form *form = &page->blocks.items[b].forms.items[f];
            for (size_t i = 0; i < form->fields.n; i++)
                if (form->fields.items[i].rich)
                    return true;
        }
    return false;
}

static bool has_window(const struct view_desk_page *page) {
    for (size_t i = 0; i < page->blocks.n; i++)
        if (page->blocks.items[i].windows.n > 0)
            return true;
    return false;
}

enum rc desk_send(struct desk_visit *v, struct view_desk_page *page, int status) {
    struct render_out out;
    if (page->frame.crumbs.n > 0)
        desk_crumb(v, page, page->heading, STR_NONE);
    for (size_t i = 0; i < page->blocks.n; i++)
        for (size_t t = 0; t < page->blocks.items[i].tables.n; t++)
            align_columns(&page->blocks.items[i].tables.items[t]);
    if (has_rich_field(page))
        page->frame.editor = link_asset(v->a, "editor.js");
    render_out_init(&out, v->lang);
    tmpl_desk_page(&out, page);
    struct render_page answer = {.status = status, .no_index = true};
    if (has_window(page))
        answer.frame_origin = STR("'self'");
    enum rc rc = render_reply(v->req, v->reply, &out, NULL, &answer);
    render_out_fini(&out);
    return rc;
}

// ---- blocks ------------------------------------------------------------------------------------------------------------

struct view_desk_block *desk_block(struct desk_visit *v, struct view_desk_page *page, struct str heading) {
    struct view_desk_block *block = ADD(v, &page->blocks);
    *block = (struct view_desk_block){.heading = heading};
    return block;
}

void desk_fact(struct desk_visit *v, struct view_desk_block *block, enum text_word name, struct str value) {
    *ADD(v, &block->facts) = (struct view_desk_fact){.name = desk_word(v, name), .value = value};
}

void desk_window(struct desk_visit *v, struct view_desk_block *block, struct str address, struct str title, int width,
                 int height) {
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_c(&b, "<iframe src=\"");
    html_escape(&b, address);
    buf_c(&b, "\" title=\"");
    html_escape(&b, title);
    buf_fmt(&b, "\" width=\"%d\" height=\"%d\"></iframe>", width, height);
    must(!b.failed);
    *ADD(v, &block->windows) = (struct view_desk_window){title, html_stored(str_dup(v->a, buf_view(&b)))};
    buf_fini(&b);
}

struct view_desk_picture *desk_picture(struct desk_visit *v, struct view_desk_block *block, struct str label,
                                       struct str address) {
    struct view_desk_picture *picture = ADD(v, &block->pictures);
    *picture = (struct view_desk_picture){.label = label, .address = address};
    return picture;
}

void desk_focal(struct desk_visit *v, struct view_desk_block *block, const struct view_desk_focal *focal) {
    *ADD(v, &block->focal) = *focal;
}

void desk_words(struct desk_visit *v, struct view_desk_block *block, enum text_lang lang, struct str text) {
    struct view_desk_diff *words = ADD(v, &block->diffs); // nothing of it was added or removed
    *words =
        (struct view_desk_diff){.lang = text_lang_code(lang), .dir = text_lang_is_rtl(lang) ? STR("rtl") : STR("ltr")};
    *ADD(v, &words->pieces) = (struct view_desk_piece){.text = text};
}

void desk_code(struct desk_visit *v, struct view_desk_block *block, struct str text) {
    *ADD(v, &block->codes) = (struct view_desk_code){text};
}

// ---- forms ---------------------------------------------------------------------------------------------------------------

struct view_desk_form *desk_form(struct desk_visit *v, struct view_desk_block *block, struct str action,
                                 enum text_word submit) {
    struct view_desk_form *form = ADD(v, &block->forms);
    *form = (struct view_desk_form){.action = action, .submit = desk_word(v, submit), .token = desk_token(v)};
    form->id = str_fmt(v->a, "form%.*s", STR_ARG(action));
    for (char *c = (char *)(uintptr_t)form->id.p; *c != '\0'; c++)
        if (*c == '/' || *c == '?' || *c == '=' || *c == '&')
            *c = '-';
    return form;
}

static const struct http_field *sent(const struct desk_visit *v, const char *name) {
    for (size_t i = 0; i < v->req->field_count; i++)
        if (str_eq(v->req->fields[i].name, str_from(name)))
            return &v->req->fields[i];
    return NULL;
}

// What the form of a page was sent with: everything in a POST, in a query only what is there.
static bool was_typed(const struct desk_visit *v, const struct http_field *f) {
    return f != NULL && (v->req->method == HTTP_POST || f->value.p != NULL);
}

static struct str problem_of(struct desk_visit *v, const char *name, const struct http_field *f) {
    for (size_t i = 0; i < v->problem_count; i++)
        if (strcmp(v->problems[i].field, name) == 0)
            return v->problems[i].text;
    enum text_word w;
    if (f == NULL || f->problem == NULL || !text_word_find(str_from(f->problem), &w))
        return STR_NONE;
    return desk_word(v, w);
}

struct str desk_field_problem(struct desk_visit *v, const char *name) {
    return problem_of(v, name, sent(v, name));
}

static bool is_required(const struct desk_visit *v, const char *name) {
    const struct http_form *form = v->req->route != NULL ? v->req->route->form : NULL;
    for (size_t i = 0; form != NULL && i < form->count; i++)
        if (strcmp(form->rules[i].name, name) == 0)
            return form->rules[i].required;
    return false;
}

static struct view_desk_field *field(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                     enum text_word label, struct str value) {
    const struct http_field *typed = sent(v, name);
    struct view_desk_field *f = ADD(v, &form->fields);
    *f = (struct view_desk_field){.name = str_from(name), .label = desk_word(v, label)};
    f->id = str_fmt(v->a, "f-%s", name);
    f->value = was_typed(v, typed) ? typed->value : value;
    f->problem = problem_of(v, name, typed);
    f->required = is_required(v, name);
    if (f->problem.n > 0)
        desk_link(v, &form->problems, f->label, str_fmt(v->a, "#f-%s", name), f->problem);
    return f;
}

struct view_desk_field *desk_line(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                  enum text_word label, struct str value) {
    struct view_desk_field *f = field(v, form, name, label, value);
    f->line = true;
    f->type = STR("text");
    return f;
}

struct view_desk_field *desk_secret(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                    enum text_word label, const char *autocomplete) {
    struct view_desk_field *f = field(v, form, name, label, STR_NONE);
    f->line = true;
    f->value = STR_NONE;
    f->type = STR("password");
    f->autocomplete = str_from(autocomplete);
    return f;
}

struct view_desk_field *desk_area(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                  enum text_word label, struct str value, int64_t rows) {
    struct view_desk_field *f = field(v, form, name, label, value);
    f->area = true;
    f->rows = rows;
    return f;
}

struct view_desk_field *desk_select(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                    enum text_word label, struct str value) {
    struct view_desk_field *f = field(v, form, name, label, value);
    f->select = true;
    return f;
}

struct view_desk_field *desk_checks(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                    enum text_word label, struct str words) {
    struct view_desk_field *f = field(v, form, name, label, words);
    f->checks = true;
    return f;
}

struct view_desk_field *desk_tick(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                  enum text_word label, bool ticked) {
    struct view_desk_field *f = field(v, form, name, label, ticked ? STR("1") : STR_NONE);
    f->tick = true;
    f->tick_value = STR("1");
    f->ticked = f->value.n > 0;
    return f;
}

struct view_desk_field *desk_part(struct desk_visit *v, struct view_desk_form *form, struct str label) {
    struct view_desk_field *f = ADD(v, &form->fields);
    *f = (struct view_desk_field){.label = label, .part = true};
    return f;
}

void desk_also(struct desk_visit *v, struct view_desk_form *form, const char *name, const char *value,
               enum text_word label) {
    form->also_name = str_from(name);
    desk_link(v, &form->also, desk_word(v, label), str_from(value), STR_NONE);
}

void desk_hidden(struct desk_visit *v, struct view_desk_form *form, const char *name, struct str value) {
    *ADD(v, &form->fields) = (struct view_desk_field){.name = str_from(name), .value = value, .hidden = true};
}

static bool has_word(struct str words, struct str word) {
    struct str one;
    while (str_next(&words, ' ', &one))
        if (str_eq(one, word))
            return true;
    return false;
}

struct view_desk_choice *desk_choice(struct desk_visit *v, struct view_desk_field *f, struct str value,
                                     struct str label) {
    struct view_desk_choice *c = ADD(v, &f->choices);
    *c = (struct view_desk_choice){.value = value, .label = label};
    c->id = str_fmt(v->a, "%.*s-%.*s", STR_ARG(f->id), STR_ARG(value));
    c->chosen = f->checks ? has_word(f->value, value) : str_eq(f->value, value);
    return c;
}

void desk_choose_language(struct desk_visit *v, struct view_desk_field *f) {
    for (int l = 0; l < LANG_COUNT; l++)
        desk_choice(v, f, text_lang_code((enum text_lang)l), text_lang_name((enum text_lang)l));
}

void desk_hint(struct desk_visit *v, struct view_desk_field *f, enum text_word w) {
    f->hint = desk_word(v, w);
}

// ---- tables --------------------------------------------------------------------------------------------------------------

struct view_desk_table *desk_table(struct desk_visit *v, struct view_desk_block *block, enum text_word caption) {
    struct view_desk_table *table = ADD(v, &block->tables);
    *table = (struct view_desk_table){.caption = desk_word(v, caption)};
    return table;
}

void desk_column(struct desk_visit *v, struct view_desk_table *table, struct str label) {
    desk_link(v, &table->columns, label, STR_NONE, STR_NONE);
}

void desk_columns(struct desk_visit *v, struct view_desk_table *table, const enum text_word *labels, size_t count) {
    for (size_t i = 0; i < count; i++)
        desk_column(v, table, desk_word(v, labels[i]));
}

void desk_row(struct desk_visit *v, struct view_desk_table *table) {
    struct view_desk_row *row = ADD(v, &table->rows);
    *row = (struct view_desk_row){{NULL, 0}};
}

static bool has_long_word(struct str text) {
    struct str word;
    while (str_next(&text, ' ', &word))
        if (word.n > LONG_WORD && utf8_count(word) > LONG_WORD)
            return true;
    return false;
}

struct view_desk_cell *desk_cell(struct desk_visit *v, struct view_desk_table *table, struct str text) {
    struct view_desk_row *row = &table->rows.items[table->rows.n - 1];
    struct view_desk_cell *cell = ADD(v, &row->cells);
    size_t at = row->cells.n - 1;
    *cell = (struct view_desk_cell){.text = text, .head = at == 0, .breaks = has_long_word(text)};
    if (at < table->columns.n)
        cell->label = table->columns.items[at].label;
    return cell;
}

struct view_desk_cell *desk_button(struct desk_visit *v, struct view_desk_table *table, const char *action,
                                   const char *name, struct str value, enum text_word label) {
    struct view_desk_cell *cell = desk_cell(v, table, STR_NONE);
    cell->action = str_from(action);
    cell->name = str_from(name);
    cell->value = value;
    cell->token = desk_token(v);
    cell->button = desk_word(v, label);
    return cell;
}

struct view_desk_sort *desk_sort(struct desk_visit *v, struct view_desk_block *block, enum text_word label) {
    struct view_desk_sort *sort = ADD(v, &block->sorts);
    *sort = (struct view_desk_sort){.label = desk_word(v, label)};
    return sort;
}

struct view_desk_sort_item *desk_sort_item(struct desk_visit *v, struct view_desk_sort *sort, struct str action,
                                           struct str id, struct str label) {
    struct view_desk_sort_item *item = ADD(v, &sort->items);
    *item =
        (struct view_desk_sort_item){.id = id, .label = label, .depth = 1, .action = action, .token = desk_token(v)};
    return item;
}

void desk_sort_way(struct desk_visit *v, struct view_desk_sort_item *item, const char *way, enum text_word label) {
    desk_link(v, &item->buttons, desk_word(v, label), str_from(way), STR_NONE);
}

struct str desk_date(struct desk_visit *v, int64_t at_us) {
    return desk_date_in(v, v->lang, at_us);
}

struct str desk_date_in(struct desk_visit *v, enum text_lang lang, int64_t at_us) {
    if (at_us == 0)
        return STR_NONE;
    struct str day = text_date(v->a, lang, v->site->zone, at_us, DATE_SHORT);
    struct str time = text_date(v->a, lang, v->site->zone, at_us, DATE_TIME);
    return str_fmt(v->a, "%.*s %.*s", STR_ARG(day), STR_ARG(time));
}

struct str desk_moment_text(struct desk_visit *v, int64_t at_us) {
    struct text_civil c = text_civil_of(v->site->zone, at_us);
    return str_fmt(v->a, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static bool digits(struct str s, size_t from, size_t n, int *out) {
    uint64_t value;
    if (s.n < from + n || !str_to_u64(str_slice(s, from, from + n), &value))
        return false;
    *out = (int)value;
    return true;
}

bool desk_moment(struct desk_visit *v, struct str s, int64_t *out) {
    struct text_civil c = {0};
    bool sound = (s.n == 16 || s.n == 19) && digits(s, 0, 4, &c.year) && s.p[4] == '-' && digits(s, 5, 2, &c.month) &&
                 s.p[7] == '-' && digits(s, 8, 2, &c.day) && (s.p[10] == 'T' || s.p[10] == ' ') &&
                 digits(s, 11, 2, &c.hour) && s.p[13] == ':' && digits(s, 14, 2, &c.minute) &&
                 (s.n == 16 || (s.p[16] == ':' && digits(s, 17, 2, &c.second)));
    if (!sound || c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 || c.hour > 23 ||
        c.minute > 59 || c.second > 59)
        return false;
    *out = text_civil_to_us(v->site->zone, c);
    struct text_civil back = text_civil_of(v->site->zone, *out);
    return back.day == c.day && back.month == c.month; // 30 February is no day
}

struct str desk_number_text(struct desk_visit *v, int64_t n) {
    return text_number(v->a, v->lang, n);
}

struct str desk_isolated(struct desk_visit *v, struct str text) {
    return text.n > 0 && text_lang_is_rtl(v->lang) ? str_fmt(v->a, "\u2068%.*s\u2069", STR_ARG(text)) : text;
}

// "12.3 GB", in the words of disks: powers of ten.
struct str desk_size_text(struct desk_visit *v, int64_t bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB"};
    double size = (double)bytes / 1000;
    size_t i = 0;
    for (; size >= 1000 && i + 1 < sizeof units / sizeof units[0]; i++)
        size /= 1000;
    // A Latin unit behind a number that may be Arabic.
    return desk_isolated(v, str_fmt(v->a, "%.*s %s", STR_ARG(text_decimal(v->a, v->lang, size, size < 10)), units[i]));
}
