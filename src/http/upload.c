// SPDX-License-Identifier: AGPL-3.0-or-later
// Takes the parts of an upload: see upload.h.
#include "http/upload.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

enum { TOKEN_BYTES_MAX = 128 };

static bool stop(struct upload *u, int status) {
    u->status = status;
    return false;
}

// A form that does not show its token: none of its files is opened, see upload.h.
static bool refuse_token(struct upload *u) {
    u->refused = u->token_refused = true;
    u->token = STR_NONE;
    return true;
}

// ---- files -------------------------------------------------------------------------------------------------------------

static bool write_all(int fd, struct str s) {
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        s = str_slice(s, (size_t)n, s.n);
    }
    return true;
}

static bool flush_file(struct upload *u) {
    struct http_file *f = &u->files[u->file_count - 1];
    bool written = write_all(f->fd, buf_view(&u->value));
    buf_clear(&u->value);
    if (!written)
        log_error("http: an upload could not be written: %s", strerror(errno));
    return written || stop(u, 503);
}

static bool begin_file(struct upload *u, const struct multipart_part *part) {
    if (part->file_name.n == 0) { // nothing was chosen; browsers send the field all the same
        u->skips = true;
        return true;
    }
    if (u->refused)
        return stop(u, 403);
    if (u->file_count == u->limits->files_max || u->file_count == HTTP_FILES_MAX)
        return stop(u, 413);
    struct http_file *f = &u->files[u->file_count];
    f->fd = u->temp(u->app);
    if (f->fd < 0)
        return stop(u, 503);
    f->bytes = 0;
    f->field = (struct str){mem_new(part->name.n + part->file_name.n + 1), part->name.n};
    f->name = (struct str){f->field.p + part->name.n, part->file_name.n};
    memcpy((char *)(uintptr_t)f->field.p, part->name.p, part->name.n);
    memcpy((char *)(uintptr_t)f->name.p, part->file_name.p, part->file_name.n);
    u->file_count++;
    u->in_file = true;
    return true;
}

static bool add_to_file(struct upload *u, struct str piece) {
    struct http_file *f = &u->files[u->file_count - 1];
    f->bytes += piece.n;
    if (f->bytes > u->limits->file_bytes)
        return stop(u, 413);
    if (piece.n > u->value.max - u->value.n && !flush_file(u))
        return false;
    if (piece.n > u->value.max) // never, as pieces are
        return write_all(f->fd, piece) || stop(u, 503);
    buf_str(&u->value, piece);
    return true;
}

// ---- fields ------------------------------------------------------------------------------------------------------------

static bool fields_ok(struct upload *u) {
    return !u->fields.failed || stop(u, u->refused ? 403 : 413);
}

static bool begin_field(struct upload *u, const struct multipart_part *part) {
    if (u->token.p != NULL)
        u->in_token = str_eq(part->name, STR("token"));
    if (u->in_token)
        return true;
    if (u->fields.n > 0)
        buf_char(&u->fields, '&');
    percent_encode_segment(&u->fields, part->name);
    buf_char(&u->fields, '=');
    return fields_ok(u);
}

// Compared in constant time, as every secret is.
static bool end_token(struct upload *u) {
    bool same = u->value.n == u->token.n && sodium_memcmp(u->value.p, u->token.p, u->token.n) == 0;
    u->in_token = false;
    if (!same)
        return refuse_token(u);
    u->token = STR_NONE;
    return true;
}

// ---- parts -------------------------------------------------------------------------------------------------------------

static bool begin_part(void *context, const struct multipart_part *part) {
    struct upload *u = context;
    u->in_file = u->skips = u->in_token = false;
    buf_clear(&u->value);
    if (++u->part_count > UPLOAD_PARTS_MAX)
        return stop(u, 413);
    bool is_file = part->file_name.p != NULL;
    if (u->token.p != NULL && (is_file || !str_eq(part->name, STR("token"))))
        (void)refuse_token(u);
    return is_file ? begin_file(u, part) : begin_field(u, part);
}

static bool add_to_part(void *context, struct str piece) {
    struct upload *u = context;
    if (u->skips)
        return stop(u, 400); // content of a file without a name
    if (u->in_file)
        return add_to_file(u, piece);
    if (u->in_token && u->value.n + piece.n > TOKEN_BYTES_MAX) {
        (void)refuse_token(u);
        return stop(u, 403);
    }
    if (u->in_token)
        buf_str(&u->value, piece);
    else
        percent_encode_segment(&u->fields, piece);
    return fields_ok(u);
}

static bool end_part(void *context) {
    struct upload *u = context;
    if (u->in_file)
        return flush_file(u);
    return !u->in_token || end_token(u);
}

// ---- as a whole --------------------------------------------------------------------------------------------------------

struct upload *upload_new(struct str boundary, const struct http_upload *limits, size_t field_bytes,
                          int (*temp)(void *app), void *app) {
    struct upload *u = MEM_NEW(struct upload);
    u->limits = limits;
    u->temp = temp;
    u->app = app;
    buf_init(&u->fields, field_bytes);
    buf_init(&u->value, UPLOAD_PIECE);
    multipart_init(&u->parser, boundary, &(struct multipart_taker){begin_part, add_to_part, end_part, u});
    return u;
}

int upload_feed(struct upload *u, struct str bytes, bool last) {
    if (multipart_feed(&u->parser, bytes) != MULTIPART_MORE)
        return u->status != 0 ? u->status : 400;
    if (last && !multipart_is_complete(&u->parser))
        return 400;
    return last && u->refused ? 403 : 0;
}

void upload_close(struct upload *u) {
    for (size_t i = 0; i < u->file_count; i++) {
        close(u->files[i].fd);
        mem_free((void *)(uintptr_t)u->files[i].field.p);
    }
    u->file_count = 0;
}

void upload_free(struct upload **u) {
    if (*u == NULL)
        return;
    must((*u)->file_count == 0);
    buf_fini(&(*u)->fields);
    buf_fini(&(*u)->value);
    mem_free(*u);
    *u = NULL;
}
