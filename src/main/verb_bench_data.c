// SPDX-License-Identifier: AGPL-3.0-or-later
// `siaran bench-data DIR COUNT`: a station with COUNT invented articles, the same each time, for measuring. Sizes and
// words are like a real station's: pages around 12 KB, few words everywhere and many rare ones (bench_words.c).
//
// One thread invents a batch while the store's writer saves the one before. The search index is built at the end, from
// all texts at once. The last week was read as it is at a station: the newest articles much, a tenth of all others each
// day a few times. Each article has its manuscript at the desk, saved when it was published; every tenth is a translation
// of the one before it, and some of these are older than their source.
#include <pthread.h>
#include <unistd.h>

#include "main/bench_words.h"
#include "main/main.h"
#include "main/path.h"
#include "main/station.h"
#include "news/news.h"

enum { BATCH = 500, COUNT_MAX = 10000000, SECTIONS = 12, TAGS = 400, DAYS = 3650 };
enum { TRANSLATED_EACH = 10, STALE_EACH = 200 };
enum { READ_DAYS = 8, NEWEST = 1000, NEWEST_READS = 3000 };

struct batch {
    struct arena *arena;
    struct article *articles;
    struct article_links *links;
    size_t count;
    struct news_changes changes;
    struct problem problem;
};

struct making {
    const char *dir;
    struct station station;
    struct bench_words *words;
    struct section sections[SECTIONS]; // the first ten English, the rest Indonesian
    struct str tags[TAGS];
    uint64_t count, made;
    int64_t now_us, shown_us, started_us;
    struct arena *arena; // names that last
};

static enum text_lang lang_of_section(size_t i) {
    return i < SECTIONS - 2 ? LANG_EN : LANG_ID;
}

static enum rc write_frame(struct db *db, void *arg) {
    enum rc dropped = search_index_drop(db);
    if (dropped != RC_OK)
        return dropped;
    struct making *m = arg;
    struct news_changes changes = {0};
    struct problem problem = {""};
    uint32_t languages = (UINT32_C(1) << LANG_COUNT) - 1;
    enum rc rc = station_init(m->arena, db, STR("Bench"), STR("Asia/Jakarta"), languages, &changes, &problem);
    for (size_t i = 0; rc == RC_OK && i < SECTIONS; i++) {
        m->sections[i] = (struct section){.lang = lang_of_section(i),
                                          .slug = str_fmt(m->arena, "desk-%zu", i + 1),
                                          .name = str_fmt(m->arena, "Desk %zu", i + 1),
                                          .description = STR("Invented articles."),
                                          .on_front = i < 4,
                                          .position = (int)i + 10};
        rc = section_save(db, &m->sections[i], &changes);
    }
    if (rc != RC_OK)
        log_error("%s", problem.text);
    return rc;
}

// ---- inventing -----------------------------------------------------------------------------------------------

static void invent_links(struct making *m, struct batch *b, size_t i) {
    size_t count = bench_number(m->words, 4) + 1;
    struct str *tags = ARENA_ARRAY(b->arena, struct str, count);
    for (size_t t = 0; t < count; t++)
        tags[t] = m->tags[bench_number(m->words, TAGS)];
    b->links[i] = (struct article_links){.tags = tags, .tag_count = count};
}

static void invent_article(struct making *m, struct batch *b, size_t i) {
    // Days are filled evenly, oldest first, as a newsroom would have written them.
    uint64_t n = m->made + i;
    int64_t age = (int64_t)((double)(m->count - n) / (double)m->count * DAYS * 86400.0) + 60;
    size_t section = bench_number(m->words, SECTIONS);
    b->articles[i] = (struct article){.lang = m->sections[section].lang,
                                      .section_id = m->sections[section].id,
                                      .headline = bench_headline(m->words, b->arena),
                                      .standfirst = bench_sentence(m->words, b->arena),
                                      .body = html_stored(bench_body(m->words, b->arena)),
                                      .agency = n % 3 == 0 ? STR("Reuters") : STR_NONE,
                                      .state = ARTICLE_PUBLISHED,
                                      .featured = n % 97 == 0,
                                      .published_at = m->now_us - age * US_PER_SECOND,
                                      .reads_base = (int64_t)bench_number(m->words, 5000)};
    invent_links(m, b, i);
}

static void invent_batch(struct making *m, struct batch *b) {
    arena_reset(b->arena);
    uint64_t left = m->count - m->made;
    b->count = left < BATCH ? (size_t)left : BATCH;
    b->articles = ARENA_ARRAY(b->arena, struct article, BATCH);
    b->links = ARENA_ARRAY(b->arena, struct article_links, BATCH);
    for (size_t i = 0; i < b->count; i++)
        invent_article(m, b, i);
    m->made += b->count;
}

