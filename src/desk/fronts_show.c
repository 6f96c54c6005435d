// SPDX-License-Identifier: AGPL-3.0-or-later
// The front page of a language as its editors arrange it: the lead, what is pinned, which sections have a block.
#include "desk/manuscript.h"
#include "desk/routes.h"
#include "desk/standing.h"

struct fronts {
    struct desk_visit *v;
    enum text_lang lang;
    struct front_arrangement front;
    struct section *sections;
    size_t section_count;
    struct front_change change;
    struct news_changes changes;
    struct problem problem;
};

static struct str fronts_address(struct fronts *f, const char *rest) {
    return str_fmt(f->v->a, "/desk/front/%.*s%s", STR_ARG(text_lang_code(f->lang)), rest);
}

static enum rc load(struct fronts *f) {
    struct desk_visit *v = f->v;
    if (!text_lang_find(v->req->params[0], &f->lang) || (v->site->languages & (1u << f->lang)) == 0)
        return RC_NOT_FOUND;
    if (!standing_may(v, MAY_EDIT_PAGES, f->lang))
        return RC_DENIED;
    enum rc rc = front_load(v->a, v->db, f->lang, &f->front);
    return rc == RC_OK ? front_sections(v->a, v->db, f->lang, &f->sections, &f->section_count) : rc;
}

// ---- showing -------------------------------------------------------------------------------------------------------------

static void pin_item(struct fronts *f, struct view_desk_sort *sort, size_t i) {
    struct desk_visit *v = f->v;
    const struct front_pin *p = &f->front.pins[i];
    int64_t until;
    struct view_desk_sort_item *item =
        desk_sort_item(v, sort, fronts_address(f, "/pins"), standing_number(v, p->number), p->headline);
    item->address = link_short(v->a, p->number);
    if (p->until_at != 0)
        item->note =
            str_fmt(v->a, "%.*s: %.*s", STR_ARG(desk_word(v, W_DESK_FRONT_UNTIL)), STR_ARG(desk_date(v, p->until_at)));
    if (!front_pin_shows(p, v->now, &until)) {
        item->badge = desk_word(v, W_DESK_HIDDEN);
        item->tone = STR("bad");
    } else if (p->leads) {
        item->badge = desk_word(v, W_DESK_FRONT_LEAD);
        item->tone = STR("good");
    }
    if (!p->leads) {
        desk_sort_way(v, item, "lead", W_DESK_FRONT_LEADS);
        if (i > 0 && !f->front.pins[i - 1].leads)
            desk_sort_way(v, item, "up", W_DESK_MOVE_UP);
    }
    if (i + 1 < f->front.count)
        desk_sort_way(v, item, "down", W_DESK_MOVE_DOWN);
    desk_sort_way(v, item, "drop", W_DESK_REMOVE);
}

static void pins_block(struct fronts *f, struct view_desk_page *page) {
    struct desk_visit *v = f->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_FRONT_PINS));
    block->text = desk_word(v, W_DESK_FRONT_PINS_TEXT);
    if (f->front.count == 0)
        block->empty = desk_word(v, W_DESK_LIST_NONE);
    struct view_desk_sort *sort = f->front.count > 0 ? desk_sort(v, block, W_DESK_FRONT_PINS) : NULL;
    for (size_t i = 0; i < f->front.count; i++)
        pin_item(f, sort, i);
    struct view_desk_form *form = desk_form(v, block, fronts_address(f, ""), W_DESK_FRONT_PIN);
    struct view_desk_field *field = desk_line(v, form, "article", W_DESK_FRONT_ARTICLE, desk_field(v, "pin"));
    field->max = 500;
    desk_hint(v, field, W_DESK_FRONT_ARTICLE_HINT);
    field = desk_line(v, form, "until", W_DESK_FRONT_UNTIL, STR_NONE);
    field->type = STR("datetime-local");
    desk_hint(v, field, W_DESK_EXPIRES_HINT);
    desk_tick(v, form, "leads", W_DESK_FRONT_LEADS, false);
}

static void sections_block(struct fronts *f, struct view_desk_page *page) {
    struct desk_visit *v = f->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_SECTIONS));
    if (f->section_count == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return;
    }
    block->text = desk_word(v, W_DESK_FRONT_SECTIONS_TEXT);
    struct view_desk_sort *sort = desk_sort(v, block, W_DESK_SECTIONS);
    for (size_t i = 0; i < f->section_count; i++) {
        const struct section *s = &f->sections[i];
        struct view_desk_sort_item *item =
            desk_sort_item(v, sort, fronts_address(f, "/sections"), standing_number(v, s->id), s->name);
        if (!s->on_front) {
            item->badge = desk_word(v, W_DESK_HIDDEN);
            item->tone = STR("plain");
        }
        if (i > 0)
            desk_sort_way(v, item, "up", W_DESK_MOVE_UP);
        if (i + 1 < f->section_count)
            desk_sort_way(v, item, "down", W_DESK_MOVE_DOWN);
        desk_sort_way(v, item, s->on_front ? "hide" : "show", s->on_front ? W_DESK_HIDE : W_DESK_SHOW);
    }
}

