// SPDX-License-Identifier: AGPL-3.0-or-later
// The extra fields that the station defines: in order, made, worded in each language, given to sections, deleted.
#include "desk/names.h"
#include "desk/routes.h"

enum { CHOICES_CHARS = 6000 };

struct fields {
    struct desk_visit *v;
    struct extra_field field; // id 0: a new one
    struct extra_field_edit edit;
    enum place_way way;
    int64_t id, beside;
    struct news_changes changes;
    struct problem problem;
};

static struct fields *fields_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    struct fields *s = ARENA_NEW(v->a, struct fields);
    s->v = v;
    return s;
}

static struct str field_address(struct fields *s, const char *rest) {
    return str_fmt(s->v->a, "/desk/fields/%lld%s", (long long)s->field.id, rest);
}

static enum rc find(struct fields *s) {
    return extra_field_by_id(s->v->a, s->v->db, desk_number(s->v, 0), &s->field);
}

static bool is_on(const struct desk_visit *v, int lang) {
    return (v->site->languages & (1u << lang)) != 0;
}

static enum text_word kind_word(enum extra_kind kind) {
    static const enum text_word words[EXTRA_KINDS] = {
        [EXTRA_LINE] = W_DESK_FIELD_KIND_LINE,     [EXTRA_TEXT] = W_DESK_FIELD_KIND_TEXT,
        [EXTRA_NUMBER] = W_DESK_FIELD_KIND_NUMBER, [EXTRA_DATE] = W_DESK_FIELD_KIND_DATE,
        [EXTRA_LINK] = W_DESK_FIELD_KIND_LINK,     [EXTRA_CHOICE] = W_DESK_FIELD_KIND_CHOICE,
        [EXTRA_FLAG] = W_DESK_FIELD_KIND_FLAG};
    return words[kind];
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static struct str where_words(struct desk_visit *v, const struct extra_field *f) {
    struct section section;
    struct str out = STR_NONE;
    if (f->everywhere)
        return desk_word(v, W_DESK_FIELD_EVERYWHERE);
    for (size_t i = 0; i < f->section_count; i++) {
        if (section_by_id(v->a, v->db, f->sections[i], &section) != RC_OK)
            continue;
        struct str one = str_fmt(v->a, "%.*s (%.*s)", STR_ARG(section.name), STR_ARG(text_lang_name(section.lang)));
        out = out.n > 0 ? str_fmt(v->a, "%.*s · %.*s", STR_ARG(out), STR_ARG(one)) : one;
    }
    return out.n > 0 ? out : desk_word(v, W_DESK_FIELD_NOWHERE);
}

static void item_show(struct desk_visit *v, struct view_desk_sort *sort, const struct extra_field *f, size_t i,
                      size_t n) {
    struct view_desk_sort_item *item =
        desk_sort_item(v, sort, STR("/desk/fields/move"), standing_number(v, f->id), extra_field_label(f, v->lang));
    item->address = str_fmt(v->a, "/desk/fields/%lld", (long long)f->id);
    item->note = str_fmt(v->a, "%.*s · %.*s", STR_ARG(desk_word(v, kind_word(f->kind))), STR_ARG(where_words(v, f)));
    if (!f->shown) {
        item->badge = desk_word(v, W_DESK_FIELD_STAFF_ONLY);
        item->tone = STR("plain");
    }
    if (i > 0)
        desk_sort_way(v, item, "up", W_DESK_MOVE_UP);
    if (i + 1 < n)
        desk_sort_way(v, item, "down", W_DESK_MOVE_DOWN);
}

enum rc fields_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct extra_field *rows;
    size_t n;
    desk_begin(&v, req, reply);
    enum rc rc = extra_field_list(v.a, v.db, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_FIELDS);
    desk_action(&v, page, W_DESK_FIELD_NEW, STR("/desk/fields/new"));
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    block->text = desk_word(&v, W_DESK_FIELDS_TEXT);
    if (n == 0)
        block->empty = desk_word(&v, W_DESK_LIST_NONE);
    struct view_desk_sort *sort = n > 0 ? desk_sort(&v, block, W_DESK_FIELDS) : NULL;
    for (size_t i = 0; i < n; i++)
        item_show(&v, sort, &rows[i], i, n);
    return desk_send(&v, page, 0);
}

