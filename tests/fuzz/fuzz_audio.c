// SPDX-License-Identifier: AGPL-3.0-or-later
// What claims to be sound, of each format, in pieces of any size: what comes out is what went in, less what was stepped
// over, and no more than a piece ever waits. And titles, whose blocks are whole.
#include "audio/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void titles(struct str typed) {
    char block[AUDIO_ICY_BLOCK_MAX];
    struct arena *a = arena_new(1 << 16);
    struct str title = audio_title(a, typed, STR_NONE);
    must(title.n <= AUDIO_TITLE_BYTES && utf8_valid(title));
    size_t n = audio_icy_block(title, title, block);
    must(n == 1 + 16 * (size_t)(uint8_t)block[0]);
    arena_free(&a);
}

// A changed page would be refused for its checksum and nothing behind it be tried: each gets the one that it needs.
static void checksums_mend(char *p, size_t n) {
    for (size_t at = 0; at < n;) {
        ptrdiff_t page = ogg_page_bytes((struct str){p + at, n - at});
        if (page <= 0) {
            at++;
            continue;
        }
        uint32_t sum = ogg_checksum((const uint8_t *)p + at, (size_t)page);
        for (int i = 0; i < 4; i++)
            p[at + OGG_CHECKSUM_AT + (size_t)i] = (char)(uint8_t)(sum >> (8 * i));
        at += (size_t)page;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    char *copy = mem_new(size);
    memcpy(copy, data + 2, size - 2);
    struct str all = {copy, size - 2};
    enum audio_format format = (enum audio_format)(data[0] % AUDIO_FORMATS);
    struct audio_scanner *s = audio_scanner_new(format);
    if (format == AUDIO_OGG)
        checksums_mend(copy, all.n);
    struct audio_piece piece;
    struct audio_webm_joint joint = {0};
    char room[AUDIO_WEBM_ROOM];
    size_t from = 0, given = 0, step = 1 + 16 * (size_t)data[1];
    for (size_t to = 0; to < all.n;) {
        to = to + step > all.n ? all.n : to + step;
        for (size_t n; (n = audio_scan(s, str_slice(all, from, to), &piece)) > 0; from += n) {
            bool is_mended = format == AUDIO_OGG && piece.bytes.n > 0 && piece.bytes.p != all.p + from;
            bool is_stand_in = is_mended || (format == AUDIO_FLAC && piece.kind == AUDIO_HEADER);
            must(n <= to - from && (piece.bytes.n == 0 || piece.bytes.n == n || (is_mended && piece.bytes.n < n)));
            must(piece.bytes.n == 0 || is_stand_in || piece.bytes.p == all.p + from);
            if (format == AUDIO_WEBM && piece.kind == AUDIO_SOUND)
                must(audio_webm_go_on(&joint, &piece, room).n <= piece.bytes.n + sizeof room);
            if (piece.is_first)
                audio_webm_join(&joint, audio_webm_is_same(all, str_slice(all, from, to)));
            must(piece.title.n <= AUDIO_TITLE_BYTES && utf8_valid(piece.title));
            given += is_mended ? n : piece.bytes.n;
        }
        must(to - from < AUDIO_PIECE_MAX);
    }
    must(given + audio_skipped(s) == from);
    audio_scanner_free(&s);
    titles(str_slice(all, 0, 2000));
    mem_free(copy);
    return 0;
}
