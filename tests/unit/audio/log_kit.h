// SPDX-License-Identifier: AGPL-3.0-or-later
// What the tests of the log share: a fresh folder each, frames that differ, and what comes out again.
#ifndef TESTS_UNIT_AUDIO_LOG_KIT_H
#define TESTS_UNIT_AUDIO_LOG_KIT_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "audio/log.h"

enum { FRAME = 417, FRAME_US = 26122 };            // MPEG layer III, 128 kbit/s at 44.1 kHz
#define NOON (INT64_C(1795953600) * US_PER_SECOND) // 2026-11-29T12:00:00Z... a whole hour

struct kit {
    char folder[64];
    struct buf sent; // sound, as it went in
    int64_t at;      // moment of the next frame
    uint32_t frames;
};

static inline struct kit kit_new(int64_t at) {
    struct kit k = {.folder = "/tmp/siaran-log-XXXXXX", .at = at};
    assert_non_null(mkdtemp(k.folder));
    buf_init(&k.sent, 1 << 26);
    return k;
}

static inline void each_file(const char *folder, void (*take)(const char *path, void *arg), void *arg) {
    char path[512];
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
            take(path, arg);
        }
    closedir(d);
}

static inline void file_remove(const char *path, void *arg) {
    (void)arg;
    assert_int_equal(unlink(path), 0);
}

static inline void kit_free(struct kit *k) {
    each_file(k->folder, file_remove, NULL);
    assert_int_equal(rmdir(k->folder), 0);
    buf_fini(&k->sent);
}

static inline struct audio_log *kit_open(struct kit *k, enum audio_format format) {
    struct audio_log *log = NULL;
    struct problem p = {0};
    enum rc rc = audio_log_open(k->folder, format, &log, &p);
    if (rc != RC_OK)
        print_error("%s\n", p.text);
    assert_int_equal(rc, RC_OK);
    return log;
}

static inline struct audio_log_reader *kit_read(struct kit *k) {
    struct audio_log_reader *r = NULL;
    assert_int_equal(audio_log_reader_open(k->folder, &r, NULL), RC_OK);
    return r;
}

// A frame that no other is like.
static inline struct audio_piece frame(uint32_t number, char out[FRAME]) {
    static const uint8_t head[] = {0xff, 0xfb, 0x90, 0x00};
    memset(out, 0x55, FRAME);
    memcpy(out, head, sizeof head);
    (void)snprintf(out + 100, 16, "%u", number);
    return (struct audio_piece){
        .bytes = {out, FRAME}, .may_begin = true, .samples = 1152, .rate = 44100, .channels = 2};
}

static inline void kit_frames(struct kit *k, struct audio_log *log, uint32_t n) {
    char bytes[FRAME];
    for (uint32_t i = 0; i < n; i++) {
        struct audio_piece piece = frame(k->frames++, bytes);
        audio_log_append(log, &piece, k->at);
        buf_str(&k->sent, piece.bytes);
        k->at += FRAME_US;
    }
}

// From a place to the live edge, at most `step` bytes at a time; what was said on the way is gathered.
static inline unsigned kit_hear(struct audio_log_reader *r, struct audio_log_place *place, size_t step, struct buf *b) {
    static char bytes[1 << 20];
    struct audio_log_bytes got;
    unsigned flags = 0;
    enum audio_log_got rc;
    int64_t last = 0;
    while ((rc = audio_log_read(r, place, bytes, step, &got)) == AUDIO_LOG_BYTES) {
        assert_true(got.bytes > 0 && got.bytes <= step && got.moment_us <= got.until_us && got.moment_us >= last);
        last = got.moment_us;
        flags |= got.flags;
        buf_add(b, bytes, got.bytes);
    }
    assert_int_equal(rc, AUDIO_LOG_LIVE);
    assert_int_equal(got.bytes, 0);
    return flags;
}

static inline unsigned kit_hear_from(struct kit *k, int64_t moment, size_t step, struct buf *b) {
    struct audio_log_reader *r = kit_read(k);
    struct audio_log_place place;
    assert_int_equal(audio_log_at(r, moment, &place), RC_OK);
    unsigned flags = kit_hear(r, &place, step, b);
    audio_log_reader_close(&r);
    return flags;
}

static inline void kit_path(const struct kit *k, const char *name, char out[512]) {
    (void)snprintf(out, 512, "%s/%s", k->folder, name);
}

static inline void kit_file(const struct kit *k, const char *name, struct buf *b) {
    char path[512];
    struct problem p = {0};
    kit_path(k, name, path);
    buf_init(b, 1 << 26);
    if (file_read(path, b, &p) != RC_OK)
        fail_msg("%s", p.text);
}

// What an encoder made, out of the fuzzer's corpus, whose first two bytes are the fuzzer's own.
static inline struct str sample(const char *name, struct buf *b) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/audio/%s", SOURCE_DIR, name);
    buf_init(b, 1 << 20);
    assert_int_equal(file_read(path, b, NULL), RC_OK);
    return str_slice(buf_view(b), 2, b->n);
}

// Every piece of it, in its time; from the second beginning on that much later.
static inline void kit_sample(struct kit *k, struct audio_log *log, enum audio_format format, struct str bytes,
                              int64_t later_us) {
    struct audio_scanner *s = audio_scanner_new(format);
    struct audio_piece piece;
    size_t at = 0, begins = 0;
    for (size_t n; (n = audio_scan(s, str_slice(bytes, at, bytes.n), &piece)) > 0; at += n) {
        if (piece.may_begin && ++begins == 2)
            k->at += later_us;
        audio_log_append(log, &piece, k->at);
        buf_str(&k->sent, piece.bytes);
        if (piece.rate > 0)
            k->at += (int64_t)piece.samples * US_PER_SECOND / piece.rate;
    }
    audio_scanner_free(&s);
}

#endif
