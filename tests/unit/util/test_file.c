// SPDX-License-Identifier: AGPL-3.0-or-later
// Files are replaced whole, read with a limit, and a clock file moves the clock.
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"

static char folder[] = "siaran-file-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int remove_folder(void **state) {
    (void)state;
    return chdir("..") != 0 || rmdir(folder) != 0;
}

static void test_written_files_are_read_back(void **state) {
    (void)state;
    struct problem p;
    struct buf b;
    buf_init(&b, 10);
    assert_int_equal(file_write("note", STR("first"), 0600, &p), RC_OK);
    assert_int_equal(file_write("note", STR("second"), 0640, &p), RC_OK);
    assert_int_equal(file_read("note", &b, &p), RC_OK);
    assert_str(buf_view(&b), "second");
    struct stat st;
    assert_int_equal(stat("note", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(file_write("note", STR("more than ten"), 0600, &p), RC_OK);
    buf_clear(&b);
    assert_int_equal(file_read("note", &b, &p), RC_TOO_BIG);
    assert_non_null(strstr(p.text, "note"));
    buf_fini(&b);
    assert_int_equal(unlink("note"), 0);
}

static void test_faults_name_the_file(void **state) {
    (void)state;
    struct problem p;
    struct buf b;
    buf_init(&b, 10);
    assert_int_equal(file_read("missing", &b, &p), RC_NOT_FOUND);
    assert_non_null(strstr(p.text, "missing"));
    assert_int_equal(file_write("no/such/folder/x", STR("x"), 0600, &p), RC_NOT_FOUND);
    assert_int_equal(file_write("plain", STR("x"), 0600, &p), RC_OK);
    assert_int_not_equal(file_make_dir("plain", 0700, &p), RC_OK);
    assert_int_equal(file_make_dir("made", 0700, &p), RC_OK);
    assert_int_equal(file_make_dir("made", 0700, &p), RC_OK);
    assert_int_equal(unlink("plain"), 0);
    assert_int_equal(rmdir("made"), 0);
}

static void test_a_clock_file_moves_the_clock(void **state) {
    (void)state;
    struct problem p;
    assert_int_equal(clock_follow_file("clock", &p), RC_NOT_FOUND);
    int64_t offset = 0;
    assert_int_equal(file_write("clock", (struct str){(const char *)&offset, sizeof offset}, 0600, &p), RC_OK);
    assert_int_equal(clock_follow_file("clock", &p), RC_OK);
    int64_t before = clock_now_us();
    offset = 3600 * US_PER_SECOND;
    FILE *f = fopen("clock", "r+");
    assert_non_null(f);
    assert_int_equal(fwrite(&offset, sizeof offset, 1, f), 1);
    fclose(f);
    assert_true(clock_now_us() - before >= 3600 * US_PER_SECOND);
    assert_int_equal(unlink("clock"), 0);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_files_are_read_back),
        cmocka_unit_test(test_faults_name_the_file),
        cmocka_unit_test(test_a_clock_file_moves_the_clock),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
