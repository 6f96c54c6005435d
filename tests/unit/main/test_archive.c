// SPDX-License-Identifier: AGPL-3.0-or-later
// A backup's file comes back byte for byte; cut off or altered at any place, or holding anything but a station's
// files, it is refused.
#include "../check.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/archive.h"
#include "main/path.h"

struct scene {
    struct arena *a;
    const char *dir, *file;
};

static void put(struct scene *s, const char *name, struct str bytes) {
    const char *path = str_fmt(s->a, "%s/%s", s->dir, name).p;
    assert_int_equal(file_write(path, bytes, 0600, NULL), RC_OK);
}

static void add(struct scene *s, struct archive_out *out, const char *name) {
    assert_int_equal(archive_add(out, str_fmt(s->a, "%s/%s", s->dir, name).p, name, NULL, NULL), RC_OK);
}

static int open_scene(void **state) {
    struct scene *s = MEM_NEW(struct scene);
    char dir[] = "/tmp/siaran-archive-XXXXXX";
    s->a = arena_new(8 << 20);
    assert_non_null(mkdtemp(dir));
    s->dir = str_fmt(s->a, "%s", dir).p;
    s->file = str_fmt(s->a, "%s/backup.tar", dir).p;
    assert_int_equal(file_make_dir(str_fmt(s->a, "%s/media", dir).p, 0700, NULL), RC_OK);
    assert_int_equal(file_make_dir(str_fmt(s->a, "%s/media/ab", dir).p, 0700, NULL), RC_OK);
    put(s, "siaran.db", STR("a database\n"));
    put(s, "media/ab/abc.png", STR("a picture"));
    put(s, "media/ab/.abc.png.tmp", STR("half a picture"));
    struct archive_out *out;
    assert_int_equal(archive_create(s->file, &out, NULL), RC_OK);
    add(s, out, "siaran.db");
    assert_int_equal(archive_add_tree(out, str_fmt(s->a, "%s/media", dir).p, "media", NULL, NULL), RC_OK);
    assert_int_equal(archive_add_tree(out, str_fmt(s->a, "%s/counters", dir).p, "counters", NULL, NULL), RC_OK);
    assert_int_equal(archive_add(out, str_fmt(s->a, "%s/siaran.conf", dir).p, "siaran.conf", NULL, NULL), RC_NOT_FOUND);
    assert_false(file_exists(s->file));
    archive_set_audit_head(out, STR("3 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
    assert_int_equal(archive_finish(&out, NULL), RC_OK);
    assert_false(file_exists(str_fmt(s->a, "%s.part", s->file).p));
    *state = s;
    return 0;
}

static int close_scene(void **state) {
    struct scene *s = *state;
    path_remove_tree(s->dir);
    assert_false(file_exists(s->dir));
    arena_free(&s->a);
    mem_free(s);
    return 0;
}

static void expect_file(struct scene *s, const char *name, const char *bytes) {
    struct buf b;
    buf_init(&b, 1 << 16);
    assert_int_equal(file_read(str_fmt(s->a, "%s/%s", s->dir, name).p, &b, NULL), RC_OK);
    buf_char(&b, '\0');
    assert_string_equal(b.p, bytes);
    buf_fini(&b);
}

static void what_was_saved_comes_back(void **state) {
    struct scene *s = *state;
    struct problem p = {""};
    if (archive_check(s->file, NULL, &p) != RC_OK)
        fail_msg("%s", p.text);
    const char *to = str_fmt(s->a, "%s/out", s->dir).p;
    assert_int_equal(file_make_dir(to, 0700, NULL), RC_OK);
    assert_int_equal(archive_unpack(s->file, to, NULL, &p), RC_OK);
    expect_file(s, "out/siaran.db", "a database\n");
    expect_file(s, "out/media/ab/abc.png", "a picture");
    assert_false(file_exists(str_fmt(s->a, "%s/media/ab/.abc.png.tmp", to).p));
    assert_false(file_exists(str_fmt(s->a, "%s/MANIFEST", to).p));
    expect_file(s, "out/journal/audit-heads", "3 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
}

static void cut_off_or_altered_anywhere_it_is_refused(void **state) {
    struct scene *s = *state;
    struct buf whole;
    buf_init(&whole, 1 << 20);
    assert_int_equal(file_read(s->file, &whole, NULL), RC_OK);
    size_t manifest;
    assert_true(str_find(buf_view(&whole), STR("siaran-backup 1"), &manifest));
    struct problem p = {""};
    // Behind the manifest a tar has nothing but zeros.
    for (size_t n = 0; n < manifest + 100; n += 97) {
        put(s, "cut.tar", str_slice(buf_view(&whole), 0, n));
        assert_int_equal(archive_check(str_fmt(s->a, "%s/cut.tar", s->dir).p, NULL, &p), RC_INVALID);
        assert_non_null(strstr(p.text, "is no complete backup of a station"));
    }
    static const char *const places[] = {"a database", "a picture", "siaran-backup 1", " 11 siaran.db", "audit 3",
                                         "3 0011",     "end "};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t at;
        assert_true(str_find(buf_view(&whole), str_from(places[i]), &at));
        whole.p[at + 1] ^= 1;
        put(s, "altered.tar", buf_view(&whole));
        whole.p[at + 1] ^= 1;
        assert_int_equal(archive_check(str_fmt(s->a, "%s/altered.tar", s->dir).p, NULL, &p), RC_INVALID);
    }
    buf_fini(&whole);
    assert_int_equal(archive_check(str_fmt(s->a, "%s/none.tar", s->dir).p, NULL, &p), RC_NOT_FOUND);
}

static void write_hostile(const char *file, const char *name, unsigned kind, const char *link) {
    struct archive *tar = archive_write_new();
    archive_write_set_format_pax_restricted(tar);
    assert_int_equal(archive_write_open_filename(tar, file), ARCHIVE_OK);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, kind);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, 0);
    if (link != NULL && kind == AE_IFLNK)
        archive_entry_set_symlink(entry, link);
    else if (link != NULL)
        archive_entry_set_hardlink(entry, link);
    assert_int_equal(archive_write_header(tar, entry), ARCHIVE_OK);
    archive_entry_free(entry);
    archive_write_free(tar);
}

