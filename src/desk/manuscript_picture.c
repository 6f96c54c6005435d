// SPDX-License-Identifier: AGPL-3.0-or-later
// The lead picture of a text: chosen from the library, uploaded on the spot, or taken away. Each is a save like any
// other, upon the version that was before the writer's eyes. What the library knows about the picture, its description
// in the text's language and whose it is, goes along; the editor's form then has the fields to say it better.
#include "desk/manuscript.h"
#include "desk/media.h"
#include "desk/routes.h"

static enum rc show(struct desk_visit *v, const struct manuscript *m, int status) {
    struct str path = manuscript_address(v, m->id, "/picture");
    struct str version = str_fmt(v->a, "%lld", (long long)m->version);
    struct view_desk_page *page = desk_page(v, W_DESK_PICTURE_CHOOSE);
    manuscript_crumbs(v, page, m);
    if (desk_may(v, MAY_ADD_MEDIA)) {
        struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_PICTURE_NEW));
        struct view_desk_form *form = desk_form(v, block, path, W_DESK_PICTURE_UPLOAD);
        desk_hidden(v, form, "version", version);
        struct view_desk_field *f = desk_area(v, form, "alt", W_DESK_IMAGE_ALT, STR_NONE, 2);
        f->max = MEDIA_ALT_MAX / 2;
        f->lang = text_lang_code(m->lang);
        f->dir = text_lang_is_rtl(m->lang) ? STR("rtl") : STR("ltr");
        desk_hint(v, f, W_DESK_IMAGE_ALT_HINT);
        desk_line(v, form, "credit", W_DESK_IMAGE_CREDIT, STR_NONE)->max = MEDIA_CREDIT_MAX;
        media_file_field(v, form, false);
    }
    if (m->content.image.media_id != 0) {
        struct view_desk_block *block = desk_block(v, page, STR_NONE);
        struct view_desk_form *form = desk_form(v, block, path, W_DESK_PICTURE_REMOVE);
        form->id = STR("picture-remove");
        form->quiet = true;
        desk_hidden(v, form, "version", version);
        desk_hidden(v, form, "media", STR("0"));
    }
    struct view_desk_block *block = desk_block(v, page, desk_word(v, W_DESK_MEDIA));
    struct media_grid grid = {.path = path.p, .choose = path.p, .version = version, .kind = MEDIA_PICTURE};
    enum rc rc = media_grid_show(v, block, &grid);
    return rc == RC_OK ? desk_send(v, page, status) : rc;
}

enum rc manuscript_picture_get(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find_to_edit(&v, &m);
    return rc == RC_OK ? show(&v, &m, 0) : rc;
}

// ---- choosing ----------------------------------------------------------------------------------------------------------

// What was typed with an upload counts for this text; else the library's words.
static enum rc picture_take(struct desk_visit *v, enum text_lang lang, int64_t media_id, struct article_image *out) {
    struct media_entry e;
    struct str alt = desk_field(v, "alt"), credit = desk_field(v, "credit");
    *out = (struct article_image){.media_id = media_id};
    if (media_id == 0)
        return RC_OK;
    enum rc rc = media_entry_get(v->a, v->db, media_id, &e);
    if (rc == RC_OK && e.kind != MEDIA_PICTURE) {
        desk_problem(v, "file", W_DESK_OTHER_KIND);
        return RC_INVALID;
    }
    if (rc != RC_OK)
        return rc;
    out->alt = alt.n > 0 ? alt : e.about.alts[lang];
    out->credit = credit.n > 0 ? credit : e.about.credit;
    return RC_OK;
}

static enum rc choose(struct desk_visit *v, const struct manuscript *m, int64_t media_id) {
    struct content content = m->content;
    enum rc rc = picture_take(v, m->lang, media_id, &content.image);
    return rc == RC_OK ? manuscript_keep(v, m, &content, "", "picture") : rc;
}

// An uploaded one stays in the library whatever becomes of the save.
static enum rc upload(struct desk_visit *v, int64_t *media_id_out) {
    struct str why = STR_NONE;
    if (!desk_may(v, MAY_ADD_MEDIA))
        return RC_DENIED;
    enum rc rc = media_take(v, &v->req->files[0], desk_field(v, "credit"), media_id_out, &why);
    if (rc == RC_INVALID)
        desk_problem_text(v, "file", why);
    return rc;
}

enum rc manuscript_picture_post(struct http_request *req, struct http_reply *reply) {
    struct desk_visit v;
    struct manuscript m;
    int64_t media_id = 0;
    desk_begin(&v, req, reply);
    enum rc rc = manuscript_find_to_edit(&v, &m);
    if (rc != RC_OK)
        return rc;
    bool chosen = str_to_i64(desk_field(&v, "media"), &media_id);
    if (!chosen && req->file_count == 0)
        desk_problem(&v, "file", W_DESK_FILES_NONE);
    rc = desk_form_ok(&v) ? RC_OK : RC_INVALID;
    if (rc == RC_OK && !chosen)
        rc = upload(&v, &media_id);
    if (rc == RC_OK)
        rc = choose(&v, &m, media_id);
    return rc == RC_INVALID ? show(&v, &m, 422) : rc;
}
