// SPDX-License-Identifier: AGPL-3.0-or-later
// The audit log: what was added comes back by every filter; the chain is made as the header says; the journal follows
// each commit, survives a crash in a line, and contradicts whoever rewrites the table.
#include "station.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "record/audit.h"

static enum rc add(struct db *db, void *arg) {
    return audit_add(db, arg);
}

static void put(struct station *s, int64_t account, const char *verb, const char *kind, int64_t id) {
    struct audit_entry e = {.who = {account, STR("Siti")},
                            .verb = str_from(verb),
                            .kind = str_from(kind),
                            .id = id,
                            .before = STR("old"),
                            .after = STR("new")};
    assert_int_equal(store_write(s->store, STORE_DURABLE, add, &e), RC_OK);
}

static enum rc add_and_fail(struct db *db, void *arg) {
    assert_int_equal(audit_add(db, arg), RC_OK);
    return RC_DENIED;
}

static const char *numbers(struct station *s, struct audit_query q, bool *more) {
    struct audit_entry *rows;
    size_t count;
    struct buf b;
    buf_init(&b, 10000);
    assert_int_equal(audit_list(s->arena, s->reader, &q, &rows, &count, more), RC_OK);
    for (size_t i = 0; i < count; i++)
        buf_fmt(&b, "%lld ", (long long)rows[i].number);
    const char *text = str_c(s->arena, buf_view(&b));
    buf_fini(&b);
    return text;
}

static void what_was_added_comes_back_by_every_filter(void **state) {
    struct station *s = *state;
    bool more;
    put(s, 1, "add", "article", 10);
    put(s, 2, "publish", "article", 10);
    put(s, 1, "add", "account", 10);
    put(s, 0, "publish", "article", 11);
    put(s, 1, "withdraw", "article", 10);
    assert_string_equal(numbers(s, (struct audit_query){0}, &more), "5 4 3 2 1 ");
    assert_false(more);
    assert_string_equal(numbers(s, (struct audit_query){.limit = 2}, &more), "5 4 ");
    assert_true(more);
    assert_string_equal(numbers(s, (struct audit_query){.limit = 2, .before_number = 4}, &more), "3 2 ");
    assert_string_equal(numbers(s, (struct audit_query){.limit = 2, .before_number = 2}, &more), "1 ");
    assert_false(more);
    assert_string_equal(numbers(s, (struct audit_query){.account_id = 1}, &more), "5 3 1 ");
    assert_string_equal(numbers(s, (struct audit_query){.kind = STR("account")}, &more), "3 ");
    assert_string_equal(numbers(s, (struct audit_query){.kind = STR("article"), .id = 10}, &more), "5 2 1 ");
    assert_string_equal(numbers(s, (struct audit_query){.kind = STR("article"), .id = 10, .account_id = 2}, &more),
                        "2 ");
    assert_string_equal(numbers(s, (struct audit_query){.kind = STR("article"), .account_id = 1}, &more), "5 1 ");

    struct audit_entry *rows;
    size_t count;
    assert_int_equal(audit_list(s->arena, s->reader, &(struct audit_query){0}, &rows, &count, &more), RC_OK);
    assert_str(rows[0].verb, "withdraw");
    assert_str(rows[0].kind, "article");
    assert_str(rows[0].who.name, "Siti");
    assert_str(rows[0].before, "old");
    assert_str(rows[0].after, "new");
    assert_int_equal(rows[0].who.account_id, 1);
    int64_t third = rows[2].at_us;
    assert_string_equal(numbers(s, (struct audit_query){.from_us = third}, &more), "5 4 3 ");
    assert_string_equal(numbers(s, (struct audit_query){.to_us = third}, &more), "2 1 ");
    assert_string_equal(numbers(s, (struct audit_query){.from_us = INT64_MAX - 1}, &more), "");
}

