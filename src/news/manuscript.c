// SPDX-License-Identifier: AGPL-3.0-or-later
// Manuscripts read: one whole, and the lists of the desk. A list walks one index and stops after its page.
#include "news/manuscript.h"

struct str manuscript_state_name(enum manuscript_state state) {
    static const struct str names[] = {[MANUSCRIPT_DRAFT] = STR("draft"),
                                       [MANUSCRIPT_REVIEW] = STR("review"),
                                       [MANUSCRIPT_OUT] = STR("out"),
                                       [MANUSCRIPT_WITHDRAWN] = STR("withdrawn"),
                                       [MANUSCRIPT_ARCHIVED] = STR("archived")};
    must(state >= MANUSCRIPT_DRAFT && state <= MANUSCRIPT_ARCHIVED);
    return names[state];
}

void manuscript_read(struct arena *a, struct db_stmt *st, struct manuscript *out) {
    *out = (struct manuscript){.id = db_i64(st, 0),
                               .number = db_i64(st, 1),
                               .section_id = db_i64(st, 3),
                               .state = (enum manuscript_state)db_i64(st, 4),
                               .headline = db_str_dup(a, st, 5),
                               .version = db_i64(st, 6),
                               .published_version = db_i64(st, 7),
                               .publish_at = db_i64(st, 8),
                               .owner_id = db_i64(st, 9),
                               .owner_name = db_str_dup(a, st, 10),
                               .created_at = db_i64(st, 11),
                               .saved_at = db_i64(st, 12),
                               .saved_by = db_i64(st, 13),
                               .saved_by_name = db_str_dup(a, st, 14),
                               .translation_group = db_i64(st, 15),
                               .source_id = db_i64(st, 16),
                               .source_version = db_i64(st, 17),
                               .lease = {.account_id = db_i64(st, 18),
                                         .name = db_str_dup(a, st, 19),
                                         .session_id = db_i64(st, 20),
                                         .until_us = db_i64(st, 21)},
                               .stale = db_i64(st, 22) != 0};
    (void)text_lang_find(db_str(st, 2), &out->lang);
}

enum rc manuscript_load(struct arena *a, struct db *db, int64_t id, struct manuscript *out) {
    struct db_stmt *st = db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found)
        manuscript_read(a, st, out);
    enum rc rc = db_end(st);
    if (rc != RC_OK || !found)
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    struct manuscript_version newest;
    rc = version_load(a, db, id, out->version, &newest);
    out->content = newest.content;
    return rc == RC_NOT_FOUND ? RC_IO : rc; // a manuscript without its newest version is damage
}

// ---- lists -----------------------------------------------------------------------------------------------------------

enum { WORDS_MAX = 8, SKIPPED_MAX = 20000 };

struct filter {
    const struct manuscripts_query *q;
    struct str words[WORDS_MAX];
    size_t word_count;
    struct arena *arena;
};

static enum rc word_take(void *arg, const struct text_token *t) {
    struct filter *f = arg;
    if (f->word_count < WORDS_MAX)
        f->words[f->word_count++] = str_dup(f->arena, t->folded);
    return RC_OK;
}

static bool has_word(struct db *db, int64_t id, struct str word) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM manuscript_words WHERE word = $1 AND manuscript_id = $2");
    db_bind_str(st, 1, word);
    db_bind_i64(st, 2, id);
    bool found = db_step(st);
    return db_end(st) == RC_OK && found;
}

static bool passes(struct db *db, const struct filter *f, const struct manuscript *m) {
    const struct manuscripts_query *q = f->q;
    if (q->languages != 0 && (q->languages & (UINT32_C(1) << m->lang)) == 0)
        return false;
    if (q->section_id != 0 && q->section_id != m->section_id)
        return false;
    for (size_t i = 0; i < f->word_count; i++)
        if (!has_word(db, m->id, f->words[i]))
            return false;
    return true;
}

// Every statement takes the mark in $1, $2 and what the list is of in $3.
static struct db_stmt *list_statement(struct db *db, const struct manuscripts_query *q) {
    switch (q->of) {
    case MANUSCRIPTS_OWN:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.owner_id = $3 AND "
                          "(m.saved_at, m.id) < ($1, $2) ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_IN_STATE:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.state = $3 AND "
                          "(m.saved_at, m.id) < ($1, $2) ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_SCHEDULED:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.state = 3 AND m.publish_at > $3 "
                          "AND (m.publish_at, m.id) > ($1, $2) ORDER BY m.publish_at, m.id");
    case MANUSCRIPTS_STALE:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.source_id > $3 AND m.state <> 5 AND "
                          "m.source_version < (SELECT o.published_version FROM manuscripts o WHERE o.id = "
                          "m.source_id) AND (m.saved_at, m.id) < ($1, $2) ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_NO_ALT:
        return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.lacks_alt > $3 AND m.state <> 5 AND "
                          "(m.saved_at, m.id) < ($1, $2) ORDER BY m.saved_at DESC, m.id DESC");
    case MANUSCRIPTS_ALL:
        break;
    }
    return db_sql(db, "SELECT " MANUSCRIPT_COLUMNS "FROM manuscripts m WHERE m.id > $3 AND "
                      "(m.saved_at, m.id) < ($1, $2) ORDER BY m.saved_at DESC, m.id DESC");
}

static void list_bind(struct db_stmt *st, const struct manuscripts_query *q) {
    bool ascending = q->of == MANUSCRIPTS_SCHEDULED, first = q->before_at == 0;
    db_bind_i64(st, 1, first && !ascending ? INT64_MAX : q->before_at);
    db_bind_i64(st, 2, first && !ascending ? INT64_MAX : q->before_id);
    db_bind_i64(st, 3,
                q->of == MANUSCRIPTS_OWN         ? q->account_id
                : q->of == MANUSCRIPTS_IN_STATE  ? (int64_t)q->state
                : q->of == MANUSCRIPTS_SCHEDULED ? q->now_us
                                                 : 0);
}

enum rc manuscript_list(struct arena *a, struct db *db, const struct manuscripts_query *q, struct manuscript **out,
                        size_t *count_out, bool *more_out) {
    must(q->limit > 0 && q->limit <= 100);
    struct filter f = {.q = q, .arena = a};
    (void)text_tokens(q->words, true, word_take, &f);
    *out = ARENA_ARRAY(a, struct manuscript, q->limit);
    *count_out = 0;
    *more_out = false;
    struct db_stmt *st = list_statement(db, q);
    list_bind(st, q);
    struct arena *row = arena_new(1 << 20);
    for (size_t seen = 0; !*more_out && seen < SKIPPED_MAX && db_step(st); seen++) {
        struct manuscript m;
        arena_reset(row);
        manuscript_read(row, st, &m);
        if (!passes(db, &f, &m))
            continue;
        if (*count_out == q->limit)
            *more_out = true;
        else
            manuscript_read(a, st, &(*out)[(*count_out)++]);
    }
    arena_free(&row);
    return db_end(st);
}
