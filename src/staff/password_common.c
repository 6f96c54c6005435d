// SPDX-License-Identifier: AGPL-3.0-or-later
// What a password costs a guesser who knows how people make them. It is cut into parts in every possible way, and the
// cheapest way counts (dynamic programming from the front):
//
//   part                                       tenths of a bit
//   a word about the account or the station    20
//   a word of the list                         90, + 10 with digits or signs for letters
//   the same again at once ("lalala")          10 each time
//   something that stood before                40
//   a run: abc, 4321, aaaa                     45
//   a walk on the keyboard: qwert, 1qaz        60, + 20 for each turn
//   a year from 1900 to 2049; a date           60; 120
//   one digit; letter; other sign              33; 47; 50  (a sign between words: 30; Han and kana: 90)
//
// A few hundred words make 9 bits; the other prices are what a guesser's list of that kind would hold. They are no
// measure of entropy, only a way to say "common" that also knows what nobody leaked yet.
#include "staff/internal.h"

// Of longer passwords the beginning decides; it cannot get cheaper by more.
enum { LOOK_AT = 128, MANY = 1000000 };

struct subject {
    uint32_t c[LOOK_AT];
    size_t n;
    unsigned best[LOOK_AT + 1];
};

static void offer(struct subject *s, size_t to, unsigned price) {
    if (price < s->best[to])
        s->best[to] = price;
}

static bool is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

// ---- words -----------------------------------------------------------------------------------------------------------

