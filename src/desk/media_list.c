// SPDX-License-Identifier: AGPL-3.0-or-later
// The media library: everything that was uploaded, newest first, and the way in for more. The upload's form sends several
// files at once by itself; with script each goes alone, with a bar that shows how far it is (assets/desk.js), and is
// answered in JSON.
#include "desk/media.h"
#include "desk/routes.h"
#include "desk/upload.h"

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

static enum rc upload_page(struct desk_visit *v, const struct upload_outcome *all, size_t count, int status) {
    struct view_desk_page *page = desk_page(v, W_DESK_MEDIA_NEW);
    desk_crumb(v, page, desk_word(v, W_DESK_MEDIA), STR("/desk/media"));
    uploads_show(v, page, all, count);
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

enum rc media_new_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    desk_begin(&v, req, reply);
    if (!desk_may(&v, MAY_ADD_MEDIA))
        return RC_DENIED;
    if (req->file_count == 0)
        desk_problem(&v, "files", W_DESK_FILES_NONE);
    if (!desk_form_ok(&v))
        return upload_wants_json(&v) ? RC_INVALID : upload_page(&v, NULL, 0, 422);
    struct upload_outcome *all = ARENA_ARRAY(v.a, struct upload_outcome, req->file_count);
    bool some = false;
    for (size_t i = 0; i < req->file_count; i++) {
        all[i].name = req->files[i].name;
        int64_t id = 0;
        enum rc rc = media_take(&v, &req->files[i], desk_field(&v, "credit"), &id, &all[i].why);
        if (rc != RC_OK && rc != RC_INVALID)
            return rc;
        all[i].address = media_address(&v, id, "");
        some = some || rc == RC_OK;
    }
    if (upload_wants_json(&v))
        return upload_json(&v, &all[0]);
    if (req->file_count == 1 && some)
        return desk_go(&v, all[0].address, "uploaded");
    return upload_page(&v, all, req->file_count, some ? 0 : 422);
}
