// SPDX-License-Identifier: AGPL-3.0-or-later
// What readers wrote under articles on the old site: a closed archive. It is brought in by imports, each comment once
// whatever it comes from; staff hide one with a reason, or delete it for good. Of a deleted one nothing is kept but the
// number it had on the old site and a hash, so that no import brings it back; and no address of any
// reader was ever stored. The audit log says which article it was, never what was written or by whom.
#include "news/internal.h"

#define MINUTE (60 * US_PER_SECOND)

// A page says minutes, an export seconds, and either may know the comment's number or not: what both say is this.
static int64_t mark_of(struct arena *a, const struct comment *c) {
    struct str words =
        str_fmt(a, "%lld\n%.*s\n%.*s", (long long)(c->written_at / MINUTE), STR_ARG(c->name), STR_ARG(c->body));
    return (int64_t)(hash_stable(words) >> 1);
}

// ---- reading ---------------------------------------------------------------------------------------------------------

#define COLUMNS "id, number, site, old_id, written_at, name, body, hidden, reason "

static void comment_read(struct arena *a, struct db_stmt *st, struct comment *out) {
    *out = (struct comment){.id = db_i64(st, 0),
                            .number = db_i64(st, 1),
                            .site = db_str_dup(a, st, 2),
                            .old_id = db_i64(st, 3),
                            .written_at = db_i64(st, 4),
                            .name = db_str_dup(a, st, 5),
                            .body = db_str_dup(a, st, 6),
                            .hidden = db_i64(st, 7) != 0,
                            .reason = db_str_dup(a, st, 8)};
}

enum rc comment_part(struct arena *a, struct db *db, int64_t number, bool hidden_too, size_t part, size_t most,
                     struct comments_part *out) {
    _Static_assert(COMMENTS_MAX == 2000, "the SQL says so");
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS "FROM comments WHERE number = $1 AND hidden <= $2 "
                                    "ORDER BY written_at, id LIMIT 2000");
    db_bind_i64(st, 1, number);
    db_bind_i64(st, 2, hidden_too);
    *out = (struct comments_part){.parts = 1};
    for (size_t rows = 0, bytes = 0; db_step(st); out->all++) { // rows and bytes of the part that is being passed
        size_t words = db_str(st, 6).n;
        if (rows > 0 && (rows == most || bytes + words > COMMENTS_PART_BYTES)) {
            out->parts++;
            rows = bytes = 0;
        }
        rows++;
        bytes += words;
        if (out->parts != part)
            continue;
        if (out->rows == NULL)
            out->rows = ARENA_ARRAY(a, struct comment, most);
        comment_read(a, st, &out->rows[out->count++]);
    }
    return db_end(st);
}

