// SPDX-License-Identifier: AGPL-3.0-or-later
// Votes: one per reader and article. The old site counted whoever was not the last address; here a reader who votes
// again replaces the own vote, and the article's totals move with it in the same transaction.
#include "news/internal.h"

static enum rc vote_before(struct db *db, int64_t number, const uint8_t voter[32], int64_t *value_out) {
    struct db_stmt *st = db_sql(db, "SELECT value FROM votes WHERE number = $1 AND voter = $2");
    db_bind_i64(st, 1, number);
    db_bind_blob(st, 2, voter, 32);
    *value_out = db_step(st) ? db_i64(st, 0) : 0;
    return db_end(st);
}

static enum rc may_vote(struct db *db, int64_t number, int64_t at_us) {
    struct db_stmt *st = db_sql(db, "SELECT state, published_at, expires_at FROM articles WHERE number = $1");
    db_bind_i64(st, 1, number);
    enum rc verdict = RC_NOT_FOUND;
    if (db_step(st)) {
        int64_t expires = db_i64(st, 2);
        if (db_i64(st, 0) == ARTICLE_WITHDRAWN)
            verdict = RC_GONE;
        else if ((db_i64(st, 0) == ARTICLE_PUBLISHED || db_i64(st, 0) == ARTICLE_ARCHIVED) && db_i64(st, 1) <= at_us &&
                 (expires == 0 || expires > at_us))
            verdict = RC_OK;
    }
    enum rc rc = db_end(st);
    return rc != RC_OK ? rc : verdict;
}

static enum rc vote_put(struct db *db, int64_t number, const uint8_t voter[32], int value, int64_t at_us) {
    struct db_stmt *st = db_sql(db, "INSERT INTO votes (number, voter, value, voted_at) VALUES ($1, $2, $3, $4) "
                                    "ON CONFLICT (number, voter) DO UPDATE SET value = excluded.value, "
                                    "voted_at = excluded.voted_at");
    db_bind_i64(st, 1, number);
    db_bind_blob(st, 2, voter, 32);
    db_bind_i64(st, 3, value);
    db_bind_i64(st, 4, at_us);
    return db_run(st);
}

static enum rc totals_move(struct db *db, int64_t number, int64_t sum, int64_t count, int64_t *sum_out,
                           int64_t *count_out) {
    struct db_stmt *st = db_sql(db, "UPDATE articles SET votes_sum = votes_sum + $2, votes_count = votes_count + $3 "
                                    "WHERE number = $1 RETURNING votes_sum, votes_count");
    db_bind_i64(st, 1, number);
    db_bind_i64(st, 2, sum);
    db_bind_i64(st, 3, count);
    if (db_step(st)) {
        *sum_out = db_i64(st, 0);
        *count_out = db_i64(st, 1);
    }
    while (db_step(st))
        ;
    return db_end(st);
}

enum rc vote_cast(struct db *db, int64_t number, const uint8_t voter[32], int value, int64_t at_us, int64_t *sum_out,
                  int64_t *count_out, struct news_changes *c) {
    if (value < 1 || value > 5)
        return RC_INVALID;
    int64_t before = 0;
    enum rc rc = may_vote(db, number, at_us);
    if (rc == RC_OK)
        rc = vote_before(db, number, voter, &before);
    if (rc == RC_OK)
        rc = vote_put(db, number, voter, value, at_us);
    if (rc == RC_OK)
        rc = totals_move(db, number, value - before, before == 0, sum_out, count_out);
    if (rc == RC_OK && before != value)
        news_changes_note(c, EDITION_VOTES, number, false);
    return rc;
}

// round(sum / count, 2) * 20: the average in hundredths, rounded half up, times twenty.
int vote_percent_hundredths(int64_t sum, int64_t count) {
    if (count <= 0 || sum <= 0)
        return 0;
    int64_t average = (sum / count) * 100 + ((sum % count) * 200 + count) / (2 * count);
    return average > 500 ? 10000 : (int)(average * 20);
}
