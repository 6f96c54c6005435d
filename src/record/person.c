// SPDX-License-Identifier: AGPL-3.0-or-later
// People who sign articles. A slug is given once and stays: it stands in the address of the author's page.
#include "record/record.h"

#define NAME_MOST 200
#define SLUG_TRIES 1000

static void person_read(struct arena *a, struct db_stmt *st, struct person *out) {
    out->id = db_i64(st, 0);
    out->name = db_str_dup(a, st, 1);
    out->slug = db_str_dup(a, st, 2);
    out->bio = db_str_dup(a, st, 3);
}

static enum rc person_one(struct arena *a, struct db_stmt *st, struct person *out) {
    bool found = db_step(st);
    if (found)
        person_read(a, st, out);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

enum rc person_by_slug(struct arena *a, struct db *db, struct str slug, struct person *out) {
    struct db_stmt *st = db_sql(db, "SELECT id, name, slug, bio FROM people WHERE slug = $1");
    db_bind_str(st, 1, slug);
    return person_one(a, st, out);
}

enum rc person_by_id(struct arena *a, struct db *db, int64_t id, struct person *out) {
    struct db_stmt *st = db_sql(db, "SELECT id, name, slug, bio FROM people WHERE id = $1");
    db_bind_i64(st, 1, id);
    return person_one(a, st, out);
}

static enum rc person_by_name(struct arena *a, struct db *db, struct str name, struct person *out) {
    struct db_stmt *st = db_sql(db, "SELECT id, name, slug, bio FROM people WHERE name = $1 ORDER BY id LIMIT 1");
    db_bind_str(st, 1, name);
    return person_one(a, st, out);
}

// RC_CONFLICT when the slug is taken.
static enum rc person_add(struct db *db, const struct person *person) {
    struct db_stmt *st = db_sql(db, "INSERT INTO people (id, slug, name, bio) VALUES ($1, $2, $3, '') "
                                    "ON CONFLICT (slug) DO NOTHING");
    db_bind_i64(st, 1, person->id);
    db_bind_str(st, 2, person->slug);
    db_bind_str(st, 3, person->name);
    enum rc rc = db_run(st);
    return rc == RC_OK && db_changes(db) == 0 ? RC_CONFLICT : rc;
}

enum rc person_ensure(struct arena *a, struct db *db, struct str name, struct person *out) {
    name = str_trim(name);
    if (name.n == 0 || name.n > NAME_MOST || !utf8_valid(name))
        return RC_INVALID;
    enum rc rc = person_by_name(a, db, name, out);
    if (rc != RC_NOT_FOUND)
        return rc;
    struct str stem = text_slug(a, LANG_EN, name);
    if (stem.n == 0)
        stem = STR("author");
    *out = (struct person){.id = id_next(), .name = str_dup(a, name), .slug = stem, .bio = STR("")};
    rc = person_add(db, out);
    for (int n = 2; rc == RC_CONFLICT && n < SLUG_TRIES; n++) {
        out->slug = str_fmt(a, "%.*s-%d", STR_ARG(stem), n);
        rc = person_add(db, out);
    }
    return rc;
}
