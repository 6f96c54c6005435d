// SPDX-License-Identifier: AGPL-3.0-or-later
// What stands before the first cluster is what a late listener gets first; a listener begins at a cluster. Segments and
// clusters are entered, everything else is passed on whole, or in parts where it is long. Live encoders leave lengths open;
// what has one is not believed for more than stepping through it.
#include "audio/webm.h"

enum { ID_BYTES = 4, SIZE_BYTES = 8, MS = 1000000 };

// A number with its length in front (RFC 8794, 4). Bytes it takes; 0: more must come; -1: it is none.
static int number_read(struct str s, size_t most, bool keeps_mark, uint64_t *out) {
    if (s.n == 0)
        return 0;
    uint8_t first = (uint8_t)s.p[0], mark = 0x80;
    size_t n = 1;
    for (; n <= most && (first & mark) == 0; n++)
        mark >>= 1;
    if (n > most)
        return -1;
    if (s.n < n)
        return 0;
    uint64_t value = keeps_mark ? first : first & (uint8_t)(mark - 1);
    bool ones = (first & (uint8_t)(mark - 1)) == mark - 1;
    for (size_t i = 1; i < n; i++) {
        value = value << 8 | (uint8_t)s.p[i];
        ones = ones && (uint8_t)s.p[i] == 0xff;
    }
    *out = ones && !keeps_mark ? WEBM_OPEN : value;
    return (int)n;
}

int webm_element_read(struct str s, struct webm_element *out) {
    uint64_t id;
    int n = number_read(s, ID_BYTES, true, &id);
    if (n <= 0)
        return n;
    int m = number_read(str_slice(s, (size_t)n, s.n), SIZE_BYTES, false, &out->bytes);
    out->id = (uint32_t)id;
    out->head = (size_t)(n + (m > 0 ? m : 0));
    return m > 0 ? 1 : m;
}

bool webm_element_next(struct str *rest, struct webm_element *out, struct str *content_out) {
    if (webm_element_read(*rest, out) != 1)
        return false;
    size_t here = rest->n - out->head, n = out->bytes < here ? (size_t)out->bytes : here;
    *content_out = str_slice(*rest, out->head, out->head + n);
    *rest = str_slice(*rest, out->head + n, rest->n);
    return true;
}

static bool is_entered(uint32_t id) {
    return id == ID_SEGMENT || id == ID_CLUSTER;
}

bool webm_unsigned_read(struct str content, uint64_t *out) {
    *out = 0;
    for (size_t i = 0; i < content.n; i++)
        *out = *out << 8 | (uint8_t)content.p[i];
    return content.n > 0 && content.n <= 8;
}

// The scale stands inside the segment's information; the other elements there do not matter.
static void info_take(struct webm_state *w, struct str info) {
    struct webm_element e;
    struct str content;
    uint64_t scale;
    while (webm_element_next(&info, &e, &content))
        if (e.id == ID_TIMESTAMP_SCALE && webm_unsigned_read(content, &scale) && scale > 0 &&
            scale <= 1000 * (uint64_t)MS)
            w->scale_ns = scale;
}

// In a group how long it lasts may stand before it. A block has its track, then 16 bits with a sign.
bool webm_block_time(uint32_t id, struct str content, int16_t *out) {
    struct webm_element e;
    struct str group = content;
    uint64_t track;
    while (id == ID_BLOCK_GROUP && webm_element_next(&group, &e, &content))
        if (e.id == ID_BLOCK)
            id = ID_BLOCK;
    int n = id == ID_BLOCK || id == ID_SIMPLE_BLOCK ? number_read(content, SIZE_BYTES, false, &track) : 0;
    if (n <= 0 || content.n < (size_t)n + 2)
        return false;
    *out = (int16_t)((uint8_t)content.p[n] << 8 | (uint8_t)content.p[n + 1]);
    return true;
}

static void block_time(struct webm_state *w, uint32_t id, struct str content, struct audio_piece *out) {
    int16_t beside;
    if (w->cluster < 0 || !webm_block_time(id, content, &beside))
        return;
    int64_t at = w->cluster + beside;
    double ms = at > w->last ? (double)(at - w->last) * (double)w->scale_ns / MS : 0;
    if (w->last >= 0 && ms >= 1 && ms <= INT32_MAX) { // more would not even fit into 64 bits
        out->samples = (uint32_t)ms;
        out->rate = 1000;
    }
    if (at > w->last)
        w->last = at;
}

static void content_take(struct webm_state *w, uint32_t id, struct str content, struct audio_piece *out) {
    uint64_t time;
    if (id == ID_INFO)
        info_take(w, content);
    else if (id == ID_TIMESTAMP && webm_unsigned_read(content, &time) && time <= INT64_MAX / 2)
        w->cluster = (int64_t)time;
    else
        block_time(w, id, content, out);
}

static size_t part_pass(struct webm_state *w, struct str waiting, struct audio_piece *out) {
    size_t n = w->part_left < waiting.n ? (size_t)w->part_left : waiting.n;
    n = n < AUDIO_PIECE_MAX ? n : AUDIO_PIECE_MAX;
    w->part_left -= n;
    out->kind = w->has_cluster ? AUDIO_SOUND : AUDIO_HEADER;
    out->is_rest = true;
    out->bytes = str_slice(waiting, 0, n);
    return n;
}

static void chain_begin(struct webm_state *w) {
    *w = (struct webm_state){.has_header = true, .scale_ns = MS, .cluster = -1, .last = -1};
}

size_t webm_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    struct webm_state *w = &s->webm;
    struct webm_element e;
    if (waiting.n > 0 && w->part_left > 0)
        return part_pass(w, waiting, out);
    int found = webm_element_read(waiting, &e);
    if (found == 0)
        return 0;
    bool lost = found < 0 || (e.bytes == WEBM_OPEN && !is_entered(e.id)) || (!w->has_header && e.id != ID_EBML);
    if (lost) // until a place where a listener could begin too
        return scan_to(s, waiting, w->has_header ? STR("\x1f\x43\xb6\x75") : STR("\x1a\x45\xdf\xa3"));
    if (e.id == ID_EBML) {
        chain_begin(w);
        out->is_first = true;
    }
    if (e.id == ID_CLUSTER)
        w->has_cluster = out->may_begin = true;
    size_t whole = is_entered(e.id) ? e.head : e.head + (e.bytes < AUDIO_PIECE_MAX ? (size_t)e.bytes : AUDIO_PIECE_MAX);
    if (e.bytes >= AUDIO_PIECE_MAX - e.head && !is_entered(e.id)) {
        s->in_step = true;
        w->part_left = e.head + e.bytes;
        size_t n = part_pass(w, waiting, out);
        out->is_rest = false;
        return n;
    }
    if (waiting.n < whole)
        return 0;
    s->in_step = true;
    out->kind = w->has_cluster ? AUDIO_SOUND : AUDIO_HEADER;
    out->bytes = str_slice(waiting, 0, whole);
    if (!is_entered(e.id))
        content_take(w, e.id, str_slice(waiting, e.head, whole), out);
    return whole;
}
