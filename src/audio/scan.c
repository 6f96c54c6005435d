// SPDX-License-Identifier: AGPL-3.0-or-later
// One way in for every format.
#include "audio/inside.h"

#define ID3 "ID3"
enum { ID3_HEAD = 10 };

enum audio_format audio_format_of(struct str media_type) {
    static const struct {
        const char *type;
        enum audio_format format;
    } types[] = {
        {"audio/mpeg", AUDIO_MPEG}, {"audio/mp3", AUDIO_MPEG},        {"audio/x-mpeg", AUDIO_MPEG},
        {"audio/aac", AUDIO_AAC},   {"audio/aacp", AUDIO_AAC},        {"audio/x-aac", AUDIO_AAC},
        {"audio/ogg", AUDIO_OGG},   {"application/ogg", AUDIO_OGG},   {"application/x-ogg", AUDIO_OGG},
        {"audio/opus", AUDIO_OGG},  {"audio/vorbis", AUDIO_OGG},      {"audio/webm", AUDIO_WEBM},
        {"video/webm", AUDIO_WEBM}, {"audio/x-matroska", AUDIO_WEBM}, {"application/x-matroska", AUDIO_WEBM},
        {"audio/flac", AUDIO_FLAC}, {"audio/x-flac", AUDIO_FLAC},
    };
    struct str type = STR_NONE;
    (void)str_next(&media_type, ';', &type);
    type = str_trim(type);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (str_eq_nocase(type, str_from(types[i].type)))
            return types[i].format;
    return AUDIO_OTHER;
}

bool audio_is_silent(enum audio_format format, int level) {
    return level != AUDIO_LEVEL_UNKNOWN && level <= (format == AUDIO_MPEG ? AUDIO_SILENT_MPEG : AUDIO_SILENT_AAC);
}

struct audio_scanner *audio_scanner_new(enum audio_format format) {
    struct audio_scanner *s = MEM_NEW(struct audio_scanner);
    s->format = format;
    s->ogg.granule = s->webm.cluster = s->webm.last = -1;
    buf_init(&s->ogg.comment, COMMENT_MAX);
    buf_init(&s->ogg.title, AUDIO_TITLE_BYTES);
    buf_init(&s->ogg.mended, AUDIO_PIECE_MAX);
    buf_init(&s->flac.title, AUDIO_TITLE_BYTES);
    return s;
}

void audio_scanner_free(struct audio_scanner **scanner) {
    if (*scanner == NULL)
        return;
    buf_fini(&(*scanner)->ogg.comment);
    buf_fini(&(*scanner)->ogg.title);
    buf_fini(&(*scanner)->ogg.mended);
    buf_fini(&(*scanner)->flac.title);
    mem_free(*scanner);
    *scanner = NULL;
}

uint64_t audio_skipped(const struct audio_scanner *scanner) {
    return scanner->skipped;
}

uint64_t audio_noise(const struct audio_scanner *scanner) {
    return scanner->skipped - scanner->announced;
}

bool audio_is_in_step(const struct audio_scanner *scanner) {
    return scanner->in_step;
}

size_t scan_skip(struct audio_scanner *s, size_t n) {
    s->skipped += n;
    return n;
}

// Of what is stepped over as a whole, as much as has come.
static size_t scan_pending(struct audio_scanner *s, size_t waiting) {
    size_t n = s->to_skip < waiting ? (size_t)s->to_skip : waiting;
    s->to_skip -= n;
    s->announced += n;
    return scan_skip(s, n);
}

size_t scan_to(struct audio_scanner *s, struct str waiting, struct str mark) {
    size_t at, tail = mark.n - 1;
    s->in_step = false;
    if (str_find(str_slice(waiting, 1, waiting.n), mark, &at))
        return scan_skip(s, at + 1);
    return scan_skip(s, waiting.n > tail ? waiting.n - tail : 1); // its beginning may stand at the end
}

// ---- frames ------------------------------------------------------------------------------------------------------------

// A tag of ID3v2 in front (id3.org, ID3v2.4 structure, 3.1): its whole length; 0: none is there.
static size_t id3_bytes(const uint8_t *p) {
    if (memcmp(p, ID3, sizeof ID3 - 1) != 0 || p[3] == 0xff || p[4] == 0xff ||
        ((p[6] | p[7] | p[8] | p[9]) & 0x80) != 0)
        return 0;
    size_t body = (size_t)p[6] << 21 | (size_t)p[7] << 14 | (size_t)p[8] << 7 | p[9];
    return ID3_HEAD + body + ((p[5] & 0x10) != 0 ? ID3_HEAD : 0); // a footer says the same again
}

size_t scan_to_sync(struct audio_scanner *s, struct str waiting, char other) {
    size_t n = 1;
    while (n < waiting.n && (uint8_t)waiting.p[n] != 0xff && waiting.p[n] != other)
        n++;
    s->in_step = false;
    return scan_skip(s, n);
}

size_t scan_frame(struct audio_scanner *s, struct str waiting, frame_head_read *read, struct str *frame_out) {
    const uint8_t *p = (const uint8_t *)waiting.p;
    struct frame_head head, next;
    if (waiting.n < ID3_HEAD)
        return 0;
    s->to_skip = id3_bytes(p);
    if (s->to_skip > 0)
        return scan_pending(s, waiting.n);
    if (!read(p, &head))
        return scan_to_sync(s, waiting, ID3[0]);
    bool agrees = s->in_step && head.agreement == s->agreement;
    if (waiting.n < head.bytes + (agrees ? 0u : (size_t)FRAME_HEAD_MAX))
        return 0;
    if (!agrees && (!read(p + head.bytes, &next) || next.agreement != head.agreement))
        return scan_to_sync(s, waiting, ID3[0]);
    s->in_step = true;
    s->agreement = head.agreement;
    *frame_out = str_slice(waiting, 0, head.bytes);
    return head.bytes;
}

static size_t other_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    s->in_step = waiting.n > 0;
    out->bytes = str_slice(waiting, 0, AUDIO_PIECE_MAX);
    out->may_begin = true;
    return out->bytes.n;
}

size_t audio_scan(struct audio_scanner *s, struct str waiting, struct audio_piece *out) {
    *out = (struct audio_piece){.kind = AUDIO_SOUND, .level = AUDIO_LEVEL_UNKNOWN};
    if (s->to_skip > 0)
        return scan_pending(s, waiting.n);
    switch (s->format) {
    case AUDIO_MPEG:
        return mpeg_scan(s, waiting, out);
    case AUDIO_AAC:
        return aac_scan(s, waiting, out);
    case AUDIO_OGG:
        return ogg_scan(s, waiting, out);
    case AUDIO_WEBM:
        return webm_scan(s, waiting, out);
    case AUDIO_FLAC:
        return flac_scan(s, waiting, out);
    case AUDIO_OTHER:
    case AUDIO_FORMATS:
        break;
    }
    return other_scan(s, waiting, out);
}