static enum rc move(struct db *db, void *arg) {
    struct fields *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return extra_field_reorder(s->v->a, db, &who, s->id, s->way, s->beside, &s->changes);
}

enum rc fields_move_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fields *s = fields_begin(&v, req, reply);
    (void)str_to_i64(desk_field(&v, "id"), &s->id);
    (void)str_to_i64(desk_field(&v, "beside"), &s->beside);
    if (!place_way_find(desk_field(&v, "way"), &s->way))
        return RC_INVALID;
    enum rc rc = store_write(v.site->store, STORE_DURABLE, move, s);
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    return desk_go(&v, STR("/desk/fields"), "moved");
}

// ---- the form of one -----------------------------------------------------------------------------------------------------

static const char *name_in(struct desk_visit *v, const char *name, int lang) {
    return lang == LANG_COUNT ? name : str_fmt(v->a, "%s-%.*s", name, STR_ARG(text_lang_code((enum text_lang)lang))).p;
}

static void in_lang(struct view_desk_form *form, struct desk_visit *v, struct view_desk_field *f, int lang) {
    if (lang == LANG_COUNT)
        return;
    f->label = str_fmt(v->a, "%.*s: %.*s", STR_ARG(f->label), STR_ARG(text_lang_name((enum text_lang)lang)));
    f->lang = text_lang_code((enum text_lang)lang);
    f->dir = str_from(text_lang_is_rtl((enum text_lang)lang) ? "rtl" : "ltr");
    if (f->problem.n > 0)
        form->problems.items[form->problems.n - 1].label = f->label;
}

static struct extra_words *words_of(struct extra_field *f, int lang) {
    return lang == LANG_COUNT ? &f->common : &f->words[lang];
}

// One a line, "stored = words".
static struct str choices_text(struct desk_visit *v, struct str rows) {
    struct list_row row;
    struct str out = STR_NONE;
    while (rows_next(&rows, &row))
        out = str_fmt(v->a, "%.*s%s%.*s = %.*s", STR_ARG(out), out.n > 0 ? "\n" : "", STR_ARG(row.cells[0]),
                      STR_ARG(row.cells[1]));
    return out;
}

static void words_fields(struct fields *s, struct view_desk_form *form) {
    struct desk_visit *v = s->v;
    for (int i = -1; i < LANG_COUNT; i++) {
        int lang = i < 0 ? LANG_COUNT : i;
        if (i >= 0 && !is_on(v, lang))
            continue;
        struct view_desk_field *f =
            desk_line(v, form, name_in(v, "label", lang), W_DESK_FIELD_LABEL, words_of(&s->field, lang)->label);
        f->max = EXTRA_LABEL_MAX;
        if (i < 0)
            desk_hint(v, f, W_DESK_FIELD_LABEL_HINT);
        in_lang(form, v, f, lang);
    }
}

// In each language once it is known to be a choice.
static void choices_fields(struct fields *s, struct view_desk_form *form) {
    struct desk_visit *v = s->v;
    for (int i = -1; i < LANG_COUNT; i++) {
        int lang = i < 0 ? LANG_COUNT : i;
        if (i >= 0 && (!is_on(v, lang) || s->field.kind != EXTRA_CHOICE))
            continue;
        struct view_desk_field *f = desk_area(v, form, name_in(v, "choices", lang), W_DESK_FIELD_CHOICES,
                                              choices_text(v, words_of(&s->field, lang)->choices), 4);
        f->max = CHOICES_CHARS;
        if (i < 0)
            desk_hint(v, f, W_DESK_FIELD_CHOICES_HINT);
        in_lang(form, v, f, lang);
    }
}