static void anything_but_a_stations_files_is_refused_and_written_nowhere(void **state) {
    struct scene *s = *state;
    static const struct {
        const char *name;
        unsigned kind;
        const char *link;
    } rows[] = {
        {"../siaran.db", AE_IFREG, NULL},     {"/etc/passwd", AE_IFREG, NULL},        {"media/../../x", AE_IFREG, NULL},
        {"media/ab/.hidden", AE_IFREG, NULL}, {"media//x", AE_IFREG, NULL},           {"other", AE_IFREG, NULL},
        {"media/x", AE_IFLNK, "/etc"},        {"media/x", AE_IFREG, "/etc/passwd"},   {"media/x", AE_IFDIR, NULL},
        {"media/x", AE_IFIFO, NULL},          {"siaran.db", AE_IFLNK, "/etc/passwd"},
    };
    const char *file = str_fmt(s->a, "%s/hostile.tar", s->dir).p, *to = str_fmt(s->a, "%s/to", s->dir).p;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem p = {""};
        write_hostile(file, rows[i].name, rows[i].kind, rows[i].link);
        assert_int_equal(archive_check(file, NULL, &p), RC_INVALID);
        assert_int_equal(file_make_dir(to, 0700, NULL), RC_OK);
        assert_int_equal(archive_unpack(file, to, NULL, &p), RC_INVALID);
        assert_int_equal(rmdir(to), 0); // still empty
    }
}

static void names(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool ok;
    } rows[] = {
        {"services.json", true},
        {"radio/sounds/a.mp3", true},
        {"radio/voice/00000001.index", false},
        {"radio/sounds/../../x", false},
        {"siaran.db", true},
        {"siaran.conf", true},
        {"desk.conf", true},
        {"smtp-password", false},
        {"counters/reads-1", true},
        {"media/ab/ab12.webp", true},
        {"siaran.db-wal", false},
        {"counters", false},
        {"counters/", false},
        {"media/.", false},
        {"media/a b", false},
        {"media/a\\b", false},
        {"media/a/", false},
        {"MANIFEST", false},
        {"", false},
        {"./siaran.db", false},
        {"media/\xc3\xa9", false},
        {"lock", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (archive_name_ok(str_from(rows[i].name)) != rows[i].ok)
            fail_msg("%s", rows[i].name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_saved_comes_back, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(cut_off_or_altered_anywhere_it_is_refused, open_scene, close_scene),
        cmocka_unit_test_setup_teardown(anything_but_a_stations_files_is_refused_and_written_nowhere, open_scene,
                                        close_scene),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
