// SPDX-License-Identifier: AGPL-3.0-or-later
// The sections of a language: in order, made, renamed, deleted with their articles going elsewhere.
#include "desk/names.h"
#include "desk/routes.h"

struct sections {
    struct desk_visit *v;
    enum text_lang lang;
    struct section section; // id 0: a new one
    struct section_edit edit;
    enum place_way way;
    int64_t id, to;
    bool stale; // somebody saved it in the meantime
    struct news_changes changes;
    struct problem problem;
};

static struct str list_address(struct sections *s) {
    return str_fmt(s->v->a, "/desk/sections?lang=%.*s", STR_ARG(text_lang_code(s->lang)));
}

static struct str section_address(struct sections *s, const char *rest) {
    return str_fmt(s->v->a, "/desk/sections/%lld%s", (long long)s->section.id, rest);
}

static struct sections *sections_begin(struct desk_visit *v, struct http_request *req, struct http_reply *reply) {
    desk_begin(v, req, reply);
    struct sections *s = ARENA_NEW(v->a, struct sections);
    s->v = v;
    return s;
}

static enum rc find(struct sections *s) {
    struct desk_visit *v = s->v;
    enum rc rc = section_by_id(v->a, v->db, desk_number(v, 0), &s->section);
    s->lang = s->section.lang;
    return rc == RC_OK && !standing_may(v, MAY_EDIT_SECTIONS, s->lang) ? RC_DENIED : rc;
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static enum rc list_page(struct sections *s) {
    struct desk_visit *v = s->v;
    struct section *rows;
    size_t n;
    enum rc rc = section_list(v->a, v->db, s->lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(v, W_DESK_SECTIONS);
    desk_action(v, page, W_DESK_SECTION_NEW,
                str_fmt(v->a, "/desk/sections/new?lang=%.*s", STR_ARG(text_lang_code(s->lang))));
    standing_tabs(v, page, MAY_EDIT_SECTIONS, "/desk/sections?lang=", s->lang);
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    block->text = desk_word(v, W_DESK_SECTIONS_TEXT);
    struct view_desk_sort *sort = desk_sort(v, block, W_DESK_SECTIONS);
    for (size_t i = 0; i < n; i++) {
        struct view_desk_sort_item *item =
            desk_sort_item(v, sort, STR("/desk/sections/move"), standing_number(v, rows[i].id), rows[i].name);
        item->address = str_fmt(v->a, "/desk/sections/%lld", (long long)rows[i].id);
        item->note = str_fmt(v->a, "%.*s (%.*s)", STR_ARG(link_section(v->a, s->lang, rows[i].slug)),
                             STR_ARG(desk_number_text(v, rows[i].count)));
        if (rows[i].highlight) {
            item->badge = text_word(v->lang, W_PROGRAM_HIGHLIGHT);
            item->tone = STR("plain");
        }
        if (i > 0)
            desk_sort_way(v, item, "up", W_DESK_MOVE_UP);
        if (i + 1 < n)
            desk_sort_way(v, item, "down", W_DESK_MOVE_DOWN);
    }
    return desk_send(v, page, 0);
}

enum rc sections_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    return standing_lang(&v, MAY_EDIT_SECTIONS, desk_field(&v, "lang"), &s->lang) ? list_page(s) : RC_DENIED;
}

static enum rc move(struct db *db, void *arg) {
    struct sections *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return section_reorder(s->v->a, db, &who, s->id, s->way, s->to, &s->changes);
}

enum rc sections_move_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    (void)str_to_i64(desk_field(&v, "id"), &s->id);
    (void)str_to_i64(desk_field(&v, "beside"), &s->to);
    enum rc rc = section_by_id(v.a, v.db, s->id, &s->section);
    s->lang = s->section.lang;
    if (rc == RC_OK && !standing_may(&v, MAY_EDIT_SECTIONS, s->lang))
        rc = RC_DENIED;
    if (rc == RC_OK && !place_way_find(desk_field(&v, "way"), &s->way))
        rc = RC_INVALID;
    if (rc == RC_OK)
        rc = store_write(v.site->store, STORE_DURABLE, move, s);
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    return desk_go(&v, list_address(s), "moved");
}

