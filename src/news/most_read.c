// SPDX-License-Identifier: AGPL-3.0-or-later
// The week's most read. The days of a large station are a hundred thousand rows, and a front page is made anew with each
// publication: so a language's list is made once in ten minutes, whoever asks, and made again before that is over by a
// thread that has time. A list that is not full is not kept: there is little to sum then.
#include <pthread.h>
#include <stdlib.h>

#include "news/internal.h"

enum { LIMIT_MOST = 50, KEPT = 20, RENEW_SECONDS = 540 };

// ---- summing ---------------------------------------------------------------------------------------------------------

struct reads {
    int64_t number, sum;
};

enum rc article_number_most(struct db *db, int64_t *out) {
    struct db_stmt *st = db_sql(db, "SELECT MAX(number) FROM articles");
    *out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

// A sum for each number there is: the engine's own grouping would sort all rows first, and take five times as long.
static enum rc week_sum(struct db *db, int64_t from_day, int64_t *sums, int64_t most) {
    struct db_stmt *st = db_sql(db, "SELECT r.number, r.reads FROM read_days r WHERE r.day >= $1");
    db_bind_i64(st, 1, from_day);
    while (db_step(st)) {
        int64_t number = db_i64(st, 0);
        if (number >= 1 && number <= most)
            sums[number] += db_i64(st, 1);
    }
    return db_end(st);
}

static int by_reads(const void *pa, const void *pb) {
    const struct reads *a = pa, *b = pb;
    if (a->sum != b->sum)
        return a->sum > b->sum ? -1 : 1;
    return a->number > b->number ? -1 : a->number < b->number;
}

// What was read at all, most first.
static struct reads *sorted(const int64_t *sums, int64_t most, size_t *count_out) {
    size_t n = 0;
    for (int64_t number = 1; number <= most; number++)
        n += sums[number] > 0;
    struct reads *rows = mem_array(n + 1, sizeof *rows);
    *count_out = n;
    n = 0;
    for (int64_t number = 1; number <= most; number++)
        if (sums[number] > 0)
            rows[n++] = (struct reads){number, sums[number]};
    qsort(rows, n, sizeof *rows, by_reads);
    return rows;
}

static enum rc is_shown(struct db *db, enum text_lang lang, int64_t number, int64_t now_us, bool *out) {
    struct db_stmt *st = db_sql(db, "SELECT 1 FROM articles a WHERE a.lang = $1 AND a.state = 2 AND a.number = $2 AND "
                                    "a.published_at + 0 <= $3 AND (a.expires_at + 0 = 0 OR a.expires_at + 0 > $3)");
    db_bind_str(st, 1, text_lang_code(lang));
    db_bind_i64(st, 2, number);
    db_bind_i64(st, 3, now_us);
    *out = db_step(st);
    return db_end(st);
}

// From the most read down, until enough are of this language.
static enum rc choose(struct db *db, enum text_lang lang, const struct reads *rows, size_t count, int64_t now_us,
                      int64_t *numbers, size_t limit, size_t *chosen_out) {
    size_t chosen = 0;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < count && chosen < limit; i++) {
        bool shown = false;
        rc = is_shown(db, lang, rows[i].number, now_us, &shown);
        if (shown)
            numbers[chosen++] = rows[i].number;
    }
    *chosen_out = chosen;
    return rc;
}

enum rc article_most_read(struct arena *a, struct db *db, enum text_lang lang, int64_t from_day, int64_t now_us,
                          size_t limit, struct article_card **out, size_t *count_out) {
    int64_t most = 0, numbers[LIMIT_MOST];
    size_t count = 0, chosen = 0;
    limit = limit > LIMIT_MOST ? LIMIT_MOST : limit;
    *out = ARENA_ARRAY(a, struct article_card, LIMIT_MOST);
    *count_out = 0;
    enum rc rc = article_number_most(db, &most);
    if (rc != RC_OK)
        return rc;
    int64_t *sums = mem_array((size_t)most + 1, sizeof *sums);
    rc = week_sum(db, from_day, sums, most);
    struct reads *rows = sorted(sums, most, &count);
    if (rc == RC_OK)
        rc = choose(db, lang, rows, count, now_us, numbers, limit, &chosen);
    mem_free(sums);
    mem_free(rows);
    return rc == RC_OK ? article_cards(a, db, numbers, chosen, now_us, *out, count_out) : rc;
}

