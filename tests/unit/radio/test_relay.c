// SPDX-License-Identifier: AGPL-3.0-or-later
// Where a relay fetches from, and what other servers answer to it.
#include "../check.h"
#include "radio/inside.h"

static void heads_are_read(void **state) {
    (void)state;
    static const struct {
        const char *head, *path;
        enum audio_format format;
        enum relay_verdict is;
        uint32_t metaint;
    } rows[] = {
        {"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-metaint:16000", "/a", AUDIO_MPEG, RELAY_STREAM, 16000},
        {"ICY 200 OK\r\nicy-notice1:<BR>\r\nicy-metaint:8192\r\ncontent-type:audio/mpeg", "/a", AUDIO_MPEG,
         RELAY_STREAM, 8192},
        {"HTTP/1.1 200 OK\r\nContent-Type: audio/aacp", "/a", AUDIO_AAC, RELAY_STREAM, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: application/ogg", "/a", AUDIO_OGG, RELAY_STREAM, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: application/ogg", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: text/html", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: text/html", "/a", AUDIO_OTHER, RELAY_NOTHING, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: audio/flac", "/a", AUDIO_OTHER, RELAY_STREAM, 0},
        {"HTTP/1.0 200 OK", "/a", AUDIO_MPEG, RELAY_STREAM, 0},
        {"HTTP/1.0 200", "/a", AUDIO_MPEG, RELAY_STREAM, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"HTTP/1.0 404 Not Found\r\nContent-Type: audio/mpeg", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"HTTP/1.0 302 Found\r\nLocation: /x", "/a", AUDIO_MPEG, RELAY_ELSEWHERE, 0},
        {"HTTP/1.1 308 Permanent Redirect\r\nlocation: http://far/x", "/a", AUDIO_OTHER, RELAY_ELSEWHERE, 0},
        {"HTTP/1.0 302 Found", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"HTTP/1.0 304 Not Modified\r\nLocation: /x", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: audio/x-mpegurl", "/a", AUDIO_MPEG, RELAY_PLAYLIST, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: application/vnd.apple.mpegurl; charset=utf-8", "/a", AUDIO_OTHER,
         RELAY_PLAYLIST, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: text/plain", "/a.pls", AUDIO_MPEG, RELAY_PLAYLIST, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg", "/a.pls", AUDIO_MPEG, RELAY_STREAM, 0},
        {"HTTP/1.0 200 OK\r\nicy-metaint: 0", "/a", AUDIO_MPEG, RELAY_STREAM, 0},
        {"HTTP/1.0 200 OK\r\nicy-metaint: 99999999999", "/a", AUDIO_MPEG, RELAY_STREAM, 0},
        {"SSH-2.0", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
        {"", "/a", AUDIO_MPEG, RELAY_NOTHING, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct relay_answer said;
        enum relay_verdict is = relay_head(str_from(rows[i].head), str_from(rows[i].path), rows[i].format, &said);
        if (is != rows[i].is || said.metaint != (is == RELAY_STREAM ? rows[i].metaint : said.metaint))
            fail_msg("\"%s\": %d, %u", rows[i].head, is, said.metaint);
    }
}

static void addresses_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text, *origin, *path; // origin NULL: it is refused
    } rows[] = {
        {"http://a.test/x.mp3", "http://a.test:80", "/x.mp3"},
        {"https://a.test/x.mp3", "https://a.test:443", "/x.mp3"},
        {"HTTPS://a.test:8443/x?y=1#z", "https://a.test:8443", "/x?y=1"},
        {"https://a.test", "https://a.test:443", "/"},
        {"https://a.test?x=/y", "https://a.test:443", "/?x=/y"},
        {"http://a.test:8000?x#y", "http://a.test:8000", "/?x"},
        {"https://[::1]/x", "https://[::1]:443", "/x"},
        {"http://[::1]:8000/x", "http://[::1]:8000", "/x"},
        {"https:/a.test/x", NULL, NULL},
        {"httpss://a.test/x", NULL, NULL},
        {"ftp://a.test/x", NULL, NULL},
        {"https:///x", NULL, NULL},
        {"https://user@a.test/x", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct relay_address is;
        char origin[RELAY_ORIGIN_BYTES] = "";
        bool good = relay_address_read(str_from(rows[i].text), &is);
        if (good)
            relay_address_origin(&is, origin);
        if (good != (rows[i].origin != NULL) ||
            (good && (strcmp(origin, rows[i].origin) != 0 || strcmp(is.path, rows[i].path) != 0)))
            fail_msg("\"%s\": %d, %s", rows[i].text, good, origin);
    }
}

static void addresses_lead_on(void **state) {
    (void)state;
    static const struct {
        const char *from, *text, *to; // NULL: nowhere
    } rows[] = {
        {"https://a.test/b/c?d", "e", "https://a.test:443/b/e"},
        {"https://a.test/b/c?d", "/e", "https://a.test:443/e"},
        {"https://a.test/b/c?d", "?e", "https://a.test:443/b/c?e"},
        {"https://a.test:8443/b", "//f.test/e", "https://f.test:443/e"},
        {"http://a.test:8000/b", "//f.test/e", "http://f.test:80/e"},
        {"http://[::1]:8000/b/", "e", "http://[::1]:8000/b/e"},
        {"http://a.test/b", "https://f.test/e", "https://f.test:443/e"},
        {"https://a.test/b", "http://f.test/e", "http://f.test:80/e"}, // who follows refuses it
        {"https://a.test/b", "e?x=ftp://f", "https://a.test:443/e?x=ftp://f"},
        {"https://a.test/b", "ftp://f.test/e", NULL},
        {"https://a.test/b", "/e\r\nX: y", NULL},
        {"https://a.test/b", "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct relay_address from, to;
        char whole[RELAY_ORIGIN_BYTES + SERVICE_ADDRESS_BYTES] = "";
        assert_true(relay_address_read(str_from(rows[i].from), &from));
        bool good = relay_address_follow(&from, str_from(rows[i].text), &to);
        if (good) {
            relay_address_origin(&to, whole);
            memcpy(whole + strlen(whole), to.path, strlen(to.path) + 1);
        }
        if (good != (rows[i].to != NULL) || (good && strcmp(whole, rows[i].to) != 0))
            fail_msg("\"%s\" at %s: %d, %s", rows[i].text, rows[i].from, good, whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_are_read), cmocka_unit_test(addresses_are_read),
                                       cmocka_unit_test(addresses_lead_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
