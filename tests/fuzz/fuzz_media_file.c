// SPDX-License-Identifier: AGPL-3.0-or-later
// The walks over uploaded files that are our own: kind and size, GIF blocks, MPEG-4 boxes, ADTS frames, whether a file is
// whole; and the decoder's report. What is taken is within the limits.
#include "media/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void sniff(struct str bytes, bool trusted_svg) {
    struct media_source s = media_source_memory(bytes);
    struct media_header h;
    if (media_sniff(&s, trusted_svg, &h) != MEDIA_TAKEN)
        return;
    must(h.type != MEDIA_UNKNOWN && (trusted_svg || h.type != MEDIA_SVG));
    (void)picture_is_whole(bytes, h.type);
    if (media_type_kind(h.type) != MEDIA_PICTURE)
        return;
    must(h.width >= 1 && h.width <= MEDIA_SIDE_MOST && h.height >= 1 && h.height <= MEDIA_SIDE_MOST);
    must((int64_t)h.width * h.height <= MEDIA_PIXELS_MOST && h.whole_bytes <= MEDIA_WHOLE_BYTES);
    must(h.frames >= 1 && h.frames <= MEDIA_FRAMES_MOST);
}

static void measure(struct str bytes) {
    struct media_source s = media_source_memory(bytes);
    int64_t ms = -1;
    if (boxes_audio(&s, &ms) == MEDIA_TAKEN)
        must(ms > 0);
    if (boxes_video(&s, &ms) == MEDIA_TAKEN)
        must(ms >= 0 && boxes_have_video(&s));
    if (webm_duration(&s, &ms))
        must(ms >= 0);
    if (adts_duration(&s, &ms))
        must(ms >= 0);
}

static void report(struct str bytes) {
    char room[MEDIA_REPORT_BYTES] = "", back[MEDIA_REPORT_BYTES];
    struct media_report r, again;
    memcpy(room, bytes.p, bytes.n < sizeof room ? bytes.n : sizeof room);
    uint64_t end = 0;
    for (size_t i = 0; i < 8 && bytes.n > sizeof room + i; i++)
        end = end << 8 | (uint8_t)bytes.p[sizeof room + i];
    if (media_report_read((struct str){room, sizeof room}, end, &r) != RC_OK)
        return;
    media_report_write(back, &r);
    must(media_report_read((struct str){back, sizeof back}, end, &again) == RC_OK);
    must(again.output_count == r.output_count && again.reason == r.reason && again.type == r.type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str bytes = {size > 0 ? (const char *)data : "", size};
    sniff(bytes, false);
    sniff(bytes, true);
    measure(bytes);
    report(bytes);
    return 0;
}
