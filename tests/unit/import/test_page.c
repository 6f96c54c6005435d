// SPDX-License-Identifier: AGPL-3.0-or-later
// Saved pages of the old site: what is read off them, what is refused, and that a second import adds nothing.
#include <fcntl.h>
#include <unistd.h>

#include "../news/newsroom.h"

#include "import/import.h"

static const char *root = ".";

static struct str page_file(struct station *s, const char *name) {
    struct buf b;
    buf_init(&b, IMPORT_PAGE_MAX);
    struct str path = str_fmt(s->arena, "%s/tests/data/pages/%s", root, name);
    assert_int_equal(file_read(str_c(s->arena, path), &b, NULL), RC_OK);
    struct str bytes = str_fmt(s->arena, "%.*s", STR_ARG(buf_view(&b)));
    buf_fini(&b);
    return bytes;
}

static enum rc read_page(struct station *s, struct str bytes, struct imported_page *out, struct problem *p) {
    struct import_page_setup setup = {.lang = LANG_EN, .zone = s->zone};
    *p = (struct problem){0};
    return import_page(s->arena, bytes, &setup, out, p);
}

#define SAME(got, want) assert_string_equal(str_c(s->arena, (got)), want)

static void test_a_whole_page(void **state) {
    struct station *s = *state;
    struct imported_page page;
    struct problem p;
    assert_int_equal(read_page(s, page_file(s, "full.html"), &page, &p), RC_OK);
    assert_true(page.from_html);
    assert_int_equal(page.old_id, 4711);
    SAME(page.headline, "A harbour opens in Ambon");
    SAME(page.byline, "Ani Sari");
    assert_int_equal(page.author_id, 62);
    assert_int_equal(page.published_at, text_civil_to_us(s->zone, (struct text_civil){2022, 9, 5, 13, 39, 0}));
    assert_true(page.modified_at > page.published_at);
    assert_int_equal(page.votes, 3);
    assert_int_equal(page.votes_sum, 11);
    assert_true(page.votes_estimated);
    SAME(page.image_file_name, "abc_L.jpg");
    SAME(page.image_alt, "Ships at the pier");
    SAME(page.image_caption, "The new pier");
    SAME(page.image_credit, "Port office");
    SAME(page.agency, "Reuters");
    assert_int_equal(page.reads, 1213);
    SAME(page.category, "World");
    assert_int_equal(page.category_id, 14);
    assert_int_equal(page.tag_count, 2);
    assert_int_equal(page.download_count, 2);
    assert_int_equal(page.downloads[0], 12);
    assert_int_equal(page.downloads[1], 13);
    size_t at;
    static const struct str hostile[] = {STR("script"), STR("onclick"), STR("javascript"), STR("Reuters")};
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        assert_false(str_find(page.body.s, hostile[i], &at));
    assert_true(str_find(page.body.s, STR("More will follow."), &at));
}

static void test_what_readers_wrote(void **state) {
    struct station *s = *state;
    struct imported_page page;
    struct problem p;
    assert_int_equal(read_page(s, page_file(s, "readers.html"), &page, &p), RC_OK);
    static const struct {
        const char *label;
        enum extra_kind kind;
        const char *value;
    } fields[] = {{"Venue", EXTRA_LINE, "The old harbour & pier"},
                  {"How to get there", EXTRA_TEXT, "Bus 7\nor on foot"},
                  {"Programme", EXTRA_LINK, "https://fair.example/programme All days"},
                  {"Trap", EXTRA_LINE, "Click"},
                  {"Map", EXTRA_LINK, "/media/k2/map.png Map of the pier"}};
    assert_int_equal(page.field_count, sizeof fields / sizeof fields[0]);
    for (size_t i = 0; i < page.field_count; i++) {
        SAME(page.fields[i].label, fields[i].label);
        SAME(page.fields[i].value, fields[i].value);
        assert_int_equal(page.fields[i].kind, fields[i].kind);
    }
    assert_int_equal(page.comment_count, 3);
    SAME(page.comments[0].name, "Ani <Sari>");
    SAME(page.comments[0].body, "I was there.\nIt rained & shone.");
    assert_int_equal(page.comments[0].old_id, 71);
    assert_int_equal(page.comments[0].written_at, text_civil_to_us(s->zone, (struct text_civil){2022, 9, 6, 8, 10, 0}));
    SAME(page.comments[1].name, "Budi");
    assert_true(page.comments[1].published && !page.comments[2].published);
    assert_int_equal(page.comments[2].written_at, page.published_at); // its own cannot be read
}

