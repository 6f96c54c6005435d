// SPDX-License-Identifier: AGPL-3.0-or-later
// hls_files DIR TYPE FILE...: plays files of sound into a log as sources that follow each other, at a fixed time of the past,
// and writes all that the radio would answer to players: for the tests that let players play it (tests/browser/hls.test.js).
//
//   DIR/hls/voice/live-ts.m3u8, live-packed.m3u8   as the list is at the end of it
//   DIR/hls/voice/all-ts.m3u8, all-packed.m3u8     all of it, over
//   DIR/hls/voice/masked-ts.m3u8, masked-packed.m3u8
//                                                  the same once two seconds of its third segment are masked
//   DIR/hls/voice/NUMBER.ts, .aac, .mp3            segments, as before that
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

static void list_put(const struct playing *p, struct hls *hls, const struct service_stream *stream, const char *what,
                     struct hls_ask ask) {
    static const char *const kinds[HLS_KINDS] = {"ts", "packed"};
    struct buf b;
    char name[64];
    buf_init(&b, 1 << 20);
    for (ask.kind = 0; ask.kind < HLS_KINDS; ask.kind++) {
        buf_clear(&b);
        must(hls_playlist(hls, stream, &ask, &b) == RC_OK);
        (void)snprintf(name, sizeof name, "hls/voice/%s-%s.m3u8", what, kinds[ask.kind]);
        put(p->dir, name, &b);
    }
    buf_fini(&b);
}

static void mask(const struct playing *p) {
    char folder[4096];
    struct audio_log_span span = {BEGIN + 14 * US_PER_SECOND, BEGIN + 16 * US_PER_SECOND};
    int n = snprintf(folder, sizeof folder, "%s/radio/voice", p->dir);
    must(n > 0 && (size_t)n < sizeof folder);
    must(audio_log_span_add(folder, AUDIO_LOG_MASKED, span, NULL) == RC_OK);
}

static void answers_put(const struct playing *p, const struct service_stream *stream) {
    struct service service = {.streams = (struct service_stream *)(uintptr_t)stream, .stream_count = 1};
    struct hls *hls = hls_new(p->dir);
    struct buf b;
    char name[64];
    buf_init(&b, 1 << 24);
    int64_t end = p->at + 30 * US_PER_SECOND;
    struct hls_ask all = {.now_us = end, .from_us = BEGIN, .to_us = p->at};
    list_put(p, hls, stream, "live", (struct hls_ask){.now_us = p->at});
    list_put(p, hls, stream, "all", all);
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
    mask(p);
    list_put(p, hls, stream, "masked", all);
    all.from_us = BEGIN + 12 * US_PER_SECOND;
    all.now_us += 3600 * US_PER_SECOND;
    list_put(p, hls, stream, "masked-first", all);
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
