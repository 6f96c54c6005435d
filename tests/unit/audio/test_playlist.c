// SPDX-License-Identifier: AGPL-3.0-or-later
// Playlists as stations and directories hand them out.
#include "../check.h"
#include "audio/audio.h"

#define LONG_ADDRESS_16 "0123456789abcdef"
#define LONG_ADDRESS_128                                                                                               \
    LONG_ADDRESS_16 LONG_ADDRESS_16 LONG_ADDRESS_16 LONG_ADDRESS_16 LONG_ADDRESS_16 LONG_ADDRESS_16 LONG_ADDRESS_16    \
        LONG_ADDRESS_16

static void the_first_address_is_found(void **state) {
    (void)state;
    static const struct {
        const char *text, *address; // NULL: none
        enum rc rc;
    } rows[] = {
        {"http://a.test/one\n", "http://a.test/one", RC_OK},
        {"http://a.test/one", "http://a.test/one", RC_OK},
        {"\xef\xbb\xbf#EXTM3U\r\n#EXTINF:-1,A station\r\nhttp://a.test/one\r\nhttp://a.test/two\r\n",
         "http://a.test/one", RC_OK},
        {"\n\n  one.mp3  \n", "one.mp3", RC_OK},
        {"a file.mp3\n/b.mp3\n", "/b.mp3", RC_OK}, // no address has a space
        {LONG_ADDRESS_128 LONG_ADDRESS_128 LONG_ADDRESS_128 LONG_ADDRESS_128 "x\n/b\n", "/b", RC_OK},
        {"rtsp://a.test/one\nmms://b.test/\nHTTP://c.test/\n", "HTTP://c.test/", RC_OK},
        {"mms://b.test/\nhttps://c.test/one\nhttp://c.test/two\n", "https://c.test/one", RC_OK},
        {"one?at=ftp://x\n", "one?at=ftp://x", RC_OK},
        {"httpss://a.test/one\n", NULL, RC_NOT_FOUND},
        {"", NULL, RC_NOT_FOUND},
        {"#EXTM3U\n# nothing\n", NULL, RC_NOT_FOUND},
        {"#EXTM3U\n#EXT-X-TARGETDURATION:7\n#EXTINF:6,\n1.ts\n", NULL, RC_INVALID},
        {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlive.m3u8\n", NULL, RC_INVALID},
        {"[playlist]\nNumberOfEntries=2\nTitle1=A = B\nFile1=http://a.test/one?x=1\nFile2=http://a.test/two\n",
         "http://a.test/one?x=1", RC_OK},
        {"[Playlist]\r\nfile1=\r\nFILE2= http://a.test/two \r\n", "http://a.test/two", RC_OK},
        {"[playlist]\nFile=http://a.test/none\nNumberOfEntries=0\n", NULL, RC_NOT_FOUND},
        {"[playlist]\nVersion=2", NULL, RC_NOT_FOUND},
        {"<?xml version=\"1.0\"?>\n<playlist version=\"1\" xmlns=\"http://xspf.org/ns/0/\"><trackList><track><title>x</title>"
         "</track><track><location> http://a.test/?a=1&amp;b=2 </location></track></trackList></playlist>",
         "http://a.test/?a=1&b=2", RC_OK},
        {"<playlist><trackList><track><location>a b</location><location>/c</location></track></trackList></playlist>",
         "/c", RC_OK},
        {"<!DOCTYPE p [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><playlist><trackList><track><location>&e;</location></track>"
         "</trackList></playlist>",
         NULL, RC_NOT_FOUND},
        {"<playlist><trackList/></playlist>", NULL, RC_NOT_FOUND},
        {"<playlist>", NULL, RC_NOT_FOUND},
        {"<html><body>Not found</body></html>", NULL, RC_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena *a = arena_new(1 << 20);
        struct str address;
        enum rc rc = audio_playlist_first(a, str_from(rows[i].text), &address);
        struct str should = rows[i].address != NULL ? str_from(rows[i].address) : STR("");
        if (rc != rows[i].rc || !str_eq(address, should))
            fail_msg("\"%s\": %d, \"%.*s\"", rows[i].text, rc, STR_ARG(address));
        arena_free(&a);
    }
}

static void what_is_no_playlist_is_not_taken_for_one(void **state) {
    (void)state;
    static const struct {
        const char *type, *path;
        bool is;
    } rows[] = {
        {"audio/x-mpegurl", "/a", true},      {"Application/Vnd.Apple.MpegURL; charset=utf-8", "/a", true},
        {"audio/x-scpls", "/a", true},        {"application/xspf+xml", "/a", true},
        {"text/plain", "/a.m3u", true},       {"", "/a.pls", true},
        {"application/xml", "/a.xspf", true}, {"text/plain", "/A.M3U", true},
        {"text/plain", "/a.pls?sid=1", true}, {"text/plain", "/a?b=.pls", false},
        {"text/plain", "/a", false},          {"audio/mpeg", "/a.m3u", false},
        {"text/html", "/a.pls", false},       {"", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (audio_playlist_is(str_from(rows[i].type), str_from(rows[i].path)) != rows[i].is)
            fail_msg("%s %s", rows[i].type, rows[i].path);
}

static void a_playlist_without_end_is_refused(void **state) {
    (void)state;
    struct arena *a = arena_new(1 << 20);
    struct str address, big = {arena_take(a, AUDIO_PLAYLIST_BYTES + 1), AUDIO_PLAYLIST_BYTES + 1};
    assert_int_equal(audio_playlist_first(a, big, &address), RC_TOO_BIG);
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_address_is_found),
                                       cmocka_unit_test(what_is_no_playlist_is_not_taken_for_one),
                                       cmocka_unit_test(a_playlist_without_end_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
