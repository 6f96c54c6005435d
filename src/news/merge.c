// SPDX-License-Identifier: AGPL-3.0-or-later
// Merges, step by step: see news.h. A step takes what one write can do in a moment, the last one takes the thing away
// with what still names it. What is added in between is found by a later step.
#include "news/manuscript.h"

enum {
    STEP_ARTICLES = 20, // of a section: each is indexed for the search anew, and its manuscript brought up to date
    STEP_LINKS = 100,   // of a tag or person
    STEP_EDITIONS =
        160, // an article has up to eight translations, each with its sitemap; above 256 everything is raised
};

struct run {
    struct db *db;
    struct merge m;
    struct audit_who who; // ordered it
    struct arena *a;
    struct news_changes *c;
};

// ---- beginning -------------------------------------------------------------------------------------------------------

static enum rc on_its_way(struct db *db, const struct merge *m, bool *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT 1 FROM merges WHERE kind = $1 AND (from_id = $2 OR from_id = $3 OR to_id = $2)");
    db_bind_i64(st, 1, m->kind);
    db_bind_i64(st, 2, m->from_id);
    db_bind_i64(st, 3, m->to_id);
    *out = db_step(st);
    return db_end(st);
}

enum rc merge_begin(struct db *db, const struct audit_who *who, const struct merge *m, struct problem *p) {
    bool busy;
    enum rc rc = on_its_way(db, m, &busy);
    if (rc != RC_OK || busy)
        return rc != RC_OK ? rc : problem_set(p, RC_CONFLICT, "merge_running");
    struct db_stmt *st = db_sql(db, "INSERT INTO merges (kind, from_id, to_id, begun_at, moved, account_id, "
                                    "account_name) VALUES ($1, $2, $3, $4, 0, $5, $6)");
    db_bind_i64(st, 1, m->kind);
    db_bind_i64(st, 2, m->from_id);
    db_bind_i64(st, 3, m->to_id);
    db_bind_i64(st, 4, m->begun_at);
    db_bind_i64(st, 5, who->account_id);
    db_bind_str(st, 6, who->name);
    return db_run(st);
}

static void merge_read(struct db_stmt *st, struct merge *out) {
    *out = (struct merge){.kind = (enum merge_kind)db_i64(st, 0),
                          .from_id = db_i64(st, 1),
                          .to_id = db_i64(st, 2),
                          .begun_at = db_i64(st, 3),
                          .moved = db_i64(st, 4)};
}

enum rc merge_get(struct db *db, enum merge_kind kind, int64_t from_id, struct merge *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT kind, from_id, to_id, begun_at, moved FROM merges WHERE kind = $1 AND from_id = $2");
    db_bind_i64(st, 1, kind);
    db_bind_i64(st, 2, from_id);
    bool found = db_step(st);
    if (found)
        merge_read(st, out);
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

bool merge_waits(struct db *db) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM merges LIMIT 1");
    bool waits = db_step(st);
    return db_end(st) == RC_OK && waits;
}

// ---- what hangs on it --------------------------------------------------------------------------------------------------

// An article or manuscript may have a body of half a megabyte; a step's rows are read first and then changed.
struct batch {
    int64_t ids[STEP_LINKS], numbers[STEP_LINKS];
    size_t n;
};

static enum rc batch_read(struct db_stmt *st, size_t most, struct batch *out) {
    out->n = 0;
    while (out->n < most && db_step(st)) {
        out->ids[out->n] = db_i64(st, 0);
        out->numbers[out->n] = db_i64(st, 1);
        out->n++;
    }
    return db_end(st);
}

static enum rc articles_of_section(struct run *r, struct batch *out) {
    _Static_assert(STEP_ARTICLES == 20, "the SQL says so");
    struct db_stmt *st = db_sql(r->db, "SELECT a.number, COALESCE((SELECT m.id FROM manuscripts m WHERE m.number = "
                                       "a.number), 0) FROM articles a WHERE a.section_id = $1 LIMIT 20");
    db_bind_i64(st, 1, r->m.from_id);
    return batch_read(st, STEP_ARTICLES, out);
}

