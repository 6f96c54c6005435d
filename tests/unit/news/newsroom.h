// SPDX-License-Identifier: AGPL-3.0-or-later
// A fresh station with nine languages, and short ways to write articles into it.
#ifndef TESTS_UNIT_NEWS_NEWSROOM_H
#define TESTS_UNIT_NEWS_NEWSROOM_H

#include "../record/station.h"

#include "news/news.h"

#define NOW (INT64_C(1700000000) * US_PER_SECOND)
#define HOUR (3600 * US_PER_SECOND)

// One write: what to do with the newsroom, its answer, and the editions it would raise.
struct job {
    struct station *s;
    struct article *art;
    struct article_links links;
    struct str text;
    int64_t number;
    struct news_changes changes;
    struct problem problem;
};

static inline enum rc job_init(struct db *db, void *arg) {
    struct job *j = arg;
    j->changes = (struct news_changes){0};
    return station_init(j->s->arena, db, STR("Test Radio"), STR("Asia/Jakarta"), (1u << LANG_COUNT) - 1, &j->changes,
                        &j->problem);
}

static inline enum rc job_save(struct db *db, void *arg) {
    struct job *j = arg;
    j->changes = (struct news_changes){0};
    return article_save(j->s->arena, db, j->art, &j->links, &j->changes, &j->problem);
}

static inline enum rc job_withdraw(struct db *db, void *arg) {
    struct job *j = arg;
    j->changes = (struct news_changes){0};
    return article_withdraw(j->s->arena, db, j->number, j->text, NOW, &j->changes, &j->problem);
}

static inline enum rc job_correct(struct db *db, void *arg) {
    struct job *j = arg;
    j->changes = (struct news_changes){0};
    return article_correct(j->s->arena, db, j->number, j->text, NOW, &j->changes, &j->problem);
}

static inline enum rc newsroom_write(struct job *j, store_write_fn fn) {
    return store_write(j->s->store, STORE_DURABLE, fn, j);
}

static inline struct section newsroom_section(struct station *s, enum text_lang lang) {
    struct section *rows;
    size_t n;
    assert_int_equal(section_list(s->arena, s->reader, lang, &rows, &n), RC_OK);
    assert_true(n >= 2);
    return rows[0];
}

static inline struct article newsroom_article(struct station *s, enum text_lang lang, const char *headline,
                                              int64_t published_at) {
    return (struct article){.lang = lang,
                            .section_id = newsroom_section(s, lang).id,
                            .headline = str_from(headline),
                            .standfirst = STR("What it is about."),
                            .body = html_from_paragraphs(s->arena, STR("The text.")),
                            .state = ARTICLE_PUBLISHED,
                            .published_at = published_at};
}

static inline bool job_notes(const struct job *j, enum edition_kind kind, int64_t id, bool hard) {
    for (size_t i = 0; i < j->changes.count; i++)
        if (j->changes.rows[i].kind == kind && j->changes.rows[i].id == id && j->changes.rows[i].hard == hard)
            return true;
    return false;
}

static inline int newsroom_setup(void **state) {
    station_setup(state);
    struct job *j = MEM_NEW(struct job);
    j->s = *state;
    assert_int_equal(newsroom_write(j, job_init), RC_OK);
    mem_free(j);
    return 0;
}

#define NEWSROOM_TEST(test) cmocka_unit_test_setup_teardown(test, newsroom_setup, station_teardown)

#endif