// The letters that a digit or sign stands for.
static const char *disguise_of(uint32_t c) {
    static const struct {
        char sign;
        const char *letters;
    } rows[] = {
        {'0', "o"}, {'1', "il"}, {'2', "z"}, {'3', "e"}, {'4', "a"},  {'5', "s"},  {'6', "bg"}, {'7', "t"},
        {'8', "b"}, {'9', "g"},  {'@', "a"}, {'$', "s"}, {'!', "il"}, {'|', "il"}, {'+', "t"},  {'(', "c"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if ((uint32_t)(unsigned char)rows[i].sign == c)
            return rows[i].letters;
    return "";
}

// Whether the word stands at `from`; *disguised_out when not letter for letter.
static bool word_stands(const struct subject *s, size_t from, struct str word, bool *disguised_out) {
    if (word.n > s->n - from)
        return false;
    *disguised_out = false;
    for (size_t i = 0; i < word.n; i++) {
        uint32_t c = s->c[from + i];
        if (c == (uint32_t)(unsigned char)word.p[i])
            continue;
        if (word.p[i] == '\0' || strchr(disguise_of(c), word.p[i]) == NULL)
            return false;
        *disguised_out = true;
    }
    return true;
}

static void offer_word(struct subject *s, size_t from, struct str word, unsigned price) {
    bool disguised;
    if (word.n > 0 && word_stands(s, from, word, &disguised))
        offer(s, from + word.n, s->best[from] + price + (disguised ? 10 : 0));
}

static void offer_words(struct subject *s, size_t from) {
    struct str rest = str_from(password_words), word;
    while (str_next(&rest, ' ', &word))
        offer_word(s, from, word, 90);
}

// ---- patterns --------------------------------------------------------------------------------------------------------

static void offer_repetitions(struct subject *s, size_t at) {
    for (size_t from = 0; from < at; from++) {
        size_t same = 0, gap = at - from;
        while (at + same < s->n && s->c[from + same] == s->c[at + same]) {
            same++;
            if (same % gap == 0)
                offer(s, at + same, s->best[at] + 10 * (unsigned)(same / gap));
            if (same >= 3)
                offer(s, at + same, s->best[at] + 40);
        }
    }
}

static void offer_runs(struct subject *s, size_t from) {
    for (size_t n = 2; from + n <= s->n; n++) {
        int64_t step = (int64_t)s->c[from + 1] - (int64_t)s->c[from];
        if (step < -1 || step > 1 || (int64_t)s->c[from + n - 1] - (int64_t)s->c[from + n - 2] != step)
            return;
        if (n >= 3)
            offer(s, from + n, s->best[from] + 45);
    }
}

struct place {
    int row, column; // row 0: not on the keyboard
};

// The upper signs of the digits' row count as digits.
static uint32_t lower_sign(uint32_t c) {
    static const char upper[] = "!@#$%^&*()", lower[] = "1234567890";
    const char *at = c > 0 && c < 128 ? strchr(upper, (int)c) : NULL;
    return at != NULL ? (uint32_t)(unsigned char)lower[at - upper] : c;
}

static struct place place_of(uint32_t c, int layout) {
    static const char *const rows[3][4] = {{"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"},
                                           {"1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm,.-"},
                                           {"1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn,;:!"}};
    c = lower_sign(c);
    for (int row = 0; row < 4; row++) {
        const char *at = c > 0 && c < 128 ? strchr(rows[layout][row], (int)c) : NULL;
        if (at != NULL)
            return (struct place){row + 1, (int)(at - rows[layout][row])};
    }
    return (struct place){0, 0};
}

static void offer_walks(struct subject *s, size_t from, int layout) {
    struct place last = place_of(s->c[from], layout);
    int last_row = 0, last_column = 0;
    unsigned turns = 0;
    for (size_t n = 1; last.row != 0 && from + n < s->n; n++) {
        struct place next = place_of(s->c[from + n], layout);
        int row = next.row - last.row, column = next.column - last.column;
        if (next.row == 0 || row < -1 || row > 1 || column < -1 || column > 1 || (row == 0 && column == 0))
            return;
        turns += n > 1 && (row != last_row || column != last_column);
        last = next;
        last_row = row;
        last_column = column;
        if (n + 1 >= 3)
            offer(s, from + n + 1, s->best[from] + 60 + 20 * turns);
    }
}

// The number in `n` digits at `from`, or -1.
static int number_at(const struct subject *s, size_t from, size_t n) {
    int value = 0;
    if (from + n > s->n)
        return -1;
    for (size_t i = from; i < from + n; i++) {
        if (!is_digit(s->c[i]))
            return -1;
        value = value * 10 + (int)(s->c[i] - '0');
    }
    return value;
}

static bool is_day(int day) {
    return day >= 1 && day <= 31;
}

static bool is_year(int year) {
    return year >= 1900 && year <= 2049;
}

static bool is_sign_of_dates(uint32_t c) {
    return c == '-' || c == '.' || c == '/' || c == ' ';
}

// "1990-05-17" and "17.05.1990": the same as without the signs.
static void offer_signed_dates(struct subject *s, size_t at) {
    if (at + 10 > s->n)
        return;
    bool year_first = is_sign_of_dates(s->c[at + 4]) && s->c[at + 7] == s->c[at + 4];
    bool year_last = is_sign_of_dates(s->c[at + 2]) && s->c[at + 5] == s->c[at + 2];
    int year = number_at(s, year_first ? at : at + 6, 4);
    int left = number_at(s, year_first ? at + 5 : at, 2), right = number_at(s, year_first ? at + 8 : at + 3, 2);
    if ((year_first || year_last) && is_year(year) && is_day(left) && is_day(right) && (left <= 12 || right <= 12))
        offer(s, at + 10, s->best[at] + 120);
}

static void offer_dates(struct subject *s, size_t at) {
    int a = number_at(s, at, 2), b = number_at(s, at + 2, 2), year = number_at(s, at + 4, 4),
        first = number_at(s, at, 4), month = number_at(s, at + 4, 2), day = number_at(s, at + 6, 2);
    if (is_year(first))
        offer(s, at + 4, s->best[at] + 60);
    bool day_and_month = is_day(a) && is_day(b) && (a <= 12 || b <= 12);
    if (day_and_month && number_at(s, at + 4, 2) >= 0)
        offer(s, at + 6, s->best[at] + 120);
    if ((day_and_month && is_year(year)) || (is_year(first) && month >= 1 && month <= 12 && is_day(day)))
        offer(s, at + 8, s->best[at] + 120);
}

static unsigned single_price(uint32_t c) {
    if (is_digit(c))
        return 33;
    if (c >= 'a' && c <= 'z')
        return 47;
    if (c > 0 && c < 128 && strchr(" .,-_!?'/:;", (int)c) != NULL)
        return 30;
    return c >= 0x3040 && c < 0xd800 ? 90 : 50;
}

// ---- the cheapest way --------------------------------------------------------------------------------------------------

static void subject_read(struct subject *s, struct str folded) {
    s->n = 0;
    for (size_t at = 0; at < folded.n && s->n < LOOK_AT;)
        s->c[s->n++] = utf8_next(folded, &at);
    for (size_t i = 0; i <= s->n; i++)
        s->best[i] = MANY;
    s->best[0] = 0;
}

unsigned password_price(struct arena *a, struct str folded, const struct str *context, size_t context_count) {
    struct subject *s = ARENA_NEW(a, struct subject);
    subject_read(s, folded);
    for (size_t at = 0; at < s->n; at++) {
        offer(s, at + 1, s->best[at] + single_price(s->c[at]));
        for (size_t i = 0; i < context_count; i++)
            offer_word(s, at, context[i], 20);
        offer_words(s, at);
        offer_repetitions(s, at);
        offer_runs(s, at);
        for (int layout = 0; layout < 3; layout++)
            offer_walks(s, at, layout);
        offer_dates(s, at);
        offer_signed_dates(s, at);
    }
    return s->best[s->n];
}
