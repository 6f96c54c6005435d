// SPDX-License-Identifier: AGPL-3.0-or-later
// Who counts as one listener, and how parts of sessions come onto the disk.

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "../store/scratch.h"
#include "radio/sessions.h"

#define SECOND US_PER_SECOND
#define HOUR (3600 * SECOND)
#define MIDNIGHT (INT64_C(20422) * US_PER_DAY) // of 2025-11-30

static struct scratch scratch;
static const char *const dir = scratch.dir;

static int dir_make(void **state) {
    (void)state;
    scratch_make(&scratch);
    return 0;
}

static int dir_drop(void **state) {
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static struct net_address peer(const char *text) {
    struct net_address out;
    assert_int_equal(net_address_parse(str_from(text), &out, NULL), RC_OK);
    return out;
}

static uint64_t listener(struct sessions *s, const char *address, const char *agent, int64_t at) {
    struct net_address p = peer(address);
    return sessions_listener(s, &p, str_from(agent), at);
}

static void test_listener(void **state) {
    (void)state;
    struct sessions *s = sessions_open(dir, NULL);
    uint64_t one = listener(s, "192.0.2.1:4000", "VLC/3", MIDNIGHT);
    assert_true(listener(s, "192.0.2.1:5000", "VLC/3", MIDNIGHT + 23 * HOUR) == one); // another port
    assert_true(listener(s, "[::ffff:192.0.2.1]:5000", "VLC/3", MIDNIGHT) == one);
    assert_true(listener(s, "192.0.2.2:4000", "VLC/3", MIDNIGHT) != one);
    assert_true(listener(s, "192.0.2.1:4000", "mpv", MIDNIGHT) != one);
    uint64_t six = listener(s, "[2001:db8:1:2::5]:1", "VLC/3", MIDNIGHT);
    assert_true(listener(s, "[2001:db8:1:2:ffff::1]:2", "VLC/3", MIDNIGHT) == six); // the same household
    assert_true(listener(s, "[2001:db8:1:3::5]:1", "VLC/3", MIDNIGHT) != six);
    sessions_close(&s);
}

static void test_key_of_the_day(void **state) {
    (void)state;
    char path[512];
    struct stat st;
    struct sessions *s = sessions_open(dir, NULL);
    uint64_t one = listener(s, "192.0.2.1:1", "VLC/3", MIDNIGHT + HOUR);
    sessions_flush(s, MIDNIGHT + HOUR);
    snprintf(path, sizeof path, "%s/radio/sessions/day.key", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    // The process is started again.
    struct sessions *again = sessions_open(dir, NULL);
    assert_true(listener(again, "192.0.2.1:1", "VLC/3", MIDNIGHT + 2 * HOUR) == one);
    // The next day; and the day before has no key any more, without today's being lost.
    uint64_t next = listener(again, "192.0.2.1:1", "VLC/3", MIDNIGHT + 24 * HOUR);
    assert_true(next != one);
    assert_true(listener(again, "192.0.2.1:1", "VLC/3", MIDNIGHT + 24 * HOUR - 1) != one);
    assert_true(listener(again, "192.0.2.1:1", "VLC/3", MIDNIGHT + 24 * HOUR) == next);
    sessions_flush(again, MIDNIGHT + 24 * HOUR);
    struct sessions *third = sessions_open(dir, NULL);
    assert_true(listener(third, "192.0.2.1:1", "VLC/3", MIDNIGHT + 25 * HOUR) == next);
    assert_true(listener(third, "192.0.2.1:1", "VLC/3", MIDNIGHT + HOUR) != one);
    sessions_close(&third);
    sessions_close(&again);
    sessions_close(&s);
}

static void day_read(int64_t day, struct buf *out) {
    struct arena *a = arena_new(1 << 14);
    buf_clear(out);
    enum rc rc = file_read(session_file(a, dir, day).p, out, NULL);
    assert_true(rc == RC_OK || rc == RC_NOT_FOUND);
    arena_free(&a);
}

static size_t parts_read(int64_t day, struct buf *b, struct session_part *out, size_t most) {
    size_t n = 0;
    struct str rest, line;
    day_read(day, b);
    rest = buf_view(b);
    while (str_next(&rest, '\n', &line) && line.n > 0) {
        assert_true(n < most);
        assert_true(session_line_parse(line, &out[n++]));
    }
    return n;
}

static const struct session_part an_hour = {.from_us = MIDNIGHT,
                                            .to_us = MIDNIGHT + HOUR,
                                            .service = STR("voice"),
                                            .stream = STR("voice-mp3"),
                                            .format = AUDIO_MPEG,
                                            .bytes = 1000,
                                            .session = 5};

static void test_parts(void **state) {
    (void)state;
    struct session_part parts[4], part = an_hour;
    struct buf b;
    struct session_who who;
    struct net_address p = peer("192.0.2.1:1");
    struct sessions *s = sessions_open(dir, NULL);
    buf_init(&b, 1 << 16);
    sessions_meet(s, &p, STR("VLC/3.0.20"), MIDNIGHT, &who);
    sessions_part(s, &who, &part);
    // The second one is over midnight: half an hour on either side.
    part.from_us = MIDNIGHT + 47 * HOUR / 2;
    part.to_us = MIDNIGHT + 49 * HOUR / 2;
    part.before_us = HOUR;
    uint64_t first = who.listener;
    sessions_part(s, &who, &part);
    assert_int_equal(who.day, 20423);
    assert_true(who.listener != first);
    part.to_us = part.from_us; // of no time
    sessions_part(s, &who, &part);
    sessions_flush(s, MIDNIGHT + 25 * HOUR);
    assert_int_equal(parts_read(20422, &b, parts, 4), 2);
    assert_true(parts[0].listener == first && parts[1].listener == first);
    assert_true(str_eq(parts[0].player, STR("vlc")) && strcmp(parts[0].country, "-") == 0);
    assert_int_equal(parts[1].to_us, MIDNIGHT + 24 * HOUR);
    assert_int_equal(parts[1].before_us, HOUR);
    assert_int_equal(parts[1].bytes, 500);
    assert_int_equal(parts_read(20423, &b, parts, 4), 1);
    assert_true(parts[0].listener == who.listener && parts[0].session == 5);
    assert_int_equal(parts[0].from_us, MIDNIGHT + 24 * HOUR);
    assert_int_equal(parts[0].before_us, HOUR + HOUR / 2);
    assert_int_equal(parts[0].bytes, 500);
    buf_fini(&b);
    sessions_close(&s);
}

// What the last process could not end is a line of its own, which no reader takes.
static void test_torn_tail(void **state) {
    (void)state;
    struct buf b;
    struct session_who who;
    struct net_address p = peer("192.0.2.1:1");
    struct arena *a = arena_new(1 << 14);
    buf_init(&b, 1 << 16);
    struct sessions *s = sessions_open(dir, NULL);
    sessions_meet(s, &p, STR("VLC"), MIDNIGHT, &who);
    sessions_part(s, &who, &an_hour);
    sessions_flush(s, MIDNIGHT + HOUR);
    day_read(20422, &b);
    size_t whole = b.n;
    assert_int_equal(truncate(session_file(a, dir, 20422).p, (off_t)whole - 9), 0);
    sessions_close(&s);
    s = sessions_open(dir, NULL);
    sessions_part(s, &who, &an_hour);
    sessions_flush(s, MIDNIGHT + HOUR);
    sessions_part(s, &who, &an_hour);
    sessions_flush(s, MIDNIGHT + HOUR);
    day_read(20422, &b);
    assert_int_equal(b.n, whole - 9 + 1 + 2 * whole);
    assert_int_equal(b.p[whole - 9], '\n');
    buf_fini(&b);
    arena_free(&a);
    sessions_close(&s);
}

// A full disk: here, a file may grow to 1,000 bytes. Later there is room, and no line is torn or twice.
static void test_full_disk(void **state) {
    (void)state;
    enum { PARTS = 20 };
    struct session_part part = an_hour, parts[PARTS];
    struct rlimit before, small = {1000, 0};
    struct buf b;
    struct session_who who;
    struct net_address p = peer("192.0.2.1:1");
    struct sessions *s = sessions_open(dir, NULL);
    buf_init(&b, 1 << 16);
    sessions_meet(s, &p, STR("VLC"), MIDNIGHT, &who);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    log_threshold(LOG_ERROR + 1);
    for (uint64_t i = 0; i < PARTS; i++) {
        part.session = i;
        sessions_part(s, &who, &part);
        if (i % 5 == 4)
            sessions_flush(s, MIDNIGHT + HOUR);
    }
    day_read(20422, &b);
    assert_int_equal(b.n, 1000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    sessions_flush(s, MIDNIGHT + HOUR); // what was begun
    sessions_flush(s, MIDNIGHT + HOUR); // what came meanwhile
    log_threshold(LOG_INFO);
    assert_int_equal(parts_read(20422, &b, parts, PARTS), PARTS);
    for (uint64_t i = 0; i < PARTS; i++)
        assert_true(parts[i].session == i);
    assert_int_equal(sessions_lost(s), 0);
    buf_fini(&b);
    sessions_close(&s);
}

// What finds no room any more is counted, and nothing grows.
static void test_bound(void **state) {
    (void)state;
    struct session_who who;
    struct net_address p = peer("192.0.2.1:1");
    struct sessions *s = sessions_open(dir, NULL);
    sessions_meet(s, &p, STR("VLC"), MIDNIGHT, &who);
    for (size_t i = 0; i < SESSIONS_QUEUE_BYTES / 100; i++)
        sessions_part(s, &who, &an_hour);
    assert_true(sessions_lost(s) > 0);
    sessions_close(&s);
}

// A database of one bit: the lower half of all addresses is in one country. MaxMind DB format 2.0.
static void countries_write(const char *path, const char *country) {
    static const char head[] = "\0\0\x11\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" // the tree; data begins at 0 + 1 + 16
                               "\xe1\x47"
                               "country"
                               "\xe1\x48"
                               "iso_code"
                               "\x42";
    static const char meta[] = "\xab\xcd\xefMaxMind.com"
                               "\xe9"
                               "\x5b"
                               "binary_format_major_version"
                               "\xa1\2"
                               "\x5b"
                               "binary_format_minor_version"
                               "\xa0"
                               "\x4b"
                               "build_epoch"
                               "\1\2\1"
                               "\x4d"
                               "database_type"
                               "\x44Test"
                               "\x4b"
                               "description"
                               "\xe0"
                               "\x4a"
                               "ip_version"
                               "\xa1\4"
                               "\x49"
                               "languages"
                               "\0\4"
                               "\x4a"
                               "node_count"
                               "\xc1\1"
                               "\x4b"
                               "record_size"
                               "\xa1\x18";
    struct buf b;
    buf_init(&b, 1024);
    buf_add(&b, head, sizeof head - 1);
    buf_c(&b, country);
    buf_add(&b, meta, sizeof meta - 1);
    assert_int_equal(file_write(path, buf_view(&b), 0600, NULL), RC_OK);
    buf_fini(&b);
}

static void assert_country(struct sessions *s, const char *address, const char *country) {
    char out[3];
    struct net_address p = peer(address);
    sessions_country(s, &p, out);
    assert_string_equal(out, country);
}

// The file is looked at each minute: while there is none, nobody's country is known; one that is no database changes nothing.
static void test_country(void **state) {
    (void)state;
    int64_t minute = 60 * SECOND;
    const char *path = scratch_path(&scratch, "country.mmdb");
    log_threshold(LOG_ERROR + 1);
    struct sessions *s = sessions_open(dir, "country.mmdb");
    assert_country(s, "36.1.2.3:1", "-");
    countries_write(path, "ID");
    sessions_flush(s, MIDNIGHT + minute);
    assert_country(s, "36.1.2.3:1", "ID");
    assert_country(s, "[::ffff:36.1.2.3]:1", "ID");
    assert_country(s, "192.0.2.1:1", "-");
    assert_country(s, "[2001:db8::1]:1", "-");
    countries_write(path, "NL");
    sessions_flush(s, MIDNIGHT + minute + SECOND);
    assert_country(s, "36.1.2.3:1", "ID");
    sessions_flush(s, MIDNIGHT + 2 * minute);
    assert_country(s, "36.1.2.3:1", "NL");
    countries_write(path, "n!"); // no country
    sessions_flush(s, MIDNIGHT + 3 * minute);
    assert_country(s, "36.1.2.3:1", "-");
    countries_write(path, "FR");
    sessions_flush(s, MIDNIGHT + 4 * minute);
    assert_int_equal(file_write(path, STR("half a da"), 0600, NULL), RC_OK);
    sessions_flush(s, MIDNIGHT + 5 * minute);
    assert_country(s, "36.1.2.3:1", "FR");
    log_threshold(LOG_INFO);
    sessions_close(&s);
}

int main(void) {
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_listener, dir_make, dir_drop),
        cmocka_unit_test_setup_teardown(test_key_of_the_day, dir_make, dir_drop),
        cmocka_unit_test_setup_teardown(test_parts, dir_make, dir_drop),
        cmocka_unit_test_setup_teardown(test_torn_tail, dir_make, dir_drop),
        cmocka_unit_test_setup_teardown(test_full_disk, dir_make, dir_drop),
        cmocka_unit_test_setup_teardown(test_bound, dir_make, dir_drop),
        cmocka_unit_test_setup_teardown(test_country, dir_make, dir_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
