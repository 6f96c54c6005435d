// SPDX-License-Identifier: AGPL-3.0-or-later
// People who sign articles. Names and slugs that a person had are aliases: texts that still say them mean the same person.
#include "record/record.h"

#define NAME_MOST 200
#define SLUG_TRIES 1000
#define PERSON_COLUMNS "id, name, slug, bio, deleted, version "

static void person_read(struct arena *a, struct db_stmt *st, struct person *out) {
    out->id = db_i64(st, 0);
    out->name = db_str_dup(a, st, 1);
    out->slug = db_str_dup(a, st, 2);
    out->bio = db_str_dup(a, st, 3);
    out->deleted = db_i64(st, 4) != 0;
    out->version = db_i64(st, 5);
}

static enum rc person_one(struct arena *a, struct db_stmt *st, struct person *out) {
    bool found = db_step(st);
    if (found)
        person_read(a, st, out);
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

enum rc person_by_slug(struct arena *a, struct db *db, struct str slug, struct person *out) {
    struct db_stmt *st = db_sql(db, "SELECT " PERSON_COLUMNS "FROM people WHERE slug = $1");
    db_bind_str(st, 1, slug);
    return person_one(a, st, out);
}

enum rc person_by_id(struct arena *a, struct db *db, int64_t id, struct person *out) {
    struct db_stmt *st = db_sql(db, "SELECT " PERSON_COLUMNS "FROM people WHERE id = $1");
    db_bind_i64(st, 1, id);
    return person_one(a, st, out);
}

enum rc person_by_name(struct arena *a, struct db *db, struct str name, struct person *out) {
    struct db_stmt *st = db_sql(db, "SELECT " PERSON_COLUMNS "FROM people WHERE name = $1 ORDER BY id LIMIT 1");
    db_bind_str(st, 1, name);
    return person_one(a, st, out);
}

enum rc person_by_address(struct arena *a, struct db *db, struct str slug, struct person *out) {
    int64_t id;
    enum rc rc = alias_find(db, ALIAS_PERSON_SLUG, LANG_COUNT, slug, &id);
    if (rc == RC_OK)
        rc = person_by_id(a, db, id, out);
    else if (rc == RC_NOT_FOUND)
        rc = person_by_slug(a, db, slug, out);
    return rc == RC_OK && out->deleted ? RC_GONE : rc;
}

static enum rc person_named(struct arena *a, struct db *db, struct str name, struct person *out) {
    int64_t id;
    enum rc rc = alias_find(db, ALIAS_PERSON_NAME, LANG_COUNT, name, &id);
    return rc == RC_OK ? person_by_id(a, db, id, out) : rc == RC_NOT_FOUND ? person_by_name(a, db, name, out) : rc;
}

enum rc person_by_words(struct arena *a, struct db *db, struct str words, struct person *out) {
    enum rc rc = person_named(a, db, words, out);
    return rc == RC_NOT_FOUND ? person_by_address(a, db, words, out) : rc;
}

// RC_CONFLICT when the slug is taken, or leads to somebody who had it.
static enum rc person_add(struct db *db, const struct person *person) {
    int64_t id;
    enum rc had = alias_find(db, ALIAS_PERSON_SLUG, LANG_COUNT, person->slug, &id);
    if (had != RC_NOT_FOUND)
        return had == RC_OK || had == RC_GONE ? RC_CONFLICT : had;
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
    enum rc rc = person_named(a, db, name, out);
    if (rc != RC_NOT_FOUND)
        return rc;
    struct str stem = text_slug(a, LANG_EN, name);
    if (stem.n == 0)
        stem = STR("author");
    *out = (struct person){.id = id_next(), .name = str_dup(a, name), .slug = stem, .bio = STR(""), .version = 1};
    rc = person_add(db, out);
    for (int n = 2; rc == RC_CONFLICT && n < SLUG_TRIES; n++) {
        out->slug = str_fmt(a, "%.*s-%d", STR_ARG(stem), n);
        rc = person_add(db, out);
    }
    return rc;
}
