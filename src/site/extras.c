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
