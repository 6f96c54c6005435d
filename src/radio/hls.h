// SPDX-License-Identifier: AGPL-3.0-or-later
// HLS (RFC 8216) out of the logs of streams, without coding anything anew. Private to src/radio. No sockets: who asks gives
// the moment and gets bytes.
//
// A segment is a slot of six seconds UTC of a stream's log (audio.h), and its number says which: segment 299325600 of
// voice-mp3 has the same name and the same bytes for whoever asks, now or next week, from this process or the next. Only
// what is masked or dropped later goes away: whole segments, in whose place playlists have a gap, 299325600-gap, that nobody
// gets. A slot that the clock went through again, because it was wrong, is another one each time: 299325600-1. What is sent
// of them may be kept for ever, the playlists for two seconds.
//
// Playlists are the caller's to serve at /hls/STREAM/live.m3u8 and its segments beside them, for their addresses stand in
// the text as names alone; master playlists at /hls/SERVICE.m3u8.
#ifndef RADIO_HLS_H
#define RADIO_HLS_H

#include "service/service.h"

enum {
    HLS_WINDOW = 100,   // segments of a live playlist: ten minutes
    HLS_RANGE_S = 21600 // seconds that a playlist of a span has at most
};

// What a segment is packed in. MPEG audio has both, for not every player takes each.
enum hls_kind {
    HLS_TS,     // MPEG-TS: "12345.ts"
    HLS_PACKED, // frames behind a tag of ID3: "12345.aac", "12345.mp3"
    HLS_KINDS
};
bool hls_is_made_of(const struct service_stream *stream); // it is wanted, and the format can be packed
// The kind that most players take (docs/decisions/0008-hls-segments.md).
enum hls_kind hls_kind_of(enum audio_format format);
const char *hls_media_type(enum audio_format format, enum hls_kind kind); // of a segment
#define HLS_PLAYLIST_TYPE "application/vnd.apple.mpegurl"
// What a segment's name says.
struct hls_name {
    int64_t number;
    uint32_t times; // that the clock went through it again
    enum hls_kind kind;
};
// False: no segment of that format is called so.
bool hls_name_read(struct str name, enum audio_format format, struct hls_name *out);

// Used by the reader's thread alone. Keeps what it reads of each stream open, and the playlists and newest segments that it
// made, for thousands ask for the same within seconds.
struct hls;
struct hls *hls_new(const char *dir); // the station's; the logs are DIR/radio/STREAM
void hls_free(struct hls **hls);      // NULL is fine

// A programme, for whoever shows them (EXT-X-DATERANGE). Text is borrowed.
struct hls_programme {
    struct str id, title; // one line each
    int64_t from_us, to_us;
};
struct hls_ask {
    int64_t now_us;
    enum hls_kind kind;
    // Both 0: the last ten minutes. from_us: from that moment on, to to_us or as it comes for HLS_RANGE_S; when its end is
    // past, the list has one. Who follows it sees it grow and nothing else; an hour later it begins and ends with what is not
    // masked.
    int64_t from_us, to_us;
    const struct hls_programme *programmes; // those of that time, by their begin; may be NULL
    size_t programme_count;
    uint64_t programmes_number; // another one when they changed
};
// A media playlist. RC_NOT_FOUND: there is no sound of that time, or the stream has no HLS. RC_INVALID: to_us is not behind
// from_us. RC_TOO_BIG: it is further behind it than HLS_RANGE_S. RC_BUSY, RC_IO: the log cannot be read now.
enum rc hls_playlist(struct hls *hls, const struct service_stream *stream, const struct hls_ask *ask,
                     struct buf *out) MUST_USE;
// The master playlist of a service: its streams that have one now and are not hidden, the service's order. Their addresses
// are STREAM/live.m3u8, with ?s=SESSION where it is not empty ([0-9A-Za-z-] only). RC_NOT_FOUND: none has.
enum rc hls_master(struct hls *hls, const struct service *service, int64_t now_us, struct str session,
                   struct buf *out) MUST_USE;
// RC_NOT_FOUND: nothing is there, it is masked, or not over yet. RC_BUSY, RC_IO as above.
enum rc hls_segment(struct hls *hls, const struct service_stream *stream, const struct hls_name *name, int64_t now_us,
                    struct buf *out) MUST_USE;

#endif
