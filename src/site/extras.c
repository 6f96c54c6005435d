// SPDX-License-Identifier: AGPL-3.0-or-later
// What an article carries beside its text: see extras.h. Each thing of the media library is one that the page depends on.
#include "site/extras.h"
#include "site/cards.h"

// A link needs a name, also of a picture that came along with an import and that nobody described.
static void name_it(struct visit *v, struct view_image *image, size_t number) {
    if (image->alt.n == 0)
        image->alt = text_phrase(v->a, v->lang, W_PICTURE_N, 0, text_number(v->a, v->lang, (int64_t)number), STR_NONE);
}

struct view_images gallery_view(struct visit *v, struct str rows) {
    struct view_images out = {ARENA_ARRAY(v->a, struct view_image, ROWS_MAX), 0};
    struct article_image picture;
    while (out.n < ROWS_MAX && gallery_next(&rows, &picture)) {
        struct view_image *image = &out.items[out.n];
        *image = picture_view(v, &picture, PICTURE_GALLERY);
        if (v->lite)
            image->whole = picture_whole(v, picture.media_id);
        if (image->whole.n == 0)
            continue; // it is not in the library any more
        name_it(v, image, ++out.n);
    }
    return out;
}

// ---- sound, video, documents -------------------------------------------------------------------------------------------

static bool file_view(struct visit *v, int64_t id, struct str title, struct view_file *out) {
    struct media_entry e;
    enum media_type type;
    render_use(&v->uses, EDITION_MEDIA, id);
    if (media_entry_get(v->a, v->db, id, &e) != RC_OK || e.kind == MEDIA_PICTURE || e.media.size_count == 0 ||
        !media_type_of_ext(e.media.sizes[0].ext, &type))
        return false;
    *out = (struct view_file){.title = title,
                              .type = media_type_mime(type),
                              .name = media_saved_name(v->a, e.about.file_name, e.media.sizes[0].ext),
                              .sound = e.kind == MEDIA_AUDIO,
                              .video = e.kind == MEDIA_VIDEO};
    out->address = link_media(v->a, e.media.sizes[0].sha256, e.media.sizes[0].ext);
    out->note = media_extent(v->a, v->lang, &e);
    return true;
}

void files_fill(struct visit *v, struct str rows, struct view_article *out) {
    struct view_file file;
    struct str title;
    int64_t id;
    out->sounds.items = ARENA_ARRAY(v->a, struct view_file, ROWS_MAX);
    out->videos.items = ARENA_ARRAY(v->a, struct view_file, ROWS_MAX);
    out->documents.items = ARENA_ARRAY(v->a, struct view_file, ROWS_MAX);
    for (size_t i = 0; i < ROWS_MAX && file_next(&rows, &id, &title); i++) {
        if (!file_view(v, id, title, &file))
            continue;
        if (file.sound)
            out->sounds.items[out->sounds.n++] = file;
        else if (file.video)
            out->videos.items[out->videos.n++] = file;
        else
            out->documents.items[out->documents.n++] = file;
    }
}

// ---- embeds --------------------------------------------------------------------------------------------------------------

void embeds_fill(struct visit *v, struct str rows, int64_t number, struct view_article *out) {
    struct list_row row;
    struct embed e;
    out->embeds.items = ARENA_ARRAY(v->a, struct view_embed, ROWS_MAX);
    for (size_t place = 1; place <= ROWS_MAX && rows_next(&rows, &row); place++) {
        if (!embed_find(v->a, row.cells[0], &e))
            continue;
        struct view_embed *view = &out->embeds.items[out->embeds.n++];
        view->title = row.cells[1].n > 0 ? row.cells[1] : e.provider;
        view->plays = e.frame.n > 0 && number != 0 && !v->lite;
        view->address = view->plays ? link_embed(v->a, v->lang, number, place) : e.address;
        view->note =
            text_phrase(v->a, v->lang, view->plays ? W_EMBED_NOTE : W_EMBED_LINK_NOTE, 0, e.provider, STR_NONE);
    }
}
