// SPDX-License-Identifier: AGPL-3.0-or-later
// What kind of file some bytes are. The name a file was sent under says nothing.
#include "media/inside.h"

enum { HEAD = 64, PAGE_BODY = 28 }; // of an Ogg page with one packet: its header and one lacing value

static const struct {
    unsigned at;
    struct str magic;
    enum media_type type;
    const char *other;
} rows[] = {
    {0, {"\xff\xd8\xff", 3}, MEDIA_JPEG, NULL},
    {0, {"\x89PNG\r\n\x1a\n", 8}, MEDIA_PNG, NULL},
    {0, {"GIF87a", 6}, MEDIA_GIF, NULL},
    {0, {"GIF89a", 6}, MEDIA_GIF, NULL},
    {8, {"WEBP", 4}, MEDIA_WEBP, NULL}, // RIFF in front
    {8, {"WAVE", 4}, MEDIA_WAV, NULL},
    {8, {"AVI ", 4}, MEDIA_UNKNOWN, "avi"},
    {0, {"fLaC", 4}, MEDIA_FLAC, NULL},
    {0, {"II*\0", 4}, MEDIA_UNKNOWN, "tiff"},
    {0, {"MM\0*", 4}, MEDIA_UNKNOWN, "tiff"},
    {0, {"BM", 2}, MEDIA_UNKNOWN, "bmp"},
    {0, {"8BPS", 4}, MEDIA_UNKNOWN, "photoshop"},
    {0, {"\0\0\1\0", 4}, MEDIA_UNKNOWN, "icon"},
    {0, {"\xff\x0a", 2}, MEDIA_UNKNOWN, "jpeg_xl"},
    {4, {"JXL ", 4}, MEDIA_UNKNOWN, "jpeg_xl"},
    {4, {"jP  ", 4}, MEDIA_UNKNOWN, "jpeg_2000"},
    {0, {"%PDF-", 5}, MEDIA_PDF, NULL},
    {0, {"\xd0\xcf\x11\xe0", 4}, MEDIA_UNKNOWN, "old_office"},
    {0, {"{\\rtf", 5}, MEDIA_UNKNOWN, "rtf"},
    {0, {"\x1f\x8b", 2}, MEDIA_UNKNOWN, "gzip"},
    {0, {"FLV\1", 4}, MEDIA_UNKNOWN, "flash"},
    {0, {"\x30\x26\xb2\x75", 4}, MEDIA_UNKNOWN, "windows_media"},
    {8, {"AIFF", 4}, MEDIA_UNKNOWN, "aiff"},
    {0, {"#!AMR", 5}, MEDIA_UNKNOWN, "amr"},
    {0, {"MThd", 4}, MEDIA_UNKNOWN, "midi"},
    {0,
     {"\x7f"
      "ELF",
      4},
     MEDIA_UNKNOWN,
     "program"},
    {0, {"MZ", 2}, MEDIA_UNKNOWN, "program"},
};

static bool has_at(struct str head, size_t at, struct str magic) {
    return str_eq(str_slice(head, at, at + magic.n), magic);
}

// ---- containers --------------------------------------------------------------------------------------------------

static enum media_type ogg_kind(struct str head, const char **other) {
    if (has_at(head, PAGE_BODY, STR("\x01vorbis")))
        return MEDIA_OGG;
    if (has_at(head, PAGE_BODY, STR("OpusHead")))
        return MEDIA_OPUS;
    *other = has_at(head, PAGE_BODY, STR("\x80theora")) ? "ogg_video" : "ogg";
    return MEDIA_UNKNOWN;
}

static enum media_type brand_kind(struct str brand) {
    static const char *const heic[] = {"heic", "heix", "heim", "heis", "hevc", "hevx"};
    static const char *const audio[] = {"M4A ", "M4B ", "F4A "};
    if (str_eq(brand, STR("avif")) || str_eq(brand, STR("avis")))
        return MEDIA_AVIF;
    for (size_t i = 0; i < sizeof heic / sizeof *heic; i++)
        if (str_eq(brand, str_from(heic[i])))
            return MEDIA_HEIC;
    for (size_t i = 0; i < sizeof audio / sizeof *audio; i++)
        if (str_eq(brand, str_from(audio[i])))
            return MEDIA_M4A;
    return MEDIA_UNKNOWN;
}

