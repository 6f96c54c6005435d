// SPDX-License-Identifier: AGPL-3.0-or-later
// Standing pages at the desk: begun, written version by version, moved in their tree, shown and taken back, deleted. An
// address that readers had leads on to where the page is now, or says that it is gone.
#include "news/internal.h"

_Static_assert(PAGE_PUBLISHED == 0, "the SQL of src/news says so");

// ---- versions ----------------------------------------------------------------------------------------------------------

enum rc page_version_add(struct db *db, const struct audit_who *who, const struct page *p) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO page_versions (page_id, version, saved_at, account_id, account_name, title, slug, body) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    db_bind_i64(st, 1, p->id);
    db_bind_i64(st, 2, p->version);
    db_bind_i64(st, 3, p->modified_at);
    db_bind_i64(st, 4, who->account_id);
    db_bind_str(st, 5, who->name);
    db_bind_str(st, 6, p->title);
    db_bind_str(st, 7, p->slug);
    db_bind_str(st, 8, p->body.s);
    return db_run(st);
}

enum rc page_version_list(struct arena *a, struct db *db, int64_t page_id, struct page_version **out,
                          size_t *count_out) {
    _Static_assert(PAGE_VERSIONS_SHOWN == 100, "the SQL says so");
    struct db_stmt *st = db_sql(db, "SELECT version, saved_at, account_id, account_name FROM page_versions "
                                    "WHERE page_id = $1 ORDER BY version DESC LIMIT 100");
    db_bind_i64(st, 1, page_id);
    *out = ARENA_ARRAY(a, struct page_version, PAGE_VERSIONS_SHOWN);
    *count_out = 0;
    while (*count_out < PAGE_VERSIONS_SHOWN && db_step(st))
        (*out)[(*count_out)++] = (struct page_version){.version = db_i64(st, 0),
                                                       .saved_at = db_i64(st, 1),
                                                       .account_id = db_i64(st, 2),
                                                       .account_name = db_str_dup(a, st, 3)};
    return db_end(st);
}

enum rc page_version_load(struct arena *a, struct db *db, int64_t page_id, int64_t version, struct page_version *out) {
    struct db_stmt *st = db_sql(db, "SELECT version, saved_at, account_id, account_name, title, slug, body FROM "
                                    "page_versions WHERE page_id = $1 AND version = $2");
    db_bind_i64(st, 1, page_id);
    db_bind_i64(st, 2, version);
    bool found = db_step(st);
    if (found)
        *out = (struct page_version){
            .version = db_i64(st, 0),
            .saved_at = db_i64(st, 1),
            .account_id = db_i64(st, 2),
            .account_name = db_str_dup(a, st, 3),
            .text = {db_str_dup(a, st, 4), db_str_dup(a, st, 5), html_stored(db_str_dup(a, st, 6))}};
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

// ---- addresses that pages had --------------------------------------------------------------------------------------------

static enum rc former_put(struct db *db, enum text_lang lang, struct str path, int64_t page_id) {
    struct db_stmt *st = db_sql(db, "INSERT INTO page_paths (lang, path, page_id) VALUES ($1, $2, $3) "
                                    "ON CONFLICT (lang, path) DO UPDATE SET page_id = excluded.page_id");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, path);
    db_bind_i64(st, 3, page_id);
    return db_run(st);
}

enum rc former_page_drop(struct db *db, enum text_lang lang, struct str path) {
    struct db_stmt *st = db_sql(db, "DELETE FROM page_paths WHERE lang = $1 AND path = $2");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, path);
    return db_run(st);
}

enum rc page_path_changed(struct db *db, const struct page *page, struct str path) {
    enum rc rc = former_page_drop(db, page->lang, path);
    if (rc == RC_OK)
        rc = alias_drop(db, ALIAS_SECTION, page->lang, path);
    return rc == RC_OK && page->id != 0 && page->state != PAGE_DRAFT ? former_put(db, page->lang, page->path, page->id)
                                                                     : rc;
}

