// SPDX-License-Identifier: AGPL-3.0-or-later
// Why a file was not taken, in a sentence for the person who uploaded it: what it is, and what would help.
#include "media/media.h"

enum { MEGA = 1 << 20 };

static struct str size_text(struct arena *a, const struct media_report *r) {
    return str_fmt(a, "%d by %d pixels", r->width, r->height);
}

static struct str limit_text(struct arena *a, const struct media_report *r) {
    switch (r->reason) {
    case MEDIA_FILE_TOO_BIG:
        return str_fmt(a,
                       "The file is too large: at most %d MB for a picture or a document and %d MB for sound and "
                       "video.",
                       MEDIA_PICTURE_BYTES / MEGA, MEDIA_AUDIO_BYTES / MEGA);
    case MEDIA_SIDE_TOO_LONG:
        return str_fmt(a, "The picture is too wide or too high (%s): at most %d pixels a side.", size_text(a, r).p,
                       MEDIA_SIDE_MOST);
    case MEDIA_TOO_MANY_PIXELS:
        return str_fmt(a, "The picture has too many pixels (%s): at most %d million.", size_text(a, r).p,
                       MEDIA_PIXELS_MOST / 1000000);
    case MEDIA_TOO_MANY_FRAMES:
        return str_fmt(a, "The animation has more than %d frames.", MEDIA_FRAMES_MOST);
    case MEDIA_SOUND_TOO_LONG:
        return str_fmt(a, "It is longer than %d hours.", MEDIA_AUDIO_SECONDS / 3600);
    default:
        return STR_NONE;
    }
}

struct str media_reason_text(struct arena *a, const struct media_report *r) {
    static const char *const words[MEDIA_REASON_COUNT] = {
        [MEDIA_TAKEN] = "The file was taken.",
        [MEDIA_EMPTY] = "The file is empty.",
        [MEDIA_NOT_KNOWN] = "This is neither a picture nor a sound, a video or a document that can be read here.",
        [MEDIA_DRAWING] = "Drawings (SVG) can carry programs and are not taken: save it as PNG.",
        [MEDIA_NEEDS_TOO_MUCH] =
            "The picture needs too much memory to unpack: save it smaller, or without interlacing.",
        [MEDIA_BROKEN] = "The file is damaged or incomplete.",
        [MEDIA_TOO_SLOW] = "Reading the file took too long.",
        [MEDIA_CRASHED] = "The file could not be read: it may be damaged on purpose.",
        [MEDIA_HAS_VIDEO] = "This is a video that calls itself sound.",
        [MEDIA_PROTECTED] = "The file is protected against copying.",
        [MEDIA_NO_SOUND] = "There is no sound in the file.",
        [MEDIA_QUEUE_FULL] = "Too many files are being uploaded at the moment: try again in a minute.",
        [MEDIA_NO_DECODER] = "Files cannot be read at the moment: try again in a minute.",
        [MEDIA_NO_ROOM] = "The file could not be stored: the disk may be full.",
    };
    must((unsigned)r->reason < MEDIA_REASON_COUNT);
    if (r->reason == MEDIA_OTHER_KIND)
        return str_fmt(a,
                       "This is %s. Pictures (JPEG, PNG, WebP, GIF, AVIF, HEIC), sound (MP3, AAC, Ogg, Opus, FLAC, "
                       "WAV), video (MP4, WebM) and documents (PDF, Office, OpenDocument, ZIP, text) are taken.",
                       r->other[0] != '\0' ? r->other : "of a kind that is not read here");
    return words[r->reason] != NULL ? str_from(words[r->reason]) : limit_text(a, r);
}
