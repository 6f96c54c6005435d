// SPDX-License-Identifier: AGPL-3.0-or-later
// hls_files DIR TYPE FILE...: plays files of sound into a log as sources that follow each other, at a fixed time of the past,
// and writes all that the radio would answer to players: for the tests that let players play it (tests/browser/hls.test.js).
//
//   DIR/hls/voice/live-ts.m3u8, live-packed.m3u8   as the list is at the end of it
//   DIR/hls/voice/all-ts.m3u8, all-packed.m3u8     all of it, over
//   DIR/hls/voice/NUMBER.ts, .aac, .mp3            segments
//   DIR/hls/master.m3u8
//   DIR/sent                                       the frames as they were sent
//   DIR/radio/voice                                the log
// TYPE is a media type. A file "gap:SECONDS" is time without sound.
#include <stdlib.h>

#include "radio/hls.h"

#define BEGIN (INT64_C(1795953600) * US_PER_SECOND) // 2026-11-29T12:00:00Z

struct playing {
    const char *dir;
    struct audio_log *log;
    struct audio_scanner *scanner;
    struct buf sent;
    int64_t at;
};

static void play(struct playing *p, const char *file) {
    struct buf b;
    struct audio_piece piece;
    struct problem why = {0};
    int64_t begun = p->at;
    uint64_t samples = 0;
    if (strncmp(file, "gap:", 4) == 0) {
        p->at += strtoll(file + 4, NULL, 10) * US_PER_SECOND;
        audio_log_mark(p->log, AUDIO_LOG_GAP);
        return;
    }
    buf_init(&b, 1 << 26);
    if (file_read(file, &b, &why) != RC_OK) {
        (void)fprintf(stderr, "%s\n", why.text);
        exit(1);
    }
    audio_log_mark(p->log, AUDIO_LOG_SOURCE);
    size_t at = 0;
    for (size_t n; (n = audio_scan(p->scanner, str_slice(buf_view(&b), at, b.n), &piece)) > 0; at += n) {
        if (piece.bytes.n == 0)
            continue;
        audio_log_append(p->log, &piece, p->at);
        buf_str(&p->sent, piece.bytes);
        samples += piece.samples;
        p->at = begun + (piece.rate > 0 ? (int64_t)(samples * (uint64_t)US_PER_SECOND / piece.rate) : 0);
    }
    must(audio_log_flush(p->log, NULL) == RC_OK);
    buf_fini(&b);
}

static void put(const char *dir, const char *name, const struct buf *b) {
    char path[4096];
    struct problem why = {0};
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    must(n > 0 && (size_t)n < sizeof path);
    if (file_write(path, buf_view(b), 0644, &why) != RC_OK) {
        (void)fprintf(stderr, "%s\n", why.text);
        exit(1);
    }
}

static void make_dir(const char *dir, const char *name) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    must(n > 0 && (size_t)n < sizeof path);
    must(file_make_dir(path, 0755, NULL) == RC_OK);
}

static void answers_put(const struct playing *p, const struct service_stream *stream) {
    static const char *const kinds[HLS_KINDS] = {"ts", "packed"};
    struct service service = {.streams = (struct service_stream *)(uintptr_t)stream, .stream_count = 1};
    struct hls *hls = hls_new(p->dir);
    struct buf b;
    char name[64];
    buf_init(&b, 1 << 24);
    int64_t end = p->at + 30 * US_PER_SECOND;
    for (enum hls_kind kind = 0; kind < HLS_KINDS; kind++)
        for (int is_over = 0; is_over < 2; is_over++) {
            struct hls_ask ask = {.now_us = is_over ? end : p->at, .kind = kind};
            ask.from_us = is_over ? BEGIN : 0;
            ask.to_us = is_over ? p->at : 0;
            buf_clear(&b);
            must(hls_playlist(hls, stream, &ask, &b) == RC_OK);
            (void)snprintf(name, sizeof name, "hls/voice/%s-%s.m3u8", is_over ? "all" : "live", kinds[kind]);
            put(p->dir, name, &b);
        }
    for (int64_t n = BEGIN / AUDIO_SEGMENT_US; n <= p->at / AUDIO_SEGMENT_US; n++)
        for (enum hls_kind kind = 0; kind < HLS_KINDS; kind++) {
            buf_clear(&b);
            if (hls_segment(hls, stream, &(struct hls_name){.number = n, .kind = kind}, end, &b) != RC_OK)
                continue;
            const char *ending = kind == HLS_TS ? "ts" : stream->format == AUDIO_MPEG ? "mp3" : "aac";
            (void)snprintf(name, sizeof name, "hls/voice/%lld.%s", (long long)n, ending);
            put(p->dir, name, &b);
        }
    buf_clear(&b);
    must(hls_master(hls, &service, end, STR_NONE, &b) == RC_OK);
    put(p->dir, "hls/master.m3u8", &b);
    buf_fini(&b);
    hls_free(&hls);
}

int main(int argc, char **argv) {
    struct problem why = {0};
    if (argc < 4) {
        (void)fprintf(stderr, "usage: hls_files DIR TYPE FILE...\n");
        return 2;
    }
    hash_start();
    struct playing p = {.dir = argv[1], .at = BEGIN};
    struct service_stream stream = {.name = STR("voice"),
                                    .media_type = str_from(argv[2]),
                                    .format = audio_format_of(str_from(argv[2])),
                                    .has_hls = true};
    char folder[4096];
    static const char *const folders[] = {"radio", "hls", "hls/voice"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        make_dir(p.dir, folders[i]);
    int n = snprintf(folder, sizeof folder, "%s/radio/voice", p.dir);
    must(n > 0 && (size_t)n < sizeof folder);
    if (audio_log_open(folder, stream.format, &p.log, &why) != RC_OK) {
        (void)fprintf(stderr, "%s\n", why.text);
        return 1;
    }
    p.scanner = audio_scanner_new(stream.format);
    buf_init(&p.sent, 1 << 26);
    audio_log_title(p.log, STR("Ismail Marzuki - Indonesia Pusaka"), BEGIN);
    for (int i = 3; i < argc; i++)
        play(&p, argv[i]);
    audio_log_close(&p.log);
    if (stream.format == AUDIO_MPEG || stream.format == AUDIO_AAC)
        answers_put(&p, &stream);
    put(p.dir, "sent", &p.sent);
    audio_scanner_free(&p.scanner);
    buf_fini(&p.sent);
    return 0;
}
