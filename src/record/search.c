// SPDX-License-Identifier: AGPL-3.0-or-later
// Search over everything published. A document's key puts language, time and number into one ordered integer:
//
//   bits 58..61 language | 24..57 second of publication | 0..23 article number
//
// so that "newest first, in this language, in these days" is the index's own order between two keys, and reading
// stops when the page is full. The texts stand in search_docs; the index holds words only.
#include <math.h>
#include <stdlib.h>

#include "record/search_query.h"

#define SECOND_BITS 34
#define NUMBER_BITS 24
#define NUMBER_MOST ((INT64_C(1) << NUMBER_BITS) - 1)
#define SECOND_MOST ((INT64_C(1) << SECOND_BITS) - 1)
#define CANDIDATES_MOST 2000
#define LIMIT_MOST 50
#define BODY_MOST (256u << 10)
#define LINE_MOST (4u << 10)

static enum rc index_make(struct db *db);

#define BUILD_BYTES "67108864" // words kept in memory while an index is built, before they are sorted and written
#define WRITE_BYTES "1048576"  // else; the engine's own default

void search_start(void) {
    store_connection_hook(search_tokenizer_register);
    store_schema_hook(index_make);
}

// The index belongs to this engine, so it is no part of the portable schema. Made new beside existing texts (a
// restored copy of another engine's data), it is built from them.
static enum rc index_is_there(struct db *db, bool *there_out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'search_index'");
    *there_out = db_step(st) && db_i64(st, 0) > 0;
    return db_end(st);
}

static enum rc index_make(struct db *db) {
    bool there;
    enum rc rc = index_is_there(db, &there);
    return rc != RC_OK || there ? rc : search_index_build(db);
}

enum rc search_index_build(struct db *db) {
    enum rc rc = db_run(db_sql(db, "CREATE VIRTUAL TABLE search_index USING fts5(headline, standfirst, body, facets, "
                                   "content='search_docs', content_rowid='doc_key', tokenize='siaran', columnsize=0)"));
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "INSERT INTO search_index (search_index, rank) VALUES ('hashsize', " BUILD_BYTES ")"));
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "INSERT INTO search_index (search_index) VALUES ('rebuild')"));
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "INSERT INTO search_index (search_index, rank) VALUES ('hashsize', " WRITE_BYTES ")"));
    return rc;
}

enum rc search_index_drop(struct db *db) {
    return db_run(db_sql(db, "DROP TABLE search_index"));
}

// ---- keys
// --------------------------------------------------------------------------------------------------------------

// Rounded up: what is due at half past the second is found from the full second on, never early.
static int64_t second_of(int64_t at_us) {
    if (at_us <= 0)
        return 0;
    int64_t second = at_us / US_PER_SECOND + (at_us % US_PER_SECOND != 0);
    return second > SECOND_MOST ? SECOND_MOST : second;
}

static int64_t key_of(enum text_lang lang, int64_t at_us, int64_t number) {
    return (int64_t)lang << (SECOND_BITS + NUMBER_BITS) | second_of(at_us) << NUMBER_BITS | number;
}

// ---- keeping the index
// -------------------------------------------------------------------------------------------------

// The index forgets a document by being told its words again.
static enum rc index_forget(struct db *db, int64_t number) {
    bool there;
    enum rc rc = index_is_there(db, &there);
    if (rc != RC_OK || !there)
        return rc;
    struct db_stmt *st =
        db_sql(db, "INSERT INTO search_index (search_index, rowid, headline, standfirst, body, facets) "
                   "SELECT 'delete', doc_key, headline, standfirst, body, facets FROM search_docs "
                   "WHERE number = $1");
    db_bind_i64(st, 1, number);
    return db_run(st);
}

enum rc search_remove(struct db *db, int64_t number) {
    enum rc rc = index_forget(db, number);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "DELETE FROM search_docs WHERE number = $1");
    db_bind_i64(st, 1, number);
    return db_run(st);
}

