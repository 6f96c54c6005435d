// SPDX-License-Identifier: AGPL-3.0-or-later
// Full-text search as the engine meets it: our words instead of its own, and a function that says how often and in
// which column each part of a query occurs in a row.
#include <sqlite3.h>

#include "record/search_query.h"

// ---- words
// -------------------------------------------------------------------------------------------------------------

static int tokenizer_create(void *context, const char **args, int count, Fts5Tokenizer **out) {
    (void)args;
    (void)count;
    *out = context; // no state: any address that is not NULL
    return SQLITE_OK;
}

static void tokenizer_delete(Fts5Tokenizer *t) {
    (void)t;
}

typedef int (*token_fn)(void *context, int flags, const char *token, int n, int from, int to);

struct receiver {
    token_fn fn;
    void *context;
    int status;
};

static enum rc token_pass(void *arg, const struct text_token *t) {
    struct receiver *r = arg;
    r->status = r->fn(r->context, t->same_position ? FTS5_TOKEN_COLOCATED : 0, t->folded.p, (int)t->folded.n,
                      (int)t->start, (int)t->end);
    return r->status == SQLITE_OK ? RC_OK : RC_IO;
}

static int tokenizer_run(Fts5Tokenizer *t, void *context, int flags, const char *text, int n, token_fn fn) {
    (void)t;
    if (n <= 0 || text == NULL)
        return SQLITE_OK;
    // A facet is one word as it stands; readers cannot type its mark.
    if (text[0] == SEARCH_FACET_MARK)
        return fn(context, 0, text, n, 0, n);
    struct receiver r = {.fn = fn, .context = context, .status = SQLITE_OK};
    bool query = (flags & FTS5_TOKENIZE_QUERY) != 0;
    enum rc rc = text_tokens((struct str){text, (size_t)n}, query, token_pass, &r);
    return r.status != SQLITE_OK ? r.status : rc == RC_OK ? SQLITE_OK : SQLITE_ERROR;
}

// ---- weights
// -----------------------------------------------------------------------------------------------------------

static const float column_weights[] = {8.0F, 4.0F, 1.0F, 0.0F}; // headline, standfirst, body, facets

// siaran_weights(search_index): for each of the first parts of the query, its occurrences in this row weighted by
// column. What a part is worth is judged later over all rows found: the engine's own bm25 would read the whole list
// of a word for that.
static void weights(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int count,
                    sqlite3_value **values) {
    (void)count;
    (void)values;
    float sums[SEARCH_RANKED_PARTS] = {0};
    int instances = 0;
    int status = api->xInstCount(fts, &instances);
    for (int i = 0; status == SQLITE_OK && i < instances; i++) {
        int phrase = 0, column = 0, at = 0;
        status = api->xInst(fts, i, &phrase, &column, &at);
        if (status == SQLITE_OK && phrase >= 0 && phrase < SEARCH_RANKED_PARTS && column >= 0 && column < 4)
            sums[phrase] += column_weights[column];
    }
    if (status != SQLITE_OK)
        sqlite3_result_error_code(context, status);
    else
        sqlite3_result_blob(context, sums, (int)sizeof sums, SQLITE_TRANSIENT);
}

// ---- registration
// ------------------------------------------------------------------------------------------------------

static fts5_api *api_of(sqlite3 *engine) {
    fts5_api *api = NULL;
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(engine, "SELECT fts5($1)", -1, &st, NULL) == SQLITE_OK) {
        sqlite3_bind_pointer(st, 1, (void *)&api, "fts5_api_ptr", NULL);
        (void)sqlite3_step(st);
    }
    sqlite3_finalize(st);
    return api;
}

enum rc search_tokenizer_register(void *engine_handle) {
    static char context;
    fts5_api *api = api_of(engine_handle);
    if (api == NULL || api->iVersion < 2) {
        log_error("record: this SQLite was built without full-text search (FTS5)");
        return RC_IO;
    }
    fts5_tokenizer tokenizer = {tokenizer_create, tokenizer_delete, tokenizer_run};
    if (api->xCreateTokenizer(api, "siaran", &context, &tokenizer, NULL) != SQLITE_OK ||
        api->xCreateFunction(api, "siaran_weights", NULL, weights, NULL) != SQLITE_OK)
        return RC_IO;
    return RC_OK;
}
