// SPDX-License-Identifier: AGPL-3.0-or-later
// How many articles a list has, the archive's bins, and cards by number. A count is what stands in the
// books less what is not due less what expired, so that it touches few rows however long the list is.
#include "news/internal.h"

// What expired has been public before: "+ 0" leaves the walk to the index of expiries.
#define EXPIRED_BY(now)                                                                                                \
    "AND a.state = 2 AND a.expires_at > 0 AND a.expires_at <= " now " AND a.published_at + 0 <= " now

static struct db_stmt *count_book(struct db *db, enum list_of of) {
    switch (of) {
    case LIST_SECTION:
        return db_sql(db,
                      "SELECT COALESCE((SELECT c.published FROM section_counts c WHERE c.section_id = $1), 0) "
                      "- (SELECT COUNT(*) FROM articles a WHERE a.section_id = $1 AND a.state = 2 "
                      "AND a.published_at > $2) - (SELECT COUNT(*) FROM articles a WHERE a.section_id = $1 " EXPIRED_BY(
                          "$2") ")");
    case LIST_TAG:
        return db_sql(db, "SELECT (SELECT COUNT(*) FROM article_tags l WHERE l.tag_id = $1 AND l.state = 2 "
                          "AND l.published_at <= $2) - (SELECT COUNT(*) FROM articles a CROSS JOIN article_tags l "
                          "WHERE a.lang = $3 AND l.article_id = a.id AND l.tag_id = $1 " EXPIRED_BY("$2") ")");
    case LIST_PERSON:
        return db_sql(db, "SELECT (SELECT COUNT(*) FROM article_people l WHERE l.person_id = $1 AND l.lang = $3 "
                          "AND l.state = 2 AND l.published_at <= $2) - (SELECT COUNT(*) FROM articles a CROSS JOIN "
                          "article_people l WHERE a.lang = $3 AND l.article_id = a.id AND l.person_id = $1 " EXPIRED_BY(
                              "$2") ")");
    case LIST_LANG:
        break;
    }
    return db_sql(db, "SELECT (SELECT CAST(COALESCE(SUM(c.published), 0) AS BIGINT) FROM sections s CROSS JOIN "
                      "section_counts c WHERE s.lang = $1 AND c.section_id = s.id) - (SELECT COUNT(*) FROM articles a "
                      "WHERE a.lang = $1 AND a.state = 2 AND a.published_at > $2) - (SELECT COUNT(*) FROM articles a "
                      "WHERE a.lang = $3 " EXPIRED_BY("$2") ")");
}

// An article expires after its publication, so that those of a span expired after the span's begin.
static struct db_stmt *count_range(struct db *db) {
    return db_sql(db, "SELECT (SELECT COUNT(*) FROM articles a WHERE a.lang = $1 AND a.state = 2 "
                      "AND a.published_at >= $4 AND a.published_at <= $5) - (SELECT COUNT(*) FROM articles a "
                      "WHERE a.lang = $1 AND a.state = 2 AND a.expires_at > $4 AND a.expires_at <= $2 "
                      "AND a.published_at + 0 >= $4 AND a.published_at + 0 <= $5)");
}

