// SPDX-License-Identifier: AGPL-3.0-or-later
// Whether the index holds exactly the words of the texts. Both are read through once, each word at its place goes
// into one sum, and the sums must be equal. Only reads: it may run beside a served station.
#include <sqlite3.h>

#include "record/search_query.h"

struct sum {
    uint64_t value, words;
    int64_t key;
    char column;
    uint32_t position;
    bool any;
};

static uint64_t mixed(uint64_t x) {
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static void word_sum(struct sum *sum, struct str word, int64_t key, char column, uint64_t position) {
    uint64_t place = mixed((uint64_t)key ^ mixed((uint64_t)column << 32 | position));
    sum->value += mixed(hash_key(word) ^ place);
    sum->words++;
}

static enum rc word_of_text(void *arg, const struct text_token *t) {
    struct sum *sum = arg;
    // The engine's own counting: a place of its own, unless it is said to share the one before.
    if (sum->any && !t->same_position)
        sum->position++;
    sum->any = true;
    word_sum(sum, t->folded, sum->key, sum->column, sum->position);
    return RC_OK;
}

static enum rc column_sum(struct sum *sum, struct db_stmt *st, int at, char column) {
    struct str text = db_str(st, at);
    sum->column = column;
    sum->position = 0;
    sum->any = false;
    if (text.n > 0 && text.p[0] == SEARCH_FACET_MARK) {
        word_sum(sum, text, sum->key, column, 0);
        return RC_OK;
    }
    return text_tokens(text, false, word_of_text, sum);
}

static enum rc texts_sum(struct db *db, struct sum *sum) {
    struct db_stmt *st = db_sql(db, "SELECT doc_key, headline, standfirst, body, facets FROM search_docs");
    enum rc rc = RC_OK;
    while (rc == RC_OK && db_step(st)) {
        sum->key = db_i64(st, 0);
        static const char columns[] = "hsbf"; // the initials tell the columns apart
        for (int i = 0; rc == RC_OK && i < 4; i++)
            rc = column_sum(sum, st, i + 1, columns[i]);
    }
    enum rc ended = db_end(st);
    return rc != RC_OK ? rc : ended;
}

static enum rc index_sum(struct db *db, struct sum *sum) {
    struct db_stmt *st = db_sql(db, "SELECT term, doc, col, \"offset\" FROM temp.search_words");
    while (db_step(st)) {
        struct str column = db_str(st, 2);
        word_sum(sum, db_str(st, 0), db_i64(st, 1), column.n > 0 ? column.p[0] : '?', (uint64_t)db_i64(st, 3));
    }
    return db_end(st);
}

// The table of words exists in this connection's memory only, but its making counts as a change, which readers
// refuse; so the refusal is lifted for just that.
static bool words_table(sqlite3 *engine) {
    bool made = sqlite3_exec(engine, "PRAGMA query_only = OFF", NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_exec(engine,
                             "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING "
                             "fts5vocab(main, search_index, instance)",
                             NULL, NULL, NULL) == SQLITE_OK;
    return sqlite3_exec(engine, "PRAGMA query_only = ON", NULL, NULL, NULL) == SQLITE_OK && made;
}

enum rc search_compare(struct db *db, bool *same_out) {
    struct sum texts = {0}, index = {0};
    if (!words_table(db_engine(db)))
        return RC_IO;
    db_read_begin(db);
    enum rc rc = texts_sum(db, &texts);
    if (rc == RC_OK)
        rc = index_sum(db, &index);
    db_read_end(db);
    *same_out = texts.value == index.value && texts.words == index.words;
    return rc;
}
