// SPDX-License-Identifier: AGPL-3.0-or-later
// The media library: what is uploaded is on disk before its row, what is deleted is gone from disk too, and after a
// crash in between the next start leaves nothing that no row names.
#include "station.h"

#include <fcntl.h>
#include <sqlite3.h>

static struct media_shelf *shelf;
static struct problem problem;

static int setup(void **state) {
    station_setup(state);
    struct station *s = *state;
    assert_int_equal(media_shelf_open(s->scratch.dir, s->reader, &shelf, &problem), RC_OK);
    return 0;
}

static int teardown(void **state) {
    media_shelf_close(&shelf);
    return station_teardown(state);
}

// ---- an upload as the decoder would answer it ------------------------------------------------------------------------

// A PNG as far as its header goes; `salt` makes the bytes differ.
static void png_put(struct buf *b, int width, int height, char salt) {
    uint8_t p[34] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    p[18] = (uint8_t)(width >> 8);
    p[19] = (uint8_t)width;
    p[22] = (uint8_t)(height >> 8);
    p[23] = (uint8_t)height;
    p[24] = 8;
    p[25] = 2;
    p[33] = (uint8_t)salt;
    buf_add(b, p, sizeof p);
}

struct upload {
    int original, output;
    struct media_report report;
    struct media_files files;
};

static void fill(int fd, struct buf *b) {
    assert_int_equal(write(fd, b->p, b->n), (ssize_t)b->n);
    buf_fini(b);
}

// An original of 4000 x 3000 and sizes of 320 and 640.
static void upload_make(struct upload *u, char salt) {
    struct buf b;
    *u = (struct upload){.report = {.type = MEDIA_PNG, .width = 4000, .height = 3000, .frames = 1, .output_count = 2}};
    assert_int_equal(media_shelf_temp(shelf, &u->original), RC_OK);
    assert_int_equal(media_shelf_temp(shelf, &u->output), RC_OK);
    buf_init(&b, 1000);
    png_put(&b, 4000, 3000, salt);
    fill(u->original, &b);
    buf_init(&b, 1000);
    png_put(&b, 320, 240, salt);
    png_put(&b, 640, 480, salt);
    fill(u->output, &b);
    u->report.outputs[0] = (struct media_output){MEDIA_PNG, 320, 240, 0, 34};
    u->report.outputs[1] = (struct media_output){MEDIA_PNG, 640, 480, 34, 34};
}

static void upload_close(struct upload *u) {
    close(u->original);
    close(u->output);
}

struct adding {
    struct upload *u;
    struct media_about about;
    int64_t id, version;
    bool fail;
};

static enum rc add(struct db *db, void *arg) {
    struct adding *a = arg;
    struct audit_who who = {7, STR("Rini")};
    enum rc rc = media_add(db, &a->u->files, &a->u->report, &a->about, &who, &a->id, &problem);
    return a->fail && rc == RC_OK ? RC_CONFLICT : rc;
}

static int64_t upload_add(struct station *s, struct upload *u, const struct media_about *about) {
    struct adding a = {.u = u, .about = *about};
    assert_int_equal(media_shelf_put(shelf, u->original, u->output, &u->report, &u->files), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, add, &a), RC_OK);
    media_shelf_release(shelf, s->reader, &u->files);
    upload_close(u);
    return a.id;
}

static const struct media_about harbour = {.file_name = {"C:\\photos\\Harbour at dawn.PNG", 29},
                                           .credit = {"Rini Wulandari", 14},
                                           .focal_x = 300,
                                           .focal_y = 700,
                                           .alts = {[LANG_EN] = {"Boats in a harbour", 18}}};

static int64_t add_harbour(struct station *s, char salt) {
    struct upload u;
    upload_make(&u, salt);
    return upload_add(s, &u, &harbour);
}

static size_t counted;

static int count_file(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
    (void)path;
    (void)st;
    (void)ftw;
    counted += kind == FTW_F;
    return 0;
}

static size_t files_below(struct station *s, const char *folder) {
    counted = 0;
    assert_int_equal(nftw(scratch_path(&s->scratch, folder), count_file, 8, FTW_PHYS), 0);
    return counted;
}

