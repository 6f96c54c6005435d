// SPDX-License-Identifier: AGPL-3.0-or-later
// The list of backups holds the newest, however many there are and in whatever order the folder gives them.
#include "../check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/backups.h"
#include "main/path.h"

enum { MANY = 2600, LISTED = 1000 };

static void put(struct arena *a, const char *dir, const char *name) {
    assert_int_equal(file_write(str_fmt(a, "%s/backups/%s", dir, name).p, STR("x"), 0600, NULL), RC_OK);
}

// Number 0 is the oldest.
static struct str name_of(struct arena *a, int number) {
    return str_fmt(a, "2026%02d%02d-%02d0000-%s.tar", number / 672 + 1, number / 24 % 28 + 1, number % 24,
                   number % 2 == 0 ? "daily" : "asked");
}

static void test_the_newest_are_listed(void **state) {
    (void)state;
    char dir[] = "/tmp/siaran-backups-XXXXXX";
    struct arena *a = arena_new(256 << 20);
    struct site_backup *rows;
    size_t count;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(backups_list(dir, a, &rows, &count), RC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(file_make_dir(str_fmt(a, "%s/backups", dir).p, 0700, NULL), RC_OK);
    for (int i = 0; i < MANY; i++) // 1009 and MANY have no common divisor: each once, in no order
        put(a, dir, name_of(a, i * 1009 % MANY).p);
    put(a, dir, "notes.txt");
    put(a, dir, "20270101-000000-daily.tar.part");
    assert_int_equal(mkdir(str_fmt(a, "%s/backups/20270101-000000-daily.tar", dir).p, 0700), 0);
    assert_int_equal(backups_list(dir, a, &rows, &count), RC_OK);
    assert_int_equal(count, LISTED);
    for (size_t i = 0; i < count; i++) {
        struct str expected = name_of(a, MANY - 1 - (int)i);
        assert_true(str_eq(rows[i].name, expected));
        assert_int_equal(rows[i].bytes, 1);
        assert_int_equal(rows[i].daily, str_ends(expected, STR("-daily.tar")));
    }
    path_remove_tree(dir);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_newest_are_listed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
