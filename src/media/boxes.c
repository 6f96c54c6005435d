// SPDX-License-Identifier: AGPL-3.0-or-later
// The boxes of ISO 14496-12 files (MPEG-4, AVIF, HEIC), as far as sizes, tracks and lengths are concerned.
//
//   picture   meta > iprp > ipco > ispe             every item's size; the largest counts
//   sound     moov > mvhd, trak > mdia > mdhd       lengths in units of a timescale
//                                 > hdlr            "soun", "vide"
//                                 > minf > stbl > stsd   the coding: "mp4a"; "enca": protected
//             moov > mvex > mehd                    the length of a file in fragments
#include "media/inside.h"

enum { BOXES_MOST = 20000, DEPTH_MOST = 8 };

struct box {
    uint32_t type;
    uint64_t at, end; // of what it holds
};

struct walk {
    const struct media_source *s;
    unsigned left;                                        // boxes that may still be looked at
    bool (*visit)(struct walk *w, const struct box *box); // true: look inside
    // what was found
    uint64_t width, height;
    bool sound, video, is_protected, broken;
    uint64_t timescale, duration; // of the whole
    uint64_t track_timescale, track_duration, longest_ms;
};

#define TYPE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

// The box that begins at `at` within a space that ends at `end`; size 0 means up to that end.
static bool box_read(const struct media_source *s, uint64_t at, uint64_t end, struct box *out) {
    uint8_t p[16];
    size_t n = end > at && end - at >= 8 ? media_source_read(s, at, p, sizeof p) : 0;
    if (n < 8)
        return false;
    uint64_t size = big32(p), head = 8;
    if (size == 1) {
        head = 16;
        size = n == sizeof p ? big64(p + 8) : 0;
    } else if (size == 0)
        size = end - at;
    if (size < head || size > end - at)
        return false;
    *out = (struct box){.type = big32(p + 4), .at = at + head, .end = at + size};
    return true;
}

static void walk_boxes(struct walk *w, uint64_t at, uint64_t end, int depth) {
    struct box box;
    while (at < end && w->left > 0) {
        w->left--;
        if (!box_read(w->s, at, end, &box)) {
            w->broken = true;
            return;
        }
        if (w->visit(w, &box) && depth < DEPTH_MOST)
            walk_boxes(w, box.at, box.end, depth + 1);
        at = box.end;
    }
}

static void walk_start(struct walk *w, const struct media_source *s, bool (*visit)(struct walk *, const struct box *)) {
    *w = (struct walk){.s = s, .left = BOXES_MOST, .visit = visit};
    walk_boxes(w, 0, s->bytes, 0);
}

// ---- pictures ------------------------------------------------------------------------------------------------------

static void ispe_read(struct walk *w, const struct box *box) {
    uint8_t p[12];
    if (box->end - box->at < sizeof p || media_source_read(w->s, box->at, p, sizeof p) < sizeof p)
        return;
    uint64_t width = big32(p + 4), height = big32(p + 8);
    if (width * height > w->width * w->height) {
        w->width = width;
        w->height = height;
    }
}

static bool picture_visit(struct walk *w, const struct box *box) {
    switch (box->type) {
    case TYPE('m', 'e', 't', 'a'): {
        // A full box: version and flags stand before what it holds.
        struct box inside = *box;
        inside.at += 4;
        if (inside.at <= inside.end)
            walk_boxes(w, inside.at, inside.end, 1);
        return false;
    }
    case TYPE('i', 's', 'p', 'e'):
        ispe_read(w, box);
        return false;
    default:
        return box->type == TYPE('i', 'p', 'r', 'p') || box->type == TYPE('i', 'p', 'c', 'o');
    }
}

bool boxes_picture_size(const struct media_source *s, uint64_t *width_out, uint64_t *height_out) {
    struct walk w;
    walk_start(&w, s, picture_visit);
    *width_out = w.width;
    *height_out = w.height;
    return w.width > 0 && w.height > 0;
}

// ---- sound ---------------------------------------------------------------------------------------------------------

// mvhd and mdhd alike: version, two times, the timescale and the duration, of 32 or 64 bits. All ones: not known.
static bool times_read(struct walk *w, const struct box *box, uint64_t *timescale, uint64_t *duration) {
    uint8_t p[32];
    size_t n = media_source_read(w->s, box->at, p, sizeof p);
    bool wide = n > 0 && p[0] == 1;
    if (n < (wide ? 32 : 20) || box->end - box->at < (wide ? 32 : 20))
        return false;
    *timescale = big32(p + (wide ? 20 : 12));
    *duration = wide ? big64(p + 24) : big32(p + 16);
    if (*duration == (wide ? UINT64_MAX : UINT32_MAX))
        *duration = 0;
    return true;
}

