// SPDX-License-Identifier: AGPL-3.0-or-later
// Private to src/audio: elements of EBML (RFC 8794) as WebM and Matroska use them (RFC 9559).
#ifndef AUDIO_WEBM_H
#define AUDIO_WEBM_H

#include "audio/inside.h"

enum webm_id {
    ID_EBML = 0x1a45dfa3,
    ID_SEGMENT = 0x18538067,
    ID_INFO = 0x1549a966,
    ID_TIMESTAMP_SCALE = 0x2ad7b1,
    ID_TRACKS = 0x1654ae6b,
    ID_TRACK = 0xae,
    ID_TRACK_NUMBER = 0xd7,
    ID_TRACK_TYPE = 0x83,
    ID_CODEC = 0x86,
    ID_CODEC_PRIVATE = 0x63a2,
    ID_AUDIO = 0xe1,
    ID_RATE = 0xb5,
    ID_CHANNELS = 0x9f,
    ID_CRC = 0xbf,
    ID_CLUSTER = 0x1f43b675,
    ID_TIMESTAMP = 0xe7,
    ID_POSITION = 0xa7,
    ID_PREV_SIZE = 0xab,
    ID_SIMPLE_BLOCK = 0xa3,
    ID_BLOCK_GROUP = 0xa0,
    ID_BLOCK = 0xa1,
    ID_SEEK_HEAD = 0x114d9b74,
    ID_CUES = 0x1c53bb6b,
    ID_DURATION = 0x4489,
    ID_VOID = 0xec,
};
#define WEBM_OPEN UINT64_MAX // a length that is not known yet

struct webm_element {
    uint32_t id;
    uint64_t bytes; // of the content, or WEBM_OPEN
    size_t head;    // bytes before the content
};

// The element in front: 1; 0: more must come; -1: there is none.
int webm_element_read(struct str s, struct webm_element *out);
// The next element of what has come whole, and what it holds, as much of it as there is; false: there is no more.
bool webm_element_next(struct str *rest, struct webm_element *out, struct str *content_out);
bool webm_unsigned_read(struct str content, uint64_t *out);
// The time beside its cluster's, in ticks, of an element that is a block or holds one; false: it is none.
bool webm_block_time(uint32_t id, struct str content, int16_t *out);

#endif
