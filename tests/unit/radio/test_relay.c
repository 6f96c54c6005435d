// SPDX-License-Identifier: AGPL-3.0-or-later
// What other servers answer to a relay.
#include "../check.h"
#include "radio/inside.h"

static void heads_are_read(void **state) {
    (void)state;
    static const struct {
        const char *head;
        enum audio_format format;
        int metaint; // -1: refused
    } rows[] = {
        {"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-metaint:16000", AUDIO_MPEG, 16000},
        {"ICY 200 OK\r\nicy-notice1:<BR>\r\nicy-metaint:8192\r\ncontent-type:audio/mpeg", AUDIO_MPEG, 8192},
        {"HTTP/1.1 200 OK\r\nContent-Type: audio/aacp", AUDIO_AAC, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: application/ogg", AUDIO_OGG, 0},
        {"HTTP/1.0 200 OK\r\nContent-Type: application/ogg", AUDIO_MPEG, -1},
        {"HTTP/1.0 200 OK\r\nContent-Type: text/html", AUDIO_MPEG, -1},
        {"HTTP/1.0 200 OK\r\nContent-Type: text/html", AUDIO_OTHER, 0},
        {"HTTP/1.0 200 OK", AUDIO_MPEG, 0},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", AUDIO_MPEG, -1},
        {"HTTP/1.0 404 Not Found\r\nContent-Type: audio/mpeg", AUDIO_MPEG, -1},
        {"HTTP/1.0 302 Found\r\nLocation: /x", AUDIO_MPEG, -1},
        {"HTTP/1.0 200 OK\r\nicy-metaint: 0", AUDIO_MPEG, 0},
        {"HTTP/1.0 200 OK\r\nicy-metaint: 99999999999", AUDIO_MPEG, 0},
        {"SSH-2.0", AUDIO_MPEG, -1},
        {"", AUDIO_MPEG, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t metaint = 7;
        bool ok = relay_head(str_from(rows[i].head), rows[i].format, &metaint);
        if (ok != (rows[i].metaint >= 0) || (ok && metaint != (uint32_t)rows[i].metaint))
            fail_msg("\"%s\": %d, %u", rows[i].head, ok, metaint);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
