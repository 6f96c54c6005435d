// SPDX-License-Identifier: AGPL-3.0-or-later
// Tags: a word of a language that articles share. The slug is the key, so "Myanmar" and "myanmar" are one tag.
#include "news/internal.h"

enum rc tag_by_slug(struct arena *a, struct db *db, enum text_lang lang, struct str slug, struct tag *out) {
    struct db_stmt *st = db_sql(db, "SELECT id, slug, name FROM tags WHERE lang = $1 AND slug = $2");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_str(st, 2, slug);
    bool found = db_step(st);
    if (found)
        *out =
            (struct tag){.id = db_i64(st, 0), .lang = lang, .slug = db_str_dup(a, st, 1), .name = db_str_dup(a, st, 2)};
    enum rc rc = db_end(st);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return RC_NOT_FOUND;
    struct list_query q = {.of = LIST_TAG, .lang = lang, .id = out->id, .now_us = clock_now_us()};
    return article_count(db, &q, &out->count);
}

// Scripts that leave no Latin letters still need an address of their own, the same at every import.
static struct str tag_slug(struct arena *a, enum text_lang lang, struct str name) {
    struct str slug = text_slug(a, lang, name);
    if (slug.n > 0)
        return slug;
    return str_fmt(a, "tag-%08x", (unsigned)(hash_stable(text_fold(a, name)) & 0xffffffffu));
}

enum rc tag_ensure(struct arena *a, struct db *db, enum text_lang lang, struct str name, struct tag *out) {
    name = str_trim(name);
    if (name.n == 0 || name.n > 120 || !is_line(name))
        return RC_INVALID;
    struct str slug = tag_slug(a, lang, name);
    struct db_stmt *st = db_sql(db, "INSERT INTO tags (id, lang, slug, name) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (lang, slug) DO UPDATE SET slug = excluded.slug "
                                    "RETURNING id, slug, name");
    db_bind_i64(st, 1, id_next());
    db_bind_str(st, 2, text_lang_code(lang));
    db_bind_str(st, 3, slug);
    db_bind_str(st, 4, name);
    if (db_step(st))
        *out =
            (struct tag){.id = db_i64(st, 0), .lang = lang, .slug = db_str_dup(a, st, 1), .name = db_str_dup(a, st, 2)};
    while (db_step(st))
        ;
    return db_end(st);
}