// ---- saving --------------------------------------------------------------------------------------------------

struct saving {
    struct making *m;
    struct batch *batch;
    enum rc rc;
};

static enum rc write_batch(struct db *db, void *arg) {
    struct batch *b = arg;
    struct arena *scratch = arena_new((size_t)256 << 20);
    enum rc rc = RC_OK;
    b->changes = (struct news_changes){0};
    for (size_t i = 0; rc == RC_OK && i < b->count; i++) {
        rc = article_save(scratch, db, &b->articles[i], &b->links[i], &b->changes, &b->problem);
        arena_reset(scratch);
    }
    arena_free(&scratch);
    return rc;
}

static void *save_thread(void *arg) {
    struct saving *s = arg;
    s->rc = store_write(s->m->station.store, STORE_RELAXED, write_batch, s->batch);
    return NULL;
}

// ---- what was read -------------------------------------------------------------------------------------------

static enum rc write_reads_of(struct db *db, int64_t day, int64_t number, int64_t reads) {
    struct db_stmt *st = db_sql(db, "INSERT INTO read_days (day, number, reads, raw_reads) VALUES ($1, $2, $3, $3)");
    db_bind_i64(st, 1, day);
    db_bind_i64(st, 2, number);
    db_bind_i64(st, 3, reads);
    return db_run(st);
}

static enum rc write_day(struct making *m, struct db *db, int64_t day) {
    int64_t count = (int64_t)m->count;
    enum rc rc = RC_OK;
    for (int64_t number = 1; rc == RC_OK && number <= count; number++) {
        int64_t rank = count - number;
        if (rank < NEWEST)
            rc = write_reads_of(db, day, number, NEWEST_READS / (rank + 1) + 1 + (int64_t)bench_number(m->words, 20));
        else if ((number + day) % 10 == 0)
            rc = write_reads_of(db, day, number, 1 + (int64_t)bench_number(m->words, 5));
    }
    return rc;
}

// The reads are of a time before this station's own counting, which begins with epoch 1.
static enum rc write_reads(struct db *db, void *arg) {
    struct making *m = arg;
    int64_t today = m->now_us / US_PER_DAY;
    enum rc rc = RC_OK;
    for (int64_t day = today - READ_DAYS + 1; rc == RC_OK && day <= today; day++)
        rc = write_day(m, db, day);
    if (rc == RC_OK)
        rc = db_run(db_sql(db, "INSERT INTO read_totals (number, epoch, reads, raw_reads) SELECT r.number, 0, "
                               "CAST(SUM(r.reads) AS BIGINT), CAST(SUM(r.raw_reads) AS BIGINT) FROM read_days r "
                               "GROUP BY r.number"));
    return rc;
}

// ---- what the desk has -----------------------------------------------------------------------------------------

struct opening {
    struct making *m;
    int64_t number; // the first of its batch
};

static enum rc mark_translation(struct db *db, int64_t id, int64_t source_id, bool stale) {
    struct db_stmt *st =
        db_sql(db, "UPDATE manuscripts SET source_id = $2, source_version = $3, stale = 1 - $3 WHERE id = $1");
    db_bind_i64(st, 1, id);
    db_bind_i64(st, 2, source_id);
    db_bind_i64(st, 3, stale ? 0 : 1);
    return db_run(st);
}

static enum rc write_manuscripts(struct db *db, void *arg) {
    struct opening *o = arg;
    struct arena *scratch = arena_new((size_t)64 << 20);
    int64_t before = 0, id = 0, end = o->number + BATCH;
    enum rc rc = RC_OK;
    for (int64_t n = o->number; rc == RC_OK && n < end && n <= (int64_t)o->m->count; n++) {
        rc = manuscript_of_article(scratch, db, n, o->m->now_us, &id);
        if (rc == RC_OK && n % TRANSLATED_EACH == 0 && before != 0)
            rc = mark_translation(db, id, before, n % STALE_EACH == 0);
        before = id;
        arena_reset(scratch);
    }
    arena_free(&scratch);
    return rc;
}

// They were saved when they were published, not all today.
static enum rc write_dates(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(db, "UPDATE manuscripts SET created_at = publish_at, saved_at = publish_at"));
}

static enum rc open_all(struct making *m) {
    struct opening o = {m, 1};
    enum rc rc = RC_OK;
    for (; rc == RC_OK && o.number <= (int64_t)m->count; o.number += BATCH)
        rc = store_write(m->station.store, STORE_RELAXED, write_manuscripts, &o);
    return rc == RC_OK ? store_write(m->station.store, STORE_RELAXED, write_dates, NULL) : rc;
}

