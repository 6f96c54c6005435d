// SPDX-License-Identifier: AGPL-3.0-or-later
// Vorbis comments (Vorbis I, 5.2), which Opus and FLAC have too: a vendor, a number, and NAME=value in UTF-8.
#include "audio/inside.h"

// The next length in four bytes and what it counts; false: there is not as much.
static bool counted(struct str *rest, struct str *out) {
    if (rest->n < 4)
        return false;
    size_t n = le32((const uint8_t *)rest->p);
    *rest = str_slice(*rest, 4, rest->n);
    *out = str_slice(*rest, 0, n);
    *rest = str_slice(*rest, out->n, rest->n);
    return out->n == n;
}

static bool named(struct str comment, struct str name, struct str *value_out) {
    if (comment.n <= name.n || comment.p[name.n] != '=' || !str_eq_nocase(str_slice(comment, 0, name.n), name))
        return false;
    if (value_out->n == 0)
        *value_out = str_trim(str_slice(comment, name.n + 1, comment.n));
    return true;
}

size_t comments_title(struct str comments, struct buf *title_out) {
    struct str rest = comments, comment, artist = STR_NONE, title = STR_NONE;
    bool any = counted(&rest, &comment) && rest.n >= 4;
    rest = str_slice(rest, any ? 4 : rest.n, rest.n);
    while (any && counted(&rest, &comment))
        if (!named(comment, STR("ARTIST"), &artist))
            (void)named(comment, STR("TITLE"), &title);
    buf_clear(title_out);
    struct arena *a = arena_new(1 << 16);
    artist = audio_title(a, artist, STR("UTF-8"));
    title = audio_title(a, title, STR("UTF-8"));
    struct str both = artist.n > 0 && title.n > 0 ? str_fmt(a, "%.*s - %.*s", STR_ARG(artist), STR_ARG(title))
                      : title.n > 0               ? title
                                                  : artist;
    buf_str(title_out, utf8_cut(both, AUDIO_TITLE_BYTES));
    size_t artist_bytes = artist.n < title_out->n ? artist.n : title_out->n;
    arena_free(&a);
    return artist_bytes;
}
