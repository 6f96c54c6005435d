// SPDX-License-Identifier: AGPL-3.0-or-later
// The newspaper's words at run time: plain ones, phrases with arguments, and counters such as "Read 213 times" that
// a cached page writes afresh for every reader.
#include "text/inside.h"
#include "text/word_table.h"

struct text_counter {
    const struct word_row *row;
    enum text_lang lang;
};

static struct text_counter counters[LANG_COUNT][W_COUNT];

void words_start(void) {
    for (int lang = 0; lang < LANG_COUNT; lang++)
        for (unsigned w = 0; w < W_COUNT; w++)
            counters[lang][w] = (struct text_counter){&word_rows[lang][w], (enum text_lang)lang};
}

struct str text_word(enum text_lang lang, enum text_word w) {
    return word_rows[lang][w].forms[FORM_OTHER];
}

bool text_word_find(struct str key, enum text_word *out) {
    for (unsigned i = 0; i < W_COUNT; i++) {
        if (!str_eq(word_keys[i], key))
            continue;
        *out = (enum text_word)i;
        return true;
    }
    return false;
}

static struct str choose_form(const struct word_row *row, enum text_lang lang, uint64_t n) {
    if ((row->uses & WORD_USES_NUMBER) == 0)
        return row->forms[FORM_OTHER];
    if (n <= 2 && row->forms[FORM_EXACT_0 + n].p != NULL)
        return row->forms[FORM_EXACT_0 + n];
    struct str form = row->forms[number_form(lang, n)];
    return form.p != NULL ? form : row->forms[FORM_OTHER];
}

// Bytes 1 to 3 stand for the number and the two arguments.
static bool is_mark(char c) {
    return c >= 1 && c <= 3;
}

// The form with its marks filled in; bytes needed, of which at most `room` are written, never half a part.
static size_t fill(struct str form, const struct str parts[3], char *out, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < form.n;) {
        size_t from = i;
        while (i < form.n && !is_mark(form.p[i]))
            i++;
        struct str part = i > from ? str_slice(form, from, i) : parts[form.p[i++] - 1];
        if (part.n > 0 && n + part.n <= room)
            memcpy(out + n, part.p, part.n);
        n += part.n;
    }
    return n;
}

struct str text_phrase(struct arena *a, enum text_lang lang, enum text_word w, int64_t n, struct str arg0,
                       struct str arg1) {
    const struct word_row *row = &word_rows[lang][w];
    char number[NUMBER_MAX_BYTES];
    uint64_t count = n < 0 ? 0 : (uint64_t)n;
    struct str parts[3] = {STR_NONE, arg0, arg1};
    if ((row->uses & WORD_USES_NUMBER) != 0)
        parts[0] = (struct str){number, number_write(lang, count, number)};
    struct str form = choose_form(row, lang, count);
    size_t size = fill(form, parts, NULL, 0);
    char *out = arena_take(a, size + 1);
    fill(form, parts, out, size);
    return (struct str){out, size};
}

const struct text_counter *text_counter_get(enum text_lang lang, enum text_word w) {
    return &counters[lang][w];
}

size_t text_counter_write(const void *counter, uint64_t number, char *out, size_t room) {
    const struct text_counter *c = counter;
    char digits[NUMBER_MAX_BYTES];
    struct str parts[3] = {{digits, number_write(c->lang, number, digits)}, STR_NONE, STR_NONE};
    size_t n = fill(choose_form(c->row, c->lang, number), parts, out, room);
    return n <= room ? n : 0;
}