// Its manuscript takes the new section over, as it does with everything that changed outside the desk.
static enum rc article_give(struct run *r, int64_t number, bool has_manuscript) {
    int64_t id;
    struct arena *a = arena_new((size_t)64 << 20);
    enum rc rc = article_section_move(a, r->db, number, r->m.to_id, r->c);
    if (rc == RC_OK && has_manuscript)
        rc = manuscript_of_article(a, r->db, number, clock_now_us(), &id);
    arena_free(&a);
    return rc;
}

static enum rc manuscripts_of_section(struct run *r, struct batch *out) {
    struct db_stmt *st = db_sql(r->db, "SELECT id, 0 FROM manuscripts WHERE section_id = $1 LIMIT 20");
    db_bind_i64(st, 1, r->m.from_id);
    return batch_read(st, STEP_ARTICLES, out);
}

// One that the public does not have, or whose newest version is ahead of it.
static enum rc manuscript_give(struct run *r, int64_t id) {
    struct manuscript m;
    struct arena *a = arena_new((size_t)64 << 20);
    enum rc rc = manuscript_load(a, r->db, id, &m);
    struct content content = m.content;
    content.section_id = r->m.to_id;
    if (rc == RC_OK)
        rc = version_add(a, r->db,
                         &(struct version_new){id, m.version + 1, clock_now_us(), VERSION_BROUGHT, &r->who, m.lang},
                         &content);
    arena_free(&a);
    return rc;
}

static enum rc section_step(struct run *r, size_t *moved_out) {
    struct batch b;
    enum rc rc = articles_of_section(r, &b);
    *moved_out = 0;
    for (size_t i = 0; rc == RC_OK && i < b.n && r->c->count < STEP_EDITIONS; i++, (*moved_out)++)
        rc = article_give(r, b.ids[i], b.numbers[i] != 0);
    if (rc != RC_OK || *moved_out > 0)
        return rc;
    rc = manuscripts_of_section(r, &b);
    for (size_t i = 0; rc == RC_OK && i < b.n; i++, (*moved_out)++)
        rc = manuscript_give(r, b.ids[i]);
    return rc;
}

static enum rc link_give(struct run *r, struct db_stmt *give, struct db_stmt *drop, int64_t article_id) {
    enum rc rc = RC_OK;
    if (r->m.to_id != 0) {
        db_bind_i64(give, 1, r->m.from_id);
        db_bind_i64(give, 2, r->m.to_id);
        db_bind_i64(give, 3, article_id);
        rc = db_run(give);
    } else {
        (void)db_end(give);
    }
    db_bind_i64(drop, 1, r->m.from_id);
    db_bind_i64(drop, 2, article_id);
    enum rc dropped = db_run(drop);
    return rc == RC_OK ? dropped : rc;
}

static enum rc tag_give(struct run *r, int64_t article_id) {
    struct db_stmt *give = db_sql(
        r->db, "UPDATE article_tags SET tag_id = $2 WHERE article_id = $3 AND tag_id = $1 AND NOT EXISTS (SELECT 1 "
               "FROM article_tags l WHERE l.article_id = $3 AND l.tag_id = $2)");
    struct db_stmt *drop = db_sql(r->db, "DELETE FROM article_tags WHERE article_id = $2 AND tag_id = $1");
    return link_give(r, give, drop, article_id);
}

static enum rc person_give(struct run *r, int64_t article_id) {
    struct db_stmt *give = db_sql(
        r->db, "UPDATE article_people SET person_id = $2 WHERE article_id = $3 AND person_id = $1 AND NOT EXISTS "
               "(SELECT 1 FROM article_people l WHERE l.article_id = $3 AND l.person_id = $2)");
    struct db_stmt *drop = db_sql(r->db, "DELETE FROM article_people WHERE article_id = $2 AND person_id = $1");
    return link_give(r, give, drop, article_id);
}