// As long as they are, pages take memory in proportion: a paragraph that ends without its tag, or a tag left open that the
// parser repeats in each comment, does not tell the rest of the page again.
static void test_thousands_of_pieces(void **state) {
    struct station *s = *state;
    static const struct {
        const char *before, *piece, *after, *body;
        size_t times, comments;
    } rows[] = {
        {"<li>", "<p>x</p>", "</li>", "x\nx\nx", 6000, 1},
        {"<li>", "<p>x", "</li>", "x\nx\nx", 6000, 1},
        {"<li>", "</p>", "</li><li><p>y</p></li>", "y", 6000, 1},
        {"<li><b class=\"commentBody\">x</li>", "<li>y</li>", "", "x", 6000, 1},
        {"<li><b class=\"commentBody\">x<p></b></li>", "<li>y</li>", "", "x", 6000, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        struct imported_page page;
        struct problem p;
        buf_init(&b, IMPORT_PAGE_MAX);
        buf_c(&b, "<!doctype html><span class=\"itemDateCreated\">Monday, 05 September 2022 13:39</span><h2 "
                  "class=\"itemTitle\">A fair</h2><div class=\"itemFullText\"><p>Words.</p></div><ul "
                  "class=\"itemCommentsList\">");
        buf_c(&b, rows[i].before);
        for (size_t k = 0; k < rows[i].times; k++)
            buf_c(&b, rows[i].piece);
        buf_c(&b, rows[i].after);
        buf_c(&b, "</ul>");
        assert_int_equal(read_page(s, buf_view(&b), &page, &p), RC_OK);
        if (page.comment_count != rows[i].comments)
            fail_msg("row %zu: %zu comments", i, page.comment_count);
        if (page.comment_count > 0 && !str_starts(page.comments[0].body, str_from(rows[i].body)))
            fail_msg("row %zu: %.*s", i, STR_ARG(page.comments[0].body));
        buf_fini(&b);
    }
}

static void test_a_bare_page(void **state) {
    struct station *s = *state;
    struct imported_page page;
    struct problem p;
    assert_int_equal(read_page(s, page_file(s, "bare.html"), &page, &p), RC_OK);
    assert_int_equal(page.old_id, 0);
    assert_int_equal(page.byline.n + page.agency.n + page.image_file_name.n, 0);
    assert_int_equal(page.votes, 0);
    assert_int_equal(page.tag_count, 0);
}

static void test_a_text(void **state) {
    struct station *s = *state;
    struct imported_page page;
    struct problem p;
    assert_int_equal(read_page(s, page_file(s, "scrape.txt"), &page, &p), RC_OK);
    assert_false(page.from_html);
    SAME(page.headline, "Rain comes early to the islands");
    SAME(page.byline, "Budi Hartono");
    SAME(page.image_file_name, "rain-clouds.jpg");
    SAME(page.agency, "ANTARA");
    assert_int_equal(page.reads, 213);
    SAME(page.body.s, "<p>The first rain fell on Sunday.</p>\n<p>Farmers had waited for it.</p>\n");
}

static void test_credits(void **state) {
    struct station *s = *state;
    static const struct {
        const char *end;
        struct str agency;
    } rows[] = {{"The end. (Reuters)", STR("Reuters")},
                {"The end (ANTARA).", STR("ANTARA")},
                {"The end. (Antara/VOI/Mai)", STR("Antara/VOI/Mai")},
                {"The end.\n\nVOI/Ndy/Ik", STR("VOI/Ndy/Ik")},
                {"The end. //. Ant", STR("Ant")},
                {"The end.//Ant", STR("Ant")},
                {"The end.\n\nRRI.co.id", STR("RRI.co.id")},
                {"The end (as he said).", STR("")},
                {"The end, and/or not.", STR("")},
                {"The end.", STR("")}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct imported_page page;
        struct problem p;
        struct str text = str_fmt(s->arena,
                                  "Monday, 05 September 2022 13:39\nHeadline\nRate this item\n(0 votes)\n\n"
                                  "It began.\n\n%s\n\nRead 1 times\n",
                                  rows[i].end);
        size_t at = 0;
        if (read_page(s, text, &page, &p) != RC_OK || !str_eq(page.agency, rows[i].agency) ||
            !str_find(page.body.s, STR("The end"), &at) || !str_find(page.body.s, STR("It began."), &at))
            fail_msg("%s: \"%.*s\", %.*s", rows[i].end, STR_ARG(page.agency), STR_ARG(page.body.s));
    }
}

static void test_no_pages(void **state) {
    struct station *s = *state;
    static const char *const names[] = {"no-date.html", "no-text.html", "no-anchor.txt"};
    struct imported_page page;
    struct problem p;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (read_page(s, page_file(s, names[i]), &page, &p) != RC_INVALID || p.text[0] == '\0')
            fail_msg("%s was taken, or refused without a word", names[i]);
    static const struct str bytes[] = {STR(""), STR(" \n "), STR("\xff\xfe"), STR("a\0b")};
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++)
        assert_int_equal(read_page(s, bytes[i], &page, &p), RC_INVALID);
    struct str big = {arena_take(s->arena, IMPORT_PAGE_MAX + 1), IMPORT_PAGE_MAX + 1};
    assert_int_equal(read_page(s, big, &page, &p), RC_TOO_BIG);
}

