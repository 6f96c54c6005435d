// SPDX-License-Identifier: AGPL-3.0-or-later
// One way out for every format.
#include "audio/cut.h"

enum { HEADERS_MAX = 1 << 20 };

void cut_init(struct cut *c, enum audio_format format) {
    *c = (struct cut){.format = format, .ogg.granule_was = -1, .webm.ticks = -1};
    buf_init(&c->ogg.packet, HEADERS_MAX);
    buf_init(&c->ogg.coding, HEADERS_MAX);
    buf_init(&c->ogg.held, AUDIO_PIECE_MAX);
    buf_init(&c->webm.headers, HEADERS_MAX);
    buf_init(&c->flac.headers, HEADERS_MAX);
}

void cut_fini(struct cut *c) {
    buf_fini(&c->ogg.packet);
    buf_fini(&c->ogg.coding);
    buf_fini(&c->ogg.held);
    buf_fini(&c->webm.headers);
    buf_fini(&c->flac.headers);
}

bool cut_counts(const struct cut *c) {
    return c->format == AUDIO_OGG || c->format == AUDIO_WEBM || c->format == AUDIO_FLAC;
}

bool cut_has_time(const struct cut *c) {
    return cut_counts(c) && (c->format != AUDIO_OGG || c->ogg.rate > 0) &&
           (c->format != AUDIO_FLAC || c->flac.info.rate > 0);
}

void cut_headers(struct cut *c, const struct audio_scanner *scanner, struct str headers, struct buf *out) {
    if (c->format == AUDIO_OGG)
        ogg_cut_headers(&c->ogg, &scanner->ogg, headers, out);
    else if (c->format == AUDIO_WEBM)
        webm_cut_headers(&c->webm, scanner->webm.scale_ns, headers, out);
    else if (c->format == AUDIO_FLAC)
        flac_cut_headers(&c->flac, headers, out);
    else
        buf_str(out, headers);
}

void cut_piece(struct cut *c, struct str bytes, bool is_rest, struct buf *out) {
    if (c->format == AUDIO_OGG)
        ogg_cut_page(&c->ogg, bytes, out);
    else if (c->format == AUDIO_WEBM)
        webm_cut_piece(&c->webm, bytes, is_rest, out);
    else if (c->format == AUDIO_FLAC)
        flac_cut_frame(&c->flac, bytes, out);
    else
        buf_str(out, bytes);
}

void cut_end(struct cut *c, struct buf *out) {
    if (c->format == AUDIO_OGG)
        ogg_cut_end(&c->ogg, out);
}

// Pages tell it by their numbers.
void cut_gap(struct cut *c) {
    if (c->format == AUDIO_WEBM)
        audio_webm_join(&c->webm.joint, true);
}

int64_t cut_lasts_us(const struct cut *c) {
    return c->format == AUDIO_OGG    ? ogg_cut_lasts_us(&c->ogg)
           : c->format == AUDIO_WEBM ? webm_cut_lasts_us(&c->webm)
           : c->format == AUDIO_FLAC ? flac_cut_lasts_us(&c->flac)
                                     : 0;
}

bool cut_length(const struct cut *c, uint64_t *at_out, uint8_t bytes[CUT_LENGTH_BYTES], size_t *n_out) {
    return c->format == AUDIO_WEBM   ? webm_cut_length(&c->webm, at_out, bytes, n_out)
           : c->format == AUDIO_FLAC ? flac_cut_length(&c->flac, at_out, bytes, n_out)
                                     : false;
}
