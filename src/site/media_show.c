// SPDX-License-Identifier: AGPL-3.0-or-later
// Pictures by the hash of their bytes: "/media/<sha256>.<ext>". Only what the database names is opened, so the address
// is never a path.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "render/render.h"
#include "site/routes.h"

enum { HASH_DIGITS = 64 };

static struct str type_of(struct str ext) {
    enum media_type type;
    return media_type_of_ext(ext, &type) ? media_type_mime(type) : STR_NONE;
}

static bool is_hash(struct str s) {
    uint8_t bytes[HASH_DIGITS / 2];
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'A' && s.p[i] <= 'F')
            return false;
    return s.n == HASH_DIGITS && hex_get(s, bytes, sizeof(bytes));
}

static enum rc send_file(struct http_reply *reply, const char *path, struct str type) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        log_warn("a picture the database names cannot be opened: %s", path);
        if (fd >= 0)
            (void)close(fd);
        return RC_NOT_FOUND;
    }
    reply->status = 200;
    reply->content_type = type;
    reply->file_fd = fd;
    reply->file_bytes = st.st_size;
    reply->file_modified_us = (int64_t)st.st_mtime * US_PER_SECOND;
    // A drawing opened by itself runs nothing and loads nothing.
    http_reply_header(reply, "Content-Security-Policy", STR("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    http_reply_header(reply, "X-Content-Type-Options", STR("nosniff"));
    return RC_OK;
}

// Letters of a header's quoted string that every browser takes (RFC 6266, 4.3); the whole name follows encoded.
static struct str plain_name(struct arena *a, struct str name) {
    char *out = arena_take(a, name.n + 1);
    for (size_t i = 0; i < name.n; i++)
        out[i] = (char)(name.p[i] < ' ' || name.p[i] >= 0x7f || strchr("\"\\%", name.p[i]) != NULL ? '_' : name.p[i]);
    return (struct str){out, name.n};
}

// A document is saved under its own name and never opened in a page of this site.
static enum rc name_document(struct http_request *req, struct http_reply *reply, struct str hash, struct str ext) {
    struct worker *worker = req->worker;
    enum media_type type;
    struct str name = STR_NONE;
    if (!media_type_of_ext(ext, &type) || media_type_kind(type) != MEDIA_DOCUMENT)
        return RC_OK;
    enum rc rc = media_file_name(req->arena, worker->db, hash, &name);
    if (rc != RC_OK)
        return rc;
    struct buf b;
    buf_init(&b, 4096);
    buf_fmt(&b, "attachment; filename=\"%.*s\"; filename*=UTF-8''", STR_ARG(plain_name(req->arena, name)));
    percent_encode_segment(&b, name);
    http_reply_header(reply, "Content-Disposition", b.failed ? STR("attachment") : str_dup(req->arena, buf_view(&b)));
    buf_fini(&b);
    return RC_OK;
}

enum rc media_show_get(struct http_request *req, struct http_reply *reply) {
    struct worker *worker = req->worker;
    struct str file = req->params[0], path;
    struct str hash = str_slice(file, 0, HASH_DIGITS), ext = str_slice(file, HASH_DIGITS + 1, file.n);
    struct str type = type_of(ext);
    if (file.n < HASH_DIGITS + 2 || file.p[HASH_DIGITS] != '.' || !is_hash(hash) || type.n == 0)
        return RC_NOT_FOUND;
    enum rc rc = media_file(req->arena, worker->db, hash, ext, &path);
    if (rc != RC_OK)
        return rc;
    struct str whole = str_fmt(req->arena, "%s/media/%.*s", worker->site->dir, STR_ARG(path));
    rc = send_file(reply, whole.p, type);
    return rc == RC_OK ? name_document(req, reply, hash, ext) : rc;
}
