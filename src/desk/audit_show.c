// SPDX-License-Identifier: AGPL-3.0-or-later
// The audit log: who did what to which thing, newest first, by person, thing and day.
#include "desk/audit_words.h"
#include "desk/parts.h"
#include "desk/routes.h"

enum { ROWS = 50 };

static bool read_day(struct desk_visit *v, const char *name, int days, int64_t *out) {
    struct str day = desk_field(v, name);
    uint64_t y, m, d;
    if (day.n == 0)
        return true;
    if (day.n != 10 || !str_to_u64(str_slice(day, 0, 4), &y) || !str_to_u64(str_slice(day, 5, 7), &m) ||
        !str_to_u64(str_slice(day, 8, 10), &d))
        return false;
    struct text_civil c = {.year = (int)y, .month = (int)m, .day = (int)d};
    *out = text_civil_to_us(v->site->zone, c) + days * US_PER_DAY;
    return true;
}

static bool read_query(struct desk_visit *v, struct audit_query *q) {
    *q = (struct audit_query){.kind = desk_field(v, "kind"), .limit = ROWS};
    (void)str_to_i64(desk_field(v, "account"), &q->account_id);
    (void)str_to_i64(desk_field(v, "id"), &q->id);
    (void)str_to_i64(desk_field(v, "before"), &q->before_number);
    return v->req->form_ok && read_day(v, "from", 0, &q->from_us) && read_day(v, "to", 1, &q->to_us);
}

static enum rc add_kinds(struct desk_visit *v, struct view_desk_form *form) {
    struct str *kinds;
    size_t count;
    enum rc rc = audit_kinds(v->a, v->db, &kinds, &count);
    struct view_desk_field *f = desk_select(v, form, "kind", W_DESK_KIND, STR_NONE);
    desk_choice(v, f, STR(""), desk_word(v, W_AUDIT_KIND_ANY));
    for (size_t i = 0; rc == RC_OK && i < count; i++)
        desk_choice(v, f, kinds[i], audit_kind_text(v, kinds[i]));
    return rc;
}

static enum rc add_filter(struct desk_visit *v, struct view_desk_page *page) {
    struct account *all;
    size_t count;
    enum rc rc = account_list(v->a, v->db, &all, &count);
    if (rc != RC_OK)
        return rc;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/audit"), W_FILTER);
    form->get = true;
    form->in_line = true;
    form->token = STR_NONE;
    struct view_desk_field *who = desk_select(v, form, "account", W_DESK_WHO, STR_NONE);
    desk_choice(v, who, STR(""), desk_word(v, W_DESK_EVERYBODY));
    for (size_t i = 0; i < count; i++)
        desk_choice(v, who, str_fmt(v->a, "%lld", (long long)all[i].id), all[i].name);
    rc = add_kinds(v, form);
    desk_line(v, form, "from", W_FROM_DATE, STR_NONE)->type = STR("date");
    desk_line(v, form, "to", W_TO_DATE, STR_NONE)->type = STR("date");
    return rc;
}

static void add_row(struct desk_visit *v, struct view_desk_table *table, const struct audit_entry *e) {
    desk_row(v, table);
    struct view_desk_cell *when = desk_cell(v, table, desk_date(v, e->at_us));
    when->note = str_fmt(v->a, "%lld", (long long)e->number);
    when->whole = true;
    desk_cell(v, table, audit_who_text(v, &e->who));
    desk_cell(v, table, audit_verb_text(v, e->verb));
    struct view_desk_cell *thing = desk_cell(v, table, audit_kind_text(v, e->kind));
    if (e->id != 0) {
        thing->text = str_fmt(v->a, "%.*s %lld", STR_ARG(thing->text), (long long)e->id);
        thing->address = str_fmt(v->a, "/desk/audit?kind=%.*s&id=%lld", STR_ARG(e->kind), (long long)e->id);
    }
    desk_cell(v, table, audit_change_text(v, e));
}

static struct str more_address(struct desk_visit *v, const struct audit_query *q, int64_t number) {
    struct str from = desk_field(v, "from"), to = desk_field(v, "to");
    return str_fmt(v->a, "/desk/audit?account=%lld&kind=%.*s&id=%lld&from=%.*s&to=%.*s&before=%lld",
                   (long long)q->account_id, STR_ARG(q->kind), (long long)q->id, STR_ARG(from), STR_ARG(to),
                   (long long)number);
}

enum rc audit_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct audit_query q;
    struct audit_entry *rows;
    size_t count = 0;
    bool more = false;
    desk_begin(&v, req, reply);
    struct view_desk_page *page = desk_page(&v, W_DESK_AUDIT);
    desk_intro(&v, page, W_DESK_AUDIT_NOTE);
    enum rc rc = add_filter(&v, page);
    if (rc == RC_OK && read_query(&v, &q))
        rc = audit_list(v.a, v.db, &q, &rows, &count, &more);
    if (rc != RC_OK)
        return rc;
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    if (count == 0) {
        block->empty = desk_word(&v, W_DESK_AUDIT_NONE);
        return desk_send(&v, page, req->form_ok ? 0 : 422);
    }
    struct view_desk_table *table = desk_table(&v, block, W_DESK_AUDIT);
    static const enum text_word columns[] = {W_DESK_WHEN, W_DESK_WHO, W_DESK_WHAT, W_DESK_THING, W_DESK_CHANGE};
    desk_columns(&v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < count; i++)
        add_row(&v, table, &rows[i]);
    if (more)
        table->more = (struct view_desk_link){.label = desk_word(&v, W_DESK_OLDER),
                                              .address = more_address(&v, &q, rows[count - 1].number)};
    return desk_send(&v, page, 0);
}
