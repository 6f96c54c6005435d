// SPDX-License-Identifier: AGPL-3.0-or-later
// People at the desk. Deleting one never changes a byline: the row and its links stay, marked, so that articles print the
// name as before, without a link, and texts that name the person again find the same row; only the page is gone (410).
#include "news/internal.h"

enum { PERSON_NAME_MAX = 120, BIO_MAX = 4000 };

static struct str person_words(struct arena *a, const struct person *p) {
    return str_fmt(a, "%.*s\n/author/%.*s\n%.*s", STR_ARG(p->name), STR_ARG(p->slug), STR_ARG(p->bio));
}

static enum rc owner_is_other(enum rc rc, const struct person *owner, int64_t id, bool *other_out) {
    *other_out = rc == RC_OK && owner->id != id;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc person_check(struct arena *a, struct db *db, const struct person *p, struct problem *pr) {
    struct person owner;
    bool other = false;
    if (p->name.n == 0 || utf8_count(p->name) > PERSON_NAME_MAX || p->name.n > 200 || !is_line(p->name) ||
        p->bio.n > BIO_MAX || !utf8_valid(p->bio))
        return problem_set(pr, RC_INVALID, "person_bad");
    if (!slug_is_sound(p->slug))
        return problem_set(pr, RC_INVALID, "address_bad");
    enum rc rc = owner_is_other(person_by_name(a, db, p->name, &owner), &owner, p->id, &other);
    if (rc != RC_OK || other)
        return rc != RC_OK ? rc : problem_set(pr, RC_CONFLICT, "person_taken");
    rc = owner_is_other(person_by_slug(a, db, p->slug, &owner), &owner, p->id, &other);
    return rc != RC_OK || !other ? rc : problem_set(pr, RC_CONFLICT, "address_taken");
}

static enum rc person_write(struct db *db, const struct person *p) {
    struct db_stmt *st = db_sql(db, "INSERT INTO people (id, slug, name, bio) VALUES ($1, $2, $3, $4) ON CONFLICT (id) "
                                    "DO UPDATE SET slug = excluded.slug, name = excluded.name, bio = excluded.bio, "
                                    "version = people.version + 1");
    db_bind_i64(st, 1, p->id);
    db_bind_str(st, 2, p->slug);
    db_bind_str(st, 3, p->name);
    db_bind_str(st, 4, p->bio);
    return db_run(st);
}

static enum rc person_aliases(struct db *db, const struct person *old, const struct person *p) {
    enum rc rc = alias_drop(db, ALIAS_PERSON_SLUG, LANG_COUNT, p->slug);
    if (rc == RC_OK)
        rc = alias_drop(db, ALIAS_PERSON_NAME, LANG_COUNT, p->name);
    if (rc == RC_OK && old->id != 0 && !str_eq(old->slug, p->slug))
        rc = alias_put(db, ALIAS_PERSON_SLUG, LANG_COUNT, old->slug, p->id);
    if (rc == RC_OK && old->id != 0 && !str_eq(old->name, p->name))
        rc = alias_put(db, ALIAS_PERSON_NAME, LANG_COUNT, old->name, p->id);
    return rc;
}

// Feeds print names too, and know the frames only.
static void note_person(const struct person *old, const struct person *p, struct news_changes *c) {
    news_changes_note(c, EDITION_PERSON, p->id, true);
    if (old->id != 0 && !str_eq(old->name, p->name))
        for (int lang = 0; lang < LANG_COUNT; lang++)
            news_changes_note(c, EDITION_FRAME, lang, false);
}

enum rc person_edit(struct arena *a, struct db *db, const struct audit_who *who, const struct person_edit *edit,
                    int64_t *id_out, struct news_changes *c, struct problem *pr) {
    struct person old = {.id = 0}, p;
    struct merge running;
    enum rc rc = edit->id != 0 ? person_by_id(a, db, edit->id, &old) : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (edit->id != 0 && edit->base_version != old.version)
        return RC_BUSY;
    p = old;
    p.name = str_trim(edit->name);
    p.bio = str_trim(edit->bio);
    p.slug = text_slug(a, LANG_EN, edit->slug.n > 0 ? edit->slug : p.name);
    if (p.slug.n == 0 && edit->slug.n == 0)
        p.slug = str_fmt(a, "author-%lld", (long long)(id_next() % 100000));
    rc = p.id != 0 && merge_get(db, MERGE_PERSON, p.id, &running) == RC_OK
             ? problem_set(pr, RC_CONFLICT, "merge_running")
             : person_check(a, db, &p, pr);
    if (rc != RC_OK)
        return rc;
    if (p.id == 0)
        p.id = id_next();
    rc = person_write(db, &p);
    if (rc == RC_OK)
        rc = person_aliases(db, &old, &p);
    if (rc != RC_OK)
        return rc;
    note_person(&old, &p, c);
    *id_out = p.id;
    return names_audit(db, who, old.id == 0 ? "begin" : "save", "person", p.id,
                       old.id == 0 ? STR_NONE : person_words(a, &old), person_words(a, &p));
}

enum rc person_delete(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, bool deleted,
                      struct news_changes *c) {
    struct person p;
    enum rc rc = person_by_id(a, db, id, &p);
    if (rc != RC_OK || p.deleted == deleted)
        return rc;
    struct db_stmt *st = db_sql(db, "UPDATE people SET deleted = $2, version = version + 1 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, deleted);
    rc = db_run(st);
    news_changes_note(c, EDITION_PERSON, id, true);
    if (rc != RC_OK)
        return rc;
    struct str words = person_words(a, &p);
    return deleted ? names_audit(db, who, "delete", "person", id, words, STR_NONE)
                   : names_audit(db, who, "restore", "person", id, STR_NONE, words);
}

enum rc person_merge(struct arena *a, struct db *db, const struct audit_who *who, int64_t id, int64_t to_id,
                     int64_t now_us, struct news_changes *c, struct problem *pr) {
    struct person p, to;
    enum rc rc = person_by_id(a, db, id, &p);
    if (rc == RC_OK)
        rc = person_by_id(a, db, to_id, &to);
    if (rc != RC_OK)
        return rc;
    if (to_id == id || to.deleted)
        return problem_set(pr, RC_INVALID, "merge_bad");
    const struct merge m = {.kind = MERGE_PERSON, .from_id = id, .to_id = to_id, .begun_at = now_us};
    rc = merge_begin(db, who, &m, pr);
    if (rc == RC_OK)
        rc = alias_retarget(db, ALIAS_PERSON_SLUG, id, to_id);
    if (rc == RC_OK)
        rc = alias_retarget(db, ALIAS_PERSON_NAME, id, to_id);
    if (rc == RC_OK)
        rc = alias_put(db, ALIAS_PERSON_SLUG, LANG_COUNT, p.slug, to_id);
    if (rc == RC_OK)
        rc = alias_put(db, ALIAS_PERSON_NAME, LANG_COUNT, p.name, to_id);
    news_changes_note(c, EDITION_PERSON, id, true);
    return rc == RC_OK ? names_audit(db, who, "merge", "person", id, person_words(a, &p), person_words(a, &to)) : rc;
}
