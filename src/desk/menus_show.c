// SPDX-License-Identifier: AGPL-3.0-or-later
// The menu of a language: its entries in order, hidden or not, and a form for one more or for the one that is changed.
// Each form carries the mark of the menu it was made from, so that nobody moves an entry he does not see.
#include "desk/routes.h"
#include "desk/standing.h"

struct menus {
    struct desk_visit *v;
    enum text_lang lang;
    struct menu_entry *rows;
    size_t n, at; // at: the entry in the form; n: a new one
    int64_t mark;
    struct menu_change change;
    struct news_changes changes;
};

static const struct {
    enum menu_target target;
    const char *value;
    enum text_word word;
} places[] = {{MENU_LIVE, "live", W_LIVE_STREAMING},
              {MENU_ARCHIVE, "archive", W_ARCHIVE},
              {MENU_SEARCH, "search", W_SEARCH},
              {MENU_FRONT, "front", W_HOME},
              {MENU_ADDRESS, "address", W_DESK_MENU_ADDRESS}};
enum { PLACES = sizeof places / sizeof places[0] };

static struct str menus_address(struct menus *m, const char *rest) {
    return str_fmt(m->v->a, "/desk/menus/%.*s%s", STR_ARG(text_lang_code(m->lang)), rest);
}

static enum rc load(struct menus *m) {
    struct desk_visit *v = m->v;
    if (!text_lang_find(v->req->params[0], &m->lang) || (v->site->languages & (1u << m->lang)) == 0)
        return RC_NOT_FOUND;
    if (!standing_may(v, MAY_EDIT_SETTINGS, m->lang))
        return RC_DENIED;
    enum rc rc = menu_all(v->a, v->db, m->lang, &m->rows, &m->n);
    m->at = m->n;
    if (rc == RC_OK)
        m->mark = menu_mark(v->a, m->rows, m->n);
    return rc;
}

// ---- showing -------------------------------------------------------------------------------------------------------------

static struct str entry_label(struct menus *m, const struct menu_entry *e) {
    if (e->label.n > 0 || e->name.n > 0)
        return e->label.n > 0 ? e->label : e->name;
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].target == e->target && e->target != MENU_ADDRESS)
            return text_word(m->lang, places[i].word); // as readers of that language see it
    return e->address;
}

static void entries_block(struct menus *m, struct view_desk_page *page) {
    struct desk_visit *v = m->v;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (m->n == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return;
    }
    struct view_desk_sort *sort = desk_sort(v, block, W_DESK_MENUS);
    for (size_t i = 0; i < m->n; i++) {
        const struct menu_entry *e = &m->rows[i];
        struct view_desk_sort_item *item =
            desk_sort_item(v, sort, menus_address(m, "/move"), standing_number(v, (int64_t)i + 1), entry_label(m, e));
        item->address = str_fmt(v->a, "%.*s?entry=%zu#f-target", STR_ARG(menus_address(m, "")), i + 1);
        item->note = e->address;
        item->mark = standing_number(v, m->mark);
        if (e->hidden || e->lost) {
            item->badge = desk_word(v, e->lost ? W_DESK_MENU_LOST : W_DESK_HIDDEN);
            item->tone = str_from(e->lost ? "bad" : "plain");
        }
        if (i > 0)
            desk_sort_way(v, item, "up", W_DESK_MOVE_UP);
        if (i + 1 < m->n)
            desk_sort_way(v, item, "down", W_DESK_MOVE_DOWN);
        desk_sort_way(v, item, e->hidden ? "show" : "hide", e->hidden ? W_DESK_SHOW : W_DESK_HIDE);
        desk_sort_way(v, item, "drop", W_DESK_REMOVE);
    }
}

static struct str target_value(struct menus *m, const struct menu_entry *e) {
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].target == e->target)
            return str_from(places[i].value);
    return str_fmt(m->v->a, "%c%lld", e->target == MENU_SECTION ? 's' : 'p', (long long)e->target_id);
}

