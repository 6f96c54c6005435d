// SPDX-License-Identifier: AGPL-3.0-or-later
// One standing page: its words, whether readers have it, its versions. A save that comes too late is refused and brought
// together with the newer version in the form; where both changed the same, the writer's own words stand in the form
// and the other's in the comparison below it.
#include "desk/diff.h"
#include "desk/manuscript.h"
#include "desk/routes.h"
#include "desk/standing.h"

struct editing {
    struct desk_visit *v;
    struct page page;      // as it is now
    struct page_edit edit; // as it is sent
    struct content merged; // shown in the form in place of what was typed
    struct content base, mine, theirs;
    bool stale;
    enum page_state state;
    struct news_changes changes;
    struct problem problem;
};

static enum rc find(struct editing *e) {
    struct desk_visit *v = e->v;
    enum rc rc = page_by_id(v->a, v->db, desk_number(v, 0), &e->page);
    return rc == RC_OK && !standing_may(v, MAY_EDIT_PAGES, e->page.lang) ? RC_DENIED : rc;
}

static struct content content_of(const struct page_text *t) {
    return (struct content){.headline = t->title, .slug = t->slug, .body = t->body};
}

static struct page_text text_of(const struct page *p) {
    return (struct page_text){p->title, p->slug, p->body};
}

// ---- the form ------------------------------------------------------------------------------------------------------------

// Pages of other languages: choosing one joins its translations. Groups that have a page of this language are left out.
static enum rc translation_field(struct editing *e, struct view_desk_form *form) {
    struct desk_visit *v = e->v;
    struct page *own, *rows;
    size_t own_n, n;
    enum rc rc = page_list(v->a, v->db, e->page.lang, &own, &own_n);
    struct view_desk_field *f =
        desk_select(v, form, "group", W_DESK_TRANSLATION_OF, standing_number(v, e->page.translation_group));
    bool chosen = false;
    for (int l = 0; rc == RC_OK && l < LANG_COUNT; l++) {
        if (l == (int)e->page.lang || (v->site->languages & (1u << l)) == 0)
            continue;
        rc = page_list(v->a, v->db, (enum text_lang)l, &rows, &n);
        for (size_t i = 0; rc == RC_OK && i < n; i++) {
            bool taken = false;
            for (size_t k = 0; k < own_n && !taken; k++)
                taken = own[k].id != e->page.id && own[k].translation_group == rows[i].translation_group;
            if (taken)
                continue;
            struct view_desk_choice *c = desk_choice(
                v, f, standing_number(v, rows[i].translation_group),
                str_fmt(v->a, "%.*s: %.*s", STR_ARG(text_lang_name((enum text_lang)l)), STR_ARG(rows[i].title)));
            c->chosen = c->chosen && !chosen; // translations of one another have one value
            chosen = chosen || c->chosen;
        }
    }
    struct view_desk_choice *none = desk_choice(v, f, STR("0"), STR("—"));
    none->chosen = !chosen;
    return rc;
}

static void field_of_lang(struct editing *e, struct view_desk_field *f, int64_t max) {
    f->max = max;
    f->lang = text_lang_code(e->page.lang);
    f->dir = str_from(text_lang_is_rtl(e->page.lang) ? "rtl" : "ltr");
}

static enum rc text_block(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_TEXT));
    struct view_desk_form *form = desk_form(v, block, standing_address(v, e->page.id, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", standing_number(v, e->page.version));
    struct view_desk_field *f = desk_line(v, form, "headline", W_DESK_HEADLINE, e->page.title);
    field_of_lang(e, f, 300);
    if (e->stale)
        f->value = e->merged.headline;
    f = desk_area(v, form, "body", W_DESK_BODY, body_field_text(v, e->page.body), 20);
    field_of_lang(e, f, 0);
    f->rich = true;
    desk_hint(v, f, W_DESK_BODY_HINT);
    if (e->stale)
        f->value = body_field_text(v, e->merged.body);
    f = desk_line(v, form, "slug", W_DESK_SLUG, e->page.slug);
    field_of_lang(e, f, 80);
    desk_hint(v, f, W_DESK_SLUG_HINT);
    if (e->stale)
        f->value = e->merged.slug;
    return translation_field(e, form);
}

static void stale_blocks(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_THEIR_CHANGES));
    diff_contents(v, block, e->page.lang, &e->base, &e->theirs);
    block = desk_block(v, page, desk_word(v, W_DESK_MY_CHANGES));
    diff_contents(v, block, e->page.lang, &e->base, &e->mine);
}

