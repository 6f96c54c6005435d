// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers of the old site wrote under an article: hidden with a reason, shown again, deleted for good.
#include "desk/manuscript.h"
#include "desk/routes.h"

enum { ON_PAGE = 20 };

struct moderating {
    struct desk_visit *v;
    struct manuscript m;
    struct comment comment;
    bool hidden;
    struct news_changes changes;
};

static enum rc find(struct moderating *s, struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    s->v = v;
    enum rc rc = manuscript_find(v, &s->m);
    if (rc == RC_OK && !manuscript_may(v, &s->m, MAY_EDIT_REVIEW))
        rc = RC_DENIED;
    return rc;
}

static enum rc find_comment(struct moderating *s, struct desk_visit *v, struct http_request *req,
                            struct http_reply *reply) {
    enum rc rc = find(s, v, req, reply);
    if (rc == RC_OK)
        rc = comment_by_id(v->a, v->db, desk_number(v, 1), &s->comment);
    return rc == RC_OK && (s->m.number == 0 || s->comment.number != s->m.number) ? RC_NOT_FOUND : rc;
}

static struct str comment_address(struct moderating *s, int64_t id, const char *rest) {
    return manuscript_address(s->v, s->m.id, str_fmt(s->v->a, "/comments/%lld%s", (long long)id, rest).p);
}

void manuscript_comments_link(struct desk_visit *v, struct view_desk_block *block, const struct manuscript *m) {
    int64_t n = 0;
    if (m->number == 0 || !manuscript_may(v, m, MAY_EDIT_REVIEW) || comment_count(v->db, m->number, &n) != RC_OK ||
        n == 0)
        return;
    struct str label =
        str_fmt(v->a, "%.*s (%.*s)", STR_ARG(desk_word(v, W_DESK_COMMENTS)), STR_ARG(desk_number_text(v, n)));
    desk_link(v, &block->links, label, manuscript_address(v, m->id, "/comments"), STR_NONE);
}

// ---- the list ------------------------------------------------------------------------------------------------------------

static void row_show(struct moderating *s, struct view_desk_table *table, const struct comment *c) {
    struct desk_visit *v = s->v;
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, c->name.n > 0 ? c->name : text_word(v->lang, W_COMMENT_NO_NAME));
    cell->address = comment_address(s, c->id, "");
    cell->note = desk_date(v, c->written_at);
    if (c->hidden) {
        cell->badge = desk_word(v, W_DESK_COMMENT_HIDDEN);
        cell->tone = STR("bad");
    }
    cell = desk_cell(v, table, utf8_cut(c->body, 600));
    cell->note = c->reason;
}

enum rc comments_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct moderating *s = ARENA_NEW(req->arena, struct moderating);
    struct comments_part part = {0};
    uint64_t after = 0; // the part seen last
    enum rc rc = find(s, &v, req, reply);
    if (rc == RC_OK && desk_field(&v, "after").n > 0 &&
        (!str_to_u64(desk_field(&v, "after"), &after) || after > COMMENTS_MAX))
        rc = RC_NOT_FOUND;
    if (rc == RC_OK && s->m.number != 0)
        rc = comment_part(v.a, v.db, s->m.number, true, after + 1, ON_PAGE, &part);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_COMMENTS);
    manuscript_crumbs(&v, page, &s->m);
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    block->text = desk_word(&v, W_DESK_COMMENTS_TEXT);
    if (part.count == 0) {
        block->empty = desk_word(&v, W_DESK_COMMENTS_NONE);
        return desk_send(&v, page, 0);
    }
    static const enum text_word columns[] = {W_DESK_NAME, W_DESK_TEXT};
    struct view_desk_table *table = desk_table(&v, block, W_DESK_COMMENTS);
    desk_columns(&v, table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < part.count; i++)
        row_show(s, table, &part.rows[i]);
    if (after + 1 < part.parts)
        table->more = (struct view_desk_link){
            .label = desk_word(&v, W_DESK_MORE_ROWS),
            .address = manuscript_address(&v, s->m.id, str_fmt(v.a, "/comments?after=%zu", (size_t)after + 1).p)};
    return desk_send(&v, page, 0);
}