// Control characters are marks of ours (facets, snippets): none comes in with a text.
static struct str text_plain(struct arena *a, struct str s, size_t most) {
    s = utf8_cut(s, most);
    char *out = arena_take(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = (unsigned char)s.p[i] < ' ' && s.p[i] != '\n' ? ' ' : s.p[i];
    return (struct str){out, s.n};
}

struct texts {
    struct str headline, standfirst, body, facets;
};

static enum rc doc_write(struct db *db, int64_t key, int64_t number, const struct texts *t) {
    struct db_stmt *st = db_sql(db, "INSERT INTO search_docs (doc_key, number, headline, standfirst, body, facets) "
                                    "VALUES ($1, $2, $3, $4, $5, $6)");
    db_bind_i64(st, 1, key);
    db_bind_i64(st, 2, number);
    db_bind_str(st, 3, t->headline);
    db_bind_str(st, 4, t->standfirst);
    db_bind_str(st, 5, t->body);
    db_bind_str(st, 6, t->facets);
    bool there;
    enum rc rc = db_run(st);
    if (rc == RC_OK)
        rc = index_is_there(db, &there);
    if (rc != RC_OK || !there)
        return rc;
    st = db_sql(db, "INSERT INTO search_index (rowid, headline, standfirst, body, facets) VALUES ($1, $2, $3, $4, $5)");
    db_bind_i64(st, 1, key);
    db_bind_str(st, 2, t->headline);
    db_bind_str(st, 3, t->standfirst);
    db_bind_str(st, 4, t->body);
    db_bind_str(st, 5, t->facets);
    return db_run(st);
}

enum rc search_put(struct db *db, const struct search_doc *doc) {
    if (doc->number < 1 || doc->number > NUMBER_MOST || doc->lang >= LANG_COUNT)
        return RC_INVALID;
    enum rc rc = search_remove(db, doc->number);
    if (rc != RC_OK)
        return rc;
    struct arena *a = arena_new(4 * BODY_MOST);
    struct texts t = {text_plain(a, doc->headline, LINE_MOST), text_plain(a, doc->standfirst, LINE_MOST),
                      text_plain(a, doc->body, BODY_MOST), search_facet(a, doc->section_id)};
    rc = doc_write(db, key_of(doc->lang, doc->at_us, doc->number), doc->number, &t);
    arena_free(&a);
    return rc;
}

// ---- finding
// -------------------------------------------------------------------------------------------------------------

struct candidate {
    int64_t key;
    float score;
    float weights[SEARCH_RANKED_PARTS];
};

struct finding {
    struct db *db;
    struct search_plan plan;
    struct str expression;
    int64_t from_key, to_key; // from <= key < to
};

static struct db_stmt *bounds_bind(struct db_stmt *st, const struct finding *f, int64_t to_key, size_t limit) {
    db_bind_str(st, 1, f->expression);
    db_bind_i64(st, 2, f->from_key);
    db_bind_i64(st, 3, to_key);
    db_bind_i64(st, 4, (int64_t)limit);
    return st;
}

// Newest first; the count comes with it when reading began at the newest.
static enum rc newest_read(const struct finding *f, int64_t to_key, int64_t *keys, size_t room, size_t limit,
                           size_t *count_out) {
    struct db_stmt *st = db_sql(f->db, "SELECT rowid FROM search_index WHERE search_index MATCH $1 AND rowid >= $2 AND "
                                       "rowid < $3 ORDER BY rowid DESC LIMIT $4");
    bounds_bind(st, f, to_key, limit);
    *count_out = 0;
    while (db_step(st)) {
        if (*count_out < room)
            keys[*count_out] = db_i64(st, 0);
        (*count_out)++;
    }
    return db_end(st);
}

static enum rc candidates_read(const struct finding *f, struct candidate *candidates, size_t *count_out) {
    struct db_stmt *st =
        db_sql(f->db, "SELECT rowid, siaran_weights(search_index) FROM search_index WHERE search_index "
                      "MATCH $1 AND rowid >= $2 AND rowid < $3 ORDER BY rowid DESC LIMIT $4");
    bounds_bind(st, f, f->to_key, CANDIDATES_MOST + 1);
    *count_out = 0;
    while (db_step(st)) {
        if (*count_out < CANDIDATES_MOST) {
            struct candidate *c = &candidates[*count_out];
            struct str blob = db_str(st, 1);
            c->key = db_i64(st, 0);
            if (blob.n == sizeof c->weights)
                memcpy(c->weights, blob.p, sizeof c->weights);
        }
        (*count_out)++;
    }
    return db_end(st);
}

// A part that fills the candidates tells little about each; one that is rare among them, much. Occurrences count
// less the more there are.
static void candidates_score(struct candidate *candidates, size_t count) {
    float totals[SEARCH_RANKED_PARTS] = {0}, all = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < SEARCH_RANKED_PARTS; p++) {
            totals[p] += candidates[i].weights[p];
            all += candidates[i].weights[p];
        }
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < SEARCH_RANKED_PARTS; p++) {
            float w = candidates[i].weights[p];
            if (w > 0)
                candidates[i].score += logf(1.0F + all / totals[p]) * w / (w + 4.0F);
        }
}