struct storing {
    struct station *s;
    struct imported_page page;
    struct import_page_target target;
    const struct import_hand *hand;
    struct import_page_done done;
    struct news_changes changes;
    struct problem problem; // of the reading
};

static enum rc job_store(struct db *db, void *arg) {
    struct storing *t = arg;
    t->changes = (struct news_changes){0};
    return import_page_store(t->s->arena, db, &t->page, &t->target, t->hand, &t->done, &t->changes);
}

static void test_stored_once(void **state) {
    struct station *s = *state;
    static const char *const names[] = {"full.html", "scrape.txt"};
    for (int64_t i = 0; i < 2; i++) {
        struct storing t = {.s = s, .target = {.lang = LANG_EN}};
        assert_int_equal(read_page(s, page_file(s, names[i]), &t.page, &t.problem), RC_OK);
        assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
        assert_true(t.done.added);
        assert_int_equal(t.done.number, i + 1);
        assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
        assert_false(t.done.added);
        assert_int_equal(t.done.number, i + 1);
        assert_int_equal(t.changes.count, 0);
    }
    int64_t number = 0;
    assert_int_equal(legacy_get(s->reader, STR(""), LEGACY_ITEM, 4711, &number), RC_OK);
    assert_int_equal(number, 1);
    assert_int_equal(legacy_get(s->reader, STR(""), LEGACY_DOWNLOAD, 13, &number), RC_OK);
    assert_int_equal(number, 1);
    struct storing t = {.s = s, .target = {.lang = LANG_EN, .section = STR("nowhere")}};
    assert_int_equal(read_page(s, page_file(s, "bare.html"), &t.page, &t.problem), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_INVALID);
    assert_true(t.done.problem.text[0] != '\0');
    struct article art;
    assert_int_equal(article_load(s->arena, s->reader, 3, &art), RC_NOT_FOUND);
}