static enum rc target_field(struct menus *m, struct view_desk_form *form, struct str value) {
    struct desk_visit *v = m->v;
    struct section *sections;
    struct page *pages;
    size_t section_n, page_n;
    enum rc rc = section_list(v->a, v->db, m->lang, &sections, &section_n);
    if (rc == RC_OK)
        rc = page_list(v->a, v->db, m->lang, &pages, &page_n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_field *f = desk_select(v, form, "target", W_DESK_MENU_TARGET, value);
    for (size_t i = 0; i < PLACES; i++)
        desk_choice(v, f, str_from(places[i].value), desk_word(v, places[i].word));
    for (size_t i = 0; i < section_n; i++)
        desk_choice(v, f, str_fmt(v->a, "s%lld", (long long)sections[i].id),
                    str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_word(v, W_DESK_SECTION)), STR_ARG(sections[i].name)));
    for (size_t i = 0; i < page_n; i++)
        desk_choice(v, f, str_fmt(v->a, "p%lld", (long long)pages[i].id),
                    str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_word(v, W_DESK_PAGE)), STR_ARG(pages[i].title)));
    return rc;
}

static enum rc form_block(struct menus *m, struct view_desk_page *page) {
    struct desk_visit *v = m->v;
    bool adds = m->at >= m->n;
    struct menu_entry none = {.target = MENU_LIVE};
    const struct menu_entry *e = adds ? &none : &m->rows[m->at];
    struct view_desk_block *block = desk_block(v, page, adds ? desk_word(v, W_DESK_MENU_ADD) : entry_label(m, e));
    struct view_desk_form *form = desk_form(v, block, menus_address(m, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", standing_number(v, m->mark));
    desk_hidden(v, form, "entry", standing_number(v, adds ? 0 : (int64_t)m->at + 1));
    enum rc rc = target_field(m, form, target_value(m, e));
    struct view_desk_field *f =
        desk_line(v, form, "address", W_DESK_MENU_ADDRESS, e->target == MENU_ADDRESS ? e->address : STR_NONE);
    f->max = 1000;
    desk_hint(v, f, W_DESK_MENU_ADDRESS_HINT);
    f = desk_line(v, form, "label", W_DESK_MENU_LABEL, e->label);
    f->max = 100;
    f->lang = text_lang_code(m->lang);
    f->dir = str_from(text_lang_is_rtl(m->lang) ? "rtl" : "ltr");
    desk_hint(v, f, W_DESK_MENU_LABEL_HINT);
    if (!adds)
        form->other = (struct view_desk_link){.label = desk_word(v, W_DESK_MENU_ADD), .address = menus_address(m, "")};
    return rc;
}

static enum rc menus_page(struct menus *m, int status) {
    struct desk_visit *v = m->v;
    struct view_desk_page *page = desk_page(v, W_DESK_MENUS);
    standing_tabs(v, page, MAY_EDIT_SETTINGS, "/desk/menus/", m->lang);
    entries_block(m, page);
    enum rc rc = form_block(m, page);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

static void take_entry(struct menus *m) {
    int64_t entry = 0;
    if (str_to_i64(desk_field(m->v, "entry"), &entry) && entry > 0 && (size_t)entry <= m->n)
        m->at = (size_t)entry - 1;
}

enum rc menus_first_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    enum text_lang lang;
    desk_begin(&v, req, reply);
    if (!standing_lang(&v, MAY_EDIT_SETTINGS, STR_NONE, &lang))
        return RC_DENIED;
    return desk_go(&v, str_fmt(v.a, "/desk/menus/%.*s", STR_ARG(text_lang_code(lang))), NULL);
}

enum rc menus_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct menus *m = ARENA_NEW(v.a, struct menus);
    m->v = &v;
    enum rc rc = load(m);
    if (rc == RC_OK)
        take_entry(m);
    return rc == RC_OK ? menus_page(m, 0) : rc;
}

// ---- changing ------------------------------------------------------------------------------------------------------------

static enum rc change(struct db *db, void *arg) {
    struct menus *m = arg;
    struct audit_who who = desk_who(m->v);
    m->changes = (struct news_changes){0};
    return menu_edit(m->v->a, db, &who, m->lang, m->mark, &m->change, &m->changes);
}

static enum rc write_change(struct menus *m, const char *said) {
    struct desk_visit *v = m->v;
    size_t at = m->at;
    if (!str_to_i64(desk_field(v, "version"), &m->mark))
        return RC_INVALID;
    enum rc rc = store_write(v->site->store, STORE_DURABLE, change, m);
    if (rc == RC_OK) {
        news_changes_raise(&m->changes);
        return desk_go(v, menus_address(m, ""), said);
    }
    if (rc != RC_BUSY && rc != RC_INVALID && rc != RC_TOO_BIG && rc != RC_NOT_FOUND)
        return rc;
    desk_fail(v, rc == RC_BUSY || rc == RC_NOT_FOUND ? W_DESK_MENU_MOVED
                 : rc == RC_TOO_BIG                  ? W_DESK_MENU_FULL
                                                     : W_DESK_MENU_BAD);
    bool moved = rc == RC_BUSY || rc == RC_NOT_FOUND;
    rc = load(m); // as it is by now; what was typed for an entry that may be another one becomes a new one
    m->at = moved ? m->n : at;
    return rc == RC_OK ? menus_page(m, moved ? 409 : 422) : rc;
}

static bool target_take(struct str value, struct menu_entry *e) {
    for (size_t i = 0; i < PLACES; i++)
        if (str_eq(value, str_from(places[i].value))) {
            e->target = places[i].target;
            return true;
        }
    e->target = value.n > 0 && value.p[0] == 's' ? MENU_SECTION : MENU_PAGE;
    return value.n > 1 && (value.p[0] == 's' || value.p[0] == 'p') &&
           str_to_i64(str_slice(value, 1, value.n), &e->target_id);
}

enum rc menus_save_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct menus *m = ARENA_NEW(v.a, struct menus);
    m->v = &v;
    enum rc rc = load(m);
    if (rc != RC_OK)
        return rc;
    take_entry(m);
    struct menu_entry e = {.label = desk_field(&v, "label"), .address = desk_field(&v, "address")};
    if (!target_take(desk_field(&v, "target"), &e))
        return RC_INVALID;
    if (e.target == MENU_ADDRESS && e.label.n == 0)
        desk_problem(&v, "label", W_FORM_REQUIRED);
    if (!desk_form_ok(&v))
        return menus_page(m, 422);
    m->change = (struct menu_change){.kind = MENU_PUT, .at = m->at, .entry = e};
    return write_change(m, "saved");
}

