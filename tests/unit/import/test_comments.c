// SPDX-License-Identifier: AGPL-3.0-or-later
// An export of the old site's comments: what is read, what is left out with which reason, and that nothing comes twice or
// comes back.
#include "../news/newsroom.h"

#include "import/import.h"

#define HEAD "id,itemID,userName,commentDate,commentText,commentEmail,published\n"

// All rows as "item|id|name|text|published;", and of one that is left out "!line;".
static struct str read_all(struct station *s, const char *bytes) {
    struct import_comments r;
    struct imported_comment c;
    struct str out = STR("");
    if (import_comments_begin(str_from(bytes), &r) != RC_OK)
        return STR("refused");
    while (import_comments_next(s->arena, &r, &c))
        out = r.fault == IMPORT_FINE
                  ? str_fmt(s->arena, "%.*s%lld|%lld|%.*s|%.*s|%d;", STR_ARG(out), (long long)c.item_id,
                            (long long)c.old_id, STR_ARG(c.name), STR_ARG(c.body), c.published)
                  : str_fmt(s->arena, "%.*s!%u;", STR_ARG(out), r.at);
    return out;
}

static void test_rows(void **state) {
    struct station *s = *state;
    const struct {
        const char *bytes, *rows;
    } cases[] = {
        {HEAD "7,4711,Ani,2019-05-02 10:15:00,Good.,ani@x.test,1\n", "4711|7|Ani|Good.|1;"},
        {"\xef\xbb\xbf\n" HEAD "7,4711,\"Ani, \"\"A\"\"\",2019-05-02 10:15:00,\"One.\r\n\r\n\r\nTwo.\",x,0\r\n",
         "4711|7|Ani, \"A\"|One.\n\nTwo.|0;"},
        {"commentText\titemID\tcommentDate\nGood.\t4711\t2019-05-02 10:15\n", "4711|0||Good.|1;"},
        {"commentText;itemID;commentDate\nGood, it is;4711;2019-05-02T10:15:59\n", "4711|0||Good, it is|1;"},
        {HEAD "7,4711,A,2019-05-02 10:15:00,a<br />b &amp; <b>c</b>,,1", "4711|7|A|a\nb & c|1;"},
        {HEAD "7,4711,A,2019-05-02 10:15:00,1 < 2 & 3,,1", "4711|7|A|1 < 2 & 3|1;"},
        {HEAD "7,4711,A,2019-05-02 10:15:00,a\x01"
              "b,,1",
         "4711|7|A|a b|1;"},
        {HEAD "x,4711,A,2019-05-02 10:15:00,a,,1\n1,0,A,2019-05-02 10:15:00,a,,1\n1,5,A,0000-00-00 00:00:00,a,,1\n"
              "1,5,A,2019-05-02 10:15:00, ,,1\n1,5\n2,5,A,2019-05-02 10:15:00,end,,1\n",
         "4711|0|A|a|1;!3;!4;!5;!6;5|2|A|end|1;"},
        {HEAD "1,5,A,2019-02-31 10:15:00,no such day,,1\n1,5,A,2019-02-28 24:00:00,no such hour,,1\n"
              "1,5,A,1969-12-31 10:15:00,too old,,1\n2,5,A,2020-02-29 23:59:59,leap,,1\n",
         "!2;!3;!4;5|2|A|leap|1;"},
        {HEAD "1,5,A,2019-05-02 10:15:00,\"no end\n2,5,A,2019-05-02 10:15:00,x,,1\n", "!2;"},
        {"{\"itemID\":5,\"commentDate\":\"2019-05-02 10:15:00\",\"commentText\":\"Good.\\nAgain.\",\"published\":\"0\"}\n"
         "\n[]\n{\"itemID\":\"6\",\"id\":9,\"userName\":\"B\",\"commentDate\":\"2019-05-02 10:15:00\",\"commentText\":\"x\"}",
         "5|0||Good.\nAgain.|0;!3;6|9|B|x|1;"},
        {"id,userName\n1,A\n", "refused"},
        {"", "refused"},
        {"\xff", "refused"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!str_eq(read_all(s, cases[i].bytes), str_from(cases[i].rows)))
            fail_msg("case %zu: %.*s", i, STR_ARG(read_all(s, cases[i].bytes)));
}

struct placing {
    struct station *s;
    struct imported_comment c;
    bool added;
    int64_t id;
    struct news_changes changes;
};

static enum rc remember(struct db *db, void *arg) {
    struct job *j = arg;
    return legacy_put(db, STR_NONE, LEGACY_ITEM, 4711, j->art->number);
}

static enum rc place(struct db *db, void *arg) {
    struct placing *p = arg;
    p->changes = (struct news_changes){0};
    return import_comment_place(p->s->arena, db, STR_NONE, &p->c, &p->added, &p->changes);
}

static enum rc remember_none(struct db *db, void *arg) {
    const struct placing *p = arg;
    return legacy_put(db, STR_NONE, LEGACY_ITEM, p->c.item_id, p->id);
}

static enum rc erase(struct db *db, void *arg) {
    struct placing *p = arg;
    const struct audit_who who = {1, STR("Ana")};
    return comment_delete(p->s->arena, db, &who, p->id, &p->changes);
}

static size_t count(struct station *s, int64_t number, struct comment **rows) {
    struct comments_part part;
    assert_int_equal(comment_part(s->arena, s->reader, number, true, 1, 100, &part), RC_OK);
    assert_int_equal(part.count, part.all);
    *rows = part.rows;
    return part.all;
}

static void test_once_and_never_again(void **state) {
    struct station *s = *state;
    struct article art = {.lang = LANG_EN,
                          .section_id = newsroom_section(s, LANG_EN).id,
                          .headline = STR("A fair"),
                          .body = html_from_paragraphs(s->arena, STR("Words.")),
                          .state = ARTICLE_PUBLISHED,
                          .published_at = NOW};
    struct job j = {.s = s, .art = &art};
    struct comment *rows;
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(newsroom_write(&j, remember), RC_OK);
    struct placing p = {
        .s = s, .c = {.item_id = 4711, .written_at = NOW, .name = STR("Ani"), .body = STR("Good."), .published = true}};
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    assert_true(p.added && p.changes.count == 1);
    p.c.old_id = 7; // the same from an export that knows its number, some seconds on
    p.c.written_at = NOW + 1000000;
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    assert_true(!p.added && count(s, art.number, &rows) == 1);
    p.c.old_id = 8;
    p.c.body = STR("Another.");
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    p.c.old_id = 9; // two that are alike, but two
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    assert_true(p.added && count(s, art.number, &rows) == 3);
    for (size_t i = 0; i < 3; i++) {
        p.id = rows[i].id;
        assert_int_equal(store_write(s->store, STORE_DURABLE, erase, &p), RC_OK);
    }
    for (int id = 8; id <= 9; id++) {
        p.c.old_id = id;
        assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
        assert_false(p.added);
    }
    p.c.old_id = 0; // a page that does not say the number
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    assert_false(p.added);
    p.c = (struct imported_comment){.item_id = 4711, .written_at = NOW, .name = STR("Ani"), .body = STR("Good.")};
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    assert_true(!p.added && count(s, art.number, &rows) == 0);
    p.c.item_id = 4712; // leads to an article that is not there
    p.id = 99;
    assert_int_equal(store_write(s->store, STORE_DURABLE, remember_none, &p), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_NOT_FOUND);
    struct article_where where;
    assert_int_equal(article_where(s->reader, art.number, &where), RC_OK);
    assert_true(where.lang == LANG_EN && where.section_id == art.section_id);
    assert_int_equal(article_where(s->reader, 99, &where), RC_NOT_FOUND);
    p.c.item_id = 4713;
    assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_NOT_FOUND);
}