// The major brand, else the first compatible one that we know. An MPEG-4 file of general brands may hold sound alone.
static enum media_type mpeg4_kind(const struct media_source *s, struct str head, const char **other) {
    enum media_type type = brand_kind(str_slice(head, 8, 12));
    uint32_t box = big32((const uint8_t *)head.p);
    for (size_t at = 16; type == MEDIA_UNKNOWN && at + 4 <= head.n && at + 4 <= box; at += 4)
        type = brand_kind(str_slice(head, at, at + 4));
    if (type == MEDIA_UNKNOWN && (has_at(head, 8, STR("mif1")) || has_at(head, 8, STR("msf1"))))
        *other = "heif";
    else if (type == MEDIA_UNKNOWN && has_at(head, 8, STR("qt  ")))
        *other = "quicktime";
    else if (type == MEDIA_UNKNOWN)
        type = boxes_have_video(s) ? MEDIA_MP4 : MEDIA_M4A;
    return type;
}

// ---- words -------------------------------------------------------------------------------------------------------

static bool starts_nocase(struct str s, const char *word) {
    struct str w = str_from(word);
    return str_eq_nocase(str_slice(s, 0, w.n), w);
}

static enum media_type markup_kind(struct str text, const char **other) {
    size_t at = 0;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_slice(text, 3, text.n);
    text = str_trim(text);
    if (text.n == 0 || text.p[0] != '<')
        return MEDIA_UNKNOWN;
    if (starts_nocase(text, "<!doctype html") || starts_nocase(text, "<html"))
        *other = "web_page";
    else if (str_find(text, STR("<svg"), &at))
        return MEDIA_SVG;
    return MEDIA_UNKNOWN;
}

// ---- bare frames of sound ------------------------------------------------------------------------------------------

uint64_t id3_end(const struct media_source *s) {
    uint8_t p[10];
    if (media_source_read(s, 0, p, sizeof p) < sizeof p || memcmp(p, "ID3", 3) != 0)
        return 0;
    // Four times seven bits; a flag says that a footer of ten bytes follows.
    uint64_t n =
        (uint64_t)(p[6] & 0x7f) << 21 | (uint64_t)(p[7] & 0x7f) << 14 | (uint64_t)(p[8] & 0x7f) << 7 | (p[9] & 0x7f);
    return 10 + n + ((p[5] & 0x10) != 0 ? 10 : 0);
}

static enum media_type frame_kind(const struct media_source *s, bool tagged) {
    uint8_t p[4];
    if (media_source_read(s, id3_end(s), p, sizeof p) < sizeof p)
        return tagged ? MEDIA_MP3 : MEDIA_UNKNOWN;
    if (p[0] == 0xff && (p[1] & 0xf6) == 0xf0)
        return MEDIA_AAC;
    bool layer = (p[1] & 0xe0) == 0xe0 && (p[1] & 0x18) != 0x08 && (p[1] & 0x06) != 0;
    bool rate = (p[2] & 0xf0) != 0xf0 && (p[2] & 0x0c) != 0x0c;
    return tagged || (p[0] == 0xff && layer && rate) ? MEDIA_MP3 : MEDIA_UNKNOWN;
}

enum media_type kind_of(const struct media_source *s, const char **other) {
    static _Thread_local char text[4096];
    struct str head = {text, media_source_read(s, 0, text, sizeof text)};
    bool riff = str_starts(head, STR("RIFF")) || str_starts(head, STR("FORM"));
    *other = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (has_at(head, rows[i].at, rows[i].magic) && (rows[i].at != 8 || riff)) {
            *other = rows[i].other;
            return rows[i].type;
        }
    if (has_at(head, 0, STR("OggS")))
        return ogg_kind(str_slice(head, 0, HEAD), other);
    if (has_at(head, 4, STR("ftyp")))
        return mpeg4_kind(s, str_slice(head, 0, 4 * HEAD), other);
    if (has_at(head, 0, STR("PK\3\4")))
        return zip_kind(s, other);
    if (has_at(head, 0, STR("\x1a\x45\xdf\xa3")))
        return webm_kind(s, other);
    enum media_type type = markup_kind(head, other);
    if (type != MEDIA_UNKNOWN || *other != NULL)
        return type;
    type = frame_kind(s, str_starts(head, STR("ID3")));
    return type == MEDIA_UNKNOWN && s->bytes <= MEDIA_DOCUMENT_BYTES && text_is_plain(s) ? MEDIA_TXT : type;
}
