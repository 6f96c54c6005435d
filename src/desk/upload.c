// SPDX-License-Identifier: AGPL-3.0-or-later
// See upload.h.
#include "desk/upload.h"
#include "record/record.h"

struct str upload_name(const struct http_file *file) {
    struct str sent = file->name;
    size_t at;
    while (str_find_char(sent, '/', &at) || str_find_char(sent, '\\', &at))
        sent = str_slice(sent, at + 1, sent.n);
    sent = utf8_cut(str_trim(sent), MEDIA_NAME_MAX);
    return sent.n > 0 ? sent : STR("-");
}

static void outcomes_show(struct desk_visit *v, struct view_desk_page *page, const struct upload_outcome *all,
                          size_t count, bool taken) {
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
            cell->address = all[i].address;
        else
            desk_cell(v, table, all[i].why);
    }
}

void uploads_show(struct desk_visit *v, struct view_desk_page *page, const struct upload_outcome *all, size_t count) {
    outcomes_show(v, page, all, count, false);
    outcomes_show(v, page, all, count, true);
}

struct view_desk_field *upload_field(struct desk_visit *v, struct view_desk_form *form, bool several, struct str accept,
                                     struct str hint) {
    form->files = true;
    struct view_desk_field *f =
        desk_line(v, form, several ? "files" : "file", several ? W_DESK_FILES : W_DESK_FILE, STR_NONE);
    f->line = false;
    f->file = true;
    f->several = several;
    f->accept = accept;
    f->value = STR_NONE;
    f->hint = hint;
    return f;
}

// ---- for script --------------------------------------------------------------------------------------------------------

static void put_json(struct buf *out, const char *key, struct str text) {
    struct render_out o;
    render_out_init(&o, LANG_EN);
    render_json(&o, text);
    buf_fmt(out, ",\"%s\":", key);
    buf_str(out, buf_view(&o.body));
    render_out_fini(&o);
}

enum rc upload_json(struct desk_visit *v, const struct upload_outcome *one) {
    bool taken = one->why.n == 0;
    v->reply->content_type = STR("application/json");
    v->reply->status = taken ? 200 : 422;
    buf_fmt(&v->reply->body, "{\"taken\":%s", taken ? "true" : "false");
    put_json(&v->reply->body, taken ? "address" : "why", taken ? one->address : one->why);
    if (taken && one->choice.n > 0)
        put_json(&v->reply->body, "choice", one->choice);
    buf_char(&v->reply->body, '}');
    return RC_OK;
}

bool upload_wants_json(const struct desk_visit *v) {
    size_t at;
    return str_find(http_request_header(v->req, "Accept"), STR("application/json"), &at);
}