static char told[256];

static void keep_name(void *arg, const char *check, struct str text) {
    (void)arg;
    (void)text;
    if (strstr(told, check) == NULL)
        assert_true(snprintf(told + strlen(told), sizeof told - strlen(told), "%s ", check) > 0);
}

static const char *verify(struct station *s) {
    struct verify_context v = {.db = s->reader, .dir = s->scratch.dir, .fault = keep_name};
    told[0] = '\0';
    for (size_t i = 0; i < record_check_count; i++)
        assert_int_equal(record_checks[i].run(&v), RC_OK);
    return told;
}

// ---- tests ---------------------------------------------------------------------------------------------------------

static void test_an_upload_is_kept_with_all_that_is_said_of_it(void **state) {
    struct station *s = *state;
    struct media_entry e;
    int64_t id = add_harbour(s, 'a');
    assert_int_equal(media_entry_get(s->arena, s->reader, id, &e), RC_OK);
    assert_str(e.about.file_name, "Harbour at dawn.PNG");
    assert_str(e.about.alts[LANG_EN], "Boats in a harbour");
    assert_str(e.added_by_name, "Rini");
    assert_int_equal(e.about.focal_x, 300);
    assert_int_equal(e.kind, MEDIA_PICTURE);
    assert_int_equal(e.avif, MEDIA_AVIF_WAITING);
    assert_int_equal(e.media.width, 640);
    assert_int_equal(e.media.size_count, 2);
    assert_int_equal(e.use_count, 0);
    assert_int_equal(files_below(s, "media"), 2);
    assert_int_equal(files_below(s, "originals"), 1);
    assert_int_equal(files_below(s, "tmp"), 0);
    assert_string_equal(verify(s), "");
}

static void test_a_decoder_that_lies_is_not_believed(void **state) {
    struct station *s = *state;
    for (int lie = 0; lie < 3; lie++) {
        struct upload u;
        upload_make(&u, 'a');
        if (lie == 0)
            u.report.outputs[1].width = 641;
        else if (lie == 1)
            u.report.outputs[1].type = MEDIA_WEBP;
        else
            u.report.type = MEDIA_JPEG;
        assert_int_equal(media_shelf_put(shelf, u.original, u.output, &u.report, &u.files), RC_INVALID);
        assert_int_equal(u.files.count, 0);
        upload_close(&u);
    }
    // What was put before the lie was found goes at the next start.
    media_shelf_close(&shelf);
    assert_int_equal(media_shelf_open(s->scratch.dir, s->reader, &shelf, &problem), RC_OK);
    assert_int_equal(files_below(s, "media") + files_below(s, "originals") + files_below(s, "tmp"), 0);
    assert_string_equal(verify(s), "");
}

static void test_a_write_that_failed_leaves_no_file(void **state) {
    struct station *s = *state;
    struct upload u;
    upload_make(&u, 'a');
    struct adding a = {.u = &u, .about = harbour, .fail = true};
    assert_int_equal(media_shelf_put(shelf, u.original, u.output, &u.report, &u.files), RC_OK);
    assert_int_equal(files_below(s, "media"), 2);
    assert_string_equal(verify(s), ""); // also in between
    assert_int_equal(store_write(s->store, STORE_DURABLE, add, &a), RC_CONFLICT);
    media_shelf_release(shelf, s->reader, &u.files);
    upload_close(&u);
    assert_int_equal(files_below(s, "media") + files_below(s, "originals") + files_below(s, "tmp"), 0);
}