// ---- remembering -----------------------------------------------------------------------------------------------------

struct remembered {
    int64_t made_at, from_day;
    int64_t numbers[KEPT];
    size_t count; // 0: nothing is kept
};
struct most_read {
    pthread_mutex_t lock;
    struct remembered rows[LANG_COUNT];
};

struct most_read *most_read_new(void) {
    struct most_read *m = MEM_NEW(struct most_read);
    must(pthread_mutex_init(&m->lock, NULL) == 0);
    return m;
}

void most_read_free(struct most_read **m) {
    if (*m == NULL)
        return;
    pthread_mutex_destroy(&(*m)->lock);
    mem_free(*m);
    *m = NULL;
}

static struct remembered row_get(struct most_read *m, enum text_lang lang) {
    must(pthread_mutex_lock(&m->lock) == 0);
    struct remembered row = m->rows[lang];
    must(pthread_mutex_unlock(&m->lock) == 0);
    return row;
}

static void row_put(struct most_read *m, enum text_lang lang, const struct article_card *cards, size_t count,
                    int64_t from_day, int64_t now_us) {
    struct remembered row = {.made_at = now_us, .from_day = from_day, .count = count == KEPT ? count : 0};
    for (size_t i = 0; i < row.count; i++)
        row.numbers[i] = cards[i].number;
    must(pthread_mutex_lock(&m->lock) == 0);
    m->rows[lang] = row;
    must(pthread_mutex_unlock(&m->lock) == 0);
}

static enum rc make(struct most_read *m, struct arena *a, struct db *db, enum text_lang lang, int64_t from_day,
                    int64_t now_us, struct article_card **out, size_t *count_out) {
    enum rc rc = article_most_read(a, db, lang, from_day, now_us, KEPT, out, count_out);
    if (rc == RC_OK)
        row_put(m, lang, *out, *count_out, from_day, now_us);
    return rc;
}

// What was withdrawn or has expired since is left out; the list is longer than pages show.
enum rc most_read_get(struct most_read *m, struct arena *a, struct db *db, enum text_lang lang, int64_t from_day,
                      int64_t now_us, size_t limit, struct article_card **out, size_t *count_out) {
    struct remembered row = row_get(m, lang);
    bool fresh = row.count > 0 && row.from_day == from_day && now_us >= row.made_at &&
                 now_us - row.made_at < MOST_READ_SECONDS * US_PER_SECOND;
    enum rc rc;
    if (fresh) {
        *out = ARENA_ARRAY(a, struct article_card, KEPT);
        rc = article_cards(a, db, row.numbers, row.count, now_us, *out, count_out);
    } else {
        rc = make(m, a, db, lang, from_day, now_us, out, count_out);
    }
    *count_out = *count_out > limit ? limit : *count_out;
    return rc;
}

enum rc most_read_renew(struct most_read *m, struct db *db, int64_t now_us) {
    enum rc rc = RC_OK;
    for (int lang = 0; rc == RC_OK && lang < LANG_COUNT; lang++) {
        struct remembered row = row_get(m, (enum text_lang)lang);
        if (row.count == 0 || now_us - row.made_at < RENEW_SECONDS * US_PER_SECOND)
            continue;
        struct arena *a = arena_new(4 << 20);
        struct article_card *cards;
        size_t count;
        rc = make(m, a, db, (enum text_lang)lang, row.from_day, now_us, &cards, &count);
        arena_free(&a);
    }
    return rc;
}