// ---- one section ---------------------------------------------------------------------------------------------------------

static void in_lang(struct sections *s, struct view_desk_field *f, int64_t max) {
    f->max = max;
    f->lang = text_lang_code(s->lang);
    f->dir = str_from(text_lang_is_rtl(s->lang) ? "rtl" : "ltr");
}

static void form_fields(struct sections *s, struct view_desk_form *form) {
    struct desk_visit *v = s->v;
    struct view_desk_field *f = desk_line(v, form, "name", W_DESK_NAME, s->section.name);
    in_lang(s, f, 60);
    f->required = true;
    f = desk_line(v, form, "slug", W_DESK_SLUG, s->section.slug);
    f->max = 80;
    desk_hint(v, f, W_DESK_OLD_SLUG_HINT);
    f = desk_line(v, form, "description", W_DESK_DESCRIPTION, s->section.description);
    in_lang(s, f, 300);
    f = desk_tick(v, form, "highlight", W_DESK_SECTION_HIGHLIGHT, s->section.highlight);
    f = desk_tick(v, form, "on_front", W_DESK_SECTION_ON_FRONT, s->section.on_front);
}

static void beside(struct sections *s, struct view_desk_page *page) {
    const struct section *now = &s->section;
    const struct str yes = STR("1");
    const struct names_field fields[] = {
        {"name", W_DESK_NAME, now->name, false, STR_NONE},
        {"slug", W_DESK_SLUG, now->slug, false, STR_NONE},
        {"description", W_DESK_DESCRIPTION, now->description, false, STR_NONE},
        {"highlight", W_DESK_SECTION_HIGHLIGHT, now->highlight ? yes : STR_NONE, true, STR_NONE},
        {"on_front", W_DESK_SECTION_ON_FRONT, now->on_front ? yes : STR_NONE, true, STR_NONE},
    };
    names_beside(s->v, page, fields, sizeof fields / sizeof fields[0]);
}

// Where its articles can go, and what keeps it from going.
static enum rc delete_block(struct sections *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct section *rows;
    size_t n;
    enum rc rc = section_list(v->a, v->db, s->lang, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_SECTION_DELETE));
    block->text = desk_word(v, W_DESK_SECTION_DELETE_TEXT);
    struct view_desk_form *form = desk_form(v, block, section_address(s, "/delete"), W_DESK_SECTION_DELETE);
    form->danger = form->quiet = true;
    struct view_desk_field *f = desk_select(v, form, "into", W_DESK_SECTION_TO, STR("0"));
    desk_choice(v, f, STR("0"), desk_word(v, W_DESK_SECTION_TO_NONE));
    for (size_t i = 0; i < n; i++)
        if (rows[i].id != s->section.id)
            desk_choice(v, f, standing_number(v, rows[i].id), rows[i].name);
    desk_tick(v, form, "sure", W_DESK_SURE, false)->required = true;
    if (standing_may(v, MAY_EDIT_SETTINGS, s->lang)) // an entry that leads here must be taken out first
        form->other =
            (struct view_desk_link){.label = desk_word(v, W_DESK_MENUS),
                                    .address = str_fmt(v->a, "/desk/menus/%.*s", STR_ARG(text_lang_code(s->lang)))};
    return RC_OK;
}

static enum rc facts(struct sections *s, struct view_desk_page *page) {
    struct desk_visit *v = s->v;
    struct view_desk_block *block = desk_block(v, page, STR_NONE);
    desk_fact(v, block, W_DESK_ARTICLES, desk_number_text(v, s->section.count));
    enum rc rc = names_aliases(v, block, ALIAS_SECTION, s->section.id);
    struct str address = link_section(v->a, s->lang, s->section.slug);
    desk_link(v, &block->links, desk_word(v, W_DESK_PUBLIC_PAGE), address, address);
    names_merging(v, block, MERGE_SECTION, s->section.id);
    return rc;
}

