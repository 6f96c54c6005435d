// SPDX-License-Identifier: AGPL-3.0-or-later
// Documents that are handed on as they came: what they are, and whether they are whole. Nothing is unpacked.
//   PDF   begins with "%PDF-" and ends in "%%EOF" (ISO 32000-1, 7.5)
//   ZIP   its central directory (APPNOTE.TXT 4.3.16, 4.3.12); office files are ZIPs that name their parts
//         (ECMA-376 part 2, 10.1; OpenDocument 1.2 part 3, 3.3). Those that carry macros are not taken.
//   text  UTF-8 without control characters
#include "media/inside.h"

enum { PDF_TAIL = 1024, ZIP_TAIL = 22 + 65535, ZIP_ENTRIES_MOST = 20000, NAME_ROOM = 64, ENTRY = 46 };

bool pdf_is_whole(const struct media_source *s) {
    char tail[PDF_TAIL];
    size_t n = s->bytes < sizeof tail ? (size_t)s->bytes : sizeof tail, at;
    n = media_source_read(s, s->bytes - n, tail, n);
    return str_find((struct str){tail, n}, STR("%%EOF"), &at);
}

// ---- ZIP -------------------------------------------------------------------------------------------------------------

struct zip {
    uint64_t directory, bytes; // of the central directory
    unsigned entries;
};

static uint32_t little32(const uint8_t *p) {
    return (uint32_t)little16(p) | (uint32_t)little16(p + 2) << 16;
}

// The end record stands last, behind it only a comment. One disk, no ZIP64.
static bool zip_end(const struct media_source *s, struct zip *out) {
    static _Thread_local uint8_t tail[ZIP_TAIL];
    size_t n = s->bytes < sizeof tail ? (size_t)s->bytes : sizeof tail;
    uint64_t from = s->bytes - n;
    if (media_source_read(s, from, tail, n) != n)
        return false;
    for (size_t i = n; i-- > 22 - 1;) {
        const uint8_t *p = tail + i - 21;
        if (memcmp(p, "PK\5\6", 4) != 0)
            continue;
        uint64_t here = from + (uint64_t)(p - tail);
        *out = (struct zip){little32(p + 16), little32(p + 12), little16(p + 10)};
        return little16(p + 4) == 0 && little16(p + 8) == out->entries && out->entries >= 1 &&
               out->entries <= ZIP_ENTRIES_MOST && out->directory + out->bytes <= here &&
               here + 22 + little16(p + 20) == s->bytes;
    }
    return false;
}

static bool ends(struct str name, const char *end) {
    struct str e = str_from(end);
    return name.n >= e.n && str_eq_nocase(str_slice(name, name.n - e.n, name.n), e);
}

static void part_seen(struct str name, enum media_type *type, bool *macros) {
    static const struct {
        const char *folder;
        enum media_type type;
    } parts[] = {{"word/", MEDIA_DOCX}, {"xl/", MEDIA_XLSX}, {"ppt/", MEDIA_PPTX}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (str_starts(name, str_from(parts[i].folder)))
            *type = parts[i].type;
    *macros = *macros || ends(name, "vbaproject.bin") || str_starts(name, STR("Basic/"));
}

// Goes over the directory's entries; false when one does not follow the one before.
static bool zip_names(const struct media_source *s, const struct zip *z, enum media_type *type, bool *office,
                      bool *macros) {
    uint8_t p[ENTRY + NAME_ROOM];
    uint64_t at = z->directory, end = z->directory + z->bytes;
    for (unsigned i = 0; i < z->entries; i++) {
        size_t n = media_source_read(s, at, p, sizeof p);
        if (n < ENTRY || memcmp(p, "PK\1\2", 4) != 0)
            return false;
        uint64_t whole = ENTRY + (uint64_t)little16(p + 28) + little16(p + 30) + little16(p + 32);
        size_t room = little16(p + 28) < n - ENTRY ? little16(p + 28) : n - ENTRY;
        struct str name = {(const char *)p + ENTRY, room};
        *office = *office || str_eq(name, STR("[Content_Types].xml"));
        part_seen(name, type, macros);
        at += whole;
        if (at > end)
            return false;
    }
    return at == end;
}

// An OpenDocument file names its kind in its first entry, which is stored as it is.
static enum media_type opendocument_kind(const struct media_source *s) {
    static const struct {
        struct str name;
        enum media_type type;
    } kinds[] = {{{"text", 4}, MEDIA_ODT}, {{"spreadsheet", 11}, MEDIA_ODS}, {{"presentation", 12}, MEDIA_ODP}};
    static const char mime[] = "application/vnd.oasis.opendocument.";
    uint8_t p[30 + 8 + 64];
    size_t n = media_source_read(s, 0, p, sizeof p);
    if (n < sizeof p || little16(p + 26) != 8 || little16(p + 28) != 0 || memcmp(p + 30, "mimetype", 8) != 0)
        return MEDIA_ZIP;
    struct str said = {(const char *)p + 38, little32(p + 22) <= 64 ? little32(p + 22) : 64};
    if (!str_starts(said, str_from(mime)))
        return MEDIA_ZIP;
    said = str_slice(said, sizeof mime - 1, said.n);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_eq(said, kinds[i].name))
            return kinds[i].type;
    return MEDIA_ZIP;
}

enum media_type zip_kind(const struct media_source *s, const char **other) {
    struct zip z;
    enum media_type type = MEDIA_ZIP;
    bool office = false, macros = false;
    *other = "bad_zip";
    if (!zip_end(s, &z) || !zip_names(s, &z, &type, &office, &macros))
        return MEDIA_UNKNOWN;
    enum media_type open = opendocument_kind(s);
    *other = macros && (office || open != MEDIA_ZIP) ? "macros" : NULL;
    return *other != NULL ? MEDIA_UNKNOWN : office ? type : open;
}

// ---- text ------------------------------------------------------------------------------------------------------------

// Pieces are cut where a character ends.
bool text_is_plain(const struct media_source *s) {
    static _Thread_local char piece[1 << 16];
    for (uint64_t at = 0; at < s->bytes;) {
        size_t n = media_source_read(s, at, piece, sizeof piece);
        if (n == sizeof piece) { // the last byte is only looked at, unless the file ends there
            n -= at + n < s->bytes;
            for (int i = 0; i < 3 && at + n < s->bytes && ((unsigned char)piece[n] & 0xc0) == 0x80; i++)
                n--;
        }
        if (n == 0 || !utf8_valid((struct str){piece, n}))
            return false;
        for (size_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)piece[i];
            if ((c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f)
                return false;
        }
        at += n;
    }
    return s->bytes > 0;
}
