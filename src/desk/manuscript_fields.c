// SPDX-License-Identifier: AGPL-3.0-or-later
// The extra fields in the editor's form: those of the text's section, each by its kind. They are sent in numbered fields
// beside a list of whose numbers they are, because a route names its fields and the station names its own.
#include "desk/manuscript.h"

enum { AREA_ROWS = 4 };

struct extras {
    struct extra_field *fields;
    size_t count;
};

// Of the text's section, or those that the form was sent with.
static size_t names_of(struct desk_visit *v, const struct extras *x, int64_t section_id, struct str out[ROWS_MAX]) {
    struct str sent = http_request_field(v->req, "extra_names"), word;
    size_t n = 0;
    if (v->req->method == HTTP_POST && sent.p != NULL) {
        while (n < ROWS_MAX && str_next(&sent, ' ', &word))
            out[n++] = word;
        return n;
    }
    for (size_t i = 0; i < x->count && n < ROWS_MAX; i++)
        if (extra_field_is_of(&x->fields[i], section_id))
            out[n++] = x->fields[i].name;
    return n;
}

static const char *slot_name(struct desk_visit *v, size_t i) {
    return str_fmt(v->a, "extra-%zu", i + 1).p;
}

// ---- showing -----------------------------------------------------------------------------------------------------------

static void choices_add(struct desk_visit *v, struct view_desk_field *f, const struct extra_field *field,
                        enum text_lang lang) {
    struct list_row row;
    desk_choice(v, f, STR(""), STR("—"));
    if (field->kind == EXTRA_FLAG) {
        desk_choice(v, f, STR("yes"), desk_word(v, W_YES));
        desk_choice(v, f, STR("no"), desk_word(v, W_NO));
    }
    for (struct str rest = field->common.choices; field->kind == EXTRA_CHOICE && rows_next(&rest, &row);)
        desk_choice(v, f, row.cells[0], extra_choice_words(field, lang, row.cells[0]));
    for (size_t i = 0; i < f->choices.n; i++)
        if (f->choices.items[i].chosen)
            return;
    struct view_desk_choice *c = desk_choice(v, f, f->value, f->value); // it is none of them any more, and stays
    c->chosen = true;
}

static struct view_desk_field *kind_field(struct desk_visit *v, struct view_desk_form *form, const char *name,
                                          const struct extra_field *field, enum text_lang lang, struct str value) {
    struct view_desk_field *f;
    value = extra_value_typed(v->a, value);
    switch (field->kind) {
    case EXTRA_TEXT:
        f = desk_area(v, form, name, W_DESK_FIELD, value, AREA_ROWS);
        break;
    case EXTRA_CHOICE:
    case EXTRA_FLAG:
        f = desk_select(v, form, name, W_DESK_FIELD, value);
        choices_add(v, f, field, lang);
        return f;
    case EXTRA_DATE:
        f = desk_line(v, form, name, W_DESK_FIELD, value);
        f->type = STR("date");
        return f;
    case EXTRA_NUMBER:
        f = desk_line(v, form, name, W_DESK_FIELD, value);
        f->input_mode = STR("decimal");
        return f;
    case EXTRA_LINK:
        f = desk_line(v, form, name, W_DESK_FIELD, value);
        desk_hint(v, f, W_DESK_FIELD_LINK_HINT);
        break;
    case EXTRA_LINE:
    case EXTRA_KINDS:
    default:
        f = desk_line(v, form, name, W_DESK_FIELD, value);
        break;
    }
    f->max = EXTRA_VALUE_MAX;
    f->lang = text_lang_code(lang);
    f->dir = field->kind == EXTRA_LINK ? STR("ltr") : str_from(text_lang_is_rtl(lang) ? "rtl" : "ltr");
    return f;
}

static void field_show(struct desk_visit *v, struct view_desk_form *form, size_t i, const struct extra_field *field,
                       enum text_lang lang, struct str value) {
    struct view_desk_field *f = kind_field(v, form, slot_name(v, i), field, lang, value);
    f->label = extra_field_label(field, lang);
    if (f->problem.n > 0)
        form->problems.items[form->problems.n - 1].label = f->label;
    if (!field->shown && f->hint.n == 0)
        desk_hint(v, f, W_DESK_FIELD_NOT_SHOWN);
}

