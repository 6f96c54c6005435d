// SPDX-License-Identifier: AGPL-3.0-or-later
// Tags at the desk: made, renamed, merged, deleted. Texts hold the names of their tags, so what a tag was called before,
// or what was merged into it, stays known and means it; a deleted one's name means nothing until somebody makes the tag
// again: an old text that is published anew goes without.
#include "news/internal.h"

static struct str tag_words(struct arena *a, const struct tag *t) {
    return str_fmt(a, "%.*s\n/%.*s/tag/%.*s", STR_ARG(t->name), STR_ARG(text_lang_code(t->lang)), STR_ARG(t->slug));
}

static enum rc slug_owner(struct arena *a, struct db *db, const struct tag *t, struct str slug, bool *other_out) {
    struct tag owner;
    enum rc rc = tag_by_slug(a, db, t->lang, slug, &owner);
    *other_out = rc == RC_OK && owner.id != t->id;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

// Its address and what its name makes of itself must not be another tag's: that would be a merge.
static enum rc tag_check(struct arena *a, struct db *db, const struct tag *t, struct problem *p) {
    bool other = false;
    if (t->name.n == 0 || t->name.n > 120 || !is_line(t->name))
        return problem_set(p, RC_INVALID, "tag_bad");
    if (!slug_is_sound(t->slug))
        return problem_set(p, RC_INVALID, "address_bad");
    enum rc rc = slug_owner(a, db, t, t->slug, &other);
    if (rc == RC_OK && !other)
        rc = slug_owner(a, db, t, tag_slug(a, t->lang, t->name), &other);
    return rc == RC_OK && other ? problem_set(p, RC_CONFLICT, "tag_taken") : rc;
}

static enum rc tag_write(struct db *db, const struct tag *t) {
    struct db_stmt *st = db_sql(db, "INSERT INTO tags (id, lang, slug, name) VALUES ($1, $2, $3, $4) ON CONFLICT (id) "
                                    "DO UPDATE SET slug = excluded.slug, name = excluded.name, "
                                    "version = tags.version + 1");
    db_bind_i64(st, 1, t->id);
    db_bind_str(st, 2, text_lang_code(t->lang));
    db_bind_str(st, 3, t->slug);
    db_bind_str(st, 4, t->name);
    return db_run(st);
}

static enum rc tag_aliases(struct arena *a, struct db *db, const struct tag *old, const struct tag *t) {
    struct str said = tag_slug(a, t->lang, t->name);
    enum rc rc = alias_drop(db, ALIAS_TAG, t->lang, t->slug);
    if (rc == RC_OK && old->id != 0 && !str_eq(old->slug, t->slug))
        rc = alias_put(db, ALIAS_TAG, t->lang, old->slug, t->id);
    if (rc == RC_OK && !str_eq(said, t->slug))
        rc = alias_put(db, ALIAS_TAG, t->lang, said, t->id);
    return rc;
}

enum rc tag_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct tag_edit *edit,
                 int64_t *id_out, struct news_changes *c, struct problem *p) {
    struct tag old = {.lang = edit->lang}, t;
    struct merge running;
    enum rc rc = edit->id != 0 ? tag_by_id(a, db, edit->id, &old) : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (edit->id != 0 && edit->base_version != old.version)
        return RC_BUSY;
    t = old;
    t.name = str_trim(edit->name);
    t.slug = edit->slug.n > 0 ? text_slug(a, t.lang, edit->slug) : tag_slug(a, t.lang, t.name);
    rc = t.id != 0 && merge_get(db, MERGE_TAG, t.id, &running) == RC_OK ? problem_set(p, RC_CONFLICT, "merge_running")
                                                                        : tag_check(a, db, &t, p);
    if (rc != RC_OK)
        return rc;
    if (t.id == 0)
        t.id = id_next();
    rc = tag_write(db, &t);
    if (rc == RC_OK)
        rc = tag_aliases(a, db, &old, &t);
    if (rc != RC_OK)
        return rc;
    news_changes_note(c, EDITION_TAG, t.id, true);
    if (old.id != 0) // every article that carries it prints its name and address
        news_changes_note(c, EDITION_FRAME, t.lang, false);
    *id_out = t.id;
    return names_audit(db, who, old.id == 0 ? "begin" : "save", "tag", t.id,
                       old.id == 0 ? STR_NONE : tag_words(a, &old), tag_words(a, &t));
}

enum rc tag_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, int64_t to_id,
                   int64_t now_us, struct news_changes *c, struct problem *p) {
    struct tag tag, to = {.id = 0};
    enum rc rc = tag_by_id(a, db, id, &tag);
    if (rc == RC_OK && to_id != 0)
        rc = tag_by_id(a, db, to_id, &to);
    if (rc != RC_OK)
        return rc;
    if (to_id == id || (to_id != 0 && to.lang != tag.lang))
        return problem_set(p, RC_INVALID, "merge_bad");
    const struct merge m = {.kind = MERGE_TAG, .from_id = id, .to_id = to_id, .begun_at = now_us};
    rc = merge_begin(db, who, &m, p);
    if (rc == RC_OK)
        rc = alias_retarget(db, ALIAS_TAG, id, to_id);
    if (rc == RC_OK)
        rc = alias_put(db, ALIAS_TAG, tag.lang, tag.slug, to_id);
    news_changes_note(c, EDITION_TAG, id, true);
    return rc == RC_OK ? names_audit(db, who, to_id == 0 ? "delete" : "merge", "tag", id, tag_words(a, &tag),
                                     to_id == 0 ? STR_NONE : tag_words(a, &to))
                       : rc;
}
