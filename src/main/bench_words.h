// SPDX-License-Identifier: AGPL-3.0-or-later
// Invented words for bench-data (private to src/main): a vocabulary of syllables whose frequencies fall like those of
// a natural language, the same in every run.
#ifndef MAIN_BENCH_WORDS_H
#define MAIN_BENCH_WORDS_H

#include "util/util.h"

struct bench_words;
struct bench_words *bench_words_new(void);
void bench_words_free(struct bench_words **w);
size_t bench_number(struct bench_words *w, size_t below); // the next number, 0 .. below - 1
struct str bench_headline(struct bench_words *w, struct arena *a);
struct str bench_sentence(struct bench_words *w, struct arena *a);
struct str bench_body(struct bench_words *w, struct arena *a); // as html_clean writes it, 8 to 10 paragraphs
struct str bench_tag(struct bench_words *w, struct arena *a, size_t n);
// The word of a rank, 0 the most frequent: for queries that match much or little.
struct str bench_word(const struct bench_words *w, size_t rank);

#endif
