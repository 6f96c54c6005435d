// SPDX-License-Identifier: AGPL-3.0-or-later
// Any bytes as a picture: refused, or one of the kinds that may be served, with sides within their bounds. A drawing
// is taken only from ourselves.
#include "record/media_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str bytes = {(const char *)data, size};
    struct media_header trusted, other;
    enum rc rc = media_header_read(bytes, true, &trusted), strange = media_header_read(bytes, false, &other);
    must(rc == RC_OK || rc == RC_INVALID);
    if (rc != RC_OK) {
        must(strange == RC_INVALID);
        return 0;
    }
    must(trusted.width >= 1 && trusted.width <= MEDIA_SIDE_MOST);
    must(trusted.height >= 1 && trusted.height <= MEDIA_SIDE_MOST);
    bool drawing = str_eq(trusted.ext, STR("svg"));
    must(drawing || str_eq(trusted.ext, STR("jpg")) || str_eq(trusted.ext, STR("png")) ||
         str_eq(trusted.ext, STR("webp")));
    must(drawing == (strange != RC_OK));
    if (!drawing)
        must(str_eq(trusted.ext, other.ext) && trusted.width == other.width && trusted.height == other.height);
    return 0;
}