static size_t part_of(struct station *s, int64_t number, size_t part, size_t most, size_t *parts_out) {
    struct comments_part out;
    assert_int_equal(comment_part(s->arena, s->reader, number, true, part, most, &out), RC_OK);
    assert_int_equal(out.all, 20);
    *parts_out = out.parts;
    return out.count;
}

// What an archive full of advertisements holds is more than a page can carry, and more than a request may take.
static void test_a_part_carries_what_a_page_can(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_EN, "A fair", NOW);
    struct job j = {.s = s, .art = &art};
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(newsroom_write(&j, remember), RC_OK);
    struct placing p = {.s = s, .c = {.item_id = 4711, .name = STR("Spam"), .published = true}};
    char *words = memset(mem_new(COMMENT_CHARS_MAX), 'x', COMMENT_CHARS_MAX);
    p.c.body = (struct str){words, COMMENT_CHARS_MAX};
    for (int i = 1; i <= 20; i++) {
        p.c.old_id = i;
        p.c.written_at = NOW + i;
        assert_int_equal(store_write(s->store, STORE_DURABLE, place, &p), RC_OK);
    }
    size_t parts, fit = COMMENTS_PART_BYTES / COMMENT_CHARS_MAX;
    assert_true(fit < 20);
    assert_int_equal(part_of(s, art.number, 1, 100, &parts), fit);
    assert_int_equal(parts, (20 + fit - 1) / fit);
    assert_int_equal(part_of(s, art.number, parts, 100, &parts), 20 - (parts - 1) * fit);
    assert_int_equal(part_of(s, art.number, parts + 1, 100, &parts), 0);
    assert_int_equal(part_of(s, art.number, 3, 7, &parts), 6);
    assert_int_equal(parts, 3);
    mem_free(words);
}

