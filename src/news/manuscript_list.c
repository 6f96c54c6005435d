// SPDX-License-Identifier: AGPL-3.0-or-later
// The lists of the desk. A list walks one index for each language, in the list's own order, and stops after its page.
// Each index holds the section too, so that what is of other sections is passed by without its row.
// With words it does the same, as long as they are common enough that a page fills soon; else it begins with the texts
// that hold the rarest of them, when these are few enough. Where all are many and rarely meet, the page ends where its
// looking stopped, and the next one goes on from there: no page costs more than WALK_MAX rows and LOOK_MAX words.
#include <stdlib.h>

#include "news/manuscript.h"

enum { WORDS_MAX = 8, RARE = 2000, WALK_MAX = 12000, LOOK_MAX = 12000, LIMIT_MAX = 100 };

struct lister {
    const struct manuscripts_query *q;
    struct arena *a, *row; // of the answer; of the row being looked at
    struct db *db;
    struct str words[WORDS_MAX];
    size_t word_count, rarest;
    int64_t rarest_count; // texts that hold it; above LOOK_MAX: more
    size_t most;          // rows to be walked past in each language
    struct place {
        int64_t at, id;
    } stop; // all before it was looked at, in every language
    bool stopped;
    // The page so far, in the list's order, and one more, which says that there are more.
    struct place page[LIMIT_MAX + 1];
    size_t count;
};

// ---- order -----------------------------------------------------------------------------------------------------------

static bool ascends(const struct manuscripts_query *q) {
    return q->of == MANUSCRIPTS_SCHEDULED;
}

static bool comes_before(const struct manuscripts_query *q, struct place a, struct place b) {
    bool smaller = a.at != b.at ? a.at < b.at : a.id < b.id;
    return ascends(q) ? smaller : !smaller && (a.at != b.at || a.id != b.id);
}

static bool is_after_mark(const struct manuscripts_query *q, struct place p) {
    return q->before_at == 0 || comes_before(q, (struct place){q->before_at, q->before_id}, p);
}

// Of a row of MANUSCRIPT_COLUMNS.
static struct place place_in(const struct manuscripts_query *q, struct db_stmt *st) {
    return (struct place){db_i64(st, ascends(q) ? 8 : 12), db_i64(st, 0)};
}

static struct place place_of(const struct manuscripts_query *q, const struct manuscript *m) {
    return (struct place){ascends(q) ? m->publish_at : m->saved_at, m->id};
}

// Not after all of a full page.
static bool page_wants(const struct lister *l, struct place p) {
    return l->count <= l->q->limit || comes_before(l->q, p, l->page[l->count - 1]);
}

static void page_put(struct lister *l, struct place p) {
    size_t at = l->count <= l->q->limit ? l->count++ : l->count - 1;
    for (; at > 0 && comes_before(l->q, p, l->page[at - 1]); at--)
        l->page[at] = l->page[at - 1];
    l->page[at] = p;
}

// ---- words -----------------------------------------------------------------------------------------------------------

static enum rc word_take(void *arg, const struct text_token *t) {
    struct lister *l = arg;
    if (l->word_count < WORDS_MAX)
        l->words[l->word_count++] = str_dup(l->a, t->folded);
    return RC_OK;
}

static enum rc words_weigh(struct lister *l) {
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < l->word_count; i++) {
        struct db_stmt *st =
            db_sql(l->db, "SELECT COUNT(*) FROM (SELECT 1 FROM manuscript_words WHERE word = $1 LIMIT $2) w");
        db_bind_str(st, 1, l->words[i]);
        db_bind_i64(st, 2, LOOK_MAX + 1);
        int64_t count = db_step(st) ? db_i64(st, 0) : 0;
        rc = db_end(st);
        if (i == 0 || count < l->rarest_count) {
            l->rarest = i;
            l->rarest_count = count;
        }
    }
    return rc;
}

static bool has_word(struct db *db, int64_t id, struct str word) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM manuscript_words WHERE word = $1 AND manuscript_id = $2");
    db_bind_str(st, 1, word);
    db_bind_i64(st, 2, id);
    bool found = db_step(st);
    return db_end(st) == RC_OK && found;
}

static bool has_words(struct lister *l, int64_t id, bool but_the_rarest) {
    for (size_t i = 0; i < l->word_count; i++)
        if ((!but_the_rarest || i != l->rarest) && !has_word(l->db, id, l->words[i]))
            return false;
    return true;
}

// ---- walking an index ------------------------------------------------------------------------------------------------

static bool wants_lang(const struct manuscripts_query *q, enum text_lang lang) {
    return q->languages == 0 || (q->languages & (UINT32_C(1) << lang)) != 0;
}

static bool wants_section(const struct manuscripts_query *q, int64_t section_id, int64_t owner_id) {
    for (size_t i = 0; i < q->section_count; i++)
        if (q->sections[i] == section_id)
            return section_id != 0 || owner_id == q->account_id;
    return q->section_count == 0;
}

