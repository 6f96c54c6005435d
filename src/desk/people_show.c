// SPDX-License-Identifier: AGPL-3.0-or-later
// The people who sign articles: found, made, renamed, merged; deleted and brought back, which changes no byline.
#include "desk/names.h"
#include "desk/routes.h"

struct people {
    struct desk_visit *v;
    struct person person; // id 0: a new one
    struct person_edit edit;
    int64_t id, to;
    bool deletes, stale; // stale: somebody saved it in the meantime
    struct news_changes changes;
    struct problem problem;
};

static struct str person_address(struct people *p, const char *rest) {
    return str_fmt(p->v->a, "/desk/people/%lld%s", (long long)p->person.id, rest);
}

// Names have no language: whoever edits people does so everywhere.
static struct people *people_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    struct people *p = ARENA_NEW(v->a, struct people);
    p->v = v;
    return p;
}

static enum rc find(struct people *p) {
    struct desk_visit *v = p->v;
    enum rc rc = person_by_id(v->a, v->db, desk_number(v, 0), &p->person);
    return rc == RC_OK && !desk_may(v, MAY_EDIT_PEOPLE) ? RC_DENIED : rc;
}

static void name_fields(struct people *p, struct view_desk_form *form) {
    struct desk_visit *v = p->v;
    desk_hidden(v, form, "version", standing_number(v, p->person.version));
    struct view_desk_field *f = desk_line(v, form, "name", W_DESK_NAME, p->person.name);
    f->max = 120;
    f->required = true;
    if (p->person.id != 0)
        desk_hint(v, f, W_DESK_PERSON_NAME_HINT);
    f = desk_line(v, form, "slug", W_DESK_SLUG, p->person.slug);
    f->max = 80;
    desk_hint(v, f, W_DESK_OLD_SLUG_HINT);
    f = desk_area(v, form, "bio", W_DESK_BIO, p->person.bio, 5);
    f->max = 1000;
    desk_hint(v, f, W_DESK_BIO_HINT);
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static enum rc list_page(struct people *p, int status) {
    struct desk_visit *v = p->v;
    struct names_query q = {.lang = LANG_EN, .words = desk_field(v, "q"), .after = desk_field(v, "after")};
    struct name_row *rows;
    size_t n;
    bool more;
    enum rc rc = person_names(v->a, v->db, &q, &rows, &n, &more);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_NAMES);
    names_filter(v, desk_block(v, page, STR_NONE), "/desk/people", NULL, STR_NONE);
    names_table(v, desk_block(v, page, STR_NONE), W_DESK_NAMES, "/desk/people", STR_NONE, rows, n, more);
    name_fields(p,
                desk_form(v, desk_block(v, page, desk_word(v, W_DESK_PERSON_NEW)), STR("/desk/people"), W_DESK_SAVE));
    return desk_send(v, page, status);
}

enum rc people_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct people *p = people_begin(&v, req, reply);
    return desk_may(&v, MAY_EDIT_PEOPLE) ? list_page(p, 0) : RC_DENIED;
}

// ---- one person ------------------------------------------------------------------------------------------------------------

static void merge_block(struct people *p, struct view_desk_page *page) {
    struct desk_visit *v = p->v;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MERGE_TITLE));
    block->text = desk_word(v, W_DESK_PERSON_MERGE_TEXT);
    struct view_desk_form *form = desk_form(v, block, person_address(p, "/merge"), W_DESK_MERGE_TITLE);
    form->quiet = true;
    struct view_desk_field *f = desk_line(v, form, "into", W_DESK_MERGE_INTO, STR_NONE);
    f->max = 120;
    f->required = true;
}

static void delete_block(struct people *p, struct view_desk_page *page) {
    struct desk_visit *v = p->v;
    bool gone = p->person.deleted;
    struct view_desk_block *block =
        desk_block(v, page, desk_word(v, gone ? W_DESK_PERSON_RESTORE : W_DESK_PERSON_DELETE));
    block->text = desk_word(v, W_DESK_PERSON_DELETE_TEXT);
    struct view_desk_form *form = desk_form(v, block, person_address(p, gone ? "/restore" : "/delete"),
                                            gone ? W_DESK_PERSON_RESTORE : W_DESK_PERSON_DELETE);
    form->danger = !gone;
    form->quiet = true;
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
}

