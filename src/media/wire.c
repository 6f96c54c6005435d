// SPDX-License-Identifier: AGPL-3.0-or-later
// Request and report as bytes of a message, field after field without gaps. The reading side believes nothing: the
// other may be a decoder that a hostile file took over.
#include "media/media.h"

struct writer {
    char *at;
};

static void put_u32(struct writer *w, uint32_t v) {
    memcpy(w->at, &v, sizeof v);
    w->at += sizeof v;
}

static void put_u64(struct writer *w, uint64_t v) {
    memcpy(w->at, &v, sizeof v);
    w->at += sizeof v;
}

static uint32_t take_u32(const char **at) {
    uint32_t v;
    memcpy(&v, *at, sizeof v);
    *at += sizeof v;
    return v;
}

static uint64_t take_u64(const char **at) {
    uint64_t v;
    memcpy(&v, *at, sizeof v);
    *at += sizeof v;
    return v;
}

// ---- request -------------------------------------------------------------------------------------------------------

void media_request_write(char out[MEDIA_REQUEST_BYTES], const struct media_request *r) {
    struct writer w = {out};
    put_u32(&w, (uint32_t)r->task);
    put_u32(&w, r->crop_width);
    put_u32(&w, r->crop_height);
    put_u32(&w, r->focal_x);
    put_u32(&w, r->focal_y);
    must(w.at == out + MEDIA_REQUEST_BYTES);
}

enum rc media_request_read(struct str bytes, struct media_request *out) {
    if (bytes.n != MEDIA_REQUEST_BYTES)
        return RC_INVALID;
    const char *at = bytes.p;
    uint32_t task = take_u32(&at);
    *out = (struct media_request){.task = (enum media_task)task};
    out->crop_width = take_u32(&at);
    out->crop_height = take_u32(&at);
    out->focal_x = take_u32(&at);
    out->focal_y = take_u32(&at);
    bool good = task >= MEDIA_TASK_TAKE && task <= MEDIA_TASK_AVIF && out->crop_width <= 1000 &&
                out->crop_height <= 1000 && out->focal_x <= 1000 && out->focal_y <= 1000;
    return good ? RC_OK : RC_INVALID;
}

// ---- report --------------------------------------------------------------------------------------------------------

void media_report_write(char out[MEDIA_REPORT_BYTES], const struct media_report *r) {
    memset(out, 0, MEDIA_REPORT_BYTES);
    struct writer w = {out};
    put_u32(&w, (uint32_t)r->reason);
    put_u32(&w, (uint32_t)r->type);
    put_u32(&w, (uint32_t)r->width);
    put_u32(&w, (uint32_t)r->height);
    put_u32(&w, r->frames);
    put_u32(&w, (uint32_t)r->output_count);
    put_u64(&w, (uint64_t)r->duration_ms);
    put_u64(&w, (uint64_t)r->spent_ms);
    put_u64(&w, (uint64_t)r->memory_kb);
    memcpy(w.at, r->other, sizeof r->other);
    w.at += sizeof r->other;
    for (size_t i = 0; i < r->output_count; i++) {
        put_u32(&w, (uint32_t)r->outputs[i].type);
        put_u32(&w, (uint32_t)r->outputs[i].width);
        put_u32(&w, (uint32_t)r->outputs[i].height);
        put_u32(&w, 0);
        put_u64(&w, r->outputs[i].at);
        put_u64(&w, r->outputs[i].bytes);
    }
    must(w.at <= out + MEDIA_REPORT_BYTES);
}

// A name that came from outside: printable ASCII up to a NUL.
static bool words_read(const char **at, char out[40]) {
    memcpy(out, *at, 40);
    *at += 40;
    if (out[39] != '\0')
        return false;
    for (const char *p = out; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            return false;
    return true;
}

static bool output_read(const char **at, uint64_t *end, struct media_output *o) {
    uint32_t type = take_u32(at), width = take_u32(at), height = take_u32(at);
    (void)take_u32(at);
    *o = (struct media_output){.type = (enum media_type)type, .width = (int)width, .height = (int)height};
    o->at = take_u64(at);
    o->bytes = take_u64(at);
    bool good = type > MEDIA_UNKNOWN && type < MEDIA_TYPE_COUNT && width >= 1 && width <= MEDIA_SIDE_MOST &&
                height >= 1 && height <= MEDIA_SIDE_MOST && o->at == *end && o->bytes >= 1 &&
                o->bytes <= MEDIA_OUTPUT_BYTES;
    *end += good ? o->bytes : 0;
    return good;
}

static bool head_read(const char **at, struct media_report *out) {
    uint32_t reason = take_u32(at), type = take_u32(at), width = take_u32(at), height = take_u32(at);
    *out = (struct media_report){.reason = (enum media_reason)reason, .type = (enum media_type)type};
    out->frames = take_u32(at);
    out->output_count = take_u32(at);
    uint64_t duration = take_u64(at), spent = take_u64(at), memory = take_u64(at);
    if (reason >= MEDIA_REASON_COUNT || type >= MEDIA_TYPE_COUNT || width > INT32_MAX || height > INT32_MAX ||
        out->output_count > MEDIA_OUTPUTS_MAX || duration > INT64_MAX || spent > INT64_MAX || memory > INT64_MAX)
        return false;
    out->width = (int)width;
    out->height = (int)height;
    out->duration_ms = (int64_t)duration;
    out->spent_ms = (int64_t)spent;
    out->memory_kb = (int64_t)memory;
    return true;
}

// What is taken has what its kind must have; what is refused has nothing.
static bool is_sound(const struct media_report *r) {
    if (r->reason != MEDIA_TAKEN)
        return r->output_count == 0;
    if (r->type == MEDIA_UNKNOWN || r->type == MEDIA_SVG)
        return false;
    if (media_type_kind(r->type) != MEDIA_PICTURE)
        return r->output_count == 0 && r->duration_ms >= (media_type_kind(r->type) == MEDIA_AUDIO) &&
               r->duration_ms <= INT64_C(1000) * MEDIA_AUDIO_SECONDS;
    return r->output_count > 0 && r->width >= 1 && r->width <= MEDIA_SIDE_MOST && r->height >= 1 &&
           r->height <= MEDIA_SIDE_MOST;
}

enum rc media_report_read(struct str bytes, uint64_t output_bytes, struct media_report *out) {
    if (bytes.n != MEDIA_REPORT_BYTES)
        return RC_INVALID;
    const char *at = bytes.p;
    uint64_t end = 0;
    if (!head_read(&at, out) || !words_read(&at, out->other) || !is_sound(out))
        return RC_INVALID;
    for (size_t i = 0; i < out->output_count; i++)
        if (!output_read(&at, &end, &out->outputs[i]))
            return RC_INVALID;
    return out->output_count == 0 || end == output_bytes ? RC_OK : RC_INVALID;
}