static void facts_block(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    static const enum text_word words[] = {[PAGE_PUBLISHED] = W_DESK_STATE_OUT,
                                           [PAGE_DRAFT] = W_DESK_STATE_DRAFT,
                                           [PAGE_WITHDRAWN] = W_DESK_STATE_WITHDRAWN};
    static const char *const tones[] = {[PAGE_PUBLISHED] = "good", [PAGE_DRAFT] = "plain", [PAGE_WITHDRAWN] = "bad"};
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_DESK_STATE, STR_NONE);
    block->facts.items[0].badge = desk_word(v, words[e->page.state]);
    block->facts.items[0].tone = str_from(tones[e->page.state]);
    desk_fact(v, block, W_DESK_LANGUAGE_OF, text_lang_name(e->page.lang));
    if (e->page.state == PAGE_PUBLISHED)
        desk_link(v, &block->links, desk_word(v, W_DESK_PUBLIC_PAGE), link_page(v->a, e->page.lang, e->page.path),
                  link_page(v->a, e->page.lang, e->page.path));
    struct view_desk_form *form =
        desk_form(v, block, standing_address(v, e->page.id, "/state"),
                  e->page.state == PAGE_PUBLISHED ? W_DESK_STEP_WITHDRAW : W_DESK_STEP_PUBLISH);
    form->quiet = true;
    form->danger = e->page.state == PAGE_PUBLISHED;
    desk_hidden(v, form, "state", str_from(e->page.state == PAGE_PUBLISHED ? "withdrawn" : "published"));
}

static enum rc versions_block(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    struct page_version *rows;
    size_t n;
    enum rc rc = page_version_list(v->a, v->db, e->page.id, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_table *table = desk_table(v, desk_block(v, page, desk_word(v, W_DESK_VERSIONS)), W_DESK_VERSIONS);
    desk_column(v, table, desk_word(v, W_DESK_VERSION));
    desk_column(v, table, desk_word(v, W_DESK_SAVED));
    desk_column(v, table, desk_word(v, W_DESK_WHO));
    for (size_t i = 0; i < n; i++) {
        desk_row(v, table);
        desk_cell(v, table,
                  text_phrase(v->a, v->lang, W_DESK_VERSION_N, 0, desk_number_text(v, rows[i].version), STR_NONE))
            ->address = standing_address(v, e->page.id, str_fmt(v->a, "/versions/%lld", (long long)rows[i].version).p);
        desk_cell(v, table, desk_date(v, rows[i].saved_at));
        desk_cell(v, table, rows[i].account_name.n > 0 ? rows[i].account_name : desk_word(v, W_DESK_VERSION_BROUGHT));
    }
    return RC_OK;
}

static void delete_block(struct editing *e, struct view_desk_page *page) {
    struct desk_visit *v = e->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_PAGE_DELETE));
    block->text = desk_word(v, W_DESK_PAGE_DELETE_TEXT);
    struct view_desk_form *form = desk_form(v, block, standing_address(v, e->page.id, "/delete"), W_DESK_PAGE_DELETE);
    form->danger = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
}

static void crumbs(struct editing *e, struct view_desk_page *page) {
    desk_crumb(e->v, page, desk_word(e->v, W_DESK_PAGES),
               str_fmt(e->v->a, "/desk/pages?lang=%.*s", STR_ARG(text_lang_code(e->page.lang))));
}

static enum rc whole_page(struct editing *e, int status) {
    struct desk_visit *v = e->v;
    struct view_desk_page *page = desk_page_named(v, e->page.title);
    crumbs(e, page);
    facts_block(e, page);
    enum rc rc = text_block(e, page);
    if (e->stale)
        stale_blocks(e, page);
    if (rc == RC_OK)
        rc = versions_block(e, page);
    delete_block(e, page);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc standing_edit_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    enum rc rc = find(e);
    return rc == RC_OK ? whole_page(e, 0) : rc;
}

// ---- saving --------------------------------------------------------------------------------------------------------------

static enum rc save(struct db *db, void *arg) {
    struct editing *e = arg;
    struct audit_who who = desk_who(e->v);
    e->changes = (struct news_changes){0};
    return page_edit(e->v->a, db, &who, &e->edit, e->v->now, &e->changes, &e->problem);
}

// The newer version and what was typed, brought together upon the version that the writer began with.
static enum rc bring_together(struct editing *e) {
    struct desk_visit *v = e->v;
    struct page_version base;
    struct content_collision *collisions;
    enum rc rc = find(e); // as it is by now
    if (rc == RC_OK)
        rc = page_version_load(v->a, v->db, e->page.id, e->edit.base_version, &base);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_INVALID : rc;
    struct page_text now = text_of(&e->page);
    if (html_clean(v->a, e->edit.text.body.s, &e->edit.text.body) != RC_OK)
        return RC_INVALID;
    e->base = content_of(&base.text);
    e->theirs = content_of(&now);
    e->mine = content_of(&e->edit.text);
    (void)content_merge(v->a, &e->base, &e->mine, &e->theirs, NULL, 0, &e->merged, &collisions);
    e->stale = true;
    desk_fail(v, W_DESK_PAGE_STALE);
    return whole_page(e, 409);
}