enum rc article_count(struct db *db, const struct list_query *q, int64_t *out) {
    bool range = q->from_us != 0 || q->to_us != 0;
    if (range && q->of != LIST_LANG)
        return RC_INVALID;
    struct db_stmt *st = range ? count_range(db) : count_book(db, q->of);
    if (q->of == LIST_LANG)
        db_bind_str(st, 1, text_lang_code(q->lang));
    else
        db_bind_i64(st, 1, q->id);
    db_bind_i64(st, 2, q->now_us);
    if (range) {
        db_bind_i64(st, 4, q->from_us);
        db_bind_i64(st, 5, q->to_us != 0 ? min_i64(q->to_us - 1, q->now_us) : q->now_us);
    } else if (q->of != LIST_SECTION) {
        db_bind_str(st, 3, text_lang_code(q->lang));
    }
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

// ---- cards by number -----------------------------------------------------------------------------------------------

#define CHUNK 50
#define TEN(t) "$" t "1, $" t "2, $" t "3, $" t "4, $" t "5, $" t "6, $" t "7, $" t "8, $" t "9"

// Fifty at a time; the places left over hold 0, which is no article's number.
static enum rc cards_chunk(struct arena *a, struct db *db, const int64_t *numbers, size_t count, int64_t now_us,
                           struct article_card *found, size_t *found_count) {
    struct db_stmt *st = db_sql(
        db,
        "SELECT " CARD_COLUMNS CARD_FROM
        "WHERE a.number IN (" TEN("") ", $10, " TEN("1") ", $20, " TEN("2") ", $30, " TEN("3") ", $40, " TEN(
            "4") ", $50) AND a.state = 2 AND a.published_at <= $51 AND " EXPIRY_OPEN("$51") "AND s.id = a.section_id");
    for (size_t i = 0; i < CHUNK; i++)
        db_bind_i64(st, (int)i + 1, i < count ? numbers[i] : 0);
    db_bind_i64(st, 51, now_us);
    size_t n = 0;
    while (n < CHUNK && db_step(st))
        card_read(a, st, &found[n++]);
    *found_count = n;
    return db_end(st);
}

enum rc article_cards(struct arena *a, struct db *db, const int64_t *numbers, size_t count, int64_t now_us,
                      struct article_card *out, size_t *count_out) {
    struct article_card *found = ARENA_ARRAY(a, struct article_card, CHUNK);
    size_t kept = 0;
    for (size_t from = 0; from < count; from += CHUNK) {
        size_t part = count - from < CHUNK ? count - from : CHUNK, n = 0;
        enum rc rc = cards_chunk(a, db, numbers + from, part, now_us, found, &n);
        if (rc != RC_OK)
            return rc;
        for (size_t i = 0; i < part; i++)
            for (size_t k = 0; k < n; k++)
                if (found[k].number == numbers[from + i]) {
                    out[kept++] = found[k];
                    break;
                }
    }
    *count_out = kept;
    return RC_OK;
}

// ---- archive -------------------------------------------------------------------------------------------------------

#define BINS 31

static enum rc oldest_newest(struct db *db, enum text_lang lang, int64_t now_us, int64_t *oldest, int64_t *newest) {
    struct db_stmt *st =
        db_sql(db, "SELECT (SELECT MIN(a.published_at) FROM articles a WHERE a.lang = $1 AND a.state = 2 "
                   "AND a.published_at <= $2), (SELECT MAX(a.published_at) FROM articles a "
                   "WHERE a.lang = $1 AND a.state = 2 AND a.published_at <= $2)");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, now_us);
    bool some = db_step(st) && !db_is_null(st, 0);
    if (some) {
        *oldest = db_i64(st, 0);
        *newest = db_i64(st, 1);
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : some ? RC_OK : RC_NOT_FOUND;
}

// The bins' edges are civil midnights in the station's zone, computed here: SQL knows no zones.
static enum rc bins_count(struct db *db, enum text_lang lang, int64_t now_us, const int64_t edges[BINS + 1],
                          int64_t counts[BINS]) {
#define BIN(n, lo, hi)                                                                                                 \
    "SELECT " n                                                                                                        \
    " AS bin, (SELECT COUNT(*) FROM articles a WHERE a.lang = $33 AND a.state = 2 AND a.published_at >= " lo           \
    " AND a.published_at < " hi ") - (SELECT COUNT(*) FROM articles a WHERE a.lang = $33 AND a.state = 2 AND "         \
    "a.expires_at > " lo " AND a.expires_at <= $34 AND a.published_at + 0 >= " lo " AND a.published_at + 0 < " hi ")"
#define AND_BIN(n, lo, hi) " UNION ALL " BIN(n, lo, hi)
    struct db_stmt *st = db_sql(
        db, BIN("0", "$1", "$2") AND_BIN("1", "$2", "$3") AND_BIN("2", "$3", "$4") AND_BIN("3", "$4", "$5")
                AND_BIN("4", "$5", "$6") AND_BIN("5", "$6", "$7") AND_BIN("6", "$7", "$8") AND_BIN("7", "$8", "$9")
                    AND_BIN("8", "$9", "$10") AND_BIN("9", "$10", "$11") AND_BIN("10", "$11", "$12")
                        AND_BIN("11", "$12", "$13") AND_BIN("12", "$13", "$14") AND_BIN("13", "$14", "$15")
                            AND_BIN("14", "$15", "$16") AND_BIN("15", "$16", "$17") AND_BIN("16", "$17", "$18")
                                AND_BIN("17", "$18", "$19") AND_BIN("18", "$19", "$20") AND_BIN("19", "$20", "$21")
                                    AND_BIN("20", "$21", "$22") AND_BIN("21", "$22", "$23") AND_BIN("22", "$23", "$24")
                                        AND_BIN("23", "$24", "$25") AND_BIN("24", "$25", "$26")
                                            AND_BIN("25", "$26", "$27") AND_BIN("26", "$27", "$28")
                                                AND_BIN("27", "$28", "$29") AND_BIN("28", "$29", "$30")
                                                    AND_BIN("29", "$30", "$31") AND_BIN("30", "$31", "$32"));
    for (int i = 0; i <= BINS; i++)
        db_bind_i64(st, i + 1, min_i64(edges[i], now_us + 1));
    db_bind_str(st, 33, text_lang_code(lang));
    db_bind_i64(st, 34, now_us);
    while (db_step(st))
        if (db_i64(st, 0) >= 0 && db_i64(st, 0) < BINS)
            counts[db_i64(st, 0)] = db_i64(st, 1);
    return db_end(st);
}

static struct text_civil bin_civil(int year, int month, int first_year, int bin) {
    if (year == 0)
        return (struct text_civil){.year = first_year + bin, .month = 1, .day = 1};
    if (month == 0)
        return (struct text_civil){.year = bin < 12 ? year : year + 1, .month = bin < 12 ? bin + 1 : 1, .day = 1};
    return (struct text_civil){.year = year, .month = month, .day = bin + 1};
}

static int days_in(int year, int month) {
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

enum rc article_archive(struct arena *a, struct db *db, enum text_lang lang, const struct text_zone *zone, int year,
                        int month, int64_t now_us, struct archive_bin **out, size_t *count_out) {
    *out = NULL;
    *count_out = 0;
    if (year < 0 || year > 9998 || month < 0 || month > 12 || (year == 0 && month != 0))
        return RC_INVALID;
    int64_t oldest = 0, newest = 0;
    enum rc rc = oldest_newest(db, lang, now_us, &oldest, &newest);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    int last_year = text_civil_of(zone, newest).year, first_year = text_civil_of(zone, oldest).year;
    if (last_year - first_year >= BINS)
        first_year = last_year - BINS + 1;
    int bins = year == 0 ? last_year - first_year + 1 : month == 0 ? 12 : days_in(year, month);
    int64_t edges[BINS + 1], counts[BINS] = {0};
    for (int i = 0; i <= BINS; i++) {
        struct text_civil edge = bin_civil(year, month, first_year, i < bins ? i : bins);
        if (month != 0 && i >= bins)
            edge = (struct text_civil){.year = month == 12 ? year + 1 : year, .month = month % 12 + 1, .day = 1};
        edges[i] = text_civil_to_us(zone, edge);
    }
    rc = bins_count(db, lang, now_us, edges, counts);
    struct archive_bin *rows = ARENA_ARRAY(a, struct archive_bin, BINS);
    for (int i = bins - 1; i >= 0; i--)
        if (counts[i] > 0)
            rows[(*count_out)++] = (struct archive_bin){.year = year == 0 ? first_year + i : year,
                                                        .month = year == 0    ? 0
                                                                 : month == 0 ? i + 1
                                                                              : month,
                                                        .day = month == 0 ? 0 : i + 1,
                                                        .count = counts[i]};
    *out = rows;
    return rc;
}