// Within an OR, so that no engine begins with the section: its rows do not stand in the list's order.
#define OF_SECTIONS                                                                                                    \
    "($5 = 0 OR m.section_id IN ($6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, "    \
    "$23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38)) "
enum { SECTIONS_FROM = 6 };

static void sections_bind(struct db_stmt *st, const struct manuscripts_query *q) {
    db_bind_i64(st, SECTIONS_FROM - 1, (int64_t)q->section_count);
    for (int i = 0; i < MANUSCRIPTS_SECTIONS_MAX; i++)
        db_bind_i64(st, SECTIONS_FROM + i, (size_t)i < q->section_count ? q->sections[i] : -1);
}

// Every statement takes the mark in $1, $2, what the list is of in $3, the language in $4 and the sections from $5 on.
static struct db_stmt *list_statement(struct db *db, const struct manuscripts_query *q) {
    switch (q->of) {
    case MANUSCRIPTS_OWN:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.owner_id = $3 AND m.lang = $4 AND "
                          "(m.saved_at, m.id) < ($1, $2) AND " OF_SECTIONS "ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_IN_STATE:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.state = $3 AND m.lang = $4 AND "
                          "(m.saved_at, m.id) < ($1, $2) AND " OF_SECTIONS "ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_SCHEDULED:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.state = 3 AND m.publish_at > $3 "
                          "AND m.lang = $4 AND (m.publish_at, m.id) > ($1, $2) AND " OF_SECTIONS
                          "ORDER BY m.publish_at, m.id");
    case MANUSCRIPTS_STALE:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.stale = $3 AND m.lang = $4 AND "
                          "m.state <> 5 AND (m.saved_at, m.id) < ($1, $2) AND " OF_SECTIONS
                          "ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_NO_ALT:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.lacks_alt = $3 AND m.lang = $4 AND "
                          "m.state <> 5 AND (m.saved_at, m.id) < ($1, $2) AND " OF_SECTIONS
                          "ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_AHEAD:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.ahead = $3 AND m.lang = $4 AND "
                          "(m.saved_at, m.id) < ($1, $2) AND " OF_SECTIONS "ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_ALL:
        break;
    }
    return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.id > $3 AND m.lang = $4 AND "
                      "(m.saved_at, m.id) < ($1, $2) AND " OF_SECTIONS "ORDER BY m.saved_at DESC, m.id DESC");
}

static int64_t list_key(const struct manuscripts_query *q) {
    switch (q->of) {
    case MANUSCRIPTS_OWN:
        return q->account_id;
    case MANUSCRIPTS_IN_STATE:
        return (int64_t)q->state;
    case MANUSCRIPTS_SCHEDULED:
        return q->now_us;
    case MANUSCRIPTS_STALE:
    case MANUSCRIPTS_NO_ALT:
    case MANUSCRIPTS_AHEAD:
        return 1;
    case MANUSCRIPTS_ALL:
        break;
    }
    return 0;
}

// The page can only be sure of what comes before the first stop of all languages.
static void stop_at(struct lister *l, struct place p) {
    if (!l->stopped || comes_before(l->q, p, l->stop))
        l->stop = p;
    l->stopped = true;
}

static enum rc lang_walk(struct lister *l, enum text_lang lang) {
    const struct manuscripts_query *q = l->q;
    bool from_start = q->before_at == 0 && !ascends(q);
    struct db_stmt *st = list_statement(l->db, q);
    db_bind_i64(st, 1, from_start ? INT64_MAX : q->before_at);
    db_bind_i64(st, 2, from_start ? INT64_MAX : q->before_id);
    db_bind_i64(st, 3, list_key(q));
    db_bind_str(st, 4, text_lang_code(lang));
    sections_bind(st, q);
    struct place p = {0}, before;
    for (size_t seen = 0; db_step(st); seen++) {
        before = p;
        p = place_in(q, st);
        if (!page_wants(l, p))
            break;
        if (l->word_count > 0 && seen == l->most) {
            stop_at(l, before);
            break;
        }
        if (wants_section(q, db_i64(st, 3), db_i64(st, 9)) && has_words(l, p.id, false))
            page_put(l, p);
    }
    return db_end(st);
}

static bool has_texts(struct db *db, enum text_lang lang) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM manuscripts WHERE lang = $1 LIMIT 1");
    db_bind_str(st, 1, text_lang_code(lang));
    bool found = db_step(st);
    return db_end(st) == RC_OK && found;
}

// The rows that may be walked past are shared by the languages that have any.
static enum rc walk(struct lister *l) {
    enum rc rc = RC_OK;
    size_t languages = 0;
    for (int lang = 0; l->word_count > 0 && lang < LANG_COUNT; lang++)
        languages += wants_lang(l->q, (enum text_lang)lang) && has_texts(l->db, (enum text_lang)lang);
    l->most = WALK_MAX / (languages > 0 ? languages : 1);
    for (int lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++)
        if (wants_lang(l->q, (enum text_lang)lang))
            rc = lang_walk(l, (enum text_lang)lang);
    return rc;
}