static void mehd_read(struct walk *w, const struct box *box) {
    uint8_t p[12];
    size_t n = media_source_read(w->s, box->at, p, sizeof p);
    if (w->duration == 0 && n == sizeof p)
        w->duration = p[0] == 1 ? big64(p + 4) : big32(p + 4);
}

static uint32_t word_at(struct walk *w, const struct box *box, uint64_t offset) {
    uint8_t p[4];
    bool there = box->end - box->at >= offset + 4 && media_source_read(w->s, box->at + offset, p, 4) == 4;
    return there ? big32(p) : 0;
}

// Milliseconds; 0 for what cannot be: no file lasts longer than the hours that are taken, by far.
static uint64_t milliseconds(uint64_t duration, uint64_t timescale) {
    return timescale == 0 || duration > UINT64_MAX / 1000 ? 0 : duration * 1000 / timescale;
}

static void stsd_read(struct walk *w, const struct box *box) {
    uint32_t coding = word_at(w, box, 12);
    if (coding == TYPE('e', 'n', 'c', 'a') || coding == TYPE('d', 'r', 'm', 's') || coding == TYPE('e', 'n', 'c', 'v'))
        w->is_protected = true;
}

static void handler_read(struct walk *w, const struct box *box) {
    uint32_t handler = word_at(w, box, 8);
    w->video = w->video || handler == TYPE('v', 'i', 'd', 'e');
    if (handler != TYPE('s', 'o', 'u', 'n'))
        return;
    w->sound = true;
    uint64_t ms = milliseconds(w->track_duration, w->track_timescale);
    if (ms > w->longest_ms)
        w->longest_ms = ms;
}

static bool sound_visit(struct walk *w, const struct box *box) {
    switch (box->type) {
    case TYPE('m', 'v', 'h', 'd'):
        w->broken = w->broken || !times_read(w, box, &w->timescale, &w->duration);
        return false;
    case TYPE('m', 'd', 'h', 'd'): // stands before hdlr (14496-12, 8.4)
        w->broken = w->broken || !times_read(w, box, &w->track_timescale, &w->track_duration);
        return false;
    case TYPE('h', 'd', 'l', 'r'):
        handler_read(w, box);
        return false;
    case TYPE('s', 't', 's', 'd'):
        stsd_read(w, box);
        return false;
    case TYPE('m', 'e', 'h', 'd'):
        mehd_read(w, box);
        return false;
    default:
        return box->type == TYPE('m', 'o', 'o', 'v') || box->type == TYPE('t', 'r', 'a', 'k') ||
               box->type == TYPE('m', 'd', 'i', 'a') || box->type == TYPE('m', 'i', 'n', 'f') ||
               box->type == TYPE('s', 't', 'b', 'l') || box->type == TYPE('m', 'v', 'e', 'x');
    }
}

enum media_reason boxes_audio(const struct media_source *s, int64_t *duration_ms_out) {
    struct walk w;
    walk_start(&w, s, sound_visit);
    uint64_t ms = w.longest_ms > 0 ? w.longest_ms : milliseconds(w.duration, w.timescale);
    *duration_ms_out = ms > INT64_MAX ? INT64_MAX : (int64_t)ms;
    if (w.video)
        return MEDIA_HAS_VIDEO;
    // A box that reaches beyond the end of the file: the file is cut off there.
    if (w.broken)
        return MEDIA_BROKEN;
    if (w.is_protected)
        return MEDIA_PROTECTED;
    return w.sound && ms > 0 ? MEDIA_TAKEN : MEDIA_NO_SOUND;
}

// ---- video -----------------------------------------------------------------------------------------------------------

bool boxes_have_video(const struct media_source *s) {
    struct walk w;
    walk_start(&w, s, sound_visit);
    return w.video;
}

enum media_reason boxes_video(const struct media_source *s, int64_t *duration_ms_out) {
    struct walk w;
    walk_start(&w, s, sound_visit);
    uint64_t ms = milliseconds(w.duration, w.timescale);
    ms = ms > 0 ? ms : w.longest_ms;
    *duration_ms_out = ms > INT64_MAX ? INT64_MAX : (int64_t)ms;
    if (w.broken || !w.video)
        return MEDIA_BROKEN;
    return w.is_protected ? MEDIA_PROTECTED : MEDIA_TAKEN;
}