static void long_texts_are_cut_at_a_character(void **state) {
    struct station *s = *state;
    struct buf b;
    buf_init(&b, 10000);
    for (int i = 0; i < 3000; i++)
        buf_c(&b, "\xc3\xa9");
    struct audit_entry e = {
        .who = {1, buf_view(&b)}, .verb = STR("v"), .kind = STR("k"), .before = buf_view(&b), .after = STR("")};
    assert_int_equal(store_write(s->store, STORE_DURABLE, add, &e), RC_OK);
    struct audit_entry *rows;
    size_t count;
    bool more;
    assert_int_equal(audit_list(s->arena, s->reader, &(struct audit_query){0}, &rows, &count, &more), RC_OK);
    assert_int_equal(rows[0].before.n, 3996 + 3);
    assert_true(str_ends(rows[0].before, STR("\xc3\xa9\xe2\x80\xa6")));
    assert_int_equal(rows[0].who.name.n, AUDIT_NAME_MAX);
    buf_fini(&b);
}

static void the_chain_is_made_of_the_bytes_the_source_says(void **state) {
    (void)state;
    // By hand: 32 zeros, the mark, four numbers of 8 bytes, five texts with 4 bytes of length.
    static const char bytes[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                "siaran-audit 1"
                                "\0\0\0\0\0\0\0\1"
                                "\0\0\0\0\0\0\1\2"
                                "\0\0\0\0\0\0\0\7"
                                "\0\0\0\0\0\0\0\x9"
                                "\0\0\0\1W"
                                "\0\0\0\2VV"
                                "\0\0\0\1K"
                                "\0\0\0\0"
                                "\0\0\0\3aft";
    struct audit_entry e = {.number = 1,
                            .at_us = 258,
                            .who = {7, STR("W")},
                            .verb = STR("VV"),
                            .kind = STR("K"),
                            .id = 9,
                            .after = STR("aft")};
    struct digest expected, got;
    hash_sha256(bytes, sizeof bytes - 1, &expected);
    audit_hash(&(struct digest){{0}}, &e, &got);
    assert_memory_equal(expected.bytes, got.bytes, sizeof got.bytes);
}

static void heads_as_text(void **state) {
    struct station *s = *state;
    char head[AUDIT_HEAD_CHARS];
    assert_int_equal(audit_head(s->reader, head), RC_OK);
    assert_string_equal(head, "0 0000000000000000000000000000000000000000000000000000000000000000");
    static const char *const bad[] = {"",
                                      "1",
                                      "1 00",
                                      "-1 0000000000000000000000000000000000000000000000000000000000000000",
                                      "x 0000000000000000000000000000000000000000000000000000000000000000",
                                      "1 000000000000000000000000000000000000000000000000000000000000000g",
                                      "1  000000000000000000000000000000000000000000000000000000000000000"};
    assert_true(audit_head_valid(str_from(head)));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (audit_head_valid(str_from(bad[i])))
            fail_msg("%s", bad[i]);
}

// ---- the journal -----------------------------------------------------------------------------------------------------

static struct str journal(struct station *s) {
    struct buf b;
    buf_init(&b, 1 << 16);
    struct str text = STR("");
    if (file_read(scratch_path(&s->scratch, AUDIT_JOURNAL_PATH), &b, NULL) == RC_OK)
        text = str_dup(s->arena, buf_view(&b));
    buf_fini(&b);
    return text;
}

static int lines(struct str text) {
    int count = 0;
    for (size_t i = 0; i < text.n; i++)
        count += text.p[i] == '\n';
    return count;
}

static char told[2000];

static void keep(void *arg, const char *check, struct str text) {
    (void)arg;
    assert_string_equal(check, "audit-chain");
    size_t n = strlen(told);
    assert_true(snprintf(told + n, sizeof told - n, "%.*s\n", STR_ARG(text)) > 0);
}

static const char *verify(struct station *s) {
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = keep};
    told[0] = '\0';
    assert_int_equal(audit_check(&v), RC_OK);
    return told;
}

static struct audit_journal *open_journal(struct station *s) {
    struct audit_journal *j = NULL;
    struct problem p = {""};
    if (audit_journal_open(s->scratch.dir, s->store, &j, &p) != RC_OK)
        fail_msg("%s", p.text);
    return j;
}