static enum rc write_index(struct db *db, void *arg) {
    (void)arg;
    return search_index_build(db);
}

static void show_progress(struct making *m) {
    int64_t now = clock_mono_us();
    if (!isatty(STDERR_FILENO) || now - m->started_us < US_PER_SECOND || now - m->shown_us < US_PER_SECOND / 4)
        return;
    m->shown_us = now;
    fprintf(stderr, "\r\033[K%llu of %llu articles", (unsigned long long)m->made, (unsigned long long)m->count);
}

static enum rc save_all(struct making *m, struct problem *p) {
    // On the heap: each notes up to hundreds of changes.
    struct batch *batches = mem_array(2, sizeof(struct batch));
    for (int i = 0; i < 2; i++)
        batches[i].arena = arena_new((size_t)512 << 20);
    struct saving saving = {.m = m, .rc = RC_OK};
    int at = 0;
    invent_batch(m, &batches[at]);
    while (saving.rc == RC_OK && batches[at].count > 0) {
        pthread_t thread;
        saving.batch = &batches[at];
        must(pthread_create(&thread, NULL, save_thread, &saving) == 0);
        invent_batch(m, &batches[1 - at]);
        pthread_join(thread, NULL);
        if (saving.rc != RC_OK)
            *p = batches[at].problem;
        at = 1 - at;
        show_progress(m);
    }
    if (m->shown_us != 0)
        fputs("\r\033[K", stderr);
    arena_free(&batches[0].arena);
    arena_free(&batches[1].arena);
    mem_free(batches);
    return saving.rc;
}

static enum rc fill_station(struct making *m, struct problem *p) {
    enum rc rc = station_open(&m->station, m->dir, true, p);
    if (rc != RC_OK)
        return rc;
    rc = store_write(m->station.store, STORE_RELAXED, write_frame, m);
    for (size_t i = 0; i < TAGS; i++)
        m->tags[i] = bench_tag(m->words, m->arena, i);
    if (rc == RC_OK)
        rc = save_all(m, p);
    if (rc == RC_OK)
        rc = open_all(m);
    if (rc == RC_OK)
        rc = store_write(m->station.store, STORE_RELAXED, write_reads, m);
    if (rc == RC_OK)
        rc = store_write(m->station.store, STORE_RELAXED, write_index, NULL);
    station_close(&m->station);
    return rc;
}

static enum rc make_station(const char *dir, uint64_t count, struct problem *p) {
    struct making m = {.count = count, .now_us = clock_now_us(), .started_us = clock_mono_us()};
    station_start();
    enum rc rc = path_is_free(dir, p);
    m.arena = arena_new((size_t)16 << 20);
    if (rc == RC_OK)
        rc = path_make_part(m.arena, dir, &m.dir, p);
    if (rc == RC_OK) {
        m.words = bench_words_new();
        rc = fill_station(&m, p);
        bench_words_free(&m.words);
        if (rc == RC_OK)
            rc = path_finish_part(m.dir, dir, p);
        if (rc != RC_OK)
            path_remove_tree(m.dir);
    }
    arena_free(&m.arena);
    return rc;
}

// Words to search for, by how many articles hold them: over a fifth, a few in a hundred, few.
static void print_words(const struct bench_words *w, const char *name, size_t from, size_t to, const char *end) {
    printf("\"%s\":[", name);
    for (size_t rank = from; rank < to; rank++)
        printf("%s\"%.*s\"", rank > from ? "," : "", STR_ARG(bench_word(w, rank)));
    printf("]%s", end);
}

static enum exit_code show_words(void) {
    struct bench_words *w = bench_words_new();
    printf("{");
    print_words(w, "common", 0, 60, ",");
    print_words(w, "middle", 1000, 1200, ",");
    print_words(w, "rare", 20000, 20400, "}\n");
    bench_words_free(&w);
    return EXIT_DONE;
}

enum exit_code verb_bench_data(const struct verb *verb, int argc, char **argv) {
    uint64_t count;
    struct problem problem = {""};
    if (argc == 2 && strcmp(argv[1], "--words") == 0)
        return show_words();
    if (argc != 3 || argv[1][0] == '-' || !str_to_u64(str_from(argv[2]), &count) || count == 0 || count > COUNT_MAX)
        return verb_usage(verb, "give a new directory and a count of articles, 1 to %d", COUNT_MAX);
    enum rc rc = make_station(argv[1], count, &problem);
    if (rc != RC_OK)
        return fail(exit_code_of(rc), "%s", problem.text[0] != '\0' ? problem.text : "the articles could not be saved");
    printf("%llu articles in %s\n", (unsigned long long)count, argv[1]);
    return EXIT_DONE;
}