static int by_score(const void *pa, const void *pb) {
    const struct candidate *a = pa, *b = pb;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->key > b->key ? -1 : a->key < b->key;
}

static enum rc hit_fill(struct arena *a, const struct finding *f, int64_t key, struct search_hit *hit) {
    struct db_stmt *st = db_sql(f->db, "SELECT standfirst, body FROM search_docs WHERE doc_key = $1");
    db_bind_i64(st, 1, key);
    *hit = (struct search_hit){.number = key & NUMBER_MOST, .key = key, .snippet = STR("")};
    if (db_step(st))
        hit->snippet = search_snippet(a, &f->plan, db_str(st, 0), db_str(st, 1));
    return db_end(st);
}

struct page {
    int64_t keys[LIMIT_MOST + 1];
    size_t count; // up to limit + 1: one more says that there is a next page
    int64_t matches;
};

static enum rc page_newest(const struct finding *f, const struct search_query *q, size_t limit, struct page *page) {
    bool first = q->before_key == 0;
    int64_t to_key = !first && q->before_key < f->to_key ? q->before_key : f->to_key;
    size_t found = 0, all = 0;
    enum rc rc = newest_read(f, to_key, page->keys, limit + 1, first ? CANDIDATES_MOST + 1 : limit + 1, &found);
    if (rc == RC_OK && !first)
        rc = newest_read(f, f->to_key, NULL, 0, CANDIDATES_MOST + 1, &all);
    page->count = found > limit + 1 ? limit + 1 : found;
    page->matches = (int64_t)(first ? found : all);
    return rc;
}

static enum rc page_relevant(const struct finding *f, const struct search_query *q, size_t limit, struct page *page) {
    struct candidate *candidates = mem_array(CANDIDATES_MOST, sizeof *candidates);
    size_t found = 0;
    enum rc rc = candidates_read(f, candidates, &found);
    size_t count = found > CANDIDATES_MOST ? CANDIDATES_MOST : found;
    if (rc == RC_OK) {
        candidates_score(candidates, count);
        qsort(candidates, count, sizeof *candidates, by_score);
        for (size_t i = q->offset; i < count && page->count < limit + 1; i++)
            page->keys[page->count++] = candidates[i].key;
        page->matches = (int64_t)found;
    }
    mem_free(candidates);
    return rc;
}

static enum rc finding_make(struct arena *a, struct db *db, const struct search_query *q, struct finding *f) {
    if (q->lang >= LANG_COUNT)
        return RC_INVALID;
    enum rc rc = search_parse(a, q->words, &f->plan);
    if (rc != RC_OK)
        return rc;
    f->db = db;
    f->expression = search_expression(a, &f->plan, q->section_id);
    f->from_key = key_of(q->lang, q->from_us, 0);
    // The last second that is over before to_us, whole.
    f->to_key =
        key_of(q->lang, 0, 0) | (q->to_us > 0 ? ((q->to_us - 1) / US_PER_SECOND) << NUMBER_BITS | NUMBER_MOST : 0);
    if (q->to_us / US_PER_SECOND > SECOND_MOST)
        f->to_key = key_of(q->lang, INT64_MAX, NUMBER_MOST);
    return RC_OK;
}

enum rc search_run(struct arena *a, struct db *db, const struct search_query *q, struct search_hit **hits_out,
                   size_t *hit_count_out, bool *more_out, int64_t *count_out) {
    struct finding f = {0};
    struct page page = {0};
    *hits_out = NULL;
    *hit_count_out = 0;
    *more_out = false;
    *count_out = 0;
    enum rc rc = finding_make(a, db, q, &f);
    if (rc != RC_OK)
        return rc;
    size_t limit = q->limit > LIMIT_MOST ? LIMIT_MOST : q->limit;
    rc = q->by_relevance ? page_relevant(&f, q, limit, &page) : page_newest(&f, q, limit, &page);
    if (rc != RC_OK)
        return rc;
    *more_out = page.count > limit;
    *hit_count_out = *more_out ? limit : page.count;
    *count_out = page.matches;
    *hits_out = ARENA_ARRAY(a, struct search_hit, limit + 1);
    for (size_t i = 0; rc == RC_OK && i < *hit_count_out; i++)
        rc = hit_fill(a, &f, page.keys[i], &(*hits_out)[i]);
    return rc;
}
