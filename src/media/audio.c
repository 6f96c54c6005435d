// SPDX-License-Identifier: AGPL-3.0-or-later
// Sound: its kind and length, from headers and frame counts; nothing is decoded. MP3 by libmpg123, Ogg, Opus, FLAC and
// WAV by libsndfile, MPEG-4 and ADTS by our own walks.
#include <mpg123.h>
#include <sndfile.h>
#include <unistd.h>

#include "media/inside.h"

void audio_start(void) {
    must(mpg123_init() == MPG123_OK);
}

// ---- libsndfile over a source --------------------------------------------------------------------------------------

struct reader {
    const struct media_source *s;
    uint64_t at;
};

static sf_count_t reader_bytes(void *arg) {
    return (sf_count_t)((struct reader *)arg)->s->bytes;
}

static sf_count_t reader_seek(sf_count_t offset, int whence, void *arg) {
    struct reader *r = arg;
    int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)r->at : (int64_t)r->s->bytes;
    if (offset > 0 ? from > INT64_MAX - offset : from < -offset)
        return -1;
    r->at = (uint64_t)(from + offset);
    return from + offset;
}

static sf_count_t reader_read(void *out, sf_count_t n, void *arg) {
    struct reader *r = arg;
    size_t got = n > 0 ? media_source_read(r->s, r->at, out, (size_t)n) : 0;
    r->at += got;
    return (sf_count_t)got;
}

static sf_count_t reader_tell(void *arg) {
    return (sf_count_t)((struct reader *)arg)->at;
}

static enum media_reason measure_sndfile(const struct media_source *s, int64_t *ms_out) {
    SF_VIRTUAL_IO calls = {.get_filelen = reader_bytes, .seek = reader_seek, .read = reader_read, .tell = reader_tell};
    struct reader r = {.s = s};
    SF_INFO info = {0};
    SNDFILE *file = sf_open_virtual(&calls, SFM_READ, &info, &r);
    if (file == NULL)
        return MEDIA_BROKEN;
    sf_close(file);
    if (info.samplerate <= 0 || info.frames <= 0 || info.frames > INT64_MAX / 1000)
        return MEDIA_NO_SOUND;
    *ms_out = info.frames * 1000 / info.samplerate;
    return MEDIA_TAKEN;
}

// ---- MP3 -----------------------------------------------------------------------------------------------------------

static ssize_t mp3_read(void *arg, void *out, size_t n) {
    return (ssize_t)reader_read(out, (sf_count_t)n, arg);
}

static off_t mp3_seek(void *arg, off_t offset, int whence) {
    return (off_t)reader_seek(offset, whence, arg);
}

// Goes over all frames: a length in a header is only somebody's word.
static enum media_reason measure_mp3(const struct media_source *s, int64_t *ms_out) {
    struct reader r = {.s = s};
    long rate = 0;
    int channels, encoding;
    mpg123_handle *m = mpg123_new(NULL, NULL);
    must(m != NULL);
    mpg123_param(m, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_SKIP_ID3V2, 0);
    bool good = mpg123_replace_reader_handle(m, mp3_read, mp3_seek, NULL) == MPG123_OK &&
                mpg123_open_handle(m, &r) == MPG123_OK &&
                mpg123_getformat(m, &rate, &channels, &encoding) == MPG123_OK && mpg123_scan(m) == MPG123_OK;
    off_t samples = good ? mpg123_length(m) : 0;
    mpg123_close(m);
    mpg123_delete(m);
    if (!good)
        return MEDIA_BROKEN;
    if (samples <= 0 || rate <= 0)
        return MEDIA_NO_SOUND;
    *ms_out = (int64_t)samples * 1000 / rate;
    return MEDIA_TAKEN;
}

static enum media_reason measure(const struct media_source *s, enum media_type type, int64_t *ms_out) {
    switch (type) {
    case MEDIA_MP3:
        return measure_mp3(s, ms_out);
    case MEDIA_M4A:
        return boxes_audio(s, ms_out);
    case MEDIA_AAC:
        return adts_duration(s, ms_out) ? MEDIA_TAKEN : MEDIA_BROKEN;
    default:
        return measure_sndfile(s, ms_out);
    }
}

void audio_decode(const struct media_source *s, struct media_report *report) {
    report->reason = measure(s, report->type, &report->duration_ms);
    if (report->reason == MEDIA_TAKEN && report->duration_ms < 1)
        report->reason = MEDIA_NO_SOUND;
    if (report->reason == MEDIA_TAKEN && report->duration_ms > INT64_C(1000) * MEDIA_AUDIO_SECONDS)
        report->reason = MEDIA_SOUND_TOO_LONG;
}