static void test_a_crash_between_file_and_row_is_swept_at_start(void **state) {
    struct station *s = *state;
    struct upload u;
    int64_t id = add_harbour(s, 'a');
    upload_make(&u, 'b');
    assert_int_equal(media_shelf_put(shelf, u.original, u.output, &u.report, &u.files), RC_OK);
    upload_close(&u);
    assert_int_equal(file_write(scratch_path(&s->scratch, "tmp/part-0123"), STR("half"), 0600, NULL), RC_OK);
    media_shelf_close(&shelf); // what was held is forgotten, as by kill -9
    assert_int_equal(files_below(s, "media"), 4);
    assert_int_equal(media_shelf_open(s->scratch.dir, s->reader, &shelf, &problem), RC_OK);
    assert_int_equal(files_below(s, "media"), 2);
    assert_int_equal(files_below(s, "originals"), 1);
    assert_int_equal(files_below(s, "tmp"), 0);
    assert_true(id > 0);
    assert_string_equal(verify(s), "");
}

static void test_the_same_bytes_uploaded_twice_are_one_file(void **state) {
    struct station *s = *state;
    struct media_files held;
    int64_t one = add_harbour(s, 'a'), other = add_harbour(s, 'a');
    assert_true(one != other);
    assert_int_equal(files_below(s, "media"), 2);
    // Holding and letting go of what is named changes nothing.
    assert_int_equal(media_shelf_hold(shelf, s->reader, one, &held), RC_OK);
    assert_int_equal(held.count, 3);
    media_shelf_release(shelf, s->reader, &held);
    assert_int_equal(files_below(s, "media"), 2);
}

static enum rc edit(struct db *db, void *arg) {
    struct adding *a = arg;
    return media_edit(db, a->id, a->version, &a->about, &problem);
}

static void test_what_is_said_can_be_changed_and_a_stale_change_is_refused(void **state) {
    struct station *s = *state;
    struct media_entry e;
    struct adding a = {.id = add_harbour(s, 'a'), .version = 1, .about = harbour};
    a.about.credit = STR("Dewi");
    a.about.alts[LANG_EN] = STR_NONE;
    a.about.alts[LANG_ID] = STR("Perahu");
    assert_int_equal(store_write(s->store, STORE_DURABLE, edit, &a), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, edit, &a), RC_CONFLICT);
    assert_int_equal(media_entry_get(s->arena, s->reader, a.id, &e), RC_OK);
    assert_str(e.about.credit, "Dewi");
    assert_str(e.about.alts[LANG_ID], "Perahu");
    assert_int_equal(e.about.alts[LANG_EN].n, 0);
    assert_int_equal(e.version, 2);
    a.version = 2;
    a.about.focal_x = 1001;
    assert_int_equal(store_write(s->store, STORE_DURABLE, edit, &a), RC_INVALID);
    a.about.focal_x = 0;
    a.about.credit = STR("two\nlines");
    assert_int_equal(store_write(s->store, STORE_DURABLE, edit, &a), RC_INVALID);
    assert_string_equal(verify(s), "");
}

static enum rc replace(struct db *db, void *arg) {
    struct adding *a = arg;
    return media_replace(db, a->id, a->version, &a->u->files, &a->u->report, STR("new.png"),
                         &(struct audit_who){.account_id = 7, .name = STR("Ada")}, &problem);
}