static bool is_among(const struct str *names, size_t n, struct str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

// Values of fields that were deleted, or that other sections have: kept until somebody takes them out.
static void leftovers_show(struct desk_visit *v, struct view_desk_form *form, const struct extras *x,
                           enum text_lang lang, const struct str *names, size_t n, struct str rows) {
    struct view_desk_field *f = NULL;
    struct list_row row;
    while (rows_next(&rows, &row)) {
        const struct extra_field *field = extra_field_named(x->fields, x->count, row.cells[0]);
        if (is_among(names, n, row.cells[0]) && field != NULL)
            continue;
        if (f == NULL) {
            f = desk_checks(v, form, "extra_out", W_DESK_FIELD_TAKE_OUT, STR_NONE);
            desk_hint(v, f, W_DESK_FIELD_TAKE_OUT_HINT);
        }
        struct str label = field != NULL ? extra_field_label(field, lang) : row.cells[0];
        struct view_desk_choice *c = desk_choice(
            v, f, row.cells[0], str_fmt(v->a, "%.*s: %.*s", STR_ARG(label), STR_ARG(utf8_cut(row.cells[1], 300))));
        c->hint = desk_word(v, field != NULL ? W_DESK_FIELD_ELSEWHERE : W_DESK_FIELD_UNDEFINED);
    }
}

enum rc extra_fields_form(struct desk_visit *v, struct view_desk_form *form, enum text_lang lang,
                          const struct content *c) {
    struct extras x;
    struct str names[ROWS_MAX], joined = STR_NONE;
    enum rc rc = extra_field_list(v->a, v->db, &x.fields, &x.count);
    if (rc != RC_OK || (x.count == 0 && c->extra_fields.n == 0))
        return rc;
    size_t n = names_of(v, &x, c->section_id, names);
    if (n > 0)
        desk_part(v, form, desk_word(v, W_DESK_FIELDS));
    for (size_t i = 0; i < n; i++) {
        const struct extra_field *field = extra_field_named(x.fields, x.count, names[i]);
        if (field != NULL)
            field_show(v, form, i, field, lang, extra_value_of(c->extra_fields, names[i]));
        joined = str_fmt(v->a, "%.*s%s%.*s", STR_ARG(joined), i > 0 ? " " : "", STR_ARG(names[i]));
    }
    if (n > 0)
        desk_hidden(v, form, "extra_names", joined);
    leftovers_show(v, form, &x, lang, names, n, c->extra_fields);
    return RC_OK;
}

// ---- taking back -------------------------------------------------------------------------------------------------------

struct sheet {
    struct list_row rows[2 * ROWS_MAX];
    size_t n;
};

static struct list_row *row_named(struct sheet *s, struct str name) {
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->rows[i].cells[0], name))
            return &s->rows[i];
    return NULL;
}

static void sheet_of(struct desk_visit *v, struct str rows, struct sheet *s) {
    struct str outs = desk_field(v, "extra_out"), name;
    struct list_row *row;
    while (s->n < ROWS_MAX && rows_next(&rows, &s->rows[s->n]))
        s->n++;
    while (str_next(&outs, ' ', &name))
        if ((row = row_named(s, name)) != NULL)
            row->cells[1] = STR_NONE; // a row without a value is none
}

static enum text_word fault_word(enum extra_fault fault) {
    static const enum text_word words[] = {
        [EXTRA_TOO_LONG] = W_FORM_TOO_LONG,         [EXTRA_NO_LINE] = W_FORM_BAD_TEXT,
        [EXTRA_NO_NUMBER] = W_DESK_FIELD_NO_NUMBER, [EXTRA_NO_DATE] = W_FORM_BAD_DATE,
        [EXTRA_NO_LINK] = W_DESK_FIELD_NO_LINK,     [EXTRA_NO_CHOICE] = W_DESK_FIELD_NO_CHOICE,
    };
    return words[fault];
}

// What was not changed stays as it is, even if its field would not take it today.
static void value_take(struct desk_visit *v, const char *slot, const struct extra_field *field, struct sheet *s) {
    struct str typed = http_request_field(v->req, slot), taken;
    struct list_row *row = row_named(s, field->name);
    if (typed.p == NULL)
        return;
    typed = str_trim(typed);
    if (row != NULL && str_eq(str_trim(extra_value_typed(v->a, row->cells[1])), typed))
        return;
    enum extra_fault fault = extra_value_take(v->a, field, typed, &taken);
    if (fault != EXTRA_FINE) {
        desk_problem(v, slot, fault_word(fault));
        return;
    }
    if (row == NULL) {
        row = &s->rows[s->n++];
        row->cells[0] = field->name;
    }
    row->cells[1] = taken;
}

enum rc extra_fields_take(struct desk_visit *v, struct content *c) {
    struct extras x;
    struct str names[ROWS_MAX];
    if (http_request_field(v->req, "extra_names").p == NULL && http_request_field(v->req, "extra_out").p == NULL)
        return RC_OK;
    enum rc rc = extra_field_list(v->a, v->db, &x.fields, &x.count);
    if (rc != RC_OK)
        return rc;
    struct sheet *s = ARENA_NEW(v->a, struct sheet);
    sheet_of(v, c->extra_fields, s);
    size_t n = names_of(v, &x, c->section_id, names);
    for (size_t i = 0; i < n; i++) {
        const struct extra_field *field = extra_field_named(x.fields, x.count, names[i]);
        if (field != NULL)
            value_take(v, slot_name(v, i), field, s);
    }
    c->extra_fields = rows_write(v->a, &rows_extra, s->rows, s->n);
    return RC_OK;
}

// ---- in words ------------------------------------------------------------------------------------------------------------

static struct str row_words(struct desk_visit *v, const struct extras *x, enum text_lang lang,
                            const struct list_row *row) {
    struct str label = row->cells[0], value = extra_value_typed(v->a, row->cells[1]);
    const struct extra_field *field = extra_field_named(x->fields, x->count, row->cells[0]);
    if (field != NULL) {
        label = extra_field_label(field, lang);
        if (field->kind == EXTRA_CHOICE)
            value = extra_choice_words(field, lang, value);
    }
    return str_fmt(v->a, "%.*s: %.*s", STR_ARG(label), STR_ARG(value));
}

// Without the fields, which are not there or cannot be read, their names stand.
struct str extra_rows_words(struct desk_visit *v, enum text_lang lang, struct str rows) {
    struct extras x = {0};
    struct list_row row;
    struct str out = STR_NONE;
    if (rows.n == 0 || extra_field_list(v->a, v->db, &x.fields, &x.count) != RC_OK)
        x.count = 0;
    while (rows_next(&rows, &row)) {
        struct str words = row_words(v, &x, lang, &row);
        out = out.n > 0 ? str_fmt(v->a, "%.*s\n%.*s", STR_ARG(out), STR_ARG(words)) : words;
    }
    return out;
}
