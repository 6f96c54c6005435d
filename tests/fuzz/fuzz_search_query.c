// SPDX-License-Identifier: AGPL-3.0-or-later
// What a reader types into the search field: never more parts and words than promised, and never syntax of the engine,
// which takes every expression made of it.
#include <sqlite3.h>

#include "record/search_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static sqlite3_stmt *match_open(void) {
    static sqlite3 *engine;
    sqlite3_stmt *match = NULL;
    must(sqlite3_open(":memory:", &engine) == SQLITE_OK);
    must(search_tokenizer_register(engine) == RC_OK);
    must(sqlite3_exec(engine,
                      "CREATE VIRTUAL TABLE texts USING fts5(headline, facets, tokenize='siaran');"
                      "INSERT INTO texts VALUES ('Rain over the coast', '\x01sec7')",
                      NULL, NULL, NULL) == SQLITE_OK);
    must(sqlite3_prepare_v2(engine, "SELECT count(*) FROM texts WHERE texts MATCH ?", -1, &match, NULL) == SQLITE_OK);
    return match;
}

static void engine_takes(struct str expression) {
    static sqlite3_stmt *match;
    if (match == NULL)
        match = match_open();
    must(sqlite3_bind_text(match, 1, expression.p, (int)expression.n, SQLITE_STATIC) == SQLITE_OK);
    int status = sqlite3_step(match);
    if (status != SQLITE_ROW)
        log_error("refused (%s): %.*s", sqlite3_errmsg(sqlite3_db_handle(match)), STR_ARG(expression));
    must(status == SQLITE_ROW);
    sqlite3_reset(match);
}

static void plan_check(const struct search_plan *plan) {
    bool wanted = false;
    must(plan->count >= 1 && plan->count <= SEARCH_PARTS_MOST);
    for (size_t i = 0; i < plan->count; i++) {
        const struct search_part *part = &plan->parts[i];
        must(part->token_count >= 1 && part->token_count <= SEARCH_TOKENS_MOST && utf8_valid(part->text));
        for (size_t at = 0; at < part->text.n; at++)
            must((unsigned char)part->text.p[at] >= ' ');
        wanted = wanted || !part->exclude;
    }
    must(wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started) {
        started = true;
        text_start();
    }
    struct arena *a = arena_new(1 << 22);
    struct search_plan plan;
    struct str words = {(const char *)data, size};
    if (search_parse(a, words, &plan) == RC_OK) {
        must(utf8_count(words) <= SEARCH_WORDS_MOST);
        plan_check(&plan);
        engine_takes(search_expression(a, &plan, 0));
        engine_takes(search_expression(a, &plan, 7));
        (void)search_snippet(a, &plan, words, STR("It rained over the whole coast."));
    }
    arena_free(&a);
    return 0;
}
