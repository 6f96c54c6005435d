// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether a password may be taken.
#include "staff/internal.h"

enum { CONTEXT_MAX = 64, CONTEXT_LETTERS_MIN = 3 };

struct context {
    struct str words[CONTEXT_MAX];
    size_t count;
};

static bool is_letter(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 128 || (u >= 'a' && u <= 'z') || (u >= '0' && u <= '9');
}

static void add_word(struct context *c, struct str word) {
    if (c->count < CONTEXT_MAX && word.n >= CONTEXT_LETTERS_MIN)
        c->words[c->count++] = word;
}

// The whole, and each run of letters in it.
static void add_words(struct arena *a, struct context *c, struct str text) {
    if (!utf8_valid(text))
        return;
    struct str folded = text_fold(a, text);
    add_word(c, folded);
    for (size_t at = 0, from = 0; at <= folded.n; at++)
        if (at == folded.n || !is_letter(folded.p[at])) {
            add_word(c, str_slice(folded, from, at));
            from = at + 1;
        }
}

static enum rc form_check(struct str password, struct problem *p) {
    if (password.n > 4 * PASSWORD_CHARS_MAX || !utf8_valid(password) || utf8_count(password) > PASSWORD_CHARS_MAX)
        return problem_set(p, RC_INVALID, "a password has %d characters at most", PASSWORD_CHARS_MAX);
    if (utf8_count(password) < PASSWORD_CHARS_MIN)
        return problem_set(p, RC_INVALID,
                           "a password has %d characters at least; four or five words that have nothing "
                           "to do with each other are easy to remember",
                           PASSWORD_CHARS_MIN);
    if (!staff_line_ok(password, PASSWORD_CHARS_MAX))
        return problem_set(p, RC_INVALID, "a password has no control characters");
    return RC_OK;
}

enum rc password_check(const struct account *acc, struct str station, struct str password, struct problem *p) {
    enum rc rc = form_check(password, p);
    if (rc != RC_OK)
        return rc;
    struct arena *a = arena_new(1 << 20);
    struct context context = {.count = 0};
    add_words(a, &context, acc->login);
    add_words(a, &context, acc->name);
    add_words(a, &context, station);
    unsigned price = password_price(a, text_fold(a, password), context.words, context.count);
    arena_free(&a);
    if (price < PASSWORD_BITS * 10)
        return problem_set(p, RC_INVALID,
                           "this password is made of what is guessed first: common words, rows of keys, "
                           "years, repetitions, names; take four or five words that have nothing to do "
                           "with each other");
    return RC_OK;
}