static bool way_take(struct menus *m, struct str way) {
    int64_t entry = 0, beside = 0;
    (void)str_to_i64(desk_field(m->v, "id"), &entry);
    (void)str_to_i64(desk_field(m->v, "beside"), &beside);
    if (entry < 1 || entry > MENU_MAX || beside < 0 || beside > MENU_MAX)
        return false;
    size_t at = (size_t)entry - 1, other = (size_t)beside - 1;
    m->change = (struct menu_change){.kind = MENU_MOVE, .at = at, .to = at};
    if (str_eq(way, STR("up")))
        m->change.to = at > 0 ? at - 1 : 0;
    else if (str_eq(way, STR("down")))
        m->change.to = at + 1;
    else if (str_eq(way, STR("before")) && beside > 0)
        m->change.to = other > at ? other - 1 : other;
    else if (str_eq(way, STR("after")) && beside > 0)
        m->change.to = other > at ? other : other + 1;
    else if (str_eq(way, STR("hide")))
        m->change.kind = MENU_HIDE;
    else if (str_eq(way, STR("show")))
        m->change.kind = MENU_SHOW;
    else if (str_eq(way, STR("drop")))
        m->change.kind = MENU_DROP;
    else
        return false;
    return true;
}

enum rc menus_move_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct menus *m = ARENA_NEW(v.a, struct menus);
    m->v = &v;
    enum rc rc = load(m);
    if (rc != RC_OK)
        return rc;
    return way_take(m, desk_field(&v, "way")) ? write_change(m, "saved") : RC_INVALID;
}
