// SPDX-License-Identifier: AGPL-3.0-or-later
// What other servers answer to a relay.
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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
