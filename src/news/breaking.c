// SPDX-License-Identifier: AGPL-3.0-or-later
// The banner above every page of a language: the article that was marked last, for six hours. Nothing switches it off: a
// page that shows it, or that will, carries the moment at which that changes. The table holds what has not been over for
// long, so it is a handful of rows.
#include "news/internal.h"

#define LIFE_US (BREAKING_HOURS * INT64_C(3600) * US_PER_SECOND)

// ---- what readers see ------------------------------------------------------------------------------------------------

static void banner_read(struct arena *a, struct db_stmt *st, enum text_lang lang, int64_t now_us,
                        struct breaking *out) {
    int64_t over = db_i64(st, 1) + LIFE_US, published = db_i64(st, 6), expires = db_i64(st, 7);
    if (expires != 0)
        over = min_i64(over, expires);
    bool is_out = db_i64(st, 5) == ARTICLE_PUBLISHED;
    out->number = db_i64(st, 0); // also when it does not show yet, or no more: what changes it may change the banner
    if (!is_out || over <= now_us)
        return;
    out->until_at = min_i64(out->until_at, published > now_us ? published : over);
    out->shows = published <= now_us;
    out->card = (struct article_card){.number = out->number,
                                      .lang = lang,
                                      .slug = db_str_dup(a, st, 2),
                                      .headline = db_str_dup(a, st, 3),
                                      .section_slug = db_str_dup(a, st, 4)};
}

enum rc breaking_load(struct arena *a, struct db *db, enum text_lang lang, int64_t now_us, struct breaking *out) {
    struct db_stmt *st =
        db_sql(db, "SELECT b.number, b.marked_at, a.slug, a.headline, s.slug, a.state, a.published_at, a.expires_at "
                   "FROM breaking b CROSS JOIN articles a CROSS JOIN sections s WHERE a.number = b.number AND "
                   "a.lang = $1 AND s.id = a.section_id ORDER BY b.marked_at DESC, b.number DESC");
    db_bind_str(st, 1, text_lang_code(lang));
    *out = (struct breaking){.until_at = INT64_MAX};
    while (out->number == 0 && db_step(st)) {
        if (db_i64(st, 1) > now_us)
            out->until_at = db_i64(st, 1); // the soonest of those to come is read last
        else if (db_i64(st, 1) + LIFE_US <= now_us)
            break; // its hours are over whatever is done to it, and so are those of all before it
        else
            banner_read(a, st, lang, now_us, out);
    }
    return db_end(st);
}

// ---- marks -------------------------------------------------------------------------------------------------------------

enum rc breaking_until(struct db *db, int64_t number, enum text_lang lang, int64_t *until_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT b.marked_at, (SELECT MIN(n.marked_at) FROM breaking n CROSS JOIN articles a WHERE "
                   "a.number = n.number AND a.lang = $2 AND n.marked_at > b.marked_at), x.expires_at "
                   "FROM breaking b CROSS JOIN articles x WHERE b.number = $1 AND x.number = b.number");
    db_bind_i64(st, 1, number);
    db_bind_str(st, 2, text_lang_code(lang));
    *until_out = 0;
    if (db_step(st)) {
        *until_out = db_i64(st, 0) + LIFE_US;
        for (int i = 1; i <= 2; i++) // none: 0
            if (db_i64(st, i) != 0)
                *until_out = min_i64(*until_out, db_i64(st, i));
    }
    return db_end(st);
}

// What one mark has ended stays ended, also when that one is taken back.
static enum rc ended_drop(struct db *db, enum text_lang lang, int64_t marked_at) {
    struct db_stmt *st = db_sql(db, "DELETE FROM breaking WHERE marked_at <= $2 AND number IN (SELECT b.number FROM "
                                    "breaking b CROSS JOIN articles a WHERE a.number = b.number AND a.lang = $1)");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, marked_at);
    return db_run(st);
}

static enum rc row_drop(struct db *db, int64_t number) {
    struct db_stmt *st = db_sql(db, "DELETE FROM breaking WHERE number = $1");
    db_bind_i64(st, 1, number);
    return db_run(st);
}

enum rc breaking_mark(struct db *db, int64_t number, enum text_lang lang, int64_t from_us, int64_t now_us,
                      struct news_changes *c) {
    enum rc rc = row_drop(db, number);
    if (rc == RC_OK)
        rc = ended_drop(db, lang, from_us > now_us ? now_us - LIFE_US : now_us);
    if (rc != RC_OK)
        return rc;
    struct db_stmt *st = db_sql(db, "INSERT INTO breaking (number, marked_at) VALUES ($1, $2)");
    db_bind_i64(st, 1, number);
    db_bind_i64(st, 2, from_us > now_us ? from_us : now_us);
    news_changes_note(c, EDITION_BREAKING, lang, true);
    return db_run(st);
}

enum rc breaking_drop(struct db *db, int64_t number, enum text_lang lang, int64_t now_us, struct news_changes *c) {
    struct db_stmt *st = db_sql(db, "SELECT marked_at FROM breaking WHERE number = $1");
    db_bind_i64(st, 1, number);
    int64_t marked_at = db_step(st) ? db_i64(st, 0) : 0;
    enum rc rc = db_end(st);
    if (rc != RC_OK || marked_at == 0)
        return rc;
    news_changes_note(c, EDITION_BREAKING, lang, true);
    rc = row_drop(db, number);
    return rc == RC_OK && marked_at <= now_us ? ended_drop(db, lang, marked_at) : rc;
}
