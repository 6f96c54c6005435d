// SPDX-License-Identifier: AGPL-3.0-or-later
// Lists of rows: their one form, what is refused, what two people made of one, and what a content's stored form takes.
#include "newsroom.h"

#include "../../../src/news/internal.h"

static void test_one_form(void **state) {
    struct station *s = *state;
    char long_alt[1100];
    memset(long_alt, 'a', sizeof long_alt);
    memcpy(long_alt, "7\t", 2);
    long_alt[sizeof long_alt - 1] = '\0';
    const struct {
        const char *rows, *expected; // NULL: refused
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"7", "7\t\t\t"},
        {"7\ta\tb\tc", "7\ta\tb\tc"},
        {"7\ta\tb\tc\td", "7\ta\tb\tc"},
        {" 7 \t a \n\n8\tx", "7\ta\t\t\n8\tx\t\t"},
        {"7\ta\n7\tb\n8", "7\ta\t\t\n8\t\t\t"},
        {"\ta\n8", "8\t\t\t"},
        {"x\ta", NULL},
        {"0", NULL},
        {"-7", NULL},
        {"99999999999999999999", NULL},
        {"7\ta\x01", NULL},
        {"7\t\xff", NULL},
        {long_alt, NULL},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22\n23\n24\n25", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str rows = str_from(cases[i].rows);
        struct problem p = {""};
        enum rc rc = rows_check(s->arena, &rows_gallery, &rows, &p);
        if (rc != (cases[i].expected != NULL ? RC_OK : RC_INVALID))
            fail_msg("case %zu: %s %s", i, rc_name(rc), p.text);
        if (cases[i].expected != NULL)
            assert_str_(rows, str_from(cases[i].expected), __FILE__, __LINE__);
        else
            assert_true(p.text[0] != '\0');
    }
}

// As many pictures as there may be, each with the most words that it may have, in characters of four bytes.
static struct str fullest_gallery(struct arena *a) {
    struct list_row rows[ROWS_MAX];
    enum { BYTES = 4 * 1000 };
    char *waves = arena_take(a, BYTES);
    for (size_t i = 0; i < BYTES; i++)
        waves[i] = "\xf0\x9f\x8c\x8a"[i % 4];
    for (size_t i = 0; i < rows_gallery.most; i++) {
        rows[i] = (struct list_row){{str_fmt(a, "%lld", (long long)(INT64_MAX - (int64_t)i))}};
        for (size_t k = 1; k < rows_cells(&rows_gallery); k++)
            rows[i].cells[k] = (struct str){waves, 4 * rows_gallery.cells[k].chars};
    }
    return rows_write(a, &rows_gallery, rows, rows_gallery.most);
}

static void test_full_list(void **state) {
    struct station *s = *state;
    struct str full = fullest_gallery(s->arena), checked = full;
    struct problem p = {""};
    assert_true(full.n > rows_gallery.most * 4 * 2300);
    assert_int_equal(rows_check(s->arena, &rows_gallery, &checked, &p), RC_OK);
    assert_str_(checked, full, __FILE__, __LINE__);
    // It is taken as a content, stored, read back, and merged with another's words.
    struct content base = {.headline = STR("One"), .gallery = full}, mine = base, theirs = base, back, merged;
    struct content_collision *collisions;
    assert_int_equal(content_check(s->arena, &base, &p), RC_OK);
    assert_int_equal(content_from_json(s->arena, content_json(s->arena, &base), &back), RC_OK);
    assert_true(content_eq(&base, &back));
    mine.gallery = str_slice(full, 0, full.n - 4); // of the last picture's credit
    theirs.gallery = STR_NONE;
    assert_int_equal(content_merge(s->arena, &base, &mine, &theirs, NULL, 0, &merged, &collisions), 1);
    assert_str_(merged.gallery, mine.gallery, __FILE__, __LINE__);
    theirs = base;
    assert_int_equal(content_merge(s->arena, &base, &mine, &theirs, NULL, 0, &merged, &collisions), 0);
    assert_str_(merged.gallery, mine.gallery, __FILE__, __LINE__);
}

static struct content content_with(const char *gallery) {
    return (struct content){.headline = STR("One"), .gallery = str_from(gallery)};
}

