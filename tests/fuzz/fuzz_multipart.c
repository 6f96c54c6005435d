// SPDX-License-Identifier: AGPL-3.0-or-later
// Forms with files: whatever the pieces in which bytes come, the same parts are found; names keep what they promise.
// The input is a Content-Type, an empty line, and the body.
#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct buf parts; // all that was found, in one line of bytes
    bool open;
};

static bool begin(void *context, const struct multipart_part *part) {
    struct seen *s = context;
    must(!s->open && part->name.n > 0 && part->name.n <= MULTIPART_NAME_MAX && utf8_valid(part->name));
    must(part->file_name.n <= MULTIPART_FILE_MAX && utf8_valid(part->file_name));
    must(memchr(part->name.p, '\n', part->name.n) == NULL);
    s->open = true;
    buf_fmt(&s->parts, "\n[%.*s|%.*s]", STR_ARG(part->name), STR_ARG(part->file_name));
    return true;
}

static bool data_of(void *context, struct str piece) {
    struct seen *s = context;
    must(s->open && piece.n > 0);
    buf_str(&s->parts, piece);
    return true;
}

static bool end(void *context) {
    struct seen *s = context;
    must(s->open);
    s->open = false;
    buf_c(&s->parts, "[.]");
    return true;
}

static enum multipart_result read_in(struct str boundary, struct str body, size_t step, struct seen *seen,
                                     bool *complete_out) {
    static struct multipart m;
    enum multipart_result result = MULTIPART_MORE;
    multipart_init(&m, boundary, &(struct multipart_taker){begin, data_of, end, seen});
    for (size_t at = 0; at < body.n && result == MULTIPART_MORE; at += step)
        result = multipart_feed(&m, str_slice(body, at, at + step));
    *complete_out = result == MULTIPART_MORE && multipart_is_complete(&m);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str all = {(const char *)data, size}, boundary;
    size_t at;
    if (size > 65536 || !str_find(all, STR("\n\n"), &at) || !multipart_boundary(str_slice(all, 0, at), &boundary))
        return 0;
    struct str body = str_slice(all, at + 2, all.n);
    struct seen whole = {.open = false}, drops = {.open = false};
    bool complete, complete_in_drops;
    buf_init(&whole.parts, 1 << 20);
    buf_init(&drops.parts, 1 << 20);
    enum multipart_result result = read_in(boundary, body, body.n + 1, &whole, &complete);
    must(read_in(boundary, body, 1, &drops, &complete_in_drops) == result && complete == complete_in_drops);
    must(str_eq(buf_view(&whole.parts), buf_view(&drops.parts)));
    must(!complete || !whole.open);
    buf_fini(&whole.parts);
    buf_fini(&drops.parts);
    return 0;
}