static bool section_is(void *arg, enum text_lang lang, int64_t section_id) {
    (void)lang;
    return *(const int64_t *)arg == section_id;
}

static size_t audited(struct station *s, const char *kind, struct audit_entry **out) {
    size_t n;
    bool more;
    struct audit_query q = {.kind = str_from(kind), .limit = 50};
    assert_int_equal(audit_list(s->arena, s->reader, &q, out, &n, &more), RC_OK);
    return n;
}

// Somebody who may not define fields is told which is missing; who may, is named for what came of it.
static void test_a_hand_that_may_define_and_one_that_may_not(void **state) {
    struct station *s = *state;
    int64_t section = newsroom_section(s, LANG_EN).id;
    struct import_hand hand = {.who = {1, STR("Ed")}, .may_add = section_is, .arg = &section};
    struct storing t = {
        .s = s, .target = {.lang = LANG_EN, .section = newsroom_section(s, LANG_EN).slug}, .hand = &hand};
    struct audit_entry *entries;
    struct article art;
    assert_int_equal(read_page(s, page_file(s, "readers.html"), &t.page, &t.problem), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_DENIED);
    assert_non_null(strstr(t.done.problem.text, "\"Venue\" is not defined yet"));
    assert_int_equal(article_load(s->arena, s->reader, 1, &art), RC_NOT_FOUND);
    assert_int_equal(audited(s, "field", &entries), 0);
    hand.may_define = true;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    assert_true(t.done.added && t.done.comments_added == t.page.comment_count);
    assert_int_equal(audited(s, "field", &entries), t.page.field_count);
    SAME(entries[0].verb, "begin");
    assert_int_equal(audited(s, "article", &entries), 1);
    SAME(entries[0].who.name, "Ed");
    hand.may_define = false; // there they are: whoever may publish there brings in the next
    t.page.old_id++;
    t.page.headline = STR("Another");
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    t.target.lang = LANG_DE;
    t.target.section = newsroom_section(s, LANG_DE).slug;
    t.page.old_id++;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_DENIED);
    assert_non_null(strstr(t.done.problem.text, "not given to this section yet"));
}

// A page that is known adds its comments only for somebody to whom the article's section belongs, who is named for it.
static void test_a_known_page_of_another_section(void **state) {
    struct station *s = *state;
    int64_t section = newsroom_section(s, LANG_EN).id, none = 0;
    struct import_hand hand = {.who = {1, STR("Ed")}, .may_add = section_is, .may_define = true, .arg = &none};
    struct storing t = {.s = s, .target = {.lang = LANG_EN, .section = newsroom_section(s, LANG_EN).slug}};
    struct audit_entry *entries;
    int64_t count;
    assert_int_equal(read_page(s, page_file(s, "readers.html"), &t.page, &t.problem), RC_OK);
    size_t comments = t.page.comment_count;
    t.page.comment_count = 0;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    assert_int_equal(audited(s, "article", &entries), 0); // the command line
    t.page.comment_count = comments;
    t.hand = &hand;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_DENIED);
    assert_non_null(strstr(t.done.problem.text, "not yours"));
    assert_int_equal(comment_count(s->reader, 1, &count), RC_OK);
    assert_true(count == 0 && audited(s, "article", &entries) == 0);
    hand.arg = &section;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    assert_true(!t.done.added && t.done.comments_added == comments && t.done.number == 1);
    assert_int_equal(audited(s, "article", &entries), 1);
    assert_true(entries[0].id == 1 && str_starts(entries[0].after, STR("+ comments:")));
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    assert_true(t.done.comments_added == 0 && audited(s, "article", &entries) == 1);
}