enum rc page_former(struct arena *a, struct db *db, enum text_lang lang, struct str path, struct page *out) {
    struct db_stmt *st = db_sql(db, "SELECT page_id FROM page_paths WHERE lang = $1 AND path = $2");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, path);
    bool found = db_step(st);
    int64_t id = found ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    if (rc != RC_OK || !found)
        return rc != RC_OK ? rc : RC_NOT_FOUND;
    rc = id != 0 ? page_by_id(a, db, id, out) : RC_GONE;
    return rc == RC_NOT_FOUND || (rc == RC_OK && out->state != PAGE_PUBLISHED) ? RC_GONE : rc;
}

// ---- writing -------------------------------------------------------------------------------------------------------------

static struct str page_words(struct arena *a, const struct page *p) {
    return str_fmt(a, "%.*s\n/%.*s/%.*s\n\n%.*s", STR_ARG(p->title), STR_ARG(text_lang_code(p->lang)), STR_ARG(p->path),
                   STR_ARG(html_to_text(a, p->body)));
}

static enum rc page_audit(struct db *db, const struct audit_who *who, const char *verb, int64_t id, struct str before,
                          struct str after) {
    const struct audit_entry entry = {
        .who = *who, .verb = str_from(verb), .kind = STR("page"), .id = id, .before = before, .after = after};
    return audit_add(db, &entry);
}

// One page of a language in a translation group.
static enum rc group_check(struct db *db, const struct page *p, struct problem *pr) {
    struct db_stmt *st = db_sql(db, "SELECT SUM(CASE WHEN lang = $2 AND id <> $3 THEN 1 ELSE 0 END), COUNT(*) "
                                    "FROM pages WHERE translation_group = $1");
    db_bind_i64(st, 1, p->translation_group);
    db_bind_str(st, 2, text_lang_code(p->lang));
    db_bind_i64(st, 3, p->id);
    bool read = db_step(st);
    bool taken = read && db_i64(st, 0) > 0, known = read && db_i64(st, 1) > 0;
    enum rc rc = db_end(st);
    if (rc == RC_OK && taken)
        return problem_set(pr, RC_INVALID, "page_translated");
    return rc == RC_OK && !known ? problem_set(pr, RC_INVALID, "page_translated") : rc;
}

// A page that leaves the group it gave its id to needs another.
static enum rc group_leave(struct db *db, struct page *p) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM pages WHERE translation_group = $1 AND id <> $1");
    db_bind_i64(st, 1, p->id);
    p->translation_group = db_step(st) ? id_next() : p->id;
    return db_end(st);
}

static int last_position(const struct page *rows, size_t n, int64_t parent) {
    int last = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].parent_id == parent && rows[i].position > last)
            last = rows[i].position;
    return last;
}

enum rc page_begin(struct arena *a, struct db *db, const struct audit_who *who, struct page *p, int64_t now_us,
                   struct news_changes *c, struct problem *pr) {
    struct page *rows, page = {.lang = p->lang,
                               .parent_id = p->parent_id,
                               .translation_group = p->translation_group,
                               .title = str_trim(p->title),
                               .body = html_stored(STR("")),
                               .state = PAGE_DRAFT,
                               .modified_at = now_us};
    size_t n;
    enum rc rc = page_list(a, db, p->lang, &rows, &n);
    if (rc == RC_OK && page.translation_group != 0)
        rc = group_check(db, &page, pr);
    if (rc != RC_OK)
        return rc;
    page.position = last_position(rows, n, page.parent_id) + 1;
    rc = page_save_as(a, db, who, &page, c, pr);
    if (rc == RC_OK)
        rc = page_audit(db, who, "begin", page.id, STR_NONE, page_words(a, &page));
    if (rc == RC_OK)
        *p = page;
    return rc;
}

