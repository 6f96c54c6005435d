// SPDX-License-Identifier: AGPL-3.0-or-later
// Reasons that a person reads at the desk in his own language, and others in the log or on the command line in English. Who
// refuses something knows no reader: it writes the English sentence, and behind it, at the end of the same room, which words
// these were.
#include <stddef.h>

#include "text/text.h"

enum { NAME_MAX_BYTES = 147 };

struct words {
    int64_t number;
    int32_t word; // enum text_word
    char name[NAME_MAX_BYTES];
    char there; // the last byte of a problem's text
};
_Static_assert(offsetof(struct words, there) == sizeof(struct words) - 1, "behind it stands nothing");

#define WORDS_AT (sizeof(((struct problem *)NULL)->text) - sizeof(struct words))

static struct str phrase(struct arena *a, enum text_lang lang, const struct words *w) {
    return text_phrase(a, lang, (enum text_word)w->word, w->number, str_from(w->name), text_number(a, lang, w->number));
}

enum rc problem_word(struct problem *p, enum rc rc, enum text_word word, int64_t number, struct str name) {
    if (p == NULL)
        return rc;
    struct words w = {.number = number, .word = (int32_t)word, .there = 1};
    struct str cut = utf8_cut(name, NAME_MAX_BYTES - 1);
    if (cut.n > 0)
        memcpy(w.name, cut.p, cut.n);
    struct arena *a = arena_new(1 << 12);
    struct str english = phrase(a, LANG_EN, &w);
    (void)problem_set(p, rc, "%.*s", STR_ARG(english));
    if (english.n < WORDS_AT)
        memcpy(p->text + WORDS_AT, &w, sizeof w);
    arena_free(&a);
    return rc;
}

struct str problem_text(struct arena *a, const struct problem *p, enum text_lang lang) {
    struct words w;
    memcpy(&w, p->text + WORDS_AT, sizeof w);
    return w.there != 0 ? phrase(a, lang, &w) : str_dup(a, str_from(p->text));
}
