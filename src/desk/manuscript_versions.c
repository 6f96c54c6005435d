// SPDX-License-Identifier: AGPL-3.0-or-later
// What a text was before: its versions, what changed from one to the next in words, and taking an older one up again.
#include "desk/manuscript.h"
#include "desk/diff.h"
#include "desk/routes.h"

enum { VERSIONS_SHOWN = 50 };

static struct str kind_word(struct desk_visit *v, enum version_kind kind) {
    static const enum text_word words[] = {[VERSION_SAVED] = W_DESK_VERSION_SAVED,
                                           [VERSION_AUTO] = W_DESK_VERSION_AUTO,
                                           [VERSION_MERGED] = W_DESK_VERSION_MERGED,
                                           [VERSION_RESTORED] = W_DESK_VERSION_RESTORED,
                                           [VERSION_BROUGHT] = W_DESK_VERSION_BROUGHT};
    return desk_word(v, words[kind]);
}

static struct str version_title(struct desk_visit *v, int64_t version) {
    return text_phrase(v->a, v->lang, W_DESK_VERSION_N, 0, desk_number_text(v, version), STR_NONE);
}

static void version_row(struct desk_visit *v, struct view_desk_table *table, const struct manuscript *m,
                        const struct manuscript_version *version) {
    desk_row(v, table);
    struct view_desk_cell *cell = desk_cell(v, table, version_title(v, version->version));
    cell->address = manuscript_address(v, m->id, str_fmt(v->a, "/versions/%lld", (long long)version->version).p);
    if (version->version == m->published_version) {
        cell->badge = desk_word(v, W_DESK_STATE_OUT);
        cell->tone = STR("good");
    }
    desk_cell(v, table, kind_word(v, version->kind));
    cell = desk_cell(v, table, version->account_name);
    cell->note = desk_date(v, version->saved_at);
}

enum rc versions_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    struct manuscript_version *rows;
    size_t count;
    int64_t before = 0;
    desk_begin(&v, req, reply);
    (void)str_to_i64(desk_field(&v, "before"), &before);
    enum rc rc = manuscript_find(&v, &m);
    if (rc == RC_OK)
        rc = version_list(v.a, v.db, m.id, before, VERSIONS_SHOWN, &rows, &count);
    if (rc != RC_OK)
        return rc;
    struct view_desk_page *page = desk_page(&v, W_DESK_VERSIONS);
    manuscript_crumbs(&v, page, &m);
    struct view_desk_table *table = desk_table(&v, desk_block(&v, page, STR_NONE), W_DESK_VERSIONS);
    desk_column(&v, table, desk_word(&v, W_DESK_VERSION));
    desk_column(&v, table, desk_word(&v, W_DESK_KIND));
    desk_column(&v, table, desk_word(&v, W_DESK_WHO));
    for (size_t i = 0; i < count; i++)
        version_row(&v, table, &m, &rows[i]);
    if (count == VERSIONS_SHOWN)
        table->more = (struct view_desk_link){
            .label = desk_word(&v, W_DESK_OLDER),
            .address = manuscript_address(&v, m.id,
                                          str_fmt(v.a, "/versions?before=%lld", (long long)rows[count - 1].version).p)};
    return desk_send(&v, page, 0);
}

// What it changed, against the version before it; the first against nothing.
enum rc version_show_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    struct manuscript_version version, before = {0};
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find(&v, &m);
    if (rc == RC_OK)
        rc = version_load(v.a, v.db, m.id, desk_number(&v, 1), &version);
    if (rc != RC_OK)
        return rc;
    rc = version_base(v.a, v.db, m.id, version.version - 1, &before);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    struct view_desk_page *page = desk_page_named(&v, version_title(&v, version.version));
    manuscript_crumbs(&v, page, &m);
    desk_crumb(&v, page, desk_word(&v, W_DESK_VERSIONS), manuscript_address(&v, m.id, "/versions"));
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    desk_fact(&v, block, W_DESK_SAVED, desk_date(&v, version.saved_at));
    desk_fact(&v, block, W_DESK_WHO, version.account_name);
    desk_fact(&v, block, W_DESK_KIND, kind_word(&v, version.kind));
    if (version.version != m.version && manuscript_may_edit(&v, &m)) {
        struct view_desk_form *form = desk_form(
            &v, block, manuscript_address(&v, m.id, str_fmt(v.a, "/versions/%lld", (long long)version.version).p),
            W_DESK_RESTORE);
        form->quiet = true;
        desk_hidden(&v, form, "version", str_fmt(v.a, "%lld", (long long)m.version));
    }
    block = desk_block(&v, page, desk_word(&v, W_DESK_CHANGED));
    diff_contents(&v, block, m.lang, &before.content, &version.content);
    return desk_send(&v, page, 0);
}

enum rc version_restore_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    struct manuscript_version version;
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find_to_edit(&v, &m);
    if (rc == RC_OK)
        rc = version_load(v.a, v.db, m.id, desk_number(&v, 1), &version);
    if (rc != RC_OK)
        return rc;
    struct manuscript_put *put = ARENA_NEW(v.a, struct manuscript_put);
    put->order = (struct manuscript_saving){.id = m.id, .kind = VERSION_RESTORED, .content = version.content};
    rc = manuscript_put_and_go(&v, put, "", "restored");
    return rc == RC_INVALID ? manuscript_page(&v, &m, 422) : rc;
}