enum rc page_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct page_edit *edit,
                  int64_t now_us, struct news_changes *c, struct problem *pr) {
    struct page old, page;
    enum rc rc = page_by_id(a, db, edit->id, &old);
    if (rc != RC_OK)
        return rc;
    if (edit->base_version != old.version)
        return RC_BUSY;
    page = old;
    page.title = str_trim(edit->text.title);
    page.slug = str_trim(edit->text.slug);
    if (edit->text.body.s.n > ARTICLE_BODY_BYTES || !utf8_valid(edit->text.body.s) ||
        html_clean(a, edit->text.body.s, &page.body) != RC_OK)
        return problem_word(pr, RC_INVALID, W_REASON_BODY_BAD, 0, STR_NONE);
    if (edit->translation_group != 0 && edit->translation_group != old.translation_group) {
        page.translation_group = edit->translation_group;
        rc = group_check(db, &page, pr);
    } else if (edit->translation_group == 0) {
        rc = group_leave(db, &page);
    }
    page.modified_at = now_us;
    if (rc == RC_OK)
        rc = page_save_as(a, db, who, &page, c, pr);
    if (rc != RC_OK || (page.version == old.version && page.translation_group == old.translation_group))
        return rc;
    return page_audit(db, who, edit->restores ? "restore" : "save", page.id, page_words(a, &old), page_words(a, &page));
}

// ---- the tree ------------------------------------------------------------------------------------------------------------

bool page_way_find(struct str name, enum page_way *out) {
    static const char *const names[] = {"up", "down", "in", "out", "before", "after", "into"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(name, str_from(names[i]))) {
            *out = (enum page_way)i;
            return true;
        }
    return false;
}

struct tree {
    struct page *rows; // of the language, depth first
    size_t n;
};

static struct page *find(const struct tree *t, int64_t id) {
    for (size_t i = 0; i < t->n; i++)
        if (t->rows[i].id == id)
            return &t->rows[i];
    return NULL;
}

// The sibling before or after; NULL: none.
static struct page *neighbour(const struct tree *t, const struct page *p, bool after) {
    struct page *before = NULL;
    bool passed = false;
    for (size_t i = 0; i < t->n; i++) {
        if (t->rows[i].parent_id != p->parent_id)
            continue;
        if (t->rows[i].id == p->id)
            passed = true;
        else if (passed)
            return after ? &t->rows[i] : before;
        else
            before = &t->rows[i];
    }
    return after ? NULL : before;
}

// Where the page goes: below `parent`, in front of or behind `beside`; NULL: behind all of them.
struct place {
    int64_t parent;
    const struct page *beside;
    bool behind;
};

static bool place_of(const struct tree *t, const struct page *p, enum page_way way, int64_t beside, struct place *out) {
    const struct page *other = way == PAGE_UP || way == PAGE_IN ? neighbour(t, p, false)
                               : way == PAGE_DOWN               ? neighbour(t, p, true)
                               : way == PAGE_OUT                ? find(t, p->parent_id)
                                                                : find(t, beside);
    if (other == NULL || other == p)
        return false;
    bool below = way == PAGE_IN || way == PAGE_INTO;
    *out = (struct place){below ? other->id : other->parent_id, below ? NULL : other,
                          way == PAGE_DOWN || way == PAGE_OUT || way == PAGE_AFTER};
    return true;
}

static enum rc position_set(struct db *db, const struct page *p, int position, struct news_changes *c) {
    if (p->position == position)
        return RC_OK;
    struct db_stmt *st = db_sql(db, "UPDATE pages SET position = $2 WHERE id = $1");
    db_bind_i64(st, 1, p->id);
    db_bind_i64(st, 2, position);
    news_changes_note(c, EDITION_PAGE, p->id, false);
    return db_run(st);
}

// Numbers the new siblings from 1; *own_out is what falls to the page itself.
static enum rc renumber(struct db *db, const struct tree *t, const struct page *p, const struct place *to, int *own_out,
                        struct news_changes *c) {
    int position = 1;
    enum rc rc = RC_OK;
    *own_out = 0;
    for (size_t i = 0; rc == RC_OK && i < t->n; i++) {
        const struct page *row = &t->rows[i];
        if (row->parent_id != to->parent || row->id == p->id)
            continue;
        if (row == to->beside && !to->behind)
            *own_out = position++;
        rc = position_set(db, row, position++, c);
        if (row == to->beside && to->behind)
            *own_out = position++;
    }
    if (*own_out == 0)
        *own_out = position;
    return rc;
}

static struct str place_words(struct arena *a, const struct page *p) {
    return str_fmt(a, "/%.*s/%.*s (%d)", STR_ARG(text_lang_code(p->lang)), STR_ARG(p->path), p->position);
}

