// SPDX-License-Identifier: AGPL-3.0-or-later
// The tags of a language: found, renamed, merged, deleted.
#include "desk/names.h"
#include "desk/routes.h"

struct tags {
    struct desk_visit *v;
    enum text_lang lang;
    struct tag tag; // id 0: a new one
    struct tag_edit edit;
    int64_t id, to;
    bool stale; // somebody saved it in the meantime
    struct news_changes changes;
    struct problem problem;
};

static struct str list_address(struct tags *t) {
    return str_fmt(t->v->a, "/desk/tags?lang=%.*s", STR_ARG(text_lang_code(t->lang)));
}

static struct str tag_address(struct tags *t, const char *rest) {
    return str_fmt(t->v->a, "/desk/tags/%lld%s", (long long)t->tag.id, rest);
}

static struct tags *tags_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    struct tags *t = ARENA_NEW(v->a, struct tags);
    t->v = v;
    return t;
}

static enum rc find(struct tags *t) {
    struct desk_visit *v = t->v;
    enum rc rc = tag_by_id(v->a, v->db, desk_number(v, 0), &t->tag);
    t->lang = t->tag.lang;
    return rc == RC_OK && !standing_may(v, MAY_EDIT_SECTIONS, t->lang) ? RC_DENIED : rc;
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static void name_fields(struct tags *t, struct view_desk_form *form) {
    struct desk_visit *v = t->v;
    struct view_desk_field *f = desk_line(v, form, "name", W_DESK_NAME, t->tag.name);
    f->max = 120;
    f->required = true;
    f->lang = text_lang_code(t->lang);
    f->dir = str_from(text_lang_is_rtl(t->lang) ? "rtl" : "ltr");
    f = desk_line(v, form, "slug", W_DESK_SLUG, t->tag.slug);
    f->max = 80;
    desk_hint(v, f, W_DESK_OLD_SLUG_HINT);
}

static enum rc list_page(struct tags *t, int status) {
    struct desk_visit *v = t->v;
    struct names_query q = {.lang = t->lang, .words = desk_field(v, "q"), .after = desk_field(v, "after")};
    struct name_row *rows;
    size_t n;
    bool more;
    enum rc rc = tag_names(v->a, v->db, &q, &rows, &n, &more);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_TAGS);
    standing_tabs(v, page, MAY_EDIT_SECTIONS, "/desk/tags?lang=", t->lang);
    names_filter(v, desk_block(v, page, STR_NONE), "/desk/tags", "lang", text_lang_code(t->lang));
    names_table(v, desk_block(v, page, STR_NONE), W_DESK_TAGS, "/desk/tags",
                str_fmt(v->a, "lang=%.*s", STR_ARG(text_lang_code(t->lang))), rows, n, more);
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, desk_word(v, W_DESK_TAG_NEW)), STR("/desk/tags"), W_DESK_SAVE);
    desk_hidden(v, form, "lang", text_lang_code(t->lang));
    desk_hidden(v, form, "version", STR("0"));
    name_fields(t, form);
    return desk_send(v, page, status);
}

enum rc tags_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct tags *t = tags_begin(&v, req, reply);
    return standing_lang(&v, MAY_EDIT_SECTIONS, desk_field(&v, "lang"), &t->lang) ? list_page(t, 0) : RC_DENIED;
}

// ---- one tag -------------------------------------------------------------------------------------------------------------

static enum rc one_page(struct tags *t, int status) {
    struct desk_visit *v = t->v;
    struct view_desk_page *page = desk_page_named(v, t->tag.name);
    desk_crumb(v, page, desk_word(v, W_DESK_TAGS), list_address(t));
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    enum rc rc = names_aliases(v, block, ALIAS_TAG, t->tag.id);
    struct str address = link_tag(v->a, t->lang, t->tag.slug);
    desk_link(v, &block->links, desk_word(v, W_DESK_PUBLIC_PAGE), address, address);
    names_merging(v, block, MERGE_TAG, t->tag.id);
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, desk_word(v, W_DESK_NAME)), tag_address(t, ""), W_DESK_SAVE);
    desk_hidden(v, form, "version", standing_number(v, t->tag.version));
    name_fields(t, form);
    const struct names_field fields[] = {{"name", W_DESK_NAME, t->tag.name, false, STR_NONE},
                                         {"slug", W_DESK_SLUG, t->tag.slug, false, STR_NONE}};
    if (t->stale)
        names_beside(v, page, fields, 2);
    block = desk_block(v, page, desk_word(v, W_DESK_MERGE_TITLE));
    block->text = desk_word(v, W_DESK_TAG_MERGE_TEXT);
    form = desk_form(v, block, tag_address(t, "/merge"), W_DESK_MERGE_TITLE);
    form->quiet = true;
    struct view_desk_field *f = desk_line(v, form, "into", W_DESK_MERGE_INTO, STR_NONE);
    f->max = 120;
    f->required = true;
    block = desk_block(v, page, desk_word(v, W_DESK_TAG_DELETE));
    block->text = desk_word(v, W_DESK_TAG_DELETE_TEXT);
    form = desk_form(v, block, tag_address(t, "/delete"), W_DESK_TAG_DELETE);
    form->danger = form->quiet = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc tag_edit_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct tags *t = tags_begin(&v, req, reply);
    enum rc rc = find(t);
    return rc == RC_OK ? one_page(t, 0) : rc;
}

