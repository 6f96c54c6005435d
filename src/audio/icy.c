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

// ---- the other way round -----------------------------------------------------------------------------------------------

// Quotes inside a title stand as they are: it ends where "';" does, or with the block.
static bool block_title(struct str block, struct str *out) {
    static const char open[] = "StreamTitle='";
    size_t at, end;
    if (!str_find(block, STR("StreamTitle='"), &at))
        return false;
    block = str_slice(block, at + sizeof open - 1, block.n);
    if (!str_find(block, STR("';"), &end))
        return false;
    *out = str_slice(block, 0, end);
    return true;
}

static bool block_over(struct audio_icy_split *s) {
    struct str title;
    bool go_on = !block_title(buf_view(&s->block), &title) || s->title(s->arg, title);
    buf_clear(&s->block);
    s->in_block = false;
    s->sound_given = 0;
    return go_on;
}

bool audio_icy_split_feed(struct audio_icy_split *s, const char *p, size_t n) {
    must(s->metaint > 0);
    if (s->block.max == 0)
        buf_init(&s->block, ROOM);
    for (size_t at = 0, some; at < n; at += some) {
        size_t rest = n - at, until = s->metaint - s->sound_given;
        if (s->in_block) {
            some = rest < s->block_left ? rest : s->block_left;
            buf_add(&s->block, p + at, some);
            s->block_left -= (uint32_t)some;
            if (s->block_left == 0 && !block_over(s))
                return false;
        } else if (until == 0) {
            some = 1;
            s->block_left = SIXTEEN * (uint8_t)p[at];
            s->in_block = s->block_left > 0;
            s->sound_given = 0;
        } else {
            some = rest < until ? rest : until;
            s->sound_given += (uint32_t)some;
            if (!s->sound(s->arg, p + at, some))
                return false;
        }
    }
    return true;
}

void audio_icy_split_fini(struct audio_icy_split *s) {
    if (s->block.max > 0)
        buf_fini(&s->block);
}
