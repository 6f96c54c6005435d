// SPDX-License-Identifier: AGPL-3.0-or-later
// Tags: a word of a language that articles share. The slug is the key, so "Myanmar" and "myanmar" are one tag;
// what a tag was called before is an alias of it.
#include "news/internal.h"

#define TAG_COLUMNS "id, slug, name, lang, version "

static void tag_read(struct arena *a, struct db_stmt *st, struct tag *out) {
    *out = (struct tag){
        .id = db_i64(st, 0), .slug = db_str_dup(a, st, 1), .name = db_str_dup(a, st, 2), .version = db_i64(st, 4)};
    (void)text_lang_find(db_str(st, 3), &out->lang);
}

static enum rc tag_one(struct arena *a, struct db_stmt *st, struct tag *out) {
    bool found = db_step(st);
    if (found)
        tag_read(a, st, out);
    enum rc rc = db_end(st);
    return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

enum rc tag_by_id(struct arena *a, struct db *db, int64_t id, struct tag *out) {
    struct db_stmt *st = db_sql(db, "SELECT " TAG_COLUMNS "FROM tags WHERE id = $1");
    db_bind_i64(st, 1, id);
    return tag_one(a, st, out);
}

enum rc tag_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct tag *out) {
    struct db_stmt *st = db_sql(db, "SELECT " TAG_COLUMNS "FROM tags WHERE lang = $1 AND slug = $2");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, slug);
    return tag_one(a, st, out);
}

enum rc tag_count(struct db *db, struct tag *tag) {
    struct list_query q = {.of = LIST_TAG, .lang = tag->lang, .id = tag->id, .now_us = clock_now_us()};
    return article_count(db, &q, &tag->count);
}

enum rc tag_by_address(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct tag *out) {
    int64_t id;
    enum rc rc = alias_find(db, ALIAS_TAG, lang, slug, &id);
    return rc == RC_OK ? tag_by_id(a, db, id, out) : rc == RC_NOT_FOUND ? tag_by_slug(a, db, lang, slug, out) : rc;
}

// Scripts that leave no Latin letters still need an address of their own, the same at every import.
struct str tag_slug(struct arena *a, enum text_lang lang, struct str name) {
    struct str slug = text_slug(a, lang, name);
    if (slug.n > 0)
        return slug;
    return str_fmt(a, "tag-%08x", (unsigned)(hash_stable(text_fold(a, name)) & 0xffffffffu));
}

enum rc tag_by_words(struct arena *a, struct db *db, enum text_lang lang, struct str words, struct tag *out) {
    enum rc rc = tag_by_address(a, db, lang, tag_slug(a, lang, str_trim(words)), out);
    return rc == RC_NOT_FOUND ? tag_by_address(a, db, lang, words, out) : rc;
}

enum rc tag_ensure(struct arena *a, struct db *db, enum text_lang lang, struct str name, struct tag *out) {
    name = str_trim(name);
    if (name.n == 0 || name.n > 120 || !is_line(name))
        return RC_INVALID;
    struct str slug = tag_slug(a, lang, name);
    int64_t id;
    enum rc rc = alias_find(db, ALIAS_TAG, lang, slug, &id);
    if (rc != RC_NOT_FOUND)
        return rc == RC_OK ? tag_by_id(a, db, id, out) : rc;
    struct db_stmt *st = db_sql(db, "INSERT INTO tags (id, lang, slug, name) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (lang, slug) DO UPDATE SET slug = excluded.slug "
                                    "RETURNING " TAG_COLUMNS);
    db_bind_i64(st, 1, id_next());
    db_bind_str(st, 2, text_lang_code(lang));
    db_bind_str(st, 3, slug);
    db_bind_str(st, 4, name);
    return tag_one(a, st, out);
}