static void test_two_people(void **state) {
    struct station *s = *state;
    const struct {
        const char *base, *mine, *theirs, *merged;
        size_t collisions;
    } cases[] = {
        {"1\ta\t\t", "1\ta\t\t\n2\tb\t\t", "1\ta\t\t", "1\ta\t\t\n2\tb\t\t", 0},
        {"1\ta\t\t\n2\tb\t\t\n3\tc\t\t", "1\tA\t\t\n2\tb\t\t\n3\tc\t\t", "1\ta\t\t\n2\tb\t\t\n3\tC\t\t",
         "1\tA\t\t\n2\tb\t\t\n3\tC\t\t", 0},
        {"1\ta\t\t\n2\tb\t\t\n3\tc\t\t", "2\tb\t\t\n3\tc\t\t", "1\ta\t\t\n2\tb\t\t", "2\tb\t\t", 0},
        {"1\ta\t\t", "1\tmine\t\t", "1\ttheirs\t\t", "1\tmine\t\t", 1},
        {"", "1\ta\t\t", "1\ta\t\t", "1\ta\t\t", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct content base = content_with(cases[i].base), mine = content_with(cases[i].mine),
                       theirs = content_with(cases[i].theirs), merged;
        struct content_collision *collisions;
        size_t n = content_merge(s->arena, &base, &mine, &theirs, NULL, 0, &merged, &collisions);
        if (n != cases[i].collisions)
            fail_msg("case %zu: %zu collisions", i, n);
        assert_str_(merged.gallery, str_from(cases[i].merged), __FILE__, __LINE__);
    }
    // Both texts of a collision: the same picture stands there once.
    struct content base = content_with("1\ta\t\t"), mine = content_with("1\tm\t\t"),
                   theirs = content_with("1\tt\t\t\n2\tt\t\t"), merged;
    struct content_collision *collisions;
    const enum text_side both[] = {TEXT_BOTH};
    assert_int_equal(content_merge(s->arena, &base, &mine, &theirs, both, 1, &merged, &collisions), 1);
    assert_str(merged.gallery, "1\tm\t\t\n2\tt\t\t");
}

static void test_stored_form(void **state) {
    struct station *s = *state;
    struct content c, again;
    const struct {
        const char *json;
        enum rc expected;
    } cases[] = {
        {"{}", RC_OK},
        {"{\"gallery\":\"1\\ta\"}", RC_OK},
        {"{\"unknown\":1}", RC_OK},
        {"{\"gallery\":1}", RC_INVALID},
        {"{\"featured\":\"1\"}", RC_INVALID},
        {"{\"headline\":null}", RC_INVALID},
        {"{\"headline\":\"a\",\"headline\":\"b\"}", RC_INVALID},
        {"{\"headline\":\"\xff\"}", RC_INVALID},
        {"[]", RC_INVALID},
        {"", RC_INVALID},
        {"{", RC_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(content_from_json(s->arena, str_from(cases[i].json), &c), cases[i].expected);
    c = content_with("1\ta\t\t");
    assert_int_equal(content_from_json(s->arena, content_json(s->arena, &c), &again), RC_OK);
    assert_true(content_eq(&c, &again));
}

static void test_what_is_lacking(void **state) {
    struct station *s = *state;
    const char *lacks[CONTENT_LACKS_MAX];
    struct content c = content_with("1\t\t\tme\n2\tseen\t\t");
    bool alt = false, credit = false;
    size_t n = content_lacks(s->arena, s->reader, LANG_EN, &c, lacks);
    for (size_t i = 0; i < n; i++) {
        alt = alt || strcmp(lacks[i], "need_gallery_alt") == 0;
        credit = credit || strcmp(lacks[i], "need_gallery_credit") == 0;
    }
    assert_true(alt && credit && content_lacks_alt(&c));
    c = content_with("1\tseen\t\tme");
    assert_false(content_lacks_alt(&c));
    assert_int_equal(content_lacks(s->arena, s->reader, LANG_EN, &c, lacks), 2); // section and body
}

// ---- the gallery of an article -----------------------------------------------------------------------------------------

static enum rc add_media(struct db *db, void *arg) {
    (void)arg;
    return db_run(db_sql(
        db, "INSERT INTO media (id, width, height, credit, added_at) VALUES (71, 3, 2, '', 0), (72, 3, 2, '', 0)"));
}

static enum rc spoil(struct db *db, void *arg) {
    switch (*(const int *)arg) {
    case 0:
        return db_run(db_sql(db, "UPDATE articles SET gallery = '71'"));
    case 1:
        return db_run(db_sql(db, "DELETE FROM media_uses WHERE media_id = 72"));
    default:
        return db_run(db_sql(db, "UPDATE articles SET gallery = gallery || ' '"));
    }
}

static void count_fault(void *arg, const char *check, struct str text) {
    (void)check, (void)text;
    ++*(int *)arg;
}

static int faults(struct station *s) {
    int n = 0;
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = count_fault, .arg = &n};
    for (size_t i = 0; i < news_check_count; i++)
        assert_int_equal(news_checks[i].run(&v), RC_OK);
    return n;
}

static void test_article_gallery(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_EN, "With pictures", NOW), read;
    struct job j = {.s = s, .art = &art};
    assert_int_equal(store_write(s->store, STORE_DURABLE, add_media, NULL), RC_OK);
    art.gallery = STR(" 71\tA boat\n72\t");
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(article_load(s->arena, s->reader, art.number, &read), RC_OK);
    assert_str(read.gallery, "71\tA boat\t\t\n72\t\t\t");
    assert_int_equal(faults(s), 0);
    struct media_use *uses;
    size_t n;
    assert_int_equal(media_where_used(s->arena, s->reader, 71, 10, &uses, &n), RC_OK);
    assert_true(n == 1 && uses[0].owner_id == art.number && uses[0].has_alt);
    assert_int_equal(media_where_used(s->arena, s->reader, 72, 10, &uses, &n), RC_OK);
    assert_true(n == 1 && !uses[0].has_alt);
    for (int damage = 0; damage < 3; damage++) {
        assert_int_equal(store_write(s->store, STORE_DURABLE, spoil, &damage), RC_OK);
        if (faults(s) == 0)
            fail_msg("damage %d is not seen", damage);
        art.gallery = STR("71\tA boat\n72\t");
        assert_int_equal(newsroom_write(&j, job_save), RC_OK);
        assert_int_equal(faults(s), 0);
    }
    art.gallery = STR("no number");
    assert_int_equal(newsroom_write(&j, job_save), RC_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        NEWSROOM_TEST(test_one_form),    NEWSROOM_TEST(test_full_list),       NEWSROOM_TEST(test_two_people),
        NEWSROOM_TEST(test_stored_form), NEWSROOM_TEST(test_what_is_lacking), NEWSROOM_TEST(test_article_gallery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
