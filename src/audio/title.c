// SPDX-License-Identifier: AGPL-3.0-or-later
// What encoders call a title, in whatever they take for text.
#include <unicode/ucnv.h>

#include "audio/audio.h"

enum { CHARSET_NAME = 40 };

// By ICU's converter of that name; false: there is none, or the bytes are not of it.
static bool converted(struct arena *a, struct str typed, struct str charset, struct str *out) {
    UErrorCode e = U_ZERO_ERROR;
    if (charset.n == 0 || charset.n > CHARSET_NAME)
        return false;
    int32_t room = (int32_t)typed.n * 4 + 1;
    char *text = arena_take(a, (size_t)room);
    int32_t n = ucnv_convert("UTF-8", str_c(a, charset), text, room, typed.p, (int32_t)typed.n, &e);
    *out = (struct str){text, U_SUCCESS(e) ? (size_t)n : 0};
    return U_SUCCESS(e) && utf8_valid(*out);
}

static struct str from_latin1(struct arena *a, struct str typed) {
    char *text = arena_take(a, typed.n * 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++)
        n += utf8_put(text + n, (uint8_t)typed.p[i]);
    return (struct str){text, n};
}

struct str audio_title(struct arena *a, struct str typed, struct str charset) {
    struct str text;
    typed = str_slice(typed, 0, AUDIO_TITLE_BYTES);
    if (!converted(a, typed, charset, &text))
        text = utf8_valid(typed) ? typed : from_latin1(a, typed);
    text = str_dup(a, utf8_cut(text, AUDIO_TITLE_BYTES));
    for (size_t i = 0; i < text.n; i++)
        if ((uint8_t)text.p[i] < ' ' || text.p[i] == 0x7f)
            ((char *)(uintptr_t)text.p)[i] = ' ';
    return str_trim(text);
}