static void test_a_replacement_keeps_the_id_and_the_old_original(void **state) {
    struct station *s = *state;
    struct media_entry before, after;
    struct media_files old;
    struct upload u;
    struct adding a = {.u = &u, .id = add_harbour(s, 'a'), .version = 1};
    uint32_t edition = edition_get(edition_of(EDITION_MEDIA, a.id));
    assert_int_equal(media_entry_get(s->arena, s->reader, a.id, &before), RC_OK);
    upload_make(&u, 'b');
    assert_int_equal(media_shelf_hold(shelf, s->reader, a.id, &old), RC_OK);
    assert_int_equal(media_shelf_put(shelf, u.original, u.output, &u.report, &u.files), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, replace, &a), RC_OK);
    media_raise(a.id);
    media_shelf_release(shelf, s->reader, &old);
    media_shelf_release(shelf, s->reader, &u.files);
    upload_close(&u);
    assert_int_equal(media_entry_get(s->arena, s->reader, a.id, &after), RC_OK);
    assert_str(after.about.file_name, "new.png");
    assert_str(after.about.credit, "Rini Wulandari");
    assert_false(str_eq(before.media.sizes[0].sha256, after.media.sizes[0].sha256));
    assert_true(edition_get(edition_of(EDITION_MEDIA, a.id)) != edition);
    assert_int_equal(files_below(s, "media"), 2);
    assert_int_equal(files_below(s, "originals"), 2);
    assert_string_equal(verify(s), "");
    struct media_earlier earlier[MEDIA_EARLIER_MAX];
    size_t n;
    assert_int_equal(media_earlier_list(s->arena, s->reader, a.id, earlier, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_true(str_eq(before.original_sha256, str_from(earlier[0].file.sha256)));
    assert_str(earlier[0].replaced_by_name, "Ada");
    int fd;
    assert_int_equal(media_shelf_read(shelf, &earlier[0].file, &fd), RC_OK);
    close(fd);
}

static void replace_with(struct station *s, struct adding *a, char salt) {
    struct media_files old;
    upload_make(a->u, salt);
    assert_int_equal(media_shelf_hold(shelf, s->reader, a->id, &old), RC_OK);
    assert_int_equal(media_shelf_put(shelf, a->u->original, a->u->output, &a->u->report, &a->u->files), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, replace, a), RC_OK);
    media_shelf_release(shelf, s->reader, &old);
    media_shelf_release(shelf, s->reader, &a->u->files);
    upload_close(a->u);
    a->version++;
}

static void test_earlier_files_are_few_and_stand_once(void **state) {
    struct station *s = *state;
    struct upload u;
    struct adding a = {.u = &u, .id = add_harbour(s, 'a'), .version = 1};
    struct media_earlier earlier[MEDIA_EARLIER_MAX];
    size_t n;
    int64_t bytes, most;
    for (int i = 1; i <= MEDIA_EARLIER_MAX + 2; i++)
        replace_with(s, &a, (char)('a' + i));
    assert_int_equal(files_below(s, "originals"), 1 + MEDIA_EARLIER_MAX);
    assert_int_equal(media_library_bytes(s->reader, &most), RC_OK);
    replace_with(s, &a, 'a' + MEDIA_EARLIER_MAX + 1); // the one before is back
    assert_int_equal(files_below(s, "originals"), 1 + MEDIA_EARLIER_MAX);
    replace_with(s, &a, 'a' + MEDIA_EARLIER_MAX + 1); // the same again
    assert_int_equal(media_earlier_list(s->arena, s->reader, a.id, earlier, &n), RC_OK);
    assert_int_equal(n, MEDIA_EARLIER_MAX);
    assert_int_equal(media_library_bytes(s->reader, &bytes), RC_OK);
    assert_int_equal(bytes, most);
    assert_string_equal(verify(s), "");
    char path[4096];
    assert_true(snprintf(path, sizeof path, "%s/originals/%.2s/%s.png", s->scratch.dir, earlier[2].file.sha256,
                         earlier[2].file.sha256) > 0);
    assert_int_equal(unlink(path), 0);
    assert_non_null(strstr(verify(s), "media-files"));
}

struct using {
    int64_t id, owner;
    size_t count;
    bool has_alt;
};

static enum rc use(struct db *db, void *arg) {
    struct using *u = arg;
    struct media_use uses[] = {{.media_id = u->id, .has_alt = true}, {.media_id = u->id, .has_alt = u->has_alt}, {0}};
    return media_uses_set(db, MEDIA_PLACE_LEAD, u->owner, LANG_FR, uses, u->count);
}

static enum rc delete (struct db *db, void *arg) {
    struct adding *a = arg; return media_delete(db, a->id, a->version, &problem);
}

