// SPDX-License-Identifier: AGPL-3.0-or-later
// Standing pages: a tree per language (Company Profile, Zona Integritas). The path is kept beside the slug so that an
// address is one index seek; moving a page rewrites the paths below it.
#include "news/internal.h"

#define PAGE_COLUMNS                                                                                                    \
    "p.id, p.parent_id, p.translation_group, p.lang, p.slug, p.title, p.path, p.position, p.integrity, p.modified_at, " \
    "p.state, p.version "
#define DEPTH_MAX PAGE_DEPTH_MAX
#define PAGES_MAX 1000
#define BODY_BYTES ((size_t)512 * 1024)

static void page_read(struct arena *a, struct db_stmt *st, struct page *out) {
    *out = (struct page){.id = db_i64(st, 0),
                         .parent_id = db_i64(st, 1),
                         .translation_group = db_i64(st, 2),
                         .slug = db_str_dup(a, st, 4),
                         .title = db_str_dup(a, st, 5),
                         .path = db_str_dup(a, st, 6),
                         .position = (int)db_i64(st, 7),
                         .integrity = db_i64(st, 8) != 0,
                         .modified_at = db_i64(st, 9),
                         .state = (enum page_state)db_i64(st, 10),
                         .version = db_i64(st, 11)};
    (void)text_lang_find(db_str(st, 3), &out->lang);
}

static enum rc pages_read(struct arena *a, struct db_stmt *st, struct page **out, size_t *count_out) {
    struct page *rows = NULL;
    size_t n = 0, room = 0;
    while (n < PAGES_MAX && db_step(st)) {
        if (n == room) {
            struct page *more = ARENA_ARRAY(a, struct page, room * 2 + 16);
            if (n > 0)
                memcpy(more, rows, n * sizeof *rows);
            rows = more;
            room = room * 2 + 16;
        }
        page_read(a, st, &rows[n++]);
    }
    *out = rows;
    *count_out = n;
    return db_end(st);
}

static enum rc page_one(struct arena *a, struct db_stmt *st, struct page *out) {
    bool found = db_step(st);
    if (found) {
        page_read(a, st, out);
        out->body = html_stored(db_str_dup(a, st, 12));
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

enum rc page_by_path(struct arena *a, struct db *db, enum text_lang lang, struct str path, struct page *out) {
    struct db_stmt *st = db_sql(db, "SELECT " PAGE_COLUMNS ", p.body FROM pages p WHERE p.lang = $1 AND p.path = $2");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, path);
    return page_one(a, st, out);
}

enum rc page_by_id(struct arena *a, struct db *db, int64_t id, struct page *out) {
    struct db_stmt *st = db_sql(db, "SELECT " PAGE_COLUMNS ", p.body FROM pages p WHERE p.id = $1");
    db_bind_i64(st, 1, id);
    return page_one(a, st, out);
}

enum rc page_ancestors(struct arena *a, struct db *db, const struct page *of, struct page **out, size_t *count_out) {
    struct db_stmt *st = db_sql(
        db, "WITH RECURSIVE up (id, parent_id, depth) AS (SELECT id, parent_id, 1 FROM pages WHERE id = $1 UNION ALL "
            "SELECT q.id, q.parent_id, up.depth + 1 FROM pages q, up WHERE q.id = up.parent_id AND up.depth < 8) "
            "SELECT " PAGE_COLUMNS "FROM pages p, up WHERE p.id = up.id ORDER BY up.depth DESC");
    db_bind_i64(st, 1, of->parent_id);
    return pages_read(a, st, out, count_out);
}

enum rc page_children(struct arena *a, struct db *db, int64_t id, struct page **out, size_t *count_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT " PAGE_COLUMNS "FROM pages p WHERE p.parent_id = $1 ORDER BY p.position, p.id");
    db_bind_i64(st, 1, id);
    return pages_read(a, st, out, count_out);
}

enum rc page_translations(struct arena *a, struct db *db, const struct page *of, struct page **out, size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT " PAGE_COLUMNS "FROM pages p WHERE p.translation_group = $1 AND p.id <> $2 "
                                    "AND p.state = 0 "
                                    "ORDER BY p.lang, p.id");
    db_bind_i64(st, 1, of->translation_group);
    db_bind_i64(st, 2, of->id);
    return pages_read(a, st, out, count_out);
}

// One read of all rows, put in order here: at most a thousand, in memory anyway.
static void depth_first(const struct page *rows, size_t n, int64_t parent, int depth, struct page *out,
                        size_t *placed) {
    if (depth > DEPTH_MAX)
        return;
    for (size_t i = 0; i < n; i++)
        if (rows[i].parent_id == parent && *placed < n) {
            out[(*placed)++] = rows[i];
            depth_first(rows, n, rows[i].id, depth + 1, out, placed);
        }
}