static enum rc sections_field(struct fields *s, struct view_desk_form *form) {
    struct desk_visit *v = s->v;
    struct str chosen = STR_NONE;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < s->field.section_count; i++)
        chosen = str_fmt(v->a, "%.*s %lld", STR_ARG(chosen), (long long)s->field.sections[i]);
    struct view_desk_field *f = desk_checks(v, form, "sections", W_DESK_SECTIONS, chosen);
    for (int lang = 0; lang < LANG_COUNT && rc == RC_OK; lang++) {
        struct section *rows;
        size_t n = 0;
        if (is_on(v, lang))
            rc = section_list(v->a, v->db, (enum text_lang)lang, &rows, &n);
        for (size_t i = 0; i < n && rc == RC_OK; i++)
            desk_choice(
                v, f, standing_number(v, rows[i].id),
                str_fmt(v->a, "%.*s (%.*s)", STR_ARG(rows[i].name), STR_ARG(text_lang_name((enum text_lang)lang))));
    }
    return rc;
}

static enum rc form_fields(struct fields *s, struct view_desk_form *form) {
    struct desk_visit *v = s->v;
    words_fields(s, form);
    if (s->field.id == 0) {
        struct view_desk_field *name = desk_line(v, form, "name", W_DESK_FIELD_NAME, STR_NONE);
        name->max = EXTRA_NAME_MAX;
        name->dir = STR("ltr");
        desk_hint(v, name, W_DESK_FIELD_NAME_HINT);
    }
    struct view_desk_field *f = desk_select(v, form, "kind", W_DESK_FIELD_KIND, extra_kind_name(s->field.kind));
    for (int kind = 1; kind < EXTRA_KINDS; kind++)
        desk_choice(v, f, extra_kind_name((enum extra_kind)kind), desk_word(v, kind_word((enum extra_kind)kind)));
    desk_hint(v, f, W_DESK_FIELD_KIND_HINT);
    choices_fields(s, form);
    desk_tick(v, form, "shown", W_DESK_FIELD_SHOWN, s->field.shown);
    desk_tick(v, form, "everywhere", W_DESK_FIELD_EVERYWHERE, s->field.everywhere);
    return sections_field(s, form);
}

static void delete_block(struct fields *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_FIELD_DELETE));
    block->text = desk_word(v, W_DESK_FIELD_DELETE_TEXT);
    struct view_desk_form *form = desk_form(v, block, field_address(s, "/delete"), W_DESK_FIELD_DELETE);
    form->danger = form->quiet = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
}