static enum rc links_step(struct run *r, struct db_stmt *rows, enum rc (*give)(struct run *r, int64_t article_id),
                          size_t *moved_out) {
    struct batch b;
    db_bind_i64(rows, 1, r->m.from_id);
    enum rc rc = batch_read(rows, STEP_LINKS, &b);
    for (size_t i = 0; rc == RC_OK && i < b.n; i++) {
        news_changes_note(r->c, EDITION_ITEM, b.numbers[i], false);
        rc = give(r, b.ids[i]);
    }
    *moved_out = b.n;
    return rc;
}

static enum rc things_step(struct run *r, size_t *moved_out) {
    _Static_assert(STEP_LINKS == 100, "the SQL says so");
    switch (r->m.kind) {
    case MERGE_SECTION:
        return section_step(r, moved_out);
    case MERGE_TAG:
        return links_step(r, db_sql(r->db, "SELECT article_id, number FROM article_tags WHERE tag_id = $1 LIMIT 100"),
                          tag_give, moved_out);
    case MERGE_PERSON:
        return links_step(r,
                          db_sql(r->db, "SELECT article_id, number FROM article_people WHERE person_id = $1 LIMIT 100"),
                          person_give, moved_out);
    }
    must(false);
    return RC_INVALID;
}

// ---- the end -----------------------------------------------------------------------------------------------------------

static enum rc run_all(const struct run *r, struct db_stmt *const *all, size_t n) {
    enum rc rc = RC_OK;
    for (size_t i = 0; i < n; i++) {
        db_bind_i64(all[i], 1, r->m.from_id);
        db_bind_i64(all[i], 2, r->m.to_id);
        enum rc one = db_run(all[i]);
        rc = rc == RC_OK ? one : rc;
    }
    return rc;
}

// Old addresses of a K2 site lead to what took its place; where nothing did, they are not known any more.
static enum rc legacy_give(const struct run *r, enum legacy_kind kind) {
    struct db_stmt *st = db_sql(r->db, "UPDATE legacy_addresses SET new_id = $3 WHERE kind = $1 AND new_id = $2");
    db_bind_i64(st, 1, kind);
    db_bind_i64(st, 2, r->m.from_id);
    db_bind_i64(st, 3, r->m.to_id);
    enum rc rc = db_run(st);
    if (rc != RC_OK || r->m.to_id != 0)
        return rc;
    st = db_sql(r->db, "DELETE FROM legacy_addresses WHERE kind = $1 AND new_id = 0");
    db_bind_i64(st, 1, kind);
    return db_run(st);
}

// Whoever pointed a menu at it, or limited an account to it, since the merge began, meant what takes its place.
static enum rc section_end(struct run *r) {
    struct section s;
    struct db_stmt *pointers[] = {
        db_sql(r->db, "UPDATE menu_entries SET target_id = $2 WHERE target = 1 AND target_id = $1 AND $2 <> 0"),
        db_sql(r->db, "INSERT INTO account_sections (account_id, section_id) SELECT account_id, $2 FROM "
                      "account_sections WHERE section_id = $1 AND $2 <> 0 ON CONFLICT (account_id, section_id) "
                      "DO NOTHING"),
        db_sql(r->db, "DELETE FROM account_sections WHERE section_id = $1 AND $2 = $2"),
        db_sql(r->db, "DELETE FROM menu_entries WHERE target = 1 AND target_id = $1 AND $2 = $2"),
        db_sql(r->db, "DELETE FROM section_counts WHERE section_id = $1 AND $2 = $2"),
    };
    enum rc rc = run_all(r, pointers, sizeof pointers / sizeof pointers[0]);
    if (rc == RC_OK) // what the texts that moved have filled in stays a field of theirs
        rc = extra_fields_give(r->db, r->m.from_id, r->m.to_id);
    if (rc == RC_OK)
        rc = section_by_id(r->a, r->db, r->m.from_id, &s);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *self[] = {db_sql(r->db, "DELETE FROM sections WHERE id = $1 AND $2 = $2")};
    rc = legacy_give(r, LEGACY_CATEGORY);
    if (rc == RC_OK)
        rc = run_all(r, self, 1);
    if (rc == RC_OK)
        rc = alias_retarget(r->db, ALIAS_SECTION, s.id, r->m.to_id);
    if (rc == RC_OK)
        rc = alias_put(r->db, ALIAS_SECTION, s.lang, s.slug, r->m.to_id);
    news_changes_note(r->c, EDITION_EXTRA, 0, false);
    news_changes_note(r->c, EDITION_SECTION, s.id, true);
    news_changes_note(r->c, EDITION_FRAME, s.lang, false);
    news_changes_note(r->c, EDITION_FRONT, s.lang, false);
    return rc;
}