static enum rc one_page(struct sections *s, int status) {
    struct desk_visit *v = s->v;
    bool adds = s->section.id == 0;
    struct view_desk_page *page = adds ? desk_page(v, W_DESK_SECTION_NEW) : desk_page_named(v, s->section.name);
    desk_crumb(v, page, desk_word(v, W_DESK_SECTIONS), list_address(s));
    enum rc rc = adds ? RC_OK : facts(s, page);
    struct view_desk_form *form =
        desk_form(v, desk_block(v, page, adds ? text_lang_name(s->lang) : desk_word(v, W_DESK_SECTION)), v->req->path,
                  W_DESK_SAVE);
    if (adds)
        desk_hidden(v, form, "lang", text_lang_code(s->lang));
    else
        form->action = section_address(s, "");
    desk_hidden(v, form, "version", standing_number(v, s->section.version));
    form_fields(s, form);
    if (s->stale)
        beside(s, page);
    if (rc == RC_OK && !adds)
        rc = delete_block(s, page);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc section_new_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    s->section.on_front = true;
    return standing_lang(&v, MAY_EDIT_SECTIONS, desk_field(&v, "lang"), &s->lang) ? one_page(s, 0) : RC_DENIED;
}

enum rc section_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    enum rc rc = find(s);
    return rc == RC_OK ? one_page(s, 0) : rc;
}

static enum rc save(struct db *db, void *arg) {
    struct sections *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return section_edit(s->v->a, db, &who, &s->edit, &s->id, &s->changes, &s->problem);
}

static enum rc saved(struct sections *s, enum rc rc) {
    struct desk_visit *v = s->v;
    s->stale = rc == RC_BUSY;
    int status = names_refused(v, &rc, &s->problem);
    if (status != 0) { // with what stands there by now, and what was typed
        rc = s->section.id != 0 ? find(s) : RC_OK;
        return rc == RC_OK ? one_page(s, status) : rc;
    }
    if (rc != RC_OK)
        return rc;
    news_changes_raise(&s->changes);
    s->section.id = s->id;
    return desk_go(v, section_address(s, ""), "saved");
}

static enum rc save_form(struct sections *s) {
    struct desk_visit *v = s->v;
    s->edit = (struct section_edit){.id = s->section.id,
                                    .lang = s->lang,
                                    .name = desk_field(v, "name"),
                                    .slug = desk_field(v, "slug"),
                                    .description = desk_field(v, "description"),
                                    .highlight = desk_field(v, "highlight").n > 0,
                                    .on_front = desk_field(v, "on_front").n > 0};
    (void)str_to_i64(desk_field(v, "version"), &s->edit.base_version);
    return saved(s, v->req->form_ok ? store_write(v->site->store, STORE_DURABLE, save, s) : RC_INVALID);
}

enum rc section_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    if (!text_lang_find(desk_field(&v, "lang"), &s->lang))
        return RC_INVALID;
    return standing_may(&v, MAY_EDIT_SECTIONS, s->lang) ? save_form(s) : RC_DENIED;
}

enum rc section_show_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    enum rc rc = find(s);
    return rc == RC_OK ? save_form(s) : rc;
}

// ---- deleted -------------------------------------------------------------------------------------------------------------

static enum rc take_away(struct db *db, void *arg) {
    struct sections *s = arg;
    struct audit_who who = desk_who(s->v);
    s->changes = (struct news_changes){0};
    return section_delete(s->v->a, db, &who, s->section.id, s->to, s->v->now, &s->changes, &s->problem);
}

enum rc section_delete_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct sections *s = sections_begin(&v, req, reply);
    enum rc rc = find(s);
    if (rc != RC_OK)
        return rc;
    if (!req->form_ok)
        return desk_go(&v, section_address(s, ""), "not_sure");
    (void)str_to_i64(desk_field(&v, "into"), &s->to);
    rc = store_write(v.site->store, STORE_DURABLE, take_away, s);
    int status = names_refused(&v, &rc, &s->problem);
    if (status != 0 || rc != RC_OK)
        return status != 0 ? one_page(s, status) : rc;
    news_changes_raise(&s->changes);
    names_go_on(&v);
    return desk_go(&v, list_address(s), s->to != 0 ? "merging" : "deleted");
}
