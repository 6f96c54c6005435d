// SPDX-License-Identifier: AGPL-3.0-or-later
// Blocks of article numbers, as sitemaps list them. A row of a language's block says how many published articles it
// holds and when one of them last changed, so that the index of sitemaps reads a row a file and no article.
#include "news/internal.h"

_Static_assert(ARTICLE_BLOCK == 2500, "the SQL below says 2500");

int64_t article_block_of(int64_t number) {
    return (number - 1) / ARTICLE_BLOCK + 1;
}

int64_t article_block_id(enum text_lang lang, int64_t block) {
    return block * LANG_COUNT + (int64_t)lang;
}

// A new article only adds to its block: an import needs no look at the others.
static enum rc block_add(struct db *db, const struct article *art) {
    struct db_stmt *st = db_sql(
        db, "INSERT INTO article_blocks (lang, block, published, changed_at) VALUES ($1, $2, 1, $3) "
            "ON CONFLICT (lang, block) DO UPDATE SET published = article_blocks.published + 1, changed_at = CASE WHEN "
            "article_blocks.changed_at < excluded.changed_at THEN excluded.changed_at ELSE article_blocks.changed_at "
            "END");
    db_bind_str(st, 1, text_lang_code(art->lang));
    db_bind_i64(st, 2, article_block_of(art->number));
    db_bind_i64(st, 3, art->modified_at > art->published_at ? art->modified_at : art->published_at);
    return db_run(st);
}

static enum rc block_count(struct db *db, enum text_lang lang, int64_t block) {
    struct db_stmt *st =
        db_sql(db, "INSERT INTO article_blocks (lang, block, published, changed_at) SELECT $1, $2, COUNT(*), "
                   "COALESCE(MAX(CASE WHEN a.modified_at > a.published_at THEN a.modified_at ELSE a.published_at END), "
                   "0) FROM articles a WHERE a.lang = $1 AND a.state = 2 AND a.number > ($2 - 1) * 2500 AND a.number "
                   "<= $2 * 2500 ON CONFLICT (lang, block) DO UPDATE SET published = excluded.published, "
                   "changed_at = excluded.changed_at");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, block);
    return db_run(st);
}

enum rc article_block_sync(struct db *db, const struct article *old, const struct article *art) {
    bool was = old->id != 0 && old->state == ARTICLE_PUBLISHED, is = art->state == ARTICLE_PUBLISHED;
    if (!was)
        return is ? block_add(db, art) : RC_OK;
    enum rc rc = block_count(db, old->lang, article_block_of(old->number));
    return rc == RC_OK && is && old->lang != art->lang ? block_add(db, art) : rc;
}

// A date to come is not told: the block's own articles that are due say it instead. The row that asks whether any of
// a block shows is nearly always its first.
enum rc article_blocks(struct arena *a, struct db *db, enum text_lang lang, int64_t now_us, struct article_block **out,
                       size_t *count_out) {
#define IN_BLOCK                                                                                                       \
    "FROM articles a WHERE a.lang = $1 AND a.state = 2 AND a.number > (b.block - 1) * 2500 "                           \
    "AND a.number <= b.block * 2500 AND a.published_at + 0 <= $2 AND (a.expires_at + 0 = 0 OR a.expires_at + 0 > $2)"
    struct db_stmt *st = db_sql(
        db, "SELECT b.block, CASE WHEN b.changed_at <= $2 THEN b.changed_at ELSE (SELECT MAX(CASE WHEN a.modified_at > "
            "a.published_at THEN a.modified_at ELSE a.published_at END) " IN_BLOCK ") END FROM article_blocks b WHERE "
            "b.lang = $1 AND b.published > 0 AND EXISTS (SELECT 1 " IN_BLOCK ") ORDER BY b.block");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, now_us);
    size_t n = 0, room = 64;
    struct article_block *rows = ARENA_ARRAY(a, struct article_block, room);
    while (db_step(st)) {
        if (n == room) {
            struct article_block *more = ARENA_ARRAY(a, struct article_block, room * 2);
            memcpy(more, rows, n * sizeof *rows);
            rows = more;
            room *= 2;
        }
        rows[n++] = (struct article_block){db_i64(st, 0), db_i64(st, 1)};
    }
    *out = rows;
    *count_out = n;
    return db_end(st);
}

enum rc article_block_rows(struct db *db, enum text_lang lang, int64_t block, int64_t now_us,
                           void (*row)(void *arg, const struct article_card *art,
                                       const struct article_card *translation),
                           void *arg) {
    struct db_stmt *st = db_sql(
        db, "SELECT a.number, a.slug, s.slug, a.published_at, a.modified_at, t.number, t.slug, ts.slug, t.lang "
            "FROM articles a CROSS JOIN sections s CROSS JOIN articles t CROSS JOIN sections ts WHERE a.lang = $1 AND "
            "a.state = 2 AND a.number > $3 AND a.number <= $4 AND a.published_at + 0 <= $2 AND (a.expires_at + 0 = 0 "
            "OR a.expires_at + 0 > $2) AND s.id = a.section_id AND t.translation_group = a.translation_group AND "
            "t.state + 0 = 2 AND t.published_at + 0 <= $2 AND (t.expires_at + 0 = 0 OR t.expires_at + 0 > $2) AND "
            "ts.id = t.section_id ORDER BY a.number, t.lang");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, now_us);
    db_bind_i64(st, 3, (block - 1) * ARTICLE_BLOCK);
    db_bind_i64(st, 4, block * ARTICLE_BLOCK);
    while (db_step(st)) {
        struct article_card art = {.number = db_i64(st, 0),
                                   .lang = lang,
                                   .slug = db_str(st, 1),
                                   .section_slug = db_str(st, 2),
                                   .published_at = db_i64(st, 3),
                                   .modified_at = db_i64(st, 4)};
        struct article_card other = {.number = db_i64(st, 5), .slug = db_str(st, 6), .section_slug = db_str(st, 7)};
        if (text_lang_find(db_str(st, 8), &other.lang))
            row(arg, &art, &other);
    }
    return db_end(st);
}
