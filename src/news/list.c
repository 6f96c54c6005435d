// SPDX-License-Identifier: AGPL-3.0-or-later
// Lists of articles, newest first, paged by keyset: a page begins behind (publication, number) of a mark, so that page
// 500 costs what page 1 costs. A list is three statements: the mark (which also says whether there is anything on
// the side we came from), the cards, and the next moment at which the list changes by itself; four when the mark is
// hidden by now.
#include "news/internal.h"

#define LIST_MAX 100
#define WHERE_VISIBLE_LANG "WHERE a.lang = $1 AND a.state = 2 "
#define WHERE_VISIBLE_SECTION "WHERE a.section_id = $1 AND a.state = 2 "
#define WHERE_VISIBLE_TAG "WHERE l.tag_id = $1 AND l.state = 2 AND a.id = l.article_id "
#define WHERE_VISIBLE_PERSON "WHERE l.person_id = $1 AND l.lang = $8 AND l.state = 2 AND a.id = l.article_id "
#define FROM_TAG "FROM article_tags l CROSS JOIN articles a CROSS JOIN sections s "
#define FROM_PERSON "FROM article_people l CROSS JOIN articles a CROSS JOIN sections s "
// Downwards from ($2, $3), not below $4; $5 is now, $6 the limit. Upwards from ($2, $3), not above $4.
#define DOWN(t)                                                                                                        \
    "AND (" t ".published_at, " t ".number) < ($2, $3) AND " t                                                         \
    ".published_at >= $4 AND " EXPIRY_OPEN("$5") "AND s.id = a.section_id ORDER BY " t ".published_at DESC, " t        \
                                                 ".number DESC LIMIT $6"
#define UP(t)                                                                                                          \
    "AND (" t ".published_at, " t ".number) > ($2, $3) AND " t                                                         \
    ".published_at <= $4 AND " EXPIRY_OPEN("$5") "AND s.id = a.section_id ORDER BY " t ".published_at, " t             \
                                                 ".number LIMIT $6"

// The walk of one list: from which mark, in which direction, how far.
struct walk {
    bool up;
    int64_t at, number; // behind this pair
    int64_t bound;      // the other end, by publication
    int64_t limit;
};

static struct db_stmt *walk_down(struct db *db, enum list_of of) {
    switch (of) {
    case LIST_SECTION:
        return db_sql(db, "SELECT " CARD_COLUMNS CARD_FROM WHERE_VISIBLE_SECTION DOWN("a"));
    case LIST_TAG:
        return db_sql(db, "SELECT " CARD_COLUMNS FROM_TAG WHERE_VISIBLE_TAG DOWN("l"));
    case LIST_PERSON:
        return db_sql(db, "SELECT " CARD_COLUMNS FROM_PERSON WHERE_VISIBLE_PERSON DOWN("l"));
    case LIST_LANG:
        break;
    }
    return db_sql(db, "SELECT " CARD_COLUMNS CARD_FROM WHERE_VISIBLE_LANG DOWN("a"));
}

static struct db_stmt *walk_up(struct db *db, enum list_of of) {
    switch (of) {
    case LIST_SECTION:
        return db_sql(db, "SELECT " CARD_COLUMNS CARD_FROM WHERE_VISIBLE_SECTION UP("a"));
    case LIST_TAG:
        return db_sql(db, "SELECT " CARD_COLUMNS FROM_TAG WHERE_VISIBLE_TAG UP("l"));
    case LIST_PERSON:
        return db_sql(db, "SELECT " CARD_COLUMNS FROM_PERSON WHERE_VISIBLE_PERSON UP("l"));
    case LIST_LANG:
        break;
    }
    return db_sql(db, "SELECT " CARD_COLUMNS CARD_FROM WHERE_VISIBLE_LANG UP("a"));
}

static void bind_scope(struct db_stmt *st, const struct list_query *q) {
    if (q->of == LIST_LANG)
        db_bind_str(st, 1, text_lang_code(q->lang));
    else
        db_bind_i64(st, 1, q->id);
    if (q->of == LIST_PERSON)
        db_bind_str(st, 8, text_lang_code(q->lang));
}