static enum rc saved(struct editing *e, enum rc rc, const char *said) {
    struct desk_visit *v = e->v;
    if (rc == RC_BUSY)
        return bring_together(e);
    if (rc == RC_INVALID || rc == RC_CONFLICT || rc == RC_DENIED) {
        if (rc == RC_CONFLICT)
            desk_problem_text(v, "slug", desk_reason(v, &e->problem));
        else if (e->problem.text[0] != '\0')
            standing_fail(v, &e->problem);
        return whole_page(e, rc == RC_CONFLICT ? 409 : 422);
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&e->changes);
    return desk_go(v, standing_address(v, e->page.id, ""), said);
}

enum rc standing_edit_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    enum rc rc = find(e);
    if (rc != RC_OK)
        return rc;
    e->edit = (struct page_edit){.id = e->page.id,
                                 .text = {desk_field(&v, "headline"), desk_field(&v, "slug"),
                                          body_field_take(&v, http_request_field(req, "body"))}};
    if (!str_to_i64(desk_field(&v, "version"), &e->edit.base_version) ||
        !str_to_i64(desk_field(&v, "group"), &e->edit.translation_group))
        return RC_INVALID;
    return saved(e, req->form_ok ? store_write(v.site->store, STORE_DURABLE, save, e) : RC_INVALID, "saved");
}

// ---- for readers or not --------------------------------------------------------------------------------------------------

static enum rc state_set(struct db *db, void *arg) {
    struct editing *e = arg;
    struct audit_who who = desk_who(e->v);
    e->changes = (struct news_changes){0};
    return page_state_set(e->v->a, db, &who, e->page.id, e->state, e->v->now, &e->changes, &e->problem);
}

enum rc standing_state_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    enum rc rc = find(e);
    if (rc != RC_OK)
        return rc;
    struct str state = desk_field(&v, "state");
    if (!str_eq(state, STR("published")) && !str_eq(state, STR("withdrawn")))
        return RC_INVALID;
    e->state = str_eq(state, STR("published")) ? PAGE_PUBLISHED : PAGE_WITHDRAWN;
    return saved(e, store_write(v.site->store, STORE_DURABLE, state_set, e), "saved");
}

static enum rc delete (struct db *db, void *arg) {
    struct editing *e = arg; struct audit_who who = desk_who(e->v); e->changes = (struct news_changes){0};
    return page_delete(e->v->a, db, &who, e->page.id, &e->changes, &e->problem);
}

enum rc standing_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    enum rc rc = find(e);
    if (rc != RC_OK)
        return rc;
    if (!req->form_ok)
        return desk_go(&v, standing_address(&v, e->page.id, ""), "not_sure");
    rc = store_write(v.site->store, STORE_DURABLE, delete, e);
    if (rc != RC_OK)
        return saved(e, rc, NULL);
    news_changes_raise(&e->changes);
    return desk_go(&v, str_fmt(v.a, "/desk/pages?lang=%.*s", STR_ARG(text_lang_code(e->page.lang))), "deleted");
}

// ---- versions ------------------------------------------------------------------------------------------------------------

enum rc standing_version_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct page_version version, before = {0};
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    enum rc rc = find(e);
    if (rc == RC_OK)
        rc = page_version_load(v.a, v.db, e->page.id, desk_number(&v, 1), &version);
    if (rc != RC_OK)
        return rc;
    rc = page_version_load(v.a, v.db, e->page.id, version.version - 1, &before);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    struct view_desk_page *page = desk_page_named(
        &v, text_phrase(v.a, v.lang, W_DESK_VERSION_N, 0, desk_number_text(&v, version.version), STR_NONE));
    crumbs(e, page);
    desk_crumb(&v, page, e->page.title, standing_address(&v, e->page.id, ""));
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    desk_fact(&v, block, W_DESK_SAVED, desk_date(&v, version.saved_at));
    if (version.account_name.n > 0)
        desk_fact(&v, block, W_DESK_WHO, version.account_name);
    if (version.version != e->page.version) {
        struct view_desk_form *form = desk_form(&v, block, v.req->path, W_DESK_RESTORE);
        form->quiet = true;
        desk_hidden(&v, form, "version", standing_number(&v, e->page.version));
    }
    struct content old = content_of(&before.text), new = content_of(&version.text);
    diff_contents(&v, desk_block(&v, page, desk_word(&v, W_DESK_CHANGED)), e->page.lang, &old, &new);
    return desk_send(&v, page, 0);
}

enum rc standing_version_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct page_version version;
    desk_begin(&v, req, reply);
    struct editing *e = ARENA_NEW(v.a, struct editing);
    e->v = &v;
    enum rc rc = find(e);
    if (rc == RC_OK)
        rc = page_version_load(v.a, v.db, e->page.id, desk_number(&v, 1), &version);
    if (rc != RC_OK)
        return rc;
    e->edit = (struct page_edit){
        .id = e->page.id, .text = version.text, .translation_group = e->page.translation_group, .restores = true};
    if (!str_to_i64(desk_field(&v, "version"), &e->edit.base_version))
        return RC_INVALID;
    return saved(e, store_write(v.site->store, STORE_DURABLE, save, e), "restored");
}
