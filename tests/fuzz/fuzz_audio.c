// SPDX-License-Identifier: AGPL-3.0-or-later
// What claims to be sound, of each format, in pieces of any size: what comes out is what went in, less what was stepped
// over, and no more than a piece ever waits. And titles, whose blocks are whole.
#include "audio/cut.h"

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
        ogg_checksum_put((uint8_t *)p + at, (size_t)page);
        at += (size_t)page;
    }
}

// The same as a file of its own: headers are gathered until sound comes.
struct filed {
    struct cut cut;
    struct buf headers, out;
};

static void file_piece(struct filed *f, const struct audio_scanner *s, const struct audio_piece *piece) {
    if (piece->kind == AUDIO_HEADER) {
        if (piece->is_first)
            buf_clear(&f->headers);
        buf_str(&f->headers, piece->bytes);
        return;
    }
    if (f->headers.n > 0)
        cut_headers(&f->cut, s, buf_view(&f->headers), &f->out);
    buf_clear(&f->headers);
    if (piece->bytes.n % 5 == 0)
        cut_gap(&f->cut);
    buf_clear(&f->out);
    cut_piece(&f->cut, piece->bytes, piece->is_rest, &f->out);
    must(!f->out.failed && cut_lasts_us(&f->cut) >= 0);
}

static void filed_free(struct filed *f) {
    uint8_t length[CUT_LENGTH_BYTES];
    uint64_t at;
    size_t n;
    cut_end(&f->cut, &f->out);
    must(!cut_length(&f->cut, &at, length, &n) || n <= sizeof length);
    cut_fini(&f->cut);
    buf_fini(&f->headers);
    buf_fini(&f->out);
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
    struct filed file;
    cut_init(&file.cut, format);
    buf_init(&file.headers, 1 << 20);
    buf_init(&file.out, 1 << 22);
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
            if (piece.bytes.n > 0)
                file_piece(&file, s, &piece);
            given += is_mended ? n : piece.bytes.n;
        }
        must(to - from < AUDIO_PIECE_MAX);
    }
    must(given + audio_skipped(s) == from);
    filed_free(&file);
    audio_scanner_free(&s);
    titles(str_slice(all, 0, 2000));
    mem_free(copy);
    return 0;
}
