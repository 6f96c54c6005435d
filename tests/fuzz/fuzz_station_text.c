// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a station text, into a station that `init` made: refused with a sentence, or loaded so that every check
// of the newsroom is content and loading it again is accepted. Each time the transaction is taken back, so every input
// meets the same station. The station lies in TMPDIR.
#include <stdlib.h>

#include "news/news.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\0\0\0\0";

static enum rc load_picture(void *arg, struct str name, struct buf *out) {
    (void)arg;
    if (str_eq(name, STR("boat.png")) || str_eq(name, STR("harbour-960.jpg"))) {
        buf_add(out, png, sizeof png - 1);
        return RC_OK;
    }
    return str_eq(name, STR("locked.png")) ? RC_DENIED : RC_NOT_FOUND;
}

static enum rc station_fill(struct db *db, void *arg) {
    struct news_changes changes = {0};
    struct problem p = {""};
    return station_init(arg, db, STR("Radio"), STR("Asia/Jakarta"), (1u << LANG_COUNT) - 1, &changes, &p);
}

static struct store *station_make(char *dir, size_t room) {
    const char *base = getenv("TMPDIR");
    struct store *store = NULL;
    struct problem p = {""};
    int n = snprintf(dir, room, "%s/siaran-fuzz-XXXXXX", base != NULL ? base : "/tmp");
    must(n > 0 && (size_t)n < room && mkdtemp(dir) != NULL);
    hash_start();
    text_start();
    search_start();
    must(store_open(dir, true, &store, &p) == RC_OK);
    struct arena *a = arena_new(1 << 20);
    must(store_write(store, STORE_RELAXED, station_fill, a) == RC_OK);
    arena_free(&a);
    return store;
}

static void fault_found(void *arg, const char *check, struct str text) {
    log_error("%s: %.*s", check, STR_ARG(text));
    *(bool *)arg = true;
}

// Those that look at files are left out: nothing here is committed.
static void checks_run(struct db *db, const char *dir) {
    bool faulty = false;
    struct verify_context v = {.db = db, .dir = dir, .fault = fault_found, .arg = &faulty};
    for (size_t i = 0; i < news_check_count; i++)
        must(news_checks[i].run(&v) == RC_OK);
    for (size_t i = 0; i < record_check_count; i++)
        if (strcmp(record_checks[i].name, "people-slugs") == 0)
            must(record_checks[i].run(&v) == RC_OK);
    must(!faulty);
}

struct attempt {
    struct str text;
    const char *dir;
    bool pictures;
};

static enum rc text_load(struct db *db, const struct attempt *t) {
    struct station_text_setup setup = {.dir = t->dir, .load_file = t->pictures ? load_picture : NULL};
    struct arena *a = arena_new((size_t)256 << 20);
    struct news_changes *changes = MEM_NEW(struct news_changes);
    struct problem p = {""};
    enum rc rc = station_text_load(a, db, t->text, &setup, changes, &p);
    must(rc == RC_OK || p.text[0] != '\0');
    arena_free(&a);
    mem_free(changes);
    return rc;
}

static enum rc load_twice(struct db *db, void *arg) {
    struct attempt *t = arg;
    enum rc rc = text_load(db, t);
    if (rc != RC_OK)
        return rc;
    checks_run(db, t->dir);
    must(text_load(db, t) == RC_OK);
    checks_run(db, t->dir);
    return RC_GONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct store *store;
    static char dir[512];
    if (store == NULL)
        store = station_make(dir, sizeof dir);
    struct attempt t = {.text = {(const char *)data, size}, .dir = dir, .pictures = size % 4 != 0};
    enum rc rc = store_write(store, STORE_RELAXED, load_twice, &t);
    must(rc != RC_OK && rc != RC_IO);
    return 0;
}