// ---- from the rarest word ----------------------------------------------------------------------------------------------

static bool is_of_list(const struct manuscripts_query *q, const struct manuscript *m, bool lacks_alt) {
    switch (q->of) {
    case MANUSCRIPTS_OWN:
        return m->owner_id == q->account_id;
    case MANUSCRIPTS_IN_STATE:
        return m->state == q->state;
    case MANUSCRIPTS_SCHEDULED:
        return m->state == MANUSCRIPT_OUT && m->publish_at > q->now_us;
    case MANUSCRIPTS_STALE:
        return m->stale && m->state != MANUSCRIPT_ARCHIVED;
    case MANUSCRIPTS_NO_ALT:
        return lacks_alt && m->state != MANUSCRIPT_ARCHIVED;
    case MANUSCRIPTS_AHEAD:
        return m->state == MANUSCRIPT_OUT && m->version != m->published_version;
    case MANUSCRIPTS_ALL:
        break;
    }
    return true;
}

// RC_NOT_FOUND: it has gone since its word was read.
static enum rc row_load(struct lister *l, struct arena *a, int64_t id, struct manuscript *out, bool *lacks_alt) {
    struct db_stmt *st = db_sql(l->db, "SELECT " MANUSCRIPT_COLUMNS ", m.lacks_alt FROM manuscripts m WHERE m.id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found) {
        manuscript_read(a, st, out);
        *lacks_alt = db_i64(st, 23) != 0;
    }
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

static enum rc candidate_look(struct lister *l, int64_t id) {
    const struct manuscripts_query *q = l->q;
    struct manuscript m;
    bool lacks_alt = false;
    if (!has_words(l, id, true))
        return RC_OK;
    arena_reset(l->row);
    enum rc rc = row_load(l, l->row, id, &m, &lacks_alt);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    struct place p = place_of(q, &m);
    if (wants_lang(q, m.lang) && wants_section(q, m.section_id, m.owner_id) && is_of_list(q, &m, lacks_alt) &&
        is_after_mark(q, p) && page_wants(l, p))
        page_put(l, p);
    return RC_OK;
}

static enum rc from_word(struct lister *l) {
    struct db_stmt *st = db_sql(l->db, "SELECT manuscript_id FROM manuscript_words WHERE word = $1");
    db_bind_str(st, 1, l->words[l->rarest]);
    l->count = 0;
    l->stopped = false;
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st))
        rc = candidate_look(l, db_i64(st, 0));
    enum rc end = db_end(st);
    return rc != RC_OK ? rc : end;
}

// ---- as a whole --------------------------------------------------------------------------------------------------------

static enum rc find(struct lister *l) {
    (void)text_tokens(l->q->words, true, word_take, l);
    enum rc rc = words_weigh(l);
    bool rare = l->word_count > 0 && l->rarest_count <= RARE;
    if (rc == RC_OK && !rare)
        rc = walk(l);
    if (rc == RC_OK && (rare || (l->stopped && l->rarest_count <= LOOK_MAX)))
        return from_word(l);
    while (l->stopped && l->count > 0 && comes_before(l->q, l->stop, l->page[l->count - 1]))
        l->count--; // the next page finds it again, with what comes before it
    return rc;
}

// A page that is full goes on from its last row.
static struct manuscripts_rest rest_of(const struct lister *l) {
    bool full = l->count > l->q->limit;
    struct place p = full ? l->page[l->q->limit - 1] : l->stop;
    return (struct manuscripts_rest){.more = full, .unseen = !full && l->stopped, .at = p.at, .id = p.id};
}

enum rc manuscript_list(struct arena *a, struct db *db, const struct manuscripts_query *q, struct manuscript **out,
                        size_t *count_out, struct manuscripts_rest *rest_out) {
    must(q->limit > 0 && q->limit <= LIMIT_MAX && q->section_count <= MANUSCRIPTS_SECTIONS_MAX);
    struct lister *l = ARENA_NEW(a, struct lister);
    *l = (struct lister){.q = q, .a = a, .db = db, .row = arena_new(1 << 20)};
    *out = ARENA_ARRAY(a, struct manuscript, q->limit);
    *count_out = 0;
    db_read_begin(db);
    enum rc rc = find(l);
    for (size_t i = 0; rc == RC_OK && i < l->count && i < q->limit; i++) {
        bool lacks_alt;
        rc = row_load(l, a, l->page[i].id, &(*out)[(*count_out)++], &lacks_alt);
    }
    *rest_out = rest_of(l);
    db_read_end(db);
    arena_free(&l->row);
    return rc;
}
