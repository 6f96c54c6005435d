// SPDX-License-Identifier: AGPL-3.0-or-later
// A WebM of its own: one segment, as long as it can be, whose clusters' times begin at 0. The room for how long it lasts
// is an empty element until that is known.
#include "audio/cut.h"
#include "audio/webm.h"

enum { LENGTH_HEAD = 3, VOID_HEAD = 2 };

// What lies where, of the bytes that the encoder sent, or sums over them.
static bool is_of_the_whole(uint32_t id) {
    return id == ID_SEEK_HEAD || id == ID_CUES || id == ID_CRC || id == ID_DURATION;
}

static void element_add(struct buf *out, struct str element, const struct webm_element *e, struct str content) {
    buf_str(out, str_slice(element, 0, e->head));
    buf_str(out, content);
}

static void void_add(struct buf *out, size_t bytes) {
    static const char zeros[CUT_LENGTH_BYTES];
    buf_char(out, (char)ID_VOID);
    buf_char(out, (char)(uint8_t)(0x80 | (bytes - VOID_HEAD)));
    buf_add(out, zeros, bytes - VOID_HEAD);
}

// The segment's information, with the room in front; the first one's is where the file's length will stand.
static void info_add(struct webm_cut *w, struct str info, struct buf *out) {
    enum { SIZE_BYTES = 8 };
    struct webm_element e;
    struct str content, rest = info;
    buf_add(out, "\x15\x49\xa9\x66", 4);
    size_t size_at = out->n;
    buf_add(out, "\x01\0\0\0\0\0\0\0", SIZE_BYTES);
    w->length_at = w->ticks < 0 && w->length_at == 0 ? out->n : w->length_at;
    void_add(out, CUT_LENGTH_BYTES);
    while (rest = info, webm_element_next(&info, &e, &content))
        if (!is_of_the_whole(e.id))
            element_add(out, rest, &e, content);
    size_t n = out->n - size_at - SIZE_BYTES;
    for (int i = 1; i < SIZE_BYTES && !out->failed; i++)
        out->p[size_at + (size_t)i] = (char)(uint8_t)((uint64_t)n >> (8 * (SIZE_BYTES - 1 - i)));
}

static void headers_add(struct webm_cut *w, struct str headers, struct buf *out) {
    struct webm_element e;
    struct str content, rest;
    while (rest = headers, webm_element_next(&headers, &e, &content))
        if (e.id == ID_SEGMENT) { // its content is what follows
            headers = (struct str){content.p, content.n + headers.n};
            buf_add(out, "\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff", 12);
        } else if (e.id == ID_INFO)
            info_add(w, content, out);
        else if (!is_of_the_whole(e.id))
            element_add(out, rest, &e, content);
}

static int64_t ticks_of(const struct webm_cut *w) {
    return w->joint.last + w->joint.step;
}

void webm_cut_headers(struct webm_cut *w, uint64_t scale_ns, struct str headers, struct buf *out) {
    bool goes_on = w->headers.n > 0 && audio_webm_is_same(buf_view(&w->headers), headers);
    if (!goes_on && w->headers.n > 0) {
        w->ticks = w->ticks < 0 ? ticks_of(w) : w->ticks;
        w->before_us = webm_cut_lasts_us(w);
    }
    audio_webm_join(&w->joint, goes_on);
    w->scale_ns = scale_ns;
    if (!goes_on)
        headers_add(w, headers, out);
    buf_clear(&w->headers);
    buf_str(&w->headers, headers);
}

void webm_cut_piece(struct webm_cut *w, struct str bytes, bool is_rest, struct buf *out) {
    char room[AUDIO_WEBM_ROOM];
    const struct audio_piece piece = {.bytes = bytes, .is_rest = is_rest};
    buf_str(out, audio_webm_go_on(&w->joint, &piece, room));
}

int64_t webm_cut_lasts_us(const struct webm_cut *w) {
    const double most = 1e15; // 31 years are no sound
    double us = (double)ticks_of(w) * (double)w->scale_ns / 1000;
    return w->before_us + (us < most ? (int64_t)us : 0);
}

// Duration, an eight-byte float in ticks (RFC 9559, 5.1.2.10).
bool webm_cut_length(const struct webm_cut *w, uint64_t *at_out, uint8_t bytes[CUT_LENGTH_BYTES], size_t *n_out) {
    static const uint8_t head[LENGTH_HEAD] = {0x44, 0x89, 0x88};
    double ticks = (double)(w->ticks < 0 ? ticks_of(w) : w->ticks);
    uint64_t word;
    if (w->length_at == 0)
        return false;
    memcpy(&word, &ticks, sizeof word);
    memcpy(bytes, head, sizeof head);
    for (size_t i = 0; i < sizeof word; i++)
        bytes[LENGTH_HEAD + i] = (uint8_t)(word >> (8 * (sizeof word - 1 - i)));
    *at_out = w->length_at;
    *n_out = CUT_LENGTH_BYTES;
    return true;
}
