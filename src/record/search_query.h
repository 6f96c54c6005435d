// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reader typed into the search field, taken apart. Private to search and its tests.
#ifndef RECORD_SEARCH_QUERY_H
#define RECORD_SEARCH_QUERY_H

#include "record/record.h"

#define SEARCH_WORDS_MOST 200 // characters
#define SEARCH_PARTS_MOST 24
#define SEARCH_TOKENS_MOST 64 // of one part

struct search_part {
    struct str text;                     // arena: no control characters
    bool exclude;                        // -word
    size_t token_count;                  // at least 1
    uint64_t tokens[SEARCH_TOKENS_MOST]; // hash_key of each
};
struct search_plan {
    struct search_part *parts; // arena
    size_t count;
};
// RC_INVALID: nothing that a document could hold, nothing but exclusions, too long, or not UTF-8.
enum rc search_parse(struct arena *a, struct str words, struct search_plan *out) MUST_USE;
// The engine's match expression: every part is quoted, so nothing typed is ever its syntax. arena.
struct str search_expression(struct arena *a, const struct search_plan *plan, int64_t section_id);
// The word that stands for a section in the index. Its first byte occurs in no text. arena.
struct str search_facet(struct arena *a, int64_t section_id);
#define SEARCH_FACET_MARK '\x01'

// Registers tokenizer and ranking function with an engine's connection.
enum rc search_tokenizer_register(void *engine_handle) MUST_USE;
#define SEARCH_RANKED_PARTS 16

// Plain text around what matches, marked. arena.
struct str search_snippet(struct arena *a, const struct search_plan *plan, struct str standfirst, struct str body);

// Compares the index with the texts, word by word; *same_out says the result.
enum rc search_compare(struct db *db, bool *same_out) MUST_USE;

#endif