static enum rc one_page(struct people *p, int status) {
    struct desk_visit *v = p->v;
    struct view_desk_page *page = desk_page_named(v, p->person.name);
    desk_crumb(v, page, desk_word(v, W_DESK_NAMES), STR("/desk/people"));
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    if (p->person.deleted) {
        desk_fact(v, block, W_DESK_STATE, STR_NONE);
        block->facts.items[0].badge = desk_word(v, W_DESK_DELETED);
        block->facts.items[0].tone = STR("plain");
    } else {
        struct str address = link_person(v->a, v->site->default_lang, p->person.slug);
        desk_link(v, &block->links, desk_word(v, W_DESK_PUBLIC_PAGE), address, address);
    }
    enum rc rc = names_aliases(v, block, ALIAS_PERSON_NAME, p->person.id);
    names_merging(v, block, MERGE_PERSON, p->person.id);
    name_fields(p, desk_form(v, desk_block(v, page, desk_word(v, W_DESK_NAME)), person_address(p, ""), W_DESK_SAVE));
    const struct names_field fields[] = {{"name", W_DESK_NAME, p->person.name, false, STR_NONE},
                                         {"slug", W_DESK_SLUG, p->person.slug, false, STR_NONE},
                                         {"bio", W_DESK_BIO, p->person.bio, false, STR_NONE}};
    if (p->stale)
        names_beside(v, page, fields, 3);
    merge_block(p, page);
    delete_block(p, page);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc person_edit_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct people *p = people_begin(&v, req, reply);
    enum rc rc = find(p);
    return rc == RC_OK ? one_page(p, 0) : rc;
}

static enum rc save(struct db *db, void *arg) {
    struct people *p = arg;
    struct audit_who who = desk_who(p->v);
    p->changes = (struct news_changes){0};
    return person_edit(p->v->a, db, &who, &p->edit, &p->id, &p->changes, &p->problem);
}

static enum rc save_form(struct people *p) {
    struct desk_visit *v = p->v;
    p->edit = (struct person_edit){
        .id = p->person.id, .name = desk_field(v, "name"), .slug = desk_field(v, "slug"), .bio = desk_field(v, "bio")};
    (void)str_to_i64(desk_field(v, "version"), &p->edit.base_version);
    enum rc rc = v->req->form_ok ? store_write(v->site->store, STORE_DURABLE, save, p) : RC_INVALID;
    p->stale = rc == RC_BUSY;
    int status = names_refused(v, &rc, &p->problem);
    if (status != 0 && p->person.id == 0)
        return list_page(p, status);
    if (status != 0)
        rc = find(p);
    if (status != 0 || rc != RC_OK)
        return rc == RC_OK ? one_page(p, status) : rc;
    news_changes_raise(&p->changes);
    p->person.id = p->id;
    return desk_go(v, person_address(p, ""), "saved");
}

enum rc people_list_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct people *p = people_begin(&v, req, reply);
    return desk_may(&v, MAY_EDIT_PEOPLE) ? save_form(p) : RC_DENIED;
}

enum rc person_edit_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct people *p = people_begin(&v, req, reply);
    enum rc rc = find(p);
    return rc == RC_OK ? save_form(p) : rc;
}

// ---- merged, deleted, brought back -------------------------------------------------------------------------------------------

static enum rc merge(struct db *db, void *arg) {
    struct people *p = arg;
    struct audit_who who = desk_who(p->v);
    p->changes = (struct news_changes){0};
    return person_merge(p->v->a, db, &who, p->person.id, p->to, p->v->now, &p->changes, &p->problem);
}

enum rc person_merge_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct person into;
    struct people *p = people_begin(&v, req, reply);
    enum rc rc = find(p);
    if (rc != RC_OK)
        return rc;
    rc = person_by_words(v.a, v.db, desk_field(&v, "into"), &into);
    if (rc == RC_NOT_FOUND || rc == RC_GONE) {
        desk_problem(&v, "into", W_DESK_NO_SUCH_NAME);
        return one_page(p, 422);
    }
    p->to = into.id;
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, merge, p);
    int status = names_refused(&v, &rc, &p->problem);
    if (status != 0 || rc != RC_OK)
        return status != 0 ? one_page(p, status) : rc;
    news_changes_raise(&p->changes);
    names_go_on(&v);
    return desk_go(&v, str_fmt(v.a, "/desk/people/%lld", (long long)p->to), "merging");
}

static enum rc set_deleted(struct db *db, void *arg) {
    struct people *p = arg;
    struct audit_who who = desk_who(p->v);
    p->changes = (struct news_changes){0};
    return person_delete(p->v->a, db, &who, p->person.id, p->deletes, &p->changes);
}

static enum rc deleted_or_back(struct http_request *req, struct http_reply *reply, bool deletes) {
    struct desk_visit v;
    struct people *p = people_begin(&v, req, reply);
    enum rc rc = find(p);
    p->deletes = deletes;
    if (rc == RC_OK && !req->form_ok)
        return desk_go(&v, person_address(p, ""), "not_sure");
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, set_deleted, p);
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&p->changes);
    return desk_go(&v, person_address(p, ""), deletes ? "deleted" : "saved");
}

enum rc person_delete_post(struct http_request *req, struct http_reply *reply) {
    return deleted_or_back(req, reply, true);
}

enum rc person_restore_post(struct http_request *req, struct http_reply *reply) {
    return deleted_or_back(req, reply, false);
}