static void test_only_what_is_nowhere_used_can_be_deleted(void **state) {
    struct station *s = *state;
    struct media_files files;
    struct media_use *uses;
    size_t n;
    struct adding a = {.id = add_harbour(s, 'a'), .version = 1};
    struct using u = {.id = a.id, .owner = 12, .count = 3};
    assert_int_equal(store_write(s->store, STORE_DURABLE, use, &u), RC_OK);
    assert_int_equal(media_where_used(s->arena, s->reader, a.id, 10, &uses, &n), RC_OK);
    assert_int_equal(n, 1);
    assert_int_equal(uses[0].owner_id, 12);
    assert_int_equal(uses[0].lang, LANG_FR);
    assert_false(uses[0].has_alt); // twice at one place: once without words
    assert_int_equal(store_write(s->store, STORE_DURABLE, delete, &a), RC_DENIED);
    assert_string_equal(problem.text, "It is used in 1 place and stays.");
    u.count = 0;
    assert_int_equal(store_write(s->store, STORE_DURABLE, use, &u), RC_OK);
    assert_int_equal(media_shelf_hold(shelf, s->reader, a.id, &files), RC_OK);
    assert_int_equal(store_write(s->store, STORE_DURABLE, delete, &a), RC_OK);
    media_shelf_release(shelf, s->reader, &files);
    assert_int_equal(files_below(s, "media") + files_below(s, "originals") + files_below(s, "tmp"), 0);
    assert_string_equal(verify(s), "");
}

static size_t found(struct station *s, struct media_query q) {
    struct media_entry *entries;
    size_t n;
    bool more;
    q.limit = q.limit > 0 ? q.limit : 50;
    assert_int_equal(media_library(s->arena, s->reader, &q, &entries, &n, &more), RC_OK);
    return n;
}

static void test_the_library_is_listed_and_searched(void **state) {
    struct station *s = *state;
    struct media_entry *entries;
    struct media_about other = harbour;
    struct upload u;
    size_t n;
    bool more;
    int64_t first = add_harbour(s, 'a');
    upload_make(&u, 'b');
    other.file_name = STR("Market.png");
    other.alts[LANG_EN] = STR_NONE;
    int64_t second = upload_add(s, &u, &other);
    assert_int_equal(found(s, (struct media_query){.limit = 50}), 2);
    assert_int_equal(found(s, (struct media_query){.words = STR("HARBOUR boats")}), 1);
    assert_int_equal(found(s, (struct media_query){.words = STR("rini market")}), 1);
    assert_int_equal(found(s, (struct media_query){.words = STR("wulandari")}), 2);
    assert_int_equal(found(s, (struct media_query){.words = STR("harbour market")}), 0);
    assert_int_equal(found(s, (struct media_query){.words = STR("...")}), 0);
    assert_int_equal(found(s, (struct media_query){.kind = MEDIA_AUDIO}), 0);
    struct media_query q = {.limit = 1};
    assert_int_equal(media_library(s->arena, s->reader, &q, &entries, &n, &more), RC_OK);
    assert_true(n == 1 && more && entries[0].id == second);
    q.before = second;
    assert_int_equal(media_library(s->arena, s->reader, &q, &entries, &n, &more), RC_OK);
    assert_true(n == 1 && !more && entries[0].id == first);
    // Used in French without words, and none of its own in French.
    struct using use_it = {.id = second, .owner = 3, .count = 2};
    assert_int_equal(found(s, (struct media_query){.missing_alt = true, .lang = LANG_FR}), 0);
    assert_int_equal(store_write(s->store, STORE_DURABLE, use, &use_it), RC_OK);
    assert_int_equal(found(s, (struct media_query){.missing_alt = true, .lang = LANG_FR}), 1);
    assert_int_equal(found(s, (struct media_query){.missing_alt = true, .lang = LANG_EN}), 0);
}

static enum rc avif(struct db *db, void *arg) {
    struct adding *a = arg;
    return media_avif_add(db, a->id, a->u == NULL ? "of another picture" : a->u->files.rows[0].sha256,
                          &(struct media_files){.count = 0});
}

static void test_avif_waits_and_comes_for_the_same_original_only(void **state) {
    struct station *s = *state;
    struct adding a = {.id = add_harbour(s, 'a')};
    struct upload u = {.files = {.count = 0}};
    assert_true(media_avif_next(s->reader) == a.id);
    assert_int_equal(store_write(s->store, STORE_DURABLE, avif, &a), RC_OK);
    assert_true(media_avif_next(s->reader) == a.id);
    assert_int_equal(media_shelf_hold(shelf, s->reader, a.id, &u.files), RC_OK);
    a.u = &u;
    assert_int_equal(store_write(s->store, STORE_DURABLE, avif, &a), RC_OK);
    media_shelf_release(shelf, s->reader, &u.files);
    assert_int_equal(media_avif_next(s->reader), 0);
}