static enum rc fronts_page(struct fronts *f, int status) {
    struct desk_visit *v = f->v;
    struct view_desk_page *page = desk_page(v, W_DESK_FRONT);
    desk_action(v, page, W_DESK_PUBLIC_PAGE, link_front(v->a, f->lang));
    standing_tabs(v, page, MAY_EDIT_PAGES, "/desk/front/", f->lang);
    pins_block(f, page);
    sections_block(f, page);
    return desk_send(v, page, status);
}

enum rc fronts_first_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    enum text_lang lang;
    desk_begin(&v, req, reply);
    if (!standing_lang(&v, MAY_EDIT_PAGES, STR_NONE, &lang))
        return RC_DENIED;
    return desk_go(&v, str_fmt(v.a, "/desk/front/%.*s", STR_ARG(text_lang_code(lang))), NULL);
}

static enum rc begin(struct fronts **out, struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    *out = ARENA_NEW(v->a, struct fronts);
    (*out)->v = v;
    return load(*out);
}

enum rc fronts_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fronts *f;
    enum rc rc = begin(&f, &v, req, reply);
    return rc == RC_OK ? fronts_page(f, 0) : rc;
}

// ---- changing ------------------------------------------------------------------------------------------------------------

static enum rc change_pins(struct db *db, void *arg) {
    struct fronts *f = arg;
    struct audit_who who = desk_who(f->v);
    f->changes = (struct news_changes){0};
    return front_pin_edit(f->v->a, db, &who, f->lang, &f->change, f->v->now, &f->changes, &f->problem);
}

static enum rc change_sections(struct db *db, void *arg) {
    struct fronts *f = arg;
    struct audit_who who = desk_who(f->v);
    f->changes = (struct news_changes){0};
    return front_section_edit(f->v->a, db, &who, f->lang, &f->change, &f->changes);
}

static enum rc changed(struct fronts *f, store_write_fn change) {
    enum rc rc = store_write(f->v->site->store, STORE_DURABLE, change, f);
    if (rc == RC_INVALID) {
        enum text_word w;
        must(text_word_find(str_fmt(f->v->a, "desk_%s", f->problem.text), &w));
        desk_problem(f->v, strcmp(f->problem.text, "front_until_past") == 0 ? "until" : "article", w);
        return fronts_page(f, 422);
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&f->changes);
    return desk_go(f->v, fronts_address(f, ""), "saved");
}

// A number, or an address that ends in one and perhaps words: "/en/news/123-a-port-reopens", "/n/123".
static int64_t article_number(struct str typed) {
    size_t from = 0, to;
    for (size_t i = 0; i < typed.n && typed.p[i] != '?' && typed.p[i] != '#'; i++)
        if (typed.p[i] == '/')
            from = i + 1;
    for (to = from; to < typed.n && typed.p[to] >= '0' && typed.p[to] <= '9'; to++)
        ;
    int64_t number;
    return str_to_i64(str_slice(typed, from, to), &number) ? number : 0;
}

enum rc fronts_pin_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct fronts *f;
    enum rc rc = begin(&f, &v, req, reply);
    if (rc != RC_OK)
        return rc;
    f->change = (struct front_change){
        .way = FRONT_PIN, .number = article_number(desk_field(&v, "article")), .leads = desk_field(&v, "leads").n > 0};
    time_field_take(&v, "until", &f->change.until_at);
    return desk_form_ok(&v) ? changed(f, change_pins) : fronts_page(f, 422);
}

static enum rc way_post(struct http_request *req, struct http_reply *reply, bool of_sections) {
    struct desk_visit v;
    struct fronts *f;
    enum rc rc = begin(&f, &v, req, reply);
    if (rc != RC_OK)
        return rc;
    bool known = front_way_find(desk_field(&v, "way"), &f->change.way);
    bool of_both = f->change.way <= FRONT_AFTER, shows = f->change.way == FRONT_SHOW || f->change.way == FRONT_HIDE;
    (void)str_to_i64(desk_field(&v, "beside"), &f->change.beside);
    if (!known || !(of_both || shows == of_sections) || !str_to_i64(desk_field(&v, "id"), &f->change.number))
        return RC_INVALID;
    return changed(f, of_sections ? change_sections : change_pins);
}

enum rc fronts_pins_post(struct http_request *req, struct http_reply *reply) {
    return way_post(req, reply, false);
}

enum rc fronts_sections_post(struct http_request *req, struct http_reply *reply) {
    return way_post(req, reply, true);
}
