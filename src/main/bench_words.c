// SPDX-License-Identifier: AGPL-3.0-or-later
// Words by rank: rank r is drawn about 1 / (r + 8) as often as the first (Zipf). With 30,000 words and some six
// hundred in an article, the first dozens stand in more than a fifth of all articles and most in very few.
#include "main/bench_words.h"

enum { WORDS = 30000, WORD_MAX = 16, DRAWS = 1 << 20 };

struct bench_words {
    uint64_t state;
    char text[WORDS][WORD_MAX];
    uint8_t size[WORDS];
    uint16_t draws[DRAWS]; // a number drawn evenly gives a word drawn by frequency
};

// xorshift64*: quick, and the same everywhere. Nothing secret hangs on it.
static uint64_t next(struct bench_words *w) {
    w->state ^= w->state >> 12;
    w->state ^= w->state << 25;
    w->state ^= w->state >> 27;
    return w->state * UINT64_C(2685821657736338717);
}

size_t bench_number(struct bench_words *w, size_t below) {
    return (size_t)((next(w) >> 11) % below);
}

// The rank written in syllables, so that no two words are equal. Frequent words are short, as everywhere.
static void make_word(struct bench_words *w, size_t rank) {
    static const char starts[] = "bdfghjklmnprstvwz", middles[] = "aeiou";
    size_t n = 0, left = rank + 1;
    while (left > 0 && n + 3 < WORD_MAX) {
        size_t syllable = left % 85;
        left /= 85;
        w->text[rank][n++] = starts[syllable / 5];
        w->text[rank][n++] = middles[syllable % 5];
    }
    w->text[rank][n++] = "nrst"[rank % 4];
    w->size[rank] = (uint8_t)n;
}

static void make_draws(struct bench_words *w) {
    double total = 0, sum = 0;
    size_t at = 0;
    for (size_t r = 0; r < WORDS; r++)
        total += 1.0 / ((double)r + 8.0);
    for (size_t r = 0; r < WORDS; r++) {
        sum += 1.0 / ((double)r + 8.0);
        size_t until = (size_t)(sum / total * DRAWS);
        for (; at < until && at < DRAWS; at++)
            w->draws[at] = (uint16_t)r;
    }
    for (; at < DRAWS; at++)
        w->draws[at] = (uint16_t)(WORDS - 1);
}

struct bench_words *bench_words_new(void) {
    struct bench_words *w = MEM_NEW(struct bench_words);
    w->state = UINT64_C(0x53494152414e3031);
    for (size_t r = 0; r < WORDS; r++)
        make_word(w, r);
    make_draws(w);
    return w;
}

void bench_words_free(struct bench_words **w) {
    mem_free(*w);
    *w = NULL;
}

struct str bench_word(const struct bench_words *w, size_t rank) {
    return (struct str){w->text[rank], w->size[rank]};
}

static struct str draw(struct bench_words *w) {
    return bench_word(w, w->draws[next(w) >> 44]);
}

static void put_words(struct bench_words *w, struct buf *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t at = b->n + (i > 0);
        if (i > 0)
            buf_char(b, ' ');
        buf_str(b, draw(w));
        if (i == 0)
            b->p[at] = (char)(b->p[at] - 'a' + 'A');
    }
}

static void put_paragraph(struct bench_words *w, struct buf *b) {
    buf_c(b, "<p>");
    size_t sentences = 3 + bench_number(w, 3);
    for (size_t i = 0; i < sentences; i++) {
        if (i > 0)
            buf_char(b, ' ');
        put_words(w, b, 9 + bench_number(w, 14));
        buf_char(b, '.');
    }
    buf_c(b, "</p>\n");
}

static struct str keep(struct arena *a, struct buf *b) {
    must(!b->failed);
    struct str text = str_dup(a, buf_view(b));
    buf_fini(b);
    return text;
}

struct str bench_headline(struct bench_words *w, struct arena *a) {
    struct buf b;
    buf_init(&b, 1 << 12);
    put_words(w, &b, 6 + bench_number(w, 6));
    return keep(a, &b);
}

struct str bench_sentence(struct bench_words *w, struct arena *a) {
    struct buf b;
    buf_init(&b, 1 << 12);
    put_words(w, &b, 12 + bench_number(w, 10));
    buf_char(&b, '.');
    return keep(a, &b);
}

struct str bench_body(struct bench_words *w, struct arena *a) {
    struct buf b;
    buf_init(&b, 1 << 16);
    size_t paragraphs = 8 + bench_number(w, 3);
    for (size_t i = 0; i < paragraphs; i++)
        put_paragraph(w, &b);
    return keep(a, &b);
}

struct str bench_tag(struct bench_words *w, struct arena *a, size_t n) {
    struct str word = bench_word(w, 200 + n);
    struct str tag = str_dup(a, word);
    return str_fmt(a, "%c%.*s", tag.p[0] - 'a' + 'A', (int)tag.n - 1, tag.p + 1);
}
