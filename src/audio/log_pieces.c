// SPDX-License-Identifier: AGPL-3.0-or-later
// A run of the log taken apart again.
#include "audio/inside.h"
#include "audio/log.h"

// A scanner that is out of step believes a frame only when the next one agrees. The run's own first frame does. Of a format
// that nobody knows all of it would be taken for sound.
enum { LOOK_AHEAD = 7 };

bool log_pieces(struct audio_scanner *scanner, struct str run, struct buf *pieces) {
    struct buf b;
    struct audio_piece piece;
    size_t at = 0;
    uint64_t skipped = audio_skipped(scanner);
    buf_init(&b, LOG_HEADERS_MAX + LOOK_AHEAD);
    buf_str(&b, run);
    if (scanner->format != AUDIO_OTHER)
        buf_str(&b, str_slice(run, 0, LOOK_AHEAD));
    for (size_t n; at < run.n && (n = audio_scan(scanner, str_slice(buf_view(&b), at, b.n), &piece)) > 0;) {
        at += n;
        struct log_piece one = {(uint32_t)at, piece.may_begin, piece.is_rest};
        if (piece.bytes.n > 0)
            buf_add(pieces, &one, sizeof one);
    }
    buf_fini(&b);
    return at == run.n && audio_skipped(scanner) == skipped && !pieces->failed;
}