// What another article has, a page that says it had the same address does not get.
static void test_addresses_are_not_taken(void **state) {
    struct station *s = *state;
    struct storing t = {.s = s, .target = {.lang = LANG_EN}};
    int64_t number = 0, path = legacy_path_key(s->arena, STR("/news/port-reopens"));
    assert_int_equal(read_page(s, page_file(s, "full.html"), &t.page, &t.problem), RC_OK);
    t.page.old_path = STR("/news/port-reopens");
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    t.page.old_id = 9999;
    t.page.headline = STR("Another harbour");
    t.page.downloads[1] = 14;
    assert_int_equal(store_write(s->store, STORE_DURABLE, job_store, &t), RC_OK);
    assert_true(t.done.added && t.done.number == 2);
    assert_int_equal(legacy_get(s->reader, STR(""), LEGACY_PATH, path, &number), RC_OK);
    assert_int_equal(number, 1);
    assert_int_equal(legacy_get(s->reader, STR(""), LEGACY_DOWNLOAD, 12, &number), RC_OK);
    assert_int_equal(number, 1);
    assert_int_equal(legacy_get(s->reader, STR(""), LEGACY_DOWNLOAD, 14, &number), RC_OK);
    assert_int_equal(number, 2);
}

// ---- packed ----------------------------------------------------------------------------------------------------------

struct unpacked {
    size_t count;
    char names[400];
};

static void note_page(void *arg, struct str name, struct str bytes) {
    struct unpacked *u = arg;
    size_t n = strlen(u->names);
    (void)snprintf(u->names + n, sizeof u->names - n, "%.*s:%zu ", STR_ARG(name), bytes.n);
    u->count++;
}

// What stands in it, what is passed over, and what is refused as a whole.
static void test_packed_pages(void **state) {
    static const struct {
        const char *file, *names, *problem; // problem NULL: none
        size_t most, skipped;
    } rows[] = {
        {"deflated.zip", "1.txt:37 b.html:37 c.HTM:37 ", NULL, 10, 2},
        {"stored.zip", "1.txt:37 b.html:37 c.HTM:37 ", NULL, 10, 2},
        {"plain.tar", "1.txt:37 b.html:37 ", NULL, 10, 1},
        {"links.tar", "", NULL, 10, 0},
        {"many.zip", "0.txt:37 1.txt:37 ", "More than 2 pages at a time", 2, 0},
        {"half.zip", "", "The packed file is damaged", 10, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[512];
        struct unpacked u = {0};
        struct problem p = {""};
        size_t skipped;
        (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/bundle/%s", root, rows[i].file);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        enum rc rc = import_bundle_walk(fd, rows[i].most, note_page, &u, &skipped, &p);
        close(fd);
        assert_int_equal(rc == RC_OK, rows[i].problem == NULL);
        assert_string_equal(u.names, rows[i].names);
        assert_int_equal(skipped, rows[i].skipped);
        if (rows[i].problem != NULL && strncmp(p.text, rows[i].problem, strlen(rows[i].problem)) != 0)
            fail_msg("%s: %s", rows[i].file, p.text);
    }
}

int main(int argc, char **argv) {
    root = argc > 1 ? argv[1] : root;
    station_main_start();
    const struct CMUnitTest tests[] = {NEWSROOM_TEST(test_a_whole_page),
                                       NEWSROOM_TEST(test_what_readers_wrote),
                                       NEWSROOM_TEST(test_thousands_of_pieces),
                                       NEWSROOM_TEST(test_a_bare_page),
                                       NEWSROOM_TEST(test_a_text),
                                       NEWSROOM_TEST(test_credits),
                                       NEWSROOM_TEST(test_no_pages),
                                       NEWSROOM_TEST(test_stored_once),
                                       NEWSROOM_TEST(test_a_hand_that_may_define_and_one_that_may_not),
                                       NEWSROOM_TEST(test_a_known_page_of_another_section),
                                       NEWSROOM_TEST(test_addresses_are_not_taken),
                                       cmocka_unit_test(test_packed_pages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