static enum rc tag_end(struct run *r) {
    struct db_stmt *self[] = {db_sql(r->db, "DELETE FROM tags WHERE id = $1 AND $2 = $2")};
    enum rc rc = legacy_give(r, LEGACY_TAG);
    return rc == RC_OK ? run_all(r, self, 1) : rc;
}

static enum rc person_end(struct run *r) {
    struct db_stmt *self[] = {db_sql(r->db, "DELETE FROM people WHERE id = $1 AND $2 = $2")};
    enum rc rc = legacy_give(r, LEGACY_AUTHOR);
    return rc == RC_OK ? run_all(r, self, 1) : rc;
}

static enum rc merge_end(struct run *r) {
    static const char *const kinds[] = {[MERGE_SECTION] = "section", [MERGE_TAG] = "tag", [MERGE_PERSON] = "person"};
    enum rc rc = r->m.kind == MERGE_SECTION ? section_end(r) : r->m.kind == MERGE_TAG ? tag_end(r) : person_end(r);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(r->db, "DELETE FROM merges WHERE kind = $1 AND from_id = $2");
    db_bind_i64(st, 1, r->m.kind);
    db_bind_i64(st, 2, r->m.from_id);
    rc = db_run(st);
    return rc == RC_OK ? names_audit(r->db, &r->who, "merged", kinds[r->m.kind], r->m.from_id, STR_NONE,
                                     str_fmt(r->a, "%lld", (long long)r->m.moved))
                       : rc;
}

static enum rc moved_note(const struct run *r, size_t moved) {
    struct db_stmt *st = db_sql(r->db, "UPDATE merges SET moved = moved + $3 WHERE kind = $1 AND from_id = $2");
    db_bind_i64(st, 1, r->m.kind);
    db_bind_i64(st, 2, r->m.from_id);
    db_bind_i64(st, 3, (int64_t)moved);
    return db_run(st);
}

// What its list and the other's show has changed.
static void note_lists(const struct run *r) {
    static const enum edition_kind kinds[] = {
        [MERGE_SECTION] = EDITION_SECTION, [MERGE_TAG] = EDITION_TAG, [MERGE_PERSON] = EDITION_PERSON};
    news_changes_note(r->c, kinds[r->m.kind], r->m.from_id, false);
    news_changes_note(r->c, kinds[r->m.kind], r->m.to_id, false);
}

static bool oldest(struct run *r, enum rc *rc_out) {
    struct db_stmt *st = db_sql(r->db, "SELECT kind, from_id, to_id, begun_at, moved, account_id, account_name "
                                       "FROM merges ORDER BY begun_at, kind, from_id LIMIT 1");
    bool found = db_step(st);
    if (found) {
        merge_read(st, &r->m);
        r->who = (struct audit_who){db_i64(st, 5), db_str_dup(r->a, st, 6)};
    }
    *rc_out = db_end(st);
    return found;
}