// ---- one of them ---------------------------------------------------------------------------------------------------------

static void hide_form(struct moderating *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    const struct comment *c = &s->comment;
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), comment_address(s, c->id, ""),
                                            c->hidden ? W_DESK_COMMENT_SHOW : W_DESK_COMMENT_HIDE);
    desk_hidden(v, form, "hidden", c->hidden ? STR("0") : STR("1"));
    if (c->hidden)
        return;
    struct view_desk_field *f = desk_line(v, form, "reason", W_DESK_COMMENT_REASON, STR_NONE);
    f->max = COMMENT_REASON_MAX;
    f->required = true;
    desk_hint(v, f, W_DESK_COMMENT_REASON_HINT);
}

static enum rc one_page(struct moderating *s, int status) {
    struct desk_visit *v = s->v;
    const struct comment *c = &s->comment;
    struct view_desk_page *page = desk_page_named(v, c->name.n > 0 ? c->name : text_word(v->lang, W_COMMENT_NO_NAME));
    manuscript_crumbs(v, page, &s->m);
    desk_crumb(v, page, desk_word(v, W_DESK_COMMENTS), manuscript_address(v, s->m.id, "/comments"));
    struct view_desk_block *block = desk_block(v, page, desk_date(v, c->written_at));
    block->text = c->body;
    if (c->hidden) {
        desk_fact(v, block, W_DESK_COMMENT_REASON, c->reason);
        block->facts.items[0].badge = desk_word(v, W_DESK_COMMENT_HIDDEN);
        block->facts.items[0].tone = STR("bad");
    }
    hide_form(s, page);
    struct view_desk_form *form = desk_form(v, desk_block(v, page, desk_word(v, W_DESK_COMMENT_DELETE)),
                                            comment_address(s, c->id, "/delete"), W_DESK_COMMENT_DELETE);
    form->danger = form->quiet = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
    return desk_send(v, page, status);
}

enum rc comment_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct moderating *s = ARENA_NEW(req->arena, struct moderating);
    enum rc rc = find_comment(s, &v, req, reply);
    return rc == RC_OK ? one_page(s, 0) : rc;
}

static enum rc hide(struct db *db, void *arg) {
    struct moderating *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return comment_hide(s->v->a, db, &who, s->comment.id, s->hidden, desk_field(s->v, "reason"), &s->changes);
}

enum rc comment_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct moderating *s = ARENA_NEW(req->arena, struct moderating);
    enum rc rc = find_comment(s, &v, req, reply);
    if (rc != RC_OK)
        return rc;
    s->hidden = str_eq(desk_field(&v, "hidden"), STR("1"));
    rc = req->form_ok ? store_write(v.site->store, STORE_DURABLE, hide, s) : RC_INVALID;
    if (rc == RC_INVALID) {
        desk_problem(&v, "reason", W_DESK_COMMENT_NO_REASON);
        return one_page(s, 422);
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    return desk_go(&v, manuscript_address(&v, s->m.id, "/comments"), s->hidden ? "comment_hidden" : "comment_shown");
}

static enum rc erase(struct db *db, void *arg) {
    struct moderating *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return comment_delete(s->v->a, db, &who, s->comment.id, &s->changes);
}

enum rc comment_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct moderating *s = ARENA_NEW(req->arena, struct moderating);
    enum rc rc = find_comment(s, &v, req, reply);
    if (rc != RC_OK)
        return rc;
    if (!req->form_ok)
        return desk_go(&v, comment_address(s, s->comment.id, ""), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, erase, s);
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    return desk_go(&v, manuscript_address(&v, s->m.id, "/comments"), "deleted");
}
