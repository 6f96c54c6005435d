// SPDX-License-Identifier: AGPL-3.0-or-later
// A form with files on its way in. Its fields are kept as a form without files would have sent them, so that the row's
// schema reads both; its files go to nameless files on disk, piece by piece.
#ifndef HTTP_UPLOAD_H
#define HTTP_UPLOAD_H

#include "http/http.h"
#include "http/multipart.h"

enum { UPLOAD_PIECE = 64 * 1024, UPLOAD_PARTS_MAX = 256 };

struct upload {
    struct multipart parser;
    const struct http_upload *limits;
    int (*temp)(void *app); // a new file's descriptor, or -1
    void *app;
    struct str token; // what the first part must hold; STR_NONE: it was in the head already
    struct buf fields;
    struct http_file files[HTTP_FILES_MAX];
    size_t file_count, part_count;
    int status; // why it was stopped; 0: it was not
    // Whoever sends it may not, but it comes from our own page: its fields are read up to the first file, to be given
    // back; then it is stopped with 403. token_refused: because of its token.
    bool refused, token_refused;
    bool in_file, in_token, skips;
    struct buf value; // the plain field being read, or what of a file is not written yet
    uint64_t before;  // bytes of the body in earlier pieces
};

// `boundary` is copied, `limits` borrowed; fields may have field_bytes in all.
struct upload *upload_new(struct str boundary, const struct http_upload *limits, size_t field_bytes,
                          int (*temp)(void *app), void *app);
// Not on a loop's thread, nor is upload_close: files are opened, written and closed. 0, or the status to answer with.
int upload_feed(struct upload *u, struct str bytes, bool last) MUST_USE;
void upload_close(struct upload *u); // the files; they are gone then
void upload_free(struct upload **u); // all files are closed

#endif
