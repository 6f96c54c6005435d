// SPDX-License-Identifier: AGPL-3.0-or-later
// The kinds of files and their names.
#include "media/media.h"

static const struct {
    const char *ext, *mime;
    enum media_kind kind;
} rows[MEDIA_TYPE_COUNT] = {
    [MEDIA_UNKNOWN] = {"", "application/octet-stream", MEDIA_PICTURE},
    [MEDIA_JPEG] = {"jpg", "image/jpeg", MEDIA_PICTURE},
    [MEDIA_PNG] = {"png", "image/png", MEDIA_PICTURE},
    [MEDIA_WEBP] = {"webp", "image/webp", MEDIA_PICTURE},
    [MEDIA_GIF] = {"gif", "image/gif", MEDIA_PICTURE},
    [MEDIA_AVIF] = {"avif", "image/avif", MEDIA_PICTURE},
    [MEDIA_HEIC] = {"heic", "image/heic", MEDIA_PICTURE},
    [MEDIA_SVG] = {"svg", "image/svg+xml", MEDIA_PICTURE},
    [MEDIA_MP3] = {"mp3", "audio/mpeg", MEDIA_AUDIO},
    [MEDIA_M4A] = {"m4a", "audio/mp4", MEDIA_AUDIO},
    [MEDIA_AAC] = {"aac", "audio/aac", MEDIA_AUDIO},
    [MEDIA_OGG] = {"ogg", "audio/ogg", MEDIA_AUDIO},
    [MEDIA_OPUS] = {"opus", "audio/ogg; codecs=opus", MEDIA_AUDIO},
    [MEDIA_FLAC] = {"flac", "audio/flac", MEDIA_AUDIO},
    [MEDIA_WAV] = {"wav", "audio/wav", MEDIA_AUDIO},
    [MEDIA_PDF] = {"pdf", "application/pdf", MEDIA_DOCUMENT},
    [MEDIA_DOCX] = {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", MEDIA_DOCUMENT},
    [MEDIA_XLSX] = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", MEDIA_DOCUMENT},
    [MEDIA_PPTX] = {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                    MEDIA_DOCUMENT},
    [MEDIA_ODT] = {"odt", "application/vnd.oasis.opendocument.text", MEDIA_DOCUMENT},
    [MEDIA_ODS] = {"ods", "application/vnd.oasis.opendocument.spreadsheet", MEDIA_DOCUMENT},
    [MEDIA_ODP] = {"odp", "application/vnd.oasis.opendocument.presentation", MEDIA_DOCUMENT},
    [MEDIA_ZIP] = {"zip", "application/zip", MEDIA_DOCUMENT},
    [MEDIA_TXT] = {"txt", "text/plain; charset=utf-8", MEDIA_DOCUMENT},
    [MEDIA_MP4] = {"mp4", "video/mp4", MEDIA_VIDEO},
    [MEDIA_WEBM] = {"webm", "video/webm", MEDIA_VIDEO},
};

struct str media_type_ext(enum media_type type) {
    must((unsigned)type < MEDIA_TYPE_COUNT);
    return str_from(rows[type].ext);
}

struct str media_type_mime(enum media_type type) {
    must((unsigned)type < MEDIA_TYPE_COUNT);
    return str_from(rows[type].mime);
}

enum media_kind media_type_kind(enum media_type type) {
    must((unsigned)type < MEDIA_TYPE_COUNT);
    return rows[type].kind;
}

struct str media_types_accepted(struct arena *a) {
    struct buf out;
    buf_init(&out, 4096);
    for (int i = MEDIA_UNKNOWN + 1; i < MEDIA_TYPE_COUNT; i++) {
        if (i == MEDIA_SVG) // the station's own only, from whoever has the machine
            continue;
        buf_fmt(&out, "%s.%s", out.n > 0 ? "," : "", rows[i].ext);
        if (strchr(rows[i].mime, ';') == NULL)
            buf_fmt(&out, ",%s", rows[i].mime);
    }
    must(!out.failed);
    struct str text = str_dup(a, buf_view(&out));
    buf_fini(&out);
    return text;
}

bool media_type_of_ext(struct str ext, enum media_type *out) {
    for (int i = MEDIA_UNKNOWN + 1; i < MEDIA_TYPE_COUNT; i++)
        if (str_eq(ext, str_from(rows[i].ext))) {
            *out = (enum media_type)i;
            return true;
        }
    return false;
}
