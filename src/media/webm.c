// SPDX-License-Identifier: AGPL-3.0-or-later
// WebM: elements of Matroska (RFC 9559) in EBML (RFC 8794), up to the first cluster: the kind of document, whether a
// track is video, the length. Every walk is bounded by the bytes there are and by a number of elements.
#include "media/inside.h"

enum { ELEMENTS_MOST = 5000, DEPTH_MOST = 4 };
enum {
    EBML_HEAD = 0x1a45dfa3,
    DOC_TYPE = 0x4282,
    SEGMENT = 0x18538067,
    INFO = 0x1549a966,
    TIMESTAMP_SCALE = 0x2ad7b1,
    DURATION = 0x4489,
    TRACKS = 0x1654ae6b,
    TRACK_ENTRY = 0xae,
    TRACK_TYPE = 0x83,
    CLUSTER = 0x1f43b675,
};

struct element {
    uint32_t id;
    uint64_t at, end; // of what it holds
};

struct webm {
    const struct media_source *s;
    unsigned left;
    bool is_webm, video, sound, broken, whole; // whole: the first cluster, or the end, was reached
    uint64_t scale;                            // nanoseconds of a unit
    double duration;                           // units
};

// A number whose first byte says how long it is (RFC 8794, 4). keep_marker: of an id. Bytes read; 0: none.
static unsigned vint(const struct media_source *s, uint64_t at, bool keep_marker, uint64_t *out, bool *unknown) {
    uint8_t p[8];
    size_t n = media_source_read(s, at, p, sizeof p);
    unsigned length = 1;
    if (n == 0 || p[0] == 0)
        return 0;
    for (uint8_t bit = 0x80; (p[0] & bit) == 0; bit >>= 1)
        length++;
    if (length > n || (keep_marker && length > 4))
        return 0;
    *out = keep_marker ? (uint64_t)p[0] : (uint64_t)p[0] & (0xffU >> length);
    *unknown = !keep_marker && *out == (uint64_t)(0xff >> length);
    for (unsigned i = 1; i < length; i++) {
        *out = *out << 8 | p[i];
        *unknown = *unknown && p[i] == 0xff;
    }
    return length;
}

// Of no known size are segments and clusters of a live recording: they go on to the end.
static bool element_read(const struct media_source *s, uint64_t at, uint64_t end, struct element *out) {
    uint64_t id, size;
    bool unknown;
    unsigned n = vint(s, at, true, &id, &unknown), m = n > 0 ? vint(s, at + n, false, &size, &unknown) : 0;
    if (m == 0 || at + n + m > end)
        return false;
    at += n + m;
    if (!unknown && size > end - at && id != CLUSTER)
        return false;
    *out = (struct element){(uint32_t)id, at, unknown || size > end - at ? end : at + size};
    return true;
}

static uint64_t number_of(const struct webm *w, const struct element *e) {
    uint8_t p[8];
    uint64_t out = 0;
    size_t n = e->end - e->at <= sizeof p ? media_source_read(w->s, e->at, p, (size_t)(e->end - e->at)) : 0;
    for (size_t i = 0; i < n; i++)
        out = out << 8 | p[i];
    return out;
}

static double float_of(const struct webm *w, const struct element *e) {
    uint64_t bits = number_of(w, e);
    uint32_t half = (uint32_t)bits;
    float f;
    double d;
    if (e->end - e->at == sizeof f) {
        memcpy(&f, &half, sizeof f);
        return f;
    }
    memcpy(&d, &bits, sizeof d);
    return e->end - e->at == sizeof d ? d : 0;
}

static void value_take(struct webm *w, const struct element *e) {
    char name[8];
    uint64_t n;
    switch (e->id) {
    case DOC_TYPE:
        n = e->end - e->at < sizeof name ? e->end - e->at : sizeof name;
        w->is_webm = str_starts((struct str){name, media_source_read(w->s, e->at, name, (size_t)n)}, STR("webm"));
        break;
    case TIMESTAMP_SCALE:
        w->scale = number_of(w, e);
        break;
    case DURATION:
        w->duration = float_of(w, e);
        break;
    case TRACK_TYPE:
        w->video = w->video || number_of(w, e) == 1;
        w->sound = w->sound || number_of(w, e) == 2;
        break;
    default:
        break;
    }
}

static void elements_walk(struct webm *w, uint64_t at, uint64_t end, int depth) {
    struct element e;
    while (at < end && !w->broken && !w->whole) {
        if (w->left == 0 || !element_read(w->s, at, end, &e)) {
            w->broken = true;
            return;
        }
        w->left--;
        w->whole = e.id == CLUSTER;
        bool holds = e.id == EBML_HEAD || e.id == SEGMENT || e.id == INFO || e.id == TRACKS || e.id == TRACK_ENTRY;
        if (holds && depth < DEPTH_MOST)
            elements_walk(w, e.at, e.end, depth + 1);
        else
            value_take(w, &e);
        at = e.end;
    }
}

static void webm_read(struct webm *w, const struct media_source *s) {
    *w = (struct webm){.s = s, .left = ELEMENTS_MOST, .scale = 1000000};
    elements_walk(w, 0, s->bytes, 0);
}

enum media_type webm_kind(const struct media_source *s, const char **other) {
    struct webm w;
    webm_read(&w, s);
    *other = !w.is_webm ? "matroska" : w.video ? NULL : w.sound ? "webm_sound" : "webm_empty";
    return *other == NULL ? MEDIA_WEBM : MEDIA_UNKNOWN;
}

bool webm_duration(const struct media_source *s, int64_t *duration_ms_out) {
    struct webm w;
    webm_read(&w, s);
    double ms = w.duration * (double)w.scale / 1e6;
    *duration_ms_out = ms >= 1 && ms < 1e12 ? (int64_t)ms : 0;
    return w.is_webm && w.video && w.whole && !w.broken;
}