static void the_journal_has_each_head_before_the_write_returns(void **state) {
    struct station *s = *state;
    char head[AUDIT_HEAD_CHARS];
    struct audit_journal *j = open_journal(s);
    assert_int_equal(journal(s).n, 0);
    for (int i = 1; i <= 5; i++) {
        put(s, i, "add", "article", i);
        assert_int_equal(lines(journal(s)), i);
        assert_int_equal(audit_head(s->reader, head), RC_OK);
        assert_true(str_ends(journal(s), str_fmt(s->arena, "%s\n", head)));
    }
    struct audit_entry e = {.who = {1, STR("x")}, .verb = STR("v"), .kind = STR("k")};
    assert_int_equal(store_write(s->store, STORE_DURABLE, add_and_fail, &e), RC_DENIED);
    assert_int_equal(lines(journal(s)), 5);
    assert_string_equal(verify(s), "");
    audit_journal_close(&j);
    put(s, 1, "add", "article", 6);
    assert_int_equal(lines(journal(s)), 5);
    assert_string_equal(verify(s), ""); // behind is allowed: a crash between the two
    j = open_journal(s);
    assert_int_equal(lines(journal(s)), 6);
    audit_journal_close(&j);
    struct stat st;
    assert_int_equal(stat(scratch_path(&s->scratch, AUDIT_JOURNAL_PATH), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_line_that_a_crash_cut_off_is_mended(void **state) {
    struct station *s = *state;
    struct audit_journal *j = open_journal(s);
    put(s, 1, "add", "article", 1);
    put(s, 1, "add", "article", 2);
    audit_journal_close(&j);
    struct str whole = journal(s);
    for (size_t cut = 0; cut < whole.n; cut++) {
        assert_int_equal(
            file_write(scratch_path(&s->scratch, AUDIT_JOURNAL_PATH), str_slice(whole, 0, cut), 0600, NULL), RC_OK);
        if (cut > 0)
            assert_string_equal(verify(s), "");
        j = open_journal(s);
        audit_journal_close(&j);
        // What the cut took is one head or two; the newest is there again, and each line is whole.
        assert_true(str_ends(whole, journal(s)) && str_starts(journal(s), cut < whole.n / 2 ? STR("2 ") : STR("1 ")));
        assert_string_equal(verify(s), "");
    }
}

static const char *sql;

static enum rc run_sql(struct db *db, void *arg) {
    (void)arg;
    return sqlite3_exec(db_engine(db), sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : RC_IO;
}

static void change(struct station *s, const char *text) {
    sql = text;
    assert_int_equal(store_write(s->store, STORE_DURABLE, run_sql, NULL), RC_OK);
}

// Makes the hashes of the whole table anew, as somebody would who has the database and the source.
static enum rc rehash(struct db *db, void *arg) {
    struct digest hash = {{0}};
    (void)arg;
    for (int64_t n = 1; n <= 3; n++) {
        struct db_stmt *st = db_sql(db, "SELECT number, at, account_id, who, verb, kind, thing_id, before, after "
                                        "FROM audit WHERE number = $1");
        db_bind_i64(st, 1, n);
        assert_true(db_step(st));
        struct audit_entry e = audit_row(st);
        audit_hash(&hash, &e, &hash);
        assert_int_equal(db_end(st), RC_OK);
        st = db_sql(db, "UPDATE audit SET hash = $2 WHERE number = $1");
        db_bind_i64(st, 1, n);
        db_bind_blob(st, 2, hash.bytes, sizeof hash.bytes);
        assert_int_equal(db_run(st), RC_OK);
    }
    return RC_OK;
}

static void rewriting_cutting_and_slipping_in_are_found(void **state) {
    struct station *s = *state;
    static const struct {
        const char *sql, *told;
        bool rehash;
    } rows[] = {
        {"UPDATE audit SET after = 'other' WHERE number = 2", "row 2 is not what its hash was made of\n", false},
        {"UPDATE audit SET at = at + 1 WHERE number = 1", "row 1 is not what its hash was made of\n", false},
        {"UPDATE audit SET account_id = 9 WHERE number = 3", "row 3 is not what its hash was made of\n", false},
        {"DELETE FROM audit WHERE number = 3", "the log ends at row 2, but journal/audit-heads knows row 3\n", false},
        {"DELETE FROM audit", "the log ends at row 0, but journal/audit-heads knows row 1\n", false},
        {"UPDATE audit SET after = 'other' WHERE number = 1",
         "row 1 has another hash than journal/audit-heads says\nrow 2 has another hash than journal/audit-heads says\n"
         "row 3 has another hash than journal/audit-heads says\n",
         true},
        {"UPDATE audit SET number = 4 WHERE number = 3",
         "row 4 follows row 2\nrow 4 is not what its hash was made of\n"
         "journal/audit-heads knows row 3, the log does not\n",
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct audit_journal *j = open_journal(s);
        for (int n = 1; n <= 3; n++)
            put(s, 1, "add", "article", n);
        audit_journal_close(&j);
        assert_string_equal(verify(s), "");
        change(s, rows[i].sql);
        if (rows[i].rehash)
            assert_int_equal(store_write(s->store, STORE_DURABLE, rehash, NULL), RC_OK);
        assert_string_equal(verify(s), rows[i].told);
        station_teardown(state);
        station_setup(state);
        s = *state;
    }
}

static void a_damaged_or_missing_journal_is_found(void **state) {
    struct station *s = *state;
    struct audit_journal *j = open_journal(s);
    put(s, 1, "add", "article", 1);
    put(s, 1, "add", "article", 2);
    audit_journal_close(&j);
    const char *path = str_fmt(s->arena, "%s", scratch_path(&s->scratch, AUDIT_JOURNAL_PATH)).p;
    struct str whole = journal(s);
    char *altered = str_c(s->arena, whole);
    altered[3] = altered[3] == '0' ? '1' : '0';
    assert_int_equal(file_write(path, str_from(altered), 0600, NULL), RC_OK);
    assert_string_equal(verify(s), "row 1 has another hash than journal/audit-heads says\n");
    altered[3] = 'x';
    assert_int_equal(file_write(path, str_from(altered), 0600, NULL), RC_OK);
    assert_string_equal(verify(s), "a line of journal/audit-heads is damaged, behind row 0\n");
    assert_int_equal(unlink(path), 0);
    assert_string_equal(verify(s), "journal/audit-heads is missing or empty\n");
}

static void a_restored_station_begins_with_the_head_of_its_backup(void **state) {
    struct station *s = *state;
    struct problem p = {""};
    char head[AUDIT_HEAD_CHARS];
    put(s, 1, "add", "article", 1);
    put(s, 1, "add", "article", 2);
    assert_int_equal(audit_head(s->reader, head), RC_OK);
    assert_int_equal(audit_journal_begin(s->scratch.dir, STR("2 abc"), &p), RC_INVALID);
    assert_int_equal(audit_journal_begin(s->scratch.dir, str_from(head), &p), RC_OK);
    assert_string_equal(verify(s), "");
    change(s, "UPDATE audit SET after = 'other' WHERE number = 1");
    assert_string_equal(verify(s), "row 1 is not what its hash was made of\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(what_was_added_comes_back_by_every_filter),
        STATION_TEST(long_texts_are_cut_at_a_character),
        cmocka_unit_test(the_chain_is_made_of_the_bytes_the_source_says),
        STATION_TEST(heads_as_text),
        STATION_TEST(the_journal_has_each_head_before_the_write_returns),
        STATION_TEST(a_line_that_a_crash_cut_off_is_mended),
        STATION_TEST(rewriting_cutting_and_slipping_in_are_found),
        STATION_TEST(a_damaged_or_missing_journal_is_found),
        STATION_TEST(a_restored_station_begins_with_the_head_of_its_backup),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
