// SPDX-License-Identifier: AGPL-3.0-or-later
// The standing pages of a language as a tree that can be put in order, and beginning a new one.
#include "desk/routes.h"
#include "desk/standing.h"

static void page_badge(struct desk_visit *v, const struct page *p, struct view_desk_sort_item *item) {
    if (p->state == PAGE_PUBLISHED)
        return;
    item->badge = desk_word(v, p->state == PAGE_DRAFT ? W_DESK_STATE_DRAFT : W_DESK_STATE_WITHDRAWN);
    item->tone = str_from(p->state == PAGE_DRAFT ? "plain" : "bad");
}

static bool has_sibling(const struct page *rows, size_t from, size_t to, int64_t parent) {
    for (size_t i = from; i < to; i++)
        if (rows[i].parent_id == parent)
            return true;
    return false;
}

// Only the ways that lead somewhere.
static void ways(struct desk_visit *v, struct view_desk_sort_item *item, const struct page *rows, size_t n, size_t i) {
    if (has_sibling(rows, 0, i, rows[i].parent_id)) {
        desk_sort_way(v, item, "up", W_DESK_MOVE_UP);
        desk_sort_way(v, item, "in", W_DESK_MOVE_IN);
    }
    if (has_sibling(rows, i + 1, n, rows[i].parent_id))
        desk_sort_way(v, item, "down", W_DESK_MOVE_DOWN);
    if (rows[i].parent_id != 0)
        desk_sort_way(v, item, "out", W_DESK_MOVE_OUT);
}

static enum rc list_page(struct desk_visit *v, enum text_lang lang, int status) {
    struct page *rows;
    size_t n;
    enum rc rc = page_list(v->a, v->db, lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_PAGES);
    desk_action(v, page, W_DESK_PAGE_NEW, str_fmt(v->a, "/desk/pages/new?lang=%.*s", STR_ARG(text_lang_code(lang))));
    standing_tabs(v, page, MAY_EDIT_PAGES, "/desk/pages?lang=", lang);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (n == 0) {
        block->empty = desk_word(v, W_DESK_LIST_NONE);
        return desk_send(v, page, status);
    }
    block->text = desk_word(v, W_DESK_PAGES_ORDER);
    struct view_desk_sort *sort = desk_sort(v, block, W_DESK_PAGES);
    sort->tree = true;
    for (size_t i = 0; i < n; i++) {
        struct view_desk_sort_item *item = desk_sort_item(v, sort, standing_address(v, rows[i].id, "/move"),
                                                          standing_number(v, rows[i].id), rows[i].title);
        item->address = standing_address(v, rows[i].id, "");
        item->note = link_page(v->a, lang, rows[i].path);
        item->depth = standing_depth(&rows[i]);
        page_badge(v, &rows[i], item);
        ways(v, item, rows, n, i);
    }
    return desk_send(v, page, status);
}

enum rc standing_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    enum text_lang lang;
    desk_begin(&v, req, reply);
    return standing_lang(&v, MAY_EDIT_PAGES, desk_field(&v, "lang"), &lang) ? list_page(&v, lang, 0) : RC_DENIED;
}

// ---- moving ------------------------------------------------------------------------------------------------------------

struct moving {
    struct desk_visit *v;
    int64_t id, beside;
    enum page_way way;
    struct news_changes changes;
    struct problem problem;
};

static enum rc move(struct db *db, void *arg) {
    struct moving *m = arg;
    struct audit_who who = desk_who(m->v);
    m->changes = (struct news_changes){0};
    return page_move(m->v->a, db, &who, m->id, m->way, m->beside, &m->changes, &m->problem);
}

enum rc standing_move_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct page page;
    desk_begin(&v, req, reply);
    struct moving *m = ARENA_NEW(v.a, struct moving);
    *m = (struct moving){.v = &v, .id = desk_number(&v, 0)};
    enum rc rc = page_by_id(v.a, v.db, m->id, &page);
    if (rc == RC_OK && !standing_may(&v, MAY_EDIT_PAGES, page.lang))
        rc = RC_DENIED;
    if (rc != RC_OK)
        return rc;
    (void)str_to_i64(desk_field(&v, "beside"), &m->beside);
    if (!page_way_find(desk_field(&v, "way"), &m->way))
        return RC_INVALID;
    rc = store_write(v.site->store, STORE_DURABLE, move, m);
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        standing_fail(&v, &m->problem);
        return list_page(&v, page.lang, 422);
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&m->changes);
    return desk_go(&v, str_fmt(v.a, "/desk/pages?lang=%.*s", STR_ARG(text_lang_code(page.lang))), "moved");
}

// ---- a new one ---------------------------------------------------------------------------------------------------------

struct beginning {
    struct desk_visit *v;
    struct page page;
    struct news_changes changes;
    struct problem problem;
};

static enum rc begin(struct db *db, void *arg) {
    struct beginning *b = arg;
    struct audit_who who = desk_who(b->v);
    b->changes = (struct news_changes){0};
    return page_begin(b->v->a, db, &who, &b->page, b->v->now, &b->changes, &b->problem);
}

static enum rc new_page(struct desk_visit *v, enum text_lang lang, int status) {
    struct page *rows;
    size_t n;
    enum rc rc = page_list(v->a, v->db, lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_PAGE_NEW);
    page->narrow = true;
    struct str list = str_fmt(v->a, "/desk/pages?lang=%.*s", STR_ARG(text_lang_code(lang)));
    desk_crumb(v, page, desk_word(v, W_DESK_PAGES), list);
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, text_lang_name(lang)), STR("/desk/pages/new"), W_DESK_ARTICLE_BEGIN);
    desk_hidden(v, form, "lang", text_lang_code(lang));
    struct view_desk_field *f = desk_line(v, form, "headline", W_DESK_HEADLINE, STR_NONE);
    f->max = 300;
    f->lang = text_lang_code(lang);
    f->dir = str_from(text_lang_is_rtl(lang) ? "rtl" : "ltr");
    f = desk_select(v, form, "parent", W_DESK_PAGE_ABOVE, STR("0"));
    desk_choice(v, f, STR("0"), STR("—"));
    for (size_t i = 0; i < n; i++)
        desk_choice(v, f, standing_number(v, rows[i].id), link_page(v->a, lang, rows[i].path));
    return desk_send(v, page, status);
}

enum rc standing_new_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    enum text_lang lang;
    desk_begin(&v, req, reply);
    return standing_lang(&v, MAY_EDIT_PAGES, desk_field(&v, "lang"), &lang) ? new_page(&v, lang, 0) : RC_DENIED;
}

enum rc standing_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct beginning *b = ARENA_NEW(v.a, struct beginning);
    b->v = &v;
    if (!text_lang_find(desk_field(&v, "lang"), &b->page.lang))
        return RC_INVALID;
    if (!standing_may(&v, MAY_EDIT_PAGES, b->page.lang))
        return RC_DENIED;
    b->page.title = desk_field(&v, "headline");
    (void)str_to_i64(desk_field(&v, "parent"), &b->page.parent_id);
    enum rc rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, begin, b) : RC_INVALID;
    if (rc == RC_INVALID || rc == RC_CONFLICT) {
        if (b->problem.text[0] != '\0')
            desk_problem_text(&v, "headline", desk_reason(&v, &b->problem));
        return new_page(&v, b->page.lang, rc == RC_CONFLICT ? 409 : 422);
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&b->changes);
    return desk_go(&v, standing_address(&v, b->page.id, ""), "begun");
}
