// SPDX-License-Identifier: AGPL-3.0-or-later
// The lines that sessions are written in, and which program is which.

#include "../check.h"
#include "service/service.h"

#define DAY INT64_C(20422) // 2025-11-30
#define AT(hour) (DAY * US_PER_DAY + (hour)*INT64_C(3600) * US_PER_SECOND)

static const struct session_part whole = {
    .from_us = AT(1),
    .to_us = AT(2),
    .service = STR("voice"),
    .stream = STR("voice-mp3"),
    .kind = SESSION_SHIFT,
    .format = AUDIO_MPEG,
    .bytes = 57600000,
    .listener = UINT64_C(0xfedcba9876543210),
    .before_us = 12 * US_PER_SECOND,
    .session = 7,
    .player = STR("vlc"),
    .country = "ID",
};
static const char line_of_whole[] = "v1\t1764464400000000\t1764468000000000\tvoice\tvoice-mp3\tshift\tmpeg\t57600000\t"
                                    "fedcba9876543210\t12000000\t0000000000000007\tvlc\tID\n";

static void test_line(void **state) {
    (void)state;
    struct buf b;
    struct session_part p;
    buf_init(&b, SESSION_LINE_BYTES);
    session_line_write(&whole, &b);
    assert_true(str_eq(buf_view(&b), str_from(line_of_whole)));
    assert_true(session_line_parse(str_slice(buf_view(&b), 0, b.n - 1), &p));
    assert_int_equal(p.from_us, whole.from_us);
    assert_int_equal(p.to_us, whole.to_us);
    assert_true(str_eq(p.service, whole.service) && str_eq(p.stream, whole.stream) && str_eq(p.player, whole.player));
    assert_true(p.kind == SESSION_SHIFT && p.format == AUDIO_MPEG && p.bytes == whole.bytes);
    assert_true(p.listener == whole.listener && p.session == 7 && p.before_us == whole.before_us);
    assert_string_equal(p.country, "ID");
    // Whatever a crash leaves of it is no line.
    for (size_t n = 0; n < b.n - 1; n++)
        assert_false(session_line_parse(str_slice(buf_view(&b), 0, n), &p));
    buf_fini(&b);
}

static void test_longest(void **state) {
    (void)state;
    struct session_part most = whole;
    struct buf b;
    buf_init(&b, 1024);
    most.service = most.stream = STR("abcdefghijklmnopqrstuvwxyz-01234");
    most.from_us = most.to_us = most.before_us = INT64_MAX;
    most.bytes = UINT64_MAX;
    session_line_write(&most, &b);
    assert_true(b.n <= SESSION_LINE_BYTES && !b.failed);
    buf_fini(&b);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        "v2\t1\t2\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-",  // another version
        "v1\t2\t1\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-",  // ends before it begins
        "v1\t-1\t1\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-", // before time
        "v1\t1\t86400000001\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-", // over midnight
        "v1\t1\t2\t\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-",            // no service
        "v1\t1\t2\tv\tV\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-",           // no name
        "v1\t1\t2\tv\tv\tlate\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-",           // no kind
        "v1\t1\t2\tv\tv\tlive\tmp3\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-",            // no format
        "v1\t1\t2\tv\tv\tlive\tmpeg\t9223372036854775808\t0000000000000001\t0\t0000000000000001\tvlc\t-",
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t000000000000001\t0\t0000000000000001\tvlc\t-", // a digit lacks
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t000000000000000g\t0\t0000000000000001\tvlc\t-",
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t0000000000000001\t\t0000000000000001\tvlc\t-",
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tVLC\t-",
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\tid",
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\tI",
        "v1\t1\t2\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc\t-\t", // a field too many
    };
    struct session_part p;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (session_line_parse(str_from(lines[i]), &p))
            fail_msg("taken: %s", lines[i]);
    // The last of the day is of that day.
    assert_true(
        session_line_parse(STR("v1\t1\t86400000000\tv\tv\tlive\tmpeg\t1\t0000000000000001\t0\t0000000000000001\tvlc"
                               "\t-"),
                           &p));
}

static void test_days(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 12);
    assert_str(session_day_text(a, 20422), "2025-11-30");
    assert_str(session_day_text(a, 0), "1970-01-01");
    assert_str(session_file(a, "/s", 20787), "/s/radio/sessions/2026-11-30.tsv");
    assert_int_equal(session_day(US_PER_DAY - 1), 0);
    assert_int_equal(session_day(US_PER_DAY), 1);
    assert_int_equal(session_day(-1), -1);
    assert_int_equal(session_day(-US_PER_DAY), -1);
    arena_free(&a);
}

static void test_players(void **state) {
    (void)state;
    static const struct {
        const char *agent, *word;
    } cases[] = {
        {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
         "chromium"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/119.0 "
         "Mobile/15E148 Safari/604.1",
         "chromium"},
        {"Mozilla/5.0 (Linux; Android 11; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
         "chromium"},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 "
         "Edg/120.0",
         "edge"},
        {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 OPR/106.0",
         "opera"},
        {"Mozilla/5.0 (Linux; Android 13; SM-A515F) AppleWebKit/537.36 SamsungBrowser/23.0 Chrome/115.0 Mobile Safari/537.36",
         "samsung"},
        {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox"},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
         "Safari/605.1.15",
         "safari"},
        {"AppleCoreMedia/1.0.0.21A329 (iPhone; U; CPU OS 17_0 like Mac OS X; en_us)", "applecoremedia"},
        {"iTunes/12.12.4 (Macintosh; OS X 12.4) AppleWebKit/7613", "itunes"},
        {"VLC/3.0.20 LibVLC/3.0.20", "vlc"},
        {"mpv 0.35.1", "mpv"},
        {"libmpv", "mpv"},
        {"Lavf/59.27.100", "ffmpeg"},
        {"GStreamer souphttpsrc 1.22.0 libsoup/2.74.3", "gstreamer"},
        {"mpg123/1.31.2", "mpg123"},
        {"WinampMPEG/5.0", "winamp"},
        {"NSPlayer/12.00.19041.4648 WMFSDK/12.00.19041.4648", "wmplayer"},
        {"Linux UPnP/1.0 Sonos/75.1-43110 (ZPS12)", "sonos"},
        {"AlexaMediaPlayer/2.1.4676.0 (Linux;Android 5.1.1) ExoPlayerLib/1.5.9", "alexa"},
        {"Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0 Safari/537.36 CrKey/1.56.500000",
         "chromecast"},
        {"Dalvik/2.1.0 (Linux; U; Android 12; Pixel 4)", "android"},
        {"FSL/1.0 Frontier Silicon", "frontier"},
        {"Music Player Daemon 0.23.12", "mpd"},
        {"Icecast 2.4.4", "relay"},
        {"curl/7.88.1", "curl"},
        {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot"},
        {"Mozilla/5.0 (compatible; AhrefsBot/7.0; about)", "bot"},
        {"", "other"},
        {"Some Radio from 2009", "other"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(player_word(str_from(cases[i].agent)), cases[i].word);
    char endless[4000];
    memset(endless, 'x', sizeof endless);
    memcpy(endless + 3000, "VLC/3", 5);
    assert_string_equal(player_word((struct str){endless, sizeof endless}), "other");
    assert_str(player_name(STR("vlc")), "VLC");
    assert_int_equal(player_name(STR("other")).n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line), cmocka_unit_test(test_longest), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_days), cmocka_unit_test(test_players),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
