// SPDX-License-Identifier: AGPL-3.0-or-later
// The week's most read, remembered. Summing the days of a large station takes a fifth of a second, and a front page is
// made anew with each publication: so a language's list is made once in ten minutes, whoever asks, and made again
// before that is over by a thread that has time. A list that is not full is not kept: there is little to sum then.
#include <pthread.h>

#include "news/internal.h"

enum { KEPT = 20, RENEW_SECONDS = 540 };

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
