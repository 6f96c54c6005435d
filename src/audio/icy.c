// SPDX-License-Identifier: AGPL-3.0-or-later
// Titles beside the sound, as players have read them since Shoutcast: a block every so many bytes, its length counted in
// sixteens. There is no standard; what Icecast 2.4.4 sends and players read is the measure.
#include "audio/audio.h"

enum { SIXTEEN = 16, ROOM = 255 * SIXTEEN };

// What would end the value early becomes a quotation mark that does not.
static struct str quoted(struct arena *a, struct str s) {
    struct buf b;
    buf_init(&b, ROOM * 3);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'' && i + 1 < s.n && s.p[i + 1] == ';')
            buf_c(&b, "’");
        else
            buf_char(&b, s.p[i]);
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

size_t audio_icy_block(struct str title, struct str url, char out[AUDIO_ICY_BLOCK_MAX]) {
    static const char open[] = "StreamTitle='", also[] = "StreamUrl='", end[] = "';";
    size_t frame = sizeof open + sizeof also + 2 * sizeof end, most = ROOM - frame;
    struct arena *a = arena_new(ROOM * 8);
    title = utf8_cut(quoted(a, title), most);
    url = quoted(a, url);
    if (url.n > most - title.n)
        url = STR_NONE; // an address that was cut leads nowhere
    struct buf b;
    buf_init(&b, ROOM + 1);
    buf_fmt(&b, "%s%.*s%s", open, STR_ARG(title), end);
    if (url.n > 0)
        buf_fmt(&b, "%s%.*s%s", also, STR_ARG(url), end);
    size_t sixteens = (b.n + SIXTEEN - 1) / SIXTEEN;
    memset(out, 0, 1 + sixteens * SIXTEEN);
    out[0] = (char)(uint8_t)sixteens;
    memcpy(out + 1, buf_view(&b).p, b.n);
    buf_fini(&b);
    arena_free(&a);
    return 1 + sixteens * SIXTEEN;
}
