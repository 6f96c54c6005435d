// SPDX-License-Identifier: AGPL-3.0-or-later
// Names of the reasons why a file was not taken: what somebody reads is made of them by the desk, in the desk's language.
#include "media/media.h"

const char *media_reason_name(enum media_reason reason) {
    static const char *const names[MEDIA_REASON_COUNT] = {
        [MEDIA_TAKEN] = "taken",
        [MEDIA_EMPTY] = "empty",
        [MEDIA_FILE_TOO_BIG] = "too_big",
        [MEDIA_NOT_KNOWN] = "unknown",
        [MEDIA_DRAWING] = "drawing",
        [MEDIA_OTHER_KIND] = "other_kind",
        [MEDIA_SIDE_TOO_LONG] = "side",
        [MEDIA_TOO_MANY_PIXELS] = "pixels",
        [MEDIA_TOO_MANY_FRAMES] = "frames",
        [MEDIA_NEEDS_TOO_MUCH] = "memory",
        [MEDIA_BROKEN] = "broken",
        [MEDIA_TOO_SLOW] = "slow",
        [MEDIA_CRASHED] = "crashed",
        [MEDIA_HAS_VIDEO] = "has_video",
        [MEDIA_PROTECTED] = "protected",
        [MEDIA_NO_SOUND] = "no_sound",
        [MEDIA_SOUND_TOO_LONG] = "sound_long",
        [MEDIA_QUEUE_FULL] = "queue_full",
        [MEDIA_NO_DECODER] = "no_decoder",
        [MEDIA_NO_ROOM] = "no_room",
    };
    must((unsigned)reason < MEDIA_REASON_COUNT);
    return names[reason];
}