enum rc comment_by_id(struct arena *a, struct db *db, int64_t id, struct comment *out) {
    struct db_stmt *st = db_sql(db, "SELECT " COLUMNS "FROM comments WHERE id = $1");
    db_bind_i64(st, 1, id);
    bool found = db_step(st);
    if (found)
        comment_read(a, st, out);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

enum rc comment_count(struct db *db, int64_t number, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT COUNT(*) FROM comments WHERE number = $1");
    db_bind_i64(st, 1, number);
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

// ---- bringing in -----------------------------------------------------------------------------------------------------

static bool has_row(struct db_stmt *st, enum rc *rc) {
    bool found = db_step(st);
    enum rc ended = db_end(st);
    *rc = *rc == RC_OK ? ended : *rc;
    return found;
}

// By its number on the old site; by what it says where one of the two has none.
static bool was_erased(struct db *db, const struct comment *c, int64_t mark, enum rc *rc) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM comments_erased WHERE site = $1 AND ((old_id = $2 AND $2 <> 0) OR "
                                    "(number = $3 AND mark = $4 AND (old_id = 0 OR $2 = 0)))");
    db_bind_str(st, 1, c->site);
    db_bind_i64(st, 2, c->old_id);
    db_bind_i64(st, 3, c->number);
    db_bind_i64(st, 4, mark);
    return has_row(st, rc);
}

static bool is_there(struct db *db, const struct comment *c, int64_t mark, enum rc *rc) {
    if (c->old_id != 0) {
        struct db_stmt *st = db_sql(db, "SELECT 1 FROM comments WHERE site = $1 AND old_id = $2");
        db_bind_str(st, 1, c->site);
        db_bind_i64(st, 2, c->old_id);
        if (has_row(st, rc))
            return true;
    }
    // Two comments whose numbers are known are two, however alike they are.
    struct db_stmt *st =
        db_sql(db, "SELECT 1 FROM comments WHERE number = $1 AND mark = $2 AND ($3 = 0 OR old_id = 0)");
    db_bind_i64(st, 1, c->number);
    db_bind_i64(st, 2, mark);
    db_bind_i64(st, 3, c->old_id);
    return has_row(st, rc);
}

static enum rc comment_insert(struct db *db, const struct comment *c, int64_t mark) {
    struct db_stmt *st = db_sql(db, "INSERT INTO comments (id, number, site, old_id, mark, written_at, name, body, "
                                    "hidden, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    db_bind_i64(st, 1, id_next());
    db_bind_i64(st, 2, c->number);
    db_bind_str(st, 3, c->site);
    db_bind_i64(st, 4, c->old_id);
    db_bind_i64(st, 5, mark);
    db_bind_i64(st, 6, c->written_at);
    db_bind_str(st, 7, c->name);
    db_bind_str(st, 8, c->body);
    db_bind_i64(st, 9, c->hidden);
    db_bind_str(st, 10, c->reason);
    return db_run(st);
}

bool comment_is_sound(const struct comment *c) {
    struct str rest = c->body, line;
    bool sound = c->body.n > 0 && utf8_count(c->body) <= COMMENT_CHARS_MAX && is_line(c->name) &&
                 utf8_count(c->name) <= COMMENT_NAME_MAX && c->written_at > 0;
    while (sound && str_next(&rest, '\n', &line))
        sound = is_line(line);
    return sound;
}

enum rc comment_add(struct arena *a, struct db *db, const struct comment *c, bool *added_out, struct news_changes *ch) {
    enum rc rc = RC_OK;
    int64_t mark = mark_of(a, c), count;
    *added_out = false;
    if (!comment_is_sound(c))
        return RC_INVALID;
    if (is_there(db, c, mark, &rc) || was_erased(db, c, mark, &rc) || rc != RC_OK)
        return rc;
    rc = comment_count(db, c->number, &count);
    if (rc == RC_OK && count >= COMMENTS_MAX)
        return RC_TOO_BIG;
    if (rc == RC_OK)
        rc = comment_insert(db, c, mark);
    news_changes_note(ch, EDITION_ITEM, c->number, false);
    *added_out = rc == RC_OK;
    return rc;
}

// ---- at the desk -----------------------------------------------------------------------------------------------------

static struct str of_article(struct arena *a, const struct comment *c) {
    return str_fmt(a, "article %lld", (long long)c->number);
}

enum rc comment_hide(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, bool hidden,
                     struct str reason, struct news_changes *ch) {
    struct comment c;
    enum rc rc = comment_by_id(a, db, id, &c);
    reason = hidden ? str_trim(reason) : STR_NONE;
    if (rc != RC_OK || (c.hidden == hidden && str_eq(c.reason, reason)))
        return rc;
    if (hidden && (reason.n == 0 || utf8_count(reason) > COMMENT_REASON_MAX || !is_line(reason)))
        return RC_INVALID;
    struct db_stmt *st = db_sql(db, "UPDATE comments SET hidden = $2, reason = $3 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, hidden);
    db_bind_str(st, 3, reason);
    rc = db_run(st);
    news_changes_note(ch, EDITION_ITEM, c.number, hidden);
    return rc == RC_OK ? names_audit(db, who, hidden ? "hide" : "show", "comment", id, of_article(a, &c), reason) : rc;
}

static enum rc erased_note(struct db *db, const struct comment *c, int64_t mark) {
    struct db_stmt *st = db_sql(db, "INSERT INTO comments_erased (site, old_id, number, mark) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (site, old_id, number, mark) DO NOTHING");
    db_bind_str(st, 1, c->site);
    db_bind_i64(st, 2, c->old_id);
    db_bind_i64(st, 3, c->number);
    db_bind_i64(st, 4, mark);
    return db_run(st);
}

enum rc comment_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id,
                       struct news_changes *ch) {
    struct comment c;
    enum rc rc = comment_by_id(a, db, id, &c);
    if (rc == RC_OK)
        rc = erased_note(db, &c, mark_of(a, &c));
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "DELETE FROM comments WHERE id = $1");
    db_bind_i64(st, 1, id);
    rc = db_run(st);
    news_changes_note(ch, EDITION_ITEM, c.number, true);
    return rc == RC_OK ? names_audit(db, who, "delete", "comment", id, of_article(a, &c), STR_NONE) : rc;
}

// ---- verification ----------------------------------------------------------------------------------------------------

static void fault(const struct verify_context *v, int64_t id, const char *what) {
    struct arena *a = arena_new(4096);
    v->fault(v->arg, "comments", str_fmt(a, "comment %lld: %s", (long long)id, what));
    arena_free(&a);
}

static const char *comment_fault(struct arena *a, const struct comment *c, int64_t mark) {
    if (!comment_is_sound(c))
        return "its name, date or words are not sound";
    if (c->hidden != (c->reason.n > 0))
        return "it is hidden without a reason, or has one and is not";
    return mark_of(a, c) != mark ? "its mark is not that of what it says" : NULL;
}

enum rc check_comments(const struct verify_context *v) {
    struct db_stmt *st = db_sql(v->db, "SELECT id FROM comments WHERE number NOT IN (SELECT number FROM articles)");
    while (db_step(st))
        fault(v, db_i64(st, 0), "it is of no article");
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db, "SELECT c.id FROM comments c CROSS JOIN comments_erased e WHERE e.site = c.site AND "
                       "((e.old_id <> 0 AND e.old_id = c.old_id) OR (e.number = c.number AND "
                       "e.mark = c.mark AND (e.old_id = 0 OR c.old_id = 0)))");
    while (db_step(st))
        fault(v, db_i64(st, 0), "it was deleted for good and is there");
    rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    st = db_sql(v->db, "SELECT " COLUMNS ", mark FROM comments");
    struct arena *a = arena_new((size_t)1 << 20);
    while (db_step(st)) {
        struct comment c;
        comment_read(a, st, &c);
        const char *what = comment_fault(a, &c, db_i64(st, 9));
        if (what != NULL)
            fault(v, c.id, what);
        arena_reset(a);
    }
    arena_free(&a);
    return db_end(st);
}