static enum rc save(struct db *db, void *arg) {
    struct tags *t = arg;
    struct audit_who who = desk_who(t->v);
    t->changes = (struct news_changes){0};
    return tag_edit(t->v->a, db, &who, &t->edit, &t->id, &t->changes, &t->problem);
}

static enum rc save_form(struct tags *t) {
    struct desk_visit *v = t->v;
    t->edit = (struct tag_edit){
        .id = t->tag.id, .lang = t->lang, .name = desk_field(v, "name"), .slug = desk_field(v, "slug")};
    (void)str_to_i64(desk_field(v, "version"), &t->edit.base_version);
    enum rc rc = v->req->form_ok ? store_write(v->site->store, STORE_DURABLE, save, t) : RC_INVALID;
    t->stale = rc == RC_BUSY;
    int status = names_refused(v, &rc, &t->problem);
    if (status != 0 && t->tag.id == 0)
        return list_page(t, status);
    if (status != 0)
        rc = find(t);
    if (status != 0 || rc != RC_OK)
        return rc == RC_OK ? one_page(t, status) : rc;
    news_changes_raise(&t->changes);
    t->tag.id = t->id;
    return desk_go(v, tag_address(t, ""), "saved");
}

enum rc tags_list_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct tags *t = tags_begin(&v, req, reply);
    if (!text_lang_find(desk_field(&v, "lang"), &t->lang))
        return RC_INVALID;
    return standing_may(&v, MAY_EDIT_SECTIONS, t->lang) ? save_form(t) : RC_DENIED;
}

enum rc tag_edit_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct tags *t = tags_begin(&v, req, reply);
    enum rc rc = find(t);
    return rc == RC_OK ? save_form(t) : rc;
}

// ---- merged, deleted -------------------------------------------------------------------------------------------------------

static enum rc take_away(struct db *db, void *arg) {
    struct tags *t = arg;
    struct audit_who who = desk_who(t->v);
    t->changes = (struct news_changes){0};
    return tag_delete(t->v->a, db, &who, t->tag.id, t->to, t->v->now, &t->changes, &t->problem);
}

static enum rc taken_away(struct tags *t, const char *said) {
    struct desk_visit *v = t->v;
    enum rc rc = store_write(v->site->store, STORE_DURABLE, take_away, t);
    int status = names_refused(v, &rc, &t->problem);
    if (status != 0 || rc != RC_OK)
        return status != 0 ? one_page(t, status) : rc;
    news_changes_raise(&t->changes);
    names_go_on(v);
    return desk_go(v, list_address(t), said);
}

// By its name, as texts would name it, or by its address.
enum rc tag_merge_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct tag into;
    struct tags *t = tags_begin(&v, req, reply);
    enum rc rc = find(t);
    if (rc != RC_OK)
        return rc;
    struct str said = desk_field(&v, "into");
    rc = tag_by_words(v.a, v.db, t->lang, said, &into);
    if (rc == RC_NOT_FOUND || rc == RC_GONE) {
        desk_problem(&v, "into", W_DESK_NO_SUCH_NAME);
        return one_page(t, 422);
    }
    t->to = into.id;
    return rc == RC_OK ? taken_away(t, "merging") : rc;
}

enum rc tag_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct tags *t = tags_begin(&v, req, reply);
    enum rc rc = find(t);
    if (rc != RC_OK)
        return rc;
    return req->form_ok ? taken_away(t, "deleted") : desk_go(&v, tag_address(t, ""), "not_sure");
}