enum rc merge_step(struct db *db, struct news_changes *c, bool *more_out) {
    struct run r = {.db = db, .a = arena_new((size_t)1 << 20), .c = c};
    enum rc rc;
    size_t moved = 0;
    *more_out = oldest(&r, &rc);
    if (rc == RC_OK && *more_out) {
        rc = things_step(&r, &moved);
        note_lists(&r);
        if (rc == RC_OK)
            rc = moved > 0 ? moved_note(&r, moved) : merge_end(&r);
    }
    arena_free(&r.a);
    return rc;
}

// ---- verification ------------------------------------------------------------------------------------------------------

static enum rc tell(const struct verify_context *v, struct db_stmt *st, const char *check) {
    while (db_step(st)) {
        struct arena *a = arena_new(65536);
        v->fault(v->arg, check, str_fmt(a, "%s: %s", str_c(a, db_str(st, 0)), str_c(a, db_str(st, 1))));
        arena_free(&a);
    }
    return db_end(st);
}

enum rc check_aliases(const struct verify_context *v) {
    _Static_assert(ALIAS_SECTION == 1 && ALIAS_TAG == 2 && ALIAS_PERSON_SLUG == 3 && ALIAS_PERSON_NAME == 4,
                   "the SQL says so");
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT l.word, 'it leads nowhere' FROM aliases l WHERE l.target_id <> 0 AND ((l.kind = 1 AND NOT EXISTS "
        "(SELECT 1 FROM sections t WHERE t.id = l.target_id AND t.lang = l.lang)) OR (l.kind = 2 AND NOT EXISTS (SELECT "
        "1 FROM tags t WHERE t.id = l.target_id AND t.lang = l.lang)) OR (l.kind IN (3, 4) AND NOT EXISTS (SELECT 1 "
        "FROM people t WHERE t.id = l.target_id))) UNION ALL "
        "SELECT l.word, 'something lives by this name' FROM aliases l WHERE "
        "(l.kind = 1 AND (EXISTS (SELECT 1 FROM sections t WHERE t.lang = l.lang AND t.slug = l.word) OR "
        "EXISTS (SELECT 1 FROM pages t WHERE t.lang = l.lang AND t.path = l.word))) OR "
        "(l.kind = 2 AND EXISTS (SELECT 1 FROM tags t WHERE t.lang = l.lang AND t.slug = l.word AND NOT EXISTS (SELECT "
        "1 FROM merges m WHERE m.kind = 2 AND m.from_id = t.id))) OR (l.kind = 3 AND EXISTS (SELECT 1 FROM people t "
        "WHERE t.slug = l.word AND NOT EXISTS (SELECT 1 FROM merges m WHERE m.kind = 3 AND m.from_id = t.id))) OR "
        "(l.kind = 4 AND EXISTS (SELECT 1 FROM people t WHERE t.name = l.word AND NOT EXISTS (SELECT 1 FROM merges m "
        "WHERE m.kind = 3 AND m.from_id = t.id))) OR l.kind < 1 OR l.kind > 4 LIMIT 100");
    return tell(v, st, "aliases");
}

enum rc check_merges(const struct verify_context *v) {
    struct db_stmt *st = db_sql(
        v->db,
        "SELECT m.account_name, 'merges what is not there, or into what is not' FROM merges m WHERE "
        "(m.kind = 1 AND (NOT EXISTS (SELECT 1 FROM sections t WHERE t.id = m.from_id) OR (m.to_id <> 0 AND NOT EXISTS "
        "(SELECT 1 FROM sections t WHERE t.id = m.to_id)))) OR "
        "(m.kind = 2 AND (NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = m.from_id) OR (m.to_id <> 0 AND NOT EXISTS "
        "(SELECT 1 FROM tags t WHERE t.id = m.to_id)))) OR "
        "(m.kind = 3 AND (NOT EXISTS (SELECT 1 FROM people t WHERE t.id = m.from_id) OR NOT EXISTS "
        "(SELECT 1 FROM people t WHERE t.id = m.to_id))) OR m.kind < 1 OR m.kind > 3 OR m.moved < 0 LIMIT 100");
    return tell(v, st, "merges");
}