enum rc page_list(struct arena *a, struct db *db, enum text_lang lang, struct page **out, size_t *count_out) {
    struct db_stmt *st = db_sql(db, "SELECT " PAGE_COLUMNS "FROM pages p WHERE p.lang = $1 ORDER BY p.position, p.id");
    db_bind_str(st, 1, text_lang_code(lang));
    struct page *rows;
    size_t n, placed = 0;
    enum rc rc = pages_read(a, st, &rows, &n);
    if (rc != RC_OK)
        return rc;
    struct page *ordered = ARENA_ARRAY(a, struct page, n + 1);
    depth_first(rows, n, 0, 1, ordered, &placed);
    *out = ordered;
    *count_out = placed;
    return RC_OK;
}

// ---- saving
// ------------------------------------------------------------------------------------------------------------

static enum rc page_check(struct page *p, struct problem *pr) {
    if (str_trim(p->title).n == 0 || utf8_count(p->title) > 300 || !is_line(p->title))
        return problem_word(pr, RC_INVALID, W_REASON_PAGE_TITLE, 0, STR_NONE);
    if (p->body.s.n > BODY_BYTES || !utf8_valid(p->body.s))
        return problem_word(pr, RC_INVALID, W_REASON_BODY_BAD, 0, STR_NONE);
    return RC_OK;
}

// The parent must be of the same language and not below the page itself.
static enum rc parent_check(struct arena *a, struct db *db, const struct page *p, struct page *parent,
                            struct problem *pr) {
    *parent = (struct page){0};
    if (p->parent_id == 0)
        return RC_OK;
    enum rc rc = page_by_id(a, db, p->parent_id, parent);
    if (rc == RC_NOT_FOUND)
        return problem_word(pr, RC_INVALID, W_REASON_PARENT_NONE, 0, STR_NONE);
    if (rc == RC_OK && parent->lang != p->lang)
        return problem_word(pr, RC_INVALID, W_REASON_PARENT_LANG, 0, STR_NONE);
    struct page *above = NULL;
    size_t n = 0;
    if (rc == RC_OK)
        rc = page_ancestors(a, db, parent, &above, &n);
    if (rc == RC_OK && n + 2 > DEPTH_MAX)
        return problem_word(pr, RC_INVALID, W_REASON_PAGE_DEPTH, DEPTH_MAX, STR_NONE);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (above[i].id == p->id && p->id != 0)
            return problem_word(pr, RC_INVALID, W_REASON_PAGE_LOOP, 0, STR_NONE);
    if (rc == RC_OK && parent->id == p->id)
        return problem_word(pr, RC_INVALID, W_REASON_PAGE_LOOP, 0, STR_NONE);
    return rc;
}

static struct str page_slug(struct arena *a, const struct page *p) {
    struct str slug = text_slug(a, p->lang, p->slug.n > 0 ? p->slug : p->title);
    return slug.n > 0 ? slug : str_fmt(a, "page-%08x", (unsigned)(hash_stable(p->title) & 0xffffffffu));
}

static enum rc page_write(struct db *db, const struct page *p) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO pages (id, lang, parent_id, translation_group, slug, path, title, body, position, integrity, "
            "modified_at, state, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
            "ON CONFLICT (id) DO UPDATE SET "
            "parent_id = excluded.parent_id, translation_group = excluded.translation_group, slug = excluded.slug, "
            "path = excluded.path, title = excluded.title, body = excluded.body, position = excluded.position, "
            "integrity = excluded.integrity, modified_at = excluded.modified_at, state = excluded.state, "
            "version = excluded.version");
    db_bind_i64(st, 1, p->id);
    db_bind_str(st, 2, text_lang_code(p->lang));
    db_bind_i64(st, 3, p->parent_id);
    db_bind_i64(st, 4, p->translation_group);
    db_bind_str(st, 5, p->slug);
    db_bind_str(st, 6, p->path);
    db_bind_str(st, 7, p->title);
    db_bind_str(st, 8, p->body.s);
    db_bind_i64(st, 9, p->position);
    db_bind_i64(st, 10, p->integrity);
    db_bind_i64(st, 11, p->modified_at);
    db_bind_i64(st, 12, p->state);
    db_bind_i64(st, 13, p->version);
    return db_run(st);
}

static enum rc path_set(struct db *db, int64_t id, struct str path) {
    struct db_stmt *st = db_sql(db, "UPDATE pages SET path = $2 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_str(st, 2, path);
    return db_run(st);
}

static enum rc paths_below(struct arena *a, struct db *db, int64_t id, struct str path, int depth,
                           struct news_changes *c) {
    struct page *rows;
    size_t n;
    enum rc rc = page_children(a, db, id, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n && depth < DEPTH_MAX; i++) {
        struct str below = str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(rows[i].slug));
        rc = page_path_changed(db, &rows[i], below);
        if (rc == RC_OK)
            rc = path_set(db, rows[i].id, below);
        news_changes_note(c, EDITION_PAGE, rows[i].id, false);
        if (rc == RC_OK)
            rc = paths_below(a, db, rows[i].id, below, depth + 1, c);
    }
    return rc;
}

