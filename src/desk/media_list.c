// SPDX-License-Identifier: AGPL-3.0-or-later
// The media library: everything that was uploaded, newest first, and the way in for more. The upload's form sends several
// files at once by itself; with script each goes alone, with a bar that shows how far it is (assets/desk.js), and is
// answered in JSON.
#include "desk/media.h"
#include "desk/routes.h"

enum rc media_list_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    struct view_desk_page *page = desk_page(&v, W_DESK_MEDIA);
    if (desk_may(&v, MAY_ADD_MEDIA))
        desk_action(&v, page, W_DESK_MEDIA_NEW, STR("/desk/media/new"));
    struct view_desk_block *block = desk_block(&v, page, STR_NONE);
    struct media_grid grid = {.path = "/desk/media"};
    enum rc rc = media_grid_show(&v, block, &grid);
    return rc == RC_OK ? desk_send(&v, page, 0) : rc;
}

// ---- the upload --------------------------------------------------------------------------------------------------------

struct outcome {
    struct str name, why; // why not; empty: taken
    int64_t id;
};

static void outcomes_show(struct desk_visit *v, struct view_desk_page *page, const struct outcome *all, size_t count,
                          bool taken) {
    struct view_desk_table *table = NULL;
    for (size_t i = 0; i < count; i++) {
        if ((all[i].why.n == 0) != taken)
            continue;
        if (table == NULL) {
            struct view_desk_block *block =
                desk_block(v, page, desk_word(v, taken ? W_DESK_FILES_TAKEN : W_DESK_FILES_REFUSED));
            block->warning = !taken;
            table = desk_table(v, block, taken ? W_DESK_FILES_TAKEN : W_DESK_FILES_REFUSED);
            desk_column(v, table, desk_word(v, W_DESK_FILE));
            if (!taken)
                desk_column(v, table, desk_word(v, W_DESK_FILE_WHY));
        }
        desk_row(v, table);
        struct view_desk_cell *cell = desk_cell(v, table, all[i].name);
        if (taken)
            cell->address = media_address(v, all[i].id, "");
        else
            desk_cell(v, table, all[i].why);
    }
}

static enum rc upload_page(struct desk_visit *v, const struct outcome *all, size_t count, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_MEDIA_NEW);
    desk_crumb(v, page, desk_word(v, W_DESK_MEDIA), STR("/desk/media"));
    outcomes_show(v, page, all, count, false);
    outcomes_show(v, page, all, count, true);
    struct view_desk_form *form = desk_form(v, desk_block(v, page, STR_NONE), STR("/desk/media/new"), W_DESK_UPLOAD);
    struct view_desk_field *f = desk_line(v, form, "credit", W_DESK_MEDIA_CREDIT, STR_NONE);
    f->max = MEDIA_CREDIT_MAX;
    desk_hint(v, f, W_DESK_MEDIA_CREDIT_HINT);
    media_file_field(v, form, true); // last: what was typed is there before the first file comes
    form->one_by_one = true;
    return desk_send(v, page, status);
}

enum rc media_new_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    return desk_may(&v, MAY_ADD_MEDIA) ? upload_page(&v, NULL, 0, 0) : RC_DENIED;
}

static void put_json(struct buf *out, const char *key, struct str text) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_json(&o, text);
    buf_fmt(out, ",\"%s\":", key);
    buf_str(out, buf_view(&o.body));
    render_out_fini(&o);
}

// For script, which sends one file at a time.
static enum rc answer_json(struct desk_visit *v, const struct outcome *one) {
    bool taken = one->why.n == 0;
    v->reply->content_type = STR("application/json");
    v->reply->status = taken ? 200 : 422;
    buf_fmt(&v->reply->body, "{\"taken\":%s", taken ? "true" : "false");
    put_json(&v->reply->body, taken ? "address" : "why", taken ? media_address(v, one->id, "") : one->why);
    buf_char(&v->reply->body, '}');
    return RC_OK;
}

static bool wants_json(const struct desk_visit *v) {
    size_t at;
    return str_find(http_request_header(v->req, "Accept"), STR("application/json"), &at);
}

enum rc media_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may(&v, MAY_ADD_MEDIA))
        return RC_DENIED;
    if (req->file_count == 0)
        desk_problem(&v, "files", W_DESK_FILES_NONE);
    if (!desk_form_ok(&v))
        return wants_json(&v) ? RC_INVALID : upload_page(&v, NULL, 0, 422);
    struct outcome *all = ARENA_ARRAY(v.a, struct outcome, req->file_count);
    bool some = false;
    for (size_t i = 0; i < req->file_count; i++) {
        all[i].name = req->files[i].name;
        enum rc rc = media_take(&v, &req->files[i], desk_field(&v, "credit"), &all[i].id, &all[i].why);
        if (rc != RC_OK && rc != RC_INVALID)
            return rc;
        some = some || rc == RC_OK;
    }
    if (wants_json(&v))
        return answer_json(&v, &all[0]);
    if (req->file_count == 1 && some)
        return desk_go(&v, media_address(&v, all[0].id, ""), "uploaded");
    return upload_page(&v, all, req->file_count, some ? 0 : 422);
}
