// SPDX-License-Identifier: AGPL-3.0-or-later
// One file from its bytes to a report: kind, limits, then the picture's or the sound's own work.
#include <sys/resource.h>

#include "media/inside.h"

enum rc media_decoder_start(struct problem *p) {
    audio_start();
    return picture_start(p);
}

static int64_t spent_ms(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

static int64_t memory_kb(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void copy_header(struct media_report *report, const struct media_header *h) {
    report->type = h->type;
    report->width = h->width;
    report->height = h->height;
    report->frames = h->frames;
    if (h->other != NULL)
        (void)snprintf(report->other, sizeof report->other, "%s", h->other);
}

// A picture is read whole: at most MEDIA_PICTURE_BYTES, and libvips wants it so.
static void decode_picture(const struct media_source *s, int out_fd, const struct media_request *request,
                           struct media_report *report) {
    struct buf b;
    struct media_header h;
    buf_init(&b, MEDIA_PICTURE_BYTES);
    char *at = buf_reserve(&b, (size_t)s->bytes);
    b.n = media_source_read(s, 0, at, (size_t)s->bytes);
    struct media_source memory = media_source_memory(buf_view(&b));
    report->reason = media_sniff(&memory, false, &h);
    copy_header(report, &h);
    if (report->reason == MEDIA_TAKEN && !picture_is_whole(buf_view(&b), h.type))
        report->reason = MEDIA_BROKEN;
    if (report->reason == MEDIA_TAKEN)
        picture_decode(buf_view(&b), out_fd, request, report);
    buf_fini(&b);
}

// What is served as it came: sound and video have a length, documents have not.
static void measure(const struct media_source *s, struct media_report *report) {
    switch (media_type_kind(report->type)) {
    case MEDIA_AUDIO:
        audio_decode(s, report);
        break;
    case MEDIA_VIDEO:
        if (report->type == MEDIA_MP4)
            report->reason = boxes_video(s, &report->duration_ms);
        else if (!webm_duration(s, &report->duration_ms))
            report->reason = MEDIA_BROKEN;
        if (report->reason == MEDIA_TAKEN && report->duration_ms > INT64_C(1000) * MEDIA_AUDIO_SECONDS)
            report->reason = MEDIA_SOUND_TOO_LONG;
        break;
    case MEDIA_PICTURE:
    case MEDIA_DOCUMENT:
        break;
    }
}

static void decode_file(int in_fd, int out_fd, const struct media_request *request, struct media_report *report) {
    struct media_source s;
    const char *other;
    if (media_source_file(in_fd, &s) != RC_OK) {
        report->reason = MEDIA_NO_ROOM;
        return;
    }
    bool picture = media_type_kind(kind_of(&s, &other)) == MEDIA_PICTURE;
    if (picture && s.bytes > 0 && s.bytes <= MEDIA_PICTURE_BYTES) {
        decode_picture(&s, out_fd, request, report);
        return;
    }
    struct media_header h;
    report->reason = media_sniff(&s, false, &h);
    copy_header(report, &h);
    if (report->reason == MEDIA_TAKEN && request->task == MEDIA_TASK_TAKE)
        measure(&s, report);
}

void media_decode(int in_fd, int out_fd, const struct media_request *request, struct media_report *report) {
    int64_t before = spent_ms();
    *report = (struct media_report){.reason = MEDIA_TAKEN};
    decode_file(in_fd, out_fd, request, report);
    report->spent_ms = spent_ms() - before;
    report->memory_kb = memory_kb();
}