static void test_pictures_in_bodies_are_found(void **state) {
    struct str body =
        STR("<p>a</p><figure><img src=\"/picture/12\" alt=\"\"></figure><img src=\"/picture/ab12.jpg\" alt=\"x\">"
            "<img src=\"/picture/34\" alt=\"boats\" width=\"1\"><img src=\"/picture/99999999999999999999\" "
            "alt=\"\"><img src=\"/picture/5x\"><img src=\"/picture/7\">&lt;img src=&#34;/picture/8");
    size_t at = 0;
    int64_t id;
    bool has_alt;
    (void)state;
    assert_true(media_in_body(body, &at, &id, &has_alt) && id == 12 && !has_alt);
    assert_true(media_in_body(body, &at, &id, &has_alt) && id == 34 && has_alt);
    assert_true(media_in_body(body, &at, &id, &has_alt) && id == 7 && !has_alt);
    assert_false(media_in_body(body, &at, &id, &has_alt));
}

// ---- damage ----------------------------------------------------------------------------------------------------------

static const char *sql;

static enum rc run_sql(struct db *db, void *arg) {
    (void)arg;
    return sqlite3_exec(db_engine(db), sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : RC_IO;
}

static void test_planted_damage_is_named(void **state) {
    static const struct {
        const char *sql, *told;
    } rows[] = {
        {"UPDATE media SET original_bytes = 1", "media-files "},
        {"UPDATE media_sizes SET width = 321 WHERE width = 320", "media-sizes "},
        {"UPDATE media SET width = 9", "media-sizes "},
        {"DELETE FROM media_words WHERE word = 'boats'", "media-words "},
        {"INSERT INTO media_words VALUES ('spam', (SELECT id FROM media))", "media-words "},
        {"UPDATE media SET credit = 'Other'", "media-words "},
        {"DELETE FROM media_sizes WHERE width = 320", "media-orphans "},
        {"UPDATE media SET original_sha256 = ''", "media-orphans "},
    };
    struct station *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        add_harbour(s, 'a');
        assert_string_equal(verify(s), "");
        sql = rows[i].sql;
        assert_int_equal(store_write(s->store, STORE_DURABLE, run_sql, NULL), RC_OK);
        if (strcmp(verify(s), rows[i].told) != 0)
            fail_msg("%s: told \"%s\"", rows[i].sql, told);
        teardown(state);
        setup(state);
        s = *state;
    }
    assert_int_equal(file_write(scratch_path(&s->scratch, "tmp/strange"), STR("x"), 0600, NULL), RC_OK);
    assert_string_equal(verify(s), "media-orphans ");
}

#define LIBRARY_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIBRARY_TEST(test_an_upload_is_kept_with_all_that_is_said_of_it),
        LIBRARY_TEST(test_a_decoder_that_lies_is_not_believed),
        LIBRARY_TEST(test_a_write_that_failed_leaves_no_file),
        LIBRARY_TEST(test_a_crash_between_file_and_row_is_swept_at_start),
        LIBRARY_TEST(test_the_same_bytes_uploaded_twice_are_one_file),
        LIBRARY_TEST(test_what_is_said_can_be_changed_and_a_stale_change_is_refused),
        LIBRARY_TEST(test_a_replacement_keeps_the_id_and_the_old_original),
        LIBRARY_TEST(test_earlier_files_are_few_and_stand_once),
        LIBRARY_TEST(test_only_what_is_nowhere_used_can_be_deleted),
        LIBRARY_TEST(test_the_library_is_listed_and_searched),
        LIBRARY_TEST(test_avif_waits_and_comes_for_the_same_original_only),
        LIBRARY_TEST(test_pictures_in_bodies_are_found),
        LIBRARY_TEST(test_planted_damage_is_named),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
