// SPDX-License-Identifier: AGPL-3.0-or-later
// Bodies of forms with files: multipart/form-data (RFC 7578, on RFC 2046 5.1), taken apart as they arrive, whatever the
// pieces. Strict, as browsers write it (WHATWG HTML 4.10.21.8): nothing before the first delimiter and at most an end of
// line behind the last, no padding behind a delimiter, no nesting, no encodings, no filename*.
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "util/util.h"

enum { MULTIPART_BOUNDARY_MAX = 70, MULTIPART_HEAD_BYTES = 4096, MULTIPART_NAME_MAX = 100, MULTIPART_FILE_MAX = 1024 };

// Texts lie in the parser and are good until the next call.
struct multipart_part {
    struct str name;      // of the field: 1 to MULTIPART_NAME_MAX bytes, UTF-8 without control characters
    struct str file_name; // STR_NONE: a plain field; "": a file field in which nothing was chosen
};
struct multipart_taker {
    // Any of them may stop the reading by answering false; then nothing more is called.
    bool (*begin)(void *context, const struct multipart_part *part);
    bool (*data)(void *context, struct str piece); // never empty
    bool (*end)(void *context);
    void *context;
};
struct multipart {
    struct multipart_taker taker;
    char delimiter[4 + MULTIPART_BOUNDARY_MAX]; // CR LF -- boundary
    size_t delimiter_bytes;
    size_t matched;  // bytes of it seen
    size_t borrowed; // of these, what belongs to the head before: no content if it is no delimiter after all
    int state;
    size_t head_bytes;
    char head[MULTIPART_HEAD_BYTES];
    char name[MULTIPART_NAME_MAX + 1], file_name[MULTIPART_FILE_MAX + 1];
};
enum multipart_result { MULTIPART_MORE, MULTIPART_BAD, MULTIPART_STOPPED };

// The boundary of a Content-Type, borrowed from it. False: another type, or no sound boundary.
bool multipart_boundary(struct str content_type, struct str *out);
void multipart_init(struct multipart *m, struct str boundary, const struct multipart_taker *taker);
// All bytes are used. After BAD or STOPPED it may not be called again.
enum multipart_result multipart_feed(struct multipart *m, struct str bytes) MUST_USE;
bool multipart_is_complete(const struct multipart *m); // the closing delimiter was there

#endif
