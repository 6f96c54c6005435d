// SPDX-License-Identifier: AGPL-3.0-or-later
// Many encoders' WebM as one segment: the headers of the next say nothing new, and its clusters' times go on. A cluster's
// length is left open (RFC 9559, 7), for the number of its time may become longer.
#include "audio/webm.h"

enum { TEXT_MAX = 1 << 16, STEP = 20, STEP_MAX = 1000, TIME_BYTES = 8 };

// ---- what a header says ------------------------------------------------------------------------------------------------

static void field_add(struct buf *out, uint32_t id, struct str content) {
    buf_fmt(out, "%x %zu ", id, content.n);
    buf_str(out, content);
}

// What a decoder of the codec is told.
static void private_add(struct buf *out, struct str content) {
    if (str_starts(content, STR("OpusHead")) && content.n >= OPUS_GAIN)
        opus_coding_add(content, out);
    else
        field_add(out, ID_CODEC_PRIVATE, content);
}

static void audio_add(struct buf *out, struct str audio) {
    struct webm_element e;
    struct str content;
    while (webm_element_next(&audio, &e, &content))
        if (e.id == ID_RATE || e.id == ID_CHANNELS)
            field_add(out, e.id, content);
}

static void track_add(struct buf *out, struct str track) {
    struct webm_element e;
    struct str content;
    while (webm_element_next(&track, &e, &content))
        if (e.id == ID_AUDIO)
            audio_add(out, content);
        else if (e.id == ID_CODEC_PRIVATE)
            private_add(out, content);
        else if (e.id == ID_TRACK_NUMBER || e.id == ID_TRACK_TYPE || e.id == ID_CODEC)
            field_add(out, e.id, content);
}

// What of the headers sound depends on, in the order in which it stands there.
static void headers_add(struct buf *out, struct str headers) {
    struct webm_element e, inner;
    struct str content, field;
    while (webm_element_next(&headers, &e, &content)) {
        if (e.id == ID_SEGMENT) // its content is what follows
            headers = (struct str){content.p, content.n + headers.n};
        while ((e.id == ID_INFO || e.id == ID_TRACKS) && webm_element_next(&content, &inner, &field))
            if (inner.id == ID_TRACK)
                track_add(out, field);
            else if (inner.id == ID_TIMESTAMP_SCALE)
                field_add(out, inner.id, field);
    }
}

bool audio_webm_is_same(struct str before, struct str headers) {
    struct buf one, two;
    buf_init(&one, TEXT_MAX);
    buf_init(&two, TEXT_MAX);
    headers_add(&one, before);
    headers_add(&two, headers);
    bool same = one.n > 0 && !one.failed && !two.failed && str_eq(buf_view(&one), buf_view(&two));
    buf_fini(&one);
    buf_fini(&two);
    return same;
}

// ---- clusters ----------------------------------------------------------------------------------------------------------

void audio_webm_join(struct audio_webm_joint *j, bool goes_on) {
    if (!goes_on)
        *j = (struct audio_webm_joint){0};
    j->joins = true;
}

static struct str time_put(struct audio_webm_joint *j, struct str content, char room[AUDIO_WEBM_ROOM]) {
    uint64_t time;
    if (!webm_unsigned_read(content, &time) || time > INT64_MAX / 4)
        return STR("");
    if (j->joins)
        j->offset = j->last + j->step - (int64_t)time;
    j->joins = false;
    int64_t out = (int64_t)time + j->offset;
    j->cluster = out > 0 && out <= INT64_MAX / 4 ? out : 0;
    room[0] = (char)ID_TIMESTAMP;
    room[1] = (char)(0x80 | TIME_BYTES);
    for (int i = 0; i < TIME_BYTES; i++)
        room[2 + i] = (char)(uint8_t)((uint64_t)j->cluster >> (8 * (TIME_BYTES - 1 - i)));
    return (struct str){room, 2 + TIME_BYTES};
}

static void block_note(struct audio_webm_joint *j, uint32_t id, struct str content) {
    int16_t beside;
    if (!webm_block_time(id, content, &beside))
        return;
    int64_t at = j->cluster + beside, step = at - j->last;
    if (step > 0 && step <= STEP_MAX)
        j->step = step;
    else if (j->step == 0)
        j->step = STEP;
    if (at > j->last)
        j->last = at;
}

struct str audio_webm_go_on(struct audio_webm_joint *j, const struct audio_piece *piece, char room[AUDIO_WEBM_ROOM]) {
    struct webm_element e;
    struct str rest = piece->bytes, content;
    if (piece->is_rest || !webm_element_next(&rest, &e, &content))
        return piece->bytes;
    if (e.id == ID_CLUSTER)
        return STR("\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff");
    if (e.id == ID_TIMESTAMP)
        return time_put(j, content, room);
    if (e.id == ID_POSITION || e.id == ID_PREV_SIZE || e.id == ID_CRC) // of the bytes that the encoder sent
        return STR("");
    block_note(j, e.id, content);
    return piece->bytes;
}