enum rc page_move(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum page_way way,
                  int64_t beside, struct news_changes *c, struct problem *pr) {
    struct page page, old;
    struct tree t;
    struct place to;
    enum rc rc = page_by_id(a, db, id, &page);
    if (rc == RC_OK)
        rc = page_list(a, db, page.lang, &t.rows, &t.n);
    if (rc != RC_OK)
        return rc;
    struct page *row = find(&t, id);
    if (row == NULL || !place_of(&t, row, way, beside, &to))
        return RC_OK;
    old = page;
    rc = renumber(db, &t, row, &to, &page.position, c);
    page.parent_id = to.parent;
    if (rc == RC_OK)
        rc = page_save_as(a, db, who, &page, c, pr);
    if (rc == RC_OK)
        rc = page_note_family(a, db, &page, c);
    return rc == RC_OK ? page_audit(db, who, "move", id, place_words(a, &old), place_words(a, &page)) : rc;
}

// ---- for readers or not ----------------------------------------------------------------------------------------------------

enum rc page_state_set(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, enum page_state state,
                       int64_t now_us, struct news_changes *c, struct problem *pr) {
    struct page page;
    enum rc rc = page_by_id(a, db, id, &page);
    if (rc != RC_OK)
        return rc;
    bool possible = state == PAGE_PUBLISHED || (state == PAGE_WITHDRAWN && page.state == PAGE_PUBLISHED);
    if (!possible || page.state == state)
        return problem_set(pr, RC_DENIED, "step_denied");
    if (page.state == PAGE_DRAFT)
        page.modified_at = now_us;
    page.state = state;
    rc = page_save_as(a, db, who, &page, c, pr);
    return rc == RC_OK ? page_audit(db, who, state == PAGE_PUBLISHED ? "publish" : "withdraw", id, STR_NONE,
                                    place_words(a, &page))
                       : rc;
}

static enum rc in_menu(struct db *db, int64_t id, bool *out) {
    _Static_assert(MENU_PAGE == 2, "the SQL says so");
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM menu_entries WHERE target = 2 AND target_id = $1");
    db_bind_i64(st, 1, id);
    *out = db_step(st);
    return db_end(st);
}

static enum rc rows_remove(struct db *db, int64_t id) {
    _Static_assert(LEGACY_PAGE == 4, "the SQL says so");
    struct db_stmt *all[] = {
        db_sql(db, "UPDATE page_paths SET page_id = 0 WHERE page_id = $1"),
        db_sql(db, "DELETE FROM legacy_addresses WHERE kind = 4 AND new_id = $1"),
        db_sql(db, "DELETE FROM page_versions WHERE page_id = $1"),
        db_sql(db, "DELETE FROM pages WHERE id = $1"),
    };
    enum rc rc = RC_OK;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        db_bind_i64(all[i], 1, id);
        enum rc one = db_run(all[i]);
        rc = rc == RC_OK ? one : rc;
    }
    return rc;
}

enum rc page_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, struct news_changes *c,
                    struct problem *pr) {
    struct page page, *below;
    size_t n;
    bool named;
    enum rc rc = page_by_id(a, db, id, &page);
    if (rc == RC_OK)
        rc = page_children(a, db, id, &below, &n);
    if (rc == RC_OK)
        rc = in_menu(db, id, &named);
    if (rc != RC_OK)
        return rc;
    if (n > 0 || named)
        return problem_set(pr, RC_DENIED, n > 0 ? "page_has_children" : "page_in_menu");
    rc = page_note_family(a, db, &page, c);
    news_changes_note(c, EDITION_PAGE, id, true);
    struct page empty = {.id = id, .lang = page.lang};
    if (rc == RC_OK)
        rc = page_media_sync(db, &empty);
    if (rc == RC_OK)
        rc = rows_remove(db, id);
    if (rc == RC_OK && page.state != PAGE_DRAFT)
        rc = former_put(db, page.lang, page.path, 0);
    return rc == RC_OK ? page_audit(db, who, "delete", id, page_words(a, &page), STR_NONE) : rc;
}