// A page prints its ancestors, children and siblings, so a new name or place shows on all of them.
static enum rc note_family(struct arena *a, struct db *db, const struct page *p, struct news_changes *c) {
    struct page *rows;
    size_t n;
    enum rc rc = page_children(a, db, p->id, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        news_changes_note(c, EDITION_PAGE, rows[i].id, false);
    if (rc == RC_OK && p->parent_id != 0) {
        news_changes_note(c, EDITION_PAGE, p->parent_id, false);
        rc = page_children(a, db, p->parent_id, &rows, &n);
        for (size_t i = 0; rc == RC_OK && i < n; i++)
            news_changes_note(c, EDITION_PAGE, rows[i].id, false);
    }
    if (rc == RC_OK)
        rc = page_translations(a, db, p, &rows, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        news_changes_note(c, EDITION_PAGE, rows[i].id, false);
    return rc;
}

static enum rc note_page(struct arena *a, struct db *db, const struct page *old, const struct page *p,
                         struct news_changes *c) {
    news_changes_note(c, EDITION_PAGE, p->id, p->state != PAGE_PUBLISHED);
    if (old->id != 0 && str_eq(old->title, p->title) && str_eq(old->path, p->path) && old->position == p->position &&
        old->state == p->state && old->translation_group == p->translation_group)
        return RC_OK;
    news_changes_note(c, EDITION_FRAME, p->lang, false); // the menu and the footer name pages
    enum rc rc = old->id != 0 && (old->parent_id != p->parent_id || old->translation_group != p->translation_group)
                     ? note_family(a, db, old, c)
                     : RC_OK;
    return rc == RC_OK ? note_family(a, db, p, c) : rc;
}

static enum rc group_has_room(struct db *db, const struct page *p, bool *has_room_out) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM pages WHERE translation_group = $1 AND lang = $2 AND id <> $3");
    db_bind_i64(st, 1, p->translation_group);
    db_bind_str(st, 2, text_lang_code(p->lang));
    db_bind_i64(st, 3, p->id);
    *has_room_out = !db_step(st);
    return db_end(st);
}

static enum rc page_place(struct arena *a, struct db *db, struct page *p, const struct page *parent,
                          struct problem *pr) {
    p->slug = page_slug(a, p);
    p->path = p->parent_id == 0 ? p->slug : str_fmt(a, "%.*s/%.*s", STR_ARG(parent->path), STR_ARG(p->slug));
    if (!name_is_free(db, p->lang, p->path, 0, p->id))
        return problem_word(pr, RC_CONFLICT, W_REASON_PAGE_TAKEN, 0, p->path);
    if (p->id == 0)
        p->id = id_next();
    if (p->translation_group == 0)
        p->translation_group = p->id;
    bool has_room;
    enum rc rc = group_has_room(db, p, &has_room);
    return rc == RC_OK && !has_room ? problem_word(pr, RC_CONFLICT, W_REASON_TRANSLATED, 0, STR_NONE) : rc;
}

static bool same_text(const struct page *l, const struct page *r) {
    return l->id != 0 && str_eq(l->title, r->title) && str_eq(l->slug, r->slug) && str_eq(l->body.s, r->body.s);
}

// The row, its version when the words are others, and the addresses it had.
static enum rc page_put(struct db *db, const struct audit_who *who, const struct page *old, struct page *p) {
    bool same = same_text(old, p);
    p->version = same ? old->version : old->version + 1;
    enum rc rc = page_write(db, p);
    if (rc == RC_OK && !same)
        rc = page_version_add(db, who, p);
    if (rc == RC_OK && !str_eq(old->path, p->path))
        rc = page_path_changed(db, old, p->path);
    return rc;
}

enum rc page_save_as(struct arena *a, struct db *db, const struct audit_who *who, struct page *p,
                     struct news_changes *c, struct problem *pr) {
    struct page old = {0}, parent, saved = *p;
    enum rc rc = page_check(&saved, pr);
    if (rc == RC_OK && saved.id != 0)
        rc = page_by_id(a, db, saved.id, &old);
    if (rc == RC_OK)
        rc = parent_check(a, db, &saved, &parent, pr);
    if (rc == RC_OK)
        rc = page_place(a, db, &saved, &parent, pr);
    if (old.id == 0)
        old.lang = saved.lang;
    if (rc == RC_OK)
        rc = page_put(db, who, &old, &saved);
    if (rc == RC_OK)
        rc = page_media_sync(db, &saved);
    if (rc == RC_OK && old.id != 0 && !str_eq(old.path, saved.path))
        rc = paths_below(a, db, saved.id, saved.path, 1, c);
    if (rc == RC_OK)
        rc = note_page(a, db, &old, &saved, c);
    if (rc == RC_OK)
        *p = saved;
    return rc;
}

enum rc page_save(struct arena *a, struct db *db, struct page *p, struct news_changes *c, struct problem *pr) {
    static const struct audit_who nobody = {0, {"", 0}};
    return page_save_as(a, db, &nobody, p, c, pr);
}

enum rc page_note_family(struct arena *a, struct db *db, const struct page *p, struct news_changes *c) {
    news_changes_note(c, EDITION_PAGE, p->id, p->state != PAGE_PUBLISHED);
    news_changes_note(c, EDITION_FRAME, p->lang, false);
    return note_family(a, db, p, c);
}