static enum rc walk_run(struct arena *a, struct db *db, const struct list_query *q, const struct walk *w,
                        struct article_card *cards, size_t *count_out) {
    struct db_stmt *st = w->up ? walk_up(db, q->of) : walk_down(db, q->of);
    bind_scope(st, q);
    db_bind_i64(st, 2, w->at);
    db_bind_i64(st, 3, w->number);
    db_bind_i64(st, 4, w->bound);
    db_bind_i64(st, 5, q->now_us);
    db_bind_i64(st, 6, w->limit);
    size_t n = 0;
    while (n < (size_t)w->limit && db_step(st))
        card_read(a, st, &cards[n++]);
    *count_out = n;
    return db_end(st);
}

static int64_t newest_bound(const struct list_query *q) {
    return q->to_us != 0 ? min_i64(q->now_us, q->to_us - 1) : q->now_us;
}

// Where the number stands or stood, and whether this list shows it now. A mark that never was is no page.
struct mark {
    int64_t number, at;
    bool shown;
};

static enum rc mark_find(struct db *db, const struct list_query *q, struct mark *m) {
    struct db_stmt *st =
        db_sql(db, "SELECT a.published_at, a.lang, a.section_id, a.state, a.expires_at, EXISTS (SELECT 1 FROM "
                   "article_tags l WHERE l.article_id = a.id AND l.tag_id = $2), EXISTS (SELECT 1 FROM "
                   "article_people l WHERE l.article_id = a.id AND l.person_id = $2) FROM articles a "
                   "WHERE a.number = $1");
    db_bind_i64(st, 1, m->number);
    db_bind_i64(st, 2, q->id);
    bool found = db_step(st);
    if (found) {
        bool lang = str_eq(db_str(st, 1), text_lang_code(q->lang));
        bool listed = q->of == LIST_LANG      ? lang
                      : q->of == LIST_SECTION ? db_i64(st, 2) == q->id
                      : q->of == LIST_TAG     ? db_i64(st, 5) != 0
                                              : lang && db_i64(st, 6) != 0;
        m->at = db_i64(st, 0);
        m->shown = listed && db_i64(st, 3) == ARTICLE_PUBLISHED && m->at >= q->from_us && m->at <= newest_bound(q) &&
                   (db_i64(st, 4) == 0 || db_i64(st, 4) > q->now_us);
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : found ? RC_OK : RC_NOT_FOUND;
}

static struct db_stmt *next_due(struct db *db, enum list_of of) {
#define NEXT_EXPIRY(scope)                                                                                             \
    "(SELECT MIN(e.expires_at) FROM articles e WHERE " scope " AND e.state = 2 AND e.expires_at > $2)"
    switch (of) {
    case LIST_SECTION:
        return db_sql(db, "SELECT (SELECT MIN(a.published_at) FROM articles a WHERE a.section_id = $1 AND a.state = 2 "
                          "AND a.published_at > $2 AND a.published_at < $3), " NEXT_EXPIRY("e.section_id = $1"));
    case LIST_TAG:
        return db_sql(db, "SELECT (SELECT MIN(l.published_at) FROM article_tags l WHERE l.tag_id = $1 AND l.state = 2 "
                          "AND l.published_at > $2 AND l.published_at < $3), " NEXT_EXPIRY("e.lang = $4"));
    case LIST_PERSON:
        return db_sql(db,
                      "SELECT (SELECT MIN(l.published_at) FROM article_people l WHERE l.person_id = $1 "
                      "AND l.lang = $8 AND l.state = 2 AND l.published_at > $2 AND l.published_at < $3), " NEXT_EXPIRY(
                          "e.lang = $4"));
    case LIST_LANG:
        break;
    }
    return db_sql(db, "SELECT (SELECT MIN(a.published_at) FROM articles a WHERE a.lang = $1 AND a.state = 2 "
                      "AND a.published_at > $2 AND a.published_at < $3), " NEXT_EXPIRY("e.lang = $4"));
}

// A tag or a person has no index of expiries: any expiry of the language counts there, which is early, never late.
static enum rc until_find(struct db *db, const struct list_query *q, int64_t *until_out) {
    struct db_stmt *st = next_due(db, q->of);
    bind_scope(st, q);
    db_bind_i64(st, 2, q->now_us);
    db_bind_i64(st, 3, q->to_us != 0 ? q->to_us : INT64_MAX);
    if (q->of != LIST_SECTION)
        db_bind_str(st, 4, text_lang_code(q->lang));
    *until_out = INT64_MAX;
    if (db_step(st)) {
        for (int column = 0; column < 2; column++)
            if (!db_is_null(st, column))
                *until_out = min_i64(*until_out, db_i64(st, column));
    }
    return db_end(st);
}

enum rc article_next_change(struct db *db, enum text_lang lang, int64_t now_us, int64_t *until_out) {
    return until_find(db, &(struct list_query){.of = LIST_LANG, .lang = lang, .now_us = now_us}, until_out);
}

static void reverse(struct article_card *cards, size_t n) {
    for (size_t i = 0; i < n / 2; i++) {
        struct article_card keep = cards[i];
        cards[i] = cards[n - 1 - i];
        cards[n - 1 - i] = keep;
    }
}

// Whether anything lies on the side we came from: the mark itself, or, when it is hidden now, what one card tells.
static enum rc behind_find(struct arena *a, struct db *db, const struct list_query *q, const struct walk *w,
                           const struct mark *m, bool *out) {
    *out = m->shown;
    if (m->number == 0 || m->shown)
        return RC_OK;
    struct walk back = {.up = !w->up, .at = w->at, .number = w->number, .limit = 1};
    back.bound = back.up ? newest_bound(q) : q->from_us;
    struct article_card card;
    size_t n = 0;
    enum rc rc = walk_run(a, db, q, &back, &card, &n);
    *out = n > 0;
    return rc;
}

// One card more than asked tells whether the walk could go on.
static enum rc list_walk(struct arena *a, struct db *db, const struct list_query *q, struct walk *w,
                         const struct mark *m, struct list_result *out) {
    struct article_card *cards = ARENA_ARRAY(a, struct article_card, q->limit + 1);
    w->limit = (int64_t)q->limit + 1;
    size_t n = 0;
    bool behind = false;
    enum rc rc = walk_run(a, db, q, w, cards, &n);
    if (rc == RC_OK)
        rc = behind_find(a, db, q, w, m, &behind);
    if (rc != RC_OK)
        return rc;
    bool more = n > q->limit;
    n = more ? q->limit : n;
    if (w->up)
        reverse(cards, n);
    out->cards = cards;
    out->count = n;
    out->has_newer = w->up ? more : behind;
    out->has_older = w->up ? behind : more;
    return RC_OK;
}

// A mark outside the span asked for stands at the span's edge.
static void walk_from_mark(const struct list_query *q, const struct mark *m, struct walk *w) {
    w->up = q->after != 0;
    w->number = m->number;
    if (w->up)
        w->bound = newest_bound(q);
    w->at = m->at;
    if (w->up && m->at < q->from_us) {
        w->at = q->from_us;
        w->number = 0;
    } else if (!w->up && m->at > newest_bound(q)) {
        w->at = newest_bound(q);
        w->number = INT64_MAX;
    }
}

enum rc article_list(struct arena *a, struct db *db, const struct list_query *q, struct list_result *out) {
    *out = (struct list_result){.until = INT64_MAX};
    if (q->limit == 0 || q->limit > LIST_MAX || (q->before != 0 && q->after != 0))
        return RC_INVALID;
    struct walk w = {.at = newest_bound(q), .number = INT64_MAX, .bound = q->from_us};
    struct mark m = {.number = q->before != 0 ? q->before : q->after};
    enum rc rc = m.number != 0 ? mark_find(db, q, &m) : RC_OK;
    if (rc != RC_OK)
        return rc;
    if (m.number != 0)
        walk_from_mark(q, &m, &w);
    rc = list_walk(a, db, q, &w, &m, out);
    return rc == RC_OK ? until_find(db, q, &out->until) : rc;
}

// ---- beside an article ---------------------------------------------------------------------------------------------

enum rc article_neighbours(struct arena *a, struct db *db, const struct article *of, int64_t now_us,
                           struct article_card *newer, struct article_card *older, int64_t *until_out) {
    struct list_query q = {.of = LIST_SECTION, .lang = of->lang, .id = of->section_id, .now_us = now_us};
    struct walk up = {.up = true, .at = of->published_at, .number = of->number, .bound = now_us, .limit = 1};
    struct walk down = {.at = min_i64(of->published_at, now_us), .number = of->number, .bound = 0, .limit = 1};
    *newer = *older = (struct article_card){0};
    size_t n = 0;
    enum rc rc = walk_run(a, db, &q, &up, newer, &n);
    if (rc == RC_OK)
        rc = walk_run(a, db, &q, &down, older, &n);
    if (rc == RC_OK)
        rc = until_find(db, &q, until_out);
    return rc;
}

enum rc article_translations(struct arena *a, struct db *db, const struct article *of, int64_t now_us,
                             struct article_card **out, size_t *count_out, int64_t *until_out) {
    struct db_stmt *st =
        db_sql(db, "SELECT " CARD_COLUMNS ", a.expires_at " CARD_FROM
                   "WHERE a.translation_group = $1 AND a.state = 2 AND a.id <> $2 "
                   "AND s.id = a.section_id AND " EXPIRY_OPEN("$3") "ORDER BY a.lang, a.number LIMIT 32");
    db_bind_i64(st, 1, of->translation_group);
    db_bind_i64(st, 2, of->id);
    db_bind_i64(st, 3, now_us);
    struct article_card *cards = ARENA_ARRAY(a, struct article_card, 32);
    size_t n = 0;
    *until_out = INT64_MAX;
    while (n < 32 && db_step(st)) {
        card_read(a, st, &cards[n]);
        int64_t expires = db_i64(st, 19);
        if (expires != 0)
            *until_out = min_i64(*until_out, expires);
        if (cards[n].published_at > now_us)
            *until_out = min_i64(*until_out, cards[n].published_at);
        else
            n++;
    }
    *out = cards;
    *count_out = n;
    return db_end(st);
}

// Three tags are enough to say what an article is about. Each branch is a short walk of the tag's own index.
static struct db_stmt *related_by_tags(struct db *db) {
#define RELATED_OF(tag)                                                                                                  \
    "SELECT * FROM (SELECT l.number AS number, l.published_at AS published_at FROM article_tags l WHERE l.tag_id = " tag \
    " AND l.state = 2 AND l.published_at <= $4 ORDER BY l.published_at DESC, l.number DESC LIMIT $5) x"
    return db_sql(db,
                  RELATED_OF("$1") " UNION " RELATED_OF("$2") " UNION " RELATED_OF("$3") " ORDER BY 2 DESC, 1 DESC");
}

static enum rc related_numbers(struct db *db, const struct article *of, int64_t now_us, size_t limit, int64_t *numbers,
                               size_t *count_out) {
    struct db_stmt *st = related_by_tags(db);
    for (int i = 0; i < 3; i++)
        db_bind_i64(st, i + 1, (size_t)i < of->tag_count ? of->tags[i].id : 0);
    db_bind_i64(st, 4, now_us);
    db_bind_i64(st, 5, (int64_t)limit);
    size_t n = 0;
    while (n < limit && db_step(st))
        if (db_i64(st, 0) != of->number)
            numbers[n++] = db_i64(st, 0);
    *count_out = n;
    return db_end(st);
}

static enum rc related_in_section(struct arena *a, struct db *db, const struct article *of, int64_t now_us,
                                  size_t limit, struct article_card *cards, size_t *count_out) {
    struct list_query q = {.of = LIST_SECTION, .lang = of->lang, .id = of->section_id, .now_us = now_us};
    struct walk w = {.at = now_us, .number = INT64_MAX, .limit = (int64_t)limit + 1};
    struct article_card *found = ARENA_ARRAY(a, struct article_card, limit + 1);
    size_t n = 0, kept = 0;
    enum rc rc = walk_run(a, db, &q, &w, found, &n);
    for (size_t i = 0; i < n && kept < limit; i++)
        if (found[i].number != of->number)
            cards[kept++] = found[i];
    *count_out = kept;
    return rc;
}

enum rc article_related(struct arena *a, struct db *db, const struct article *of, int64_t now_us, size_t limit,
                        struct article_card **out, size_t *count_out) {
    limit = limit > 20 ? 20 : limit;
    struct article_card *cards = ARENA_ARRAY(a, struct article_card, limit + 4);
    int64_t numbers[24];
    size_t n = 0, kept = 0;
    enum rc rc = of->tag_count > 0 ? related_numbers(db, of, now_us, limit + 4, numbers, &n) : RC_OK;
    if (rc == RC_OK && n > 0)
        rc = article_cards(a, db, numbers, n, now_us, cards, &kept);
    if (rc == RC_OK && kept == 0)
        rc = related_in_section(a, db, of, now_us, limit, cards, &kept);
    *out = cards;
    *count_out = kept > limit ? limit : kept;
    return rc;
}
