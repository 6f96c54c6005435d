// SPDX-License-Identifier: AGPL-3.0-or-later
// Tags and people as the desk lists them: by slug, in pages, and found by a part of slug or name. How many articles carry
// one is counted no further than people read it.
#include "news/internal.h"

_Static_assert(NAMES_MAX == 50 && NAMES_COUNTED == 1000, "the SQL says so");

// Part of a pattern: what would be a sign of it is written as itself.
struct str like_part(struct arena *a, struct str words) {
    struct buf b;
    buf_init(&b, 4096);
    words = utf8_cut(words, 200);
    for (size_t i = 0; i < words.n; i++) {
        if (words.p[i] == '%' || words.p[i] == '_' || words.p[i] == '!')
            buf_char(&b, '!');
        buf_char(&b, words.p[i]);
    }
    struct str out = str_dup(a, buf_view(&b));
    buf_fini(&b);
    return out;
}

// As a slug the words find a name whatever its accents and capitals are.
static void query_bind(struct arena *a, struct db_stmt *st, const struct names_query *q) {
    struct str slug = text_slug(a, q->lang, q->words);
    db_bind_str(st, 1, q->after);
    db_bind_str(st, 2, q->words.n == 0 || slug.n > 0 ? like_part(a, slug) : STR("!!")); // no slug has that
    db_bind_str(st, 3, q->words.n > 0 ? like_part(a, q->words) : STR(""));
}

static enum rc rows_read(struct arena *a, struct db_stmt *st, struct name_row **out, size_t *count_out,
                         bool *more_out) {
    *out = ARENA_ARRAY(a, struct name_row, NAMES_MAX);
    *count_out = 0;
    *more_out = false;
    while (db_step(st)) {
        if (*count_out == NAMES_MAX) {
            *more_out = true;
            break;
        }
        (*out)[(*count_out)++] = (struct name_row){.id = db_i64(st, 0),
                                                   .slug = db_str_dup(a, st, 1),
                                                   .name = db_str_dup(a, st, 2),
                                                   .deleted = db_i64(st, 3) != 0,
                                                   .articles = db_i64(st, 4)};
    }
    return db_end(st);
}

enum rc tag_names(struct arena *a, struct db *db, const struct names_query *q, struct name_row **out, size_t *count_out,
                  bool *more_out) {
    struct db_stmt *st = db_sql(
        db, "SELECT t.id, t.slug, t.name, 0, (SELECT COUNT(*) FROM (SELECT 1 FROM article_tags l WHERE l.tag_id = t.id "
            "LIMIT 1001) x) FROM tags t WHERE t.lang = $4 AND t.slug > $1 AND (t.slug LIKE '%' || $2 || '%' ESCAPE '!' "
            "OR t.name LIKE '%' || $3 || '%' ESCAPE '!') ORDER BY t.slug LIMIT 51");
    query_bind(a, st, q);
    db_bind_str(st, 4, text_lang_code(q->lang));
    return rows_read(a, st, out, count_out, more_out);
}

enum rc person_names(struct arena *a, struct db *db, const struct names_query *q, struct name_row **out,
                     size_t *count_out, bool *more_out) {
    struct db_stmt *st = db_sql(
        db, "SELECT t.id, t.slug, t.name, t.deleted, (SELECT COUNT(*) FROM (SELECT 1 FROM article_people l WHERE "
            "l.person_id = t.id LIMIT 1001) x) FROM people t WHERE t.slug > $1 AND (t.slug LIKE '%' || $2 || '%' "
            "ESCAPE '!' OR t.name LIKE '%' || $3 || '%' ESCAPE '!') ORDER BY t.slug LIMIT 51");
    query_bind(a, st, q);
    return rows_read(a, st, out, count_out, more_out);
}