static enum rc one_page(struct fields *s, int status) {
    struct desk_visit *v = s->v;
    bool adds = s->field.id == 0;
    struct view_desk_page *page =
        adds ? desk_page(v, W_DESK_FIELD_NEW) : desk_page_named(v, extra_field_label(&s->field, v->lang));
    desk_crumb(v, page, desk_word(v, W_DESK_FIELDS), STR("/desk/fields"));
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (!adds)
        desk_fact(v, block, W_DESK_FIELD_NAME, s->field.name);
    struct view_desk_form *form =
        desk_form(v, block, adds ? STR("/desk/fields/new") : field_address(s, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", standing_number(v, s->field.version));
    enum rc rc = form_fields(s, form);
    if (!adds)
        delete_block(s, page);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc field_new_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fields *s = fields_begin(&v, req, reply);
    s->field.shown = true;
    s->field.kind = EXTRA_LINE;
    return one_page(s, 0);
}

enum rc field_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fields *s = fields_begin(&v, req, reply);
    enum rc rc = find(s);
    return rc == RC_OK ? one_page(s, 0) : rc;
}

// ---- taking back -------------------------------------------------------------------------------------------------------

// A line without '=' is words alone: what is stored is made from them.
static struct str choices_take(struct desk_visit *v, struct str typed) {
    struct str line, out = STR_NONE;
    while (str_next(&typed, '\n', &line)) {
        size_t at;
        struct str words = str_trim(line), stored;
        if (words.n == 0)
            continue;
        if (str_find_char(words, '=', &at)) {
            stored = str_trim(str_slice(words, 0, at));
            words = str_trim(str_slice(words, at + 1, words.n));
        } else {
            stored = utf8_cut(text_slug(v->a, v->lang, words), EXTRA_NAME_MAX);
            while (stored.n > 0 && stored.p[stored.n - 1] == '-')
                stored.n--;
        }
        out = str_fmt(v->a, "%.*s%s%.*s\t%.*s", STR_ARG(out), out.n > 0 ? "\n" : "",
                      STR_ARG(stored.n > 0 ? stored : STR("?")), STR_ARG(words)); // '?' is refused with a sentence
    }
    return out;
}

static void words_take(struct fields *s, struct extra_field *f) {
    struct desk_visit *v = s->v;
    for (int lang = 0; lang <= LANG_COUNT; lang++) {
        struct str label = http_request_field(v->req, name_in(v, "label", lang));
        struct str choices = http_request_field(v->req, name_in(v, "choices", lang));
        if (label.p != NULL)
            words_of(f, lang)->label = str_trim(label);
        if (choices.p != NULL)
            words_of(f, lang)->choices = choices_take(v, choices);
    }
}

static void sections_take(struct fields *s, struct extra_field *f) {
    struct desk_visit *v = s->v;
    struct str all = desk_field(v, "sections"), rest = all, word;
    size_t n = 0;
    while (str_next(&rest, ' ', &word))
        n++;
    f->sections = ARENA_ARRAY(v->a, int64_t, n + 1);
    f->section_count = 0;
    while (str_next(&all, ' ', &word))
        f->section_count += str_to_i64(word, &f->sections[f->section_count]);
}

static enum rc save(struct db *db, void *arg) {
    struct fields *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    s->problem = (struct problem){""};
    return extra_field_edit(s->v->a, db, &who, &s->edit, &s->id, &s->changes, &s->problem);
}

static enum rc save_form(struct fields *s) {
    struct desk_visit *v = s->v;
    struct extra_field *f = &s->edit.field;
    *f = s->field;
    if (s->field.id == 0)
        f->name = desk_field(v, "name");
    if (!extra_kind_find(desk_field(v, "kind"), &f->kind))
        return RC_INVALID; // no page of ours sends that
    f->shown = desk_field(v, "shown").n > 0;
    f->everywhere = desk_field(v, "everywhere").n > 0;
    words_take(s, f);
    sections_take(s, f);
    (void)str_to_i64(desk_field(v, "version"), &s->edit.base_version);
    enum rc rc = v->req->form_ok ? store_write(v->site->store, STORE_DURABLE, save, s) : RC_INVALID;
    int status = names_refused(v, &rc, &s->problem);
    if (status != 0) { // with what stands there by now, and what was typed
        rc = s->field.id != 0 ? find(s) : RC_OK;
        s->field.kind = f->kind;
        return rc == RC_OK ? one_page(s, status) : rc;
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    s->field.id = s->id;
    return desk_go(v, field_address(s, ""), "saved");
}

enum rc field_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fields *s = fields_begin(&v, req, reply);
    s->field.kind = EXTRA_LINE;
    return save_form(s);
}

enum rc field_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fields *s = fields_begin(&v, req, reply);
    enum rc rc = find(s);
    return rc == RC_OK ? save_form(s) : rc;
}

static enum rc take_away(struct db *db, void *arg) {
    struct fields *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return extra_field_delete(s->v->a, db, &who, s->field.id, &s->changes);
}

enum rc field_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fields *s = fields_begin(&v, req, reply);
    enum rc rc = find(s);
    if (rc != RC_OK)
        return rc;
    if (!req->form_ok)
        return desk_go(&v, field_address(s, ""), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, take_away, s);
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    return desk_go(&v, STR("/desk/fields"), "deleted");
}
