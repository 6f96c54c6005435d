// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures: kept under the hash of their bytes, their sizes in the order pages offer them, refused without a trace.
#include "station.h"

static const char small_png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0\0\0\0\0";
static const char large_png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x04\0\0\0\x06\x08\x02\0\0\0\0\0\0\0";
static const char webp[] = "RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0\1\0\0\2\0\0";
#define BYTES(literal) ((struct str){literal, sizeof(literal) - 1})

struct adding {
    const char *dir;
    struct str bytes, credit;
    bool trusted, roll_back;
    int64_t id;
};

static enum rc add(struct db *db, void *arg) {
    struct adding *a = arg;
    enum rc rc = media_add_file(db, a->dir, a->bytes, a->trusted, a->credit, &a->id);
    return rc == RC_OK && a->roll_back ? RC_GONE : rc;
}

static enum rc add_to(struct station *s, struct adding *a, struct str bytes) {
    a->dir = s->scratch.dir;
    a->bytes = bytes;
    return store_write(s->store, STORE_DURABLE, add, a);
}

static void test_sizes_come_smallest_first_and_webp_last(void **state) {
    struct station *s = *state;
    struct adding a = {.credit = STR("Port office")};
    struct media m;
    assert_int_equal(add_to(s, &a, BYTES(webp)), RC_OK);
    assert_int_equal(add_to(s, &a, BYTES(large_png)), RC_OK);
    a.credit = STR("someone else");
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_OK);
    assert_int_equal(media_get(s->arena, s->reader, a.id, &m), RC_OK);
    assert_int_equal(m.size_count, 3);
    assert_str(m.sizes[0].ext, "png");
    assert_int_equal(m.sizes[0].width, 2);
    assert_int_equal(m.sizes[1].width, 4);
    assert_str(m.sizes[2].ext, "webp");
    assert_int_equal(m.width, 4);
    assert_int_equal(m.height, 6);
    assert_str(m.credit, "Port office"); // once given, it stays
    assert_true(m.sizes[0].bytes == sizeof small_png - 1);
}

static void test_the_same_bytes_twice_are_one_file(void **state) {
    struct station *s = *state;
    struct adding a = {.credit = STR("c")};
    struct media m;
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_OK);
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_OK);
    assert_int_equal(media_get(s->arena, s->reader, a.id, &m), RC_OK);
    assert_int_equal(m.size_count, 1);
}

static void test_a_file_lies_under_its_hash(void **state) {
    struct station *s = *state;
    struct adding a = {.credit = STR("c")};
    struct media m;
    struct str path;
    struct buf kept;
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_OK);
    assert_int_equal(media_get(s->arena, s->reader, a.id, &m), RC_OK);
    assert_int_equal(media_file(s->arena, s->reader, m.sizes[0].sha256, STR("png"), &path), RC_OK);
    assert_true(str_starts(path, str_slice(m.sizes[0].sha256, 0, 2)));
    buf_init(&kept, 1000);
    assert_int_equal(file_read(str_fmt(s->arena, "%s/media/%.*s", s->scratch.dir, STR_ARG(path)).p, &kept, NULL),
                     RC_OK);
    assert_true(str_eq(buf_view(&kept), BYTES(small_png)));
    buf_fini(&kept);
}

static void test_addresses_of_no_file(void **state) {
    struct station *s = *state;
    struct adding a = {.credit = STR("c")};
    struct media m;
    struct str path;
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_OK);
    assert_int_equal(media_get(s->arena, s->reader, a.id, &m), RC_OK);
    struct str hash = m.sizes[0].sha256;
    char upper[64];
    for (size_t i = 0; i < 64; i++)
        upper[i] = (char)(hash.p[i] >= 'a' ? hash.p[i] - 'a' + 'A' : hash.p[i]);
    const struct {
        struct str hash, ext;
    } none[] = {{hash, STR("jpg")},
                {hash, STR("")},
                {hash, STR("png/../x")},
                {{upper, sizeof upper}, STR("png")},
                {str_slice(hash, 0, 63), STR("png")},
                {STR("../../../../../../../../../../../../../../../../../../etc/passwd"), STR("png")},
                {STR(""), STR("png")}};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (media_file(s->arena, s->reader, none[i].hash, none[i].ext, &path) != RC_NOT_FOUND)
            fail_msg("row %zu has a file", i);
    assert_int_equal(media_get(s->arena, s->reader, a.id + 1, &m), RC_NOT_FOUND);
}

static void test_what_is_no_picture_leaves_no_trace(void **state) {
    struct station *s = *state;
    struct adding a = {.credit = STR("c")};
    char *wide = mem_array(1, (32u << 20) + 1);
    memcpy(wide, small_png, sizeof small_png - 1);
    assert_int_equal(add_to(s, &a, STR("no picture at all, only words")), RC_INVALID);
    assert_int_equal(add_to(s, &a, STR("<svg width=\"1\" height=\"1\"></svg>")), RC_INVALID);
    assert_int_equal(add_to(s, &a, (struct str){wide, (32u << 20) + 1}), RC_TOO_BIG);
    mem_free(wide);
    assert_true(a.id == 0);
    assert_false(file_exists(scratch_path(&s->scratch, "media")));
    a.trusted = true;
    assert_int_equal(add_to(s, &a, STR("<svg width=\"1\" height=\"1\"></svg>")), RC_OK);
    assert_true(a.id != 0);
}

// The writer may run a write again after a conflict; the id it was given then must still make one picture.
static void test_an_attempt_taken_back_is_made_again(void **state) {
    struct station *s = *state;
    struct adding a = {.credit = STR("c"), .roll_back = true};
    struct media m;
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_GONE);
    int64_t id = a.id;
    assert_int_equal(media_get(s->arena, s->reader, id, &m), RC_NOT_FOUND);
    a.roll_back = false;
    assert_int_equal(add_to(s, &a, BYTES(small_png)), RC_OK);
    assert_true(a.id == id);
    assert_int_equal(media_get(s->arena, s->reader, id, &m), RC_OK);
    assert_int_equal(m.size_count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STATION_TEST(test_sizes_come_smallest_first_and_webp_last),
        STATION_TEST(test_the_same_bytes_twice_are_one_file),
        STATION_TEST(test_a_file_lies_under_its_hash),
        STATION_TEST(test_addresses_of_no_file),
        STATION_TEST(test_what_is_no_picture_leaves_no_trace),
        STATION_TEST(test_an_attempt_taken_back_is_made_again),
    };
    station_main_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