struct told {
    struct station *s;
    struct str lines;
    size_t bytes;
};

static void tell_left_out(void *arg, unsigned line, enum import_fault why) {
    struct told *t = arg;
    t->lines = str_fmt(t->s->arena, "%.*s%u:%d ", STR_ARG(t->lines), line, (int)why);
}

static void tell_progress(void *arg, size_t bytes) {
    struct told *t = arg;
    assert_true(bytes > t->bytes);
    t->bytes = bytes;
}

// More than go in at once, some of them bad; somebody at the desk is named for it, before the first and after the last.
static void test_a_whole_export(void **state) {
    struct station *s = *state;
    struct article art = newsroom_article(s, LANG_EN, "A fair", NOW);
    struct job j = {.s = s, .art = &art};
    struct buf b;
    struct audit_entry *entries;
    size_t n;
    bool more;
    assert_int_equal(newsroom_write(&j, job_save), RC_OK);
    assert_int_equal(newsroom_write(&j, remember), RC_OK);
    buf_init(&b, 1 << 20);
    buf_c(&b, HEAD);
    for (int i = 1; i <= 250; i++)
        buf_str(&b, str_fmt(s->arena, "%d,%d,Ani,%s,Words %d.,,1\n", i, i == 7 ? 12 : 4711,
                            i == 130 ? "some day" : "2019-05-02 10:15:00", i));
    const struct import_hand hand = {.who = {1, STR("Ana")}};
    struct told told = {.s = s, .lines = STR("")};
    const struct import_comments_order order = {
        .name = STR("comments.csv"), .hand = &hand, .left_out = tell_left_out, .progress = tell_progress, .arg = &told};
    struct import_comments_done done;
    struct arena *a = arena_new((size_t)64 << 20);
    assert_int_equal(import_comments_bring(a, s->store, buf_view(&b), &order, &done), RC_OK);
    assert_true(done.read == 250 && done.added == 248 && done.known == 0 && done.left_out == 2);
    struct str want = str_fmt(s->arena, "8:%d 131:%d ", IMPORT_NO_ARTICLE, IMPORT_BAD_DATE);
    assert_true(str_eq(told.lines, want) && told.bytes == buf_view(&b).n);
    const struct audit_query q = {.kind = STR("comment"), .limit = 9};
    assert_int_equal(audit_list(s->arena, s->reader, &q, &entries, &n, &more), RC_OK);
    assert_int_equal(n, 2);
    told.bytes = 0;
    assert_true(str_eq(entries[1].verb, STR("import")) && str_eq(entries[1].after, STR("comments.csv")));
    assert_true(str_eq(entries[0].after, STR("comments.csv\n250 read, 248 added, 0 known, 2 left out")));
    assert_int_equal(import_comments_bring(a, s->store, buf_view(&b), &order, &done), RC_OK);
    assert_true(done.added == 0 && done.known == 248);
    told.bytes = 0;
    assert_int_equal(import_comments_bring(a, s->store, STR("a,b\n1,2\n"), &order, &done), RC_INVALID);
    assert_true(done.fault == IMPORT_NO_COLUMNS && done.read == 0);
    arena_free(&a);
    buf_fini(&b);
}

int main(void) {
    text_start();
    const struct CMUnitTest tests[] = {NEWSROOM_TEST(test_rows), NEWSROOM_TEST(test_once_and_never_again),
                                       NEWSROOM_TEST(test_a_whole_export),
                                       NEWSROOM_TEST(test_a_part_carries_what_a_page_can)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
